"""Ten thousand malformed files through an import: how each ends, how long it takes."""

from __future__ import annotations

import resource
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from barometer import codebook as codebooks
from barometer import intake
from barometer.codebook import Codebook, Limits
from barometer.intake import FaultyFile, Reader
from barometer.intake.guess import guess
from benchmarks.malformed_files import SCHOOLS, Malformed, files
from benchmarks.measurement import Goal, Measurement

FILES = 10_000
LIMITS = Limits(expansion=64 * 2**20, memory=3 * 2**30, seconds=10)
REFUSED, FAULTY, CLEAN, WRONG = "refused", "faulty", "clean", "taken though wrong"
SLOWEST = 15.0  # seconds that any one file may take on a loaded machine


@dataclass
class Outcomes:
    """How files ended: counts, tracebacks, and the slowest of them."""

    counts: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    wrong: list[str] = field(default_factory=list)


def examine(reader: Reader, path: Path, book: Codebook) -> str:
    """Import a file as the page does, guesses all confirmed; how it ended.

    Nothing may be raised but FaultyFile, whose every fault is one sentence.
    """
    try:
        raw = reader.read(path, LIMITS)
        if intake.is_wave_file(raw, book):
            draft = intake.as_it_is(raw, book)
        else:
            draft = intake.apply(raw, guess(raw, book), book)
        draft.wave(book)
    except FaultyFile as faulty:
        assert faulty.faults and all(fault.expected for fault in faulty.faults)
        whole = len(faulty.faults) == 1 and faulty.faults[0].row is None
        return REFUSED if whole else FAULTY
    assert not draft.faults
    return CLEAN


def run(folder: Path, count: int, seed: int = 20261124, *, told: bool = False) -> Outcomes:
    """Generate, import and forget so many files; what became of them."""
    book = codebooks.load(SCHOOLS / "data")
    outcomes = Outcomes()
    with Reader() as reader:
        for number, file in enumerate(files(count, seed), start=1):
            _one(reader, folder, file, book, outcomes)
            if told and number % 250 == 0:
                slow = f"slowest {outcomes.slowest[0]:.1f} s, {outcomes.slowest[1]}"
                print(f"{number:,}: {dict(outcomes.counts)}, {slow}", file=sys.stderr, flush=True)
    return outcomes


def _one(reader: Reader, folder: Path, file: Malformed, book: Codebook, outcomes: Outcomes) -> None:
    path = folder / file.name
    path.write_bytes(file.content)
    start = time.perf_counter()
    try:
        ended = examine(reader, path, book)
    except Exception:
        ended = "traceback"
        outcomes.crashes.append(f"{file.name}\n{traceback.format_exc()}")
    seconds = time.perf_counter() - start
    if ended == CLEAN and file.wrong:
        outcomes.wrong.append(file.name)
    outcomes.counts[ended] += 1
    outcomes.slowest = max(outcomes.slowest, (seconds, file.name))
    path.unlink()


def measure(folder: Path) -> list[Measurement]:
    """Outcomes of FILES malformed files; the goals are that none escapes, and none takes long."""
    outcomes = run(folder, FILES, told=True)
    for crash in outcomes.crashes[:5]:
        print(crash, file=sys.stderr)
    print(f"slowest: {outcomes.slowest}; taken: {outcomes.wrong[:5]}", file=sys.stderr)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    return [
        Measurement("malformed files", sum(outcomes.counts.values()), "files"),
        Measurement("refused in a sentence", outcomes.counts[REFUSED], "files"),
        Measurement("reported fault by fault", outcomes.counts[FAULTY], "files"),
        Measurement("still a whole wave", outcomes.counts[CLEAN], "files"),
        Measurement("tracebacks", len(outcomes.crashes), "files", None, Goal(0, "value")),
        Measurement("taken though wrong", len(outcomes.wrong), "files", None, Goal(0, "value")),
        Measurement("slowest file", outcomes.slowest[0], "s", None, Goal(SLOWEST, "value")),
        Measurement("peak memory of reading", peak, "GiB", None, Goal(3, "value")),
    ]
