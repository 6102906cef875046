"""A publication is whole, holds no respondent, and nothing is published that does not add up."""

from __future__ import annotations

import gc
import hashlib
import json
import runpy
import shutil
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barometer import history, measure, store
from barometer.cells import SUMS, Selection
from barometer.codebook import YEAR
from barometer.intake import FaultyFile
from barometer.store import Home, Publication, PublicationError, Publications, publish

PROJECT = Path(__file__).resolve().parent.parent
SCHOOLS = PROJECT / "tests" / "barometers" / "schools"
make_wave: dict[str, Any] = runpy.run_path(str(SCHOOLS / "make_wave.py"))


@pytest.fixture
def schools(tmp_path: Path) -> Home:
    """The schools barometer, not published yet."""
    built = shutil.ignore_patterns(
        "barometer.duckdb*", "respondents", "audit.jsonl", "publications"
    )
    shutil.copytree(SCHOOLS, tmp_path, ignore=built, dirs_exist_ok=True)
    return Home(tmp_path)


@pytest.fixture
def demonstration(home: Path) -> Publication:
    """The publication of this project's demonstration waves."""
    publication = Publications(Home(home)).current()
    assert publication is not None
    return publication


def wave(folder: Path, year: int, keep: int = 200, provenance: str | None = None) -> Path:
    """A wave file of the first schools, as of another year."""
    header, *rows = make_wave["wave"]().splitlines()[: keep + 1]
    lines = [f"{header},provenance" if provenance else header]
    for row in rows:
        moved = f"{year}{row.removeprefix('2000')}"
        lines.append(f"{moved},{provenance}" if provenance else moved)
    path = folder / f"{provenance or 'wave'}_{year}_{keep}.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def database(home: Home) -> Path:
    """The respondents of the publication online."""
    path = history.database(home, history.current(home))
    assert path is not None
    return path


def stored(home: Home, query: str) -> list[tuple[Any, ...]]:
    """Rows of the owner's database."""
    with duckdb.connect(str(database(home)), read_only=True) as con:
        return con.sql(query).fetchall()


def state(home: Home) -> tuple[Any, ...]:
    """What the owner has: respondents, answers and the publications, the current one named."""
    return (
        stored(home, "from respondents order by all"),
        stored(home, "from answers order by all"),
        stored(home, "from waves order by all"),
        sorted(path.name for path in home.publications.iterdir() if path.name != ".lock"),
        sorted(path.name for path in home.databases.iterdir()),
        (home.publications / "current").read_bytes(),
    )


def n_by_year(publication: Publication) -> dict[int, int]:
    return {wave["year"]: wave["n"] for wave in publication.manifest["waves"]}


# --- what a publication holds ---------------------------------------------------------------------


def test_a_publication_is_three_tables_a_codebook_and_a_manifest(schools: Home) -> None:
    publication = publish(schools)
    folder = schools.publications / publication.id
    tables = ["cells.parquet", "profiles.parquet", "strata.parquet"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*tables, "codebook.json", "manifest.json"]
    )
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["id"] == folder.name == (schools.publications / "current").read_text()
    assert manifest["files"] == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in tables
    }
    [said] = manifest["waves"]
    source = schools.data / "waves" / "wave_2000.csv"
    assert said["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert (said["year"], said["n"], said["strata"], said["file"]) == (2000, 200, 3, source.name)
    assert publication.codebook.by_indicator.keys() == {
        path.stem for path in schools.indicators.iterdir()
    }
    assert not publication.synthetic


def test_no_respondent_is_in_a_publication(schools: Home) -> None:
    folder = schools.publications / publish(schools).id
    columns = {
        path.stem: pq.read_schema(path).names  # type: ignore[no-untyped-call]
        for path in folder.glob("*.parquet")
    }
    assert columns == {
        "cells": ["indicator", "item", "profile_id", "n", "n_y", "w", "w2", "wy", "w2y", "w2y2"],
        "profiles": ["profile_id", "year", "stratum", "levels"],
        "strata": ["year", "stratum", "n"],
    }


def test_the_server_holds_three_tables_only(demonstration: Publication) -> None:
    tables = demonstration._con.cursor().sql("show all tables").fetchall()
    assert {row[2] for row in tables} == {"cells", "profiles", "strata"}


def test_bases_add_up_to_the_waves(demonstration: Publication) -> None:
    assert demonstration.strata.groupby("year")["n"].sum().to_dict() == n_by_year(demonstration)
    everyone = demonstration.rollup(Selection("contact_surface", (YEAR,)))
    assert everyone.groupby("year")["n"].sum().to_dict() == n_by_year(demonstration)


def test_a_stratum_of_one_respondent_is_listed(schools: Home) -> None:
    source = schools.data / "waves" / "wave_2000.csv"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace(",E,44.2", ",alone,44.2", 1), encoding="utf-8")
    assert publish(schools).manifest["lonely_strata"] == [[2000, "alone"]]


