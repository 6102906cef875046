"""Check a table of text against the codebook, and give it its types."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from barometer.codebook import FRAME_COLUMNS, YEAR, Codebook, Question
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.read import Limits, TextTable

__all__ = ["Limits", "Wave", "check"]

FIRST_ROW = 2  # row of the first respondent in a spreadsheet
YEARS = range(1900, 2201)
WHOLE_WAVE = "all"  # the stratum where the file has none


@dataclass(frozen=True)
class Wave:
    """A checked file, ready to be stored.

    `respondents`: respondent_id (0…), source_id, year, profile_id (0…), weight.
    `profiles`: profile_id, year, stratum, levels (map dimension → level).
    `answers`: respondent_id, year, one column a question. `asked`: indicator, item, year.
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
        return self.waves.column(YEAR).to_pylist()


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

    def run(self) -> Wave:
        self._columns_known()
        year = self._year()
        source_id = self._source_id(year)
        stratum = self._stratum()
        weight = self._weight()
        provenance = self._provenance()
        levels = {d.code: self._levels(d.code) for d in self.codebook.dimensions}
        answers = {q.code: self._answer(q, year) for q in self.codebook.questions}
        self._asked_only_where_due(answers)
        if self.faults:
            order = {name: i for i, name in enumerate(self.table.columns.column_names)}
            self.faults.sort(key=lambda f: (f.row or 0, order.get(f.column or "", -1)))
            raise FaultyFile(self.faults)
        profile_id, profiles = self._profiles(year, stratum, levels)
        count = len(year)
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
            pa.table({"respondent_id": np.arange(count), YEAR: pa.array(year, pa.int16())} | answers),
            self._asked(year, answers),
            self._waves(year, provenance),
            tuple(self.notes),
        )

    # --- columns of the frame -------------------------------------------------------------------

    def _columns_known(self) -> None:
        known = set(FRAME_COLUMNS)
        known |= {d.code for d in self.codebook.dimensions if d.question is None}
        known |= {column for q in self.codebook.questions for column in q.columns}
        for name in self.table.columns.column_names:
            if name not in known:
                near = difflib.get_close_matches(name, sorted(known), n=1)
                hint = f"did you mean {near[0]}?" if near else "remove it or declare it"
                self._fault(1, name, None, f"the codebook does not know this column; {hint}")
        needed = [d.code for d in self.codebook.dimensions if d.question is None]
        for name in (YEAR, *needed):
            if name not in self.table.columns.column_names:
                self._fault(1, name, None, "this column is missing; add it")
        if not any(c in self.table.columns.column_names for q in self.codebook.questions for c in q.columns):
            self._fault(1, None, None, "no column of a question is here; expected one at least")

    def _year(self) -> npt.NDArray[np.int64]:
        def parse(text: str) -> int:
            if text.isascii() and text.isdigit() and int(text) in YEARS:
                return int(text)
            raise ValueError("expected a year such as 2003")

        return self._typed(YEAR, parse, 0, required=True).astype(np.int64)

    def _source_id(self, year: npt.NDArray[np.int64]) -> pa.Array:
        ids = self._texts("respondent_id")
        if ids is None:
            self.notes.append("No respondent_id: respondents are numbered by row.")
            return pa.array([str(row) for row in range(FIRST_ROW, FIRST_ROW + len(year))])
        series = pd.Series(ids.to_numpy(zero_copy_only=False))
        twice = series.notna() & pd.DataFrame({"id": series, YEAR: year}).duplicated(keep="first")
        for row in np.flatnonzero(twice):
            self._fault(
                int(row) + FIRST_ROW, "respondent_id", series[row], "stands twice in this wave"
            )
        self._blank_rows("respondent_id", ids, "expected an identifier")
        return ids.cast(pa.string())

    def _stratum(self) -> pa.Array:
        strata = self._texts("stratum")
        if strata is None:
            self.notes.append("No stratum: the whole wave is one stratum.")
            return pa.array([WHOLE_WAVE] * self.table.columns.num_rows)
        self._blank_rows("stratum", strata, "expected a stratum; leave the column out if there is none")
        return strata

    def _weight(self) -> npt.NDArray[np.float64]:
        if "weight" not in self.table.columns.column_names:
            self.notes.append("No weight: every respondent weighs 1.")
            return np.ones(self.table.columns.num_rows)

        def parse(text: str) -> float:
            number = _number(text)
            if math.isfinite(number) and number > 0:
                return number
            raise ValueError("expected a number above 0")

        return self._typed("weight", parse, np.nan, required=True).astype(np.float64)

    def _provenance(self) -> str:
        texts = self._texts("provenance")
        if texts is None:
            return "survey"
        found = pc.unique(texts).to_pylist()
        if found not in (["survey"], ["synthetic"]):
            self._fault(None, "provenance", ", ".join(map(str, found)), "expected survey or synthetic, the same in every row")
        return str(found[0])

    def _levels(self, code: str) -> npt.NDArray[np.object_]:
        dimension = self.codebook.by_dimension[code]
        known = {level.code for level in dimension.levels}
        return self._typed(dimension.question or code, _among(known), None).astype(object)

    # --- columns of the questions ---------------------------------------------------------------

    def _answer(self, question: Question, year: npt.NDArray[np.int64]) -> pa.Array:
        if question.kind == "single":
            known = {item.code for item in question.items}
            return pa.array(self._typed(question.code, _among(known), None), pa.string())
        if question.kind == "number":
            return pa.array(self._typed(question.code, _between(question), np.nan), pa.float64(), from_pandas=True)
        columns = {c: i for c, i in question.columns.items() if i and c in self.table.columns.column_names}
        parse: Callable[[str], float] = _ticked if question.kind == "multiple" else _between(question)
        matrix = np.column_stack(
            [self._typed(column, parse, np.nan).astype(np.float32) for column in columns]
        ) if columns else np.empty((len(year), 0), np.float32)
        if question.kind == "multiple":
            self._all_or_none(list(columns), matrix, year)
            return _ticked_lists(matrix, list(columns.values()))
        return _rating_lists(matrix, list(columns.values()))

    def _all_or_none(self, columns: list[str], matrix: npt.NDArray[np.float32], year: npt.NDArray[np.int64]) -> None:
        """A respondent answers every item that the wave asked of a question, or none."""
        given = ~np.isnan(matrix)
        for wave in np.unique(year):
            rows = np.flatnonzero(year == wave)
            asked = given[rows].any(axis=0)
            partial = given[rows].any(axis=1) & ~given[np.ix_(rows, asked)].all(axis=1)
            for row in rows[partial]:
                for position in np.flatnonzero(asked & ~given[row]):
                    self._fault(int(row) + FIRST_ROW, columns[position], "", "expected 0 or 1, as the question's other items have")

    def _asked_only_where_due(self, answers: dict[str, pa.Array]) -> None:
        for question in self.codebook.questions:
            if question.asked_if is None or question.kind != "single":
                continue
            due = pc.is_in(answers[question.asked_if.question], pa.array(question.asked_if.answers))
            stray = pc.and_(pc.is_valid(answers[question.code]), pc.invert(due))
            reason = f"expected nothing: asked only where {question.asked_if.question} is {' or '.join(question.asked_if.answers)}"
            for row in np.flatnonzero(stray.to_numpy(zero_copy_only=False)):
                self._fault(int(row) + FIRST_ROW, question.code, answers[question.code][int(row)].as_py(), reason)

    # --- what comes out ---------------------------------------------------------------------------

    def _profiles(self, year: npt.NDArray[np.int64], stratum: pa.Array, levels: dict[str, npt.NDArray[np.object_]]) -> tuple[npt.NDArray[np.int64], pa.Table]:
        frame = pd.DataFrame({YEAR: year, "stratum": stratum.to_numpy(zero_copy_only=False)} | {f"d:{k}": v for k, v in levels.items()})
        profile_id = frame.groupby(list(frame.columns), sort=True, dropna=False).ngroup().to_numpy()
        distinct = frame.assign(profile_id=profile_id).drop_duplicates("profile_id").sort_values("profile_id")
        maps = [
            [(code, row[f"d:{code}"]) for code in levels if isinstance(row[f"d:{code}"], str)]
            for row in distinct.to_dict("records")
        ]
        return profile_id, pa.table(
            {
                "profile_id": pa.array(distinct["profile_id"].to_numpy()),
                YEAR: pa.array(distinct[YEAR].to_numpy(), pa.int16()),
                "stratum": pa.array(distinct["stratum"].to_numpy(), pa.string()),
                "levels": pa.array(maps, pa.map_(pa.string(), pa.string())),
            }
        )

    def _asked(self, year: npt.NDArray[np.int64], answers: dict[str, pa.Array]) -> pa.Table:
        rows = []
        for wave in np.unique(year):
            mask = pa.array(year == wave)
            here = [
                name
                for name in self.table.columns.column_names
                if pc.any(pc.and_(pc.is_valid(self.table.columns.column(name)), mask)).as_py()
            ]
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
        names = self.table.columns.column_names
        years = np.unique(year)
        return pa.table(
            {
                YEAR: pa.array(years, pa.int16()),
                "file": [self.table.file] * len(years),
                "sha256": [self.table.sha256] * len(years),
                "provenance": [provenance] * len(years),
                "weighted": ["weight" in names] * len(years),
                "stratified": ["stratum" in names] * len(years),
            }
        )

    # --- reading a column ---------------------------------------------------------------------------

    def _fault(self, row: int | None, column: str | None, value: str | None, expected: str) -> None:
        self.faults.append(Fault(self.table.file, row, column, value, expected))

    def _texts(self, name: str) -> pa.Array | None:
        """A column without surrounding space, blanks as null; None where the file lacks it."""
        if name not in self.table.columns.column_names:
            return None
        stripped = pc.utf8_trim_whitespace(self.table.columns.column(name).combine_chunks())
        return pc.if_else(pc.equal(stripped, ""), None, stripped)

    def _blank_rows(self, name: str, texts: pa.Array, expected: str) -> None:
        for row in np.flatnonzero(pc.is_null(texts).to_numpy(zero_copy_only=False)):
            self._fault(int(row) + FIRST_ROW, name, "", expected)

    def _typed(self, name: str, parse: Callable[[str], object], missing: object, *, required: bool = False) -> npt.NDArray[np.object_]:
        """Parse each distinct text of a column once; a text that does not parse faults its rows."""
        texts = self._texts(name)
        if texts is None:
            return np.full(self.table.columns.num_rows, missing)
        if required:
            self._blank_rows(name, texts, "this cell is empty; fill it")
        coded = texts.dictionary_encode()
        values: list[object] = []
        wrong: dict[int, str] = {}
        for position, text in enumerate(coded.dictionary.to_pylist()):
            try:
                values.append(parse(text))
            except ValueError as fault:
                wrong[position] = str(fault)
                values.append(missing)
        codes = coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(np.isin(codes, list(wrong))) if wrong else ():
            text = coded.dictionary[int(codes[row])].as_py()
            self._fault(int(row) + FIRST_ROW, name, text, wrong[int(codes[row])])
        return _take([*values, missing], codes)


