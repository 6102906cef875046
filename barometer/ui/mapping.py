"""The mapping of a file's columns, as a person sees, confirms and corrects it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow.compute as pc
import streamlit as st

from barometer.codebook import Codebook
from barometer.home import Home
from barometer.intake import Mapping, RawTable
from barometer.intake import mapping as mappings
from barometer.intake.editing import Edits, revised
from barometer.intake.guess import tie
from barometer.intake.long import widened
from barometer.intake.mapping import Column
from barometer.intake.targets import Target, targets
from barometer.ui import access
from barometer.ui.doubts import MOST, doubts
from barometer.ui.reasons import why
from barometer.ui.text import plain
from barometer.words import Translate, translator

EDITS = "_import_edits"  # recodings of this session's file: a widget out of sight forgets its own
EXAMPLES, LONGEST = 4, 60
MOST_VALUES = 200


def edit(raw: RawTable, book: Codebook, guessed: Mapping, language: str) -> Mapping:
    """Draw a guessed mapping and return it as the person leaves it."""
    _ = translator(language)
    wide = widened(raw, guessed) if guessed.long else raw
    known = targets(book)
    key = f"{raw.sha256[:12]}-{raw.header_rows}-{hash(guessed.toml()) & 0xFFFFFF:x}"
    year, complete, name = _whole(wide, guessed, _)
    counts = st.container(horizontal=True)
    doubtful = [c for c in guessed.columns if c.target and not c.confirmed]
    others = [c for c in guessed.columns if not c.target or c.confirmed]
    chosen: dict[str, dict[str, Any]] = {}
    if doubtful:
        st.markdown(_("**To confirm or correct**"))
        first, rest = doubtful[:MOST], doubtful[MOST:]
        examples = {column.source: _examples(wide, column) for column in first}
        labels = _labels(known, language)
        chosen |= doubts(first, examples, labels, language, f"import_doubts_{key}")
        if rest:
            chosen |= _columns(wide, rest, known, language, f"import_doubts_{key}")
    blanks = _blanks(guessed, known, language)
    with st.expander(_("All other columns"), icon=":material/list:"):
        chosen |= _columns(wide, others, known, language, f"import_columns_{key}")
    edits = Edits(
        {source: row["target"] for source, row in chosen.items()},
        {source: row["confirmed"] for source, row in chosen.items()},
        st.session_state.get(EDITS, {}).get(key, {}),
        blanks,
    )
    told = {"year": year, "complete": complete, "name": name}
    result = revised(
        guessed.model_copy(update=told), edits, lambda source, code: tie(wide, book, source, code)
    )
    if recoded := _recodings(wide, result, known, language, key):
        edits = Edits(edits.targets, edits.confirmed, recoded, blanks)
        result = revised(
            guessed.model_copy(update=told), edits, lambda s, code: tie(wide, book, s, code)
        )
    with counts:
        _counts(result, _)
    _keep(result, _)
    return result


def _whole(raw: RawTable, guessed: Mapping, _: Translate) -> tuple[int | None, str, str]:
    """What concerns the whole file: its wave, who finished, the name of the mapping."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(_("Name of this mapping"), guessed.name, key="import_name", width=300)
        year = st.number_input(
            _("Wave, where no column says it"),
            1900,
            2200,
            value=guessed.year,
            key="import_year",
            width=220,
        )
        options = ["", *raw.names]
        complete = st.selectbox(
            _("Leave out rows where this is empty or says no"),
            options,
            index=options.index(guessed.complete) if guessed.complete in options else 0,
            format_func=lambda column: column or _("keep every row"),
            key="import_complete",
            width=340,
        )
    return (None if year is None else int(year)), complete, name


def _counts(mapping: Mapping, _: Translate) -> None:
    sure = sum(bool(column.target) and column.settled for column in mapping.columns)
    left = sum(not column.target for column in mapping.columns)
    st.metric(_("Tied"), sure, border=True, width=170)
    st.metric(_("To confirm"), len(mapping.doubtful), border=True, width=170)
    st.metric(_("Left out"), left, border=True, width=170)


