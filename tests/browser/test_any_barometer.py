"""Another barometer, served as it is: its own words, and only the pages that it can fill."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .conftest import PROJECT, serve

LOADS_WITHIN = 20_000  # milliseconds: the first visit of a server that nobody has visited yet


@pytest.fixture(scope="module")
def schools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from barometer.store import Home, publish

    folder = tmp_path_factory.mktemp("schools") / "home"
    built = shutil.ignore_patterns(
        "barometer.duckdb*", "respondents", "audit.jsonl", "publications"
    )
    shutil.copytree(PROJECT / "tests" / "barometers" / "schools", folder, ignore=built)
    publish(Home(folder))
    with serve(folder, tmp_path_factory.mktemp("log") / "log.txt") as address:
        yield address


def test_only_the_pages_that_it_declares_are_there(page: Page, schools: str) -> None:
    page.goto(f"{schools}/?lang=en")
    menu = page.get_by_test_id("stTopNavLink")
    expect(menu).to_contain_text(
        ["Overview", "Profiles", "Explorer", "Presentation", "Data and method", "Import"],
        timeout=LOADS_WITHIN,
    )
    expect(menu).to_have_count(6)


def test_its_overview_has_its_own_words_and_figures(page: Page, schools: str) -> None:
    page.goto(f"{schools}/?lang=en")
    expect(page.get_by_text("Elementary").first).to_be_visible(timeout=LOADS_WITHIN)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=LOADS_WITHIN)
    assert "B to B" not in page.inner_text("body")
    assert "ynthetic" not in page.inner_text("body")


def test_its_explorer_crosses_its_own_dimensions(page: Page, schools: str) -> None:
    page.goto(f"{schools}/explorer?lang=en&indicator=sch_wide&by=stype")
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "type of school", timeout=LOADS_WITHIN
    )
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=LOADS_WITHIN)


def test_its_profiles_are_of_its_own_groups(page: Page, schools: str) -> None:
    page.goto(f"{schools}/profile?lang=en&profile=H")
    expect(page.get_by_role("heading", level=1)).to_contain_text("High", timeout=LOADS_WITHIN)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=LOADS_WITHIN)


def test_a_page_that_it_lacks_says_so(page: Page, schools: str) -> None:
    page.goto(f"{schools}/crm?lang=en")
    body = page.locator("body")
    expect(body).to_contain_text("Overview")
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
