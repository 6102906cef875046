"""Every format, encoding and header gives the same table of text, with the file's own row numbers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
import xlsxwriter

from barometer.intake import FaultyFile, Limits, RawTable, Reader
from benchmarks import opendocument
from benchmarks.malformed_files import OLD_WORKBOOK, rows

PEOPLE = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "sector": ["Énergie", "Commerce", None],
        "score": [1.0, 2.5, None],
    }
)
TEXT = {
    "id": ["1", "2", "3"],
    "sector": ["Énergie", "Commerce", None],
    "score": ["1", "2.5", None],
}
Read = Callable[..., RawTable]


@pytest.fixture
def read(reader: Reader, tmp_path: Path) -> Read:
    """Read a file of this name and content."""

    def reading(name: str, content: bytes | str, **options: object) -> RawTable:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return reader.read(path, **options)  # type: ignore[arg-type]

    return reading


def workbook(rows: list[list[object]], **sheets: list[list[object]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_numbers": False}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, table in {**sheets, "data": rows}.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(table):
                for place, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(number, place, cell, day)
                    elif cell is not None:
                        sheet.write(number, place, cell)
    return content.getvalue()


def open_sheet(frame: pd.DataFrame) -> bytes:
    cells = frame.astype(object).where(frame.notna(), None)
    return opendocument.workbook(data=[list(frame.columns), *cells.to_numpy().tolist()])


def refusal(read: Read, name: str, content: bytes | str, **options: object) -> str:
    with pytest.raises(FaultyFile) as faulty:
        read(name, content, **options)
    [fault] = faulty.value.faults
    assert fault.file == name
    return fault.expected


# --- one table, whatever the format ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a.csv", "a.tsv", "a.xlsx", "a.ods", "a.parquet", "a.sav", "a.zsav", "a.dta"]
)
def test_every_format_gives_the_same_text(reader: Reader, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    writers: dict[str, Callable[[], object]] = {
        "csv": lambda: PEOPLE.to_csv(path, index=False, float_format="%g"),
        "tsv": lambda: PEOPLE.to_csv(path, index=False, sep="\t", float_format="%g"),
        "xlsx": lambda: PEOPLE.to_excel(path, index=False, engine="xlsxwriter"),
        "ods": lambda: path.write_bytes(open_sheet(PEOPLE)),
        "parquet": lambda: PEOPLE.to_parquet(path),
        "sav": lambda: pyreadstat.write_sav(PEOPLE, str(path)),
        "zsav": lambda: pyreadstat.write_sav(PEOPLE, str(path), compress=True),
        "dta": lambda: pyreadstat.write_dta(PEOPLE, str(path)),
    }
    writers[name.partition(".")[2]]()
    raw = reader.read(path)
    assert raw.columns.to_pydict() == TEXT
    headed = 1 if raw.header_rows else 0
    assert raw.rows.tolist() == [1 + headed, 2 + headed, 3 + headed]
    assert raw.file == name and len(raw.sha256) == 64


def test_labels_of_columns_and_values_are_kept(reader: Reader, tmp_path: Path) -> None:
    labels, answers = {"score": "Votre note"}, {"score": {1.0: "Faible", 2.5: "Fort"}}
    for name, write in (("a.sav", pyreadstat.write_sav), ("b.dta", pyreadstat.write_dta)):
        write(
            PEOPLE.assign(score=[1.0, 2.0, None]),
            str(tmp_path / name),
            column_labels=labels,
            variable_value_labels={"score": {1: "Faible", 2: "Fort"}},
        )
        raw = reader.read(tmp_path / name)
        assert raw.labels == labels
        assert raw.answers == {"score": {"1": "Faible", "2": "Fort"}}, answers


def test_missing_values_of_spss_are_empty(reader: Reader, tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["a", "b", "c"], "score": [1.0, 99.0, 3.0]})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), missing_ranges={"score": [99]})
    cells = reader.read(tmp_path / "a.sav").columns.to_pydict()
    assert cells["score"] == ["1", None, "3"]


def test_dates_are_iso_wherever_they_come_from(reader: Reader, tmp_path: Path, read: Read) -> None:
    days = [datetime(2005, 3, 1), datetime(2006, 12, 31)]
    frame = pd.DataFrame({"id": ["a", "b"], "day": days})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"))
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"))
    frame.to_parquet(tmp_path / "a.parquet")
    book = workbook([["id", "day"], ["a", days[0]], ["b", days[1]]])
    found = [reader.read(tmp_path / f"a.{kind}") for kind in ("sav", "dta", "parquet")]
    other = opendocument.workbook(a=[["id", "day"], *([d, (f"{d:%Y-%m-%d}",)] for d in days)])
    for raw in [*found, read("a.xlsx", book), read("a.ods", other)]:
        seen = [text[:10] for text in raw.columns.column("day").to_pylist()]
        assert seen == ["2005-03-01", "2006-12-31"]


def test_types_of_parquet_become_text(read: Read) -> None:
    table = pa.table(
        {
            "word": pa.array(["a", "b"]).dictionary_encode(),
            "yes": [True, None],
            "whole": pa.array([1, 2], pa.int8()),
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    raw = read("a.parquet", sink.getvalue())
    assert raw.columns.to_pydict() == {"word": ["a", "b"], "yes": ["1", None], "whole": ["1", "2"]}


def test_a_sheet_can_be_chosen_and_a_cover_page_is_passed_over(read: Read) -> None:
    book = workbook([["id", "a"], [1, 2], [2, 3]], cover=[["Baromètre 2005"]])
    assert read("a.xlsx", book).columns.to_pydict() == {"id": ["1", "2"], "a": ["2", "3"]}
    assert read("a.xlsx", book).sheets == ("cover", "data")
    assert "there is no sheet x" in refusal(read, "a.xlsx", book, sheet="x")
    other = opendocument.workbook(cover=[["Baromètre 2005"]], data=[["id", "a"], [1, True]])
    assert read("a.ods", other).columns.to_pydict() == {"id": ["1"], "a": ["1"]}
    assert read("a.ods", other, sheet="data").sheets == ("cover", "data")


def test_a_workbook_of_before_2007_is_read_within_the_same_limits(read: Read) -> None:
    content = OLD_WORKBOOK.read_bytes()
    raw, same = read("a.xls", content), read("a.csv", rows().to_csv(index=False))
    assert raw.names == same.names and raw.rows.tolist() == same.rows.tolist()
    for name in set(raw.names) - {"weight"}:
        assert raw.columns.column(name).to_pylist() == same.columns.column(name).to_pylist()
    weights = [table.columns.column("weight").to_pylist() for table in (raw, same)]
    assert np.allclose(*(np.array(told, dtype=float) for told in weights), rtol=1e-6)
    assert "rows; at most 9" in refusal(read, "a.xls", content, limits=Limits(rows=9))
    for cut in (600, 3_000, 9_000):
        words = refusal(read, "a.xls", content[:cut])
        assert "before 2007" in words or "damaged" in words


def test_a_formula_gives_the_value_it_had_and_is_never_run(read: Read) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["id", "a"], ["1", "x"], ["2", "y"]]):
            sheet.write_row(number, 0, row)
        sheet.write_formula(1, 1, '=HYPERLINK("http://localhost/","go")', value="kept")
    assert read("a.xlsx", content.getvalue()).columns.to_pydict()["a"] == ["kept", "y"]


# --- text: encodings, separators, headers -------------------------------------------------------


LINES = "id;secteur\n1;Élevé à côté\n2;Très “fort” – 3 €\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_an_encoding_is_recognised(read: Read, encoding: str) -> None:
    cells = read("a.csv", LINES.encode(encoding)).columns.to_pydict()
    assert cells == {"id": ["1", "2"], "secteur": ["Élevé à côté", "Très “fort” – 3 €"]}


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_old_encodings_are_recognised_by_their_accents(read: Read, encoding: str) -> None:
    cells = read("a.csv", "id;secteur\n1;Élevé à côté\n".encode(encoding)).columns.to_pydict()
    assert cells["secteur"] == ["Élevé à côté"]


def test_two_encodings_in_one_file_are_each_read(read: Read) -> None:
    content = (
        "id;ville\n1;Orléans\n".encode() + "2;Besançon\n".encode("cp1252") + "3;Nîmes\n".encode()
    )
    assert read("a.csv", content).columns.to_pydict()["ville"] == ["Orléans", "Besançon", "Nîmes"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_separator_is_recognised(read: Read, separator: str) -> None:
    text = "\n".join(separator.join(row) for row in (["id", "a b"], ["1", "x y"], ["2", "z"]))
    assert read("a.csv", text).columns.to_pydict() == {"id": ["1", "2"], "a b": ["x y", "z"]}


def test_the_separator_inside_quotes_does_not_count(read: Read) -> None:
    raw = read("a.csv", 'id;"a, b, c, d"\n1;"x, y, z"\n2;"x, y, z"\n')
    assert raw.columns.to_pydict()["a, b, c, d"] == ["x, y, z", "x, y, z"]


def test_rows_keep_their_number_under_titles_blank_lines_and_excel_s_own_line(read: Read) -> None:
    text = "sep=;\nBaromètre\n\nid;a;b;c\n1;2;3;4\n\n2;3;4;5\n"
    raw = read("a.csv", text)
    assert raw.names == ["id", "a", "b", "c"]
    assert raw.rows.tolist() == [5, 7]


def test_a_row_that_does_not_fit_is_a_fault_and_the_others_are_read(read: Read) -> None:
    raw = read("a.csv", "id,a\n1,2\n3\n4,5\n")
    assert [(f.row, f.expected) for f in raw.faults] == [(3, "this row has 1 cells; expected 2")]
    assert raw.rows.tolist() == [2, 4]


def test_three_header_rows_of_qualtrics_give_names_and_labels(read: Read) -> None:
    head = 'Q1,Q2_1\n"Where, exactly?",Which? - Website\n'
    head += '"{""ImportId"":""QID1""}","{""ImportId"":""QID2_1""}"\n'
    raw = read("a.csv", head + "a,1\n")
    assert (raw.header_rows, raw.names) == (3, ["Q1", "Q2_1"])
    assert raw.labels == {"Q1": "Where, exactly?", "Q2_1": "Which? - Website"}
    assert raw.rows.tolist() == [4]


def test_merged_cells_above_name_the_columns_under_them(read: Read) -> None:
    body = [[number, number % 2, 1 - number % 2, "Nord"] for number in range(12)]
    rows = [
        ["Respondent", "Which channels?", None, "Region"],
        [None, "Website", "Call centre", None],
        *body,
    ]
    raw = read("a.xlsx", workbook(rows))
    assert raw.header_rows == 2
    assert raw.names == [
        "Respondent",
        "Which channels? · Website",
        "Which channels? · Call centre",
        "Region",
    ]
    assert raw.rows.tolist() == list(range(3, 15))


def test_the_rows_of_the_header_can_be_told(read: Read) -> None:
    raw = read("a.csv", "id,a\nnumber,word\n1,x\n", header_rows=2)
    assert raw.labels == {"id": "number", "a": "word"}
    assert raw.columns.to_pydict() == {"id": ["1"], "a": ["x"]}


def test_an_answer_is_not_taken_for_a_header(read: Read) -> None:
    raw = read("a.csv", "sector,region\nretail,north\nfinance,north\nretail,south\n")
    assert raw.header_rows == 1 and len(raw.rows) == 3


def test_names_that_stand_twice_are_told_apart(read: Read) -> None:
    assert read("a.csv", "a,a,b\n1,2,3\n").names == ["a", "a (2)", "b"]


# --- refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"id,a\n", "no row"),
        ("a.csv", b"\x00\x01\x02" * 50, "not a text file"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 50, "damaged"),
        ("a.xlsx", b"id,a\n1,2\n", "no workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "before 2007"),
        ("a.parquet", b"PAR1" + b"\0" * 50 + b"PAR1", "cannot be read"),
        ("a.sav", b"$FL2" + b"\0" * 400, "cannot be read"),
        ("a.dta", b"<stata_dta>" + b"x" * 90, "cannot be read"),
        ("a.csv", b'id,a\n1,"2\n3,4\n', "never closed"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(
    read: Read, name: str, content: bytes, words: str
) -> None:
    assert words in refusal(read, name, content)


def test_limits_are_in_the_message(read: Read) -> None:
    text = "a,b,c\n1,2,3\n4,5,6\n"
    assert "at most 2 are read" in refusal(read, "a.csv", text, limits=Limits(columns=2))
    assert "at most 1 are read" in refusal(read, "a.csv", text, limits=Limits(rows=1))
    assert "at most 10 are read" in refusal(read, "a.csv", text, limits=Limits(bytes=10))
    book = workbook([["a", "b"], [1, 2]])
    assert "unpacks to" in refusal(read, "a.xlsx", book, limits=Limits(expansion=100))
    other = opendocument.workbook(data=[["a", "b"], [1, 2], [3, 4]])
    assert "unpacks to" in refusal(read, "a.ods", other, limits=Limits(expansion=100))
    assert "3 rows; at most 2" in refusal(read, "a.ods", other, limits=Limits(rows=2))
    assert "2 columns; at most 1" in refusal(read, "a.ods", other, limits=Limits(columns=1))


def test_an_open_sheet_of_a_few_bytes_takes_no_more_than_any_other(read: Read) -> None:
    """Cells may be repeated a million times, and entities stand for others."""
    cell, row = opendocument.cell, opendocument.row
    tables = {
        "cannot be read": row(cell("a", 16_384), 1_048_576),
        "GiB of memory": row(cell("x" * 90_000, 5_000), 10_000),
        "columns; at most 5,000": row(cell("a", 2 * 10**9)),
    }
    for words, lines in tables.items():
        content = opendocument.packed(f'<table:table table:name="a">{lines}</table:table>')
        assert len(content) < 2_000
        assert words in refusal(read, "a.ods", content, limits=Limits(memory=2**30))
    laughs = '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]>'
    entities = f'<table:table table:name="a">{row(cell("a")).replace(">a<", ">&z;<")}</table:table>'
    assert "unrecognized entity" in refusal(read, "a.ods", opendocument.packed(entities, laughs))


def test_an_archive_that_is_no_workbook_is_refused(read: Read) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.csv", "id\n1\n")
    assert "not a workbook" in refusal(read, "a.xlsx", content.getvalue())
    letter = opendocument.packed("", media=opendocument.MEDIA.replace("spreadsheet", "text"))
    assert "not a workbook" in refusal(read, "a.ods", letter)


def far_apart() -> bytes:
    """A workbook of a few bytes whose two cells are a million rows apart."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "id")
        sheet.write(1_048_575, 150, "far")
    return content.getvalue()


