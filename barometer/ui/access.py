"""The door: who is here, what they may open and take away, and what is kept of it."""

from __future__ import annotations

import logging
import threading
import time
import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime

from barometer import access, audit
from barometer.access import NOBODY, AccessError, Role, Rules, Visitor
from barometer.home import Home
from barometer.ui.text import plain
from barometer.words import Translate, translator

Data = str | bytes | Callable[[], str | bytes]
log = logging.getLogger(__name__)
_noted: set[tuple[str, ...]] = set()  # sign-ins that are in the audit log
_noting = threading.Lock()
MOST_NOTED = 10_000


def enter(role: Role, language: str, page: str = "") -> Visitor:
    """Let a visitor with a role pass; others read how to sign in, or that they may not, and stop.

    Called before anything else of a page is read or drawn.
    """
    _ = translator(language)
    try:
        rules = _rules()
        visitor = _visitor(rules)
    except AccessError as fault:
        log.error("nobody may enter: %s", fault)
        st.error(_("The barometer cannot be opened. Its owner finds the reason in the log."))
        st.stop()
    if visitor.may(role):
        _note("sign-in", visitor)
        return visitor
    st.set_page_config(page_title="Baromètre", layout="wide")
    if visitor.signed_in:
        _note("refused", visitor, page)
        _refused(visitor, _)
    else:
        _asked(_)
    st.stop()


def visitor() -> Visitor:
    """Who is here, as the rules say now; nobody where they cannot be read."""
    try:
        return _visitor(_rules())
    except AccessError:
        return NOBODY


def of_session(session: str) -> Visitor:
    """Who an open session belongs to, as the rules say now; nobody where it is not open."""
    found = Runtime.instance()._session_mgr.get_active_session_info(session)
    if found is None:
        return NOBODY
    claims = dict(found.session._user_info)
    try:
        return access.visitor(_rules(), claims if claims.get("is_logged_in") else None, time.time())
    except AccessError:
        return NOBODY


def bar(visitor: Visitor, language: str) -> None:
    """Who is signed in, and the way out; nothing where nobody needs to sign in."""
    if not visitor.signed_in:
        return
    _ = translator(language)
    words = {"viewer": _("viewer"), "analyst": _("analyst"), "owner": _("owner")}
    role = words[visitor.role] if visitor.role else ""
    with st.container(horizontal=True, horizontal_alignment="right", key="visitor"):
        st.caption(plain(f"{visitor.name or visitor.email} · {role}"), width="content")
        st.button(_("Sign out"), type="tertiary", on_click=st.logout, key="sign_out")


def download_button(
    label: str, data: Data, file_name: str, mime: str, *, role: Role = "viewer", **looks: Any
) -> None:
    """A button that hands out a file to who may have it when it is clicked, and notes it.

    The file is made on the click, by a process that knows no visitor: the one who saw the button is
    asked for again, with the rules as they are then.
    """
    claims = _claims()

    def made() -> str | bytes:
        now = access.visitor(_rules(), claims, time.time())
        if not now.may(role):
            raise PermissionError(f"{now.who} may not take {file_name}")
        content = data() if callable(data) else data
        audit.record(Home.at(), "export", now.who, file=file_name)
        return content

    st.download_button(label, made, file_name, mime, **({"on_click": "ignore"} | looks))


def _visitor(rules: Rules | None) -> Visitor:
    return access.visitor(rules, None if rules is None else _claims(), time.time())


def _claims() -> dict[str, Any] | None:
    """What the provider said of who is signed in: Streamlit keeps it in a signed cookie."""
    if not getattr(st.user, "is_logged_in", False):
        return None
    return dict(st.user.to_dict())


def _rules() -> Rules | None:
    """The rules of the secrets, read again when their files change. Raises AccessError."""
    paths = [Path(path) for path in st.get_option("secrets.files")]
    found = [path for path in paths if path.is_file()]
    return _read(tuple((path, path.stat().st_mtime_ns) for path in found))


@lru_cache(8)
def _read(files: tuple[tuple[Path, int], ...]) -> Rules | None:
    """As Streamlit reads them: what a later file says goes before."""
    secrets: dict[str, Any] = {}
    for path, _ in files:
        try:
            secrets |= tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise AccessError(f"{path}: {fault}") from None
    if "access" in secrets and "auth" not in secrets:
        raise AccessError("[access] needs [auth]: without it nobody can sign in")
    return access.rules(secrets.get("access"))


def _asked(_: Translate) -> None:
    st.title(_("Sign in to open the barometer"), anchor=False)
    st.markdown(_("This barometer is open to people whom its owner has let in."))
    st.button(_("Sign in"), type="primary", on_click=st.login, key="sign_in")


def _refused(visitor: Visitor, _: Translate) -> None:
    st.title(_("No access"), anchor=False)
    if visitor.role is None:
        text = _(
            "You are signed in as {who}. This account has no access to the barometer: ask its owner"
            " to let you in, or sign in with another account."
        )
    else:
        text = _("You are signed in as {who}. This page is not open to your role.")
    st.markdown(plain(text.format(who=visitor.email or visitor.name)))
    if not visitor.email:
        st.caption(_("Your identity provider has not verified your e-mail address."))
    st.button(_("Sign out"), on_click=st.logout, key="sign_out")


def _note(action: audit.Action, visitor: Visitor, page: str = "") -> None:
    """Write a sign-in, or a refusal, into the audit log once."""
    if not visitor.signed_in:
        return
    issued = str((_claims() or {}).get("iat", ""))
    event = (action, visitor.who, issued, page)
    with _noting:
        if event in _noted:
            return
        if len(_noted) >= MOST_NOTED:
            _noted.clear()
        _noted.add(event)
    audit.record(Home.at(), action, visitor.who, role=visitor.role or "none", page=page)
