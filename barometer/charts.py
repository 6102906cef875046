"""From a declaration and estimates to a ChartSpec: all that any renderer needs to draw it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import pandas as pd

from barometer import findings, measure, receipts, style
from barometer.cells import Selection
from barometer.codebook import YEAR, Codebook, Dimension, Indicator, Item
from barometer.declarations import Chart
from barometer.findings import Finding, Question
from barometer.measure import DEFAULTS, Settings, Source, Where
from barometer.words import Translate, translator

Row = dict[Any, Any]  # one row of a table of estimates

SPECS_KEPT = 256
TOTAL = measure.TOTAL  # the group of everybody
UP, DOWN, HIDDEN = "▲", "▼", "×"


@dataclass(frozen=True)
class View:
    """What a visitor looks at: a wave, some respondents, a language, a method."""

    year: int
    where: Where = ()
    language: str = "fr"
    settings: Settings = DEFAULTS


@dataclass(frozen=True)
class Entry:
    """A category, series or facet: its code, its words, and its colour's place in the palette."""

    code: str
    label: str
    position: int = 0
    parent: str | None = None


@dataclass(frozen=True)
class Point:
    """One estimate in its place. `mark` is ▲ or ▼ where it moved significantly since `versus`.

    `percent` is the whole percentage to print where a bar must add up to 100.
    """

    category: str
    series: str
    facet: str = ""
    value: float | None = None
    percent: int | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    effective_base: float | None = None
    flag: str = ""
    mark: str = ""
    versus: int | None = None


@dataclass(frozen=True)
class Published:
    """A figure printed elsewhere, marked where it concerns the chart."""

    category: str
    series: str
    value: float
    printed_as: str
    note: str


@dataclass(frozen=True)
class Cut:
    """A trend break: no line and no change crosses from before `year` to it, for these series."""

    year: int
    reason: str
    series: tuple[str, ...]


@dataclass(frozen=True)
class ChartSpec:
    """One chart, complete: every output draws from it and from nothing else.

    `colour_by` says whether colours follow series or categories, `ordered` that the series are
    steps of one scale, `reversed` that the last step comes first. `empty` is the sentence to show
    where there is nothing to draw.
    """

    name: str
    kind: str
    language: str
    indicator: str
    unit: str
    headline: str
    measure: str
    base: str
    waves: str
    filters: str
    source: str
    provenance: str
    alt: str
    categories: tuple[Entry, ...] = ()
    series: tuple[Entry, ...] = ()
    facets: tuple[Entry, ...] = (Entry("", ""),)
    points: tuple[Point, ...] = ()
    published: tuple[Published, ...] = ()
    cuts: tuple[Cut, ...] = ()
    notes: tuple[str, ...] = ()
    colour_by: str = "series"
    ordered: bool = False
    reversed: bool = False
    highlight: str = ""
    empty: str = ""
    file_name: str = ""
    receipt: str = ""
    synthetic: bool = False

    def at(self, category: str, series: str, facet: str = "") -> Point | None:
        """The point of a place, None where nobody was asked."""
        return self._places.get((category, series, facet))

    @cached_property
    def _places(self) -> dict[tuple[str, str, str], Point]:
        return {(p.category, p.series, p.facet): p for p in self.points}

    def value(self, value: float | None) -> str:
        """A value in the language's format."""
        if value is None:
            return ""
        if self.unit == "share":
            return style.share(value, self.language)
        if self.unit == "points":
            return style.points(value, self.language)
        return style.mean(value, self.language)

    def printed(self, point: Point) -> str:
        """A point as every output prints it: rounded, with its marks; × where it is hidden."""
        if point.flag == "hidden":
            return HIDDEN
        rounded = point.value if point.percent is None else point.percent / 100
        star = style.LOW_BASE_MARK if point.flag == "flagged" else ""
        return f"{self.value(rounded)}{star} {point.mark}".rstrip()


