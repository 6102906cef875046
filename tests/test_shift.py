"""A change is exactly what moved within groups and what their mix did."""

from __future__ import annotations

import pytest

from barometer import measure
from barometer.cells import Selection
from barometer.measure import DEFAULTS
from barometer.shift import shift
from barometer.store import Publication

ITEMS = ["implemented", "launched", "intended", "none"]


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("by", ["relational_model", "sector", "size"])
def test_the_parts_add_up_to_the_change_exactly(
    publication: Publication, item: str, by: str
) -> None:
    parts = shift(publication, "crm_project", item, by, (2002, 2003), (), DEFAULTS)
    assert parts is not None
    assert sum(parts.within.values()) + parts.mix == pytest.approx(parts.change, abs=1e-12)


def test_the_change_is_the_one_of_the_two_estimates(publication: Publication) -> None:
    parts = shift(
        publication, "crm_project", "implemented", "relational_model", (2000, 2007), (), DEFAULTS
    )
    values = {
        year: measure.estimate(
            publication, Selection("crm_project", (), (("year", (str(year),)),), ("implemented",))
        )["value"][0]
        for year in (2000, 2007)
    }
    assert parts is not None
    assert parts.change == pytest.approx(values[2007] - values[2000], abs=1e-12)


def test_a_group_within_itself_has_no_mix(publication: Publication) -> None:
    parts = shift(
        publication,
        "crm_project",
        "implemented",
        "relational_model",
        (2002, 2003),
        (("relational_model", ("b2b",)),),
        DEFAULTS,
    )
    assert parts is not None
    assert parts.mix == pytest.approx(0, abs=1e-12)
    assert list(parts.within) == ["b2b"]


def test_nothing_is_decomposed_across_a_trend_break(publication: Publication) -> None:
    assert (
        shift(
            publication,
            "contact_surface",
            "at_least_one",
            "relational_model",
            (2005, 2006),
            (),
            DEFAULTS,
        )
        is None
    )
