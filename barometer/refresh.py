"""What changed in a deck: last year's slides, their numbers then and now, and the slides again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from barometer import deck, explored, findings, key_figures, measure
from barometer.cells import Selection, SelectionError
from barometer.charts import View
from barometer.codebook import YEAR
from barometer.deck import Deck, Slide, Wanted
from barometer.declarations import Chart, Declarations, KeyFigure
from barometer.measure import Source
from barometer.spec import TOTAL, ChartSpec, Point
from barometer.words import Translate, translator

CHART = "chart"
Kind = Literal["chart", "cover", "figures", "findings", "method"]
Number = tuple[str, str, str, float | None, float | None, float | None, int, str]
Progress = Callable[[int, int], None]  # slides read again, slides of ours


def _silent(made: int, every: int) -> None:
    """Progress that nobody follows."""


class Memory(BaseModel):
    """What a slide of ours remembers; whoever had the file may have changed it.

    `numbers` has a row a point: category, series, facet, value, interval, base, as printed;
    `told` a row a key figure: label, value, change.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    language: Literal["fr", "en"]
    publication: str = ""
    wanted: str = ""
    view: str = ""
    title: str = ""
    address: str = ""
    part: tuple[int, int] = (0, 1)
    numbers: tuple[Number, ...] = ()
    told: tuple[tuple[str, str, str], ...] = ()
    figures: tuple[KeyFigure, ...] = ()
    written: dict[str, str] = {}


def memory(found: Mapping[str, Any] | None) -> Memory | None:
    """What a slide's tag says, None where it is not ours, or no longer makes sense."""
    try:
        return None if found is None else Memory.model_validate(found)
    except ValidationError:
        return None


@dataclass(frozen=True)
class Change:
    """One number that differs: where it stands, how it was printed, how it is now.

    `verdict` says in words whether that is more than chance; `significant` is None where nothing
    can tell.
    """

    where: str
    before: str
    after: str
    verdict: str
    significant: bool | None


@dataclass(frozen=True)
class Again:
    """One slide of ours, read again: `slide` is None where it cannot be made, and `note` says why.

    `position` counts slides from 0; `compared` is how many numbers were compared.
    """

    position: int
    held: Memory
    slide: Slide | None
    changes: tuple[Change, ...]
    compared: int
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """All slides of ours, and the deck of each language for those that are no chart."""

    slides: tuple[Again, ...]
    decks: Mapping[str, Deck]


def newest(held: Iterable[Memory]) -> int | None:
    """The last wave that a deck shows, None where it has no slide of ours."""
    years = [_year(one) for one in held]
    return max((year for year in years if year is not None), default=None)


def _year(held: Memory) -> int | None:
    text = held.wanted.split("~")[1:2] if held.kind == CHART else held.view.split("~")[:1]
    return int(text[0]) if text and text[0].isdigit() else None


def plan(
    source: Source,
    declared: Declarations,
    held: Mapping[int, Memory],
    published: pd.DataFrame,
    year: int | None = None,
    progress: Progress = _silent,
    *,
    spoken: str = "",
) -> Plan:
    """Slides of ours by position, read again in the current publication.

    Those about the deck's last wave move to `year`; those about an earlier one, which are there to
    compare, keep it. None keeps every wave. Verdicts are in the language of who asks, `spoken`;
    unless it is given, in the deck's.
    """
    last = newest(held.values())
    moved = {} if year is None or last is None else {last: year}
    read = _Reader(source, declared, published, moved, spoken)
    slides = []
    for made, (position, one) in enumerate(sorted(held.items())):
        progress(made, len(held))
        slides.append(
            read.chart(position, one) if one.kind == CHART else Again(position, one, None, (), 0)
        )
    decks = {
        language: found
        for language in dict.fromkeys(str(one.language) for one in held.values())
        if (found := read.deck(language, held.values(), slides)) is not None
    }
    slides = [read.figures(one, decks.get(one.held.language)) for one in slides]
    progress(len(held), len(held))
    return Plan(tuple(slides), decks)


