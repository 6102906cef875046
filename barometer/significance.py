"""Compares estimates: two groups, a group and its total or its rest, a wave and an earlier one.

Takes the rollups of `estimates`. Every test is a t test of the difference of two unrounded weighted
means, with the variance of the design and the covariance that shared strata or respondents bring.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc

from barometer.cells import Floats, Integers, Key, Sums
from barometer.estimates import (
    Domains,
    Linearised,
    Measure,
    SmallBases,
    Table,
    Thresholds,
    blanked,
    codes,
    combined,
    linearise,
    read,
    t_quantile,
)
from barometer.rows import Rows, framed

Adjustment = Literal["holm", "benjamini_hochberg", "none"]
TOTAL = "(total)"
REST = "(rest)"

# Two items share respondents, which cells do not tell: they are never compared.
_ITEM = ("indicator", "item")
# A variance of a difference under this fraction of its parts is what rounding leaves of zero.
_ROUNDING = 1e-12
_CHUNK = 2**21
_NUMBERS = (
    "value_a",
    "value_b",
    "value",
    "value_earlier",
    "difference",
    "cov",
    "se",
    "df",
    "t",
    "p",
    "p_adjusted",
)


@dataclass(frozen=True)
class _Side:
    """One side of C comparisons: positions (C,) of its domains among `domains`."""

    domains: Domains
    means: Linearised
    at: Integers

    def value(self) -> Floats:
        return self.means.value[self.at]

    def variance(self) -> Floats:
        return self.means.variance[self.at]

    def n(self) -> Integers:
        return self.means.n[self.at].astype(np.int64)


@framed
def pairs(
    rollup: pd.DataFrame | Sums,
    strata: pd.DataFrame,
    keys: Sequence[str],
    split: str,
    measure: Measure,
    order: Sequence[object] | None = None,
) -> Rows:
    """Every two levels of the key `split` within the same other keys; group_a comes before group_b.

    Levels come in order of first appearance, or in `order`: levels outside it are not compared.
    Columns: the other keys, group_a, group_b, value_a, value_b, difference (a − b), cov, se, df, t,
    p (two-sided), n_a, n_b. Groups of one wave share strata, so their covariance is
    −Σ_h n_h/(n_h − 1)·Σz_a·Σz_b/n_h, as R's vcov(svyby(…, covmat = TRUE)) has it; waves are
    independent. df counts the respondents of the item's base in the waves compared, groups not
    compared and respondents without a level included, minus the strata they belong to: R's
    degf(subset(design)). se, t and p are NaN where nothing is estimable (both sides at 0 or 1, an
    empty side, df ≤ 0); a side without variance adds none, as in R.

    Raises ValueError where `split` is an item or no key, and as `estimates.estimate` does.
    """
    groups, means, others = _groups(rollup, strata, keys, split, measure)
    rank = _ranks(groups.keys[split], order)
    eligible = np.flatnonzero(groups.known() & (rank >= 0))
    block = _blocks(groups, others)[0]
    ordered = eligible[np.lexsort((rank[eligible], block[eligible]))]
    first, second = _combinations(block[ordered])
    a = _Side(groups, means, ordered[first])
    b = _Side(groups, means, ordered[second])
    labels = _labels(groups, others, a.at)
    for name, side in (("group_a", a), ("group_b", b)):
        labels[name] = groups.keys[split].at(side.at)
    return _compared(labels, a, b, 0.0 - _shared_strata(a, b), _df(groups, a.at, b.at))


@framed
def against_total(
    rollup: pd.DataFrame | Sums,
    strata: pd.DataFrame,
    keys: Sequence[str],
    split: str,
    measure: Measure,
    order: Sequence[object] | None = None,
) -> Rows:
    """Each level of `split` against all respondents of the same other keys, itself among them.

    The total holds the respondents without a level too. Columns, order, df, NaN and errors as in
    `pairs`, with group_b the constant TOTAL. The covariance has the shared respondents in it:
    Σ_h n_h/(n_h − 1)·[Σ z_a z_b − Σz_a·Σz_b/n_h]. Raises ValueError for a split by year as well.
    """
    groups, means, others = _groups(rollup, strata, keys, split, measure, waves=False)
    block, first = _blocks(groups, others)
    every = np.arange(len(groups.domain))
    keys_of = groups.having(others, first)
    totals = groups.regrouped(len(first), keys_of, block[groups.domain], every)
    at, labels = _shown(groups, split, others, order)
    a = _Side(groups, means, at)
    b = _Side(totals, linearise(totals, measure), block[at])
    cov = _shared_respondents(groups, means, b.means, block)[at] - _shared_strata(a, b)
    return _compared(labels | {"group_b": TOTAL}, a, b, cov, _df(groups, at, at))


@framed
def against_rest(
    rollup: pd.DataFrame | Sums,
    strata: pd.DataFrame,
    keys: Sequence[str],
    split: str,
    measure: Measure,
    order: Sequence[object] | None = None,
) -> Rows:
    """Each level of `split` against all respondents of another level, within the same other keys.

    Respondents without a level are in no rest (they may belong to the group itself). Columns,
    covariance, df, NaN and errors as in `pairs`, with group_b the constant REST. Raises ValueError
    for a split by year as well.
    """
    groups, means, others = _groups(rollup, strata, keys, split, measure, waves=False)
    at, labels = _shown(groups, split, others, order)
    rest = _rests(groups, others, at)
    a = _Side(groups, means, at)
    b = _Side(rest, linearise(rest, measure), np.arange(len(at)))
    labels["group_b"] = REST
    return _compared(labels, a, b, 0.0 - _shared_strata(a, b), _df(groups, at, at))


@framed
def changes(
    rollup: pd.DataFrame | Sums,
    strata: pd.DataFrame,
    keys: Sequence[str],
    measure: Measure,
    comparable: Callable[[str, int, int], bool],
) -> Rows:
    """Each wave against the nearest earlier wave that `comparable(item, earlier, later)` allows.

    `year` is among the keys; item is "" where `item` is not. One row per combination of keys, by
    year within the others. Columns: the other keys, year, earlier (int, None where no earlier wave
    has a respondent or is comparable: then no difference is computed), value, value_earlier,
    difference (later − earlier), se = √(se² + se²) as waves are independent samples, df, t, p, n,
    n_earlier. df and NaN as in `pairs`. Raises ValueError where year is no key, and as
    `estimates.estimate` does.
    """
    groups, means, others = _groups(rollup, strata, keys, "year", measure)
    year = groups.keys["year"].at(np.arange(groups.size))
    block = _blocks(groups, others)[0]
    known = np.flatnonzero(groups.known())
    at = known[np.lexsort((year[known], block[known]))]
    before = _earlier(groups, means, at, block, comparable)
    has = before >= 0
    a, b = _Side(groups, means, at), _Side(groups, means, np.where(has, before, at))
    test = _tested(a, b, 0.0, _df(groups, a.at, b.at))
    earlier = np.empty(len(at), dtype=object)
    earlier[has] = year[b.at][has].tolist()
    columns = _labels(groups, others, at) | {
        "year": year[at].astype(np.int64),
        "earlier": earlier,
        "value": a.value(),
        "value_earlier": np.where(has, b.value(), np.nan),
        **{name: np.where(has, values, np.nan) for name, values in test.items()},
        "n": a.n(),
        "n_earlier": np.where(has, b.n(), 0),
    }
    return Rows(columns)


def adjust(p: npt.ArrayLike, method: Adjustment = "holm") -> Floats:
    """p-values (any number, NaN left out of the count) adjusted for how many they are.

    As R's p.adjust: "holm" (Holm, Scand. J. Statist. 6 (1979) 65–70), "benjamini_hochberg"
    (J. R. Statist. Soc. B 57 (1995) 289–300) or "none". Raises ValueError for another method.
    """
    _require_known(method)
    values = np.array(p, dtype=np.float64)
    return _adjusted(values, np.zeros(len(values), dtype=np.int64), method)


def _adjusted(p: Floats, family: Integers, method: Adjustment) -> Floats:
    """(C,) p-values adjusted within each family, all families of one size at once."""
    adjusted = p.copy()
    if method == "none":
        return adjusted
    valid = np.flatnonzero(~np.isnan(p))
    ordered = valid[np.lexsort((p[valid], family[valid]))]
    sizes = np.bincount(family[valid])
    start = np.cumsum(sizes) - sizes
    for size in np.unique(sizes[sizes > 0]):
        rank = np.arange(1, size + 1)
        rows = ordered[start[sizes == size, np.newaxis] + rank - 1]  # a family a line, by p
        if method == "holm":
            stepped = np.maximum.accumulate(p[rows] * (size - rank + 1), axis=1)
        else:
            stepped = np.minimum.accumulate((p[rows] * size / rank)[:, ::-1], axis=1)[:, ::-1]
        adjusted[rows] = np.minimum(stepped, 1)
    return adjusted


def with_adjusted(
    comparisons: Table,
    family: Sequence[str],
    method: Adjustment = "holm",
    alpha: float = 0.05,
    minimum_base: int = 30,
) -> Table:
    """The comparisons with p_adjusted, within rows that agree on `family`, and significant (bool).

    significant: p_adjusted under `alpha`, and both bases at least `minimum_base` respondents.
    Every tested row counts in its family, a small base too. Raises ValueError as `adjust` does.
    """
    _require_known(method)
    p = np.asarray(comparisons["p"], dtype=np.float64)
    adjusted = _adjusted(p, codes(comparisons, family)[0], method)
    base = np.minimum(*(np.asarray(comparisons[name]) for name in _bases(comparisons)))
    significant = (adjusted < alpha) & (base >= minimum_base)
    return comparisons.assign(p_adjusted=adjusted, significant=significant)


def hide(comparisons: Table, thresholds: SmallBases | None = None) -> Table:
    """The same table with every number NaN, but the bases, where a base is under `hide_below`.

    A difference with a hidden group would give it away. significant, where there, becomes False.
    A missing earlier wave is no small base: the row keeps its value.
    """
    limit = (thresholds or Thresholds()).hide_below
    first, second = (np.asarray(comparisons[name]) for name in _bases(comparisons))
    small = np.minimum(first, second) < limit
    if "earlier" in comparisons:
        small &= (first < limit) | pd.notna(np.asarray(comparisons["earlier"]))
    hidden = blanked(comparisons, small, _NUMBERS)
    if "significant" not in hidden:
        return hidden
    return hidden.assign(significant=np.asarray(hidden["significant"]) & ~small)


def smallest_detectable(
    se: npt.ArrayLike, df: npt.ArrayLike, confidence: float = 0.95, power: float = 0.8
) -> Floats:
    """The true gap that the test finds with probability `power`: se·(t(1 − α/2) + t(power)).

    In the unit of `se`, shape of the arguments; NaN where se is not positive or df ≤ 0. Bloom,
    Evaluation Review 19 (1995) 547–556.
    """
    error = np.asarray(se, dtype=np.float64)
    quantiles = t_quantile(1 - (1 - confidence) / 2, df) + t_quantile(power, df)
    return np.asarray(np.where(error > 0, error, np.nan) * quantiles)


def typically_detectable(
    se: npt.ArrayLike, df: npt.ArrayLike, confidence: float = 0.95, power: float = 0.8
) -> float:
    """The median of `smallest_detectable` over several comparisons; NaN where none has any."""
    gaps = smallest_detectable(se, df, confidence, power)
    return float(np.nanmedian(gaps)) if np.isfinite(gaps).any() else float("nan")


def _groups(
    rollup: pd.DataFrame | Sums,
    strata: pd.DataFrame,
    keys: Sequence[str],
    split: str,
    measure: Measure,
    *,
    waves: bool = True,
) -> tuple[Domains, Linearised, list[str]]:
    """The groups of all keys, missing levels included, their means, and the keys but `split`."""
    if split not in keys:
        raise ValueError(f"{split} is not among the keys {', '.join(keys)}")
    if split in _ITEM:
        raise ValueError(f"two levels of {split} share respondents: cells cannot compare them")
    if split == "year" and not waves:
        raise ValueError("waves are compared with each other, not with their total or rest")
    groups = read(rollup, strata, keys)
    return groups, linearise(groups, measure), [key for key in keys if key != split]


def _blocks(groups: Domains, names: Sequence[str]) -> tuple[Integers, Integers]:
    """(D,) code of each group's combination of keys, and the first group of each."""
    return combined([groups.keys[name] for name in names], groups.size)


