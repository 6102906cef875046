"""From a LimeSurvey export to its report in a real browser: one doubt is looked at and confirmed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import PROJECT

MAKE = PROJECT / "tests" / "intake" / "exports" / "make.py"
ASKED = "Cette synchronisation est-elle une préoccupation centrale ?"
REWORDED = "La synchronisation, est-ce une préoccupation ?"


def export(folder: Path) -> Path:
    """A LimeSurvey export in which one question is asked in other words."""
    spec = importlib.util.spec_from_file_location("make_exports_for_the_browser", MAKE)
    assert spec is not None and spec.loader is not None
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    path = folder / "limesurvey_2008.csv"
    make.limesurvey(path)
    text = path.read_text(encoding="utf-8-sig")
    assert ASKED in text
    path.write_text(text.replace(ASKED, REWORDED), encoding="utf-8")
    return path


def test_an_export_reaches_its_report_once_its_doubt_is_confirmed(
    page: Page, server: str, tmp_path: Path
) -> None:
    page.goto(f"{server}/import?lang=en")
    page.locator("[class*='st-key-import_file_'] input[type=file]").set_input_files(
        export(tmp_path)
    )
    expect(page.get_by_text("One column waits for you")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("5. Report")).to_have_count(0)
    page.get_by_text("That is right").click()
    expect(page.get_by_text("No fault was found: this wave can be published.")).to_be_visible(
        timeout=60_000
    )
    expect(page.get_by_text("5. Report")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
