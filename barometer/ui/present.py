"""The presenter's view: the charts of a page one at a time, large, moved by keys or a swipe."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from barometer.charts import SPECS_KEPT
from barometer.render import enlarged
from barometer.render import screen as screen_renderer
from barometer.spec import ChartSpec
from barometer.style import Theme
from barometer.ui import filters
from barometer.ui.cards import spec_of, theme
from barometer.ui.filters import NOTES, PRESENT, Controls
from barometer.ui.opening import Screen
from barometer.ui.text import plain

KEY = "presenter"
WIDTH = 660  # pixels of a chart on its page
KEYS, WORDS, NOTE = 140, 0.08, 0.022  # height of the keys in pixels; of words, in window widths
LEAST, MOST = 1.0, 2.4  # how much larger than on its page
UNKNOWN = (1440, 900)  # pixels of a window that has not told its size

_presenter = st.components.v2.component(
    "presenter",
    html="<section></section>",
    js=(Path(__file__).parent / "present.js").read_text(encoding="utf-8"),
    css=(Path(__file__).parent / "present.css").read_text(encoding="utf-8"),
)


def present(screen: Screen, controls: Controls | None, chosen: str, notes: bool) -> None:
    """One chart of the page, as large as the window lets it be, and the way to the others."""
    specs = _specs(screen, controls)
    drawn = [spec for spec in specs if not spec.empty or spec.name == chosen]
    names = [spec.name for spec in drawn]
    if chosen not in names:
        st.session_state[PRESENT] = ""
        st.rerun()
    spec = drawn[names.index(chosen)]
    size = _size()
    with st.container(key="presented"):
        _presenter(
            key=KEY,
            data=_around(screen, spec, names, notes, size),
            on_go_change=_go,
            on_notes_change=_note,
            on_size_change=_resized,
        )
        if spec.empty:
            st.info(plain(spec.empty), icon=":material/hide_source:")
            return
        lines = len(_notes(screen, spec)) if notes else 0
        room = size[1] - KEYS - int(size[0] * (WORDS + NOTE * lines))
        st.plotly_chart(
            _large(spec, theme(), screen.margins, size[0], room),
            theme=None,
            key=f"chart_{spec.name}",
            alt=spec.alt,
            config={"displayModeBar": False, "locale": spec.language},
        )


def _specs(screen: Screen, controls: Controls | None) -> Sequence[ChartSpec]:
    """The charts of the page: those that its controls make, else those that it declares."""
    own = getattr(controls, "specs", None)
    if own is not None:
        made: Sequence[ChartSpec] = own(screen)
        return made
    return [spec_of(screen, name) for name in screen.page.charts]


def _around(
    screen: Screen, spec: ChartSpec, names: list[str], notes: bool, size: tuple[int, int]
) -> dict[str, Any]:
    """The words around a chart and of the keys; the synthetic sample is told always."""
    _ = screen.words
    return {
        "names": names,
        "at": names.index(spec.name),
        "headline": spec.headline,
        "measure": spec.measure,
        "source": f"{spec.source} · {spec.provenance}",
        "lines": _notes(screen, spec),
        "notes": notes,
        "size": list(size),
        "labels": {
            "bar": _("Presentation of the charts"),
            "previous": _("Previous chart"),
            "next": _("Next chart"),
            "notes": _("Notes"),
            "full": _("Full screen"),
            "close": _("Back to the page"),
            "hint": _("Keys: ← → Home End, N notes, F full screen, Esc back; or swipe"),
        },
    }


def _notes(screen: Screen, spec: ChartSpec) -> list[str]:
    """What a presenter is asked: base, waves, filters, marks, the definition."""
    indicator = screen.book.by_indicator.get(spec.indicator)
    definition = indicator.definition[screen.view.language] if indicator else ""
    lines = (spec.base, spec.waves, spec.filters, *spec.notes, definition)
    return [line for line in lines if line]


def _go() -> None:
    """Another chart was asked for, or none: back to the page."""
    filters.show_alone(st.session_state[KEY].go or "")


def _note() -> None:
    """Show the notes, or no longer."""
    st.session_state[NOTES] = not st.session_state.get(NOTES)
    _resized()


def _resized() -> None:
    """The same chart in another size: the address says nothing new."""
    filters.show_alone(st.session_state.get(PRESENT, ""))


def _size() -> tuple[int, int]:
    """Width and height of the visitor's window in pixels, as the browser last said."""
    told = getattr(st.session_state.get(KEY), "size", None)
    if isinstance(told, (list, tuple)) and len(told) == 2:
        width, height = (int(side) for side in told)
        return width, height
    return UNKNOWN


@lru_cache(SPECS_KEPT)
def _large(
    spec: ChartSpec, theme: Theme, margins: bool, width: int, room: int
) -> screen_renderer.Drawn:
    drawing = screen_renderer.drawing(spec, theme, margins=margins)
    fits = min((width - 64) / WIDTH, room / drawing["layout"]["height"])
    return screen_renderer.Drawn(enlarged.enlarged(drawing, min(max(fits, LEAST), MOST)))
