"""A chart as Excel draws it: native, over the cells of its table, so that it can be edited."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xlsxwriter.workbook import Workbook

from barometer import style
from barometer.render import pieces, sides
from barometer.spec import HIDDEN, TOTAL, ChartSpec, Entry, Point
from barometer.style import LIGHT

WIDTH = 900  # pixels
BAR, GAP, LEGEND = 20, 16, 60  # pixels of a bar, between groups, of the legend and edges
STACKED = 44
TITLE = 30
TALL = 400
SMALL = 0.045  # of a stack: its number has no room
FONT: dict[str, Any] = {"size": 10, "color": LIGHT.text}
MUTED: dict[str, Any] = {"size": 10, "color": LIGHT.muted}
MANY = 3  # lines from which their numbers would cover one another
HATCH = "wide_upward_diagonal"
HIDDEN_AXIS: dict[str, Any] = {"visible": False, "major_gridlines": {"visible": False}}


@dataclass(frozen=True)
class Cells:
    """Where the table of a chart stands: its head's row, its first column, the sheet's name."""

    sheet: str
    head: int
    label: int  # the column of the categories; the series follow
    skip: int = 0  # rows under the head, before the first one
    drawn: int = 0  # the column of the first series' numbers, where it is not the table's

    def names(self, first: int, last: int) -> list[str | int]:
        """The labels of categories `first` to `last`."""
        return self._range(first, last, self.label)

    def values(self, series: int, first: int, last: int) -> list[str | int]:
        """The values of a series at categories `first` to `last`."""
        return self._range(first, last, (self.drawn or self.label + 1) + series)

    def title(self, series: int) -> list[str | int]:
        """The name of a series."""
        return [self.sheet, self.head, self.label + 1 + series]

    def facet(self) -> list[str | int]:
        """The name of the facet, which stands before that of its categories."""
        return [self.sheet, self.head + 1 + self.skip, self.label - 1]

    def _range(self, first: int, last: int, column: int) -> list[str | int]:
        top = self.head + 1 + self.skip
        return [self.sheet, top + first, column, top + last, column]


def charts(book: Workbook, spec: ChartSpec, cells: Cells) -> list[Any]:
    """The charts to insert, one under another: of plans one a group, else one.

    Not for a chart whose `height` is 0: a table says it.
    """
    shown, made = sides.of(spec), []
    for rank, facet in enumerate(spec.facets):  # each title is a cell: a label is never a formula
        here = replace(cells, skip=rank * len(spec.categories))
        drawn = _KINDS[spec.kind](book, sides.panel(shown, facet), here)
        if spec.kind == "plans":
            drawn.set_x_axis(HIDDEN_AXIS | _scale(shown))
        drawn.set_size({"width": WIDTH, "height": height(spec)})
        title = {"name": here.facet(), "overlay": False, "name_font": FONT | {"size": 12}}
        drawn.set_title(title if len(spec.facets) > 1 else {"none": True})
        drawn.set_chartarea({"border": {"none": True}})
        made.append(drawn)
    return made


def height(spec: ChartSpec) -> int:
    """Pixels that each chart takes; 0 for what is a table in Excel, or has every base hidden."""
    if all(point.value is None for point in spec.points):
        return 0
    if spec.kind == "plans":
        return len(spec.categories) * (2 * BAR + GAP) + LEGEND + TITLE
    if spec.kind == "apart":
        return max(len(spec.categories) * (2 * BAR + GAP) + LEGEND, 160)
    if spec.kind in ("bars", "shift"):
        return len(spec.categories) * (len(spec.series) * BAR + GAP) + LEGEND
    if spec.kind == "stack":
        return len(spec.categories) * STACKED + LEGEND
    return TALL if spec.kind in _KINDS else 0


def has_gaps(spec: ChartSpec) -> bool:
    """Whether a line stops where a base is hidden: Excel draws a text among numbers as a 0."""
    return spec.kind == "curve" and any(point.value is None for point in spec.points)


def _scale(spec: ChartSpec) -> dict[str, float]:
    """One axis for the charts of several groups, in the points of their cells, numbers included."""
    values = [100 * (point.value or 0.0) for point in spec.points]
    low, high = min(0.0, *values), max(0.0, *values)
    room = (high - low) / 8
    return {"min": math.floor(low - room if low else 0), "max": math.ceil(high + room)}


def number_format(spec: ChartSpec, point: Point | None = None) -> str:
    """Excel's format of a value, in the language's manner, with the point's own marks.

    The number stays a number: % and marks are in the format.
    """
    marks = ""
    if point is not None:
        star = style.LOW_BASE_MARK if point.flag == "flagged" else ""
        marks = f"{star} {point.mark}".rstrip()
    if spec.unit == "mean":
        return f'0.0"{marks}"' if marks else "0.0"
    space = style.NARROW if spec.language == "fr" else ""
    text = f'0"{space}"%' if space else "0%"
    return f'{text}"{marks}"' if marks else text


def _bars(book: Workbook, spec: ChartSpec, cells: Cells) -> Any:
    """Horizontal bars, the first on top; a bar whose base is small is hatched."""
    drawn = book.add_chart({"type": "bar"})
    last = len(spec.categories) - 1
    single = spec.colour_by == "category"
    for rank, series in enumerate(spec.series):
        points = [spec.at(category.code, series.code) for category in spec.categories]
        shades = [
            pieces.colour(LIGHT, category if single else series) for category in spec.categories
        ]
        drawn.add_series(
            {
                "name": cells.title(rank),
                "categories": cells.names(0, last),
                "values": cells.values(rank, 0, last),
                "fill": {"color": pieces.colour(LIGHT, series)},
                "points": [
                    _fill(shade, point) if single or _flagged(point) else None
                    for shade, point in zip(shades, points, strict=True)
                ],
                "data_labels": _labels(spec, points, FONT),
                "gap": 60,
                "overlap": 0,
            }
        )
    _sideways(drawn, legend=not single and len(spec.series) > 1)
    return drawn


def _stack(book: Workbook, spec: ChartSpec, cells: Cells) -> Any:
    """One bar of 100 % a group; a step that is too thin has no number on it."""
    drawn = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    last = len(spec.categories) - 1
    shades = step_colours(spec)
    for rank, series in enumerate(spec.series):
        points = [spec.at(category.code, series.code) for category in spec.categories]
        drawn.add_series(
            {
                "name": cells.title(rank),
                "categories": cells.names(0, last),
                "values": cells.values(rank, 0, last),
                "fill": {"color": shades[rank]},
                "border": {"color": LIGHT.background, "width": 0.75},
                "points": [_fill(shades[rank], p) if _flagged(p) else None for p in points],
                "data_labels": _labels(
                    spec, points, FONT | {"color": style.text_on(shades[rank])}, least=SMALL
                )
                | {"position": "center"},
                "gap": 40,
            }
        )
    _sideways(drawn, legend=True)
    return drawn


def step_colours(spec: ChartSpec) -> list[str]:
    """A colour for each series of a stack: a rising scale where they are steps of one."""
    if not spec.ordered:
        return [pieces.colour(LIGHT, series) for series in spec.series]
    shades = style.ordered_colours(LIGHT, len(spec.series))
    return list(shades[::-1] if spec.reversed else shades)


def _lines(book: Workbook, spec: ChartSpec, cells: Cells) -> Any:
    """A line for each stretch between trend breaks and hidden waves: none crosses them."""
    drawn = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    unnamed, made = [], 0
    for rank, series in enumerate(spec.series):
        stretches = _stretches(spec, series)
        for number, (first, last) in enumerate(stretches):
            points = [
                spec.at(category.code, series.code)
                for category in spec.categories[first : last + 1]
            ]
            end = number == len(stretches) - 1
            drawn.add_series(
                {
                    "name": cells.title(rank),
                    "categories": cells.names(first, last),
                    "values": cells.values(rank, first, last),
                    "line": {
                        "color": pieces.colour(LIGHT, series),
                        "width": 2.25,
                        **({"dash_type": "dash"} if series.code == TOTAL else {}),
                    },
                    "marker": {
                        "type": "circle",
                        "size": 6,
                        "fill": {"color": pieces.colour(LIGHT, series)},
                        "border": {"color": pieces.colour(LIGHT, series)},
                    },
                    "data_labels": _ends(spec, points, pieces.colour(LIGHT, series), end=end),
                }
            )
            if not end:
                unnamed.append(made)
            made += 1
    years = [int(category.code) for category in spec.categories]
    drawn.set_x_axis(
        {
            "min": years[0] - 1,
            "max": years[-1] + 1,
            "major_unit": 1,
            "crossing": years[0] - 1,
            "num_format": f'[<{years[0]}]"";[>{years[-1]}]"";0',
            "num_font": MUTED,
            "line": {"color": LIGHT.border},
            "major_gridlines": {"visible": False},
        }
    )
    drawn.set_y_axis(_values(spec))
    drawn.set_legend({"position": "top", "font": FONT, "delete_series": unnamed})
    return drawn


def _dumbbell(book: Workbook, spec: ChartSpec, cells: Cells) -> Any:
    """A mark a layer; the layers after the first are joined, as on screen."""
    joined, ahead = book.add_chart({"type": "line"}), None
    last, count = len(spec.categories) - 1, len(spec.series)
    alone = count > 2
    sides = ["left", *["below"] * (count - 2), "right"]
    shades = [LIGHT.text, *[LIGHT.sequential[3]] * (count - 2), LIGHT.accent]
    for rank, series in enumerate(spec.series):
        points = [spec.at(category.code, series.code) for category in spec.categories]
        options = {
            "name": cells.title(rank),
            "categories": cells.names(0, last),
            "values": cells.values(rank, 0, last),
            "line": {"none": True},
            "marker": {
                "type": "circle" if rank else "diamond",
                "size": 9,
                "fill": {"color": shades[rank]},
                "border": {"color": shades[rank]},
            },
            "data_labels": _labels(spec, points, {"size": 9, "color": LIGHT.muted})
            | {"position": sides[rank]},
        }
        if alone and rank == 0:
            ahead = book.add_chart({"type": "line"})
            ahead.add_series(options)
        else:
            joined.add_series(options)
    joined.set_high_low_lines({"line": {"color": LIGHT.border, "width": 4}})
    if ahead is not None:
        joined.combine(ahead)
    joined.set_x_axis({"num_font": FONT, "line": {"color": LIGHT.border}})
    joined.set_y_axis(_values(spec))
    joined.set_legend({"position": "top", "font": FONT})
    return joined


def _curve(book: Workbook, spec: ChartSpec, cells: Cells) -> Any:
    """Steps across, a line a series with its last number; of few lines all the numbers."""
    drawn, last = book.add_chart({"type": "line"}), len(spec.categories) - 1
    for rank, series in enumerate(spec.series):
        points = [spec.at(category.code, series.code) for category in spec.categories]
        shade = pieces.colour(LIGHT, series)
        font = {"size": 9, "color": shade, "bold": True}
        few = len(spec.series) < MANY
        drawn.add_series(
            {
                "name": cells.title(rank),
                "categories": cells.names(0, last),
                "values": cells.values(rank, 0, last),
                "line": {
                    "color": shade,
                    "width": 2.25,
                    **({"dash_type": "dash"} if series.code == TOTAL else {}),
                },
                "marker": {
                    "type": "circle",
                    "size": 6,
                    "fill": {"color": shade},
                    "border": {"color": shade},
                },
                "data_labels": _labels(spec, points, font) | {"position": "above"}
                if few
                else _ends(spec, points, shade, end=True),
            }
        )
    drawn.set_x_axis({"num_font": FONT, "line": {"color": LIGHT.border}})
    drawn.set_y_axis(_values(spec))
    drawn.set_legend({"position": "top", "font": FONT} if last and spec.series else {"none": True})
    return drawn


_KINDS: dict[str, Callable[[Workbook, ChartSpec, Cells], Any]] = {
    "bars": _bars,
    "shift": _bars,
    "stack": _stack,
    "lines": _lines,
    "curve": _curve,
    "dumbbell": _dumbbell,
    "apart": _bars,
    "plans": _bars,
}


# --- pieces --------------------------------------------------------------------------------------


def _sideways(drawn: Any, *, legend: bool) -> None:
    """Horizontal bars from the top, without an axis of values: each bar has its number."""
    drawn.set_y_axis(
        {
            "reverse": True,
            "num_font": FONT,
            "line": {"color": LIGHT.border},
            "major_tick_mark": "none",
            "label_position": "low",
        }
    )
    drawn.set_x_axis(HIDDEN_AXIS)
    drawn.set_legend({"position": "top", "font": FONT} if legend else {"none": True})


def _values(spec: ChartSpec) -> dict[str, Any]:
    """A vertical axis of values from 0, with a light grid."""
    return {
        "min": 0,
        "num_format": number_format(spec),
        "num_font": MUTED,
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": LIGHT.grid, "width": 0.75}},
    }


def _flagged(point: Point | None) -> bool:
    return point is not None and point.flag == "flagged"


def _fill(shade: str, point: Point | None) -> dict[str, Any]:
    if not _flagged(point):
        return {"fill": {"color": shade}}
    return {"pattern": {"pattern": HATCH, "fg_color": shade, "bg_color": LIGHT.background}}


def _labels(
    spec: ChartSpec,
    points: Sequence[Point | None],
    font: dict[str, Any],
    least: float | None = None,
) -> dict[str, Any]:
    """Numbers from the cells; where a point prints something else, those very words."""
    custom = [_own_label(spec, point, least) for point in points]
    shown = {"value": True, "num_format": number_format(spec), "font": font}
    return shown | {"custom": custom} if any(custom) else shown


def _own_label(spec: ChartSpec, point: Point | None, least: float | None) -> dict[str, Any] | None:
    if point is None or (point.value is None and point.flag != "hidden"):
        return {"delete": True}
    if point.flag == "hidden":
        return {"value": HIDDEN}
    if least is not None and (point.value or 0.0) < least:
        return {"delete": True}
    printed = spec.printed(point)
    return (
        None if printed == spec.value(point.value) and spec.unit != "points" else {"value": printed}
    )


def _stretches(spec: ChartSpec, series: Entry) -> list[tuple[int, int]]:
    """First and last category of each stretch of a line without break, hidden or missing wave."""
    cuts = {str(cut.year) for cut in spec.cuts if series.code in cut.series}
    found: list[list[int]] = [[]]
    for place, category in enumerate(spec.categories):
        point = spec.at(category.code, series.code)
        missing = point is None or point.value is None
        if missing or category.code in cuts:
            found.append([])
        if not missing:
            found[-1].append(place)
    return [(part[0], part[-1]) for part in found if part]


def _ends(
    spec: ChartSpec, points: Sequence[Point | None], shade: str, *, end: bool
) -> dict[str, Any]:
    """Of a line, the number of its last point, and of those that are marked."""
    custom: list[dict[str, Any] | None] = []
    for place, point in enumerate(points):
        last = end and place == len(points) - 1
        if point is not None and (last or point.mark or point.flag == "flagged"):
            custom.append({"value": spec.printed(point)} if last else {"value": _marks(point)})
        else:
            custom.append({"delete": True})
    return {
        "value": True,
        "position": "right",
        "font": {"size": 9, "color": shade, "bold": True},
        "custom": custom,
    }


def _marks(point: Point) -> str:
    star = style.LOW_BASE_MARK if point.flag == "flagged" else ""
    return f"{star}{point.mark}"
