"""Guesses are sure where names, labels and values agree, doubtful where they could mislead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from barometer.codebook import Codebook, load
from barometer.intake import Column, Mapping, RawTable, apply
from barometer.intake.guess import SURE, guess
from barometer.intake.mapping import Long, changes

from .conftest import CLUBS

Cells = dict[str, Sequence[str | None]]


def raw(cells: Cells, file: str = "export.csv", **more: Any) -> RawTable:
    table = pa.table({name: pa.array(list(texts), pa.string()) for name, texts in cells.items()})
    return RawTable(file, "0" * 64, table, np.arange(2, 2 + table.num_rows), **more)


def guessed(book: Codebook, cells: Cells, **more: Any) -> dict[str, Column]:
    return guess(raw(cells, **more), book).by_source


def sure(column: Column) -> str:
    """The target of a column that is tied surely."""
    assert column.confidence >= SURE and column.confirmed, column
    return column.target


def doubtful(column: Column) -> str:
    assert column.target and column.confidence < SURE and not column.confirmed, column
    return column.target


# --- sure ----------------------------------------------------------------------------------------


def test_answers_name_a_question_even_under_another_title(clubs: Codebook) -> None:
    cells: Cells = {
        "V12": ["Aucun projet", "En ligne", "Envisagé", "envisagé"],
        "Localisation": ["Nord et Est", "Sud", "Ouest", "Sud"],
    }
    found = guessed(clubs, cells)
    assert sure(found["V12"]) == "stage"
    assert found["V12"].values == {
        "Aucun projet": "none",
        "En ligne": "done",
        "Envisagé": "planned",
        "envisagé": "planned",
    }
    assert sure(found["Localisation"]) == "area"


def test_labels_of_the_file_give_codes_their_meaning(clubs: Codebook) -> None:
    found = guessed(
        clubs,
        {"q1": ["1", "2", "3", "99"]},
        labels={"q1": "How far has your website come?"},
        answers={"q1": {"1": "No project", "2": "Intended", "3": "Online", "99": "Don't know"}},
    )["q1"]
    assert sure(found) == "stage"
    assert found.values == {"1": "none", "2": "planned", "3": "done"}
    assert found.missing == ("99",)


@pytest.mark.parametrize(
    "names",
    [
        ("Q2[SQ001]", "Q2[SQ002]", "Q2[SQ003]"),
        ("q2_1", "q2_2", "q2_3"),
        ("v5", "v6", "v7"),
    ],
)
def test_boxes_are_found_by_their_labels(clubs: Codebook, names: tuple[str, ...]) -> None:
    words = ["Courrier", "E-mail", "SMS"]
    labels = {name: f"Par quels moyens écrivez-vous aux membres ? - {word}"
              for name, word in zip(names, words, strict=True)}  # fmt: skip
    cells: Cells = {name: ["Oui", "Non", "Oui"] for name in names}
    found = guessed(clubs, cells, labels=labels)
    assert [sure(found[name]) for name in names] == ["means:letter", "means:e_mail", "means:text"]


def test_a_box_holding_its_own_words_is_ticked_where_it_has_them(clubs: Codebook) -> None:
    head = "How do you write to members? - Selected Choice - "
    cells: Cells = {"Q5_1": ["Letter", None, None], "Q5_2": [None, "E-mail", None]}
    table = raw(cells, labels={"Q5_1": head + "Letter", "Q5_2": head + "E-mail"})
    found = guess(table, clubs)
    assert [sure(found.by_source[n]) for n in cells] == ["means:letter", "means:e_mail"]
    assert {column.source for column in found.doubtful} == set(cells)
    assert "1 rows tick nothing: none, or no answer?" in found.doubtful[0].reason
    [undecided] = [f for f in apply(table, found, clubs).faults if f.column == "Q5_1"]
    assert 'blank = "zero"' in undecided.expected
    none, unanswered = (
        apply(table, found.decided(blank), clubs).table.to_pydict()["means:letter"]
        for blank in ("zero", "unticked")
    )
    assert (none, unanswered) == (["1", "0", "0"], ["1", "0", None])


def test_a_rating_keeps_its_number_under_its_words(clubs: Codebook) -> None:
    cells: Cells = {
        "Note [Conseil]": ["5 - Excellent", "1 - Mauvais", "4"],
        "Note [Assurance]": ["3", "2", "NSP"],
    }
    found = guessed(clubs, cells)
    assert sure(found["Note [Conseil]"]) == "opinion:advice"
    assert found["Note [Conseil]"].values == {"5 - Excellent": "5", "1 - Mauvais": "1"}
    assert found["Note [Assurance]"].missing == ("NSP",)


def test_a_cell_with_several_answers_is_parted(clubs: Codebook) -> None:
    cells: Cells = {"Moyens": ["Courrier;SMS", "E-mail", "SMS;E-mail;Courrier", None]}
    found = guessed(clubs, cells)["Moyens"]
    assert sure(found) == "means" and found.separator == ";"


def test_a_row_of_a_grid_is_known_by_its_item_and_its_answers(clubs: Codebook) -> None:
    cells: Cells = {
        "Investir ? [Salle]": ["Moins d'un an", "Plus d'un an", None],
        "Investir ? [Minibus]": ["Plus d’un an", "Moins d’un an", None],
    }
    found = guessed(clubs, cells)
    assert [sure(found[name]) for name in cells] == ["plans:hall", "plans:bus"]


def test_the_frame_is_known_by_the_names_that_tools_give(clubs: Codebook) -> None:
    cells: Cells = {
        "ResponseId": ["R1", "R2", "R3"],
        "Poids": ["1,2", "0,8", "1"],
        "EndDate": ["2008-01-03 10:00:00"] * 3,
        "stage": ["none", "done", "none"],
    }
    found = guessed(clubs, cells)
    assert {name: sure(column) for name, column in found.items()} == {
        "ResponseId": "respondent_id",
        "Poids": "weight",
        "EndDate": "year",
        "stage": "stage",
    }


def test_a_number_of_observation_is_an_identifier(clubs: Codebook) -> None:
    cells: Cells = {"N° obs": ["1", "2", "3"], "stage": ["none", "done", "none"]}
    assert sure(guessed(clubs, cells)["N° obs"]) == "respondent_id"


def test_the_year_of_the_file_s_name_is_used_where_no_column_says_it(clubs: Codebook) -> None:
    cells: Cells = {"stage": ["none", "done"]}
    assert guess(raw(cells, "clubs_2009.csv"), clubs).year == 2009
    assert guess(raw(cells, "clubs_2008-2009.csv"), clubs).year is None


# --- doubtful ------------------------------------------------------------------------------------


def test_bare_codes_are_never_surely_answers(clubs: Codebook) -> None:
    cells: Cells = {"How far has your website come?": ["1", "2", "3"]}
    assert doubtful(guessed(clubs, cells)["How far has your website come?"]) == "stage"


def test_an_answer_that_is_not_in_the_questionnaire_makes_a_doubt(clubs: Codebook) -> None:
    cells: Cells = {"Projet": ["Aucun projet", "En ligne", "Abandonné", "En ligne"]}
    found = guessed(clubs, cells)["Projet"]
    assert doubtful(found) == "stage"
    assert "Abandonné" in found.reason and "Abandonné" not in found.values


def test_a_strange_value_in_a_box_is_a_doubt_and_the_box_is_not_lost(clubs: Codebook) -> None:
    cells: Cells = {
        "Moyens [Courrier]": [*["Oui", "Non"] * 10, "-7"],
        "Moyens [SMS]": [*["Oui", "Non"] * 10, "Non"],
    }
    found = guessed(clubs, cells)
    assert doubtful(found["Moyens [Courrier]"]) == "means:letter"
    assert "what is '-7'?" in found["Moyens [Courrier]"].reason
    assert sure(found["Moyens [SMS]"]) == "means:text"


def test_dates_of_two_years_may_be_one_wave(clubs: Codebook) -> None:
    cells: Cells = {"Date": ["30/12/2008", "02/01/2009", "05/01/2009"]}
    found = guessed(clubs, cells)["Date"]
    assert doubtful(found) == "year"
    assert found.reason == "dates from 2008 to 2009: as many waves?"


def test_the_same_question_asked_twice_is_taken_once(clubs: Codebook) -> None:
    answers = ["Aucun projet", "En ligne", "Envisagé"]
    found = guessed(clubs, {"Projet": answers, "Projet bis": answers})
    assert len([column for column in found.values() if column.target == "stage"]) == 1


def test_what_the_questionnaire_does_not_ask_is_left_out(clubs: Codebook) -> None:
    cells: Cells = {
        "Commentaire": ["Très bien", "Rien à dire", "Merci"],
        "Adresse IP": ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
        "Durée": ["12", "15", "20"],
        "empty": [None, None, None],
        "Avez-vous un chien ?": ["Oui", "Non", "Oui"],
    }
    assert {column.target for column in guessed(clubs, cells).values()} == {""}


# --- since the last wave --------------------------------------------------------------------------


def test_an_earlier_mapping_is_used_where_nothing_changed(clubs: Codebook) -> None:
    earlier = Mapping(
        columns=(
            Column(source="v1", target="stage", values={"A": "none", "B": "done"}, label="Projet"),
            Column(source="v2", target="matches", label="Matchs joués"),
            Column(source="v3", target="area", values={"N": "north", "S": "south"}),
        )
    )
    cells: Cells = {"v1": ["A", "B", "A"], "v2": ["3", "4", "5"], "v3": ["N", "S", "Z"]}
    labels = {"v1": "Projet", "v2": "Combien de spectateurs avez-vous eus ?"}
    found = guess(raw(cells, labels=labels), clubs, earlier).by_source
    assert sure(found["v1"]) == "stage" and found["v1"].values == {"A": "none", "B": "done"}
    assert doubtful(found["v2"]) == "matches"
    assert found["v2"].reason == "same name as before, in other words"
    assert doubtful(found["v3"]) == "area" and "new answer: Z" in found["v3"].reason


def test_a_long_file_is_recognised_and_guessed_question_by_question(clubs: Codebook) -> None:
    rows = [
        (f"p{n}", question, answer)
        for n in range(6)
        for question, answer in (
            ("Projet", ["Aucun projet", "En ligne"][n % 2]),
            ("Région", ["Sud", "Ouest"][n % 2]),
            ("Moyens", "Courrier"),
            ("Moyens", ["SMS", "E-mail"][n % 2]),
        )
    ]
    people, questions, answers = map(list, zip(*rows, strict=True))
    table = raw({"respondent": people, "question": questions, "answer": answers}, "long_2008.csv")
    mapping = guess(table, clubs)
    assert mapping.long is not None
    tied = {column.source: column.target for column in mapping.columns if column.confirmed}
    assert tied | {"Projet": "stage", "Région": "area", "Moyens": "means"} == tied
    draft = apply(table, mapping, clubs)
    assert draft.table.num_rows == 6
    assert draft.table.to_pydict()["means:text"] == ["1", "0"] * 3


@pytest.mark.parametrize(
    "names",
    [
        ("identifiant", "question", "réponse"),
        ("IDENT", "VARIABLE", "VALEUR"),
        ("IDENT", "QUESTION", "OBS_VALUE"),
    ],
)
def test_a_long_file_of_french_names_leaves_out_what_is_said_of_answers(
    clubs: Codebook, names: tuple[str, str, str]
) -> None:
    rows = [
        (f"p{n}", question, answer, "AM"[place], "2008")
        for n in range(6)
        for place, (question, answer) in enumerate(
            [("Projet", ["Aucun projet", "En ligne"][n % 2]), ("Région", "Sud")]
        )
    ]
    columns = dict(zip([*names, "OBS_STATUS", "TIME_PERIOD"], zip(*rows, strict=True), strict=True))
    table = raw(columns, "long.csv")
    mapping = guess(table, clubs)
    assert mapping.long is not None and mapping.long.answer == names[2]
    tied = {column.source: column.target for column in mapping.columns if column.confirmed}
    assert tied | {"Projet": "stage", "TIME_PERIOD": "year"} == tied
    draft = apply(table, mapping, clubs)
    assert draft.table.num_rows == 6
    assert any(note.startswith("OBS_STATUS says other things") for note in draft.notes)


def test_a_long_file_without_known_names_is_read_as_the_earlier_one(clubs: Codebook) -> None:
    rows = [
        (f"p{n}", q, a) for n in range(6) for q, a in (("Projet", "En ligne"), ("Région", "Sud"))
    ]
    who, what, said = map(list, zip(*rows, strict=True))
    table = raw({"a": who, "b": what, "c": said}, "long_2008.csv")
    assert guess(table, clubs).long is None
    earlier = Mapping(long=Long(respondent="a", question="b", answer="c"))
    assert guess(table, clubs, earlier).long == earlier.long


# --- weights ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Coef. redressement", "Coefficient de pondération", "Poids de sondage", "Extrapolation 2008"],
)
def test_a_column_whose_name_may_mean_a_weight_waits(clubs: Codebook, name: str) -> None:
    found = guessed(clubs, {name: ["1204.5", "830", "990.25", "1500"]})[name]
    assert doubtful(found) == "weight" and found.reason == "its name may mean a weight"


def test_numbers_around_1_wait_as_a_weight_and_others_do_not(clubs: Codebook) -> None:
    near, far = (
        ["0.7", "1.31", "0.92", "1.2", "0.88", "1.0"],
        ["0.7", "9.31", "4.92", "1.2", "3.8", "5"],
    )
    found = guessed(clubs, {"V77": near, "V78": far})
    assert doubtful(found["V77"]) == "weight"
    assert found["V78"].target == ""
    named = guessed(clubs, {"V77": near, "poids": far})
    assert sure(named["poids"]) == "weight" and named["V77"].target == ""


def test_answers_parted_otherwise_than_in_the_last_wave_wait(clubs: Codebook) -> None:
    cells: Cells = {"Moyens": ["Courrier, SMS", "E-mail", "Courrier, E-mail", "SMS"]}
    values = {"Courrier": "letter", "SMS": "text", "E-mail": "e_mail"}
    then = Column(source="Moyens", target="means", separator=";", values=values)
    found = guess(raw(cells), clubs, Mapping(columns=(then,))).by_source["Moyens"]
    assert doubtful(found) == "means" and found.separator == ", "
    assert found.reason == "as in the earlier mapping, but not parted so; parted by ', '"


# --- as interviewers and yearly surveys write them ------------------------------------------------


def test_an_interviewers_script_names_the_item_before_its_question(clubs: Codebook) -> None:
    asked = "...Next...Please tell me by which means you write to members? (READ LIST)"
    words = {"q18a": "Letter", "q18b": "E-mail", "q18c": "Text message"}
    cells: Cells = {name: ["1", "2", "9", "1"] for name in words}
    told = {"1": "Yes", "2": "No", "9": "(DO NOT READ) Don't know/Refused"}
    found = guessed(
        clubs,
        cells,
        labels={name: f"{name.upper()}. {word} {asked}" for name, word in words.items()},
        answers=dict.fromkeys(words, told),
    )
    assert [sure(found[name]) for name in words] == ["means:letter", "means:e_mail", "means:text"]
    assert {found[name].missing for name in words} == {("9",)}


def test_codes_that_stand_for_words_are_no_rating_before_somebody_says_so(
    clubs: Codebook,
) -> None:
    labels = {"q1": "How do you rate each service? - Advice",
              "q2": "How do you rate each service? - Insurance"}  # fmt: skip
    cells: Cells = {"q1": ["1", "2", "4"], "q2": ["1", "3", "4"]}
    told = {"1": "Splendid", "2": "Good", "3": "Middling", "4": "Bad"}
    found = guessed(clubs, cells, labels=labels, answers={"q1": told, "q2": told})
    assert doubtful(found["q1"]) == "opinion:advice"
    assert "what number is 'Splendid'?" in found["q1"].reason
    words: Cells = {"Note [Conseil]": ["Très bon", "Moyen"], "Note [Assurance]": ["Bon", "Mauvais"]}
    column = guessed(clubs, words)["Note [Conseil]"]
    assert doubtful(column) == "opinion:advice"
    assert column.values == {"Très bon": "5", "Moyen": "3"}


def test_a_scale_alone_is_no_item_of_another_question(clubs: Codebook) -> None:
    cells: Cells = {"adv4": ["1", "2", "4", "3"]}
    label = {"adv4": "How often do you ask anybody for advice?"}
    column = guessed(clubs, cells, labels=label)["adv4"]
    assert not column.target or doubtful(column)


def test_answers_of_a_question_stand_in_columns_side_by_side(clubs: Codebook) -> None:
    asked = "By which means do you write to members?"
    cells: Cells = {"c8_1": ["1", "2", "3", "2"], "c8_2": ["2", None, "1", None]}
    told = {"1": "Letter", "2": "E-mail", "3": "Text message"}
    labels = {name: f"{asked} ({nth} answer)" for name, nth in zip(cells, ("first", "second"),
                                                                   strict=True)}  # fmt: skip
    table = raw(cells, labels=labels, answers=dict.fromkeys(cells, told))
    found = guess(table, clubs)
    assert [doubtful(column) for column in found.columns] == ["means", "means"]
    confirmed = tuple(
        column.model_copy(update={"confirmed": True, "blank": "missing"})
        for column in found.columns
    )
    wave = apply(table, found.model_copy(update={"columns": confirmed, "year": 2008}), clubs).table
    assert wave["means:e_mail"].to_pylist() == ["1", "1", "0", "1"]
    assert wave["means:letter"].to_pylist() == ["1", "0", "1", "0"]


def test_a_question_that_moved_is_found_under_its_new_number(clubs: Codebook) -> None:
    earlier = Mapping(
        columns=(
            Column(source="Q4", target="stage", label="How far has your website come?"),
            Column(source="Q5", target="matches", label="How many matches a year?"),
        )
    )
    cells: Cells = {"Q4": ["12", "3", "20"], "Q5": ["No project", "Online", "Intended"]}
    labels = {"Q4": "How many matches a year?", "Q5": "How far has your website come?"}
    found = guess(raw(cells, labels=labels), clubs, earlier).by_source
    assert (sure(found["Q4"]), sure(found["Q5"])) == ("matches", "stage")


def test_the_ends_of_a_scale_of_numbers_have_words(clubs: Codebook) -> None:
    cells: Cells = {"Combien de matchs par an ?": ["0 - none at all", "5", "10 - very many", "7"]}
    [column] = guessed(clubs, cells).values()
    assert sure(column) == "matches"
    assert column.values == {"0 - none at all": "0", "10 - very many": "10"}


def test_an_answer_may_hold_the_separator_of_a_list(clubs: Codebook) -> None:
    cells: Cells = {
        "Moyens": ["Courrier, précisez", "E-mail, SMS", "Courrier, précisez, SMS", "SMS, E-mail"]
    }
    table = raw(cells)
    found = guess(table, clubs)
    assert sure(found.columns[0]) == "means" and found.columns[0].separator == ", "
    wave = apply(table, found.model_copy(update={"year": 2008}), clubs).table
    assert wave["means:letter"].to_pylist() == ["1", "0", "1", "0"]
    assert wave["means:text"].to_pylist() == ["0", "1", "1", "1"]


def test_a_path_names_a_question_and_its_item(clubs: Codebook) -> None:
    names = [f"Moyens pour écrire aux membres/{item}" for item in ("Courrier", "E-mail", "SMS")]
    found = guessed(clubs, {name: ["1", "0", "1"] for name in names})
    assert [sure(found[name]) for name in names] == ["means:letter", "means:e_mail", "means:text"]


def test_amounts_are_no_ends_of_a_scale_and_what_is_no_number_is_asked(clubs: Codebook) -> None:
    name = "Combien de matchs par an ?"
    [column] = guessed(clubs, {name: ["1 250,5", "12\u202f500", "45", "NR"]}).values()
    assert sure(column) == "matches" and column.values == {} and column.missing == ("NR",)
    [column] = guessed(clubs, {name: ["12", "45", "3 000 €", "7"]}).values()
    assert doubtful(column) == "matches" and "what is '3 000 €'?" in column.reason


def test_one_wrong_cell_leaves_weights_dates_and_identifiers_tied(clubs: Codebook) -> None:
    count = 40
    cells: Cells = {
        "Pondération": ["-0,5", *["1,25"] * count],
        "Date": ["TEST", *["31/12/2023", "45291", "2023-12-31", "déc-23"] * (count // 4)],
        "N° questionnaire": ["1", *map(str, range(1, count + 1))],
    }
    found = guessed(clubs, cells)
    assert [sure(found[name]) for name in cells] == ["weight", "year", "respondent_id"]


def test_a_code_beyond_a_scale_is_asked_for(clubs: Codebook) -> None:
    cells: Cells = {"Note [Conseil]": ["5", "1", "99"], "Note [Assurance]": ["3", "2", "4"]}
    found = guessed(clubs, cells)
    assert doubtful(found["Note [Conseil]"]) == "opinion:advice"
    assert found["Note [Conseil]"].missing == ("99",)
    assert sure(found["Note [Assurance]"]) == "opinion:insurance"


def test_boxes_that_some_rows_answer_in_part_wait_for_a_decision(clubs: Codebook) -> None:
    """Do not know for one box of a list: published, it is no tick among who answered others."""
    cells: Cells = {
        "means [Letter]": ["Yes", "No", "Yes", "Don't know"],
        "means [E-mail]": ["No", "Don't know", "Yes", "Don't know"],
    }
    table = raw(cells)
    found = guess(table, clubs).model_copy(update={"year": 2008})
    assert {column.source for column in found.doubtful} == set(cells)
    assert "1 rows leave some boxes without an answer" in found.doubtful[0].reason
    draft = apply(table, found.decided("unticked"), clubs)
    assert draft.table["means:e_mail"].to_pylist() == ["0", "0", "1", None]


# --- by their place, and codes among numbers -----------------------------------------------------


def test_bare_codes_between_two_known_questions_are_offered_for_the_one_that_stands_there(
    clubs: Codebook,
) -> None:
    """A long rewording is like nothing; what is asked before and after it tells, never surely."""
    cells: Cells = {
        "Taille du club": ["Moins de 50 membres", "50 membres et plus"] * 4,
        "Remarque": ["", "bien", "", "", "rien à dire", "", "", ""],
        "P7": ["1", "3", "2", "99", "1", "1", "2", "3"],
        "Par quels moyens écrivez-vous aux membres ? [Courrier]": ["Oui", "Non"] * 4,
        "Par quels moyens écrivez-vous aux membres ? [SMS]": ["Non", "Oui"] * 4,
        "Par quels moyens écrivez-vous aux membres ? [E-mail]": ["Non", "Oui"] * 4,
    }
    found = guessed(clubs, cells, labels={"P7": "Quand pensez-vous ouvrir des pages en ligne ?"})
    assert doubtful(found["P7"]) == "stage" and found["P7"].confidence == 0.5
    assert found["P7"].values == {"1": "none", "2": "planned", "3": "done"}
    assert found["P7"].missing == ("99",)
    assert found["P7"].reason == (
        "it stands where this is asked; codes taken in the questionnaire's order, check them;"
        " 99: no answer?"
    )
    assert found["Remarque"].target == ""
    alone: Cells = {**cells, "P8": cells["P7"]}  # two columns may be the one question: none is
    order = ["Taille du club", "P7", "P8", *list(cells)[3:]]
    both = guessed(clubs, {name: alone[name] for name in order})
    assert both["P7"].target == both["P8"].target == ""


def test_the_order_of_the_last_wave_tells_which_question_stands_there(clubs: Codebook) -> None:
    """Its questionnaire asks the stage last; the codebook has it before the means."""
    last = Mapping(
        columns=(
            Column(source="v1", target="area"),
            Column(source="v2", target="means:letter"),
            Column(source="v3", target="stage"),
            Column(source="v4", target="members"),
        )
    )
    cells: Cells = {
        "Région": ["Sud", "Ouest"] * 4,
        "Moyens [Courrier]": ["Oui", "Non"] * 4,
        "K9": ["1", "3", "2", "2"] * 2,
        "Taille du club": ["Moins de 50 membres", "50 membres et plus"] * 4,
    }
    found = guess(raw(cells), clubs, last).by_source
    assert doubtful(found["K9"]) == "stage"


@pytest.mark.parametrize(
    ("numbers", "none"),
    [
        (["4", "12", "7", "99", "31", "99"], ("99",)),  # far beyond the others
        (["80", "120", "70", "9999", "310"], ("9999",)),
        ([str(n) for n in range(60, 140)] + ["99"] * 6, ("99",)),  # much more often than others
        ([str(n) for n in range(60, 140)] + ["99"], ()),  # one among its likes
        (["4", "12", "88.5", "9", "8"], ()),
        (["99", "99"], ()),  # nothing to compare with
    ],
)
def test_a_code_that_stands_apart_from_the_numbers_is_asked_about(
    clubs: Codebook, numbers: list[str], none: tuple[str, ...]
) -> None:
    asked = next(q for q in clubs.questions if q.kind == "number")
    found = guessed(clubs, {asked.wording.fr: numbers})[asked.wording.fr]
    assert found.target == asked.code and found.missing == none
    assert found.confirmed == (not none) and ("no answer?" in found.reason) == bool(none)
    kept = Column(source=asked.wording.fr, target=asked.code)  # the last wave had no such code
    again = guess(raw({asked.wording.fr: numbers}), clubs, Mapping(columns=(kept,)))
    assert again.columns[0].missing == none and again.columns[0].confirmed == (not none)


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["A1", "A3", "A2", "A1"], {"a1": "none", "a2": "planned", "a3": "done"}),  # LimeSurvey
        (["01", "03", "01", "02"], {"01": "none", "02": "planned", "03": "done"}),
        (["1", "3", "1", "3"], {"1": "none", "2": "planned", "3": "done"}),
    ],
)
def test_bare_codes_of_a_question_are_taken_in_its_order_and_asked_about(
    clubs: Codebook, cells: list[str], values: dict[str, str]
) -> None:
    asked = "Où en est votre projet de site ?"
    found = guessed(clubs, {asked: cells})[asked]
    assert doubtful(found) == "stage" and found.values == values


def test_bare_codes_of_several_answers_in_a_cell_are_asked_about(clubs: Codebook) -> None:
    """Qualtrics writes 1,3 for two answers: no decimal number, though it looks like one."""
    asked = "Par quels moyens écrivez-vous aux membres ?"
    cells: Cells = {asked: ["1,3", "2", "1,2,3", "3"], "area": ["north", "south", "west", "west"]}
    found = guessed(clubs, cells)[asked]
    assert doubtful(found) == "means" and found.separator == ","
    assert found.values == {"1": "letter", "2": "e_mail", "3": "text"}


def test_a_box_of_other_answers_beside_boxes_that_say_no_leaves_nothing_to_ask(
    clubs: Codebook,
) -> None:
    """What is written is a tick, what is not is none: the boxes beside it show who answered."""
    asked = "Par quels moyens écrivez-vous aux membres ?"
    cells: Cells = {
        f"{asked} [Courrier]": ["Oui", "Non", None, "Non"],
        f"{asked} [E-mail]": ["Non", "Oui", None, "Non"],
        f"{asked} [SMS]": ["oui", None, None, None],
        "area": ["north", "south", "west", "west"],
        "members": ["small", "big", "big", "big"],
    }
    table = raw(cells)
    mapping = guess(table, clubs)
    assert {column.blank for column in mapping.columns} == {"missing", "unknown"}
    kept = [c.model_copy(update={"blank": "unticked"}) if "SMS" in c.source else c
            for c in mapping.columns]  # fmt: skip
    whole = mapping.model_copy(update={"columns": tuple(kept), "year": 2008})
    draft = apply(table, whole, clubs)
    assert draft.faults == ()
    assert draft.table.to_pydict()["means:text"] == ["1", "0", None, "0"]


def test_yes_and_no_are_read_as_tools_write_them_and_never_in_order(tmp_path: Path) -> None:
    """0 and 1 of a question whose answers are Yes, No: 1 is yes, though it comes second."""
    (tmp_path / "codebook.toml").write_text(
        CLUBS
        + '[[questions]]\ncode = "lend"\nkind = "single"\n'
        + 'wording = { fr = "Prêtez-vous la salle ?", en = "Do you lend the hall?" }\n'
        + 'items = [{ code = "y", label = { fr = "Oui", en = "Yes" } },'
        + ' { code = "n", label = { fr = "Non", en = "No" } }]\n',
        encoding="utf-8",
    )
    book = load(tmp_path)
    asked = "Prêtez-vous la salle ?"
    for yes, no in (("1", "0"), ("Y", "N"), ("VRAI", "FAUX")):
        found = guessed(book, {asked: [yes, no, no, yes]})[asked]
        assert (found.target, found.values) == ("lend", {yes: "y", no: "n"})
    found = guessed(book, {asked: ["1", "2", "2", "1"]})[asked]
    assert doubtful(found) == "lend" and found.values == {"1": "y", "2": "n"}


def test_a_second_answer_of_a_cell_is_no_part_of_the_first_though_it_begins_as_it_does(
    clubs: Codebook,
) -> None:
    """Microsoft Forms parts by ; and ends with one; what somebody wrote is an answer of its own."""
    asked = "Par quels moyens écrivez-vous aux membres ?"
    cells: Cells = {
        asked: ["Courrier;E-mail;", "E-mail;", "SMS;Courrier;", "E-mail;par e-mail groupé;"],
        "area": ["north", "south", "west", "west"],
    }
    found = guessed(clubs, cells)[asked]
    assert doubtful(found) == "means" and found.separator == ";"
    assert set(found.values) == {"Courrier", "E-mail", "SMS"}


# --- the questionnaire of another year ------------------------------------------------------------


MEMBERS = "Taille du club"
BEFORE = Mapping(
    columns=(
        Column(source="Q1", target="stage", values={"1": "none", "2": "done"},
               answers={"1": "Aucun projet", "2": "En ligne"}),
        Column(source="Q2 [Courrier]", target="means:letter"),
    )
)  # fmt: skip


def test_codes_that_mean_other_answers_this_year_are_read_by_their_labels(clubs: Codebook) -> None:
    """A file whose labels say that 1 is now Online is never read as 1 was a year before."""
    cells: Cells = {"Q1": ["1", "2", "2", "1"], "area": ["north", "south", "west", "west"]}
    now = {"Q1": {"1": "En ligne", "2": "Aucun projet"}}
    again = guess(raw(cells, answers=now), clubs, BEFORE).by_source["Q1"]
    assert (again.target, again.values) == ("stage", {"1": "done", "2": "none"})
    same = guess(raw(cells, answers={"Q1": BEFORE.columns[0].answers}), clubs, BEFORE)
    assert same.by_source["Q1"].values == BEFORE.columns[0].values
    assert same.by_source["Q1"].reason == "as in the earlier mapping"


def test_boxes_of_last_year_that_now_hold_1_and_2_are_asked_about(clubs: Codebook) -> None:
    name = "Q2 [Courrier]"
    cells: Cells = {name: ["1", "2", "2", "1"], "area": ["north", "south", "west", "west"]}
    found = guess(raw(cells), clubs, BEFORE).by_source[name]
    assert doubtful(found) == "means:letter" and found.values == {"1": "1", "2": "0"}
    assert "1 taken for yes, 2 for no" in found.reason
    told: Cells = {**cells, name: ["par la poste", None, None, "recommandé"]}  # words tick it
    written = guess(raw(told), clubs, BEFORE).by_source[name]
    assert not written.confirmed and written.values == {"*": "1"}
    words: Cells = {**cells, name: ["oui", "non", "non", "oui"]}
    assert sure(guess(raw(words), clubs, BEFORE).by_source[name]) == "means:letter"


def test_a_class_cut_otherwise_is_never_taken_for_the_one_it_looks_like(clubs: Codebook) -> None:
    """Under 50 members and under 60 members differ by their numbers, not by their letters."""
    cells: Cells = {
        MEMBERS: ["Moins de 50 membres", "Moins de 60 membres", "50 membres et plus"] * 3
    }
    found = guessed(clubs, cells)[MEMBERS]
    assert doubtful(found) == "members" and "Moins de 60 membres" not in found.values
    kept = Mapping(columns=(Column(source=MEMBERS, target="members"),))
    again = guess(raw(cells), clubs, kept).by_source[MEMBERS]
    assert doubtful(again) == "members" and "Moins de 60 membres" not in again.values
    coded: Cells = {MEMBERS: ["1 - Moins de 50 membres", "2 - 50 membres et plus"] * 3}
    assert set(guessed(clubs, coded)[MEMBERS].values.values()) == {"small", "big"}


def test_numbers_that_begin_anew_in_each_wave_still_name_respondents(clubs: Codebook) -> None:
    cells: Cells = {
        "annee": ["2007"] * 4 + ["2008"] * 4,
        "N° questionnaire": ["1", "2", "3", "4"] * 2,
        "area": ["north", "south", "west", "west"] * 2,
    }
    assert sure(guessed(clubs, cells)["N° questionnaire"]) == "respondent_id"
    one_wave: Cells = {**cells, "annee": ["2008"] * 8}
    assert guessed(clubs, one_wave)["N° questionnaire"].target == ""


def test_no_answer_written_anew_is_no_other_answer_of_the_questionnaire(clubs: Codebook) -> None:
    """N/A in this year's file breaks no trend, and nobody is asked what it means."""
    name = "Où en est votre projet de site ?"
    last = guess(raw({name: ["Aucun projet", "Envisagé", "En ligne"] * 2}), clubs)
    now = guess(raw({name: ["Aucun projet", "Envisagé", "En ligne", "N/A"] * 2}), clubs, last)
    assert sure(now.by_source[name]) == "stage" and now.by_source[name].missing == ("N/A",)
    assert changes(last, now) == ()


