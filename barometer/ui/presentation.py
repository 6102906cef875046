"""The page of a presentation: its charts in order, with a presenter's words, and its files."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import streamlit as st

from barometer import deck, tables
from barometer.codebook import LANGUAGES, Codebook
from barometer.deck import COMMENT, TITLE, Deck, Wanted
from barometer.declarations import YEARLY
from barometer.render import browser, files
from barometer.render import screen as screen_renderer
from barometer.render.browser import BrowserError
from barometer.spec import ChartSpec
from barometer.style import LIGHT
from barometer.ui import access, basket, filters
from barometer.ui.address import LETTERS, LONG, SLIDE, Allowed
from barometer.ui.basket import Kept
from barometer.ui.cards import spec_of
from barometer.ui.opening import Screen, site
from barometer.ui.refresh import refresh
from barometer.ui.text import plain
from barometer.words import Translate

SPOKEN, WITHOUT, NAME = "deck", "without", "title"  # parameters of the address
OPENED, CLOSED = "cover", "method"
BOTH = "both"
MADE, WANTED = "_made", "_make"  # the files made last; whether some are asked for now
TEMPLATE = "_template"  # the presenter's own, checked
MEGABYTES = 30
OFFERS = filters.EVERY
PREVIEWS_KEPT = 64


class Controls:
    """What the presentation asks: its charts, its language, what opens and closes it, its title."""

    key = "deck_"

    def allowed(self, book: Codebook) -> Allowed:
        """The values that each parameter may take."""
        return {
            SLIDE: LONG,
            SPOKEN: [*LANGUAGES, BOTH],
            WITHOUT: [OPENED, CLOSED],
            NAME: None,
        }

    def take(self, values: dict[str, list[str]], book: Codebook) -> None:
        """Set the basket and the widgets from the address."""
        basket.hold(values.get(SLIDE, []))
        state, without = st.session_state, values.get(WITHOUT, [])
        state[self.key + SPOKEN] = next(iter(values.get(SPOKEN, [])), None)
        state[self.key + OPENED] = OPENED not in without
        state[self.key + CLOSED] = CLOSED not in without
        state[self.key + NAME] = next(iter(values.get(NAME, [])), "")

    def draw(self, book: Codebook, spoken: str) -> None:
        """Nothing beside the filters: the choices stand with the files."""

    def held(self) -> dict[str, list[str]]:
        """What the basket and the widgets hold, for the address."""
        state = st.session_state
        return {
            SLIDE: [one.text for one in basket.kept()],
            SPOKEN: [spoken] if (spoken := state.get(self.key + SPOKEN)) else [],
            WITHOUT: [part for part in (OPENED, CLOSED) if not state.get(self.key + part, True)],
            NAME: [name] if (name := state.get(self.key + NAME, "").strip()) else [],
        }


CONTROLS = Controls()


def presentation(screen: Screen) -> None:
    """The charts chosen, each with its own title and comment, then the files to make of them."""
    _ = screen.words
    st.title(plain(screen.page.title[screen.view.language]), anchor=False)
    found, faults = basket.charts(screen)
    if faults:
        st.warning(
            plain(
                _(
                    "Left out of the presentation, since there is no such chart, wave or filter:"
                    " {faults}"
                ).format(faults="; ".join(faults))
            ),
            icon=":material/link_off:",
        )
    if not found:
        _invitation(screen)
        return
    st.caption(
        plain(
            _(
                "Each chart keeps the wave and the filters that it was added with; those above are"
                " for the cover and for charts added here. The address bar holds it all: send it."
            )
        )
    )
    _toolbar(screen, len(found))
    pictures = st.session_state.get("deck_preview", False)
    for place, (one, asked) in enumerate(found):
        _row(screen, one, asked, place, len(found), pictures=pictures)
    _more(screen)
    _outputs(screen, tuple(asked for _one, asked in found))
    refresh(screen)


def _invitation(screen: Screen) -> None:
    """Nothing is chosen yet: how to choose, and a whole deck at one click."""
    _ = screen.words
    st.info(
        plain(
            _(
                "No chart here yet. On any page, open the download menu of a chart and choose “Add"
                " to the presentation”; or start from a deck that is ready."
            )
        ),
        icon=":material/add_chart:",
    )
    with st.container(horizontal=True):
        _standard(screen)
        _undo(_)
    _more(screen)
    refresh(screen)


def _standard(screen: Screen) -> None:
    """A button for each deck that the barometer declares."""
    _, language = screen.words, screen.view.language
    for declared in screen.declared.decks:
        if declared.code == YEARLY:
            label = _("Start from the yearly deck, {year}").format(year=screen.view.year)
        else:
            label = _("Start from: {title}").format(title=declared.title[language])
        st.button(
            plain(label),
            icon=":material/auto_awesome_motion:",
            on_click=basket.add,
            args=deck.standard(declared, screen.view),
            key=f"start_{declared.code}",
            type="primary" if declared.code == YEARLY else "secondary",
        )


def _undo(_: Translate) -> None:
    if basket.changed():
        st.button(
            _("Undo the last change"),
            icon=":material/undo:",
            on_click=basket.undo,
            type="tertiary",
            key="deck_undo",
        )


def _toolbar(screen: Screen, count: int) -> None:
    _ = screen.words
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(_("{count} chart(s)").format(count=count)), width="content")
        st.toggle(_("Preview"), key="deck_preview")
        st.space("stretch")
        _undo(_)
        st.button(
            _("Empty the presentation"),
            icon=":material/delete_sweep:",
            on_click=basket.clear,
            type="tertiary",
            key="deck_clear",
        )


def _row(
    screen: Screen, one: Kept, asked: Wanted, place: int, count: int, *, pictures: bool
) -> None:
    """One chart: what it says, the presenter's title and comment, its place, a way out."""
    _, number = screen.words, one.number
    spec = spec_of(replace(screen, view=asked.view), asked.chart)
    with st.container(border=True, key=f"slide_{number}"):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            told = " · ".join(filter(None, (spec.measure, spec.waves, spec.filters)))
            with st.container(width="stretch"):
                st.markdown(f"**{place + 1}.** {plain(asked.title or spec.headline)}")
                st.caption(plain(told))
            with st.container(horizontal=True, width="content", gap="small"):
                _buttons(_, number, place, count)
        if spec.empty:
            st.info(plain(spec.empty), icon=":material/hide_source:")
        with st.expander(_("Title and comment"), icon=":material/edit_note:"):
            _words(screen, one, asked, spec)
        if pictures and not spec.empty:
            _preview(screen, spec, asked, number)


