"""Malformed files of every format, from a seed: what a person, or an attacker, may send."""

from __future__ import annotations

import io
import random
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import xlsxwriter

from benchmarks import opendocument

PROJECT = Path(__file__).resolve().parent.parent
SCHOOLS = PROJECT / "tests" / "barometers" / "schools"
OLD_WORKBOOK = PROJECT / "tests" / "intake" / "exports" / "schools.xls"
FORMATS = ("csv", "tsv", "xlsx", "xls", "ods", "parquet", "sav", "zsav", "dta")
FORMULAS = (
    "=1+1", "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0",
    '=HYPERLINK("http://localhost/?x="&A1,"go")', "-2+3+cmd|' /C calc'!A0", "=WEBSERVICE(A1)",
)  # fmt: skip
NUMBERS = ("NaN", "nan", "inf", "-inf", "Infinity", "-1", "0", "-0.0", "1e999", "1e-400", "٣", "x",
           "1,000,000.5", "--1", "0x1F", "1_000", "²", "1e", "")  # fmt: skip
STRANGE = ("\u202egnol", "a\u0000b", "\ufeffx", "💥" * 40, "\x1b[31mred", "<script>1</script>",
           "'; drop table waves; --", "../../etc/passwd", "{{7*7}}", "%s%n", "\r", "\u2028",
           "é" * 300, "a\tb", '"', '""', "'", "\\", "[x](javascript:alert(1))",
           "$$\\frac$$")  # fmt: skip


@dataclass(frozen=True)
class Malformed:
    """One file: its name, its content, what is wrong with it.

    `wrong`: it must never be taken for a wave; else it may have been damaged into a shorter one.
    """

    name: str
    content: bytes
    kind: str
    wrong: bool


Make = Callable[[random.Random], tuple[str, bytes]]


def files(count: int, seed: int = 20261124) -> Iterator[Malformed]:
    """So many files, the same for the same seed: each kind of damage in turn, over every format."""
    dice = random.Random(seed)
    kinds = list(KINDS)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        make, wrong = KINDS[kind]
        extension, content = make(dice)
        yield Malformed(f"{number:05}_{kind}.{extension}", content, kind, wrong)


# --- whole files ----------------------------------------------------------------------------------


@cache
def rows() -> pd.DataFrame:
    """Some respondents of the schools barometer, as its wave file has them."""
    [path] = sorted((SCHOOLS / "data" / "waves").glob("*.csv"))[:1]
    return pd.read_csv(path, dtype=str, keep_default_na=False).head(40)


@cache
def whole(extension: str) -> bytes:
    """A good file of a format; of the one that no kept library writes, as LibreOffice saves it."""
    if extension == "xls":
        return OLD_WORKBOOK.read_bytes()
    return written(rows(), extension)


def written(frame: pd.DataFrame, extension: str) -> bytes:
    """A table in a format. Raises what the format's own writer raises."""
    if extension in ("csv", "tsv"):
        separator = "\t" if extension == "tsv" else ","
        return frame.to_csv(index=False, sep=separator).encode("utf-8", "surrogatepass")
    if extension == "xlsx":
        return _workbook([list(frame.columns), *frame.to_numpy().tolist()])
    if extension == "ods":
        return opendocument.workbook(data=[list(frame.columns), *frame.to_numpy().tolist()])
    if extension == "parquet":
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink)
        return sink.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{extension}"
        columns = {name: _variable(name) for name in frame.columns}
        plain = frame.rename(columns=columns)
        if extension == "dta":
            pyreadstat.write_dta(plain, str(path))
        else:
            pyreadstat.write_sav(plain, str(path), compress=extension == "zsav")
        return path.read_bytes()


def _variable(name: str) -> str:
    return "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in name)[:30] or "v"


def _workbook(lines: list[list[object]]) -> bytes:
    content = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(lines):
            for place, cell in enumerate(line):
                if isinstance(cell, str) and cell.startswith("=") and len(cell) < 200:
                    sheet.write_formula(number, place, cell, value=cell)
                else:
                    sheet.write(number, place, str(cell)[:32_000])
    return content.getvalue()


