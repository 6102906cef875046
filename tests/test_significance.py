"""Comparisons against R's survey (tests/oracle) and against the formula on respondents."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barometer.cells import SUMS
from barometer.estimates import estimate
from barometer.significance import (
    REST,
    TOTAL,
    adjust,
    against_rest,
    against_total,
    changes,
    hide,
    pairs,
    smallest_detectable,
    with_adjusted,
)

pytestmark = pytest.mark.filterwarnings("error")

ORACLE = Path(__file__).parent / "oracle"
COMPARE: dict[str, Callable[..., pd.DataFrame]] = {
    "pair": pairs,
    "vs_total": against_total,
    "vs_rest": against_rest,
}


def sample(dataset: str, design: str) -> pd.DataFrame:
    """Respondents of a data set, with year, stratum and w as a wave has them."""
    data = pd.read_csv(ORACLE / "data" / f"{dataset}.csv", keep_default_na=False)
    stratum = data["stype"] if design == "stratified" else "all"
    return data.assign(year=2000, stratum=stratum, w=data["pw"])


def sums(respondents: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The rollup of respondents that carry w and y."""
    w, y = respondents["w"], respondents["y"].astype(float)
    products = {"n": 1, "w": w, "w2": w**2, "wy": w * y, "w2y": w**2 * y, "w2y2": w**2 * y**2}
    grain = list(dict.fromkeys([*keys, "year", "stratum"]))
    table = respondents.assign(**products, n_y=(y != 0).astype(int))
    return table.groupby(grain, dropna=False, sort=False)[list(SUMS)].sum().reset_index()


def whole(respondents: pd.DataFrame) -> pd.DataFrame:
    """The strata table of a whole sample."""
    return respondents.groupby(["year", "stratum"]).size().rename("n").reset_index()


def influence(respondents: pd.DataFrame, inside: pd.Series) -> tuple[float, np.ndarray]:
    """Value of a domain and z of every respondent of the whole sample, 0 outside the domain."""
    w = respondents["w"].to_numpy() * inside.to_numpy()
    y = respondents["y"].to_numpy(dtype=float)
    if w.sum() == 0:
        return float("nan"), w * float("nan")
    p = float((w * y).sum() / w.sum())
    return p, w * (y - p) / w.sum()


def variance(respondents: pd.DataFrame, z: np.ndarray) -> float:
    """Design variance of Σz: of a difference of domains, when z is the difference of theirs."""
    total = 0.0
    by_respondent = pd.Series(z, index=respondents.index)
    for _, rows in respondents.groupby(["year", "stratum"]):
        part = by_respondent[rows.index].to_numpy()
        if len(part) == 1:
            total += float(part[0] ** 2)
        else:
            total += float(len(part) / (len(part) - 1) * ((part - part.mean()) ** 2).sum())
    return total


def differences() -> pd.DataFrame:
    table = pd.read_csv(ORACLE / "expected" / "differences.csv", keep_default_na=False)
    return table.rename(columns={"diff": "gap", "level": "answer"})


@pytest.fixture(scope="module")
def compared() -> pd.DataFrame:
    """Every row of R's differences beside ours, adjusted within its family."""
    found = []
    table = differences()
    family = ["dataset", "design", "variable", "answer", "by_variable", "type"]
    for (dataset, design, variable, answer, by, kind), rows in table.groupby(family, sort=False):
        data = sample(dataset, design)
        data = data.assign(y=data[variable] == answer)
        levels = sorted(data[by].unique())
        ours = COMPARE[kind](sums(data, [by]), whole(data), [by], by, "share", order=levels)
        holm = with_adjusted(ours, [])
        ours["holm"] = holm["p_adjusted"]
        ours["significant"] = holm["significant"]
        ours["bh"] = with_adjusted(ours, [], "benjamini_hochberg")["p_adjusted"]
        ours["unadjusted"] = with_adjusted(ours, [], "none")["p_adjusted"]
        found.append(rows.merge(ours.rename(columns={"df": "our_df"}), on=["group_a", "group_b"]))
    both = pd.concat(found, ignore_index=True)
    assert len(both) == len(table) == 118
    assert both["type"].value_counts().to_dict() == {"vs_total": 43, "vs_rest": 43, "pair": 32}
    return both