def _buttons(_: Translate, number: int, place: int, count: int) -> None:
    for icon, steps, told, off in (
        (":material/arrow_upward:", -1, _("Move up"), place == 0),
        (":material/arrow_downward:", 1, _("Move down"), place == count - 1),
    ):
        st.button(
            told,
            icon=icon,
            type="tertiary",
            disabled=off,
            on_click=basket.move,
            args=(number, steps),
            key=f"move_{number}_{steps}",
        )
    st.button(
        _("Take out"),
        icon=":material/close:",
        type="tertiary",
        on_click=basket.remove,
        args=(number,),
        key=f"remove_{number}",
    )


def _words(screen: Screen, one: Kept, asked: Wanted, spec: ChartSpec) -> None:
    """The presenter's own title over the finding, and a comment for whoever reads."""
    _, number = screen.words, one.number
    title, comment = f"words_{number}_title", f"words_{number}_comment"

    def say() -> None:
        state = st.session_state
        said = replace(
            asked, title=state[title].strip()[:TITLE] or None, comment=state[comment].strip()
        )
        basket.rewrite(number, str(said))

    st.text_input(
        _("Title (empty: the finding as computed)"),
        asked.title or "",
        max_chars=TITLE,
        placeholder=spec.headline,
        key=title,
        on_change=say,
    )
    st.text_area(
        _("Comment, beside the chart and in the notes"),
        asked.comment,
        max_chars=COMMENT,
        key=comment,
        on_change=say,
        height=80,
    )


def _preview(screen: Screen, spec: ChartSpec, asked: Wanted, number: int) -> None:
    """A picture as the files have it; where the server has no browser, the chart itself."""
    _, language = screen.words, screen.view.language
    if browser.find() is None:
        st.caption(plain(browser.missing(language)))
        figure = screen_renderer.figure(spec, LIGHT)
        st.plotly_chart(figure, theme=None, key=f"preview_{number}", alt=spec.alt)
        return
    try:
        with st.spinner(_("Drawing…")):
            st.image(_picture(spec, asked.title or ""), width=560, alt=spec.alt)
    except BrowserError as fault:
        st.caption(plain(str(fault)))
        st.dataframe(tables.shown(spec), hide_index=True, key=f"preview_{number}")


@lru_cache(PREVIEWS_KEPT)
def _picture(spec: ChartSpec, title: str) -> bytes:
    from barometer.render import image

    return image.draw(spec, "png", 1, title=title)


def _more(screen: Screen) -> None:
    """Any chart of the barometer, by its name, in the view of the filters above."""
    _, language = screen.words, screen.view.language
    labels = {c.name: c.measure[language] for c in screen.declared.charts}

    def add() -> None:
        if chosen := st.session_state["deck_more"]:
            basket.add(Wanted(chosen, screen.view))
            st.session_state["deck_more"] = None

    st.selectbox(
        _("Add a chart"),
        list(labels),
        index=None,
        format_func=lambda name: labels.get(name, name),
        key="deck_more",
        on_change=add,
        placeholder=_("Choose by what it measures"),
    )


# --- the files -----------------------------------------------------------------------------------


