"""Answer a selection: estimates and comparisons, under the codebook's thresholds and breaks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from barometer import disclosure, estimates, significance
from barometer.cells import Selection
from barometer.codebook import YEAR, Codebook
from barometer.disclosure import Box, Protection
from barometer.estimates import Interval, Method
from barometer.significance import Adjustment

Where = tuple[tuple[str, tuple[str, ...]], ...]
TOTAL = ""  # the group of everybody
COMPARED = ("value_a", "value_b", "value", "value_earlier", "difference", "cov", "se", "t", "p")
PLANS_KEPT = 64  # indicators whose hidden bases are known
TABLES_KEPT = 256  # tables of one indicator, breakdown and filter; about 100 kB each


Reference = Literal["previous", "others", "total"]
CONFIDENCES = (0.95, 0.9, 0.99)
INTERVALS: tuple[Interval, ...] = get_args(Interval)
CORRECTIONS: tuple[Adjustment, ...] = get_args(Adjustment)
REFERENCES: tuple[Reference, ...] = get_args(Reference)


@dataclass(frozen=True)
class Settings:
    """The analyst's choice of method, in one place: intervals, correction, and what marks compare.

    `reference`: a mark compares with the previous comparable wave, with all other groups, or with
    the total, whose overlap is taken into account.
    """

    confidence: float = CONFIDENCES[0]
    interval: Interval = INTERVALS[0]
    correction: Adjustment = CORRECTIONS[0]
    reference: Reference = REFERENCES[0]

    @property
    def method(self) -> Method:
        """How intervals are computed."""
        return Method(self.confidence, self.interval)


DEFAULTS = Settings()


class Source(Hashable, Protocol):
    """Where cells come from: a publication, or anything that sums cells the same way."""

    @property
    def codebook(self) -> Codebook: ...  # noqa: D102
    @property
    def strata(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def years(self) -> list[int]: ...  # noqa: D102
    def rollup(self, selection: Selection, /) -> pd.DataFrame: ...  # noqa: D102
    def bases(self, indicator: str, /) -> list[tuple[tuple[str, ...], pd.DataFrame]]: ...  # noqa: D102


def estimate(source: Source, selection: Selection, settings: Settings = DEFAULTS) -> pd.DataFrame:
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
        settings.method,
        book.thresholds,
    )
    if selection.by:
        rows = rows[rows[list(selection.by)].notna().all(axis=1)].reset_index(drop=True)
    guarded = _gives_away(source, selection, _boxes(selection, rows))
    rows = rows.assign(flag=np.where(guarded, "hidden", rows["flag"]))
    return _in_order(book, selection, estimates.hide(rows))


def pairs(
    source: Source,
    selection: Selection,
    settings: Settings = DEFAULTS,
    family: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """Differences between the groups of the first dimension of `by`, within those of the others.

    Columns: indicator, item, the dimensions of `by` (the first holds group a), versus (group b),
    difference (a − b), se, df, p, p_adjusted (Holm unless chosen otherwise) and significant.
    `family` names the columns whose values delimit a family of comparisons; by default one item
    within the other dimensions. Waves on both sides of a trend break are not compared.
    """
    return _between_groups(source, selection, settings, family, significance.pairs, None)


def changes(
    source: Source,
    selection: Selection,
    settings: Settings = DEFAULTS,
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
    rows = _guarded(source, across, rows, (YEAR, "earlier"))
    rows = _tested(book, rows, family, settings).rename(columns={"earlier": "versus"})
    return _in_order(book, across, rows)


def against(
    source: Source,
    selection: Selection,
    settings: Settings = DEFAULTS,
    family: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """Differences of each group of the first dimension of `by` with all others, or with the total.

    As `pairs`; `versus` says which of the two, as `settings.reference` does.
    """
    total = settings.reference == "total"
    test = significance.against_total if total else significance.against_rest
    return _between_groups(source, selection, settings, family, test, settings.reference)


def _between_groups(
    source: Source,
    selection: Selection,
    settings: Settings,
    family: tuple[str, ...] | None,
    test: Callable[..., pd.DataFrame],
    versus: str | None,
) -> pd.DataFrame:
    """What `test` says of the groups of the first breakdown.

    `versus` names the other side where it is the same for all, None where it is a group.
    """
    split, *within = selection.by
    book = source.codebook
    rows = test(
        source.rollup(selection),
        source.strata,
        selection.keys,
        split,
        book.by_indicator[selection.indicator].measure,
        order=_levels(book, source, split),
    ).rename(columns={"group_a": split, "group_b": "versus"})
    if versus is not None:
        rows = rows.assign(versus=versus)
    if split == YEAR:
        rows = _blank(rows, _broken(book, selection.indicator, rows))
    rows = _guarded(source, selection, rows, (split, versus or "versus"))
    rows = _tested(book, rows, ("item", *within) if family is None else family, settings)
    return _in_order(book, selection, rows)


@lru_cache(TABLES_KEPT)
def by_wave(
    source: Source,
    indicator: str,
    by: str | None,
    where: Where,
    settings: Settings = DEFAULTS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every item of an indicator in every wave, split by one dimension or not: read, never change.

    Two tables: the estimates, and the differences with what `settings.reference` says, each a
    family of its own. Without `by` the reference is the previous wave.
    """
    selection = Selection(indicator, (YEAR,) if by is None else (by, YEAR), where)
    test = changes if by is None or settings.reference == "previous" else against
    moves = test(source, selection, settings, ("item", *selection.by))
    return estimate(source, selection, settings), moves


