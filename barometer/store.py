"""The only user of DuckDB: build publications from wave files, and open the current one."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from barometer import codebook as codebooks
from barometer import engine as engines
from barometer import history
from barometer.cells import SUMS, Cells, Levels, Profiles, Selection, Sums
from barometer.codebook import YEAR, Codebook
from barometer.engine import Engine
from barometer.history import CURRENT, PublicationError, Staged, SupersededError
from barometer.home import Home
from barometer.incoming import Incoming, coded_lists
from barometer.intake import SURVEY, SYNTHETIC, Fault, FaultyFile, Wave, check, draft_of, read
from barometer.intake.parts import check_parts, is_large
from barometer.kept import forget, kept
from barometer.summing import (
    OFTEN,
    Settings,
    decoded,
    forms,
    no_item_twice,
    run,
    sum_cells,
)

__all__ = [
    "Engine",
    "Home",
    "Publication",
    "PublicationError",
    "Publications",
    "Staged",
    "SupersededError",
    "demonstrate",
    "go_online",
    "prepare",
    "prepare_demonstration",
    "prepare_files",
    "publish",
]

TABLES = {
    "cells": "indicator, item, profile_id",
    "profiles": "profile_id",
    "strata": "year, stratum",
}
OWN: Settings = {"autoinstall_known_extensions": "false", "preserve_insertion_order": "false"}
SERVED: Settings = {
    "threads": 1,
    "memory_limit": "1GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
INDICATORS_KEPT = 32  # indicators whose cells stay in memory as arrays, 64 bytes a cell
SUMS_KEPT = 192  # selections whose sums stay in memory, some 100 kB each
MEMORY = 2 * 2**30  # bytes that a publication may take while it is made
IN_DATABASE = 0.25  # of them for the database of respondents,
IN_PARTS = 0.45  # for the parts that are summed; the rest is for Python and its libraries
SHOWN = 8  # places where a rule fails
log = logging.getLogger(__name__)
Bases = list[tuple[tuple[str, ...], pd.DataFrame]]
Progress = Callable[[float, str], object]
Look = Callable[[Path, Wave, npt.NDArray[np.int64]], object]


def _unseen(path: Path, part: Wave, rows: npt.NDArray[np.int64]) -> None:
    """Respondents that nobody looks at."""


# --- publishing ---------------------------------------------------------------------------------


def publish(
    home: Home,
    files: Sequence[Path] = (),
    progress: Progress = lambda share, step: None,
    *,
    by: str = "",
    memory: int = MEMORY,
) -> Publication:
    """Check files, store them, and make a new publication of every wave current.

    No files means those of data/waves. A wave replaces the one of its year; the first wave of a
    real survey replaces the synthetic ones, which never come back beside it. `by` is who publishes.
    Raises CodebookError, FaultyFile or PublicationError; whatever fails, the respondents and the
    current publication stay as they were.
    """
    return go_online(prepare_files(home, files, progress, by=by, memory=memory), progress)


def prepare_files(
    home: Home,
    files: Sequence[Path] = (),
    progress: Progress = lambda share, step: None,
    *,
    by: str = "",
    memory: int = MEMORY,
    engine: Engine | None = None,
    look: Look = _unseen,
) -> Staged:
    """What `publish` would put online, not online yet. Raises as `publish` does.

    `look` is shown the respondents of each file, in parts where it is large, with their rows there.
    `engine` is the cluster that sums the cells, DuckDB where there is none.
    `memory` is what it may take, in bytes, or so: a large file is read in parts, and what the
    database cannot hold goes to disk.
    """
    book = codebooks.load(home.data)
    paths = list(files) or home.wave_files()
    if not paths and history.current(home) is None:
        raise PublicationError(f"{home.data / 'waves'}: there is no wave file here; add one")
    try:
        parts = tempfile.TemporaryDirectory(prefix=history.ASIDE, dir=home.data)
    except OSError as fault:
        raise PublicationError(f"{home.data}: nothing was published: {_reason(fault)}") from None
    with parts as aside:
        waves = _checked(paths, book, progress, Path(aside), look)
        return prepare(home, book, waves, progress, by=by, memory=memory, engine=engine)


def demonstrate(
    home: Home, progress: Progress = lambda share, step: None, *, by: str = ""
) -> Publication:
    """Bring the demonstration back: the waves of data/waves alone, whatever is online.

    What was online stays in the history. Raises as `publish` does.
    """
    return go_online(prepare_demonstration(home, progress, by=by), progress)


def prepare_demonstration(
    home: Home, progress: Progress = lambda share, step: None, *, by: str = ""
) -> Staged:
    """The demonstration, not online yet: to look at what it changes. Raises as `publish` does."""
    book, paths = codebooks.load(home.data), home.wave_files()
    if not paths:
        raise PublicationError(f"{home.data / 'waves'}: no wave of the demonstration is here")
    with tempfile.TemporaryDirectory(prefix="barometer-") as aside:
        waves = _checked(paths, book, progress, Path(aside), _unseen)
        return prepare(home, book, waves, progress, by=by, afresh=True)


def prepare(
    home: Home,
    book: Codebook,
    waves: Sequence[Wave],
    progress: Progress = lambda share, step: None,
    *,
    by: str = "",
    afresh: bool = False,
    memory: int = MEMORY,
    engine: Engine | None = None,
) -> Staged:
    """Build and verify a publication beside the one online, which stays online.

    `waves` come to those of the current publication, or stand alone where `afresh`; `by` is who
    publishes. Raises PublicationError; nothing is left then.
    """
    created = datetime.now(UTC)
    moment = f"{created:%Y%m%d-%H%M%S}{created.microsecond // 1000:03}"
    staged = Staged(home, f"{moment}-{secrets.token_hex(4)}", history.current(home), by, afresh)
    try:
        _build(staged, book, list(waves), progress, created, memory, engine)
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as fault:
        staged.discard()
        raise PublicationError(f"{home.data}: nothing was published: {_reason(fault)}") from None
    except BaseException:
        staged.discard()
        raise
    return staged


def go_online(staged: Staged, progress: Progress = lambda share, step: None) -> Publication:
    """Put what was prepared online, in one step for every reader.

    Raises SupersededError where another publication went online since it was prepared, and
    PublicationError where the folder cannot be written; what was prepared is then thrown away.
    """
    try:
        folder = history.switch(staged)
    except PublicationError:
        staged.discard()
        raise
    progress(1.0, folder.name)
    return Publication(folder)


def _reason(fault: Exception) -> str:
    """What the system said, without the path of a temporary file."""
    return fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)


def _checked(
    paths: Sequence[Path], book: Codebook, progress: Progress, aside: Path, look: Look
) -> list[Wave]:
    """The waves of the files, large ones in `aside`. Raises FaultyFile with the faults of all."""
    waves: list[Wave] = []
    faults: list[Fault] = []
    for number, path in enumerate(paths):

        def show(part: float, number: int = number, path: Path = path) -> None:
            progress(0.4 * (number + part) / len(paths), path.name)

        show(0.0)
        try:
            if is_large(path):
                here = partial(look, path)
                waves.append(check_parts(path, book, aside / str(number), show, here))
            else:
                wave, rows = _small(path, book)
                look(path, wave, rows)
                waves.append(wave)
        except FaultyFile as faulty:
            faults += faulty.faults
    if faults:
        raise FaultyFile(faults)
    return waves


def _small(path: Path, book: Codebook) -> tuple[Wave, npt.NDArray[np.int64]]:
    """The wave of a file that fits in memory, of any format, and its rows. Raises FaultyFile."""
    if path.suffix.lower() == ".csv":
        text = read(path, book.limits)
        return check(text, book), text.rows
    draft = draft_of(path, book)
    return draft.wave(book), draft.text().rows


def _build(
    staged: Staged,
    book: Codebook,
    waves: list[Wave],
    progress: Progress,
    created: datetime,
    memory: int,
    engine: Engine | None,
) -> None:
    """A database of respondents and a folder of their cells, from those of the base."""
    home = staged.home
    home.publications.mkdir(parents=True, exist_ok=True)
    home.databases.mkdir(mode=0o700, parents=True, exist_ok=True)
    if staged.base is not None and not staged.afresh:
        _copy_respondents(home, staged, {year for wave in waves for year in wave.years})
    with _opened(staged.database, memory) as con:
        notes = _store(con, waves, book, progress)
        _write(con, staged, book, notes, created, progress, memory, engine)


def _copy_respondents(home: Home, staged: Staged, incoming: set[int]) -> None:
    """Start from the respondents of the current publication."""
    held = history.database(home, staged.base)
    if held is not None:
        shutil.copyfile(held, staged.database)
        return
    entry = next((e for e in history.entries(home) if e.current), None)
    missing = sorted({int(wave[YEAR]) for wave in entry.waves} - incoming) if entry else []
    if missing:
        raise PublicationError(
            f"{home.databases}: the respondents of the publication online are not here;"
            f" publish the files of all waves together, {', '.join(map(str, missing))} too"
        )


def _opened(database: Path, memory: int) -> duckdb.DuckDBPyConnection:
    limit = f"{int(memory * IN_DATABASE / 2**20)}MiB"
    try:
        return duckdb.connect(str(database), config=OWN | {"memory_limit": limit})
    except duckdb.IOException:
        if not database.exists():  # it cannot be written at all
            raise
        raise PublicationError(
            f"{database.parent}: the respondents of the publication online cannot be opened;"
            " publish the files of all waves together after moving them away"
        ) from None


def _store(
    con: duckdb.DuckDBPyConnection, waves: list[Wave], book: Codebook, progress: Progress
) -> list[str]:
    """Bring the waves in; the sentences say what was assumed or replaced."""
    run(con, "schema")
    if run(con, "lists_stored").fetchall()[0][0]:
        _number_lists(con)
    held = dict(run(con, "waves_held").fetchall())
    waves, notes = _real_first(waves, held)
    _no_year_twice(waves)
    notes += [f"{wave.file}: {note}" for wave in waves for note in wave.notes]
    leaving = {year for wave in waves for year in wave.years}
    if SURVEY in map(_provenance, waves):
        synthetic = {year for year, provenance in held.items() if provenance == SYNTHETIC}
        if synthetic:
            notes.append("The synthetic demonstration waves are replaced by the survey's.")
        leaving |= synthetic
    run(con, "replace", years=sorted(leaving))
    staying = held.keys() - leaving
    if waves:
        incoming = Incoming(waves, *run(con, "next_ids").fetchall()[0])
        _fit_answers(con, incoming, bool(staying))
        _load(con, incoming, progress)
    con.register("declared_items", _declared_items(book))
    con.register("declared_questions", _declared_questions(book))
    run(con, "declare")
    return notes


def _load(con: duckdb.DuckDBPyConnection, incoming: Incoming, progress: Progress) -> None:
    """Store what comes in, in a thread; where it is interrupted, the thread does not go on."""
    for name, rows in incoming.tables().items():
        con.register(f"incoming_{name}", rows)

    def bring() -> None:
        run(con, "load_ways")
        incoming.same(run(con, "same_ways").to_arrow_table())
        run(con, "load")

    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(bring)
        try:
            while not work.done():
                progress(0.4 + 0.2 * incoming.share, incoming.file)
                wait([work], OFTEN)
            work.result()
        finally:
            while not work.done():
                con.interrupt()
                wait([work], OFTEN)


def _real_first(waves: list[Wave], held: dict[int, str]) -> tuple[list[Wave], list[str]]:
    """The waves to bring in: synthetic ones only while there is no real one."""
    if SURVEY not in {*held.values(), *map(_provenance, waves)}:
        return waves, []
    real = [wave for wave in waves if _provenance(wave) == SURVEY]
    left_out = [wave.file for wave in waves if wave not in real]
    if not left_out:
        return real, []
    return real, [f"Left out, synthetic beside the survey's waves: {', '.join(left_out)}"]


def _provenance(wave: Wave) -> str:
    return str(wave.waves.column("provenance")[0].as_py())


def _no_year_twice(waves: Iterable[Wave]) -> None:
    seen: dict[int, str] = {}
    for wave in waves:
        for year in wave.years:
            if year in seen:
                raise PublicationError(
                    f"{wave.file}: the wave {year} is in {seen[year]} already; give it once"
                )
            seen[year] = wave.file


def _number_lists(con: duckdb.DuckDBPyConnection) -> None:
    """Respondents who were stored with the lists that they answered: as if they came again."""
    answers = coded_lists(con.table("answers").to_arrow_table())
    run(con, "drop_lists")
    some = {
        name: con.table(name).limit(0).to_arrow_table()
        for name in ("respondents", "profiles", "asked", "waves")
    }
    stored = Incoming([Wave("", answers=answers, notes=(), **some)], 0, 0, 1)
    _fit_answers(con, stored, False)
    _load(con, stored, lambda share, step: None)


def _fit_answers(con: duckdb.DuckDBPyConnection, incoming: Incoming, waves_stay: bool) -> None:
    """Give the table of responses, and its view of answers, the columns of the codebook now."""
    con.register("incoming_responses", incoming.no_responses())
    rows = con.from_arrow(incoming.no_answers())
    lists = forms(rows)
    if waves_stay:
        lists = forms(con.table("answers")) | lists
        _add_questions(con, rows)
    else:
        run(con, "forget_answers")
    decoded(con, lists).create_view("answers")


def _add_questions(con: duckdb.DuckDBPyConnection, incoming: duckdb.DuckDBPyRelation) -> None:
    """Make room for questions that are new. Raises PublicationError where one changed its form."""
    stored = con.table("answers")
    kinds = dict(zip(stored.columns, map(str, stored.types), strict=True))
    wanted = dict(zip(incoming.columns, map(str, incoming.types), strict=True))
    for question in wanted.keys() & kinds.keys():
        if kinds[question] != wanted[question]:
            raise PublicationError(
                f"question {question}: the waves stored before were answered in another form;"
                " publish the files of all waves together"
            )
    if wanted.keys() - kinds.keys():
        run(con, "answers")


def _declared_items(book: Codebook) -> pa.Table:
    rows = [
        {
            "indicator": indicator.code,
            "item": item.code,
            "parent": item.parent,
            "measure": indicator.measure,
            "position": position,
        }
        for indicator in book.indicators
        for position, item in enumerate(indicator.items)
    ]
    texts = [(name, pa.string()) for name in ("indicator", "item", "parent", "measure")]
    return pa.Table.from_pylist(rows, pa.schema([*texts, ("position", pa.int32())]))


def _declared_questions(book: Codebook) -> pa.Table:
    rows = [
        {"indicator": indicator.code, "question": question}
        for indicator in book.indicators
        for question in indicator.questions
    ]
    texts = [(name, pa.string()) for name in ("indicator", "question")]
    return pa.Table.from_pylist(rows, pa.schema(texts))


def _write(
    con: duckdb.DuckDBPyConnection,
    staged: Staged,
    book: Codebook,
    notes: list[str],
    created: datetime,
    progress: Progress,
    memory: int,
    engine: Engine | None,
) -> None:
    """Write and verify the folder of a publication; the manifest comes last."""
    home, folder = staged.home, staged.folder
    _sum_cells(con, home, book, progress, memory, engine)
    run(con, "strata")
    if failed := run(con, "verify").fetchall():
        raise PublicationError(f"These checks failed, nothing was published:\n{_by_rule(failed)}")
    if unasked := [row[0] for row in run(con, "unasked").fetchall()]:
        notes.append(
            f"No wave asks these indicators, which shows where they stand: {', '.join(unasked)}."
        )
    folder.mkdir()
    progress(0.9, "cells.parquet")
    for table, order in TABLES.items():
        con.table(table).order(order).write_parquet(
            str(folder / f"{table}.parquet"), compression="zstd"
        )
    manifest = {
        "id": staged.id,
        "created": created.isoformat(timespec="seconds"),
        "by": staged.by,
        "waves": run(con, "wave_summary").df().to_dict("records"),
        "lonely_strata": [list(row) for row in run(con, "lonely_strata").fetchall()],
        "notes": notes,
        "warnings": [],
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.iterdir())
        },
    }
    (folder / "codebook.json").write_text(book.model_dump_json(indent=1), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _by_rule(failed: list[tuple[str, str]]) -> str:
    """One line a rule, with the first places where it fails."""
    places: dict[str, list[str]] = {}
    for rule, detail in failed:
        places.setdefault(rule, []).append(detail)
    return "\n".join(
        f"- {rule}: {', '.join(details[:SHOWN])}{', …' if len(details) > SHOWN else ''}"
        for rule, details in places.items()
    )


def _sum_cells(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    book: Codebook,
    progress: Progress,
    memory: int,
    engine: Engine | None,
) -> None:
    """Sum the table of cells, here or on a cluster."""
    run(con, "cells_table")
    queries = {code: home.indicators / f"{code}.sql" for code in book.by_indicator}
    no_item_twice(con, queries)

    def show(share: float, step: str) -> None:
        progress(0.6 + 0.3 * share, step)

    room = int(memory * IN_PARTS)
    with tempfile.TemporaryDirectory(prefix=history.ASIDE, dir=home.data) as aside:
        if engine is None:
            sum_cells(con, queries, book, Path(aside), room, show)
        else:
            engines.sum_cells(con, queries, book, engine, Path(aside), room, show)


# --- reading ------------------------------------------------------------------------------------


class Publication:
    """One publication in memory: its codebook, its manifest and its cells."""

    def __init__(self, folder: Path) -> None:
        try:
            self.codebook = Codebook.model_validate_json(
                (folder / "codebook.json").read_text(encoding="utf-8")
            )
            self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            self._con = duckdb.connect(":memory:", config=SERVED)
            run(self._con, "open", **{t: str(folder / f"{t}.parquet") for t in TABLES})
            self.id: str = self.manifest["id"]
            self.strata: pd.DataFrame = run(self._con.cursor(), "strata_of").df()
            self._profile_ids, self._profiles = self._read_profiles()
        except (OSError, ValueError, KeyError, duckdb.Error) as fault:
            raise PublicationError(
                f"{folder}: this publication cannot be opened; publish again ({fault})"
            ) from fault

    @property
    def years(self) -> list[int]:
        """Years of the waves, in order."""
        return [int(wave[YEAR]) for wave in self.manifest["waves"]]

    @property
    def synthetic(self) -> bool:
        """Whether any wave is of the synthetic demonstration."""
        return any(wave["provenance"] == SYNTHETIC for wave in self.manifest["waves"])

    def rollup(self, selection: Selection) -> pd.DataFrame:
        """Cells of a selection, summed per item, group, year and stratum, as a data frame.

        Columns: item, the dimensions of `by` (None where respondents have no level), year, stratum
        and the SUMS. Order as in `Cells.summed`.
        """
        return self.sums(selection).frame(self.strata)

    @kept(SUMS_KEPT)
    def sums(self, selection: Selection) -> Sums:
        """Sums of a selection: read them, never change them."""
        return self._cells(selection.indicator).summed(self._profiles, selection)

    @kept(INDICATORS_KEPT)
    def bases(self, indicator: str) -> Bases:
        """Items of an indicator that share one base, and who is in it: see `Cells.bases`."""
        return self._cells(indicator).bases(self._profiles)

    @kept(INDICATORS_KEPT)
    def _cells(self, indicator: str) -> Cells:
        rows = run(self._con.cursor(), "cells_of", indicator=indicator).to_arrow_table()
        item = rows.column("item").combine_chunks().dictionary_encode()
        items = tuple(sorted(item.dictionary.to_pylist()))
        place = np.array([items.index(code) for code in item.dictionary.to_pylist()], np.int32)
        profile = np.searchsorted(self._profile_ids, rows.column("profile_id").to_numpy())
        sums = np.empty((rows.num_rows, len(SUMS)))
        for position, name in enumerate(SUMS):
            sums[:, position] = rows.column(name).to_numpy()
        return Cells(items, place[item.indices.to_numpy()], profile.astype(np.int32), sums)

    def _read_profiles(self) -> tuple[npt.NDArray[np.int64], Profiles]:
        """Identifiers of the profiles, in order, and the profiles in the same order."""
        dimensions = list(self.codebook.by_dimension)
        rows = run(self._con.cursor(), "profiles_of", dimensions=dimensions).to_arrow_table()
        ids, years, strata, levels = (rows.column(name) for name in rows.column_names)
        of_stratum = zip(self.strata[YEAR], self.strata["stratum"], strict=True)
        place = {key: position for position, key in enumerate(of_stratum)}
        stratum = [place[key] for key in zip(years.to_pylist(), strata.to_pylist(), strict=True)]
        named = zip(dimensions, zip(*levels.to_pylist(), strict=True), strict=True)
        known = {name: Levels.of(texts) for name, texts in named}
        known[YEAR] = Levels.of([str(year) for year in years.to_pylist()])
        return ids.to_numpy(), Profiles(self.strata, np.array(stratum, dtype=np.int64), known)


Version = tuple[int, int]  # of the file that names the publication: another file, another moment
NO_VERSION = (0, 0)
AGAIN = 10.0  # seconds until a publication that could not be opened is tried again


class Publications:
    """The current publication of a home, opened once and noticed anew when it is switched."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._lock = threading.Lock()
        self._seen: tuple[Version, Publication] | None = None
        self._refused: tuple[Version, float] | None = None  # could not be opened, and when

    def named(self, identifier: str) -> Publication | None:
        """An earlier publication, None where it is not here any more, or cannot be read."""
        known = {path.parent.name for path in self.home.publications.glob("*/manifest.json")}
        if identifier not in known:
            return None
        try:
            return Publication(self.home.publications / identifier)
        except PublicationError:
            return None

    def current(self) -> Publication | None:
        """The current publication, None where none was made: one stat when nothing changed.

        What it returns stays whole for as long as the caller holds it, whatever is published next.
        Where the next cannot be opened, the one that was online stays, and the log says why.
        """
        pointer = self.home.publications / CURRENT
        while True:
            try:
                stat = pointer.stat()
            except OSError as fault:
                return self._without_name(fault)
            version = (stat.st_ino, stat.st_mtime_ns)
            with self._lock:
                if self._seen is not None and self._seen[0] == version:
                    return self._seen[1]
                if self._seen is not None and self._just_refused(version):
                    return self._seen[1]
                identifier = history.current(self.home) or ""
                try:
                    opened = Publication(self.home.publications / identifier)
                except PublicationError as fault:
                    if history.current(self.home) != identifier:
                        continue  # it went out of the history meanwhile: take the next one
                    if self._seen is None:
                        raise
                    return self._stays(self._seen[1], version, fault)
                if self._seen is not None:
                    forget()  # or the former, some 100 MB, would stay in memory with it
                self._seen = (version, opened)

    def _without_name(self, fault: OSError) -> Publication | None:
        """What is shown where no name can be read: what was, if anything was."""
        with self._lock:
            if self._seen is None:
                if isinstance(fault, FileNotFoundError):
                    return None
                raise fault
            if self._just_refused(NO_VERSION):
                return self._seen[1]
            return self._stays(self._seen[1], NO_VERSION, fault)

    def _stays(self, shown: Publication, version: Version, fault: Exception) -> Publication:
        """What is on screen, where what follows it was refused: the log says why."""
        log.error("%s stays on screen: %s", shown.id, fault)
        self._refused = (version, time.monotonic())
        return shown

    def _just_refused(self, version: Version) -> bool:
        """Whether this version could not be opened a moment ago: its files may still arrive."""
        if self._refused is None or self._refused[0] != version:
            return False
        return time.monotonic() - self._refused[1] < AGAIN
