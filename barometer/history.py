"""The publications of a home: which is online, which came before, and the one switch between them.

A publication goes online by the rename of one small file, `current`, which names a folder of
publications/ and a database of respondents/. Whatever is killed before that rename changed nothing.
"""

from __future__ import annotations

import itertools
import json
import logging
import math
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barometer import audit
from barometer.home import Home

CURRENT = "current"
KEPT = 20  # publications that stay, the current one included; settings.toml, [publications] keep
PATIENCE = 10  # seconds that a switch waits for another one, which takes milliseconds
ABANDONED = 86_400  # seconds after which what was prepared and never published is thrown away
ASIDE = ".parts-"  # how folders begin, in data/, of what a publication sets aside while it works


log = logging.getLogger(__name__)


class PublicationError(RuntimeError):
    """A publication that failed its checks or is not there; the message says what to do."""


class SupersededError(PublicationError):
    """Somebody else published since this publication was prepared; nothing was changed."""


@dataclass(frozen=True)
class Entry:
    """One publication of the history; `waves` has year, n, sha256, provenance for each wave."""

    id: str
    created: str
    by: str
    waves: tuple[dict[str, Any], ...]
    warnings: int
    notes: tuple[str, ...]
    current: bool

    @property
    def synthetic(self) -> bool:
        """Whether any of its waves is of the demonstration."""
        return any(wave["provenance"] == "synthetic" for wave in self.waves)


@dataclass(frozen=True)
class Change:
    """A wave that comes, goes or is replaced; n before and after, None where there is none."""

    year: int
    what: str
    n_before: int | None
    n_after: int | None
    provenance: str


@dataclass(frozen=True)
class Staged:
    """A publication that is built and verified, and not online yet.

    `base` is the publication that was online when it was prepared, `by` who prepared it, `afresh`
    whether it is the demonstration brought back.
    """

    home: Home
    id: str
    base: str | None
    by: str
    afresh: bool = False

    @property
    def folder(self) -> Path:
        """Its folder until it is online; no reader looks there."""
        return self.home.publications / f".{self.id}.staged"

    @property
    def database(self) -> Path:
        """Its respondents until it is online."""
        return self.home.databases / f".{self.id}.staged"

    def warn(self, warnings: Sequence[str]) -> None:
        """Keep the warnings of its validation in its manifest, for the history."""
        path = self.folder / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8")) | {"warnings": list(warnings)}
        path.write_text(json.dumps(manifest, indent=1), encoding="utf-8")

    def discard(self) -> None:
        """Throw it away: as if it had never been prepared."""
        # DuckDB spills beside the database, and leaves that where it is stopped.
        spilled = self.database.with_name(f"{self.database.name}.tmp")
        for folder in (self.folder, spilled):
            shutil.rmtree(folder, ignore_errors=True)
        for path in _files_of(self.database):
            with suppress(OSError):
                path.unlink()


def current(home: Home) -> str | None:
    """The name of the publication online, None where there is none."""
    try:
        # Spoilt bytes are a name that nothing has: what is said of it then names the place.
        return (home.publications / CURRENT).read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None


def database(home: Home, identifier: str | None) -> Path | None:
    """The respondents of a publication, None where they are not here."""
    if identifier is None:
        return None
    path = home.databases / f"{identifier}.duckdb"
    return path if path.exists() else None


def entries(home: Home) -> list[Entry]:
    """The publications that are here, newest first; one that cannot be read is left out."""
    online, found = current(home), []
    for path in home.publications.glob("[!.]*/manifest.json"):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found.append(
                Entry(
                    path.parent.name,
                    manifest["created"],
                    manifest.get("by", ""),
                    tuple(manifest["waves"]),
                    len(manifest.get("warnings", ())),
                    tuple(manifest["notes"]),
                    path.parent.name == online,
                )
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(found, key=lambda entry: entry.id, reverse=True)


def changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Change]:
    """Waves that come, go or are replaced from one manifest to another, by year."""
    old = {int(wave["year"]): wave for wave in before}
    new = {int(wave["year"]): wave for wave in after}
    found = []
    for year in sorted(old.keys() | new.keys()):
        was, now = old.get(year), new.get(year)
        if was and now and _same(was, now):
            continue
        what = "replaced" if was and now else "added" if now else "removed"
        found.append(
            Change(
                year,
                what,
                int(was["n"]) if was else None,
                int(now["n"]) if now else None,
                (now or was or {})["provenance"],
            )
        )
    return found


