"""The menu of a chart: an image three times its size, a drawing that reads as text, and its data."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from barometer import measure
from barometer.cells import Selection
from barometer.store import Home, Publications

SVG = "{http://www.w3.org/2000/svg}"
KINDS = [  # a page, a chart of each kind
    ("/crm", "crm_stages"),
    ("/crm", "crm_penetration"),
    ("/channels", "adoption_by_model"),
    ("/channels", "channel_tree"),
    ("/investments", "investment_horizons"),
    ("/investments", "plans_and_facts"),
]


@pytest.fixture(scope="module")
def desk(browser: Browser, server: str) -> Iterator[Page]:
    """One visitor who downloads everything, in the dark: images are light all the same."""
    context = browser.new_context(
        base_url=server,
        locale="fr-FR",
        color_scheme="dark",
        viewport={"width": 1440, "height": 900},
    )
    yield context.new_page()
    context.close()


def opened(page: Page, path: str, chart: str, query: str = "lang=fr&year=2003") -> Any:
    """The chart, its menu open."""
    if page.url.endswith(f"{path}?{query}"):
        page.keyboard.press("Escape")
    else:
        page.goto(f"{path}?{query}")
    drawn = page.locator(f".st-key-chart_{chart} .js-plotly-plot")
    expect(drawn.locator(".main-svg").first).to_be_visible(timeout=20_000)
    page.locator(f".st-key-menu_{chart} button").first.click()
    return drawn


def downloaded(page: Page, button: str) -> tuple[str, bytes]:
    """Click on an entry of the open menu: the name of the file and its content."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def headline_of(page: Page, chart: str) -> str:
    return _spaced(page.locator(f".st-key-card_{chart} h4").inner_text())


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize(("path", "chart"), KINDS)
def test_the_png_is_three_times_as_wide_as_the_chart_on_screen(
    desk: Page, path: str, chart: str
) -> None:
    drawn = opened(desk, path, chart)
    box = drawn.bounding_box()
    name, content = downloaded(desk, "Image PNG")
    image = Image.open(io.BytesIO(content))
    assert box and image.width == round(3 * box["width"])
    assert image.height > 3 * box["height"]  # the words stand above and below
    assert name.endswith(".png") and "2003" in name or "2000-2007" in name
    assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)


@pytest.mark.parametrize(("path", "chart"), KINDS)
def test_the_svg_says_what_the_card_says_and_refers_to_nothing_outside(
    desk: Page, path: str, chart: str
) -> None:
    opened(desk, path, chart)
    headline = headline_of(desk, chart)
    caption = _spaced(
        desk.locator(f".st-key-card_{chart} [data-testid=stCaptionContainer]").last.inner_text()
    )
    _, content = downloaded(desk, "Image SVG")
    root = ElementTree.fromstring(content)
    said = _spaced(" ".join(" ".join(text.itertext()) for text in root.iter(f"{SVG}text")))
    assert headline.replace(" ", "") in said.replace(" ", "")
    for part in ("Base : ", "Source : Baromètre de la relation client", "données synthétiques"):
        assert part in caption
        assert _spaced(part).replace(" ", "") in said.replace(" ", "")
    base = re.search(r"Base : .*?n = [\d ]+", caption)
    assert base and base[0].replace(" ", "") in said.replace(" ", "")
    links = [
        value
        for element in root.iter()
        for key, value in element.attrib.items()
        if key.endswith(("href", "src"))
    ]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not re.search(r"url\(['\"&quot;]*https?:", content.decode())


def test_every_text_of_the_image_is_inside_it(desk: Page) -> None:
    for path, chart in KINDS:
        opened(desk, path, chart)
        _, content = downloaded(desk, "Image SVG")
        desk.keyboard.press("Escape")
        outside = desk.evaluate(
            """svg => {
                const holder = document.createElement('div');
                holder.innerHTML = svg;
                document.body.append(holder);
                const frame = holder.firstElementChild.getBoundingClientRect();
                const out = [...holder.querySelectorAll('text')].filter(text => {
                    const box = text.getBoundingClientRect();
                    return box.width && getComputedStyle(text).opacity > 0
                        && (box.right > frame.right + 1 || box.left < frame.left - 1
                        || box.bottom > frame.bottom + 1 || box.top < frame.top - 1);
                }).map(text => text.textContent);
                holder.remove();
                return out;
            }""",
            content.decode(),
        )
        assert outside == [], chart


def test_an_image_leaves_the_chart_on_screen_as_it_was(desk: Page) -> None:
    drawn = opened(desk, "/crm", "crm_stages")
    reading = "c => JSON.stringify([c.data, c.layout.height, c.layout.width, c.layout.paper_bgcolor, c.layout.annotations])"
    before = drawn.evaluate(reading)
    downloaded(desk, "Image PNG")
    assert drawn.evaluate(reading) == before


def test_the_csv_as_shown_prints_what_the_chart_prints(desk: Page, home: Path) -> None:
    opened(desk, "/crm", "crm_stages")
    name, content = downloaded(desk, "CSV, tel")
    text = content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text.partition("\r\n\r\n")[0])))
    assert name.endswith("_fr.csv")
    assert table[0][1:] == ["Implanté", "Lancé", "Envisagé", "Aucun projet"]
    assert [row[0] for row in table[1:]] == ["B to B", "B to C", "B to B to C", "Ensemble"]
    for row in table[1:]:
        assert sum(int(re.match(r"\d+", cell)[0]) for cell in row[1:]) == 100  # type: ignore[index]
    assert "données synthétiques" in text and headline_of(desk, "crm_stages") in _spaced(text)


def test_the_full_csv_holds_the_estimates_unrounded(desk: Page, home: Path) -> None:
    opened(desk, "/crm", "crm_stages")
    name, content = downloaded(desk, "CSV, complet")
    text = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text.partition("\r\n\r\n")[0])))
    publication = Publications(Home(home)).current()
    assert publication
    estimates = measure.estimate(
        publication, Selection("crm_project", ("relational_model",), (("year", ("2003",)),))
    )
    assert len(rows) == 16
    for expected in estimates.to_dict("records"):
        (row,) = (
            r
            for r in rows
            if (r["category"], r["series"]) == (expected["relational_model"], expected["item"])
        )
        for column in ("value", "effective_base", "ci_low", "ci_high"):
            assert float(row[column]) == pytest.approx(expected[column], rel=1e-12)
        assert int(row["n"]) == expected["n"]
    assert name.endswith("_full.csv") and "données synthétiques" in text


def test_a_chart_shown_as_a_table_says_why_it_has_no_image(page: Page) -> None:
    page.goto("/crm?lang=fr&year=2003&table=crm_stages")
    expect(page.locator(".st-key-card_crm_stages").get_by_test_id("stDataFrame")).to_be_visible(
        timeout=20_000
    )
    page.locator(".st-key-menu_crm_stages button").first.click()
    page.get_by_role("button", name="Image PNG").click()
    expect(page.get_by_role("status").filter(has_text="graphique")).to_be_visible()
