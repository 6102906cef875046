"""A balancer is told whether a server can show a page, and with which publication."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from barometer.ui import traffic


@pytest.fixture
def empty(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home before its first wave, which BAROMETER_HOME names."""
    built = shutil.ignore_patterns("publications", "respondents", "waves", "*.duckdb")
    shutil.copytree(home / "data", tmp_path / "data", ignore=built)
    monkeypatch.setenv("BAROMETER_HOME", str(tmp_path))
    return tmp_path


def test_a_server_is_ready_with_the_publication_that_it_shows(home: Path) -> None:
    current = (home / "data" / "publications" / "current").read_text(encoding="utf-8").strip()
    assert traffic.ready() == current
    assert f'barometer_publication_info{{id="{current}"}} 1' in traffic.metrics()


def test_a_server_before_the_first_wave_is_ready_for_its_owner(empty: Path) -> None:
    assert traffic.ready() == ""
    assert 'barometer_publication_info{id=""} 1' in traffic.metrics()


@pytest.mark.parametrize("broken", ["publication", "unreadable", "codebook", "charts"])
def test_a_server_that_can_show_no_page_is_not_ready_and_the_log_says_why(
    empty: Path, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    pointer = empty / "data" / "publications" / "current"
    pointer.parent.mkdir()
    if broken == "publication":
        pointer.write_text("nowhere", encoding="utf-8")
    elif broken == "unreadable":
        pointer.mkdir()
    else:
        (empty / "data" / f"{broken}.toml").write_text("[", encoding="utf-8")
    assert traffic.ready() is None
    assert "not ready: " in caplog.text and str(empty) in caplog.text
    assert 'barometer_publication_info{id=""} 1' in traffic.metrics()