@lru_cache(TABLES_KEPT)
def shown(
    source: Source,
    indicator: str,
    items: tuple[str, ...],
    by: str | None,
    total: bool,
    where: Where,
    settings: Settings = DEFAULTS,
) -> pd.DataFrame:
    """What one chart shows of an indicator, in every wave: read it, never change it.

    Columns: item, group (TOTAL for everybody, there without `by` or with `total`), year, the
    estimate, and the tested difference: versus, difference, p, p_adjusted (over the items and
    groups of a wave) and significant. The total is tested where the reference is the past.
    """
    splits = [None] if by is None else [by, None] if total else [by]
    estimates_of: list[pd.DataFrame] = []
    moves_of: list[pd.DataFrame] = []
    for split in splits:
        rows, moves = by_wave(source, indicator, split, where, settings)
        beside = split is None and by is not None and settings.reference != "previous"
        for part, tables in ((rows, estimates_of), (moves.iloc[:0] if beside else moves, moves_of)):
            here = part[part["item"].isin(items)]
            tables.append(here.assign(group=TOTAL if split is None else here[split]))
    family, book = [YEAR], source.codebook
    moves = pd.concat([part for part in moves_of if len(part)] or moves_of[:1], ignore_index=True)
    moves = _adjusted(book, moves, family, settings)
    keys = ["item", "group", YEAR]
    tested = moves[[*keys, "versus", "difference", "se", "df", "p", "p_adjusted", "significant"]]
    return pd.concat(estimates_of, ignore_index=True).merge(
        tested.rename(columns={"se": "difference_se", "df": "difference_df"}),
        on=keys,
        how="left",
        validate="one_to_one",
    )


def _boxes(selection: Selection, rows: pd.DataFrame, **other: str) -> list[tuple[str, Box]]:
    """(item, levels kept of each dimension) of each row; `other` names the column of a level.

    A column that the rows lack stands for all levels (the total) or for all but the group's own.
    """
    where: dict[str, Any] = {name: frozenset(levels) for name, levels in selection.where}
    columns = [other.get(name, name) for name in selection.by]
    known = [rows[column] if column in rows else [None] * len(rows) for column in columns]
    made: dict[tuple[object, ...], Box] = {}
    found: list[tuple[str, Box]] = []
    for item, *levels in zip(rows["item"], *known, strict=True):
        key = tuple(None if pd.isna(level) else level for level in levels)
        if key not in made:
            named = zip(selection.by, key, strict=True)
            made[key] = where | {
                name: frozenset([str(int(level) if name == YEAR else level)])
                for name, level in named
                if level is not None
            }
        found.append((item, made[key]))
    return found