@pytest.mark.parametrize(
    ("ours", "theirs", "absolute", "relative"),
    [
        ("value_a", "p_a", 1e-14, 0),
        ("value_b", "p_b", 1e-14, 0),
        ("difference", "gap", 1e-14, 0),
        ("cov", "cov_ab", 1e-12, 0),
        ("se", "se_diff", 1e-12, 0),
        ("our_df", "df", 0, 0),
        ("p", "p_t", 1e-12, 1e-9),
        ("unadjusted", "p_t", 1e-12, 1e-9),
        ("holm", "p_t_holm", 1e-12, 1e-9),
        ("bh", "p_t_BH", 1e-12, 1e-9),
    ],
)
def test_every_difference_agrees_with_r(
    compared: pd.DataFrame, ours: str, theirs: str, absolute: float, relative: float
) -> None:
    np.testing.assert_allclose(compared[ours], compared[theirs], rtol=relative, atol=absolute)


def test_small_p_values_keep_their_digits(compared: pd.DataFrame) -> None:
    assert compared["p_t"].min() < 1e-35
    np.testing.assert_allclose(compared["p"], compared["p_t"], rtol=1e-8, atol=0)


def test_a_difference_is_significant_under_5_percent_on_bases_of_30_only(
    compared: pd.DataFrame,
) -> None:
    enough = (compared["n_a"] >= 30) & (compared["n_b"] >= 30)
    assert (~enough).sum() == 12
    np.testing.assert_array_equal(compared["significant"], (compared["p_t_holm"] < 0.05) & enough)


def test_adjusting_by_family_of_one_table_equals_adjusting_each_alone(
    compared: pd.DataFrame,
) -> None:
    family = ["dataset", "design", "variable", "answer", "by_variable", "type"]
    shuffled = compared.sample(frac=1, random_state=3)
    together = with_adjusted(shuffled, family)["p_adjusted"]
    np.testing.assert_allclose(together, shuffled["p_t_holm"], rtol=1e-9, atol=1e-12)


@st.composite
def samples(draw: st.DrawFn, *, share: bool) -> pd.DataFrame:
    """A small whole sample of two waves: item i, breakdown g (some without), filter f."""
    size = draw(st.integers(6, 40))
    answers = st.integers(0, 1) if share else st.integers(-9, 9)

    def column(values: st.SearchStrategy) -> list:
        return draw(st.lists(values, min_size=size, max_size=size))

    return pd.DataFrame(
        {
            "year": column(st.sampled_from([2000, 2001])),
            "stratum": column(st.sampled_from(["s", "t", "u"])),
            "g": column(st.sampled_from(["a", "b", "c", None])),
            "f": column(st.sampled_from(["x", "y", None])),
            "w": column(st.floats(0.05, 20, allow_subnormal=False)),
            "y": column(answers),
        }
    )


@pytest.mark.parametrize("measure", ["share", "mean"])
@pytest.mark.parametrize("kind", ["pair", "vs_total", "vs_rest"])
@settings(deadline=None, max_examples=40)
@given(data=st.data(), crossed=st.booleans())
def test_any_comparison_equals_the_formula_on_respondents(
    kind: str, measure: str, data: st.DataObject, crossed: bool
) -> None:
    people = data.draw(samples(share=measure == "share"))
    keys = ["year", "f", "g"] if crossed else ["g"]
    table = COMPARE[kind](sums(people, keys), whole(people), keys, "g", measure)
    for row in table.to_dict("records"):
        base = pd.Series(True, index=people.index)
        block = base
        if crossed:
            base = people["year"] == row["year"]
            block = base & (people["f"] == row["f"])
        b = {
            TOTAL: block,
            REST: block & people["g"].notna() & (people["g"] != row["group_a"]),
        }.get(row["group_b"], block & (people["g"] == row["group_b"]))
        p_a, z_a = influence(people, block & (people["g"] == row["group_a"]))
        p_b, z_b = influence(people, b)
        assert row["n_b"] == b.sum()
        if not b.any():
            assert np.isnan([row["difference"], row["se"], row["p"]]).all()
            continue
        domain = people[base]
        assert row["df"] == len(domain) - domain.groupby(["year", "stratum"]).ngroups
        expected = variance(people, z_a - z_b)
        scale = max(1.0, float(people["y"].abs().max()))
        assert row["difference"] == pytest.approx(p_a - p_b, abs=1e-12 * scale)
        if np.isnan(row["se"]):
            assert row["df"] <= 0 or expected < 1e-11 * scale**2
            assert np.isnan(row["p"])
        else:
            assert row["se"] ** 2 == pytest.approx(expected, rel=1e-9, abs=1e-12 * scale**2)
            assert 0 <= row["p"] <= 1


