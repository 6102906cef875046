"""The one menu of a chart: its image from the browser, its data as CSV."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import streamlit as st

from barometer import tables
from barometer.charts import ChartSpec
from barometer.render import screen as screen_renderer
from barometer.style import LIGHT
from barometer.ui import access
from barometer.words import Translate

_image = st.components.v2.component(
    "chart_image",
    html="<div></div>",
    js=(Path(__file__).parent / "image.js").read_text(encoding="utf-8"),
    css=(Path(__file__).parent / "image.css").read_text(encoding="utf-8"),
)


def downloads(spec: ChartSpec, margins: bool, _: Translate) -> None:
    """PNG ×3 and SVG as the browser draws them, CSV as shown and CSV with everything."""
    with st.popover(
        "",
        icon=":material/download:",
        help=_("Download"),
        disabled=bool(spec.empty),
        key=f"menu_{spec.name}",
    ):
        if spec.empty:
            return
        _image(
            key=f"image_{spec.name}",
            data={
                "chart": f"chart_{spec.name}",
                "file": spec.file_name,
                "figure": _export(spec, margins),
                "headline": spec.headline,
                "lines": [line for line in (spec.measure,) if line],
                "foot": [
                    line
                    for line in (
                        " · ".join(filter(None, (spec.base, spec.waves, spec.filters))),
                        " · ".join(spec.notes),
                        f"{spec.source} · {spec.provenance}",
                    )
                    if line
                ],
                "colours": {
                    "text": LIGHT.text,
                    "muted": LIGHT.muted,
                    "background": LIGHT.background,
                },
                "labels": {
                    "png": _("PNG image, ×3"),
                    "svg": _("SVG image"),
                    "table": _("Show the chart first: an image is made of what is on screen."),
                },
            },
        )
        access.download_button(
            _("CSV, as shown"),
            partial(_csv, spec, whole=False),
            f"{spec.file_name}.csv",
            "text/csv",
            key=f"csv_{spec.name}",
            width="stretch",
        )
        access.download_button(
            _("CSV, full"),
            partial(_csv, spec, whole=True),
            f"{spec.file_name}_full.csv",
            "text/csv",
            key=f"full_{spec.name}",
            help=_("With base, effective base and interval"),
            width="stretch",
        )
        if spec.receipt:
            st.caption(_("Reference of these figures"))
            st.code(spec.receipt, language=None, wrap_lines=True)


def _csv(spec: ChartSpec, *, whole: bool) -> bytes:
    return tables.as_csv(spec, tables.full(spec) if whole else tables.shown(spec))


@lru_cache(256)
def _export(spec: ChartSpec, margins: bool) -> dict[str, Any]:
    """The figure for an image: always the light theme, whatever the screen's."""
    return screen_renderer.drawing(spec, LIGHT, margins=margins)
