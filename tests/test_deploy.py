"""deploy/: nginx before several processes keeps a visitor with one, and finds another if it ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import Message
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

PROJECT = Path(__file__).resolve().parent.parent
SESSIONS = 100
SCRIPT = "import os\nimport streamlit as st\nst.text(os.getpid())\n"


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def answer(port: int, path: str) -> tuple[int, str, Message]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.status, response.read().decode(), response.headers
    except urllib.error.HTTPError as refused:
        return refused.code, "", refused.headers


def wait_for(port: int, process: subprocess.Popen[bytes], path: str = "/_stcore/health") -> None:
    for _ in range(600):
        assert process.poll() is None, "the process ended"
        try:
            if answer(port, path)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"port {port} does not answer")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[int, dict[int, subprocess.Popen[bytes]]]]:
    """Port of nginx, and the replicas behind it by their ports."""
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light")
    front, *ports = free_ports(3)
    for name in ("asgi.py", ".streamlit"):
        source = PROJECT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    (tmp_path / "app.py").write_text(SCRIPT, encoding="utf-8")
    site = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for written, port in zip(("listen 80;", "8501", "8502"), (front, *ports), strict=True):
        assert written in site
        new = f"listen 127.0.0.1:{port};" if written.startswith("listen") else str(port)
        site = site.replace(written, new)
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log;"
        " events { worker_connections 1024; }"
        f" http {{ access_log off; client_body_temp_path {tmp_path}/body;"
        f" proxy_temp_path {tmp_path}/proxy; {site} }}",
        encoding="utf-8",
    )
    served = [sys.executable, "-m", "uvicorn", "asgi:app", "--host", "127.0.0.1", "--port"]
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    started: dict[int, subprocess.Popen[bytes]] = {}
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for port in ports:
            with (tmp_path / f"{port}.log").open("wb") as log:
                replica = subprocess.Popen(
                    [*served, str(port)], cwd=tmp_path, env=env, stdout=log, stderr=log
                )
            processes.append(replica)
            started[port] = replica
        for port, replica in started.items():
            wait_for(port, replica)
        command = [nginx, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
        proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        processes.append(proxy)
        wait_for(front, proxy)
        yield front, started
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def visit(port: int, cookie: str) -> tuple[ClientConnection, int]:
    """An open session with a cookie, and the process that serves it."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    session = await connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
        additional_headers={"Cookie": f"barometer={cookie}"},
        max_size=None,
    )
    request = BackMsg()
    request.rerun_script.query_string = ""
    await session.send(request.SerializeToString())
    async with asyncio.timeout(30):
        while True:
            message = ForwardMsg()
            message.ParseFromString(await session.recv())  # type: ignore[arg-type]
            if message.delta.new_element.text.body:
                return session, int(message.delta.new_element.text.body)


async def pids(port: int, cookies: list[str]) -> dict[str, int]:
    """Process of each visitor, all of whom are there at once."""
    found = await asyncio.gather(*(visit(port, cookie) for cookie in cookies))
    for session, _ in found:
        await session.close()
    return {cookie: pid for cookie, (_, pid) in zip(cookies, found, strict=True)}


def test_a_visitor_stays_with_one_process_and_finds_the_other_when_it_ends(
    cluster: tuple[int, dict[int, subprocess.Popen[bytes]]],
) -> None:
    front, replicas = cluster
    status, _, headers = answer(front, "/")
    assert status == 200
    assert headers["Set-Cookie"].startswith("barometer=")
    assert "Strict-Transport-Security" not in headers
    assert len(headers["X-Request-ID"]) == 32

    cookies = [f"visitor-{number}" for number in range(SESSIONS)]
    first = asyncio.run(pids(front, cookies))
    assert asyncio.run(pids(front, cookies)) == first
    shares = Counter(first.values())
    assert set(shares) == {process.pid for process in replicas.values()}
    assert min(shares.values()) > SESSIONS / 5

    gone = next(iter(replicas.values()))
    gone.send_signal(signal.SIGKILL)
    gone.wait()
    after = asyncio.run(pids(front, cookies))
    left = shares.keys() - {gone.pid}
    assert set(after.values()) == left
    assert all(after[cookie] == pid for cookie, pid in first.items() if pid in left)


def test_the_serve_command_starts_a_process_a_port_and_stops_them_all(home: Path) -> None:
    ports = free_ports(1)
    command = [sys.executable, "-m", "barometer", "--home", str(home), "serve"]
    process = subprocess.Popen(
        [*command, "--port", str(ports[0]), "--workers", "1"],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
    )
    try:
        wait_for(ports[0], process)
        status, publication, headers = answer(ports[0], "/ready")
        assert (status, publication.strip()) == (200, current(home))
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert (
            f'barometer_publication_info{{id="{current(home)}"}} 1'
            in answer(ports[0], "/metrics")[1]
        )
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGTERM)
    assert b'"logger": "uvicorn.error"' in log
    with pytest.raises(OSError):
        answer(ports[0], "/ready")


def current(home: Path) -> str:
    return (home / "data" / "publications" / "current").read_text(encoding="utf-8").strip()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    written = (PROJECT / "deploy" / "barometer.service").read_text(encoding="utf-8")
    assert "/opt/barometer/.venv/bin/python" in written
    here = written.replace("/opt/barometer/.venv/bin/python", sys.executable)
    unit = tmp_path / "barometer.service"
    unit.write_text(here.replace("/opt/barometer", str(PROJECT)), encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