def test_every_two_levels_are_compared_once_within_the_other_keys() -> None:
    people = waves({2000: 60, 2001: 60}).assign(g=["abc"[i % 3] for i in range(120)])
    keys = ["year", "g"]
    table = pairs(sums(people, keys), whole(people), keys, "g", "share")
    names = list(zip(table["year"], table["group_a"], table["group_b"], strict=True))
    assert names == [(y, *ab) for y in (2000, 2001) for ab in ("ab", "ac", "bc")]


def test_a_given_order_rules_the_pairs_and_leaves_other_levels_out_but_in_the_df() -> None:
    people = waves({2000: 90}).assign(g=["abc"[i % 3] for i in range(90)])
    table = pairs(sums(people, ["g"]), whole(people), ["g"], "g", "share", order=["c", "a"])
    (row,) = table.to_dict("records")
    assert (row["group_a"], row["group_b"], row["df"]) == ("c", "a", 88)


def test_respondents_without_a_level_count_in_the_df_and_the_total_but_are_no_group() -> None:
    data = sample("apisrs", "weights_only")
    data["yr.rnd"] = data["yr.rnd"].replace({"": None})
    data = data.assign(y=data["awards"] == "Yes")
    keys = ["yr.rnd"]
    assert len(pairs(sums(data, keys), whole(data), keys, "yr.rnd", "share")) == 0
    (row,) = against_total(sums(data, keys), whole(data), keys, "yr.rnd", "share").to_dict(
        "records"
    )
    assert (row["n_a"], row["n_b"], row["df"]) == (20, 200, 199)
    (row,) = against_rest(sums(data, keys), whole(data), keys, "yr.rnd", "share").to_dict("records")
    assert (row["n_a"], row["n_b"]) == (20, 0)
    assert np.isnan([row["difference"], row["p"]]).all()


def waves(sizes: dict[int, int], seed: int = 11) -> pd.DataFrame:
    """Waves of two strata with random answers and weights, and an item i."""
    rng = np.random.default_rng(seed)
    parts = []
    for year, size in sizes.items():
        y = rng.integers(0, 2, size)
        w = rng.uniform(0.5, 2, size)
        stratum = np.where(np.arange(size) % 2, "s", "t")
        parts.append(pd.DataFrame({"year": year, "stratum": stratum, "y": y, "w": w}))
    return pd.concat(parts, ignore_index=True).assign(item="i")


def test_two_waves_are_independent_whether_as_pairs_or_as_a_change() -> None:
    people = waves({2000: 80, 2002: 100})
    keys = ["item", "year"]
    rollup, strata = sums(people, keys), whole(people)
    first, second = estimate(rollup, strata, keys, "share").to_dict("records")
    (pair,) = pairs(rollup, strata, keys, "year", "share").to_dict("records")
    assert pair["cov"] == 0
    change = changes(rollup, strata, keys, "share", lambda *_: True).to_dict("records")[1]
    for row in (pair, change):
        assert row["se"] == pytest.approx((first["variance"] + second["variance"]) ** 0.5)
        assert row["df"] == 180 - 4
    assert change["difference"] == pytest.approx(second["value"] - first["value"], abs=1e-15)
    assert change["p"] == pytest.approx(pair["p"], rel=1e-12)
    assert (change["year"], change["earlier"], change["n"], change["n_earlier"]) == (
        2002,
        2000,
        100,
        80,
    )


def test_a_change_is_from_the_nearest_comparable_wave_with_respondents() -> None:
    people = waves({2000: 40, 2001: 40, 2003: 40, 2004: 40})
    keys = ["item", "year"]
    asked = []

    def comparable(item: str, earlier: int, later: int) -> bool:
        asked.append((item, earlier, later))
        return (earlier, later) != (2003, 2004)

    table = changes(sums(people, keys).iloc[::-1], whole(people), keys, "share", comparable)
    assert list(table["year"]) == [2000, 2001, 2003, 2004]
    assert list(table["earlier"]) == [None, 2000, 2001, 2001]
    assert asked[0] == ("i", 2000, 2001)


