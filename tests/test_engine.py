"""What a cluster summed is published where DuckDB finds the same, from a folder nobody else reads."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner

from barometer import cluster, codebook, history, store, summing
from barometer.cli import main
from barometer.home import Home
from barometer.store import Engine, PublicationError

MASTER = "spark://nobody.invalid:7077"
Change = Callable[[pd.DataFrame, int], pd.DataFrame]


@pytest.fixture
def owned(home: Path, tmp_path: Path) -> Home:
    """A home with the waves and queries of another, where nothing is published."""
    built = shutil.ignore_patterns("publications", "respondents", "*.duckdb*")
    for name in ("data", "queries"):
        shutil.copytree(home / name, tmp_path / name, ignore=built)
    return Home(tmp_path)


class Cluster:
    """What stands in for Spark: it writes the cells that DuckDB published, with one change."""

    def __init__(self, home: Path) -> None:
        held = history.database(Home(home), history.current(Home(home)))
        assert held is not None
        with duckdb.connect(str(held), read_only=True) as con:
            self.cells = con.table("cells").df()
        self.mode = 0  # of the folder that both see

    def sum_cells(
        self, engine: str, shared: Path, indicators: Mapping[str, Path], *others: Any
    ) -> None:
        self.mode = stat.S_IMODE(shared.stat().st_mode)
        for indicator, rows in self.cells.groupby("indicator"):
            (shared / "cells" / str(indicator)).mkdir(parents=True)
            rows.to_parquet(shared / "cells" / str(indicator) / "part-0.parquet")


@pytest.fixture
def spark(home: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    stand_in = Cluster(home)
    monkeypatch.setattr(cluster, "check", lambda engine: None)
    monkeypatch.setattr(cluster, "sum_cells", stand_in.sum_cells)
    return stand_in


def nothing_online(home: Home) -> bool:
    left = [path for folder in (home.publications, home.databases) for path in folder.iterdir()]
    return history.current(home) is None and not left


def test_the_same_cells_are_published_and_nobody_else_reads_respondents(
    home: Path, owned: Home, spark: Cluster
) -> None:
    shared = owned.data.parent / "shared"
    shared.mkdir()
    before = os.umask(0)
    try:
        published = store.go_online(store.prepare_files(owned, engine=Engine(MASTER, shared)))
    finally:
        os.umask(before)
    assert spark.mode == 0o700
    assert list(shared.iterdir()) == []
    whole = store.Publications(Home(home)).current()
    assert whole is not None
    assert published.manifest["waves"] == whole.manifest["waves"]


def test_a_shared_folder_that_cannot_be_written_is_named(owned: Home, spark: Cluster) -> None:
    gone = owned.data.parent / "gone"
    with pytest.raises(PublicationError, match="/gone: nothing was published: No such file or"):
        store.prepare_files(owned, engine=Engine(MASTER, gone))


def more_weight(cells: pd.DataFrame, row: int) -> pd.DataFrame:
    cells.loc[row, "w"] *= 1 + 2e-9
    return cells


def one_more(cells: pd.DataFrame, row: int) -> pd.DataFrame:
    cells.loc[row, "n"] += 1
    return cells


def gone(cells: pd.DataFrame, row: int) -> pd.DataFrame:
    return cells.drop(index=row)


def more_of_y(cells: pd.DataFrame, row: int) -> pd.DataFrame:
    cells.loc[row, "wy"] += 1e-6
    return cells


def no_number(cells: pd.DataFrame, row: int) -> pd.DataFrame:
    cells.loc[row, "wy"] = float("nan")
    return cells


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (more_weight, "w is "),
        (one_more, "n is "),
        (gone, "n is no such cell"),
        (more_of_y, "wy is "),
    ],
)
def test_one_sum_that_differs_is_named_and_nothing_is_published(
    owned: Home, spark: Cluster, change: Change, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = spark.cells[spark.cells["indicator"] == "channel_count"].index[-1]
    item, profile = spark.cells.loc[row, ["item", "profile_id"]]
    spark.cells = change(spark.cells, row)
    monkeypatch.setattr(summing, "LOOKED_AT", 10_000)  # all of the demonstration
    with pytest.raises(PublicationError, match=f"{said}.*on {MASTER}, and .* in DuckDB") as fault:
        store.prepare_files(owned, engine=Engine(MASTER, owned.data))
    assert f"channel_count.sql: item {item}, profile {profile} of " in str(fault.value)
    assert nothing_online(owned)


def test_a_cell_without_a_number_is_not_taken(owned: Home, spark: Cluster) -> None:
    spark.cells = no_number(spark.cells, 0)  # which is null in its file
    with pytest.raises(PublicationError, match=f"what {MASTER} summed cannot be read as cells"):
        store.prepare_files(owned, engine=Engine(MASTER, owned.data))
    assert nothing_online(owned)


@pytest.mark.parametrize(("theirs", "ours"), [("nan", "1"), ("1", "nan"), ("nan", "nan")])
def test_what_is_no_number_agrees_with_no_number(theirs: str, ours: str) -> None:
    with duckdb.connect(":memory:") as con:
        con.execute("create table profiles as select 1 as profile_id, 2003 as year")
        con.execute("create table few_profiles as select 1 as profile_id")
        for table, wy in (("cells", theirs), ("again", ours)):
            con.execute(
                f"create table {table} as select 'a' as indicator, 'b' as item, 1 as profile_id,"
                " 2 as n, 2.0 as w, 2.0 as w2, $wy::double as wy, 1.0 as w2y, 'nan'::double as w2y2,"
                " 1 as n_y",
                {"wy": wy},
            )
        found = summing.run(con, "otherwise").fetchone()
    assert (found is None) == (theirs == ours)


def test_what_rounding_does_is_no_difference(owned: Home, spark: Cluster) -> None:
    spark.cells["w"] *= 1 + 1e-12
    spark.cells["wy"] *= 1 - 1e-12
    store.prepare_files(owned, engine=Engine(MASTER, owned.data))


@pytest.mark.parametrize("respondents", [400, 2_000])
def test_whole_profiles_of_every_wave_are_summed_again_the_same_each_time(
    con: duckdb.DuckDBPyConnection, respondents: int
) -> None:
    taken = []
    for _ in range(2):
        summing.run(con, "look_at_few", respondents=respondents)
        summing.run(con, "look_at_their_lists")
        few = con.table("respondents").df()
        summing.run(con, "look_at_all")
        taken.append(sorted(few["respondent_id"]))
    everybody = con.table("respondents").df()
    whole = everybody[everybody["profile_id"].isin(few["profile_id"])]
    assert taken[0] == taken[1] == sorted(whole["respondent_id"])
    assert set(few["year"]) == set(everybody["year"])
    largest = everybody.groupby("profile_id").size().max()
    assert respondents <= len(few) < respondents + largest


def test_where_every_profile_is_large_the_smallest_one_is_summed_again(
    con: duckdb.DuckDBPyConnection, home: Path, tmp_path: Path
) -> None:
    con.execute("update respondents set profile_id = year")
    summing.run(con, "look_at_few", respondents=100)
    sizes = con.sql("select profile_id from few_profiles").fetchall()
    summing.run(con, "look_at_their_lists")
    summing.run(con, "look_at_all")
    smallest = con.sql("select year from respondents group by all order by count(*) limit 1")
    assert sizes == smallest.fetchall()


def test_an_engine_that_cannot_be_one_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["--home", str(tmp_path), "publish", "--engine", "sparc://host"]
    )
    assert result.exit_code == 1
    assert "sparc://host: no engine has this form; expected spark://HOST:7077" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "engine",
    ["spark://a:7077,b:7077", "yarn", "k8s://https://a:443", "sc://a/;token=b", "local[2]"],
)
def test_forms_of_engines_are_known(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(cluster, "java", lambda: 17)
    cluster.check(engine)


@pytest.mark.parametrize("engine", ["", "spark://a", "local[0]", "local-cluster[2,1]", "sc://"])
def test_others_are_not(engine: str) -> None:
    with pytest.raises(PublicationError, match="no engine has this form"):
        Engine(engine, Path())


def test_the_password_of_a_server_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PublicationError, match=r"^sc://host/: an engine needs") as fault:
        Engine("sc://host/;token=secret", Path())
    assert "secret" not in str(fault.value)


def java(folder: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Java on the path that says a version."""
    folder.mkdir(exist_ok=True)
    (folder / "java").write_text(f"#!/bin/sh\necho '{said}' >&2\n", encoding="utf-8")
    (folder / "java").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: object())


