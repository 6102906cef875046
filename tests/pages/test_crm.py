"""The page of CRM projects: stages that add up, and the three printed fractions marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_one_third_one_fifth_and_one_twentieth_are_marked(visit: Visit, language: str) -> None:
    seen = visit("crm", lang=language, year="2003")
    fractions = [1 / 20, 1 / 5, 1 / 3]
    marks = seen.printed("crm_penetration")
    assert {year for year, _ in marks} == {2003}
    assert sorted(value for _, value in marks) == pytest.approx(fractions, abs=1e-6)
    assert sorted(x for x, _ in seen.printed("crm_stages")) == pytest.approx(fractions, abs=1e-6)
    texts = seen.texts("crm_penetration")
    assert "1/3 ayant implanté un projet CRM" in texts and "1/20 en B to B to C" in texts


@pytest.mark.parametrize(
    ("language", "reading"),
    [("fr", "L'article écrit deux fois « B to B »"), ("en", "The article prints « B to B » twice")],
)
def test_the_misprint_is_explained_where_it_stands(
    visit: Visit, language: str, reading: str
) -> None:
    seen = visit("crm", lang=language, year="2003")
    assert sum(reading in caption for caption in seen.captions) == 2  # both charts marked
    only_b2b = visit("crm", lang=language, year="2003", relational_model="b2b")
    assert not any(reading in caption for caption in only_b2b.captions)


def test_a_foreign_filter_takes_the_printed_marks_away(visit: Visit) -> None:
    seen = visit("crm", lang="en", year="2003", region="south")
    assert seen.printed("crm_penetration") == seen.printed("crm_stages") == []
    assert not any("published by the press" in caption for caption in seen.captions)


@pytest.mark.parametrize("year", ["2001", "2003", "2007"])
def test_the_numbers_in_each_bar_add_up_to_100(visit: Visit, year: str) -> None:
    figure = visit("crm", lang="en", year=year).figures["crm_stages"]
    sums: dict[float, float] = {}
    for trace in figure["data"]:
        if trace["type"] == "bar":
            for place, value in zip(trace["y"], trace["x"], strict=True):
                sums[place] = sums.get(place, 0.0) + value
    assert len(sums) == 4
    assert list(sums.values()) == pytest.approx([1.0] * 4)


def test_steps_are_ordered_from_implemented_to_none(visit: Visit) -> None:
    names = [
        t["name"]
        for t in visit("crm", lang="en").figures["crm_stages"]["data"]
        if t["type"] == "bar"
    ]
    assert names == ["Implemented", "Launched", "Intended", "No project"]


def test_scope_is_about_companies_with_a_project(visit: Visit, answers: Any) -> None:
    seen = visit("crm", lang="en", year="2003")
    n = {row["n"] for row in answers.estimates("crm_scope", None, 2003, {})}
    (n,) = n
    assert any(
        f"companies whose project is launched or implemented, n = {n}" in c for c in seen.captions
    )


def test_what_moved_within_models_and_their_mix_add_up_to_the_change(
    visit: Visit, answers: Any
) -> None:
    shift = visit("crm", lang="en", year="2003").drawn("crm_shift")
    parts = {" ".join(sorted(words - {"Implemented"})): value for words, value in shift.items()}
    now, before = (
        next(
            r["value"]
            for r in answers.estimates("crm_project", None, year, {})
            if r["item"] == "implemented"
        )
        for year in (2003, 2002)
    )
    whole = [value for value in parts.values() if value == pytest.approx(now - before)]
    assert len(parts) == 5 and len(whole) == 1
    assert sum(parts.values()) - whole[0] == pytest.approx(whole[0])
