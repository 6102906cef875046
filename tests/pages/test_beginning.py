"""A barometer without a wave: the page of imports opens, others lead there, the first is published."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from barometer.store import Home, Publications

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
