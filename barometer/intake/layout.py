"""Find the header of a grid of cells: one row of names, or several."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from barometer.intake.coded import plain
from barometer.intake.faults import Fault
from barometer.intake.raw import RawTable, refused

DEEPEST = 5  # rows that may name the columns
BODY = 400  # rows below in which a header's words are looked for
NUMBER = re.compile(r"[-+]?\d[\d\s.,/:-]*%?")
DOT = " · "


@dataclass(frozen=True)
class Grid:
    """Cells as text under columns that are only numbered; `rows` are their numbers in the file."""

    file: str
    cells: pa.Table
    rows: npt.NDArray[np.int64]
    faults: tuple[Fault, ...]


def tabled(grid: Grid, sha256: str, header_rows: int = 0, sheets: tuple[str, ...] = ()) -> RawTable:
    """The table under a grid's header, which is found where `header_rows` is 0.

    Raises FaultyFile where no row is left under it.
    """
    top = [list(row) for row in _rows(grid.cells.slice(0, DEEPEST + BODY))]
    above = 0 if header_rows else _above(top)
    top = top[above:]
    count = min(header_rows or _header_rows(top), len(top))
    names, labels = _named(top[:count])
    if not any(names):
        raise refused(grid.file, "row 1 has no name; expected the names of the columns there")
    body = grid.cells.slice(above + count)
    if not body.num_rows:
        if grid.faults:
            from barometer.intake.faults import FaultyFile

            raise FaultyFile(list(grid.faults))
        raise refused(grid.file, "there is a header but no row; expected one row a respondent")
    kept, faults = [], []
    for number, name in enumerate(names):
        if name:
            kept.append(number)
        elif not pc.all(pc.is_null(body.column(number))).as_py():
            faults.append(
                Fault(grid.file, int(grid.rows[above]), f"number {number + 1}", "",
                      "a column has no name; expected one")
            )  # fmt: skip
    unique = _unique([names[number] for number in kept])
    columns = body.select(kept).rename_columns(unique)
    told = {name: labels[n] for name, n in zip(unique, kept, strict=True) if labels[n]}
    return RawTable(
        grid.file,
        sha256,
        columns,
        grid.rows[above + count :],
        told,
        {},
        (),
        (*faults, *grid.faults),
        count,
        sheets,
    )


def _rows(cells: pa.Table) -> list[tuple[str, ...]]:
    columns = [
        [(cell or "").strip() for cell in plain(column).to_pylist()] for column in cells.columns
    ]
    return list(zip(*columns, strict=True))


def _above(rows: list[list[str]]) -> int:
    """How many rows of title stand above the header: a cell or two where a row has many."""
    if not rows or len(rows[0]) < 4:
        return 0
    full = max(sum(map(bool, row)) for row in rows[:20])
    for number, row in enumerate(rows[:DEEPEST]):
        if sum(map(bool, row)) > max(2, 0.15 * full):
            return number
    return 0


def _header_rows(rows: list[list[str]]) -> int:
    """The first rows whose words do not come back below them, and are no numbers."""
    if len(rows) > 2 and _is_import_row(rows[2]):
        return 3
    count = 1
    for depth in range(1, min(DEEPEST, len(rows) - 1)):
        if not _names_columns(rows[depth], rows[depth + 1 :], rows[0]):
            break
        count = depth + 1
    return count


def _is_import_row(row: list[str]) -> bool:
    """A row of {"ImportId": …}: the third one of a Qualtrics export."""
    filled = [cell for cell in row if cell]
    return bool(filled) and all(cell.startswith("{") and "ImportId" in cell for cell in filled)


def _names_columns(row: list[str], below: list[list[str]], first: list[str]) -> bool:
    filled = [(place, cell) for place, cell in enumerate(row) if cell]
    if len(filled) < 0.3 * len(row) or not below:
        return False
    if sum(bool(NUMBER.fullmatch(cell)) for _, cell in filled) > 0.1 * len(filled):
        return False
    words = {place: {line[place] for line in below} for place, _ in filled}
    again = sum(cell in words[place] for place, cell in filled)
    once = len({cell for _, cell in filled}) > 0.6 * len(filled) or "" in first
    # In few rows no answer need come back: only words unlike answers are taken for names.
    wordy = len(below) >= 8 or all(len(cell) > 12 for _, cell in filled)
    return again <= 0.05 * len(filled) and once and wordy


def _named(header: list[list[str]]) -> tuple[list[str], list[str]]:
    """A name and a label for each column, from one row or several."""
    if len(header) == 1:
        return header[0], [""] * len(header[0])
    if len(header) == 3 and _is_import_row(header[2]):
        return header[0], header[1]
    first = header[0]
    if all(first) and len(set(first)) == len(first):
        rest = [DOT.join(filter(None, cells)) for cells in zip(*header[1:], strict=True)]
        return first, rest
    lines = [*(_spread(line) for line in header[:-1]), header[-1]]
    names = [DOT.join(dict.fromkeys(filter(None, cells))) for cells in zip(*lines, strict=True)]
    return names, names


def _spread(line: list[str]) -> list[str]:
    """The words of merged cells, repeated over the columns that they stand above."""
    spread, last = [], ""
    for cell in line:
        last = cell or last
        spread.append(last)
    return spread


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return (
        unique
        if len(set(unique)) == len(unique)
        else [f"{name} [{number}]" for number, name in enumerate(unique, start=1)]
    )
