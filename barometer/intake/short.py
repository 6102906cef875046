"""Rows that end before the last column, as tools write them that drop empty cells at the end."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import replace

from barometer.intake.faults import SHOWN, Fault

UNEVEN = re.compile(r"this row has (\d+) cells; expected (\d+)")
FIRST = 10  # rows that are named of those that one fault tells of
CURE = "give each row a cell for each column"
LEAST = 3  # short rows, and
SHARE = 0.02  # of all rows: fewer are a mistake in the file, such as a cut


def completed(text: str, separator: str, width: int) -> tuple[str, int] | None:
    """The text with its short rows filled with empty cells, and how many; None where it may not be.

    It may where the whole file does so: no row is too long, none ends with an empty cell, each
    short one has a first cell. Rows of one cell are titles or notes, and stay. Lines keep their
    place.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        return None
    short = [row for row in rows if 1 < len(row) < width]
    told = [row for row in rows if len(row) > 1]
    if len(short) < max(LEAST, SHARE * len(told)) or any(len(row) > width for row in rows):
        return None
    if any(not row[-1].strip() for row in told) or any(not row[0].strip() for row in short):
        return None
    for row in short:
        row += [""] * (width - len(row))
    filled = io.StringIO(newline="")
    writer = csv.writer(filled, delimiter=separator, lineterminator="\n")
    for row in rows:
        if row:
            writer.writerow(row)
        else:
            filled.write("\n")
    return filled.getvalue(), len(short)


def uneven(file: str, row: int | None, cells: int, wanted: int, text: str) -> Fault:
    """What is said of one row that has more or fewer cells than it should."""
    return Fault(file, row, None, text, f"this row has {cells} cells; expected {wanted}")


def gathered(faults: Iterable[Fault]) -> list[Fault]:
    """The faults of a file; rows with too few cells, or too many, as one where they are many.

    It says how many they are and which come first, and stands where the first of them did.
    """
    kept = list(faults)
    found: dict[str, list[Fault]] = {}
    for fault in kept:
        if told := UNEVEN.fullmatch(fault.expected):
            less = "fewer" if int(told[1]) < int(told[2]) else "more"
            found.setdefault(f"{less} than {told[2]} cells", []).append(fault)
    for words, rows in found.items():
        if len(rows) <= SHOWN:
            continue
        first = ", ".join(str(fault.row) for fault in rows[:FIRST])
        expected = f"{len(rows):,} rows have {words}, first the rows {first}; {CURE}"
        one = replace(rows[0], value=None, expected=expected)
        gone = set(map(id, rows[1:]))
        kept = [one if fault is rows[0] else fault for fault in kept if id(fault) not in gone]
    return kept


def note(count: int) -> str:
    """What is said of the rows that were completed."""
    return (
        f"{count} rows end before the last column; what they lack is read as empty, for no row of"
        " this file ends with an empty cell."
    )