def _same(was: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether two waves come of the same file, with the same weights up to rounding."""
    weights = ("weight_min", "weight_max", "effective_base")
    return (was["sha256"], was["n"]) == (now["sha256"], now["n"]) and all(
        math.isclose(was.get(name, 0.0), now.get(name, 0.0), rel_tol=1e-9) for name in weights
    )


def switch(staged: Staged) -> Path:
    """Put a staged publication online. Its folder.

    Raises SupersededError where another one went online since it was prepared, PublicationError
    where the folder cannot be written; either way the publication online stays.
    """
    home = staged.home
    with _alone(home):
        online = current(home)
        if online != staged.base:
            raise SupersededError(_superseded(home, online))
        folder = home.publications / staged.id
        staged.database.rename(home.databases / f"{staged.id}.duckdb")
        staged.folder.rename(folder)
        try:
            _name(home, staged.id)
        except BaseException:
            folder.rename(staged.folder)
            (home.databases / f"{staged.id}.duckdb").rename(staged.database)
            raise
        action: audit.Action = "demonstration" if staged.afresh else "publish"
        audit.record(home, action, staged.by, publication=staged.id, before=online or "")
        _link(home, staged.id)
        with suppress(OSError, ValueError):  # it is online: what is left over can wait
            _prune(home)
    return folder


def rollback(home: Home, identifier: str | None = None, *, by: str = "") -> Entry:
    """Put an earlier publication online again: the one before the current, or the one named.

    The respondents of that publication come back with it, so that the next wave is added to what
    is on screen. Raises PublicationError where there is none of that name, or
    where the folder cannot be written.
    """
    with _alone(home):
        known = entries(home)
        chosen = _before(known) if identifier is None else _of_name(known, identifier)
        if chosen.current:
            raise PublicationError(f"{chosen.id}: this publication is online already")
        before = current(home) or ""
        _name(home, chosen.id)
        _link(home, chosen.id)
        audit.record(home, "rollback", by, publication=chosen.id, before=before)
    return chosen


def keep(home: Home) -> int:
    """How many publications stay. Raises PublicationError where settings.toml says no number."""
    try:
        number = home.settings("publications").get("keep", KEPT)
    except ValueError as fault:
        raise PublicationError(str(fault)) from None
    if not isinstance(number, int) or number < 2:
        raise PublicationError(
            f"{home.data / 'settings.toml'}: [publications] keep is {number!r};"
            " expected a number from 2"
        )
    return number


def _before(known: list[Entry]) -> Entry:
    """The publication made just before the current one."""
    ids = [entry.id for entry in known]
    online = next((entry.id for entry in known if entry.current), None)
    earlier = known[ids.index(online) + 1 :] if online else known
    if not earlier:
        raise PublicationError("There is no earlier publication to go back to.")
    return earlier[0]


def _of_name(known: list[Entry], identifier: str) -> Entry:
    for entry in known:
        if entry.id == identifier:
            return entry
    raise PublicationError(
        f"{identifier}: there is no such publication here; see: python -m barometer history"
    )


def _superseded(home: Home, online: str | None) -> str:
    entry = next((entry for entry in entries(home) if entry.id == online), None)
    who = f" by {entry.by}" if entry and entry.by else ""
    return (
        f"Publication {online or 'none'}{who} went online after this one was prepared;"
        " nothing was changed. Look at what it holds, and publish again."
    )


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold the lock of a home: the system frees it when its process ends, however it ends."""
    from filelock import FileLock, Timeout  # 60 ms, and only an owner needs it

    try:
        home.publications.mkdir(parents=True, exist_ok=True)
        with FileLock(home.publications / ".lock", timeout=PATIENCE):
            yield
    except Timeout:  # an OSError too
        raise SupersededError(
            f"{home.publications}: somebody else is publishing; try again when it has ended"
        ) from None
    except OSError as fault:
        raise PublicationError(
            f"{home.publications}: nothing was changed: {fault.strerror or fault}"
        ) from None


def _name(home: Home, identifier: str) -> None:
    """Switch the name of the current publication, in one step for every reader."""
    pointer = home.publications / CURRENT
    partial = pointer.with_name(f".{CURRENT}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(identifier)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(pointer)
    finally:
        partial.unlink(missing_ok=True)


def _link(home: Home, identifier: str) -> None:
    """Let data/barometer.duckdb be the respondents of the publication online.

    For whoever queries them: the barometer itself reads `current`. A file that is no link is left
    alone; where there can be no link there is none.
    """
    link, held = home.database, database(home, identifier)
    partial = link.with_name(f".{link.name}.{os.getpid()}.partial")
    if link.exists() and not link.is_symlink():
        log.warning("%s is a file of its own, not the publication online: left as it is", link)
        return
    try:
        if held is None:
            link.unlink(missing_ok=True)
            return
        partial.unlink(missing_ok=True)
        partial.symlink_to(held.relative_to(link.parent))
        partial.replace(link)
    except (OSError, NotImplementedError):
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _prune(home: Home) -> None:
    """Throw away what is beyond the policy, and what was begun long ago and never published."""
    known = entries(home)
    for entry in [entry for entry in known if not entry.current][keep(home) - 1 :]:
        # The manifest first: half a folder is then no publication.
        folder = home.publications / entry.id
        (folder / "manifest.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    staying = {path.parent.name for path in home.publications.glob("[!.]*/manifest.json")}
    for path in home.databases.glob("[!.]*.duckdb"):
        if path.stem not in staying:
            path.unlink(missing_ok=True)
    old = time.time() - ABANDONED
    begun = (home.publications.glob(".*.*"), home.databases.glob(".*.*"))
    for path in [*itertools.chain(*begun), *home.data.glob(f"{ASIDE}*")]:
        with suppress(OSError):  # of somebody else, or gone already: the others can go
            if max(one.stat().st_mtime for one in (path, *path.rglob("*"))) < old:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _files_of(path: Path) -> list[Path]:
    """A database and what DuckDB may have left beside it."""
    return [path, *path.parent.glob(f"{path.name}.wal")]
