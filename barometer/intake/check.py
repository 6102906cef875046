"""Check a table of text against the codebook, and give it its types."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from barometer.codebook import FRAME_COLUMNS, YEAR, Codebook, Dimension, Limits, Question
from barometer.intake.coded import Codes, coded, codes_of, filled, plain, rows_once, trimmed
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.read import HEADER_ROW, TextTable

__all__ = ["Limits", "Wave", "check"]

YEARS = range(1900, 2201)
WHOLE_WAVE = "all"  # the stratum where the file has none
SURVEY, SYNTHETIC = "survey", "synthetic"
LIGHTEST, HEAVIEST = 1e-9, 1e12  # weights whose squares still add up
MOST_FAULTS = 100_000  # then the file is something else than a wave, and the rest is not listed
FILL = "this cell is empty; fill it"
LONGEST_NAME = 1_000  # characters of a stratum's name
MOST_HINTS, LONGEST_HINT = 50, 60  # the nearest name is looked for in so many columns, so long
NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?")
MOST_GROUPS = 2**31  # combinations of levels that are numbered at once
MOST_COUNTED = 2**20  # of which there is room for one number each; more are sorted
LEVELS = pa.map_(pa.string(), pa.string())


@dataclass(frozen=True)
class Wave:
    """A checked file, ready to be stored.

    `respondents`: respondent_id (0…), source_id, year, profile_id (0…), weight.
    `profiles`: profile_id, year, stratum, levels (map dimension → level).
    `answers`: respondent_id, year, one column a question; lists are coded (a dictionary), a list
    being of one year. `asked`: indicator, item, year.
    `waves`: one row a year. `notes`: what was assumed, in sentences.
    """

    file: str
    respondents: pa.Table
    profiles: pa.Table
    answers: pa.Table
    asked: pa.Table
    waves: pa.Table
    notes: tuple[str, ...]

    @property
    def years(self) -> list[int]:
        """Years of the waves in the file."""
        return [int(year) for year in self.waves.column(YEAR).to_pylist()]


def check(table: TextTable, codebook: Codebook) -> Wave:
    """The wave or waves that a table holds.

    Raises FaultyFile with every fault, in the order of the file.
    """
    return _Check(table, codebook).run()


@dataclass
class _Check:
    """One pass over one table: each method reads some columns and leaves the faults it finds."""

    table: TextTable
    codebook: Codebook
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _columns: dict[str, pa.DictionaryArray] = field(default_factory=dict)

    def run(self) -> Wave:
        self.faults += self.table.faults
        self._columns_known()
        year = self._year()
        source_id = self._source_id(year)
        stratum = self._stratum()
        weight = self._weight()
        provenance = self._provenance()
        answers = {q.code: self._answer(q, year) for q in self.codebook.questions}
        levels = {d.code: self._levels(d, answers) for d in self.codebook.dimensions}
        self._asked_only_where_due(answers)
        if self.faults:
            self.faults.sort(key=lambda f: (f.row or 0, self._names.get(f.column or "", -1)))
            raise FaultyFile(self.faults)
        profile_id, profiles = self._profiles(year, stratum, levels)
        count = len(year)
        for question in self.codebook.questions:
            if question.kind == "single":
                answers[question.code] = plain(answers[question.code])
        respondents = pa.table(
            {
                "respondent_id": pa.array(np.arange(count)),
                "source_id": source_id,
                YEAR: pa.array(year, pa.int16()),
                "profile_id": pa.array(profile_id),
                "weight": pa.array(weight),
            }
        )
        return Wave(
            self.table.file,
            respondents,
            profiles,
            pa.table(
                {"respondent_id": np.arange(count), YEAR: pa.array(year, pa.int16())} | answers
            ),
            self._asked(year, answers),
            self._waves(year, provenance),
            tuple(self.notes),
        )

    @cached_property
    def _names(self) -> dict[str, int]:
        """The place of each column."""
        return {name: place for place, name in enumerate(self.table.columns.column_names)}

    # --- columns of the frame -------------------------------------------------------------------

    def _columns_known(self) -> None:
        names = self._names
        own = [d.code for d in self.codebook.dimensions if d.question is None]
        asked = {column for q in self.codebook.questions for column in q.columns}
        known = sorted({*FRAME_COLUMNS, *own, *asked})
        unknown = [name for name in names if name not in set(known)]
        for number, name in enumerate(unknown):
            near = number < MOST_HINTS and len(name) <= LONGEST_HINT
            found = difflib.get_close_matches(name, known, n=1) if near else []
            hint = f"did you mean {found[0]}?" if found else "remove it or declare it"
            self._missing(name, f"the codebook does not know this column; {hint}")
        for name in (YEAR, *own):
            if name not in names:
                self._missing(name, "this column is missing; add it")
        if asked.isdisjoint(names):
            self._missing(None, "no column of a question is here; expected one at least")

    def _missing(self, column: str | None, expected: str) -> None:
        self._add(Fault(self.table.file, HEADER_ROW, column, None, expected))

    def _year(self) -> npt.NDArray[np.int64]:
        def parse(text: str) -> int:
            if len(text) == 4 and text.isascii() and text.isdigit() and int(text) in YEARS:
                return int(text)
            raise ValueError("expected a year such as 2003")

        return self._typed(YEAR, parse, 0, required=FILL).astype(np.int64)

    def _source_id(self, year: npt.NDArray[np.int64]) -> pa.Array:
        ids = self._texts("respondent_id")
        if ids is None:
            self.notes.append("No respondent_id: respondents are numbered by row.")
            return pa.array(self.table.rows).cast(pa.string())
        if len(ids.dictionary) < len(ids):
            import pandas as pd

            frame = pd.DataFrame({"id": codes_of(ids, -1), YEAR: year})
            for row in np.flatnonzero(filled(ids) & frame.duplicated(keep="first")):
                self._fault(
                    row,
                    "respondent_id",
                    ids[int(row)].as_py(),
                    "stands twice in this wave; give each respondent one row",
                )
            self._blank_rows("respondent_id", ids, "expected an identifier; fill it")
        if np.array_equal(codes_of(ids, -1), np.arange(len(ids))):
            return ids.dictionary
        return ids if self.faults else plain(ids)  # repeated, it may be too long for one piece

    def _stratum(self) -> pa.DictionaryArray:
        if "stratum" not in self._names:
            self.notes.append("No stratum: the whole wave is one stratum.")
            everyone = np.zeros(self.table.columns.num_rows, dtype=np.int8)
            return pa.DictionaryArray.from_arrays(everyone, [WHOLE_WAVE])

        def parse(text: str) -> str:
            if text.startswith("="):
                raise ValueError("expected the name of a stratum, not a formula")
            if len(text) > LONGEST_NAME:  # each respondent has a copy of it
                raise ValueError("expected the name of a stratum, not a long text")
            return text

        expected = "expected a stratum; leave the column out if there is none"
        return self._words("stratum", parse, required=expected)

    def _weight(self) -> npt.NDArray[np.float64]:
        if "weight" not in self._names:
            self.notes.append("No weight: every respondent weighs 1.")
            return np.ones(self.table.columns.num_rows)

        def parse(text: str) -> float:
            number = _number(text)
            if LIGHTEST <= number <= HEAVIEST:
                return number
            if number > 0 and math.isfinite(number):
                raise ValueError(f"expected a weight from {LIGHTEST:g} to {HEAVIEST:g}")
            raise ValueError("expected a number above 0")

        try:  # all at once; a decimal comma or any fault goes text by text
            texts = trimmed(self._coded("weight"))
            numbers = pc.cast(texts.dictionary, pa.float64()).to_numpy(zero_copy_only=False)
            if not texts.null_count and np.all((numbers >= LIGHTEST) & (numbers <= HEAVIEST)):
                weights: npt.NDArray[np.float64] = numbers[codes_of(texts, -1)]
                return weights
        except pa.ArrowInvalid:
            pass
        return self._typed("weight", parse, np.nan, required=FILL).astype(np.float64)

    def _provenance(self) -> str:
        if "provenance" not in self._names:
            return SURVEY
        expected = f"expected {SURVEY} or {SYNTHETIC}, the same in every row"

        def parse(text: str) -> str:
            if text in (SURVEY, SYNTHETIC):
                return text
            raise ValueError(expected)

        found = self._words("provenance", parse, required=expected)
        words = trimmed(self._coded("provenance")).dictionary.to_pylist()
        first, *others = [word for word in words if word in (SURVEY, SYNTHETIC)] or [SURVEY]
        for row in np.flatnonzero(pc.equal(plain(found), others[0])) if others else ():
            self._fault(row, "provenance", others[0], f"{expected}; the first one says {first}")
        return str(first)

    def _levels(self, dimension: Dimension, answers: dict[str, pa.Array]) -> pa.Array:
        """Level of each respondent, null for none; the answers to a question are checked there."""
        if dimension.question is not None:
            return answers[dimension.question]
        return self._words(dimension.code, _among(level.code for level in dimension.levels))

    # --- columns of the questions ---------------------------------------------------------------

    def _answer(self, question: Question, year: npt.NDArray[np.int64]) -> pa.Array:
        if question.kind == "single":
            return self._words(question.code, _among(item.code for item in question.items))
        if question.kind == "number":
            numbers = self._typed(question.code, _between(question), np.nan).astype(np.float64)
            return pa.array(numbers, pa.float64(), from_pandas=True)
        columns = {c: item for c, item in question.columns.items() if item and c in self._names}
        if question.kind == "multiple":
            boxes = [self._typed(column, _ticked, -1, np.int8) for column in columns]
            answered = self._all_or_none(list(columns), boxes, year)
            rows = _rows_of([*_eight_a_byte(boxes), answered], len(year), np.uint8)
            return _ways(rows, year, lambda once: _ticked_lists(once, list(columns.values())))
        parse = _between(question)
        ratings = [self._typed(column, parse, np.nan, np.float32) for column in columns]
        rows = _rows_of(ratings, len(year), np.float32)
        return _ways(rows, year, lambda once: _rating_lists(once, list(columns.values())))

    def _all_or_none(
        self, columns: list[str], boxes: list[npt.NDArray[Any]], year: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Who answers a question: every item that the wave asked of it, else there is a fault."""
        answered, short = (np.zeros(len(year), dtype=bool) for _ in range(2))
        waves = [year == wave for wave in _distinct(year)]
        asked: list[list[int]] = [[] for _ in waves]
        for place, box in enumerate(boxes):
            given = box >= 0
            answered |= given
            for here, places in zip(waves, asked, strict=True):
                if (given & here).any():
                    places.append(place)
                    short |= here & ~given
        faulted = self._faulted()
        expected = "expected 0 or 1, as the question's other items have"
        for here, places in zip(waves, asked, strict=True):
            for row in np.flatnonzero(here & answered & short):
                for place in places:
                    if boxes[place][row] >= 0:
                        continue
                    if (int(self.table.rows[row]), columns[place]) not in faulted:
                        self._fault(row, columns[place], "", expected)
        return answered

    def _asked_only_where_due(self, answers: dict[str, pa.Array]) -> None:
        faulted = self._faulted()
        for question in self.codebook.questions:
            if question.asked_if is None:
                continue
            asked_if = question.asked_if
            given = answers[asked_if.question]
            named = [text in asked_if.answers for text in given.dictionary.to_pylist()]
            due = np.array([*named, False])[codes_of(given, len(named))]
            reason = f"asked only where {asked_if.question} is {' or '.join(asked_if.answers)}"
            for column in question.columns:
                texts = self._texts(column)
                if texts is None:
                    continue
                for row in np.flatnonzero(filled(texts) & ~due):
                    number = int(self.table.rows[row])
                    if faulted.isdisjoint({(number, column), (number, asked_if.question)}):
                        value = texts[int(row)].as_py()
                        self._fault(row, column, value, f"expected nothing: {reason}")

    # --- what comes out ---------------------------------------------------------------------------

    def _profiles(
        self, year: npt.NDArray[np.int64], stratum: pa.DictionaryArray, levels: dict[str, pa.Array]
    ) -> tuple[npt.NDArray[np.int64], pa.Table]:
        """Number of each respondent's profile, and the profiles: in order, a missing level last."""
        years = _distinct(year)
        group, count = np.searchsorted(years, year), len(years)
        for column in (stratum, *levels.values()):
            pool, codes = _ordered(column)
            group, count = group * (len(pool) + 1) + codes, count * (len(pool) + 1)
            if count > MOST_GROUPS:
                there, group = np.unique(group, return_inverse=True)
                count = len(there)
        first, profile_id = _numbered(group, count)
        at = pa.array(first)
        told = {code: plain(column.take(at)).to_pylist() for code, column in levels.items()}
        maps = [
            [(code, level) for code, level in zip(told, row, strict=True) if level is not None]
            for row in zip(*told.values(), strict=True)
        ]
        return profile_id, pa.table(
            {
                "profile_id": pa.array(np.arange(len(first))),
                YEAR: pa.array(year[first], pa.int16()),
                "stratum": plain(stratum.take(at)),
                "levels": pa.array(maps or [[]] * len(first), LEVELS),
            }
        )

    def _asked(self, year: npt.NDArray[np.int64], answers: dict[str, pa.Array]) -> pa.Table:
        rows = []
        for wave in _distinct(year):
            told = year == wave
            here = [name for name in self._names if _any(self._coded(name), told)]
            rows += [(indicator, item, int(wave)) for indicator, item in self.codebook.asked(here)]
        indicators, items, years = zip(*rows, strict=True) if rows else ((), (), ())
        return pa.table(
            {
                "indicator": pa.array(indicators, pa.string()),
                "item": pa.array(items, pa.string()),
                YEAR: pa.array(years, pa.int16()),
            }
        )

    def _waves(self, year: npt.NDArray[np.int64], provenance: str) -> pa.Table:
        years = _distinct(year)
        return pa.table(
            {
                YEAR: pa.array(years, pa.int16()),
                "file": [self.table.file] * len(years),
                "sha256": [self.table.sha256] * len(years),
                "provenance": [provenance] * len(years),
                "weighted": ["weight" in self._names] * len(years),
                "stratified": ["stratum" in self._names] * len(years),
            }
        )

    # --- reading a column -----------------------------------------------------------------------

    def _fault(self, row: int | np.integer, column: str, value: str | None, expected: str) -> None:
        """A fault in a row of the table, counted from 0."""
        number = int(self.table.rows[row])
        self._add(Fault(self.table.file, number, column, value, expected))

    def _faulted(self) -> set[tuple[int | None, str | None]]:
        """Cells with a fault: what follows from it is not told again."""
        return {(fault.row, fault.column) for fault in self.faults}

    def _add(self, fault: Fault) -> None:
        self.faults.append(fault)
        if len(self.faults) >= MOST_FAULTS:
            more = f"this file has {MOST_FAULTS:,} faults or more; the rest is not listed"
            raise FaultyFile([*self.faults, Fault(self.table.file, None, None, None, more)])

    def _coded(self, name: str) -> pa.DictionaryArray:
        """A column as it came."""
        if name not in self._columns:
            self._columns[name] = coded(self.table.columns.column(name))
        return self._columns[name]

    def _texts(self, name: str) -> pa.DictionaryArray | None:
        """A column without surrounding space, blanks as null; None where the file lacks it."""
        if name not in self._names:
            return None
        return trimmed(self._coded(name))

    def _blank_rows(self, name: str, texts: pa.DictionaryArray, expected: str) -> None:
        for row in np.flatnonzero(~filled(texts)):
            self._fault(row, name, "", expected)

    def _typed(
        self,
        name: str,
        parse: Callable[[str], float],
        missing: float,
        kind: npt.DTypeLike = np.float64,
        *,
        required: str = "",
    ) -> npt.NDArray[Any]:
        """The numbers of a column, `missing` where a cell is empty or faulty: see `_parsed`."""
        values, codes = self._parsed(name, parse, missing, required)
        last = len(values) - 1
        if codes.dtype == kind and values[:last] == list(range(last)):  # as 0 and 1 have
            empty = codes == last
            return np.where(empty, missing, codes) if empty.any() else codes
        numbers: npt.NDArray[Any] = np.array(values, dtype=kind).take(codes)
        return numbers

    def _words(
        self, name: str, parse: Callable[[str], str], *, required: str = ""
    ) -> pa.DictionaryArray:
        """The texts of a column, null where a cell is empty or faulty: see `_parsed`."""
        values, codes = self._parsed(name, parse, None, required)
        empty = codes == len(values) - 1
        return pa.DictionaryArray.from_arrays(
            pa.array(codes, mask=empty), pa.array(values[:-1], pa.string())
        )

    def _parsed(
        self, name: str, parse: Callable[[str], object], missing: object, required: str
    ) -> tuple[list[object], Codes]:
        """Parse each distinct text of a column once; a text that does not parse faults its rows.

        What the texts say, then `missing`; and the place of each cell's there. `required` is what
        an empty cell is told; without it, a cell may be empty.
        """
        texts = self._texts(name)
        if texts is None:
            return [missing], np.zeros(self.table.columns.num_rows, dtype=np.int32)
        if required:
            self._blank_rows(name, texts, required)
        values: list[object] = []
        wrong: dict[int, str] = {}
        said = texts.dictionary.to_pylist()
        for position, text in enumerate(said):
            try:
                values.append(parse(text))
            except ValueError as fault:
                wrong[position] = str(fault)
                values.append(missing)
        codes = codes_of(texts, len(values))
        for row in np.flatnonzero(np.isin(codes, list(wrong))) if wrong else ():
            self._fault(row, name, said[codes[row]], wrong[int(codes[row])])
        return [*values, missing], codes


