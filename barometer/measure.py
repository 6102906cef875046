"""Answer a selection: estimates and comparisons, under the codebook's thresholds and breaks."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

import pandas as pd

from barometer import estimates, significance
from barometer.cells import Selection
from barometer.codebook import YEAR, Codebook
from barometer.estimates import Method

TOTAL = ""  # the group of everybody
TABLES_KEPT = 256  # tables of one indicator, breakdown and filter; about 100 kB each


class Source(Hashable, Protocol):
    """Where cells come from: a publication, or anything that sums cells the same way."""

    @property
    def codebook(self) -> Codebook: ...  # noqa: D102
    @property
    def strata(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def years(self) -> list[int]: ...  # noqa: D102
    def rollup(self, selection: Selection, /) -> pd.DataFrame: ...  # noqa: D102


def estimate(source: Source, selection: Selection, method: Method = Method()) -> pd.DataFrame:
    """One row per item × group: indicator, item, the dimensions of `by`, then the estimate.

    Groups come in the codebook's order; a group that the base has nobody of is absent; values on
    a base under the threshold are blank and flagged hidden.
    """
    book = source.codebook
    rows = estimates.estimate(
        source.rollup(selection),
        source.strata,
        selection.keys,
        book.by_indicator[selection.indicator].measure,
        method,
        book.thresholds,
    )
    if selection.by:
        rows = rows[rows[list(selection.by)].notna().all(axis=1)].reset_index(drop=True)
    return _in_order(book, selection, estimates.hide(rows))


def pairs(
    source: Source,
    selection: Selection,
    method: Method = Method(),
    family: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """Differences between the groups of the first dimension of `by`, within those of the others.

    Columns: indicator, item, the dimensions of `by` (the first holds group a), versus (group b),
    difference (a − b), se, df, p, p_adjusted (Holm) and significant. `family` names the columns
    whose values delimit a family of comparisons; by default one item within the other dimensions.
    """
    split, *within = selection.by
    book = source.codebook
    rows = significance.pairs(
        source.rollup(selection),
        source.strata,
        selection.keys,
        split,
        book.by_indicator[selection.indicator].measure,
        order=_levels(book, source, split),
    )
    rows = _tested(book, rows, ("item", *within) if family is None else family, method)
    rows = rows.rename(columns={"group_a": split, "group_b": "versus"})
    return _in_order(book, selection, rows)


def changes(
    source: Source,
    selection: Selection,
    method: Method = Method(),
    family: tuple[str, ...] = ("item", YEAR),
) -> pd.DataFrame:
    """Differences of each wave selected with the nearest earlier comparable one.

    Columns: indicator, item, year and the dimensions of `by`, versus (the earlier year),
    difference, se, df, p, p_adjusted (Holm within `family`) and significant. Where a break or a
    hidden base forbids the comparison, the difference is missing.
    """
    book = source.codebook
    kept = selection.filtered(YEAR)
    across = replace(
        selection,
        by=tuple(dict.fromkeys((*selection.by, YEAR))),
        where=tuple(pair for pair in selection.where if pair[0] != YEAR),
    )
    rows = significance.changes(
        source.rollup(across),
        source.strata,
        across.keys,
        book.by_indicator[selection.indicator].measure,
        lambda item, earlier, later: (
            book.break_between(selection.indicator, item, earlier, later) is None
        ),
    )
    if kept is not None:
        rows = rows[rows[YEAR].isin([int(year) for year in kept])].reset_index(drop=True)
    rows = _tested(book, rows, family, method).rename(columns={"earlier": "versus"})
    return _in_order(book, across, rows)


@lru_cache(TABLES_KEPT)
def by_wave(
    source: Source, indicator: str, by: str | None, where: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every item of an indicator in every wave, split by one dimension or not: read, never change.

    Two tables: the estimates, and the changes since the nearest earlier comparable wave, each a
    family of its own.
    """
    selection = Selection(indicator, (YEAR,) if by is None else (by, YEAR), where)
    moves = changes(source, selection, family=("item", *selection.by))
    return estimate(source, selection), moves


@lru_cache(TABLES_KEPT)
def shown(
    source: Source,
    indicator: str,
    items: tuple[str, ...],
    by: str | None,
    total: bool,
    where: tuple[tuple[str, tuple[str, ...]], ...],
) -> pd.DataFrame:
    """What one chart shows of an indicator, in every wave: read it, never change it.

    Columns: item, group (TOTAL for everybody, there without `by` or with `total`), year, the
    estimate, and the change since the nearest earlier comparable wave: versus, difference, p,
    p_adjusted (Holm over the items and groups of a wave) and significant.
    """
    splits = [None] if by is None else [by, None] if total else [by]
    estimates_of: list[pd.DataFrame] = []
    moves_of: list[pd.DataFrame] = []
    for split in splits:
        for part, tables in zip(
            by_wave(source, indicator, split, where), (estimates_of, moves_of), strict=True
        ):
            here = part[part["item"].isin(items)]
            group = TOTAL if split is None else here[split]
            tables.append(here.assign(group=group))
    rows, moves = pd.concat(estimates_of, ignore_index=True), pd.concat(moves_of)
    moves = significance.with_adjusted(
        moves, [YEAR], minimum_base=source.codebook.thresholds.flag_below
    )
    keys = ["item", "group", YEAR]
    tested = moves[[*keys, "versus", "difference", "p", "p_adjusted", "significant"]]
    return rows.merge(tested, on=keys, how="left", validate="one_to_one")


def _tested(
    book: Codebook, rows: pd.DataFrame, family: tuple[str, ...], method: Method
) -> pd.DataFrame:
    """Adjusted p-values and marks; a difference with a hidden side would give it away, so none."""
    return significance.with_adjusted(
        significance.hide(rows, book.thresholds),
        list(family),
        alpha=1 - method.confidence,
        minimum_base=book.thresholds.flag_below,
    )


def _levels(book: Codebook, source: Source, name: str) -> list[object]:
    if name == YEAR:
        return list(source.years)
    return [level.code for level in book.by_dimension[name].levels]


def _in_order(book: Codebook, selection: Selection, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of the questionnaire: items first, then the levels of each dimension."""
    ranks: dict[str, dict[object, int]] = {
        "item": {code: i for i, code in enumerate(book.by_indicator[selection.indicator].by_code)}
    }
    for name in selection.by:
        if name != YEAR:
            levels = book.by_dimension[name].levels
            ranks[name] = {level.code: rank for rank, level in enumerate(levels)}
    rows = rows.sort_values(
        selection.keys,
        key=lambda column: column.map(ranks[column.name]) if column.name in ranks else column,
        kind="stable",
        ignore_index=True,
    )
    rows.insert(0, "indicator", selection.indicator)
    return rows
