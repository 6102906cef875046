"""What cannot be served is said before anything starts."""

from __future__ import annotations

import itertools
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import psutil
import pytest
from click.testing import CliRunner

from barometer.cli import main, serving
from barometer.cli.progress import SIGNALS


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


@pytest.mark.parametrize("number", SIGNALS)
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

    # Under nohup the last is ignored, and stays so.
    before = {one: signal.signal(one, signal.SIG_DFL) for one in SIGNALS}
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
    replica = serving._Replica(["served"], "127.0.0.1", 8501)
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


def test_a_process_that_answers_no_more_is_ended_after_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, killed = 0.0, []

    class Hanging:
        def __init__(self, command: list[str], **settings: object) -> None: ...

        def poll(self) -> None: ...

        def kill(self) -> None:
            killed.append(now)

    answers = True
    monkeypatch.setattr(serving.subprocess, "Popen", Hanging)
    monkeypatch.setattr(serving.time, "monotonic", lambda: now)
    monkeypatch.setattr(serving, "_answers", lambda host, port: answers)
    replica = serving._Replica(["served"], "127.0.0.1", 8501)
    for _ in range(300):
        now += 1
        answers = now < 100 or 140 < now < 200  # it may be slow for less than a minute
        replica.keep()
        if killed:
            break
    assert killed == [250]


def test_a_process_has_longer_for_its_first_answer_and_comes_back_later_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, started = 0.0, []

    class Mute:
        returncode: int | None = None

        def __init__(self, command: list[str], **settings: object) -> None:
            started.append(now)

        def poll(self) -> int | None:
            return self.returncode

        def kill(self) -> None:
            self.returncode = -9

    monkeypatch.setattr(serving.subprocess, "Popen", Mute)
    monkeypatch.setattr(serving.time, "monotonic", lambda: now)
    monkeypatch.setattr(serving, "_answers", lambda host, port: False)
    replica = serving._Replica(["served"], "127.0.0.1", 8501)
    for _ in range(3000):
        now += 1
        replica.keep()
    pauses = [later - earlier for earlier, later in itertools.pairwise(started)]
    assert all(pause > serving.STARTS for pause in pauses)
    assert pauses[:4] == sorted(set(pauses[:4]))


def test_only_what_answers_is_taken_for_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "ANSWER", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert not serving._answers("127.0.0.1", silent.getsockname()[1])
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:  # it answers 501
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert serving._answers("0.0.0.0", server.server_port)
    assert not serving._answers("127.0.0.1", server.server_port)


def test_a_process_does_not_outlive_the_one_that_started_it() -> None:
    serve = "import sys; from barometer.cli import serving; serving._end_with(int(sys.argv[1]))"
    supervise = f"""
import os, subprocess, sys
with subprocess.Popen([sys.executable, "-c", {serve!r}, str(os.getpid())]) as served:
    print(served.pid, flush=True)
"""
    command = [sys.executable, "-c", supervise]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        served = psutil.Process(int(supervisor.stdout.readline()))
        time.sleep(1)
        assert served.is_running()
        supervisor.kill()
    gone, alive = psutil.wait_procs([served], timeout=20)
    assert gone and not alive
