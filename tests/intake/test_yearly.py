"""A yearly survey of companies as its tools export it, laid out and coded otherwise each year."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from barometer import codebook
from barometer.cli.output import abridged
from barometer.codebook import Codebook, Limits
from barometer.intake import Mapping, RawTable, apply
from barometer.intake.formats import raw_table
from barometer.intake.guess import guess
from barometer.sentences import said

SURVEY = """
title = "Open source in companies"
respondents = "companies"
source = "companies"

[[dimensions]]
code = "by_size"
question = "size"
main = true
label = "Size"

[[questions]]
code = "size"
kind = "single"
wording = "How many people work for your company?"
items = [
  { code = "small", label = "1-50" },
  { code = "middle", label = "51-250" },
  { code = "big", label = "More than 250" },
]

[[questions]]
code = "journey"
kind = "multiple"
wording = "Where is your company on its open source journey?"
items = [
  { code = "use", label = "Using open source code in products" },
  { code = "give", label = "Contributing to open source projects" },
  { code = "none", label = "Not involved in open source" },
  { code = "unknown", label = "Don't know" },
]

[[questions]]
code = "often"
kind = "multiple"
of = ["acts", "times"]
wording = "How often does your company do this?"

[lists.acts]
items = [
  { code = "code", label = "Contribute code" },
  { code = "hire", label = "Recruit developers" },
]

[lists.times]
items = [
  { code = "never", label = "Never" },
  { code = "always", label = "Frequently" },
]

