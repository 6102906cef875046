"""What is shown: pages, key figures, charts and decks, as a barometer declares in charts.toml."""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from barometer.access import Role
from barometer.codebook import Codebook, CodebookError, Declared, Dimension, Indicator, Text

Kind = Literal[
    "bars",
    "lines",
    "stack",
    "heatmap",
    "panels",
    "tree",
    "dumbbell",
    "shift",
    "plans",
    "apart",
    "curve",
]
Finding = Literal[
    "change",
    "gap",
    "leader",
    "highest",
    "majority",
    "crossing",
    "trend",
    "shift",
    "plans",
    "apart",
    "branch",
    "mover",
    "replaced",
    "reach",
    "climb",
    "fits",
    "mismatch",
]


OVERVIEW, PROFILE, PRESENTATION, IMPORT = "overview", "profile", "presentation", "import"
SHOWN, FIGURES, TOP = 4, 5, 8  # charts, key figures, bars of an overview that nobody declared
YEARLY, SLIDES = "yearly", 11  # the deck that every barometer has, and its charts


class Layer(Declared):
    """One series of a chart that lays several indicators, or several waves, side by side."""

    indicator: str
    label: Text
    shift: int = 0  # waves are asked for this many years after the view's


class Fact(Declared):
    """What a planned item is later seen in."""

    planned: str
    indicator: str
    item: str


class Plan(Declared):
    """The plans of one horizon: later waves from `first` to `last` years on (None: no end)."""

    first: int
    last: int | None
    facts: tuple[Fact, ...]


class Plans(Declared):
    """How an indicator of plans meets the facts: declared once, drawn by charts of kind `plans`.

    `facts` says for each target what it is later seen in, as indicator:item; `horizons` after how
    many years at least, and at most where there is an end.
    """

    indicator: str
    facts: dict[str, str]
    horizons: dict[str, tuple[int] | tuple[int, int]]

    def of(self, horizon: str) -> Plan:
        """The plans of one horizon, in the order of the facts."""
        first, *last = self.horizons[horizon]
        facts = []
        for target, code in self.facts.items():
            indicator, _, item = code.partition(":")
            planned = f"{target}:{horizon}"
            facts.append(Fact(planned=planned, indicator=indicator, item=item))
        return Plan(first=first, last=last[0] if last else None, facts=tuple(facts))


class Compared(Declared):
    """Items of an indicator among those that may set a group apart."""

    indicator: str
    items: tuple[str, ...] | Literal["all", "roots", "leaves"] = "all"


class Chart(Declared):
    """One chart: what it measures, how it is drawn, which findings may head it."""

    name: str
    kind: Kind
    measure: Text
    indicator: str
    items: tuple[str, ...] | Literal["all", "roots", "leaves"] = "all"
    top: int | None = None
    by: str | None = None
    across: str | None = None  # a second breakdown: a panel for each of its levels
    total: bool = False
    reverse: bool = False
    layers: tuple[Layer, ...] = ()
    findings: tuple[Finding, ...] = ("change",)
    focus: str | None = None  # the item that the finding is about, where one matters most
    compared: tuple[Compared, ...] = ()  # of a profile: shares, or means
    horizon: str | None = None  # of a chart of plans
    plan: Plan | None = None  # filled from `plans` when the declarations are read
    waves: bool = False  # a stack of every wave rather than of the view's groups
    margins: bool = False  # its intervals are drawn, whatever the visitor chose
    drill: bool = False  # follows the node that the visitor went down to in the page's tree
    pick: str | None = None  # a list of the indicator of which the page chooses one item
    verdict: str | None = None  # the column that says whether all others hold: it orders the rows

    @property
    def over_time(self) -> bool:
        """Whether it shows several waves rather than the view's."""
        return self.kind == "lines" or self.waves


class KeyFigure(Declared):
    """One number of the overview; no item means the highest one of those `among`."""

    indicator: str
    item: str | None = None
    among: tuple[str, ...] | Literal["roots", "leaves"] = "roots"
    label: Text | None = None


class Page(Declared):
    """One page: its own words and its charts, in order; `role` is who may open it at least.

    Pages of one `section` stand together under its name where there are too many for one line.
    """

    code: str
    title: Text
    icon: str
    section: Text | None = None
    role: Role = "viewer"
    charts: tuple[str, ...] = ()
    key_figures: tuple[KeyFigure, ...] = ()
    press: bool = False


class Deck(Declared):
    """Slides that are wanted again and again: which charts, in order, after which key figures."""

    code: str
    title: Text
    charts: tuple[str, ...]
    key_figures: tuple[KeyFigure, ...] = ()


