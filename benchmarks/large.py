"""The dashboard on a publication of many respondents, against the same on the demonstration."""

from __future__ import annotations

import asyncio
import statistics
from pathlib import Path

from benchmarks import publish, rerun, servers
from benchmarks.measurement import Goal, Measurement


def measure(folder: Path) -> list[Measurement]:
    """Median seconds of a new and of a known view, as `rerun` has them, on both publications.

    Two servers of one run, asked in turn for the same views of each page. The large publication
    is the one that `publish` left in BENCH_KEPT, else one of BENCH_RESPONDENTS made for it.
    """
    small = servers.home_at(folder / "small")
    servers.publish(small)
    large = publish.kept() or publish.published(folder / "large")
    app = servers.app_folder(folder / "app", rerun.SCRIPT)
    with (
        servers.serving(app, small, folder / "small.txt") as few,
        servers.serving(app, large, folder / "large.txt") as many,
    ):
        return asyncio.run(_measure(few, many))


async def _measure(few: int, many: int) -> list[Measurement]:
    found = []
    for number, page in enumerate(rerun.PAGES):
        *theirs, _ = await rerun.alone(few, page, seed=number)
        *ours, errors = await rerun.alone(many, page, seed=number)
        for view, value, baseline in zip(("new", "known"), ours, theirs, strict=True):
            ms, base = statistics.median(value) * 1e3, statistics.median(baseline) * 1e3
            found.append(Measurement(f"{page}, {view} view", ms, "ms", base, Goal(2, "ratio")))
        found.append(Measurement(f"{page}, errors", errors, "", None, Goal(0, "value")))
    return found
