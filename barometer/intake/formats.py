"""Read each file format into rows or columns of text. Runs in the bounded process: see worker."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from barometer.codebook import Limits
from barometer.intake import short
from barometer.intake.coded import CODED, blank, coded, coded_values, each, kept, mapped
from barometer.intake.encoding import in_utf8
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.layout import NUMBER, Grid, is_note, left_out, tabled
from barometer.intake.raw import MultipleSet, RawTable, refused
from barometer.intake.read import _never_closed, _parse, numbered

SEPARATORS = ",;\t|"
DATED = re.compile(r"%-?\d*[td]")  # a format of Stata that makes a date of a number
LOOKED_AT = 60  # records in which the separator and the width are found,
HEAD = 1 << 22  # and the bytes in which they are
MOST_SHEETS = 20  # of a workbook, where the one that holds the table is looked for
OLD = b"\xd0\xcf\x11\xe0"  # a workbook of before 2007, or one with a password
OPEN_SHEET = b"application/vnd.oasis.opendocument.spreadsheet"
WIDEST_CELL = 100_000  # characters; a longer one is no answer


def raw_table(path: Path, name: str, limits: Limits, sheet: str, header_rows: int) -> RawTable:
    """Read a file by what its bytes say it is, under the name that the person knows.

    `header_rows` 0 means to find out. Raises FaultyFile, in a sentence, where it cannot be read.
    """
    size = path.stat().st_size
    if size > limits.bytes:
        raise refused(name, f"the file has {size:,} bytes; at most {limits.bytes:,} are read")
    with path.open("rb") as file:
        start = file.read(16)
    if not start.strip():
        raise refused(name, "the file is empty; expected a header and one row a respondent")
    read = _reader(name, start)
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(_digest, path)
        found = read(path, name, limits, sheet, header_rows)
    found = replace(found, sha256=digest.result())
    _bounded(found, name, limits)
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


Reader = Callable[[Path, str, Limits, str, int], RawTable]


def _reader(name: str, start: bytes) -> Reader:
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", OLD)):
        return _workbook
    if start.startswith(b"PAR1"):
        return _parquet
    if start[:4] in (b"$FL2", b"$FL3"):
        return _spss
    if start.startswith(b"<stata_dta>") or (
        Path(name).suffix.lower() == ".dta" and start[0] in range(102, 120)
    ):
        return _stata
    for suffix, form in ((".xlsx", "workbook"), (".ods", "workbook"), (".xls", "workbook"),
                         (".parquet", "Parquet file"), (".sav", "SPSS file"),
                         (".zsav", "SPSS file"), (".dta", "Stata file")):  # fmt: skip
        if name.lower().endswith(suffix):
            raise refused(name, f"this is no {form} though its name says so; export it again")
    if start.lstrip(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        raise refused(name, "this is a web page; open it in a spreadsheet and save it as XLSX")
    return _delimited


def _bounded(raw: RawTable, name: str, limits: Limits) -> None:
    if raw.columns.num_columns > limits.columns:
        raise refused(
            name, f"{raw.columns.num_columns:,} columns; at most {limits.columns:,} are read"
        )
    if raw.columns.num_rows > limits.rows:
        raise refused(name, f"{raw.columns.num_rows:,} rows; at most {limits.rows:,} are read")
    for column in raw.columns.column_names:
        texts = raw.columns.column(column).chunk(0).dictionary
        if texts.nbytes <= WIDEST_CELL:
            continue
        longest = pc.max(pc.utf8_length(texts)).as_py() or 0
        if longest > WIDEST_CELL:
            raise refused(
                name,
                f"column {column[:60]} has a cell of {longest:,} characters; at most"
                f" {WIDEST_CELL:,} are read",
            )


# --- text -----------------------------------------------------------------------------------------


def _delimited(path: Path, name: str, limits: Limits, sheet: str, header_rows: int) -> RawTable:
    """CSV and its kin, in any encoding; title lines above the header are passed over."""
    try:
        content = in_utf8(path.read_bytes())
    except ValueError as fault:
        raise refused(
            name, f"{fault}; expected CSV, XLSX, XLS, ODS, Parquet, SPSS or Stata"
        ) from None
    skipped = 0
    if content[:4].lower() == b"sep=":  # Excel's own line
        content, skipped = content.partition(b"\n")[2], 1
    separator, width, above, header = _shape(name, content[:HEAD])
    if width > limits.columns:
        raise refused(name, f"{width:,} columns; at most {limits.columns:,} are read")
    table, ragged = _parse(name, content, "utf-8", separator, width)
    said: tuple[str, ...] = ()
    if len(ragged) >= short.LEAST and (
        whole := short.completed(content.decode(), separator, width)
    ):
        content = whole[0].encode()
        table, ragged = _parse(name, content, "utf-8", separator, width)
        said = (short.note(whole[1]),)
    records = table.num_rows + len(ragged)
    if records > limits.rows + 100:
        raise refused(name, f"there are {records:,} rows; at most {limits.rows:,} are read")
    numbers = numbered(records, ragged)
    if table.num_rows and _never_closed(content, table):
        reason = "a quotation mark opens a cell and is never closed; close or remove it"
        raise FaultyFile([Fault(name, int(numbers[-1]) + skipped, None, None, reason)])
    filled = np.flatnonzero(~blank(table) & (numbers > above))
    faults = [
        Fault(name, (fault.row or 0) + skipped, None, fault.value, fault.expected)
        for fault in ragged
        if (fault.row or 0) > above
    ]
    cells, rows = kept(table, filled), numbers[filled]
    if header:
        names = [pa.array([cell or None], CODED) for cell in header]
        cells = pa.concat_tables([pa.table(names, names=cells.column_names), cells])
        cells = cells.unify_dictionaries()
        rows = np.concatenate([[above], rows])
    notes, faults = _below(faults, int(rows[-1]) + skipped if len(rows) else 0, separator)
    grid = Grid(name, cells, rows + skipped, tuple(short.gathered(faults)))
    return _coded(tabled(grid, header_rows, notes=(*said, *notes)))


def _below(faults: list[Fault], last: int, separator: str) -> tuple[tuple[str, ...], list[Fault]]:
    """Notes under the last row are no faults."""
    under = [f for f in faults if (f.row or 0) > last and separator not in (f.value or "")]
    apart = bool(under) and (under[0].row or 0) > last + 1
    foot = [f for f in under if is_note((f.value or "").strip(), apart)]
    return tuple(left_out(f.row or 0, f.value or "") for f in foot), [
        fault for fault in faults if fault not in foot
    ]


def _shape(name: str, head: bytes) -> tuple[str, int, int, list[str]]:
    """Separator, cells a record, how many records stand above those, and a header of another width.

    Raises FaultyFile where names and cells do not agree.
    """
    best: tuple[int, int, str, list[list[str]]] | None = None
    for separator in SEPARATORS:
        records = _records(head, separator)
        counts = [len(record) for record in records if any(cell.strip() for cell in record)]
        if not counts:
            continue
        width, times = max(Counter(counts).items(), key=lambda found: (found[0] > 1, found[1]))
        score = times if width > 1 else 0
        if best is None or (score, width) > best[:2]:
            best = (score, width, separator, records)
    if best is None:
        raise refused(name, "the header cannot be read; expected the names of the columns")
    _, width, separator, records = best
    if width == 1:
        raise refused(
            name, "there is one column only; expected cells parted by a comma, semicolon, tab or |"
        )
    above = next((number for number, record in enumerate(records) if len(record) == width), 0)
    header = _header(name, records[:above], records[above:], width)
    return separator, width, above, header


def _header(name: str, before: list[list[str]], records: list[list[str]], width: int) -> list[str]:
    """The names of the columns where their line has more or fewer cells than the others.

    Empty where it has as many. Tools end rows with a separator, or the header, or leave out the
    name of the first column (R).
    """
    line = [cell.strip() for cell in before[-1]] if before else []
    filled = [cell for cell in line if cell]
    wordy = sum(NUMBER.fullmatch(cell) is None for cell in filled)
    if len(filled) < 3 or 2 * len(filled) < width or wordy < 0.9 * len(filled):
        return []
    if not any(line[width:]):
        line = line[:width]
    missing = width - len(line)
    rows = [record for record in records if len(record) == width]
    if missing < 0:
        raise _uneven(name, len(line), width)
    if missing and not any(cell.strip() for record in rows for cell in record[len(line) :]):
        return line + [""] * missing
    if missing == 1 and len({record[0] for record in rows}) == len(rows):
        return ["", *line]
    if missing:
        raise _uneven(name, len(line), width)
    return line


def _uneven(name: str, names: int, cells: int) -> FaultyFile:
    expected = (
        f"the header has {names} names where rows have {cells} cells; give each column one name,"
        " and each row a cell for it"
    )
    return refused(name, expected)


def _records(head: bytes, separator: str) -> list[list[str]]:
    """The first records; what is not needed for them is not decoded."""
    try:
        text = io.TextIOWrapper(io.BytesIO(head), "utf-8", errors="ignore", newline="")
        return list(islice(csv.reader(text, delimiter=separator), LOOKED_AT))
    except csv.Error:
        lines = head[: 1 << 20].decode(errors="ignore").splitlines()
        return [line.split(separator) for line in lines[:LOOKED_AT]]


# --- workbooks ------------------------------------------------------------------------------------


def _workbook(path: Path, name: str, limits: Limits, sheet: str, header_rows: int) -> RawTable:
    """A sheet of a workbook: values as they were last computed, no formula is run.

    One of before 2007 is no archive; it has 65,536 rows and 256 columns at most.
    """
    with path.open("rb") as file:
        old = file.read(len(OLD)) == OLD
    if not old:
        _unpacked(path, name, limits)
    import python_calamine as calamine

    wrong = (calamine.CalamineError, calamine.PasswordError, calamine.XmlError, calamine.ZipError,
             OSError, ValueError)  # fmt: skip
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheets = tuple(book.sheet_names)
        if sheet and sheet not in sheets:
            raise refused(name, f"there is no sheet {sheet}; there are {', '.join(sheets)[:200]}")
        if not sheets:
            raise refused(name, "there is no sheet in this workbook")
        page = book.get_sheet_by_name(sheet) if sheet else _fullest(book, sheets)
        width, height = page.total_width + 1, page.total_height + 1  # both count from 0
        if width > limits.columns:
            raise refused(name, f"{width:,} columns; at most {limits.columns:,} are read")
        if height > limits.rows:
            raise refused(name, f"{height:,} rows; at most {limits.rows:,} are read")
        rows = page.to_python(skip_empty_area=False)
    except FaultyFile:
        raise
    except wrong as fault:
        if old:
            raise refused(
                name,
                "this workbook of before 2007 cannot be read, or has a password; save it as XLSX"
                " without one",
            ) from None
        raise refused(
            name, f"this workbook cannot be read ({_brief(fault)}); save it again"
        ) from None
    told = [number for number, row in enumerate(rows) if row.count("") < len(row)]
    numbers = np.array(told, dtype=np.int64) + 1
    rows = [rows[number] for number in told]
    table = pa.table(
        [_cells(column) for column in zip(*rows, strict=True)],
        names=[str(number) for number in range(len(rows[0]) if rows else 0)],
    )
    filled = np.flatnonzero(~blank(table)) if table.num_rows else np.array([], dtype=np.int64)
    if not len(filled):
        raise refused(name, "this sheet is empty; expected a header and one row a respondent")
    grid = Grid(name, kept(table, filled), numbers[filled], ())
    notes = (f"The sheet {page.name!r} is read, of {len(sheets)}.",) if len(sheets) > 1 else ()
    return _coded(tabled(grid, header_rows, sheets, notes))


def _fullest(book: Any, sheets: Sequence[str]) -> Any:
    """The sheet with the most cells, the first of equals: a cover or a key to codes has fewer."""
    pages = [book.get_sheet_by_name(name) for name in sheets[:MOST_SHEETS]]
    return max(pages, key=lambda page: (page.total_height + 1) * (page.total_width + 1))


def _unpacked(path: Path, name: str, limits: Limits) -> None:
    """Refuse what would unpack to too much, by what the archive itself declares."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            media = _media(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError):
        raise refused(name, "this workbook is damaged or cut short; save it again") from None
    size = sum(entry.file_size for entry in entries)
    if size > limits.expansion:
        raise refused(
            name, f"this file unpacks to {size:,} bytes; at most {limits.expansion:,} are read"
        )
    if len(entries) > 10_000:
        raise refused(name, f"this file holds {len(entries):,} others; a workbook has fewer")
    if media.startswith(OPEN_SHEET):
        return
    if not any(entry.filename == "[Content_Types].xml" for entry in entries):
        raise refused(name, "this archive is not a workbook; expected an XLSX or ODS file")


