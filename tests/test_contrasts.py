"""Errors of combinations of estimates, against other paths: pairs of cells, and every respondent."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from barometer import cells, declarations, measure
from barometer.apart import differences
from barometer.cells import Selection
from barometer.codebook import YEAR
from barometer.contrasts import Error, Term, error
from barometer.declarations import Compared
from barometer.measure import DEFAULTS
from barometer.plans import outcomes
from barometer.shift import MIX, shift
from barometer.spec import TOTAL
from barometer.store import Publication

MODEL = "relational_model"
GROUPS = ("b2b", "b2c", "b2b2c")
Statistic = Callable[[dict[int, np.ndarray]], float]  # of the weights of each wave


@pytest.fixture(scope="module")
def waves(home: Path) -> dict[int, pd.DataFrame]:
    """The respondents, as their files have them."""
    return {
        year: pd.read_csv(home / "data" / "waves" / f"wave_{year}.csv", low_memory=False)
        for year in (2001, 2002, 2003, 2004)
    }


def made(source: Publication, *terms: Term) -> Error:
    return error((source, term) for term in terms)


def influence(waves: dict[int, pd.DataFrame], statistic: Statistic) -> float:
    """SE by the infinitesimal jackknife: how the statistic moves with each respondent's weight."""
    weights = {year: np.array(wave["weight"], dtype=float) for year, wave in waves.items()}
    variance = 0.0
    for year, wave in waves.items():
        moved = np.zeros(len(wave))
        for at in range(len(wave)):
            step, held = 1e-4 * weights[year][at], weights[year][at]
            ends = []
            for sign in (1, -1):
                weights[year][at] = held + sign * step
                ends.append(statistic(weights))
            weights[year][at] = held
            moved[at] = held * (ends[0] - ends[1]) / (2 * step)
        for _, rows in pd.Series(moved).groupby(wave["stratum"].to_numpy()):
            n = len(rows)
            variance += n / (n - 1) * float(((rows - rows.mean()) ** 2).sum())
    return float(np.sqrt(variance))


@pytest.mark.parametrize("group", [None, "b2b", "b2b2c"])
@pytest.mark.parametrize("item", ["website", "minitel"])
def test_a_change_is_tested_as_pairs_of_waves_are(source, item: str, group: str | None) -> None:
    selection = Selection("channel_adoption", (YEAR, MODEL), ((YEAR, ("2001", "2003")),), (item,))
    if group is None:
        selection = replace(selection, by=(YEAR,))
    rows = measure.pairs(source, selection)
    row = rows.iloc[0] if group is None else rows[rows[MODEL] == group].iloc[0]
    levels = () if group is None else ((MODEL, (group,)),)
    later = Term("channel_adoption", item, 2003, (), levels)
    found = made(source, later, replace(later, year=2001, slope=-1.0))
    assert (found.se, found.df) == pytest.approx((row["se"], row["df"]), rel=1e-9)
    assert found.exact
    assert found.p(-row["difference"]) == pytest.approx(row["p"], rel=1e-7)


@pytest.mark.parametrize("reference", ["others", "total"])
def test_respondents_on_both_sides_are_counted_once(source, reference: str) -> None:
    """A group against the rest, with strata in common, and against the total that it is part of."""
    split = Selection("crm_project", (MODEL,), ((YEAR, ("2003",)),), ("implemented",))
    rows = measure.against(source, split, replace(DEFAULTS, reference=reference))
    for row in rows.to_dict("records"):
        others = tuple(level for level in GROUPS if level != row[MODEL])
        mine = Term("crm_project", "implemented", 2003, (), ((MODEL, (row[MODEL],)),))
        rest = () if reference == "total" else ((MODEL, others),)
        found = made(source, mine, replace(mine, levels=rest, slope=-1.0))
        assert (found.se, found.df) == pytest.approx((row["se"], row["df"]), rel=1e-9)


def test_what_sets_a_group_apart_has_the_error_of_its_terms(source) -> None:
    compared = (Compared(indicator="crm_project"),)
    for one in differences(source, compared, MODEL, "b2b", 2003, (), DEFAULTS):
        assert made(source, *one.terms).se == pytest.approx(one.se, rel=1e-9)


def test_without_respondent_or_variance_there_is_no_error(source) -> None:
    nobody = Term("crm_project", "implemented", 2003, (("sector", ("no such",)),))
    assert made(source, nobody) == Error(0.0, 0.0)
    assert made(source, nobody).p(0.1) is None
    same = Term("crm_project", "implemented", 2003)
    assert made(source, same, same.times(-1.0)).se == 0


# --- respondent by respondent --------------------------------------------------------------------


def parts(waves: dict[int, pd.DataFrame], earlier: int, later: int) -> dict[str, Statistic]:
    """Kitagawa's parts of the change of implemented projects, from the respondents themselves."""
    kept = {}
    for year in (earlier, later):
        wave = waves[year]
        asked = wave["crm_project"].notna().to_numpy()
        inside = [asked & (wave[MODEL] == group).to_numpy() for group in GROUPS]
        kept[year] = (np.array(inside), (wave["crm_project"] == "implemented").to_numpy())

    def estimated(weights: dict[int, np.ndarray], year: int) -> tuple[np.ndarray, np.ndarray]:
        inside, yes = kept[year]
        weight = inside @ weights[year]
        return inside @ (weights[year] * yes) / weight, weight / weight.sum()

    def within(at: int) -> Statistic:
        def part(weights: dict[int, np.ndarray]) -> float:
            (v0, s0), (v1, s1) = estimated(weights, earlier), estimated(weights, later)
            return float(((s0 + s1) / 2 * (v1 - v0))[at])

        return part

    def mix(weights: dict[int, np.ndarray]) -> float:
        (v0, s0), (v1, s1) = estimated(weights, earlier), estimated(weights, later)
        return float(((v0 + v1) / 2 * (s1 - s0)).sum())

    def whole(weights: dict[int, np.ndarray]) -> float:
        (v0, s0), (v1, s1) = estimated(weights, earlier), estimated(weights, later)
        return float((v1 * s1).sum() - (v0 * s0).sum())

    return {group: within(at) for at, group in enumerate(GROUPS)} | {MIX: mix, TOTAL: whole}