@pytest.mark.parametrize(
    ("limits", "words"),
    [(Limits(memory=2 * 2**30), "GiB of memory"), (Limits(seconds=1), "more than 1 seconds")],
)
def test_what_takes_too_much_is_refused_and_the_next_file_is_read(
    read: Read, limits: Limits, words: str
) -> None:
    assert words in refusal(read, "a.xlsx", far_apart(), limits=limits)
    assert read("b.csv", "id,a\n1,2\n").rows.tolist() == [2]


def test_a_reader_whose_process_is_gone_starts_another(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,a\n1,2\n", encoding="utf-8")
    others = psutil.Process().children()
    with Reader() as reader:
        reader.read(path)
        [gone] = set(psutil.Process().children()) - set(others)
        gone.kill()
        gone.wait(10)
        with pytest.raises(FaultyFile):
            reader.read(path)
        assert reader.read(path).rows.tolist() == [2]


def test_two_long_texts_of_many_columns_take_no_more_than_they_are(
    read: Read, tmp_path: Path
) -> None:
    texts = [["é" * 45_000 + str(n), "è" * 45_000 + str(n)] for n in range(1_000)]
    table = pa.table({f"c{n}": pair for n, pair in enumerate(texts)})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    raw = read("a.parquet", sink.getvalue(), limits=Limits(memory=2 * 2**30))
    assert raw.columns.column("c999").to_pylist() == texts[999]


@pytest.mark.parametrize("order", [["id", "word"], ["word", "id"]])
def test_bytes_that_parquet_calls_text_are_refused(read: Read, order: list[str]) -> None:
    words = pa.array([b"a", b"\xff\xfe"]).view(pa.string())
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": ["1", "2"], "word": words}).select(order), sink)
    assert "UTF-8" in refusal(read, "a.parquet", sink.getvalue())


@pytest.mark.parametrize("version", [12, 14, 15])
def test_a_stata_file_reads_alike_whichever_library_has_its_numbers(
    reader: Reader, tmp_path: Path, version: int
) -> None:
    """Labels that stand after more rows than are looked at first, dates, narrow numbers, gaps."""
    rows = 300
    frame = pd.DataFrame(
        {
            "sector": np.arange(rows) % 3 + 1.0,
            "share": (np.arange(rows) / 8).astype("float32"),
            "town": ["", "Lyon", "Lille"] * (rows // 3),
            "day": pd.date_range("2003-01-01", periods=rows),
            "age": np.arange(rows, dtype="int16"),
            "mark": np.where(np.arange(rows) % 2, np.nan, 7),
        }
    )
    path = tmp_path / "a.dta"
    labels = {1.0: "Industry", 2.0: "Retail", 3.0: "Energy"}
    pyreadstat.write_dta(
        frame, str(path), version=version, variable_value_labels={"sector": labels}
    )
    raw = reader.read(path)
    assert raw.columns.slice(rows - 2).to_pydict() == {
        "sector": ["2", "3"],
        "share": ["37.25", "37.375"],
        "town": ["Lyon", "Lille"],
        "day": ["2003-10-26", "2003-10-27"],
        "age": ["298", "299"],
        "mark": ["7", None],
    }
    assert raw.answers == {"sector": {"1": "Industry", "2": "Retail", "3": "Energy"}}


def test_rows_that_all_drop_their_empty_end_are_read_and_a_few_are_faults(read: Read) -> None:
    """A tool that writes no empty cell at the end does so throughout; a cut line is a mistake."""
    rows = ["id;a;b;c", "1;x;y;z", "2;x", "3;;y", "", "4;x;y;z", "5;x;y"]
    raw = read("export.csv", "\n".join(rows))
    assert not raw.faults and list(raw.rows) == [2, 3, 4, 6, 7]
    assert raw.columns["b"].to_pylist() == ["y", None, "y", "y", "y"]
    assert raw.columns["c"].to_pylist() == ["z", None, None, "z", None]
    assert [note[:6] for note in raw.notes] == ["3 rows"]
    empty = read("export.csv", "\n".join([*rows, "6;x;y;"]))
    assert [fault.row for fault in empty.faults] == [3, 4, 7] and not empty.notes
    cut = read("export.csv", "\n".join([*rows[:2], *["6;x;y;z"] * 20, "7;x"]))
    assert [fault.row for fault in cut.faults] == [23]
