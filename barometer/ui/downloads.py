"""The one menu of a chart: images from the browser, data, sheet, slide, basket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import streamlit as st

from barometer import tables
from barometer.charts import ChartSpec
from barometer.render import screen as screen_renderer
from barometer.render.files import FORMATS
from barometer.style import LIGHT
from barometer.ui import access
from barometer.words import Translate

_image = st.components.v2.component(
    "chart_image",
    html="<section></section>",
    js=(Path(__file__).parent / "image.js").read_text(encoding="utf-8"),
    css=(Path(__file__).parent / "image.css").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Sources:
    """What the menu of a chart calls on: its slide as a file, and the basket, None without one."""

    slide: Callable[[], bytes]
    add: Callable[[], None] | None = None


def downloads(spec: ChartSpec, margins: bool, _: Translate, sources: Sources) -> None:
    """The chart as images that the browser draws, as data, as a sheet, as a slide, in the basket.

    What the menu holds is sent when it opens: nine closed menus were half of what a page costs.
    Each file of the server is made on the click that asks for it.
    """
    menu = st.popover(
        "",
        icon=":material/download:",
        help=_("Download"),
        disabled=bool(spec.empty),
        key=f"menu_{spec.name}",
        on_change="rerun",
    )
    if spec.empty or not menu.open:
        return
    with menu:
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
                    "png2": _("PNG image, ×2"),
                    "png3": _("PNG image, ×3"),
                    "svg": _("SVG image"),
                    "copy": _("Copy the image"),
                    "copied": _("The image is on the clipboard."),
                    "refused": _("This browser does not let images be copied here: download it."),
                    "table": _("Show the chart first: an image is made of what is on screen."),
                },
            },
        )
        for label, told, name, media, make in _files(spec, _, sources):
            access.download_button(
                label,
                make,
                name,
                media,
                key=f"{name}_{spec.name}",
                help=told,
                width="stretch",
            )
        if sources.add is not None:
            st.button(
                _("Add to the presentation"),
                icon=":material/add_to_queue:",
                on_click=_added,
                args=(sources.add, _("Added to the presentation.")),
                key=f"add_{spec.name}",
                width="stretch",
            )
        if spec.receipt:
            st.caption(_("Reference of these figures"))
            st.code(spec.receipt, language=None, wrap_lines=True)


def _files(
    spec: ChartSpec, _: Translate, sources: Sources
) -> list[tuple[str, str | None, str, str, Callable[[], bytes]]]:
    """Label, help, file name, media type and maker of each file of the server."""
    stem = spec.file_name
    office = {code: FORMATS[code].media for code in ("xlsx", "pptx")}
    native = _("A native chart, its numbers with base and interval, source and filters")
    return [
        (
            _("Excel workbook"),
            native,
            f"{stem}.xlsx",
            office["xlsx"],
            partial(_sheet, spec),
        ),
        (
            _("PowerPoint slide"),
            _("A native chart to edit, its notes with question, definition and intervals"),
            f"{stem}.pptx",
            office["pptx"],
            sources.slide,
        ),
        (
            _("CSV, as shown"),
            None,
            f"{stem}.csv",
            "text/csv",
            partial(_csv, spec, whole=False),
        ),
        (
            _("CSV, full"),
            _("With base, effective base and interval"),
            f"{stem}_full.csv",
            "text/csv",
            partial(_csv, spec, whole=True),
        ),
    ]


def _added(add: Callable[[], None], told: str) -> None:
    add()
    st.toast(told, icon=":material/check:")


def _sheet(spec: ChartSpec) -> bytes:
    from barometer.render import excel  # a click away

    return excel.chart(spec)


def _csv(spec: ChartSpec, *, whole: bool) -> bytes:
    return tables.as_csv(spec, tables.full(spec) if whole else tables.shown(spec))


@lru_cache(256)
def _export(spec: ChartSpec, margins: bool) -> dict[str, Any]:
    """The figure for an image: always the light theme, whatever the screen's."""
    return screen_renderer.drawing(spec, LIGHT, margins=margins)
