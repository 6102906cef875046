"""The only Streamlit module: access, language, the view in the address bar, charts and downloads."""

from __future__ import annotations

import logging
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from barometer import charts, declarations, figures, findings, press, style, tables
from barometer.charts import ChartSpec, View
from barometer.codebook import LANGUAGES, YEAR, Codebook
from barometer.declarations import Chart, Declarations, KeyFigure, Page
from barometer.findings import Finding
from barometer.render import screen
from barometer.store import Home, Publication, Publications, publish
from barometer.words import Translate, translator

PAGES = Path(__file__).resolve().parent.parent / "pages"
FIGURES_KEPT = 256
log = logging.getLogger(__name__)


# --- opening a page -------------------------------------------------------------------------------


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

    @property
    def words(self) -> Translate:
        """The interface's words in the visitor's language."""
        return translator(self.view.language)

    @property
    def book(self) -> Codebook:
        """The codebook of the publication on screen."""
        return self.publication.codebook


def run() -> None:
    """The whole application: called by app.py on each run."""
    _configure()
    _navigation(_language_asked()).run()


@contextmanager
def page(code: str) -> Iterator[Screen]:
    """Open a page: check access, read the address, draw the head and the filters, then the body.

    Whatever goes wrong in the body, the visitor reads a sentence with an identifier to quote, and
    the log has the rest.
    """
    _configure()
    language = _language()
    _ = translator(language)
    try:
        publication = _publication(_)
        declared = _declared(_home(), publication)
        declaration = declared.page(code)
        if declaration is None:
            st.info(_("This barometer has no such page."))
            st.stop()
        home = _home()
        view, margins = _head(declaration, publication.codebook, publication.years, language)
        yield Screen(
            declaration,
            publication,
            declared,
            figures.load(home.data, "published"),
            figures.load(home.data, "reference"),
            view,
            margins,
        )
        _foot(publication, _)
    except Exception:  # the last line before the visitor: StopException and reruns pass through
        identifier = uuid.uuid4().hex[:8]
        log.exception("page %s failed, shown as error %s", code, identifier)
        log.debug(traceback.format_exc())
        st.error(
            _("This page could not be drawn. Error {identifier} is in the server's log.").format(
                identifier=identifier
            ),
            icon=":material/error:",
        )
