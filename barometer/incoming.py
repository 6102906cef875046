"""Checked waves as the rows of one insert each: DuckDB writes what comes wave by wave twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from barometer.codebook import YEAR
from barometer.intake import Wave
from barometer.intake.coded import codes_of

ITEMS, RATINGS = "items", "ratings"  # of a way to answer: what is ticked, or rated
WAYS = pa.schema(
    [
        ("way", pa.int64()),
        (YEAR, pa.int16()),
        ("question", pa.string()),
        (ITEMS, pa.list_(pa.string())),
        (RATINGS, pa.list_(pa.struct([("item", pa.string()), ("value", pa.float64())]))),
    ]
)


class Incoming:
    """What some waves bring to the tables of the database, under identifiers free there.

    Lists of answers come first, as `ways`, then who has which, as `responses`. Ways are numbered as
    they come; `same` says which of them are one.
    """

    def __init__(
        self, waves: Sequence[Wave], first_respondent: int, first_profile: int, first_way: int
    ) -> None:
        """`waves`, one at least; the identifiers from which none is taken."""
        self._waves = list(waves)
        self._shifts: list[dict[str, int]] = []
        self._read = 0  # respondents
        self.file = waves[0].file  # that is being read
        self._count = 0
        self._first_way = first_way
        self._same: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        for wave in waves:
            self._shifts.append(
                {
                    "respondent_id": first_respondent + self._count,
                    "profile_id": first_profile,
                }
            )
            self._count += _count(wave)
            first_profile += wave.profiles.num_rows

    @property
    def share(self) -> float:
        """How much of the answers was read, from 0 to 1."""
        return self._read / max(self._count, 1)

    def tables(self) -> dict[str, pa.Table | pa.RecordBatchReader]:
        """Rows by table; those of respondents, their answers and ways are to be read once."""
        pairs = list(zip(self._waves, self._shifts, strict=True))
        responses = self.no_responses().schema
        return {
            "waves": pa.concat_tables([wave.waves for wave in self._waves]),
            "profiles": pa.concat_tables([_moved(w.profiles, shifts) for w, shifts in pairs]),
            "asked": pa.concat_tables([wave.asked for wave in self._waves]),
            "respondents": self._reader(self._waves[0].respondents.schema, self._respondents()),
            "ways": self._reader(WAYS, self._ways()),
            "responses": self._reader(responses, self._responses()),
        }

    def no_answers(self) -> pa.Table:
        """The table of answers without a row."""
        return self._no_rows(lambda lists: lists.value_type)

    def no_responses(self) -> pa.Table:
        """The same with the number of a way in the place of a list."""
        return self._no_rows(lambda lists: pa.int64())

    def _no_rows(self, kind: Callable[[pa.DictionaryType], pa.DataType]) -> pa.Table:
        """Columns of answers; `kind` is of those that hold lists."""
        kinds = [
            (field.name, kind(field.type) if _coded(field) else field.type)
            for field in self._waves[0].answers.schema
        ]
        return pa.schema(kinds).empty_table()

    def same(self, pairs: pa.Table) -> None:
        """Take note of which ways are one: `pairs` has way and first_way, every way once."""
        ways = pairs["way"].to_numpy()
        self._same = np.empty(len(ways), np.int64)
        self._same[ways - self._first_way] = pairs["first_way"].to_numpy()

    def _reader(self, schema: pa.Schema, batches: Iterator[pa.Table]) -> pa.RecordBatchReader:
        plain = (batch for table in batches for batch in table.cast(schema).to_batches())
        return pa.RecordBatchReader.from_batches(schema, plain)

    def _respondents(self) -> Iterator[pa.Table]:
        for wave, shifts in zip(self._waves, self._shifts, strict=True):
            for batch in _read(wave.respondents):
                yield _moved(pa.Table.from_batches([batch]), shifts)

    def _ways(self) -> Iterator[pa.Table]:
        for _, batch, lists in self._answers():
            for question, first in lists.items():
                column = batch.column(question)
                yield _of_question(question, first, column, batch.column(YEAR).to_numpy())

    def _responses(self) -> Iterator[pa.Table]:
        for shifts, batch, lists in self._answers():
            table = _moved(pa.Table.from_batches([batch]), shifts)
            for question, first in lists.items():
                column = batch.column(question)
                codes = codes_of(column, 0) + (first - self._first_way)
                missing = column.is_null().to_numpy(zero_copy_only=False)
                ways = pa.array(self._same.take(codes, mode="clip"), mask=missing)
                table = table.set_column(table.column_names.index(question), question, ways)
            self._read += batch.num_rows
            yield table

    def _answers(self) -> Iterator[tuple[dict[str, int], pa.RecordBatch, dict[str, int]]]:
        """Batches of answers, with the number of the first way of each question that has some."""
        free = self._first_way
        for wave, shifts in zip(self._waves, self._shifts, strict=True):
            self.file = wave.file
            for batch in _read(wave.answers):
                lists = {}
                for field in filter(_coded, batch.schema):
                    lists[field.name] = free
                    free += len(batch.column(field.name).dictionary)
                yield shifts, batch, lists


def coded_lists(answers: pa.Table) -> pa.Table:
    """Answers with each list as a way of its own."""
    return pa.table(
        {name: _coded_list(answers[name].combine_chunks()) for name in answers.schema.names}
    )


def _coded_list(column: pa.Array) -> pa.Array:
    if not pa.types.is_list(column.type):
        return column
    missing = column.is_null().to_numpy(zero_copy_only=False)
    places = pa.array(np.arange(len(column), dtype=np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(places, column)


def _of_question(
    question: str, first: int, column: pa.DictionaryArray, years: npt.NDArray[np.int16]
) -> pa.Table:
    """The ways of a column, each of one year; what nobody has (any more) is of none."""
    lists = column.dictionary
    year = np.zeros(len(lists) + 1, np.int16)
    year[codes_of(column, len(lists))] = years
    return pa.table(
        {
            "way": np.arange(first, first + len(lists)),
            YEAR: year[:-1],
            "question": pa.repeat(question, len(lists)),
            **{
                form: lists if lists.type == WAYS.field(form).type else _none(form, len(lists))
                for form in (ITEMS, RATINGS)
            },
        }
    )


def _none(form: str, count: int) -> pa.Array:
    return pa.nulls(count, WAYS.field(form).type)


def _coded(field: Any) -> bool:
    return bool(pa.types.is_dictionary(field.type))


def _read(rows: pa.Table | ds.Dataset) -> Iterator[pa.RecordBatch]:
    """Batches of what is in memory, or set aside: then few of them are read before their time."""
    if isinstance(rows, pa.Table):
        return iter(rows.to_batches())
    return iter(rows.to_batches(fragment_readahead=1, batch_readahead=2))


def _count(wave: Wave) -> int:
    rows = wave.respondents
    return rows.num_rows if isinstance(rows, pa.Table) else int(rows.count_rows())


def _moved(table: pa.Table, shifts: Mapping[str, int]) -> pa.Table:
    """Rows with identifiers that begin elsewhere."""
    for place, name in enumerate(table.column_names):
        if name in shifts:
            table = table.set_column(place, name, pc.add(table[name], shifts[name]))
    return table
