"""The heavy step of a publication on a cluster: cells are summed there, and some here again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from barometer.codebook import Codebook
from barometer.history import PublicationError
from barometer.summing import QUERIES, otherwise, run

SUMMED = 0.9  # of the step; the rest is for what is summed here again
Show = Callable[[float, str], object]


@dataclass(frozen=True)
class Engine:
    """A Spark cluster: its master, a folder that this machine and every executor see, settings.

    Raises PublicationError where it cannot be one, so that nothing is read in vain: see
    `cluster.check`.
    """

    master: str
    shared: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from barometer import cluster

        try:
            cluster.check(self.master)
        except cluster.ClusterError as fault:
            raise PublicationError(str(fault)) from None


def sum_cells(
    con: duckdb.DuckDBPyConnection,
    queries: Mapping[str, Path],
    book: Codebook,
    engine: Engine,
    aside: Path,
    memory: int,
    show: Show,
) -> None:
    """Fill the table of cells on a cluster, and sum some of them here too.

    The tables go there through a folder in `engine.shared`, and the cells come back through it.
    `aside` is an empty folder for what is summed here, with `memory` bytes. Raises
    PublicationError, where the two differ too.
    """
    from barometer import cluster

    # Absolute, for it is named to others; as it is mounted, not where a link leads on this machine.
    place = engine.shared.absolute()
    try:
        both_see = tempfile.TemporaryDirectory(prefix="barometer-", dir=place)
    except OSError as fault:
        raise PublicationError(f"{place}: nothing was published: {fault.strerror}") from None
    with both_see as folder:
        # It holds respondents and stays as it is made, this user's alone: executors are this user.
        shared = Path(folder)
        for table in cluster.TABLES:
            (shared / table).mkdir()
            con.table(table).write_parquet(str(shared / table / "all.parquet"))
        cells, weights = (
            (QUERIES / f"{name}.sql").read_text(encoding="utf-8") for name in ("cells", "weights")
        )

        def show_summed(share: float, step: str) -> None:
            show(SUMMED * share, step)

        try:
            cluster.sum_cells(
                engine.master, shared, queries, cells, weights, show_summed, engine.settings
            )
        except cluster.ClusterError as fault:
            raise PublicationError(str(fault)) from None
        try:
            run(con, "gather", files=str(shared / "cells" / "*" / "*.parquet"))
        except duckdb.Error as fault:
            raise PublicationError(
                f"{place}: what {cluster.named(engine.master)} summed cannot be read as cells"
                f" ({type(fault).__name__}); publish without --engine"
            ) from None
    show(SUMMED, "DuckDB")
    _verify(con, queries, book, engine.master, aside, memory)


def _verify(
    con: duckdb.DuckDBPyConnection,
    queries: Mapping[str, Path],
    book: Codebook,
    master: str,
    aside: Path,
    memory: int,
) -> None:
    """Compare what a cluster summed with DuckDB's sums of some. Raises PublicationError."""
    from barometer import cluster

    found = otherwise(con, queries, book, aside, memory)
    if found is None:
        return
    indicator, item, profile, year, name, theirs, ours = found
    there, here = ("no such cell" if value is None else repr(value) for value in (theirs, ours))
    raise PublicationError(
        f"{queries[indicator]}: item {item}, profile {profile} of {year}: {name} is {there}"
        f" on {cluster.named(master)}, and {here} in DuckDB; say it so that both read it alike,"
        " or publish without --engine"
    )
