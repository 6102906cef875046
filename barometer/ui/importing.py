"""The page of imports: a file, how its columns become a wave, what is wrong, and publication."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from barometer import codebook as codebooks
from barometer import intake, sentences, style
from barometer.codebook import YEAR, Codebook
from barometer.home import Home
from barometer.intake import Draft, FaultyFile, Mapping, MappingError, RawTable, breaks
from barometer.intake import mapping as mappings
from barometer.intake.guess import guess
from barometer.intake.targets import targets
from barometer.ui import publishing
from barometer.ui.changes import changes as show_changes
from barometer.ui.desk import Desk
from barometer.ui.faults import faults
from barometer.ui.mapping import edit
from barometer.ui.opening import Screen
from barometer.ui.text import plain
from barometer.ui.weights import weights
from barometer.validation import Report
from barometer.words import Translate

SHOWN = 30
MEGABYTE = 2**20
NUMBER = "_import_number"  # of the file: once one is published the page waits for another


def importing(screen: Screen) -> None:
    """The page of imports, beside the publication that is online."""
    at_desk(Desk(screen.publication, screen.declared, screen.view.language, screen.visitor))


def at_desk(desk: Desk) -> None:
    """The steps of an import, each below the one that it needs, then the history."""
    _ = desk.words
    st.title(_("Import a wave"), anchor=False)
    _steps(desk, codebooks.load(Home.at().data), _)
    st.divider()
    publishing.publications(desk)


def _steps(desk: Desk, book: Codebook, _: Translate) -> None:
    raw = _file(book, desk.language, _)
    if raw is None:
        return
    draft = _draft(desk, book, raw)
    if draft is None:
        return
    _rows(draft, raw, desk.language, _)
    _faults(draft, book, desk.language, _)
    if draft.faults:
        return
    weighted = weights(desk, draft, book)
    if weighted is None:
        return
    staged = publishing.report(desk, weighted, book)
    if staged is not None:
        publishing.publish(desk, staged, lambda: _published(draft))


def _published(draft: Draft) -> None:
    """Keep the mapping, which the next wave starts from, and wait for another file."""
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    if draft.mapping is not None:
        mappings.save(draft.mapping, Home.at().data)


# --- the file -------------------------------------------------------------------------------------


def _file(book: Codebook, language: str, _: Translate) -> RawTable | None:
    """The file that the visitor sends, read within limits; None while there is none."""
    limits = book.limits
    st.subheader(_("1. The file"), anchor=False)
    sent = st.file_uploader(
        _("Export of a survey tool, or wave file"),
        type=list(intake.SUFFIXES),
        max_upload_size=limits.upload // MEGABYTE,
        help=_("LimeSurvey, Qualtrics, Sphinx, SPSS, Stata or any table. Nothing is kept yet."),
        key=f"import_file_{st.session_state.get(NUMBER, 0)}",
    )
    st.caption(
        _(
            "CSV, XLSX, XLS, ODS, Parquet, SPSS or Stata, up to {size} MB and {columns} columns."
        ).format(size=limits.upload // MEGABYTE, columns=style.number(limits.columns, language))
    )
    if sent is None:
        return None
    sheet = st.session_state.get("import_sheet") or ""
    header_rows = int(st.session_state.get("import_header") or 0)
    try:
        raw = _read(sent.file_id, sent, limits, sheet, header_rows)
    except FaultyFile as faulty:
        _refusal(faulty, language)
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(raw.sheets) > 1:
            st.selectbox(
                _("Sheet"),
                ["", *raw.sheets],
                format_func=lambda name: name or _("the fullest"),
                key="import_sheet",
                width=260,
            )
        if raw.header_rows:
            st.selectbox(
                _("Rows that name the columns"),
                range(6),
                format_func=lambda n: str(n) if n else _("found: {n}").format(n=raw.header_rows),
                key="import_header",
                width=220,
            )
    st.caption(
        plain(
            _("{file}: {rows} rows and {columns} columns were read.").format(
                file=raw.file,
                rows=style.number(len(raw.rows), language),
                columns=style.number(len(raw.names), language),
            )
        )
    )
    for note in raw.notes:
        st.caption(plain(sentences.said(note, language)))
    with st.expander(_("The first rows as they came"), icon=":material/table_rows:"):
        st.dataframe(raw.columns.slice(0, SHOWN).to_pandas(), height=240, key="import_raw")
    return raw


@st.cache_data(scope="session", max_entries=2, show_spinner="…")
def _read(
    file_id: str, _sent: Any, limits: intake.Limits, sheet: str, header_rows: int
) -> RawTable:
    """What was sent, read once: the file itself is deleted as soon as it is read."""
    with tempfile.TemporaryDirectory(prefix="barometer_upload_") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(_sent.getbuffer())
        name = Path(_sent.name).name
        return _reader().read(path, limits, name=name, sheet=sheet, header_rows=header_rows)


@st.cache_resource
def _reader() -> intake.Reader:
    """One process reads for everybody: it is started by the first file."""
    return intake.Reader()


def _refusal(faulty: FaultyFile, language: str) -> None:
    for fault in faulty.faults[:SHOWN]:
        st.error(plain(sentences.of_fault(fault, language)), icon=":material/block:")


# --- how it becomes a wave --------------------------------------------------------------------


def _draft(desk: Desk, book: Codebook, raw: RawTable) -> Draft | None:
    """The wave on its way in: the file as it is, or read through a mapping."""
    _, language = desk.words, desk.language
    st.subheader(_("2. What its columns hold"), anchor=False)
    if intake.is_wave_file(raw, book):
        st.success(_("This file has the columns of a wave file: no mapping is needed."))
        return _checked(raw.sha256, raw, book)
    earlier = _earlier(raw, language, _)
    try:
        guessed = _guessed((raw.sha256, raw.header_rows, len(raw.names)), raw, book, earlier)
        mapping = edit(raw, book, guessed, language)
        changes = mappings.changes(earlier, mapping) if earlier else ()
        show_changes(changes, book, mapping, breaks.wave_of(raw, mapping), language)
        if mapping.doubtful:
            _wait(mapping, book, _)
            return None
        if not any(column.target == YEAR for column in mapping.columns) and mapping.year is None:
            st.info(_("Say above which year this wave is of."), icon=":material/event:")
            return None
        return _applied(raw.sha256, mapping.toml(), raw, mapping, book, changes)
    except MappingError as fault:
        st.error(plain(sentences.said(str(fault), language)), icon=":material/block:")
    except FaultyFile as faulty:
        _refusal(faulty, language)
    return None


def _wait(mapping: Mapping, book: Codebook, _: Translate) -> None:
    """How many columns to confirm above, and questions to answer there."""
    known = targets(book)
    columns = [column for column in mapping.doubtful if not column.confirmed]
    questions = {known[c.target].group for c in mapping.doubtful if c.blank == "unknown"}
    if columns:
        st.info(
            _("{n} columns wait for you: confirm, correct or leave out each one above.").format(
                n=len(columns)
            )
            if len(columns) > 1
            else _("One column waits for you: confirm, correct or leave it out above."),
            icon=":material/pending_actions:",
        )
    if questions:
        st.info(
            _("{n} questions wait for you: say above what boxes left empty mean.").format(
                n=len(questions)
            )
            if len(questions) > 1
            else _("One question waits for you: say above what boxes left empty mean."),
            icon=":material/pending_actions:",
        )


def _earlier(raw: RawTable, language: str, _: Translate) -> Mapping | None:
    """A mapping to start from: one that is kept, one that is sent, or none."""
    kept = mappings.saved(Home.at().data)
    near = mappings.nearest(kept, raw.names)
    names = {mapping.name: mapping for mapping in reversed(kept)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if names:
            chosen = st.selectbox(
                _("Start from the mapping of"),
                ["", *names],
                index=1 + list(names).index(near.name) if near else 0,
                format_func=lambda name: name or _("no earlier wave"),
                key="import_earlier",
                width=360,
            )
        else:
            chosen = ""
        with st.popover(_("Use a mapping file"), icon=":material/upload:"):
            sent = st.file_uploader("TOML", type=["toml"], max_upload_size=1, key="import_mapping")
    if sent is not None:
        try:
            return mappings.parse(sent.getvalue().decode("utf-8-sig", "replace"), sent.name)
        except MappingError as fault:
            st.error(plain(sentences.said(str(fault), language)), icon=":material/block:")
    return names.get(chosen)


@st.cache_data(
    scope="session",
    max_entries=4,
    show_spinner="…",
    hash_funcs={Codebook: Codebook.model_dump_json, Mapping: Mapping.toml},
)
def _guessed(
    key: tuple[str, int, int], _raw: RawTable, book: Codebook, earlier: Mapping | None
) -> Mapping:
    return guess(_raw, book, earlier)


@st.cache_data(scope="session", max_entries=2, show_spinner="…")
def _checked(sha256: str, _raw: RawTable, _book: Codebook) -> Draft:
    return intake.as_it_is(_raw, _book)


@st.cache_data(scope="session", max_entries=2, show_spinner="…")
def _applied(
    sha256: str, toml: str, _raw: RawTable, _mapping: Mapping, _book: Codebook, _changes: Any
) -> Draft:
    return intake.apply(_raw, _mapping, _book, _changes)


# --- what comes of it ---------------------------------------------------------------------------


def _rows(draft: Draft, raw: RawTable, language: str, _: Translate) -> None:
    st.subheader(_("3. The wave"), anchor=False)
    for note in draft.notes[len(raw.notes) :]:
        st.caption(plain(sentences.said(note, language)))
    with st.expander(
        _("{n} respondents, as the wave will hold them").format(n=draft.table.num_rows),
        icon=":material/table_rows:",
    ):
        st.dataframe(draft.table.slice(0, SHOWN).to_pandas(), height=240, key="import_rows")


def _faults(draft: Draft, book: Codebook, language: str, _: Translate) -> None:
    """Every fault, in the words of the file that came."""
    if not draft.faults:
        st.success(
            _("No fault was found: this wave can be published."), icon=":material/check_circle:"
        )
        return
    faults(draft.faults, book, language)
    publishing.downloads(Report(draft.name, draft.sha256, draft.faults), language, _)
