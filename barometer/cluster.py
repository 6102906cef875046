"""The heavy step on a Spark cluster: the same queries sum cells there, and DuckDB publishes them.

Imported only where a publication asks for an engine; needs requirements-spark.txt and Java 17.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

TABLES = ("respondents", "answers", "asked", "items", "lineage", "profiles", "waves")
CONNECT = "sc://"
ENGINES = (  # forms of a Spark master, and of a Connect server
    r"spark://[^\s/,]+:\d+(,[^\s/,]+:\d+)*",
    r"local(\[(\*|[1-9]\d*)(,\s*[1-9]\d*)?\])?",
    r"local-cluster\[\s*[1-9]\d*\s*,\s*[1-9]\d*\s*,\s*[1-9]\d*\s*\]",
    r"yarn",
    r"k8s://\S+",
    r"sc://[^\s/]+(/\S*)?",
)
LIBRARIES = ("pyspark", "sqlglot")
SPOKEN = ("grpc", "grpc_status", "zstandard")  # what sc:// needs besides
JAVA = 17  # the oldest Java that Spark runs on
PATIENCE = 60  # seconds for Java to say its version, which takes less than one
SESSION = {
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, never a wrap
    "spark.sql.session.timeZone": "UTC",
}
QUIET = {"spark.ui.enabled": "false"}  # a Connect server decides that itself


class ClusterError(RuntimeError):
    """The cluster cannot be used, or a query is not for it; the message says what to do."""


def check(engine: str) -> None:
    """See whether `engine` can be used, as far as this machine knows without asking it.

    It has the form of a Spark master or Connect server, what speaks to it is installed, and there
    is a Java where it takes one. Raises ClusterError.
    """
    who = named(engine)
    if not any(re.fullmatch(form, engine) for form in ENGINES):
        raise ClusterError(
            f"{who}: no engine has this form; expected spark://HOST:7077, yarn, k8s://…,"
            " sc://HOST, local[2] or local-cluster[2,1,1024]"
        )
    needed = LIBRARIES + (SPOKEN if engine.startswith(CONNECT) else ())
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise ClusterError(
            f"{who}: an engine needs {', '.join(missing)}: pip install -r requirements-spark.txt"
        )
    if engine.startswith(CONNECT):
        return
    version = java()
    if version is None:
        raise ClusterError(f"{who}: Spark needs Java {JAVA} or newer, and there is no Java here")
    if version < JAVA:
        raise ClusterError(f"{who}: Spark needs Java {JAVA} or newer, and here is {version}")


def named(engine: str) -> str:
    """An engine as messages name it: what follows the address of sc://… may hold a password."""
    return engine.partition(";")[0]


def java() -> int | None:
    """The version of the Java that Spark starts here; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if program is None:
        return None
    try:
        said = subprocess.run(
            [program, "-version"], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    # "17.0.15", or "1.8.0_402" as Java 8 calls itself
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    return int(found[1]) if found else None


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
    texts = {code: path.read_text(encoding="utf-8") for code, path in indicators.items()}
    asked = {code: translated(texts[code], str(path)) for code, path in indicators.items()}
    weighed = translated(weights, "weights.sql")
    spark = _session(engine, settings or {})
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        for table in TABLES:
            spark.read.parquet(address(shared / table)).createOrReplaceTempView(table)
        spark.sql(weighed).createOrReplaceTempView("weights")
        for number, (code, query) in enumerate(asked.items()):
            progress(number / len(asked), code)
            spark.sql(query).createOrReplaceTempView("indicator_rows")
            cells = spark.sql(translated(aggregation, "cells.sql", {"indicator": code}))
            cells.write.mode("overwrite").parquet(address(shared / "cells" / code))
    except (PySparkException, Py4JError) as fault:
        raise ClusterError(
            f"{named(engine)}: the cells could not be summed ({_why(fault)})"
        ) from None
    finally:
        with suppress(Exception):  # the cluster may be gone, and what is to be said was said
            spark.stop()


def _session(engine: str, settings: Mapping[str, str]) -> Any:
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    if engine.startswith(CONNECT):
        builder = builder.remote(engine)
    else:
        builder = builder.master(engine)
        settings = {**QUIET, **settings}
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
        raise ClusterError(f"{named(engine)}: no session ({_first(fault)})") from None


def address(path: Path) -> str:
    """A file or folder as Spark names it: here, whatever file system the cluster calls its own.

    Not `Path.as_uri`: Hadoop takes what that escapes, a space or an accent, for what is written.
    """
    return f"file://{path.absolute().as_posix()}"


def _why(fault: Exception) -> str:
    """What a fault is, and its cure where that is known."""
    if "Permission denied" in str(fault):
        return "executors may not read or write in --shared: run them as the user who publishes"
    return _first(fault)


def _first(fault: Exception) -> str:
    """The line of a fault that says what it is; pages of Java follow it."""
    return next(iter(str(fault).strip().splitlines()), type(fault).__name__)


def translated(query: str, name: str, parameters: Mapping[str, str] | None = None) -> str:
    """A query of ours in Spark's dialect, $parameters written out.

    `name` is its file. What sqlglot does not know, or is known to turn into something else, is
    refused; what else Spark may read otherwise is found by summing some cells here again
    (summing.otherwise). Raises ClusterError.
    """
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(query, read="duckdb")
        strange = next(filter(None, map(_strange, tree.walk())), None)
        if strange is not None:
            raise ClusterError(
                f"{name}: {strange} may be something else on Spark; say it otherwise,"
                " or publish without --engine"
            )
        for place in list(tree.find_all(exp.Parameter, exp.Placeholder)):
            known = (parameters or {}).get(place.name or str(place.this))
            if known is None:
                raise ClusterError(f"{name}: ${place.name} has no value")
            place.replace(exp.Literal.string(known))
        return str(tree.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE))
    except (sqlglot.errors.ParseError, sqlglot.errors.UnsupportedError) as fault:
        raise ClusterError(f"{name}: Spark does not know this query: {fault}") from None


def _strange(part: Any) -> str | None:
    """What a part of a query is called, if sqlglot hands it on without knowing what it means."""
    from sqlglot import exp

    if isinstance(part, exp.Anonymous | exp.AnonymousAggFunc):
        return f"the function {part.name}"
    if isinstance(part, exp.Log) and part.expression is None:
        return "log of one argument"  # base 10 in DuckDB, natural on Spark
    if isinstance(part, exp.Join) and part.method.upper() == "ASOF":
        return "ASOF JOIN"
    if isinstance(part, exp.Pivot):
        return "UNPIVOT" if part.unpivot else "PIVOT"
    return None
