"""Explorations in a basket: the chart that was seen, found again from a short text."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from barometer import charts, deck, explored, figures
from barometer.cells import SelectionError
from barometer.charts import View
from barometer.deck import Wanted
from barometer.ui import address
from barometer.ui.explorer import CONTROLS


@pytest.mark.parametrize(
    ("kind", "by", "across", "waves"),
    [
        ("bars", "relational_model", None, ()),
        ("bars", None, None, ()),
        ("lines", None, None, (2000, 2003)),
        ("panels", "relational_model", "year", (2002, 2003)),
        ("panels", "relational_model", "sector", ()),
    ],
)
def test_an_exploration_is_found_again_from_a_short_text(
    home, source, declared, kind, by, across, waves
) -> None:
    """The same chart with the same numbers, on a slide whose address restores the page."""
    indicator = source.codebook.by_indicator["crm_project"]
    items = [item.code for item in indicator.items][:3]
    chart = explored.chart(source.codebook, indicator.code, kind, by, across, items)
    view = View(2003, (), "en", waves=waves)
    one = Wanted(explored.spelled(chart), view, "Ours")
    assert len(str(one)) < 200
    again = deck.wanted(source, declared, str(one), "en")
    assert again == one
    assert explored.named(declared, source.codebook, again.chart) == chart
    printed = figures.load(home / "data", "published")
    (made,) = deck.build(source, declared, [again], view, printed).slides
    seen = charts.build(source, chart, view, printed, declared.colours)
    assert made.spec.points == seen.points and len(seen.points) > 1
    assert made.title == "Ours"
    parts = urlsplit(made.address)
    assert parts.path == "/explorer"
    own = CONTROLS.allowed(source.codebook)
    read, dropped = address.read(
        parse_qs(parts.query), source.codebook, source.years, [], "fr", own
    )
    assert dropped == []
    assert read.page["indicator"] == [chart.indicator]
    assert read.page["waves"] == [str(wave) for wave in waves]
    assert set(read.page["by"]) == {
        name for name in (by, across, "year" if kind == "lines" else None) if name
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("explorer!nothing!bars!!!implemented", "nothing"),
        ("explorer!crm_project!bars!!!nobody", "nobody"),
        ("explorer!crm_project!bars!planet!!implemented", "planet"),
        ("explorer!crm_project!bars!year!!implemented", "year"),
        ("explorer!crm_project!tree!!!implemented", "tree"),
        ("explorer!crm_project!bars!!!", "bars"),
        ("explorer!crm_project!panels!sector!!implemented", "panels"),
        ("explorer!crm_project!panels!sector!sector!implemented", "panels"),
        ("explorer!crm_project", "chart"),
        ("explorer", "chart"),
    ],
)
def test_a_text_that_is_no_exploration_says_why(source, declared, name, told) -> None:
    with pytest.raises(SelectionError, match=told):
        deck.wanted(source, declared, f"{name}~2003", "fr")


def test_the_group_of_a_profile_stays_with_its_chart(source, declared) -> None:
    """And its address opens the profile of that group; a group that is none is refused."""
    (name,) = declared.page("profile").charts[:1]
    one = Wanted(name, View(2003, (), "en", level="b2c"))
    again = deck.wanted(source, declared, str(one), "en")
    assert again == one
    assert "profile=b2c" in deck.address(declared, declared.by_name[name], again.view)
    with pytest.raises(SelectionError, match="nobody"):
        deck.wanted(source, declared, str(one).replace("b2c", "nobody"), "en")


@pytest.mark.parametrize("kind", ["lines", "panels"])
@pytest.mark.parametrize(
    ("year", "waves", "about"),
    [(2007, (2001, 2003, 2005), "2001 → 2005"), (2003, (2002, 2003), "2002 → 2003")],
)
def test_a_headline_names_no_wave_that_does_not_show(
    home, source, declared, kind, year, waves, about
) -> None:
    """Whatever wave the page is about, the sentence is about those drawn."""
    by, across = ("relational_model", "year") if kind == "panels" else (None, None)
    chart = explored.chart(source.codebook, "crm_project", kind, by, across, ["implemented"])
    printed = figures.load(home / "data", "published")
    view = View(year, (), "en", waves=waves)
    headline = charts.build(source, chart, view, printed).headline
    named = {int(found) for found in re.findall(r"\b20\d\d\b", headline)}
    assert named and named <= set(waves)
    assert about in headline
