"""A wave file that is too large to hold: read, checked and set aside part by part."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.dataset as ds
import pyarrow.feather as feather
import pyarrow.parquet as pq

from barometer.codebook import YEAR, Codebook
from barometer.intake import short
from barometer.intake.check import MOST_FAULTS, Wave, check
from barometer.intake.coded import blank
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.formats import _as_text
from barometer.intake.read import (
    HEADER_ROW,
    TextTable,
    _encoding,
    _header,
    _header_faults,
    _parsed,
    csv_options,
)

LARGE = 64 * 2**20  # bytes from which a file is read in parts,
MANY = 5_000_000  # or cells of a Parquet file, which says how many it has and packs them tightly
PART = 50_000  # respondents of a part, or so: some 400 MB while it is checked,
TOGETHER = 2  # parts that are checked at a time
FAULTS = 500  # after so many, the rest of the file is not read
AT_ONCE = 16 * 2**20  # bytes of a CSV file that are parsed at once
_HEAD = 2**20
Done = TypeVar("Done")
Look = Callable[[Wave, npt.NDArray[np.int64]], object]


def is_large(path: Path) -> bool:
    """Whether a file is one to read in parts: a large CSV or Parquet file."""
    if path.suffix.lower() not in (".csv", ".parquet") or not path.is_file():
        return False
    if path.stat().st_size > LARGE:
        return True
    if path.suffix.lower() == ".csv":
        return False
    try:
        told = pq.read_metadata(path)
    except (pa.ArrowException, OSError, ValueError):  # whoever reads it says what is wrong
        return False
    return bool(told.num_rows * told.num_columns > MANY)


def check_parts(
    path: Path,
    codebook: Codebook,
    aside: Path,
    progress: Callable[[float], object],
    look: Look = lambda part, rows: None,
) -> Wave:
    """The wave of a file, as `check` gives it; respondents and answers are datasets in `aside`.

    `look` is shown each part, with the rows of its respondents in the file. While TOGETHER parts
    are checked the next one is read: one more is in memory. A respondent must stand once in the
    whole file, and every part must say the same of its provenance; that the items of a question are
    answered together is looked at within a part.
    Raises FaultyFile, with the faults of the first parts that have some.
    """
    rows_at = _Aside(aside)
    faults: list[Fault] = []

    def checked(table: TextTable) -> tuple[Wave, npt.NDArray[np.int64]]:
        return check(table, codebook), table.rows

    for share, found in _worked(path, checked):
        progress(share)
        try:
            part, rows = found.result()
        except FaultyFile as faulty:
            faults += faulty.faults
            if len(short.gathered(faults)) >= FAULTS or len(faults) >= MOST_FAULTS:
                break
        else:
            look(part, rows)
            rows_at.add(part)
    if faults:
        raise FaultyFile(short.gathered(faults))
    return rows_at.wave(path)


def _worked(path: Path, work: Callable[[TextTable], Done]) -> Iterator[tuple[float, Future[Done]]]:
    """Work on each part of a file, in order, TOGETHER in threads while the next one is read."""
    held: deque[tuple[float, Future[Done]]] = deque()
    with ThreadPoolExecutor(TOGETHER) as pool:
        for share, table in _tables(path):
            held.append((share, pool.submit(work, table)))
            if len(held) > TOGETHER:
                yield held.popleft()
        while held:
            yield held.popleft()


class _Aside:
    """Parts of one wave file, written to a folder under identifiers that the parts share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._waves: list[Wave] = []
        self._profiles: dict[tuple[Any, ...], int] = {}
        self._count = 0
        self._seen: list[np.ndarray[Any, np.dtype[np.uint64]]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, part: Wave) -> None:
        """Write the respondents and answers of a part; keep what is small."""
        import pandas as pd

        known = [
            self._profiles.setdefault(
                (row[YEAR], row["stratum"], tuple(row["levels"])), len(self._profiles)
            )
            for row in part.profiles.to_pylist()
        ]
        profile = np.array(known, dtype=np.int64)[part.respondents["profile_id"].to_numpy()]
        number = np.arange(part.respondents.num_rows) + self._count
        self._count += len(number)
        ids = part.respondents["source_id"].to_numpy(zero_copy_only=False)
        years = part.respondents[YEAR].to_numpy().astype(np.uint64)
        self._seen.append(
            pd.util.hash_array(ids, categorize=False) ^ years * np.uint64(0x9E3779B97F4A7C15)
        )
        for name, columns in (
            ("respondents", {"respondent_id": number, "profile_id": profile}),
            ("answers", {"respondent_id": number}),
        ):
            table: pa.Table = getattr(part, name)
            for column, values in columns.items():
                place = table.column_names.index(column)
                table = table.set_column(place, column, pa.array(values))
            path = self.folder / f"{name}-{len(self._waves):06}.arrow"
            feather.write_feather(table, str(path), compression="lz4")
        empty = {n: getattr(part, n).slice(0, 0) for n in ("respondents", "answers")}
        self._waves.append(replace(part, **empty))

    def wave(self, path: Path) -> Wave:
        """All parts as one wave. Raises FaultyFile where a respondent stands twice."""
        self._once(path)
        first = self._waves[0]
        said = {wave.waves["provenance"][0].as_py() for wave in self._waves}
        if len(said) > 1:
            expected = "expected survey or synthetic, the same in every row"
            raise FaultyFile([Fault(path.name, None, "provenance", None, expected)])
        profiles = [
            {"profile_id": number, YEAR: year, "stratum": stratum, "levels": levels}
            for (year, stratum, levels), number in self._profiles.items()
        ]
        waves = pa.concat_tables([wave.waves for wave in self._waves]).group_by(
            self._waves[0].waves.column_names, use_threads=False
        )
        asked = pa.concat_tables([wave.asked for wave in self._waves])
        return replace(
            first,
            respondents=self._dataset("respondents"),
            answers=self._dataset("answers"),
            profiles=pa.Table.from_pylist(profiles, first.profiles.schema),
            asked=asked.group_by(asked.column_names, use_threads=False).aggregate([]),
            waves=waves.aggregate([]).sort_by(YEAR),
            notes=tuple(dict.fromkeys(note for wave in self._waves for note in wave.notes)),
        )

    def _dataset(self, name: str) -> ds.Dataset:
        return ds.dataset(sorted(map(str, self.folder.glob(f"{name}-*.arrow"))), format="ipc")

    def _once(self, path: Path) -> None:
        """No respondent stands twice: hashes that meet are looked up by their texts."""
        hashes = np.concatenate(self._seen)
        ordered = np.sort(hashes)
        twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        if not len(twice):
            return
        rows = self._dataset("respondents").to_table(columns=["source_id", YEAR])
        found: set[tuple[str, int]] = set()
        faults = []
        for at in np.flatnonzero(np.isin(hashes, twice)).tolist():
            key = (rows["source_id"][at].as_py(), rows[YEAR][at].as_py())
            if key in found:
                reason = "stands twice in this wave; give each respondent one row"
                faults.append(Fault(path.name, None, "respondent_id", key[0], reason))
            found.add(key)
        if faults:
            raise FaultyFile(faults[:FAULTS])


