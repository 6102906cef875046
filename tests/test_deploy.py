"""deploy/: nginx and the production server keep a visitor with one process, or find another."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path

import psutil
import pytest
import uvicorn
from streamlit.proto.Element_pb2 import Element
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from barometer.cli.serving import GRACE
from benchmarks.visitor import Visitor

PROJECT = Path(__file__).resolve().parent.parent
SESSIONS = 100
AT_ONCE = 8  # pages that are opened in the same moment
FORMAT = "log_format visits '$barometer_visitor|$upstream_addr|$status|$uri';"
SILENCE = 3  # seconds, here, after which nginx leaves a process that does not answer
PLACES = " ".join(  # where nginx may write, or it would into the system's folders
    f"{name}_temp_path {{folder}}/{name};"
    for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)
PAGES = ("", "channels", "activities", "crm", "investments", "synchro", "fit")
CHOSEN = (("2003", "B to B", "b2b"), ("2007", "B to C", "b2c"), ("2005", "B to B to C", "b2b2c"))
CLICK = 5  # each fifth visitor filters by clicks, the others come by an address that filters


@dataclass(frozen=True)
class Site:
    """nginx on two ports, the second with TLS, before the processes that one command started."""

    front: int
    tls: int
    ports: tuple[int, int]
    server: subprocess.Popen[bytes]
    folder: Path

    def process(self, port: int) -> psutil.Process:
        """The process that serves on a port of the two."""
        children = psutil.Process(self.server.pid).children()
        return next(child for child in children if child.cmdline()[-1] == str(port))

    def served(self, path: str = "/_stcore/stream") -> dict[str, list[int]]:
        """The ports that answered each visitor in the end, in order, as nginx's own log has it."""
        found: dict[str, list[int]] = {}
        for line in (self.folder / "access.log").read_text(encoding="utf-8").splitlines():
            visitor, upstreams, _, asked = line.split("|")
            if asked == path and upstreams != "-":  # nginx itself answers some
                found.setdefault(visitor, []).append(int(upstreams.rpartition(":")[2]))
        return found

    def log(self) -> list[dict[str, object]]:
        """The lines of the processes' log: each is JSON."""
        lines = (self.folder / "log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


class Seen(Visitor):
    """A visitor who notes what the page shows: its words, key figures and charts."""

    shown: list[bytes]

    async def rerun(self) -> float:
        self.shown = []
        return await super().rerun()

    def resume(self, other: Seen) -> None:
        """Hold the page that another session drew, as a browser does when it reconnects."""
        self._ids, self._chosen = dict(other._ids), dict(other._chosen)
        self._script_hash = other._script_hash

    async def ping(self) -> None:
        """Raise ConnectionClosed where nobody is at the other end any more."""
        await (await self._socket.ping())

    def _see(self, element: Element) -> None:
        super()._see(element)
        kind = element.WhichOneof("type")
        if kind in ("markdown", "heading", "metric", "alert", "plotly_chart"):
            self.shown.append(getattr(element, kind).SerializeToString(deterministic=True))


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def neighbours() -> tuple[int, int]:
    """Two free ports, one after the other, below those that the system hands out itself."""
    for _ in range(100):
        first = random.randrange(20_000, 32_000)
        with ExitStack() as held:
            try:
                for port in (first, first + 1):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first, first + 1
    raise AssertionError("no two free ports")


def answer(
    port: int, path: str, headers: Mapping[str, str] | None = None, tls: bool = False
) -> tuple[int, bytes, Message]:
    """Status, body and headers; a certificate is taken whoever signed it.

    With TLS the server is called by its name: a bare address is no name to ask for.
    """
    address = f"https://localhost:{port}{path}" if tls else f"http://127.0.0.1:{port}{path}"
    request = urllib.request.Request(address, headers=dict(headers or {}))
    context = ssl._create_unverified_context() if tls else None
    try:
        with urllib.request.urlopen(request, timeout=4 * SILENCE, context=context) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read(), refused.headers


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


def certificate(folder: Path) -> None:
    """A certificate for this machine that nobody signed, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def shipped(site: Site) -> str:
    """deploy/nginx.conf with our ports, and what it says of TLS in force."""
    text = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    certificate(site.folder)
    for written, new in (
        ("    listen 80 default", f"    listen 127.0.0.1:{site.front} default"),
        ("    listen 443 ssl default", f"    listen 127.0.0.1:{site.tls} ssl default"),
        ("    listen 80;", f"    listen 127.0.0.1:{site.front};"),
        ("server_name barometer.example.org;", "server_name 127.0.0.1 localhost;"),
        ("proxy_read_timeout 10s;", f"proxy_read_timeout {SILENCE}s;"),
        ("    #   listen 443 ssl", f"    listen 127.0.0.1:{site.tls} ssl"),
        ("    #   ssl_", "    ssl_"),
        ("/etc/letsencrypt/live/NAME", str(site.folder)),
        ("8501", str(site.ports[0])),
        ("8502", str(site.ports[1])),
    ):
        assert written in text
        text = text.replace(written, new)
    return text


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(2 * GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def site(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, served by `serve --workers 2` and nginx as deploy/ has them."""
    places = (os.environ.get("PATH", ""), "/usr/sbin", str(PROJECT / ".nginx" / "usr" / "sbin"))
    nginx = shutil.which("nginx", path=os.pathsep.join(places))
    if nginx is None:
        pytest.skip("nginx is not here: make nginx")
    folder = tmp_path_factory.mktemp("site")
    ports = neighbours()
    command = [sys.executable, "-m", "barometer", "--home", str(home), "serve", "--workers", "2"]
    with ExitStack() as started, (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--port", str(ports[0])],
            cwd=PROJECT,
            env=os.environ | {"BAROMETER_WARM": "0"},
            stderr=log,
        )
        started.callback(end, server)
        front, tls = free_ports(2)
        found = Site(front, tls, ports, server, folder)
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;"
            " events { worker_connections 1024; }"
            f" http {{ {FORMAT} access_log {folder}/access.log visits;"
            f" {PLACES.format(folder=folder)} {shipped(found)} }}",
            encoding="utf-8",
        )
        for port in ports:
            wait_for(port, server)
        proxy = subprocess.Popen(
            [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL
        )
        started.callback(end, proxy)
        wait_for(front, proxy)
        yield found


def test_what_is_served_is_guarded_compressed_and_named_in_the_log(site: Site, home: Path) -> None:
    status, _, plain = answer(site.front, "/channels")
    assert status == 200
    assert "default-src 'self'" in plain["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in plain["Content-Security-Policy"]
    assert plain["X-Content-Type-Options"] == "nosniff"
    assert plain["X-Frame-Options"] == "SAMEORIGIN"
    assert plain["Set-Cookie"].startswith("barometer=")
    assert "Secure" not in plain["Set-Cookie"]
    assert "Strict-Transport-Security" not in plain
    assert "Server" not in answer(site.ports[0], "/channels")[2]  # nginx names itself instead

    status, page, secure = answer(site.tls, "/", tls=True)
    assert status == 200
    assert secure["Strict-Transport-Security"] == "max-age=31536000"
    assert secure["Set-Cookie"].endswith("; Secure")
    script = re.search(rb'src="\.?(/static/js/index\.[^"]+\.js)"', page)
    assert script
    _, packed, headers = answer(site.tls, script[1].decode(), {"Accept-Encoding": "gzip"}, tls=True)
    assert headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(packed)) > 2 * len(packed)
    for name in (script[1].decode(), "/app/static/OFL.txt"):
        _, _, headers = answer(site.front, name)
        # Or a CDN keeps nothing, or gives everybody one visitor's.
        assert "Set-Cookie" not in headers

    assert answer(site.front, "/ready")[:2] == (200, f"{current(home)}\n".encode())
    numbers = answer(site.ports[0], "/metrics")[1].decode()
    assert f'barometer_publication_info{{id="{current(home)}"}} 1' in numbers

    own = f"http://127.0.0.1:{site.front}"
    assert "permessage-deflate" not in asyncio.run(visited_from(own, site.front))
    with pytest.raises(InvalidStatus, match="HTTP 403"):
        asyncio.run(visited_from("http://other.example", site.front))
    # Streamlit takes a visitor's own machine whatever the Host: deploy/README.md says so.
    for always in ("localhost", "127.0.0.1", "0.0.0.0"):
        asyncio.run(visited_from(f"http://{always}:9", site.front))
    with pytest.raises(InvalidStatus, match="HTTP 421"):
        asyncio.run(visited_from("http://rebound.example", site.front, "rebound.example"))
    lines = site.log()
    assert any("disallowed Origin" in str(line["message"]) for line in lines)
    assert not any("external IP" in str(line["message"]) for line in lines)
    told = {line.get("request"): line for line in lines}
    assert told[plain["X-Request-ID"]]["path"] == "/channels"
    assert told[plain["X-Request-ID"]]["status"] == 200


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "/_stcore/metrics", "//metrics"])
def test_what_processes_say_of_themselves_is_not_for_visitors(site: Site, path: str) -> None:
    assert answer(site.front, path)[0] == 404
    assert answer(site.tls, path, tls=True)[0] == 404
    assert answer(site.ports[0], f"/{path.strip('/')}")[0] == 200


