"""One publication is online, the others can come back, and nothing that is killed leaves a mixture."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from barometer import audit, history, intake, store
from barometer import codebook as codebooks
from barometer.home import Home
from barometer.store import Publication, PublicationError, Publications, SupersededError, publish

PROJECT = Path(__file__).resolve().parent.parent
SCHOOLS = PROJECT / "tests" / "barometers" / "schools"
KILLS = int(os.environ.get("KILLS", "200"))


@pytest.fixture
def schools(tmp_path: Path) -> Home:
    """The schools barometer with its wave 2000 online."""
    built = shutil.ignore_patterns(
        "barometer.duckdb*", "respondents", "audit.jsonl", "publications"
    )
    shutil.copytree(SCHOOLS, tmp_path / "home", ignore=built)
    home = Home(tmp_path / "home")
    publish(home, by="anne@example.org")
    return home


def wave(home: Home, year: int, keep: int = 100, provenance: str = "survey") -> Path:
    """The first schools as another year's wave."""
    lines = (SCHOOLS / "data" / "waves" / "wave_2000.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{year}{line.removeprefix('2000')},{provenance}" for line in lines[1 : keep + 1]]
    path = home.folder / f"{provenance}_{year}_{keep}.csv"
    path.write_text("\n".join([f"{lines[0]},provenance", *rows]), encoding="utf-8")
    return path


def prepare(home: Home, *files: Path, by: str = "") -> history.Staged:
    book = codebooks.load(home.data)
    return store.prepare(home, book, [intake.check(intake.read(f), book) for f in files], by=by)


def online(home: Home) -> Publication:
    publication = Publications(home).current()
    assert publication is not None
    return publication


def sizes(publication: Publication) -> dict[int, int]:
    return {wave["year"]: wave["n"] for wave in publication.manifest["waves"]}


# --- prepare, look, publish -----------------------------------------------------------------------


def test_what_is_prepared_can_be_looked_at_and_is_not_online(schools: Home) -> None:
    before = history.current(schools)
    staged = prepare(schools, wave(schools, 2001))
    assert sizes(Publication(staged.folder)) == {2000: 200, 2001: 100}
    assert history.current(schools) == before
    assert [entry.id for entry in history.entries(schools)] == [before]
    staged.warn(["two rows are alike"])
    store.go_online(staged)
    newest, earlier = history.entries(schools)
    assert (newest.id, newest.current, newest.warnings) == (staged.id, True, 1)
    assert (earlier.id, earlier.current, earlier.by) == (before, False, "anne@example.org")


def test_what_is_thrown_away_leaves_nothing(schools: Home) -> None:
    before = sorted(schools.data.rglob("*"))
    staged = prepare(schools, wave(schools, 2001))
    staged.discard()
    assert sorted(schools.data.rglob("*")) == before


def test_changes_name_what_comes_goes_and_is_replaced() -> None:
    def of(year: int, n: int, sha256: str) -> dict[str, object]:
        return {"year": year, "n": n, "sha256": sha256, "provenance": "survey"}

    found = history.changes(
        [of(2000, 10, "a"), of(2001, 11, "b"), of(2002, 12, "c")],
        [of(2000, 10, "a"), of(2001, 15, "d"), of(2003, 13, "e")],
    )
    assert [(c.year, c.what, c.n_before, c.n_after) for c in found] == [
        (2001, "replaced", 11, 15),
        (2002, "removed", 12, None),
        (2003, "added", None, 13),
    ]
    same = [of(2000, 10, "a") | {"weight_max": 2.0, "effective_base": 8.1}]
    raked = [of(2000, 10, "a") | {"weight_max": 2.5, "effective_base": 7.3}]
    assert history.changes(same, [same[0] | {"effective_base": 8.1 + 1e-12}]) == []
    assert [change.what for change in history.changes(same, raked)] == ["replaced"]


# --- one wins, the other is told ------------------------------------------------------------------