TOOLS, SOURCES = Text(fr="Outils", en="Tools"), Text(fr="Sources", en="Sources")
STANDARD = (
    Page(code=OVERVIEW, title=Text(fr="Vue d'ensemble", en="Overview"), icon=":material/speed:"),
    Page(code=PROFILE, title=Text(fr="Profils", en="Profiles"), icon=":material/badge:"),
    Page(
        code="explorer",
        section=TOOLS,
        title=Text(fr="Explorateur", en="Explorer"),
        icon=":material/table_chart:",
        role="analyst",
    ),
    Page(
        code=PRESENTATION,
        section=TOOLS,
        title=Text(fr="Présentation", en="Presentation"),
        icon=":material/slideshow:",
    ),
    Page(
        code="method",
        section=SOURCES,
        title=Text(fr="Données et méthode", en="Data and method"),
        icon=":material/science:",
    ),
    Page(
        code=IMPORT,
        section=SOURCES,
        title=Text(fr="Importer", en="Import"),
        icon=":material/upload_file:",
        role="owner",
    ),
)


class Grade(Declared):
    """How sure a printed figure is, by how it reached us."""

    label: Text
    text: Text


class Declarations(Declared):
    """All pages, charts and decks of a barometer.

    `colours` lists the items that the palette serves first; `themes`, `grades` and `sources` name
    those of figures printed elsewhere.
    """

    colours: tuple[str, ...] = ()
    themes: dict[str, Text] = Field(default_factory=dict)
    grades: dict[str, Grade] = Field(default_factory=dict)
    sources: dict[str, Text] = Field(default_factory=dict)
    plans: tuple[Plans, ...] = ()
    charts: tuple[Chart, ...] = ()
    pages: tuple[Page, ...] = ()
    decks: tuple[Deck, ...] = ()

    @model_validator(mode="after")
    def _hang_together(self) -> Self:
        names = [chart.name for chart in self.charts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"chart {name} is declared twice")
        for page in self.pages:
            if missing := set(page.charts) - set(names):
                raise ValueError(f"page {page.code}: there is no chart {missing.pop()}")
        for deck in self.decks:
            if missing := set(deck.charts) - set(names):
                raise ValueError(f"deck {deck.code}: there is no chart {missing.pop()}")
        return self

    @cached_property
    def by_name(self) -> dict[str, Chart]:
        """Charts by name."""
        return {chart.name: chart for chart in self.charts}

    def page(self, code: str) -> Page | None:
        """The page of this code, None where the barometer does not declare it."""
        return next((page for page in self.pages if page.code == code), None)

    def deck(self, code: str) -> Deck | None:
        """The deck of this code, None where the barometer does not declare it."""
        return next((deck for deck in self.decks if deck.code == code), None)

    def page_of(self, chart: str) -> Page | None:
        """The first page that shows a chart, None where none does."""
        return next((page for page in self.pages if chart in page.charts), None)


def load(folder: Path, codebook: Codebook) -> Declarations:
    """Read `charts.toml` of a data folder, with the standard pages that it does not declare.

    Raises CodebookError naming the file and the entry that the codebook cannot serve.
    """
    path = folder / "charts.toml"
    if not path.exists():
        return completed(Declarations(), codebook)
    try:
        declared = Declarations.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as fault:
        raise CodebookError(f"{path}: {fault}") from None
    declared = _planned(path, declared, codebook)
    asking = [(f"page {page.code}", page.key_figures) for page in declared.pages]
    asking += [(f"deck {deck.code}", deck.key_figures) for deck in declared.decks]
    for where, key_figures in asking:
        for figure in key_figures:
            _answered(path, where, codebook, figure.indicator, (figure.item,))
    for chart in declared.charts:
        _answered(path, f"chart {chart.name}", codebook, chart.indicator, (chart.focus,))
        for code in (chart.indicator, *(layer.indicator for layer in chart.layers)):
            if code not in codebook.by_indicator:
                raise CodebookError(f"{path}: chart {chart.name}: there is no indicator {code}")
        for one in chart.compared:
            where = f"chart {chart.name}"
            items = one.items if isinstance(one.items, tuple) else ()
            _answered(path, where, codebook, one.indicator, items)
            measures = {codebook.by_indicator[c].measure for c in (chart.indicator, one.indicator)}
            if len(measures) > 1:
                raise CodebookError(f"{path}: {where}: it compares both shares and means")
        known = codebook.by_indicator[chart.indicator].by_code
        for item in chart.items if isinstance(chart.items, tuple) else ():
            if item not in known:
                raise CodebookError(
                    f"{path}: chart {chart.name}: {chart.indicator} has no item {item}"
                )
        if chart.pick is not None and chart.pick not in codebook.by_indicator[chart.indicator].of:
            raise CodebookError(
                f"{path}: chart {chart.name}: {chart.indicator} is not made of {chart.pick}"
            )
        for name in (chart.by, chart.across):
            if name is not None and name not in codebook.by_dimension:
                raise CodebookError(f"{path}: chart {chart.name}: there is no dimension {name}")
    return completed(declared, codebook)


