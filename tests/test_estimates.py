"""Estimates against R's survey (tests/oracle) and against the formula on respondents."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barometer.cells import SUMS
from barometer.estimates import (
    Method,
    Thresholds,
    estimate,
    hide,
    korn_graubard,
    small_df_factor,
    wald,
    wilson,
)

pytestmark = pytest.mark.filterwarnings("error")

ORACLE = Path(__file__).parent / "oracle"
TEXT = {"dataset", "design", "variable", "level", "by_variable", "by_level", "domain", "option"}


def expected(name: str) -> pd.DataFrame:
    """A table of R's answers; empty text is "not applicable", never missing."""
    table = pd.read_csv(ORACLE / "expected" / f"{name}.csv", keep_default_na=False)
    for column in set(table) - TEXT - {"case", "error", "naive_error"}:
        table[column] = pd.to_numeric(table[column])
    return table


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


def reference(respondents: pd.DataFrame, inside: pd.Series) -> tuple[float, float]:
    """Value and variance of a domain from its respondents, stratum by stratum, without cells."""
    w = respondents["w"].to_numpy() * inside.to_numpy()
    y = respondents["y"].to_numpy(dtype=float)
    p = float((w * y).sum() / w.sum())
    z = pd.Series(w * (y - p) / w.sum(), index=respondents.index)
    variance = 0.0
    for _, rows in respondents.groupby(["year", "stratum"]):
        part = z[rows.index].to_numpy()
        if len(part) == 1:
            variance += float(part[0] ** 2)
        else:
            variance += float(len(part) / (len(part) - 1) * ((part - part.mean()) ** 2).sum())
    return p, variance


@pytest.fixture(scope="module")
def proportions() -> pd.DataFrame:
    """Every row of R's proportions beside our estimate of it, with both intervals."""
    found = []
    table = expected("proportions")
    asked = ["dataset", "design", "variable", "level", "by_variable"]
    for (dataset, design, variable, level, by), rows in table.groupby(asked, sort=False):
        data = sample(dataset, design)
        data = data.assign(y=data[variable] == level)
        keys = by.split("|") if by else []
        ours = estimate(sums(data, keys), whole(data), keys, "share")
        beta = estimate(
            sums(data, keys), whole(data), keys, "share", Method(interval="korn_graubard")
        )
        ours["by_level"] = ours[keys].agg("|".join, axis=1) if keys else ""
        ours = ours.assign(beta_low=beta["ci_low"], beta_high=beta["ci_high"]).drop(columns=keys)
        found.append(rows.merge(ours.rename(columns={"df": "our_df", "se": "our_se"})))
    both = pd.concat(found, ignore_index=True)
    assert len(both) == len(table) == 299
    return both


def applicable(proportions: pd.DataFrame) -> pd.DataFrame:
    """Rows whose intervals R defines (oracle/README.md), with R's untruncated effective base."""
    inner = (proportions["n_y"] > 0) & (proportions["n_y"] < proportions["n_unweighted"])
    rows = proportions[inner & (proportions["se"] >= 1e-9) & (proportions["df"] > 0)]
    return rows.assign(n_star=rows["value"] * (1 - rows["value"]) / rows["variance"])


def close(ours: pd.Series, theirs: pd.Series, tolerance: float) -> None:
    np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy(), rtol=0, atol=tolerance)


def test_every_proportion_agrees_with_r(proportions: pd.DataFrame) -> None:
    close(proportions["value"], proportions["estimate"], 1e-14)
    close(proportions["variance"], proportions["se"] ** 2, 1e-14)
    close(np.sqrt(proportions["variance"]), proportions["se"], 1e-12)
    close(proportions["our_df"], proportions["df"], 0)
    close(proportions["n"], proportions["n_unweighted"], 0)
    close(proportions["weighted_base"], proportions["sum_w"], 1e-9)
    close(proportions["effective_base"], proportions["n_eff"], 1e-10)


def test_the_standard_error_is_not_estimable_at_zero_and_one_only(
    proportions: pd.DataFrame,
) -> None:
    ends = proportions["n_y"].isin([0]) | (proportions["n_y"] == proportions["n_unweighted"])
    assert ends.sum() == 78
    assert proportions.loc[ends, "our_se"].isna().all()
    assert proportions.loc[ends, ["ci_low", "ci_high", "beta_low", "beta_high"]].notna().all().all()
    close(proportions.loc[~ends, "our_se"], proportions.loc[~ends, "se"], 1e-12)


