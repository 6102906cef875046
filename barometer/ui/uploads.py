"""Who may send a file to the server, and how much one visitor may leave there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime import Runtime

from barometer.serving import Refusal
from barometer.ui import access

HELD = 3  # largest files that a session may leave in memory


def refusal(session: str, sizes: Sequence[int | None]) -> Refusal | None:
    """Why a session may not send the last of the files that it is sending, by their bytes.

    One of unknown size counts as the largest.
    """
    largest = int(st.get_option("server.maxUploadSize")) * 2**20
    if not access.of_session(session).may("viewer"):
        return Refusal(403, "sign in first")
    coming = sum(largest if size is None else size for size in sizes)
    if _held(session) + coming > HELD * largest:
        return Refusal(413, "remove a file first")
    return None


def _held(session: str) -> int:
    """Bytes of the files that a session has left here."""
    files = Runtime.instance().uploaded_file_mgr.file_storage.get(session, {})  # type: ignore[attr-defined]
    return sum(len(file.data) for file in list(files.values()))
