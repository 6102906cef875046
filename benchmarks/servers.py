"""Temporary homes, and servers that are started for a measurement and stopped by their process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

PROJECT = Path(__file__).resolve().parent.parent
STARTS_WITHIN = 60.0  # seconds
PREPARED_WITHIN = 600.0  # seconds, on a busy machine
BUILT = ("respondents", "audit.jsonl", "publications", "__pycache__")


def home_at(folder: Path, *, waves: bool = True) -> Path:
    """A home in `folder`: this barometer's data and queries, nothing published."""
    left_out = BUILT if waves else (*BUILT, "waves")
    for name in ("data", "queries"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns(*left_out))
    return folder


def publish(home: Path) -> None:
    """Publish the waves of a home in a process of its own."""
    command = [sys.executable, "-m", "barometer", "publish"]
    subprocess.run(
        command, cwd=PROJECT, env=environment(home), check=True, capture_output=True, text=True
    )


def app_folder(folder: Path, script: str) -> Path:
    """A folder from which `uvicorn asgi:app` serves a script as the project serves its own.

    The entry point, the settings and the fonts are the project's.
    """
    folder.mkdir(parents=True)
    (folder / "app.py").write_text(script, encoding="utf-8")
    shutil.copy(PROJECT / "asgi.py", folder)
    shutil.copytree(PROJECT / ".streamlit", folder / ".streamlit")
    if (PROJECT / "static").is_dir():
        (folder / "static").symlink_to(PROJECT / "static")
    return folder


def environment(home: Path | None = None) -> dict[str, str]:
    """This process's environment, the project importable from any folder, and a home if given."""
    return {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        **({"BAROMETER_HOME": str(home)} if home else {}),
    }


def uvicorn(port: int) -> list[str]:
    """The command of `make run`."""
    served = [sys.executable, "-m", "uvicorn", "asgi:app", "--host", "127.0.0.1"]
    options = "--no-access-log --timeout-graceful-shutdown 3 --ws-per-message-deflate false"
    return [*served, "--port", str(port), *options.split()]


@contextmanager
def running(
    command: Sequence[str], folder: Path, env: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process for as long as the block; then it is asked to end, and made to after 10 s."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serving(folder: Path, home: Path, log: Path) -> Iterator[int]:
    """The port on which the app of a folder answers for as long as the block."""
    port = free_port()
    with running(uvicorn(port), folder, environment(home), log) as process:
        wait_until_healthy(process, port, log)
        yield port


@contextmanager
def serving_watched(
    folder: Path, home: Path, log: Path
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """As `serving`, with the process."""
    port = free_port()
    with running(uvicorn(port), folder, environment(home), log) as process:
        wait_until_healthy(process, port, log)
        yield port, process


def wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return once the server answers. Raises RuntimeError with its log where it does not."""
    deadline = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')}")


def wait_until_prepared(port: int) -> None:
    """Return once a server has decided what bases may show, as it does in its first minute."""
    deadline = time.monotonic() + PREPARED_WITHIN
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
            if b"barometer_prepared 1" in response.read():
                return
        time.sleep(0.5)
    raise RuntimeError(f"the server was not prepared within {PREPARED_WITHIN:g} s")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
