"""What bases may show is decided before somebody asks, and gives way to whoever comes."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from barometer import measure
from barometer.disclosure import Protection
from barometer.store import Publication
from barometer.ui import cards, opening, warming

FEW = 3  # decisions; all of them take seconds


@pytest.fixture
def publication(home: Path, monkeypatch: pytest.MonkeyPatch) -> Publication:
    """The current publication, of which few decisions are prepared, without rest."""
    every = measure.decided
    monkeypatch.setattr(warming, "PAUSE", 0.0)
    monkeypatch.setattr(warming.measure, "decided", lambda source: islice(every(source), FEW))
    found = opening.current()
    assert found is not None
    return found


def test_who_asks_afterwards_waits_for_no_decision(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warming.warm(publication, Event())
    monkeypatch.setattr(Protection, "_by_tables", lambda *_: pytest.fail("decided again"))
    box = {d.code: [d.levels[0].code] for d in publication.codebook.dimensions[:3]}
    _, plans = measure._plans(publication, publication.codebook.indicators[0].code)[0]
    for plan in islice(plans.values(), FEW):
        plan.decide([dict(islice(box.items(), count)) for count in (1, 2, 3)])


@pytest.mark.parametrize("page", ["overview", "channels", "profile"])
def test_a_page_opens_with_what_was_drawn_up_ahead(publication: Publication, page: str) -> None:
    assert warming.warm(publication, Event())
    before = cards._built.cache_info()
    opened = AppTest.from_file(str(opening.PAGES / f"{page}.py"), default_timeout=30)
    opened.query_params["lang"] = "en"
    opened.run()
    after = cards._built.cache_info()
    assert not opened.exception and after.hits > before.hits
    assert after.misses == before.misses


def test_it_stops_with_the_server_and_at_another_publication(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Event()
    stop.set()
    assert not warming.warm(publication, stop)
    monkeypatch.setattr(warming.opening, "current", lambda: None)
    assert not warming.warm(publication, Event())


def test_the_thread_prepares_a_publication_once(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[Publication] = []
    stop = Event()
    looked = iter(range(3))

    def look(_: float) -> bool:
        if next(looked, None) is None:
            stop.set()
        return stop.is_set()

    monkeypatch.setattr(warming, "warm", lambda seen, _: prepared.append(seen) or True)
    monkeypatch.setattr(stop, "wait", look)
    warming.start(stop).join(10)
    assert prepared == [publication] and warming.prepared.is_set()


def test_an_environment_can_do_without(monkeypatch: pytest.MonkeyPatch) -> None:
    assert warming.wanted()
    monkeypatch.setenv(warming.SWITCH, "0")
    assert not warming.wanted()
