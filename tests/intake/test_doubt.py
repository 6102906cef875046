"""Guesses that one look settles are found together, and confirmed together."""

from __future__ import annotations

import pytest

from barometer.codebook import Codebook
from barometer.intake import Column, Mapping, MappingError
from barometer.intake.doubt import alike, confirm, kind, wordless
from barometer.intake.targets import targets

ORDER = "its words; codes taken in the questionnaire's order, check them"


def doubted(source: str, target: str, reason: str, **more: object) -> Column:
    told = {"confidence": 0.6, "confirmed": False, "reason": reason, **more}
    return Column.model_validate({"source": source, "target": target, **told})


def test_columns_of_one_question_and_one_reason_are_one_doubt(clubs: Codebook) -> None:
    columns = [
        doubted("a", "means:letter", "item alike at 71%, its question's columns at 60%"),
        doubted("b", "stage", ORDER, values={"1": "none"}),
        doubted("c", "means:text", "item alike at 64%, its question's columns at 60%",
                confidence=0.5),
        doubted("d", "means:e_mail", "item alike at 64%, its question's columns at 60%",
                values={"1": "0"}),
        doubted("e", "area", "same name as before, in other words"),
        doubted("f", "members", "same name as before, in other words"),
        doubted("g", "matches", ORDER, values={"1": "done"}),
    ]  # fmt: skip
    found = alike(columns, targets(clubs))
    together = [("".join(c.source for c in doubt.columns), doubt.question) for doubt in found]
    assert together == [("acd", "means"), ("b", "stage"), ("ef", ""), ("g", "matches")]
    assert found[0].least.source == "c" and found[0].same_reason
    read = [*columns[:1], doubted("h", "means:text", columns[2].reason, values={"1": "1"})]
    assert len(alike([*read, columns[3]], targets(clubs))) == 2  # 1 is ticked here, not there


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("item alike at 71%; what is 'a, b'?", "item alike at 8%; what is 'c'?"),
        ("words alike at 90%; stage fits as well", "words alike at 70%; area fits as well"),
        ("earlier mapping; new answer: 12", "earlier mapping; new answer: other things"),
        ("99: no answer?", "999: no answer?"),
    ],
)
def test_a_kind_of_reason_says_nothing_of_one_column(one: str, other: str) -> None:
    assert kind(one) == kind(other)


def test_a_question_is_confirmed_and_what_is_not_doubtful_is_named(clubs: Codebook) -> None:
    sure = Column(source="s", target="stage")
    mapping = Mapping(columns=(doubted("a", "means:letter", ORDER), sure))
    done = confirm(mapping, ["means"], targets(clubs))
    assert done.doubtful == []
    assert confirm(done, ["means:letter"], targets(clubs), undo=True) == mapping
    with pytest.raises(MappingError, match="stage: no guess of it is doubtful"):
        confirm(mapping, ["stage"], targets(clubs))


def test_an_export_of_codes_without_words_is_told_from_one_with_words() -> None:
    codes = ["id", "G01Q01", "G02Q04[SQ001]", "v12", "Q7_1"]
    left = tuple(Column(source=name) for name in codes)
    assert wordless(Mapping(columns=left))
    labelled = tuple(column.model_copy(update={"label": "How many?"}) for column in left)
    assert not wordless(Mapping(columns=labelled))
    tied = tuple(column.model_copy(update={"target": "stage"}) for column in left)
    assert not wordless(Mapping(columns=tied))