@dataclass
class _Draft:
    """What a kind of chart lays out, before the words are added."""

    categories: list[Entry]
    series: list[Entry]
    points: list[Point]
    facets: list[Entry] = field(default_factory=lambda: [Entry("", "")])
    published: list[Published] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    colour_by: str = "series"
    ordered: bool = False


@dataclass(frozen=True)
class _Asked:
    """A declaration, a view and the tables that answer it."""

    source: Source
    chart: Chart
    view: View
    published: pd.DataFrame
    colours: tuple[str, ...] = ()

    @property
    def book(self) -> Codebook:
        return self.source.codebook

    @property
    def indicator(self) -> Indicator:
        return self.book.by_indicator[self.chart.indicator]

    @property
    def dimension(self) -> Dimension | None:
        return None if self.chart.by is None else self.book.by_dimension[self.chart.by]

    @property
    def words(self) -> Translate:
        return translator(self.view.language)

    @cached_property
    def items(self) -> list[Item]:
        """The items declared, in order, that the wave asked."""
        indicator, declared = self.indicator, self.chart.items
        if declared == "roots":
            chosen = list(indicator.children(None))
        elif declared == "leaves":
            chosen = [i for i in indicator.items if not indicator.children(i.code)]
        elif declared == "all":
            chosen = list(indicator.items)
        else:
            chosen = [indicator.item(code) for code in declared]
        totals = self.of_wave
        asked = set(totals["item"])
        chosen = [item for item in chosen if item.code in asked]
        if self.chart.kind in ("bars", "dumbbell") and len(chosen) > 1:
            values = totals.set_index("item")["value"]
            chosen.sort(key=lambda item: -values.fillna(-1).get(item.code, -1))
        return chosen[: self.chart.top]

    @cached_property
    def of_wave(self) -> pd.DataFrame:
        """Estimates of every item that the chart's wave asked; of any wave for lines."""
        totals = self.rows(None)
        if self.chart.kind == "lines":
            return totals.drop_duplicates("item", keep="last")
        return totals[totals[YEAR] == self.view.year]

    def rows(self, by: str | None) -> pd.DataFrame:
        """Estimates of every item in every wave, split or not."""
        return measure.by_wave(
            self.source, self.chart.indicator, by, self.view.where, self.view.settings
        )[0]

    def groups(self) -> list[Entry]:
        """The groups of the breakdown that the filters leave, the total last where declared."""
        if self.dimension is None:
            return [Entry(TOTAL, self.words("All"))]
        kept = dict(self.view.where).get(self.dimension.code)
        entries = [
            Entry(level.code, level.label[self.view.language], position)
            for position, level in enumerate(self.dimension.levels)
            if kept is None or level.code in kept
        ]
        if self.chart.total and len(entries) > 1:
            entries.append(Entry(TOTAL, self.words("All"), -1))
        return entries

    def entry(self, item: Item) -> Entry:
        """An item as an entry, with its colour's place: its own, and never a main level's."""
        taken = len(self.book.main_dimension.levels)
        code = item.code.split(":")[0]
        if code in self.colours:
            position = taken + self.colours.index(code)
        else:
            position = taken + len(self.colours) + list(self.indicator.by_code).index(item.code)
        return Entry(item.code, item.label[self.view.language], position, item.parent)

    def question(self, items: list[Item]) -> Question:
        """What the headline answers."""
        view, codes = self.view, tuple(item.code for item in items)
        return findings.asked_of(
            self.chart, self.source, codes, view.year, view.where, view.language, view.settings
        )

    def table(self, items: list[Item]) -> list[Row]:
        """The rows to draw: of every wave for lines, of the view's for the other kinds."""
        codes = tuple(item.code for item in items)
        rows = measure.shown(
            self.source,
            self.chart.indicator,
            codes,
            self.chart.by,
            self.chart.total,
            self.view.where,
            self.view.settings,
        )
        if self.chart.kind != "lines":
            rows = rows[rows[YEAR] == self.view.year]
        kept = [entry.code for entry in self.groups()]
        return rows[rows["group"].isin(kept)].to_dict("records")


