"""What changed in the questionnaire becomes a trend break, beside the codebook that stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from barometer import codebook
from barometer.codebook import BREAKS, Break, CodebookError, Text
from barometer.intake import Change, Column, Mapping
from barometer.intake.breaks import breaks_of, record
from barometer.intake.editing import Edits, revised

from .conftest import CLUBS

REWORDED = Change("reworded", "q", "means:letter", "Courrier", "Courrier postal")
RECODED = Change("recoded", "q", "stage", "2 = Oui", "2 = Peut-être")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "codebook.toml").write_text(CLUBS, encoding="utf-8")
    return tmp_path


def test_a_reworded_item_breaks_it_and_another_answer_the_whole_question(data: Path) -> None:
    book = codebook.load(data)
    [item] = breaks_of(REWORDED, book, 2009)
    assert (item.indicator, item.items, item.year) == ("means", ("letter",), 2009)
    assert "Courrier postal" in item.reason.fr and "Courrier postal" in item.reason.en
    [whole] = breaks_of(RECODED, book, 2009)
    assert (whole.indicator, whole.items) == ("stage", ())


def test_a_new_item_breaks_only_the_nets_that_hold_it(data: Path) -> None:
    book = codebook.load(data)
    assert breaks_of(Change("new", "q", "means:text", "", "SMS"), book, 2009) == []
    assert breaks_of(Change("gone", "q", "stage", "x", ""), book, 2009) == []


def test_a_recorded_break_is_read_with_the_codebook_and_recorded_once(data: Path) -> None:
    book = codebook.load(data)
    found = breaks_of(REWORDED, book, 2009)
    assert record(found, data) == 1
    assert record([*found, *breaks_of(RECODED, book, 2009)], data) == 1
    again = codebook.load(data)
    assert [cut.indicator for cut in again.breaks] == ["means", "stage"]
    assert again.break_between("means", "letter", 2008, 2009) == again.breaks[0]
    assert (data / "codebook.toml").read_text(encoding="utf-8") == CLUBS


def test_a_break_that_the_codebook_cannot_take_leaves_everything_as_it_was(data: Path) -> None:
    record(breaks_of(RECODED, codebook.load(data), 2009), data)
    before = (data / BREAKS).read_bytes()
    wrong = Break(indicator="nothing", year=2009, reason=Text(fr="x", en="x"))
    with pytest.raises(CodebookError, match="no indicator nothing"):
        record([wrong], data)
    assert (data / BREAKS).read_bytes() == before


def test_choices_of_a_person_are_applied_to_the_guess() -> None:
    mapping = Mapping(
        columns=(
            Column(
                source="a", target="stage", confirmed=False, confidence=0.6, values={"1": "none"}
            ),
            Column(source="b"),
            Column(source="c", target="area"),
            Column(source="d", target="means:text", blank="unknown"),
        )
    )
    edits = Edits(
        targets={"a": "stage", "b": "matches", "c": ""},
        confirmed={"a": True},
        values={"a": {"2": "done"}},
        blanks={"means": "zero"},
    )
    done = revised(mapping, edits, lambda source, target: Column(source=source, target=target))
    a, b, c, d = done.columns
    assert (a.confirmed, dict(a.values)) == (True, {"1": "none", "2": "done"})
    assert (b.target, b.confirmed) == ("matches", True)
    assert c.target == "" and d.blank == "zero"
    assert done.doubtful == [] and len(mapping.doubtful) == 2
