"""Everything to know of a wave before it is published: faults, warnings, bases of the groups.

The rules are few and each needs the codebook, so they are plain functions: Pandera was tried, costs
over a second of every import, and could state none of them but types, which intake checks already.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from barometer import measure, sentences, significance, style
from barometer.cells import Selection
from barometer.codebook import YEAR, Codebook
from barometer.intake import SOURCE_ROW, Draft, Fault, FaultyFile, Wave
from barometer.measure import Source
from barometer.oddities import Base, Notice, Oddities
from barometer.words import Translate, translator

__all__ = [
    "Base",
    "Notice",
    "Report",
    "gathered",
    "moves",
    "noticed",
    "rows",
    "rule_words",
    "summary",
    "validate",
]

LARGE_MOVE = 0.15  # a share that moved so much between waves, and
SURE = 0.001  # whose p-value, Holm-adjusted over every share of the wave, is below this


@dataclass(frozen=True)
class Report:
    """What is known of a file before it is published: nothing goes online while it has faults."""

    file: str
    sha256: str
    faults: tuple[Fault, ...]
    warnings: tuple[Notice, ...] = ()
    bases: tuple[Base, ...] = ()
    notes: tuple[str, ...] = ()
    respondents: int = 0

    @property
    def years(self) -> tuple[int, ...]:
        """The waves of the file."""
        return tuple(sorted({base.year for base in self.bases}))


def validate(draft: Draft, book: Codebook, online: Source | None, staged: Source | None) -> Report:
    """The report of a draft.

    `online` is the publication that it is compared with, `staged` the one that it would make; None
    where there is none, and the rules that need it say nothing.
    """
    try:
        wave = draft.wave(book)
    except FaultyFile as faulty:
        return Report(draft.name, draft.sha256, tuple(faulty.faults))
    oddities = Oddities(book)
    oddities.add(wave, draft.table.column(SOURCE_ROW).to_numpy())
    report = gathered(draft.name, oddities, wave, online, staged)
    return replace(report, sha256=draft.sha256, notes=wave.notes)


def gathered(
    file: str, oddities: Oddities, wave: Wave, online: Source | None, staged: Source | None
) -> Report:
    """The report of a sound file whose respondents were looked at before, all at once or in parts.

    `online` and `staged` are as for `validate`.
    """
    [sha256] = set(wave.waves.column("sha256").to_pylist())
    warnings, bases = noticed(oddities, online, staged), oddities.bases()
    return Report(file, sha256, (), tuple(warnings), tuple(bases), wave.notes, oddities.count)


def noticed(oddities: Oddities, online: Source | None, staged: Source | None) -> list[Notice]:
    """Every warning about the respondents of a file, and about the shares that they make."""
    warnings = oddities.notices(online)
    if staged is not None:
        for year in oddities.years:
            warnings += moves(staged, year)
    return warnings


def moves(staged: Source, year: int) -> list[Notice]:
    """Shares that moved so much and so surely since the wave before that a mistake is likelier.

    At least LARGE_MOVE in value, and p < SURE, Holm-adjusted over every share of the wave.
    """
    book, tables = staged.codebook, []
    for indicator in book.indicators:
        if indicator.measure == "share":
            selection = Selection(indicator.code, (YEAR,), ((YEAR, (str(year),)),))
            rows = measure.changes(staged, selection)
            tables.append(rows[rows["difference"].notna()])
    if not tables:
        return []
    rows = pd.concat(tables, ignore_index=True)
    sure = significance.adjust(rows["p"].to_numpy(np.float64)) < SURE
    large = rows["difference"].abs().to_numpy() >= LARGE_MOVE
    return [
        Notice(
            "moved",
            _move_words(book, str(row["indicator"]), str(row["item"]), row, year),
            year,
        )
        for row in rows[sure & large].to_dict("records")
    ]


def _move_words(
    book: Codebook, indicator: str, item: str, row: Mapping[Hashable, Any], year: int
) -> Callable[[str], str]:
    declared = book.by_indicator[indicator]

    def said(language: str) -> str:
        _ = translator(language)
        return _(
            "{indicator}, {item}: {difference} from {earlier} to {year}, more than {large} and"
            " surely not chance. Look whether the question or its coding changed."
        ).format(
            indicator=declared.label[language],
            item=declared.item(item).label[language],
            difference=style.points(float(row["difference"]), language),
            earlier=row["versus"],
            year=year,
            large=style.margin(LARGE_MOVE, language).lstrip("±").strip(),
        )

    return said


def rows(report: Report, language: str) -> pd.DataFrame:
    """The report as a table: one row a fault, a warning, a note or a base."""
    _ = translator(language)
    told: list[dict[str, object]] = [
        {
            "kind": _("fault"),
            "rule": "",
            "row": fault.row,
            "column": fault.column,
            "value": fault.value,
            "text": sentences.said(fault.expected, language),
        }
        for fault in report.faults
    ]
    told += [
        {
            "kind": _("warning"),
            "rule": rule_words(warning.rule, _),
            "row": ", ".join(map(str, warning.rows)),
            "column": "",
            "value": "",
            "text": warning.said(language),
        }
        for warning in report.warnings
    ]
    told += [{"kind": _("note"), "text": sentences.said(note, language)} for note in report.notes]
    told += [
        {
            "kind": _("base"),
            "column": str(base.year),
            "value": base.label[language],
            "text": f"n = {base.n}, n_eff = {base.effective_base:.1f}",
        }
        for base in report.bases
    ]
    columns = ["file", "kind", "rule", "row", "column", "value", "text"]
    return pd.DataFrame([{"file": report.file, **row} for row in told], columns=columns).fillna("")


def rule_words(rule: str, _: Translate) -> str:
    """What a rule looks for, in a few words."""
    return {
        "straight_lining": _("same mark throughout"),
        "duplicates": _("answers sent twice"),
        "weights": _("uneven weights"),
        "unweighted": _("no weights"),
        "small_base": _("small base"),
        "vanished": _("group that vanished"),
        "moved": _("implausible change"),
    }[rule]


def summary(warnings: Sequence[Notice]) -> list[str]:
    """The warnings in English, for the manifest: rows of respondents are not named there."""
    return [f"{warning.rule}: {warning}" for warning in warnings]