def test_what_intake_assumed_is_in_the_manifest(schools: Home) -> None:
    text = make_wave["wave"](stratified=False)
    (schools.data / "waves" / "wave_2000.csv").write_text(text, encoding="utf-8")
    assert publish(schools).manifest["notes"] == [
        "wave_2000.csv: No stratum: the whole wave is one stratum."
    ]


# --- waves come and go ----------------------------------------------------------------------------


def test_a_wave_replaces_the_one_of_its_year(schools: Home, tmp_path: Path) -> None:
    publish(schools)
    assert n_by_year(publish(schools, [wave(tmp_path, 2001)])) == {2000: 200, 2001: 200}
    assert n_by_year(publish(schools, [wave(tmp_path, 2001, keep=150)])) == {2000: 200, 2001: 150}
    assert stored(schools, "select year, count(*) from answers group by all order by all") == [
        (2000, 200),
        (2001, 150),
    ]


def test_a_wave_of_many_respondents_is_all_there(schools: Home) -> None:
    source = schools.data / "waves" / "wave_2000.csv"
    header, *rows = source.read_text(encoding="utf-8").splitlines()
    copies = [row.replace("2000,", f"2000,{copy}-", 1) for copy in range(650) for row in rows]
    source.write_text("\n".join([header, *copies]), encoding="utf-8")
    assert len(copies) > 122_880  # DuckDB stores this many rows as one group, on a path of its own
    for _ in range(2):
        publication = publish(schools)
        assert n_by_year(publication) == {2000: len(copies)}
        sums = publication.rollup(Selection("awards", items=("Yes",))).sum(numeric_only=True)
        assert (sums["n"], sums["n_y"]) == (len(copies), 113 * 650)


def test_publishing_again_changes_nothing_but_the_name(schools: Home) -> None:
    first, again = publish(schools), publish(schools)
    assert first.id != again.id
    asked = Selection("awards", ("stype",))
    pd.testing.assert_frame_equal(first.rollup(asked), again.rollup(asked), rtol=1e-12)


def test_a_year_is_given_once(schools: Home, tmp_path: Path) -> None:
    with pytest.raises(PublicationError, match=r"the wave 2001 is in .*_150\.csv already"):
        publish(schools, [wave(tmp_path, 2001, keep=150), wave(tmp_path, 2001, keep=160)])


def test_a_real_wave_replaces_the_synthetic_ones_and_says_so(schools: Home, tmp_path: Path) -> None:
    waves = schools.data / "waves"
    (waves / "wave_2000.csv").unlink()
    invented = [wave(waves, year, provenance="synthetic") for year in (2000, 2001)]
    first = publish(schools)
    assert (first.years, first.synthetic) == ([2000, 2001], True)

    real = publish(schools, [wave(tmp_path, 2001, keep=180)])
    assert (n_by_year(real), real.synthetic) == ({2001: 180}, False)
    said = "The synthetic demonstration waves are replaced by the survey's."
    assert real.manifest["notes"] == [said]

    still = publish(schools)  # data/waves holds the invented ones: they do not come back
    assert (n_by_year(still), still.synthetic) == ({2001: 180}, False)
    assert still.manifest["notes"] == [
        "Left out, synthetic beside the survey's waves: "
        + ", ".join(path.name for path in invented)
    ]


def test_real_and_synthetic_files_given_together_do_not_mix(schools: Home, tmp_path: Path) -> None:
    invented = [wave(tmp_path, year, provenance="synthetic") for year in (1999, 2000)]
    together = publish(schools, [*invented, schools.wave_files()[0]])
    assert (n_by_year(together), together.synthetic) == ({2000: 200}, False)


