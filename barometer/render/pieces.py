"""What the drawings of several kinds of chart share: axes, headings, marks, hover texts."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import Any

from barometer import style
from barometer.spec import TOTAL, ChartSpec, Entry, Point, Published
from barometer.style import Theme
from barometer.words import translator


def colour(theme: Theme, entry: Entry) -> str:
    """The colour of a series or category: the total is grey, and what has no colour of its own."""
    grey = entry.code == TOTAL or entry.position < 0
    return theme.muted if grey else style.series_colour(theme, entry.position)


def value(point: Point | None) -> float:
    """The number to draw, 0 where there is none."""
    return 0.0 if point is None or point.value is None else point.value


def top_of_axis(spec: ChartSpec) -> float:
    """The end of the value axis: some air above the highest value, 100 % at most for shares."""
    values = [p.high or p.value or 0 for p in spec.points] + [m.value for m in spec.published]
    return max(values, default=1) * 1.12 or 1


def value_axis(spec: ChartSpec, theme: Theme, top: float) -> dict[str, Any]:
    """An axis from 0 with round ticks, five at most, written as the language writes values."""
    lowest = min([p.value for p in spec.points if p.value is not None], default=0.0)
    low = min(lowest, 0.0) * 1.3
    every = step(top)
    ticks = [every * i for i in range(int(top / every) + 1)]
    return {
        "range": [low, top],
        "fixedrange": True,
        "gridcolor": theme.grid,
        "zeroline": False,
        "tickvals": ticks,
        "ticktext": [spec.value(tick) for tick in ticks],
        "tickfont": {"color": theme.muted, "size": 11},
    }


def step(top: float) -> float:
    """A round distance between ticks such that five at most lead to `top`."""
    ladder = [
        round(factor * 10.0**power, 6) for power in (-2, -1, 0, 1, 2, 3) for factor in (1, 2, 5)
    ]
    return next((step for step in ladder if top / step <= 5), ladder[-1])


def unbroken(spec: ChartSpec, series: Entry) -> list[list[Point]]:
    """The stretches of a series between its trend breaks and its hidden waves."""
    cuts = {str(cut.year) for cut in spec.cuts if series.code in cut.series}
    parts: list[list[Point]] = [[]]
    for category in spec.categories:
        point = spec.at(category.code, series.code)
        if category.code in cuts:
            parts.append([])
        if point is None or point.value is None:
            parts.append([])
        else:
            parts[-1].append(point)
    return [part for part in parts if part]


def apart(wanted: list[tuple[float, float]], inner: float) -> list[float]:
    """Centres nearest to the wanted ones such that no two texts of these heights overlap."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i][0])
    spots = [0.0] * len(wanted)
    floor = -10.0
    for i in order:
        centre, size = wanted[i]
        spots[i] = max(centre, floor + size / 2)
        floor = spots[i] + size / 2
    ceiling = inner + 10
    for i in reversed(order):
        size = wanted[i][1]
        spots[i] = min(spots[i], ceiling - size / 2)
        ceiling = spots[i] - size / 2
    return spots


def heading(theme: Theme, text: str, y: float, size: int = 13) -> dict[str, Any]:
    """A label at the left edge, its top at `y`."""
    return {
        "x": 0,
        "y": y,
        "xref": "paper",
        "xanchor": "left",
        "yanchor": "top",
        "text": text,
        "showarrow": False,
        "align": "left",
        "font": {"size": size, "color": theme.text},
    }


def diamonds(
    theme: Theme, marks: Sequence[Published], x: Sequence[float], y: Sequence[float]
) -> dict[str, Any]:
    """A diamond where a published figure falls, with its exact print in the hover."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "marker": {
            "symbol": "diamond",
            "size": 11,
            "color": theme.background,
            "line": {"width": 2, "color": theme.text},
        },
        "hovertext": [f"« {mark.printed_as} »<br>{mark.note}" for mark in marks],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
        "cliponaxis": False,
    }


def error(theme: Theme, points: Sequence[Point]) -> dict[str, Any]:
    """Error bars of points: the distances from each value to its interval."""
    above = [(p.high or 0) - (p.value or 0) if p.high is not None else 0 for p in points]
    below = [(p.value or 0) - (p.low or 0) if p.low is not None else 0 for p in points]
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "color": theme.text,
        "thickness": 1,
        "width": 3,
    }


def bare(spec: ChartSpec, point: Point) -> str:
    """A value for a small cell: no unit, which the measure gives."""
    return spec.printed(point).replace("\u202f%", "").replace("%", "")


def hidden(spec: ChartSpec, point: Point) -> str:
    """What stands in place of a hidden value: its base, which says why."""
    _ = translator(spec.language)
    return _("× hidden: {count}").format(count=style.count(point.n, spec.language))


def hover(spec: ChartSpec, category: str, series: str, point: Point) -> str:
    """What a point says of itself: names, value with its interval, base, mark."""
    _ = translator(spec.language)
    lines = [f"<b>{category}</b>" + (f", {series}" if series and series != category else "")]
    if point.flag == "hidden":
        return "<br>".join([*lines, hidden(spec, point)])
    unit = point.unit or spec.unit
    value = spec.value(point.value, unit)
    if point.low is not None and point.high is not None:
        interval = (
            style.interval(point.low, point.high, spec.language)
            if unit == "share"
            else f"{spec.value(point.low, unit)} – {spec.value(point.high, unit)}"
        )
        value += f" ({interval})"
    lines.append(value)
    lines.append(style.count(point.n, spec.language))
    if point.mark:
        sentence = _("{mark} significant")
        if point.versus is not None:
            sentence = _("{mark} significant since {year}")
        lines.append(sentence.format(mark=point.mark, year=point.versus))
    return "<br>".join(lines)


def wrapped(text: str, width: int, most: int | None = None) -> str:
    """A label, escaped already, over several lines: never cut inside an escaped sign.

    Of more than `most` lines, the last one shown says that there is more.
    """
    lines = textwrap.wrap(html.unescape(text), width)
    if most is not None and len(lines) > most:
        rest = " ".join(lines[most - 1 :])
        lines = [*lines[: most - 1], textwrap.shorten(rest, width, placeholder=" …")]
    return "<br>".join(html.escape(line, quote=False) for line in lines)