# --- bytes ----------------------------------------------------------------------------------------


def _format(dice: random.Random) -> str:
    return dice.choice(FORMATS)


def truncated(dice: random.Random) -> tuple[str, bytes]:
    extension = _format(dice)
    content = whole(extension)
    return extension, content[: dice.randrange(len(content))]


def flipped(dice: random.Random) -> tuple[str, bytes]:
    """A few bytes changed anywhere, or many."""
    extension = _format(dice)
    content = bytearray(whole(extension))
    for _ in range(dice.choice((1, 2, 8, 64, 512))):
        content[dice.randrange(len(content))] = dice.randrange(256)
    return extension, bytes(content)


def flipped_head(dice: random.Random) -> tuple[str, bytes]:
    """Bytes changed where a format says how long and of what kind everything is."""
    extension = dice.choice(("xlsx", "xls", "ods", "parquet", "sav", "zsav", "dta"))
    content = bytearray(whole(extension))
    near = range(-400, 0) if extension in ("xlsx", "ods", "parquet") else range(4, 600)
    for _ in range(dice.choice((1, 4, 16))):
        content[dice.choice(near)] = dice.choice((0, 1, 127, 128, 255, dice.randrange(256)))
    return extension, bytes(content)


def spliced(dice: random.Random) -> tuple[str, bytes]:
    """The beginning of one format and the end of another."""
    extension, other = _format(dice), _format(dice)
    head, tail = whole(extension), whole(other)
    return extension, head[: dice.randrange(len(head))] + tail[dice.randrange(len(tail)) :]


def swapped(dice: random.Random) -> tuple[str, bytes]:
    """A good file of one format under the name of another."""
    one, other = dice.sample(("csv", "xlsx", "ods", "parquet", "sav", "dta"), 2)
    return one, whole(other)


def noise(dice: random.Random) -> tuple[str, bytes]:
    extension = _format(dice)
    magic = {"xlsx": b"PK\x03\x04", "parquet": b"PAR1", "sav": b"$FL2", "zsav": b"$FL3",
             "dta": b"<stata_dta>"}.get(extension, b"")  # fmt: skip
    return extension, magic + dice.randbytes(dice.choice((10, 300, 5_000)))


