"""What the press printed of this barometer, beside what its data say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from barometer import findings, measure
from barometer.cells import Selection
from barometer.codebook import YEAR
from barometer.findings import Question
from barometer.measure import Source
from barometer.words import translator

Row = dict[Any, Any]  # one row of the file of published figures

EVERYONE = "all"  # how the file of published figures writes "no group"
EVERY_ITEM = "*"


@dataclass(frozen=True)
class Printed:
    """One printed figure: its words, how they are read, our own answer and whether it agrees."""

    figure_id: str
    printed_as: str
    reading: str
    ours: str
    agrees: bool


def beside(source: Source, published: pd.DataFrame, year: int, language: str) -> list[Printed]:
    """The figures printed about a wave, in the file's order, each with our own answer."""
    answers = []
    for row in published[published[YEAR] == year].to_dict("records"):
        if row["indicator"] in source.codebook.by_indicator and year in source.years:
            ours, agrees = answer(source, row, language)
            answers.append(
                Printed(
                    row["figure_id"], row["printed_as"], row[f"reading_{language}"], ours, agrees
                )
            )
    return answers


def answer(source: Source, row: Row, language: str) -> tuple[str, bool]:
    """Our sentence for one printed figure, and whether the data bear it out.

    A number agrees within its printed precision; a direction agrees when it is significant, and
    "shared" when no gap between groups is.
    """
    question = _asked(source, row, language)
    return _READINGS[str(row["kind"])](question, row)


def _asked(source: Source, row: Row, language: str) -> Question:
    book = source.codebook
    main = book.main_dimension.code
    group = str(row[main])
    indicator = book.by_indicator[str(row["indicator"])]
    item = str(row["item"])
    items = tuple(indicator.by_code) if item == EVERY_ITEM else (item,)
    compares_groups = row["kind"] in ("highest", "shared")
    where = () if group == EVERYONE or compares_groups else ((main, (group,)),)
    by = main if compares_groups else None
    return Question(source, indicator, items, int(row[YEAR]), where, by, language)


def _number(question: Question, row: Row) -> tuple[str, bool]:
    ours = question.now.row(0)
    interval = question.interval(ours["ci_low"], ours["ci_high"])
    printed = float(row["value"])
    precision = 0.005 if row["precision"] == "percent" else 5e-4
    text = f"{question.item(question.subject)} : {question.value(ours['value'])} ({interval})"
    return _spaced(text, question), abs(ours["value"] - printed) <= precision


def _moves(question: Question, row: Row) -> tuple[str, bool]:
    earlier, sign = int(row["compared_year"]), 1 if row["kind"] == "rising" else -1
    if len(question.items) > 1:
        return _all_move(question, earlier, sign)
    found = findings.between(question, earlier)
    if found is None:
        return "", False
    return found.text, found.significant and found.size * sign > 0


def _all_move(question: Question, earlier: int, sign: int) -> tuple[str, bool]:
    """Every item: what moves the other way is named; most must move as printed."""
    _ = translator(question.language)
    years = (str(question.year), str(earlier))
    rows = measure.pairs.rows(
        question.source, Selection(question.indicator.code, (YEAR,), ((YEAR, years),))
    )
    against = [question.item(r["item"]) for r in rows.records() if -r["difference"] * sign <= 0]
    told = {
        "count": len(rows) - len(against),
        "all": len(rows),
        "others": ", ".join(against) or "–",
    }
    text = _("{count} of {all} move that way, {earlier} → {year}; not: {others}")
    return text.format(earlier=earlier, year=question.year, **told), len(against) <= 1


def _highest(question: Question, row: Row) -> tuple[str, bool]:
    found = findings.highest(question)
    if found is None:
        return "", False
    top = question.groups.row(int(np.nanargmax(question.groups["value"])))
    by = question.by or ""
    return found.text, found.significant and top[by] == row[by]


def _shared(question: Question, row: Row) -> tuple[str, bool]:
    found = findings.highest(question)
    return (found.text, not found.significant) if found else ("", False)


def _majority(question: Question, row: Row) -> tuple[str, bool]:
    found = findings.majority(question)
    return (found.text, True) if found else _number(question, {**row, "value": 1, "precision": ""})


def _spaced(text: str, question: Question) -> str:
    return text if question.language == "fr" else text.replace(" : ", ": ")


_READINGS: dict[str, Callable[[Question, Row], tuple[str, bool]]] = {
    "number": _number,
    "rising": _moves,
    "falling": _moves,
    "highest": _highest,
    "shared": _shared,
    "majority": _majority,
}
