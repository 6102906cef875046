"""Plans of a wave against what later waves found: what was announced, what happened, the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import stdtr

from barometer import measure, significance
from barometer.cells import Selection
from barometer.codebook import YEAR
from barometer.contrasts import Term
from barometer.declarations import Fact, Plan
from barometer.estimates import wald
from barometer.kept import kept
from barometer.measure import TOTAL, Settings, Source, Where
from barometer.rows import Rows, known

OUTCOMES_KEPT = 256  # charts of plans, each with its groups and filter; some 50 kB each


@dataclass(frozen=True)
class Measured:
    """A number, its interval, and whether it differs significantly from 0; None where unknown.

    `se` and `df` are its standard error and its degrees of freedom, `terms` what it is made of.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    significant: bool = False
    se: float | None = None
    df: float | None = None
    terms: tuple[Term, ...] = ()


NOTHING = Measured()


@dataclass(frozen=True)
class Outcome:
    """What became of one plan in one group; fractions of the base.

    `announced` is the share that planned it in wave `earlier`; `change` how far its fact moved
    from there to wave `later` (None where no wave compares); `gap` the change less the share
    announced. `n` is the smallest base of the three, `flag` the worst of theirs.
    """

    planned: str
    group: str
    earlier: int
    later: int | None
    announced: Measured
    change: Measured
    gap: Measured
    n: int
    flag: str


def announced_in(years: Sequence[int], plan: Plan, year: int) -> int | None:
    """The wave whose plans are told for a view of `year`; None where no plan can be judged.

    The view's own where a later wave lies in the horizon, else the nearest earlier one, if
    possible one whose horizon is over.
    """
    if _aimed_at(years, plan, year):
        return year
    earlier = [y for y in years if y < year and _aimed_at(years, plan, y)]
    over = [y for y in earlier if plan.last is None or y + plan.last <= max(years)]
    return max(over or earlier, default=None)


@kept(OUTCOMES_KEPT)
def outcomes(
    source: Source,
    indicator: str,
    plan: Plan,
    by: str | None,
    year: int,
    where: Where,
    settings: Settings,
) -> tuple[Outcome, ...]:
    """Each plan in each group, against the last wave of its horizon that compares.

    The change is tested as two independent waves; changes are adjusted over all plans and groups,
    gaps as well. Those who answered a wave gave both their plan and the fact, and cells do not
    tell how the two go together; so the gap's standard error takes the widest that they allow
    (Cauchy–Schwarz): SE² = SE²(later) + (SE(earlier) + SE(announced))². An interval of a gap is
    therefore conservative. Empty where no plan can be judged.
    """
    earlier = announced_in(source.years, plan, year)
    if earlier is None:
        return ()
    waves = {fact: _later(source, fact, plan, earlier) for fact in plan.facts}
    changes = _changes(source, waves, by, earlier, where, settings)
    announced = _rows(source, indicator, by, where, settings, earlier)
    rows: list[dict[str, Any]] = []
    for fact in plan.facts:
        for group, planned in announced.get(fact.planned, {}).items():
            change = changes.get((fact.planned, group))
            rows.append({"fact": fact, "group": group, "planned": planned, "change": change})
    gaps = _tested(source, [_gap(row, settings) for row in rows], settings)
    found = (
        _outcome(source, row, gap, earlier, waves[row["fact"]], settings)
        for row, gap in zip(rows, gaps, strict=True)
    )
    return tuple(_made_of(one, indicator, plan, by, where) for one in found)


def _made_of(one: Outcome, indicator: str, plan: Plan, by: str | None, where: Where) -> Outcome:
    """The same outcome, each of its numbers with the estimates that it is made of."""
    fact = next(fact for fact in plan.facts if fact.planned == one.planned)
    levels = () if by is None or one.group == TOTAL else ((by, (one.group,)),)
    planned = Term(indicator, one.planned, one.earlier, where, levels)
    announced = replace(one.announced, terms=(planned,))
    if one.later is None:
        return replace(one, announced=announced)
    before = Term(fact.indicator, fact.item, one.earlier, where, levels, -1.0)
    moved = (replace(before, year=one.later, slope=1.0), before)
    return replace(
        one,
        announced=announced,
        change=replace(one.change, terms=moved),
        gap=replace(one.gap, terms=(*moved, planned.times(-1.0))),
    )


def _aimed_at(years: Sequence[int], plan: Plan, year: int) -> list[int]:
    """Waves that lie in the horizon of the plans of a wave; none where the wave is unknown."""
    last = max(years) if plan.last is None else year + plan.last
    return [y for y in years if year in years and year + plan.first <= y <= last]


def _later(source: Source, fact: Fact, plan: Plan, earlier: int) -> int | None:
    """The last wave of the horizon that asked the fact and compares with the wave of the plan."""
    asked = measure.waves(source, fact.indicator, None, ())[0]
    waves = set(asked[YEAR][asked["item"] == fact.item].tolist())
    if earlier not in waves:
        return None
    found = [
        y
        for y in _aimed_at(source.years, plan, earlier)
        if y in waves
        and source.codebook.break_between(fact.indicator, fact.item, earlier, y) is None
    ]
    return max(found, default=None)


