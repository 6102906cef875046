"""One group against all others on screen: two dots a row, the way between them drawn."""

from __future__ import annotations

from typing import Any

from barometer.kinds.apart import DIFFERENCE, OTHERS
from barometer.render import pieces
from barometer.spec import ChartSpec, Entry, Point
from barometer.style import Theme

ROW, LABEL, AIR = 18, 20, 8  # pixels of the dots, of the words above them, between rows
TOP, FOOT = 34, 4
BESIDE = 0.21  # of a telephone's width: a number and its mark, on the outer side of a dot


def drawn(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """The group's dot in its colour, the others' hollow, numbers on the outer sides."""
    step = LABEL + ROW + AIR
    tops = {c.code: float(step * i) for i, c in enumerate(spec.categories)}
    height = step * len(spec.categories)
    group, others = (s for s in spec.series if s.code != DIFFERENCE)
    traces = [_ways(spec, theme, group, tops)]
    for series in (group, others):
        traces.append(_dots(spec, theme, series, group, tops, margins))
    values = [p.value for p in spec.points if p.series != DIFFERENCE and p.value is not None]
    low, top = min(0.0, *values), max(values, default=0.0) or 1.0
    high = top * 1.25
    room = (min(values, default=0.0) - BESIDE * high) / (1 - BESIDE)
    layout = {
        "height": height + TOP + FOOT,
        "margin": {"l": 0, "r": 8, "t": TOP, "b": FOOT},
        "showlegend": True,
        "xaxis": {
            "visible": True,
            "range": [min(low - 0.04 * top, room), high],
            "fixedrange": True,
            "showticklabels": False,
            "showgrid": False,
            "zeroline": True,
            "zerolinecolor": theme.grid,
        },
        "yaxis": {"visible": False, "range": [height, 0], "fixedrange": True},
        "annotations": [
            pieces.heading(theme, c.label, tops[c.code]) | {"bgcolor": theme.background}
            for c in spec.categories
        ],
    }
    return {"data": traces, "layout": layout}


def _ways(spec: ChartSpec, theme: Theme, group: Entry, tops: dict[str, float]) -> dict[str, Any]:
    """One broken line: in each row, from one dot to the other."""
    x: list[float | None] = []
    y: list[float | None] = []
    for category in spec.categories:
        found = [spec.at(category.code, code) for code in (group.code, OTHERS)]
        values = [p.value for p in found if p is not None and p.value is not None]
        if len(values) == 2:
            x += [*values, None]
            y += [tops[category.code] + LABEL + ROW / 2] * 2 + [None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": theme.grid, "width": 5},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _dots(
    spec: ChartSpec,
    theme: Theme,
    series: Entry,
    group: Entry,
    tops: dict[str, float],
    margins: bool,
) -> dict[str, Any]:
    pairs = [(c, p) for c in spec.categories if (p := spec.at(c.code, series.code))]
    mine = series.code == group.code
    colour = pieces.colour(theme, series) if mine else theme.muted
    dots: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers+text",
        "name": series.label,
        "x": [p.value for _, p in pairs],
        "y": [tops[c.code] + LABEL + ROW / 2 for c, _ in pairs],
        "marker": {
            "symbol": ["circle" if mine and p.flag == "" else "circle-open" for _, p in pairs],
            "size": 12,
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
        "text": [f" &nbsp;{spec.printed(p)}&nbsp; " for _, p in pairs],
        "textposition": [_side(spec, p, OTHERS if mine else group.code) for _, p in pairs],
        "textfont": {"size": 12, "color": theme.text if mine else theme.muted},
        "hovertext": [_hover(spec, c, series, p) for c, p in pairs],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
    }
    if margins:
        dots["error_x"] = pieces.error(theme, [p for _, p in pairs])
    return dots


def _side(spec: ChartSpec, point: Point, other: str) -> str:
    """The outer side of the pair: its two numbers never meet."""
    beside = pieces.value(spec.at(point.category, other))
    return "middle left" if pieces.value(point) < beside else "middle right"


def _hover(spec: ChartSpec, category: Entry, series: Entry, point: Point) -> str:
    text = pieces.hover(spec, category.label, series.label, point)
    gap = spec.at(category.code, DIFFERENCE)
    return text if gap is None else f"{text}<br>Δ {spec.printed(gap)}"