def _take(values: list[object], codes: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    if all(isinstance(value, int | float) for value in values):
        return np.asarray(values)[codes]
    pool = np.empty(len(values), dtype=object)
    pool[:] = values
    return pool[codes]


def _number(text: str) -> float:
    """A number with a decimal point or comma; no thousands separator."""
    if text.count(",") + text.count(".") > 1 or "_" in text:
        raise ValueError("expected a number such as 1.25 or 1,25")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ValueError("expected a number such as 1.25 or 1,25") from None


def _ticked(text: str) -> float:
    if text in ("0", "1"):
        return float(text)
    raise ValueError("expected 0 or 1")


def _among(known: Iterable[str]) -> Callable[[str], str]:
    choices = list(known)

    def parse(text: str) -> str:
        if text in choices:
            return text
        raise ValueError(f"expected one of {', '.join(sorted(choices))}")

    return parse


def _between(question: Question) -> Callable[[str], float]:
    low = -math.inf if question.minimum is None else question.minimum
    high = math.inf if question.maximum is None else question.maximum

    def parse(text: str) -> float:
        number = _number(text)
        if not math.isfinite(number) or not low <= number <= high:
            raise ValueError(f"expected a number from {low:g} to {high:g}")
        if question.kind == "rating" and number != int(number):
            raise ValueError(f"expected a whole number from {low:g} to {high:g}")
        return number

    return parse


def _ticked_lists(matrix: npt.NDArray[np.float32], items: list[str]) -> pa.Array:
    """Per respondent the items ticked; null where the question is not answered."""
    ticked = matrix == 1
    answered = (~np.isnan(matrix)).any(axis=1) if matrix.shape[1] else np.zeros(len(matrix), bool)
    _, columns = np.nonzero(ticked)
    values = pa.array(items, pa.string()).take(pa.array(columns)) if items else pa.array([], pa.string())
    return _lists(ticked.sum(axis=1), values, ~answered)


def _rating_lists(matrix: npt.NDArray[np.float32], items: list[str]) -> pa.Array:
    """Per respondent the items rated, with their ratings; null where nothing is rated."""
    rated = ~np.isnan(matrix)
    rows, columns = np.nonzero(rated)
    names = pa.array(items, pa.string()).take(pa.array(columns)) if items else pa.array([], pa.string())
    values = pa.StructArray.from_arrays(
        [names, pa.array(matrix[rows, columns].astype(np.float64))], ["item", "value"]
    )
    count = rated.sum(axis=1)
    return _lists(count, values, count == 0)


def _lists(lengths: npt.NDArray[np.int64], values: pa.Array, missing: npt.NDArray[np.bool_]) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(missing))