def test_a_question_that_is_new_leaves_earlier_waves_as_they_were(
    schools: Home, tmp_path: Path
) -> None:
    publish(schools)
    book = schools.data / "codebook.toml"
    text = book.read_text(encoding="utf-8")
    added = '[[questions]]\ncode = "meals"\nkind = "number"\nwording = "Meals?"\n\n'
    grown = text.replace('[[indicators]]\ncode = "enroll"', '[[indicators]]\ncode = "meals"')
    grown = grown.replace('questions = ["enroll"]', 'questions = ["meals"]')
    book.write_text(grown.replace("[[questions]]", added + "[[questions]]", 1), encoding="utf-8")
    query = (schools.indicators / "enroll.sql").read_text(encoding="utf-8")
    (schools.indicators / "meals.sql").write_text(query.replace("enroll", "meals"))
    later = wave(tmp_path, 2001)
    later.write_text(later.read_text().replace("enroll", "meals"), encoding="utf-8")

    publication = publish(schools, [later])

    assert n_by_year(publication) == {2000: 200, 2001: 200}
    assert publication.rollup(Selection("meals", (YEAR,)))["year"].unique().tolist() == [2001]
    kept = stored(schools, "select count(enroll), count(meals) from answers where year = 2000")
    assert kept == [(200, 0)]


def test_a_question_of_another_kind_needs_its_waves_again(schools: Home, tmp_path: Path) -> None:
    publish(schools)
    before = state(schools)
    book = schools.data / "codebook.toml"
    text = book.read_text(encoding="utf-8")
    items = ", ".join(f'{{ code = "{n}", label = "{n}" }}' for n in ("few", "many"))
    single = f'code = "enroll"\nkind = "single"\nitems = [{items}]'
    book.write_text(text.replace('code = "enroll"\nkind = "number"\nminimum = 0', single))
    query = "select respondent_id, 'mean' as item, 1 as y from answers where enroll = 'many'"
    (schools.indicators / "enroll.sql").write_text(query)
    later = wave(tmp_path, 2001)
    lines = [line.rpartition(",")[0] for line in later.read_text().splitlines()]
    later.write_text("\n".join([lines[0] + ",enroll", *(line + ",many" for line in lines[1:])]))
    with pytest.raises(PublicationError, match=r"question enroll: .* publish the files of all"):
        publish(schools, [later])
    assert state(schools) == before
    both = tmp_path / "both.csv"
    earlier = [line.replace("2001", "2000", 1) for line in later.read_text().splitlines()[1:]]
    both.write_text("\n".join([later.read_text(), *earlier]))
    assert n_by_year(publish(schools, [both])) == {2000: 200, 2001: 200}


