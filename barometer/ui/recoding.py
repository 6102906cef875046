"""What the values of a column mean, and its empty boxes, as a person says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import streamlit as st

from barometer.intake import Mapping, RawTable
from barometer.intake import mapping as mappings
from barometer.intake.guess import IN_PART
from barometer.intake.mapping import Column
from barometer.intake.targets import Target
from barometer.ui.text import plain
from barometer.words import Translate, translator

EDITS = "_import_edits"  # of this session's file: a widget out of sight forgets its own
MOST_VALUES = 200
FREE = ("number", "rating")  # kinds whose values are numbers, of which some may mean no answer


@dataclass(frozen=True)
class Meant:
    """By column: the codes of some values, and the values of a number that mean no answer."""

    values: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)


def meant(key: str) -> Meant:
    """What was said so far of this file."""
    found = st.session_state.get(EDITS, {}).get(key)
    return found if isinstance(found, Meant) else Meant()


def blanks(guessed: Mapping, known: dict[str, Target], language: str) -> dict[str, Any]:
    """What boxes left empty mean, for each question where somebody left some."""
    _ = translator(language)
    groups: dict[str, list[Column]] = {}
    for column in guessed.columns:
        if column.blank == "unknown":
            groups.setdefault(known[column.target].group, []).append(column)
    found: dict[str, Any] = {}
    for group, columns in groups.items():
        wording = next(t.wording[language] for t in known.values() if t.group == group)
        asked, words = _question(all(IN_PART in column.reason for column in columns), _)
        said = st.radio(
            plain(asked.format(question=wording)),
            list(words),
            index=None,
            format_func=words.__getitem__,
            key=f"import_blank_{group}",
        )
        if said is not None:
            found[group] = said
    return found


def _question(in_part: bool, _: Translate) -> tuple[str, dict[str, str]]:
    """The question about empty boxes, and its answers: what is left of some, or all of them."""
    if in_part:
        return _("Some rows answer a part of the boxes of “{question}”. The boxes left are:"), {
            "unticked": _("not ticked; who answers no box at all gave no answer"),
            "zero": _("not ticked; who leaves every box empty ticks none of them"),
        }
    return _("Some rows tick nothing in “{question}”. It means:"), {
        "zero": _("none of them"),
        "unticked": _("no answer"),
    }


def recode(
    raw: RawTable, mapping: Mapping, known: dict[str, Target], language: str, key: str
) -> Meant:
    """The editor of one column's values; every recoding made so far for this file."""
    _ = translator(language)
    closed = [
        c
        for c in mapping.columns
        if c.target and c.source in raw.names and _to_say(raw, c, known[c.target])
    ]
    kept = meant(key)
    if not closed:
        return kept
    closed.sort(key=lambda column: column.confirmed)
    with st.expander(
        _("What its values mean"), icon=":material/tag:", expanded=not closed[0].settled
    ):
        sources = [column.source for column in closed]
        source = st.selectbox(_("Column"), sources, key=f"import_recode_{key}", width=480)
        column = mapping.by_source[source]
        target = known[column.target]
        if not target.answers:
            missing = _numbers(raw, column, key, _)
            if set(missing) == set(column.missing):
                return kept
            kept = Meant(kept.values, {**kept.missing, source: missing})
            st.session_state[EDITS] = {key: kept}
            return kept
        beside = _beside(column, closed, known)
        everywhere = bool(beside) and st.checkbox(
            _("The same for the {n} other columns of this question").format(n=len(beside)),
            value=True,
            key=f"import_everywhere_{key}_{target.group}",
        )
        labels = {"": _("– no answer –")} | {
            code: label[language] if label[language] == code else f"{label[language]} ({code})"
            for code, label in target.answers.items()
        }
        codes = {label: code for code, label in labels.items()}
        to_say = _("– to say –")
        counts = _values(raw, column)
        recoded = {mappings.key(v): c for v, c in column.values.items()}
        recoded |= {mappings.key(code): code for code in target.answers if code not in recoded}
        recoded |= {mappings.key(value): "" for value in column.missing}
        table = pd.DataFrame(
            {
                "value": [column.answers.get(value, value) for value in counts],
                "rows": list(counts.values()),
                "code": [labels.get(recoded.get(mappings.key(v), "?"), to_say) for v in counts],
            }
        )
        edited = st.data_editor(
            table,
            hide_index=True,
            disabled=["value", "rows"],
            key=f"import_values_{key}_{source}_{column.target}",
            column_config={
                "value": st.column_config.TextColumn(_("Value")),
                "rows": st.column_config.NumberColumn(_("Rows")),
                "code": st.column_config.SelectboxColumn(_("Means"), options=[*codes, to_say]),
            },
        )
        changed = {
            value: codes[str(after)]
            for value, before, after in zip(counts, table["code"], edited["code"], strict=True)
            if after is not None and str(after) in codes and after != before
        }
    if changed:
        meant_so = dict(kept.values)
        for name in [source, *(beside if everywhere else [])]:
            meant_so[name] = {**meant_so.get(name, {}), **changed}
        kept = Meant(meant_so, kept.missing)
        st.session_state[EDITS] = {key: kept}
    return kept


def _beside(column: Column, closed: list[Column], known: dict[str, Target]) -> list[str]:
    """The other columns of its question with the same answers to give: the rows of its grid."""
    target = known[column.target]
    return [
        other.source
        for other in closed
        if other.source != column.source
        and known[other.target].group == target.group
        and known[other.target].answers == target.answers
        and other.separator == column.separator
    ]


def _to_say(raw: RawTable, column: Column, target: Target) -> bool:
    """Whether its values may mean something else than they are."""
    if not target.answers:
        return target.kind in FREE
    return not _all_degrees(raw, column, target)


def _numbers(raw: RawTable, column: Column, key: str, _: Translate) -> tuple[str, ...]:
    """The values of a column of numbers that mean no answer."""
    counts = _values(raw, column)
    options = dict.fromkeys([*column.missing, *counts])
    chosen = st.multiselect(
        _("Values that mean no answer"),
        list(options),
        default=list(column.missing),
        format_func=lambda value: f"{value} ({counts.get(value, 0)})",
        placeholder=_("None"),
        accept_new_options=True,
        help=_("Codes such as 99 or 9999, which are no numbers of this question."),
        key=f"import_missing_{key}_{column.source}_{column.target}",
    )
    return tuple(chosen)


def _all_degrees(raw: RawTable, column: Column, target: Target) -> bool:
    """Whether the values are the numbers of a rating: they mean themselves."""
    if target.kind != "rating":
        return False
    known = set(target.answers) | {mappings.key(value) for value in column.missing}
    return all(mappings.key(value) in known for value in _values(raw, column))


def _values(raw: RawTable, column: Column) -> dict[str, int]:
    """Distinct values of a column, parted where a cell holds several, with how many rows each."""
    counted: dict[str, int] = {}
    known = {mappings.key(value) for value in column.values}
    cells = raw.columns.column(column.source).drop_null()
    for pair in pc.value_counts(cells).to_pylist()[: MOST_VALUES * 5]:
        for part in mappings.parted(pair["values"], column.separator, known):
            counted[part] = counted.get(part, 0) + pair["counts"]
    return dict(sorted(counted.items(), key=lambda item: -item[1])[:MOST_VALUES])
