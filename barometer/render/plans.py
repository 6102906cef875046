"""Plans and facts on screen: a bar for what moved, a diamond for what had been announced."""

from __future__ import annotations

from typing import Any

from barometer import style
from barometer.kinds.plans import ANNOUNCED, APART, CHANGE, GAP, TOGETHER
from barometer.render import pieces
from barometer.spec import ChartSpec, Entry, Point
from barometer.style import Theme

ROW, LABEL, AIR = 18, 22, 12  # pixels of a bar, of the words above its group, between groups
TOP, FOOT = 34, 8
ROOM = 1.5  # of the highest value: the numbers stand beyond it, on a telephone too


def drawn(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """Horizontal rows, one a group under each plan; numbers at the end of the row."""
    step = LABEL + ROW * len(spec.facets) + AIR
    tops = {c.code: float(step * i) for i, c in enumerate(spec.categories)}
    height = step * len(spec.categories)
    traces: list[dict[str, Any]] = []
    for rank, facet in enumerate(spec.facets):
        rows = {c.code: tops[c.code] + LABEL + ROW * (rank + 0.5) for c in spec.categories}
        traces += _row(spec, theme, facet, rows, margins)
    traces.append(_announced(spec, theme, tops))
    top = max((p.high or p.value or 0.0 for p in spec.points), default=0.0) or 1.0
    low = min((p.low or p.value or 0.0 for p in spec.points if p.series == CHANGE), default=0.0)
    layout = {
        "height": height + TOP + FOOT,
        "margin": {"l": 0, "r": 8, "t": TOP, "b": FOOT},
        "barmode": "overlay",
        "showlegend": True,
        "xaxis": {
            "visible": True,
            "range": [min(low, 0.0) * 1.05, top * ROOM],
            "fixedrange": True,
            "showticklabels": False,
            "showgrid": False,
            "zeroline": True,
            "zerolinecolor": theme.grid,
            "zerolinewidth": 1,
        },
        "yaxis": {"visible": False, "range": [height, 0], "fixedrange": True},
        "annotations": [
            # Opaque, since the line of no change crosses it.
            pieces.heading(theme, c.label, tops[c.code]) | {"bgcolor": theme.background}
            for c in spec.categories
        ],
    }
    return {"data": traces, "layout": layout}


def _row(
    spec: ChartSpec, theme: Theme, facet: Entry, rows: dict[str, float], margins: bool
) -> list[dict[str, Any]]:
    """The bars of one group, and their numbers."""
    pairs = [
        (c, spec.at(c.code, CHANGE, facet.code) or Point(c.code, CHANGE, facet.code))
        for c in spec.categories
        if spec.at(c.code, ANNOUNCED, facet.code)
    ]
    points = [point for _, point in pairs]
    ys = [rows[c.code] for c, _ in pairs]
    ends = [_end(spec, c, facet, margins) for c, _ in pairs]
    bar: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "name": facet.label or _name(spec, CHANGE),
        "x": [point.value for point in points],
        "y": ys,
        "width": ROW - 4,
        "marker": {
            "color": pieces.colour(theme, facet) if facet.code else theme.accent,
            "pattern": {
                "shape": ["/" if p.flag == "flagged" else "" for p in points],
                "size": 5,
                "solidity": 0.35,
            },
            "cornerradius": 2,
        },
        "hovertext": [_hover(spec, c, facet, p) for c, p in pairs],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    if margins:
        bar["error_x"] = pieces.error(theme, points)
    numbers = {
        "type": "scatter",
        "mode": "text",
        "x": ends,
        "y": ys,
        "text": [_numbers(spec, c, facet, p) for c, p in pairs],
        "textposition": "middle right",
        "textfont": {"size": 12, "color": theme.text},
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
    }
    return [bar, numbers]


def _announced(spec: ChartSpec, theme: Theme, tops: dict[str, float]) -> dict[str, Any]:
    """A diamond where each group's plans stood."""
    x, y, texts, fills = [], [], [], []
    for category in spec.categories:
        for rank, facet in enumerate(spec.facets):
            point = spec.at(category.code, ANNOUNCED, facet.code)
            if point is not None and point.value is not None:
                x.append(point.value)
                y.append(tops[category.code] + LABEL + ROW * (rank + 0.5))
                series = ", ".join(filter(None, (facet.label, _name(spec, ANNOUNCED))))
                texts.append(pieces.hover(spec, category.label, series, point))
                apart = _diamond(spec, category, facet) == APART
                fills.append(theme.text if apart else theme.background)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": _name(spec, ANNOUNCED),
        "x": x,
        "y": y,
        "marker": {
            "symbol": "diamond",
            "size": 9,
            "color": fills,
            "line": {"width": 2, "color": theme.text},
        },
        "hovertext": texts,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
    }


def _name(spec: ChartSpec, series: str) -> str:
    return next((entry.label for entry in spec.series if entry.code == series), series)


def _end(spec: ChartSpec, category: Entry, facet: Entry, margins: bool) -> float:
    """Where the numbers of a row begin: beyond its bar, its margin and its diamond."""
    found = [spec.at(category.code, series, facet.code) for series in (ANNOUNCED, CHANGE)]
    ends = [(p.high if margins and p.series == CHANGE else p.value) or 0.0 for p in found if p]
    return max([0.0, *ends])


def _numbers(spec: ChartSpec, category: Entry, facet: Entry, change: Point) -> str:
    """The change, then what had been announced, its diamond filled where they differ for sure."""
    announced = spec.at(category.code, ANNOUNCED, facet.code)
    parts = [spec.printed(change)]
    if announced is not None and change.flag != "hidden":
        parts.append(f"{_diamond(spec, category, facet)} {spec.printed(announced)}")
    return "&nbsp;" * 4 + " · ".join(filter(None, parts))


def _diamond(spec: ChartSpec, category: Entry, facet: Entry) -> str:
    gap = spec.at(category.code, GAP, facet.code)
    return APART if gap is not None and gap.mark else TOGETHER


def _hover(spec: ChartSpec, category: Entry, facet: Entry, change: Point) -> str:
    """The change with its interval, then the gap with its own."""
    series = ", ".join(filter(None, (facet.label, _name(spec, CHANGE))))
    text = pieces.hover(spec, category.label, series, change)
    gap = spec.at(category.code, GAP, facet.code)
    if gap is None or gap.value is None:
        return text
    told = f"{_name(spec, GAP)} {spec.printed(gap)}"
    if gap.low is not None and gap.high is not None:
        low, high = (style.points(bound, spec.language) for bound in (gap.low, gap.high))
        told += f" ({low} – {high})"
    return f"{text}<br>{told}"