def test_a_wave_without_respondents_is_no_earlier_wave() -> None:
    people = waves({2000: 40, 2001: 40, 2002: 40})
    keys = ["item", "year"]
    rollup = sums(people, keys)
    rollup.loc[rollup["year"] == 2001, list(SUMS)] = 0
    table = changes(rollup, whole(people), keys, "share", lambda *_: True)
    assert list(table["earlier"]) == [None, 2000, 2000]
    assert np.isnan(table["difference"][1])


def test_no_difference_is_computed_across_a_trend_break_and_the_row_is_there() -> None:
    people = waves({2005: 40, 2006: 40, 2007: 40})
    keys = ["item", "year"]
    rollup, strata = sums(people, keys), whole(people)
    table = changes(rollup, strata, keys, "share", lambda _i, e, y: not e < 2006 <= y)
    assert list(table["earlier"]) == [None, None, 2006]
    broken = table.iloc[1]
    assert broken["year"] == 2006
    assert broken["value"] == estimate(rollup, strata, keys, "share")["value"][1]
    assert broken[["value_earlier", "difference", "se", "df", "t", "p"]].isna().all()
    assert broken["n_earlier"] == 0


def test_a_change_within_a_group_has_the_df_of_both_whole_waves() -> None:
    people = waves({2000: 60, 2001: 90})
    people["g"] = ["a", "b", None] * 50
    keys = ["item", "g", "year"]
    table = changes(sums(people, keys), whole(people), keys, "share", lambda *_: True)
    assert list(zip(table["g"], table["year"], strict=True)) == [
        ("a", 2000), ("a", 2001), ("b", 2000), ("b", 2001)
    ]  # fmt: skip
    assert list(table["df"].dropna()) == [146, 146]
    assert list(table["n"]) == [20, 30, 20, 30]


def test_items_have_each_their_own_df() -> None:
    people = pd.concat([waves({2000: 40}), waves({2000: 40})[:30].assign(item="j")])
    people["g"] = ["a", "b"] * 35
    keys = ["item", "g"]
    strata = whole(people[people["item"] == "i"])
    table = pairs(sums(people, keys), strata, keys, "g", "share")
    assert dict(zip(table["item"], table["df"], strict=True)) == {"i": 38, "j": 28}


def test_a_side_at_zero_adds_no_variance_and_two_such_sides_are_not_tested() -> None:
    people = waves({2000: 120})
    people["g"] = ["a", "b", "c"] * 40
    people.loc[people["g"] == "a", "y"] = 0
    people.loc[people["g"] == "b", "y"] = 1
    rollup, strata = sums(people, ["g"]), whole(people)
    table = pairs(rollup, strata, ["g"], "g", "share").set_index(["group_a", "group_b"])
    assert table.loc[("a", "b"), "difference"] == -1
    assert table.loc[("a", "b"), ["se", "t", "p"]].isna().all()
    third = estimate(rollup, strata, ["g"], "share").set_index("g").loc["c"]
    assert table.loc[("a", "c"), "se"] == pytest.approx(third["se"], rel=1e-12)
    adjusted = with_adjusted(table.reset_index(), [])
    assert not adjusted["significant"][0]
    assert np.isnan(adjusted["p_adjusted"][0])
    assert adjusted["p_adjusted"].min() == pytest.approx(2 * adjusted["p"].min(), rel=1e-12)


def test_a_group_that_is_the_whole_is_not_tested_against_it() -> None:
    people = waves({2000: 50}).assign(g="a")
    (row,) = against_total(sums(people, ["g"]), whole(people), ["g"], "g", "share").to_dict(
        "records"
    )
    assert row["difference"] == 0
    assert np.isnan([row["se"], row["p"]]).all()


def test_significance_needs_30_respondents_on_both_sides() -> None:
    rows = pd.DataFrame({"p": [0.001] * 3, "n_a": [30, 29, 30], "n_b": [30, 30, 29]})
    assert list(with_adjusted(rows, [])["significant"]) == [True, False, False]
    rows = pd.DataFrame({"p": [0.001, np.nan], "earlier": [1, None], "n": 30, "n_earlier": [30, 0]})
    assert list(with_adjusted(rows, [], "none")["significant"]) == [True, False]


