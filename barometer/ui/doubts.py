"""What a guess is not sure of: one block a column, to confirm, correct or leave out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from barometer import style
from barometer.intake.mapping import Column
from barometer.ui.reasons import why
from barometer.ui.text import plain
from barometer.words import translator

MOST = 25  # columns that have a block of their own; a table takes the others


def doubts(
    columns: list[Column],
    examples: dict[str, str],
    labels: dict[str, str],
    language: str,
    key: str,
) -> dict[str, dict[str, Any]]:
    """What the person says of each column: its target, and whether that is confirmed.

    `examples` are some values of each, `labels` the words of each target, nothing among them.
    """
    told: dict[str, dict[str, Any]] = {}
    for number, column in enumerate(columns):
        told[column.source] = block(
            column, examples[column.source], labels, language, f"{key}_{number}", confirmed=False
        )
    return told


def block(
    column: Column,
    examples: str,
    labels: dict[str, str],
    language: str,
    key: str,
    *,
    confirmed: bool,
    chosen: str | None = None,
) -> dict[str, Any]:
    """One column: its words, its values, why it is tied so, and what the person says of it.

    `chosen` is the target that it was given before, where that is not the guessed one.
    """
    _ = translator(language)
    now = column.target if chosen is None else chosen
    with st.container(border=True, gap="small"):
        st.markdown(f"**{plain(column.source)}**")
        lines = [column.label] if column.label not in ("", column.source) else []
        if examples:
            lines.append(_("Values: {values}").format(values=examples))
        if column.reason:
            sure = style.share(column.confidence, language)
            reason = why(column.reason, _)
            lines.append(_("Sure at {share}: {reason}").format(share=sure, reason=reason))
        if lines:
            st.caption("  \n".join(map(plain, lines)))
        target = st.selectbox(
            _("Becomes"),
            list(labels),
            index=list(labels).index(now) if now in labels else 0,
            format_func=labels.__getitem__,
            key=f"{key}_target",
        )
        changed = target != column.target
        said = st.checkbox(
            _("That is right"), value=confirmed, disabled=changed, key=f"{key}_confirmed"
        )
    # Whoever chooses a target has confirmed it.
    return {"target": target, "confirmed": said or changed}
