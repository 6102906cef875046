"""The basket of charts for a presentation: kept while browsing, sent in the address bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

import streamlit as st

from barometer.cells import SelectionError
from barometer.deck import Wanted, wanted
from barometer.declarations import PRESENTATION
from barometer.ui import filters
from barometer.ui.address import LONG_TEXTS, SLIDE
from barometer.ui.opening import Screen

CHARTS = LONG_TEXTS
HELD, BEFORE, NUMBER = "_basket", "_basket_before", "_basket_number"


@dataclass(frozen=True)
class Kept:
    """One chart of the basket; its number tells it from the others wherever it stands."""

    number: int
    text: str


def kept() -> list[Kept]:
    """The basket of this visitor, in order: at first the one that the address carries."""
    if HELD not in st.session_state:
        texts = filters.kept(PRESENTATION, SLIDE)
        st.session_state[HELD] = [_numbered(text) for text in texts[:CHARTS]]
    return list(st.session_state[HELD])


def hold(texts: Sequence[str]) -> None:
    """Make a basket of what an address spells; charts that it had keep their number."""
    now = kept()
    if [one.text for one in now] != list(texts):
        st.session_state[HELD] = [_numbered(text) for text in texts[:CHARTS]]


def add(*charts: Wanted) -> None:
    """Put charts at the end, without those that are there already."""
    now = kept()
    there = {one.text for one in now}
    new = [_numbered(text) for text in map(str, charts) if text not in there]
    _set([*now, *new][:CHARTS])


def move(number: int, steps: int) -> None:
    """Move a chart up (−1) or down (1)."""
    now = kept()
    place = _place(now, number)
    target = min(max(place + steps, 0), len(now) - 1)
    now.insert(target, now.pop(place))
    _set(now)


def remove(number: int) -> None:
    """Take a chart out; `undo` brings it back."""
    _set([one for one in kept() if one.number != number])


def clear() -> None:
    """Take every chart out; `undo` brings them back."""
    _set([])


def rewrite(number: int, text: str) -> None:
    """Put other words on a chart of the basket."""
    _set([replace(one, text=text) if one.number == number else one for one in kept()])


def undo() -> None:
    """The basket as it was before the last change."""
    before = st.session_state.pop(BEFORE, None)
    if before is not None:
        st.session_state[HELD] = before
        _remember(before)


def changed() -> bool:
    """Whether there is something to undo."""
    return BEFORE in st.session_state


def charts(screen: Screen) -> tuple[list[tuple[Kept, Wanted]], list[str]]:
    """What the basket asks; and, as its address says it, what this barometer cannot give."""
    found, faults = [], []
    for one in kept():
        try:
            asked = wanted(screen.publication, screen.declared, one.text, screen.view.language)
            found.append((one, asked))
        except (SelectionError, ValueError):
            faults.append(" · ".join(filter(None, map(unquote, one.text.split("~")[:3])))[:80])
    return found, faults


def _numbered(text: str) -> Kept:
    number = st.session_state.get(NUMBER, 0) + 1
    st.session_state[NUMBER] = number
    return Kept(number, text)


def _place(basket: list[Kept], number: int) -> int:
    return next(place for place, one in enumerate(basket) if one.number == number)


def _set(basket: list[Kept]) -> None:
    st.session_state[BEFORE] = kept()
    st.session_state[HELD] = basket
    _remember(basket)


def _remember(basket: list[Kept]) -> None:
    """The page of the presentation opens with this basket, wherever it was changed."""
    filters.keep(PRESENTATION, SLIDE, [one.text for one in basket])