def _columns(
    raw: RawTable, columns: list[Column], known: dict[str, Target], language: str, key: str
) -> dict[str, dict[str, Any]]:
    """The table of some columns; what the person says of each."""
    _ = translator(language)
    labels = _labels(known, language)
    codes = {label: code for code, label in labels.items()}
    table = pd.DataFrame(
        {
            "confirmed": [c.confirmed and bool(c.target) for c in columns],
            "source": [c.source for c in columns],
            "label": [c.label if c.label != c.source else "" for c in columns],
            "examples": [_examples(raw, c) for c in columns],
            "target": [labels.get(c.target, "") for c in columns],
            "confidence": [c.confidence for c in columns],
            "reason": [why(c.reason, _) for c in columns],
        }
    )
    edited = st.data_editor(
        table,
        hide_index=True,
        key=key,
        disabled=["source", "label", "examples", "confidence", "reason"],
        column_config={
            "confirmed": st.column_config.CheckboxColumn(_("Confirmed"), width="small"),
            "source": st.column_config.TextColumn(_("Column"), width="medium"),
            "label": st.column_config.TextColumn(_("Its words"), width="medium"),
            "examples": st.column_config.TextColumn(_("Values"), width="medium"),
            "target": st.column_config.SelectboxColumn(
                _("Becomes"), options=list(codes), required=True, width="large"
            ),
            "confidence": st.column_config.ProgressColumn(
                _("Confidence"), format="percent", min_value=0, max_value=1, width="small"
            ),
            "reason": st.column_config.TextColumn(_("Why"), width="large"),
        },
    )
    told = {}
    for before, row in zip(columns, edited.to_dict("records"), strict=True):
        target = codes.get(str(row["target"]), "")
        # Whoever chooses a target has confirmed it.
        confirmed = bool(row["confirmed"]) or target != before.target
        told[before.source] = {"target": target, "confirmed": confirmed}
    return told


def _labels(known: dict[str, Target], language: str) -> dict[str, str]:
    """The words of each target, nothing among them."""
    _ = translator(language)
    return {"": _("– left out –")} | {code: _label(t, language) for code, t in known.items()}


def _label(target: Target, language: str) -> str:
    words = target.words[language]
    return target.code if words == target.code else f"{words} ({target.code})"


def _examples(raw: RawTable, column: Column) -> str:
    if column.source not in raw.names:
        return ""
    found = pc.unique(raw.columns.column(column.source).slice(0, 500).drop_null()).to_pylist()
    texts = [column.answers.get(text, text)[:LONGEST] for text in found[:EXAMPLES]]
    return " · ".join(texts) + (" …" if len(found) > EXAMPLES else "")


def _blanks(guessed: Mapping, known: dict[str, Target], language: str) -> dict[str, Any]:
    """What it means to tick nothing, for each question where somebody did."""
    _ = translator(language)
    groups = dict.fromkeys(
        known[column.target].group for column in guessed.columns if column.blank == "unknown"
    )
    words = {"zero": _("none of them"), "unticked": _("no answer")}
    found: dict[str, Any] = {}
    for group in groups:
        wording = next(t.wording[language] for t in known.values() if t.group == group)
        said = st.radio(
            plain(_("Some rows tick nothing in “{question}”. It means:").format(question=wording)),
            list(words),
            index=None,
            format_func=words.__getitem__,
            horizontal=True,
            key=f"import_blank_{group}",
        )
        if said is not None:
            found[group] = said
    return found


def _recodings(
    raw: RawTable, mapping: Mapping, known: dict[str, Target], language: str, key: str
) -> dict[str, dict[str, str]]:
    """The editor of one column's values; every recoding made so far for this file."""
    _ = translator(language)
    closed = [
        c
        for c in mapping.columns
        if c.target and known[c.target].answers and not _all_degrees(raw, c, known[c.target])
    ]
    kept: dict[str, dict[str, str]] = dict(st.session_state.get(EDITS, {}).get(key, {}))
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
        labels = {"": _("– no answer –")} | {
            code: f"{label[language]} ({code})" for code, label in target.answers.items()
        }
        codes = {label: code for code, label in labels.items()}
        counts = _values(raw, column)
        recoded = {mappings.key(v): c for v, c in column.values.items()}
        recoded |= {mappings.key(code): code for code in target.answers if code not in recoded}
        recoded |= {mappings.key(value): "" for value in column.missing}
        table = pd.DataFrame(
            {
                "value": [column.answers.get(value, value) for value in counts],
                "rows": list(counts.values()),
                "code": [labels.get(recoded.get(mappings.key(v), "?")) for v in counts],
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
                "code": st.column_config.SelectboxColumn(_("Means"), options=list(codes)),
            },
        )
        changed = {
            value: codes[str(after)]
            for value, before, after in zip(counts, table["code"], edited["code"], strict=True)
            if after is not None and str(after) in codes and after != before
        }
    if changed:
        kept[source] = {**kept.get(source, {}), **changed}
        st.session_state[EDITS] = {key: kept}
    return kept


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


def _keep(mapping: Mapping, _: Translate) -> None:
    """Save the mapping for the next wave, or take it away."""
    with st.container(horizontal=True):
        st.button(
            _("Save this mapping"),
            icon=":material/save:",
            on_click=_save,
            args=(mapping, _("Saved as {name}: it is offered for the next wave.")),
            key="import_save",
        )
        access.download_button(
            _("Download it (TOML)"),
            mapping.toml(),
            "mapping.toml",
            "application/toml",
            role="owner",
            icon=":material/download:",
            key="import_toml",
        )


def _save(mapping: Mapping, told: str) -> None:
    path = mappings.save(mapping, Home.at().data)
    st.toast(told.format(name=path.name), icon=":material/save:")
