"""Sessions on every page that think a second, over one process and two, beside an empty page."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
import urllib.request
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop

from barometer import codebook, declarations
from barometer.codebook import YEAR
from benchmarks import servers
from benchmarks.measurement import Goal, Measurement, percentile
from benchmarks.rerun import EMPTY, SCRIPT
from benchmarks.visitor import Visitor

SESSIONS = (1, 10, 50, 200)
REPLICAS = (1, 2)
THINK = 1.0  # mean seconds between two changes, from 0 to twice as many
FIRST = 120.0  # seconds in which the servers' caches fill: told apart, without a goal
SECONDS = 60.0  # that are measured
BRIEF = 10.0  # seconds of the empty page
FURTHER = 50  # sessions that come at the end, for the memory of one more
GOALS = {(50, 1): Goal(500, "value"), (200, 2): Goal(1500, "value")}
PER_SESSION = Goal(3, "value")  # MiB of one more session
ALONE = 1 / 3  # of changes that keep every respondent: what most visitors look at


@dataclass
class Found:
    """Seconds of the changes measured and of those before, errors, sizes of all servers.

    `size` is in bytes, `further` what FURTHER sessions more added to it.
    """

    times: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    errors: int = 0
    size: int = 0
    further: int = 0
    hit_rate: float = 0.0


def measure(folder: Path) -> list[Measurement]:
    """p50, p95, errors and memory of 1 to 200 sessions on 1 and 2 processes.

    A session stays on its page, changes the wave, and in two changes of three a filter: levels of
    the main dimension and of another, drawn by chance. Pages take turns among sessions. Each number
    of sessions meets servers that have been asked nothing but one page before; their first two
    minutes are told apart.
    """
    home = servers.home_at(folder / "home")
    servers.publish(home)
    app = servers.app_folder(folder / "app", SCRIPT)
    book = codebook.load(home / "data")
    pages = [
        page.code for page in declarations.load(home / "data", book).pages if page.role != "owner"
    ]
    found = []
    for replicas in REPLICAS:
        for sessions in SESSIONS:
            with ExitStack() as running:
                started = [
                    running.enter_context(
                        servers.serving_watched(app, home, folder / f"log{number}.txt")
                    )
                    for number in range(replicas)
                ]
                ports = [port for port, _ in started]
                for port in ports:
                    servers.wait_until_prepared(port)
                processes = [psutil.Process(process.pid) for _, process in started]
                filters = [dimension.code for dimension in book.dimensions[:2]]
                found += uvloop.run(_measured(ports, processes, sessions, pages, filters))
    return found


async def _measured(
    ports: Sequence[int],
    processes: Sequence[psutil.Process],
    sessions: int,
    pages: Sequence[str],
    filters: Sequence[str],
) -> list[Measurement]:
    for port in ports:
        async with Visitor(port) as visitor:
            await visitor.rerun()
    empty = await _crowd(ports, sessions, [EMPTY], processes, (), BRIEF)
    ours = await _crowd(ports, sessions, pages, processes, filters, FIRST + SECONDS)
    what = f"{sessions} session" + "s" * (sessions > 1)
    what += f", {len(ports)} process" + "es" * (len(ports) > 1)
    goal = GOALS.get((sessions, len(ports)))
    p95, baseline = percentile(ours.times, 95) * 1e3, percentile(empty.times, 95) * 1e3
    median, other = statistics.median(ours.times) * 1e3, statistics.median(empty.times) * 1e3
    each = ours.further / FURTHER / 2**20
    return [
        Measurement(
            f"{what}: p95 of the first two minutes", percentile(ours.first, 95) * 1e3, "ms"
        ),
        Measurement(f"{what}: p50", median, "ms", other),
        Measurement(f"{what}: p95", p95, "ms", baseline, goal),
        Measurement(f"{what}: errors", ours.errors, "", None, Goal(0, "value")),
        Measurement(f"{what}: memory", ours.size / 2**20, "MiB"),
        Measurement(f"{what}: one session more", each, "MiB", None, PER_SESSION),
        Measurement(f"{what}: tables found in the cache", 100 * ours.hit_rate, "%"),
    ]


async def _crowd(
    ports: Sequence[int],
    count: int,
    pages: Sequence[str],
    processes: Sequence[psutil.Process],
    filters: Sequence[str],
    seconds: float,
) -> Found:
    """Sessions at once, each on one page of one server: a proxy would spread them so."""
    found = Found()
    opened = asyncio.Semaphore(8)  # a browser opens a page and reads it; not all in one moment
    ready, over = asyncio.Barrier(count), asyncio.Event()

    def place(number: int) -> Visitor:
        page, port = pages[number % len(pages)], ports[number % len(ports)]
        query = f"{EMPTY}=1" if page == EMPTY else ""
        return Visitor(port, "" if page in (EMPTY, "overview") else page, query)

    async def visit(number: int) -> None:
        dice = random.Random(number)
        async with place(number) as visitor:
            async with opened:
                await visitor.rerun()
            await ready.wait()
            start = time.monotonic()
            while (at := time.monotonic() - start) < seconds:
                await asyncio.sleep(dice.uniform(0, 2 * THINK))
                _choose(visitor, dice, filters)
                took = await visitor.rerun()
                (found.first if at < seconds - SECONDS else found.times).append(took)
            found.errors += len(visitor.errors)
            await ready.wait()
            if number == 0:
                await more()
                over.set()
            await over.wait()

    async def more() -> None:
        """Open further sessions beside those that are there, and see what they add."""
        found.size = _size(processes)
        async with AsyncExitStack() as further:
            for number in range(FURTHER if filters else 0):
                visitor = await further.enter_async_context(place(number))
                for _ in range(2):
                    await visitor.rerun()
            found.further = _size(processes) - found.size

    await asyncio.gather(*map(visit, range(count)))
    found.hit_rate = _hit_rate(ports)
    return found


def _size(processes: Sequence[psutil.Process]) -> int:
    return sum(process.memory_info().rss for process in processes)


def _choose(visitor: Visitor, dice: random.Random, filters: Sequence[str]) -> None:
    """Another wave where the page has waves; a third of the time everybody, else some levels."""
    alone = dice.random() < ALONE
    if YEAR in visitor.options:
        visitor.choose(YEAR, [dice.choice(visitor.options[YEAR])])
    for name in filters:
        if name in visitor.options:
            few = 0 if alone or dice.random() < 0.5 else 1
            visitor.choose(name, dice.sample(visitor.options[name], few))


def _hit_rate(ports: Sequence[int]) -> float:
    """Of the tables that charts and sentences asked for, the share that was there."""
    counts = {"hits": 0.0, "misses": 0.0}
    for port in ports:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            for line in response.read().decode().splitlines():
                for kind in counts:
                    if line.startswith(f'barometer_cache_{kind}_total{{cache="tables"}}'):
                        counts[kind] += float(line.split()[-1])
    total = sum(counts.values())
    return counts["hits"] / total if total else 0.0
