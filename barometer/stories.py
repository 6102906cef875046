"""Findings about several items at once: what took over, how far steps reach, which rows hold."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from barometer import crossing, findings, measure
from barometer.cells import Selection
from barometer.codebook import YEAR, Item
from barometer.findings import Finding, Question
from barometer.verdicts import HALF, most_failing, verdicts
from barometer.words import translator

TENTH = 0.1
NAMED = 4  # rows that a sentence names before it counts the others


def best(question: Question, kinds: tuple[str, ...]) -> Finding | None:
    """The first kind of finding that the data can answer, of those here and in `findings`."""
    return findings.best(question, kinds, TEMPLATES)


def mover(question: Question) -> Finding | None:
    """The item that moved most since the nearest comparable wave, where one did significantly."""
    rows = [row for row in question.moves.records() if row["significant"] is True]
    if not rows:
        return None
    return findings.change_of(question, max(rows, key=lambda row: abs(row["difference"])))


def branch(question: Question) -> Finding | None:
    """The first of what a tree, or one branch of it, groups directly: a rank, not a test.

    Of a branch that groups nothing, how it moved.
    """
    _ = translator(question.language)
    items = _items(question)
    here = [item for item in items if item.parent not in question.items]
    who = question.item(here[0].code) if len(here) == 1 else ""
    if who:
        here = [item for item in items if item.parent == here[0].code]
    if not here:
        return findings.change(question)
    inside = {item.code for item in here}
    rows = [row for row in question.now.records() if row["item"] in inside]
    rows.sort(key=lambda row: -row["value"])
    if not rows:
        return None
    told = {
        "who": who,
        "item": question.item(rows[0]["item"]),
        "value": question.value(rows[0]["value"]),
        "year": question.year,
    }
    if len(rows) == 1:
        return Finding(_("{item}: {value} in {year}").format(**told), False, 0.0)
    if question.partial or not rows[0]["value"] > 0:
        return None
    told |= {"second": question.item(rows[1]["item"]), "next": question.value(rows[1]["value"])}
    sentence = _("{item} comes first in {year}, with {value}; then {second}, {next}")
    if who:
        sentence = _("{who}: {item} first in {year}, with {value}; then {second}, {next}")
    return Finding(sentence.format(**told), False, 0.0)


def replaced(question: Question) -> Finding | None:
    """The subject fell while the first item rose, since the first wave that compares with this.

    Both changes are tested together.
    """
    _ = translator(question.language)
    rising, falling = question.items[0], question.subject
    earlier = _first_comparable(question, (rising, falling))
    if earlier is None or rising == falling:
        return None
    years = (str(earlier), str(question.year))
    selection = Selection(
        question.indicator.code,
        (YEAR,),
        (*question.where, (YEAR, years)),
        (rising, falling),
    )
    tested = measure.pairs.rows(question.source, selection, question.settings, ())
    rows = {row["item"]: row for row in tested.records()}
    if len(rows) < 2 or not all(row["significant"] for row in rows.values()):
        return None
    # A pair is earlier − later.
    gain, loss = -rows[rising]["difference"], -rows[falling]["difference"]
    if gain <= 0 or loss >= 0:
        return None
    told = {
        "rising": question.item(rising),
        "gain": question.difference(gain),
        "up": question.value(rows[rising]["value_b"]),
        "falling": question.item(falling),
        "loss": question.difference(loss),
        "down": question.value(rows[falling]["value_b"]),
        "earlier": earlier,
        "year": question.year,
    }
    sentence = _(
        "{rising} rises to {up} ({gain}) while {falling} falls to {down} ({loss}),"
        " {earlier} → {year}: both changes are significant"
    )
    return Finding(sentence.format(**told), True, gain, moved=True)


def _first_comparable(question: Question, items: tuple[str, ...]) -> int | None:
    """The first wave before this one of which every item compares with this one."""
    book, code = question.source.codebook, question.indicator.code
    rows = question.totals
    shown = ~np.isnan(rows["value"])
    there: dict[int, set[str]] = {}
    for year, item in zip(rows[YEAR][shown].tolist(), rows["item"][shown].tolist(), strict=True):
        there.setdefault(year, set()).add(item)
    for year in sorted(year for year in there if year < question.year):
        if set(items) <= there[year] and not any(
            book.break_between(code, item, year, question.year) for item in items
        ):
            return year
    return None


def reach(question: Question) -> Finding | None:
    """The last step that over half of the respondents reach, and the last that a tenth do."""
    _ = translator(question.language)
    rows = list(_sound(question).values())
    if len(rows) < 2 or not all(a["value"] >= b["value"] for a, b in pairwise(rows)):
        return None
    reached = [row for row in rows if row["ci_low"] > HALF]
    near = reached[-1] if reached else rows[0]
    far = next((row for row in reversed(rows) if row["value"] >= TENTH), rows[-1])
    told = {
        "near": question.item(near["item"]),
        "near_value": question.value(near["value"]),
        "far": _inside(question.item(far["item"])),
        "far_value": question.value(far["value"]),
        "year": question.year,
    }
    if near["item"] == far["item"]:
        return Finding(_("{near}: {near_value} in {year}").format(**told), False, 0.0)
    if reached:
        sentence = _("{near}: a majority, {near_value} in {year}; {far}: {far_value}")
        return Finding(sentence.format(**told), True, float(near["value"]) - HALF)
    sentence = _("{near}: {near_value} in {year}; {far}: {far_value}")
    return Finding(sentence.format(**told), False, 0.0)


def _inside(words: str) -> str:
    """Words as they stand inside a sentence: a capital that begins a common word is lowered."""
    return words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words


def climb(question: Question) -> Finding | None:
    """How a column of crossed items goes from its first row to its last, beyond both margins."""
    _ = translator(question.language)
    items = _items(question)
    places = crossing.places(items, question.language)
    column = places[question.subject].column
    known = _sound(question)
    rows = [i.code for i in items if places[i.code].column == column and i.code in known]
    if len(rows) < 2:
        return None
    first, last = known[rows[0]], known[rows[-1]]
    told = {
        "column": places[rows[0]].column_label,
        "first": places[rows[0]].row_label.lower(),
        "low": question.value(first["value"]),
        "last": places[rows[-1]].row_label.lower(),
        "high": question.value(last["value"]),
    }
    apart = first["ci_high"] < last["ci_low"] or last["ci_high"] < first["ci_low"]
    if not apart:
        sentence = _("{column}: {low} ({first}), {high} ({last}), within the margins of error")
        return Finding(sentence.format(**told), False, 0.0)
    sentence = _("{column}: {low} ({first}), {high} ({last}), beyond the margins of error")
    return Finding(sentence.format(**told), True, float(last["value"] - first["value"]))


def fits(question: Question) -> Finding | None:
    """Which rows hold on every criterion, and the criterion that fails for most of the others."""
    _ = translator(question.language)
    items = _items(question)
    found = verdicts(question.now, items, question.verdict, question.language)
    if not found:
        return None
    holding = [verdict.label for verdict in found if verdict.outcome == "holds"]
    told = {
        "who": crossing.shared(items, question.language),
        "rows": _listed(holding),
        "count": len(holding),
        "total": len(found),
    }
    sentence = _("{who}: {rows} hold on every criterion ({count} of {total})")
    if not holding:
        sentence = _("{who}: none of {total} holds on every criterion beyond the margins of error")
    text = sentence.format(**told)
    if worst := most_failing(found):
        text += _("; what fails most is {criterion} ({count} of {total})").format(
            criterion=worst[0].lower(), count=worst[1], total=len(found)
        )
    return Finding(text, bool(holding), 0.0)


def mismatch(question: Question) -> Finding | None:
    """The row where each column but the first and the last is highest: a rank, not a test."""
    _ = translator(question.language)
    items = _items(question)
    places = crossing.places(items, question.language)
    if question.partial:
        return None
    known = _sound(question)
    columns = list(dict.fromkeys(place.column for place in places.values()))
    parts = []
    for column in reversed(columns[1:-1]):
        codes = [c for c, place in places.items() if place.column == column and c in known]
        if not codes:
            continue
        top = max(codes, key=lambda code: float(known[code]["value"]))
        parts.append(
            _("{column}: {row} first, {value}").format(
                column=places[top].column_label,
                row=places[top].row_label,
                value=question.value(known[top]["value"]),
            )
        )
    if not parts:
        return None
    who = crossing.shared(items, question.language)
    return Finding(" · ".join(filter(None, (who, *parts))), False, 0.0)


def _sound(question: Question) -> dict[str, dict[Any, Any]]:
    """The estimates of this wave whose base is neither fragile nor hidden, by item."""
    return {row["item"]: row for row in question.now.records() if row["flag"] == ""}


def _items(question: Question) -> list[Item]:
    return [question.indicator.item(code) for code in question.items]


def _listed(labels: list[str]) -> str:
    """Labels in a sentence; past a few, the rest is counted."""
    shown = labels[:NAMED]
    return ", ".join(shown) + (f" (+{len(labels) - NAMED})" if len(labels) > NAMED else "")


TEMPLATES = {
    **findings.TEMPLATES,
    "branch": branch,
    "mover": mover,
    "replaced": replaced,
    "reach": reach,
    "climb": climb,
    "fits": fits,
    "mismatch": mismatch,
}
