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
ORDER = ("waves", "profiles", "asked", "respondents", "ways")  # then the responses
LISTS = {"channel_adoption", "channel_activity", "planned_investment", "channel_fit"}


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
    incoming = Incoming(waves, 101, 51, 7)
    tables = incoming.tables()
    assert incoming.share == 0
    found = {name: duckdb.from_arrow(tables[name]).to_arrow_table() for name in ORDER}
    ways = found["ways"]["way"]
    assert ways.to_pylist() == list(range(7, 7 + len(ways)))
    incoming.same(pa.table({"way": ways, "first_way": ways}))
    responses = duckdb.from_arrow(tables["responses"]).to_arrow_table()
    assert incoming.share == 1
    found["answers"] = decoded(responses, found["ways"])
    for name in ("respondents", "answers"):
        ours = found[name].sort_by("respondent_id")
        kept = [c for c in ours.column_names if c not in ("respondent_id", "profile_id")]
        theirs = [duckdb.from_arrow(getattr(wave, name)).to_arrow_table() for wave in waves]
        expected = pa.concat_tables([table.select(kept) for table in theirs])
        assert ours.select(kept).to_pylist() == expected.to_pylist()
    ids = found["respondents"]["respondent_id"].to_pylist()
    assert min(ids) == 101 and len(set(ids)) == len(ids)
    assert set(responses["respondent_id"].to_pylist()) == set(ids)
    profiles = dict(
        zip(*(found["profiles"][n].to_pylist() for n in ("profile_id", "year")), strict=True)
    )
    assert min(profiles) == 51 and len(profiles) == found["profiles"].num_rows
    pairs = (found["respondents"][name].to_pylist() for name in ("profile_id", "year"))
    assert all(profiles[profile] == year for profile, year in zip(*pairs, strict=True))


def test_a_list_of_answers_is_of_the_wave_of_those_who_gave_it(waves: list[Wave]) -> None:
    incoming = Incoming(waves, 1, 1, 1)
    ways = duckdb.from_arrow(incoming.tables()["ways"]).to_arrow_table().to_pylist()
    of_nobody = [way for way in ways if way["year"] == 0]
    assert {way["year"] for way in ways} == {0, 2005, 2006, 2007}
    assert len(of_nobody) < len(ways) / 2  # those of the other slice, and of who gave no answer
    assert {way["question"] for way in ways} == LISTS


def test_ways_that_are_one_have_one_number(waves: list[Wave]) -> None:
    incoming = Incoming(waves, 1, 1, 1)
    tables = incoming.tables()
    ways = duckdb.from_arrow(tables["ways"]).to_arrow_table()["way"].to_numpy()
    incoming.same(pa.table({"way": ways, "first_way": ways // 2}))
    responses = duckdb.from_arrow(tables["responses"]).to_arrow_table()
    given = {way for name in LISTS for way in responses[name].drop_null().to_pylist()}
    assert given <= set((ways // 2).tolist()) and max(given) > 100


def test_empty_tables_have_the_columns_of_all(waves: list[Wave]) -> None:
    incoming = Incoming(waves, 1, 1, 1)
    responses = incoming.tables()["responses"]
    assert incoming.no_responses().schema == responses.schema
    answers, expected = incoming.no_answers(), duckdb.from_arrow(waves[0].answers)
    assert answers.num_rows == 0
    assert duckdb.from_arrow(answers).types == expected.types
    assert answers.column_names == expected.columns


def decoded(responses: pa.Table, ways: pa.Table) -> pa.Table:
    """Responses with their lists."""
    lists = {
        row["way"]: row["ratings"] if row["items"] is None else row["items"]
        for row in ways.to_pylist()
    }
    rows = responses.to_pylist()
    for row in rows:
        row.update({name: lists.get(row[name]) for name in LISTS})
    return pa.Table.from_pylist(rows)
