"""What changed in my deck: an exported deck goes in; the changes, and a new copy, come out."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd
import streamlit as st

from barometer import refresh as refreshing
from barometer import style
from barometer.refresh import Plan
from barometer.render import powerpoint
from barometer.store import Publication
from barometer.ui import access
from barometer.ui.opening import Screen, publication_named
from barometer.ui.text import plain
from barometer.words import Translate

FILE, WAVE = "refresh_file", "refresh_wave"
KEEP = 0  # the choice that moves no slide to another wave
READ_KEPT = 8
MOST = 30  # megabytes of a deck


def refresh(screen: Screen) -> None:
    """The section of a page: file in, changes and copy out."""
    _ = screen.words
    st.subheader(_("What changed in my deck"), anchor=False)
    given = st.file_uploader(
        _("A deck that was exported here (.pptx)"),
        type=["pptx"],
        max_upload_size=MOST,
        key=FILE,
        help=_("It is read on this server and not kept. Titles and notes that you edited stay."),
    )
    if given is None:
        return
    content = given.getvalue()
    try:
        held = _read(content, screen.view.language)
    except ValueError as fault:
        st.warning(plain(str(fault)), icon=":material/block:")
        return
    if not held:
        st.info(_("No slide of this file was exported by a barometer."), icon=":material/info:")
        return
    _changes(screen, content, given.name, held)


@lru_cache(READ_KEPT)
def _read(content: bytes, language: str) -> dict[int, refreshing.Memory]:
    return powerpoint.memories(content, language)


def _changes(screen: Screen, content: bytes, name: str, held: dict[int, refreshing.Memory]) -> None:
    """The list of what differs, and the button of the new copy."""
    _, publication = screen.words, screen.publication
    newest = refreshing.newest(held.values())
    labels = {KEEP: _("Keep each slide's wave")}
    for wave in publication.years:
        if wave != newest:
            labels[wave] = _("Move to {year}").format(year=wave)
    later = [year for year in publication.years if newest is not None and year > newest]
    if st.session_state.get(WAVE) not in labels:
        st.session_state[WAVE] = later[-1] if later else KEEP
    options, label = list(labels), _("Wave of the new copy")
    year: int = st.selectbox(label, options, format_func=labels.__getitem__, key=WAVE)
    bar = st.progress(0.0, _("Reading the slides again"))

    def follow(made: int, every: int) -> None:
        bar.progress(made / max(every, 1))

    plan = refreshing.plan(
        publication, screen.declared, held, screen.published, None if year == KEEP else year,
        follow, spoken=screen.view.language, former=publication_named,
    )  # fmt: skip
    new, left = powerpoint.refreshed(content, plan, screen.view.language)
    bar.empty()
    _table(plan, publication, screen.view.language, _)
    for sentence in left:
        st.caption(f":material/edit_note: {plain(sentence)}")
    access.download_button(
        _("Download the refreshed deck"),
        new,
        _renamed(name, newest if year == KEEP else year),
        powerpoint.TYPE,
        type="primary",
        icon=":material/download:",
        key="refresh_download",
    )


def _table(plan: Plan, publication: Publication, language: str, _: Translate) -> None:
    rows = [
        {
            _("Slide"): one.position + 1,
            _("Number"): change.where,
            _("In the deck"): change.before,
            _("Now"): change.after,
            _("Verdict"): change.verdict,
        }
        for one in plan.slides
        for change in one.changes
    ]
    compared = sum(one.compared for one in plan.slides)
    told = {
        "count": style.number(len(rows), language),
        "all": style.number(compared, language),
        "significant": style.number(
            sum(change.significant is True for one in plan.slides for change in one.changes),
            language,
        ),
    }
    st.markdown(
        plain(_("{count} of {all} numbers differ; {significant} significantly.").format(**told))
    )
    if not rows:
        return
    st.caption(
        plain(
            _(
                "The numbers of a slide are tested together, at its own level and correction;"
                " what is not comparable says why."
            )
        )
    )
    sure = [change.significant is True for one in plan.slides for change in one.changes]
    if any(sure) and st.toggle(_("Significant changes only"), key="refresh_sure"):
        rows = [row for row, mark in zip(rows, sure, strict=True) if mark]
    wide = st.column_config.TextColumn(width="large")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="refresh_changes",
        column_config={_("Number"): wide, _("Verdict"): wide},
    )


def _renamed(name: str, year: int | None) -> str:
    """The deck's name with the wave of its numbers."""
    stem = name.rsplit(".", 1)[0][:80] or "deck"
    return f"{stem}_{year}.pptx" if year else f"{stem}.pptx"