def test_only_its_own_name_is_served(site: Site) -> None:
    for tls, port in ((False, site.front), (True, site.tls)):
        status, said, headers = answer(port, "/", {"Host": "rebound.example"}, tls=tls)
        assert (status, said) == (421, b"No site of this name is here.\n")
        assert "Set-Cookie" not in headers
        assert answer(port, "/", {"Host": f"localhost:{port}"}, tls=tls)[0] == 200
    with (
        socket.create_connection(("127.0.0.1", site.tls), timeout=5) as raw,
        pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"),
    ):
        ssl._create_unverified_context().wrap_socket(raw, server_hostname="rebound.example")


def test_who_comes_without_a_cookie_gets_one_that_leads_back_to_the_same_process(
    site: Site,
) -> None:
    homes = Counter(came_back(site)[1] for _ in range(24))
    assert set(homes) == set(site.ports)


def came_back(site: Site) -> tuple[dict[str, str], int]:
    """A browser's first and second request: the cookie that it was given, and its process."""
    given = answer(site.front, "/")[2]["Set-Cookie"]
    assert re.fullmatch(r"barometer=\w{32}; Path=/; HttpOnly; SameSite=Lax", given)
    cookie = {"Cookie": given.partition(";")[0]}
    assert "Set-Cookie" not in answer(site.front, "/", cookie)[2]
    visitor = cookie["Cookie"].removeprefix("barometer=")
    for _ in range(100):  # nginx writes its line once it has answered
        first, *others = site.served("/").get(visitor, [0])
        if others:
            assert others == [first]
            return cookie, first
        time.sleep(0.05)
    raise AssertionError("nginx did not note both requests")


