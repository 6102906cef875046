"""From a stopped server to the first chart on screen, against a bare page of one chart."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks import servers
from benchmarks.measurement import Goal, Measurement

TIMES = 3
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [  # nothing but the page goes over the network
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHART = ".stPlotlyChart .main-svg"

BARE = """
import plotly.graph_objects as go
import streamlit as st

st.plotly_chart(go.Figure(go.Bar(x=[42, 33, 25], y=["a", "b", "c"], orientation="h")))
"""


def measure(folder: Path) -> list[Measurement]:
    """Median seconds from the command of `make run` to a chart that Chromium shows.

    The project is built: a publication is current and nothing is installed. The baseline is a
    script of one Plotly chart behind the same entry point and settings. Both start anew each time,
    in turn, for a visitor whose browser is open and has nothing cached.
    """
    home = servers.home_at(folder / "home")
    servers.publish(home)
    bare = servers.app_folder(folder / "bare", BARE)
    ours, theirs = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_browser(), args=QUIET)
        try:
            _first_chart(browser, bare, home, folder / "warm.txt")  # what the disk must fetch once
            for _ in range(TIMES):
                theirs.append(_first_chart(browser, bare, home, folder / "bare.txt"))
                ours.append(_first_chart(browser, servers.PROJECT, home, folder / "ours.txt"))
        finally:
            browser.close()
    started = [start for start, _ in ours], [start for start, _ in theirs]
    shown = [show for _, show in ours], [show for _, show in theirs]
    return [
        _median("server ready", started),
        _median("first chart", shown, Goal(2.5, "ratio")),
    ]


def _median(
    what: str, times: tuple[list[float], list[float]], goal: Goal | None = None
) -> Measurement:
    ours, theirs = map(statistics.median, times)
    return Measurement(what, ours, "s", theirs, goal)


def _first_chart(browser: Browser, folder: Path, home: Path, log: Path) -> tuple[float, float]:
    """Seconds from the command to a server that answers, and to the first chart."""
    port = servers.free_port()
    start = time.perf_counter()
    with servers.running(servers.uvicorn(port), folder, servers.environment(home), log) as process:
        servers.wait_until_healthy(process, port, log)
        ready = time.perf_counter() - start
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
        try:
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
            page.locator(CHART).first.wait_for(state="visible", timeout=60_000)
            return ready, time.perf_counter() - start
        finally:
            context.close()


def _browser() -> str:
    named = os.environ.get("BROWSER_PATH")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise RuntimeError(f"no browser: none of {', '.join(BROWSERS)}, and no BROWSER_PATH")
    return found
