"""A file as it came: its cells as text, with the labels, answers and row numbers that it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from barometer.intake.coded import NARROW, codes_of
from barometer.intake.faults import Fault, FaultyFile

SOURCE_ROW = "source_row"
SHORT = 1_000  # bytes of texts that are told in a table's metadata
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
    """The table with everything else in its metadata: what crosses from one process to another.

    A column of two short texts, as most are, crosses as bits: it is most of what there would be to
    write and to read.
    """
    columns, pairs = [], {}
    for number, column in enumerate(raw.columns.columns):
        if (bits := _bits(column)) is not None:
            pairs[number] = column.chunk(0).dictionary.to_pylist()
        columns.append(column if bits is None else bits)
    told = {
        "pairs": pairs,
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
    table = pa.table([*columns, pa.array(raw.rows)], names=[*positions, SOURCE_ROW])
    return table.replace_schema_metadata({_KEY: json.dumps(told).encode()})


def from_arrow(table: pa.Table) -> RawTable:
    """What `to_arrow` was given."""
    told: dict[str, Any] = json.loads(table.schema.metadata[_KEY])
    rows = table.column(SOURCE_ROW).to_numpy()
    columns = [
        _sound(table.column(number), told["pairs"].get(str(number)))
        for number in range(table.num_columns - 1)
    ]
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


def _bits(column: pa.ChunkedArray) -> pa.BooleanArray | None:
    """The codes of a column of at most two short texts, a bit each; None for any other column."""
    if column.num_chunks != 1 or column.type != NARROW:
        return None
    cells = column.chunk(0)
    if cells.offset or len(cells.dictionary) > 2 or cells.dictionary.nbytes > SHORT:
        return None
    valid, codes = cells.indices.buffers()
    packed = np.packbits(np.frombuffer(codes, np.uint8)[: len(cells)], bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(cells), [valid, pa.py_buffer(packed)])


def _sound(column: pa.ChunkedArray, pair: list[str] | None) -> pa.DictionaryArray:
    """A column of one chunk, once each code is known to be one; made of bits where it is a pair."""
    [cells] = column.chunks
    if pair is not None:
        valid, packed = cells.buffers()
        bits = np.frombuffer(packed, np.uint8)
        codes = pa.py_buffer(np.unpackbits(bits, count=len(cells), bitorder="little"))
        codes = pa.Array.from_buffers(pa.int8(), len(cells), [valid, codes])
        cells = pa.DictionaryArray.from_arrays(codes, pa.array(pair, pa.string()), safe=False)
    places = codes_of(cells, 0)
    places = places.view(f"u{places.itemsize}")  # below 0 is far above
    if len(places) and places.max() >= max(len(cells.dictionary), 1):
        raise pa.ArrowInvalid("a code stands for no text")
    return cells


def refused(file: str, expected: str) -> FaultyFile:
    """The refusal of a whole file, in one sentence."""
    return FaultyFile([Fault(file, None, None, None, expected)])