def _planned(path: Path, declared: Declarations, codebook: Codebook) -> Declarations:
    """The declarations with the plans of each chart of that kind: its items and its facts.

    Raises CodebookError where a chart names no horizon of its indicator, or a fact no share.
    """
    known = {plans.indicator: plans for plans in declared.plans}
    charts = []
    for chart in declared.charts:
        if chart.kind != "plans":
            charts.append(chart)
            continue
        where = f"chart {chart.name}"
        if chart.indicator not in known or chart.horizon not in known[chart.indicator].horizons:
            raise CodebookError(f"{path}: {where}: no [[plans]] has its indicator and horizon")
        plan = known[chart.indicator].of(chart.horizon)
        for fact in plan.facts:
            _answered(path, where, codebook, chart.indicator, (fact.planned,))
            _answered(path, where, codebook, fact.indicator, (fact.item,))
            if codebook.by_indicator[fact.indicator].measure != "share":
                raise CodebookError(f"{path}: {where}: {fact.indicator} is no share")
        items = tuple(fact.planned for fact in plan.facts)
        charts.append(chart.model_copy(update={"items": items, "plan": plan}))
    return declared.model_copy(update={"charts": tuple(charts)})


def _answered(
    path: Path, where: str, codebook: Codebook, indicator: str, items: tuple[str | None, ...]
) -> None:
    """Raise CodebookError where the codebook has no such indicator or item."""
    if indicator not in codebook.by_indicator:
        raise CodebookError(f"{path}: {where}: there is no indicator {indicator}")
    for item in items:
        if item is not None and item not in codebook.by_indicator[indicator].by_code:
            raise CodebookError(f"{path}: {where}: {indicator} has no item {item}")


def completed(declared: Declarations, codebook: Codebook) -> Declarations:
    """The declarations with an overview, an explorer and a method page, whatever is asked.

    An overview that is not declared shows the first indicators by the main dimension; a yearly
    deck, the charts of the pages.
    """
    missing = [page for page in STANDARD if declared.page(page.code) is None]
    pages, charts = list(declared.pages), list(declared.charts)
    for page in missing:
        if page.code == PROFILE:
            made = _profile_charts(codebook)
            charts += made
            figures = tuple(_standard_figure(i) for i in codebook.indicators[:FIGURES])
            names = tuple(chart.name for chart in made)
            pages.append(page.model_copy(update={"charts": names, "key_figures": figures}))
        elif page.code == OVERVIEW:
            first = [
                _standard_chart(codebook, code) for code in list(codebook.by_indicator)[:SHOWN]
            ]
            charts += first
            figures = tuple(_standard_figure(i) for i in codebook.indicators[:FIGURES])
            names = tuple(chart.name for chart in first)
            pages.insert(0, page.model_copy(update={"charts": names, "key_figures": figures}))
        else:
            pages.append(page)
    decks = declared.decks
    if not any(deck.code == YEARLY for deck in decks):
        decks = (*decks, _standard_deck(codebook, pages))
    parts = {"pages": tuple(pages), "charts": tuple(charts), "decks": decks}
    return declared.model_copy(update=parts)


def _standard_deck(codebook: Codebook, pages: list[Page]) -> Deck:
    """The yearly deck of a barometer that declares none: the charts of its pages, in order."""
    names = dict.fromkeys(name for page in pages for name in page.charts)
    figures = next((page.key_figures for page in pages if page.key_figures), ())
    return Deck(
        code=YEARLY, title=codebook.title, charts=tuple(names)[:SLIDES], key_figures=figures
    )


def _standard_chart(codebook: Codebook, code: str) -> Chart:
    indicator = codebook.by_indicator[code]
    return Chart(
        name=f"standard_{code}",
        kind="stack" if indicator.kind == "single" else "bars",
        measure=indicator.label,
        indicator=code,
        by=codebook.main_dimension.code,
        total=True,
        top=None if indicator.kind == "single" else TOP,
        findings=("gap", "highest", "change", "leader"),
    )


def _profile_charts(codebook: Codebook) -> list[Chart]:
    """What may set a group apart: every share, then every mean, its own question left out."""
    main = codebook.main_dimension
    words = {
        "share": Text(fr="Ce qui distingue ce groupe", en="What sets this group apart"),
        "mean": Text(fr="Les moyennes qui distinguent ce groupe", en="Means that set it apart"),
    }
    charts = []
    for measure, text in words.items():
        compared = tuple(
            Compared(indicator=indicator.code, items=_telling(indicator))
            for indicator in codebook.indicators
            if indicator.measure == measure and not _asks(indicator, main)
        )
        if compared:
            chart = Chart(
                name=f"profile_{measure}",
                kind="apart",
                measure=text,
                indicator=compared[0].indicator,
                compared=compared,
                by=main.code,
                findings=("apart",),
            )
            charts.append(chart)
    return charts


def _telling(indicator: Indicator) -> tuple[str, ...] | Literal["leaves"]:
    """The items that say something of their own: of two answers, one tells the other."""
    pair = indicator.kind == "single" and len(indicator.items) == 2
    return (indicator.items[-1].code,) if pair else "leaves"


def _asks(indicator: Indicator, dimension: Dimension) -> bool:
    """Whether an indicator repeats what the dimension says: it always would set groups apart."""
    return dimension.question in indicator.questions or dimension.code in indicator.questions


def _standard_figure(indicator: Indicator) -> KeyFigure:
    item = indicator.items[0].code
    return KeyFigure(indicator=indicator.code, item=item if len(indicator.items) < 3 else None)