def _ranks(key: Key, order: Sequence[object] | None) -> Integers:
    """(D,) place of each level; −1 for a level to leave out."""
    if order is None:
        return combined([key], len(key.codes))[0]
    place = {level: position for position, level in enumerate(order)}
    return np.array([place.get(level, -1) for level in key.levels], dtype=np.int64)[key.codes]


def _shown(
    groups: Domains, split: str, others: list[str], order: Sequence[object] | None
) -> tuple[Integers, dict[str, object]]:
    """Groups to compare, by other keys then level, with the labels of their rows."""
    rank = _ranks(groups.keys[split], order)
    block = _blocks(groups, others)[0]
    eligible = np.flatnonzero(groups.known() & (rank >= 0))
    at = eligible[np.lexsort((rank[eligible], block[eligible]))]
    return at, _labels(groups, others, at) | {"group_a": groups.keys[split].at(at)}


def _labels(groups: Domains, names: Sequence[str], at: Integers) -> dict[str, Any]:
    """The keys of groups at some positions, as columns of their own."""
    return {name: groups.keys[name].at(at) for name in names}


def _combinations(block: Integers) -> tuple[Integers, Integers]:
    """Positions (i, j), i < j, of every two equal entries of a sorted array."""
    end = np.searchsorted(block, block, side="right")
    partners = end - np.arange(len(block)) - 1
    first = np.repeat(np.arange(len(block)), partners)
    start = np.repeat(np.cumsum(partners) - partners, partners)
    return first, first + 1 + np.arange(len(first)) - start