def empty(dice: random.Random) -> tuple[str, bytes]:
    content = dice.choice((b"", b" ", b"\n" * 50, b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\t\t\n"))
    return _format(dice), content


def foreign(dice: random.Random) -> tuple[str, bytes]:
    """Another kind of document altogether."""
    texts = (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", b"<html><body><table><tr><td>1</td></tr></table>",
             b'{"a": [1, 2, 3]}', b"\x89PNG\r\n\x1a\n" + bytes(50), b"MZ\x90" + bytes(200),
             b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"GIF89a",
             b"\x1f\x8b\x08" + bytes(40), b"From: a@b\nSubject: c\n\nhello",
             b"<?xml version='1.0'?><a/>")  # fmt: skip
    return _format(dice), dice.choice(texts)


# --- text -----------------------------------------------------------------------------------------


def wrong_encoding(dice: random.Random) -> tuple[str, bytes]:
    frame = rows().copy()
    frame["note"] = "Été à Nîmes – 5 € “cœur”"
    encoding = dice.choice(("utf-16", "utf-16-le", "utf-32", "cp500", "mac_roman", "cp850",
                            "utf-7", "shift_jis", "koi8_r", "gb18030"))  # fmt: skip
    return "csv", frame.to_csv(index=False).encode(encoding, errors="replace")


def mixed_encoding(dice: random.Random) -> tuple[str, bytes]:
    lines = whole("csv").splitlines(keepends=True)
    codings = ("utf-8", "cp1252", "mac_roman", "utf-16-le")
    number = dice.randrange(1, len(lines))
    lines[number] = "é,à,ç,€\n".encode(dice.choice(codings))
    return "csv", b"".join(lines)


def unclosed(dice: random.Random) -> tuple[str, bytes]:
    lines = whole("csv").splitlines(keepends=True)
    lines[dice.randrange(1, len(lines))] = b'"never closed,' + lines[1]
    return "csv", b"".join(lines)


def ragged(dice: random.Random) -> tuple[str, bytes]:
    lines = whole("csv").decode().splitlines()
    for _ in range(dice.randrange(1, 6)):
        number = dice.randrange(1, len(lines))
        lines[number] = lines[number] + ",x" if dice.random() < 0.5 else lines[number].split(",")[0]
    return "csv", "\n".join(lines).encode()


def ten_thousand_columns(dice: random.Random) -> tuple[str, bytes]:
    count = dice.choice((5_001, 10_000))
    header = ",".join(f"c{number}" for number in range(count))
    return "csv", f"{header}\n{','.join('1' * count)}\n".encode()


def many_columns(dice: random.Random) -> tuple[str, bytes]:
    """More than a survey has: what follows must not be slow either."""
    names = [f"{dice.choice(('q', 'Website', 'Oui', 'School'))} {number}" for number in range(400)]
    body = "\n".join(",".join(dice.choices("01", k=len(names))) for _ in range(3))
    return "csv", f"{','.join(names)}\n{body}\n".encode()


def huge_cell(dice: random.Random) -> tuple[str, bytes]:
    frame = rows().copy()
    frame.iloc[3, dice.randrange(len(frame.columns))] = "x" * dice.choice((150_000, 2_000_000))
    return dice.choice(("csv", "parquet")), written(
        frame, "csv"
    ) if dice.random() < 0.5 else written(frame, "parquet")


def headers(dice: random.Random) -> tuple[str, bytes]:
    """Names that are missing, twice there, or dangerous."""
    frame = rows().copy()
    names = list(frame.columns)
    for _ in range(dice.randrange(1, 4)):
        names[dice.randrange(len(names))] = dice.choice(("", names[0], *FORMULAS, *STRANGE))
    frame.columns = pd.Index(names)
    return "csv", written(frame, "csv")


def only_header(dice: random.Random) -> tuple[str, bytes]:
    extension = dice.choice(("csv", "xlsx", "ods", "parquet"))
    return extension, written(rows().head(0), extension)


# --- cells ----------------------------------------------------------------------------------------


def _cells(dice: random.Random, column: str, values: tuple[str, ...]) -> tuple[str, bytes]:
    """Some cells of a column replaced, in any format."""
    frame = rows().copy()
    for number in dice.sample(range(len(frame)), dice.randrange(1, 8)):
        frame.loc[number, column] = dice.choice(values)
    extension = dice.choice(("csv", "tsv", "xlsx", "ods", "parquet"))
    return extension, written(frame, extension)


def weights(dice: random.Random) -> tuple[str, bytes]:
    return _cells(dice, "weight", NUMBERS)


def numeric_weights(dice: random.Random) -> tuple[str, bytes]:
    """Not a number, infinite or negative in the very type of the format."""
    frame = rows().copy()
    numbers = frame["weight"].astype(float)
    bad = dice.choice((np.nan, np.inf, -np.inf, -1.0, 0.0, 1e300))
    numbers.iloc[dice.randrange(len(numbers))] = bad
    frame["weight"] = numbers
    return "parquet", written(frame, "parquet")


def duplicated(dice: random.Random) -> tuple[str, bytes]:
    frame = rows().copy()
    first, second = dice.sample(range(len(frame)), 2)
    frame.loc[second, "respondent_id"] = frame.loc[first, "respondent_id"]
    extension = dice.choice(("csv", "xlsx", "ods", "parquet"))
    return extension, written(frame, extension)


def years(dice: random.Random) -> tuple[str, bytes]:
    return _cells(dice, "year", ("1899", "2201", "03", "MMIII", "=2000+3", "9" * 400, "", "-1"))


def mixed_types(dice: random.Random) -> tuple[str, bytes]:
    columns = [name for name in rows().columns if name not in ("respondent_id", "stratum")]
    return _cells(dice, dice.choice(columns), (*FORMULAS, *STRANGE[3:], "12/31/9999", "1.5.2"))


def formulas(dice: random.Random) -> tuple[str, bytes]:
    return _cells(dice, "stype", FORMULAS)


# --- workbooks and archives ----------------------------------------------------------------------


def _rezipped(replace: dict[str, bytes], drop: tuple[str, ...] = ()) -> bytes:
    """The good workbook with some of its parts replaced or taken away."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(whole("xlsx"))) as source,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.namelist():
            if entry not in drop:
                target.writestr(entry, replace.get(entry, source.read(entry)))
        for entry in replace.keys() - set(source.namelist()):
            target.writestr(entry, replace[entry])
    return content.getvalue()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@cache
def _bomb(size: int) -> bytes:
    return _rezipped({SHEET: b"<worksheet>" + b" " * size})


def zip_bomb(dice: random.Random) -> tuple[str, bytes]:
    """A sheet that unpacks to far more than it weighs, honest about it or not."""
    content = _bomb(dice.choice((80, 120)) * 2**20)
    if dice.random() < 0.5:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = archive.getinfo(SHEET).file_size
        content = content.replace(struct.pack("<I", size), struct.pack("<I", 1_000))
    return "xlsx", content


def billion_laughs(dice: random.Random) -> tuple[str, bytes]:
    depth = dice.choice((9, 30))
    lines = ['<!ENTITY l0 "lol">']
    lines += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, depth)]
    entity = f"<?xml version='1.0'?><!DOCTYPE a [{''.join(lines)}]>"
    name = dice.choice((SHEET, STRINGS, "xl/workbook.xml"))
    body = f"<sst><si><t>&l{depth - 1};</t></si></sst>"
    if name == SHEET:
        body = f"<worksheet><sheetData><row><c t='inlineStr'><is><t>&l{depth - 1};</t></is></c>"
        body += "</row></sheetData></worksheet>"
    return "xlsx", _rezipped({name: (entity + body).encode()})


def external_entity(dice: random.Random) -> tuple[str, bytes]:
    path = dice.choice(("file:///etc/passwd", "http://localhost:1/x", "file:///dev/zero"))
    text = f"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM '{path}'>]>"
    return "xlsx", _rezipped({STRINGS: f"{text}<sst><si><t>&x;</t></si></sst>".encode()})


def broken_parts(dice: random.Random) -> tuple[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(whole("xlsx"))) as archive:
        names = archive.namelist()
    name = dice.choice(names)
    if dice.random() < 0.5:
        return "xlsx", _rezipped({}, drop=(name,))
    with zipfile.ZipFile(io.BytesIO(whole("xlsx"))) as archive:
        part = archive.read(name)
    return "xlsx", _rezipped({name: part[: dice.randrange(len(part))]})


def far_apart(dice: random.Random) -> tuple[str, bytes]:
    """Two cells as far from each other as a sheet allows: a few bytes, billions of cells."""
    row, column = dice.choice(
        ((1_048_576, "XFD"), (1_048_576, "ALL"), (3, "XFD"), (1_048_576, "B"))
    )
    cells = (
        f"<row r='1'><c r='A1'><v>1</v></c></row><row r='{row}'><c r='{column}{row}'><v>1</v></c>"
    )
    sheet = f"<worksheet><sheetData>{cells}</row></sheetData></worksheet>"
    return "xlsx", _rezipped({SHEET: sheet.encode()})


def strings_astray(dice: random.Random) -> tuple[str, bytes]:
    """Cells that point to shared words that are not there, cells of unknown types, errors."""
    kind = dice.choice(("s", "e", "b", "d", "str", "zzz"))
    value = dice.choice(("99999999", "-1", "#REF!", "x", "1e400", "9999-99-99"))
    sheet = f"<worksheet><sheetData><row><c r='A1' t='{kind}'><v>{value}</v></c></row>"
    return "xlsx", _rezipped({SHEET: f"{sheet}</sheetData></worksheet>".encode()})


def archives(dice: random.Random) -> tuple[str, bytes]:
    """An archive that holds no workbook, or too many parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        if dice.random() < 0.5:
            archive.writestr("a.csv", whole("csv"))
        else:
            for number in range(10_050):
                archive.writestr(str(number), b"")
    return "xlsx", content.getvalue()


def open_sheets(dice: random.Random) -> tuple[str, bytes]:
    """Cells and rows that are repeated beyond any sheet, entities, a text that is no workbook."""
    cell, row = opendocument.cell, opendocument.row
    many, times = dice.choice((16_384, 2 * 10**9)), dice.choice((1, 1_048_576, 10**12))
    entities = '<!DOCTYPE a [<!ENTITY x "' + "y" * 1_000 + '">]>'
    kind = dice.choice(("repeated", "long", "gap", "entities", "document", "nothing"))
    tables = {
        "repeated": row(cell("a") + cell(1, many), times),
        "long": row(cell("x" * 90_000, 5_000), 10_000),
        "gap": row(cell("a")) + row(cell(None, 9), 1_048_570) + row(cell("b", 9)),
        "entities": row(cell("year") + cell("x")).replace(">x<", ">" + "&x;" * 1_000 + "<"),
    }
    table = f'<table:table table:name="a">{tables.get(kind, "")}</table:table>'
    media = opendocument.MEDIA.replace(
        "spreadsheet", "text" if kind == "document" else "spreadsheet"
    )
    return "ods", opendocument.packed(table, entities if kind == "entities" else "", media)


# --- Parquet --------------------------------------------------------------------------------


def nested(dice: random.Random) -> tuple[str, bytes]:
    values = dice.choice(
        ([[1], [2]], [{"a": 1}, {"a": 2}], [[[1]], [[2]]], [b"\xff\xfe", b"\x00"], [None, None])
    )
    sink = io.BytesIO()
    pq.write_table(pa.table({"year": ["2003", "2003"], "x": pa.array(values)}), sink)
    return "parquet", sink.getvalue()


@cache
def _parquet_bomb() -> bytes:
    sink = io.BytesIO()
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(3_000_000, np.int32)), ["x" * 1_000])
    pq.write_table(pa.table({"year": words, "a": words}), sink, compression="zstd")
    return sink.getvalue()


