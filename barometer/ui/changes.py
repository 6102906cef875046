"""What changed in the questionnaire since the last wave, and the trend breaks that it makes."""

from __future__ import annotations

import streamlit as st

from barometer.codebook import Codebook, CodebookError
from barometer.home import Home
from barometer.intake import Change, Mapping, breaks
from barometer.intake.targets import targets
from barometer.ui.named import named
from barometer.ui.text import plain
from barometer.words import Translate, translator

RECORD = "_import_breaks"  # a click to answer: a run may start anew before the page comes to it
RECORDED = "_import_recorded"  # how many were new, until it is told
MOST = 40  # changes that have a block of their own
LONGEST = 160  # characters of a wording


def changes(
    found: tuple[Change, ...], book: Codebook, mapping: Mapping, wave: int | None, language: str
) -> None:
    """Each change as a block that a telephone shows whole; the ticked ones become trend breaks.

    `wave` is the wave of the file, None where its rows are of several or do not say it.
    """
    if not found:
        return
    _ = translator(language)
    known, ticked = targets(book), []
    with st.expander(
        _("What changed in the questionnaire: {n}").format(n=len(found)),
        icon=":material/compare_arrows:",
        expanded=True,
    ):
        for number, change in enumerate(found[:MOST]):
            target = known.get(change.target)
            words = named(target, language) if target else change.target
            with st.container(border=True, gap="small"):
                st.markdown(f"**{plain(_kind(change, _))}** — {plain(words)}")
                st.caption("  \n".join(map(plain, _told(change, _))))
                if breaks.breaks_of(change, book, 0) and st.checkbox(
                    _("Its series are cut here"),
                    value=change.kind in breaks.CUTTING,
                    key=f"import_break_{number}_{change.kind}_{change.target}",
                ):
                    ticked.append(change)
        if len(found) > MOST:
            st.caption(_("{n} more are listed by the command breaks.").format(n=len(found) - MOST))
        year = mapping.year or st.number_input(
            _("Breaks count from the wave"), 1900, 2200, value=wave, key="import_break_year"
        )
        st.button(
            _("Record the ticked ones as trend breaks"),
            icon=":material/content_cut:",
            disabled=year is None or not ticked,
            on_click=_ask,
            key="import_breaks",
        )
        if (count := st.session_state.pop(RECORDED, None)) is not None:
            _said(count, _)
        if st.session_state.pop(RECORD, False) and year is not None:
            _record(ticked, book, int(year), _)


def _kind(change: Change, _: Translate) -> str:
    words = {
        "new": _("new"),
        "gone": _("no longer asked"),
        "reworded": _("reworded"),
        "recoded": _("other answers"),
    }[change.kind]
    return words[:1].upper() + words[1:]


def _told(change: Change, _: Translate) -> list[str]:
    """The words of before and of now, a line each; the column where there are none."""
    lines = []
    if change.before:
        lines.append(_("Before: {words}").format(words=change.before[:LONGEST]))
    if change.after:
        lines.append(_("Now: {words}").format(words=change.after[:LONGEST]))
    return lines or [_("Column: {name}").format(name=change.source)]


def _record(ticked: list[Change], book: Codebook, year: int, _: Translate) -> None:
    cuts = [cut for change in ticked for cut in breaks.breaks_of(change, book, year)]
    try:
        count = breaks.record(cuts, Home.at().data)
    except (CodebookError, OSError) as fault:
        st.error(plain(str(fault)), icon=":material/error:")
        return
    st.session_state[RECORDED] = count
    st.rerun()  # what follows is prepared with the codebook as it is now


def _said(count: int, _: Translate) -> None:
    if count:
        st.success(
            _("{n} trend breaks are recorded: charts are cut there once you publish.").format(
                n=count
            )
            if count > 1
            else _("One trend break is recorded: charts are cut there once you publish."),
            icon=":material/content_cut:",
        )
    else:
        st.info(_("These trend breaks were recorded before."), icon=":material/content_cut:")


def _ask() -> None:
    st.session_state[RECORD] = True
