"""Margins that were sent as a file, as they were read: a block a dimension and wave."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from barometer import style
from barometer.codebook import YEAR, Codebook
from barometer.ui.text import plain
from barometer.words import translator

BLOCKS, LEVELS = 20, 60  # blocks that are shown, and levels of each; all rows are used


def sent(rows: list[dict[str, Any]], book: Codebook, language: str) -> None:
    """Each dimension with its levels and targets, in two columns that a telephone shows whole.

    A row without a dimension, a level or a target is left to the check, which says what it lacks.
    """
    _ = translator(language)
    blocks: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        name, level, target = (str(row.get(key) or "") for key in ("dimension", "level", "target"))
        if name and level and target:
            wave = str(row.get(YEAR) or "")
            blocks.setdefault((name, wave), []).append(
                (_level(book, name, level, language), target)
            )
    shown = dict(list(blocks.items())[:BLOCKS])
    for (name, wave), levels in shown.items():
        dimension = book.by_dimension.get(name)
        title = dimension.label[language] if dimension else name
        with st.container(border=True, gap="small"):
            st.markdown(f"**{plain(' · '.join(filter(None, (title, wave))))}**")
            table = pd.DataFrame(levels[:LEVELS], columns=[_("Level"), _("Asked")])
            st.table(table.map(plain), hide_index=True)
    more = sum(map(len, blocks.values())) - sum(len(levels[:LEVELS]) for levels in shown.values())
    if more:
        st.caption(_("{n} more targets are not shown.").format(n=style.number(more, language)))


def _level(book: Codebook, dimension: str, code: str, language: str) -> str:
    known = book.by_dimension.get(dimension)
    level = known.level(code) if known else None
    return level.label[language] if level else code