def _outputs(screen: Screen, asked: tuple[Wanted, ...]) -> None:
    """Language, cover, method, template; then one file at a time, made while one looks."""
    _, key = screen.words, CONTROLS.key
    names = {"fr": _("French"), "en": _("English"), BOTH: _("Both")}
    forms = {
        "pptx": _("PowerPoint"),
        "xlsx": _("Excel workbook"),
        "html": _("Web page, offline"),
        "pdf": _("PDF"),
        "png": _("Images (ZIP)"),
    }
    st.subheader(_("Files"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.session_state.get(key + SPOKEN) not in names:
            st.session_state[key + SPOKEN] = screen.view.language
        st.segmented_control(
            _("Language of the files"),
            list(names),
            format_func=names.__getitem__,
            required=True,
            key=key + SPOKEN,
        )
        st.toggle(_("Cover, key figures and findings"), key=key + OPENED)
        st.toggle(_("Method at the end"), key=key + CLOSED)
    st.text_input(
        _("Title of the presentation"),
        key=key + NAME,
        max_chars=min(LETTERS, TITLE),
        placeholder=screen.book.title[screen.view.language],
    )
    template = _template(screen)
    form = st.segmented_control(
        _("Format"),
        list(forms),
        default="pptx",
        format_func=forms.__getitem__,
        required=True,
        key="deck_format",
    )
    if files.FORMATS[form].browser and browser.find() is None:
        st.info(plain(browser.missing(screen.view.language)), icon=":material/web_asset_off:")
        return
    held = CONTROLS.held()
    spoken = held[SPOKEN][0]
    languages = LANGUAGES if spoken == BOTH else (spoken,)
    recipe = (form, asked, screen.view, str(held), id(template), screen.publication.id)
    st.button(
        _("Make the file") if len(languages) == 1 else _("Make the files"),
        icon=":material/build:",
        type="primary",
        key="deck_make",
        on_click=_want,
    )
    if st.session_state.pop(WANTED, False):
        _make(screen, asked, form, languages, template, recipe)
    _offer(_, recipe)


def _want() -> None:
    """The next run makes the files, below the button; a run that starts again forgets a click."""
    st.session_state[WANTED] = True


def _make(
    screen: Screen,
    asked: tuple[Wanted, ...],
    form: str,
    languages: tuple[str, ...],
    template: Any,
    recipe: tuple[Any, ...],
) -> None:
    """Make the files of a recipe, with a bar that follows; they stay until the recipe changes."""
    _, made = screen.words, []
    bar = st.progress(0.0, _("Making the file…"))
    try:
        for rank, language in enumerate(languages):

            def follow(done: int, every: int, name: str, rank: int = rank) -> None:
                share = (rank + done / max(every, 1)) / len(languages)
                bar.progress(min(share, 1.0), plain(name) or _("Making the file…"))

            built = _deck(screen, asked, language)
            content = files.deck(built, form, template if form == "pptx" else None, follow)
            kind = files.FORMATS[form]
            name = kind.name(built.file_name, several=True)
            made.append((name, content, kind.media_of(several=True), built.missing))
        st.session_state[MADE] = (recipe, made)
    except BrowserError as fault:
        st.error(plain(str(fault)), icon=":material/web_asset_off:")
    finally:
        bar.empty()


def _deck(screen: Screen, asked: tuple[Wanted, ...], language: str) -> Deck:
    """The deck of the basket in a language, as the choices want it."""
    held, yearly = CONTROLS.held(), screen.declared.deck(YEARLY)
    opened, closed = OPENED not in held[WITHOUT], CLOSED not in held[WITHOUT]
    made = deck.build(
        screen.publication,
        screen.declared,
        asked,
        replace(screen.view, language=language),
        screen.published,
        title=next(iter(held[NAME]), ""),
        figures=yearly.key_figures if yearly and opened else (),
        site=site(),
    )
    return replace(made, opened=opened, closed=closed)


def _offer(_: Translate, recipe: tuple[Any, ...]) -> None:
    """The files made of this very recipe."""
    last, made = st.session_state.get(MADE, (None, []))
    if last != recipe:
        return
    for name, content, media, missing in made:
        access.download_button(
            _("Download {name}").format(name=name),
            content,
            name,
            media,
            icon=":material/download:",
            key=f"file_{name}",
        )
        for sentence in missing:
            st.caption(plain(_("Left out: {reason}").format(reason=sentence)))


def _template(screen: Screen) -> Any:
    """The presenter's own template, checked; None for the house's."""
    _, language = screen.words, screen.view.language
    with st.expander(_("PowerPoint template"), icon=":material/palette:"):
        sent = st.file_uploader(
            _("Your own .pptx or .potx: its masters, fonts and colours are used"),
            ["pptx", "potx"],
            max_upload_size=MEGABYTES,
            key="deck_template",
        )
        if sent is None:
            st.caption(plain(_("Without one, the house's template.")))
            return None
        held = st.session_state.get(TEMPLATE)
        if held is None or held[0] != sent.file_id:
            held = (sent.file_id, checked(sent.getvalue(), language))
            st.session_state[TEMPLATE] = held
        template = held[1]
        if isinstance(template, str):
            st.error(plain(template), icon=":material/block:")
            return None
        for sentence in template.missing:
            st.caption(f":material/info: {plain(sentence)}")
        used = _("This template will be used.")
        st.caption(f":material/check: {plain(used)}")
        return template


def checked(content: bytes, language: str) -> Any:
    """The template, or the sentence that says why it is refused."""
    from barometer.render import powerpoint

    try:
        return powerpoint.template(content, language)
    except ValueError as fault:
        return str(fault)
