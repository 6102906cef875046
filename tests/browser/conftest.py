"""The app on a server of its own, and the system's Chromium or Chrome to visit it.

With these, `page.goto("/channels")` of pytest-playwright opens a page of the published copy.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

FOLDER = Path(__file__).resolve().parent
PROJECT = FOLDER.parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STARTS_WITHIN = 60  # seconds

# The last ones keep Chromium from asking the network for anything but the page.
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_browser() -> str | None:
    """Path of the browser: BROWSER_PATH, else the first that is installed."""
    return os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and skip them where there is no browser."""
    without = pytest.mark.skip(
        reason=f"no browser: none of {', '.join(BROWSERS)} is installed and BROWSER_PATH is not set"
    )
    found = find_browser()
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.browser)
            if not found:
                item.add_marker(without)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": find_browser(),
        "args": BROWSER_ARGUMENTS,
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "locale": "fr-FR",
    }


@pytest.fixture(scope="session")
def base_url(server: str) -> str:
    """Addresses in tests are paths on the server."""
    return server


@pytest.fixture(scope="session")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app as `make run` serves it, for all tests of the run."""
    with serve(home, tmp_path_factory.mktemp("server") / "log.txt") as address:
        yield address


@pytest.fixture
def fresh_server(home: Path, tmp_path: Path) -> Iterator[str]:
    """Address of a server that nobody has visited yet, started as the README says without make."""
    with serve(home, tmp_path / "log.txt", "streamlit") as address:
        yield address


@contextmanager
def serve(
    home: Path,
    log: Path,
    program: str = "uvicorn",
    folder: Path = PROJECT,
    number: int | None = None,
) -> Iterator[str]:
    """Run the app for a home on a free port until the block ends; `log` has what it printed.

    `folder` holds app.py and its settings, `number` is the port where it has to be known before.
    """
    port = str(number or free_port())
    command = {
        "uvicorn": ["asgi:app", "--port", port],
        "streamlit": ["run", "app.py", "--server.port", port, "--server.headless", "true"],
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", program, *command[program]],
            cwd=folder,
            env={
                **os.environ,
                "BAROMETER_HOME": str(home),
                "PYTHONPATH": str(PROJECT),
                "BAROMETER_WARM": "0",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://localhost:{port}"
        _wait(process, f"{address}/_stcore/health", log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Return once the server answers; fail with what it printed when it does not."""
    deadline = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')}", pytrace=False)