def build(
    source: Source,
    chart: Chart,
    view: View,
    published: pd.DataFrame,
    colours: tuple[str, ...] = (),
) -> ChartSpec:
    """The spec of a chart.

    `published` holds the figures printed elsewhere (`figures.load`), `colours` the items that come
    first in the palette.
    """
    asked = _Asked(source, chart, view, published, colours)
    items = asked.items
    waves = [view.year] if chart.kind != "lines" else source.years
    if not items:
        return _empty(asked)
    draft = _LAYOUTS[chart.kind](asked, items)
    if not draft.points:
        return _empty(asked)
    found = headline(source, chart, view)
    spec = _frame(
        asked,
        found.text if found else chart.measure[view.language],
        waves,
        categories=tuple(draft.categories),
        series=tuple(draft.series),
        facets=tuple(draft.facets),
        points=tuple(draft.points),
        published=tuple(draft.published),
        cuts=tuple(draft.cuts),
        colour_by=draft.colour_by,
        ordered=draft.ordered,
    )
    return replace(spec, notes=_notes(spec, asked), alt=_alt(spec, asked.words))


@lru_cache(SPECS_KEPT)
def headline(source: Source, chart: Chart, view: View) -> Finding | None:
    """The finding that heads a chart, None where the wave did not ask its items."""
    asked = _Asked(source, chart, view, pd.DataFrame())
    return findings.best(asked.question(asked.items), chart.findings)


# --- layouts, one a kind -------------------------------------------------------------------------


def _bars(asked: _Asked, items: list[Item]) -> _Draft:
    """Items down, groups side by side; a single item gives its groups a bar each."""
    rows = asked.table(items)
    groups, entries = asked.groups(), [asked.entry(item) for item in items]
    if len(items) == 1:
        points = [_point(row, row["group"], row["item"]) for row in rows]
        draft = _Draft(groups, entries, points, colour_by="category")
    else:
        points = [_point(row, row["item"], row["group"]) for row in rows]
        draft = _Draft(entries, groups, points)
    draft.published = _published(asked, items, [asked.view.year])
    return draft


def _stack(asked: _Asked, items: list[Item]) -> _Draft:
    """Groups down, the answers of one question side by side up to 100 %."""
    rows = asked.table(items)
    entries = [asked.entry(item) for item in items]
    if asked.chart.reverse:
        entries.reverse()
    points = [_point(row, row["group"], row["item"]) for row in rows]
    groups = asked.groups()
    points = [part for group in groups for part in _whole(points, group, entries)]
    draft = _Draft(groups, entries, points, ordered=asked.indicator.ordered)
    draft.published = _published(asked, items, [asked.view.year])
    return draft


def _whole(points: list[Point], group: Entry, series: list[Entry]) -> list[Point]:
    """The parts of one bar, in order, with percentages that add up to 100."""
    found = {p.series: p for p in points if p.category == group.code}
    parts = [found[entry.code] for entry in series if entry.code in found]
    if any(part.value is None for part in parts):
        return parts
    percents = style.stack([part.value or 0.0 for part in parts])
    return [replace(p, percent=percent) for p, percent in zip(parts, percents, strict=True)]


def _lines(asked: _Asked, items: list[Item]) -> _Draft:
    """Waves across; a line for each item, or for each group of a single item."""
    rows = asked.table(items)
    years = [Entry(str(y), str(y), i) for i, y in enumerate(asked.source.years)]
    if len(items) == 1:
        series = asked.groups()
        points = [_point(row, str(row[YEAR]), row["group"]) for row in rows]
        keys = {items[0].code: tuple(entry.code for entry in series)}
    else:
        series = [asked.entry(item) for item in items]
        points = [_point(row, str(row[YEAR]), row["item"]) for row in rows]
        keys = {item.code: (item.code,) for item in items}
    draft = _Draft(years, series, points)
    draft.published = _published(asked, items, asked.source.years)
    draft.cuts = _cuts(asked, keys)
    return draft


