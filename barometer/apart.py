"""What sets one group apart from all others: its significant differences, the widest first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from barometer import measure, significance
from barometer.cells import Selection
from barometer.codebook import YEAR
from barometer.contrasts import Term
from barometer.declarations import Compared
from barometer.kept import kept
from barometer.measure import Settings, Source, Where
from barometer.rows import Rows, known

DIFFERENCES_KEPT = 256  # lists of one group and wave, some 50 kB each
NUMBERS = ("value", "ci_low", "ci_high", "se", "df")


@dataclass(frozen=True, slots=True)
class Side:
    """An estimate of one side, and what it is made of: `value` is None where it must be hidden."""

    value: float | None
    low: float | None
    high: float | None
    se: float | None
    df: float | None
    n: int
    flag: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One item in the group and in all others, and their tested difference (group − others).

    `se` and `df` are those of the difference, None where nothing can be estimated.
    """

    indicator: str
    item: str
    group: Side
    others: Side
    difference: float
    p_adjusted: float
    significant: bool
    se: float | None = None
    df: float | None = None

    @property
    def terms(self) -> tuple[Term, ...]:
        """The estimates that the difference is made of."""
        return (*self.group.terms, *(term.times(-1.0) for term in self.others.terms))


@kept(DIFFERENCES_KEPT)
def differences(
    source: Source,
    compared: tuple[Compared, ...],
    dimension: str,
    level: str,
    year: int,
    where: Where,
    settings: Settings,
) -> tuple[Difference, ...]:
    """Each item compared, those that differ significantly first, then by how far they differ.

    The t test is `measure.against`, with p-values adjusted over the whole list. Shares are ranked
    by points, means, whose units differ, by p-value. Items that the wave did not ask, and pairs
    with a side that must be hidden, are left out; a filter on the dimension itself is, too.
    """
    where = tuple(pair for pair in where if pair[0] != dimension)
    asked = (dimension, level, year, where, settings)
    rows = [row for one in compared for row in _rows(source, one, *asked)]
    if not rows:
        return ()
    tested = significance.with_adjusted(
        Rows({name: np.array([row[name] for row in rows]) for name in ("p", "n_a", "n_b")}),
        [],
        settings.correction,
        alpha=1 - settings.confidence,
        minimum_base=source.codebook.thresholds.flag_below,
    )
    found = [
        Difference(
            row["indicator"],
            row["item"],
            row["mine"],
            row["rest"],
            float(row["difference"]),
            float(adjusted),
            bool(mark),
            *(known(row[name]) for name in ("se", "df")),
        )
        for row, adjusted, mark in zip(
            rows, tested["p_adjusted"], tested["significant"], strict=True
        )
    ]
    shares = all(source.codebook.by_indicator[d.indicator].measure == "share" for d in found)
    return tuple(
        sorted(
            found,
            key=lambda d: (not d.significant, -abs(d.difference) if shares else d.p_adjusted),
        )
    )


def _rows(
    source: Source,
    one: Compared,
    dimension: str,
    level: str,
    year: int,
    where: Where,
    settings: Settings,
) -> list[dict[str, Any]]:
    """The tested differences of one indicator's items, with both sides' estimates."""
    book = source.codebook
    indicator = book.by_indicator[one.indicator]
    items = tuple(item.code for item in indicator.picked(one.items))
    kept = (*where, (YEAR, (str(year),)))
    split = Selection(one.indicator, (dimension,), kept, items)
    levels = tuple(x.code for x in book.by_dimension[dimension].levels if x.code != level)
    together = replace(split, by=(), where=(*kept, (dimension, levels)))
    against = replace(settings, reference="others")
    tested = measure.against.rows(source, split, against, ())
    groups = measure.estimate.rows(source, split, settings)
    mine, rest = (
        {row["item"]: row for row in rows.records()}
        for rows in (
            groups.at(groups[dimension] == level),
            measure.estimate.rows(source, together, settings),
        )
    )
    here, elsewhere = (((dimension, codes),) for codes in ((level,), levels))

    def side(table: Mapping[str, dict[str, Any]], item: str, kept: Where) -> Side:
        return _side(table[item], Term(one.indicator, item, year, where, kept))

    return [
        row | {"mine": side(mine, row["item"], here), "rest": side(rest, row["item"], elsewhere)}
        for row in tested.at(tested[dimension] == level).records()
        if not math.isnan(row["difference"]) and row["item"] in rest
    ]


def _side(row: Mapping[str, Any], term: Term) -> Side:
    value, low, high, se, df = (known(row[name]) for name in NUMBERS)
    return Side(value, low, high, se, df, int(row["n"]), str(row["flag"]), (term,))
