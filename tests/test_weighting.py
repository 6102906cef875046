"""Raked weights are R's, meet every margin, and what cannot be reached is said in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barometer.weighting import (
    Bounds,
    Margin,
    WeightingError,
    described,
    effective_base,
    rake,
    trim,
)

ORACLE = Path(__file__).resolve().parent / "oracle"
MARGINS = ("stype", "sch.wide")


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / "expected" / f"rake_{name}.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def schools() -> tuple[np.ndarray, dict[str, np.ndarray], list[Margin]]:
    """The sample apisrs with its weights, and the population's margins."""
    sample = pd.read_csv(ORACLE / "data" / "apisrs.csv")
    known = oracle("margins")
    margins = []
    for name in MARGINS:
        rows = known[known["margin"] == name]
        margins.append(Margin(name, dict(zip(rows[name], rows["Freq"].astype(float), strict=True))))
    levels = {name: sample[name].to_numpy(dtype=object) for name in MARGINS}
    return sample["pw"].to_numpy(), levels, margins


# --- the oracle -----------------------------------------------------------------------------------


def test_raked_weights_are_those_of_r(schools) -> None:  # type: ignore[no-untyped-def]
    base, levels, margins = schools
    weights, report = rake(base, levels, margins)
    expected = oracle("weights").query("dataset == 'apisrs'")["w_rake"].astype(float)
    np.testing.assert_allclose(weights, expected, rtol=1e-9)
    said = oracle("estimates").query("dataset == 'apisrs' and method == 'rake'").iloc[0]
    assert report.base_after == pytest.approx(float(said["n_eff"]), rel=1e-9)
    mean = float(said["sum_w"]) / int(said["n"])
    assert report.least * mean == pytest.approx(float(said["min_w"]), rel=1e-9)
    assert report.most * mean == pytest.approx(float(said["max_w"]), rel=1e-9)
    assert report.base_before == pytest.approx(200) and report.converged


@pytest.mark.parametrize("dataset", ["apisrs", "apiclus1"])
@pytest.mark.parametrize("method", ["rake_trim_strict", "rake_trim_upper_strict"])
def test_trimmed_weights_are_those_of_r(dataset: str, method: str) -> None:
    rows = oracle("weights").query(f"dataset == '{dataset}'")
    said = oracle("estimates").query(f"dataset == '{dataset}' and method == '{method}'").iloc[0]
    cut = trim(
        rows["w_rake"].to_numpy(float),
        float(said["trim_lower"] or 0),
        float(said["trim_upper"]),
    )
    np.testing.assert_allclose(cut, rows[f"w_{method}"].astype(float), rtol=1e-9)
    assert effective_base(cut) == pytest.approx(float(said["n_eff"]), rel=1e-9)


def test_one_margin_of_crossed_levels_is_poststratification(schools) -> None:  # type: ignore[no-untyped-def]
    base, levels, _ = schools
    known = oracle("margins").query("margin == 'stype|sch.wide'")
    names = known["stype"] + "|" + known["sch.wide"]
    crossed = levels["stype"] + "|" + levels["sch.wide"]
    margin = Margin("crossed", dict(zip(names, known["Freq"].astype(float), strict=True)))
    weights, _ = rake(base, {"crossed": crossed}, [margin])
    expected = oracle("weights").query("dataset == 'apisrs'")["w_poststratify"].astype(float)
    np.testing.assert_allclose(weights, expected, rtol=1e-9)


# --- what holds of any sample ---------------------------------------------------------------------


def sample_of(
    seed: int, sizes: list[int], scale: float
) -> tuple[np.ndarray, dict[str, np.ndarray], list[Margin]]:
    """A sample where every combination has somebody, and margins far from its own."""
    chance = np.random.default_rng(seed)
    n = 10 * int(np.prod(sizes))
    grid = np.stack(np.meshgrid(*[np.arange(size) for size in sizes]), -1).reshape(-1, len(sizes))
    codes = np.concatenate([grid, grid[chance.integers(0, len(grid), n - len(grid))]])
    levels = {f"d{i}": np.array([f"l{c}" for c in codes[:, i]], object) for i in range(len(sizes))}
    margins = []
    for i, size in enumerate(sizes):
        shares = scale * chance.dirichlet(np.full(size, 5.0))
        margins.append(Margin(f"d{i}", {f"l{c}": float(shares[c]) for c in range(size)}))
    return chance.uniform(0.5, 2, n), levels, margins


SAMPLES = {
    "seed": st.integers(0, 2**32 - 1),
    "sizes": st.lists(st.integers(2, 4), min_size=1, max_size=3),
    "scale": st.sampled_from([1, 100]),
}


@given(**SAMPLES)
def test_margins_are_reached_and_nothing_is_lost(seed: int, sizes: list[int], scale: float) -> None:
    base, levels, margins = sample_of(seed, sizes, scale)
    weights, report = rake(base, levels, margins)
    assert weights.sum() == pytest.approx(base.sum(), rel=1e-9)
    assert np.all(weights > 0)
    for margin in margins:
        for level, target in margin.targets.items():
            share = weights[levels[margin.dimension] == level].sum() / weights.sum()
            assert share == pytest.approx(target / margin.total, rel=1e-8)
    for reached in report.margins:
        assert reached.after == pytest.approx(reached.asked, rel=1e-8)
    assert 0 < report.efficiency <= 1
    # The factor of a respondent depends on their levels only.
    together = pd.DataFrame(levels).assign(factor=weights / base)
    spread = together.groupby(list(levels))["factor"].agg(["min", "max"])
    np.testing.assert_allclose(spread["min"], spread["max"], rtol=1e-8)


