"""Each number of a slide that is printed otherwise now: old, new, what the difference is worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from barometer import moved, style
from barometer.charts import ChartSpec, Point
from barometer.codebook import YEAR
from barometer.contrasts import Term
from barometer.deck import Row, Slide
from barometer.declarations import Chart
from barometer.measure import Source
from barometer.moved import Held, Place
from barometer.words import translator

_NEAR = 1e-9  # of a number that was written and read again


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
class Edition:
    """A chart as it was, made of data that are still there.

    `online` says that they are those of the publication which the new numbers come from; `rows`
    are those of the points of `spec`.
    """

    source: Source
    online: bool
    spec: ChartSpec
    rows: Sequence[Row]


@dataclass(frozen=True)
class Reading:
    """A slide read again: its chart, its new numbers, and how its old ones can be made again.

    `since` counts the years from the slide's wave to the new one; `editions` come in the order in
    which they are believed, and are made only where a number differs.
    """

    source: Source
    chart: Chart
    slide: Slide
    since: int
    editions: Callable[[], Sequence[Edition]]
    language: str


def changes(printed: Sequence[tuple[Point, str]], read: Reading) -> tuple[list[Change], int]:
    """What differs between points as they were printed and a slide, and how many were compared.

    A number that is on one side only is listed too; but for the waves that a chart of several has
    beyond those of the deck.
    """
    spec, chart = read.slide.spec, read.chart
    old = _placed([point for point, _ in printed], chart.kind)
    texts = dict(zip(old, (text for _, text in printed), strict=True))
    new = _placed(spec.points, chart.kind)
    labels = dict(zip(new, read.slide.rows, strict=True))
    over_time = chart.over_time or chart.across == YEAR
    added = [] if over_time else [place for place in new if place not in old]
    both = [place for place in old if place in new]
    differing = [place for place in both if texts[place] != spec.printed(new[place])]
    gone = [place for place in old if place not in new]
    compared = len(old) + len(added)
    if not (differing or gone or added):
        return [], compared
    editions = [(_placed(e.spec.points, chart.kind), e) for e in read.editions()]
    pairs = {
        place: (_held(old[place], new[place], place, editions, read, still=over_time), new[place])
        for place in both
    }
    view = read.slide.wanted.view
    verdicts = moved.verdicts(pairs if differing else {}, read.source, view.settings, read.language)
    _ = translator(read.language)
    found = [
        Change(_words(labels[place]), texts[place], spec.printed(new[place]), *verdicts[place])
        for place in differing
    ]
    for at, e in editions:
        for place, row in zip(at, e.rows, strict=True):
            labels.setdefault(place, row)
    for place in gone:
        where = _words(labels[place]) if place in labels else " · ".join(filter(None, place))
        found.append(Change(where, texts[place], style.MISSING, _("no longer on this chart"), None))
    for place in added:
        now = spec.printed(new[place])
        found.append(
            Change(_words(labels[place]), style.MISSING, now, _("new on this chart"), None)
        )
    return found, compared


def _placed(points: Iterable[Point], kind: str) -> dict[Place, Point]:
    """Points by their place; the wave in what a mark of a dumbbell is called is left out."""
    known: dict[str, dict[str, int]] = {}
    found: dict[Place, Point] = {}
    for point in points:
        series = point.series
        if kind == "dumbbell":
            about = series.partition("@")[0]
            ranks = known.setdefault(about, {})
            series = f"{about}@{ranks.setdefault(series, len(ranks))}"
        found[point.category, series, point.facet] = point
    return found


def _held(
    old: Point,
    new: Point,
    place: Place,
    editions: Iterable[tuple[Mapping[Place, Point], Edition]],
    read: Reading,
    *,
    still: bool,
) -> Held:
    """A number of the slide, with the data that make it again; `still` where its wave stays."""
    for points, edition in editions:
        same = points.get(place)
        if same is not None and _alike(same.value, old.value):
            return Held(replace(same, n=old.n), edition.source, edition.online)
    since = 0 if still else read.since
    return Held(replace(old, terms=tuple(_earlier(new, since))), None)


def _earlier(point: Point, since: int) -> Iterable[Term]:
    return (replace(term, year=term.year - since) for term in point.terms)


def _alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_NEAR, abs_tol=_NEAR)


def _words(row: Row) -> str:
    return " · ".join(filter(None, (row.group, row.item)))