def _rests(groups: Domains, others: list[str], at: Integers) -> Domains:
    """One domain per group of `at`: the known groups of its block but itself.

    Built by adding rows, not by taking the group from a total: nothing cancels.
    """
    block = _blocks(groups, others)[0]
    rows = np.flatnonzero(groups.known()[groups.domain])
    rows = rows[np.argsort(block[groups.domain[rows]], kind="stable")]
    of_row = block[groups.domain[rows]]
    start = np.searchsorted(of_row, block[at], side="left")
    count = np.searchsorted(of_row, block[at], side="right") - start
    rest = np.repeat(np.arange(len(at)), count)
    within = np.arange(len(rest)) - np.repeat(np.cumsum(count) - count, count)
    row = rows[np.repeat(start, count) + within]
    other = groups.domain[row] != at[rest]
    keys = groups.having(list(groups.keys), at)
    return groups.regrouped(len(at), keys, rest[other], row[other])


def _earlier(
    groups: Domains,
    means: Linearised,
    at: Integers,
    block: Integers,
    comparable: Callable[[str, int, int], bool],
) -> Integers:
    """For each group of `at`, sorted by block and year, the group to compare with, or −1."""
    every = np.arange(groups.size)
    years = [int(year) for year in groups.keys["year"].at(every).tolist()]
    items = groups.keys["item"].at(every).tolist() if "item" in groups.keys else None
    item = None if items is None else [str(item) for item in items]
    ask = cache(comparable)  # groups of one item ask the same
    blocks, occupied, places = block.tolist(), (means.n > 0).tolist(), at.tolist()
    found = np.full(len(at), -1, dtype=np.int64)
    for position, later in enumerate(places):
        name = item[later] if item else ""
        before = position - 1
        while before >= 0 and blocks[candidate := places[before]] == blocks[later]:
            if occupied[candidate] and ask(name, years[candidate], years[later]):
                found[position] = candidate
                break
            before -= 1
    return found


