"""Read a delimited text file as text, whatever its encoding and separator."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from barometer.intake.faults import Fault, FaultyFile

SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Limits:
    """What a file may weigh before it is refused unread."""

    bytes: int = 2_000_000_000
    rows: int = 20_000_000
    columns: int = 5_000


@dataclass(frozen=True)
class TextTable:
    """A file as columns of text; empty cells are null."""

    file: str
    sha256: str
    columns: pa.Table


def read(path: Path, limits: Limits = Limits()) -> TextTable:
    """Read a CSV file: UTF-8 or Latin-1; comma, semicolon or tab.

    Raises FaultyFile where it is missing, empty, too large, or not a table.
    """
    name = path.name
    try:
        size = path.stat().st_size
    except OSError as fault:
        raise _refused(name, f"the file cannot be opened ({fault.strerror})") from None
    if size > limits.bytes:
        raise _refused(name, f"the file has {size:,} bytes; at most {limits.bytes:,} are read")
    content = path.read_bytes()
    if not content.strip():
        raise _refused(name, "the file is empty; expected a header and one row a respondent")
    if b"\0" in content[:4096]:
        raise _refused(name, "this is not a text file; expected CSV in UTF-8 or Latin-1")
    encoding, header = _header(content)
    separator = max(SEPARATORS, key=header.count)
    names = next(csv.reader(io.StringIO(header), delimiter=separator))
    _check_names(name, names, limits)
    table = _parse(name, content, encoding, separator, names)
    if table.num_rows == 0:
        raise _refused(name, "there is a header but no row; expected one row a respondent")
    if table.num_rows > limits.rows:
        raise _refused(name, f"there are {table.num_rows:,} rows; at most {limits.rows:,} are read")
    return TextTable(name, hashlib.sha256(content).hexdigest(), table)


def _header(content: bytes) -> tuple[str, str]:
    """Encoding of the content, and its first line as text."""
    try:
        content.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = "latin-1"
    first = content.splitlines()[0].decode(encoding)
    return encoding, first.removeprefix("\ufeff")


def _check_names(file: str, names: list[str], limits: Limits) -> None:
    if len(names) > limits.columns:
        raise _refused(file, f"{len(names):,} columns; at most {limits.columns:,} are read")
    faults = [
        Fault(file, 1, name, None, "this column stands twice; keep one of them")
        for name in dict.fromkeys(names)
        if name and names.count(name) > 1
    ]
    faults += [
        Fault(file, 1, f"number {number}", "", "a column has no name; expected one")
        for number, name in enumerate(names, start=1)
        if not name.strip()
    ]
    if faults:
        raise FaultyFile(faults)


def _parse(file: str, content: bytes, encoding: str, separator: str, names: list[str]) -> pa.Table:
    ragged: list[Fault] = []

    def keep_fault(row: pacsv.InvalidRow) -> str:
        # Threads read blocks out of order, so the row number may be unknown.
        number = row.number if row.number is None else int(row.number)
        ragged.append(
            Fault(
                file,
                number,
                None,
                row.text[:60],
                f"this row has {row.actual_columns} cells; expected {row.expected_columns}",
            )
        )
        return "skip"

    try:
        table = pacsv.read_csv(
            io.BytesIO(content),
            read_options=pacsv.ReadOptions(
                encoding=encoding, column_names=names, skip_rows=1, use_threads=False
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=keep_fault
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as fault:
        raise _refused(file, f"this cannot be read as a table: {fault}") from None
    if ragged:
        raise FaultyFile(ragged)
    return table


def _refused(file: str, expected: str) -> FaultyFile:
    return FaultyFile([Fault(file, None, None, None, expected)])
