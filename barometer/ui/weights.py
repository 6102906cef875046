"""The step of weights: those of the file, or raked to margins that the owner types or sends."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from barometer import intake, sentences, style
from barometer.codebook import Codebook
from barometer.intake import Draft, FaultyFile
from barometer.intake import weights as weighting
from barometer.ui import margins
from barometer.ui.desk import Desk
from barometer.ui.text import plain
from barometer.weighting import Bounds, Report, WeightingError
from barometer.words import Translate

FROM_FILE, RAKED, EQUAL = "file", "raked", "equal"
LOWER, UPPER = 0.2, 5.0  # bounds offered: a fifth of the mean weight to five times it
Rows = list[dict[str, Any]]


def weights(desk: Desk, draft: Draft, book: Codebook) -> Draft | None:
    """The draft with the weights that the owner chose, None until they are complete."""
    _, language = desk.words, desk.language
    st.subheader(_("4. Weights"), anchor=False)
    own = weighting.WEIGHT in draft.table.column_names
    words = {
        FROM_FILE: _("Those of the file"),
        RAKED: _("Raked to margins"),
        EQUAL: _("None: each respondent weighs 1"),
    }
    how = st.segmented_control(
        _("Weights"),
        [FROM_FILE, RAKED, EQUAL] if own else [EQUAL, RAKED],
        format_func=words.__getitem__,
        default=FROM_FILE if own else EQUAL,
        required=True,
        key=f"weights_how_{int(own)}",
        label_visibility="collapsed",
    )
    if how == EQUAL:
        return weighting.unweighted(draft)
    if how == FROM_FILE:
        _told(weighting.described(draft, book), language, _)
        return draft
    rows = _margins(draft, book, language, _)
    bounds, from_file = _method(own, language, _)
    if bounds is None:
        return None
    if not rows:
        st.info(_("Type the targets above, or send them as a file."), icon=":material/edit:")
        return None
    try:
        raked, reports = _raked(identity(draft), draft, book, rows, bounds, from_file)
    except WeightingError as fault:
        for reason in fault.reasons:
            st.error(plain(sentences.said(reason, language)), icon=":material/error:")
        return None
    except FaultyFile as faulty:
        for wrong in faulty.faults[:30]:
            st.error(plain(sentences.of_fault(wrong, language)), icon=":material/error:")
        return None
    _told(reports, language, _)
    _reached(reports, book, language, _)
    return raked


def identity(draft: Draft) -> str:
    """What tells one draft from another: its file, how it was read, its weights."""
    parts = [draft.sha256, draft.mapping.toml() if draft.mapping else ""]
    if weighting.WEIGHT in draft.table.column_names:
        parts += [str(weight) for weight in draft.table.column(weighting.WEIGHT).to_pylist()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@st.cache_data(scope="session", max_entries=2, show_spinner="…")
def _raked(
    key: str, _draft: Draft, _book: Codebook, rows: Rows, bounds: Bounds, from_file: bool
) -> tuple[Draft, dict[int, Report]]:
    asked = weighting.margins(rows, _book, "margins")
    return weighting.weighted(_draft, _book, asked, bounds, from_file=from_file)


def _margins(draft: Draft, book: Codebook, language: str, _: Translate) -> Rows:
    """Rows of dimension, level and target: typed beside what the sample has, or sent."""
    labels = {d.code: d.label[language] for d in book.dimensions}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            _("Margins"),
            list(labels),
            format_func=labels.__getitem__,
            placeholder=_("Choose dimensions"),
            key="weights_margins",
            width=420,
        )
        with st.popover(_("Send margins as a file"), icon=":material/upload:"):
            sent = st.file_uploader("CSV", type=["csv"], max_upload_size=1, key="weights_file")
            st.caption(
                _(
                    "Columns dimension, level, target, and year where waves differ. Targets are"
                    " shares, percentages or counts of the population."
                )
            )
    if sent is not None:
        return _sent(sent, book, language)
    if not chosen:
        return []
    return _typed(draft, book, chosen, language, _)


def _typed(draft: Draft, book: Codebook, chosen: list[str], language: str, _: Translate) -> Rows:
    """A target for each level of some dimensions, typed beside its share of the sample."""
    shares = _shares(draft, book, chosen)
    rows: Rows = []
    wrong: list[str] = []
    st.caption(_("A percentage for each level, or a count of the population."))
    for name in chosen:
        dimension = book.by_dimension[name]
        st.markdown(f"**{plain(dimension.label[language])}**")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for level in dimension.levels:
                share = _percent(shares.get((name, level.code), 0.0), language)
                target = st.text_input(
                    plain(
                        _("{level} ({share} of the sample)").format(
                            level=level.label[language], share=share
                        )
                    ),
                    key=f"weights_target_{name}_{level.code}",
                    width=260,
                )
                found = weighting.number(target)
                if target.strip() and (found is None or found < 0):
                    reason = sentences.said("expected a share, a percentage or a count", language)
                    wrong.append(f"{level.label[language]} ({target}): {reason}")
                elif target.strip():
                    rows.append({"dimension": name, "level": level.code, "target": target})
    for reason in wrong:
        st.error(plain(reason), icon=":material/error:")
    levels = sum(len(book.by_dimension[name].levels) for name in chosen)
    missing = levels - len(rows) - len(wrong)
    if missing:
        st.caption(_("Targets still to type: {n}").format(n=missing))
    return rows if len(rows) == levels else []


def _sent(sent: Any, book: Codebook, language: str) -> Rows:
    with tempfile.TemporaryDirectory(prefix="barometer_margins_") as folder:
        path = Path(folder) / "margins.csv"
        path.write_bytes(sent.getbuffer())
        try:
            read = intake.read(path)
        except FaultyFile as faulty:
            for fault in faulty.faults[:30]:
                st.error(plain(sentences.of_fault(fault, language)), icon=":material/error:")
            return []
    rows: Rows = read.columns.to_pylist()
    margins.sent(rows, book, language)
    return rows


def _shares(draft: Draft, book: Codebook, dimensions: list[str]) -> dict[tuple[str, str], float]:
    """Unweighted shares of the sample, of those who have a level."""
    wave = draft.wave(book)
    of_profile = dict(
        zip(
            wave.profiles.column("profile_id").to_pylist(),
            map(dict, wave.profiles.column("levels").to_pylist()),
            strict=True,
        )
    )
    everyone = [of_profile[number] for number in wave.respondents.column("profile_id").to_pylist()]
    shares: dict[tuple[str, str], float] = {}
    for name in dimensions:
        counts = pd.Series([levels.get(name) for levels in everyone]).value_counts(normalize=True)
        shares |= {(name, str(level)): float(share) for level, share in counts.items()}
    return shares


def _method(own: bool, language: str, _: Translate) -> tuple[Bounds | None, bool]:
    """Bounds, None where one is no number, and whether raking starts from the file's weights."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        lower = st.text_input(
            _("Least weight"), style.number(LOWER, language, 1), key="weights_lower", width=150
        )
        upper = st.text_input(
            _("Most weight"),
            style.number(UPPER, language, 0),
            key="weights_upper",
            width=150,
            help=_("Where the mean weight is 1. Margins are still reached within these bounds."),
        )
        start = own and st.checkbox(
            _("Start from the weights of the file"), value=True, key="weights_start"
        )
    low, high = weighting.number(str(lower)), weighting.number(str(upper))
    if low is None or high is None:
        st.error(
            _("A bound is no number: expected one such as {low}, and {high}.").format(
                low=style.number(LOWER, language, 1), high=style.number(UPPER, language, 0)
            ),
            icon=":material/error:",
        )
        return None, bool(start)
    try:
        return Bounds(low, high), bool(start)
    except WeightingError as fault:
        for reason in fault.reasons:
            st.error(plain(sentences.said(reason, language)), icon=":material/error:")
        return None, bool(start)


