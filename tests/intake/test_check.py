"""A wave file is checked against its codebook: typed when clean, else every fault at once."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from barometer import codebook
from barometer.codebook import Codebook
from barometer.intake import Fault, FaultyFile, Wave, check, read

BOOK = """
title = "A survey of cafés"
respondents = "cafés"
source = "A survey of cafés"

[[dimensions]]
code = "town"
label = "Town"
levels = [{ code = "paris", label = "Paris" }, { code = "lyon", label = "Lyon" }]

[[dimensions]]
code = "opening"
question = "open"
label = "Opening"

[[questions]]
code = "open"
kind = "single"
wording = "When is it open?"
items = [{ code = "day", label = "By day" }, { code = "night", label = "At night" }]

[[questions]]
code = "music"
kind = "single"
asked_if = { question = "open", answers = ["night"] }
wording = "Which music?"
items = [{ code = "jazz", label = "Jazz" }, { code = "rock", label = "Rock" }]

[[questions]]
code = "drinks"
kind = "multiple"
wording = "Which drinks?"
items = [
  { code = "tea", label = "Tea" },
  { code = "coffee", label = "Coffee" },
  { code = "wine", label = "Wine" },
]

[[questions]]
code = "taste"
kind = "rating"
minimum = 1
maximum = 5
wording = "How good are they?"
items = [{ code = "tea", label = "Tea" }, { code = "coffee", label = "Coffee" }]

[[questions]]
code = "seats"
kind = "number"
minimum = 0
wording = "How many seats?"

[[indicators]]
code = "drinks"
kind = "multiple"
questions = ["drinks"]
label = "Drinks"
definition = "Drinks served"
base = "all cafés"
"""

HEADER = "year,respondent_id,stratum,weight,town,open,music,drinks:tea,drinks:coffee,drinks:wine"
HEADER += ",taste:tea,taste:coffee,seats"
COLUMNS = HEADER.split(",")
CLEAN = "2003,{id},north,1.5,paris,day,,1,0,0,5,,12"
Checker = Callable[[str], Wave]


@pytest.fixture(scope="session")
def cafes(tmp_path_factory: pytest.TempPathFactory) -> Codebook:
    folder = tmp_path_factory.mktemp("cafes")
    (folder / "codebook.toml").write_text(BOOK, encoding="utf-8")
    return codebook.load(folder)


@pytest.fixture
def checking(cafes: Codebook, tmp_path: Path) -> Checker:
    """Check these lines as a wave file."""

    def wave(text: str) -> Wave:
        path = tmp_path / "wave.csv"
        path.write_text(text, encoding="utf-8")
        return check(read(path), cafes)

    return wave


def faults(checking: Checker, text: str) -> list[Fault]:
    with pytest.raises(FaultyFile) as faulty:
        checking(text)
    return faulty.value.faults


def lines(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def row(number: int = 1, **changed: str) -> str:
    """A clean row with some cells changed; a column's colon is written as two underscores."""
    cells = dict(zip(COLUMNS, CLEAN.format(id=number).split(","), strict=True))
    cells |= {name.replace("__", ":"): value for name, value in changed.items()}
    assert list(cells) == COLUMNS
    return ",".join(cells.values())


def without(text: str, *names: str) -> str:
    """The file without some columns."""
    table = [line.split(",") for line in text.splitlines()]
    kept = [position for position, name in enumerate(table[0]) if name not in names]
    return "\n".join(",".join(line[position] for position in kept) for line in table) + "\n"


# --- clean ----------------------------------------------------------------------------------------


def test_a_clean_file_is_a_wave(checking: Checker) -> None:
    wave = checking(
        lines(
            row(1, weight='"0,5"', drinks__coffee="1", taste__coffee="3"),
            row(2, stratum="south", town="", open="night", music="jazz", seats='"7,5"'),
        )
    )
    assert wave.years == [2003]
    assert wave.notes == ()
    assert wave.respondents.to_pylist() == [
        {"respondent_id": 0, "source_id": "1", "year": 2003, "profile_id": 0, "weight": 0.5},
        {"respondent_id": 1, "source_id": "2", "year": 2003, "profile_id": 1, "weight": 1.5},
    ]
    assert wave.profiles.column("levels").to_pylist() == [
        [("town", "paris"), ("opening", "day")],
        [("opening", "night")],
    ]
    assert wave.profiles.column("stratum").to_pylist() == ["north", "south"]
    assert wave.answers.to_pylist() == [
        {
            "respondent_id": 0,
            "year": 2003,
            "open": "day",
            "music": None,
            "drinks": ["tea", "coffee"],
            "taste": [{"item": "tea", "value": 5}, {"item": "coffee", "value": 3}],
            "seats": 12,
        },
        {
            "respondent_id": 1,
            "year": 2003,
            "open": "night",
            "music": "jazz",
            "drinks": ["tea"],
            "taste": [{"item": "tea", "value": 5}],
            "seats": 7.5,
        },
    ]
    assert wave.waves.to_pylist()[0]["provenance"] == "survey"


