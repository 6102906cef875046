"""Publication of many respondents, against DuckDB scanning the same files once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from barometer import codebook
from barometer.codebook import FRAME_COLUMNS
from benchmarks import generated, servers
from benchmarks.measurement import Goal, Measurement

RESPONDENTS = int(os.environ.get("BENCH_RESPONDENTS", "1000000"))
FORMS = os.environ.get("BENCH_FORMS", "parquet csv").split()
MEMORY = os.environ.get("BENCH_MEMORY", "2")  # GB, the option --memory
KEPT = os.environ.get("BENCH_KEPT")  # a folder for the homes, kept for other measurements
SAMPLED_EVERY = 0.1  # seconds between two looks at the memory of the processes

PUBLISH = [sys.executable, "-m", "barometer", "publish", "--memory", MEMORY]

SCAN = """
import sys
import duckdb

columns = set(sys.argv[1].split())
for path in sys.argv[2:]:
    file = duckdb.read_parquet(path) if path.endswith(".parquet") else duckdb.read_csv(path)
    looked_at = [f'bit_xor(hash("{name}"))' for name in file.columns if name in columns]
    file.aggregate(", ".join(looked_at)).fetchall()
"""


def measure(folder: Path) -> list[Measurement]:
    """Wall time and peak memory of `python -m barometer publish` on eight large wave files.

    The files are drawn from the demonstration's (`generated`), RESPONDENTS in all, as Parquet and
    as CSV; the codebook is whole. Writing them does not count. The baseline is one process that
    has DuckDB scan the same files with all cores and no limit of memory: of each file, every
    column that the codebook uses, hashed value by value into one number a column, so that no
    column can be skipped or answered from the statistics of the file. It checks, stores and sums
    nothing. Where the format gives DuckDB a dictionary of a column's values, it hashes those, and
    is quick for it. Memory is that of the process and of those that it starts, added up; disk is
    what the folder data/ has more than before, at the most and in the end.
    """
    return [found for form in FORMS for found in _measured(folder / form, form)]


def _measured(folder: Path, form: str) -> list[Measurement]:
    home, files = _prepared(Path(KEPT) / form if KEPT else folder, form)
    book = codebook.load(home / "data")
    used = {*FRAME_COLUMNS, *book.by_dimension, *(c for q in book.questions for c in q.columns)}
    size = sum(Path(path).stat().st_size for path in files) / 2**20
    scanning, _, _ = _run([sys.executable, "-c", SCAN, " ".join(used), *files], home)
    before = _on_disk(home / "data")
    publishing, peak, most = _run([*PUBLISH, *files], home)
    at_rest = _on_disk(home / "data") - before
    published = sum(path.stat().st_size for path in (home / "data").rglob("*.parquet")) / 2**20
    shutil.rmtree(home / "waves" if KEPT else home)
    what = f"{RESPONDENTS:,} respondents, {form}"
    return [
        Measurement(what, publishing, "s", scanning, Goal(6, "ratio")),
        Measurement(f"{form}, peak memory", peak / 2**30, "GiB", None, Goal(3, "value")),
        Measurement(f"{form}, respondents a second", RESPONDENTS / publishing / 1e3, "thousand"),
        Measurement(f"{form}, files read", size, "MiB"),
        Measurement(f"{form}, publication", published, "MiB"),
        Measurement(f"{form}, disk while it publishes", (most - before) / 2**20, "MiB"),
        Measurement(f"{form}, disk afterwards", at_rest / 2**20, "MiB"),
    ]


def kept() -> Path | None:
    """The home of a publication that an earlier run left in BENCH_KEPT."""
    homes = [Path(KEPT) / form for form in FORMS] if KEPT else []
    return next((home for home in homes if (home / "data" / "publications").exists()), None)


def published(folder: Path) -> Path:
    """A home at a folder, with a publication of RESPONDENTS."""
    home, files = _prepared(folder, "parquet")
    _run([*PUBLISH, *files], home)
    return home


def _prepared(folder: Path, form: str) -> tuple[Path, list[str]]:
    """A home with nothing published, and its wave files."""
    home = servers.home_at(folder, waves=False)
    waves = home / "waves"
    waves.mkdir()
    sources = sorted((servers.PROJECT / "data" / "waves").glob("*.csv"))
    kind: generated.Form = "csv" if form == "csv" else "parquet"
    generated.write(sources, waves, RESPONDENTS, kind, codebook.load(home / "data"))
    return home, sorted(map(str, waves.iterdir()))


def _run(command: list[str], home: Path) -> tuple[float, int, int]:
    """Seconds, peak resident bytes of a process and its children, and the most bytes in data/.

    Raises RuntimeError with what it said where it fails.
    """
    log = home / "log.txt"
    start, peak, most = time.perf_counter(), 0, 0
    with servers.running(command, servers.PROJECT, servers.environment(home), log) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            peak, most = max(peak, _resident(watched)), max(most, _on_disk(home / "data"))
            with suppress(subprocess.TimeoutExpired):
                process.wait(SAMPLED_EVERY)
        seconds = time.perf_counter() - start
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} failed:\n{log.read_text(errors='replace')}")
    return seconds, peak, most


def _on_disk(folder: Path) -> int:
    """Bytes of the blocks of all files of a folder; a link is not the file that it leads to."""
    found = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # it has just gone
                found += Path(root, name).lstat().st_blocks * 512
    return found


def _resident(process: psutil.Process) -> int:
    found = 0
    with suppress(psutil.Error):  # it has just ended
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                found += one.memory_info().rss
    return found
