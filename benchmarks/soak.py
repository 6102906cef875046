"""Publications one after the other under sessions that keep reading."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from barometer.home import Home
from benchmarks import servers
from benchmarks.measurement import Goal, Measurement
from benchmarks.rerun import SCRIPT
from benchmarks.visitor import Visitor

PUBLICATIONS = int(os.environ.get("BENCH_PUBLICATIONS", "1000"))
SESSIONS = 20
BLOCKS = 30  # stretches of publications, of which the least memory counts
THINK = 1.0  # seconds between two readings of a session
NAMED = re.compile(r"Publication (\d{8}-\d{9}-[0-9a-f]{8})|@(\d{8}-\d{9}-[0-9a-f]{8})#")

# Publishes the waves again and again, in one process: once for each line that it is given.
PUBLISH = """
import sys
from barometer.home import Home
from barometer.store import publish

home = Home.at()
for line in sys.stdin:
    print(publish(home).id, flush=True)
"""


class Reader(Visitor):
    """A visitor who notes the publications that one answer names."""

    def _see(self, element: object) -> None:
        super()._see(element)  # type: ignore[arg-type]
        for pair in NAMED.findall(str(element)):
            self.named.update(filter(None, pair))

    async def read(self) -> set[str]:
        """The publications that one rerun names."""
        self.named: set[str] = set()
        await self.rerun()
        return self.named


@dataclass
class Seen:
    """What the sessions saw, and what the server took after each publication."""

    answers: int = 0
    mixed: int = 0
    unknown: int = 0
    errors: int = 0
    publications: set[str] = field(default_factory=set)
    sizes: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)


def measure(folder: Path) -> list[Measurement]:
    """Whether every answer is of one publication, and whether memory and descriptors stay.

    The waves are the demonstration's, published again and again as fast as that goes. What starts
    is not counted: memory and descriptors are those after the first quarter.
    """
    home = servers.home_at(folder / "home")
    servers.publish(home)
    app = servers.app_folder(folder / "app", SCRIPT)
    with servers.serving_watched(app, home, folder / "log.txt") as (port, process):
        publisher = folder / "publisher.py"  # a file: what `-c` runs is shown DuckDB's progress bar
        publisher.write_text(PUBLISH, encoding="utf-8")
        seen = asyncio.run(_soak(port, psutil.Process(process.pid), Home(home), publisher))
    count = len(seen.sizes)
    slope, error = _slope(seen.sizes[count // 4 :])
    leaked = max(seen.descriptors[count // 2 :]) - max(seen.descriptors[count // 4 : count // 2])
    return [
        Measurement("publications", count, ""),
        Measurement("publications that a session saw", len(seen.publications), ""),
        Measurement("answers", seen.answers, ""),
        Measurement("answers of more than one publication", seen.mixed, "", None, Goal(0, "value")),
        Measurement("answers that name none", seen.unknown, "", None, Goal(0, "value")),
        Measurement("errors", seen.errors, "", None, Goal(0, "value")),
        Measurement("memory, a publication more", slope / 1024, "KiB"),
        Measurement(
            "the same at most: with twice its standard error",
            (slope + 2 * error) / 1024,
            "KiB",
            None,
            Goal(50, "value"),
        ),
        Measurement("descriptors more", leaked, "", None, Goal(5, "value")),
    ]


def _slope(sizes: Sequence[int]) -> tuple[float, float]:
    """Bytes more from one publication to the next, and the standard error of that.

    Memory swings by tens of MiB with what the sessions happen to ask for. So the line goes through
    the least of each of BLOCKS stretches: what stays when little is asked.
    """
    stretches = np.array_split(np.array(sizes, dtype=float), BLOCKS)
    middles = (np.arange(BLOCKS) + 0.5) * len(sizes) / BLOCKS
    (slope, _), covariance = np.polyfit(middles, [min(s) for s in stretches], 1, cov=True)
    return float(slope), float(np.sqrt(covariance[0, 0]))


async def _soak(port: int, server: psutil.Process, home: Home, publisher_file: Path) -> Seen:
    seen, ended = Seen(), asyncio.Event()

    async def keep_reading(reader: Reader) -> None:
        while not ended.is_set():
            named = await reader.read()
            seen.answers += 1
            seen.mixed += len(named) > 1
            seen.unknown += not named
            seen.publications |= named
            await asyncio.sleep(THINK)

    async def visit() -> None:
        while not ended.is_set():  # who waits too long comes back, as a person does
            async with Reader(port, "channels") as reader:
                try:
                    await keep_reading(reader)
                except TimeoutError:
                    seen.errors += 1
                seen.errors += len(reader.errors)

    async def publish() -> None:
        publisher = await asyncio.create_subprocess_exec(
            *(sys.executable, str(publisher_file)),
            env=servers.environment(home.folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert publisher.stdin is not None and publisher.stdout is not None
        try:
            for _ in range(PUBLICATIONS):
                publisher.stdin.write(b"\n")
                if not await publisher.stdout.readline():
                    raise RuntimeError("publishing failed")
                seen.sizes.append(server.memory_info().rss)
                seen.descriptors.append(server.num_fds())
        finally:
            ended.set()
            publisher.stdin.close()
            await publisher.wait()

    await asyncio.gather(publish(), *(visit() for _ in range(SESSIONS)))
    return seen
