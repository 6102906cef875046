"""The slim bar of filters, in step with the address bar."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import streamlit as st

from barometer import style
from barometer.codebook import LANGUAGES, YEAR, Codebook, Dimension
from barometer.declarations import PRESENTATION, Page
from barometer.measure import Settings, Where
from barometer.store import Publication
from barometer.ui import address, reconnected
from barometer.ui.address import (
    LANGUAGE,
    MARGINS,
    SETTINGS,
    SLIDE,
    TABLES,
    Address,
    Allowed,
)
from barometer.ui.address import NOTES as NOTES
from barometer.ui.address import PRESENT as PRESENT
from barometer.ui.text import plain
from barometer.words import Translate, translator

WRITTEN = "_written"  # the parameters last written to, or read from, the address bar
OWN = "_own"  # what each page alone asked when it was last open
ON_PAGE = "_page"  # the page they were on
CLICKED = "_clicked"  # a presenter's key caused this run, whatever the address lags behind
NOTICE = "_notice"  # what the address asked in vain, until it is told
NAMES = {"fr": "FR", "en": "EN"}


@dataclass(frozen=True)
class Choice:
    """What the visitor chose."""

    year: int
    filters: Where
    language: str
    margins: bool
    settings: Settings
    tables: list[str] = field(default_factory=list)
    present: str = ""
    notes: bool = False


WAVE, MAIN, MORE, METHOD = "wave", "main", "more", "method"
EVERY = (WAVE, MAIN, MORE, METHOD)  # what the bar offers where the page says nothing else


class Controls(Protocol):
    """What one page alone asks, kept in the address bar beside the filters."""

    def allowed(self, book: Codebook) -> Allowed:
        """The values that each parameter may take; None for any text."""

    def take(self, values: dict[str, list[str]], book: Codebook) -> None:
        """Set the widgets from the address."""

    def draw(self, book: Codebook, spoken: str) -> None:
        """Draw the widgets."""

    def held(self) -> dict[str, list[str]]:
        """What the widgets hold, for the address."""


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


def bar(
    page: Page,
    publication: Publication,
    spoken: str,
    controls: Controls | None,
    offers: Collection[str] = EVERY,
) -> Choice:
    """Draw the filters and return what they hold; the address bar follows.

    A page is offered what acts on it alone: the rest keeps what it holds for the next page.
    """
    book, _ = publication.codebook, translator(spoken)
    menu = not presenting()
    back = set() if ON_PAGE in st.session_state else reconnected.chosen()
    _take_address(page, publication, spoken, controls)
    for key in back:
        st.session_state.pop(key, None)  # what the browser holds comes before its address
    if menu == presenting():
        st.rerun()  # the menu was drawn for a page, or hidden for a presenter: now it is the other
    if notice := st.session_state.pop(NOTICE, ""):
        st.warning(notice, icon=":material/link_off:")
    if presenting():
        _keep(book, controls, {*EVERY, LANGUAGE})
        return _write_address(page, book, controls)
    _keep(book, None, set(EVERY) - set(offers))
    main = book.main_dimension
    others = [d for d in book.dimensions if d.code != main.code]
    acting = [*([main] if MAIN in offers else []), *(others if MORE in offers else [])]
    count = sum(bool(st.session_state.get(d.code)) for d in acting)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="filters"):
        if WAVE in offers:
            st.pills(_("Wave"), publication.years, required=True, key=YEAR)
        if MAIN in offers:
            _pick(main, spoken, pills=True)
        if MORE in offers:
            label = _("More filters")
            with st.popover(f"{label} ({count})" if count else label, icon=":material/tune:"):
                for dimension in others:
                    _pick(dimension, spoken, pills=False)
        if METHOD in offers:
            _method(book, spoken)
        if acting:
            st.button(
                _("Clear"),
                type="tertiary",
                disabled=not count,
                on_click=_reset,
                args=(acting,),
                key="reset",
            )
        st.space("stretch")
        _view(page, controls, spoken)
    if controls:
        controls.draw(book, spoken)
    if back:
        st.rerun()  # some of the bar was drawn before its widgets told what they hold
    return _write_address(page, book, controls)


def _view(page: Page, controls: Controls | None, spoken: str) -> None:
    """How the page is seen: full screen, in which language; both go to a next line together."""
    _ = translator(spoken)
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="xsmall", width="content", wrap=False
    ):
        if names := _charts(page, controls):
            st.button(
                _("Present"),
                icon=":material/slideshow:",
                type="tertiary",
                on_click=show_alone,
                args=(names[0],),
                key="present_charts",
                help=_("Charts full screen, one after the other"),
            )
        _switch(spoken)


def speak(spoken: str) -> None:
    """The choice of a language, where there is nothing else to choose; the address follows."""
    st.session_state[LANGUAGE] = spoken
    with st.container(horizontal=True, horizontal_alignment="right", key="filters"):
        _switch(spoken)
    if st.query_params.get(LANGUAGE) != spoken:
        st.query_params[LANGUAGE] = spoken
    st.session_state[WRITTEN] = _parameters()


def _switch(spoken: str) -> None:
    _ = translator(spoken)
    st.segmented_control(
        _("Language"),
        LANGUAGES,
        format_func=NAMES.__getitem__,
        required=True,
        key=LANGUAGE,
        label_visibility="collapsed",
    )


def presenting() -> bool:
    """Whether a chart is shown on its own: as this session says, else as the address asks."""
    state = st.session_state
    return bool(state[PRESENT] if PRESENT in state else st.query_params.get(PRESENT))


def show_alone(name: str) -> None:
    """A chart to show on its own from now on, none for "": called back by a click or a key."""
    st.session_state[PRESENT] = name
    st.session_state[CLICKED] = True


def _keep(book: Codebook, controls: Controls | None, parts: set[str]) -> None:
    """Hold on to what is not drawn now: Streamlit forgets a widget that a run does not draw."""
    main = book.main_dimension.code
    keys = {
        WAVE: [YEAR],
        MAIN: [main],
        MORE: [d.code for d in book.dimensions if d.code != main],
        METHOD: [MARGINS, *SETTINGS],
        LANGUAGE: [LANGUAGE],
    }
    for part in parts:
        for key in keys[part]:
            if key in st.session_state:
                st.session_state[key] = st.session_state[key]
    if controls:
        controls.take(controls.held(), book)


def _pick(dimension: Dimension, spoken: str, *, pills: bool) -> None:
    labels = {level.code: plain(level.label[spoken]) for level in dimension.levels}
    label, codes, words = dimension.label[spoken], list(labels), labels.__getitem__
    if pills:
        st.pills(label, codes, selection_mode="multi", format_func=words, key=dimension.code)
    else:
        st.multiselect(
            label, codes, format_func=words, key=dimension.code, placeholder=_all(spoken)
        )


def _all(spoken: str) -> str:
    _ = translator(spoken)
    return _("All")


def _method(book: Codebook, spoken: str) -> None:
    """The menu of the method, sent when it opens: what it holds is a tenth of what a page costs."""
    _ = translator(spoken)
    menu = st.popover(
        _("Method"), icon=":material/straighten:", key="menu_method", on_change="rerun"
    )
    if not menu.open:
        _keep(book, None, {METHOD})
        return
    with menu:
        st.toggle(_("Show margins of error"), key=MARGINS)
        _settings(spoken)


def _settings(spoken: str) -> None:
    """The choice of method: each setting with what it means."""
    _ = translator(spoken)
    words = _setting_words(_, spoken)
    for name, (label, options) in words.items():
        st.selectbox(label, SETTINGS[name], format_func=options.__getitem__, key=name)


def _setting_words(_: Translate, spoken: str) -> dict[str, tuple[str, dict[Any, str]]]:
    return {
        "confidence": (
            _("Confidence level"),
            {level: style.share(level, spoken) for level in SETTINGS["confidence"]},
        ),
        "interval": (
            _("Interval of a share"),
            {"wilson": _("Wilson"), "korn_graubard": _("Korn–Graubard (conservative)")},
        ),
        "correction": (
            _("Correction for many comparisons"),
            {
                "holm": _("Holm"),
                "benjamini_hochberg": _("Benjamini–Hochberg"),
                "none": _("None"),
            },
        ),
        "reference": (
            _("What ▲ ▼ compare with"),
            {
                "previous": _("The previous wave"),
                "others": _("All other groups"),
                "total": _("The total"),
            },
        ),
    }


def _reset(dimensions: Sequence[Dimension]) -> None:
    for dimension in dimensions:
        st.session_state[dimension.code] = []


def keep(page: str, name: str, values: list[str]) -> None:
    """Have a page ask these values when it is opened next, from another page."""
    own = st.session_state.get(OWN, {})
    st.session_state[OWN] = own | {page: own.get(page, {}) | {name: values}}


def kept(page: str, name: str) -> list[str]:
    """What a page asks when it is opened next."""
    return list(st.session_state.get(OWN, {}).get(page, {}).get(name, []))


def _parameters() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _take_address(
    page: Page, publication: Publication, spoken: str, controls: Controls | None
) -> None:
    """Set the widgets, unless they are what the address was written from.

    A click in the navigation leaves the address bare: the view then follows the visitor.
    """
    state, parameters = st.session_state, _parameters()
    clicked = state.pop(CLICKED, False)
    turned = state.get(ON_PAGE) != page.code
    state[ON_PAGE] = page.code
    if not turned and _whole(publication):
        written = state.get(WRITTEN)
        held = _held(page, publication.codebook, controls).parameters()
        # A click counts before the address that it comes with: on a slow network that is behind.
        if clicked or parameters == written or held != written:
            return
    asked, dropped = address.read(
        parameters or state.get(WRITTEN, {}) | state.get(OWN, {}).get(page.code, {}),
        publication.codebook,
        publication.years,
        _charts(page, controls),
        spoken,
        controls.allowed(publication.codebook) if controls else {},
    )
    _set(asked, publication.codebook)
    if asked.carried and SLIDE not in state.get(OWN, {}).get(PRESENTATION, {}):
        keep(PRESENTATION, SLIDE, asked.carried)
    if controls:
        controls.take(asked.page, publication.codebook)
    if dropped and parameters:
        _ = translator(spoken)
        st.session_state[NOTICE] = _(
            "The address asked for what is not here, and it was left out: {dropped}"
        ).format(dropped=plain(", ".join(dropped)))


def _set(asked: Address, book: Codebook) -> None:
    st.session_state[YEAR] = asked.year
    st.session_state[LANGUAGE] = asked.language
    st.session_state[MARGINS] = asked.margins
    st.session_state[TABLES] = list(asked.tables)
    st.session_state[PRESENT] = asked.present
    st.session_state[NOTES] = asked.notes
    for name in SETTINGS:
        st.session_state[name] = getattr(asked.settings, name)
    for dimension in book.dimensions:
        st.session_state[dimension.code] = list(asked.where.get(dimension.code, []))


def _whole(publication: Publication) -> bool:
    """Whether the widgets hold a view: a new session's do not, nor those Streamlit forgot."""
    state = st.session_state
    return (
        state.get(YEAR) in publication.years
        and state.get(LANGUAGE) in LANGUAGES
        and all(state.get(name) in choices for name, choices in SETTINGS.items())
    )


