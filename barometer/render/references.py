"""Printed figures on screen: separate points, a line of its own each, the source above them."""

from __future__ import annotations

import html
from typing import Any

from barometer.references import OURS, OWN
from barometer.render import pieces
from barometer.spec import ChartSpec, Entry, Point
from barometer.style import Theme

ROW, LINE, AIR, FOOT = 18, 16, 12, 8  # pixels of a point, of a line of words, between rows
WIDTH = 46  # characters of a line of words: they fit a telephone
TELEPHONE, LETTER, GAP = 310, 6.4, 20  # pixels: of its chart, of a letter, of a point and its gap
MOST = 0.7  # of a telephone's width, for the words of a point
SYMBOLS = {OURS: "square", OWN: "diamond", "secondary": "circle-open"}


def drawn(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """A heading a row, then its points one under the other, each with its group and value."""
    traces: list[dict[str, Any]] = []
    headings = []
    y = 0.0
    for category in spec.categories:
        words = pieces.wrapped(_short(category.label), WIDTH)
        headings.append(pieces.heading(theme, words, y, size=12) | {"bgcolor": theme.background})
        y += LINE * (words.count("<br>") + 1) + 4
        for series in spec.series:
            if point := spec.at(category.code, series.code):
                traces.append(_dot(spec, theme, category, series, point, y + ROW / 2))
                y += ROW
        y += AIR
    values = [p.high or p.value or 0.0 for p in spec.points]
    low, top = min(0.0, *(p.value or 0.0 for p in spec.points)), max(values, default=0.0) or 1.0
    start = low - 0.03 * top
    layout = {
        "height": y + FOOT,
        "margin": {"l": 4, "r": 8, "t": 4, "b": FOOT},
        "showlegend": False,
        "xaxis": {
            "visible": True,
            "range": [start, max(top * 1.6, _end(spec, start))],
            "fixedrange": True,
            "showticklabels": False,
            "showgrid": False,
            "zeroline": True,
            "zerolinecolor": theme.grid,
        },
        "yaxis": {"visible": False, "range": [y, 0], "fixedrange": True},
        "annotations": headings,
    }
    return {"data": traces, "layout": layout}


def _end(spec: ChartSpec, start: float) -> float:
    """Where the axis ends so that a telephone has room for the words of every point."""
    labels = {series.code: series.label for series in spec.series}
    ends = [start]
    for point in spec.points:
        if point.value is not None:
            words = f"{spec.printed(point)} {labels[point.series]}"
            share = min((GAP + LETTER * len(html.unescape(words))) / TELEPHONE, MOST)
            drawn_to = max(point.value, point.high or point.value)
            ends.append((drawn_to - share * start) / (1 - share))
    return max(ends)


def _short(label: str) -> str:
    """A label, escaped already, of five lines at most."""
    words = html.unescape(label)
    return label if len(words) <= 5 * WIDTH else html.escape(words[: 5 * WIDTH], quote=False) + "…"


def _dot(
    spec: ChartSpec, theme: Theme, category: Entry, series: Entry, point: Point, y: float
) -> dict[str, Any]:
    """One point and its words: our wave's carries its margin always, for it is what compares."""
    kind = series.code.rstrip("+").rsplit("|", 1)[-1]
    ours = kind == OURS
    colour = theme.muted if series.position < 0 else pieces.colour(theme, series)
    dot: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers+text",
        "name": series.label,
        "x": [point.value],
        "y": [y],
        "marker": {
            "symbol": SYMBOLS.get(kind, "circle"),
            "size": 10,
            "color": theme.background if kind == OWN else colour,
            "line": {"width": 2, "color": colour},
        },
        "text": ["" if ours else f" &nbsp;{spec.printed(point)}&nbsp; {series.label}"],
        "textposition": "middle right",
        "textfont": {"size": 12, "color": theme.text},
        "hovertext": [_hover(spec, category, series, point)],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
        "showlegend": False,
    }
    if not ours:
        return dot
    # The words stand beyond the margin.
    dot["error_x"] = pieces.error(theme, [point])
    dot["x"], dot["y"] = [point.value, point.high or point.value], [y, y]
    dot["error_x"]["array"].append(0)
    dot["error_x"]["arrayminus"].append(0)
    dot["marker"]["opacity"] = [1, 0]
    dot["text"] = ["", f" &nbsp;{spec.printed(point)}&nbsp; {series.label}"]
    dot["hovertext"] *= 2
    return dot


def _hover(spec: ChartSpec, category: Entry, series: Entry, point: Point) -> str:
    """As printed; a base is told where the source gave one, the source in full always."""
    words = f"<b>{pieces.wrapped(_short(category.label), WIDTH)}</b><br>{series.label}"
    if point.flag == "hidden":
        return f"{words}<br>{pieces.hidden(spec, point)}"
    text = f"{words}<br>{spec.value(point.value)}"
    if point.low is not None and point.high is not None:
        text += f" ({html.escape(spec.value(point.low))} – {html.escape(spec.value(point.high))})"
    return text
