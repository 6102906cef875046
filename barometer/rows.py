"""Columns of equal length as plain arrays: what charts and sentences read, many times a second.

A data frame costs ten times as much to make and to filter where it holds a few hundred rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import update_wrapper
from typing import Any, Generic, ParamSpec

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]
P = ParamSpec("P")


class Rows:
    """Named columns, (R,) each, in order. Read them; what looks like a change gives new rows."""

    __slots__ = ("_columns", "_length")

    def __init__(self, columns: Mapping[str, Any], length: int | None = None) -> None:
        """Columns are arrays, or one value for every row where `length` says how many there are."""
        self._columns: dict[str, Array] = {}
        for name, column in columns.items():
            array = np.asarray(column)
            if array.ndim == 0:
                array = np.full(length or 0, column, dtype=object)
            self._columns[name] = array
        first = next(iter(self._columns.values()), None)
        self._length = (length or 0) if first is None else len(first)

    @property
    def columns(self) -> dict[str, Array]:
        """The columns by name, in order."""
        return dict(self._columns)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def at(self, rows: Array) -> Rows:
        """The rows of a mask, or at positions."""
        return self._of({name: column[rows] for name, column in self._columns.items()}, 0)

    def assign(self, **columns: Any) -> Rows:
        """The same rows with columns replaced, or added last."""
        return Rows(self._columns | columns, self._length)

    def renamed(self, **names: str) -> Rows:
        """The same rows, some columns under another name."""
        return self._of({names.get(n, n): c for n, c in self._columns.items()}, self._length)

    def without(self, name: str) -> Rows:
        """The same rows without a column, there or not."""
        return self._of({n: c for n, c in self._columns.items() if n != name}, self._length)

    def _of(self, columns: dict[str, Array], length: int) -> Rows:
        """Rows of columns that are arrays already, `length` of them where there is none."""
        made = object.__new__(Rows)
        made._columns = columns
        first = next(iter(columns.values()), None)
        made._length = length if first is None else len(first)
        return made

    def row(self, position: int) -> dict[str, Any]:
        """One row, its values those of plain Python."""
        return self.at(np.array([position])).records()[0]

    def records(self) -> list[dict[str, Any]]:
        """Every row, its values those of plain Python."""
        names = list(self._columns)
        lists = (column.tolist() for column in self._columns.values())
        return [dict(zip(names, values, strict=True)) for values in zip(*lists, strict=True)]

    def frame(self) -> pd.DataFrame:
        """The rows as a data frame; objects stay objects."""
        return pd.DataFrame(
            {
                name: pd.Series(column, dtype=object) if column.dtype == object else column
                for name, column in self._columns.items()
            },
            index=pd.RangeIndex(self._length),
        )


class framed(Generic[P]):  # noqa: N801
    """A decorator of what gives rows: called, it gives a data frame; its `rows` gives the rows."""

    def __init__(self, rows: Callable[P, Rows]) -> None:
        self.rows = rows
        update_wrapper(self, rows)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
        """The rows as a data frame."""
        return self.rows(*args, **kwargs).frame()


def known(value: float | None) -> float | None:
    """A number of a row, None where it is missing."""
    return None if value is None or value != value else float(value)


def stacked(parts: list[Rows]) -> Rows:
    """Rows one under the other; all have the columns of the first."""
    if len(parts) == 1:
        return parts[0]
    return Rows({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def isin(column: Array, wanted: frozenset[Any] | set[Any]) -> npt.NDArray[np.bool_]:
    """Which values of a column are among those wanted."""
    return np.fromiter((value in wanted for value in column.tolist()), bool, len(column))
