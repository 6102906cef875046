"""The heavy step on a Spark cluster: the same queries sum cells there, and DuckDB publishes them.

Imported only where a publication asks for an engine; needs requirements-spark.txt and Java 17.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

TABLES = ("respondents", "answers", "asked", "items", "lineage", "profiles", "waves")
CONNECT = "sc://"
SESSION = {
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, never a wrap
    "spark.sql.session.timeZone": "UTC",
}
QUIET = {"spark.ui.enabled": "false"}  # a Connect server decides that itself


class ClusterError(RuntimeError):
    """The cluster cannot be used, or a query is not for it; the message says what to do."""


def sum_cells(
    engine: str,
    shared: Path,
    indicators: Mapping[str, Path],
    aggregation: str,
    weights: str,
    progress: Callable[[float, str], object],
    settings: Mapping[str, str] | None = None,
) -> None:
    """Write the cells of each indicator to `shared`/cells/<indicator>, as Parquet, by executors.

    `engine` is a Spark master (spark://…, local-cluster[2,1,1024], yarn, k8s://…) or a Spark
    Connect server (sc://…). `shared` has a folder of Parquet for each of TABLES, and every executor
    sees it under the same path. `indicators` are the files of their queries, `aggregation` and
    `weights` the texts of cells.sql and weights.sql. Raises ClusterError.
    """
    spark = _session(engine, settings or {})
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        for table in TABLES:
            spark.read.parquet(str(shared / table)).createOrReplaceTempView(table)
        spark.sql(_translated(weights, "weights.sql", {})).createOrReplaceTempView("weights")
        for number, (code, path) in enumerate(indicators.items()):
            progress(number / len(indicators), code)
            rows = spark.sql(_translated(path.read_text(encoding="utf-8"), str(path), {}))
            rows.createOrReplaceTempView("indicator_rows")
            cells = spark.sql(_translated(aggregation, "cells.sql", {"indicator": code}))
            cells.write.mode("overwrite").parquet(str(shared / "cells" / code))
    except (PySparkException, Py4JError) as fault:
        raise ClusterError(f"{engine}: the cells could not be summed ({_first(fault)})") from None
    finally:
        with suppress(Exception):  # the cluster may be gone, and what is to be said was said
            spark.stop()


def _session(engine: str, settings: Mapping[str, str]) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ClusterError(
            "an engine needs PySpark: pip install -r requirements-spark.txt, and Java 17 or newer"
        ) from None
    builder: Any = SparkSession.builder
    if engine.startswith(CONNECT):
        builder = builder.remote(engine)
    elif "JAVA_HOME" in os.environ or shutil.which("java"):
        builder = builder.master(engine)
        settings = {**QUIET, **settings}
    else:
        raise ClusterError(f"{engine}: Spark needs Java 17 or newer, and there is no Java here")
    if engine.startswith("local"):  # the wheel is a whole Spark
        found = importlib.util.find_spec("pyspark")
        if found is not None and found.origin is not None:
            os.environ.setdefault("SPARK_HOME", str(Path(found.origin).parent))
    for name, value in {**SESSION, **settings}.items():
        builder = builder.config(name, value)
    try:
        with warnings.catch_warnings():
            # Of pandas, of which nothing is asked here.
            warnings.simplefilter("ignore", FutureWarning)
            return builder.appName("barometer").getOrCreate()
    except Exception as fault:  # Java or the network: whatever it is, nothing was begun
        raise ClusterError(f"{engine}: no session ({_first(fault)})") from None


def _first(fault: Exception) -> str:
    """The line of a fault that says what it is; pages of Java follow it."""
    return next(iter(str(fault).strip().splitlines()), type(fault).__name__)


def _translated(query: str, name: str, parameters: Mapping[str, str]) -> str:
    """A query of ours in Spark's dialect, $parameters written out. Raises ClusterError."""
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(query, read="duckdb")
        for place in list(tree.find_all(exp.Parameter, exp.Placeholder)):
            known = parameters.get(place.name or str(place.this))
            if known is None:
                raise ClusterError(f"{name}: ${place.name} has no value")
            place.replace(exp.Literal.string(known))
        return str(tree.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE))
    except (sqlglot.errors.ParseError, sqlglot.errors.UnsupportedError) as fault:
        raise ClusterError(f"{name}: Spark does not know this query: {fault}") from None
