"""A cluster of two executor processes sums the same cells, though one of them is killed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from barometer import store
from barometer.cells import Selection
from barometer.codebook import YEAR
from barometer.home import Home
from barometer.store import Engine, PublicationError

MASTER = "local-cluster[2,1,1024]"
FAST = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # short-lived: compile little, in Spark too
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executor.extraJavaOptions": FAST,
    "spark.driver.extraJavaOptions": FAST,
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
ENV = {name: value for name, value in os.environ.items() if name != "SPARK_HOME"}
installed = importlib.util.find_spec("pyspark") and importlib.util.find_spec("sqlglot")


def executors() -> list[psutil.Process]:
    """The executor processes that this one started and that live."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            command = " ".join(process.cmdline())
            if process.name() == "java" and "CoarseGrainedExecutorBackend" in command:
                found.append(process)
    return found


@pytest.mark.skipif(not installed, reason="PySpark is not installed: make test-spark")
@pytest.mark.skipif(shutil.which("java") is None, reason="Java 17 is not installed")
def test_executors_sum_the_same_cells_though_one_is_killed(home: Path, tmp_path: Path) -> None:
    ours = copied(home, tmp_path)
    killed: list[int] = []
    seen: set[int] = set()

    def kill_one(share: float, step: str) -> None:
        found = executors()
        seen.update(process.pid for process in found)
        if share > 0.7 and found and not killed:
            found[0].kill()
            killed.append(found[0].pid)

    staged = store.prepare_files(ours, progress=kill_one, engine=Engine(MASTER, tmp_path, SETTINGS))
    published = store.go_online(staged)
    assert killed and len(seen) >= 2
    assert_same_cells(Home(home), published)


def assert_same_cells(home: Home, published: store.Publication) -> None:
    """What DuckDB published in a home, within what doubles differ by."""
    whole = store.Publications(home).current()
    assert whole is not None
    for indicator in whole.codebook.by_indicator:
        asked = Selection(indicator, (*whole.codebook.by_dimension, YEAR))
        one, other = whole.rollup(asked), published.rollup(asked)
        sums = [*one.columns[list(one.columns).index("n") :]]
        keys = [name for name in one if name not in sums]
        assert one[keys].astype(object).equals(other[keys].astype(object))
        gap = (one[sums] - other[sums]).abs() / one[sums].abs().clip(lower=1)
        assert gap.to_numpy().max() <= 1e-12


@pytest.mark.skipif(not installed, reason="PySpark is not installed: make test-spark")
@pytest.mark.skipif(shutil.which("java") is None, reason="Java 17 is not installed")
def test_a_spark_connect_server_sums_the_same_cells(home: Path, tmp_path: Path) -> None:
    import pyspark

    ours = copied(home, tmp_path)
    spark = Path(pyspark.__file__).parent
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    asked = SETTINGS | {"spark.connect.grpc.binding.port": str(port), "spark.ui.enabled": "false"}
    command = [str(spark / "bin" / "spark-submit"), "--master", "local[2]"]
    command += [word for name, value in asked.items() for word in ("--conf", f"{name}={value}")]
    with (tmp_path / "server.txt").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--class", SERVER], stdout=log, stderr=log, cwd=tmp_path, env=ENV
        )
    try:
        wait_for(port, server)
        engine = Engine(f"sc://127.0.0.1:{port}", tmp_path)
        published = store.go_online(store.prepare_files(ours, engine=engine))
    finally:
        server.terminate()
        server.wait(30)
    assert_same_cells(Home(home), published)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(f"port {port} does not answer")


def copied(home: Path, folder: Path) -> Home:
    """A home with the waves and queries of another, where nothing is published."""
    shutil.copytree(home / "queries", folder / "queries")
    built = shutil.ignore_patterns("publications", "respondents", "*.duckdb*")
    shutil.copytree(home / "data", folder / "data", ignore=built)
    return Home(folder)


@pytest.mark.skipif(bool(installed), reason="PySpark is installed")
def test_an_engine_without_its_libraries_says_what_to_install(home: Path, tmp_path: Path) -> None:
    with pytest.raises(PublicationError, match=r"pip install -r requirements-spark\.txt"):
        store.prepare_files(Home(home), engine=Engine(MASTER, tmp_path))


@pytest.mark.skipif(not installed, reason="PySpark is not installed: make test-spark")
def test_an_engine_without_java_says_what_is_missing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(PublicationError, match=r"Spark needs Java 17 or newer, and there is no"):
        store.prepare_files(Home(home), engine=Engine(MASTER, tmp_path))
