"""A mapping turns an export's columns into a wave; its faults speak of the export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from barometer.codebook import Codebook
from barometer.intake import (
    Column,
    Draft,
    Fault,
    FaultyFile,
    Long,
    Mapping,
    MappingError,
    RawTable,
    apply,
)
from barometer.intake.applying import year_of

Cells = dict[str, Sequence[str | None]]
AREA = Column(source="Région", target="area", values={"Nord et Est": "north", "2": "south"})
SIZE = Column(source="size", target="members")
IDS = ["a", "b", "c"]


def raw(cells: Cells, **more: Any) -> RawTable:
    table = pa.table({name: pa.array(list(texts), pa.string()) for name, texts in cells.items()})
    return RawTable("export.csv", "0" * 64, table, np.arange(4, 4 + table.num_rows), **more)


def applied(book: Codebook, cells: Cells, *columns: Column, **mapping: Any) -> Draft:
    frame: Cells = {"Région": ["2", "nord et  est", "SOUTH"], "size": ["small", "big", "big"]}
    return apply(
        raw(frame | cells), Mapping(year=2008, columns=(AREA, SIZE, *columns), **mapping), book
    )


def clean(draft: Draft) -> dict[str, list[str | None]]:
    assert draft.faults == ()
    cells = draft.table.to_pydict()
    assert cells.pop("source_row") == [4, 5, 6]
    return cells


def test_labels_codes_and_capitals_become_codes_and_the_year_is_constant(clubs: Codebook) -> None:
    draft = applied(clubs, {"v1": ["none", "DONE", None]}, Column(source="v1", target="stage"))
    assert clean(draft) == {
        "year": ["2008"] * 3,
        "area": ["south", "north", "south"],
        "members": ["small", "big", "big"],
        "stage": ["none", "done", None],
    }
    wave = draft.wave(clubs)
    assert wave.years == [2008]
    assert wave.respondents.column("source_id").to_pylist() == ["4", "5", "6"]


@pytest.mark.parametrize(
    ("yes", "no"),
    [("1", "0"), ("1.0", "0.0"), ("Oui", "Non"), ("yes", "no"), ("Y", "N"), ("Coché", "Non coché"),
     ("Checked", "Unchecked"), ("VRAI", "FAUX"), ("x", "-")],
)  # fmt: skip
def test_a_box_is_ticked_in_many_words(clubs: Codebook, yes: str, no: str) -> None:
    draft = applied(clubs, {"b": [yes, no, yes]}, Column(source="b", target="means:letter"))
    assert clean(draft)["means:letter"] == ["1", "0", "1"]


def test_an_empty_box_means_what_the_mapping_says(clubs: Codebook) -> None:
    cells: Cells = {"b": ["Courrier", None, None], "c": [None, "SMS", None]}
    ticks = {"b": {"Courrier": "1"}, "c": {"SMS": "1"}}

    def boxes(blank: Any) -> list[list[str | None]]:
        names = (("b", "means:letter"), ("c", "means:text"))
        columns = [Column(source=s, target=t, values=ticks[s], blank=blank) for s, t in names]
        found = applied(clubs, cells, *columns).table.to_pydict()
        return [found["means:letter"], found["means:text"]]

    assert boxes("unticked") == [["1", "0", None], ["0", "1", None]]
    assert boxes("zero") == [["1", "0", "0"], ["0", "1", "0"]]
    assert boxes("missing") == [["1", None, None], [None, "1", None]]


def test_several_answers_of_one_cell_are_parted(clubs: Codebook) -> None:
    column = Column(
        source="m", target="means", separator=";", values={"Courrier": "letter", "SMS": "text"},
        missing=("NSP",),
    )  # fmt: skip
    cells = clean(applied(clubs, {"m": ["Courrier; SMS", "sms;", "NSP"]}, column))
    assert cells["means:letter"] == ["1", "0", None]
    assert cells["means:text"] == ["1", "1", None]
    assert cells["means:e_mail"] == ["0", "0", None]


def test_an_answer_that_holds_the_separator_is_one_answer(clubs: Codebook) -> None:
    column = Column(source="m", target="means", separator=",", values={"Letter, post": "letter"})
    assert clean(applied(clubs, {"m": ["Letter, post", "text", None]}, column))["means:letter"] == [
        "1", "0", None,
    ]  # fmt: skip


def test_a_row_of_a_grid_ticks_one_of_its_columns(clubs: Codebook) -> None:
    values = {"Moins d'un an": "soon", "Jamais": ""}
    column = Column(source="g", target="plans:hall", values=values)
    cells = clean(applied(clubs, {"g": ["Moins d’un an", "later", "Jamais"]}, column))
    assert cells["plans:hall:soon"] == ["1", "0", "0"]
    assert cells["plans:hall:later"] == ["0", "1", "0"]


def test_numbers_ratings_and_weights_are_read_as_they_are_written(clubs: Codebook) -> None:
    columns = (
        Column(source="n", target="matches", missing=("999",)),
        Column(source="r", target="opinion:advice", values={"Excellent": "5"}),
        Column(source="w", target="weight"),
        Column(source="i", target="respondent_id"),
    )
    cells: Cells = {
        "n": ["1 200", "12.0", "999"],
        "r": ["Excellent", "4.0", None],
        "w": ["1,5", "0.5", "1"],
        "i": IDS,
    }
    draft = applied(clubs, cells, *columns)
    assert draft.faults == ()
    wave = draft.wave(clubs)
    assert wave.answers.column("matches").to_pylist() == [1200, 12, None]
    assert wave.respondents.column("weight").to_pylist() == [1.5, 0.5, 1]
    assert wave.respondents.column("source_id").to_pylist() == IDS


@pytest.mark.parametrize(
    ("text", "year"),
    [("2003", "2003"), ("2003-05-31", "2003"), ("31/05/2003 14:22", "2003"), ("5/31/03", "2003"),
     ("31.12.99", "1999"), ("mai 2003", "2003"), ("2003T1", "2003"), ("Q1 2003", "2003"),
     ("2003-05-31T10:00:00Z", "2003")],
)  # fmt: skip
def test_the_year_comes_out_of_a_date(text: str, year: str) -> None:
    assert year_of(text) == year


@pytest.mark.parametrize("text", ["", "03", "2003-2004", "soon", "12032003", "20030"])
def test_what_holds_no_year_or_two_is_a_fault(text: str) -> None:
    with pytest.raises(ValueError, match="expected a year or a date"):
        year_of(text)


def test_several_waves_in_one_file_take_their_year_from_a_date(clubs: Codebook) -> None:
    day = Column(source="d", target="year")
    stage = Column(source="v", target="stage")
    cells: Cells = {"d": ["01/02/2006", "2007-03-04", "2007"], "v": ["none"] * 3}
    draft = applied(clubs, cells, day, stage)
    assert draft.wave(clubs).years == [2006, 2007]


def test_a_row_an_answer_becomes_a_row_a_respondent(clubs: Codebook) -> None:
    rows = [
        ("p1", "stage", "done"), ("p1", "how", "Courrier"), ("p1", "how", "SMS"),
        ("p2", "stage", "none"), ("p2", "how", None),
    ]  # fmt: skip
    people, questions, answers = zip(*rows, strict=True)
    table = raw(
        {
            "who": people, "what": questions, "said": answers,
            "area": ["north"] * 3 + ["south"] * 2, "size": ["big"] * 5, "w": ["2"] * 3 + ["1"] * 2,
        }
    )  # fmt: skip
    mapping = Mapping(
        year=2008,
        long=Long(respondent="who", question="what", answer="said"),
        columns=(
            Column(source="who", target="respondent_id"),
            Column(source="area", target="area"),
            Column(source="size", target="members"),
            Column(source="w", target="weight"),
            Column(source="stage", target="stage"),
            Column(source="how", target="means", separator="|",
                   values={"Courrier": "letter", "SMS": "text"}),
        ),
    )  # fmt: skip
    draft = apply(table, mapping, clubs)
    assert draft.faults == ()
    cells = draft.table.to_pydict()
    assert cells["respondent_id"] == ["p1", "p2"] and cells["weight"] == ["2", "1"]
    assert cells["means:letter"] == ["1", None] and cells["means:text"] == ["1", None]
    assert cells["source_row"] == [4, 7]


def test_a_respondent_who_differs_from_row_to_row_is_a_fault() -> None:
    table = raw({"who": ["p", "p"], "q": ["a", "b"], "x": ["1", "1"], "area": ["n", "s"]})
    long = Long(respondent="who", question="q", answer="x")
    from barometer.intake.long import widened

    with pytest.raises(FaultyFile) as faulty:
        widened(table, Mapping(long=long))
    [fault] = faulty.value.faults
    assert (fault.row, fault.column, fault.value) == (5, "area", "s")


# --- faults ----------------------------------------------------------------------------------------


def test_a_fault_names_the_row_and_column_of_the_file_that_came(clubs: Codebook) -> None:
    columns = (
        Column(source="Q1", target="stage"),
        Column(source="Note", target="opinion:advice"),
        Column(source="B1", target="means:letter"),
    )
    cells: Cells = {"Q1": ["none", "noone", None], "Note": ["7", "1", "1"], "B1": ["1", "?", "0"]}
    unknown = "this answer is not one that the mapping knows; tie it to one, or list it as missing"
    assert applied(clubs, cells, *columns).faults == (
        Fault("export.csv", 4, "Note", "7", "opinion:advice: expected a whole number from 1 to 5"),
        Fault("export.csv", 5, "Q1", "noone", unknown),
        Fault("export.csv", 5, "B1", "?", unknown),
    )


def test_a_guess_that_nobody_confirmed_is_never_applied(clubs: Codebook) -> None:
    column = Column(source="v", target="stage", confirmed=False, confidence=0.6)
    draft = applied(clubs, {"v": ["none"] * 3}, column)
    fault = next(fault for fault in draft.faults if fault.column == "v")
    assert "stage is a guess (60%) that nobody confirmed" in fault.expected
    assert "stage" not in draft.table.column_names
    with pytest.raises(FaultyFile):
        draft.wave(clubs)


def test_a_column_that_is_not_there_is_a_fault(clubs: Codebook) -> None:
    columns = (Column(source="v", target="stage"), Column(source="gone", target="matches"))
    draft = applied(clubs, {"v": ["none"] * 3}, *columns)
    assert [(f.column, f.row) for f in draft.faults] == [("gone", 1)]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column(source="v", target="staeg"), "no staeg"),
        (Column(source="v", target="stage", values={"1": "dnoe"}), "no answer dnoe"),
        (Column(source="v", target="area"), "already Région"),
        (Column(source="v", target="means:text", values={"1": "yes"}), "no answer yes"),
    ],
)
def test_a_mapping_that_asks_what_is_not_there_is_refused(
    clubs: Codebook, column: Column, words: str
) -> None:
    with pytest.raises(MappingError, match=words):
        applied(clubs, {"v": ["1"] * 3}, column)


def test_text_too_long_for_one_piece_is_written_some_rows_at_a_time(
    clubs: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text kept once may unpack to more than Arrow holds in one piece: rows come in batches."""
    draft = applied(clubs, {"v1": ["none", "done", None]}, Column(source="v1", target="stage"))
    monkeypatch.setattr("barometer.intake.draft.PIECE", 10)  # two texts of five bytes
    batches = list(draft.batches())
    assert [batch.num_rows for batch in batches] == [2, 1]
    assert pa.concat_tables(batches).to_pydict() == {
        name: cells for name, cells in draft.table.to_pydict().items() if name != "source_row"
    }
