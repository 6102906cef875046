"""Open a page: one publication, one view, and a sentence where something fails."""

from __future__ import annotations

import copy
import logging
import threading
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from barometer import codebook as codebooks
from barometer import declarations, figures, store, style
from barometer.access import Role, Visitor
from barometer.charts import View
from barometer.codebook import Codebook, CodebookError
from barometer.declarations import Declarations, Page
from barometer.intake import FaultyFile
from barometer.kept import kept
from barometer.store import Home, Publication, PublicationError, Publications, SupersededError
from barometer.ui import access, filters, within
from barometer.ui.text import plain
from barometer.words import Translate, translator

PAGES = Path(__file__).resolve().parent.parent.parent / "pages"
ICON = (PAGES.parent / "static" / "icon.png").read_bytes()
log = logging.getLogger(__name__)
_first_publication = threading.Lock()
_failed: dict[tuple[tuple[Path, int], ...], float] = {}  # demonstrations, and when they failed
AGAIN = 60  # seconds after which one is tried again: a disk may have been full


@dataclass(frozen=True)
class Screen:
    """One page as one visitor sees it in one run: everything on it comes from one publication."""

    page: Page
    publication: Publication
    declared: Declarations
    published: pd.DataFrame
    reference: pd.DataFrame
    view: View
    margins: bool
    tables: frozenset[str]
    visitor: Visitor

    @property
    def words(self) -> Translate:
        """The interface's words in the visitor's language."""
        return translator(self.view.language)

    @property
    def book(self) -> Codebook:
        """The codebook of the publication on screen."""
        return self.publication.codebook


def current() -> Publication | None:
    """The publication that visitors see, None where none was made."""
    return _publications(Home.at()).current()


def openable() -> Publication | None:
    """As `current`, once all that its pages declare could be read, and a codebook without it.

    Raises PublicationError, CodebookError or OSError where no page can be shown.
    """
    publication = current()
    declared(publication)
    return publication


def run() -> None:
    """The whole application: called by app.py on each run."""
    language = filters.language()
    _ = translator(language)
    visitor = access.enter("viewer", language)
    publication = _opened(_)
    _navigation(_declared(publication, _), language, visitor).run()


@contextmanager
def page(
    code: str,
    controls: filters.Controls | None = None,
    offers: Collection[str] = filters.EVERY,
    role: Role = "viewer",
) -> Iterator[Screen]:
    """Open a page, draw its head and filters, then its body, then its foot.

    `controls` are what this page alone asks, `offers` the parts of the bar of filters that act on
    it, `role` who may open it at least, whatever is declared.

    A fresh server runs the file of a page without app.py: the page then sets up the navigation
    itself. Whatever fails in the body, the visitor reads a sentence with an identifier to quote,
    and the log has the rest.
    """
    language = filters.language()
    _ = translator(language)
    visitor = access.enter(role, language, code)
    publication = _opened(_)
    declared = _declared(publication, _)
    declaration = declared.page(code)
    if declaration is None:
        st.info(_("This barometer has no such page."))
        st.stop()
    access.enter(declaration.role, language, code)
    if not st.session_state.get(NAVIGATED):
        # This run's widgets would be forgotten by the next, which goes through app.py: go now.
        _navigation(declared, language, visitor)
        st.rerun()
    st.session_state[NAVIGATED] = False
    if publication is None:
        _begin(declaration, declared, language, visitor)
        st.stop()
    if not filters.presenting():
        access.bar(visitor, language)
    try:
        narrowing = within.choices(declaration, declared) if controls is None else None
        choice = filters.bar(declaration, publication, language, controls or narrowing, offers)
        home = Home.at()
        screen = Screen(
            declaration,
            publication,
            declared,
            _figures(home.data, "published"),
            _figures(home.data, "reference"),
            View(
                choice.year,
                choice.filters,
                choice.language,
                choice.settings,
                within=narrowing.within() if narrowing else (),
            ),
            choice.margins,
            frozenset(choice.tables),
            visitor,
        )
        if choice.present:
            _present(screen, controls, choice)
    except Exception as fault:
        _excuse(code, fault, _)
        st.stop()
    if choice.present:
        st.stop()
    try:
        yield screen
        _foot(publication, language)
    except Exception as fault:
        _excuse(code, fault, _)


def _begin(page: Page, declared: Declarations, language: str, visitor: Visitor) -> None:
    from barometer.ui.beginning import begin  # which needs the page that this module opens

    entry = declared.page(declarations.IMPORT)
    try:
        begin(page, declared, _entry(entry or page, language), language, visitor)
    except Exception as fault:
        _excuse(page.code, fault, translator(language))


def _present(screen: Screen, controls: filters.Controls | None, choice: filters.Choice) -> None:
    from barometer.ui.present import present  # which needs the pages that this module opens

    present(screen, controls, choice.present, choice.notes)


ONE_LINE = 9  # pages that the navigation shows side by side, without sections
NAVIGATED = "_navigated"  # set by the navigation for the page that it runs next


