"""Steps of one scale across, a line for each group: how a share falls or climbs on the way."""

from __future__ import annotations

import math
from typing import Any

from barometer.render import pieces
from barometer.spec import TOTAL, ChartSpec, Entry, Point
from barometer.style import Theme

TOP = 34  # pixels of one row of the legend
HEIGHT, FOOT = 320, 54
TICK = 50  # characters that the labels of all steps share on a telephone
MANY = 3  # lines from which their numbers would cover one another
CLOSE = 0.12  # of the axis: nearer than this, the number of the lower of two points stands below
ABREAST = 45  # characters of the legend that stand abreast there


def curve(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """One line a series, with its numbers where they have room.

    A base that is hidden interrupts its line.
    """
    top = pieces.top_of_axis(spec)
    traces: list[dict[str, Any]] = []
    for series in spec.series:
        below = _below(spec, series, CLOSE * top)
        traces += _line(spec, theme, series, margins, below, told=len(spec.series) < MANY)
    legend = len(spec.series) > 1
    widest = max((len(series.label) for series in spec.series), default=0) + 6
    rows = math.ceil(len(spec.series) / max(ABREAST // widest, 1))
    above = TOP + 20 * (rows - 1) if legend else 18
    return {
        "data": traces,
        "layout": {
            "height": HEIGHT + above,
            "margin": {"l": 0, "r": 12, "t": above, "b": FOOT},
            "showlegend": legend,
            "xaxis": {
                "range": [-0.4, len(spec.categories) - 0.6],
                "tickvals": list(range(len(spec.categories))),
                "ticktext": [
                    pieces.wrapped(c.label, TICK // len(spec.categories), 3)
                    for c in spec.categories
                ],
                "tickangle": 0,
                "tickfont": {"size": 11, "color": theme.muted},
                "fixedrange": True,
                "showgrid": False,
                "zeroline": False,
                "linecolor": theme.grid,
            },
            "yaxis": pieces.value_axis(spec, theme, top) | {"automargin": True},
        },
    }


def _below(spec: ChartSpec, series: Entry, close: float) -> set[str]:
    """Steps at which a line runs just below another, so that its number has room below only."""
    found = set()
    for category in spec.categories:
        own = spec.at(category.code, series.code)
        if own is None or own.value is None:
            continue
        for place, other in enumerate(spec.series):
            point = spec.at(category.code, other.code)
            if other == series or point is None or point.value is None:
                continue
            later = place < spec.series.index(series)
            gap = point.value - own.value
            if 0 < gap < close or (gap == 0 and later):
                found.add(category.code)
    return found


def _line(
    spec: ChartSpec,
    theme: Theme,
    series: Entry,
    margins: bool,
    below: set[str],
    *,
    told: bool,
) -> list[dict[str, Any]]:
    colour = pieces.colour(theme, series)
    places = [
        (place, category, point)
        for place, category in enumerate(spec.categories)
        if (point := spec.at(category.code, series.code)) is not None
    ]
    points = [point for _, _, point in places]
    x = [place for place, _, _ in places]
    line: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers+text" if told else "lines+markers",
        "name": series.label,
        "x": x,
        "y": [point.value for point in points],
        "connectgaps": False,
        "line": {
            "color": colour,
            "width": 2.5,
            "dash": "dash" if series.code == TOTAL else "solid",
        },
        "marker": {
            "size": 7,
            "color": [theme.background if p.flag == "flagged" else colour for p in points],
            "line": {"color": colour, "width": 2},
        },
        "hovertext": [pieces.hover(spec, c.label, series.label, p) for _, c, p in places],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
    }
    if told:
        line |= {
            "text": [pieces.bare(spec, point) for point in points],
            "textposition": [
                "bottom center" if category.code in below else "top center"
                for _, category, _ in places
            ],
            "textfont": {"size": 11, "color": theme.text},
        }
    return [*_band(x, points, colour), line] if margins else [line]


def _band(x: list[int], points: list[Point], colour: str) -> list[dict[str, Any]]:
    """The intervals around a line, where every point of it has one."""
    if any(point.low is None or point.high is None for point in points):
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [*x, *reversed(x)],
            "y": [p.high for p in points] + [p.low for p in reversed(points)],
            "fill": "toself",
            "fillcolor": colour,
            "opacity": 0.15,
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]
