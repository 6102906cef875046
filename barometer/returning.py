"""Come back, once signed in, to the address that one asked for: Streamlit itself goes home."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from barometer.serving import encrypted

COOKIE = "barometer_asked"
SECONDS = 900  # to sign in
LOGIN, CALLBACK = "/auth/login", "/oauth2callback"
# A path of this site and its query: no other site, no backslash that a browser reads as a slash.
_OWN = re.compile(r"/(?![/\\])[\w\-./~%?=&+:;,@!$'()*]{0,2000}", re.ASCII)


class Returning:
    """Remembers, on the way to the identity provider, the page that one came from."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.endswith((LOGIN, CALLBACK)):
            await self.app(scope, receive, send)
            return
        asked = _referred(scope) if path.endswith(LOGIN) else _remembered(scope)

        async def send_returning(message: Message) -> None:
            if message["type"] == "http.response.start" and asked and message["status"] == 302:
                headers = MutableHeaders(scope=message)
                if path.endswith(CALLBACK):
                    headers["Location"] = asked
                headers.append("Set-Cookie", _cookie(scope, asked, path.endswith(LOGIN)))
            await send(message)

        await self.app(scope, receive, send_returning)


def _referred(scope: Scope) -> str:
    """The page that a request comes from, nothing where it is of another site."""
    headers = Headers(scope=scope)
    page = urlsplit(headers.get("referer", ""))
    if not page.netloc or page.netloc != headers.get("host"):
        return ""
    return _own(f"{page.path or '/'}{'?' if page.query else ''}{page.query}")


def _remembered(scope: Scope) -> str:
    return _own(cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, ""))


def _own(address: str) -> str:
    return address if _OWN.fullmatch(address) else ""


def _cookie(scope: Scope, asked: str, keep: bool) -> str:
    cookie = SimpleCookie({COOKIE: asked if keep else ""})
    held = cookie[COOKIE]
    held["path"], held["httponly"], held["samesite"] = "/", True, "Lax"
    held["max-age"] = SECONDS if keep else 0
    if encrypted(scope):
        held["secure"] = True
    return held.OutputString()