[[indicators]]
code = "journey"
kind = "multiple"
questions = ["journey"]
label = "Journey"
definition = "Journey"
base = "all companies"
"""
JOURNEY = [
    "Using open source code in products",
    "Contributing to open source projects",
    "Not involved in open source",
    "Don't know",
]
ASKED = "Where is your company on its open source journey? (Check all that apply)"
PEOPLE = "How many people work for your company?"
TICKED = ((1, 1, 0, 0), (1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Codebook:
    folder = tmp_path_factory.mktemp("survey")
    (folder / "codebook.toml").write_text(SURVEY, encoding="utf-8")
    return codebook.load(folder)


def read(tmp_path: Path, rows: list[list[str]], name: str = "export.csv") -> RawTable:
    path = tmp_path / name
    path.write_text("".join(";".join(row) + "\n" for row in rows), encoding="utf-8")
    return raw_table(path, name, Limits(), "", 0)


def wave(raw: RawTable, mapping: Mapping, book: Codebook) -> dict[str, list[str | None]]:
    draft = apply(raw, mapping.model_copy(update={"year": 2023}), book)
    assert draft.faults == ()
    return draft.table.to_pydict()


def columns_of(found: dict[str, list[str | None]], *items: str) -> list[list[str | None]]:
    return [found[f"journey:{item}"] for item in items]


def test_boxes_hold_their_own_words_though_they_say_not_or_dont_know(
    tmp_path: Path, book: Codebook
) -> None:
    """A box of "Not involved" is ticked where it says so, one of "Don't know" is no missing."""
    head = [["id", ASKED, "", "", ""], ["", *JOURNEY]]
    rows = [
        [str(n), *(word if on else "" for word, on in zip(JOURNEY, TICKED[n % 4], strict=True))]
        for n in range(40)
    ]
    raw = read(tmp_path, [*head, *rows])
    mapping = guess(raw, book)
    assert mapping.doubtful == []
    found = wave(raw, mapping, book)
    for place, item in enumerate(("use", "give", "none", "unknown")):
        assert found[f"journey:{item}"] == [str(TICKED[n % 4][place]) for n in range(40)]


def test_boxes_that_hold_their_number_stand_under_three_rows_of_header(
    tmp_path: Path, book: Codebook
) -> None:
    """Codes of questions, then questions over several columns, then items: a box holds its rank."""
    head = [["", "q1", "", "", "", "q2", ""], ["id", ASKED, "", "", "", PEOPLE, ""],
            ["", *JOURNEY, "Response", ""]]  # fmt: skip
    rows = [
        [str(n), *(str(k) if on else "" for k, on in enumerate(TICKED[n % 4])), "1-50", ""]
        for n in range(40)
    ]
    rows[7][5] = "More than 250"
    raw = read(tmp_path, [*head, *rows])
    assert (raw.header_rows, len(raw.names)) == (3, 6)  # the empty columns after them are none
    mapping = guess(raw, book)
    assert mapping.doubtful == []
    found = wave(raw, mapping, book)
    for place, item in enumerate(("use", "give", "none", "unknown")):
        assert found[f"journey:{item}"] == [str(TICKED[n % 4][place]) for n in range(40)]


def test_codes_in_the_first_row_name_columns_and_the_rows_below_label_them(
    tmp_path: Path, book: Codebook
) -> None:
    head = [["", "Q1_1", "Q1_2", "Q2", "Q3"], ["id", ASKED, "", PEOPLE, "Comments"],
            ["", *JOURNEY[:2], "Response", "Open-Ended Response"]]  # fmt: skip
    rows = [[str(n), "1", "2" if n % 2 else "", "1-50" if n % 3 else "51-250", f"text {n}"]
            for n in range(20)]  # fmt: skip
    raw = read(tmp_path, [*head, *rows])
    assert raw.names == ["id", "Q1_1", "Q1_2", "Q2", "Q3"]
    assert raw.labels["Q1_2"] == f"{ASKED} · {JOURNEY[1]}"


def test_the_letter_of_a_column_without_a_name_says_nothing(tmp_path: Path, book: Codebook) -> None:
    """Column W is no weight."""
    width = 24
    rows = [[f"n{k}" if k != 22 else "" for k in range(width)],
            *([str(n * k % 9 + 1) for k in range(width)] for n in range(12))]  # fmt: skip
    raw = read(tmp_path, rows)
    assert "(W)" in raw.names
    assert guess(raw, book).by_source["(W)"].target == ""


def test_names_that_a_spreadsheet_numbered_are_the_same_words(
    tmp_path: Path, book: Codebook
) -> None:
    head = [["id", ASKED, "", "", ""], ["", *(f"{word}{n}" for n, word in enumerate(JOURNEY, 18))]]
    rows = [
        [str(n), *(word if on else "" for word, on in zip(JOURNEY, TICKED[n % 4], strict=True))]
        for n in range(40)
    ]
    mapping = guess(read(tmp_path, [*head, *rows]), book)
    assert mapping.doubtful == []
    assert [column.target for column in mapping.columns[1:]] == [
        f"journey:{item}" for item in ("use", "give", "none", "unknown")
    ]


SIZES = ["1-50", "51-250", "More than 250"]


def sizes(given: list[int | None]) -> list[list[str]]:
    """Respondents by the rank of their size, each answer in a column of its own."""
    return [[str(n), *(str(k) if k == rank else "" for k in range(1, 5)), "x"]
            for n, rank in enumerate(given)]  # fmt: skip


def test_a_single_choice_may_have_a_column_for_each_of_its_answers(
    tmp_path: Path, book: Codebook
) -> None:
    head = [["id", PEOPLE, "", "", "", "Comments"], ["", *SIZES, "Don't know or not sure", "Text"]]
    raw = read(tmp_path, [*head, *sizes([1, 2, 3, 3, 4, None, 1, 2, 3, 1])])
    mapping = guess(raw, book)
    assert mapping.doubtful == []
    expected = ["small", "middle", "big", "big", None, None, "small", "middle", "big", "small"]
    assert wave(raw, mapping, book)["size"] == expected
    again = guess(raw, book, mapping)  # the next wave starts from it
    assert again.doubtful == [] and wave(raw, again, book)["size"] == expected


def test_an_answer_that_is_new_among_the_columns_of_a_question_waits(
    tmp_path: Path, book: Codebook
) -> None:
    head = [["id", PEOPLE, "", "", "", "Comments"], ["", *SIZES, "Only robots", "Text"]]
    mapping = guess(read(tmp_path, [*head, *sizes([1, 2, 3, 4, 1, 2, 3, 1])]), book)
    [column] = mapping.doubtful
    assert column.source.endswith("Only robots") and "what is 'Only robots'?" in column.reason


def test_who_gives_two_answers_to_a_single_choice_is_a_fault(
    tmp_path: Path, book: Codebook
) -> None:
    head = [["id", PEOPLE, "", "", "", "Comments"], ["", *SIZES, "Don't know", "Text"]]
    rows = [*head, *sizes([1, 2, 3, 1, 2, 3, 1, 2])]
    mapping = guess(read(tmp_path, rows), book).model_copy(update={"year": 2023})
    later = read(tmp_path, [*rows, ["9", "1", "", "3", "", "x"]], "later.csv")
    [fault] = apply(later, mapping, book).faults
    assert (fault.row, fault.column) == (11, f"{PEOPLE} · More than 250")
    assert f"size has one answer, and {PEOPLE} · 1-50 gives small" in fault.expected
    french = said(fault.expected, "fr")
    assert french == f"size n’a qu’une réponse, et {PEOPLE} · 1-50 donne small\u202f; gardez-en une"


def test_who_writes_only_another_answer_did_answer(tmp_path: Path, book: Codebook) -> None:
    """Without an item for it, it waits; confirmed, its writer counts among those who answered."""
    head = [["id", ASKED, "", "", "", ""], ["", *JOURNEY, "Other (please specify)"]]
    rows = [
        [str(n), *(word if on else "" for word, on in zip(JOURNEY, TICKED[n % 4], strict=True)), ""]
        for n in range(40)
    ]
    rows += [["40", "", "", "", "", "We only watch"], ["41", "", "", "", "", ""]]
    raw = read(tmp_path, [*head, *rows])
    mapping = guess(raw, book)
    [other] = [column for column in mapping.doubtful if not column.confirmed]
    assert other.target == "journey" and "the codebook has not" in other.reason
    kept = [column.model_copy(update={"confirmed": True}) for column in mapping.columns]
    told = mapping.model_copy(update={"columns": tuple(kept)}).decided("unticked")
    found = wave(raw, told, book)
    assert [found[f"journey:{item}"][40:] for item in ("use", "none")] == [["0", None]] * 2


def test_what_is_written_under_other_ticks_that_item(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("other")
    listed = '{ code = "unknown", label = "Don\'t know" },'
    more = f'{listed} {{ code = "other", label = "Other" }},'
    (folder / "codebook.toml").write_text(SURVEY.replace(listed, more), encoding="utf-8")
    book = codebook.load(folder)
    head = [["id", ASKED, "", "", "", ""], ["", *JOURNEY, "Other (please specify)"]]
    rows = [
        [str(n), *(word if on else "" for word, on in zip(JOURNEY, TICKED[n % 4], strict=True)),
         f"something {n}" if n % 5 == 0 else ""] for n in range(40)
    ]  # fmt: skip
    raw = read(tmp_path, [*head, *rows])
    mapping = guess(raw, book)
    assert mapping.doubtful == []
    expected = ["1" if n % 5 == 0 else "0" for n in range(40)]
    assert wave(raw, mapping, book)["journey:other"] == expected
    later = read(tmp_path, [*head, ["1", "", "", "", "", "never said before"]], "later.csv")
    assert wave(later, guess(later, book, mapping), book)["journey:other"] == ["1"]


def test_codes_of_a_grid_wait_for_their_meaning_instead_of_being_left_out(
    tmp_path: Path, book: Codebook
) -> None:
    head = [["id", "How often does your company do this?", "", "Text"],
            ["", "Contribute code", "Recruit developers", "Response"]]  # fmt: skip
    rows = [[str(n), str(n % 2 + 1), str(n % 3 % 2 + 1), f"t{n}"] for n in range(20)]
    mapping = guess(read(tmp_path, [*head, *rows]), book)
    assert [column.target for column in mapping.doubtful] == ["often:code", "often:hire"]
    assert mapping.doubtful[0].values == {"1": "never", "2": "always"}
    more = [[*row[:1], "4", *row[2:]] if n == 3 else row for n, row in enumerate(rows)]
    mapping = guess(read(tmp_path, [*head, *more], "more.csv"), book)  # a code that nobody knows
    first = mapping.doubtful[0]
    assert (first.target, first.values, first.reason) == (
        "often:code",
        {},
        "its words; what is '4'?",
    )


def test_rows_of_a_grid_that_are_left_out_are_asked_about(tmp_path: Path, book: Codebook) -> None:
    """Companies that use one of two things leave the other's row empty: it was a fault each."""
    head = [["id", "How often does your company do this?", ""],
            ["", "Contribute code", "Recruit developers"]]  # fmt: skip
    rows = [
        [
            str(n),
            ("Never", "Frequently", "", "Never")[n % 4],
            ("Frequently", "", "", "Never")[n % 4],
        ]
        for n in range(20)
    ]
    raw = read(tmp_path, [*head, *rows])
    mapping = guess(raw, book)
    assert [column.blank for column in mapping.doubtful] == ["unknown", "unknown"]
    found = wave(raw, mapping.decided("unticked"), book)
    assert found["often:code:never"][:3] == ["1", "0", None]  # who answers no row gave no answer
    assert found["often:hire:never"][:3] == ["0", "0", None]


def test_a_terminal_shows_the_ends_of_long_names_and_all_of_a_reason() -> None:
    """Questions that stand before each of their items do not hide which item a row speaks of."""
    row = {"column": f"{ASKED} · {JOURNEY[1]}", "reason": "because " * 20}
    shown = abridged(pd.DataFrame([row]), "table").loc[0]
    assert shown["column"].startswith("Where is") and shown["column"].endswith("source projects")
    assert len(shown["column"]) == 64 and shown["reason"] == row["reason"]
    assert dict(abridged(pd.DataFrame([row]), "json").loc[0]) == row
