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
from barometer.intake.likeness import plain as bare
from barometer.intake.raw import RawTable, refused
from barometer.intake.vocabulary import TOTALS

DEEPEST = 5  # rows that may name the columns
TITLES = 15  # rows that may stand above them
FOOT = 10  # rows that may stand below the table
BODY = 400  # rows below in which a header's words are looked for
NUMBER = re.compile(r"[-+]?\d[\d\s.,/:-]*%?")
RANGE = re.compile(r"\d[\d\s.,]*[-–]\s*\d[\d\s.,]*")
CODE = re.compile(r"[A-Za-z][\w.\-]*")  # a name of a column without spaces
DOT = " · "


@dataclass(frozen=True)
class Grid:
    """Cells as text under columns that are only numbered; `rows` are their numbers in the file."""

    file: str
    cells: pa.Table
    rows: npt.NDArray[np.int64]
    faults: tuple[Fault, ...]


def tabled(
    grid: Grid,
    header_rows: int = 0,
    sheets: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> RawTable:
    """The table under a grid's header, whose depth is found where `header_rows` is 0.

    Lines of title above it and notes below it are left out, which `notes` says. A column without a
    name has its letter for one. Raises FaultyFile where no row is left.
    """
    top = [list(row) for row in _rows(grid.cells.slice(0, TITLES + DEEPEST + BODY))]
    above = _above(top, grid.rows)
    top = top[above:]
    count = min(header_rows or _header_rows(top), len(top))
    names, labels = _named(top[:count])
    if not any(names):
        raise refused(grid.file, "row 1 has no name; expected the names of the columns there")
    body = grid.cells.slice(above + count)
    numbers = grid.rows[above + count :]
    below = _below(body, numbers)
    notes = (*(left_out(number, text) for number, text in below), *notes)
    body, numbers = body.slice(0, body.num_rows - len(below)), numbers[: len(numbers) - len(below)]
    if not body.num_rows:
        if grid.faults:
            from barometer.intake.faults import FaultyFile

            raise FaultyFile(list(grid.faults))
        raise refused(grid.file, "there is a header but no row; expected one row a respondent")
    kept = []
    for number, name in enumerate(names):
        written = any(row[number] for row in top[:count])
        if not written and pc.all(pc.is_null(body.column(number))).as_py():
            continue  # beyond the last column, though merged words may reach over it
        if not name and not pc.all(pc.is_null(body.column(number))).as_py():
            names[number] = f"({_letter(number)})"
        if names[number]:
            kept.append(number)
    unique = _unique([names[number] for number in kept])
    columns = body.select(kept).rename_columns(unique)
    told = {name: labels[n] for name, n in zip(unique, kept, strict=True) if labels[n]}
    return RawTable(
        grid.file,
        "",
        columns,
        numbers,
        told,
        {},
        (),
        grid.faults,
        count,
        sheets,
        notes,
    )


def is_note(text: str, apart: bool) -> bool:
    """Whether a line of one cell below the table is a note: several words, or set apart from it.

    A number, or one word right below, may be a row that was cut.
    """
    return (apart or " " in text) and not _is_number(text)


def left_out(number: int, text: str) -> str:
    """What is said of a line that stands below the table."""
    return f"Row {number} is left out: it stands below the table, and says {text[:60]!r}."


def _rows(cells: pa.Table) -> list[tuple[str, ...]]:
    columns = [
        pc.utf8_trim_whitespace(plain(column).fill_null("")).to_pylist() for column in cells.columns
    ]
    return list(zip(*columns, strict=True))


def _above(rows: list[list[str]], numbers: npt.NDArray[np.int64]) -> int:
    """How many rows of title stand above the header: a cell or two where a row has many.

    A row of sections or questions, whose cells stand above several names each, is none.
    """
    if not rows or len(rows[0]) < 4:
        return 0
    full = max(sum(map(bool, row)) for row in rows[: TITLES + DEEPEST])
    for number, row in enumerate(rows[:TITLES]):
        if not _is_title(row, rows[number + 1 :][:1], full):
            gap = number + 1 < len(rows) and numbers[number + 1] > numbers[number] + 1
            if not (gap and 2 * sum(map(bool, row)) < full):
                return number
    return 0


def _is_title(row: list[str], after: list[list[str]], full: int) -> bool:
    filled = [place for place, cell in enumerate(row) if cell]
    if len(filled) > 2 or 2 * len(filled) > full:
        return False
    if len(filled) < 2:
        return True
    # Two cells above names that have none under the first one are a name and a question.
    return filled[0] == 0 and bool(after and after[0][0])


def _below(body: pa.Table, numbers: npt.NDArray[np.int64]) -> list[tuple[int, str]]:
    """Rows at the foot that are no respondents: a sentence in one cell, a total."""
    if body.num_columns < 4:
        return []
    tail = _rows(body.slice(max(0, body.num_rows - FOOT - 1)))
    found: list[tuple[int, str]] = []
    for back, row in enumerate(reversed(tail[1:]), start=1):
        filled = [cell for cell in row if cell]
        gap = len(numbers) > back and numbers[-back] > numbers[-back - 1] + 1
        numbered = all(_is_number(before[0]) for before in tail[:-back] if before[0])
        total = bare(row[0]) in TOTALS and (gap or numbered or 2 * len(filled) < len(row))
        sentence = len(filled) == 1 and is_note(filled[0], gap)
        if not (total or sentence):
            break
        found.insert(0, (int(numbers[-back]), filled[0]))
    return found


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def _letter(number: int) -> str:
    """The letter of a column in a spreadsheet, from 0 on."""
    letters = ""
    while number >= 0:
        number, rest = divmod(number, 26)
        letters = chr(ord("A") + rest) + letters
        number -= 1
    return letters


def _header_rows(rows: list[list[str]]) -> int:
    """The first rows whose words do not come back below them, and are no numbers."""
    if len(rows) > 2 and _is_import_row(rows[2]):
        return 3
    count = 1
    for depth in range(1, min(DEEPEST, len(rows) - 1)):
        if _names_columns(rows[depth], rows[depth + 1 :], rows[0]):
            count = depth + 1
        elif not _spans_columns(rows[depth], rows[depth + 1 :]):
            break
    return count


def _spans_columns(row: list[str], below: list[list[str]]) -> bool:
    """Whether a row may be one of questions above several columns each, were names to follow it."""
    filled = [(place, cell) for place, cell in enumerate(row) if cell]
    if len(filled) < 2 or any(NUMBER.fullmatch(cell) for _, cell in filled):
        return False
    return not any(line[place] == cell for place, cell in filled for line in below[1:])


def _is_import_row(row: list[str]) -> bool:
    """A row of {"ImportId": …}: the third one of a Qualtrics export."""
    filled = [cell for cell in row if cell]
    return bool(filled) and all(cell.startswith("{") and "ImportId" in cell for cell in filled)


def _names_columns(row: list[str], below: list[list[str]], first: list[str]) -> bool:
    filled = [(place, cell) for place, cell in enumerate(row) if cell]
    if len(filled) < 0.3 * len(row) or not below:
        return False
    if sum(_counts(cell) for _, cell in filled) > 0.1 * len(filled):
        return False
    words = {place: {line[place] for line in below} - {""} for place, _ in filled}
    # A box that holds its own words where it is ticked says nothing else.
    again = sum(cell in words[place] and len(words[place]) > 1 for place, cell in filled)
    once = len({cell for _, cell in filled}) > 0.6 * len(filled) or "" in first
    # In few rows no answer need come back: only words unlike answers are taken for names.
    wordy = len(below) >= 8 or all(len(cell) > 12 for _, cell in filled)
    return again <= 0.05 * len(filled) and once and (wordy or _completes(row, first))


def _counts(cell: str) -> bool:
    """Whether a cell is a number or a date, and no range such as 11-49, which may be an item."""
    return NUMBER.fullmatch(cell) is not None and RANGE.fullmatch(cell) is None


def _completes(row: list[str], first: list[str]) -> bool:
    """Whether a row names what the one above leaves without a name, and leaves what it names."""
    unnamed = [place for place, cell in enumerate(first) if not cell]
    named = [row[place] for place, cell in enumerate(first) if cell]
    return any(unnamed) and all(row[place] for place in unnamed) and not all(named)


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
    below = [DOT.join(filter(None, cells)) for cells in zip(*_spreads(header[1:]), strict=True)]
    codes = [cell for cell in first if cell]
    coded = all(map(CODE.fullmatch, codes)) and len(set(codes)) == len(codes)
    if coded and 2 * len(codes) > sum(map(bool, below)) and all(map(_either, first, below)):
        # Codes that are each their column's own name, but for the first columns, which need none.
        return [one or other for one, other in zip(first, below, strict=True)], below
    lines = _spreads(header)
    names = [DOT.join(dict.fromkeys(filter(None, cells))) for cells in zip(*lines, strict=True)]
    return names, names


def _either(one: str, other: str) -> bool:
    return bool(one or other)


def _spreads(header: list[list[str]]) -> list[list[str]]:
    """The rows of a header, each but the last one repeated over what it stands above."""
    return [*(_spread(line) for line in header[:-1]), header[-1]]


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
