"""Rows that end before the last column, as tools write them that drop empty cells at the end."""

from __future__ import annotations

import csv
import io

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


def note(count: int) -> str:
    """What is said of the rows that were completed."""
    return (
        f"{count} rows end before the last column; what they lack is read as empty, for no row of"
        " this file ends with an empty cell."
    )
