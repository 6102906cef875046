"""Read a delimited text file as text, whatever its encoding and separator."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from barometer.codebook import Limits
from barometer.intake import short
from barometer.intake.coded import CODED, blank
from barometer.intake.faults import Fault, FaultyFile

SEPARATORS = ",;\t"
HEADER_ROW = 1
_CHUNK = 1 << 24
BLOCK = 1 << 22  # bytes that a thread parses; a row has fewer


@dataclass(frozen=True)
class TextTable:
    """A file as columns of text, coded or not; empty cells are null, blank rows are left out.

    `rows` is each row's number in a spreadsheet; `faults` are those of the file's shape, whose
    rows and columns are not among `columns`.
    """

    file: str
    sha256: str
    columns: pa.Table
    rows: npt.NDArray[np.int64]
    faults: tuple[Fault, ...] = ()


def read(path: Path, limits: Limits = Limits()) -> TextTable:
    """Read a CSV file: UTF-8 or Latin-1; comma, semicolon or tab.

    Raises FaultyFile where it is missing, empty, too large, or not a table.
    """
    name = path.name
    content = _content(path, limits)
    encoding = _encoding(content)
    separator, names = _header(name, content, encoding)
    if len(names) > limits.columns:
        raise _refused(name, f"{len(names):,} columns; at most {limits.columns:,} are read")
    table, ragged = _parse(name, content, encoding, separator, len(names))
    records = table.num_rows + len(ragged)
    rows = numbered(records, ragged)
    if not len(rows) or rows[0] != HEADER_ROW:
        raise _refused(name, "the header cannot be read; expected the names of the columns")
    if records - 1 > limits.rows:
        raise _refused(name, f"there are {records - 1:,} rows; at most {limits.rows:,} are read")
    if _never_closed(content, table):
        reason = "a quotation mark opens a cell and is never closed; close or remove it"
        raise FaultyFile([Fault(name, int(rows[-1]), None, None, reason)])
    filled = np.flatnonzero(~blank(table))[1:]
    faults = [*_header_faults(name, names), *short.gathered(ragged)]
    if not len(filled):
        if ragged:
            raise FaultyFile(faults)
        raise _refused(name, "there is a header but no row; expected one row a respondent")
    kept = {column: number for number, column in reversed(list(enumerate(names))) if column.strip()}
    order = sorted(kept.values())
    table = table.slice(1) if len(filled) == table.num_rows - 1 else table.take(pa.array(filled))
    columns = table.select(order).rename_columns([names[number] for number in order])
    digest = hashlib.sha256(content).hexdigest()
    return TextTable(name, digest, columns, rows[filled], tuple(faults))


def _content(path: Path, limits: Limits) -> bytes:
    try:
        size = path.stat().st_size
        if size > limits.bytes:
            raise _refused(
                path.name, f"the file has {size:,} bytes; at most {limits.bytes:,} are read"
            )
        content = path.read_bytes()
    except OSError as fault:
        raise _refused(path.name, f"the file cannot be opened ({fault.strerror})") from None
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise _refused(path.name, "the file is empty; expected a header and one row a respondent")
    if b"\0" in content:
        raise _refused(path.name, "this is not a text file; expected CSV in UTF-8 or Latin-1")
    return content


def _encoding(content: bytes) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _CHUNK):
            decoder.decode(content[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _header(file: str, content: bytes, encoding: str) -> tuple[str, list[str]]:
    """Separator of the file, and the names of its columns."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    line = text.readline()
    separator = max(SEPARATORS, key=line.count)
    text.seek(0)
    try:
        names = next(csv.reader(text, delimiter=separator))
    except (StopIteration, csv.Error):
        names = []
    if not any(name.strip() for name in names):
        raise _refused(file, "row 1 has no name; expected the names of the columns there")
    return separator, [name.strip() for name in names]


def _header_faults(file: str, names: list[str]) -> list[Fault]:
    faults = [
        Fault(file, HEADER_ROW, name, None, "this column stands twice; keep one of them")
        for name, count in Counter(names).items()
        if name and count > 1
    ]
    return faults + [
        Fault(file, HEADER_ROW, f"number {number}", "", "a column has no name; expected one")
        for number, name in enumerate(names, start=1)
        if not name
    ]


def _parse(
    file: str, content: bytes, encoding: str, separator: str, width: int
) -> tuple[pa.Table, list[Fault]]:
    """Every record of `width` cells, the header first; a fault for each other record."""
    try:
        return _parsed(content, encoding, separator, width, fast=True), []
    except pa.ArrowInvalid:  # with several threads, a row that does not fit has no number
        pass
    ragged: list[Fault] = []

    def keep_fault(row: pacsv.InvalidRow) -> str:
        cells, wanted = row.actual_columns, row.expected_columns
        ragged.append(short.uneven(file, row.number, cells, wanted, row.text[:60]))
        return "skip"

    try:
        return _parsed(content, encoding, separator, width, keep_fault), ragged
    except pa.ArrowInvalid as fault:
        raise _refused(file, f"this cannot be read as a table: {str(fault)[:200]}") from None


def _parsed(
    content: bytes,
    encoding: str,
    separator: str,
    width: int,
    ragged: Callable[[pacsv.InvalidRow], str] | None = None,
    *,
    fast: bool = False,
) -> pa.Table:
    """The records of a text. Raises ArrowInvalid; also for a row that `ragged` is not shown.

    `fast` is with every core, where no cell is quoted without looking for ends of lines in it, and
    as plain text, which is coded faster column by column; else cells are coded as they are read.
    """
    names = [str(number) for number in range(width)]
    options = csv_options(
        names,
        encoding,
        separator,
        kind=pa.string() if fast else CODED,
        lines_in_cells=not fast or b'"' in content,
        ragged=ragged,
        use_threads=fast,
        block_size=BLOCK,
    )
    return pacsv.read_csv(pa.BufferReader(content), **options)


def csv_options(
    names: list[str],
    encoding: str,
    separator: str,
    *,
    kind: pa.DataType,
    lines_in_cells: bool,
    ragged: Callable[[pacsv.InvalidRow], str] | None,
    **reading: int,
) -> dict[str, Any]:
    """What Arrow is told of a text of columns of one kind, where an empty cell is null.

    `reading` is as in Arrow's ReadOptions.
    """
    return {
        "read_options": pacsv.ReadOptions(
            encoding=encoding.removesuffix("-sig"), column_names=names, **reading
        ),
        "parse_options": pacsv.ParseOptions(
            delimiter=separator,
            newlines_in_values=lines_in_cells,
            ignore_empty_lines=False,
            invalid_row_handler=ragged,
        ),
        "convert_options": pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, kind),
            strings_can_be_null=True,
            null_values=[""],
            quoted_strings_can_be_null=True,
        ),
    }


def numbered(records: int, left_out: list[Fault]) -> npt.NDArray[np.int64]:
    """The number of each record, from 1, but for those of some faults."""
    return np.delete(np.arange(1, records + 1), [(fault.row or 0) - 1 for fault in left_out])


def _never_closed(content: bytes, table: pa.Table) -> bool:
    """Whether the last row swallowed the rest of the file as one quoted cell."""
    if b'"' not in content or content.count(b'"') % 2 == 0:
        return False
    last = table.slice(table.num_rows - 1).to_pylist()[0].values()
    return any("\n" in cell or "\r" in cell for cell in last if cell)


def _refused(file: str, expected: str) -> FaultyFile:
    return FaultyFile([Fault(file, None, None, None, expected)])