def test_what_the_file_leaves_out_is_assumed_and_said(checking: Checker) -> None:
    text = lines(row(1), row(2, stratum="south"))
    wave = checking(without(text, "weight", "stratum", "respondent_id"))
    assert wave.notes == (
        "No respondent_id: respondents are numbered by row.",
        "No stratum: the whole wave is one stratum.",
        "No weight: every respondent weighs 1.",
    )
    assert wave.respondents.column("weight").to_pylist() == [1, 1]
    assert wave.respondents.column("source_id").to_pylist() == ["2", "3"]
    assert set(wave.profiles.column("stratum").to_pylist()) == {"all"}
    said = wave.waves.to_pylist()[0]
    assert (said["weighted"], said["stratified"]) == (False, False)


def test_several_years_are_several_waves(checking: Checker) -> None:
    wave = checking(lines(row(1), row(1, year="2004"), row(2, year="2004", drinks__tea="0")))
    assert wave.years == [2003, 2004]
    assert wave.waves.num_rows == 2
    assert wave.respondents.column("year").to_pylist() == [2003, 2004, 2004]
    assert set(wave.profiles.column("year").to_pylist()) == {2003, 2004}


def test_a_question_is_asked_in_the_waves_that_have_an_answer(checking: Checker) -> None:
    later = row(2, year="2004", drinks__wine="")
    wave = checking(lines(row(1), later))
    asked = {(r["item"], r["year"]) for r in wave.asked.to_pylist()}
    assert asked == {
        ("tea", 2003),
        ("coffee", 2003),
        ("wine", 2003),
        ("tea", 2004),
        ("coffee", 2004),
    }


def test_a_question_may_be_left_out_or_not_answered(checking: Checker) -> None:
    blank = row(2, drinks__tea="", drinks__coffee="", drinks__wine="", taste__tea="", seats="")
    wave = checking(lines(row(1), blank))
    assert wave.answers.column("drinks").to_pylist() == [["tea"], None]
    assert wave.answers.column("taste").to_pylist()[1] is None
    assert wave.answers.column("seats").to_pylist()[1] is None
    short = checking(without(lines(row(1)), "taste:tea", "taste:coffee", "music", "seats"))
    assert short.answers.column("taste").to_pylist() == [None]


def test_no_item_ticked_is_an_answer(checking: Checker) -> None:
    wave = checking(lines(row(1, drinks__tea="0"), row(2)))
    assert wave.answers.column("drinks").to_pylist() == [[], ["tea"]]


@pytest.mark.parametrize("count", [8, 9])  # a byte has room for eight
def test_each_of_many_items_is_told_apart(tmp_path: Path, count: int) -> None:
    items = ["tea", "coffee", "wine", *(f"drink{number}" for number in range(3, count))]
    more = "".join(f'  {{ code = "{item}", label = "{item}" }},\n' for item in items[3:])
    wine = '  { code = "wine", label = "Wine" },\n'
    book = BOOK.replace(wine, wine + more, 1)
    (tmp_path / "codebook.toml").write_text(book, encoding="utf-8")
    rows = [["1" if other == item else "0" for other in items] for item in items]
    rows += [["1"] * count, [""] * count]
    header = ",".join(["year", "town", *(f"drinks:{item}" for item in items)])
    path = tmp_path / "wave.csv"
    path.write_text(
        lines(*(",".join(["2003", "lyon", *r]) for r in rows), header=header), encoding="utf-8"
    )
    wave = check(read(path), codebook.load(tmp_path))
    assert wave.answers.column("drinks").to_pylist() == [*([item] for item in items), items, None]


def test_space_around_a_cell_is_no_part_of_it(checking: Checker) -> None:
    wave = checking(lines(row(1, year=" 2003", town="  lyon ", music="  ", weight="\u00a02\u00a0")))
    assert wave.respondents.column("weight").to_pylist() == [2]


def test_a_synthetic_file_says_so(checking: Checker) -> None:
    text = lines(row(1) + ",synthetic", row(2) + ",synthetic", header=HEADER + ",provenance")
    assert checking(text).waves.to_pylist()[0]["provenance"] == "synthetic"


# --- every fault ----------------------------------------------------------------------------------