@dataclass(frozen=True)
class _Reader:
    """Reads slides again: `moved` maps the waves that move; verdicts are in `spoken`."""

    source: Source
    declared: Declarations
    published: pd.DataFrame
    moved: Mapping[int, int]
    spoken: str = ""

    def chart(self, position: int, held: Memory) -> Again:
        """A chart's slide."""
        _ = translator(self.spoken or held.language)
        try:
            then = deck.wanted(self.source, self.declared, held.wanted, held.language)
        except SelectionError as fault:
            gone = _("This slide cannot be made again: {reason}.").format(reason=fault)
            return Again(position, held, None, (), 0, gone)
        view = then.view
        one = replace(then, view=replace(view, year=self.moved.get(view.year, view.year)))
        made = deck.build(
            self.source, self.declared, [one], one.view, self.published, site=_site(held.address)
        )
        if not made.slides:
            return Again(position, held, None, (), 0, " ".join(made.missing))
        slide = made.slides[0]
        chart = explored.named(self.declared, self.source.codebook, one.chart)
        verdicts = _Verdicts(self.source, chart, then, one, slide.spec, _)
        changes, compared = _differences(held, slide, verdicts)
        return Again(position, held, slide, tuple(changes), compared)

    def deck(self, language: str, held: Iterable[Memory], slides: Sequence[Again]) -> Deck | None:
        """The deck whose cover, key figures, findings and method the slides are."""
        first = next((h for h in held if h.kind != CHART and h.language == language), None)
        if first is None:
            return None
        try:
            view = deck.viewed(self.source, first.view, language)
        except SelectionError:
            return None
        view = replace(view, year=self.moved.get(view.year, view.year))
        known = self.source.codebook.by_indicator
        figures = [
            figure
            for figure in first.figures
            if figure.indicator in known
            and (figure.item is None or figure.item in known[figure.indicator].by_code)
        ]
        made = [one.slide for one in slides if one.slide and one.held.language == language]
        basket = dict.fromkeys(slide.wanted for slide in made)
        return deck.build(
            self.source, self.declared, tuple(basket), view, self.published,
            title=first.title, figures=figures,
        )  # fmt: skip

    def figures(self, one: Again, made: Deck | None) -> Again:
        """The slide of key figures, with what changed in each."""
        if one.held.kind != "figures" or made is None:
            return one
        pairs = zip(made.asked, made.key_figures, strict=True)
        now = {told.label: (figure, told) for figure, told in pairs}
        changes = []
        for label, value, _change in one.held.told:
            if label in now and now[label][1].value != value:
                figure, told = now[label]
                verdict, significant = self._moved(one.held, figure, made.view)
                changes.append(Change(label, value, told.value, verdict, significant))
        return replace(one, changes=tuple(changes), compared=len(one.held.told))

    def _moved(self, held: Memory, figure: KeyFigure, view: View) -> tuple[str, bool | None]:
        """Whether a key figure moved significantly from the deck's wave to the new one."""
        _, then = translator(self.spoken or held.language), _year(held)
        if then is None or then == view.year:
            return _("the data of this wave were replaced"), None
        asked = key_figures.question(self.source, figure, view)
        found = None if asked is None else findings.between(asked, then)
        if found is None:
            return _("not tested"), None
        return (_("significant"), True) if found.significant else (_("not significant"), False)


def _site(address: str) -> str:
    """The barometer's own address, where a slide's has one."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


def _differences(held: Memory, slide: Slide, verdicts: _Verdicts) -> tuple[list[Change], int]:
    """Each number that is printed otherwise now, and how many were compared."""
    spec = slide.spec
    now = {
        (p.category, p.series, p.facet): (p, row)
        for p, row in zip(spec.points, slide.rows, strict=True)
    }
    changes, compared = [], 0
    for category, series, facet, value, low, high, _n, printed in held.numbers:
        found = now.get((category, series, facet))
        if found is None:
            continue
        compared += 1
        point, row = found
        if spec.printed(point) == printed:
            continue
        verdict, significant = verdicts.of(point, value, (low, high))
        where = " · ".join(filter(None, (row.group, row.item)))
        changes.append(Change(where, printed, spec.printed(point), verdict, significant))
    return changes, compared


@dataclass
class _Verdicts:
    """Whether the numbers of a slide moved more than chance explains, then → now."""

    source: Source
    chart: Chart
    then: Wanted
    now: Wanted
    spec: ChartSpec
    words: Translate
    _tested: dict[tuple[str, str, str], bool | None] | None = None

    def of(
        self, point: Point, value: float | None, interval: tuple[float | None, float | None]
    ) -> tuple[str, bool | None]:
        """In words, and whether it is significant; None where nothing can tell."""
        _ = self.words
        if point.value is None or value is None:
            return _("shown in one of them only"), None
        if self.then.view.year == self.now.view.year or self.chart.kind == "lines":
            low, high = interval
            if low is None or high is None:
                return _("the data of this wave were replaced"), None
            beyond = not low <= point.value <= high
            if beyond:
                return _("data replaced, beyond the former margin of error"), True
            return _("data replaced, within the former margin of error"), False
        if self._tested is None:
            self._tested = self._tests()
        found = self._tested.get((point.category, point.series, point.facet))
        if found is None:
            return _("not tested"), None
        return (_("significant"), True) if found else (_("not significant"), False)

    def _tests(self) -> dict[tuple[str, str, str], bool | None]:
        """For each place of the chart, whether its change from wave to wave is significant."""
        chart, view = self.chart, self.now.view
        place = _PLACES.get(chart.kind)
        if place is None or self.spec.unit == "points":
            return {}
        places = {place(self.spec, p): (p.category, p.series, p.facet) for p in self.spec.points}
        years = tuple(str(year) for year in sorted((self.then.view.year, view.year)))
        items = tuple(dict.fromkeys(item for item, _group, _across in places))
        groups = tuple(filter(None, (chart.by, chart.across)))
        found: dict[tuple[str, str, str], bool | None] = {}
        for by in dict.fromkeys(((), groups)):
            where = (*view.where, (YEAR, years))
            selection = Selection(chart.indicator, (YEAR, *by), where, items)
            rows = measure.pairs(self.source, selection, view.settings, ())
            for row in pd.DataFrame(rows).to_dict("records"):
                levels = [str(row[name]) for name in by] + ["", ""]
                key = (str(row["item"]), levels[0] or TOTAL, levels[1])
                if key in places:
                    untested = pd.isna(row["p"])
                    found[places[key]] = None if untested else bool(row["significant"])
        return found


def _bar(spec: ChartSpec, point: Point) -> tuple[str, str, str]:
    if spec.colour_by == "category":
        return point.series, point.category, ""
    return point.category, point.series, ""


_PLACES: dict[str, Callable[[ChartSpec, Point], tuple[str, str, str]]] = {
    # how each kind lays out an item, a group and a second group
    "bars": _bar,
    "stack": lambda spec, point: (point.series, point.category, ""),
    "heatmap": lambda spec, point: (f"{point.category}:{point.series}", point.facet, ""),
    "panels": lambda spec, point: (point.category, point.series, point.facet),
    "tree": lambda spec, point: (point.category, TOTAL, ""),
}