async def visited_from(origin: str, port: int, host: str = "127.0.0.1") -> str:
    """Open the socket of a page as a page of that origin would; the extensions it was given."""
    address = f"ws://{host}:{port}/_stcore/stream"
    async with connect(address, host="127.0.0.1", origin=Origin(origin)) as socket:
        assert socket.response is not None
        return socket.response.headers.get("Sec-WebSocket-Extensions", "")


async def opened(site: Site, number: int, query: str, places: asyncio.Semaphore) -> Seen:
    """A session on the page of a visitor, who has the cookie that nginx gave."""
    page = PAGES[number % len(PAGES)]
    visitor = Seen(site.front, page, query, f"barometer=visitor-{number}")
    async with places:
        await visitor.__aenter__()
        await visitor.rerun()
    assert not visitor.errors, visitor.errors
    return visitor


def address(number: int) -> str:
    """What the address bar of a visitor holds once they have filtered."""
    year, _, model = CHOSEN[number % len(CHOSEN)]
    return f"lang=en&year={year}&relational_model={model}"


async def arrived(site: Site, number: int, places: asyncio.Semaphore) -> Seen:
    """A visitor who has filtered the page that they opened."""
    if number % CLICK:
        return await opened(site, number, address(number), places)
    visitor = await opened(site, number, "lang=en", places)
    year, model, _ = CHOSEN[number % len(CHOSEN)]
    visitor.choose("year", [year])
    visitor.choose("relational_model", [model])
    async with places:
        await visitor.rerun()
    assert not visitor.errors, visitor.errors
    assert visitor.query.startswith(address(number))
    return visitor


