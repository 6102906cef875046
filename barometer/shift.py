"""A change of a total between two waves: what moved within groups, and what their mix did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from barometer import measure
from barometer.cells import Selection
from barometer.codebook import YEAR
from barometer.contrasts import Error, Term, error
from barometer.measure import TOTAL, Settings, Source, Where

MIX = "mix"


@dataclass(frozen=True)
class Shift:
    """The parts of a change; they add up to it exactly.

    `n` is the smaller of the two bases. `within` has for each group the change inside it, at the
    group's mean weight of both waves; `mix` the change that the groups' weights alone make, at
    each group's mean value. `terms` has, for each group, MIX and TOTAL, the estimates that the part
    is made of, `errors` its standard error.
    """

    earlier: int
    later: int
    change: float
    within: dict[str, float]
    mix: float
    n: int
    terms: Mapping[str, tuple[Term, ...]]
    errors: Mapping[str, Error]


def shift(
    source: Source,
    indicator: str,
    item: str,
    by: str,
    years: tuple[int, int],
    where: Where,
    settings: Settings,
) -> Shift | None:
    """Decompose the change of an item between two waves by the groups of a dimension.

    Kitagawa's symmetric decomposition (J. Am. Stat. Assoc. 50 (1955) 1168–1194): with v a group's
    value and s its share of the weighted base, Σ s̄·Δv within and Σ v̄·Δs for the mix. None where
    a break, a hidden base, or respondents without a group stand in the way.
    """
    earlier, later = years
    if source.codebook.break_between(indicator, item, earlier, later):
        return None
    kept = (*where, (YEAR, (str(earlier), str(later))))
    split = Selection(indicator, (by, YEAR), kept, (item,))
    groups = measure.estimate(source, split, settings)
    totals = measure.estimate(source, replace(split, by=(YEAR,)), settings).set_index(YEAR)
    if groups.empty or groups["value"].isna().any() or set(totals.index) != {earlier, later}:
        return None
    values = groups.pivot(index=by, columns=YEAR, values="value")
    weights = groups.pivot(index=by, columns=YEAR, values="weighted_base").fillna(0.0)
    covered = weights.sum() / totals["weighted_base"]
    if values.isna().to_numpy().any() or (abs(covered - 1) > 1e-9).any():
        return None
    shares = weights / weights.sum()
    gained = values[later] - values[earlier]
    within = shares.mean(axis=1) * gained
    mix = (values.mean(axis=1) * (shares[later] - shares[earlier])).sum()
    change = float(totals["value"][later] - totals["value"][earlier])
    parts = {str(group): float(part) for group, part in within.items()}
    whole = Term(indicator, item, later, where)
    terms = _slopes(whole, by, years, values, shares)
    terms[TOTAL] = (whole, replace(whole, year=earlier, slope=-1.0))
    errors = {name: error((source, term) for term in of_part) for name, of_part in terms.items()}
    n = int(totals["n"].min())
    return Shift(earlier, later, change, parts, float(mix), n, terms, errors)


def _slopes(
    whole: Term, by: str, years: tuple[int, int], values: pd.DataFrame, shares: pd.DataFrame
) -> dict[str, tuple[Term, ...]]:
    """What each part is made of: the derivatives of s̄·Δv and Σ v̄·Δs in each v and each s."""
    terms: dict[str, tuple[Term, ...]] = {MIX: ()}
    for group in values.index:
        levels = ((by, (str(group),)),)
        within: tuple[Term, ...] = ()
        for year, sign in zip(years, (-1.0, 1.0), strict=True):
            mean = replace(whole, year=year, levels=levels)
            weight = replace(mean, share=True)
            gained, moved = (table.loc[group].diff().iloc[-1] for table in (values, shares))
            middle, part = values.loc[group].mean(), shares.loc[group].mean()
            within += (mean.times(sign * part), weight.times(gained / 2))
            terms[MIX] += (mean.times(moved / 2), weight.times(sign * middle))
        terms[str(group)] = within
    return terms