NUMBER = "expected a number such as 1.25 or 1,25"
ABOVE = "expected a number above 0"
WEIGHT = "expected a weight from 1e-09 to 1e+12"
YEAR = "expected a year such as 2003"
TICK = "expected 0 or 1"
RATING = "expected a whole number from 1 to 5"
TOWN = "expected one of paris, lyon"
FILL = "this cell is empty; fill it"
ITEMS = "expected 0 or 1, as the question's other items have"
NIGHT = "expected nothing: asked only where open is night"
FORMULA = "expected the name of a stratum, not a formula"
STRATUM = "expected a stratum; leave the column out if there is none"
IDENTIFIER = "expected an identifier; fill it"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        *(
            ("year", v, YEAR)
            for v in ("03", "2003.0", "=2000+3", "1899", "2201", "²⁰⁰³", "9" * 5000)
        ),
        ("year", "", FILL),
        ("respondent_id", "", IDENTIFIER),
        ("stratum", "", STRATUM),
        ("stratum", "=A1&B1", FORMULA),
        ("stratum", "x" * 1001, "expected the name of a stratum, not a long text"),
        ("weight", "", FILL),
        *(("weight", v, ABOVE) for v in ("0", "-1", "0.0", "1e999", "-1e999")),
        *(
            ("weight", v, NUMBER)
            for v in ("NaN", "inf", "=2/3", "1_0", "1 000", "1.000.5", "٣", "x")
        ),
        *(("weight", v, WEIGHT) for v in ("1e-200", "1e200")),
        ("town", "Paris", TOWN),
        ("town", "=PARIS()", TOWN),
        ("open", "noon", "expected one of day, night"),
        ("drinks:tea", "2", TICK),
        ("drinks:tea", "yes", TICK),
        ("drinks:tea", "1.0", TICK),
        ("drinks:tea", "", ITEMS),
        *(("taste:tea", v, RATING) for v in ("0", "6", "4.5", "1e999")),
        ("taste:tea", "good", NUMBER),
        ("taste:tea", "nan", NUMBER),
        ("seats", "-1", "expected a number from 0"),
        ("seats", "many", NUMBER),
        ("music", "jazz", NIGHT),
    ],
)
def test_a_fault_has_its_row_its_column_its_value_and_what_was_expected(
    checking: Checker, column: str, value: str, expected: str
) -> None:
    wrong = row(2, **{column.replace(":", "__"): value})
    found = faults(checking, lines(row(1), "", wrong, row(3)))
    assert found == [Fault("wave.csv", 4, column, value, expected)]


def test_one_respondent_stands_once_in_a_wave(checking: Checker) -> None:
    found = faults(checking, lines(row(1), row(2), row(1), row(1, year="2004"), row(2)))
    assert [(f.row, f.column, f.value) for f in found] == [
        (4, "respondent_id", "1"),
        (6, "respondent_id", "2"),
    ]
    assert found[0].expected == "stands twice in this wave; give each respondent one row"


def test_a_file_is_of_one_provenance(checking: Checker) -> None:
    said = ["survey", "synthetic", "", "invented"]
    rows = [f"{row(number)},{word}" for number, word in enumerate(said)]
    found = faults(checking, lines(*rows, header=HEADER + ",provenance"))
    expected = "expected survey or synthetic, the same in every row"
    assert [(f.row, f.value, f.expected) for f in found] == [
        (3, "synthetic", f"{expected}; the first one says survey"),
        (4, "", expected),
        (5, "invented", expected),
    ]


def test_columns_are_those_of_the_codebook(checking: Checker) -> None:
    header = HEADER.replace("town", "twon").replace("seats", "chairs_and_stools")
    found = faults(checking, lines(row(1), header=header))
    assert [(f.row, f.column, f.expected) for f in found] == [
        (1, "town", "this column is missing; add it"),
        (1, "twon", "the codebook does not know this column; did you mean town?"),
        (
            1,
            "chairs_and_stools",
            "the codebook does not know this column; remove it or declare it",
        ),
    ]


def test_a_file_without_year_or_question_is_no_wave(checking: Checker) -> None:
    found = faults(checking, "respondent_id,town\n1,paris\n")
    assert [(f.column, f.expected) for f in found] == [
        ("year", "this column is missing; add it"),
        (None, "no column of a question is here; expected one at least"),
    ]


