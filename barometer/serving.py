"""What stands between the network and the pages: security headers, and one log line a request."""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# As strict as Streamlit works with: its page has one script of its own in the text, its widgets set
# styles on elements, charts are drawn to blobs, and Arrow tables are read by WebAssembly.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' blob: data:",
    "frame-ancestors": "'self'",
    "form-action": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
A_YEAR = "max-age=31536000"  # of this name alone: its neighbours' sites are not ours to decide
REQUEST_ID = "X-Request-ID"
_SENT = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")  # session, file
_IDENTIFIER = re.compile(r"[\w-]{8,64}")
_QUIET = ("/_stcore/health", "/ready", "/metrics")  # asked every few seconds by machines
log = logging.getLogger("barometer.requests")


class Refusal(NamedTuple):
    """Why something is not taken, with the status that says so."""

    status: int
    why: str


def encrypted(scope: Scope) -> bool:
    """Whether the visitor's side of a request is encrypted, as the first proxy says if there is."""
    forwarded = Headers(scope=scope).get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return "https" in (forwarded, scope.get("scheme"))


def known_hosts(names: str) -> list[Middleware]:
    """Refuses requests for any name but some, apart by spaces; none where there are no names.

    A site may give its own name our address: a browser then takes us for that site, and lets its
    scripts read what we answer.
    """
    if not names:
        return []
    return [Middleware(TrustedHostMiddleware, allowed_hosts=names.split(), www_redirect=False)]


class SecurityHeaders:
    """Adds HEADERS to each response; where TLS ended before us, the browser is told to keep it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(HEADERS)
        if encrypted(scope):
            headers["Strict-Transport-Security"] = A_YEAR

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self.app(scope, receive, send_guarded)


Refuse = Callable[[str, Sequence[int | None]], Refusal | None]


class Uploads:
    """Asks, before a file is taken, whether it may be: Streamlit takes it from any open session."""

    def __init__(self, app: ASGIApp, refusal: Refuse) -> None:
        """`refusal` is given an open session and how many bytes each of its files has that come.

        That is None where it is unknown; the last is the one that it may refuse.
        """
        self.app = app
        self.refusal = refusal
        self._coming: dict[str, list[int | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        sent = _SENT.fullmatch(scope.get("path", ""))
        if scope["type"] == "http" and scope["method"] == "PUT" and sent is not None:
            await self._take(sent[1], scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _take(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "")
        size = int(length) if length.isdecimal() else None
        coming = self._coming.setdefault(session, [])
        coming.append(size)
        try:
            refused = self.refusal(session, tuple(coming))
            answer = self.app
            if refused is not None:
                answer = PlainTextResponse(f"{refused.why}\n", refused.status)
            await answer(scope, receive, send)
        finally:
            coming.remove(size)
            if not coming:
                self._coming.pop(session, None)


class Requests:
    """One log line a request or session, with an identifier that the response carries too.

    The identifier is that of the proxy, where it sent one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        identifier = given if _IDENTIFIER.fullmatch(given) else uuid.uuid4().hex
        start, status = time.perf_counter(), 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = identifier
            elif message["type"] == "websocket.accept":
                status = 101
            elif message["type"] == "websocket.close" and not status:
                status = 403  # what uvicorn answers where no session was accepted
            await send(message)

        try:
            await self.app(scope, receive, send_named)
        finally:
            if scope["path"] not in _QUIET:
                client = scope.get("client") or ("", 0)
                log.info(
                    "request",
                    extra={
                        "request": identifier,
                        "method": scope.get("method", "WEBSOCKET"),
                        "path": scope["path"],
                        "status": status,
                        "ms": round((time.perf_counter() - start) * 1e3, 1),
                        "client": client[0],
                    },
                )


class Lines(logging.Formatter):
    """Log records as JSON, one a line: time, level, logger, message, and what a request adds."""

    ADDED = ("request", "method", "path", "status", "ms", "client")

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in self.ADDED if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": Lines}},
    "handlers": {
        "lines": {
            "class": "logging.StreamHandler",
            "formatter": "lines",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"handlers": ["lines"], "level": "WARNING"},
    "loggers": {
        name: {"handlers": ["lines"], "level": "INFO", "propagate": False}
        for name in ("barometer", "uvicorn")
    },
}
