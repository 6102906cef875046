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

Codes = npt.NDArray[np.integer]
CODED, NARROW = (pa.dictionary(codes, pa.string()) for codes in (pa.int32(), pa.int8()))
FEW = 127  # texts whose codes take a byte each, also the one after them and -1
FIRST = 2_000  # rows that are looked at before all of them are,
UNSEEN = 8  # and codes not among them that are looked for one by one
CORES = min(os.cpu_count() or 1, 4)  # each takes address space, which is bounded


def each(work: Callable[[Any], pa.DictionaryArray], columns: Iterable[Any]) -> list[pa.Array]:
    """What `work` makes of each column, in their order, on CORES: Arrow and numpy hold no lock.

    Raises what `work` does for the first column for which it does.
    """
    todo = list(columns)
    made: list[Any] = [None] * len(todo)
    turns = iter(range(len(todo)))  # a task a column would take longer than most columns

    def share() -> None:
        for number in turns:
            try:
                made[number] = work(todo[number])
            except BaseException as fault:  # a panic of a library is no Exception
                made[number] = fault
                return

    with ThreadPoolExecutor(CORES) as cores:
        for core in [cores.submit(share) for _ in range(CORES)]:
            core.result()
    for found in made:
        if isinstance(found, BaseException):
            raise found
    return made


def coded(cells: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """A column with each distinct text once, and none that no row has; empty cells are null.

    Its codes take a byte each where there are FEW texts, else four.
    """
    if isinstance(cells, pa.ChunkedArray):
        if cells.num_chunks > 1 and pa.types.is_dictionary(cells.type):
            cells = cells.unify_dictionaries()
        cells = cells.chunk(0) if cells.num_chunks == 1 else cells.combine_chunks()
    if pa.types.is_dictionary(cells.type):
        return _narrow(_compact(_of_codes(cells)))
    short = _of_bytes(cells) if cells.type == pa.string() else None
    return short or _narrow(_of_codes(cells.dictionary_encode()))


def coded_values(values: pa.Array) -> pa.DictionaryArray:
    """Values with each distinct one once; small whole numbers, as answers are, as bytes.

    Those are their own codes: none need be looked up.
    """
    if pa.types.is_floating(values.type):
        try:
            values = values.cast(pa.int8())
        except pa.ArrowInvalid:
            return values.dictionary_encode()
    if not pa.types.is_integer(values.type):
        return values.dictionary_encode()
    if values.null_count == len(values):
        return values.dictionary_encode()
    missing = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    cells = (values if missing is None else values.fill_null(pc.min(values))).to_numpy()
    low, high = int(cells.min()), int(cells.max())
    if high - low >= FEW:
        return values.dictionary_encode()
    codes = np.frombuffer(pa.allocate_buffer(len(cells)), np.int8)
    np.copyto(codes, cells, casting="unsafe")
    codes -= np.array(low).astype(np.int8)  # bytes go round
    every = pa.array(range(low, high + 1), values.type)
    return _compact(_of(pa.array(codes, mask=missing), every))


def mapped(
    column: pa.DictionaryArray, change: Callable[[pa.Array], pa.Array]
) -> pa.DictionaryArray:
    """A column whose texts (or numbers) are changed; what becomes null is an empty cell."""
    pool = change(column.dictionary)
    if len(pool) == len(column.dictionary) and pool.equals(column.dictionary):
        return column
    again = pool.dictionary_encode()
    if not pool.null_count and len(again.dictionary) == len(pool):
        return _of(column.indices, pool)
    return _of(_codes_of_few(again).take(column.indices), again.dictionary)


def trimmed(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """A column without surrounding space, blanks as null."""
    if len(column.dictionary) <= FEW:  # most columns have nothing to trim: quicker seen here
        texts = column.dictionary.to_pylist()
        if all(text and text == text.strip() for text in texts):
            return column
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
    # The fullest column may tell at once; identifiers, which take longest, stand first.
    for column in sorted(reversed(table.columns), key=lambda column: column.null_count):
        if not rows.any():
            break
        rows &= ~filled(trimmed(coded(column)))
    return rows


def kept(table: pa.Table, rows: npt.NDArray[np.int64]) -> pa.Table:
    """Some rows of a table, in its order; nothing is copied where they stand together."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return table.slice(int(rows[0]), len(rows))
    return table.take(pa.array(rows))


def _of(codes: pa.Array, texts: pa.Array) -> pa.DictionaryArray:
    """Codes that are known to be places in the texts: not one of them is looked at."""
    return pa.DictionaryArray.from_arrays(codes, texts, safe=False)


def _of_codes(column: pa.DictionaryArray) -> pa.DictionaryArray:
    kind = column.type
    if kind == CODED or (kind == NARROW and len(column.dictionary) <= FEW):
        return column
    return column.cast(CODED)


def _codes_of_few(column: pa.DictionaryArray) -> pa.Array:
    """Codes, of a byte each where there are FEW texts."""
    codes = column.indices
    return codes.cast(pa.int8(), safe=False) if len(column.dictionary) <= FEW else codes


def _narrow(column: pa.DictionaryArray) -> pa.DictionaryArray:
    if column.type == NARROW or len(column.dictionary) > FEW:
        return column
    return _of(_codes_of_few(column), column.dictionary)


def _of_bytes(cells: pa.Array) -> pa.DictionaryArray | None:
    """Cells of one byte each, as most answers are, coded without looking any up; else None."""
    _, places, memory = cells.buffers()
    starts = np.frombuffer(places or bytes(4), np.int32)[cells.offset :][: len(cells) + 1]
    given = len(cells) - cells.null_count
    if starts[-1] - starts[0] != given or (np.diff(starts) > 1).any():
        return None
    texts = np.frombuffer(memory or b"", np.uint8)[starts[0] : starts[-1]]
    there = np.zeros(256, dtype=bool)
    there[texts] = True
    once = np.flatnonzero(there).astype(np.uint8)
    place = (np.cumsum(there) - 1).astype(np.int8)
    memory = pa.py_buffer(once.tobytes())
    starts = pa.py_buffer(np.arange(len(once) + 1, dtype=np.int32))
    pool = pa.Array.from_buffers(pa.string(), len(once), [None, starts, memory])
    if given == len(cells):
        return _of(pa.array(place[texts]), pool)
    codes = np.zeros(len(cells), dtype=np.int8)
    empty: npt.NDArray[np.bool_] = pc.is_null(cells).to_numpy(zero_copy_only=False)
    codes[~empty] = place[texts]
    return _of(pa.array(codes, mask=empty), pool)


def _compact(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """A column without the texts that no row has."""
    size = len(column.dictionary)
    codes = codes_of(column, size)
    used = np.zeros(size + 1, dtype=bool)
    used[codes[:FIRST]] = True  # the first rows often have every text
    unseen = np.flatnonzero(~used[:size])
    if len(unseen) <= UNSEEN:
        for code in unseen:
            used[code] = (codes == code).any()
    else:
        used[codes] = True
    used = used[:size]
    if used.all():
        return column
    first = int(np.argmax(used))
    if used[first:].all():  # a header stands above what rows say
        step = pa.scalar(first, column.type.index_type)
        return _of(pc.subtract(column.indices, step), column.dictionary[first:])
    place = pa.array(np.cumsum(used) - 1, column.type.index_type)
    return _of(place.take(column.indices), column.dictionary.filter(pa.array(used)))


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
