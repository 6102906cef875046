"""The slim bar of filters, in step with the address bar."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from barometer.codebook import LANGUAGES, YEAR, Codebook, Dimension
from barometer.declarations import Page
from barometer.measure import Where
from barometer.store import Publication
from barometer.ui import address
from barometer.ui.address import LANGUAGE, MARGINS, TABLES, Address
from barometer.ui.text import plain
from barometer.words import translator

WRITTEN = "_written"  # the parameters last written to, or read from, the address bar
ON_PAGE = "_page"  # the page they were on
NAMES = {"fr": "Français", "en": "English"}


@dataclass(frozen=True)
class Choice:
    """What the visitor chose."""

    year: int
    filters: Where
    language: str
    margins: bool
    tables: list[str] = field(default_factory=list)


def language() -> str:
    """The visitor's choice, else the address's, else the browser's: French or English."""
    state, parameters = st.session_state, _parameters()
    written = state.get(WRITTEN, {})
    asked = next(iter((parameters or written).get(LANGUAGE, [])), None)
    # Where the address is the one that this session wrote, the switch may be ahead of it.
    if parameters == written and state.get(LANGUAGE) in LANGUAGES:
        asked = state[LANGUAGE]
    if asked in LANGUAGES:
        return str(asked)
    return "en" if (st.context.locale or "fr").startswith("en") else "fr"


def bar(page: Page, publication: Publication, spoken: str) -> Choice:
    """Draw the filters and return what they hold; the address bar follows."""
    book, _ = publication.codebook, translator(spoken)
    _take_address(page, publication, spoken)
    main = book.main_dimension
    others = [d for d in book.dimensions if d.code != main.code]
    count = sum(bool(st.session_state.get(d.code)) for d in book.dimensions)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        st.pills(_("Wave"), publication.years, required=True, key=YEAR)
        _pick(main, spoken, pills=True)
        label = _("More filters")
        with st.popover(f"{label} ({count})" if count else label, icon=":material/tune:"):
            for dimension in others:
                _pick(dimension, spoken, pills=False)
            st.toggle(_("Show margins of error"), key=MARGINS)
        st.button(
            _("Reset"),
            icon=":material/restart_alt:",
            type="tertiary",
            disabled=not count,
            on_click=_reset,
            args=(book,),
            help=_("Remove every filter"),
        )
        st.space("stretch")
        st.segmented_control(
            _("Language"),
            LANGUAGES,
            format_func=NAMES.__getitem__,
            required=True,
            key=LANGUAGE,
            label_visibility="collapsed",
        )
    return _write_address(page, book)


def _pick(dimension: Dimension, spoken: str, *, pills: bool) -> None:
    labels = {level.code: plain(level.label[spoken]) for level in dimension.levels}
    label, codes, words = dimension.label[spoken], list(labels), labels.__getitem__
    if pills:
        st.pills(label, codes, selection_mode="multi", format_func=words, key=dimension.code)
    else:
        st.multiselect(label, codes, format_func=words, key=dimension.code)


def _reset(book: Codebook) -> None:
    for dimension in book.dimensions:
        st.session_state[dimension.code] = []


def _parameters() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _take_address(page: Page, publication: Publication, spoken: str) -> None:
    """Set the widgets, unless they are what the address was written from.

    A click in the navigation leaves the address bare: the view then follows the visitor.
    """
    state, parameters = st.session_state, _parameters()
    turned = state.get(ON_PAGE) != page.code
    state[ON_PAGE] = page.code
    if parameters == state.get(WRITTEN) and not turned and state.get(YEAR) in publication.years:
        return
    asked, dropped = address.read(
        parameters or state.get(WRITTEN, {}),
        publication.codebook,
        publication.years,
        page.charts,
        spoken,
    )
    _set(asked, publication.codebook)
    if dropped and parameters:
        _ = translator(spoken)
        st.warning(
            _("The address asked for what is not here, and it was left out: {dropped}").format(
                dropped=plain(", ".join(dropped))
            ),
            icon=":material/link_off:",
        )


def _set(asked: Address, book: Codebook) -> None:
    st.session_state[YEAR] = asked.year
    st.session_state[LANGUAGE] = asked.language
    st.session_state[MARGINS] = asked.margins
    st.session_state[TABLES] = list(asked.tables)
    for dimension in book.dimensions:
        st.session_state[dimension.code] = list(asked.where.get(dimension.code, []))


def _write_address(page: Page, book: Codebook) -> Choice:
    state = st.session_state
    where = {d.code: list(state.get(d.code) or []) for d in book.dimensions}
    tables = [name for name in state.get(TABLES, []) if name in page.charts]
    now = Address(state[YEAR], state[LANGUAGE], where, bool(state.get(MARGINS)), tables)
    parameters = now.parameters()
    if parameters != _parameters():
        st.query_params.from_dict(parameters)
    state[WRITTEN] = parameters
    filters = tuple(
        (name, tuple(sorted(levels))) for name, levels in sorted(where.items()) if levels
    )
    return Choice(now.year, filters, now.language, now.margins, tables)
