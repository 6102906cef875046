"""A filter change on a page, against the rerun of an empty page of the same server."""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
from collections.abc import Iterator
from pathlib import Path

from barometer import codebook
from barometer.codebook import YEAR
from benchmarks import servers
from benchmarks.measurement import Goal, Measurement, percentile
from benchmarks.visitor import Visitor

PAGES = ("overview", "channels")
FIRST = "overview"  # its address is the bare one
CHANGES = 30  # of one session, all new to the server
AGAIN = 15  # of them made again, so that every chart is known
SESSIONS, CHANGES_EACH, THINK = 20, 6, 1.0  # visitors, changes of each, mean seconds between them
EMPTY = "empty"  # the parameter that asks for the empty page

# The app and an empty page in one server, told apart by the address.
SCRIPT = f"""
import streamlit as st

if "{EMPTY}" in st.query_params:
    st.text("An empty page.")
else:
    from barometer import ui

    ui.run()
"""

View = dict[str, list[str]]


def measure(folder: Path) -> list[Measurement]:
    """Median seconds from a changed filter to the last word of the script, 1 then 20 sessions.

    A visitor changes the wave, the main dimension and one more, never twice to the same view, so
    that little of the answer is known to the server; the same views again say what is left when
    all of it is. The baseline is a page of one line, rerun by the same server in the same minute.
    """
    home = servers.home_at(folder / "home")
    servers.publish(home)
    app = servers.app_folder(folder / "app", SCRIPT)
    with servers.serving(app, home, folder / "log.txt") as port:
        servers.wait_until_prepared(port)
        return asyncio.run(_measure(port))


async def _measure(port: int) -> list[Measurement]:
    found = []
    empty = await _empty(port)
    for number, page in enumerate(PAGES):
        new, known, errors = await alone(port, page, seed=number)
        ms, baseline = statistics.median(new) * 1e3, empty * 1e3
        found += [
            Measurement(f"{page}, new view, 1 session", ms, "ms", baseline, Goal(8, "ratio")),
            Measurement(f"{page}, known view", statistics.median(known) * 1e3, "ms", baseline),
            Measurement(f"{page}, errors", errors, "", None, Goal(0, "value")),
        ]
    for number, page in enumerate(PAGES, start=len(PAGES)):
        times, errors = await _crowd(port, page, seed=number)
        p95, middle = percentile(times, 95) * 1e3, statistics.median(times) * 1e3
        found += [
            Measurement(f"{page}, p95 of {SESSIONS} sessions", p95, "ms", None, Goal(500, "value")),
            Measurement(f"{page}, median of {SESSIONS} sessions", middle, "ms"),
            Measurement(
                f"{page}, errors of {SESSIONS} sessions", errors, "", None, Goal(0, "value")
            ),
        ]
    return found


async def _empty(port: int) -> float:
    async with Visitor(port, query=f"{EMPTY}=1") as visitor:
        await visitor.rerun()
        return statistics.median([await visitor.rerun() for _ in range(CHANGES)])


async def alone(port: int, page: str, seed: int) -> tuple[list[float], list[float], int]:
    """Seconds of changes to new views, then of the last of these again; errors seen."""
    async with Visitor(port, _address(page)) as visitor:
        await visitor.rerun()
        views = list(itertools.islice(_views(visitor, seed), CHANGES))
        new = [await _change(visitor, view) for view in views]
        known = [await _change(visitor, view) for view in views[-AGAIN:]]
        return new, known, len(visitor.errors)


async def _crowd(port: int, page: str, seed: int) -> tuple[list[float], int]:
    """Seconds of every change of 20 sessions at once, each to views of its own; errors seen."""

    async def visit(number: int) -> tuple[list[float], int]:
        dice = random.Random(seed * SESSIONS + number)
        async with Visitor(port, _address(page)) as visitor:
            await visitor.rerun()
            times = []
            own = itertools.islice(_views(visitor, seed), number, None, SESSIONS)
            for view in itertools.islice(own, CHANGES_EACH):
                await asyncio.sleep(dice.uniform(0, 2 * THINK))
                times.append(await _change(visitor, view))
            return times, len(visitor.errors)

    sessions = await asyncio.gather(*map(visit, range(SESSIONS)))
    return [t for times, _ in sessions for t in times], sum(errors for _, errors in sessions)


async def _change(visitor: Visitor, view: View) -> float:
    for key, values in view.items():
        visitor.choose(key, values)
    return await visitor.rerun()


def _views(visitor: Visitor, seed: int) -> Iterator[View]:
    """Every view of one wave, some levels of the main dimension and some of the next, shuffled."""
    book = codebook.load(servers.PROJECT / "data")
    main = book.main_dimension.code
    other = next(d.code for d in book.dimensions if d.code != main)
    views = [
        {YEAR: [year], main: list(some), other: list(more)}
        for year in visitor.options[YEAR]
        for some in _subsets(visitor.options[main])
        for more in _subsets(visitor.options[other])
    ]
    random.Random(seed).shuffle(views)
    return iter(views)


def _subsets(levels: list[str]) -> list[tuple[str, ...]]:
    """Every choice of one level or more, but not of all."""
    return [some for size in range(1, len(levels)) for some in itertools.combinations(levels, size)]


def _address(page: str) -> str:
    return "" if page == FIRST else page
