"""What several waves bring comes as one stream, whose identifiers do not meet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from barometer import codebook
from barometer.incoming import Incoming
from barometer.intake import Wave, check, read
from barometer.intake.parts import check_parts

PROJECT = Path(__file__).resolve().parents[1]
WAVES = PROJECT / "data" / "waves"


@pytest.fixture(scope="module")
def waves(tmp_path_factory: pytest.TempPathFactory) -> list[Wave]:
    """One in memory, one in memory in two slices, one that is set aside."""
    book = codebook.load(PROJECT / "data")
    whole, sliced = (check(read(WAVES / f"wave_{year}.csv"), book) for year in (2005, 2006))
    cut = {
        name: pa.concat_tables([getattr(sliced, name).slice(0, 9), getattr(sliced, name).slice(9)])
        for name in ("respondents", "answers")
    }
    aside = tmp_path_factory.mktemp("aside")
    large = check_parts(WAVES / "wave_2007.csv", book, aside, lambda share: None)
    return [whole, replace(sliced, **cut), large]


def test_every_row_of_every_wave_comes_once_with_its_own_answers(waves: list[Wave]) -> None:
    incoming = Incoming(waves, 101, 51)
    tables = incoming.tables()
    assert incoming.share == 0
    found = {name: duckdb.from_arrow(rows).to_arrow_table() for name, rows in tables.items()}
    assert incoming.share == 1
    for name in ("respondents", "answers"):
        ours = found[name].sort_by("respondent_id")
        kept = [c for c in ours.column_names if c not in ("respondent_id", "profile_id")]
        theirs = [
            duckdb.from_arrow(getattr(wave, name)).to_arrow_table().select(kept) for wave in waves
        ]
        assert ours.select(kept).to_pylist() == pa.concat_tables(theirs).to_pylist()
    ids = found["respondents"]["respondent_id"].to_pylist()
    assert min(ids) == 101 and len(set(ids)) == len(ids)
    assert set(found["answers"]["respondent_id"].to_pylist()) == set(ids)
    profiles = dict(
        zip(*(found["profiles"][n].to_pylist() for n in ("profile_id", "year")), strict=True)
    )
    assert min(profiles) == 51 and len(profiles) == found["profiles"].num_rows
    pairs = (found["respondents"][name].to_pylist() for name in ("profile_id", "year"))
    assert all(profiles[profile] == year for profile, year in zip(*pairs, strict=True))


def test_an_empty_table_of_answers_has_the_columns_of_all(waves: list[Wave]) -> None:
    incoming = Incoming(waves, 1, 1)
    answers = incoming.tables()["answers"]
    assert incoming.no_answers().schema == answers.schema
    assert incoming.no_answers().num_rows == 0