async def clicked(site: Site, before: Seen, number: int, query: str) -> None:
    """A browser that reconnects is silent until a click, which counts before its address."""
    page = PAGES[number % len(PAGES)]
    async with Seen(site.front, page, query, f"barometer=visitor-{number}") as visitor:
        visitor.resume(before)
        visitor.choose("year", ["2006"])
        for _ in range(2):  # it sets out again once the widgets have told what they hold
            if "year=2006&" not in visitor.query:
                await visitor.rerun()
        assert "year=2006&" in visitor.query
        assert not visitor.errors, visitor.errors


async def visited(site: Site) -> tuple[int, set[int]]:
    """A hundred visitors come, filter and come back; a process is killed and they come again.

    Returns the port of the process and the numbers of its visitors.
    """
    places = asyncio.Semaphore(AT_ONCE)
    numbers = range(SESSIONS)
    for port in site.ports:  # from the first page on, a process knows the others
        async with Visitor(port) as visitor:
            await visitor.rerun()
    first = await asyncio.gather(*(arrived(site, number, places) for number in numbers))
    addresses = [visitor.query for visitor in first]
    sessions = [
        float(re.search(rb"\nbarometer_sessions (\S+)", answer(port, "/metrics")[1])[1])  # type: ignore[index]
        for port in site.ports
    ]
    assert sum(sessions) == SESSIONS
    assert min(sessions) > SESSIONS / 5
    for visitor in first:
        await visitor.__aexit__(None, None, None)

    async with AsyncExitStack() as open_ones:
        again = await asyncio.gather(
            *(opened(site, number, addresses[number], places) for number in numbers)
        )
        for visitor in again:
            open_ones.push_async_exit(visitor)
        views = [visitor.shown for visitor in again]
        assert len({tuple(view) for view in views}) == len(PAGES) * len(CHOSEN)

        gone = site.ports[0]
        site.server.send_signal(signal.SIGSTOP)  # else it would start the process again
        site.process(gone).kill()
        lost = set()
        for number, visitor in zip(numbers, again, strict=True):
            try:
                await visitor.ping()
            except ConnectionClosed:
                lost.add(number)
        for number in list(set(numbers) - lost)[::CLICK]:
            await again[number].rerun()
            assert not again[number].errors, again[number].errors
        moved = await asyncio.gather(
            *(opened(site, number, addresses[number], places) for number in lost)
        )
        for number, visitor in zip(lost, moved, strict=True):
            open_ones.push_async_exit(visitor)
            assert visitor.query == addresses[number]
            assert visitor.shown == views[number]
        await clicked(site, again[min(lost)], min(lost), addresses[min(lost)])
    return gone, lost