def test_ten_different_faults_are_ten_lines_of_one_report(checking: Checker) -> None:
    found = faults(
        checking,
        lines(
            row(1, year="MMIII"),
            row(2, weight="-1"),
            row(3, weight=""),
            row(4, stratum=""),
            row(5, town="London"),
            "2003,6,north",
            row(7, open="noon"),
            row(8, drinks__tea="x"),
            row(9, drinks__wine=""),
            row(10, taste__tea="6"),
            row(2, seats="many"),
            header=HEADER,
        ),
    )
    assert [(f.row, f.column, f.value) for f in found] == [
        (2, "year", "MMIII"),
        (3, "weight", "-1"),
        (4, "weight", ""),
        (5, "stratum", ""),
        (6, "town", "London"),
        (7, None, "2003,6,north"),
        (8, "open", "noon"),
        (9, "drinks:tea", "x"),
        (10, "drinks:wine", ""),
        (11, "taste:tea", "6"),
        (12, "respondent_id", "2"),
        (12, "seats", "many"),
    ]
    assert len({f.expected for f in found}) == 12


def test_what_follows_from_a_fault_is_not_told_again(checking: Checker) -> None:
    [fault] = faults(checking, lines(row(1, open="nigth", music="jazz")))
    assert fault.value == "nigth"
    [fault] = faults(checking, lines(row(1), row(2, drinks__tea="x")))
    assert fault.value == "x"


def test_a_question_of_several_columns_is_asked_only_where_due(
    tmp_path: Path, cafes: Codebook
) -> None:
    condition = 'kind = "multiple"\nasked_if = { question = "open", answers = ["night"] }'
    (tmp_path / "codebook.toml").write_text(BOOK.replace('kind = "multiple"', condition, 1))
    (tmp_path / "wave.csv").write_text(lines(row(1, open="night"), row(2)), encoding="utf-8")
    with pytest.raises(FaultyFile) as faulty:
        check(read(tmp_path / "wave.csv"), codebook.load(tmp_path))
    assert [(f.row, f.column) for f in faulty.value.faults] == [
        (3, "drinks:tea"),
        (3, "drinks:coffee"),
        (3, "drinks:wine"),
    ]


# --- much of it -----------------------------------------------------------------------------------


def timed(action: Callable[[], Any], seconds: float) -> Any:
    started = time.perf_counter()
    result = action()
    assert time.perf_counter() - started < seconds
    return result


def test_thousands_of_unknown_columns_are_reported_quickly(checking: Checker) -> None:
    unknown = [f"drinks:tae{number}" for number in range(4000)]
    text = lines(row(1) + ",1" * 4000, header=",".join([HEADER, *unknown]))
    found = timed(lambda: faults(checking, text), 5)
    assert len(found) == 4000
    assert found[0].expected.endswith("did you mean drinks:tea?")


def test_a_name_of_a_million_letters_is_reported_quickly(checking: Checker) -> None:
    text = lines(row(1) + ",1", header=HEADER + "," + "x" * 100_000)
    [fault] = timed(lambda: faults(checking, text), 5)
    assert len(str(fault)) < 300


@pytest.mark.parametrize(
    "columns", [("year", "weight", "town"), ("drinks__tea", "drinks__coffee", "drinks__wine")]
)
def test_a_file_of_faults_stops_being_listed(checking: Checker, columns: tuple[str, ...]) -> None:
    text = lines(*(row(number, **dict.fromkeys(columns, "x")) for number in range(40_000)))
    found = timed(lambda: faults(checking, text), 20)
    assert len(found) == 100_001
    assert found[-1].expected == "this file has 100,000 faults or more; the rest is not listed"


@st.composite
def almost_waves(draw: st.DrawFn) -> bytes:
    """A wave file with some of its cells replaced, some columns dropped, in some encoding."""
    cell = st.sampled_from(
        ["", "0", "1", "2003", "nan", "-1", "1e9", "1e400", "paris", "day", "night", "jazz"]
    ) | st.text(max_size=4)
    rows = [row(number).split(",") for number in range(draw(st.integers(0, 4)))]
    for cells in rows:
        for position, value in draw(
            st.dictionaries(st.integers(0, len(COLUMNS) - 1), cell, max_size=3)
        ).items():
            cells[position] = value
    header = draw(st.permutations(COLUMNS)) if draw(st.booleans()) else COLUMNS
    text = "\n".join(",".join(cells) for cells in [header, *rows])
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "latin-1"])), errors="replace")


@given(content=st.binary(max_size=200) | almost_waves())
@example(content=b"year\n2003\n")
@example(content=lines(row(1)).encode())
@settings(max_examples=300)
def test_any_file_is_a_wave_or_a_faulty_file(cafes: Codebook, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "wave.csv")
        path.write_bytes(content)
        try:
            wave = check(read(path), cafes)
        except FaultyFile as faulty:
            assert faulty.faults
            assert str(faulty)
        else:
            assert wave.respondents.num_rows == wave.answers.num_rows > 0
            assert min(wave.respondents.column("weight").to_pylist()) > 0