def _heatmap(asked: _Asked, items: list[Item]) -> _Draft:
    """The two parts of crossed items as rows and columns, a panel for each group."""
    rows = asked.table(items)
    down: dict[str, Entry] = {}
    across: dict[str, Entry] = {}
    for item in items:
        first, last = item.code.rsplit(":", 1)
        words = item.label[asked.view.language].rsplit(" · ", 1)
        down.setdefault(first, Entry(first, words[0], len(down)))
        across.setdefault(last, Entry(last, words[-1], len(across)))
    points = []
    for row in rows:
        first, last = row["item"].rsplit(":", 1)
        points.append(_point(row, first, last, row["group"]))
    return _Draft(list(down.values()), list(across.values()), points, asked.groups())


def _panels(asked: _Asked, items: list[Item]) -> _Draft:
    """Items down, the first breakdown across, a panel for each level of the second."""
    chart, view = asked.chart, asked.view
    if chart.by is None or chart.across is None:
        return _bars(asked, items)
    selection = Selection(
        chart.indicator,
        (chart.by, chart.across),
        (*view.where, (YEAR, (str(view.year),))),
        tuple(item.code for item in items),
    )
    rows = measure.estimate(asked.source, selection, view.settings)
    rows = rows.assign(significant=False, versus=None, difference=0.0)
    points = [
        _point(row, row["item"], row[chart.by], row[chart.across])
        for row in rows.to_dict("records")
    ]
    present = {point.facet for point in points}
    panels = [
        Entry(level.code, level.label[view.language], position)
        for position, level in enumerate(asked.book.by_dimension[chart.across].levels)
        if level.code in present
    ]
    groups = [group for group in asked.groups() if group.code != TOTAL]
    return _Draft([asked.entry(item) for item in items], groups, points, panels)


def _tree(asked: _Asked, items: list[Item]) -> _Draft:
    """Every item under its net."""
    rows = asked.table(items)
    points = [_point(row, row["item"], TOTAL) for row in rows]
    entries = [asked.entry(item) for item in items]
    return _Draft(entries, [Entry(TOTAL, asked.words("All"))], points)


def _dumbbell(asked: _Asked, items: list[Item]) -> _Draft:
    """Items down, one mark for each layer: an indicator, now or in a later wave."""
    series, points = [], []
    for position, layer in enumerate(asked.chart.layers):
        year = _nearest(asked.source.years, asked.view.year + layer.shift)
        if layer.shift and year <= asked.view.year:
            continue
        code = f"{layer.indicator}@{year}"
        series.append(Entry(code, f"{layer.label[asked.view.language]} ({year})", position))
        codes = tuple(item.code for item in items)
        rows = measure.shown(
            asked.source,
            layer.indicator,
            codes,
            None,
            False,
            asked.view.where,
            asked.view.settings,
        )
        rows = rows[rows[YEAR] == year]
        points += [
            replace(_point(row, row["item"], code), mark="", versus=None)
            for row in rows.to_dict("records")
        ]
    return _Draft([asked.entry(item) for item in items], series, points)


def _shift(asked: _Asked, items: list[Item]) -> _Draft:
    """The parts of a change: within each group, by their mix, and the whole."""
    _, found = asked.words, asked.question(items).parts
    if found is None:
        return _Draft([], [asked.entry(items[0])], [])
    groups = {group.code: group for group in asked.groups() if group.code in found.within}
    entries = [
        replace(group, label=_("Within {group}").format(group=group.label))
        for group in groups.values()
    ]
    entries.append(Entry("mix", _("Mix of groups"), -1))
    entries.append(Entry(TOTAL, _("All, {earlier} → {later}").format(**vars(found)), -1))
    values = {**found.within, "mix": found.mix, TOTAL: found.change}
    points = [
        Point(entry.code, items[0].code, value=values[entry.code], n=found.n) for entry in entries
    ]
    return _Draft(entries, [asked.entry(items[0])], points, colour_by="category")


_LAYOUTS = {
    "bars": _bars,
    "stack": _stack,
    "lines": _lines,
    "heatmap": _heatmap,
    "panels": _panels,
    "tree": _tree,
    "dumbbell": _dumbbell,
    "shift": _shift,
}