def test_respondents_stored_with_their_lists_are_read_on(home: Path, tmp_path: Path) -> None:
    """Databases had the lists of answers themselves before ways to answer had numbers."""
    shutil.copytree(home, tmp_path / "home")
    old = Home(tmp_path / "home")
    before, answers = cells_stored(old), "select * from answers order by respondent_id"
    rows = stored(old, answers)
    with duckdb.connect(str(database(old))) as con:
        con.execute("create table lists as from answers; drop view answers; drop table responses")
        con.execute("drop table ways; alter table lists rename to answers")
    wave = PROJECT / "data" / "waves" / "wave_2007.csv"
    publish(old, [wave])
    assert stored(old, answers)[: len(rows) // 2] == rows[: len(rows) // 2]
    pd.testing.assert_frame_equal(before, cells_stored(old), rtol=1e-12)
    used = "select unnest([channel_adoption, channel_activity, planned_investment, channel_fit])"
    unused = f"select * from ways anti join ({used} as way from responses) using (way)"
    assert stored(old, unused) == []  # those of the wave that was replaced are gone


def cells_stored(home: Home) -> pd.DataFrame:
    """Cells by what they are of, whatever the numbers of profiles."""
    with duckdb.connect(str(database(home)), read_only=True) as con:
        frame = con.sql(
            "select indicator, item, year, stratum, levels::varchar as levels, n, w, w2, wy, w2y2, n_y"
            " from cells join profiles using (profile_id) order by all"
        ).df()
    return frame


# --- what fails changes nothing -------------------------------------------------------------------

FROM_AWARDS = "from answers where awards is not null"
YES_NO = f"select respondent_id, awards as item, 1 as y {FROM_AWARDS}"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (YES_NO.replace("1 as y", "2 as y"), "- y is 0 or 1, shares lie between: awards/"),
        (
            YES_NO.replace("1 as y", "case when api00 > 700 then 2 else 0 end as y"),
            "- y is 0 or 1, shares lie between: awards/",
        ),
        (YES_NO.replace("1 as y", "-1 as y"), "- y is 0 or 1, shares lie between: awards/"),
        (YES_NO.replace("1 as y", "null as y"), "- every row has a finite y: awards/"),
        (YES_NO.replace("1 as y", "'inf'::double as y"), "- every row has a finite y: awards/"),
        (YES_NO.replace("awards as item", "'Perhaps' as item"), "declared: awards/Perhaps"),
        (f"{YES_NO} and awards = 'Yes'", "every item that a wave asks is answered in some wave; "),
        (f"{YES_NO} union all {YES_NO} and api00 > 800", "a respondent has "),
        (f"{YES_NO} and", "this query fails: Parser Error"),
        (YES_NO.replace("awards as item", "award as item"), "this query fails: Binder Error"),
        (YES_NO.replace("from answers", "from replies"), "this query fails: Catalog Error"),
        ("-- nothing yet", "expected one query: respondent_id, item, y"),
        (None, "indicator awards needs this file; add it"),
    ],
)
def test_an_indicator_that_does_not_hold_is_not_published(
    schools: Home, query: str | None, reason: str
) -> None:
    publish(schools)
    before = state(schools)
    path = schools.indicators / "awards.sql"
    path.unlink() if query is None else path.write_text(query)
    with pytest.raises(PublicationError) as fault:
        publish(schools, [wave(schools.folder, 2001)])
    assert reason in str(fault.value)
    assert state(schools) == before
    current = Publications(schools).current()
    assert current is not None
    assert current.years == [2000]


def test_an_answer_is_not_quoted_where_a_query_fails(schools: Home) -> None:
    source = schools.data / "waves" / "wave_2000.csv"
    text = source.read_text(encoding="utf-8").replace("2000,2077,", "2000,Jeanne Martin,")
    source.write_text(text, encoding="utf-8")
    names = "(select source_id from respondents r where r.respondent_id = answers.respondent_id)"
    (schools.indicators / "awards.sql").write_text(
        f"select respondent_id, 'Yes' as item, {names}::integer as y from answers"
    )
    with pytest.raises(PublicationError) as fault:
        publish(schools)
    assert str(fault.value).endswith("awards.sql: this query fails: ConversionException")
    assert fault.value.__suppress_context__


def test_an_answer_that_nobody_gave_is_a_share_of_zero(schools: Home) -> None:
    book = schools.data / "codebook.toml"
    added = '  { code = "U", label = "University" },\n  { code = "E"'
    book.write_text(book.read_text().replace('  { code = "E"', added, 1), encoding="utf-8")
    sums = publish(schools).rollup(Selection("stype", items=("U",))).sum(numeric_only=True)
    assert (sums["n"], sums["n_y"], sums["wy"]) == (200, 0, 0)


def test_what_no_wave_asks_yet_is_published_without_figures_and_said(schools: Home) -> None:
    """A questionnaire changes from year to year: the codebook is that of all years."""
    wave = schools.data / "waves" / "wave_2000.csv"
    rows = pd.read_csv(wave, dtype=str)
    rows.drop(columns=["enroll", "awards", "api99"]).to_csv(wave, index=False)
    publish(schools)
    publication = published(schools.folder)
    assert "awards, enroll, growth" in publication.manifest["notes"][-1]
    assert publication.rollup(Selection("awards"))["n"].sum() == 0
    assert publication.rollup(Selection("sch_wide"))["n"].sum() > 0


def test_the_faults_of_all_files_are_in_one_report(schools: Home, tmp_path: Path) -> None:
    bad = []
    for year in (2001, 2002):
        bad.append(wave(tmp_path, year, keep=3))
        bad[-1].write_text(bad[-1].read_text().replace(",44.2", ",-44.2"))
    with pytest.raises(FaultyFile) as faulty:
        publish(schools, bad)
    assert [(fault.file, fault.row) for fault in faulty.value.faults] == [
        (path.name, row) for path in bad for row in (2, 3, 4)
    ]
    assert not schools.databases.exists()


