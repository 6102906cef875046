"""The audit log: who signed in, imported, published, went back or exported, and when.

One file, one line of JSON an event, only ever appended to. It names people by their e-mail, or by
the name of their account on the command line, and holds nothing else of them.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from barometer.home import Home

Action = Literal["sign-in", "refused", "import", "publish", "rollback", "demonstration", "export"]
ACTIONS: tuple[Action, ...] = (
    "sign-in", "refused", "import", "publish", "rollback", "demonstration", "export",
)  # fmt: skip
LONGEST = 200  # characters of a text in an event; a line is then one write
log = logging.getLogger(__name__)


def record(home: Home, action: Action, who: str, **what: str | int | list[int]) -> None:
    """Append one event and wait until it is on disk.

    A disk that takes no more is said in the server's log: the event has happened all the same.
    """
    event = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "action": action,
        "who": who[:LONGEST],
        **{
            name: value[:LONGEST] if isinstance(value, str) else value
            for name, value in what.items()
        },
    }
    line = json.dumps(event, ensure_ascii=False) + "\n"
    try:
        home.data.mkdir(parents=True, exist_ok=True)
        file = os.open(home.audit, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if _broken_off(file):
                line = "\n" + line
            os.write(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as fault:
        log.error("the audit log %s takes no more: %s; lost: %s", home.audit, fault, line.strip())


def events(home: Home) -> list[dict[str, Any]]:
    """Every event, oldest first; a line that was cut by a full disk is left out."""
    return list(_read(home))


def _read(home: Home) -> Iterator[dict[str, Any]]:
    try:
        lines = home.audit.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and {"at", "action", "who"} <= event.keys():
            yield event


def _broken_off(file: int) -> bool:
    """Whether the last line has no end: a write that a full disk or a kill cut."""
    size = os.fstat(file).st_size
    if size == 0:
        return False
    os.lseek(file, size - 1, os.SEEK_SET)  # appending writes at the end all the same
    return os.read(file, 1) != b"\n"
