"""Checked waves as the rows of one insert each: DuckDB writes what comes wave by wave twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from barometer.intake import Wave
from barometer.intake.coded import packed


class Incoming:
    """What some waves bring to the tables of the database, under identifiers free there."""

    def __init__(self, waves: Sequence[Wave], first_respondent: int, first_profile: int) -> None:
        """`waves`, one at least; the identifiers from which none is taken."""
        self._waves = list(waves)
        self._shifts: list[dict[str, int]] = []
        self._read = 0  # respondents
        self.file = waves[0].file  # that is being read
        self._count = 0
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
        """Rows by table, those of respondents and their answers to be read once."""
        pairs = list(zip(self._waves, self._shifts, strict=True))
        return {
            "waves": pa.concat_tables([wave.waves for wave in self._waves]),
            "profiles": pa.concat_tables([_moved(w.profiles, shifts) for w, shifts in pairs]),
            "asked": pa.concat_tables([wave.asked for wave in self._waves]),
            "respondents": self._reader("respondents"),
            "answers": self._reader("answers"),
        }

    def no_answers(self) -> pa.Table:
        """The table of answers without a row."""
        return packed(self._waves[0].answers.schema.empty_table())

    def _reader(self, name: str) -> pa.RecordBatchReader:
        schema = packed(getattr(self._waves[0], name).schema.empty_table()).schema
        return pa.RecordBatchReader.from_batches(schema, self._batches(name))

    def _batches(self, name: str) -> Iterator[pa.RecordBatch]:
        for wave, shifts in zip(self._waves, self._shifts, strict=True):
            self.file = wave.file
            for batch in _read(getattr(wave, name)):
                table = packed(_moved(pa.Table.from_batches([batch]), shifts))
                self._read += batch.num_rows if name == "answers" else 0
                yield from table.to_batches()


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