@pytest.mark.parametrize("part", ["b2b", MIX, TOTAL])
def test_a_part_of_a_change_has_the_error_of_its_respondents(source, waves, part: str) -> None:
    found = shift(source, "crm_project", "implemented", MODEL, (2002, 2003), (), DEFAULTS)
    assert found is not None
    two = {year: waves[year] for year in (2002, 2003)}
    direct = parts(two, 2002, 2003)[part]
    values = found.within | {MIX: found.mix, TOTAL: found.change}
    weights = {year: wave["weight"].to_numpy(dtype=float) for year, wave in two.items()}
    assert values[part] == pytest.approx(direct(weights), abs=1e-9)
    assert found.errors[part].se == pytest.approx(influence(two, direct), rel=1e-5)


def test_two_changes_that_share_a_wave_are_not_independent(source, waves) -> None:
    """2001 → 2002 and 2002 → 2003 have the respondents of 2002 on both sides."""
    steps = [
        shift(source, "crm_project", "implemented", MODEL, years, (), DEFAULTS)
        for years in ((2001, 2002), (2002, 2003))
    ]
    three = {year: waves[year] for year in (2001, 2002, 2003)}
    then, now = parts(three, 2001, 2002), parts(three, 2002, 2003)
    for part in ("b2c", MIX):
        exact = influence(three, lambda w, p=part: now[p](w) - then[p](w))
        terms = [*(t.times(-1.0) for t in steps[0].terms[part]), *steps[1].terms[part]]
        assert made(source, *terms).se == pytest.approx(exact, rel=1e-5)
    naive = np.hypot(*(step.errors["b2c"].se for step in steps))
    exact = made(source, *(t.times(-1.0) for t in steps[0].terms["b2c"]), *steps[1].terms["b2c"]).se
    assert abs(naive / exact - 1) > 0.05


def test_items_of_the_same_respondents_get_the_widest_error(home, source, waves) -> None:
    """What was announced and its fact are answers of the same people: never too small an error."""
    declared = declarations.load(home / "data", source.codebook)
    plan = declared.plans[0].of("short_term")
    then, now = (
        {o.planned: o for o in outcomes(source, "planned_investment", plan, None, y, (), DEFAULTS)}
        for y in (2002, 2003)
    )
    three = {year: waves[year] for year in (2002, 2003, 2004)}
    for planned in ("website:short_term", "crm:short_term"):
        assert (then[planned].later, now[planned].earlier) == (2003, 2003)
        terms = [*(t.times(-1.0) for t in then[planned].gap.terms), *now[planned].gap.terms]
        found = made(source, *terms)
        assert not found.exact
        exact = influence(three, gap_moved(three, planned.split(":")[0]))
        assert exact <= found.se < 2 * exact


def gap_moved(waves: dict[int, pd.DataFrame], target: str) -> Statistic:
    """How far the gap between a plan and its fact moved, from 2002's plans to 2003's."""

    def columns(wave: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        plan = wave[f"planned_investment:{target}:short_term"]
        fact = wave["crm_project"] if target == "crm" else wave[f"channel_adoption:{target}"]
        yes = (fact == "implemented") if target == "crm" else (fact == 1)
        asked = np.array([plan.notna(), fact.notna()])
        return asked, np.array([plan == 1, yes])

    known = {year: columns(wave) for year, wave in waves.items()}

    def mean(weights: dict[int, np.ndarray], year: int, which: int) -> float:
        asked, yes = known[year]
        kept = weights[year] * asked[which]
        return float((kept * yes[which]).sum() / kept.sum())

    def statistic(weights: dict[int, np.ndarray]) -> float:
        gaps = [
            mean(weights, year + 1, 1) - mean(weights, year, 1) - mean(weights, year, 0)
            for year in (2002, 2003)
        ]
        return gaps[1] - gaps[0]

    return statistic


def test_terms_in_any_order_make_the_same_error(source) -> None:
    whole = Term("crm_project", "implemented", 2003)
    terms: Sequence[Term] = (
        whole,
        replace(whole, levels=((MODEL, ("b2b",)),), slope=-0.4),
        replace(whole, year=2002, slope=-1.0),
    )
    found = {round(made(source, *order).se, 14) for order in itertools.permutations(terms)}
    assert len(found) == 1


def test_nobody_is_summed_within_bounds(source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter that nobody meets has no place to add to: nothing is written outside of it."""
    matrix = cells.csc_array

    def checked(parts, shape):
        assert all(0 <= row < shape[0] for row in parts[1])
        return matrix(parts, shape=shape)

    monkeypatch.setattr(cells, "csc_array", checked)
    nobody = Selection("crm_project", (YEAR,), ((MODEL, ("nobody",)),), ("implemented", "none"))
    assert len(source.sums(nobody).stratum) == 0