def _media(archive: zipfile.ZipFile) -> bytes:
    """What an OpenDocument file says it is, in its first part; nothing for any other archive."""
    parts = [part for part in archive.infolist()[:1] if part.filename == "mimetype"]
    return archive.read("mimetype") if parts and parts[0].file_size <= 200 else b""


def _cells(column: Iterable[Any]) -> pa.DictionaryArray:
    """Cells of a sheet as text: whole numbers without a decimal point, dates as ISO."""
    kinds = set(map(type, cells := list(column)))
    if kinds <= {str}:
        return _emptied(pa.array(cells, pa.string()))
    if kinds <= {float, int}:
        return _numbers(pa.array(cells, pa.float64()))
    if kinds == {str, float} and not any(cell for cell in cells if isinstance(cell, str)):
        return _numbers(pa.array([None if c == "" else c for c in cells], pa.float64()))
    return _emptied(pa.array([_written(cell) for cell in cells], pa.string()))


def _written(cell: Any) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        plain = cell.time() == time()
        return cell.date().isoformat() if plain else cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _emptied(texts: pa.Array) -> pa.DictionaryArray:
    return mapped(coded(texts), _no_text)


def _no_text(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _numbers(values: pa.Array) -> pa.DictionaryArray:
    """Numbers as text; a column of whole numbers has no decimal point."""
    return mapped(coded_values(values), _number_texts)


def _number_texts(values: pa.Array) -> pa.Array:
    values = pc.if_else(pc.is_nan(values), None, values)
    whole = pc.equal(pc.floor(values), values)
    small = pc.less(pc.abs(values), 1e15)
    all_whole = pc.all(pc.and_(whole, small)).as_py()
    if all_whole or all_whole is None:
        return pc.cast(pc.cast(values, pa.int64()), pa.string())
    texts = pc.cast(values, pa.string())
    return pc.replace_substring_regex(texts, r"\.0+$", "")


# --- Parquet --------------------------------------------------------------------------------------


def _parquet(path: Path, name: str, limits: Limits, sheet: str, header_rows: int) -> RawTable:
    """Column by column, each text once as the file holds it: no column is held as it came."""
    import pyarrow.parquet as pq

    try:
        told = pq.read_metadata(path)
        _bounded_parquet(told, name, limits)
        names = [told.schema.column(number).path for number in range(told.num_columns)]
        file = pq.ParquetFile(path, metadata=told, read_dictionary=names)
        for kind in file.schema_arrow:
            if pa.types.is_nested(kind.type):
                raise _no_text_of(name, kind.name, kind.type)
        names = file.schema_arrow.names
        texts = each(
            lambda number: coded(_as_text(name, names[number], _column(file, number))),
            range(len(names)),
        )
        if len(set(map(len, texts))) > 1:
            raise pa.ArrowInvalid("some columns have more rows than others")
    except FaultyFile:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, UnicodeDecodeError) as fault:
        raise refused(
            name, f"this Parquet file cannot be read ({_brief(fault)}); write it again"
        ) from None
    if len(set(names)) < len(names):
        raise refused(name, "two columns have the same name; rename one")
    try:
        for column in texts:
            column.dictionary.validate(full=True)
    except pa.ArrowInvalid:  # it may say that bytes are text which are not
        raise refused(name, "a cell is not text in UTF-8; write the file again") from None
    return _plain_table(name, dict(zip(names, texts, strict=True)), max(map(len, texts), default=0))


