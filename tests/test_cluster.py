"""A cluster of two executors sums the same cells, though one is killed while it works."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from barometer import cluster, store
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
MIDWAY = SETTINGS | {
    "spark.sql.adaptive.coalescePartitions.enabled": "false",  # a task for each executor
    "spark.hadoop.fs.defaultFS": "hdfs://nobody.invalid:8020",  # what is shared is not there
}
KILLS = 5  # executors killed at most, until one dies before its job ends
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
ENV = {name: value for name, value in os.environ.items() if name != "SPARK_HOME"}
installed = importlib.util.find_spec("pyspark") and importlib.util.find_spec("sqlglot")
java = cluster.java()
with_spark = pytest.mark.skipif(not installed, reason="PySpark is not installed: make test-spark")
with_java = pytest.mark.skipif(
    (java or 0) < cluster.JAVA,
    reason=f"Spark needs Java {cluster.JAVA} or newer, here is {java or 'none'}",
)


@dataclass(frozen=True)
class Kill:
    """What became of a job when an executor was killed that ran one of its tasks."""

    executor: int
    job: str  # its status once the executor was dead
    failed: int  # of the tasks that ran
    ended: str  # its status in the end


def executors() -> list[psutil.Process]:
    """The executor processes that this one started and that live."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            command = " ".join(process.cmdline())
            if process.name() == "java" and "CoarseGrainedExecutorBackend" in command:
                found.append(process)
    return found


@contextmanager
def killing() -> Iterator[list[Kill]]:
    """Kill an executor while a job runs: again, until it dies before the job ends."""
    kills: list[Kill] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.01) and len(kills) < KILLS and not any(map(midway, kills)):
            with suppress(Exception):  # of Spark, which starts or stops meanwhile
                kills.extend(kill_one_at_work(over))

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield kills
    finally:
        over.set()
        thread.join()


def midway(kill: Kill) -> bool:
    return kill.job == "RUNNING" and kill.failed > 0


def kill_one_at_work(over: threading.Event) -> Iterator[Kill]:
    """Kill one of two executors where each of them has a task of one stage."""
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    if context is None:
        return
    tracker = context.statusTracker()
    for job in tracker.getActiveJobsIds():
        for stage in tracker.getJobInfo(job).stageIds:
            if active(tracker, stage) < 2:
                continue
            one, _ = executors()
            one.kill()
            one.wait(30)
            then = tracker.getJobInfo(job).status
            failed = 0
            while not over.wait(0.01) and tracker.getJobInfo(job).status == "RUNNING":
                failed = max(failed, tracker.getStageInfo(stage).numFailedTasks)
            yield Kill(one.pid, then, failed, tracker.getJobInfo(job).status)
            return


def active(tracker: Any, stage: int) -> int:
    """How many of its tasks run; a stage that has not begun is not known."""
    known = tracker.getStageInfo(stage)
    return known.numActiveTasks if known else 0


@with_spark
@with_java
def test_executors_sum_the_same_cells_though_one_is_killed_at_work(
    home: Path, tmp_path: Path
) -> None:
    ours = copied(home, tmp_path)
    shared = tmp_path / "that both see"
    shared.mkdir()
    with killing() as kills:
        staged = store.prepare_files(ours, engine=Engine(MASTER, shared, MIDWAY))
    published = store.go_online(staged)
    assert kills and midway(kills[-1]), kills
    assert kills[-1].ended == "SUCCEEDED"
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


@with_spark
@with_java
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
def test_an_engine_without_its_libraries_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(PublicationError, match=r"pip install -r requirements-spark\.txt"):
        Engine(MASTER, tmp_path)
