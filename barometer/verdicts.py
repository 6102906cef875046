"""Which rows of a grid hold on every criterion, which fail, and on what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from barometer import crossing
from barometer.codebook import Item
from barometer.rows import Rows

HALF = 0.5

Outcome = Literal["holds", "open", "fails"]
"""`holds`: each criterion is met by over half, beyond its margin of error; `fails`: one at least is
met by under half, beyond its margin; `open`: these bases cannot tell."""


@dataclass(frozen=True)
class Verdict:
    """What the criteria say of one row: the outcome, and the criteria that fail, worst first."""

    row: str
    label: str
    outcome: Outcome
    failing: tuple[str, ...] = ()


def verdicts(rows: Rows, items: Sequence[Item], apart: str | None, language: str) -> list[Verdict]:
    """A verdict for each row of crossed items whose criteria can all be told, as they are asked.

    `rows` are estimates, one an item; `apart` is the column that is no criterion. A base that is
    fragile or hidden tells nothing: its row is left out.
    """
    places = crossing.places(items, language)
    known = {row["item"]: row for row in rows.records()}
    cells: dict[str, list[tuple[str, float, float, float]]] = {}
    unknown = set()
    labels = {}
    for code, place in places.items():
        labels[place.row] = place.row_label
        if place.column == apart:
            continue
        row = known.get(code)
        if row is None or row["flag"] or math.isnan(row["ci_low"]):
            unknown.add(place.row)
            continue
        cell = (place.column_label, row["value"], row["ci_low"], row["ci_high"])
        cells.setdefault(place.row, []).append(cell)
    return [
        _verdict(code, labels[code], criteria)
        for code, criteria in cells.items()
        if code not in unknown
    ]


def _verdict(code: str, label: str, criteria: Sequence[tuple[str, float, float, float]]) -> Verdict:
    failing = sorted((value, name) for name, value, _, high in criteria if high < HALF)
    if failing:
        return Verdict(code, label, "fails", tuple(name for _, name in failing))
    holds = all(low > HALF for _, _, low, _ in criteria)
    return Verdict(code, label, "holds" if holds else "open")


def most_failing(found: Sequence[Verdict]) -> tuple[str, int] | None:
    """The criterion that fails for most rows, and for how many; None where none fails."""
    counts: dict[str, int] = {}
    for verdict in found:
        for name in verdict.failing:
            counts[name] = counts.get(name, 0) + 1
    if not counts:
        return None
    name = max(counts, key=lambda name: counts[name])
    return name, counts[name]
