"""Everything to know of a wave before it is published: faults, warnings, bases of the groups.

The rules are few and each needs the codebook, so they are plain functions: Pandera was tried, costs
over a second of every import, and could state none of them but types, which intake checks already.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from barometer import measure, sentences, significance, style, weighting
from barometer.cells import Selection
from barometer.codebook import YEAR, Codebook
from barometer.intake import SOURCE_ROW, Draft, Fault, FaultyFile, Wave
from barometer.measure import Source
from barometer.words import Translate, translator

STRAIGHT_ITEMS = 5  # ratings of one question from which the same mark throughout says something
DUPLICATE_ANSWERS = 15  # answers from which two respondents alike throughout are one, sent twice
INEFFICIENT = 0.6  # weights that leave less of the base are worth a second look
HEAVY = 5.0  # times the mean weight
LARGE_MOVE = 0.15  # a share that moved so much between waves, and
SURE = 0.001  # whose p-value, Holm-adjusted over every share of the wave, is below this
ROWS_NAMED = 10


@dataclass(frozen=True)
class Notice:
    """One warning: a rule, what it found in words of any language, the rows concerned."""

    rule: str
    said: Callable[[str], str] = field(compare=False)
    year: int | None = None
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.said("en")


@dataclass(frozen=True)
class Base:
    """Respondents of one level of the main dimension in one wave."""

    year: int
    level: str
    label: dict[str, str]
    n: int
    effective_base: float


@dataclass(frozen=True)
class Report:
    """What is known of a file before it is published: nothing goes online while it has faults."""

    file: str
    sha256: str
    faults: tuple[Fault, ...]
    warnings: tuple[Notice, ...] = ()
    bases: tuple[Base, ...] = ()
    notes: tuple[str, ...] = ()

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
    rows = draft.table.column(SOURCE_ROW).to_numpy()
    warnings = [
        *_straight_lines(wave, book, rows),
        *_duplicates(wave, rows),
        *_weights(wave),
        *_bases_too_small(wave, book),
    ]
    if online is not None:
        warnings += _vanished(wave, book, online)
    if staged is not None:
        for year in wave.years:
            warnings += moves(staged, year)
    return Report(
        draft.name,
        draft.sha256,
        (),
        tuple(warnings),
        tuple(_bases(wave, book)),
        (*draft.notes, *wave.notes),
    )


def _straight_lines(wave: Wave, book: Codebook, rows: npt.NDArray[np.int64]) -> Iterable[Notice]:
    for question in book.questions:
        if question.kind != "rating" or len(question.items) < STRAIGHT_ITEMS:
            continue
        answers = wave.answers.column(question.code).to_pylist()
        marks = [[mark["value"] for mark in given] if given else [] for given in answers]
        asked = [len(given) >= STRAIGHT_ITEMS for given in marks]
        same = [long and len(set(given)) == 1 for long, given in zip(asked, marks, strict=True)]
        if any(same):
            yield Notice(
                "straight_lining",
                _straight_words(question.wording.model_dump(), sum(same), sum(asked)),
                rows=_named(rows, np.array(same)),
            )


def _straight_words(wording: dict[str, str], same: int, asked: int) -> Callable[[str], str]:
    def said(language: str) -> str:
        _ = translator(language)
        return _(
            "{question}: the same mark throughout, {least} times or more, for {n} of {asked}"
            " respondents. Look whether they answered in earnest."
        ).format(question=wording[language], n=same, asked=asked, least=STRAIGHT_ITEMS)

    return said


def _duplicates(wave: Wave, rows: npt.NDArray[np.int64]) -> Iterable[Notice]:
    frame = wave.answers.drop_columns(["respondent_id", YEAR]).to_pandas()
    texts = frame.map(_flat).assign(profile=wave.respondents.column("profile_id").to_numpy())
    alike = texts.duplicated(keep="first").to_numpy()
    again = alike & (_many_answers(frame) >= DUPLICATE_ANSWERS)
    if again.any():
        yield Notice("duplicates", _duplicate_words(int(again.sum())), rows=_named(rows, again))


def _flat(value: object) -> str:
    """An answer as text, lists included; nothing where there is none."""
    if isinstance(value, np.ndarray | list):
        return "|".join(sorted(map(str, value))) or "-"
    return "" if value is None or value != value else str(value)


def _many_answers(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """How many single answers, ticks and marks each respondent gave."""
    count = np.zeros(len(frame), np.int64)
    for name in frame.columns:
        count += np.array(
            [
                len(value)
                if isinstance(value, np.ndarray | list)
                else int(value is not None and value == value)
                for value in frame[name]
            ],
            np.int64,
        )
    return count


def _duplicate_words(n: int) -> Callable[[str], str]:
    def said(language: str) -> str:
        _ = translator(language)
        return _(
            "Respondents who answer exactly as another one does, in {least} answers or more: {n}."
            " Look whether they were sent twice."
        ).format(n=n, least=DUPLICATE_ANSWERS)

    return said


def _weights(wave: Wave) -> Iterable[Notice]:
    years = wave.respondents.column(YEAR).to_numpy()
    weights = wave.respondents.column("weight").to_numpy()
    for year in np.unique(years).tolist():
        report = weighting.described(weights[years == year])
        if report.efficiency < INEFFICIENT or report.most > HEAVY:
            yield Notice("weights", _weight_words(report, year), year)


def _weight_words(report: weighting.Report, year: int) -> Callable[[str], str]:
    def said(language: str) -> str:
        _ = translator(language)
        return _(
            "{year}: weights leave {efficiency} of the base, and the heaviest respondent weighs"
            " {most} times the mean. Trim them, or rake within bounds."
        ).format(
            year=year,
            efficiency=style.share(report.efficiency, language),
            most=style.number(report.most, language, 1),
        )

    return said


def _bases(wave: Wave, book: Codebook) -> list[Base]:
    main = book.main_dimension
    levels = _main_levels(wave, book)
    years = wave.respondents.column(YEAR).to_numpy()
    weights = wave.respondents.column("weight").to_numpy()
    found = []
    for year in np.unique(years).tolist():
        for level in main.levels:
            here = (years == year) & (levels == level.code)
            base = weighting.effective_base(weights[here]) if here.any() else 0.0
            label = level.label.model_dump()
            found.append(Base(year, level.code, label, int(here.sum()), base))
    return found


def _main_levels(wave: Wave, book: Codebook) -> npt.NDArray[np.object_]:
    code = book.main_dimension.code
    place = {
        number: dict(levels).get(code)
        for number, levels in zip(
            wave.profiles.column("profile_id").to_pylist(),
            wave.profiles.column("levels").to_pylist(),
            strict=True,
        )
    }
    return np.array(
        [place[number] for number in wave.respondents.column("profile_id").to_pylist()], object
    )


def _bases_too_small(wave: Wave, book: Codebook) -> Iterable[Notice]:
    limits = book.thresholds
    for base in _bases(wave, book):
        if 0 < base.n < limits.flag_below:
            yield Notice(
                "small_base", _small_words(base, limits.hide_below, limits.flag_below), base.year
            )


def _small_words(base: Base, hide: int, flag: int) -> Callable[[str], str]:
    def said(language: str) -> str:
        _ = translator(language)
        text = (
            _("{level}, {year}: {n} respondents, under {hide}: its figures are not shown.")
            if base.n < hide
            else _(
                "{level}, {year}: {n} respondents, under {flag}: its figures are marked fragile."
            )
        )
        return text.format(
            level=base.label[language], year=base.year, n=base.n, hide=hide, flag=flag
        )

    return said


def _vanished(wave: Wave, book: Codebook, online: Source) -> Iterable[Notice]:
    """Levels of any dimension that the last wave before had, and this one has not."""
    profiles = wave.profiles.to_pylist()
    for year in wave.years:
        earlier = [known for known in online.years if known < year]
        if not earlier:
            continue
        for dimension in book.dimensions:
            before = _levels_online(online, dimension.code, max(earlier))
            now = {dict(p["levels"]).get(dimension.code) for p in profiles if p[YEAR] == year}
            for level in dimension.levels:
                if level.code in before and level.code not in now:
                    labels = (dimension.label.model_dump(), level.label.model_dump())
                    yield Notice("vanished", _vanished_words(*labels, year, max(earlier)), year)


def _levels_online(online: Source, dimension: str, year: int) -> set[str]:
    """Levels that somebody has in a wave, in the base of any indicator."""
    found: set[str] = set()
    for indicator in online.codebook.indicators:
        if dimension in online.codebook.by_dimension:
            selection = Selection(indicator.code, (dimension,), ((YEAR, (str(year),)),))
            found |= set(measure.estimate(online, selection)[dimension])
    return found


def _vanished_words(
    dimension: dict[str, str], level: dict[str, str], year: int, earlier: int
) -> Callable[[str], str]:
    def said(language: str) -> str:
        _ = translator(language)
        return _(
            "{dimension}: nobody is {level} in {year}, somebody was in {earlier}. Look whether the"
            " answer was recoded."
        ).format(dimension=dimension[language], level=level[language], year=year, earlier=earlier)

    return said


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


def _named(rows: npt.NDArray[np.int64], where: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(row) for row in rows[where][:ROWS_NAMED])


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
        "small_base": _("small base"),
        "vanished": _("group that vanished"),
        "moved": _("implausible change"),
    }[rule]


def summary(warnings: Sequence[Notice]) -> list[str]:
    """The warnings in English, for the manifest: rows of respondents are not named there."""
    return [f"{warning.rule}: {warning}" for warning in warnings]
