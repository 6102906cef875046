"""A barometer without a wave: the page of imports opens, others lead there, the first is published."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import barometer.ui  # noqa: F401  the page that a test changes
from barometer import codebook
from barometer.intake import Column, Mapping
from barometer.intake import mapping as mappings
from barometer.store import Home, Publications

from ..intake.conftest import CLUBS

SCHOOLS = Path(__file__).resolve().parents[1] / "barometers" / "schools"
WAVE = SCHOOLS / "data" / "waves" / "wave_2000.csv"
Visit = Callable[..., Any]


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A codebook of one's own, and nothing published."""
    built = shutil.ignore_patterns(
        "barometer.duckdb*", "respondents", "audit.jsonl", "publications", "waves"
    )
    shutil.copytree(SCHOOLS, tmp_path / "home", ignore=built)
    monkeypatch.setenv("BAROMETER_HOME", str(tmp_path / "home"))
    return Home(tmp_path / "home")


def test_the_first_wave_is_published_on_the_page_and_opens_the_others(
    visit: Visit, empty: Home
) -> None:
    before = visit("overview", lang="fr")
    assert [i.value for i in before.at.info] == [
        "Rien n’est encore publié. Cette page s’ouvrira avec la première vague."
    ]
    assert not before.at.exception and not before.at.error
    assert [link.proto.label for link in before.at.get("page_link")] == [
        "Importer la première vague"
    ]
    seen = visit("import", lang="en")
    assert not seen.at.exception and "Nothing is published yet." in seen.text
    sent = (WAVE.name, WAVE.read_bytes(), "text/csv")
    seen.at.file_uploader[0].set_value(sent).run(timeout=90)
    assert not seen.at.exception and not seen.at.error
    seen.at.button(key="publish").click().run(timeout=90)
    assert not seen.at.exception and not seen.at.error
    publication = Publications(empty).current()
    assert publication is not None and publication.years == [2000]
    assert "is online" in " ".join(s.value for s in seen.at.success)
    assert not seen.at.info and visit("overview", lang="en").figures


def test_a_demonstration_that_cannot_be_published_does_not_close_the_page_of_imports(
    visit: Visit, empty: Home
) -> None:
    (empty.data / "waves").mkdir()
    (empty.data / "waves" / "wave_2000.csv").write_text("year,nothing\n2000,x\n", encoding="utf-8")
    seen = visit("import", lang="en")
    assert not seen.at.exception and not seen.at.error
    assert seen.title == "Import a wave" and seen.at.file_uploader


EXPORT = """id;Matches a year;means [Letter];means [E-mail];area;site
1;12;Yes;No;North and East;Online
2;999;No;Don't know;South;Online
3;8;Yes;Yes;West;No project
4;10;No;No;South;Online
"""


def test_each_thing_that_waits_for_the_owner_is_asked_in_its_own_words(
    visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changes to cut, a code of a number that means no answer, boxes that are answered in part."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "codebook.toml").write_text(CLUBS, encoding="utf-8")
    last = Column(source="Q9", target="stage", label="How far is your site?")
    now = Column(source="site", target="stage", label="Have you a site?",
                 values={"Online": "done", "No project": "none"})  # fmt: skip
    letters = [
        Column(source=f"means [{word}]", target=f"means:{code}", values={"Yes": "1", "No": "0"},
               missing=("Don't know",), blank="unknown", reason="1 rows leave some boxes without an"
               " answer")
        for word, code in (("Letter", "letter"), ("E-mail", "e_mail"))
    ]  # fmt: skip
    words = {"North and East": "north", "South": "south", "West": "west"}
    area = Column(source="area", target="area", values=words)
    matches = Column(source="Matches a year", target="matches")
    mappings.save(Mapping(name="2008", year=2008, columns=(last,)), tmp_path / "data")
    given = Mapping(name="2009", year=2009, columns=(now, *letters, area, matches))
    page = sys.modules["barometer.ui.importing"]
    monkeypatch.setattr(page, "guess", lambda raw, book, earlier: given)
    monkeypatch.setenv("BAROMETER_HOME", str(tmp_path))
    seen = visit("import", lang="en")
    seen.at.file_uploader[0].set_value(("clubs.csv", EXPORT.encode(), "text/csv")).run(timeout=90)
    assert not seen.at.exception and not seen.at.error
    asked = next(radio for radio in seen.at.radio if radio.key == "import_blank_means")
    assert "answer a part of the boxes" in asked.label
    asked.set_value("unticked").run(timeout=90)
    seen.at.button(key="import_breaks").click().run(timeout=90)
    assert "One trend break is recorded" in " ".join(s.value for s in seen.at.success)
    [cut] = codebook.load(tmp_path / "data").breaks
    assert (cut.indicator, cut.year) == ("stage", 2009)
    column = next(s for s in seen.at.selectbox if s.key.startswith("import_recode_"))
    column.set_value("Matches a year").run(timeout=90)
    codes = next(m for m in seen.at.multiselect if m.key.startswith("import_missing_"))
    codes.set_value(["999"]).run(timeout=90)
    assert not seen.at.exception
    rows = next(table for table in seen.tables if "matches" in table)
    assert list(rows["matches"].dropna()) == ["12", "8", "10"]
    other = next(s for s in seen.at.selectbox if s.key.endswith("_source"))
    other.set_value("area").run(timeout=90)
    target = next(s for s in seen.at.selectbox if s.key.endswith("_target"))
    target.set_value("").run(timeout=90)
    assert not seen.at.exception
    assert "area" not in next(table for table in seen.tables if "matches" in table)
