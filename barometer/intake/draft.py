"""A wave on its way in: its rows as a wave file has them, their faults, what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from barometer.codebook import Codebook
from barometer.intake.check import Wave, check
from barometer.intake.coded import plain
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.mapping import Change, Mapping
from barometer.intake.raw import SOURCE_ROW
from barometer.intake.read import TextTable

PIECE = 2**28  # bytes of text of a column that are written out at once


@dataclass(frozen=True)
class Checked:
    """What a table was found to be, by a codebook: neither is checked twice."""

    table: pa.Table
    book: Codebook
    wave: Wave


@dataclass(frozen=True)
class Draft:
    """One imported file before it is published.

    `table`: coded text as in a wave file, one row a respondent, and `source_row` (int64), the
    number of the respondent's row in the file that came. `mapping` is None for a file that was a
    wave file already. A draft with faults cannot be published; `changes` are those of the
    questionnaire since the mapping of an earlier wave. `notes` say what was left out. `checked`
    serves as long as the table is the one that was checked.
    """

    name: str
    table: pa.Table
    mapping: Mapping | None = None
    faults: tuple[Fault, ...] = ()
    changes: tuple[Change, ...] = ()
    sha256: str = ""
    notes: tuple[str, ...] = ()
    checked: Checked | None = field(default=None, repr=False, compare=False)

    def text(self) -> TextTable:
        """The rows as a wave file would have given them."""
        rows = self.table.column(SOURCE_ROW).to_numpy()
        return TextTable(self.name, self.sha256, self.table.drop_columns([SOURCE_ROW]), rows)

    def batches(self) -> Iterator[pa.Table]:
        """The rows as a wave file has them, some at a time: text, without their numbers before.

        Text that repeats is kept once, and may be more than Arrow holds in one piece (2 GiB) where
        it is written out: each column of a batch has PIECE bytes at most, or one row.
        """
        told = self.table.drop_columns([SOURCE_ROW])
        longest = max(map(_longest, told.columns), default=0)
        rows = max(1, PIECE // max(longest, 1))
        for start in range(0, max(told.num_rows, 1), rows):
            part = told.slice(start, rows)
            yield pa.table({name: plain(part.column(name)) for name in part.column_names})

    def wave(self, codebook: Codebook) -> Wave:
        """The wave, ready to be stored. Raises FaultyFile with every fault where there is one."""
        if self.faults:
            raise FaultyFile(list(self.faults))
        known = self.checked
        if known is not None and known.table is self.table and known.book == codebook:
            wave = known.wave
        else:
            wave = check(self.text(), codebook)
        return replace(wave, notes=(*self.notes, *wave.notes)) if self.notes else wave


def _longest(column: pa.ChunkedArray) -> int:
    """Bytes of the longest text of a column."""
    pieces = (
        piece.dictionary if pa.types.is_dictionary(piece.type) else piece for piece in column.chunks
    )
    return max((pc.max(pc.binary_length(piece)).as_py() or 0 for piece in pieces), default=0)
