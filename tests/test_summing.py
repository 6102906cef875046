"""Cells that are summed part by part are those of all respondents at once."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from barometer import codebook, summing
from barometer.cells import SUMS
from barometer.home import Home

MEMORY = 2**30
QUESTIONS = {  # that some indicators of the demonstration read together
    ("channel_adoption",),
    ("channel_activity",),
    ("channel_adoption", "channel_activity"),
    ("crm_project",),
    ("crm_scope",),
    ("planned_investment",),
    ("synchro_channel", "synchro_concern"),
    ("channel_adoption", "synchro_channel", "synchro_concern"),
    ("channel_fit",),
    ("channel_adoption", "channel_fit"),
}
HEAVY = """
select answers.respondent_id, crm_project as item, 1 as y
from answers join respondents using (respondent_id) where weight > 1
"""


def summed(con: duckdb.DuckDBPyConnection, home: Path, aside: Path, *named: str) -> pd.DataFrame:
    """The cells, summed again: of all indicators or those named."""
    book = codebook.load(home / "data")
    queries = {
        code: Home(home).indicators / f"{code}.sql" for code in named or tuple(book.by_indicator)
    }
    summing.run(con, "cells_table")
    aside.mkdir()
    summing.sum_cells(con, queries, book, aside, MEMORY, lambda share, step: None)
    return cells(con)


def assert_same(some: pd.DataFrame, others: pd.DataFrame) -> None:
    assert some.index.equals(others.index)
    gap = (some - others).abs() / some.abs().clip(lower=1)
    assert gap[list(SUMS)].to_numpy().max() <= 1e-12
    assert some[["n", "n_y"]].equals(others[["n", "n_y"]])


def cells(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    keys = ["indicator", "item", "profile_id"]
    return con.table("cells").df().set_index(keys).sort_index()


def test_parts_add_up_to_the_same_cells(
    con: duckdb.DuckDBPyConnection, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = cells(con)
    monkeypatch.setattr(summing, "PART_ALIKE", 3_000)
    parts = summed(con, home, tmp_path / "aside")
    assert len(list((tmp_path / "aside").glob("cells-*"))) == 3 * len(QUESTIONS)
    assert_same(whole, parts)


def test_respondents_one_by_one_have_the_cells_of_those_who_answer_alike(
    con: duckdb.DuckDBPyConnection, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = cells(con)
    monkeypatch.setattr(
        summing, "_questions_read", lambda con, queries, book: dict.fromkeys(queries, ())
    )
    monkeypatch.setattr(summing, "PART", 5_000)
    alone = summed(con, home, tmp_path / "aside")
    assert len(list((tmp_path / "aside").glob("cells-*"))) == 2
    assert_same(alike, alone)


def test_a_query_that_asks_more_of_respondents_than_answers_is_asked_of_each(
    con: duckdb.DuckDBPyConnection, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "crm_project.sql"
    file.write_text(HEAVY, encoding="utf-8")
    book = codebook.load(home / "data")
    assert summing._questions_read(con, {"crm_project": file}, book) == {"crm_project": ()}
    summing.run(con, "cells_table")
    (tmp_path / "aside").mkdir()
    summing.sum_cells(
        con, {"crm_project": file}, book, tmp_path / "aside", MEMORY, lambda share, step: None
    )
    found = con.sql("select sum(n) from cells").fetchone()
    assert found == con.sql("select count(*) from respondents where weight > 1").fetchone()


def test_each_query_is_known_by_the_questions_that_it_names(
    con: duckdb.DuckDBPyConnection, home: Path
) -> None:
    book = codebook.load(home / "data")
    queries = {code: Home(home).indicators / f"{code}.sql" for code in book.by_indicator}
    found = summing._questions_read(con, queries, book)
    assert set(found.values()) == QUESTIONS
    for code, questions in found.items():
        assert set(book.by_indicator[code].questions) <= set(questions)


def test_an_answer_that_the_codebook_forgot_changes_no_cell(
    con: duckdb.DuckDBPyConnection, home: Path, tmp_path: Path
) -> None:
    whole = cells(con)
    con.execute("update responses set crm_scope = 'forgotten' where crm_scope = 'other'")
    again = summed(con, home, tmp_path / "aside", "crm_project", "crm_scope")
    assert "forgotten" in again.index.unique("item")
    pd.testing.assert_frame_equal(whole.loc[["crm_project"]], again.loc[["crm_project"]])


def test_no_two_databases_spill_into_one_folder(
    con: duckdb.DuckDBPyConnection, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[str] = []
    connect = duckdb.connect

    def noted(database: str, config: dict[str, str] | None = None) -> duckdb.DuckDBPyConnection:
        if config:
            folders.append(config["temp_directory"])
        return connect(database, config=config or {})

    monkeypatch.setattr(summing.duckdb, "connect", noted)
    monkeypatch.setattr(summing, "PART_ALIKE", 3_000)
    summed(con, home, tmp_path / "aside", "crm_project", "crm_scope")
    assert len(folders) == len(set(folders)) == 6


def test_no_thread_goes_on_after_an_interruption(
    con: duckdb.DuckDBPyConnection, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(share: float, step: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(summing, "PART_ALIKE", 1_000)
    book = codebook.load(home / "data")
    queries = {code: Home(home).indicators / f"{code}.sql" for code in book.by_indicator}
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        summing.sum_cells(con, queries, book, tmp_path, MEMORY, interrupt)
    assert threading.active_count() == before
    assert len(list(tmp_path.glob("cells-*"))) < 8 * len(QUESTIONS)
