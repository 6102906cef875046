"""The tree of channels, or of anything nested: families on the left, what they group beside them.

Colour and number say the share; the size of a cell says nothing but how much it groups. Two levels
stand side by side, so that a telephone has room for their names: what is below is a step away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from barometer import style
from barometer.render import pieces
from barometer.spec import ChartSpec, Entry, Point
from barometer.style import Theme

FLOOR = 4  # pixels above and below
STEP = 31  # pixels of one row: two lines of its label fit
WIDE, NARROW = 46, 23  # characters on a line of a whole row, and of half of it, on a telephone
BELOW = "›"  # after a label: there is more below


def tree(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """Cells from left to right; where one root groups all the rest, it spans them above."""
    points = {p.category: p for p in spec.points}
    entries = [e for e in spec.categories if e.code in points]
    below = _children(entries)
    roots = below.get(None, [])
    cells: list[_Cell] = []
    row = 0
    if len(roots) == 1:
        cells.append(_Cell(roots[0], 0, 2, 0, 1, more=False))
        roots, row = below.get(roots[0].code, []), 1
    for entry in roots:
        children = below.get(entry.code, [])
        rows = max(len(children), 1)
        cells.append(_Cell(entry, 0, 1 if children else 2, row, rows, more=False))
        cells += [
            _Cell(child, 1, 1, row + place, 1, more=child.code in below)
            for place, child in enumerate(children)
        ]
        row += rows
    return {
        "data": _traces(spec, theme, cells, points),
        "layout": {
            "height": STEP * row + 2 * FLOOR,
            "margin": {"l": 0, "r": 0, "t": FLOOR, "b": FLOOR},
            "barmode": "overlay",
            "xaxis": {"visible": False, "range": [0, 2], "fixedrange": True},
            "yaxis": {"visible": False, "range": [row, 0], "fixedrange": True},
        },
    }


class _Cell:
    """One item's place: columns from `left`, rows from `top`; `more` where others are below it."""

    def __init__(
        self, entry: Entry, left: int, width: int, top: int, rows: int, *, more: bool
    ) -> None:
        self.entry, self.left, self.width, self.rows, self.more = entry, left, width, rows, more
        self.middle = top + rows / 2


def _children(entries: Sequence[Entry]) -> Mapping[str | None, list[Entry]]:
    """Entries by the code of their parent; None where that is not among them."""
    codes = {e.code for e in entries}
    found: dict[str | None, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.parent if entry.parent in codes else None, []).append(entry)
    return found


def _traces(
    spec: ChartSpec, theme: Theme, cells: Sequence[_Cell], points: Mapping[str, Point]
) -> list[dict[str, Any]]:
    """The cells, and their words: those of a bar would be centred, not aligned."""
    shown = [points[cell.entry.code] for cell in cells]
    highest = max((pieces.value(point) for point in points.values()), default=1) or 1
    shades = [style.sequential_colour(theme, pieces.value(p) / highest) for p in shown]
    bars = {
        "type": "bar",
        "orientation": "h",
        "ids": [cell.entry.code for cell in cells],
        "customdata": [cell.entry.code for cell in cells],
        "base": [cell.left for cell in cells],
        "x": [cell.width for cell in cells],
        "y": [cell.middle for cell in cells],
        "width": [cell.rows for cell in cells],
        "marker": {"color": shades, "line": {"color": theme.background, "width": 2}},
        "hovertext": [
            pieces.hover(spec, cell.entry.label, "", point)
            for cell, point in zip(cells, shown, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    words = {
        "type": "scatter",
        "mode": "text",
        "ids": bars["ids"],
        "x": bars["base"],
        "y": bars["y"],
        "text": [_text(spec, cell, point) for cell, point in zip(cells, shown, strict=True)],
        "textposition": "middle right",
        "textfont": {"size": 12, "color": [style.text_on(shade) for shade in shades]},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
    return [bars, words]


def _text(spec: ChartSpec, cell: _Cell, point: Point) -> str:
    """The number, then the label: a label that is cut never takes the number with it."""
    width = WIDE if cell.width > 1 else NARROW
    value = spec.printed(point)
    label = pieces.wrapped(cell.entry.label, width - len(value) - 2, 2)
    more = f" {BELOW}" if cell.more else ""
    return f"&nbsp;<b>{value}</b>  {label}{more}".replace("<br>", "<br>&nbsp;")