def test_a_comparison_with_a_base_under_10_is_hidden_and_its_bases_are_not() -> None:
    people = waves({2000: 50})
    people["g"] = ["a"] * 9 + ["b"] * 10 + ["c"] * 31
    table = with_adjusted(pairs(sums(people, ["g"]), whole(people), ["g"], "g", "share"), [])
    hidden = hide(table)
    small = (table["n_a"] < 10) | (table["n_b"] < 10)
    assert list(small) == [True, True, False]
    gone = ["value_a", "value_b", "difference", "cov", "se", "df", "t", "p", "p_adjusted"]
    assert hidden.loc[small, gone].isna().all().all()
    assert not hidden.loc[small, "significant"].any()
    assert hidden.loc[~small, gone].notna().all().all()
    assert list(hidden["n_a"]) == [9, 9, 10]


def test_a_change_is_hidden_where_either_wave_is_small_but_not_for_want_of_an_earlier_one() -> None:
    people = waves({2000: 9, 2001: 20, 2002: 20})
    keys = ["item", "year"]
    table = changes(sums(people, keys), whole(people), keys, "share", lambda *_: True)
    assert list(hide(table)["value"].notna()) == [False, False, True]
    later = changes(
        sums(people[people["year"] > 2000], keys), whole(people), keys, "share", lambda *_: True
    )
    assert list(hide(later)["value"].notna()) == [True, True]


def test_adjustments_agree_with_p_adjust_and_leave_nan_out() -> None:
    p = [0.01, np.nan, 0.04, 0.03, 0.9]
    np.testing.assert_allclose(adjust(p, "holm"), [0.04, np.nan, 0.09, 0.09, 0.9])
    expected = [0.04, np.nan, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.9]
    np.testing.assert_allclose(adjust(p, "benjamini_hochberg"), expected)
    np.testing.assert_array_equal(adjust(p, "none"), p)
    assert adjust([0.6, 0.7], "holm").max() == 1
    assert len(adjust([], "holm")) == 0
    with pytest.raises(ValueError, match="no adjustment bonferroni"):
        adjust(p, "bonferroni")  # type: ignore[arg-type]


def test_the_smallest_detectable_gap_is_found_with_the_power_asked() -> None:
    assert smallest_detectable(1.0, 1e9) == pytest.approx(1.959964 + 0.8416212, abs=1e-6)
    gaps = smallest_detectable([0.02, 0.0, np.nan, 0.02], [199, 199, 199, 0])
    assert gaps[0] == pytest.approx(0.02 * (1.971956544249395 + 0.843434), abs=1e-5)
    assert np.isnan(gaps[1:]).all()


def test_comparisons_of_an_empty_rollup_are_empty_with_every_column() -> None:
    people = waves({2000: 40}).assign(g=["a", "b"] * 20)
    keys = ["item", "year", "g"]
    rollup, strata = sums(people, keys), whole(people)
    for compare in COMPARE.values():
        full = compare(rollup, strata, keys, "g", "share")
        empty = compare(rollup.iloc[:0], strata, keys, "g", "share")
        assert list(empty.columns) == list(full.columns)
        assert len(with_adjusted(hide(empty), ["item"])) == 0
    assert len(changes(rollup.iloc[:0], strata, keys, "share", lambda *_: True)) == 0


def test_what_cells_cannot_compare_is_refused_with_its_reason() -> None:
    people = waves({2000: 40, 2001: 40}).assign(g="a")
    keys = ["item", "year"]
    rollup, strata = sums(people, keys), whole(people)
    with pytest.raises(ValueError, match="share respondents"):
        pairs(rollup, strata, keys, "item", "share")
    with pytest.raises(ValueError, match="not among the keys"):
        pairs(rollup, strata, keys, "g", "share")
    for compare in (against_total, against_rest):
        with pytest.raises(ValueError, match="waves are compared with each other"):
            compare(rollup, strata, keys, "year", "share")
    with pytest.raises(ValueError, match="year is not among the keys"):
        changes(rollup, strata, ["item"], "share", lambda *_: True)
