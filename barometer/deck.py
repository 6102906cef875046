"""A deck: the charts that a presenter wants, with all the words that any output puts around them.

`Wanted` is what a presenter chose; `build` makes a `Deck` of it, which every file format is
written from: slides, sheets, pages, images.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import quote, unquote, urlencode

import pandas as pd

from barometer import charts, explored, findings, key_figures, measure, style
from barometer.cells import SelectionError, select
from barometer.charts import TOTAL, ChartSpec, Point, View
from barometer.codebook import YEAR
from barometer.crossing import ABOUT, NODE
from barometer.declarations import OVERVIEW, PROFILE, Chart, Declarations, KeyFigure
from barometer.declarations import Deck as Declared
from barometer.findings import Finding
from barometer.measure import Settings, Source
from barometer.words import Translate, translator

TITLE, COMMENT = 240, 1000  # characters of what a presenter writes
FINDINGS, MANY = 6, 40  # told on a slide; considered for it
CHOICES = {
    "confidence": measure.CONFIDENCES,
    "interval": measure.INTERVALS,
    "correction": measure.CORRECTIONS,
    "reference": measure.REFERENCES,
}
WITHIN = "@"  # and what the page chose: the node of a tree, the item of a list
LEVEL = "^"  # the group that a profile is about
WAVES = "*"  # in a spelled view: the waves that lines show; no dimension has this code
Progress = Callable[[int, int, str], None]  # slides made, slides to make, what comes next


def _silent(made: int, all_of_them: int, name: str) -> None:
    """Progress that nobody follows."""


@dataclass(frozen=True)
class Wanted:
    """One chart of a basket: its name, the view, a title over the finding (or None), a comment.

    The view's language counts for nothing: a deck is written in one.
    """

    chart: str
    view: View
    title: str | None = None
    comment: str = ""

    def __str__(self) -> str:
        """A short text for an address bar, which `wanted` reads."""
        parts = (self.chart, spelled(self.view), _kept(self.title or ""), _kept(self.comment))
        return "~".join(parts).rstrip("~")


def spelled(view: View) -> str:
    """A view, but its language, as a short text: `year~filters`."""
    filters = [f"{_kept(name)}={','.join(map(_kept, on))}" for name, on in view.where]
    if view.waves:
        filters.append(f"{WAVES}={','.join(map(str, view.waves))}")
    if view.level:
        filters.append(f"{LEVEL}={_kept(view.level)}")
    filters += [f"{WITHIN}={_kept(name)}:{_kept(code)}" for name, code in view.within]
    filters += [
        f"{name}={value}"
        for name, choices in CHOICES.items()
        if (value := getattr(view.settings, name)) != choices[0]
    ]
    return f"{view.year}~{'&'.join(filters)}"


def wanted(source: Source, declared: Declarations, text: str, language: str) -> Wanted:
    """What a text of `str(Wanted)` spells.

    Raises SelectionError naming the chart, wave, level or method that there is not.
    """
    parts = [*text.split("~"), "", "", "", ""]
    name, year, filters, title, comment = parts[:5]
    about = explored.named(declared, source.codebook, name).indicator
    view = viewed(source, f"{year}~{filters}", language, about)
    return Wanted(name, view, unquote(title)[:TITLE] or None, unquote(comment)[:COMMENT])


def viewed(source: Source, text: str, language: str, indicator: str | None = None) -> View:
    """What a text of `spelled` says.

    Raises SelectionError naming the wave, level or method that there is not.
    """
    year, _, filters = text.partition("~")
    where: dict[str, list[str]] = {}
    method: dict[str, object] = {}
    within: list[tuple[str, str]] = []
    for pair in filter(None, filters.split("&")):
        key, _, values = pair.partition("=")
        if key in CHOICES:
            known = {str(choice): choice for choice in CHOICES[key]}
            if values not in known:
                raise SelectionError(f"there is no {key} {values!r}")
            method[key] = known[values]
        elif key == WITHIN:
            name, _, code = values.partition(":")
            within.append((unquote(name), unquote(code)))
        else:
            where[unquote(key)] = [unquote(level) for level in values.split(",")]
    waves, (level,) = where.pop(WAVES, []), where.pop(LEVEL, [""])[:1]
    if level and not any(dimension.level(level) for dimension in source.codebook.dimensions):
        raise SelectionError(f"there is no group {level!r}")
    about = indicator or source.codebook.indicators[0].code
    select(source.codebook, source.years, about, where={YEAR: waves})
    chosen = select(source.codebook, source.years, about, where={**where, YEAR: [year]}).where
    return View(
        int(year),
        tuple(pair for pair in chosen if pair[0] != YEAR),
        language,
        replace(Settings(), **method),  # type: ignore[arg-type]  # each is one of its choices
        tuple(sorted({int(wave) for wave in waves})),
        level=level,
        within=tuple(within),
    )


def standard(deck: Declared, view: View) -> tuple[Wanted, ...]:
    """The charts of a declared deck, all in one view."""
    return tuple(Wanted(name, view) for name in deck.charts)


def _kept(text: str) -> str:
    """A text without the signs that parts are cut at."""
    return re.sub(r"[%~&=,#+]", lambda sign: quote(sign[0], safe="").replace("~", "%7E"), text)


# --- the deck ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One number of the interval table in a slide's notes, in the deck's language."""

    group: str
    item: str
    value: str
    interval: str
    base: str