def _told(reports: dict[int, Report], language: str, _: Translate) -> None:
    """What weighting costs: a line a measure, a column a wave, so that a telephone shows it."""
    columns = {str(year): _measures(report, language, _) for year, report in reports.items()}
    if columns:
        names = list(next(iter(columns.values())))
        rows = {year: [told.get(name, "") for name in names] for year, told in columns.items()}
        st.table(pd.DataFrame({_("Wave"): names, **rows}), hide_index=True)
    for year, report in reports.items():
        for note in report.notes:
            st.caption(plain(f"{year}: {sentences.said(note, language)}"))


def _measures(report: Report, language: str, _: Translate) -> dict[str, str]:
    """What weighting does to one wave; more where it was raked."""
    raked = bool(report.margins)
    least, most = (style.number(weight, language, 2) for weight in (report.least, report.most))
    told = {_("Respondents"): style.number(report.n, language)}
    if raked:
        told[_("Effective base before")] = style.number(report.base_before, language)
    told |= {
        _("Effective base"): style.number(report.base_after, language),
        _("Efficiency"): style.share(report.efficiency, language),
        _("Least and most weight"): f"{least} – {most}",
    }
    if raked:
        told |= {
            _("Trimmed mass"): _percent(report.trimmed, language),
            _("At the bounds"): style.number(report.at_lower + report.at_upper, language),
            _("Iterations until it converged"): str(report.iterations),
        }
    return told


def _reached(reports: dict[int, Report], book: Codebook, language: str, _: Translate) -> None:
    with st.expander(_("Margins asked and reached"), icon=":material/balance:"):
        rows = [
            {
                _("Wave"): str(year),
                _("Dimension"): book.by_dimension[level.dimension].label[language],
                _("Level"): _level(book, level.dimension, level.level, language),
                _("Respondents"): style.number(level.n, language),
                _("Asked"): _percent(level.asked, language),
                _("Before"): _percent(level.before, language),
                _("Reached"): _percent(level.after, language),
            }
            for year, report in reports.items()
            for level in report.margins
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, key="weights_reached")


def _level(book: Codebook, dimension: str, code: str, language: str) -> str:
    level = book.by_dimension[dimension].level(code)
    return code if level is None else level.label[language]


def _percent(share: float, language: str) -> str:
    """One decimal: margins are compared to the tenth."""
    space = "\u202f" if language == "fr" else ""
    return f"{style.number(100 * share, language, 1)}{space}%"
