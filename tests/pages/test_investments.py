"""The page of investments: targets by horizon, mobility, and what came of the plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]


def test_every_target_and_horizon_has_its_cell_in_each_model(visit: Visit) -> None:
    panels = [
        trace
        for trace in visit("investments", lang="en").figures["investment_horizons"]["data"]
        if trace["type"] == "heatmap"
    ]
    assert len(panels) == 3
    for panel in panels:
        assert len(set(panel["x"])) == 3 and len(set(panel["y"])) == 7
        assert len(panel["z"]) == 21


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("year", "planned", "later"),
    [
        ("2003", 2003, 2006),
        ("2006", 2006, 2007),  # the horizon is not over
        ("2007", 2004, 2007),  # no later wave yet: the last plans whose time is over
    ],
)
def test_plans_stand_beside_what_happened(
    visit: Visit, answers: Any, language: str, year: str, planned: int, later: int
) -> None:
    """Each number drawn is the later estimate less the earlier one."""
    seen = visit("investments", lang=language, year=year)
    book = answers.publication.codebook
    words = {"fr": f"Évolution d’ici {later}", "en": f"Change by {later}"}[language]
    drawn = seen.drawn("plans_medium")
    known = {
        (row["year"], row["relational_model"], row["item"]): row["value"]
        for row in answers.estimates("channel_adoption", "relational_model", None, {})
    }
    for target in ("website", "e_mailing", "call_centre", "paper_mailing", "own_network"):
        label = book.by_indicator["channel_adoption"].item(target).label[language]
        for level in book.main_dimension.levels:
            gained = known[later, level.code, target] - known[planned, level.code, target]
            name = frozenset({label, level.label[language], words})
            assert drawn[name] == pytest.approx(gained, abs=1e-12)
    assert str(planned) in seen.texts("plans_medium")
    warned = {"fr": "D’autres entreprises ont répondu", "en": "Different companies answered"}
    assert seen.text.count(warned[language]) == 3


def test_plans_that_no_wave_can_tell_of_are_said_to_be(visit: Visit) -> None:
    seen = visit("investments", lang="en", year="2007")
    assert "No later wave tells yet of the plans of 2007: these are those of 2004" in seen.text
    assert "to 2005, before its trend break" in seen.texts("plans_medium")


def test_mobility_does_not_differ_between_models_in_2003(visit: Visit) -> None:
    seen = visit("investments", lang="fr", year="2003")
    assert (
        "Investissement prévu, mobilité : de 30 % à 32 % selon les groupes, aucun écart significatif"
        in seen.text
    )
