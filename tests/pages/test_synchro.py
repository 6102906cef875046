"""The page of synchro-channel: how far contacts are synchronised, and who worries about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]


def test_each_wave_has_its_bar_of_100(visit: Visit) -> None:
    figure = visit("synchro", lang="en", year="2007").figures["synchro_waves"]
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert [bar["name"] for bar in bars] == ["Full", "Partial", "Intended", "No synchronisation"]
    assert all(len(bar["x"]) == 8 for bar in bars)
    for wave in range(8):
        assert sum(bar["x"][wave] for bar in bars) == pytest.approx(1)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", "Contacts synchronisés : 24 % (1 ou 2 canaux), 74 % (9 canaux et plus), au-delà"),
        ("en", "Synchronised contacts: 24% (1 or 2 channels), 74% (9 channels or more), beyond"),
    ],
)
def test_more_channels_go_with_more_synchronisation(visit: Visit, language: str, told: str) -> None:
    assert told in visit("synchro", lang=language, year="2007").text.replace("’", "'")


def test_the_curve_is_about_companies_by_how_many_channels_they_use(
    visit: Visit, answers: Any
) -> None:
    seen = visit("synchro", lang="en", year="2007")
    rows = answers.estimates("synchro_by_channels", None, 2007, {})
    value = {row["item"]: row for row in rows}
    drawn = seen.drawn("synchro_by_channels")
    key = frozenset({"5 or 6 channels", "Central concern"})
    assert drawn[key] == pytest.approx(value["5_6:central"]["value"])
    counts = {k: value[f"{k}:central"]["n"] for k in ("0", "1_2", "3_4", "5_6", "7_8", "9_more")}
    assert sum(counts.values()) == 1049
    assert value["0:synchronised"]["value"] == 0  # nothing to synchronise


def test_companies_with_an_implemented_crm_are_ahead(visit: Visit) -> None:
    seen = visit("synchro", lang="en", year="2007")
    assert "Synchronisation, partial: Implemented leads with 47%, significantly ahead" in seen.text
    bars = seen.figures["concern_by_crm"]["data"][0]
    assert len(bars["x"]) == 5 and bars["x"][3] == max(bars["x"])


def test_concern_rises_as_the_press_says(visit: Visit) -> None:
    seen = visit("synchro", lang="fr", year="2003")
    assert "préoccupation centrale : en hausse, à 38 % (+16 pts, 2000 → 2003)" in seen.text


@pytest.mark.parametrize(
    ("language", "measure", "channel"),
    [
        (
            "fr",
            "canal par canal (Tous les clients · Connaissance client unique)",
            "Centre d'appels",
        ),
        ("en", "channel by channel (All customers · Single customer view)", "Call centre"),
    ],
)
def test_channels_are_ranked_by_the_single_customer_view_that_they_allow(
    visit: Visit, answers: Any, language: str, measure: str, channel: str
) -> None:
    seen = visit("synchro", lang=language, year="2007")
    assert measure in seen.text
    rows = answers.estimates("channel_fit", None, 2007, {})
    views = [
        row["value"]
        for row in rows
        if row["item"].startswith("all:") and row["item"].endswith(":single_view")
    ]
    (bars,) = (t for t in seen.figures["single_view"]["data"] if t["type"] == "bar")
    assert bars["x"] == pytest.approx(sorted(views, reverse=True))
    drawn = {
        next(iter(words - {"All", "Ensemble"})): v for words, v in seen.drawn("single_view").items()
    }
    assert drawn[channel] == pytest.approx(max(views))


def test_a_wave_before_the_module_says_that_it_was_not_asked(visit: Visit) -> None:
    seen = visit("synchro", lang="en", year="2003")
    assert "single_view" not in seen.figures and seen.at.info


def test_two_close_numbers_of_a_curve_stand_on_both_sides_of_it(visit: Visit) -> None:
    figure = visit("synchro", lang="en", year="2007").figures["synchro_by_channels"]
    first, second = (trace for trace in figure["data"] if "textposition" in trace)
    pairs = list(zip(first["y"], second["y"], strict=True))
    sides = list(zip(first["textposition"], second["textposition"], strict=True))
    close = [side for pair, side in zip(pairs, sides, strict=True) if abs(pair[0] - pair[1]) < 0.05]
    assert close and all(set(side) == {"top center", "bottom center"} for side in close)
