"""Items made of several lists: their parts down and across, as a heat map, a curve or stacks."""

from __future__ import annotations

from dataclasses import replace

from barometer import crossing, measure, style
from barometer.codebook import YEAR, Item
from barometer.layout import Asked, Draft, Row
from barometer.rows import Rows
from barometer.spec import TOTAL, Entry, Point


def heatmap(asked: Asked, items: list[Item]) -> Draft:
    """The parts of crossed items as rows and columns, a panel for each group.

    Layers are further columns: what another indicator says of the rows.
    """
    down, across, points = _crossed(asked, items, asked.table)
    for layer in asked.chart.layers:
        known = asked.book.by_indicator[layer.indicator].by_code
        codes = tuple(entry.code for entry in down if entry.code in known)
        view = asked.view
        found: Rows = measure.shown.rows(
            asked.source, layer.indicator, codes, None, False, view.where, view.settings
        )
        found = found.at(found[YEAR] == view.year)
        across.append(Entry(layer.indicator, layer.label[asked.view.language], len(across)))
        points += [
            asked.point(row, row["item"], layer.indicator, row["group"]) for row in found.records()
        ]
    return Draft(down, across, points, asked.groups())


def curve(asked: Asked, items: list[Item]) -> Draft:
    """Steps across; a line for each group, or for each column of crossed items."""
    rows = asked.table
    if crossing.is_crossed(asked.indicator):
        return Draft(*_crossed(asked, items, rows))
    points = [asked.point(row, row["item"], row["group"]) for row in rows]
    return Draft([asked.entry(item) for item in items], asked.groups(), points)


def stack(asked: Asked, items: list[Item]) -> Draft:
    """Waves down, where the chart shows every one, or the rows of crossed items; all of a whole."""
    rows = [row for row in asked.table if row["group"] == TOTAL]
    if asked.chart.waves:
        down = [Entry(str(year), str(year), place) for place, year in enumerate(asked.waves)]
        across = [asked.entry(item) for item in items]
        points = [asked.point(row, str(row[YEAR]), row["item"]) for row in rows]
        down = [entry for entry in down if any(p.category == entry.code for p in points)]
    else:
        down, across, points = _crossed(asked, items, rows)
    if asked.chart.reverse:
        across.reverse()
    points = [part for entry in down for part in whole(points, entry, across)]
    return Draft(down, across, points, ordered=asked.indicator.ordered)


def whole(points: list[Point], group: Entry, series: list[Entry]) -> list[Point]:
    """The parts of one bar, in order, with percentages that add up to 100."""
    found = {p.series: p for p in points if p.category == group.code}
    parts = [found[entry.code] for entry in series if entry.code in found]
    if any(part.value is None for part in parts):
        return parts
    percents = style.stack([part.value or 0.0 for part in parts])
    return [replace(p, percent=percent) for p, percent in zip(parts, percents, strict=True)]


def _crossed(
    asked: Asked, items: list[Item], rows: list[Row]
) -> tuple[list[Entry], list[Entry], list[Point]]:
    """Rows, columns and points of crossed items, a facet for each group.

    Where the chart has a verdict, rows go from the highest of it to the lowest.
    """
    places = crossing.places(items, asked.view.language)
    down: dict[str, Entry] = {}
    across: dict[str, Entry] = {}
    taken = len(asked.book.main_dimension.levels) + len(asked.colours)
    for place in places.values():
        down.setdefault(place.row, Entry(place.row, place.row_label, len(down)))
        entry = Entry(place.column, place.column_label, taken + len(across))
        across.setdefault(place.column, entry)
    points = []
    for row in rows:
        place = places[row["item"]]
        points.append(asked.point(row, place.row, place.column, row["group"]))
    verdict = {p.category: p.value or 0.0 for p in points if p.series == asked.chart.verdict}
    ordered = sorted(down.values(), key=lambda entry: -verdict.get(entry.code, 0.0))
    return ordered, list(across.values()), points