def _distinct(year: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The years that there are, in order; counting small numbers beats sorting or hashing them."""
    return np.flatnonzero(np.bincount(year))


def _any(column: pa.DictionaryArray, rows: npt.NDArray[np.bool_]) -> bool:
    """Whether one of some rows has a text; there must be such rows."""
    return not column.null_count or bool((filled(column) & rows).any())


def _numbered(
    group: npt.NDArray[np.int64], count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The first row of each group that there is, of so many, in their order; each row's number."""
    if count > MOST_COUNTED:
        _, first, number = np.unique(group, return_index=True, return_inverse=True)
        return first, number
    rows = np.full(count, -1)
    rows[group[::-1]] = np.arange(len(group))[::-1]  # of several rows the last one put in stays
    there = rows >= 0
    return rows[there], (np.cumsum(there) - 1)[group]


def _ordered(words: pa.Array) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The words of a column in order, and the place there of each cell's; after them for none."""
    column = coded(words)
    pool = column.dictionary.to_pylist()
    order = sorted(range(len(pool)), key=pool.__getitem__)
    place = np.empty(len(pool) + 1, dtype=np.int64)
    place[[*order, len(pool)]] = np.arange(len(pool) + 1)
    return [pool[number] for number in order], place.take(codes_of(column, len(pool)))


def _rows_of(columns: list[npt.NDArray[Any]], count: int, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """Columns side by side, a row a respondent; there may be none."""
    if not columns:
        return np.empty((count, 0), dtype=kind)
    return np.ascontiguousarray(np.array(columns, dtype=kind).T)


def _eight_a_byte(boxes: list[npt.NDArray[np.int8]]) -> list[npt.NDArray[np.uint8]]:
    """Which boxes are ticked, eight of them a byte: the first one is the lowest bit."""
    packed = [np.zeros(len(box), dtype=np.uint8) for box in boxes[::8]]
    for number, box in enumerate(boxes):
        packed[number // 8] |= (box == 1).view(np.uint8) * np.uint8(1 << number % 8)
    return packed


def _number(text: str) -> float:
    """A number with a decimal point or comma; no thousands separator."""
    if not NUMBER.fullmatch(text):
        raise ValueError("expected a number such as 1.25 or 1,25")
    return float(text.replace(",", "."))


def _ticked(text: str) -> float:
    if text in ("0", "1"):
        return float(text)
    raise ValueError("expected 0 or 1")


def _among(known: Iterable[str]) -> Callable[[str], str]:
    choices = list(known)
    expected = f"expected one of {', '.join(choices)}"

    def parse(text: str) -> str:
        if text in choices:
            return text
        raise ValueError(expected)

    return parse


def _between(question: Question) -> Callable[[str], float]:
    low = -math.inf if question.minimum is None else question.minimum
    high = math.inf if question.maximum is None else question.maximum

    whole = " whole" if question.kind == "rating" else ""
    bounds = "" if math.isinf(low) else f" from {low:g}"
    bounds += "" if math.isinf(high) else f" to {high:g}"
    expected = f"expected a{whole} number{bounds}"

    def parse(text: str) -> float:
        number = _number(text)
        if not math.isfinite(number) or not low <= number <= high:
            raise ValueError(expected)
        if whole and number != int(number):
            raise ValueError(expected)
        return number

    return parse


def _ways(
    cells: npt.NDArray[Any],
    year: npt.NDArray[np.int64],
    lists_of: Callable[[npt.NDArray[Any]], pa.Array],
) -> pa.DictionaryArray:
    """Answers that are lists: each way to answer in a year once, and which one a respondent has."""
    of_year = year.astype(np.int16)[:, None].view(np.int8)
    codes, rows = rows_once(np.concatenate([cells.view(np.int8), of_year], axis=1))
    lists = lists_of(np.ascontiguousarray(rows[:, : -of_year.shape[1]]).view(cells.dtype))
    missing = lists.is_null().to_numpy(zero_copy_only=False)[codes]
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), lists)


def _ticked_lists(rows: npt.NDArray[np.uint8], items: list[str]) -> pa.Array:
    """Per respondent the items ticked, of eight a byte; null where the last byte says no answer."""
    packed, answered = rows[:, :-1], rows[:, -1]
    ticked = np.unpackbits(packed, axis=1, count=len(items), bitorder="little").view(bool)
    values = pa.array(items, pa.string()).take(pa.array(_columns_of(ticked)))
    return _lists(ticked.sum(axis=1), values, answered == 0)


def _rating_lists(ratings: npt.NDArray[np.float32], items: list[str]) -> pa.Array:
    """Per respondent the items rated, with their ratings; null where nothing is rated."""
    rated = ~np.isnan(ratings)
    names = pa.array(items, pa.string()).take(pa.array(_columns_of(rated)))
    values = pa.StructArray.from_arrays(
        [names, pa.array(ratings[rated].astype(np.float64))], ["item", "value"]
    )
    count = rated.sum(axis=1)
    return _lists(count, values, count == 0)


def _columns_of(cells: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The column of each cell that is true, row by row; a flat search is several times faster."""
    found: npt.NDArray[np.int64] = np.flatnonzero(cells) % max(cells.shape[1], 1)
    return found


def _lists(
    lengths: npt.NDArray[np.int64], values: pa.Array, missing: npt.NDArray[np.bool_]
) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(missing))