@dataclass(frozen=True)
class Slide:
    """A chart with its title and all that its notes say.

    `wanted` is what it was made of; `contradicted` is the finding that the presenter's own title
    does not agree with, else empty; `address` restores the view.
    """

    wanted: Wanted
    spec: ChartSpec
    title: str
    comment: str
    questions: tuple[str, ...]
    definition: str
    rows: tuple[Row, ...]
    address: str
    contradicted: str = ""


@dataclass(frozen=True)
class Deck:
    """Slides in one language, with a cover, key figures, findings and the method.

    `asked` are the declarations of its key figures; `missing` has a sentence for each chart that
    had nothing to draw, and is left out. `opened` and `closed` say whether files have what stands
    before the charts (cover, key figures, findings), and the method after them.
    """

    title: str
    subtitle: str
    language: str
    source: str
    provenance: str
    synthetic: bool
    publication: str
    view: View
    slides: tuple[Slide, ...]
    asked: tuple[KeyFigure, ...]
    key_figures: tuple[key_figures.Told, ...]
    findings: tuple[Finding, ...]
    method: tuple[str, ...]
    missing: tuple[str, ...]
    file_name: str
    opened: bool = True
    closed: bool = True


def build(
    source: Source,
    declared: Declarations,
    basket: Sequence[Wanted],
    view: View,
    published: pd.DataFrame,
    *,
    title: str = "",
    figures: Sequence[KeyFigure] = (),
    site: str = "",
    progress: Progress = _silent,
) -> Deck:
    """The deck of a basket, in the language of `view`, which its key figures are read in too.

    `published` holds the figures printed elsewhere (`figures.load`); `site` is the barometer's
    address, where it is known; `progress` is called before each slide and once at the end.
    Raises SelectionError where a chart is neither declared nor an exploration.
    """
    language, book = view.language, source.codebook
    _ = translator(language)
    slides, missing = [], []
    specs = [explored.named(declared, book, one.chart) for one in basket]
    for made, one in enumerate(basket):
        progress(made, len(basket), specs[made].measure[language])
        slide = _slide(source, declared, one, language, published, site)
        if slide.spec.empty:
            missing.append(f"{slide.spec.measure}. {slide.spec.empty}")
        else:
            slides.append(slide)
    progress(len(basket), len(basket), "")
    synthetic = bool(getattr(source, "synthetic", False))
    filters = slides[0].spec.filters if slides and _same_view(basket, view) else ""
    wave = _("Wave {year}").replace(" ", style.FIXED).format(year=view.year)
    waves = sorted({slide.view.year for slide in basket} or {view.year})
    return Deck(
        title=title or book.title[language],
        subtitle=" · ".join(filter(None, (wave, filters))),
        language=language,
        source=_("Source: {source}").format(source=book.source[language]),
        provenance=_("Demonstration sample: synthetic data") if synthetic else _("Survey data"),
        synthetic=synthetic,
        publication=str(getattr(source, "id", "")),
        view=view,
        slides=tuple(slides),
        asked=tuple(figures),
        key_figures=tuple(key_figures.told(source, figure, view) for figure in figures),
        findings=_findings(source, specs, figures, view),
        method=_method(source, view, _),
        missing=tuple(missing),
        file_name="_".join(("barometer", *map(str, waves[:1] + waves[1:][-1:]), language)),
    )


def yearly(
    source: Source,
    declared: Declarations,
    deck: Declared,
    view: View,
    published: pd.DataFrame,
    *,
    site: str = "",
    progress: Progress = _silent,
) -> Deck:
    """A declared deck in a view."""
    return build(
        source,
        declared,
        standard(deck, view),
        view,
        published,
        title=deck.title[view.language],
        figures=deck.key_figures,
        site=site,
        progress=progress,
    )


def _findings(
    source: Source, specs: Sequence[Chart], figures: Sequence[KeyFigure], view: View
) -> tuple[Finding, ...]:
    """The surest findings, one about each thing."""
    found = key_figures.findings_of(source, tuple(dict.fromkeys(specs)), figures, view, MANY)
    about: dict[str, Finding] = {}
    for finding in found:
        about.setdefault(finding.key.partition(".")[2], finding)
    return tuple(about.values())[:FINDINGS]


def _same_view(basket: Iterable[Wanted], view: View) -> bool:
    return all(one.view.where == view.where for one in basket)


