"""Rules that cannot be read keep everybody out, and a file is refused to who may not have it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from barometer.access import OPEN, AccessError
from barometer.ui import access

OWNED = '[access.owner]\nemails = ["anne@example.org"]\n'
AUTH = '[auth]\nredirect_uri = "http://localhost/oauth2callback"\n'


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of secrets that is not there yet."""
    path = tmp_path / "secrets.toml"
    monkeypatch.setattr(access.st, "get_option", lambda name: [str(path)])
    return path


def test_no_secrets_is_an_open_door(secrets: Path) -> None:
    assert access.visitor() == OPEN
    secrets.write_text('password = "of something else"')
    assert access.visitor() == OPEN


@pytest.mark.parametrize(
    "text", [OWNED, AUTH + "[access]", "[access", AUTH + OWNED.replace("owner", "owners")]
)
def test_a_mistake_in_the_rules_lets_nobody_in(secrets: Path, text: str) -> None:
    secrets.write_text(text)
    with pytest.raises(AccessError):
        access._rules()
    assert access.visitor().role is None


def test_rules_are_read_again_when_they_change(secrets: Path) -> None:
    secrets.write_text(AUTH + OWNED)
    assert access.visitor().role is None
    secrets.unlink()
    assert access.visitor() == OPEN


def test_a_file_is_made_only_for_who_may_have_it_when_they_click(
    secrets: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    monkeypatch.setattr(
        access.st, "download_button", lambda label, data, *a, **k: made.append(data)
    )
    access.download_button("CSV", lambda: b"1;2", "x.csv", "text/csv")
    assert made[0]() == b"1;2"
    secrets.write_text(AUTH + OWNED)  # the door was closed since
    with pytest.raises(PermissionError, match="may not take"):
        made[0]()


@pytest.mark.parametrize("page", ["overview", "explorer", "method"])
def test_a_page_run_by_itself_refuses_before_it_reads_anything(
    secrets: Path, home: Path, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.write_text(AUTH + OWNED)
    monkeypatch.setattr("barometer.ui.opening._opened", lambda _: pytest.fail("it was opened"))
    path = Path(__file__).resolve().parents[2] / "pages" / f"{page}.py"
    seen = AppTest.from_file(str(path), default_timeout=30)
    seen.query_params["lang"] = "en"
    seen.run()
    assert not seen.exception
    assert [title.value for title in seen.title] == ["Sign in to open the barometer"]
    assert [button.label for button in seen.button] == ["Sign in"]
