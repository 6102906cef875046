"""What a page's charts are about: the node of a tree that the visitor went down to, a list's item.

Both are in the address bar, so that what is sent is what is seen. A tree is walked by its cells, by
the trail above it and by the names below that: with a mouse, a finger or the keyboard.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from barometer import crossing
from barometer.charts import ChartSpec
from barometer.codebook import Codebook, Indicator
from barometer.crossing import ABOUT, NODE, Within
from barometer.declarations import Chart, Declarations, Page
from barometer.ui.address import Allowed
from barometer.ui.text import plain
from barometer.words import Translate

_NODE, _ABOUT, _DOWN = "_node", "about_item", "tree_down"  # what holds them in a session

_clicks = st.components.v2.component(
    "tree_clicks",
    html="<div></div>",
    js=(Path(__file__).parent / "within.js").read_text(encoding="utf-8"),
)


class Choices:
    """The controls of a page with a tree, or with charts that pick an item of a list."""

    def __init__(self, trees: Sequence[Chart], picks: Sequence[Chart]) -> None:
        self._trees, self._picks = trees, picks

    def allowed(self, book: Codebook) -> Allowed:
        """The nodes of the trees, the items of the list."""
        known: dict[str, list[str]] = {}
        if self._trees:
            indicators = [book.by_indicator[chart.indicator] for chart in self._trees]
            known[NODE] = [code for indicator in indicators for code in indicator.by_code]
        if self._picks:
            known[ABOUT] = list(crossing.choices(self._picks[0], book, "en"))
        return known

    def take(self, values: dict[str, list[str]], book: Codebook) -> None:
        """Set what the address says; without it, the whole tree and the first item."""
        st.session_state[_NODE] = next(iter(values.get(NODE, [])), "")
        if self._picks:
            first = next(iter(crossing.choices(self._picks[0], book, "en")))
            st.session_state[_ABOUT] = next(iter(values.get(ABOUT, [])), first)

    def draw(self, book: Codebook, spoken: str) -> None:
        """The list's items; the tree draws its own trail."""
        if not self._picks:
            return
        chart = self._picks[0]
        labels = crossing.choices(chart, book, spoken)
        declared = book.lists[chart.pick or ""].label
        st.pills(
            declared[spoken] if declared else chart.measure[spoken],
            list(labels),
            format_func=lambda code: plain(labels[code]),
            required=True,
            key=_ABOUT,
        )

    def held(self) -> dict[str, list[str]]:
        """What the address will say."""
        state, said = st.session_state, {}
        if self._trees:
            said[NODE] = [state[_NODE]] if state.get(_NODE) else []
        if self._picks:
            said[ABOUT] = [state[_ABOUT]] if state.get(_ABOUT) else []
        return said

    def within(self) -> Within:
        """The same for charts."""
        held = self.held()
        found = [(NODE, code) for code in held.get(NODE, [])]
        names = dict.fromkeys(chart.pick for chart in self._picks if chart.pick)
        return (*found, *((name, code) for code in held.get(ABOUT, []) for name in names))


def choices(page: Page, declared: Declarations) -> Choices | None:
    """The controls that a page's charts need, None where they need none."""
    charts = [declared.by_name[name] for name in page.charts]
    trees = [chart for chart in charts if chart.drill]
    picks = [chart for chart in charts if chart.pick]
    return Choices(trees, picks) if trees or picks else None


def trail(spec: ChartSpec, indicator: Indicator, _: Translate) -> None:
    """The way from the whole tree to where the visitor is, then the ways down."""
    here = st.session_state.get(_NODE, "")
    above = list(indicator.line(here))[::-1]
    with st.container(
        horizontal=True, gap="xxsmall", key="tree_trail", vertical_alignment="center"
    ):
        steps = ["", *above]
        for place, code in enumerate(steps):
            label = indicator.item(code).label[spec.language] if code else _("All of them")
            st.button(
                plain(label),
                key=f"tree_to_{code}",
                type="tertiary",
                icon=":material/chevron_right:" if place else ":material/account_tree:",
                disabled=code == here,
                on_click=_go,
                args=(code,),
            )
    below = {e.code: e for e in spec.categories if (e.parent or "") == here}
    if not below:
        return

    def name(code: str) -> str:
        point = spec.at(code, spec.series[0].code)
        return plain(below[code].label + (f" · {spec.printed(point)}" if point else ""))

    st.pills(_("Go down to"), list(below), format_func=name, key=_DOWN, on_change=_go_down)


def clicks(name: str) -> None:
    """Let a click or a tap on a cell of a tree go down to it."""
    _clicks(key=f"clicks_{name}", data={"chart": f"chart_{name}"}, on_node_change=_clicked(name))


def _clicked(name: str):  # type: ignore[no-untyped-def]
    def follow() -> None:
        _go(str(st.session_state[f"clicks_{name}"].get("node") or ""))

    return follow


def _go_down() -> None:
    _go(st.session_state[_DOWN] or st.session_state.get(_NODE, ""))
    st.session_state[_DOWN] = None


def _go(code: str) -> None:
    st.session_state[_NODE] = code
