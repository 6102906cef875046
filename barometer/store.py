"""The only user of DuckDB: build publications from wave files, and open the current one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from barometer import codebook as codebooks
from barometer.cells import Selection
from barometer.codebook import YEAR, Codebook
from barometer.estimates import SUMS
from barometer.intake import Wave, check, read

PROJECT = Path(__file__).resolve().parent.parent
QUERIES = PROJECT / "queries"
CURRENT = "current"
TABLES = {"cells": "indicator, item, profile_id", "profiles": "profile_id", "strata": "year, stratum"}
SERVED = {
    "threads": 1,
    "memory_limit": "1GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
ROLLUPS_KEPT = 512  # selections whose sums stay in memory, a few kilobytes each
Progress = Callable[[float, str], None]


class PublicationError(RuntimeError):
    """A publication that failed its checks or is not there; the message says what to do."""


@dataclass(frozen=True)
class Home:
    """The folder of a barometer: its own data/ and queries/indicators/."""

    folder: Path

    @classmethod
    def at(cls, folder: str | os.PathLike[str] | None = None) -> Home:
        """The home at a folder, else at BAROMETER_HOME, else the project itself."""
        return cls(Path(folder or os.environ.get("BAROMETER_HOME") or PROJECT).resolve())

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def database(self) -> Path:
        return self.data / "barometer.duckdb"

    @property
    def publications(self) -> Path:
        return self.data / "publications"

    @property
    def indicators(self) -> Path:
        return self.folder / "queries" / "indicators"

    def wave_files(self) -> list[Path]:
        """The wave files that come with the barometer, by name."""
        return sorted((self.data / "waves").glob("*.csv"))


def run(con: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> duckdb.DuckDBPyConnection:
    """Run a file of queries/, statement by statement; the last one's rows can be fetched.

    A statement takes the parameters that it names, out of those given.
    """
    text = (QUERIES / f"{query}.sql").read_text(encoding="utf-8")
    for statement in con.extract_statements(text):
        names = statement.named_parameters
        con.execute(statement, {name: parameters[name] for name in names})
    return con


# --- publishing ---------------------------------------------------------------------------------


def publish(home: Home, files: Sequence[Path] = (), progress: Progress = lambda share, step: None) -> Publication:
    """Check files, store them, and make a new publication of every wave current.

    No files means those of data/waves. A wave replaces the one of its year; the first wave of a
    real survey replaces the synthetic ones. Raises CodebookError, FaultyFile or PublicationError;
    whatever fails, the database and the current publication stay as they were.
    """
    book = codebooks.load(home.data)
    paths = list(files) or home.wave_files()
    if not paths:
        raise PublicationError(f"{home.data / 'waves'}: there is no wave file here; add one")
    waves = []
    for number, path in enumerate(paths):
        progress(0.4 * number / len(paths), path.name)
        waves.append(check(read(path), book))
    _no_year_twice(waves)
    home.publications.mkdir(parents=True, exist_ok=True)
    try:
        con = duckdb.connect(str(home.database), config={"autoinstall_known_extensions": "false"})
    except duckdb.IOException as fault:
        raise PublicationError(f"{home.database}: another process is publishing, or the file cannot be written ({fault})") from None
    with con:
        con.begin()
        try:
            notes = _store(con, waves, book, progress)
            folder = _build(con, home, book, notes, progress)
        except BaseException:
            con.rollback()
            raise
        con.commit()
    _make_current(home, folder.name)
    progress(1.0, folder.name)
    return Publication(folder)


def _no_year_twice(waves: Iterable[Wave]) -> None:
    seen: dict[int, str] = {}
    for wave in waves:
        for year in wave.years:
            if year in seen:
                raise PublicationError(f"{wave.file}: the wave {year} is in {seen[year]} already; give it once")
            seen[year] = wave.file


def _store(con: duckdb.DuckDBPyConnection, waves: list[Wave], book: Codebook, progress: Progress) -> list[str]:
    """Bring the waves in; the sentences say what was assumed or replaced."""
    notes = [f"{wave.file}: {note}" for wave in waves for note in wave.notes]
    run(con, "schema")
    con.register("incoming_answers", waves[0].answers)
    run(con, "answers")
    held = dict(run(con, "waves_held").fetchall())
    leaving = {year for wave in waves for year in wave.years}
    if any("survey" in wave.waves.column("provenance").to_pylist() for wave in waves):
        synthetic = {year for year, provenance in held.items() if provenance == "synthetic"}
        if synthetic - leaving:
            notes.append("The synthetic demonstration waves are replaced by the survey's.")
        leaving |= synthetic
    run(con, "replace", years=sorted(leaving))
    for number, wave in enumerate(waves):
        progress(0.4 + 0.2 * number / len(waves), wave.file)
        for name in ("waves", "profiles", "respondents", "answers", "asked"):
            con.register(f"incoming_{name}", getattr(wave, name))
        first_respondent, first_profile = run(con, "next_ids").fetchall()[0]
        run(con, "load", first_respondent=first_respondent, first_profile=first_profile)
    con.register("declared_items", _declared_items(book))
    run(con, "declare")
    return notes


def _declared_items(book: Codebook) -> pa.Table:
    rows = [
        {"indicator": i.code, "item": item.code, "parent": item.parent, "measure": i.measure, "position": position}
        for i in book.indicators
        for position, item in enumerate(i.items)
    ]
    schema = pa.schema([("indicator", pa.string()), ("item", pa.string()), ("parent", pa.string()), ("measure", pa.string()), ("position", pa.int32())])
    return pa.Table.from_pylist(rows, schema)


def _build(con: duckdb.DuckDBPyConnection, home: Home, book: Codebook, notes: list[str], progress: Progress) -> Path:
    """Write and verify a publication folder beside the others; it is not current yet."""
    _sum_cells(con, home, book, progress)
    run(con, "strata")
    if failed := run(con, "verify").fetchall():
        faults = "\n".join(f"- {rule}: {detail}" for rule, detail in failed)
        raise PublicationError(f"These checks failed, nothing was published:\n{faults}")
    created = datetime.now(UTC)
    waves = run(con, "wave_summary").df().to_dict("records")
    content = json.dumps([book.model_dump(), [wave["sha256"] for wave in waves]], sort_keys=True)
    identifier = f"{created:%Y%m%d-%H%M%S}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    folder = home.publications / identifier
    partial = home.publications / f".{identifier}.{os.getpid()}.partial"
    partial.mkdir()
    try:
        progress(0.9, "cells.parquet")
        for table, order in TABLES.items():
            con.table(table).order(order).write_parquet(
                str(partial / f"{table}.parquet"), compression="zstd"
            )
        manifest = {
            "id": identifier,
            "created": created.isoformat(timespec="seconds"),
            "waves": waves,
            "lonely_strata": [list(row) for row in run(con, "lonely_strata").fetchall()],
            "notes": notes,
            "files": {
                path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(partial.iterdir())
            },
        }
        (partial / "codebook.json").write_text(book.model_dump_json(indent=1), encoding="utf-8")
        (partial / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _sum_cells(
    con: duckdb.DuckDBPyConnection, home: Home, book: Codebook, progress: Progress
) -> None:
    """Run each indicator's own file, then the one aggregation, into the table of cells."""
    run(con, "cells_table")
    aggregation = (QUERIES / "cells.sql").read_text(encoding="utf-8")
    for number, code in enumerate(book.by_indicator):
        progress(0.6 + 0.3 * number / len(book.indicators), code)
        path = home.indicators / f"{code}.sql"
        try:
            con.sql(path.read_text(encoding="utf-8")).create_view("indicator_rows", replace=True)
            con.sql(aggregation, params={"indicator": code}).insert_into("cells")
        except FileNotFoundError:
            raise PublicationError(f"{path}: indicator {code} needs this file") from None
        except duckdb.Error as fault:
            raise PublicationError(f"{path}: this query fails: {fault}") from None


