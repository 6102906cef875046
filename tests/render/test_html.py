"""One file that opens without a network, where words stay words, and that prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from barometer import tables
from barometer.deck import Deck
from barometer.render import browser, html
from barometer.render.text import legible

FETCHES = ("src", "href", "action", "data", "poster", "srcset")


class Read(HTMLParser):
    """The tags of a page with their attributes, and its text outside scripts and styles."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self._within = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._within = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._within:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "script":
            self.scripts.append(data)
        elif not self._within:
            self.texts.append(data)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_file_says_what_the_charts_say_and_holds_their_tables(
    deck_of: Callable[..., Deck], language: str
) -> None:
    deck = deck_of(language)
    page = html.page(deck)
    read = Read(page)
    text = " ".join(" ".join(read.texts).split())
    cells = set(read.texts)
    assert len(page) < 6_000_000
    assert ("html", {"lang": language}) in read.tags
    for slide in deck.slides:
        for words in (slide.title, slide.spec.measure, slide.spec.base, slide.definition):
            assert " ".join(words.split()) in text
        shown = {cell for row in tables.shown(slide.spec).to_numpy() for cell in row} - {""}
        assert shown <= cells
    alts = [held["aria-label"] for tag, held in read.tags if held.get("role") == "img"]
    assert alts == [slide.spec.alt for slide in deck.slides]
    assert " ".join(deck.method[0].split()) in text
    bare = Read(html.page(replace(deck, opened=False, closed=False)))
    assert "h1" not in [tag for tag, _ in bare.tags] and deck.method[0] not in " ".join(bare.texts)


def test_nothing_is_fetched_and_the_policy_forbids_it(evil_deck: Deck) -> None:
    page = html.page(evil_deck)
    read = Read(page)
    for _, held in read.tags:
        for name in FETCHES:
            assert (held.get(name) or "#").startswith("#")
    policy = next(held["content"] for _, held in read.tags if "http-equiv" in held)
    assert policy and policy.startswith("default-src 'none'")
    style = page.decode().partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\((?!data:)|@import", style)


def test_harmful_words_stay_words(evil_deck: Deck) -> None:
    read = Read(html.page(evil_deck))
    tags = [tag for tag, _ in read.tags]
    assert tags.count("script") == 2 and "img" not in tags
    assert not [held for _, held in read.tags if any(name.startswith("on") for name in held)]
    cells = set(read.texts)
    for slide in evil_deck.slides:
        assert {legible(entry.label) for entry in slide.spec.series if entry.label} <= cells
    drawings = re.search(r"const drawings = (.*);", read.scripts[-1])
    assert drawings and len(json.loads(drawings[1])) == len(evil_deck.slides)


@pytest.mark.skipif(browser.find() is None, reason="no Chromium or Chrome here")
def test_it_prints_a_page_a_chart(evil_deck: Deck) -> None:
    deck = replace(evil_deck, slides=evil_deck.slides[2:4])
    printed = html.pdf(deck)
    assert printed.startswith(b"%PDF")
    counts = [int(count) for count in re.findall(rb"/Type\s*/Pages.*?/Count (\d+)", printed, re.S)]
    assert max(counts) >= len(deck.slides) + 1


@pytest.mark.skipif(browser.find() is None, reason="no Chromium or Chrome here")
def test_on_paper_a_long_table_has_a_page_of_its_own_or_none(deck_of: Callable[..., Deck]) -> None:
    """Heat maps print their numbers themselves; plans have a table, under its title again."""
    whole = deck_of("fr")
    kept = {
        kind: next(one for one in whole.slides if one.spec.kind == kind and len(one.rows) > 20)
        for kind in ("heatmap", "plans", "lines")
    }
    made = replace(whole, slides=tuple(kept.values()), opened=False, closed=False, missing=())
    counts = re.findall(rb"/Type\s*/Pages.*?/Count (\d+)", html.pdf(made), re.S)
    assert max(map(int, counts)) == 4
    page = html.page(made).decode()
    assert page.count("<caption>") == 1
    assert kept["plans"].title in page.partition("<caption>")[2].partition("</caption>")[0]


def test_a_browser_that_hangs_is_ended(
    deck_of: Callable[..., Deck], tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = tmp_path / "chromium"
    deaf.write_text("#!/bin/sh\nsleep 60\n")
    deaf.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(deaf))
    monkeypatch.setattr(browser, "PRINTS_WITHIN", 0.3)
    with pytest.raises(browser.BrowserError, match=r"n’a pas pu imprimer.*0\.3 s"):
        html.pdf(deck_of("fr"))
