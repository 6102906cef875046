"""What the network is told, and what the log says of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from copy import deepcopy

import pytest
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from barometer.serving import Refusal, Requests, SecurityHeaders, Uploads, known_hosts

HELLO = {"type": "http.response.start", "status": 200, "headers": []}


def answering(*messages: Message) -> ASGIApp:
    """An application that sends the same to everybody, behind all that is before the real one."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(deepcopy(message))

    return Requests(SecurityHeaders(app))


def asked(app: ASGIApp, kind: str = "http", **headers: str) -> list[Message]:
    """What an application answers to a request for /."""
    names = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope = {"type": kind, "method": "GET", "path": "/", "headers": names, "scheme": "http"}
    answered: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        answered.append(message)

    asyncio.run(app(scope, receive, send))
    return answered


@pytest.mark.parametrize(
    ("proto", "kept"),
    [("https", True), ("HTTPS", True), ("https, http", True), ("http, https", False), ("", False)],
)
def test_encryption_is_kept_where_the_first_proxy_has_it(proto: str, kept: bool) -> None:
    [start] = asked(answering(HELLO), x_forwarded_proto=proto)
    assert ("strict-transport-security" in Headers(raw=start["headers"])) == kept


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        (["websocket.close"], 403),
        (["websocket.accept", "websocket.close"], 101),
        (["websocket.http.response.start"], 200),
    ],
)
def test_the_log_tells_refused_sessions_from_accepted_ones(
    messages: list[str], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "barometer.requests")
    sent = (HELLO | {"type": message} for message in messages)
    asked(answering(*sent), "websocket")
    assert [record.__dict__["status"] for record in caplog.records] == [status]


@pytest.mark.parametrize(
    ("names", "host", "status"),
    [
        ("localhost 127.0.0.1", "localhost:8501", 200),
        ("localhost 127.0.0.1", "127.0.0.1:8501", 200),
        ("localhost 127.0.0.1", "evil.example:8501", 400),
        ("localhost 127.0.0.1", "", 400),
        ("*", "evil.example", 200),
        ("", "evil.example", 200),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_name_that_is_not_ours_is_refused(kind: str, names: str, host: str, status: int) -> None:
    app = answering(HELLO)
    for one in known_hosts(names):
        app = one.cls(app, *one.args, **one.kwargs)
    first = asked(app, kind, host=host)[0]
    assert first.get("status") == status or (status, first["type"]) == (400, "websocket.close")


def test_files_that_come_at_the_same_time_count_together() -> None:
    told: list[tuple[str, tuple[int | None, ...]]] = []
    here, others = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        here.set()
        await others.wait()

    def refusal(session: str, sizes: Sequence[int | None]) -> Refusal | None:
        told.append((session, tuple(sizes)))
        return Refusal(413, "enough") if len(sizes) > 1 else None

    async def put(uploads: Uploads, path: str, length: bytes) -> list[Message]:
        scope = {"type": "http", "method": "PUT", "path": path, "headers": []}
        scope["headers"] = [(b"content-length", length)] if length else []
        answered: list[Message] = []

        async def send(message: Message) -> None:
            answered.append(message)

        await uploads(scope, lambda: None, send)  # type: ignore[arg-type, return-value]
        return answered

    async def all_of_them() -> list[Message]:
        uploads = Uploads(app, refusal)
        first = asyncio.create_task(put(uploads, "/_stcore/upload_file/me/1", b"7"))
        await here.wait()
        second = await put(uploads, "/_stcore/upload_file/me/2", b"")
        other = asyncio.create_task(put(uploads, "/barometer/_stcore/upload_file/you/1", b"9"))
        others.set()
        await first
        await other
        await put(uploads, "/_stcore/upload_file/me/3", b"8")
        return second

    refused = asyncio.run(all_of_them())
    assert refused[0]["status"] == 413
    assert told == [("me", (7,)), ("me", (7, None)), ("you", (9,)), ("me", (8,))]