def _held(page: Page, book: Codebook, controls: Controls | None) -> Address:
    """What the widgets hold."""
    state = st.session_state
    return Address(
        state[YEAR],
        state[LANGUAGE],
        {d.code: list(state.get(d.code) or []) for d in book.dimensions},
        bool(state.get(MARGINS)),
        [name for name in state.get(TABLES, []) if name in _charts(page, controls)],
        Settings(**{name: state[name] for name in SETTINGS}),
        controls.held() if controls else {},
        state.get(PRESENT, ""),
        bool(state.get(NOTES)),
        [] if page.code == PRESENTATION else kept(PRESENTATION, SLIDE),
    )


def _charts(page: Page, controls: Controls | None) -> Sequence[str]:
    """Names of the charts of a page, with those that its controls say it makes itself."""
    return (*page.charts, *getattr(controls, "charts", ()))


def _write_address(page: Page, book: Codebook, controls: Controls | None) -> Choice:
    state, now = st.session_state, _held(page, book, controls)
    state[OWN] = state.get(OWN, {}) | {page.code: now.page}
    parameters = now.parameters()
    if parameters != _parameters():
        st.query_params.from_dict(parameters)
    state[WRITTEN] = parameters
    filters = tuple(
        (name, tuple(sorted(levels))) for name, levels in sorted(now.where.items()) if levels
    )
    return Choice(
        now.year,
        filters,
        now.language,
        now.margins,
        now.settings,
        now.tables,
        now.present,
        now.notes,
    )
