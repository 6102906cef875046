"""The command that serves the dashboard in production."""

from __future__ import annotations

import logging
import logging.config
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException

import click

from barometer.cli.progress import heard
from barometer.home import PROJECT
from barometer.serving import LOGGING
from barometer.store import Home

GRACE = 10  # seconds that open sessions have to end
PAUSE = 1.0  # seconds before a process that ended by itself is started again, at first
LONGEST = 60.0  # seconds of that pause, which doubles while processes do not last as long
HIGHEST = 65_535  # port
LOOK = 10.0  # seconds between two questions to a process whether it still answers,
ANSWER = 3.0  # how long one waits for that,
MISSED = 6  # and after how many without an answer, one after the other, it is ended;
STARTS = 180.0  # seconds that it has for the first
SUPERVISOR = "BAROMETER_SUPERVISOR"  # in the environment of a process: who started it
log = logging.getLogger(__name__)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, HIGHEST), default=8501, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes, one a port from --port on. A visitor stays with one: see deploy/.",
)
@click.pass_obj
def serve(home: Home, host: str, port: int, workers: int) -> None:
    """Serve the dashboard until it is asked to stop (Ctrl-C or SIGTERM).

    Health: /_stcore/health. Ready, with the publication shown: /ready. For Prometheus: /metrics.
    The log goes to standard error, a line of JSON a request.
    """
    os.environ["BAROMETER_HOME"] = str(home.folder)
    ports = range(port, port + workers)
    if ports[-1] > HIGHEST:
        raise click.UsageError(
            f"{workers} processes from port {port} on need ports up to {ports[-1]}, and the last"
            f" is {HIGHEST}: choose a lower --port."
        )
    for one in ports:
        _expect_free(host, one)
    supervisor = os.environ.pop(SUPERVISOR, "")
    if supervisor and os.name != "nt":  # there, a process between the two starts this one
        threading.Thread(target=_end_with, args=(int(supervisor),), daemon=True).start()
    if workers == 1:
        _serve(host, port)
    else:
        _supervise(host, ports)


def _expect_free(host: str, port: int) -> None:
    """Say at once, in words, that a port cannot be had; a process would end and start for ever."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name != "nt")
            probe.bind(address)
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise click.ClickException(
            f"nothing can listen on port {port} of {host} ({reason}): stop what listens there,"
            " or choose another --port or --host."
        ) from None


def _serve(host: str, port: int) -> None:
    import uvicorn

    os.chdir(PROJECT)  # where .streamlit/config.toml and app.py are
    sys.path.insert(0, str(PROJECT))
    uvicorn.run(
        "asgi:app",
        host=host,
        port=port,
        access_log=False,  # a line of our own has the request's identifier
        log_config=LOGGING,
        proxy_headers=True,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        ws_max_size=64 * 2**20,
        ws_per_message_deflate=False,  # answers are small: compressing 80 messages takes an eighth
    )


def _end_with(supervisor: int) -> None:
    """Ask this process to stop once the one that started it is gone: its port must be free then."""
    while os.getppid() == supervisor:
        time.sleep(PAUSE)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE + 5)
    os._exit(1)  # it did not hear


def _supervise(host: str, ports: Iterable[int]) -> None:
    """One process a port, each started again where it ends by itself or answers no more."""
    logging.config.dictConfig(LOGGING)
    command = [sys.executable, "-m", "barometer", "serve", "--host", host, "--port"]

    # A signal only asks: raised while a process starts, it would leave that one behind.
    asked: list[int] = []  # not an Event, whose lock a handler must not wait for
    for number in heard():
        signal.signal(number, lambda number, frame: asked.append(number))
    replicas: list[_Replica] = []
    try:
        for port in ports:
            replicas.append(_Replica([*command, str(port)], host, port))
        while not asked:
            time.sleep(PAUSE)
            for replica in replicas:
                if not asked:
                    replica.keep()
    finally:
        for replica in replicas:
            replica.process.terminate()
        latest = time.monotonic() + GRACE + 5
        for replica in replicas:
            with suppress(subprocess.TimeoutExpired):
                replica.process.wait(max(0.0, latest - time.monotonic()))
            replica.process.kill()


class _Replica:
    """A process on a port, which is started again where it ends by itself or answers no more."""

    def __init__(self, command: Sequence[str], host: str, port: int) -> None:
        self._command, self._host, self._port, self._pause = command, host, port, 0.0
        self._start()

    def _start(self) -> None:
        named = os.environ | {SUPERVISOR: str(os.getpid())}
        self.process = subprocess.Popen(
            self._command, cwd=PROJECT, env=named, start_new_session=True
        )
        self._since, self._due = time.monotonic(), math.inf
        self._asked, self._answered, self._missed = self._since, 0.0, 0

    def keep(self) -> None:
        """End the process where it hangs; start it again where it has ended and its pause is over.

        Called every second or so.
        """
        now = time.monotonic()
        if self.process.poll() is None:
            if now - self._asked >= LOOK:
                self._asked = now
                self._look(now)
        elif self._due == math.inf:
            # What hangs has lasted until it last answered.
            until = (self._answered or self._since) if self._missed else now
            lasted = until - self._since
            self._pause = PAUSE if lasted > LONGEST else min(max(PAUSE, 2 * self._pause), LONGEST)
            self._due = now + self._pause
            told = "port %d ended (%d) after %d s: started again in %d s"
            log.error(told, self._port, self.process.returncode, now - self._since, self._pause)
        elif now >= self._due:
            self._start()

    def _look(self, now: float) -> None:
        if _answers(self._host, self._port):
            self._answered, self._missed = now, 0
            return
        self._missed += 1
        if self._missed >= MISSED and (self._answered or now - self._since > STARTS):
            log.error("port %d has not answered %d times: ended", self._port, self._missed)
            self.process.kill()  # it may not hear anything milder


def _answers(host: str, port: int) -> bool:
    """Whether a server answers, whatever it says."""
    every = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}
    try:
        connection = HTTPConnection(every.get(host, host), port, timeout=ANSWER)
        with closing(connection):
            connection.request("GET", "/_stcore/health")
            return connection.getresponse().status > 0
    except (OSError, HTTPException):
        return False