def _point(row: Row, category: str, series: str, facet: str = "") -> Point:
    def number(name: str) -> float | None:
        value: Any = row[name]
        return None if pd.isna(value) else float(value)

    significant = row["significant"] is True
    year = row["versus"] if significant and not isinstance(row["versus"], str) else None
    return Point(
        category=category,
        series=series,
        facet=facet,
        value=number("value"),
        low=number("ci_low"),
        high=number("ci_high"),
        n=int(row["n"]),
        effective_base=number("effective_base"),
        flag=str(row["flag"]),
        mark=("" if not significant else UP if row["difference"] > 0 else DOWN),
        versus=None if year is None else int(year),
    )


def _nearest(years: list[int], wanted: int) -> int:
    return min(years, key=lambda year: (abs(year - wanted), year))


# --- what is marked on a chart -------------------------------------------------------------------


def _published(asked: _Asked, items: list[Item], years: list[int]) -> list[Published]:
    """Printed numbers about the chart's items; any filter but the main one makes them foreign."""
    main = asked.book.main_dimension.code
    figures = asked.published
    if figures.empty or main not in figures or any(name != main for name, _ in asked.view.where):
        return []
    codes = [item.code for item in items]
    rows = figures[
        (figures["indicator"] == asked.chart.indicator)
        & figures["item"].isin(codes)
        & figures[YEAR].isin(years)
        & figures["value"].notna()
    ]
    shown = {entry.code for entry in asked.groups()}
    filtered = dict(asked.view.where).get(main)
    marks = []
    for row in rows.to_dict("records"):
        group = TOTAL if row[main] == "all" else row[main]
        if group not in shown and not (group == TOTAL and len(items) > 1):
            continue
        if group == TOTAL and filtered is not None:
            continue
        category, series = _place(asked, row, group, single=len(items) == 1)
        marks.append(
            Published(
                category,
                series,
                float(row["value"]),
                row["printed_as"],
                row[f"reading_{asked.view.language}"],
            )
        )
    return marks


def _place(asked: _Asked, row: Row, group: str, *, single: bool) -> tuple[str, str]:
    item, year = str(row["item"]), str(row[YEAR])
    if asked.chart.kind == "lines":
        return (year, group) if single else (year, item)
    if asked.chart.kind == "stack" or single:
        return group, item
    return item, group


def _cuts(asked: _Asked, keys: dict[str, tuple[str, ...]]) -> list[Cut]:
    """Trend breaks of the chart's items that fall between two of its waves."""
    found: dict[tuple[int, str], list[str]] = {}
    for cut in asked.book.breaks:
        for item, series in keys.items():
            before = any(year < cut.year for year in asked.source.years)
            if before and cut.concerns(asked.chart.indicator, item):
                reason = cut.reason[asked.view.language]
                found.setdefault((cut.year, reason), []).extend(series)
    return [Cut(year, reason, tuple(series)) for (year, reason), series in found.items()]


# --- the words around it -------------------------------------------------------------------------


def _frame(asked: _Asked, headline: str, waves: list[int], **parts: Any) -> ChartSpec:
    _, book, language = asked.words, asked.book, asked.view.language
    indicator, chart = asked.indicator, asked.chart
    synthetic = bool(getattr(asked.source, "synthetic", False))
    by = "" if asked.dimension is None else f"_{asked.dimension.code}"
    span = "-".join(dict.fromkeys(str(year) for year in (waves[0], waves[-1])))
    return ChartSpec(
        name=chart.name,
        kind=chart.kind,
        language=language,
        indicator=indicator.code,
        unit="points" if chart.kind == "shift" else indicator.measure,
        headline=headline,
        measure=_measure(asked),
        base=_base(asked),
        waves=_waves(_, waves),
        filters=_filters(asked),
        source=_("Source: {source}").format(source=book.source[language]),
        provenance=_("Demonstration sample: synthetic data") if synthetic else _("Survey data"),
        alt="",
        highlight=str(asked.view.year),
        file_name=f"{chart.name}_{indicator.code}{by}_{span}_{language}",
        synthetic=synthetic,
        receipt=_receipt(asked, waves),
        reversed=chart.reverse,
        **parts,
    )


