"""Guesses of one kind of doubt, such as those of a grid: one look confirms them all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any

import pandas as pd
import streamlit as st

from barometer import style
from barometer.intake import mapping as mappings
from barometer.intake.doubt import Doubt
from barometer.intake.mapping import ANY, Column
from barometer.intake.targets import Target
from barometer.ui.reasons import why
from barometer.ui.text import plain
from barometer.words import Translate, translator

NOT_YET, RIGHT, OUT = "", "right", "out"
TALL_FROM, TALL = 8, 320  # rows beyond which the list scrolls, and its pixels then
SHARED = 20  # characters from which words that names begin with are left out
LONGEST, MOST = 60, 12  # characters of a value, and values whose meaning is written
Told = dict[str, dict[str, Any]]


def together(
    doubt: Doubt,
    told: Told,
    examples: Callable[[Column], str],
    known: Mapping[str, Target],
    labels: dict[str, str],
    language: str,
    key: str,
) -> Told:
    """Several columns as one block: what each becomes, why, and what the person says of them all.

    `told` is what was said so far by column; the same is returned for these columns. One of them
    may be corrected apart, which stays whatever is said of the others.
    """
    _ = translator(language)
    with st.container(border=True, gap="small"):
        st.markdown(f"**{plain(_title(doubt, known, language, _))}**")
        st.caption("  \n".join(map(plain, _lines(doubt, known, language, _))))
        rows = _table(doubt, told, examples, _short(doubt, known, labels, language), _)
        with st.container(height="content" if len(rows) <= TALL_FROM else TALL, border=False):
            st.table(rows, hide_index=True)  # which breaks lines where a telephone is narrow
        words = {NOT_YET: _("Not yet"), RIGHT: _("All are right"), OUT: _("Leave them all out")}
        said = st.radio(
            _("These {n} columns").format(n=len(doubt.columns)),
            list(words),
            index=list(words).index(_said(doubt, told)),
            format_func=words.__getitem__,
            horizontal=True,
            key=f"{key}_all",
        )
        _one_apart(doubt, told, examples, labels, said, key, _)
    return said_together(doubt, told, key)


def said_together(doubt: Doubt, told: Mapping[str, dict[str, Any]], key: str) -> Told:
    """What is said of the columns of a block, as far as its widgets or `told` know."""
    said = st.session_state.get(f"{key}_all")
    apart = st.session_state.get(f"{key}_apart")
    target = st.session_state.get(f"{key}_target_{said}_{apart}")
    found: Told = {}
    for column in doubt.columns:
        before = told.get(column.source, {"target": column.target, "confirmed": False})
        of_all = "" if said == OUT else column.target
        if column.source == apart and target is not None:
            before = {"target": target, "confirmed": True, "apart": target != of_all}
        if said is not None and not before.get("apart"):
            before = {"target": of_all, "confirmed": said != NOT_YET}
        found[column.source] = before
    return found


def read_as(columns: Sequence[Column], known: Mapping[str, Target], language: str) -> str:
    """What the values of some columns are taken for, where they are not the answers themselves."""
    _ = translator(language)
    parts: dict[str, None] = {}
    for column in columns:
        target = known.get(column.target)
        usual = {"1": _("ticked"), "0": _("not ticked")}
        for value, code in column.values.items():
            said = column.answers.get(value, value)
            answer = target.answers.get(code) if target else None
            meaning = answer[language] if answer else usual.get(code, code) or _("no answer")
            if mappings.key(said) != mappings.key(meaning):
                shown = _("anything written") if value == ANY else said[:LONGEST]
                parts.setdefault(f"{shown} = {meaning}")
        for value in column.missing:
            said = column.answers.get(value, value)
            parts.setdefault(f"{said[:LONGEST]} = {_('no answer')}")
    if not parts:
        return ""
    listed = list(parts)[:MOST] + (["…"] if len(parts) > MOST else [])
    return _("Read as: {meanings}").format(meanings=" · ".join(listed))


def _title(doubt: Doubt, known: Mapping[str, Target], language: str, _: Translate) -> str:
    count = len(doubt.columns)
    target = known.get(doubt.columns[0].target)
    if not doubt.question or target is None:
        return _("{n} columns for one reason").format(n=count)
    return _("{n} columns · {question}").format(question=target.wording[language], n=count)


def _lines(doubt: Doubt, known: Mapping[str, Target], language: str, _: Translate) -> list[str]:
    """Why they are doubtful, by the least sure one, and what their values are taken for."""
    least = doubt.least
    share = style.share(least.confidence, language)
    reason = _("Sure at {share} at least: {reason}")
    lines = [reason.format(share=share, reason=why(least.reason, _))]
    if doubt.question and (meaning := read_as(doubt.columns, known, language)):
        lines.append(meaning)
    return lines


def _table(
    doubt: Doubt,
    told: Told,
    examples: Callable[[Column], str],
    labels: dict[str, str],
    _: Translate,
) -> pd.DataFrame:
    now = [told[column.source]["target"] for column in doubt.columns]
    columns = {
        _("Column"): list(map(plain, _apart(list(map(_words, doubt.columns))))),
        _("Becomes"): [plain(labels.get(target, target)) for target in now],
    }
    if doubt.same_reason:
        columns[_("Values")] = [plain(examples(column)) for column in doubt.columns]
    else:
        columns[_("Why")] = [plain(why(column.reason, _)) for column in doubt.columns]
    return pd.DataFrame(columns)


def _short(
    doubt: Doubt, known: Mapping[str, Target], labels: dict[str, str], language: str
) -> dict[str, str]:
    """The words of each target: its item's alone where it is of the question that stands above."""
    items = {
        code: target.words[language]
        for code, target in known.items()
        if doubt.question and target.group == doubt.question and target.code != target.group
    }
    return labels | items


def _apart(names: list[str]) -> list[str]:
    """Names without the words that all of them begin with, which stand above."""
    words = zip(*(re.split(r"(?<=\s)", name) for name in names), strict=False)
    shared = "".join(same[0] for same in takewhile(lambda same: len(set(same)) == 1, words))
    if len(shared) < SHARED or min(map(len, names)) == len(shared):
        return names
    return [f"… {name[len(shared) :]}" for name in names]


def _words(column: Column) -> str:
    if column.label in ("", column.source):
        return column.source
    return f"{column.source} · {column.label}"


def _said(doubt: Doubt, told: Told) -> str:
    """What was said of the block, from what is kept of its columns."""
    rest = [told[c.source] for c in doubt.columns if not told[c.source].get("apart")]
    if not rest or not all(said["confirmed"] for said in rest):
        return NOT_YET
    return RIGHT if rest[0]["target"] else OUT


def _one_apart(
    doubt: Doubt,
    told: Told,
    examples: Callable[[Column], str],
    labels: dict[str, str],
    said: str,
    key: str,
    _: Translate,
) -> None:
    """One of the columns, to say that it becomes something else."""
    by_source = {column.source: column for column in doubt.columns}
    source = st.selectbox(
        _("Correct one of them"),
        list(by_source),
        index=None,
        placeholder=_("Choose"),
        format_func=lambda name: _words(by_source[name])[:LONGEST],
        key=f"{key}_apart",
    )
    if source is None:
        return
    now = told[source]["target"]
    st.caption(plain(_("Values: {values}").format(values=examples(by_source[source]))))
    st.selectbox(
        _("Becomes"),
        list(labels),
        index=list(labels).index(now) if now in labels else 0,
        format_func=labels.__getitem__,
        key=f"{key}_target_{said}_{source}",
    )