@pytest.mark.parametrize(
    ("said", "version"),
    [('openjdk version "11.0.22" 2024-01-16', "11"), ('java version "1.8.0_402"', "8")],
)
def test_an_old_java_is_refused_with_its_version(
    said: str, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java(tmp_path, said, monkeypatch)
    with pytest.raises(PublicationError, match=f"needs Java 17 or newer, and here is {version}$"):
        Engine(MASTER, tmp_path)


def test_no_java_is_refused_but_where_a_server_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java(tmp_path, 'openjdk version "21" 2023-09-19', monkeypatch)
    assert cluster.java() == 21
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(PublicationError, match="needs Java 17 or newer, and there is no Java here"):
        Engine(MASTER, tmp_path)
    Engine("sc://host", tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--shared", "."], "--shared is where a cluster reads: say which with --engine."),
        (["--memory", "nan"], "expected gigabytes, from 1 to 100,000; got nan"),
        (["--memory", "inf"], "expected gigabytes, from 1 to 100,000; got inf"),
        (["--memory", "0"], "expected gigabytes, from 1 to 100,000; got 0"),
        (["--memory", "-2"], "expected gigabytes, from 1 to 100,000; got -2"),
        (["--memory", "1e30"], "expected gigabytes, from 1 to 100,000; got 1e+30"),
    ],
)
def test_means_that_make_no_sense_are_refused(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(main, ["--home", str(tmp_path), "publish", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr


def test_paths_name_the_file_system_that_is_mounted() -> None:
    assert cluster.address(Path("/mnt/à part/x")) == "file:///mnt/à part/x"
    assert cluster.address(Path("x")) == f"file://{Path.cwd()}/x"


def test_who_may_not_write_is_told_how_to() -> None:
    fault = OSError("Job aborted\nCaused by: java.io.IOException: /mnt/x (Permission denied)")
    assert "run them as the user who publishes" in cluster._why(fault)


def test_each_query_of_the_demonstration_may_be_summed_there(home: Path) -> None:
    pytest.importorskip("sqlglot", reason="sqlglot is not installed: make test-spark")
    for code in codebook.load(home / "data").by_indicator:
        path = Home(home).indicators / f"{code}.sql"
        cluster.translated(path.read_text(encoding="utf-8"), str(path))


@pytest.mark.parametrize(
    ("query", "construct"),
    [
        ("select respondent_id, 'a' as item, log(100) as y from answers", "log of one argument"),
        ("select list_sum(a) as y from answers", "the function list_sum"),
        ("select answers.a.my_own() as y from answers", "the function my_own"),
        ("select * from answers asof left join waves using (year)", "ASOF JOIN"),
        ("pivot answers on a using sum(b)", "PIVOT"),
        ("select * from answers pivot (sum(b) for a in (1, 2))", "PIVOT"),
        ("unpivot answers on a, b into name item value y", "UNPIVOT"),
    ],
)
def test_what_spark_would_read_otherwise_is_refused_with_its_file(
    query: str, construct: str
) -> None:
    pytest.importorskip("sqlglot", reason="sqlglot is not installed: make test-spark")
    with pytest.raises(cluster.ClusterError, match=f"^x.sql: {construct} may be something else"):
        cluster.translated(query, "x.sql")


def test_logarithms_that_both_read_alike_pass() -> None:
    pytest.importorskip("sqlglot", reason="sqlglot is not installed: make test-spark")
    assert cluster.translated("select log10(a), log(2, a), ln(a) from t", "x.sql") == (
        "SELECT LOG(10, a), LOG(2, a), LN(a) FROM t"
    )
