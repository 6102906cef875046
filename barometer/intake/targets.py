"""What a column of an export may become: a column of the wave file, and its answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from barometer.codebook import YEAR, Codebook, Item, Question, Text
from barometer.intake.likeness import Nearest

Kind = Literal["id", "year", "weight", "stratum", "provenance", "one", "number", "tick", "rating",
               "several"]  # fmt: skip
FRAME: dict[str, Kind] = {
    "respondent_id": "id",
    YEAR: "year",
    "stratum": "stratum",
    "weight": "weight",
    "provenance": "provenance",
}
MOST_DEGREES = 20
DOT = " · "  # joins the labels of items that are crossed


@dataclass(frozen=True)
class Target:
    """One thing that a column may hold.

    `code` is a column of the wave file; for kind `several`, a question, or a question and the first
    part of its items, whose columns one cell fills. `answers` are the codes that a value may
    become, the degrees of a rating, none for a number or a text. `group` is the question or
    dimension, `words` its name.
    """

    code: str
    kind: Kind
    group: str
    words: Text
    wording: Text
    answers: dict[str, Text]

    @cached_property
    def nearest(self) -> Nearest:
        """Finds the answer that some words mean."""
        return Nearest({code: (label.fr, label.en, code) for code, label in self.answers.items()})


def targets(book: Codebook) -> dict[str, Target]:
    """Every target of a codebook by its code, in the order of the questionnaire."""
    found = [Target(name, kind, name, _same(name), _same(name), {}) for name, kind in FRAME.items()]
    for dimension in book.dimensions:
        if dimension.question is None:
            levels = {level.code: level.label for level in dimension.levels}
            label = dimension.label
            found.append(Target(dimension.code, "one", dimension.code, label, label, levels))
    for question in book.questions:
        found += _of_question(question)
    return {target.code: target for target in found}


def _of_question(question: Question) -> list[Target]:
    code, wording = question.code, question.wording
    labels = {item.code: item.label for item in question.items}
    if question.kind == "single":
        return [Target(code, "one", code, wording, wording, labels)]
    if question.kind == "number":
        return [Target(code, "number", code, wording, wording, {})]
    kind: Kind = "rating" if question.kind == "rating" else "tick"
    degrees = _degrees(question) if kind == "rating" else {}
    found = [
        Target(f"{code}:{item.code}", kind, code, item.label, wording, degrees)
        for item in question.items
    ]
    if question.kind == "multiple":
        found.append(Target(code, "several", code, wording, wording, labels))
        found += _by_prefix(question)
    return found


def _degrees(question: Question) -> dict[str, Text]:
    """The numbers that a rating may be, where they are few."""
    low, high = question.minimum, question.maximum
    if low is None or high is None or high - low > MOST_DEGREES:
        return {}
    return {str(n): _same(str(n)) for n in range(int(low), int(high) + 1)}


def _by_prefix(question: Question) -> list[Target]:
    """A target for each first part of crossed items: its answers are the last parts."""
    answers: dict[str, dict[str, Text]] = {}
    words: dict[str, Text] = {}
    for item in question.items:
        first, colon, last = item.code.rpartition(":")
        if colon:
            answers.setdefault(first, {})[last] = _part(item, -1)
            words.setdefault(first, _part(item, slice(None, -1)))
    return [
        Target(
            f"{question.code}:{first}",
            "several",
            question.code,
            words[first],
            question.wording,
            answers[first],
        )
        for first in answers
    ]


def _part(item: Item, which: int | slice) -> Text:
    """Some of the labels that a crossed item's label joins."""

    def of(label: str) -> str:
        parts = label.split(DOT)
        return DOT.join(parts[which]) if isinstance(which, slice) else parts[which]

    return Text(fr=of(item.label.fr), en=of(item.label.en))


def _same(text: str) -> Text:
    return Text(fr=text, en=text)
