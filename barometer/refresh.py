"""What changed in a deck: last year's slides, their numbers then and now, and the slides again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from barometer import charts, deck, explored, key_figures, moved
from barometer.cells import SelectionError
from barometer.changed import Change as Change
from barometer.changed import Edition, Reading, changes
from barometer.charts import Point, View
from barometer.codebook import YEAR
from barometer.deck import Deck, Slide, Wanted
from barometer.declarations import Chart, Declarations, KeyFigure
from barometer.key_figures import Told
from barometer.measure import Source
from barometer.moved import Held, Verdict
from barometer.words import translator

CHART = "chart"
Kind = Literal["chart", "cover", "figures", "findings", "method"]
Number = tuple[str, str, str, float | None, float | None, float | None, int, str]
Uncertain = tuple[float | None, float | None]
Former = Callable[[str], Source | None]  # a publication by its name, None where it is gone
Progress = Callable[[int, int], None]  # slides read again, slides of ours


def _silent(made: int, every: int) -> None:
    """Progress that nobody follows."""


def _gone(identifier: str) -> None:
    """No former publication."""


class Memory(BaseModel):
    """What a slide of ours remembers; whoever had the file may have changed it.

    `numbers` has a row a point: category, series, facet, value, interval, base, as printed;
    `errors` its standard error and degrees of freedom (none in decks from before these
    were kept); `told` a row a key figure: label, value, change, of which they are the numbers.
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
    errors: tuple[Uncertain, ...] = ()
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
    former: Former = _gone,
) -> Plan:
    """Slides of ours by position, read again in the current publication.

    Those about the deck's last wave move to `year`; those about an earlier one, which are there to
    compare, keep it. None keeps every wave. Verdicts are in the language of who asks, `spoken`;
    unless it is given, in the deck's. `former` finds the publication that a deck was made of, for
    numbers whose data were replaced since.
    """
    last = newest(held.values())
    moved = {} if year is None or last is None else {last: year}
    read = _Reader(source, declared, published, moved, spoken, former)
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
    former: Former = _gone

    def chart(self, position: int, held: Memory) -> Again:
        """A chart's slide."""
        _ = translator(self.spoken or held.language)
        try:
            then, one = self._wanted(held)
        except SelectionError:
            asked = " · ".join(filter(None, map(unquote, held.wanted.split("~")[:3])))[:80]
            gone = _(
                "cannot be made again, since there is no such chart, wave or filter any more:"
                " {asked}."
            ).format(asked=asked)
            return Again(position, held, None, (), 0, gone)
        made = deck.build(
            self.source, self.declared, [one], one.view, self.published, site=_site(held.address)
        )
        if not made.slides:
            return Again(position, held, None, (), 0, " ".join(made.missing))
        slide = made.slides[0]
        chart = explored.named(self.declared, self.source.codebook, one.chart)
        reading = Reading(
            self.source, chart, slide, one.view.year - then.view.year,
            lambda: self._editions(chart, then, held), self.spoken or held.language,
        )  # fmt: skip
        found, compared = changes(_points(held), reading)
        return Again(position, held, slide, tuple(found), compared)

    def _wanted(self, held: Memory) -> tuple[Wanted, Wanted]:
        """What a slide was made of, and what it is made of now.

        Raises SelectionError naming what there is not; a wave that is not online any more is
        nothing to miss where the slide moves on from it.
        """
        name, _, view = held.wanted.partition("~")
        text = f"{name}~{self._online(view)}"
        found = deck.wanted(self.source, self.declared, text, held.language)
        then = replace(found, view=replace(found.view, year=_year(held) or found.view.year))
        to = self.moved.get(then.view.year, then.view.year)
        waves = then.view.waves
        if then.view.year in waves:
            waves = tuple(sorted({*waves, to}))
        return then, replace(then, view=replace(then.view, year=to, waves=waves))

    def _online(self, view: str) -> str:
        """A spelled view in the wave that it moves to, where its own is not online any more."""
        year, _, rest = view.partition("~")
        last = int(year) if year.isdigit() else 0
        if last in self.source.years or last not in self.moved:
            return view
        return f"{self.moved[last]}~{rest}"

    def _sources(self, held: Memory) -> list[tuple[Source, bool]]:
        """Where a slide's estimates may still be, and whether that is online; the former last."""
        before = None
        if held.publication != getattr(self.source, "id", ""):
            before = self.former(held.publication)
        return [(self.source, True), *([] if before is None else [(before, False)])]

    def _editions(self, chart: Chart, then: Wanted, held: Memory) -> list[Edition]:
        """The chart as it was: by what is online, by the publication that it was made of."""
        found = []
        view = replace(then.view, language=held.language)
        for source, online in self._sources(held):
            if view.year not in source.years or not _asked_by(source, chart):
                continue
            spec = charts.build(source, chart, view, self.published, self.declared.colours)
            found.append(Edition(source, online, spec, deck.rows(spec)))
        return found

    def deck(self, language: str, held: Iterable[Memory], slides: Sequence[Again]) -> Deck | None:
        """The deck whose cover, key figures, findings and method the slides are."""
        first = next((h for h in held if h.kind != CHART and h.language == language), None)
        if first is None:
            return None
        try:
            view = deck.viewed(self.source, self._online(first.view), language)
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
        held = one.held
        points = _points(held) or [(Point("", ""), "")] * len(held.told)
        now = dict(zip(made.asked, made.key_figures, strict=True))
        found = []
        for figure, told, (point, _text) in zip(held.figures, held.told, points, strict=False):
            new = now.get(figure)
            if new is None or (new.label, new.value) == told[:2]:
                continue
            verdict = self._moved(held, figure, told, point, new, made.view)
            where = new.label if new.label == told[0] else f"{told[0]} → {new.label}"
            found.append(Change(where, told[1], new.value, *verdict))
        return replace(one, changes=tuple(found), compared=len(held.told))

    def _moved(
        self,
        held: Memory,
        figure: KeyFigure,
        before: tuple[str, str, str],
        point: Point,
        now: Told,
        view: View,
    ) -> Verdict:
        """Whether a key figure moved significantly from the deck's wave to the new one."""
        language = self.spoken or held.language
        _, year = translator(language), _year(held)
        if now.label != before[0]:
            return _("another answer comes first"), None
        if now.point is None:
            return _("shown in one of them only: the base of the other is too small"), None
        then = replace(view, year=year or view.year)
        since = view.year - then.year
        gone = tuple(replace(term, year=term.year - since) for term in now.point.terms)
        old = Held(replace(point, terms=gone), None)
        for source, online in self._sources(held):
            if then.year in source.years and figure.indicator in source.codebook.by_indicator:
                told = key_figures.told(source, figure, then)
                if (told.label, told.value) == before[:2] and told.point is not None:
                    old = Held(told.point, source, online)
                    break
        place = ("", "", "")
        pairs = {place: (old, now.point)}
        return moved.verdicts(pairs, self.source, view.settings, language)[place]


