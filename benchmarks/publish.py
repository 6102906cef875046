"""Publication of a million respondents, against DuckDB merely reading the same files."""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from pathlib import Path

import psutil

from benchmarks import servers
from benchmarks.measurement import Goal, Measurement

RESPONDENTS = int(os.environ.get("BENCH_RESPONDENTS", "1000000"))
SAMPLED_EVERY = 0.02  # seconds between two looks at the memory of a process

READ = """
import sys
import duckdb

duckdb.sql(f"create table waves as from read_csv('{sys.argv[1]}/*.csv', union_by_name = true)")
"""


def measure(folder: Path) -> list[Measurement]:
    """Wall time and peak memory of `python -m barometer publish` on wave files of a million rows.

    The files are the demonstration's eight, their respondents repeated under new names with
    weights that differ a little, and the codebook is whole. The baseline reads the same files into
    one typed table of DuckDB, without checking, storing or summing anything.
    """
    home = servers.home_at(folder / "home", waves=False)
    waves = home / "data" / "waves"
    waves.mkdir()
    _repeat(sorted((servers.PROJECT / "data" / "waves").glob("*.csv")), waves)
    size = sum(path.stat().st_size for path in waves.iterdir()) / 2**20
    reading, _ = _run([sys.executable, "-c", READ, str(waves)], home)
    publishing, peak = _run([sys.executable, "-m", "barometer", "publish"], home)
    rate = RESPONDENTS / publishing / 1e3
    shutil.rmtree(home)
    return [
        Measurement(
            f"{RESPONDENTS:,} respondents",
            publishing,
            "s",
            reading,
            Goal(60 * RESPONDENTS / 1e6, "value"),
        ),
        Measurement("peak memory", peak / 2**30, "GiB", None, Goal(3, "value")),
        Measurement("files read", size, "MiB"),
        Measurement("respondents a second", rate, "thousand"),
    ]


def _repeat(sources: list[Path], folder: Path) -> None:
    """Write each wave file again with as many respondents as make RESPONDENTS together."""
    dice = random.Random(0)
    each = RESPONDENTS // len(sources)
    for source in sources:
        header, *rows = source.read_text(encoding="utf-8").splitlines(keepends=True)
        cells = [row.split(",", 4) for row in rows]  # respondent_id, year, stratum, weight, others
        with (folder / source.name).open("w", encoding="utf-8") as file:
            file.write(header)
            for number in range(each):
                name, year, stratum, weight, others = cells[number % len(cells)]
                heavier = float(weight) * dice.uniform(0.9, 1.1)
                copy = number // len(cells)
                file.write(f"{name}-{copy},{year},{stratum},{heavier:.4f},{others}")


def _run(command: list[str], home: Path) -> tuple[float, int]:
    """Seconds and peak resident bytes of a process. Raises RuntimeError with what it said."""
    log = home / "log.txt"
    start, peak = time.perf_counter(), 0
    with servers.running(command, servers.PROJECT, servers.environment(home), log) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.Error:  # it has just ended
                break
            time.sleep(SAMPLED_EVERY)
        process.wait()
        seconds = time.perf_counter() - start
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} failed:\n{log.read_text(errors='replace')}")
    return seconds, peak
