"""Another barometer, through the command line: R's own schools, and R's own answers."""

from __future__ import annotations

import csv
import io
import json
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from barometer import codebook, declarations
from barometer.__main__ import main

PROJECT = Path(__file__).resolve().parent.parent
SCHOOLS = PROJECT / "tests" / "barometers" / "schools"
EXPECTED = PROJECT / "tests" / "oracle" / "expected"
TEXT = {"dataset", "design", "variable", "level", "by_variable", "by_level", "domain"}
TEXT |= {"type", "group_a", "group_b"}

make_wave: dict[str, Any] = runpy.run_path(str(SCHOOLS / "make_wave.py"))


def barometer(*arguments: str | Path, home: Path) -> Result:
    """python -m barometer --home HOME …, which succeeds."""
    result = CliRunner().invoke(main, ["--home", str(home), *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result


def estimate(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """Rows of `estimate --format json`."""
    rows = json.loads(barometer("estimate", *arguments, "--format", "json", home=home).stdout)
    assert isinstance(rows, list)
    return rows


def expected(name: str) -> pd.DataFrame:
    """R's answers on the samples published here; empty text is "not applicable"."""
    table = pd.read_csv(EXPECTED / f"{name}.csv", keep_default_na=False)
    for column in set(table) - TEXT:
        table[column] = pd.to_numeric(table[column], errors="coerce")
    table["variable"] = table["variable"].str.replace(".", "_")
    if "by_variable" in table:
        table["by_variable"] = table["by_variable"].str.replace(".", "_")
    return table[
        [(d, s) in SAMPLES for d, s in zip(table["dataset"], table["design"], strict=True)]
    ]


SAMPLES = [("apistrat", "stratified"), ("apistrat", "weights_only"), ("apisrs", "weights_only")]


@pytest.fixture(scope="session")
def home_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The schools barometer published with a sample of the oracle, by data set and design."""

    @cache
    def published(dataset: str, design: str) -> Path:
        home = tmp_path_factory.mktemp(f"{dataset}_{design}")
        built = shutil.ignore_patterns(
            "barometer.duckdb*", "respondents", "audit.jsonl", "publications"
        )
        shutil.copytree(SCHOOLS, home, ignore=built, dirs_exist_ok=True)
        wave = make_wave["wave"](dataset, stratified=design == "stratified")
        (home / "data" / "waves" / "wave_2000.csv").write_text(wave, encoding="utf-8")
        assert "2000 (n = 200)" in barometer("publish", home=home).stdout
        return home

    return published


@pytest.fixture(scope="session")
def schools(home_of: Callable[[str, str], Path]) -> Path:
    """The barometer as it is in the project: apistrat, stratified."""
    return home_of("apistrat", "stratified")


@pytest.fixture(scope="session")
def proportions(home_of: Callable[[str, str], Path]) -> pd.DataFrame:
    """Each of R's proportions beside ours: by no dimension, one, or two."""
    both = []
    for (dataset, design, variable, by), rows in expected("proportions").groupby(
        ["dataset", "design", "variable", "by_variable"]
    ):
        names = by.split("|") if by else []
        splits = [part for name in names for part in ("--by", name)]
        ours = pd.DataFrame(estimate(home_of(dataset, design), "--indicator", variable, *splits))
        ours["by_level"] = ours[names].agg("|".join, axis=1) if names else ""
        ours = ours.rename(columns={"item": "level"}).drop(columns=names)
        both.append(rows.merge(ours, on=["level", "by_level"], suffixes=("_r", "")))
    return pd.concat(both, ignore_index=True)


def close(ours: Any, theirs: Any, tolerance: float) -> None:
    np.testing.assert_allclose(
        np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), rtol=0, atol=tolerance
    )


# --- what R says ----------------------------------------------------------------------------------


def test_every_proportion_of_r_is_answered(proportions: pd.DataFrame) -> None:
    assert len(proportions) == len(expected("proportions")) == 299
    assert set(
        proportions["by_variable"].str.count(r"\|") + (proportions["by_variable"] != "")
    ) == {
        0,
        1,
        2,
    }
    assert (proportions["n"] == proportions["n_unweighted"]).all()


def test_values_errors_and_bases_equal_r(proportions: pd.DataFrame) -> None:
    shown = proportions[proportions["n"] >= 10]
    close(shown["value"], shown["estimate"], 1e-14)
    close(shown["weighted_base"], shown["sum_w"], 1e-9)
    close(shown["effective_base"], shown["n_eff"], 1e-10)
    close(shown["df"], shown["df_r"], 0)
    inner = shown[(shown["n_y"] > 0) & (shown["n_y"] < shown["n"])]
    close(inner["se"], inner["se_r"], 1e-12)
    assert len(inner) > 200
    assert shown.drop(inner.index)["se"].isna().all()  # at 0 and 1: not estimable, never ±0


def test_intervals_equal_r_where_the_base_is_not_truncated(proportions: pd.DataFrame) -> None:
    inner = proportions[(proportions["n"] >= 10) & (proportions["se_r"] >= 1e-9)]
    effective = inner["estimate"] * (1 - inner["estimate"]) / inner["se_r"] ** 2
    inner = inner[(effective <= inner["n"]) & (inner["df"] > 0)]
    assert len(inner) > 100
    close(inner["ci_low"], inner["ci_low_wilson"], 1e-10)
    close(inner["ci_high"], inner["ci_high_wilson"], 1e-10)


def test_small_bases_are_flagged_and_smaller_ones_blank(
    proportions: pd.DataFrame, home_of: Callable[[str, str], Path]
) -> None:
    assert (proportions["flag"] == np.where(proportions["n"] < 30, "flagged", "")).all()
    assert (proportions["flag"] == "flagged").sum() == 76
    crossed = ["--indicator", "sch_wide", "--by", "stype", "--by", "yr_rnd"]
    rows = estimate(home_of("apistrat", "stratified"), *crossed)
    for row in rows:  # a base of 10 or more is hidden only where it would give a smaller one away
        assert row["flag"] == "hidden" or row["n"] >= 10
        assert row["flag"] in ("hidden", "flagged" if row["n"] < 30 else "")
    hidden = [row for row in rows if row["flag"] == "hidden"]
    assert hidden
    blank = {"weighted_base", "effective_base", "value", "se", "df", "ci_low", "ci_high"}
    assert all(row[name] is None for row in hidden for name in blank)


def test_every_pair_equals_r(home_of: Callable[[str, str], Path]) -> None:
    table = expected("differences")
    table = table[table["type"] == "pair"]
    both = []
    for (dataset, design, variable, by), rows in table.groupby(
        ["dataset", "design", "variable", "by_variable"]
    ):
        answers = estimate(
            home_of(dataset, design), "--indicator", variable, "--by", by, "--compare", "pairs"
        )
        n = {row[by]: row["n"] for row in answers if "value" in row}
        ours = pd.DataFrame([row for row in answers if "difference" in row])
        ours = ours.assign(n_a=ours[by].map(n), n_b=ours["versus"].map(n))
        ours = ours.rename(columns={"item": "level", by: "group_a", "versus": "group_b"})
        both.append(rows.merge(ours, on=["level", "group_a", "group_b"], suffixes=("_r", "")))
    pairs = pd.concat(both)
    assert len(pairs) == len(table) == 32
    close(pairs["difference"], pairs["diff"], 1e-14)
    close(pairs["se"], pairs["se_diff"], 1e-12)
    close(pairs["df"], pairs["df_r"], 0)
    np.testing.assert_allclose(pairs["p"].astype(float), pairs["p_t"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        pairs["p_adjusted"].astype(float), pairs["p_t_holm"], rtol=1e-9, atol=1e-12
    )
    enough = (pairs["n_a"] >= 30) & (pairs["n_b"] >= 30)
    assert (pairs["significant"] == ((pairs["p_t_holm"] < 0.05) & enough)).all()
    assert pairs["significant"].nunique() == enough.nunique() == 2


@pytest.mark.parametrize(
    ("domain", "where"),
    [
        ('awards == "Yes"', ["awards=Yes"]),
        ('stype == "H"', ["stype=H"]),
        ('stype != "E"', ["stype=H", "stype=M"]),
        ('yr.rnd == "Yes"', ["yr_rnd=Yes"]),
    ],
)
def test_a_filter_is_r_s_subset_of_the_design(
    home_of: Callable[[str, str], Path], domain: str, where: list[str]
) -> None:
    table = expected("domains")
    rows = table[table["domain"] == domain]
    assert len(rows) == 4
    filters = [part for pair in where for part in ("--where", pair)]
    for row in rows.to_dict("records"):
        home = home_of(row["dataset"], row["design"])
        [ours] = estimate(home, "--indicator", row["variable"], "--item", row["level"], *filters)
        assert (ours["n"], ours["df"]) == (row["n_domain"], row["df_domain"])
        close(ours["value"], row["estimate"], 1e-14)
        if 0 < row["estimate"] < 1:
            close(ours["se"], row["se_domain"], 1e-12)


@pytest.mark.parametrize("design", ["stratified", "weights_only"])
def test_a_mean_is_computed_like_a_share(
    home_of: Callable[[str, str], Path], schools: Path, design: str
) -> None:
    data = pd.read_csv(io.StringIO(make_wave["wave"]("apistrat")))
    strata = data["stratum"] if design == "stratified" else pd.Series("all", index=data.index)
    for indicator, y in {
        "api00": data["api00"],
        "enroll": data["enroll"],
        "growth": data["api00"] - data["api99"],
    }.items():
        y, w = y.astype(float), data["weight"]
        mean = (w * y).sum() / w.sum()
        z = w * (y - mean) / w.sum()
        by_stratum = z.groupby(strata).agg(["size", "var"])
        [ours] = estimate(home_of("apistrat", design), "--indicator", indicator)
        assert ours["value"] == pytest.approx(mean, rel=1e-13)
        error = np.sqrt((by_stratum["size"] * by_stratum["var"]).sum())
        assert ours["se"] == pytest.approx(error, rel=1e-11)
    [api00] = estimate(schools, "--indicator", "api00")
    assert (round(api00["value"], 2), round(api00["se"], 4)) == (662.29, 9.5361)  # R's manual


# --- what comes with the project ------------------------------------------------------------------


def test_the_stored_wave_is_what_the_oracle_gives() -> None:
    assert make_wave["WAVE"].read_text(encoding="utf-8") == make_wave["wave"]()
    assert make_wave["WAVE"].parent.parent.parent == SCHOOLS


def test_its_codebook_and_its_page_hang_together() -> None:
    book = codebook.load(SCHOOLS / "data")
    declared = declarations.load(SCHOOLS / "data", book)
    assert declared.pages[0].code == "overview"
    assert declared.pages[0].charts == ("targets_by_type", "type_of_school", "index_by_type")
    queries = {path.stem for path in (SCHOOLS / "queries" / "indicators").glob("*.sql")}
    assert queries == set(book.by_indicator)


# --- forms of the answer --------------------------------------------------------------------------


def test_csv_holds_the_same_rows_as_json(schools: Path) -> None:
    asked = ["--indicator", "awards", "--by", "stype", "--by", "yr_rnd"]
    rows = estimate(schools, *asked)
    text = barometer("estimate", *asked, "--format", "csv", home=schools).stdout
    table = list(csv.DictReader(io.StringIO(text)))
    assert [list(row) for row in table] == [list(row) for row in rows]
    written = [["" if v is None else str(v) for v in row.values()] for row in rows]
    assert [list(row.values()) for row in table] == written


def test_a_table_is_for_eyes(schools: Path) -> None:
    shown = barometer("estimate", "--indicator", "awards", "--by", "stype", home=schools).stdout
    header, *rows = shown.splitlines()
    assert header.split()[:5] == ["indicator", "item", "stype", "n", "weighted_base"]
    assert [row.split()[1:4] for row in rows] == [
        [item, stype, n]
        for item in ("No", "Yes")
        for stype, n in {"E": "100", "H": "50", "M": "50"}.items()
    ]
    assert "None" not in shown and "nan" not in shown.lower()


# --- two barometers on one machine ----------------------------------------------------------------


def in_a_shell(*arguments: str, home: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "BAROMETER_HOME"}
    if home is not None:
        environment["BAROMETER_HOME"] = home
    return subprocess.run(
        [sys.executable, "-m", "barometer", *arguments],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )


def test_the_home_is_an_option_or_a_variable_and_the_option_wins(schools: Path, home: Path) -> None:
    asked = ["estimate", "--indicator", "sch_wide", "--format", "json"]
    by_option = in_a_shell("--home", str(schools), *asked)
    by_variable = in_a_shell(*asked, home=str(schools))
    option_wins = in_a_shell("--home", str(schools), *asked, home=str(home))
    assert by_option.returncode == by_variable.returncode == option_wins.returncode == 0
    assert by_option.stdout == by_variable.stdout == option_wins.stdout
    assert json.loads(by_option.stdout)[0]["n"] == 200


def test_two_homes_do_not_mix(schools: Path, home: Path) -> None:
    for folder, other in ((schools, "crm_project"), (home, "sch_wide")):
        arguments = ["--home", str(folder), "estimate", "--indicator", other]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 1
        assert f"there is no indicator '{other}'" in result.stderr
    years = {row["year"] for row in estimate(schools, "--indicator", "awards", "--by", "year")}
    assert years == {2000}
    assert len(estimate(home, "--indicator", "contact_surface", "--by", "year")) == 8


@pytest.mark.parametrize(("compare", "kind"), [("total", "vs_total"), ("others", "vs_rest")])
def test_each_group_against_the_total_or_the_rest_equals_r(
    home_of: Callable[[str, str], Path], compare: str, kind: str
) -> None:
    table = expected("differences")
    table = table[table["type"] == kind]
    both = []
    for (dataset, design, variable, by), rows in table.groupby(
        ["dataset", "design", "variable", "by_variable"]
    ):
        answers = estimate(
            home_of(dataset, design), "--indicator", variable, "--by", by, "--compare", compare
        )
        ours = pd.DataFrame([row for row in answers if "difference" in row])
        ours = ours.rename(columns={"item": "level", by: "group_a"})
        both.append(rows.merge(ours, on=["level", "group_a"], suffixes=("_r", "")))
    found = pd.concat(both)
    assert len(found) == len(table) == 43
    close(found["difference"], found["diff"], 1e-14)
    close(found["se"], found["se_diff"], 1e-12)
    np.testing.assert_allclose(found["p"].astype(float), found["p_t"], rtol=1e-9, atol=1e-12)
