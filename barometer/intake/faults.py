"""What is wrong in a file, where, and what was expected instead."""

from __future__ import annotations

from dataclasses import asdict, dataclass

SHOWN = 20


@dataclass(frozen=True)
class Fault:
    """One fault; `row` is the row in a spreadsheet (the header is 1), None for the whole file."""

    file: str
    row: int | None
    column: str | None
    value: str | None
    expected: str

    def __str__(self) -> str:
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column {_short(self.column, quoted=False)}")
        found = "" if self.value is None else f" found {_short(self.value)};"
        return f"{', '.join(where)}:{found} {self.expected}"

    def as_row(self) -> dict[str, object]:
        """The fault as one row of a report."""
        return asdict(self)


class FaultyFile(ValueError):  # noqa: N818 (a file with faults, not an error of the program)
    """A file with faults: all of them, in the order of the file. Nothing of it was taken."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        shown = "\n".join(str(fault) for fault in faults[:SHOWN])
        more = len(faults) - SHOWN
        rest = f"\n… and {more} more faults" if more > 0 else ""
        super().__init__(f"{len(faults)} fault(s), nothing was published.\n{shown}{rest}")


def _short(value: str, *, quoted: bool = True) -> str:
    shown = repr(value[:60]) if quoted else value[:60]
    return shown + "…" if len(value) > 60 else shown
