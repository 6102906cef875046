"""A file as it came: its cells as text, with the labels, answers and row numbers that it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from barometer.intake.coded import codes_of
from barometer.intake.faults import Fault, FaultyFile

SOURCE_ROW = "source_row"
_KEY = b"barometer"


@dataclass(frozen=True)
class MultipleSet:
    """A multiple-response set: the columns of one question, each ticked by one value.

    `counted` is the value that means ticked, empty where each column holds an answer instead.
    """

    name: str
    label: str
    columns: tuple[str, ...]
    counted: str = ""


@dataclass(frozen=True)
class RawTable:
    """A file as columns of coded text, whatever its format; empty cells are null.

    `sha256` is of its bytes, put in once they are all read. `rows` is each row's number in the
    file as a spreadsheet counts it. `labels` holds what the file says of a column, `answers` what
    it says of a column's values. `faults` are those of its shape, `notes` what was chosen or left
    out in reading it, in sentences.
    """

    file: str
    sha256: str
    columns: pa.Table
    rows: npt.NDArray[np.int64]
    labels: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sets: tuple[MultipleSet, ...] = ()
    faults: tuple[Fault, ...] = ()
    header_rows: int = 1
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the columns, each once."""
        return list(self.columns.column_names)


def to_arrow(raw: RawTable) -> pa.Table:
    """The table with everything else in its metadata: what crosses from one process to another."""
    told = {
        "file": raw.file,
        "sha256": raw.sha256,
        "labels": dict(raw.labels),
        "answers": {name: dict(values) for name, values in raw.answers.items()},
        "sets": [[s.name, s.label, list(s.columns), s.counted] for s in raw.sets],
        "faults": [fault.as_row() for fault in raw.faults],
        "header_rows": raw.header_rows,
        "sheets": list(raw.sheets),
        "notes": list(raw.notes),
        "names": raw.names,
    }
    positions = [str(number) for number in range(raw.columns.num_columns)]
    table = raw.columns.rename_columns(positions)
    table = table.append_column(SOURCE_ROW, pa.array(raw.rows))
    return table.replace_schema_metadata({_KEY: json.dumps(told).encode()})


def from_arrow(table: pa.Table) -> RawTable:
    """What `to_arrow` was given."""
    told: dict[str, Any] = json.loads(table.schema.metadata[_KEY])
    rows = table.column(SOURCE_ROW).to_numpy()
    columns = [_sound(table.column(number)) for number in range(table.num_columns - 1)]
    return RawTable(
        told["file"],
        told["sha256"],
        pa.table(columns, names=told["names"]),
        rows,
        told["labels"],
        told["answers"],
        tuple(MultipleSet(n, label, tuple(c), v) for n, label, c, v in told["sets"]),
        tuple(Fault(**fault) for fault in told["faults"]),
        told["header_rows"],
        tuple(told["sheets"]),
        tuple(told["notes"]),
    )


def _sound(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column of one chunk, once each of its codes is known to be one."""
    [cells] = column.chunks
    codes = codes_of(cells, 0)
    places = codes.view(f"u{codes.itemsize}")  # below 0 is far above
    if len(places) and places.max() >= max(len(cells.dictionary), 1):
        raise pa.ArrowInvalid("a code stands for no text")
    return cells


def refused(file: str, expected: str) -> FaultyFile:
    """The refusal of a whole file, in one sentence."""
    return FaultyFile([Fault(file, None, None, None, expected)])