def test_a_home_without_wave_is_told_so(schools: Home) -> None:
    (schools.data / "waves" / "wave_2000.csv").unlink()
    with pytest.raises(PublicationError, match="there is no wave file here; add one"):
        publish(schools)


def test_waves_at_hand_are_published_anew_without_their_files(schools: Home) -> None:
    publish(schools)
    (schools.data / "waves" / "wave_2000.csv").unlink()
    assert n_by_year(publish(schools)) == {2000: 200}


def test_a_damaged_database_is_a_sentence(schools: Home) -> None:
    publish(schools)
    database(schools).write_bytes(b"not a database" * 1000)
    with pytest.raises(PublicationError, match="cannot be opened; publish the files of all waves"):
        publish(schools)


@pytest.mark.parametrize("name", ["cells.parquet", "manifest.json", "codebook.json"])
def test_a_damaged_publication_is_a_sentence(schools: Home, name: str) -> None:
    path = schools.publications / publish(schools).id / name
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(PublicationError, match="cannot be opened; publish again"):
        Publications(schools).current()
    path.unlink()
    with pytest.raises(PublicationError, match="cannot be opened; publish again"):
        Publications(schools).current()


@pytest.mark.parametrize("name", [b"20990101-000000000-00000000", b"\xff\xfe", b"a\0b"])
def test_what_is_online_stays_until_the_next_can_be_opened(
    schools: Home, name: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publish(schools)
    publications = Publications(schools)
    online = publications.current()
    assert online is not None
    (schools.publications / "current").write_bytes(name)
    for _ in range(2):
        assert publications.current() is online
    assert caplog.text.count(f"{online.id} stays on screen") == 1
    with pytest.raises(PublicationError, match="cannot be opened"):
        Publications(schools).current()
    shutil.copytree(schools.publications / online.id, schools.publications / "arrives late")
    (schools.publications / "current").write_text("arrives")
    assert publications.current() is online
    (schools.publications / "arrives late").rename(schools.publications / "arrives")
    assert publications.current() is online, "not asked again at every rerun"
    monkeypatch.setattr(store, "AGAIN", 0.0)
    assert publications.current() is not online


def test_what_is_online_stays_where_its_name_is_gone(
    schools: Home, caplog: pytest.LogCaptureFixture
) -> None:
    publish(schools)
    publications = Publications(schools)
    online = publications.current()
    assert online is not None
    (schools.publications / "current").unlink()
    for _ in range(2):
        assert publications.current() is online
    assert caplog.text.count(f"{online.id} stays on screen") == 1
    assert Publications(schools).current() is None


def test_a_publication_that_breaks_off_leaves_no_trace(schools: Home) -> None:
    publish(schools)
    before = state(schools)

    def interrupted(share: float, step: str) -> None:
        if step == "cells.parquet":
            [database] = schools.databases.glob(".*.staged")
            spilled = database.with_name(f"{database.name}.tmp")  # where DuckDB spills
            spilled.mkdir()
            (spilled / "some").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(schools, [wave(schools.folder, 2001)], interrupted)
    assert state(schools) == before
    assert not list(schools.databases.glob(".*"))


# --- one switch, seen by all ----------------------------------------------------------------------


def test_nothing_is_current_before_the_first_publication(schools: Home) -> None:
    publications = Publications(schools)
    assert publications.current() is None
    publish(schools)
    assert publications.current() is not None


def test_a_switch_is_noticed_and_what_is_held_stays_whole(schools: Home, tmp_path: Path) -> None:
    publish(schools)
    publications = Publications(schools)
    held = publications.current()
    assert held is not None
    assert publications.current() is held
    asked = Selection("awards", (YEAR, "stype"))
    before = held.rollup(asked).copy()
    publish(schools, [wave(tmp_path, 2001)])
    seen = publications.current()
    assert seen is not None
    assert (held.years, seen.years) == ([2000], [2000, 2001])
    pd.testing.assert_frame_equal(held.rollup(asked), before)
    shutil.rmtree(schools.publications / held.id)
    pd.testing.assert_frame_equal(held.rollup(asked), before, rtol=1e-12)
    assert publications.current() is seen


def test_what_was_asked_of_a_publication_does_not_keep_it_after_a_switch(schools: Home) -> None:
    publish(schools)
    publications = Publications(schools)
    former = publications.current()
    assert former is not None
    indicator = next(iter(former.codebook.by_indicator))
    measure.waves(former, indicator, None, ())
    held = weakref.ref(former)
    publish(schools)
    publications.current()
    assert measure.waves(former, indicator, None, ()) is not None, "who holds it may still ask"
    publish(schools)
    publications.current()
    del former
    gc.collect()
    assert held() is None


def test_threads_that_ask_at_once_get_the_same_sums(demonstration: Publication) -> None:
    asked = [
        Selection(indicator, by, where)
        for indicator in ("channel_adoption", "crm_project", "planned_investment", "crm_scope")
        for by in ((), ("relational_model",), ("sector", YEAR))
        for where in ((), (("size", ("small", "large")),), ((YEAR, ("2003",)),))
    ]
    alone = [
        Publication.sums.__wrapped__(demonstration, selection).frame(demonstration.strata)
        for selection in asked
    ]
    start = threading.Barrier(6)

    def all_of_them(thread: int) -> list[pd.DataFrame]:
        start.wait()
        turned = [asked[(i + 5 * thread) % len(asked)] for i in range(len(asked))]
        found = {
            selection: Publication.sums.__wrapped__(demonstration, selection).frame(
                demonstration.strata
            )
            for selection in turned
        }
        return [found[selection] for selection in asked]

    with ThreadPoolExecutor(6) as pool:
        for together in pool.map(all_of_them, range(6)):
            for one, other in zip(together, alone, strict=True):
                pd.testing.assert_frame_equal(one, other, rtol=1e-12)


# --- locked down ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "from read_csv('{file}')",
        "from read_text('{file}')",
        "from read_parquet('{folder}/*/cells.parquet')",
        "from '{file}'",
        "from glob('{folder}/*')",
        "copy cells to '{folder}/out.csv'",
        "export database '{folder}'",
        "attach '{database}' as owner",
        "attach '{folder}/new.duckdb' as other",
        "set enable_external_access = true",
        "set memory_limit = '100GB'",
        "set threads = 64",
        "set lock_configuration = false",
        "reset memory_limit",
        "install httpfs",
        "load httpfs",
        "load '{file}'",
        "install spatial from community",
        "from 'https://example.org/x.csv'",
        "create secret (type s3)",
    ],
)
def test_the_served_database_reads_writes_loads_and_sets_nothing(
    home: Path, demonstration: Publication, statement: str
) -> None:
    names = {
        "file": home / "data" / "channels.csv",
        "folder": home / "data" / "publications",
        "database": database(Home(home)),
    }
    with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
        demonstration._con.cursor().execute(statement.format(**names)).fetchall()


