"""Malformed files of every kind end in a sentence or a report: a few hundred of the ten thousand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks import malformed
from benchmarks.malformed_files import KINDS, files

FILES = 330  # ten of each kind; `python -m benchmarks malformed` runs ten thousand


def test_every_malformed_file_ends_in_a_sentence_or_a_report(tmp_path: Path) -> None:
    """No traceback, nothing wrong taken for a wave, nothing that takes long."""
    outcomes = malformed.run(tmp_path, FILES)
    assert outcomes.crashes == []
    assert outcomes.wrong == []
    assert sum(outcomes.counts.values()) == FILES
    assert outcomes.slowest[0] < 2 * malformed.SLOWEST, outcomes.slowest
    assert outcomes.counts[malformed.REFUSED] > FILES / 4
    assert outcomes.counts[malformed.FAULTY] > FILES / 4


def test_the_files_are_the_same_for_the_same_seed() -> None:
    def made() -> list[tuple[str, str]]:
        return [(file.name, file.kind) for file in files(2 * len(KINDS))]

    assert made() == made()
    assert set(Counter(kind for _, kind in made()).values()) == {2}