def _navigation(declared: Declarations, language: str, visitor: Visitor) -> st.Page:
    st.set_page_config(page_title="Baromètre", page_icon=ICON, layout="wide")
    offered = [page for page in declared.pages if _has_file(page.code) and visitor.may(page.role)]
    pages: dict[str, list[st.Page]] = {}
    for page in offered:
        gathered = page.section is not None and len(offered) > ONE_LINE
        section = page.section[language] if page.section and gathered else ""
        pages.setdefault(section, []).append(_entry(page, language))
    st.session_state[NAVIGATED] = True
    return st.navigation(pages, position="hidden" if filters.presenting() else "top")


def _entry(page: Page, language: str) -> st.Page:
    """A page as the navigation names it: one of this run's own, which the navigation changes."""
    return copy.copy(_named(page.code, page.title[language], page.icon))


@lru_cache(256)
def _named(code: str, title: str, icon: str) -> st.Page:
    first = code == declarations.OVERVIEW
    return st.Page(
        PAGES / f"{code}.py", title=title, icon=icon, url_path="" if first else code, default=first
    )


@lru_cache(256)
def _has_file(code: str) -> bool:
    return (PAGES / f"{code}.py").exists()


@lru_cache(8)
def _publications(home: Home) -> Publications:
    return Publications(home)


@lru_cache(2)  # each some 100 MB
def publication_named(identifier: str) -> Publication | None:
    """An earlier publication, None where it is gone."""
    return _publications(Home.at()).named(identifier)


def _opened(_: Translate) -> Publication | None:
    """The current publication; the first visit ever publishes the demonstration, once.

    None where nothing is published and there is no demonstration, or none that can be published.
    """
    publications = _publications(Home.at())
    home = publications.home
    try:
        publication = publications.current()
        if publication is None:
            waves = _stamps(home)
            with _first_publication:
                if publications.current() is None:
                    if not waves or time.monotonic() - _failed.get(waves, -AGAIN) < AGAIN:
                        return None
                    _demonstrate(home, waves, _)
            st.rerun()
    except (PublicationError, CodebookError, FaultyFile, OSError) as fault:
        _close(fault, _)
    return publication


def _close(fault: Exception, _: Translate) -> NoReturn:
    log.error("nothing to show: %s", fault)
    st.error(_("The barometer cannot be opened. Its owner finds the reason in the log."))
    st.stop()


def _stamps(home: Home) -> tuple[tuple[Path, int], ...]:
    """The waves of the demonstration and the codebook that reads them, as they are now."""
    waves = home.wave_files()
    files = [*waves, home.data / "codebook.toml"] if waves else []
    return tuple((path, path.stat().st_mtime_ns) for path in files if path.exists())


def _demonstrate(home: Home, waves: tuple[tuple[Path, int], ...], _: Translate) -> None:
    """Publish the demonstration; where that fails the log says why, and it waits."""
    try:
        _publish(home, _)
    except (PublicationError, FaultyFile) as fault:
        log.error("the waves of %s cannot be published: %s", home.data, fault)
        _failed[waves] = time.monotonic()


def _publish(home: Home, _: Translate) -> Publication:
    label = _("First visit: the waves are being published. This takes a few seconds.")
    bar = st.progress(0.0, label)

    def show(share: float, step: str) -> None:
        bar.progress(min(share, 1.0), f"{label} {plain(step)}")

    try:
        return store.publish(home, progress=show)
    except SupersededError:  # another process of this server was faster
        return _publications(home).current() or store.publish(home, progress=show)
    finally:
        bar.empty()


@kept(8)
def _loaded(publication: Publication, data: Path, stamp: float) -> Declarations:
    return declarations.load(data, publication.codebook)


def _declared(publication: Publication | None, _: Translate) -> Declarations:
    try:
        return declared(publication)
    except (CodebookError, OSError) as fault:
        _close(fault, _)


def declared(publication: Publication | None) -> Declarations:
    """The declarations of the home, read again when their file changes.

    Raises CodebookError or OSError.
    """
    data = Home.at().data
    path = data / "charts.toml"
    if publication is None:
        return declarations.load(data, codebooks.load(data))
    return _loaded(publication, data, path.stat().st_mtime if path.exists() else 0.0)


def printed_elsewhere(kind: str) -> pd.DataFrame:
    """Rows of a file of printed figures: read them, never change them."""
    return _figures(Home.at().data, kind)


@lru_cache(8)
def _figures(data: Path, kind: str) -> pd.DataFrame:
    return figures.load(data, kind)


def site() -> str:
    """The address of this barometer, as the visitor's browser has it; empty where unknown."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _excuse(code: str, fault: Exception, _: Translate) -> None:
    identifier = uuid.uuid4().hex[:8]
    log.error("page %s failed, shown as error %s", code, identifier, exc_info=fault)
    st.error(
        _("This page could not be drawn. Error {identifier} is in the server's log.").format(
            identifier=identifier
        ),
        icon=":material/error:",
    )


def _foot(publication: Publication, language: str) -> None:
    _ = translator(language)
    st.caption(
        _(
            "Publication {identifier} · waves {waves} · text and data free to reuse with the source"
        ).format(identifier=publication.id, waves=style.years(publication.years, language))
    )
