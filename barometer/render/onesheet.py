"""A profile on one printed sheet: an HTML page without scripts, that fits one A4 page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from barometer.key_figures import Told
from barometer.kinds.apart import DIFFERENCE
from barometer.render import pieces
from barometer.spec import ChartSpec, Entry
from barometer.style import FONT_STACK, LIGHT

WIDTH, EDGE = 200.0, 8.0  # of a row's drawing, in its own units; room for half a dot


def page(
    title: str,
    subtitle: str,
    lines: Sequence[str],
    figures: Sequence[Told],
    specs: Sequence[ChartSpec],
    foot: str,
) -> bytes:
    """The sheet in UTF-8: key figures, sentences, then each chart of differences as rows.

    Whatever the texts hold, they stay text; nothing is fetched.
    """
    told: str = _template().render(
        language=specs[0].language if specs else "en",
        title=title,
        subtitle=subtitle,
        lines=lines,
        figures=figures,
        charts=[_chart(spec) for spec in specs],
        foot=foot,
        family=FONT_STACK,
        theme=LIGHT,
        width=WIDTH,
    )
    return told.encode()


def _chart(spec: ChartSpec) -> dict[str, Any]:
    group, others, difference = spec.series
    values = [p.value for p in spec.points if p.series != DIFFERENCE and p.value is not None]
    top = max(values, default=0.0) or 1.0
    facts = " · ".join(filter(None, (spec.base, spec.waves, spec.filters)))
    return {
        "headline": spec.headline,
        "measure": spec.measure,
        "below": [facts, " · ".join(spec.notes), f"{spec.source} · {spec.provenance}"],
        "names": (group.label, others.label, difference.label),
        "colour": pieces.colour(LIGHT, group),
        "rows": [_row(spec, category, top) for category in spec.categories],
        "empty": spec.empty,
    }


def _row(spec: ChartSpec, category: Entry, top: float) -> dict[str, Any]:
    points = [spec.at(category.code, series.code) for series in spec.series]
    places = [EDGE + pieces.value(p) / top * (WIDTH - 2 * EDGE) for p in points[:2]]
    return {
        "label": category.label,
        "printed": ["" if p is None else spec.printed(p) for p in points],
        "group": round(places[0], 1),
        "others": round(places[1], 1),
    }


@cache
def _template() -> Any:
    folder = FileSystemLoader(Path(__file__).parent)
    escaped = select_autoescape(["html"])
    return Environment(loader=folder, autoescape=escaped).get_template("onesheet.html")
