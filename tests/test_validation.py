"""What is odd in a wave is said before it is published, with its rows; what is sound is not."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from barometer import codebook as codebooks
from barometer import store, validation
from barometer.codebook import Codebook
from barometer.home import Home
from barometer.intake import SOURCE_ROW, Draft, Fault
from barometer.render import validation as rendered
from barometer.store import Publication, Publications
from barometer.validation import Report, validate


@pytest.fixture(scope="module")
def book(home: Path) -> Codebook:
    return codebooks.load(home / "data")


@pytest.fixture(scope="module")
def online(home: Path) -> Publication:
    publication = Publications(Home(home)).current()
    assert publication is not None
    return publication


@pytest.fixture
def wave(home: Path) -> pd.DataFrame:
    """The last wave, as text, of the year after."""
    path = home / "data" / "waves" / "wave_2007.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.assign(year="2008")


def draft(frame: pd.DataFrame) -> Draft:
    table = pa.Table.from_pandas(frame.replace("", None), preserve_index=False)
    rows = pa.array(np.arange(2, len(frame) + 2))
    return Draft("wave_2008.csv", table.append_column(SOURCE_ROW, rows), sha256="0" * 64)


def rules(report: Report) -> set[str]:
    return {notice.rule for notice in report.warnings}


def test_a_sound_wave_has_its_bases_and_little_to_say(
    wave: pd.DataFrame, book: Codebook, online: Publication
) -> None:
    report = validate(draft(wave), book, online, None)
    assert report.faults == () and report.years == (2008,)
    assert not rules(report) & {"duplicates", "vanished", "straight_lining"}
    main = book.main_dimension
    assert {b.level: b.n for b in report.bases} == wave[main.code].value_counts().to_dict()
    assert sum(base.effective_base for base in report.bases) < len(wave)


def test_faults_stop_everything_else(wave: pd.DataFrame, book: Codebook) -> None:
    wave.loc[3, "weight"] = "-1"
    report = validate(draft(wave), book, None, None)
    [fault] = report.faults
    assert (fault.row, fault.column, fault.value) == (5, "weight", "-1")
    assert report.warnings == report.bases == ()


def test_the_same_mark_throughout_is_said_with_its_rows(wave: pd.DataFrame, book: Codebook) -> None:
    question = next(q for q in book.questions if q.kind == "rating")
    columns = [column for column in question.columns if column in wave.columns]
    for row in (10, 20):
        wave.loc[row, columns[:8]] = "3"
        wave.loc[row, columns[8:]] = ""
    report = validate(draft(wave), book, None, None)
    [said] = [notice for notice in report.warnings if notice.rule == "straight_lining"]
    assert {12, 22} <= set(said.rows)
    assert "the same mark throughout, 5 times or more" in str(said)
    assert "la même note partout" in said.said("fr")


def test_answers_sent_twice_are_said_with_their_rows(wave: pd.DataFrame, book: Codebook) -> None:
    answers = [column for column in wave.columns if column != "respondent_id"]
    wave.loc[50, answers] = wave.loc[7, answers]
    report = validate(draft(wave), book, None, None)
    [said] = [notice for notice in report.warnings if notice.rule == "duplicates"]
    assert said.rows == (52,)


def test_a_model_that_vanished_and_one_that_is_small_are_said(
    wave: pd.DataFrame, book: Codebook, online: Publication
) -> None:
    main = book.main_dimension
    first, second, third = (level.code for level in main.levels)
    few = wave[wave[main.code] == second].head(20)
    kept = pd.concat([few, wave[wave[main.code] == third]])
    report = validate(draft(kept), book, online, None)
    vanished = [str(notice) for notice in report.warnings if notice.rule == "vanished"]
    assert f"nobody is {main.level(first).label['en']} in 2008, somebody was in 2007" in vanished[0]
    [small] = [str(notice) for notice in report.warnings if notice.rule == "small_base"]
    assert "20 respondents, under 30: its figures are marked fragile" in small


def test_uneven_weights_are_said(wave: pd.DataFrame, book: Codebook) -> None:
    wave.loc[0, "weight"] = "400"
    report = validate(draft(wave), book, None, None)
    [said] = [str(notice) for notice in report.warnings if notice.rule == "weights"]
    assert re.search(r"2008: weights leave \d+% of the base", said)


def test_a_wave_that_is_no_longer_weighted_is_said(
    wave: pd.DataFrame, book: Codebook, online: Publication
) -> None:
    assert "unweighted" not in rules(validate(draft(wave), book, online, None))
    report = validate(draft(wave.drop(columns="weight")), book, online, None)
    [said] = [notice for notice in report.warnings if notice.rule == "unweighted"]
    assert str(said).startswith("2008: every respondent weighs the same, and the wave of 2007 is")
    assert "sans pondération" in validation.rows(report, "fr")["rule"].to_list()


def test_an_implausible_move_is_said_and_chance_is_not(
    wave: pd.DataFrame, book: Codebook, home: Path
) -> None:
    """Everybody's answer to one question becomes the same: its coding is broken."""

    def moved(frame: pd.DataFrame) -> list[str]:
        staged = store.prepare(Home(home), book, [draft(frame).wave(book)])
        try:
            return [str(n) for n in validation.moves(Publication(staged.folder), 2008)]
        finally:
            staged.discard()

    real = wave.assign(provenance="synthetic")
    assert moved(real) == []
    single = next(q for q in book.questions if q.kind == "single")
    last = single.items[0].code
    broken = real.assign(**{single.code: last})
    for question in book.questions:
        if question.asked_if and question.asked_if.question == single.code:
            broken = broken.drop(columns=[c for c in question.columns if c in broken.columns])
    said = moved(broken)
    assert said and all("surely not chance" in text for text in said)


def test_the_report_as_a_page_and_as_csv_runs_nothing_of_what_it_quotes(
    wave: pd.DataFrame, book: Codebook
) -> None:
    evil = '<script>alert("x")</script>'
    report = Report(
        f"{evil}.csv", "0" * 64, (Fault(f"{evil}.csv", 3, "=cmd()", evil, "expected a level"),)
    )
    for language, word in (("fr", "Défauts"), ("en", "Faults")):
        page = rendered.page(report, language).decode()
        assert "<script" not in page and "&lt;script&gt;" in page and word in page
    text = rendered.table(report, "fr").decode("utf-8-sig")
    assert "'=cmd()" in text and "défaut" in text
    sound = validate(draft(wave), book, None, None)
    page = rendered.page(sound, "fr").decode()
    for level in book.main_dimension.levels:
        assert level.label["fr"] in page
    assert "Aucun défaut" in page
