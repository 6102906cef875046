"""A ChartSpec as a Plotly figure for the screen, in a light or dark theme."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import plotly.graph_objects as go

from barometer import style
from barometer.render import apart, curve, grid, pieces, plans, references, tree
from barometer.spec import DOWN, TOTAL, UP, ChartSpec, Entry, Point, Published
from barometer.style import Theme

ROW = 18  # pixels of one bar with its air
LABEL = 22  # pixels of the label above a group of bars
GAP = 12  # pixels between groups
STACK = 1.6  # a stacked bar, in rows
TOP, BOTTOM = 34, 30
FLOOR = 4  # pixels below a chart that has no axis there
SYMBOLS = {"": "circle", UP: "triangle-up", DOWN: "triangle-down"}
LEGEND = {
    "orientation": "h",
    "x": 0,
    "y": 1,
    "xanchor": "left",
    "yanchor": "bottom",
    "traceorder": "normal",
}


class Drawn(go.Figure):  # type: ignore[misc]
    """A figure that is plain data already: it is neither checked again nor copied.

    It is kept as the text that a browser reads, a quarter of the memory of what the text says.
    """

    def __init__(self, drawing: dict[str, Any]) -> None:
        # Plotly's own would make an empty figure with a template first, in a millisecond.
        object.__setattr__(self, "_text", orjson.dumps(drawing))
        object.__setattr__(self, "height", int(drawing["layout"]["height"]))

    def to_dict(self) -> dict[str, Any]:
        """The data and layout as Plotly's script takes them."""
        drawing: dict[str, Any] = orjson.loads(self._text)
        return drawing


def figure(spec: ChartSpec, theme: Theme, *, margins: bool = False) -> Drawn:
    """The chart without its words, which stand around it on the page, as Streamlit takes it."""
    return Drawn(drawing(spec, theme, margins=margins))


def drawing(spec: ChartSpec, theme: Theme, *, margins: bool = False) -> dict[str, Any]:
    """The chart's data and layout; a test has Plotly check each kind.

    `margins` shows the intervals. Colours, size and order depend on the spec alone, so a chart
    keeps its place when it is drawn again.
    """
    drawn = _KINDS[spec.kind](_escaped(spec), theme, margins)
    layout = {
        "font": {"family": style.FONT_STACK, "size": 13, "color": theme.text},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {
            "font": {"family": style.FONT_STACK},
            "bgcolor": theme.surface,
            "bordercolor": theme.grid,
        },
        "separators": ", " if spec.language == "fr" else ".,",
        "dragmode": False,
        "showlegend": False,
        "legend": LEGEND,
        "margin": {"l": 0, "r": 8, "t": TOP, "b": BOTTOM},
        **drawn["layout"],
    }
    return {"data": drawn["data"], "layout": layout}


# --- bars ----------------------------------------------------------------------------------------


