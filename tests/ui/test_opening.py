"""What a server holds: the publication that it shows, and each of its charts once."""

from __future__ import annotations

import gc
import shutil
import weakref
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from barometer.home import Home
from barometer.store import Publication, publish
from barometer.ui import cards, opening


def visited() -> weakref.ref[Publication]:
    """The publication that a page has just shown, held by nobody here."""
    page = AppTest.from_file(str(opening.PAGES / "channels.py"), default_timeout=60).run()
    assert not page.exception
    shown = opening.current()
    assert shown is not None
    return weakref.ref(shown)


def test_a_publication_leaves_memory_when_a_page_has_shown_the_next(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "home"
    shutil.copytree(home, own)
    monkeypatch.setenv("BAROMETER_HOME", str(own))
    former = visited()
    publish(Home(own))
    latter = visited()
    gc.collect()
    assert former() is None
    assert latter() is opening.current()


@pytest.mark.parametrize("code", ["channels", "explorer", "profile", "reference"])
def test_a_page_that_is_drawn_again_finds_every_chart_drawn(home: Path, code: str) -> None:
    page = AppTest.from_file(str(opening.PAGES / f"{code}.py"), default_timeout=60).run()
    drawn = cards._drawn.cache_info()
    page.run()
    assert not page.exception
    assert cards._drawn.cache_info().misses == drawn.misses
    assert cards._drawn.cache_info().hits > drawn.hits
