"""Grids of numbers on shades: heat maps, their panels one below the other or side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from barometer import style
from barometer.render import pieces
from barometer.spec import ChartSpec, Entry
from barometer.style import Theme

TOP, FLOOR = 34, 4  # pixels above and below
CELL = 27  # pixels of a row: two lines of its label fit
HEAD = 48  # pixels of the names of the columns
ABOVE = 18  # pixels of the label of a row above it
BESIDE = 4  # columns from which the labels of rows stand above them, not beside
SIDE = 17  # characters of a label beside its row
ACROSS = 70  # characters that the names of all columns share on a telephone
RATHER = 42  # the same where the labels of rows stand beside them


def heatmap(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """Rows and columns of one grid, a block for each group below the other, one scale for all.

    A telephone has room for the columns of one group only, and for the labels of rows beside few
    columns: beside more, they stand above their row.
    """
    highest = max((pieces.value(p) for p in spec.points), default=1) or 1
    beside = len(spec.series) < BESIDE
    step = CELL if beside else CELL + ABOVE
    head, rows = HEAD / step, len(spec.categories)
    traces: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    ticks: dict[float, str] = {}
    end = 0.0  # of the blocks so far, in rows
    for facet in spec.facets:
        middles = {
            entry.code: end + head + place + 1 - CELL / 2 / step
            for place, entry in enumerate(spec.categories)
        }
        for trace in _cells(spec, theme, facet, highest, middles):
            traces.append(trace | ({"ygap": step - CELL + 2} if "ygap" in trace else {}))
        labels += _heads(spec, theme, facet, end + (HEAD - 3) / step)
        for entry in spec.categories:
            top = middles[entry.code] - CELL / 2 / step
            if beside:
                ticks[middles[entry.code]] = pieces.wrapped(entry.label, SIDE, 2)
            else:
                labels.append(pieces.heading(theme, entry.label, top, 12) | {"yanchor": "bottom"})
        end += head + rows + 2 * FLOOR / step
    return {
        "data": traces,
        "layout": {
            "annotations": labels,
            "height": round(end * step) + FLOOR,
            "margin": {"l": 0, "r": 0, "t": 0, "b": FLOOR},
            "xaxis": {
                "visible": False,
                "range": [-0.5, len(spec.series) - 0.5],
                "fixedrange": True,
            },
            "yaxis": {
                "range": [end, 0],
                "tickvals": list(ticks),
                "ticktext": list(ticks.values()),
                "tickfont": {"size": 12},
                "ticksuffix": "  ",
                "ticks": "",
                "automargin": True,
                "fixedrange": True,
                "showgrid": False,
                "zeroline": False,
                "visible": beside,
            },
        },
    }


def _heads(spec: ChartSpec, theme: Theme, facet: Entry, foot: float) -> list[dict[str, Any]]:
    """The name of a group, where there are several, and beside it those of the columns."""
    width = (RATHER if len(spec.series) < BESIDE else ACROSS) // max(len(spec.series), 1)
    names = [
        {
            "x": place,
            "y": foot,
            "yanchor": "bottom",
            "text": pieces.wrapped(entry.label, width, 3),
            "showarrow": False,
            "font": {"size": 11 if len(spec.series) < BESIDE else 10, "color": theme.muted},
        }
        for place, entry in enumerate(spec.series)
    ]
    if len(spec.facets) == 1:
        return names
    # Left of the grid, over the labels of its rows.
    title = {"x": 0, "xref": "x domain", "xanchor": "right", "xshift": -8, "yanchor": "bottom"}
    return [pieces.heading(theme, f"<b>{facet.label}</b>", foot) | title, *names]


def panels(spec: ChartSpec, theme: Theme, margins: bool) -> dict[str, Any]:
    """Rows and columns of one grid, a panel for each group side by side, one scale for all."""
    highest = max((pieces.value(p) for p in spec.points), default=1) or 1
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    titles = []
    for rank, facet in enumerate(spec.facets):
        suffix = "" if rank == 0 else str(rank + 1)
        left = rank / len(spec.facets) + (0.015 if rank else 0)
        down = {entry.code: place for place, entry in enumerate(spec.categories)}
        axes_of = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        traces += [cells | axes_of for cells in _cells(spec, theme, facet, highest, down)]
        axes[f"xaxis{suffix}"] = {
            "domain": [left, (rank + 1) / len(spec.facets)],
            "anchor": f"y{suffix}",
            "tickvals": list(range(len(spec.series))),
            "ticktext": [pieces.wrapped(entry.label, 9) for entry in spec.series],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "tickfont": {"size": 11, "color": theme.muted},
        }
        axes[f"yaxis{suffix}"] = {
            "anchor": f"x{suffix}",
            "tickvals": list(range(len(spec.categories))),
            "ticktext": [entry.label for entry in spec.categories],
            "autorange": "reversed",
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "automargin": rank == 0,
            "showticklabels": rank == 0,
            "ticksuffix": "  ",
            "ticks": "",
        }
        titles.append(
            pieces.heading(theme, f"<b>{facet.label}</b>", 1)
            | {"x": left, "yref": "paper", "yanchor": "bottom"}
        )
    return {
        "data": traces,
        "layout": axes
        | {
            "annotations": titles,
            "height": 34 * len(spec.categories) + TOP + 56,
            "margin": {"l": 0, "r": 0, "t": TOP, "b": 56},
        },
    }


def _cells(
    spec: ChartSpec, theme: Theme, facet: Entry, highest: float, down: Mapping[str, float]
) -> list[dict[str, Any]]:
    """The cells of one group, and their numbers, each in a colour that reads on its cell.

    `down` has the middle of each row.
    """
    places = [
        (c, s, p)
        for c in spec.categories
        for s in spec.series
        if (p := spec.at(c.code, s.code, facet.code))
    ]
    across = {entry.code: rank for rank, entry in enumerate(spec.series)}
    x = [across[s.code] for _, s, _ in places]
    y = [down[c.code] for c, _, _ in places]
    shades = [style.sequential_colour(theme, pieces.value(p) / highest) for _, _, p in places]
    steps = len(theme.sequential)
    cells = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": [p.value for _, _, p in places],
        "zmin": 0,
        "zmax": highest,
        "colorscale": [
            [(i + end) / steps, c] for i, c in enumerate(theme.sequential) for end in (0, 1)
        ],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hovertext": [
            pieces.hover(spec, c.label, ", ".join(filter(None, (s.label, facet.label))), p)
            for c, s, p in places
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    numbers = {
        "type": "scatter",
        "mode": "text",
        "x": x,
        "y": y,
        "text": [pieces.bare(spec, p) for _, _, p in places],
        "textfont": {"size": 12, "color": [style.text_on(shade) for shade in shades]},
        "hoverinfo": "skip",
    }
    return [cells, numbers]
