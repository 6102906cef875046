"""Columns of which nothing is asked: looked at in a list, changed one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from barometer.intake.mapping import Column
from barometer.intake.targets import Target
from barometer.ui.doubts import block
from barometer.ui.text import plain
from barometer.words import translator

MOST, TALL = 8, 320  # rows beyond which the list scrolls, and its pixels then
CHOICES = "_import_choices"  # what this session says of each: a widget out of sight forgets its own


def others(
    columns: list[Column],
    examples: Callable[[Column], str],
    known: Mapping[str, Target],
    labels: dict[str, str],
    language: str,
    key: str,
) -> dict[str, dict[str, Any]]:
    """What the person says of each column: its target, and whether that is confirmed.

    `examples` gives some values of a column, `known` the targets, `labels` their words.
    """
    _ = translator(language)
    told: dict[str, dict[str, Any]] = {
        c.source: {"target": c.target, "confirmed": c.confirmed} for c in columns
    }
    told |= st.session_state.get(CHOICES, {}).get(key, {})
    if not columns:
        st.caption(_("There is no other column."))
        return told
    rows = pd.DataFrame(
        {
            _("Column"): [plain(column.source) for column in columns],
            _("Becomes"): [plain(labels.get(told[c.source]["target"], "")) for c in columns],
        }
    )
    with st.container(height="content" if len(columns) < MOST else TALL, border=False):
        st.table(rows, hide_index=True)  # which breaks lines where a telephone is narrow
    by_source = {column.source: column for column in columns}
    source = st.selectbox(
        _("Look at, or change"),
        list(by_source),
        index=None,
        placeholder=_("Choose"),
        key=f"{key}_source",
    )
    if source is None:
        return told
    column = by_source[source]
    number = list(by_source).index(source)
    said = block(
        column,
        examples(column),
        known,
        labels,
        language,
        f"{key}_{number}",
        confirmed=bool(told[source]["confirmed"] and column.target),
        chosen=told[source]["target"],
    )
    if not said["target"]:
        said["confirmed"] = True
    if said != told[source]:
        told[source] = said
        kept = st.session_state.get(CHOICES, {}).get(key, {})
        st.session_state[CHOICES] = {key: kept | {source: said}}
        st.rerun()  # the list above was drawn before
    return told