def _column(file: Any, number: int) -> pa.ChunkedArray:
    """A column as it came. Raises ArrowInvalid where a code of its texts stands for none."""
    cells = file.reader.read_column(number)
    if pa.types.is_dictionary(cells.type):
        for part in cells.chunks:
            pa.DictionaryArray.from_arrays(part.indices, part.dictionary)
    return cells


def _bounded_parquet(told: Any, name: str, limits: Limits) -> None:
    """Refuse what would unpack to too much, by what the file itself declares."""
    if told.num_rows > limits.rows or told.num_rows < 0:
        raise refused(name, f"{told.num_rows:,} rows; at most {limits.rows:,} are read")
    if told.num_columns > limits.columns:
        raise refused(name, f"{told.num_columns:,} columns; at most {limits.columns:,} are read")
    size = sum(told.row_group(n).total_byte_size for n in range(told.num_row_groups))
    if size > limits.expansion or size < 0:
        raise refused(
            name, f"this file unpacks to {size:,} bytes; at most {limits.expansion:,} are read"
        )


def _as_text(name: str, column: str, values: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """Cells of any type that a text can say. Raises FaultyFile for lists and the like."""
    if isinstance(values, pa.ChunkedArray):
        values = values.unify_dictionaries()
        values = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
    if pa.types.is_boolean(values.type):
        return coded(pc.if_else(values, "1", "0"))
    try:
        if pa.types.is_integer(values.type):  # no two numbers are the same text
            values = coded_values(values)
            texts = values.dictionary.cast(pa.string())
            return pa.DictionaryArray.from_arrays(values.indices, texts, safe=False)
        if not pa.types.is_dictionary(values.type):
            values = coded_values(values)
        kind = values.type.value_type
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return mapped(values, lambda pool: _number_texts(pc.cast(pool, pa.float64())))
        if pa.types.is_integer(kind):
            return mapped(values, lambda pool: pool.cast(pa.string()))
        return mapped(values, lambda pool: _no_text(pool.cast(pa.string())))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise _no_text_of(name, column, values.type) from None


def _no_text_of(name: str, column: str, kind: pa.DataType) -> FaultyFile:
    return refused(
        name, f"column {column[:60]} is of type {str(kind)[:60]}; expected text or numbers"
    )


# --- SPSS and Stata -------------------------------------------------------------------------------


def _spss(path: Path, name: str, limits: Limits, sheet: str, header_rows: int) -> RawTable:
    import pyreadstat

    def cells(encoding: str | None, told: Any, most: int) -> dict[str, Any]:
        return _by_pyreadstat(pyreadstat.read_sav, path, encoding, most)

    return _statistical(pyreadstat.read_sav, cells, path, name, limits)


def _stata(path: Path, name: str, limits: Limits, sheet: str, header_rows: int) -> RawTable:
    import pyreadstat

    def cells(encoding: str | None, told: Any, most: int) -> dict[str, Any]:
        """Numbers by pandas, four times faster; texts and dates by pyreadstat, which knows more."""
        kinds, forms = told.readstat_variable_types, told.original_variable_types
        slow = [n for n in told.column_names if kinds[n] == "string" or DATED.match(forms[n])]
        quick = [name for name in told.column_names if name not in set(slow)]
        found: dict[str, Any] = {}
        if slow:
            found |= _by_pyreadstat(pyreadstat.read_dta, path, encoding, most, usecols=slow)
        if quick:
            found |= _stata_numbers(path, quick, most)
        return found

    return _statistical(pyreadstat.read_dta, cells, path, name, limits)


def _by_pyreadstat(
    read: Callable[..., Any], path: Path, encoding: str | None, most: int, **options: Any
) -> dict[str, Any]:
    cells: dict[str, Any] = read(
        str(path), output_format="dict", encoding=encoding, row_limit=most, **options
    )[0]
    return cells


def _stata_numbers(path: Path, names: list[str], most: int) -> dict[str, Any]:
    import pandas as pd

    reader: Any = pd.read_stata(
        path, convert_dates=False, convert_categoricals=False, columns=names, iterator=True
    )
    with reader:
        frame = reader.get_chunk(most)
    return {name: frame[name].to_numpy() for name in names}


def _statistical(
    read: Callable[..., Any],
    cells_of: Callable[[str | None, Any, int], dict[str, Any]],
    path: Path,
    name: str,
    limits: Limits,
) -> RawTable:
    """A file that carries its labels; values are left as codes, missing ones become empty."""
    told, encoding = _metadata(read, path, name)
    if (count := len(told.column_names)) > limits.columns:
        raise refused(name, f"{count:,} columns; at most {limits.columns:,} are read")
    try:
        cells = cells_of(encoding, told, limits.rows + 1)
    except Exception as fault:
        raise refused(
            name, f"this file cannot be read ({_brief(fault)}); export it again"
        ) from None
    kinds, names = told.readstat_variable_types, told.column_names
    texts = each(lambda name: coded(_statistical_cells(cells[name], kinds[name])), names)
    columns = dict(zip(names, texts, strict=True))
    labels = {n: str(text) for n, text in zip(told.column_names, told.column_labels, strict=True)
              if text}  # fmt: skip
    answers = {
        column: {_written(value) or "": str(label) for value, label in values.items()}
        for column, values in told.variable_value_labels.items()
    }
    count = len(next(iter(columns.values()))) if columns else 0
    table = _plain_table(name, columns, count)
    return RawTable(
        name, "", table.columns, table.rows, labels, answers, _sets(told), header_rows=0
    )


def _metadata(read: Callable[..., Any], path: Path, name: str) -> tuple[Any, str | None]:
    """What the file says of itself, and the encoding that reads it."""
    fault: Exception | None = None
    for encoding in (None, "WINDOWS-1252"):
        try:
            told = read(str(path), output_format="dict", encoding=encoding, row_limit=50)[1]
            return told, encoding
        except Exception as found:
            fault = fault or found
    raise refused(name, f"this file cannot be read ({_brief(fault)}); export it again")


def _statistical_cells(values: Any, kind: str) -> pa.DictionaryArray:
    """Cells of one variable: numbers, texts, or the dates that numbers of a format are."""
    if isinstance(values, np.ndarray):
        return _numbers(pa.array(np.asarray(values, np.float64), from_pandas=True))
    try:
        if kind != "string":
            return _numbers(pa.array(values, pa.float64(), from_pandas=True))
        return _emptied(pa.array(values, pa.string()))
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # dates
        return _emptied(pa.array([None if v != v else _written(v) for v in values], pa.string()))


def _sets(told: Any) -> tuple[MultipleSet, ...]:
    found = []
    for set_name, about in (getattr(told, "mr_sets", None) or {}).items():
        counted = about.get("counted_value") if about.get("is_dichotomy") else None
        found.append(
            MultipleSet(
                str(set_name).lstrip("$"),
                str(about.get("label") or ""),
                tuple(map(str, about.get("variable_list") or ())),
                "" if counted is None else _written(counted) or "",
            )
        )
    return tuple(found)


# --- shared ---------------------------------------------------------------------------------------


def _plain_table(name: str, cells: dict[str, pa.Array], count: int) -> RawTable:
    """A table of a format whose columns have names: rows are counted from 1, without a header."""
    if not cells or not count:
        raise refused(name, "there is no row; expected one row a respondent")
    table = pa.table(cells)
    rows = np.arange(1, count + 1)
    empty = blank(table)
    if empty.all():
        raise refused(name, "every cell is empty; expected one row a respondent")
    if empty.any():
        filled = np.flatnonzero(~empty)
        raw = RawTable(name, "", kept(table, filled), rows[filled], header_rows=0)
        return _coded(raw)
    return RawTable(name, "", table, rows, header_rows=0)


def _coded(raw: RawTable) -> RawTable:
    """A table of which some rows were left out, without the texts that only those had."""
    columns = each(coded, raw.columns.columns)
    return replace(raw, columns=pa.table(columns, names=raw.names))


def _brief(fault: BaseException | None) -> str:
    """What a library says, without the path of the file."""
    words = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
    return words[:120] if "/" not in words else type(fault).__name__