def _bars(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """Horizontal bars, the label of each group above it: it never pushes the bars aside."""
    single = spec.colour_by == "category"
    places, height = _rows(spec, 1 if single else len(spec.series))
    traces = []
    for rank, series in enumerate(spec.series):
        pairs = [(c, p) for c in spec.categories if (p := spec.at(c.code, series.code))]
        colours = [pieces.colour(theme, c if single else series) for c, _ in pairs]
        ys = [places[c.code] + LABEL + ROW * (rank + 0.5) for c, _ in pairs]
        traces.append(_bar_trace(spec, theme, series, pairs, colours, ys, margins))
        traces.append(_labels(spec, theme, pairs, ys, margins))
    top = pieces.top_of_axis(spec)
    legend = not single and len(spec.series) > 1
    layout = {
        "height": height + (TOP if legend else FLOOR) + FLOOR,
        "margin": {"l": 0, "r": 8, "t": TOP if legend else FLOOR, "b": FLOOR},
        "barmode": "overlay",
        "showlegend": legend,
        "xaxis": pieces.value_axis(spec, theme, top) | {"visible": False},
        "yaxis": {"visible": False, "range": [height, 0], "fixedrange": True},
        "annotations": [pieces.heading(theme, c.label, places[c.code]) for c in spec.categories],
    }
    marks = [mark for mark in spec.published if spec.at(mark.category, mark.series)]
    edges = [_foot_of_bar(spec, places, mark) for mark in marks]
    traces.append(pieces.diamonds(theme, marks, [mark.value for mark in marks], edges))
    return {"data": traces, "layout": layout}


def _rows(spec: ChartSpec, bars: int) -> tuple[dict[str, float], float]:
    """Top of each category in pixels from the top, and the height of them all."""
    step = LABEL + ROW * bars + GAP
    return {c.code: step * i for i, c in enumerate(spec.categories)}, step * len(spec.categories)


def _foot_of_bar(spec: ChartSpec, places: dict[str, float], mark: Published) -> float:
    """The lower edge of the bar that a published figure is about, in pixels from the top."""
    top = places[mark.category] + LABEL
    if spec.kind == "stack":
        return top + ROW * STACK
    ranks = {entry.code: rank for rank, entry in enumerate(spec.series)}
    return top + ROW * (1 + (0 if spec.colour_by == "category" else ranks[mark.series])) - 2


def _bar_trace(
    spec: ChartSpec,
    theme: Theme,
    series: Entry,
    pairs: Sequence[tuple[Entry, Point]],
    colours: list[str],
    ys: list[float],
    margins: bool,
) -> dict[str, Any]:
    points = [point for _, point in pairs]
    bar: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "name": series.label,
        "x": [point.value for point in points],
        "y": ys,
        "width": ROW - 4,
        "marker": {
            "color": colours,
            "pattern": {
                "shape": ["/" if p.flag == "flagged" else "" for p in points],
                "size": 5,
                "solidity": 0.35,
            },
            "cornerradius": 2,
        },
        "hovertext": [
            pieces.hover(spec, category.label, series.label, point) for category, point in pairs
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    if margins:
        bar["error_x"] = pieces.error(theme, points)
    return bar


def _labels(
    spec: ChartSpec,
    theme: Theme,
    pairs: Sequence[tuple[Entry, Point]],
    ys: list[float],
    margins: bool,
) -> dict[str, Any]:
    ends = [max((p.high if margins else None) or p.value or 0, 0) for _, p in pairs]
    return {
        "type": "scatter",
        "mode": "text",
        "x": ends,
        "y": ys,
        "text": ["&nbsp;" + spec.printed(point) for _, point in pairs],
        "textposition": "middle right",
        "textfont": {"size": 12, "color": theme.text},
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
    }


# --- stacks --------------------------------------------------------------------------------------


def _stack(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """One bar of 100 % a group; a step that is too thin for its number keeps it in the hover."""
    step = LABEL + ROW * STACK + GAP
    places = {c.code: step * i for i, c in enumerate(spec.categories)}
    height = step * len(spec.categories)
    colours = style.ordered_colours(theme, len(spec.series))
    colours = colours[::-1] if spec.reversed else colours
    traces = []
    for rank, series in enumerate(spec.series):
        pairs = [(c, p) for c in spec.categories if (p := spec.at(c.code, series.code))]
        colour = colours[rank] if spec.ordered else style.series_colour(theme, series.position)
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": series.label,
                "x": [point.value for _, point in pairs],
                "y": [places[c.code] + LABEL + ROW * STACK / 2 for c, _ in pairs],
                "width": ROW * STACK,
                "marker": {
                    "color": colour,
                    "line": {"color": theme.background, "width": 1},
                    "pattern": {
                        "shape": ["/" if p.flag == "flagged" else "" for _, p in pairs],
                        "size": 6,
                        "solidity": 0.25,
                    },
                },
                "text": [_in_segment(spec, p) for c, p in pairs],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "constraintext": "none",
                "textfont": {"size": 12, "color": style.text_on(colour)},
                "hovertext": [pieces.hover(spec, c.label, series.label, p) for c, p in pairs],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        )
    hidden = [
        pieces.heading(theme, pieces.hidden(spec, p), places[c.code] + LABEL + ROW * 0.4, size=12)
        for c in spec.categories
        if (p := spec.at(c.code, spec.series[0].code)) and p.flag == "hidden"
    ]
    above = TOP + 20 * (_legend_rows(spec) - 1)
    layout = {
        "height": height + above + FLOOR,
        "margin": {"l": 0, "r": 8, "t": above, "b": FLOOR},
        "barmode": "stack",
        "showlegend": True,
        "xaxis": pieces.value_axis(spec, theme, 1.0) | {"visible": False, "range": [0, 1]},
        "yaxis": {"visible": False, "range": [height, 0], "fixedrange": True},
        "annotations": [pieces.heading(theme, c.label, places[c.code]) for c in spec.categories]
        + hidden,
    }
    marks = [mark for mark in spec.published if spec.at(mark.category, mark.series)]
    ends = [_cumulated(spec, mark.category, mark.series) + mark.value for mark in marks]
    edges = [_foot_of_bar(spec, places, mark) for mark in marks]
    traces.append(pieces.diamonds(theme, marks, ends, edges))
    return {"data": traces, "layout": layout}


def _legend_rows(spec: ChartSpec) -> int:
    """Rows that the legend takes on a narrow screen, where some 45 characters stand abreast."""
    widest = max((len(series.label) for series in spec.series), default=0) + 6
    return math.ceil(len(spec.series) / max(45 // widest, 1))


def _cumulated(spec: ChartSpec, category: str, series: str) -> float:
    before = 0.0
    for entry in spec.series:
        if entry.code == series:
            break
        before += pieces.value(spec.at(category, entry.code))
    return before


def _in_segment(spec: ChartSpec, point: Point) -> str:
    """The number of a step, without the unit that the measure gives, where it has room."""
    return "" if point.value is None or point.value < 0.045 else pieces.bare(spec, point)


# --- lines ---------------------------------------------------------------------------------------


def _lines(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """One line a series, cut at its breaks, named at its end."""
    height, top = 340, pieces.top_of_axis(spec)
    traces: list[dict[str, Any]] = []
    for series in spec.series:
        colour = pieces.colour(theme, series)
        for part in pieces.unbroken(spec, series):
            traces += _line(spec, theme, series, part, colour, margins)
    marks = [mark for mark in spec.published if spec.at(mark.category, mark.series)]
    years = [int(mark.category) for mark in marks]
    traces.append(pieces.diamonds(theme, marks, years, [mark.value for mark in marks]))
    return {
        "data": traces,
        "layout": {
            "height": height,
            "margin": {"l": 0, "r": 108, "t": 18, "b": BOTTOM},
            "xaxis": _wave_axis(spec, theme),
            "yaxis": pieces.value_axis(spec, theme, top) | {"automargin": True},
            "annotations": _ends(spec, theme, top, height),
            "shapes": [
                {
                    "type": "line",
                    "x0": cut.year - 0.5,
                    "x1": cut.year - 0.5,
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": theme.muted, "width": 1, "dash": "dot"},
                }
                for cut in spec.cuts
            ],
        },
    }


def _wave_axis(spec: ChartSpec, theme: Theme) -> dict[str, Any]:
    """Every wave has its tick; years after the first are short, so they fit a narrow screen."""
    years = [category.code for category in spec.categories]
    return {
        "range": [int(years[0]) - 0.3, int(years[-1]) + 0.3],
        "tickvals": [int(year) for year in years],
        "ticktext": [years[0], *(year[-2:] for year in years[1:])],
        "tickangle": 0,
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "linecolor": theme.grid,
        "tickfont": {"size": 11, "color": theme.muted},
    }


def _line(
    spec: ChartSpec, theme: Theme, series: Entry, part: list[Point], colour: str, margins: bool
) -> list[dict[str, Any]]:
    years = [int(point.category) for point in part]
    total = series.code == TOTAL
    line: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": series.label,
        "x": years,
        "y": [point.value for point in part],
        "line": {"color": colour, "width": 2.5, "dash": "dash" if total else "solid"},
        "marker": {
            "symbol": [SYMBOLS[point.mark] for point in part],
            "size": [10 if point.mark or point.category == spec.highlight else 6 for point in part],
            "color": [theme.background if p.flag == "flagged" else colour for p in part],
            "line": {"color": colour, "width": 2},
        },
        "hovertext": [pieces.hover(spec, p.category, series.label, p) for p in part],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    if not margins or any(point.low is None for point in part):
        return [line]
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": [*years, *reversed(years)],
        "y": [p.high for p in part] + [p.low for p in reversed(part)],
        "fill": "toself",
        "fillcolor": colour,
        "opacity": 0.15,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    return [band, line]


def _ends(spec: ChartSpec, theme: Theme, top: float, height: int) -> list[dict[str, Any]]:
    """The name and last value of each line at its end, moved apart where they would touch."""
    last = []
    for series in spec.series:
        points = [
            p
            for c in spec.categories
            if (p := spec.at(c.code, series.code)) and p.value is not None
        ]
        if points:
            text = pieces.wrapped(series.label, 15)
            last.append((points[-1], series, f"<b>{spec.printed(points[-1])}</b><br>{text}"))
    inner = height - 18 - BOTTOM
    spots = pieces.apart(
        [
            (pieces.value(point) / top * inner, 15 * (text.count("<br>") + 1))
            for point, _, text in last
        ],
        inner,
    )
    return [
        {
            "x": int(spec.categories[-1].code),
            "y": spot / inner * top,
            "xanchor": "left",
            "yanchor": "middle",
            "xshift": 10,
            "text": text,
            "showarrow": False,
            "align": "left",
            "font": {"size": 12, "color": pieces.colour(theme, series)},
        }
        for spot, (_, series, text) in zip(spots, last, strict=True)
    ]


# --- heat map, tree, dumbbell --------------------------------------------------------------------


def _dumbbell(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """Two rows an item: the later layers joined by the way between them, the first one below."""
    step = LABEL + 2 * ROW + GAP
    places = {c.code: step * i for i, c in enumerate(spec.categories)}
    height, top = step * len(spec.categories), pieces.top_of_axis(spec)
    ahead, *joined = spec.series
    traces = [_ways(spec, theme, joined, places)]
    symbols = ["diamond-open", *["circle-open"] * (len(joined) - 1), "circle"]
    for rank, series in enumerate((ahead, *joined)):
        pairs = [
            (c, p)
            for c in spec.categories
            if (p := spec.at(c.code, series.code)) and p.value is not None
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": series.label,
                "x": [p.value for _, p in pairs],
                "y": [places[c.code] + LABEL + ROW * (0.5 if rank else 1.5) for c, _ in pairs],
                "marker": {
                    "symbol": symbols[rank],
                    "size": 11,
                    "color": theme.accent if rank else theme.text,
                    "line": {"width": 2},
                },
                "text": [f" {spec.printed(p)} " for _, p in pairs],
                "textposition": [_side(spec, joined, p) for _, p in pairs],
                "textfont": {"size": 11, "color": theme.text if rank else theme.muted},
                "hovertext": [pieces.hover(spec, c.label, series.label, p) for c, p in pairs],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "cliponaxis": False,
            }
        )
    above = TOP + 20 * (_legend_rows(spec) - 1)
    layout = {
        "height": height + above + BOTTOM,
        "margin": {"l": 0, "r": 8, "t": above, "b": BOTTOM},
        "showlegend": True,
        "xaxis": pieces.value_axis(spec, theme, top) | {"range": [-0.08 * top, top]},
        "yaxis": {"visible": False, "range": [height, 0], "fixedrange": True},
        "annotations": [pieces.heading(theme, c.label, places[c.code]) for c in spec.categories],
    }
    return {"data": traces, "layout": layout}


def _ways(
    spec: ChartSpec, theme: Theme, joined: Sequence[Entry], places: Mapping[str, float]
) -> dict[str, Any]:
    """One broken line: for each item, from its lowest joined layer to its highest."""
    x: list[float | None] = []
    y: list[float | None] = []
    for category in spec.categories:
        found = [spec.at(category.code, series.code) for series in joined]
        values = [p.value for p in found if p is not None and p.value is not None]
        if len(values) > 1:
            x += [min(values), max(values), None]
            y += [places[category.code] + LABEL + ROW / 2] * 2 + [None]
    line = {"color": theme.grid, "width": 5}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": line,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _side(spec: ChartSpec, joined: Sequence[Entry], point: Point) -> str:
    """The outer side of a joined pair: its two numbers never meet."""
    others = [
        pieces.value(spec.at(point.category, s.code)) for s in joined if s.code != point.series
    ]
    inside = any(series.code == point.series for series in joined)
    return (
        "middle left" if inside and pieces.value(point) < min(others, default=0) else "middle right"
    )


_KINDS = {
    "bars": _bars,
    "stack": _stack,
    "lines": _lines,
    "heatmap": grid.heatmap,
    "panels": grid.panels,
    "shift": _bars,
    "tree": tree.tree,
    "curve": curve.curve,
    "dumbbell": _dumbbell,
    "plans": plans.drawn,
    "apart": apart.drawn,
    "references": references.drawn,
}


def _escaped(spec: ChartSpec) -> ChartSpec:
    """Labels are data: Plotly would read the markup in them."""

    def plain(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(
            replace(entry, label=html.escape(entry.label, quote=False)) for entry in entries
        )

    return replace(
        spec,
        categories=plain(spec.categories),
        series=plain(spec.series),
        facets=plain(spec.facets),
        published=tuple(
            replace(mark, printed_as=html.escape(mark.printed_as), note=html.escape(mark.note))
            for mark in spec.published
        ),
    )
