"""Long work says how far it is, and stops at once without a trace."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from barometer.cli import progress as shown
from barometer.cli.progress import StoppedError, hold, interruptible, progress

PROJECT = Path(__file__).resolve().parents[2]


def test_a_publication_that_is_stopped_leaves_what_was(home: Path) -> None:
    before = files(home)
    command = [sys.executable, "-m", "barometer", "--home", str(home), "publish"]
    process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not list((home / "data" / "respondents").glob(".*.staged")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped: nothing was published, and what is online stays." in said
    assert "Traceback" not in said
    assert files(home) == before


def files(home: Path) -> list[Path]:
    return sorted(path for path in (home / "data").rglob("*") if path.name != ".lock")


def test_a_second_signal_waits_until_all_is_tidied_up() -> None:
    tidied = False
    with pytest.raises(StoppedError), interruptible("Kept."):
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            tidied = True
    assert tidied


def test_a_library_that_says_so_in_its_own_words_was_stopped_all_the_same() -> None:
    def query() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise RuntimeError("Query interrupted") from None

    with pytest.raises(StoppedError) as stopped, interruptible("Kept."):
        query()
    assert stopped.value.status == 128 + signal.SIGTERM
    with pytest.raises(RuntimeError, match="for another reason"), interruptible("Kept."):
        raise RuntimeError("for another reason")


def test_what_is_held_is_not_interrupted_and_signals_are_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interruptible("Kept."):
        hold()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_without_a_terminal_lines_say_what_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 5.0, 30.0, 31.0, 150.0])
    monkeypatch.setattr(shown.time, "monotonic", lambda: next(clock))
    with progress("Publishing") as show:
        for share in (0.1, 0.25, 0.26, 0.5):
            show(share, "wave.csv")
    assert capsys.readouterr().err.splitlines() == [
        "Publishing",
        "Publishing: 25%, wave.csv, about 2 min left",
        "Publishing: 50%, wave.csv, about 2 min left",
    ]


def test_a_terminal_that_closes_stops_it_too_unless_that_was_to_be_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with pytest.raises(StoppedError) as stopped, interruptible("Kept."):
            signal.raise_signal(signal.SIGHUP)
        assert stopped.value.status == 128 + signal.SIGHUP
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
        with interruptible("Kept."):
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
