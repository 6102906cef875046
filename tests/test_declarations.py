"""charts.toml: read whole, completed where it is silent, refused with its entry and the cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from barometer import codebook, declarations
from barometer.codebook import Codebook, CodebookError

DATA = Path(__file__).resolve().parent.parent / "data"
PAGES = DATA.parent / "pages"
CHART = '[[charts]]\nname = "one"\nkind = "bars"\nindicator = "crm_project"\nmeasure = "One"\n'


@pytest.fixture(scope="module")
def book() -> Codebook:
    return codebook.load(DATA)


def load(folder: Path, book: Codebook, text: str | bytes) -> declarations.Declarations:
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "charts.toml").write_bytes(content)
    return declarations.load(folder, book)


def test_every_page_declared_has_its_file_and_every_file_its_page(book: Codebook) -> None:
    declared = {page.code for page in declarations.load(DATA, book).pages}
    assert declared == {path.stem for path in PAGES.glob("*.py")}


def test_every_chart_declared_is_on_a_page(book: Codebook) -> None:
    declared = declarations.load(DATA, book)
    shown = {name for page in declared.pages for name in page.charts}
    assert shown == set(declared.by_name)


def test_every_declared_finding_and_kind_can_be_made(book: Codebook) -> None:
    from barometer import charts, stories

    for chart in declarations.load(DATA, book).charts:
        assert set(chart.findings) <= set(stories.TEMPLATES)
        assert chart.kind in charts._LAYOUTS


def test_key_figures_name_what_is_asked(book: Codebook) -> None:
    for page in declarations.load(DATA, book).pages:
        for figure in page.key_figures:
            indicator = book.by_indicator[figure.indicator]
            assert figure.item is None or figure.item in indicator.by_code


def test_colours_are_items_of_some_indicator(book: Codebook) -> None:
    items = {item.code for indicator in book.indicators for item in indicator.items}
    assert set(declarations.load(DATA, book).colours) <= items


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[charts]\n", "charts.toml"),
        (CHART + CHART, "chart one is declared twice"),
        (CHART.replace("bars", "pie"), "kind"),
        (CHART + "colour = 1\n", "colour"),
        (CHART.replace("crm_project", "crm_projects"), "chart one: there is no indicator crm_projects"),
        (CHART + 'items = ["none", "some"]\n', "chart one: crm_project has no item some"),
        (CHART + 'by = "colour"\n', "chart one: there is no dimension colour"),
        (CHART + 'findings = ["guess"]\n', "findings"),
        ('[[pages]]\ncode = "x"\ntitle = "X"\nicon = ":a:"\ncharts = ["two"]\n', "page x: there is no chart two"),
        ("# déclarations".encode("latin-1"), "charts.toml"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_refused_with_its_name(
    tmp_path: Path, book: Codebook, text: str | bytes, told: str
) -> None:
    with pytest.raises(CodebookError) as refused:
        load(tmp_path, book, text)
    assert told in str(refused.value) and "charts.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CHART + '[[pages]]\ncode = "x"\ntitle = "X"\nicon = ":a:"\nkey_figures = [{ indicator = "nothing" }]\n', "nothing"),
        (CHART + '[[pages]]\ncode = "x"\ntitle = "X"\nicon = ":a:"\nkey_figures = [{ indicator = "crm_project", item = "some" }]\n', "some"),
        (CHART + 'focus = "some"\n', "some"),
    ],
)  # fmt: skip
def test_a_key_figure_or_focus_that_nothing_answers_is_refused_when_read(
    tmp_path: Path, book: Codebook, text: str, told: str
) -> None:
    """Not when a visitor opens the page."""
    with pytest.raises(CodebookError, match=told):
        load(tmp_path, book, text)


def test_a_barometer_that_declares_nothing_still_has_pages(tmp_path: Path, book: Codebook) -> None:
    declared = declarations.load(tmp_path, book)
    assert declared.page("overview") and declared.page("method")
    overview = declared.page("overview")
    assert overview and overview.charts and set(overview.charts) <= set(declared.by_name)


def test_one_text_serves_both_languages(tmp_path: Path, book: Codebook) -> None:
    chart = load(tmp_path, book, CHART).by_name["one"]
    assert chart.measure["fr"] == chart.measure["en"] == "One"
