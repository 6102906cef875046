"""Estimates from the cells of ten million respondents, against those of eight thousand."""

from __future__ import annotations

import itertools
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from barometer import codebook, intake, store
from barometer import measure as measures
from barometer.cells import Selection, select
from barometer.codebook import YEAR, Codebook
from barometer.intake import Wave
from barometer.store import Home, Publication
from benchmarks import servers
from benchmarks.measurement import Goal, Measurement

RESPONDENTS = 10_000_000
DRAWN = ("sector", "region")  # dimensions drawn anew, so that most profiles have somebody
ASKED = ("channel_adoption", "crm_project")  # questions answered; only their indicators are summed


def measure(folder: Path) -> list[Measurement]:
    """Median seconds of `measure.estimate`, rollup included, on cells of few and of many.

    Eight thousand is the demonstration. Ten million are drawn from its respondents, wave by wave,
    each with a sector and a region of its own and a weight that differs a little: the generated
    waves go in where intake would hand them over, and everything after that is the publication's
    own code. Both have the indicators of two questions only. Every selection is asked once of each
    publication in turn, so no cache knows it.
    """
    book = _reduced(codebook.load(servers.PROJECT / "data"))
    few = _published(folder / "few", book, _waves(book))
    start = time.perf_counter()
    drawn = (_drawn(wave, book, number) for number, wave in enumerate(_waves(book)))
    many = _published(folder / "many", book, drawn)
    building = time.perf_counter() - start
    found = []
    for indicator in book.by_indicator:
        slow, quick = _times(many, few, indicator)
        found.append(Measurement(f"{indicator}, 10 million", slow, "ms", quick, Goal(2, "ratio")))
    return [*found, Measurement("drawing and publishing 10 million", building, "s")]


def _times(many: Publication, few: Publication, indicator: str) -> tuple[float, float]:
    """Median milliseconds of an estimate on each publication, over the same selections."""
    times: dict[str, list[float]] = {many.id: [], few.id: []}
    for selection in _selections(many, indicator):
        for publication in (few, many):
            start = time.perf_counter()
            measures.estimate(publication, selection)
            times[publication.id].append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[many.id]), statistics.median(times[few.id])


def _selections(publication: Publication, indicator: str) -> Iterator[Selection]:
    """Estimates by main dimension and wave: of everybody, then of one level of one dimension."""
    book = publication.codebook
    by = (book.main_dimension.code, YEAR)
    years = publication.years
    yield select(book, years, indicator, by)
    for dimension in book.dimensions:
        for level in dimension.levels:
            yield select(book, years, indicator, by, {dimension.code: [level.code]})


def _reduced(book: Codebook) -> Codebook:
    """The codebook with the indicators that need nothing but the questions ASKED."""
    kept = [i for i in book.indicators if set(i.questions) <= set(ASKED)]
    codes = {indicator.code for indicator in kept}
    breaks = [cut for cut in book.breaks if cut.indicator in codes]
    return Codebook.model_validate(
        book.model_dump()
        | {"indicators": [i.model_dump() for i in kept], "breaks": [b.model_dump() for b in breaks]}
    )


def _waves(book: Codebook) -> Iterator[Wave]:
    """The demonstration's waves as intake hands them over, with the questions ASKED."""
    whole = codebook.load(servers.PROJECT / "data")
    for path in sorted((servers.PROJECT / "data" / "waves").glob("*.csv")):
        wave = intake.check(intake.read(path), whole)
        named = wave.asked.column("indicator").to_pylist()
        mask = pa.array([name in book.by_indicator for name in named])
        answers = wave.answers.select(["respondent_id", YEAR, *ASKED])
        yield replace(wave, asked=wave.asked.filter(mask), answers=answers)


def _drawn(wave: Wave, book: Codebook, seed: int) -> Wave:
    """A wave of RESPONDENTS / 8, drawn from a wave with replacement."""
    dice = np.random.default_rng(seed)
    count = RESPONDENTS // 8
    picked = dice.integers(wave.respondents.num_rows, size=count)
    levels = [[level.code for level in book.by_dimension[name].levels] for name in DRAWN]
    spreads = list(itertools.product(*levels))
    kinds, kind = _kinds(wave.profiles)
    respondents = wave.respondents.take(pa.array(picked))
    combination = kind[respondents.column("profile_id").to_numpy()] * len(spreads)
    combination += dice.integers(len(spreads), size=count)
    found, profile = np.unique(combination, return_inverse=True)
    number = pa.array(np.arange(count))
    weight = pc.multiply(respondents.column("weight"), pa.array(dice.uniform(0.9, 1.1, count)))
    made = [(kinds[c // len(spreads)], spreads[c % len(spreads)]) for c in found.tolist()]
    columns = {"respondent_id": number, "profile_id": pa.array(profile), "weight": weight}
    return replace(
        wave,
        respondents=_with(respondents, columns),
        answers=_with(wave.answers.take(pa.array(picked)), {"respondent_id": number}),
        profiles=_profiles(wave.profiles, made),
    )


def _kinds(profiles: pa.Table) -> tuple[list[int], np.ndarray]:
    """Profiles alike but for DRAWN are one kind: a row of each kind, and the kind of each row."""
    kinds: dict[tuple[str, ...], int] = {}
    rows: list[int] = []
    kind: list[int] = []
    for row, profile in enumerate(profiles.to_pylist()):
        rest = sorted(f"{name}={level}" for name, level in profile["levels"] if name not in DRAWN)
        key = (profile["stratum"], *rest)
        if key not in kinds:
            kinds[key] = len(rows)
            rows.append(row)
        kind.append(kinds[key])
    return rows, np.array(kind)


def _profiles(profiles: pa.Table, made: list[tuple[int, tuple[str, ...]]]) -> pa.Table:
    """A profile for each row of the old ones and levels of DRAWN, which replace its own."""
    taken = profiles.take(pa.array([row for row, _ in made]))
    levels = [
        sorted((dict(old) | dict(zip(DRAWN, new, strict=True))).items())
        for old, (_, new) in zip(taken.column("levels").to_pylist(), made, strict=True)
    ]
    columns = {
        "profile_id": pa.array(np.arange(len(made))),
        "levels": pa.array(levels, profiles.schema.field("levels").type),
    }
    return _with(taken, columns)


def _with(table: pa.Table, columns: dict[str, pa.Array]) -> pa.Table:
    """The table with some of its columns replaced."""
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, values)
    return table


def _published(folder: Path, book: Codebook, waves: Iterator[Wave]) -> Publication:
    """Publish waves that no file holds: intake hands them over as if it had read them."""
    home = Home(servers.home_at(folder))
    files = home.wave_files()
    handed = dict(zip(files, waves, strict=True))
    with (
        patch.object(store, "_small", lambda path, _: (handed.pop(path), np.arange(0))),
        patch.object(codebook, "load", lambda _: book),
    ):
        publication = store.publish(home, files)
    shutil.rmtree(folder)
    return publication
