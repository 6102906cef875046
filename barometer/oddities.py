"""What is odd among the respondents of a wave, looked at all at once or part by part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from barometer import measure, style
from barometer.cells import Selection
from barometer.codebook import YEAR, Codebook, Question
from barometer.intake import Wave
from barometer.intake.coded import coded, codes_of
from barometer.measure import Source
from barometer.words import translator

STRAIGHT_ITEMS = 5  # ratings of one question from which the same mark throughout says something
DUPLICATE_ANSWERS = 15  # answers from which two respondents alike throughout are one, sent twice
INEFFICIENT = 0.6  # weights that leave less of the base are worth a second look
HEAVY = 5.0  # times the mean weight
ALL_THE_SAME = 1 - 1e-9  # of the base: what equal weights leave, but for rounding
ROWS_NAMED = 10
Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Group = tuple[int, str | None]  # a wave and a level of the main dimension


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


@dataclass
class _Sums:
    """Of the weights of some respondents."""

    n: int = 0
    w: float = 0.0
    ww: float = 0.0
    most: float = 0.0

    def add(self, n: int, w: float, ww: float, most: float) -> None:
        self.n, self.w, self.ww, self.most = (
            self.n + n,
            self.w + w,
            self.ww + ww,
            max(self.most, most),
        )

    @property
    def effective_base(self) -> float:
        """(Σw)²/Σw² (Kish 1965), 0 where nobody is."""
        return self.w**2 / self.ww if self.n else 0.0


@dataclass
class _Straight:
    """Respondents of one question of ratings: who gave the same mark throughout."""

    asked: int = 0
    same: int = 0
    rows: list[int] = field(default_factory=list)


class Oddities:
    """What is looked at in the respondents of one file; its size is small beside theirs.

    Of each respondent who gives many answers 16 bytes are kept, to find answers that come twice.
    """

    def __init__(self, book: Codebook) -> None:
        self.book = book
        self.count = 0
        self._groups: dict[Group, _Sums] = defaultdict(_Sums)
        self._levels: dict[int, dict[str, set[str]]] = {}
        self._straight: dict[str, _Straight] = defaultdict(_Straight)
        self._answers: list[Hashes] = []
        self._rows: list[Rows] = []

    def add(self, part: Wave, rows: Rows) -> None:
        """Look at the respondents of a part; `rows` are their rows in the file, in its order."""
        self.count += len(rows)
        self._weights(part)
        for question in self.book.questions:
            if question.kind == "rating" and len(question.items) >= STRAIGHT_ITEMS:
                self._straight_lines(question, part.answers.column(question.code), rows)
        self._hashes(part, rows)

    @property
    def years(self) -> list[int]:
        """The waves of the file."""
        return sorted(self._levels)

    def notices(self, online: Source | None) -> list[Notice]:
        """What is odd; `online` is the publication whose groups may have vanished."""
        found = [
            *self._same_marks(),
            *self._sent_twice(),
            *self._uneven_weights(),
            *self._small_bases(),
        ]
        if online is None:
            return found
        return [*found, *self._no_longer_weighted(online), *self._vanished(online)]

    def bases(self) -> list[Base]:
        """Respondents of each level of the main dimension, wave by wave."""
        return [
            Base(
                year,
                level.code,
                level.label.model_dump(),
                (sums := self._groups.get((year, level.code), _Sums())).n,
                sums.effective_base,
            )
            for year in self.years
            for level in self.book.main_dimension.levels
        ]

    # --- a part -----------------------------------------------------------------------------------

    def _weights(self, part: Wave) -> None:
        profile = part.respondents.column("profile_id").to_numpy()
        weight = part.respondents.column("weight").to_numpy()
        size = part.profiles.num_rows
        n = np.bincount(profile, minlength=size)
        w = np.bincount(profile, weight, size)
        ww = np.bincount(profile, weight * weight, size)
        most = np.zeros(size)
        np.maximum.at(most, profile, weight)
        main = self.book.main_dimension.code
        for row in part.profiles.to_pylist():
            at, year, levels = row["profile_id"], row[YEAR], dict(row["levels"])
            self._groups[year, levels.get(main)].add(
                int(n[at]), float(w[at]), float(ww[at]), float(most[at])
            )
            seen = self._levels.setdefault(year, defaultdict(set))
            for dimension, level in levels.items():
                seen[dimension].add(level)

    def _straight_lines(self, question: Question, answers: pa.ChunkedArray, rows: Rows) -> None:
        given = answers.combine_chunks()
        lists = given.dictionary
        lengths = _lengths(lists)
        marks = pc.struct_field(lists.flatten(), "value").to_numpy(zero_copy_only=False)
        some = lengths > 0
        starts = (np.cumsum(lengths) - lengths)[some]
        same = np.zeros(len(lengths), dtype=bool)
        if len(starts):
            least, most = np.minimum.reduceat(marks, starts), np.maximum.reduceat(marks, starts)
            same[some] = least == most
        asked = lengths >= STRAIGHT_ITEMS
        same &= asked
        same, asked = (
            np.append(ways, False)[codes_of(given, len(lists))] for ways in (same, asked)
        )
        found = self._straight[question.code]
        found.asked += int(asked.sum())
        found.same += int(same.sum())
        found.rows += rows[same][: ROWS_NAMED - len(found.rows)].tolist()

    def _hashes(self, part: Wave, rows: Rows) -> None:
        """One number for all that a respondent answered, in whatever order a list has it."""
        profiles = [
            f"{row[YEAR]}|{row['stratum']}|{row['levels']}" for row in part.profiles.to_pylist()
        ]
        ids = part.respondents.column("profile_id").to_numpy()
        total = _hashed(profiles)[ids]
        many = np.zeros(len(rows), np.int64)
        for question in self.book.questions:
            own, count = _answered(part.answers.column(question.code).combine_chunks())
            total = _mixed(total * np.uint64(31) + own)
            many += count
        kept = many >= DUPLICATE_ANSWERS
        self._answers.append(total[kept])
        self._rows.append(rows[kept])

    # --- what is said -----------------------------------------------------------------------------

    def _same_marks(self) -> Iterable[Notice]:
        for question in self.book.questions:
            found = self._straight.get(question.code)
            if found is not None and found.same:
                words = _straight_words(question.wording.model_dump(), found.same, found.asked)
                yield Notice("straight_lining", words, rows=tuple(found.rows))

    def _sent_twice(self) -> Iterable[Notice]:
        hashes = np.concatenate([*self._answers, np.zeros(0, np.uint64)])
        ordered = np.sort(hashes)
        repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        if not len(repeated):
            return
        at = np.flatnonzero(np.isin(hashes, repeated))
        firsts = np.unique(hashes[at], return_index=True)[1]
        again = np.delete(at, firsts)
        rows = np.concatenate(self._rows)[again[:ROWS_NAMED]]
        yield Notice("duplicates", _duplicate_words(len(again)), rows=tuple(rows.tolist()))

    def _of_waves(self) -> dict[int, _Sums]:
        waves: dict[int, _Sums] = defaultdict(_Sums)
        for (year, _), sums in sorted(self._groups.items(), key=lambda item: item[0][0]):
            waves[year].add(sums.n, sums.w, sums.ww, sums.most)
        return waves

    def _no_longer_weighted(self, online: Source) -> Iterable[Notice]:
        """Waves in which all weigh the same, where the last one before was weighted."""
        for year, sums in self._of_waves().items():
            earlier = _wave_before(online, year)
            if earlier is None or sums.effective_base < sums.n * ALL_THE_SAME:
                continue
            if _weighted_online(online, earlier):
                yield Notice("unweighted", _unweighted_words(year, earlier), year)

    def _uneven_weights(self) -> Iterable[Notice]:
        for year, sums in self._of_waves().items():
            efficiency, most = sums.effective_base / sums.n, sums.most * sums.n / sums.w
            if efficiency < INEFFICIENT or most > HEAVY:
                yield Notice("weights", _weight_words(efficiency, most, year), year)

    def _small_bases(self) -> Iterable[Notice]:
        limits = self.book.thresholds
        for base in self.bases():
            if 0 < base.n < limits.flag_below:
                words = _small_words(base, limits.hide_below, limits.flag_below)
                yield Notice("small_base", words, base.year)

    def _vanished(self, online: Source) -> Iterable[Notice]:
        """Levels of any dimension that the last wave before had, and this one has not."""
        for year, seen in sorted(self._levels.items()):
            earlier = _wave_before(online, year)
            if earlier is None:
                continue
            for dimension in self.book.dimensions:
                before = _levels_online(online, dimension.code, earlier)
                for level in dimension.levels:
                    if level.code in before and level.code not in seen[dimension.code]:
                        labels = (dimension.label.model_dump(), level.label.model_dump())
                        words = _vanished_words(*labels, year, earlier)
                        yield Notice("vanished", words, year)


# --- answers as numbers ---------------------------------------------------------------------------


def _answered(answers: pa.Array) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """A hash of each respondent's answers to a question, 0 for none, and how many they are."""
    if pa.types.is_dictionary(answers.type):
        hashes, counts = _answered(answers.dictionary)
        codes = codes_of(answers, len(hashes))
        return np.append(hashes, np.uint64(0))[codes], np.append(counts, 0)[codes]
    given = pc.is_valid(answers).to_numpy(zero_copy_only=False)
    if pa.types.is_floating(answers.type):
        numbers = answers.fill_null(0).to_numpy(zero_copy_only=False)
        return np.where(given, _of_numbers(numbers), np.uint64(0)), given.astype(np.int64)
    if not pa.types.is_list(answers.type):
        return _of_texts(answers), given.astype(np.int64)
    values, lengths = answers.flatten(), _lengths(answers)
    if pa.types.is_struct(values.type):
        marks = pc.struct_field(values, "value").to_numpy(zero_copy_only=False)
        one = _mixed(_of_texts(pc.struct_field(values, "item")) ^ _of_numbers(marks))
    else:
        one = _of_texts(values)
    ends = np.cumsum(lengths)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(one, dtype=np.uint64)])
    return sums[ends] - sums[ends - lengths] + given.astype(np.uint64), lengths