def _asked_by(source: Source, chart: Chart) -> bool:
    """Whether the codebook of a former publication has all that a chart asks."""
    book = source.codebook
    known = book.by_indicator.get(chart.indicator)
    asked = {layer.indicator for layer in chart.layers} | {c.indicator for c in chart.compared}
    if chart.plan:
        asked |= {fact.indicator for fact in chart.plan.facts}
    names = {name for name in (chart.by, chart.across) if name and name != YEAR}
    return (
        known is not None
        and asked <= set(book.by_indicator)
        and names <= set(book.by_dimension)
        and (isinstance(chart.items, str) or {*(chart.items or ())} <= set(known.by_code))
    )


def _site(address: str) -> str:
    """The barometer's own address, where a slide's has one."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


def _points(held: Memory) -> list[tuple[Point, str]]:
    """The numbers that a slide remembers, each with its text."""
    errors = (*held.errors, *(((None, None),) * (len(held.numbers) - len(held.errors))))
    return [
        (
            Point(
                category=category, series=series, facet=facet, value=value, low=low, high=high,
                n=n, se=se, df=df,
            ),
            printed,
        )
        for (category, series, facet, value, low, high, n, printed), (se, df) in zip(
            held.numbers, errors, strict=False
        )
    ]  # fmt: skip
