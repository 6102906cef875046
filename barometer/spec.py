"""One chart, complete: what every renderer is given, whatever the kind of chart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from barometer import measure, style
from barometer.contrasts import Term

TOTAL = measure.TOTAL  # the group of everybody
UP, DOWN, HIDDEN = "▲", "▼", "×"


@dataclass(frozen=True, slots=True)
class Entry:
    """A category, series or facet: its code, its words, and its colour's place in the palette."""

    code: str
    label: str
    position: int = 0
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One estimate in its place. `mark` is ▲ or ▼ where it moved significantly since `versus`.

    `percent` is the whole percentage to print where a bar must add up to 100, `tested` says that
    its difference with what marks compare with was tested, `unit` is the point's own where a
    chart has several, else the chart's counts. `se` and `df` are its standard error and its degrees
    of freedom, `terms` the estimates that it is made of: what a later value is tested with.
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
    tested: bool = False
    unit: str = ""
    se: float | None = None
    df: float | None = None
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """A figure printed elsewhere, marked where it concerns the chart."""

    category: str
    series: str
    value: float
    printed_as: str
    note: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A trend break: no line and no change crosses from before `year` to it, for these series."""

    year: int
    reason: str
    series: tuple[str, ...]


@dataclass(frozen=True)
class ChartSpec:
    """One chart, complete: every output draws from it and from nothing else.

    `colour_by` says whether colours follow series or categories, `ordered` that the series are
    steps of one scale, `reversed` that the last step comes first. `comparisons` counts the tests,
    for tables. `empty` is the sentence to show where there is nothing to draw.
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
    comparisons: str = ""
    colour_by: str = "series"
    ordered: bool = False
    reversed: bool = False
    highlight: str = ""
    empty: str = ""
    file_name: str = ""
    receipt: str = ""
    synthetic: bool = False
    intervals: bool = False  # drawn, whatever the visitor chose

    def at(self, category: str, series: str, facet: str = "") -> Point | None:
        """The point of a place, None where nobody was asked."""
        return self._places.get((category, series, facet))

    @cached_property
    def _places(self) -> dict[tuple[str, str, str], Point]:
        return {(p.category, p.series, p.facet): p for p in self.points}

    def depth(self, category: Entry) -> int:
        """How many categories of a tree are above this one; 0 in other charts."""
        above = {entry.code: entry.parent for entry in self.categories}
        steps, code = 0, category.parent
        while self.kind == "tree" and code in above and steps < len(above):
            steps, code = steps + 1, above[code]
        return steps

    def value(self, value: float | None, unit: str = "") -> str:
        """A value in the language's format, in the chart's unit or another."""
        unit = unit or self.unit
        if value is None:
            return ""
        if unit == "share":
            return style.share(value, self.language)
        if unit == "change":
            return style.change(value, self.language)
        if unit == "points":
            return style.points(value, self.language)
        return style.mean(value, self.language)

    def printed(self, point: Point) -> str:
        """A point as every output prints it: rounded, with its marks; × where it is hidden."""
        if point.flag == "hidden":
            return HIDDEN
        rounded = point.value if point.percent is None else point.percent / 100
        star = style.LOW_BASE_MARK if point.flag == "flagged" else ""
        return f"{self.value(rounded, point.unit)}{star} {point.mark}".rstrip()