def test_untruncated_intervals_agree_with_r_wherever_r_defines_them(
    proportions: pd.DataFrame,
) -> None:
    rows = applicable(proportions)
    assert len(rows) == 218
    low, high = wilson(rows["value"], rows["n_star"], rows["df"])
    close(pd.Series(low), rows["ci_low_wilson"], 1e-10)
    close(pd.Series(high), rows["ci_high_wilson"], 1e-10)
    n_adjusted = rows["n_star"] * small_df_factor(rows["n"], rows["df"])
    low, high = korn_graubard(rows["value"], n_adjusted)
    close(pd.Series(low), rows["ci_low_beta"], 1e-10)
    close(pd.Series(high), rows["ci_high_beta"], 1e-10)
    low, high = wald(rows["value"], rows["our_se"], rows["df"])
    close(pd.Series(low), rows["ci_low_wald"], 1e-10)
    close(pd.Series(high), rows["ci_high_wald"], 1e-10)


def test_estimated_intervals_agree_with_r_where_truncation_does_not_bind(
    proportions: pd.DataFrame,
) -> None:
    rows = applicable(proportions)
    free = rows[rows["n_star"] <= rows["n"]]
    assert len(free) == 159
    close(free["ci_low"], free["ci_low_wilson"], 1e-10)
    close(free["ci_high"], free["ci_high_wilson"], 1e-10)
    free = rows[rows["n_star"] * small_df_factor(rows["n"], rows["df"]) <= rows["n"]]
    assert len(free) == 165
    close(free["beta_low"], free["ci_low_beta"], 1e-10)
    close(free["beta_high"], free["ci_high_beta"], 1e-10)


def test_truncation_at_the_base_only_widens_an_interval(proportions: pd.DataFrame) -> None:
    rows = applicable(proportions)
    bound = rows[rows["n_star"] > rows["n"]]
    assert len(bound) == 59
    assert (bound["ci_low"] < bound["ci_low_wilson"]).all()
    assert (bound["ci_high"] > bound["ci_high_wilson"]).all()
    low, high = wilson(bound["value"], bound["n"], bound["df"])
    close(bound["ci_low"], pd.Series(low), 0)
    close(bound["ci_high"], pd.Series(high), 0)
    bound = rows[rows["n_star"] * small_df_factor(rows["n"], rows["df"]) > rows["n"]]
    assert len(bound) == 53
    assert (bound["beta_low"] < bound["ci_low_beta"]).all()
    assert (bound["beta_high"] > bound["ci_high_beta"]).all()
    low, high = korn_graubard(bound["value"], bound["n"])
    close(bound["beta_low"], pd.Series(low), 0)
    close(bound["beta_high"], pd.Series(high), 0)


def test_a_share_fixed_by_the_strata_has_no_variance_yet_an_interval(
    proportions: pd.DataFrame,
) -> None:
    fixed = proportions.query(
        "design == 'stratified' and variable == 'stype' and by_variable == ''"
    )
    assert len(fixed) == 3
    assert (fixed["variance"] == 0).all()
    assert (fixed["ci_low"] < fixed["value"]).all()
    assert (fixed["ci_high"] > fixed["value"]).all()


DOMAINS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    'awards == "Yes"': lambda data: data["awards"] == "Yes",
    'stype == "H"': lambda data: data["stype"] == "H",
    'stype != "E"': lambda data: data["stype"] != "E",
    "meals > 50": lambda data: data["meals"] > 50,
    "enroll > 1500": lambda data: data["enroll"] > 1500,
    'yr.rnd == "Yes"': lambda data: data["yr.rnd"] == "Yes",
}


def test_every_domain_agrees_with_r_and_filtering_first_is_the_wrong_answer_r_gives_for_it() -> (
    None
):
    compared = naive = 0
    for row in expected("domains").to_dict("records"):
        data = sample(row["dataset"], row["design"])
        data = data.assign(y=data[row["variable"]] == row["level"])
        inside = data[DOMAINS[row["domain"]](data)]
        (ours,) = estimate(sums(inside, []), whole(data), [], "share").to_dict("records")
        assert ours["n"] == row["n_domain"]
        assert ours["value"] == pytest.approx(row["estimate"], rel=0, abs=1e-14)
        assert ours["variance"] ** 0.5 == pytest.approx(row["se_domain"], rel=0, abs=1e-12)
        assert ours["df"] == row["df_domain"]
        compared += 1
        if not row["naive_error"]:
            (wrong,) = estimate(sums(inside, []), whole(inside), [], "share").to_dict("records")
            assert wrong["variance"] ** 0.5 == pytest.approx(row["se_naive"], rel=0, abs=1e-12)
            naive += 1
    assert (compared, naive) == (24, 22)


