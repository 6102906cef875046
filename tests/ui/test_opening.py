"""What a server holds of publications: the one that it shows."""

from __future__ import annotations

import gc
import shutil
import weakref
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from barometer.home import Home
from barometer.store import Publication, publish
from barometer.ui import opening


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
