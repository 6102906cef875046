"""Columns of text as codes into their distinct texts: what is done to a text is done once each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int32]
CODED = pa.dictionary(pa.int32(), pa.string())
FIRST = 2_000  # rows that are looked at before all of them are
CORES = min(os.cpu_count() or 1, 4)  # each takes address space, which is bounded


def each(work: Callable[[Any], pa.DictionaryArray], columns: Iterable[Any]) -> list[pa.Array]:
    """What `work` makes of each column, in their order, on CORES: Arrow holds no lock.

    Raises what `work` does for the first column for which it does.
    """
    with ThreadPoolExecutor(CORES) as cores:
        return list(cores.map(work, columns))


def coded(cells: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """A column with each distinct text once, and none that no row has; empty cells are null."""
    if isinstance(cells, pa.ChunkedArray):
        if cells.num_chunks > 1 and pa.types.is_dictionary(cells.type):
            cells = cells.unify_dictionaries()
        cells = cells.combine_chunks()
    if not pa.types.is_dictionary(cells.type):
        return _of_codes(cells.dictionary_encode())
    return _compact(_of_codes(cells))


def mapped(
    column: pa.DictionaryArray, change: Callable[[pa.Array], pa.Array]
) -> pa.DictionaryArray:
    """A column whose texts (or numbers) are changed; what becomes null is an empty cell."""
    pool = change(column.dictionary)
    if len(pool) == len(column.dictionary) and pool.equals(column.dictionary):
        return column
    again = pool.dictionary_encode()
    if not pool.null_count and len(again.dictionary) == len(pool):
        return pa.DictionaryArray.from_arrays(column.indices, pool)
    return pa.DictionaryArray.from_arrays(again.indices.take(column.indices), again.dictionary)


def trimmed(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """A column without surrounding space, blanks as null."""
    return mapped(column, _trimmed)


def plain(cells: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column of text as text, whether it was coded or not."""
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    return cells.cast(pa.string()) if pa.types.is_dictionary(cells.type) else cells


def codes_of(column: pa.DictionaryArray, empty: int) -> Codes:
    """The place of each cell's text in the dictionary; `empty` where there is none."""
    codes = column.indices.fill_null(empty) if column.null_count else column.indices
    places: Codes = codes.to_numpy(zero_copy_only=False)
    return places


def filled(column: pa.DictionaryArray) -> npt.NDArray[np.bool_]:
    """Which cells have a text."""
    if not column.null_count:
        return np.ones(len(column), dtype=bool)
    valid: npt.NDArray[np.bool_] = pc.is_valid(column.indices).to_numpy(zero_copy_only=False)
    return valid


def blank(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Which rows have nothing but spaces."""
    rows = np.ones(table.num_rows, dtype=bool)
    for column in table.columns:
        if not rows.any():
            break
        rows &= ~filled(trimmed(coded(column)))
    return rows


def kept(table: pa.Table, rows: npt.NDArray[np.int64]) -> pa.Table:
    """Some rows of a table, in its order; nothing is copied where they stand together."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return table.slice(int(rows[0]), len(rows))
    return table.take(pa.array(rows))


def _of_codes(column: pa.DictionaryArray) -> pa.DictionaryArray:
    return column if column.type == CODED else column.cast(CODED)


def _compact(column: pa.DictionaryArray) -> pa.DictionaryArray:
    size = len(column.dictionary)
    codes = codes_of(column, size)
    used = np.zeros(size + 1, dtype=bool)
    for some in (codes[:FIRST], codes[FIRST:]):  # the first rows often have every text
        used[some] = True
        if used[:size].all():
            return column
    used = used[:size]
    first = int(np.argmax(used))
    if used[first:].all():  # a header stands above what rows say
        return pa.DictionaryArray.from_arrays(
            pc.subtract(column.indices, pa.scalar(first, pa.int32())), column.dictionary[first:]
        )
    place = pa.array(np.cumsum(used, dtype=np.int32) - np.int32(1))
    kept = column.dictionary.filter(pa.array(used))
    return pa.DictionaryArray.from_arrays(place.take(column.indices), kept)


def _trimmed(texts: pa.Array) -> pa.Array:
    stripped = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(stripped, ""), None, stripped)


def rows_once(rows: npt.NDArray[Any]) -> tuple[Codes, npt.NDArray[Any]]:
    """The code of each row of some columns, one at least, and each distinct row once."""
    width = rows.shape[1] * rows.itemsize
    memory = pa.py_buffer(np.ascontiguousarray(rows))
    cells = pa.Array.from_buffers(pa.binary(width), len(rows), [None, memory]).dictionary_encode()
    once = np.frombuffer(cells.dictionary.buffers()[1] or b"", np.uint8)
    once = once[: width * len(cells.dictionary)].view(rows.dtype)
    return codes_of(cells, 0), once.reshape(-1, rows.shape[1])