def parquet_bomb(dice: random.Random) -> tuple[str, bytes]:
    """A word of a thousand letters, repeated three million times by its number."""
    return "parquet", _parquet_bomb()


MAYBE: dict[str, Make] = {
    "truncated": truncated, "flipped": flipped, "flipped_head": flipped_head, "spliced": spliced,
    "swapped": swapped, "wrong_encoding": wrong_encoding, "headers": headers,
    "mixed_types": mixed_types, "weights": weights, "broken_parts": broken_parts,
    "duplicated": duplicated, "external_entity": external_entity,
}  # fmt: skip
NEVER: dict[str, Make] = {
    "noise": noise, "empty": empty, "foreign": foreign, "mixed_encoding": mixed_encoding,
    "unclosed": unclosed, "ragged": ragged, "ten_thousand_columns": ten_thousand_columns,
    "many_columns": many_columns, "huge_cell": huge_cell, "only_header": only_header,
    "numeric_weights": numeric_weights, "years": years, "formulas": formulas,
    "zip_bomb": zip_bomb, "billion_laughs": billion_laughs, "far_apart": far_apart,
    "open_sheets": open_sheets, "strings_astray": strings_astray, "archives": archives,
    "nested": nested, "parquet_bomb": parquet_bomb,
}  # fmt: skip
KINDS: dict[str, tuple[Make, bool]] = {
    **{name: (make, False) for name, make in MAYBE.items()},
    **{name: (make, True) for name, make in NEVER.items()},
}