def _of_texts(texts: pa.Array) -> Hashes:
    column = coded(texts)
    pool = np.append(_hashed(column.dictionary.to_pylist()), np.uint64(0))
    return pool[codes_of(column, len(pool) - 1)]


def _hashed(texts: list[str]) -> Hashes:
    if not texts:
        return np.zeros(0, np.uint64)
    return pd.util.hash_array(np.array(texts, dtype=object), categorize=False)


def _of_numbers(numbers: npt.NDArray[np.float64]) -> Hashes:
    return _mixed(np.ascontiguousarray(numbers, np.float64).view(np.uint64))


def _mixed(bits: Hashes) -> Hashes:
    """Bits well mixed: the finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _lengths(lists: pa.Array) -> npt.NDArray[np.int64]:
    counts = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
    lengths: npt.NDArray[np.int64] = counts.astype(np.int64)
    return lengths


# --- words ----------------------------------------------------------------------------------------


def _straight_words(wording: dict[str, str], same: int, asked: int) -> Callable[[str], str]:
    def said(language: str) -> str:
        _ = translator(language)
        return _(
            "{question}: the same mark throughout, {least} times or more, for {n} of {asked}"
            " respondents. Look whether they answered in earnest."
        ).format(question=wording[language], n=same, asked=asked, least=STRAIGHT_ITEMS)

    return said


def _duplicate_words(n: int) -> Callable[[str], str]:
    def said(language: str) -> str:
        _ = translator(language)
        return _(
            "Respondents who answer exactly as another one does, in {least} answers or more: {n}."
            " Look whether they were sent twice."
        ).format(n=n, least=DUPLICATE_ANSWERS)

    return said


def _weight_words(efficiency: float, most: float, year: int) -> Callable[[str], str]:
    def said(language: str) -> str:
        _ = translator(language)
        return _(
            "{year}: weights leave {efficiency} of the base, and the heaviest respondent weighs"
            " {most} times the mean. Trim them, or rake within bounds."
        ).format(
            year=year,
            efficiency=style.share(efficiency, language),
            most=style.number(most, language, 1),
        )

    return said


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


def _wave_before(online: Source, year: int) -> int | None:
    """The last wave online before a year, None where there is none."""
    return max((known for known in online.years if known < year), default=None)


def _levels_online(online: Source, dimension: str, year: int) -> set[str]:
    """Levels that somebody has in a wave, in the base of any indicator."""
    found: set[str] = set()
    for indicator in online.codebook.indicators:
        if dimension in online.codebook.by_dimension:
            selection = Selection(indicator.code, (dimension,), ((YEAR, (str(year),)),))
            found |= set(measure.estimate(online, selection)[dimension])
    return found


def _weighted_online(online: Source, year: int) -> bool:
    """Whether somebody weighs more than another in a wave."""
    for indicator in online.codebook.indicators:
        selection = Selection(indicator.code, (), ((YEAR, (str(year),)),))
        rows = measure.estimate(online, selection)
        if (rows["effective_base"] < rows["n"] * ALL_THE_SAME).any():
            return True
    return False


def _unweighted_words(year: int, earlier: int) -> Callable[[str], str]:
    def said(language: str) -> str:
        _ = translator(language)
        return _(
            "{year}: every respondent weighs the same, and the wave of {earlier} is weighted. Look"
            " whether the file has weights that were left out."
        ).format(year=year, earlier=earlier)

    return said


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
