"""Codes into distinct texts hold the column they were made of, whatever is done to the texts."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from barometer.intake.coded import blank, coded, filled, mapped, plain, trimmed

CELLS = st.lists(st.none() | st.sampled_from(["", " ", "a", "a ", " a", "b", "é"]), max_size=12)


@given(CELLS, CELLS)
def test_a_column_of_several_parts_has_each_text_once_and_none_that_no_row_has(
    first: list[str | None], second: list[str | None]
) -> None:
    parts = [pa.array(part, pa.string()) for part in (first, second, ["z"])]
    whole = pa.chunked_array([part.dictionary_encode() for part in parts]).slice(
        0, len(first) + len(second)
    )
    column = coded(whole)
    assert plain(column).to_pylist() == first + second
    known = column.dictionary.to_pylist()
    assert sorted(known) == sorted({text for text in first + second if text is not None})
    assert coded(plain(column)).to_pylist() == first + second


@given(st.lists(st.none() | st.sampled_from("01a"), max_size=12), CELLS)
def test_cells_of_a_byte_each_are_coded_as_others_are(
    cells: list[str | None], around: list[str | None]
) -> None:
    every = pa.array([*around, *cells, *around], pa.string())
    column = coded(every.slice(len(around), len(cells)))
    column.validate(full=True)
    assert column.to_pylist() == cells
    assert sorted(column.dictionary.to_pylist()) == sorted({cell for cell in cells if cell})


@given(CELLS)
def test_changed_texts_that_meet_are_one_and_blank_ones_are_empty_cells(
    cells: list[str | None],
) -> None:
    expected = [(cell or "").strip() or None for cell in cells]
    column = trimmed(coded(pa.array(cells, pa.string())))
    assert column.to_pylist() == expected
    assert len(set(column.dictionary.to_pylist())) == len(column.dictionary)
    assert filled(column).tolist() == [cell is not None for cell in expected]
    table = pa.table({"a": coded(pa.array(cells, pa.string()))})
    assert blank(table).tolist() == [cell is None for cell in expected]
    upper = mapped(column, pc.utf8_upper)
    assert upper.to_pylist() == [cell and cell.upper() for cell in expected]
