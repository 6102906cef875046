"""What a guess is not sure of, a block each: to confirm, correct or leave out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from barometer import style
from barometer.intake.doubt import Doubt, alike
from barometer.intake.mapping import Column
from barometer.intake.targets import Target
from barometer.ui.reasons import why
from barometer.ui.text import plain
from barometer.ui.together import read_as, said_together, together
from barometer.words import translator

MOST = 25  # blocks that are drawn at once
CHOICES = "_import_doubts"  # what this session says of each: a widget out of sight forgets its own


def doubts(
    columns: list[Column],
    examples: Callable[[Column], str],
    known: Mapping[str, Target],
    labels: dict[str, str],
    language: str,
    key: str,
) -> dict[str, dict[str, Any]]:
    """What the person says of each column: its target, and whether that is confirmed.

    Columns of one kind of doubt, such as those of a grid, are one block. `examples` gives some
    values of a column, `known` the targets, `labels` their words, nothing among them. Many blocks
    are looked at MOST at a time.
    """
    blocks = alike(columns, known)
    told: dict[str, dict[str, Any]] = {
        c.source: {"target": c.target, "confirmed": False} for c in columns
    }
    told |= _kept(blocks, key)
    _ = translator(language)
    shown = _shown(blocks, told, language, key)
    for number in shown:
        doubt = blocks[number]
        if len(doubt.columns) > 1:
            told |= together(doubt, told, examples, known, labels, language, f"{key}_{number}")
            continue
        column = doubt.columns[0]
        told[column.source] = block(
            column,
            examples(column),
            known,
            labels,
            language,
            f"{key}_{number}",
            confirmed=told[column.source]["confirmed"],
            chosen=told[column.source]["target"],
        )
    if shown.stop < len(blocks):
        st.button(
            _("The next ones"),
            icon=":material/arrow_downward:",
            on_click=_turn,
            args=(f"{key}_group", shown.stop // MOST),
            key=f"{key}_next",
        )
    return told


def _turn(key: str, group: int) -> None:
    st.session_state[key] = group


def _shown(blocks: list[Doubt], told: dict[str, dict[str, Any]], language: str, key: str) -> range:
    """The blocks that are looked at now; where there are many, the person chooses which."""
    if len(blocks) <= MOST:
        return range(len(blocks))
    _ = translator(language)
    groups = [range(start, min(start + MOST, len(blocks))) for start in range(0, len(blocks), MOST)]

    def words(group: int) -> str:
        here = groups[group]
        return _("Doubts {first} to {last}").format(first=here[0] + 1, last=here[-1] + 1)

    at = st.selectbox(
        _("Look at"), range(len(groups)), format_func=words, key=f"{key}_group", width=320
    )
    waiting = [
        sum(not all(told[c.source]["confirmed"] for c in blocks[n].columns) for n in group)
        for group in groups
    ]
    listed = [f"{words(group)} ({n})" for group, n in enumerate(waiting) if n]
    if listed:
        st.caption(_("To confirm: {columns}").format(columns=" · ".join(listed)))
    return groups[at or 0]


def _kept(blocks: list[Doubt], key: str) -> dict[str, dict[str, Any]]:
    """What was said of columns that may be out of sight by now."""
    kept = dict(st.session_state.get(CHOICES, {}).get(key, {}))
    for number, doubt in enumerate(blocks):
        if len(doubt.columns) > 1:
            kept |= said_together(doubt, kept, f"{key}_{number}")
            continue
        column = doubt.columns[0]
        target = st.session_state.get(f"{key}_{number}_target")
        if target is not None:
            said = bool(st.session_state.get(f"{key}_{number}_confirmed"))
            confirmed = said or target != column.target
            kept[column.source] = {"target": target, "confirmed": confirmed}
    st.session_state[CHOICES] = {key: kept}
    return kept


def block(
    column: Column,
    examples: str,
    known: Mapping[str, Target],
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
        if now == column.target and (meaning := read_as([column], known, language)):
            lines.append(meaning)
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
