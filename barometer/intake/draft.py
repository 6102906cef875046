"""A wave on its way in: its rows as a wave file has them, their faults, what changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pyarrow as pa

from barometer.codebook import Codebook
from barometer.intake.check import Wave, check
from barometer.intake.coded import plain
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.mapping import Change, Mapping
from barometer.intake.raw import SOURCE_ROW
from barometer.intake.read import TextTable


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

    def rows(self) -> pa.Table:
        """The rows as a wave file has them: text, without their numbers in the file that came."""
        told = self.table.drop_columns([SOURCE_ROW])
        return pa.table({name: plain(told.column(name)) for name in told.column_names})

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
