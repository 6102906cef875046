"""Faults as a person mends them: the cure first, with every row that needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from barometer import sentences, style
from barometer.codebook import Codebook
from barometer.intake import Fault
from barometer.intake.targets import Target, targets
from barometer.ui.named import named
from barometer.ui.text import plain
from barometer.words import Translate, translator

KINDS_SHOWN, NAMED, FAULTS_SHOWN = 20, 6, 500
LONGEST = 80  # characters of a column or a value


@dataclass(frozen=True)
class _Kind:
    """Faults of one column that one cure mends."""

    expected: str
    column: str | None
    faults: tuple[Fault, ...]


def faults(found: Sequence[Fault], book: Codebook, language: str) -> None:
    """Each kind of fault as a block that a telephone shows whole; then all of them as a table."""
    _ = translator(language)
    st.error(
        _("{n} faults: nothing can be published until they are mended.").format(
            n=style.number(len(found), language)
        )
        if len(found) > 1
        else _("One fault: nothing can be published until it is mended."),
        icon=":material/error:",
    )
    known = targets(book)
    kinds = _kinds(found)
    for kind in kinds[:KINDS_SHOWN]:
        with st.container(border=True, gap="small"):
            cure, target = _cure(kind.expected, known, language)
            st.markdown(f"**{plain(cure)}**")
            st.caption("  \n".join(map(plain, _where(kind, target, language, _))))
    if len(kinds) > KINDS_SHOWN:
        st.caption(
            _("{n} more kinds of faults are in the table and in the report.").format(
                n=style.number(len(kinds) - KINDS_SHOWN, language)
            )
        )
    with st.expander(_("Every fault, row by row"), icon=":material/table_rows:"):
        _table(found, language, _)


def _kinds(found: Sequence[Fault]) -> list[_Kind]:
    grouped: dict[tuple[str, str | None], list[Fault]] = {}
    for fault in found:
        grouped.setdefault((fault.expected, fault.column), []).append(fault)
    return [_Kind(*key, tuple(several)) for key, several in grouped.items()]


def _cure(expected: str, known: dict[str, Target], language: str) -> tuple[str, Target | None]:
    """What was expected, and the target that it is said of, which stands before it."""
    code, colon, rest = expected.partition(": ")
    target = known.get(code) if colon else None
    said = sentences.said(rest if target else expected, language)
    return said[:1].upper() + said[1:], target


def _where(kind: _Kind, target: Target | None, language: str, _: Translate) -> list[str]:
    """The rows, the values found there, the column and what it becomes: a line each."""
    lines = []
    rows = [fault.row for fault in kind.faults if fault.row is not None]
    if len(rows) == 1:
        lines.append(_("Row {row}").format(row=rows[0]))
    elif rows:
        first = ", ".join(map(str, rows[:NAMED]))
        more = len(rows) - NAMED
        lines.append(
            _("Rows {rows} and {n} more").format(rows=first, n=style.number(more, language))
            if more > 0
            else _("Rows {rows}").format(rows=first)
        )
    values = dict.fromkeys(fault.value for fault in kind.faults if fault.value is not None)
    if values:
        shown = [_short(value) if value else _("empty") for value in list(values)[:NAMED]]
        lines.append(
            _("Found: {values}").format(values=" · ".join(shown) + " …" * (len(values) > NAMED))
        )
    if kind.column is not None:
        lines.append(_("Column: {name}").format(name=_short(kind.column)))
    if target is not None:
        lines.append(_("Becomes: {name}").format(name=_short(named(target, language))))
    return lines


def _short(text: str) -> str:
    return text[:LONGEST] + "…" if len(text) > LONGEST else text


def _table(found: Sequence[Fault], language: str, _: Translate) -> None:
    rows = pd.DataFrame(
        [
            fault.as_row() | {"expected": sentences.said(fault.expected, language)}
            for fault in found[:FAULTS_SHOWN]
        ],
        dtype=object,
    )
    names = {"row": _("Row"), "value": _("Value"), "expected": _("What was expected"),
             "column": _("Column")}  # fmt: skip
    st.dataframe(rows[list(names)].rename(columns=names), hide_index=True, key="import_faults")
    if len(found) > FAULTS_SHOWN:
        st.caption(_("The first {n}; all are in the report.").format(n=FAULTS_SHOWN))
