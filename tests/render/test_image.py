"""Images made on the server: light, with their words, one at a time, and a sentence without browser."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from PIL import Image

from barometer.deck import Deck
from barometer.render import browser, files, image
from barometer.render.browser import BrowserError
from barometer.spec import ChartSpec

needs_browser = pytest.mark.skipif(browser.find() is None, reason="no Chromium or Chrome here")


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    """The browser does not outlive these tests."""
    yield
    image._PAINTER.close()


@pytest.fixture(scope="module")
def specs(deck_of: Callable[..., Deck]) -> dict[str, ChartSpec]:
    return {slide.spec.kind: slide.spec for slide in deck_of("fr").slides}


def said(svg: bytes) -> str:
    """The text of a drawing, without its spaces: lines are broken anywhere."""
    root = ElementTree.fromstring(svg)
    return "".join("".join(node.itertext()) for node in root.iter() if node.tag.endswith("text"))


def closed_up(text: str) -> str:
    return "".join(text.split())


@needs_browser
def test_an_image_has_the_words_of_the_chart_and_its_size(specs: dict[str, ChartSpec]) -> None:
    for kind in ("bars", "lines", "stack", "heatmap", "tree"):
        spec = specs[kind]
        words = closed_up(said(image.draw(spec, "svg")))
        for line in (spec.headline, spec.measure, spec.base, spec.source, spec.provenance):
            assert closed_up(line) in words, kind
    picture = Image.open(io.BytesIO(image.draw(specs["stack"], "png", 3, title="My own")))
    assert picture.width == 3 * image.WIDTH
    assert picture.convert("RGB").getpixel((3, 3)) == (255, 255, 255)


@needs_browser
def test_two_visitors_at_once_get_each_their_own(specs: dict[str, ChartSpec]) -> None:
    asked = [replace(specs["bars"], headline=f"Headline{number}") for number in range(6)]
    with ThreadPoolExecutor(3) as pool:
        drawn = list(pool.map(lambda spec: image.draw(spec, "svg"), asked))
    for spec, svg in zip(asked, drawn, strict=True):
        assert spec.headline in said(svg)


@needs_browser
def test_harmful_words_are_drawn_as_words(evil_deck: Deck) -> None:
    steps: list[int] = []
    content = files.deck(evil_deck, "svg", step=lambda made, *_: steps.append(made))
    assert steps == list(range(len(evil_deck.slides) + 1))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.namelist()[0] == "01_evil_bars.svg"
        for name in package.namelist():
            root = ElementTree.fromstring(package.read(name))
            tags = {node.tag.rpartition("}")[2] for node in root.iter()}
            assert not tags & {"script", "img", "foreignObject"}
            links = [
                value
                for node in root.iter()
                for key, value in node.attrib.items()
                if key.endswith("href")
            ]
            assert all(link.startswith(("#", "data:")) for link in links)
            height = int(root.get("height", "0"))
            assert 0 < height < 3000


@needs_browser
def test_a_browser_that_does_not_answer_is_given_up_and_another_started(
    specs: dict[str, ChartSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(image, "DRAWS_WITHIN", 0.001)
        with pytest.raises(BrowserError, match="recommencez"):
            image.draw(specs["bars"], "svg")
    assert closed_up(specs["bars"].headline) in closed_up(said(image.draw(specs["bars"], "svg")))


@pytest.mark.parametrize(("language", "cure"), [("fr", "peut en installer"), ("en", "can install")])
def test_without_a_browser_a_sentence_says_so_at_once(
    specs: dict[str, ChartSpec], monkeypatch: pytest.MonkeyPatch, language: str, cure: str
) -> None:
    monkeypatch.setattr(browser, "find", lambda: None)
    with pytest.raises(BrowserError, match=cure):
        image.draw(replace(specs["bars"], language=language))
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    monkeypatch.undo()
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    with pytest.raises(BrowserError, match="/nowhere/chrome"):
        image.draw(replace(specs["bars"], language=language))
