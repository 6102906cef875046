"""A barometer of which nothing is online yet: its first wave comes in here, or a way leads here."""

from __future__ import annotations

import streamlit as st

from barometer.access import Visitor
from barometer.declarations import IMPORT, Declarations, Page
from barometer.ui import access, filters
from barometer.ui.desk import Desk
from barometer.ui.importing import at_desk
from barometer.words import translator


def begin(page: Page, declared: Declarations, entry: st.Page, language: str, who: Visitor) -> None:
    """Draw a page before the first publication: the import, or what leads to it.

    `entry` is the page of imports, as the navigation has it.
    """
    _ = translator(language)
    access.bar(who, language)
    filters.speak(language)
    if page.code == IMPORT:
        st.info(
            _("Nothing is published yet. The first wave published here opens the barometer."),
            icon=":material/flag:",
        )
        at_desk(Desk(None, declared, language, who))
        return
    st.title(page.title[language], anchor=False)
    st.info(
        _("Nothing is published yet. This page opens with the first wave."),
        icon=":material/flag:",
    )
    if who.may("owner"):
        st.page_link(entry, label=_("Import the first wave"), icon=":material/upload_file:")
    else:
        st.caption(_("Its owner imports it."))