def test_visitors_stay_with_one_process_and_see_the_same_on_the_other_when_it_is_killed(
    site: Site,
) -> None:
    gone, lost = asyncio.run(visited(site))
    left = next(port for port in site.ports if port != gone)
    assert 0 < len(lost) < SESSIONS
    served = wait_until_told(site, 2 * SESSIONS + len(lost) + 1)
    for number in range(SESSIONS):
        home = gone if number in lost else left
        expected = [home, home, left] if number in lost else [home, home]
        if number == min(lost):
            expected.append(left)  # the click
        assert served[f"visitor-{number}"] == expected

    site.server.send_signal(signal.SIGCONT)
    wait_for(gone, site.server)
    returning = {"Cookie": f"barometer=visitor-{min(lost)}"}
    for _ in range(100):  # nginx asks a process again five seconds after it failed
        assert answer(site.front, "/", returning)[0] == 200
        if site.served("/")[f"visitor-{min(lost)}"][-1] == gone:
            return
        time.sleep(0.1)
    raise AssertionError("visitors do not come back to the process that was started again")


def test_a_process_that_hangs_is_left_for_the_other(site: Site) -> None:
    cookie, hanging = came_back(site)
    visitor = cookie["Cookie"].removeprefix("barometer=")
    left = next(port for port in site.ports if port != hanging)

    async def opened() -> str:
        async with Visitor(site.front, "channels", "lang=en&year=2003", cookie["Cookie"]) as page:
            await page.rerun()
            assert not page.errors, page.errors
            return page.query

    process = site.process(hanging)
    process.suspend()
    try:
        start = time.monotonic()
        assert answer(site.front, "/", cookie)[0] == 200
        assert SILENCE <= time.monotonic() - start < 3 * SILENCE
        # Then its browser asks for health and opens its socket: at once, at the other.
        assert answer(site.front, "/_stcore/health", cookie)[0] == 200
        assert "year=2003" in asyncio.run(opened())
        assert process.status() == psutil.STATUS_STOPPED
    finally:
        process.resume()
    wait_for(hanging, site.server)
    for path in ("/", "/_stcore/health", "/_stcore/stream"):
        for _ in range(100):
            if len(served := site.served(path).get(visitor, [])) == (3 if path == "/" else 1):
                break
            time.sleep(0.05)
        assert served[-1] == left, path


def wait_until_told(site: Site, sessions: int) -> dict[str, list[int]]:
    """nginx writes a session into its log once it has ended."""
    for _ in range(100):
        served = site.served()
        if sum(map(len, served.values())) >= sessions:
            return served
        time.sleep(0.05)
    raise AssertionError(f"{Counter(map(len, served.values()))} of {sessions} sessions")


def test_asked_to_stop_it_ends_open_sessions_and_every_process(site: Site) -> None:
    async def stopped() -> None:
        visitors = [
            await opened(site, number, "lang=en", asyncio.Semaphore(1)) for number in range(6)
        ]
        site.server.send_signal(signal.SIGTERM)
        await asyncio.to_thread(site.server.wait, 2 * GRACE)
        for visitor in visitors:
            with pytest.raises(ConnectionClosed):
                await visitor.ping()
            await visitor.__aexit__(None, None, None)

    asyncio.run(stopped())
    assert site.server.returncode == 0
    for port in site.ports:
        with pytest.raises(OSError):
            answer(port, "/ready")
    # A process that was killed does not say so.
    ended = [line for line in site.log() if line["message"] == "Application shutdown complete."]
    assert len(ended) == len(site.ports)


def current(home: Path) -> str:
    return (home / "data" / "publications" / "current").read_text(encoding="utf-8").strip()


def test_nginx_lets_through_what_a_page_may_upload() -> None:
    settings = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    site = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    bound = re.search(r"client_max_body_size (\d+)m;", site)
    assert bound
    assert int(bound[1]) > settings["server"]["maxUploadSize"]


def test_an_open_page_is_heard_of_before_nginx_gives_it_up() -> None:
    site = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    bound = re.search(r"location = /_stcore/stream {[^}]*proxy_read_timeout (\d+)s;", site)
    assert bound
    pings = uvicorn.Config("asgi:app").ws_ping_interval  # as `serve` leaves it
    assert pings is not None
    assert int(bound[1]) > 2 * pings


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