def _empty(asked: _Asked) -> ChartSpec:
    """Nothing to draw: say why, and which waves could."""
    _ = asked.words
    rows, view = asked.rows(None), asked.view
    years = sorted({int(year) for year in rows[YEAR]})
    if view.year in years:
        reason = _("No earlier wave compares, or a base is too small.")
    elif years:
        reason = _("Not asked in {year}. Asked in: {years}.").format(
            year=asked.view.year, years=", ".join(map(str, years))
        )
    else:
        reason = _("Nobody answers to these filters.")
    spec = _frame(asked, asked.chart.measure[asked.view.language], [asked.view.year])
    return replace(spec, empty=reason, alt=reason)


def _receipt(asked: _Asked, waves: list[int]) -> str:
    """The reference of the chart's figures: those of its groups, else of everybody."""
    chart, view, items = asked.chart, asked.view, asked.items
    if not items or chart.across:
        return ""
    rows = [
        row | {chart.by or "": row["group"]}
        for row in asked.table(items)
        if chart.by is None or row["group"] != TOTAL
    ]
    across = (YEAR,) if chart.kind == "lines" else ()
    when = () if chart.kind == "lines" else ((YEAR, (str(waves[0]),)),)
    by = (*filter(None, (chart.by,)), *across)
    codes = None
    if len(items) < len(asked.of_wave):
        codes = tuple(item.code for item in items)
    selection = Selection(chart.indicator, by, (*view.where, *when), codes)
    found = receipts.digest(selection.keys, rows)
    publication = str(getattr(asked.source, "id", ""))
    return str(receipts.Receipt(selection, view.settings, publication, found))


def _measure(asked: _Asked) -> str:
    _, language, indicator = asked.words, asked.view.language, asked.indicator
    unit = _("in % of {base}").format(base=indicator.base[language])
    if indicator.unit is not None:
        unit = _("mean number of {unit}, {base}").format(
            unit=indicator.unit[language], base=indicator.base[language]
        )
    return f"{asked.chart.measure[language]}, {unit}"


def _base(asked: _Asked) -> str:
    """The unweighted base: of all, then of each group; a range where items differ."""
    _, language = asked.words, asked.view.language
    totals = asked.rows(None)
    totals = totals[totals[YEAR] == asked.view.year]
    codes = {item.code for item in asked.items}
    parts = [_spread(totals[totals["item"].isin(codes)], language)]
    if asked.dimension is not None:
        rows = asked.rows(asked.dimension.code)
        rows = rows[(rows[YEAR] == asked.view.year) & rows["item"].isin(codes)]
        for group in asked.groups():
            if group.code != TOTAL:
                here = rows[rows[asked.dimension.code] == group.code]
                parts.append(f"{group.label} {_spread(here, language)}")
    base = asked.indicator.base[language]
    return _("Base: {base}").format(base=f"{base}, {' · '.join(parts)}")


def _spread(rows: pd.DataFrame, language: str) -> str:
    if rows.empty:
        return style.count(0, language)
    low, high = int(rows["n"].min()), int(rows["n"].max())
    shown = style.count(low, language)
    return shown if low == high else f"{shown}–{style.number(high, language, 0)}"


def _waves(_: Translate, waves: list[int]) -> str:
    if len(waves) == 1:
        return _("Wave {year}").replace(" ", style.FIXED).format(year=waves[0])
    return _("Waves {first} to {last}").format(first=waves[0], last=waves[-1])


def _filters(asked: _Asked) -> str:
    _, language = asked.words, asked.view.language
    parts = []
    for name, levels in asked.view.where:
        dimension = asked.book.by_dimension[name]
        labels = [dimension.level(code) for code in levels]
        words = ", ".join(level.label[language] for level in labels if level)
        parts.append(
            _("{dimension}: {levels}").format(dimension=dimension.label[language], levels=words)
        )
    return " · ".join(parts)


