"""Answer a selection: estimates and comparisons, under the codebook's thresholds and breaks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from barometer import disclosure, estimates, significance
from barometer.cells import Floats, Selection, Sums
from barometer.codebook import YEAR, Codebook
from barometer.disclosure import Asked, Box, Protection
from barometer.estimates import Interval, Method
from barometer.kept import kept
from barometer.rows import Rows, framed, isin, stacked
from barometer.significance import Adjustment

Where = tuple[tuple[str, tuple[str, ...]], ...]
TOTAL = ""  # the group of everybody
COMPARED = ("value_a", "value_b", "value", "value_earlier", "difference", "cov", "se", "t", "p")
PLANS_KEPT = 64  # indicators whose hidden bases are known
BASES = 8  # bases of an indicator over which only the items shown are decided
TABLES_KEPT = 512  # tables of one indicator, breakdown and filter; about 100 kB each


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
    def sums(self, selection: Selection, /) -> Sums: ...  # noqa: D102
    def bases(self, indicator: str, /) -> list[tuple[tuple[str, ...], pd.DataFrame]]: ...  # noqa: D102


@framed
def estimate(source: Source, selection: Selection, settings: Settings = DEFAULTS) -> Rows:
    """One row per item × group: indicator, item, the dimensions of `by`, then the estimate.

    Groups come in the codebook's order; a group that the base has nobody of is absent; values on
    a base under the threshold are blank and flagged hidden.
    """
    book = source.codebook
    rows = estimates.estimate.rows(
        source.sums(selection),
        source.strata,
        selection.keys,
        book.by_indicator[selection.indicator].measure,
        settings.method,
        book.thresholds,
    )
    guarded = _gives_away(source, selection, _boxes(selection, rows))
    rows = rows.assign(flag=np.where(guarded, "hidden", rows["flag"]))
    return _in_order(book, selection, estimates.hide(rows))


@framed
def pairs(
    source: Source,
    selection: Selection,
    settings: Settings = DEFAULTS,
    family: tuple[str, ...] | None = None,
) -> Rows:
    """Differences between the groups of the first dimension of `by`, within those of the others.

    Columns: indicator, item, the dimensions of `by` (the first holds group a), versus (group b),
    difference (a − b), se, df, p, p_adjusted (Holm unless chosen otherwise) and significant.
    `family` names the columns whose values delimit a family of comparisons; by default one item
    within the other dimensions. Waves on both sides of a trend break are not compared.
    """
    return _between_groups(source, selection, settings, family, significance.pairs.rows, None)


@framed
def changes(
    source: Source,
    selection: Selection,
    settings: Settings = DEFAULTS,
    family: tuple[str, ...] = ("item", YEAR),
) -> Rows:
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
    rows = significance.changes.rows(
        source.sums(across),
        source.strata,
        across.keys,
        book.by_indicator[selection.indicator].measure,
        lambda item, earlier, later: (
            book.break_between(selection.indicator, item, earlier, later) is None
        ),
    )
    if kept is not None:
        rows = rows.at(isin(rows[YEAR], {int(year) for year in kept}))
    rows = _guarded(source, across, rows, (YEAR, "earlier"))
    rows = _tested(book, rows, family, settings).renamed(earlier="versus")
    return _in_order(book, across, rows)


@framed
def against(
    source: Source,
    selection: Selection,
    settings: Settings = DEFAULTS,
    family: tuple[str, ...] | None = None,
) -> Rows:
    """Differences of each group of the first dimension of `by` with all others, or with the total.

    As `pairs`; `versus` says which of the two, as `settings.reference` does.
    """
    total = settings.reference == "total"
    test = (significance.against_total if total else significance.against_rest).rows
    return _between_groups(source, selection, settings, family, test, settings.reference)


def _between_groups(
    source: Source,
    selection: Selection,
    settings: Settings,
    family: tuple[str, ...] | None,
    test: Callable[..., Rows],
    versus: str | None,
) -> Rows:
    """What `test` says of the groups of the first breakdown.

    `versus` names the other side where it is the same for all, None where it is a group.
    """
    split, *within = selection.by
    book = source.codebook
    rows = test(
        _sums(source, selection),
        source.strata,
        selection.keys,
        split,
        book.by_indicator[selection.indicator].measure,
        order=_levels(book, source, split),
    ).renamed(group_a=split, group_b="versus")
    if versus is not None:
        rows = rows.assign(versus=np.full(len(rows), versus, dtype=object))
    if split == YEAR:
        broken = _broken(book, selection.indicator, rows)
        rows = estimates.blanked(rows, broken, COMPARED)
    rows = _guarded(source, selection, rows, (split, versus or "versus"))
    rows = _tested(book, rows, ("item", *within) if family is None else family, settings)
    return _in_order(book, selection, rows)


def _sums(source: Source, selection: Selection) -> Sums:
    """Sums of a selection; those of some waves are taken out of those a chart has asked for."""
    if selection.filtered(YEAR) is None or narrowed(source, selection.indicator, ()) is not None:
        return source.sums(selection)
    return source.sums(selection.widened()).narrowed(selection)


@kept(TABLES_KEPT)
def waves(
    source: Source,
    indicator: str,
    by: str | None,
    where: Where,
    settings: Settings = DEFAULTS,
    items: tuple[str, ...] | None = None,
) -> tuple[Rows, Rows]:
    """Items of an indicator in every wave, split by one dimension or not: read, never change.

    Two tables: the estimates, and the differences with what `settings.reference` says, each a
    family of its own. Without `by` the reference is the previous wave. All items, or those that
    `narrowed` gave.
    """
    selection = Selection(indicator, (YEAR,) if by is None else (by, YEAR), where, items)
    test = changes if by is None or settings.reference == "previous" else against
    moves = test.rows(source, selection, settings, ("item", *selection.by))
    return estimate.rows(source, selection, settings), moves


def narrowed(source: Source, indicator: str, items: Iterable[str]) -> tuple[str, ...] | None:
    """The items to ask `waves` for: None, all of them, where they share a few bases.

    Each base costs a decision on what it may show in every wave, so where nearly every item has
    one of its own, those that nobody looks at are left out.
    """
    told = (indicator, *source.codebook.ratios.get(indicator, ()))
    if sum(len(source.bases(code)) for code in told) <= BASES:
        return None
    return tuple(sorted(items))


@framed
@kept(TABLES_KEPT)
def shown(
    source: Source,
    indicator: str,
    items: tuple[str, ...],
    by: str | None,
    total: bool,
    where: Where,
    settings: Settings = DEFAULTS,
) -> Rows:
    """What one chart shows of an indicator, in every wave: read it, never change it.

    Columns: item, group (TOTAL for everybody, there without `by` or with `total`), year, the
    estimate, and the tested difference: versus, difference, p, p_adjusted (over the items and
    groups of a wave) and significant. The total is tested where the reference is the past.
    """
    splits = [None] if by is None else [by, None] if total else [by]
    estimates_of: list[Rows] = []
    moves_of: list[Rows] = []
    for split in splits:
        rows, moves = waves(
            source, indicator, split, where, settings, narrowed(source, indicator, items)
        )
        beside = split is None and by is not None and settings.reference != "previous"
        for part, tables in ((rows, estimates_of), (moves, moves_of)):
            here = part.at(isin(part["item"], {*items} if part is rows or not beside else set()))
            group = np.full(len(here), TOTAL, dtype=object) if split is None else here[split]
            tables.append(here.assign(group=group).without(split or ""))
    moves = stacked([part for part in moves_of if len(part)] or moves_of[:1])
    moves = _adjusted(source.codebook, moves, [YEAR], settings)
    return _beside(stacked(estimates_of), moves, ["item", "group", YEAR])


def _beside(rows: Rows, moves: Rows, keys: list[str]) -> Rows:
    """Estimates with the tested difference of the same keys, where there is one."""
    places = {
        key: at for at, key in enumerate(zip(*(moves[k].tolist() for k in keys), strict=True))
    }
    wanted = zip(*(rows[key].tolist() for key in keys), strict=True)
    at = np.array([places.get(key, -1) for key in wanted], dtype=np.int64)
    missing = at < 0

    def numbers(name: str) -> Floats:
        found = moves[name].astype(np.float64)
        return np.where(missing, np.nan, found[at]) if len(found) else np.full(len(at), np.nan)

    def objects(name: str) -> npt.NDArray[np.object_]:
        found = np.array([*moves[name].tolist(), None], dtype=object)
        return found[np.where(missing, len(found) - 1, at)]

    return rows.assign(
        versus=objects("versus"),
        difference=numbers("difference"),
        difference_se=numbers("se"),
        difference_df=numbers("df"),
        p=numbers("p"),
        p_adjusted=numbers("p_adjusted"),
        significant=objects("significant"),
    )


def _boxes(selection: Selection, rows: Rows, **other: str) -> list[tuple[str, Box]]:
    """(item, levels kept of each dimension) of each row; `other` names the column of a level.

    A column that the rows lack stands for all levels (the total) or for all but the group's own.
    """
    where: dict[str, Any] = {name: frozenset(levels) for name, levels in selection.where}
    columns = [other.get(name, name) for name in selection.by]
    nothing = [None] * len(rows)
    known = [rows[column].tolist() if column in rows else nothing for column in columns]
    made: dict[tuple[object, ...], Box] = {}
    found: list[tuple[str, Box]] = []
    for item, *levels in zip(rows["item"].tolist(), *known, strict=True):
        key = tuple(levels)
        if key not in made:
            named = zip(selection.by, key, strict=True)
            made[key] = where | {
                name: frozenset([str(int(level) if name == YEAR else level)])
                for name, level in named
                if level is not None
            }
        found.append((item, made[key]))
    return found


@kept(PLANS_KEPT)
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


def decided(source: Source) -> Iterator[None]:
    """Take the decisions that views with up to three filters need, one at a step.

    What may be shown of each base of each indicator in each wave: the first view that needs such a
    decision would wait for it.
    """
    for indicator in source.codebook.indicators:
        for _, plans in _plans(source, indicator.code):
            for plan in plans.values():
                plan.prepare()
                yield


def _gives_away(
    source: Source, selection: Selection, boxes: list[tuple[str, Box]]
) -> npt.NDArray[np.bool_]:
    """Whether each box must be hidden: its base is small, or would give a small one away.

    Several waves together are shown where each of them is. A share that gives another one by a
    division is hidden with it: see `Indicator.ratio_of`.
    """
    hidden = np.zeros(len(boxes), dtype=bool)
    by_item: dict[str, list[int]] = {}
    for at, (item, _) in enumerate(boxes):
        by_item.setdefault(item, []).append(at)
    # Rows share their boxes: what is asked of each is spelled once, and decided once a base.
    keys = [id(box) for _, box in boxes]
    spelled = {key: _spelled(box) for key, box in {id(box): box for _, box in boxes}.items()}
    indicator = selection.indicator
    told = (indicator, *source.codebook.ratios.get(indicator, ()))
    for items, plans in itertools.chain.from_iterable(_plans(source, code) for code in told):
        if places := [at for item in items for at in by_item.get(item, ())]:
            distinct = {keys[at]: spelled[keys[at]] for at in places}
            refused = _refused(distinct, plans)
            hidden[[at for at in places if keys[at] in refused]] = True
    return hidden


def _spelled(box: Box) -> tuple[frozenset[str], Asked]:
    """The waves that a box keeps, none for all, and what it keeps of the rest."""
    waves = box.get(YEAR) or ()
    return frozenset(waves), disclosure.asked({n: kept for n, kept in box.items() if n != YEAR})


def _refused(
    boxes: dict[int, tuple[frozenset[str], Asked]], plans: dict[str, Protection]
) -> set[int]:
    """The boxes of which some wave may not be shown."""
    refused: set[int] = set()
    by_wave: dict[str, list[int]] = {}
    for key, (waves, _) in boxes.items():
        for wave in waves or plans:
            by_wave.setdefault(wave, []).append(key)
    for wave, keys in by_wave.items():
        if wave in plans:
            found = plans[wave].decide([boxes[key][1] for key in keys]).tolist()
            refused.update(
                key for key, why in zip(keys, found, strict=True) if why != disclosure.VISIBLE
            )
    return refused


def _guarded(source: Source, selection: Selection, rows: Rows, sides: tuple[str, str]) -> Rows:
    """Differences without those of which one side must be hidden.

    `sides` are the columns of both sides' levels; "total" and "others" are no columns.
    """
    split, versus = sides
    if not len(rows):
        return rows
    hidden = _gives_away(source, selection, _boxes(selection, rows))
    if versus == "others":
        hidden |= _gives_away(source, selection, _rests(source, selection, rows, split))
    else:
        hidden |= _gives_away(source, selection, _boxes(selection, rows, **{split: versus}))
    return estimates.blanked(rows, hidden, COMPARED)


def _broken(book: Codebook, indicator: str, rows: Rows) -> npt.NDArray[np.bool_]:
    """Whether a trend break lies between the two waves of each row."""
    pairs_of = zip(*(rows[name].tolist() for name in ("item", YEAR, "versus")), strict=True)
    return np.array(
        [
            book.break_between(indicator, item, min(pair), max(pair)) is not None
            for item, *pair in pairs_of
        ],
        dtype=bool,
    )


def _rests(source: Source, selection: Selection, rows: Rows, split: str) -> list[tuple[str, Box]]:
    """The boxes of all other groups, for each row."""
    levels = {level.code for level in source.codebook.by_dimension[split].levels}
    kept = levels & set(selection.filtered(split) or levels)
    boxes = _boxes(selection, rows)
    made: dict[tuple[int, str], Box] = {}
    for (_, box), row in zip(boxes, rows[split].tolist(), strict=True):
        if (key := (id(box), row)) not in made:
            made[key] = {**box, split: frozenset(kept - {row})}
    return [
        (item, made[id(box), row])
        for (item, box), row in zip(boxes, rows[split].tolist(), strict=True)
    ]


def _tested(book: Codebook, rows: Rows, family: tuple[str, ...], settings: Settings) -> Rows:
    """Adjusted p-values and marks; a difference with a hidden side would give it away, so none."""
    return _adjusted(book, significance.hide(rows, book.thresholds), list(family), settings)


def _adjusted(book: Codebook, rows: Rows, family: list[str], settings: Settings) -> Rows:
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


def _in_order(book: Codebook, selection: Selection, rows: Rows) -> Rows:
    """Rows in the order of the questionnaire: items first, then the levels of each dimension."""
    declared = book.by_indicator[selection.indicator].by_code
    ranks: dict[str, dict[object, int]] = {"item": {code: i for i, code in enumerate(declared)}}
    for name in selection.by:
        if name != YEAR:
            levels = book.by_dimension[name].levels
            ranks[name] = {level.code: rank for rank, level in enumerate(levels)}
    orders: list[npt.NDArray[Any]] = []
    for name in reversed(selection.keys):
        found = rows[name]
        if name in ranks:
            found = np.array([ranks[name][level] for level in found.tolist()], dtype=np.int64)
        orders.append(found)
    ordered = rows.at(np.lexsort(tuple(orders)))
    indicator = np.full(len(rows), selection.indicator, dtype=object)
    return Rows({"indicator": indicator} | ordered.columns)
