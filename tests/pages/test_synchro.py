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
