"""Who may send a file to the server, and how much one visitor may leave there.

Streamlit takes a file from any open session, even one that stands at the door.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime

from barometer.access import Visitor

HELD = 3  # largest files that a session may leave in memory
_SENT = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")


class Uploads:
    """Refuses files of whoever may not enter, and more than HELD of the largest of one session."""

    def __init__(self, app: ASGIApp, owner: Callable[[str], Visitor]) -> None:
        """`owner` says whose an open session is, by its identifier."""
        self.app = app
        self.owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        sent = _SENT.fullmatch(scope.get("path", ""))
        if scope["type"] == "http" and scope["method"] == "PUT" and sent is not None:
            if not self.owner(sent[1]).may("viewer"):
                await PlainTextResponse("sign in first\n", 403)(scope, receive, send)
                return
            if _held(sent[1]) + _announced(scope) > HELD * _largest():
                await PlainTextResponse("remove a file first\n", 413)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _held(session: str) -> int:
    """Bytes of the files that a session has left here."""
    files = Runtime.instance().uploaded_file_mgr.file_storage.get(session, {})  # type: ignore[attr-defined]
    return sum(len(file.data) for file in list(files.values()))


def _announced(scope: Scope) -> int:
    """Bytes that a request says it has; where it says nothing, as many as it may have."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else _largest()


def _largest() -> int:
    return int(st.get_option("server.maxUploadSize")) * 2**20