# --- cells and respondents say the same -----------------------------------------------------------


@cache
def respondents(data: Path) -> pd.DataFrame:
    """The wave files themselves, as text; an absent column is blank."""
    files = sorted((data / "waves").glob("*.csv"))
    waves = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in files]
    rows = pd.concat(waves, ignore_index=True).fillna("")
    assert len(rows) > 8000
    return rows.assign(w=rows["weight"].astype(float), crm_stage=rows["crm_project"])


def ticked(rows: pd.DataFrame, columns: list[str], net: bool = True) -> pd.Series:
    """1 where any column is ticked (or how many); missing where the wave asks none of them."""
    marks = rows[columns].replace("", np.nan).astype(float)
    return marks.max(axis=1) if net else marks.sum(axis=1, min_count=1)


Answer = Callable[[pd.DataFrame], pd.Series]
CRM = ("none", "intended", "launched", "implemented")
ANSWERS: dict[tuple[str, str], Answer] = {
    **{
        ("crm_project", stage): lambda rows, stage=stage: (
            (rows["crm_project"] == stage).astype(float).where(rows["crm_project"] != "")
        )
        for stage in CRM
    },
    ("crm_scope", "global"): lambda rows: (
        (rows["crm_scope"] == "global").astype(float).where(rows["crm_scope"] != "")
    ),
    ("synchro_channel", "concern"): lambda rows: (
        (rows["synchro_concern"] == "yes").astype(float).where(rows["synchro_concern"] != "")
    ),
    ("contact_surface", "at_least_one"): lambda rows: ticked(
        rows, [c for c in rows if c.startswith("channel_adoption:")]
    ),
    ("channel_count", "mean"): lambda rows: ticked(
        rows, [c for c in rows if c.startswith("channel_adoption:")], net=False
    ),
    ("channel_adoption", "website"): lambda rows: ticked(rows, ["channel_adoption:website"]),
    ("channel_adoption", "phone"): lambda rows: ticked(
        rows, [f"channel_adoption:{c}" for c in ("call_centre", "toll_free", "switchboard")]
    ),
    ("channel_activity", "phone:service"): lambda rows: ticked(
        rows, [f"channel_activity:{c}:service" for c in ("call_centre", "toll_free", "switchboard")]
    ),
    ("planned_investment", "crm"): lambda rows: ticked(
        rows, [c for c in rows if c.startswith("planned_investment:crm:")]
    ),
    ("channel_fit", "seniors:website:good"): lambda rows: (
        (rows[[c for c in rows if c.startswith("channel_fit:seniors:website:")]] >= "4")
        .all(axis=1)
        .astype(float)
        .where(rows["channel_fit:seniors:website:return"] != "")
    ),
}
LEVELS = {
    "relational_model": ["b2b", "b2c", "b2b2c"],
    "sector": ["industry", "retail", "finance", "services"],
    "size": ["small", "medium", "large"],
    "region": ["ile_de_france", "north_east", "west", "south"],
    "crm_stage": list(CRM),
    YEAR: [str(year) for year in range(2000, 2008)],
}
dimensions = st.lists(st.sampled_from(list(LEVELS)), max_size=3, unique=True).map(tuple)
filters = st.lists(st.sampled_from(list(LEVELS)), max_size=3, unique=True).flatmap(
    lambda names: st.tuples(
        *(
            st.lists(st.sampled_from(LEVELS[name]), min_size=1, max_size=3, unique=True).map(
                lambda levels, name=name: (name, tuple(levels))
            )
            for name in names
        )
    )
)