def _rows(
    source: Source, indicator: str, by: str | None, where: Where, settings: Settings, year: int
) -> dict[str, dict[str, dict[Any, Any]]]:
    """Estimates of a wave, by item and group."""
    rows = measure.waves(source, indicator, by, where, settings)[0]
    found: dict[str, dict[str, dict[Any, Any]]] = {}
    for row in rows.at(rows[YEAR] == year).records():
        found.setdefault(row["item"], {})[TOTAL if by is None else row[by]] = row
    return found


def _changes(
    source: Source,
    waves: dict[Fact, int | None],
    by: str | None,
    earlier: int,
    where: Where,
    settings: Settings,
) -> dict[tuple[str, str], dict[Any, Any]]:
    """The tested change of each fact in each group, by plan and group."""
    found = []
    asked = {(fact.indicator, later) for fact, later in waves.items() if later is not None}
    for indicator, later in sorted(asked):
        facts = [f for f, y in waves.items() if f.indicator == indicator and y == later]
        selection = Selection(
            indicator,
            (YEAR,) if by is None else (YEAR, by),
            (*where, (YEAR, (str(earlier), str(later)))),
            tuple(fact.item for fact in facts),
        )
        before = _rows(source, indicator, by, where, settings, earlier)
        for row in measure.pairs.rows(source, selection, settings).records():
            group = TOTAL if by is None else row[by]
            se = before[row["item"]][group]["se"] if group in before.get(row["item"], {}) else None
            for fact in facts:
                if fact.item == row["item"]:
                    gained = -row["difference"]  # the pair is earlier − later
                    found.append(row | {"fact": fact, "group": group, "gained": gained, "se_a": se})
    tested = _tested(source, found, settings)
    return {(row["fact"].planned, row["group"]): row for row in tested}


def _gap(row: dict[str, Any], settings: Settings) -> dict[str, Any]:
    planned, change = row["planned"], row["change"]
    if change is None:
        return {"gained": np.nan, "se": np.nan, "df": np.nan, "p": np.nan, "n_a": 0, "n_b": 0}
    gap = change["gained"] - planned["value"]
    apart = change["se"] ** 2 - np.nan_to_num(float(change["se_a"] or 0.0)) ** 2  # of `later` alone
    together = np.nan_to_num(float(change["se_a"] or 0.0)) + np.nan_to_num(planned["se"])
    se = float(np.sqrt(max(apart, 0.0) + together**2))
    df = float(min(change["df"], planned["df"]))
    p = 2 * stdtr(df, -abs(gap) / se) if se > 0 and df > 0 else np.nan
    n = min(change["n_a"], planned["n"])
    return {"gained": gap, "se": se, "df": df, "p": p, "n_a": n, "n_b": change["n_b"]}


def _tested(source: Source, rows: list[dict[Any, Any]], settings: Settings) -> list[dict[Any, Any]]:
    """The rows with p_adjusted and significant, one family."""
    if not rows:
        return []
    tested = significance.with_adjusted(
        Rows({name: [row[name] for row in rows] for name in ("p", "n_a", "n_b")}),
        [],
        settings.correction,
        alpha=1 - settings.confidence,
        minimum_base=source.codebook.thresholds.flag_below,
    )
    marks = tested["significant"].tolist()
    return [row | {"significant": mark} for row, mark in zip(rows, marks, strict=True)]


def _outcome(
    source: Source,
    row: dict[str, Any],
    gap: dict[str, Any],
    earlier: int,
    later: int | None,
    settings: Settings,
) -> Outcome:
    planned, change, fact = row["planned"], row["change"], row["fact"]
    bases = [planned["n"], *((change["n_a"], change["n_b"]) if change else ())]
    hidden = planned["flag"] == "hidden" or (change is not None and np.isnan(change["gained"]))
    fragile = min(bases) < source.codebook.thresholds.flag_below
    return Outcome(
        fact.planned,
        row["group"],
        earlier,
        later,
        _known(planned, planned["value"], planned["ci_low"], planned["ci_high"]),
        NOTHING if change is None else _moved(change, settings),
        NOTHING if change is None else _moved(gap, settings),
        int(min(bases)),
        "hidden" if hidden else "flagged" if fragile else "",
    )


def _moved(row: dict[Any, Any], settings: Settings) -> Measured:
    low, high = wald(row["gained"], row["se"], row["df"], settings.confidence)
    return _known(row, row["gained"], float(low), float(high), row["significant"])


def _known(
    row: dict[Any, Any], value: float, low: float, high: float, significant: bool = False
) -> Measured:
    numbers = (value, low, high, row["se"], row["df"])
    value_, low_, high_, se, df = map(known, numbers)
    return Measured(value_, low_, high_, bool(significant), se, df)
