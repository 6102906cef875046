"""The menu of a chart: an image three times its size, a drawing that reads as text, and its data."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
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
KINDS = [  # a page, a chart of its own kind
    ("/crm", "crm_stages"),
    ("/channels", "mailing"),
    ("/channels", "channel_tree"),
    ("/investments", "investment_horizons"),
    ("/investments", "plans_medium"),
]


INDENT = """([svg, headline]) => {
    const holder = document.createElement('div');
    holder.innerHTML = svg;
    document.body.append(holder);
    const start = headline.replaceAll(/\\s/g, '').slice(0, 24);
    const words = [...holder.querySelectorAll('text')].find(
        text => text.textContent.replaceAll(/\\s/g, '').startsWith(start));
    const frame = holder.firstElementChild.getBoundingClientRect();
    const indent = words.getBoundingClientRect().left - frame.left;
    holder.remove();
    return indent;
}"""
OUTSIDE = """svg => {
    const holder = document.createElement('div');
    holder.innerHTML = svg;
    document.body.append(holder);
    const frame = holder.firstElementChild.getBoundingClientRect();
    const outside = [...holder.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect();
        return box.width && getComputedStyle(text).opacity > 0
            && (box.right > frame.right + 1 || box.left < frame.left - 1
                || box.bottom > frame.bottom + 1 || box.top < frame.top - 1);
    }).map(text => text.textContent);
    holder.remove();
    return outside;
}"""


@dataclass
class Taken:
    """What the menu of one chart gave, and what the card said meanwhile."""

    name: str
    png: Image.Image
    svg: str
    size: tuple[float, float]
    headline: str
    caption: str
    outside: list[str]
    indent: float


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


@pytest.fixture(scope="module")
def images(desk: Page) -> dict[str, Taken]:
    """Both images of a chart of each kind."""
    taken = {}
    for path, chart in KINDS:
        drawn = opened(desk, path, chart)
        card = desk.locator(f".st-key-card_{chart}")
        box = drawn.bounding_box()
        assert box
        name, png = downloaded(desk, chart, "Image PNG, ×3")
        svg = downloaded(desk, chart, "Image SVG")[1].decode()
        taken[chart] = Taken(
            name,
            Image.open(io.BytesIO(png)).convert("RGB"),
            svg,
            (box["width"], box["height"]),
            headline_of(desk, chart),
            _spaced(card.get_by_test_id("stCaptionContainer").last.inner_text()),
            desk.evaluate(OUTSIDE, svg),
            desk.evaluate(INDENT, [svg, headline_of(desk, chart)]),
        )
    return taken


def opened(page: Page, path: str, chart: str, query: str = "lang=fr&year=2003") -> Any:
    """The chart, on its page."""
    if not page.url.endswith(f"{path}?{query}"):
        page.goto(f"{path}?{query}")
    drawn = page.locator(f".st-key-chart_{chart} .js-plotly-plot")
    expect(drawn.locator(".main-svg").first).to_be_visible(timeout=20_000)
    return drawn


def downloaded(page: Page, chart: str, entry: str) -> tuple[str, bytes]:
    """Click on an entry of the chart's menu: the name of the file and its content."""
    button = page.get_by_role("button", name=entry)
    if button.count():  # another menu is open
        page.locator("h1").click()
        expect(button).to_have_count(0)
    page.locator(f".st-key-menu_{chart} button").first.click()
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def headline_of(page: Page, chart: str) -> str:
    return _spaced(page.locator(f".st-key-card_{chart} h4").inner_text())


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _closed(text: str) -> str:
    """Without spaces: lines of a drawing are broken elsewhere."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("chart", [chart for _, chart in KINDS])
def test_the_png_is_three_times_as_wide_as_the_chart_on_screen(
    images: dict[str, Taken], chart: str
) -> None:
    taken = images[chart]
    assert taken.png.width == round(3 * taken.size[0])
    assert taken.png.height > 3 * taken.size[1]  # the words stand above and below
    assert taken.name.endswith(".png") and re.search("2003|2000-2007", taken.name)
    assert taken.png.getpixel((2, 2)) == (255, 255, 255)


@pytest.mark.parametrize("chart", [chart for _, chart in KINDS])
def test_the_image_says_what_the_card_says(images: dict[str, Taken], chart: str) -> None:
    taken = images[chart]
    root = ElementTree.fromstring(taken.svg)
    said = _closed(" ".join(" ".join(text.itertext()) for text in root.iter(f"{SVG}text")))
    assert _closed(taken.headline) in said
    base = re.search(r"Base : .*?n = [\d ]+", taken.caption)
    assert base and _closed(base[0]) in said
    for part in ("Source : Baromètre de la relation client", "données synthétiques"):
        assert part in taken.caption and _closed(part) in said


@pytest.mark.parametrize("chart", [chart for _, chart in KINDS])
def test_the_svg_refers_to_nothing_outside(images: dict[str, Taken], chart: str) -> None:
    root = ElementTree.fromstring(images[chart].svg)
    links = [
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if name.endswith(("href", "src"))
    ]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not re.search(r"url\(\W{0,6}(https?:|//)|@import", images[chart].svg)
    assert not list(root.iter(f"{SVG}script"))


@pytest.mark.parametrize("chart", [chart for _, chart in KINDS])
def test_no_text_of_the_image_is_cut_at_its_edge(images: dict[str, Taken], chart: str) -> None:
    assert images[chart].outside == []


@pytest.mark.parametrize("chart", [chart for _, chart in KINDS])
def test_the_headline_of_the_image_starts_at_its_left_edge(
    images: dict[str, Taken], chart: str
) -> None:
    """Not above the plot, which labels push to the right: a long headline would leave the image."""
    assert images[chart].indent == pytest.approx(20, abs=3)


def test_an_image_leaves_the_chart_on_screen_as_it_was(desk: Page) -> None:
    drawn = opened(desk, "/crm", "crm_stages")
    reading = "c => JSON.stringify([c.data, c.layout.height, c.layout.width, c.layout.paper_bgcolor, c.layout.annotations])"
    before = drawn.evaluate(reading)
    downloaded(desk, "crm_stages", "Image PNG, ×3")
    assert drawn.evaluate(reading) == before


def test_the_csv_as_shown_prints_what_the_chart_prints(desk: Page, home: Path) -> None:
    opened(desk, "/crm", "crm_stages")
    name, content = downloaded(desk, "crm_stages", "CSV, tel")
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
    name, content = downloaded(desk, "crm_stages", "CSV, complet")
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
    page.get_by_role("button", name="Image PNG, ×3").click()
    expect(page.get_by_role("status").filter(has_text="graphique")).to_be_visible()
