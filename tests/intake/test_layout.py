"""Tables as people lay them out: titles above, notes below, headers that do not agree with rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from barometer.codebook import Limits
from barometer.intake import FaultyFile, RawTable
from barometer.intake.formats import raw_table

NAMES = ["id", "sector", "site", "blog", "score"]
ROWS = [[str(n), "trade" if n % 3 else "industry", "x" if n % 2 else "", "", str(n % 7)]
        for n in range(1, 13)]  # fmt: skip
Read = Callable[..., RawTable]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(content: str | bytes, name: str = "a.csv", header_rows: int = 0) -> RawTable:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return raw_table(path, name, Limits(), "", header_rows)

    return reading


def lines(rows: list[list[str]], separator: str = ";", end: str = "\r\n") -> str:
    return "".join(separator.join(row) + end for row in rows)


@pytest.mark.parametrize("header_rows", [0, 2])
def test_titles_stand_above_a_header_of_two_rows_found_or_said(
    read: Read, header_rows: int
) -> None:
    head = [["Company survey 2021", "", "", "", ""], [""] * 5,
            ["id", "sector", "Which media?", "", "score"], ["", "", "site", "blog", ""]]  # fmt: skip
    raw = read(lines([*head, *ROWS]), header_rows=header_rows)
    assert raw.names == ["id", "sector", "Which media? · site", "Which media? · blog", "score"]
    assert (raw.header_rows, raw.rows[0], len(raw.rows)) == (2, 5, 12)


def test_a_header_of_two_rows_is_found_over_three_respondents(read: Read) -> None:
    head = [["id", "sector", "Which media?", "", "score"], ["", "", "site", "blog", ""]]
    assert read(lines([*head, *ROWS[:3]])).names[2] == "Which media? · site"


def test_a_box_that_holds_its_own_words_does_not_hide_the_second_header(read: Read) -> None:
    head = [["id", "sector", "Which media?", "", "score"],
            ["", "Response", "Site", "Blog", "Response"]]  # fmt: skip
    rows = [[row[0], row[1], "Site" if row[2] else "", "Blog", row[4]] for row in ROWS]
    raw = read(lines([*head, *rows]))
    assert raw.names[2:4] == ["Which media? · Site", "Which media? · Blog"]


@pytest.mark.parametrize(
    "foot",
    [
        ["", "Source: fieldwork of March", "Base: 12"],
        ["", "Source: fieldwork of March;;;;", "* provisional;;;;"],
        ["Total;;6;0;3,5"],
    ],
)
def test_lines_below_the_table_are_left_out_and_said(read: Read, foot: list[str]) -> None:
    raw = read(lines([NAMES, *ROWS]) + "\r\n".join(foot) + "\r\n")
    assert (len(raw.rows), raw.faults) == (12, ())
    assert [note.split(":")[0] for note in raw.notes] == [
        f"Row {14 + number} is left out" for number, line in enumerate(foot) if line
    ]


@pytest.mark.parametrize("cut", [["13"], ["13", "14"], ["r13"], ["", "2007"]])
def test_a_last_row_that_was_cut_after_its_first_cell_is_no_note(
    read: Read, cut: list[str]
) -> None:
    raw = read(lines([NAMES, *ROWS]) + "\r\n".join(cut) + "\r\n")
    assert [fault.value for fault in raw.faults] == [cell for cell in cut if cell]


@pytest.mark.parametrize("ends", [("", ";"), (";;", "")])
def test_a_header_keeps_its_names_where_only_some_lines_end_with_a_separator(
    read: Read, ends: tuple[str, str]
) -> None:
    head, row = ends
    raw = read(lines([NAMES], end=head + "\r\n") + lines(ROWS, end=row + "\r\n"))
    assert (raw.names, len(raw.rows), raw.faults) == (NAMES, 12, ())


def test_rows_that_r_numbers_have_a_first_column_without_a_name(read: Read) -> None:
    numbered = [[f"r{n}", *row] for n, row in enumerate(ROWS)]
    for head in (NAMES, ['""', *NAMES]):
        raw = read(lines([head, *numbered]))
        assert raw.names == ["(A)", *NAMES] and len(raw.rows) == 12


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            lines([[*NAMES, "open", "more"], *ROWS]),
            "the header has 7 names where rows have 5 cells",
        ),
        ("id  sector\n1   trade\n2   trade\n", "there is one column only"),
        ("<html><table><tr><td>id</td></tr></table></html>", "this is a web page"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(read: Read, content: str, why: str) -> None:
    with pytest.raises(FaultyFile) as faulty:
        read(content)
    assert faulty.value.faults[0].expected.startswith(why)


def test_windows_lines_after_a_mark_of_utf_8_are_read_in_their_own_encoding(read: Read) -> None:
    rows = [[*row, "Île-de-France"] for row in ROWS]
    content = lines([[*NAMES, "région"], *rows[:6]]).encode("utf-8-sig")
    raw = read(content + lines(rows[6:]).encode("cp1252"))
    assert raw.columns["région"].to_pylist() == ["Île-de-France"] * 12


def test_the_fullest_sheet_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheets = {"Read me": [["Survey", "2022"], ["Contact", "x"], ["Field", "y"]],
                  "Answers": [NAMES, *ROWS], "Codes": [["code", "label"]] * 5}  # fmt: skip
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    raw = raw_table(path, "a.xlsx", Limits(), "", 0)
    assert (raw.names, raw.notes) == (NAMES, ("The sheet 'Answers' is read, of 3.",))
