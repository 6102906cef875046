"""The mapping of a file's columns, as a person sees, confirms and corrects it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pyarrow.compute as pc
import streamlit as st

from barometer.codebook import Codebook
from barometer.home import Home
from barometer.intake import Mapping, RawTable
from barometer.intake import mapping as mappings
from barometer.intake.doubt import wordless
from barometer.intake.editing import Edits, revised
from barometer.intake.guess import tie
from barometer.intake.long import widened
from barometer.intake.mapping import Column
from barometer.intake.targets import targets
from barometer.ui import access, recoding
from barometer.ui.doubts import doubts
from barometer.ui.named import every
from barometer.ui.others import others
from barometer.words import Translate, translator

EXAMPLES, LONGEST = 4, 60


def edit(raw: RawTable, book: Codebook, guessed: Mapping, language: str) -> Mapping:
    """Draw a guessed mapping and return it as the person leaves it."""
    _ = translator(language)
    wide = widened(raw, guessed) if guessed.long else raw
    known = targets(book)
    key = f"{raw.sha256[:12]}-{raw.header_rows}-{hash(guessed.toml()) & 0xFFFFFF:x}"
    year, complete, name = _whole(wide, guessed, key, _)
    counts = st.container(horizontal=True)
    hint = st.container()
    doubtful = [c for c in guessed.columns if c.target and not c.confirmed]
    settled = [c for c in guessed.columns if not c.target or c.confirmed]
    chosen: dict[str, dict[str, Any]] = {}
    labels = every(known, language)
    if doubtful:
        st.markdown(_("**To confirm or correct**"))
        chosen |= doubts(
            doubtful, partial(_examples, wide), known, labels, language, f"import_doubts_{key}"
        )
    blanks = recoding.blanks(guessed, known, language)
    with st.expander(_("All other columns"), icon=":material/list:"):
        chosen |= others(
            settled, partial(_examples, wide), known, labels, language, f"import_columns_{key}"
        )
    told = guessed.model_copy(update={"year": year, "complete": complete, "name": name})

    def edited(meant: recoding.Meant) -> Mapping:
        edits = Edits(
            {source: row["target"] for source, row in chosen.items()},
            {source: row["confirmed"] for source, row in chosen.items()},
            meant.values,
            blanks,
            meant.missing,
        )
        return revised(told, edits, lambda source, code: tie(wide, book, source, code))

    result = edited(recoding.meant(key))
    result = edited(recoding.recode(wide, result, known, language, key))
    with counts:
        _counts(result, _)
    if wordless(result):
        with hint:
            st.info(
                _(
                    "Codes are all that names most columns: nothing says what they hold. Export"
                    " again with the full text of questions and answers, or start from the mapping"
                    " of a wave that had the same codes; else tie each one under All other columns."
                ),
                icon=":material/label_off:",
            )
    _keep(result, _)
    return result


def _whole(raw: RawTable, guessed: Mapping, key: str, _: Translate) -> tuple[int | None, str, str]:
    """What concerns the whole file: its wave, who finished, the name of the mapping."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            _("Name of this mapping"), guessed.name, key=f"import_name_{key}", width=300
        )
        year = st.number_input(
            _("Wave, where no column says it"),
            1900,
            2200,
            value=guessed.year,
            key=f"import_year_{key}",
            width=220,
        )
        options = ["", *raw.names]
        complete = st.selectbox(
            _("Leave out rows where this is empty or says no"),
            options,
            index=options.index(guessed.complete) if guessed.complete in options else 0,
            format_func=lambda column: column or _("keep every row"),
            key=f"import_complete_{key}",
            width=340,
        )
    return (None if year is None else int(year)), complete, name


def _counts(mapping: Mapping, _: Translate) -> None:
    sure = sum(bool(column.target) and column.settled for column in mapping.columns)
    left = sum(not column.target for column in mapping.columns)
    st.metric(_("Tied"), sure, border=True, width=170)
    st.metric(_("To confirm"), len(mapping.doubtful), border=True, width=170)
    st.metric(_("Left out"), left, border=True, width=170)


def _examples(raw: RawTable, column: Column) -> str:
    if column.source not in raw.names:
        return ""
    found = pc.unique(raw.columns.column(column.source).slice(0, 500).drop_null()).to_pylist()
    texts = [column.answers.get(text, text)[:LONGEST] for text in found[:EXAMPLES]]
    return " · ".join(texts) + (" …" if len(found) > EXAMPLES else "")


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