def _notes(spec: ChartSpec, asked: _Asked) -> tuple[str, ...]:
    """What a reader must know to read the marks: significance, low bases, breaks, readings."""
    _ = asked.words
    limits = asked.book.thresholds
    notes = []
    if marked := [p for p in spec.points if p.mark]:
        notes.append(_mark_note(spec, asked, {p.versus for p in marked}))
    if any(p.flag == "flagged" for p in spec.points):
        notes.append(_("* base under {n}: fragile").format(n=limits.flag_below))
    if any(p.flag == "hidden" for p in spec.points):
        notes.append(
            _("× base under {n}, or that would give one away: not shown").format(
                n=limits.hide_below
            )
        )
    notes += [
        f"{cut.year} : {cut.reason}" if spec.language == "fr" else f"{cut.year}: {cut.reason}"
        for cut in spec.cuts
    ]
    if spec.published:
        notes.append(_("◇ figure published by the press"))
    notes += dict.fromkeys(mark.note for mark in spec.published if mark.note)
    if spec.kind == "lines" and _moves_disagree(spec):
        notes.append(_("Changes are computed before rounding"))
    if spec.unit == "points":
        notes.append(_("The parts add up before rounding"))
    if any(p.percent not in (None, style.percent(p.value or 0.0)) for p in spec.points):
        notes.append(_("Rounded to add up to 100%"))
    return tuple(notes)


def _moves_disagree(spec: ChartSpec) -> bool:
    """Whether some change between two waves is not the one of the rounded figures."""
    if spec.unit != "share":
        return False
    for series in spec.series:
        points = [spec.at(category.code, series.code) for category in spec.categories]
        values = [p.value for p in points if p is not None and p.value is not None]
        for before, after in itertools.pairwise(values):
            if style.percent(after) - style.percent(before) != style.percent(after - before):
                return True
    return False


def _mark_note(spec: ChartSpec, asked: _Asked, since: set[int | None]) -> str:
    """What ▲ and ▼ compare with, at which level, adjusted how."""
    _, settings, language = asked.words, asked.view.settings, asked.view.language
    corrections = {
        "holm": _("Holm"),
        "benjamini_hochberg": _("Benjamini–Hochberg"),
        "none": _("no correction"),
    }
    told = {
        "level": style.share(settings.confidence, language),
        "correction": corrections[settings.correction],
    }
    if None in since:
        if settings.reference == "total":
            sentence = _("▲ ▼ significantly above or below the total ({level}, {correction})")
        else:
            sentence = _("▲ ▼ significantly above or below the others ({level}, {correction})")
        return sentence.format(**told)
    years = ", ".join(str(year) for year in sorted(since, key=lambda year: year or 0))
    told["years"] = _("the wave before") if spec.kind == "lines" else years
    return _("▲ ▼ significant change since {years} ({level}, {correction})").format(**told)


def _alt(spec: ChartSpec, _: Translate) -> str:
    """What the chart shows, in words: its finding, its measure, its extremes."""
    drawn = [p for p in spec.points if p.value is not None]
    text = f"{spec.headline}. {spec.measure}. {spec.waves}."
    if drawn:
        names = {
            e.code: e.label for e in itertools.chain(spec.categories, spec.series, spec.facets)
        }
        low, high = min(drawn, key=lambda p: p.value or 0), max(drawn, key=lambda p: p.value or 0)
        where = [
            ", ".join(
                filter(
                    None,
                    (
                        names.get(p.category),
                        names.get(p.series) if p.series != TOTAL else "",
                        names.get(p.facet),
                    ),
                )
            )
            for p in (low, high)
        ]
        text += " " + _("From {low} ({low_where}) to {high} ({high_where}).").format(
            low=spec.value(low.value),
            low_where=where[0],
            high=spec.value(high.value),
            high_where=where[1],
        )
    return f"{text} {spec.provenance}."