def _make_current(home: Home, identifier: str) -> None:
    """Switch the name of the current publication, in one step for every reader."""
    pointer = home.publications / CURRENT
    partial = pointer.with_name(f".{CURRENT}.{os.getpid()}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(identifier)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(pointer)


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
        except (OSError, ValueError, duckdb.Error) as fault:
            raise PublicationError(f"{folder}: this publication cannot be opened: {fault}") from fault
        self.id: str = self.manifest["id"]
        self.strata: pd.DataFrame = run(self._con.cursor(), "strata_of").df()
        # A method's own cache: a selection is summed once as long as the publication is served.
        self.rollup: Callable[[Selection], pd.DataFrame] = lru_cache(ROLLUPS_KEPT)(self._rollup)

    @property
    def years(self) -> list[int]:
        """Years of the waves, in order."""
        return [int(wave[YEAR]) for wave in self.manifest["waves"]]

    @property
    def synthetic(self) -> bool:
        """Whether any wave is of the synthetic demonstration."""
        return any(wave["provenance"] == "synthetic" for wave in self.manifest["waves"])

    def _rollup(self, selection: Selection) -> pd.DataFrame:
        """Cells of a selection, summed per item, group, year and stratum: read it, never change it.

        Columns: item, one for each dimension of `by` (None where respondents have no level),
        year, stratum and the sums of `estimates.SUMS`.
        """
        dimensions = [name for name, _ in selection.where]
        rows = run(
            self._con.cursor(),
            "rollup",
            indicator=selection.indicator,
            items=None if selection.items is None else list(selection.items),
            by=list(selection.by),
            dimensions=dimensions,
            levels=[list(levels) for _, levels in selection.where],
        ).df()
        for position, name in enumerate(selection.by):
            if name != YEAR:
                rows[name] = pd.Series([group[position] for group in rows["grp"]], dtype=object)
        return rows[[*dict.fromkeys([*selection.keys, YEAR, "stratum"]), *SUMS]]


class Publications:
    """The current publication of a home, opened once and noticed anew when it is switched."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._lock = threading.Lock()
        self._seen: tuple[tuple[int, int], Publication] | None = None

    def current(self) -> Publication | None:
        """The current publication, None where none was made: one stat when nothing changed.

        What it returns stays whole for as long as the caller holds it, whatever is published next.
        """
        pointer = self.home.publications / CURRENT
        try:
            stat = pointer.stat()
        except FileNotFoundError:
            return None
        version = (stat.st_ino, stat.st_mtime_ns)
        with self._lock:
            if self._seen is None or self._seen[0] != version:
                identifier = pointer.read_text(encoding="utf-8").strip()
                self._seen = (version, Publication(self.home.publications / identifier))
            return self._seen[1]
