"""Import of 100,000 respondents by format, against pandas merely reading the same file."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pyreadstat
import xlsxwriter

from barometer import codebook as codebooks
from barometer import intake
from benchmarks import servers
from benchmarks.measurement import Goal, Measurement

RESPONDENTS, COLUMNS = 100_000, 150
TURNS = 3
READERS: dict[str, Callable[[Path], Any]] = {
    "csv": pd.read_csv,
    "parquet": pd.read_parquet,
    "sav": lambda path: pd.read_spss(path, convert_categoricals=False),
    "dta": lambda path: pd.read_stata(path, convert_categoricals=False),
    "xlsx": lambda path: pd.read_excel(path, engine="calamine"),
}


def measure(folder: Path) -> list[Measurement]:
    """Seconds from a file to a checked wave: read in its own process, typed, every rule applied.

    The respondents are the demonstration's last wave, repeated under new names, in its first
    COLUMNS columns. The reader runs already, as on a server. The baseline is one call of pandas, in
    this process, which checks nothing. pandas and the import take turns, TURNS of each, and the
    goal is about the median of each: one turn alone swings by half, with what the system asks for
    fresh memory. The first turn, in which each pays what a first call of the format costs it, is
    told beside, and so is the processor time of all turns, that of the reading process with it:
    what others do on the machine, or a core more or less, moves that the least.
    """
    book = codebooks.load(servers.PROJECT / "data")
    frame = respondents()
    found = []
    with intake.Reader() as reader:
        _imported(reader, _started(folder, frame), {}, book)
        for extension, read in READERS.items():
            path = folder / f"wave.{extension}"
            names = write(frame, path)
            print(
                f"{path.name}: {path.stat().st_size / 2**20:.0f} MiB", file=sys.stderr, flush=True
            )
            turns = [
                (
                    _cost(lambda path=path, read=read: read(path)),
                    _cost(lambda path=path, names=names: _imported(reader, path, names, book)),
                )
                for _ in range(TURNS)
            ]
            told = _told(extension, *zip(*turns, strict=True))
            for measurement in told:
                print(" ".join(measurement.cells("imports")), file=sys.stderr, flush=True)
            found += told
            path.unlink()
    return found


def respondents() -> pd.DataFrame:
    """RESPONDENTS rows of COLUMNS columns of text, as a wave file has them."""
    [path] = sorted((servers.PROJECT / "data" / "waves").glob("*2007.csv"))
    wave = pd.read_csv(path, dtype=str, keep_default_na=False)
    repeated = wave.iloc[np.arange(RESPONDENTS) % len(wave)].reset_index(drop=True)
    repeated["respondent_id"] = [f"r{number}" for number in range(RESPONDENTS)]
    return repeated.iloc[:, :COLUMNS]


def write(frame: pd.DataFrame, path: Path) -> dict[str, str]:
    """Write the respondents in a format; its names of columns → those of the wave file."""
    names = {name: name for name in frame.columns}
    if path.suffix in (".sav", ".dta"):  # no colon in a name, numbers as numbers
        names = {f"v{number}": name for number, name in enumerate(frame.columns)}
        typed = frame.set_axis(list(names), axis=1).apply(_typed)
        writer = pyreadstat.write_sav if path.suffix == ".sav" else pyreadstat.write_dta
        writer(typed, str(path))
    elif path.suffix == ".parquet":
        frame.apply(_typed).to_parquet(path)
    elif path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            sheet = book.add_worksheet()
            typed = frame.apply(_typed).astype(object).where(frame != "", None)
            for number, cells in enumerate([list(frame.columns), *typed.to_numpy().tolist()]):
                sheet.write_row(number, 0, cells)
    else:
        frame.to_csv(path, index=False)
    return names


def _typed(column: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(column.replace("", None), errors="coerce")
    return numbers if numbers.notna().sum() == (column != "").sum() else column


def _started(folder: Path, frame: pd.DataFrame) -> Path:
    """A few respondents: reading them starts the reader, which a server does once."""
    path = folder / "few.parquet"
    write(frame.head(20), path)
    return path


def _imported(
    reader: intake.Reader, path: Path, names: dict[str, str], book: codebooks.Codebook
) -> intake.Wave:
    """The wave of a file; where its columns have other names, through a mapping."""
    if all(name == target for name, target in names.items()):
        return intake.draft_of(path, book, reader=reader).wave(book)
    columns = tuple(intake.Column(source=name, target=target) for name, target in names.items())
    return intake.draft_of(path, book, intake.Mapping(columns=columns), reader=reader).wave(book)


def _told(
    extension: str, plain: Sequence[tuple[float, float]], ours: Sequence[tuple[float, float]]
) -> list[Measurement]:
    """What the turns of pandas and of the import took: seconds, and seconds of processor."""
    (clock, processor), (pandas_clock, pandas_processor) = (
        zip(*turns, strict=True) for turns in (ours, plain)
    )
    goal = Goal(3, "ratio")
    return [
        Measurement(f"{extension}, 100,000 × 150", median(clock), "s", median(pandas_clock), goal),
        Measurement(f"{extension}, first call", clock[0], "s", pandas_clock[0]),
        Measurement(f"{extension}, processor", sum(processor), "s", sum(pandas_processor), goal),
    ]


def _cost(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds that work takes, and seconds of processor, those of other processes of ours too."""
    gc.collect()
    start, before = time.perf_counter(), _processor()
    work()
    return time.perf_counter() - start, _processor() - before


def _processor() -> float:
    """Seconds of processor of this process and its children, those that have ended included."""
    this = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in (this, *this.children(recursive=True)))
