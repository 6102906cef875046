"""The page of activities: what channels are used for, and how many of them companies use."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_model_has_its_block_of_families_by_activities(visit: Visit, language: str) -> None:
    seen = visit("activities", lang=language, year="2007")
    figure = seen.figures["activities_by_model"]
    panels = [trace for trace in figure["data"] if trace["type"] == "heatmap"]
    assert [len(panel["z"]) for panel in panels] == [24, 24, 24]
    assert all(set(panel["x"]) == {0, 1, 2} for panel in panels)  # one below the other
    assert len({y for panel in panels for y in panel["y"]}) == 24
    names = [note["text"] for note in figure["layout"]["annotations"]]
    assert names.count("Service") == 3 and "<b>B to B to C</b>" in names
    base = next(c for c in seen.captions if "B to B n =" in c)
    assert "n = 1 049" in base.replace(",", " ")


def test_the_grid_among_users_has_the_users_for_base(visit: Visit, answers: Any) -> None:
    drawn = visit("activities", lang="en", year="2007").drawn("activities_among_users")
    everyone = visit("activities", lang="en", year="2007").drawn("activities_by_model")
    key = frozenset({"Phone", "Service", "B to C"})
    rows = answers.estimates("channel_adoption", "relational_model", 2007, {})
    users = next(r["value"] for r in rows if (r["item"], r["relational_model"]) == ("phone", "b2c"))
    assert drawn[key] * users == pytest.approx(everyone[key])


def test_despecialisation_always_shows_its_intervals_and_stops_at_the_break(visit: Visit) -> None:
    traces = visit("activities", lang="en").figures["despecialisation"]["data"]
    bands = [trace for trace in traces if trace.get("fill") == "toself"]
    assert len(bands) == 8  # three models and everybody, before and after 2006
    lines = [trace["x"] for trace in traces if trace.get("mode") == "lines+markers"]
    assert not any({2005, 2006} <= set(years) for years in lines)


def test_despecialisation_rises_as_the_press_says(visit: Visit) -> None:
    seen = visit("activities", lang="fr", year="2003")
    assert "Activités par canal utilisé : en hausse, à 1,7 (+0,3, 2000 → 2003)" in seen.text


def test_fewer_and_fewer_companies_use_more_and_more_channels(visit: Visit, answers: Any) -> None:
    for year in ("2000", "2007"):
        seen = visit("activities", lang="en", year=year)
        lines = [
            trace["y"]
            for trace in seen.figures["channels_at_least"]["data"]
            if trace["type"] == "scatter"
        ]
        assert len(lines) == 4 and all(len(line) == 10 for line in lines)
        assert all(a >= b for line in lines for a, b in itertools.pairwise(line))
        surface = answers.estimates("contact_surface", None, int(year), {})[0]["value"]
        assert lines[-1][0] == pytest.approx(surface)  # at least one channel: the contact surface


def test_the_mean_number_of_channels_is_the_sum_of_the_curve(answers: Any) -> None:
    """Σ over k of P(at least k) is the mean, as far as the curve goes."""
    steps = answers.estimates("channels_at_least", None, 2003, {})
    mean = answers.estimates("channel_count", None, 2003, {})[0]["value"]
    assert sum(row["value"] for row in steps) == pytest.approx(mean, abs=0.02)


def test_the_page_says_how_far_channels_reach(visit: Visit) -> None:
    assert "Au moins 2 canaux : une majorité, 70 % en 2007" in visit("activities", lang="fr").text
    assert "At least 2 channels: a majority, 70% in 2007" in visit("activities", lang="en").text
