"""A mapping is a file that is read, kept, offered again, and compared with the next one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from barometer.intake import Change, Column, Long, Mapping, MappingError
from barometer.intake.mapping import changes, key, load, nearest, parse, save, saved

FULL = Mapping(
    name="Enquête 2008",
    year=2008,
    sheet="données",
    header_rows=2,
    complete="fini",
    long=Long(respondent="who", question="what", answer="said"),
    columns=(
        Column(source='a "quoted" name\n', target="stage", values={"été": "none"}, missing=("99",)),
        Column(source="m", target="means", separator=";", confirmed=False, confidence=0.5),
    ),
)


def test_a_mapping_comes_back_from_its_text() -> None:
    assert parse(FULL.toml()) == FULL


def test_mappings_are_kept_and_the_nearest_is_offered(tmp_path: Path) -> None:
    old = Mapping(name="2007", columns=(Column(source="a", target="x"),))
    for number, mapping in enumerate((old, FULL)):
        os.utime(save(mapping, tmp_path), (number, number))
    (tmp_path / "mappings" / "broken.toml").write_text("not = [toml")
    assert saved(tmp_path) == [FULL, old]
    assert nearest(saved(tmp_path), ["a", "b", "c"]) == old
    assert nearest(saved(tmp_path), ["m", FULL.columns[0].source]) == FULL
    assert nearest(saved(tmp_path), ["z"]) == FULL  # the last one: its questions still compare
    assert nearest([], ["z"]) is None


def test_saving_again_replaces_the_mapping_of_that_name_alone(tmp_path: Path) -> None:
    path = save(FULL, tmp_path)
    assert path.name == "enquete-2008.toml"
    save(FULL.model_copy(update={"year": 2009}), tmp_path)
    assert [mapping.year for mapping in saved(tmp_path)] == [2009]


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "", "a/b\\c", "%00"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    path = save(Mapping(name=name), tmp_path)
    assert path.parent == tmp_path / "mappings" and path.suffix == ".toml"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = [", "not valid TOML"),
        ("yeer = 2008", "yeer"),
        ('[[columns]]\ntarget = "a"', "source"),
        ('columns = [{ source = "a" }, { source = "a" }]', "stands twice"),
        ('columns = [{ source = "a", blank = "perhaps" }]', "blank"),
    ],
)
def test_a_wrong_entry_is_named(text: str, words: str) -> None:
    with pytest.raises(MappingError, match=words):
        parse(text)


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("one", "other"), [("1.0", "1"), ("Été ", "été"), ("l’un", "L'UN"), ("a\u00a0b", "a  b")]
)
def test_two_writings_of_a_value_are_one(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_what_changed_in_the_questionnaire_is_listed() -> None:
    earlier = Mapping(
        columns=(
            Column(
                source="q1",
                target="stage",
                label="Votre projet ?",
                answers={"1": "Non", "2": "Oui"},
            ),
            Column(source="q2", target="area", label="Région"),
            Column(source="q3", target="matches", label="Matchs"),
            Column(source="q9", label="laissée de côté"),
        )
    )
    now = Mapping(
        columns=(
            Column(source="q1", target="stage", label="Votre projet ?",
                   answers={"1": "Non", "2": "Peut-être", "3": "Oui"}),
            Column(source="v2", target="area", label="Dans quelle région ?"),
            Column(source="q4", target="means", label="Moyens"),
        )
    )  # fmt: skip
    assert changes(earlier, now) == (
        Change("recoded", "q1", "stage", "2 = Oui", "2 = Peut-être, 3 = Oui"),
        Change("reworded", "v2", "area", "Région", "Dans quelle région ?"),
        Change("new", "q4", "means", "", "Moyens"),
        Change("gone", "q3", "matches", "Matchs", ""),
    )
    assert changes(earlier, earlier) == ()


def test_boxes_that_become_a_list_are_no_change_of_the_questionnaire() -> None:
    boxes = Mapping(
        columns=tuple(Column(source=f"Q3_{n}", target=f"means:{item}", label=f"Means - {item}")
                      for n, item in enumerate(("letter", "e_mail")))
    )  # fmt: skip
    values = {"Letter": "letter", "E-mail": "e_mail", "SMS": "text"}
    listed = Mapping(
        columns=(Column(source="Means?", target="means", separator=";", values=values),)
    )
    assert [(c.kind, c.target) for c in changes(boxes, listed)] == [("new", "means:text")]
    assert [(c.kind, c.target) for c in changes(listed, boxes)] == [("gone", "means:text")]
