"""The address bar: what is written is read back, and nothing else is let in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometer import codebook
from barometer.codebook import LANGUAGES
from barometer.measure import Settings
from barometer.ui import address
from barometer.ui.address import SETTINGS, Address

BOOK = codebook.load(Path(__file__).resolve().parents[2] / "data")
YEARS = list(range(2000, 2008))
CHARTS = ["one", "two", "three"]
OWN = {"indicator": ["a", "b"], "title": None}


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True)


addresses = st.builds(
    Address,
    st.sampled_from(YEARS),
    st.sampled_from(LANGUAGES),
    st.fixed_dictionaries({d.code: some([level.code for level in d.levels]) for d in BOOK.dimensions}).map(
        lambda where: {name: levels for name, levels in where.items() if levels}
    ),
    st.booleans(),
    some(CHARTS),
    st.builds(Settings, **{name: st.sampled_from(choices) for name, choices in SETTINGS.items()}),
    st.fixed_dictionaries(
        {"indicator": some(["a", "b"]), "title": st.lists(st.text(max_size=20), unique=True, max_size=3)}
    ),
)  # fmt: skip


def read(parameters: dict[str, list[str]]) -> tuple[Address, list[str]]:
    return address.read(parameters, BOOK, YEARS, CHARTS, "fr", OWN)


@given(addresses)
def test_an_address_that_is_written_is_read_back(view: Address) -> None:
    back, dropped = read(view.parameters())
    assert dropped == []
    assert (back.year, back.language, back.where) == (view.year, view.language, view.where)
    assert (back.margins, back.tables, back.settings) == (view.margins, view.tables, view.settings)
    assert back.page == view.page
    assert back.parameters() == view.parameters()


words = st.text(max_size=12) | st.sampled_from(["year", "lang", "sector", "table", "2003", "b2b", "1", "fr", "holm"])  # fmt: skip


@given(st.dictionaries(words, st.lists(words, max_size=3), max_size=6))
def test_whatever_an_address_holds_it_is_read_without_a_fault(
    parameters: dict[str, list[str]],
) -> None:
    view, dropped = read(parameters)
    assert view.year in YEARS and view.language in LANGUAGES
    for name, levels in view.where.items():
        assert set(levels) <= {level.code for level in BOOK.by_dimension[name].levels}
    assert set(view.tables) <= set(CHARTS)
    given = {f"{name}={value}" for name, values in parameters.items() for value in values}
    assert set(dropped) <= given
    assert read(view.parameters())[1] == []


@given(st.dictionaries(words, st.lists(words, max_size=3), max_size=6))
def test_what_is_left_out_is_said_once(parameters: dict[str, list[str]]) -> None:
    dropped = read({name: list(dict.fromkeys(values)) for name, values in parameters.items()})[1]
    assert len(dropped) == len(set(dropped))


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"year": ["1999"]}, ["year=1999"]),
        ({"year": ["2003", "soon"]}, ["year=soon"]),
        ({"lang": ["de"]}, ["lang=de"]),
        ({"sector": ["retail", "nowhere"]}, ["sector=nowhere"]),
        ({"size": ["small"], "colour": ["red", "blue"]}, ["colour=red", "colour=blue"]),
        ({"table": ["four"]}, ["table=four"]),
        ({"margins": ["yes"]}, ["margins=yes"]),
        ({"confidence": ["0.5"]}, ["confidence=0.5"]),
        ({"correction": ["guess"]}, ["correction=guess"]),
        ({"indicator": ["c"]}, ["indicator=c"]),
        ({"year": ["2003", "2004"]}, ["year=2004"]),
    ],
)  # fmt: skip
def test_what_is_not_here_is_left_out_by_name(
    parameters: dict[str, list[str]], told: list[str]
) -> None:
    assert read(parameters)[1] == told


def test_what_is_missing_takes_its_default() -> None:
    view, dropped = read({})
    assert (view.year, view.language, view.where, view.tables) == (2007, "fr", {}, [])
    assert not view.margins and view.settings == Settings() and dropped == []


def test_defaults_are_not_written_so_addresses_stay_short() -> None:
    assert read({})[0].parameters() == {"lang": ["fr"], "year": ["2007"]}


@pytest.mark.parametrize(
    ("given", "kept"),
    [(["x" * 400], ["x" * 300]), ([str(i) for i in range(20)], [str(i) for i in range(10)])],
)
def test_free_text_is_kept_within_bounds(given: list[str], kept: list[Any]) -> None:
    assert read({"title": given})[0].page["title"] == kept
