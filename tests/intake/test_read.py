"""Any delimited text is read as text; what is no table is refused with a reason."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from barometer import sentences
from barometer.intake import Fault, FaultyFile, TextTable, read
from barometer.intake.read import Limits
from barometer.intake.short import CURE

Reader = Callable[..., TextTable]


@pytest.fixture
def reading(tmp_path: Path) -> Reader:
    """Read these bytes as a file."""

    def wave(content: bytes, **limits: int) -> TextTable:
        path = tmp_path / "wave.csv"
        path.write_bytes(content)
        return read(path, Limits(**limits))

    return wave


def refused(reading: Reader, content: bytes, **limits: int) -> list[Fault]:
    with pytest.raises(FaultyFile) as faulty:
        reading(content, **limits)
    return faulty.value.faults


# --- what is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_separator_and_line_end(
    reading: Reader, separator: str, encoding: str, end: str
) -> None:
    lines = [["year", "région", "note"], ["2003", "Île-de-France", "3,5 .. ;"], ["2004", "", "é"]]
    text = end.join(separator.join(f'"{cell}"' for cell in line) for line in lines) + end
    table = reading(text.encode(encoding))
    assert table.columns.to_pydict() == {
        "year": ["2003", "2004"],
        "région": ["Île-de-France", None],
        "note": ["3,5 .. ;", "é"],
    }
    assert table.rows.tolist() == [2, 3]
    assert not table.faults


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("block", [64, 97, 4096])
@pytest.mark.parametrize("uneven", [True, False])
def test_a_file_that_is_parsed_in_many_pieces_is_the_same_file(
    reading: Reader, monkeypatch: pytest.MonkeyPatch, end: str, quote: str, block: int, uneven: bool
) -> None:
    monkeypatch.setattr(sys.modules["barometer.intake.read"], "BLOCK", block)
    cells = [[f"r{n}", "é" if n % 3 else "", str(n % 7), "b" * (n % 11)] for n in range(400)]
    lines = [",".join(f"{quote}{cell}{quote}" for cell in row) for row in cells]
    lines.insert(200, "")
    if uneven:
        lines.insert(300, "too,few")
    table = reading(end.join(["id,a,b,c", *lines, ""]).encode())
    found = [[cell or "" for cell in row.values()] for row in table.columns.to_pylist()]
    assert found == cells
    left_out = {202, 302} if uneven else {202}
    assert table.rows.tolist() == [n for n in range(2, len(lines) + 2) if n not in left_out]
    fault = Fault("wave.csv", 302, None, "too,few", "this row has 2 cells; expected 4")
    assert table.faults == ((fault,) if uneven else ())


def test_everything_stays_text(reading: Reader) -> None:
    table = reading(b"id,year\n007,1e3\nNA,true\nnull,2003-01-01\n")
    assert table.columns.to_pydict() == {
        "id": ["007", "NA", "null"],
        "year": ["1e3", "true", "2003-01-01"],
    }


def test_a_quoted_line_break_is_inside_its_cell(reading: Reader) -> None:
    table = reading(b'year,comment\n2003,"two\nlines"\n2004,one\n')
    assert table.columns.to_pydict()["comment"] == ["two\nlines", "one"]
    assert table.rows.tolist() == [2, 3]


def test_a_quoted_line_break_is_inside_its_name(reading: Reader) -> None:
    assert reading(b'"ye\nar",b\n1,2\n').columns.column_names == ["ye\nar", "b"]


def test_a_doubled_quote_is_a_quote(reading: Reader) -> None:
    assert reading(b'a,b\n"5"" pipe",2\n').columns.to_pydict() == {"a": ['5" pipe'], "b": ["2"]}


def test_names_are_read_without_the_space_around_them(reading: Reader) -> None:
    assert reading(b" year ,b\n1,2\n").columns.column_names == ["year", "b"]


def test_blank_rows_are_left_out_and_the_others_keep_their_number(reading: Reader) -> None:
    table = reading(b"year,a\n2001,x\n\n,\n2002,y\n , \n2003,z\n\n\n")
    assert table.columns.to_pydict() == {"year": ["2001", "2002", "2003"], "a": ["x", "y", "z"]}
    assert table.rows.tolist() == [2, 5, 7]


def test_the_same_bytes_have_the_same_digest(reading: Reader) -> None:
    assert reading(b"a\n1\n").sha256 == reading(b"a\n1\n").sha256 != reading(b"a\n2\n").sha256


# --- faults of the shape --------------------------------------------------------------------------


def test_rows_of_another_length_are_faults_and_the_rest_is_still_read(reading: Reader) -> None:
    table = reading(b'a,b\n1,2\n3\n\n"x\ny",5\n6,7,8\n9,10\n')
    assert table.faults == (
        Fault("wave.csv", 3, None, "3", "this row has 1 cells; expected 2"),
        Fault("wave.csv", 6, None, "6,7,8", "this row has 3 cells; expected 2"),
    )
    assert table.rows.tolist() == [2, 5, 7]
    assert table.columns.to_pydict()["b"] == ["2", "5", "10"]


def test_many_rows_with_too_few_cells_are_one_fault_that_says_how_many(reading: Reader) -> None:
    lines = ["a,b,c", *("1,2,3", "4,5") * 30, "6,7,8,9", ""]
    table = reading("\n".join(lines).encode())
    first = ", ".join(str(row) for row in range(3, 23, 2))
    few = f"30 rows have fewer than 3 cells, first the rows {first}; {CURE}"
    assert table.faults == (
        Fault("wave.csv", 3, None, None, few),
        Fault("wave.csv", 62, None, "6,7,8,9", "this row has 4 cells; expected 3"),
    )
    assert table.rows.tolist() == list(range(2, 62, 2))
    said = sentences.said(few, "fr")
    assert said.startswith("30 lignes ont moins de 3 cellules, d’abord les lignes 3, 5, 7")


def test_columns_without_name_or_twice_are_faults_and_the_rest_is_still_read(
    reading: Reader,
) -> None:
    table = reading(b"year,a,,a, \n2003,1,2,3,4\n")
    assert [(f.row, f.column, f.expected) for f in table.faults] == [
        (1, "a", "this column stands twice; keep one of them"),
        (1, "number 3", "a column has no name; expected one"),
        (1, "number 5", "a column has no name; expected one"),
    ]
    assert table.columns.to_pydict() == {"year": ["2003"], "a": ["1"]}


def test_no_row_fits_where_the_separator_is_another(reading: Reader) -> None:
    [fault] = refused(reading, b"year|a\n2003,1\n")
    assert (fault.row, fault.expected) == (2, "this row has 2 cells; expected 1")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\t\r\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"year,weight\n", "there is a header but no row"),
        (b"year,weight\n\n,\n", "there is a header but no row"),
        (b"year,weight", "there is a header but no row"),
        (b"\nyear,weight\n2003,1\n", "row 1 has no name"),
        (b",,\n1,2,3\n", "row 1 has no name"),
        (b"PK\x03\x04\x00\x00\x00", "this is not a text file"),
        ("year,a\n2003,1\n".encode("utf-16"), "this is not a text file"),
        (b"year,a\n" + b"2003,1\n" * 1000 + b"2003,\0\n", "this is not a text file"),
        (b'year,"' + b"x" * 200_000 + b'"\n1,2\n', "row 1 has no name"),
    ],
)
def test_what_is_no_table_is_refused(reading: Reader, content: bytes, reason: str) -> None:
    [fault] = refused(reading, content)
    assert fault.expected.startswith(reason)
    assert fault.row is None


def test_a_quote_that_is_never_closed_is_found(reading: Reader) -> None:
    [fault] = refused(reading, b'year,stratum\n2003,A\n2003,"B\n2003,C\n2003,D\n')
    assert fault.row == 3
    assert fault.expected.startswith("a quotation mark opens a cell and is never closed")


def test_an_inch_mark_inside_a_cell_is_only_a_mark(reading: Reader) -> None:
    assert reading(b'a,b\n1,5" pipe\n2,x\n').columns.to_pydict()["b"] == ['5" pipe', "x"]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"bytes": 10}, "the file has 21 bytes; at most 10 are read"),
        ({"rows": 2}, "there are 3 rows; at most 2 are read"),
        ({"columns": 1}, "2 columns; at most 1 are read"),
    ],
)
def test_what_is_too_large_is_refused(reading: Reader, limits: dict[str, int], reason: str) -> None:
    [fault] = refused(reading, b"year,a\n1,2\n3,4\n5,666\n", **limits)
    assert fault.expected == reason


def test_ten_thousand_columns_are_refused_at_once(reading: Reader) -> None:
    names = ",".join(f"column_{number}" for number in range(10_000)).encode()
    started = time.perf_counter()
    [fault] = refused(reading, names + b"\n" + b"1," * 9_999 + b"1\n")
    assert fault.expected == "10,000 columns; at most 5,000 are read"
    assert time.perf_counter() - started < 2


def test_a_row_longer_than_a_block_is_refused_or_read(reading: Reader) -> None:
    try:
        table = reading(b"a,b\n1," + b"x" * 3_000_000 + b"\n2,y\n")
    except FaultyFile as faulty:
        assert len(faulty.faults) == 1
        assert len(str(faulty)) < 500
    else:
        assert table.columns.num_rows == 2


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(FaultyFile, match="the file cannot be opened"):
            read(path)


def test_a_report_shows_twenty_faults_and_counts_the_others() -> None:
    faults = [Fault("wave.csv", row, "y" * 500, "x" * 1000, "expected less") for row in range(50)]
    report = str(FaultyFile(faults))
    assert report.startswith("50 fault(s), nothing was published.\nwave.csv, row 0, column yyy")
    assert report.endswith("\n… and 30 more faults")
    assert len(report) < 5000


# --- anything at all ------------------------------------------------------------------------------

PIECES = ["year", "2003", ",", ";", "\t", "\n", "\r\n", "\r", '"', "\ufeff", "a", " "]
PIECES += ["0", "1", "1,5", "=1+1", "é", "\x85", "\u2028", "''"]
LIKELY = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda pieces: "".join(pieces).encode())


@given(content=st.binary(max_size=300) | LIKELY)
@example(content=b'"')
@example(content=b'""')
@example(content=b'a,b\n"')
@example(content=b"\r\r\r")
@example(content=b"\xef\xbb\xbf\n\n")
@settings(max_examples=400)
def test_any_bytes_are_a_table_or_a_faulty_file(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "wave.csv")
        path.write_bytes(content)
        try:
            table = read(path)
        except FaultyFile as faulty:
            assert faulty.faults
        else:
            assert table.columns.num_rows == len(table.rows) > 0
            assert len(set(table.columns.column_names)) == table.columns.num_columns > 0
