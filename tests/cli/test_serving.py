"""What cannot be served is said before anything starts."""

from __future__ import annotations

import itertools
import math
import os
import signal
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from barometer.cli import main, serving


@pytest.mark.parametrize("before", [0, 1])
def test_a_port_that_is_taken_is_named_before_any_process_starts(before: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        asked = ["serve", "--port", str(port - before), "--workers", str(before + 1)]
        result = CliRunner().invoke(main, asked)
    assert result.exit_code == 1
    assert f"nothing can listen on port {port} of 127.0.0.1" in result.stderr
    assert "choose another --port" in result.stderr


def test_an_address_of_another_machine_is_refused() -> None:
    result = CliRunner().invoke(main, ["serve", "--host", "192.0.2.1"])
    assert result.exit_code == 1
    assert "nothing can listen on port 8501 of 192.0.2.1" in result.stderr


def test_processes_need_a_port_each() -> None:
    result = CliRunner().invoke(main, ["serve", "--port", "65535", "--workers", "2"])
    assert result.exit_code == 2
    assert "2 processes from port 65535 on need ports up to 65536" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_while_processes_start_it_leaves_none_behind(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    begin = subprocess.Popen
    started: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], **settings: object) -> subprocess.Popen[bytes]:
        process = begin([sys.executable, "-c", "import time; time.sleep(60)"])
        started.append(process)
        os.kill(os.getpid(), number)
        return process

    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(serving.subprocess, "Popen", start)
    monkeypatch.setattr(serving.logging.config, "dictConfig", lambda config: None)
    try:
        serving._supervise("127.0.0.1", [1, 2])
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert [process.poll() for process in started] == [-signal.SIGTERM] * 2


def test_a_process_that_keeps_ending_is_started_again_later_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, started = 0.0, []

    class Ended:
        returncode = 3

        def __init__(self, command: list[str], **settings: object) -> None:
            started.append(now)

        def poll(self) -> int:
            return self.returncode

    monkeypatch.setattr(serving.subprocess, "Popen", Ended)
    monkeypatch.setattr(serving.time, "monotonic", lambda: now)
    replica = serving._Replica(["served"], 8501)
    for _ in range(400):
        now += 1
        replica.keep()
    pauses = [later - earlier for earlier, later in itertools.pairwise(started)]
    assert pauses[:7] == [2, 3, 5, 9, 17, 33, 61]  # it is looked at once a second
    assert set(pauses[7:]) == {61}
    while replica._due < math.inf:
        now += 1
        replica.keep()
    now += serving.LONGEST + 1  # this one has lasted
    replica.keep()
    assert replica._due == now + serving.PAUSE