def _slide(
    source: Source,
    declared: Declarations,
    one: Wanted,
    language: str,
    published: pd.DataFrame,
    site: str,
) -> Slide:
    chart = explored.named(declared, source.codebook, one.chart)
    view = replace(one.view, language=language)
    spec = charts.build(source, chart, view, published, declared.colours)
    indicator = source.codebook.by_indicator[chart.indicator]
    asked = [source.codebook.by_question[code] for code in indicator.questions]
    return Slide(
        replace(one, view=view),
        spec,
        one.title or spec.headline,
        one.comment,
        tuple(question.wording[language] for question in asked),
        indicator.definition[language],
        rows(spec),
        site + address(declared, chart, view),
        _contradiction(source, chart, view, one.title, spec),
    )


def _contradiction(
    source: Source, chart: Chart, view: View, title: str | None, spec: ChartSpec
) -> str:
    found = charts.headline(source, chart, view) if title and not spec.empty else None
    if found is None or not findings.contradicted(title or "", found, view.language):
        return ""
    return found.text


def address(declared: Declarations, chart: Chart, view: View) -> str:
    """Where a chart stands on the site, with the parameters that restore its view."""
    page = declared.page_of(chart.name)
    path = "" if page is None or page.code == OVERVIEW else page.code
    if chart.name == explored.NAME:
        path = explored.NAME
    usual = Settings()
    parameters = [("lang", view.language), (YEAR, str(view.year))]
    parameters += [(name, level) for name, levels in view.where for level in levels]
    parameters += [(PROFILE, view.level)] if view.level and path == PROFILE else []
    if path == explored.NAME:
        parameters += explored.parameters(chart)
        parameters += [("waves", str(wave)) for wave in view.waves]
    parameters += [(NODE if name == NODE else ABOUT, code) for name, code in view.within]
    parameters += [
        (field.name, str(getattr(view.settings, field.name)))
        for field in fields(Settings)
        if getattr(view.settings, field.name) != getattr(usual, field.name)
    ]
    return f"/{path}?{urlencode(parameters)}"


def rows(spec: ChartSpec) -> tuple[Row, ...]:
    """Each number of a chart with its interval and base, as its language prints them."""
    labels = [
        {entry.code: entry.label for entry in entries}
        for entries in (spec.categories, spec.series, spec.facets)
    ]
    return tuple(_row(spec, point, *labels) for point in spec.points)


def _row(
    spec: ChartSpec,
    point: Point,
    categories: dict[str, str],
    series: dict[str, str],
    facets: dict[str, str],
) -> Row:
    alone = len(spec.series) == 1 and point.series == TOTAL
    item = "" if alone else series.get(point.series, point.series)
    interval = ""
    if point.low is not None and point.high is not None and point.flag != "hidden":
        unit = point.unit or spec.unit
        if unit == "points":
            interval = f"{style.points(point.low, spec.language)} – {spec.value(point.high, unit)}"
        else:
            told = style.interval if unit == "share" else style.mean_interval
            interval = told(point.low, point.high, spec.language)
    return Row(
        categories.get(point.category, point.category),
        " · ".join(filter(None, (facets.get(point.facet, point.facet), item))),
        spec.printed(point),
        interval,
        style.count(point.n, spec.language),
    )


def _method(source: Source, view: View, _: Translate) -> tuple[str, ...]:
    """What an audience asks about: who answered, the errors, the tests, the small bases."""
    language, book, limits = view.language, source.codebook, source.codebook.thresholds
    paragraphs = [
        _("{title}: waves {waves}, {respondents}.").format(
            title=book.title[language],
            waves=style.years(source.years, language),
            respondents=book.respondents[language],
        )
    ]
    if getattr(source, "synthetic", False):
        paragraphs.append(
            _("Demonstration sample: synthetic data, which describe no real company.")
        )
    paragraphs += [
        _("Percentages are weighted; bases (n) count respondents without weights."),
        _(
            "Margins of error and tests at {level} follow the sample's strata and weights; ▲ and ▼"
            " mark the differences that are significant when all those of a chart are tested"
            " together."
        ).format(level=style.share(view.settings.confidence, language)),
        _(
            "* base under {flag}: fragile. × base under {hide}, or that would give one away: not"
            " shown."
        ).format(flag=limits.flag_below, hide=limits.hide_below),
        _("No change is computed across a wave where the questionnaire changed."),
    ]
    broken: dict[int, dict[str, None]] = {}
    for cut in book.breaks:
        if not min(source.years) < cut.year <= max(source.years):  # nothing to cut
            continue
        label = book.by_indicator[cut.indicator].label[language]
        broken.setdefault(cut.year, {})[label[:1].lower() + label[1:]] = None
    sentence = _("Trend break of {year}, where the questionnaire changed: {what}.")
    paragraphs += [
        sentence.format(year=year, what=", ".join(about)) for year, about in broken.items()
    ]
    return tuple(dict.fromkeys(paragraphs))