def _shared_strata(a: _Side, b: _Side) -> Floats:
    """(C,) Σ_h n_h/(n_h − 1)·Σz_a·Σz_b/n_h."""
    dense_a, dense_b = _dense(a.domains, a.means), _dense(b.domains, b.means)
    result = np.zeros(len(a.at))
    step = max(1, _CHUNK // max(1, dense_a.shape[1]))
    for start in range(0, len(a.at), step):
        part = slice(start, start + step)
        result[part] = np.einsum("ch,ch->c", dense_a[a.at[part]], dense_b[b.at[part]])
    return result


def _dense(domains: Domains, means: Linearised) -> Floats:
    """(D, H) Σz·√(n_h/(n_h − 1)/n_h), 0 where the domain does not reach the stratum."""
    table = np.zeros((domains.size, len(domains.n_stratum)))
    factor = np.sqrt(domains.scale() * domains.centring())
    table[domains.domain, domains.stratum] = means.sum_z * factor[domains.stratum]
    return table


def _shared_respondents(
    groups: Domains, means: Linearised, totals: Linearised, block: Integers
) -> Floats:
    """(D,) Σ_h n_h/(n_h − 1)·Σ z_a z_b over the respondents of each group, b being its total."""
    p_a, p_b = means.value, totals.value[block]
    weight = means.weight * totals.weight[block]
    domain = groups.domain
    products = (
        groups.column("w2y2")
        - (p_a + p_b)[domain] * groups.column("w2y")
        + (p_a * p_b)[domain] * groups.column("w2")
    )
    summed = groups.total(groups.scale()[groups.stratum] * products)
    return np.divide(summed, weight, out=np.full_like(summed, np.nan), where=weight > 0)


def _df(groups: Domains, a: Integers, b: Integers) -> Floats:
    """(C,) respondents of the item's base in the waves compared minus their strata."""
    keys = [key for key in (*_ITEM, "year") if key in groups.keys]
    base, first = _blocks(groups, keys)
    n, of_row = groups.column("n"), base[groups.domain]
    reached = np.zeros((len(first), len(groups.n_stratum)), dtype=bool)
    reached[of_row[n > 0], groups.stratum[n > 0]] = True
    df: Floats = np.bincount(of_row, weights=n, minlength=len(first)) - reached.sum(axis=1)
    return df[base[a]] + np.where(base[a] == base[b], 0, df[base[b]])


def _tested(a: _Side, b: _Side, cov: Floats | float, df: Floats) -> dict[str, Floats]:
    """difference, se, df, t and p of C comparisons."""
    difference = a.value() - b.value()
    parts = a.variance() + b.variance()
    variance = parts - 2 * np.asarray(cov)
    testable = (variance > _ROUNDING * parts) & (df > 0)
    se = np.sqrt(np.where(testable, variance, np.nan))
    t = difference / se
    # Both tails in one incomplete beta: exact far out, where 1 − F(t) would be 0.
    p = betainc(df / 2, 0.5, df / (df + t**2), where=testable, out=np.full_like(t, np.nan))
    return {"difference": difference, "se": se, "df": df, "t": t, "p": p}


def _compared(labels: dict[str, Any], a: _Side, b: _Side, cov: Floats, df: Floats) -> Rows:
    """The rows of C comparisons, in the columns that `pairs` names."""
    test = _tested(a, b, cov, df)
    numbers = {
        "value_a": a.value(),
        "value_b": b.value(),
        "difference": test.pop("difference"),
        "cov": cov,
        **test,
        "n_a": a.n(),
        "n_b": b.n(),
    }
    return Rows(labels | numbers, len(a.at))


def _require_known(method: str) -> None:
    if method not in get_args(Adjustment):
        raise ValueError(f"no adjustment {method}; there are {get_args(Adjustment)}")


def _bases(comparisons: pd.DataFrame | Rows) -> list[str]:
    return ["n", "n_earlier"] if "n_earlier" in comparisons else ["n_a", "n_b"]