def _tables(path: Path) -> Iterator[tuple[float, TextTable]]:
    """Parts of a file as text, each with the share of the file that was read before it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    parts = _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)
    start = HEADER_ROW + 1
    skipped: set[int] = set()
    for share, columns, faults in parts:
        skipped |= {fault.row for fault in faults if fault.row is not None}
        rows = np.arange(start, start + columns.num_rows + len(skipped))
        rows = rows[~np.isin(rows, list(skipped))][: columns.num_rows]
        if len(rows):
            start = int(rows[-1]) + 1
        filled = np.flatnonzero(~blank(columns))
        if len(filled) < columns.num_rows:
            columns, rows = columns.take(pa.array(filled)), rows[filled]
        if columns.num_rows or faults:
            yield share, TextTable(path.name, digest, columns, rows, tuple(faults))


Part = tuple[float, pa.Table, list[Fault]]


def _csv(path: Path) -> Iterator[Part]:
    """Parts of a CSV file; a row of another width is a fault."""
    name, size = path.name, path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
    head = head[: head.rfind(b"\n") + 1] or head
    encoding = _encoding(head)
    separator, names = _header(name, head, encoding)
    faults = _header_faults(name, names)
    if faults:
        raise FaultyFile(faults)

    start = rows = 0
    for end, table in _quick(path, head, encoding, separator, len(names)):
        start, rows = end, (rows or HEADER_ROW) + table.num_rows
        yield end / size, table.rename_columns(names), []
    if start < size:
        for share, table, faults in _careful(path, start, rows, encoding, separator, names):
            yield start / size + share * (1 - start / size), table, faults


def _quick(
    path: Path, head: bytes, encoding: str, separator: str, width: int
) -> Iterator[tuple[int, pa.Table]]:
    """Blocks of rows with the place where each ends, up to one that has a quote, or is no table.

    The header may have quotes: where they come in pairs, none holds the end of its line.
    """
    start = head.find(b"\n") + 1
    if head.count(b'"', 0, start) % 2:
        return
    with path.open("rb") as file:
        file.seek(start)
        while start and (block := file.read(AT_ONCE)):
            if len(block) == AT_ONCE:
                block = block[: block.rfind(b"\n") + 1]
                file.seek(start + len(block))
            if not block or b'"' in block:
                return
            try:
                table = _parsed(block, encoding, separator, width, fast=True)
            except pa.ArrowInvalid:
                return
            start += len(block)
            yield start, table


def _careful(
    path: Path, start: int, rows: int, encoding: str, separator: str, names: list[str]
) -> Iterator[Part]:
    """Parts from a place of the file on, `rows` after its beginning, whatever is in their cells."""
    name, size, faults = path.name, path.stat().st_size - start, list[Fault]()

    def keep_fault(row: pacsv.InvalidRow) -> str:
        cells, wanted = row.actual_columns, row.expected_columns
        number = row.number and row.number + rows
        faults.append(short.uneven(name, number, cells, wanted, row.text[:60]))
        return "skip"

    options = csv_options(
        names,
        encoding,
        separator,
        kind=pa.string(),
        lines_in_cells=True,
        ragged=keep_fault,
        use_threads=False,
        block_size=AT_ONCE,
        skip_rows_after_names=0 if start else 1,  # the header: a name may hold the end of a line
    )
    file = path.open("rb")
    try:
        file.seek(start)
        reader = pacsv.open_csv(file, **options)
        held: list[pa.RecordBatch] = []
        read = 0
        for batch in reader:
            read += batch.nbytes
            held.append(batch)
            if sum(part.num_rows for part in held) >= PART:
                yield min(read / size, 1.0), pa.Table.from_batches(held), faults[:]
                held.clear()
                faults.clear()
        if held or faults:
            yield 1.0, pa.Table.from_batches(held, reader.schema), faults[:]
    except pa.ArrowInvalid as fault:
        reason = f"this cannot be read as a table: {str(fault)[:200]}"
        raise FaultyFile([Fault(name, None, None, None, reason)]) from None
    finally:
        file.close()


def _parquet(path: Path) -> Iterator[Part]:
    """Parts of a Parquet file, numbers as text."""
    try:
        file = pq.ParquetFile(path)
        read, count = 0, file.metadata.num_rows
        for batch in file.iter_batches(PART):
            read += batch.num_rows
            cells = {
                field.name: _as_text(path.name, field.name, batch.column(number))
                for number, field in enumerate(batch.schema)
            }
            for column in cells.values():
                column.dictionary.validate(full=True)  # bytes that the file calls text
            yield read / max(count, 1), pa.table(cells), []
    except (pa.ArrowException, OSError) as fault:
        reason = f"this Parquet file cannot be read: {str(fault)[:120]}; write it again"
        raise FaultyFile([Fault(path.name, None, None, None, reason)]) from None