@pytest.mark.parametrize(
    ("item", "alike"),
    [
        ("Courrier postal envoyé aux membres", True),
        ("Courrier postal envoyé aux membres (lettre, carte)", True),
        ("Courrier postal envoyé aux mem", True),  # cut short by the tool
        ("Courrier postal envoyé aux membres et aux clubs", False),  # two answers in one
        ("Courrier postal non envoyé aux membres", False),
        ("Courrier postal envoyé aux 50 membres", False),
    ],
)
def test_an_item_that_says_more_not_or_another_number_is_never_surely_the_same(
    tmp_path: Path, item: str, alike: bool
) -> None:
    words = CLUBS.replace('fr = "Courrier"', 'fr = "Courrier postal envoyé aux membres"')
    (tmp_path / "codebook.toml").write_text(words, encoding="utf-8")
    asked = "Par quels moyens écrivez-vous aux membres ?"
    cells: Cells = {
        f"{asked} [{item}]": ["Oui", "Non"] * 3,
        f"{asked} [E-mail]": ["Oui", "Non"] * 3,
        f"{asked} [SMS]": ["Oui", "Non"] * 3,
    }
    found = guessed(load(tmp_path), cells)[f"{asked} [{item}]"]
    assert (found.confirmed and found.target == "means:letter") == alike, found