@settings(max_examples=50)
@given(**SAMPLES, upper=st.floats(1.3, 4))
def test_bounds_hold_and_margins_are_still_reached_or_it_is_said(
    seed: int, sizes: list[int], scale: float, upper: float
) -> None:
    base, levels, margins = sample_of(seed, sizes, scale)
    bounds = Bounds(1 / (2 * upper), upper)
    try:
        weights, report = rake(base, levels, margins, bounds)
    except WeightingError as fault:
        assert "does not converge" in str(fault) and "widen the bounds" in str(fault)
        return
    mean = weights.mean()
    assert weights.min() >= bounds.lower * mean * (1 - 1e-9)
    assert weights.max() <= bounds.upper * mean * (1 + 1e-9)
    assert all(r.after == pytest.approx(r.asked, rel=1e-6) for r in report.margins)
    free, _ = rake(base, levels, margins)
    beyond = (free > bounds.upper * mean * (1 + 1e-9)).any()
    assert (report.trimmed > 0) == beyond


def test_bounds_that_bind_cost_margins_nothing_where_trimming_misses_them() -> None:
    levels = {"size": np.array(["small"] * 90 + ["large"] * 10, object)}
    levels["area"] = np.array(["north", "south"] * 50, object)
    margins = [
        Margin("size", {"small": 70, "large": 30}),
        Margin("area", {"north": 60, "south": 40}),
    ]
    bounds = Bounds(0.2, 3.2)
    bounded, report = rake(np.ones(100), levels, margins, bounds)
    cut, missed = rake(np.ones(100), levels, margins, bounds, "trimmed")
    assert bounded.max() == pytest.approx(3.2) and cut.max() == pytest.approx(3.2)
    assert (report.at_upper, report.at_lower) == (5, 0)
    assert report.miss < 1e-6 < 0.01 < missed.miss
    # North's large ones would weigh 3.6: 5 × 0.4 of 100 is cut.
    assert report.trimmed == pytest.approx(0.02)


def test_who_has_no_level_keeps_their_share() -> None:
    levels = {"size": np.array(["small"] * 50 + ["large"] * 30 + [None] * 20, object)}
    weights, report = rake(np.ones(100), levels, [Margin("size", {"small": 0.5, "large": 0.5})])
    assert weights[80:].sum() == pytest.approx(20)
    assert weights[:50].sum() == pytest.approx(40) and weights[50:80].sum() == pytest.approx(40)
    assert report.notes == ("size: 20 respondents have no level; they keep their share.",)
    assert [(r.level, r.n, r.asked, r.before) for r in report.margins] == [
        ("small", 50, 0.5, 0.625),
        ("large", 30, 0.5, 0.375),
    ]


def test_weights_of_the_file_are_described_as_they_are() -> None:
    report = described([1.0, 1.0, 2.0])
    assert report.base_after == pytest.approx(16 / 6)
    assert (report.least, report.most) == (0.75, 1.5)
    assert report.efficiency == pytest.approx(16 / 18)


# --- what cannot be -------------------------------------------------------------------------------

SIZES = {"size": np.array(["small"] * 8 + ["large"] * 2, object)}


@pytest.mark.parametrize(
    ("margin", "reason"),
    [
        ({"small": 60, "large": 36}, "size: the targets add up to 96; expected 100, or counts"),
        ({"small": 0.6, "large": 0.5}, "size: the targets add up to 1.1; expected 1, or counts"),
        ({"small": 60, "large": 30, "huge": 10}, "size, huge: nobody in the sample is there"),
        ({"small": 100}, "size, large: 2 respondents and no target; give one"),
        ({"small": 100, "large": 0}, "size, large: the target is 0 and 2 respondents are there"),
        ({"small": 110, "large": -10}, "size, large: found -10; expected a target from 0 up"),
        ({"small": float("nan"), "large": 1}, "size, small: found nan; expected a target"),
    ],
)
def test_a_margin_that_cannot_be_is_said_with_its_cure(
    margin: dict[str, float], reason: str
) -> None:
    with pytest.raises(WeightingError) as fault:
        rake(np.ones(10), SIZES, [Margin("size", margin)])
    assert any(said.startswith(reason) for said in fault.value.reasons), fault.value.reasons


def test_every_reason_is_said_at_once() -> None:
    margins = [
        Margin("size", {"small": 6000, "large": 4000}),
        Margin("area", {"north": 100}),
        Margin("size", {"small": 3000, "large": 4000}),
    ]
    with pytest.raises(WeightingError) as fault:
        rake(np.array([1.0] * 9 + [0]), SIZES, margins)
    assert len(fault.value.reasons) == 3
    assert "expected the same population in every margin" in str(fault.value)
    assert "this sample has no such dimension" in str(fault.value)
    assert "is not above 0" in str(fault.value)


def test_margins_that_contradict_one_another_do_not_converge_and_say_where() -> None:
    # Whoever is small is in the north: both cannot be right.
    levels = {
        "size": np.array(["small"] * 5 + ["large"] * 5, object),
        "area": np.array(["north"] * 5 + ["south"] * 5, object),
    }
    margins = [
        Margin("size", {"small": 30, "large": 70}),
        Margin("area", {"north": 60, "south": 40}),
    ]
    with pytest.raises(WeightingError, match=r"does not converge: size, (small|large) reaches"):
        rake(np.ones(10), levels, margins)


@pytest.mark.parametrize("bounds", [(0.5, 0.9), (1.0, 2.0), (-1.0, 3.0)])
def test_bounds_must_leave_room_for_the_mean(bounds: tuple[float, float]) -> None:
    with pytest.raises(WeightingError, match="the mean weight is 1"):
        Bounds(*bounds)