def test_a_stratum_of_one_respondent_counts_as_r_adjusts_it() -> None:
    compared = 0
    for row in expected("lonely_psu").query("option == 'adjust'").to_dict("records"):
        if row["case"] != "true_lonely_stratum":
            continue
        data = sample("apistrat_lonely", "stratified")
        data = data.assign(y=data[row["variable"]] == row["level"])
        (ours,) = estimate(sums(data, []), whole(data), [], "share").to_dict("records")
        assert ours["value"] == pytest.approx(row["estimate"], rel=0, abs=1e-14)
        assert ours["se"] == pytest.approx(row["se"], rel=0, abs=1e-12)
        compared += 1
    assert compared == 3


def test_a_stratum_left_with_one_respondent_by_a_filter_is_not_lonely() -> None:
    compared = 0
    table = expected("lonely_psu").query("dataset == 'apistrat' and adjust_domain == 0")
    for row in table.to_dict("records"):
        data = sample("apistrat", "stratified")
        data = data.assign(y=data[row["variable"]] == row["level"])
        inside = data[(data["stype"] != "H") | ~data.duplicated("stype")]
        (ours,) = estimate(sums(inside, []), whole(data), [], "share").to_dict("records")
        assert ours["se"] == pytest.approx(row["se"], rel=0, abs=1e-12)
        compared += 1
    assert compared == 15