def test_of_two_who_prepared_one_publishes_and_the_other_is_told(schools: Home) -> None:
    anne = prepare(schools, wave(schools, 2001), by="anne@example.org")
    bob = prepare(schools, wave(schools, 2002), by="bob@example.org")
    store.go_online(bob)
    with pytest.raises(SupersededError, match=r"by bob@example\.org went online after this one"):
        store.go_online(anne)
    assert sizes(online(schools)) == {2000: 200, 2002: 100}
    assert not anne.folder.exists() and not anne.database.exists()


def test_of_four_at_once_one_wins(schools: Home) -> None:
    files = [wave(schools, year) for year in range(2001, 2005)]
    start = threading.Barrier(4)

    def try_to(path: Path) -> str:
        staged = prepare(schools, path)
        start.wait()
        try:
            return store.go_online(staged).id
        except SupersededError:
            return ""

    with ThreadPoolExecutor(4) as pool:
        won = [identifier for identifier in pool.map(try_to, files) if identifier]
    assert won == [online(schools).id]


def test_a_lock_that_is_held_is_said_and_one_left_by_the_dead_is_not_in_the_way(
    schools: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = schools.publications / ".lock"
    program = (
        "import filelock, sys; lock = filelock.FileLock(sys.argv[1]); lock.acquire();"
        "print(1, flush=True);"
        "input()"
    )
    staged = prepare(schools, wave(schools, 2001))
    monkeypatch.setattr(history, "PATIENCE", 0.1)
    with subprocess.Popen(
        [sys.executable, "-c", program, str(lock)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None and other.stdout.readline() == "1\n"
        with pytest.raises(SupersededError, match="somebody else is publishing; try again"):
            history.switch(staged)
        other.kill()
    assert lock.exists()
    assert history.switch(staged).name == history.current(schools)


# --- back, and back again -------------------------------------------------------------------------


def test_one_step_back_brings_figures_and_respondents_back(schools: Home) -> None:
    first = online(schools)
    later = publish(schools, [wave(schools, 2001)])
    assert history.rollback(schools, by="bob@example.org").id == first.id
    assert online(schools).id == first.id
    # The next wave comes to what is on screen, not to what was undone.
    assert sizes(publish(schools, [wave(schools, 2002)])) == {2000: 200, 2002: 100}
    history.rollback(schools, later.id)
    assert sizes(online(schools)) == {2000: 200, 2001: 100}
    assert [(e["action"], e["who"]) for e in audit.events(schools)] == [
        ("publish", "anne@example.org"),
        ("publish", ""),
        ("rollback", "bob@example.org"),
        ("publish", ""),
        ("rollback", ""),
    ]


def test_the_database_of_what_is_online_has_one_name(
    schools: Home, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respondents() -> int:
        with duckdb.connect(schools.database, read_only=True) as con:
            [(count,)] = con.execute("select count(*) from respondents").fetchall()
        return int(count)

    first = online(schools)
    assert schools.database.readlink() == Path("respondents") / f"{first.id}.duckdb"
    assert respondents() == 200
    later = publish(schools, [wave(schools, 2001)])
    assert (schools.database.readlink().stem, respondents()) == (later.id, 300)
    history.rollback(schools)
    assert (schools.database.readlink().stem, respondents()) == (first.id, 200)
    # Where there can be no link there is none, and publishing goes on.
    with monkeypatch.context() as patch:
        patch.setattr(Path, "symlink_to", _refused)
        assert online(schools).id != publish(schools, [wave(schools, 2002)]).id
    assert not list(schools.data.glob(".*.partial"))
    # What somebody put there is theirs.
    schools.database.unlink()
    schools.database.write_text("mine")
    publish(schools, [wave(schools, 2003)])
    assert schools.database.read_text() == "mine"
    assert "left as it is" in caplog.text


def _refused(*_: object) -> None:
    raise OSError("no link can be made here")


def test_there_is_no_way_back_beyond_the_first_nor_to_what_is_not_there(schools: Home) -> None:
    with pytest.raises(PublicationError, match="no earlier publication"):
        history.rollback(schools)
    with pytest.raises(PublicationError, match="no such publication here"):
        history.rollback(schools, "../publications")
    with pytest.raises(PublicationError, match="online already"):
        history.rollback(schools, history.current(schools))


def test_the_first_real_wave_replaces_the_demonstration_which_can_come_back(tmp_path: Path) -> None:
    built = shutil.ignore_patterns(
        "barometer.duckdb*", "respondents", "audit.jsonl", "publications", "waves"
    )
    shutil.copytree(SCHOOLS, tmp_path / "home", ignore=built)
    home = Home(tmp_path / "home")
    (home.data / "waves").mkdir()
    for year in (1998, 1999):
        path = wave(home, year, provenance="synthetic")
        path.rename(home.data / "waves" / path.name)
    assert publish(home).synthetic
    staged = prepare(home, wave(home, 2001))
    after = Publication(staged.folder)
    assert [(c.year, c.what) for c in history.changes(
        online(home).manifest["waves"], after.manifest["waves"]
    )] == [(1998, "removed"), (1999, "removed"), (2001, "added")]  # fmt: skip
    assert after.manifest["notes"] == [
        "The synthetic demonstration waves are replaced by the survey's."
    ]
    real = store.go_online(staged)
    again = store.demonstrate(home, by="anne@example.org")
    assert again.synthetic and again.years == [1998, 1999]
    assert audit.events(home)[-1]["action"] == "demonstration"
    assert history.rollback(home).id == real.id


def test_the_oldest_go_by_the_policy_and_readers_keep_what_they_hold(schools: Home) -> None:
    held = online(schools)
    (schools.data / "settings.toml").write_text("[publications]\nkeep = 3\n")
    for year in range(2001, 2006):
        publish(schools, [wave(schools, year)])
    kept = [entry.id for entry in history.entries(schools)]
    assert len(kept) == 3
    assert sorted(p.stem for p in schools.databases.glob("*.duckdb")) == sorted(kept)
    assert held.id not in kept
    assert len(held.strata) == 3 and held._cells("awards")
    (schools.data / "settings.toml").write_text("[publications]\nkeep = 1\n")
    with pytest.raises(PublicationError, match="expected a number from 2"):
        history.keep(schools)


def test_what_was_begun_long_ago_is_swept_away(schools: Home) -> None:
    staged = prepare(schools, wave(schools, 2001))
    aside = [schools.data / f"{history.ASIDE}{name}" for name in ("killed", "working")]
    for folder in aside:
        folder.mkdir()
        (folder / "part").touch()
    old = (staged.folder, staged.database, *staged.folder.rglob("*"))
    for path in (*old, *aside, aside[0] / "part"):
        os.utime(path, (1, 1))
    fresh = prepare(schools, wave(schools, 2002))
    publish(schools, [wave(schools, 2003)])
    assert not staged.folder.exists() and not staged.database.exists()
    assert fresh.folder.exists() and fresh.database.exists()
    assert [folder.exists() for folder in aside] == [False, True]


def test_respondents_that_are_gone_are_asked_for_rather_than_forgotten(schools: Home) -> None:
    shutil.rmtree(schools.databases)
    with pytest.raises(PublicationError, match=r"publish the files of all waves together, 2000"):
        publish(schools, [wave(schools, 2001)])
    assert sizes(publish(schools, [wave(schools, 2001), *schools.wave_files()])) == {
        2000: 200,
        2001: 100,
    }


# --- whatever happens, one publication or the other -----------------------------------------------


class Publisher:
    """A process that publishes in children of its own: see tests/publisher.py."""

    def __init__(self, home: Home) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROJECT / "tests" / "publisher.py"), str(home.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        assert self._line() == "ready"

    def ask(
        self, what: str, argument: object, patience: float = 0, limit: int = 0, user: int = 0
    ) -> tuple[int, str]:
        """Status and sentence; killed after `patience` seconds, if any."""
        assert self.process.stdin
        print(json.dumps([what, str(argument), limit, user]), file=self.process.stdin, flush=True)
        child = int(self._line())
        if patience:
            time.sleep(patience)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        status, said = json.loads(self._line())
        return status, said

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture
def publisher(schools: Home) -> Iterator[Publisher]:
    process = Publisher(schools)
    yield process
    process.close()


def timed(act: Callable[[], tuple[int, str]]) -> float:
    began = time.perf_counter()
    assert act() == (0, "")
    return time.perf_counter() - began


def copy_of(staged: history.Staged, number: int) -> history.Staged:
    """The same prepared publication under another name."""
    copy = history.Staged(staged.home, f"{staged.id}{number}", None, "killed")
    shutil.copytree(staged.folder, copy.folder)
    shutil.copy(staged.database, copy.database)
    return copy


def test_a_publisher_killed_at_any_moment_leaves_one_publication_or_the_other(
    schools: Home, publisher: Publisher
) -> None:
    """SIGKILL, KILLS times: a quarter over all of a publication, the rest over its switch."""
    chance, readers = random.Random(6), Publications(schools)
    files = {n: wave(schools, 2001, keep=n) for n in (60, 61)}
    ready = {n: prepare(schools, path) for n, path in files.items()}
    whole = min(timed(lambda n=n: publisher.ask("publish", files[n])) for n in (60, 61))
    copies = [copy_of(ready[60 + number % 2], number) for number in range(4)]
    switch = min(timed(lambda c=c: publisher.ask("switch", c.id)) for c in copies)
    killed = finished = 0
    n = sizes(online(schools))[2001]
    for number in range(KILLS):
        wanted = 121 - n
        if number % 4:
            argument, what, time_it_takes = copy_of(ready[wanted], 10 + number).id, "switch", switch
        else:
            argument, what, time_it_takes = files[wanted], "publish", whole
        status, _ = publisher.ask(what, argument, time_it_takes * chance.uniform(0.05, 1.1))
        seen = readers.current()
        assert seen is not None
        folder = schools.publications / (history.current(schools) or "")
        for name, digest in seen.manifest["files"].items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        assert history.database(schools, folder.name) is not None
        assert sizes(seen) in ({2000: 200, 2001: n}, {2000: 200, 2001: wanted})
        assert int(seen.strata[seen.strata["year"] == 2001]["n"].sum()) == sizes(seen)[2001]
        if status == 0:
            assert sizes(seen)[2001] == wanted
        killed, finished = killed + (status != 0), finished + (sizes(seen)[2001] == wanted)
        n = sizes(seen)[2001]
    assert killed > KILLS / 3, "too few were killed before they ended"
    assert finished > KILLS / 20, "too few came to the switch"
    assert sizes(publish(schools, [files[60]])) == {2000: 200, 2001: 60}


def state(home: Home) -> dict[str, bytes]:
    """Every file of the data that readers and owners have."""
    return {
        str(path.relative_to(home.data)): path.read_bytes()
        for path in sorted(home.data.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_a_full_disk_is_a_sentence_and_changes_nothing(schools: Home, publisher: Publisher) -> None:
    """No file may grow beyond some bytes: what writes more fails, as on a disk without room."""
    path, before = wave(schools, 2001), state(schools)
    for size in (1, 4096, 30_000, 200_000, 800_000):
        status, said = publisher.ask("publish", path, limit=size)
        assert status == 0, "a signal ended it"
        assert "nothing was published: " in said and "\n" not in said
        assert state(schools) == before
    staged = prepare(schools, path)
    assert "nothing was changed: " in publisher.ask("switch", staged.id, limit=1)[1]
    staged.discard()
    assert state(schools) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody who may not write")
def test_a_folder_that_cannot_be_written_is_a_sentence_and_changes_nothing(
    schools: Home, publisher: Publisher
) -> None:
    path, before = wave(schools, 2001), state(schools)
    for folder in (*schools.folder.parents[:-2], *schools.folder.rglob("*")):
        folder.chmod(0o755)
    status, said = publisher.ask("publish", path, user=65534)
    assert status == 0
    assert "nothing was published: " in said
    assert state(schools) == before
