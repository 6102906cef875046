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


@pytest.mark.parametrize(
    ("year", "layers"),
    [
        ("2003", ["Planned investment (2003)", "Use (2003)", "Use (2006)"]),
        ("2006", ["Planned investment (2006)", "Use (2006)", "Use (2007)"]),
        ("2007", ["Planned investment (2007)", "Use (2007)"]),  # no later wave
    ],
)
def test_plans_stand_beside_the_use_before_and_after(
    visit: Visit, year: str, layers: list[str]
) -> None:
    traces = visit("investments", lang="en", year=year).figures["plans_and_facts"]["data"]
    assert [t["name"] for t in traces if t.get("mode") == "markers+text"] == layers


def test_mobility_does_not_differ_between_models_in_2003(visit: Visit) -> None:
    seen = visit("investments", lang="fr", year="2003")
    assert (
        "Investissement prévu, mobilité : de 30 % à 32 % selon les groupes, aucun écart significatif"
        in seen.text
    )