def toy(case: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rollup and strata of a degenerate case; respondents of no weight are in the strata only."""
    data = pd.read_csv(ORACLE / "data" / "degenerate.csv").query("case == @case")
    data = data.assign(year=2000, stratum="all")
    return sums(data[data["w"] > 0], []), whole(data)


@pytest.mark.parametrize("case", ["one_of_12", "eleven_of_12", "n2", "one_of_500", "zero_weight"])
def test_a_degenerate_case_that_r_answers_agrees_with_r(case: str) -> None:
    (theirs,) = expected("degenerate").query("case == @case").to_dict("records")
    (ours,) = estimate(*toy(case), [], "share").to_dict("records")
    assert ours["value"] == pytest.approx(theirs["estimate"], rel=0, abs=1e-14)
    assert ours["se"] == pytest.approx(theirs["se"], rel=0, abs=1e-12)
    assert ours["df"] == theirs["df"]
    assert ours["effective_base"] == pytest.approx(theirs["n_eff"], rel=1e-13)
    n_star = ours["value"] * (1 - ours["value"]) / ours["variance"]
    bounds = wilson(ours["value"], n_star, ours["df"])
    assert bounds == pytest.approx((theirs["ci_low_wilson"], theirs["ci_high_wilson"]), abs=1e-10)
    n_adjusted = n_star * small_df_factor(theirs["n"], ours["df"])
    bounds = korn_graubard(ours["value"], n_adjusted)
    assert bounds == pytest.approx((theirs["ci_low_beta"], theirs["ci_high_beta"]), abs=1e-10)


@pytest.mark.parametrize(("case", "value"), [("all_zero", 0.0), ("all_one", 1.0)])
@pytest.mark.parametrize("interval", ["wilson", "korn_graubard"])
def test_at_zero_or_one_the_interval_is_on_the_effective_base_of_kish(
    case: str, value: float, interval: str
) -> None:
    (row,) = estimate(
        *toy(case),
        [],
        "share",
        Method(interval=interval),  # type: ignore[arg-type]
    ).to_dict("records")
    assert row["value"] == value
    assert row["variance"] == 0
    assert np.isnan(row["se"])
    kish = row["effective_base"]
    assert kish < row["n"] == 12
    if interval == "wilson":
        t2 = 2.200985160091639**2
        far = (t2 / kish) / (1 + t2 / kish)
    else:
        far = 1 - 0.025 ** (1 / kish)
    bounds = (0, far) if value == 0 else (1 - far, 1)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(bounds, abs=1e-12)


@pytest.mark.parametrize("measure", ["share", "mean"])
def test_one_respondent_gives_a_value_alone(measure: str) -> None:
    (row,) = estimate(*toy("n1"), [], measure).to_dict("records")  # type: ignore[arg-type]
    assert (row["n"], row["value"], row["df"]) == (1, 1.0, 0)
    assert np.isnan([row["se"], row["ci_low"], row["ci_high"]]).all()


def test_one_respondent_a_stratum_leaves_no_degrees_of_freedom_and_no_interval() -> None:
    data = pd.DataFrame({"year": 2000, "stratum": list("aabb"), "w": 1.0, "y": [1, 0, 0, 1]})
    (row,) = estimate(sums(data.iloc[[0, 2]], []), whole(data), [], "share").to_dict("records")
    assert (row["n"], row["value"], row["df"]) == (2, 0.5, 0)
    assert row["variance"] > 0
    assert np.isnan([row["se"], row["ci_low"], row["ci_high"]]).all()


@pytest.mark.parametrize("design", ["weights_only", "stratified"])
@pytest.mark.parametrize("column", ["api00", "meals", "enroll"])
def test_means_agree_with_the_formula_on_respondents(design: str, column: str) -> None:
    data = sample("apistrat", design)
    data = data.assign(y=data[column].astype(float))
    rows = estimate(sums(data, ["awards"]), whole(data), ["awards"], "mean").to_dict("records")
    assert len(rows) == 2
    for row in rows:
        value, variance = reference(data, data["awards"] == row["awards"])
        assert row["value"] == pytest.approx(value, rel=1e-12)
        assert row["variance"] == pytest.approx(variance, rel=1e-10)
        bounds = wald(value, variance**0.5, row["df"])
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(bounds, rel=1e-12)


def test_a_mean_of_equal_answers_has_no_standard_error_and_no_interval() -> None:
    w = np.random.default_rng(7).uniform(0.3, 3, 400)
    data = pd.DataFrame({"year": 2000, "stratum": "all", "w": w, "y": 3.7})
    (row,) = estimate(sums(data, []), whole(data), [], "mean").to_dict("records")
    assert row["value"] == pytest.approx(3.7)
    assert row["variance"] == 0
    assert np.isnan([row["se"], row["ci_low"], row["ci_high"]]).all()


def bases(*sizes: int) -> pd.DataFrame:
    """Groups g0, g1, … of the given sizes, one in three answering yes."""
    parts = [
        pd.DataFrame({"g": f"g{i}", "y": [int(k % 3 == 0) for k in range(size)]})
        for i, size in enumerate(sizes)
    ]
    return pd.concat(parts).assign(year=2000, stratum="all", w=1.0)


def test_a_base_of_30_is_plain_29_flagged_10_flagged_and_9_hidden() -> None:
    data = bases(30, 29, 10, 9)
    table = estimate(sums(data, ["g"]), whole(data), ["g"], "share")
    assert list(table["flag"]) == ["", "flagged", "flagged", "hidden"]
    assert table["value"].notna().all(), "estimate itself hides nothing"
    hidden = hide(table)
    gone = ["weighted_base", "effective_base", "value", "variance", "se", "df", "ci_low", "ci_high"]
    assert hidden.loc[hidden["flag"] == "hidden", gone].isna().all().all()
    assert hidden.loc[hidden["flag"] != "hidden", gone].notna().all().all()
    assert list(hidden["n"]) == [30, 29, 10, 9]
    assert set(hidden.columns) - set(gone) == {"g", "n", "flag"}


def test_thresholds_are_those_given() -> None:
    data = bases(30, 9)
    table = estimate(sums(data, ["g"]), whole(data), ["g"], "share", thresholds=Thresholds(50, 5))
    assert list(table["flag"]) == ["flagged", "flagged"]


def test_respondents_without_a_level_are_no_group() -> None:
    data = bases(30, 30, 30)
    data["g"] = data["g"].replace({"g1": None})
    table = estimate(sums(data, ["g"]), whole(data), ["g"], "share")
    assert list(table["g"]) == ["g0", "g2"]


def test_groups_come_in_order_of_first_appearance() -> None:
    data = bases(10, 12, 14).iloc[::-1]
    table = estimate(sums(data, ["g"]), whole(data), ["g"], "share")
    assert list(table["g"]) == ["g2", "g1", "g0"]


def test_an_empty_rollup_gives_an_empty_table_with_every_column() -> None:
    data = bases(12)
    empty = estimate(sums(data, ["g"]).iloc[:0], whole(data), ["g"], "share")
    full = estimate(sums(data, ["g"]), whole(data), ["g"], "share")
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)
    assert len(hide(empty)) == 0


@pytest.mark.parametrize("measure", ["share", "mean"])
def test_an_empty_base_gives_no_value_and_no_crash(measure: str) -> None:
    data = bases(12)
    rollup = sums(data, ["g"])
    rollup[list(SUMS)] = np.nan
    rollup["n"] = 0
    (row,) = estimate(rollup, whole(data), ["g"], measure).to_dict("records")  # type: ignore[arg-type]
    assert (row["n"], row["df"], row["flag"]) == (0, 0, "hidden")
    assert np.isnan([row[c] for c in ("value", "variance", "se", "ci_low", "ci_high")]).all()


def test_what_cannot_be_right_is_refused_with_its_reason() -> None:
    data = bases(12, 3)
    rollup, strata = sums(data, ["g"]), whole(data)
    with pytest.raises(ValueError, match="rollup: no column w2"):
        estimate(rollup.drop(columns="w2"), strata, ["g"], "share")
    with pytest.raises(ValueError, match="nothing on stratum 'all' of 2000"):
        estimate(rollup, strata.assign(year=2001), ["g"], "share")
    with pytest.raises(ValueError, match="twice"):
        estimate(rollup, pd.concat([strata, strata]), ["g"], "share")
    with pytest.raises(ValueError, match="more respondents"):
        estimate(rollup, strata.assign(n=11), ["g"], "share")
    with pytest.raises(ValueError, match="confidence"):
        Method(confidence=95)
    with pytest.raises(ValueError, match="no interval wald"):
        Method(interval="wald")  # type: ignore[arg-type]


@st.composite
def samples(draw: st.DrawFn, *, share: bool) -> pd.DataFrame:
    """A small whole sample over two waves, with a breakdown g (some without) and a filter f."""
    size = draw(st.integers(4, 40))
    answers = st.integers(0, 1) if share else st.integers(-9, 9)

    def column(values: st.SearchStrategy) -> list:
        return draw(st.lists(values, min_size=size, max_size=size))

    return pd.DataFrame(
        {
            "year": column(st.sampled_from([2000, 2001])),
            "stratum": column(st.sampled_from(["s", "t", "u"])),
            "g": column(st.sampled_from(["a", "b", "c", None])),
            "f": column(st.sampled_from(["x", "y", "z"])),
            "w": column(st.floats(0.05, 20, allow_subnormal=False)),
            "y": column(answers),
        }
    )


@pytest.mark.parametrize("measure", ["share", "mean"])
@settings(deadline=None, max_examples=60)
@given(data=st.data(), kept=st.sets(st.sampled_from(["x", "y", "z"]), min_size=1))
def test_any_filter_of_cells_equals_the_formula_on_the_filtered_respondents(
    measure: str, data: st.DataObject, kept: set[str]
) -> None:
    people = data.draw(samples(share=measure == "share"))
    cells = sums(people, ["g", "f"])
    rollup = cells[cells["f"].isin(kept)].drop(columns="f")
    table = estimate(rollup, whole(people), ["g"], measure)  # type: ignore[arg-type]
    for row in table.to_dict("records"):
        inside = (people["g"] == row["g"]) & people["f"].isin(kept)
        value, variance = reference(people, inside)
        domain = people[inside]
        assert row["n"] == len(domain)
        assert row["df"] == len(domain) - domain.groupby(["year", "stratum"]).ngroups
        scale = max(1.0, float(domain["y"].abs().max()))
        assert row["value"] == pytest.approx(value, rel=1e-12, abs=1e-12 * scale)
        assert row["variance"] == pytest.approx(variance, rel=1e-12, abs=1e-12 * scale**2)
        assert not row["ci_low"] > row["value"] + 1e-12 * scale
        assert not row["ci_high"] < row["value"] - 1e-12 * scale
    assert set(table["g"]) == set(people.loc[people["f"].isin(kept), "g"].dropna())


@settings(deadline=None, max_examples=60)
@given(data=st.data(), method=st.sampled_from(["wilson", "korn_graubard"]))
def test_cells_of_any_partition_add_up_to_the_whole(data: st.DataObject, method: str) -> None:
    people = data.draw(samples(share=True))
    fine, coarse = (
        estimate(sums(people, keys), whole(people), [], "share", Method(0.95, method))  # type: ignore[arg-type]
        for keys in (["g", "f"], [])
    )
    assert len(fine) == len(coarse) == 1
    for column in coarse.columns.drop("flag"):
        np.testing.assert_allclose(fine[column], coarse[column], rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=200)
@given(
    p=st.floats(0, 1).map(lambda p: round(p, 12)),
    n=st.floats(0.5, 1e6),
    df=st.integers(1, 100_000),
    confidence=st.floats(0.5, 0.999),
)
def test_intervals_of_shares_stay_between_0_and_1_and_hold_the_share(
    p: float, n: float, df: int, confidence: float
) -> None:
    for low, high in (wilson(p, n, df, confidence), korn_graubard(p, n, confidence)):
        assert 0 <= low <= p + 1e-12
        assert p - 1e-12 <= high <= 1
