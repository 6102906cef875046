"""What a grid of criteria says of each row: holds on all, fails on one, or cannot be told."""

from __future__ import annotations

import streamlit as st

from barometer import charts as specs
from barometer.ui.opening import Screen
from barometer.ui.text import plain
from barometer.verdicts import Verdict
from barometer.words import Translate


def verdicts(screen: Screen) -> None:
    """Three lists beside each other, from the page's chart that declares a verdict."""
    _ = screen.words
    declared = next(
        chart
        for name in screen.page.charts
        if (chart := screen.declared.by_name[name]).verdict and chart.kind == "heatmap"
    )
    found = specs.verdicts_of(screen.publication, declared, screen.view)
    if not found:
        return
    lists = (
        (
            "holds",
            ":material/check_circle:",
            _("Hold on every criterion"),
            _("Each criterion is rated 4 or 5 by over half, beyond the margin of error."),
        ),
        (
            "open",
            ":material/help:",
            _("Cannot be told"),
            _("The margins of error reach across half: these bases cannot tell."),
        ),
        (
            "fails",
            ":material/cancel:",
            _("Fail on a criterion"),
            _("One criterion at least is rated 4 or 5 by under half, beyond the margin of error."),
        ),
    )
    for column, (outcome, icon, title, meaning) in zip(st.columns(3), lists, strict=True):
        rows = [verdict for verdict in found if verdict.outcome == outcome]
        with column, st.container(border=True, height="stretch", key=f"verdict_{outcome}"):
            st.markdown(f"##### {icon} {plain(title)} ({len(rows)})")
            told = [plain(_told(verdict, _)) for verdict in rows]
            st.markdown("  \n".join(told) or "–")
            st.caption(plain(meaning))


def _told(verdict: Verdict, _: Translate) -> str:
    """The row, and what it fails on."""
    if not verdict.failing:
        return verdict.label
    failing = ", ".join(verdict.failing).lower()
    return _("{row}: {criteria}").format(row=verdict.label, criteria=failing)