def summed(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """The sums of a rollup, added up over what `by` does not name."""
    if not by:
        return rows[list(SUMS)].sum().to_frame().T
    return rows.groupby(list(by), dropna=False, sort=True)[list(SUMS)].sum().reset_index()


def the_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    assert len(ours) == len(theirs)
    for name in ours:
        if name in SUMS:
            np.testing.assert_allclose(
                ours[name].astype(float), theirs[name].astype(float), rtol=1e-12, atol=1e-12
            )
        else:
            assert ours[name].astype(str).tolist() == theirs[name].astype(str).tolist()


@given(asked=st.sampled_from(list(ANSWERS)), by=dimensions, where=filters)
@settings(max_examples=100)
def test_any_filter_and_breakdown_of_cells_is_the_same_of_respondents(
    home: Path,
    asked: tuple[str, str],
    by: tuple[str, ...],
    where: tuple[tuple[str, tuple[str, ...]], ...],
) -> None:
    indicator, item = asked
    rows = respondents(home / "data")
    y = ANSWERS[asked](rows)
    kept = y.notna()
    for name, levels in where:
        kept &= rows[name].isin(levels)
    w, y = rows["w"][kept], y[kept]
    products = {"n": 1, "w": w, "w2": w**2, "wy": w * y, "w2y": w**2 * y, "w2y2": w**2 * y**2}
    direct = rows[kept].assign(**products, n_y=(y != 0).astype(int))
    grain = (*(name for name in by if name != YEAR), YEAR, "stratum")

    cells = published(home).rollup(Selection(indicator, by, where, (item,)))

    if kept.any():
        the_same(summed(cells.assign(year=cells["year"].astype(str)), grain), summed(direct, grain))
    else:
        assert cells.empty


@cache
def published(home: Path) -> Publication:
    publication = Publications(Home(home)).current()
    assert publication is not None
    return publication


@given(
    indicator=st.sampled_from(["channel_adoption", "crm_scope", "channel_fit", "channel_count"]),
    by=dimensions,
    where=filters,
)
@settings(max_examples=60)
def test_the_cells_of_any_partition_add_up_to_the_whole(
    home: Path,
    indicator: str,
    by: tuple[str, ...],
    where: tuple[tuple[str, tuple[str, ...]], ...],
) -> None:
    publication = published(home)
    parts = publication.rollup(Selection(indicator, by, where))
    whole = publication.rollup(Selection(indicator, (), where))
    grain = ("item", YEAR, "stratum")
    the_same(summed(parts, grain), summed(whole, grain))
    the_same(summed(parts, ("item",)), summed(whole, ("item",)))
