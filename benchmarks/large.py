"""The dashboard on a publication of many respondents, against the same on the demonstration."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
from pathlib import Path

import psutil

from benchmarks import publish, rerun, servers
from benchmarks.measurement import Goal, Measurement


def measure(folder: Path) -> list[Measurement]:
    """Median seconds of a new and of a known view, as `rerun` has them, on both publications.

    And the processor time of each server for all these views, which a busy machine changes little.
    Two servers of one run, asked in turn for the same views of each page. The large publication
    is the one that `publish` left in BENCH_KEPT, else one of BENCH_RESPONDENTS made for it.
    """
    small = servers.home_at(folder / "small")
    servers.publish(small)
    large = publish.kept() or publish.published(folder / "large")
    app = servers.app_folder(folder / "app", rerun.SCRIPT)
    with (
        servers.serving_watched(app, small, folder / "small.txt") as (few, one),
        servers.serving_watched(app, large, folder / "large.txt") as (many, other),
    ):
        before = _processor(one), _processor(other)
        found = asyncio.run(_measure(few, many))
        spent = [_processor(one) - before[0], _processor(other) - before[1]]
    return [*found, Measurement("processor, all views", spent[1], "s", spent[0], Goal(2, "ratio"))]


def _processor(server: subprocess.Popen[bytes]) -> float:
    times = psutil.Process(server.pid).cpu_times()
    return float(times.user + times.system)


async def _measure(few: int, many: int) -> list[Measurement]:
    found = []
    for number, page in enumerate(rerun.PAGES):
        times: dict[int, list[list[float]]] = {few: [[], []], many: [[], []]}
        errors = 0
        for turn, ports in enumerate(((few, many), (many, few))):  # a load that grows is fair
            for port in ports:
                *views, failed = await rerun.alone(port, page, seed=2 * number + turn)
                for seen, more in zip(times[port], views, strict=True):
                    seen += more
                errors += failed
        for view, ours, theirs in zip(("new", "known"), times[many], times[few], strict=True):
            ms, baseline = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
            found.append(Measurement(f"{page}, {view} view", ms, "ms", baseline, Goal(2, "ratio")))
        found.append(Measurement(f"{page}, errors", errors, "", None, Goal(0, "value")))
    return found