@lru_cache(PLANS_KEPT)
def _plans(source: Source, indicator: str) -> list[tuple[frozenset[str], dict[str, Protection]]]:
    """Items of an indicator that share one base, and by wave what may be shown of that base."""
    book, dimensions = source.codebook, list(source.codebook.by_dimension)
    return [
        (
            frozenset(items),
            {
                str(wave): disclosure.protection(here, dimensions, book.thresholds.hide_below)
                for wave, here in counts.groupby(YEAR, sort=False)
            },
        )
        for items, counts in source.bases(indicator)
    ]


def _gives_away(
    source: Source, selection: Selection, boxes: list[tuple[str, Box]]
) -> npt.NDArray[np.bool_]:
    """Whether each box must be hidden: its base is small, or would give a small one away.

    Several waves together are shown where each of them is. A share that gives another one by a
    division is hidden with it: see `Indicator.ratio_of`.
    """
    hidden = np.zeros(len(boxes), dtype=bool)
    indicator = selection.indicator
    told = (indicator, *source.codebook.ratios.get(indicator, ()))
    for items, plans in itertools.chain.from_iterable(_plans(source, code) for code in told):
        places = [at for at, (item, _) in enumerate(boxes) if item in items]
        # Items of one base ask about the same boxes: each is decided once.
        distinct = {id(boxes[at][1]): boxes[at][1] for at in places}
        refused = dict(zip(distinct, _refused(list(distinct.values()), plans), strict=True))
        for at in places:
            hidden[at] |= refused[id(boxes[at][1])]
    return hidden


def _refused(boxes: list[Box], plans: dict[str, Protection]) -> npt.NDArray[np.bool_]:
    """Whether some wave that a box keeps may not show it."""
    refused = np.zeros(len(boxes), dtype=bool)
    for wave, plan in plans.items():
        places = [at for at, box in enumerate(boxes) if wave in (box.get(YEAR) or plans)]
        kept = [{k: v for k, v in boxes[at].items() if k != YEAR} for at in places]
        if places:
            refused[places] |= plan.decide(kept) != disclosure.VISIBLE
    return refused


def _guarded(
    source: Source, selection: Selection, rows: pd.DataFrame, sides: tuple[str, str]
) -> pd.DataFrame:
    """Differences without those of which one side must be hidden.

    `sides` are the columns of both sides' levels; "total" and "others" are no columns.
    """
    split, versus = sides
    if rows.empty:
        return rows
    hidden = _gives_away(source, selection, _boxes(selection, rows))
    if versus == "others":
        hidden |= _gives_away(source, selection, _rests(source, selection, rows, split))
    else:
        hidden |= _gives_away(source, selection, _boxes(selection, rows, **{split: versus}))
    return _blank(rows, hidden)


def _blank(rows: pd.DataFrame, hidden: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Comparisons without the numbers of some."""
    numbers = [name for name in COMPARED if name in rows]
    return rows.assign(**{name: rows[name].mask(hidden) for name in numbers})


def _broken(book: Codebook, indicator: str, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether a trend break lies between the two waves of each row."""
    waves = zip(rows["item"], rows[YEAR].astype(int), rows["versus"].astype(int), strict=True)
    return np.array(
        [
            book.break_between(indicator, item, min(pair), max(pair)) is not None
            for item, *pair in waves
        ],
        dtype=bool,
    )


def _rests(
    source: Source, selection: Selection, rows: pd.DataFrame, split: str
) -> list[tuple[str, Box]]:
    """The boxes of all other groups, for each row."""
    levels = {level.code for level in source.codebook.by_dimension[split].levels}
    kept = levels & set(selection.filtered(split) or levels)
    boxes = _boxes(selection, rows)
    return [
        (item, {**box, split: frozenset(kept - {row})})
        for (item, box), row in zip(boxes, rows[split], strict=True)
    ]


def _tested(
    book: Codebook, rows: pd.DataFrame, family: tuple[str, ...], settings: Settings
) -> pd.DataFrame:
    """Adjusted p-values and marks; a difference with a hidden side would give it away, so none."""
    return _adjusted(book, significance.hide(rows, book.thresholds), list(family), settings)


def _adjusted(
    book: Codebook, rows: pd.DataFrame, family: list[str], settings: Settings
) -> pd.DataFrame:
    return significance.with_adjusted(
        rows,
        family,
        settings.correction,
        alpha=1 - settings.confidence,
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
