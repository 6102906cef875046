"""The year in one minute: key figures, sentences, and the press beside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]

KEYS = [
    ("Contact surface", "contact_surface", "at_least_one"),
    ("CRM implemented", "crm_project", "implemented"),
    ("E-mailing", "channel_adoption", "e_mailing"),
    ("Website", "channel_adoption", "website"),
]


@pytest.mark.parametrize("where", [{}, {"relational_model": "b2c"}], ids=["all", "B to C"])
def test_key_figures_are_the_estimates_of_the_year(
    visit: Visit, answers: Any, where: dict[str, str]
) -> None:
    shown = {m.label: m.value for m in visit("overview", lang="en", year="2004", **where).at.metric}
    assert len(shown) == 5
    for label, indicator, item in KEYS:
        assert shown[label] == answers.share(indicator, item, 2004, "en", **where)


def test_the_top_plan_is_the_highest_of_the_targets(visit: Visit, answers: Any) -> None:
    targets = [
        (row["value"], row["item"])
        for row in answers.estimates("planned_investment", None, 2007, {})
        if ":" not in row["item"]
    ]
    label, value = [(m.label, m.value) for m in visit("overview", lang="en").at.metric][-1]
    top = answers.publication.codebook.by_indicator["planned_investment"].item(max(targets)[1])
    assert label == f"Top plan · {top.label['en']}"
    assert value == f"{round(100 * max(targets)[0])}%"


def test_a_change_names_both_its_years_and_says_whether_it_is_sure(visit: Visit) -> None:
    seen = visit("overview", lang="fr", year="2003")
    for metric in seen.at.metric:
        assert re.search(r"^[+−]?\d+\spts?, 2002 → 2003$", metric.delta), metric.delta
    sure = [c for c in seen.captions if re.search(r"\d+ à \d+ % · n = 1 000$", c)]
    assert len(sure) == 5
    assert all(re.match("Évolution significative|(Évolution )?[Nn]on significati", c) for c in sure)
    assert {"Évolution significative" in caption for caption in sure} == {True, False}


def test_the_first_wave_has_no_change_and_a_broken_trend_neither(visit: Visit) -> None:
    first = visit("overview", lang="en", year="2000")
    assert {metric.delta for metric in first.at.metric} == {""}
    assert sum("First wave" in caption for caption in first.captions) == 5
    broken = visit("overview", lang="en", year="2006")
    deltas = {metric.label: metric.delta for metric in broken.at.metric}
    assert deltas["Contact surface"] == ""
    assert deltas["CRM implemented"].endswith("2005 → 2006")
    assert sum("Trend break in 2006: not compared" in caption for caption in broken.captions) == 1


def test_a_spark_line_stops_at_the_trend_break(visit: Visit) -> None:
    """Only waves that compare with the one shown are on it: 2006 and 2007, not the six before."""
    surface, crm, *_ = visit("overview", lang="en", year="2007").at.metric
    assert len(surface.proto.chart_data) == 2
    assert len(crm.proto.chart_data) == 8


def test_key_figures_on_a_small_base_are_starred_and_on_a_smaller_one_absent(visit: Visit) -> None:
    flagged = visit(
        "overview", lang="en", year="2003", sector="services", region="west", relational_model="b2b"
    )
    assert all(metric.value.endswith("*") for metric in flagged.at.metric)
    hidden = visit(
        "overview",
        lang="en",
        year="2003",
        sector="services",
        region="west",
        relational_model="b2b2c",
    )
    assert {metric.value for metric in hidden.at.metric} == {"–"}
    assert sum("hidden by a base that is too small" in c for c in hidden.captions) == 5


def test_the_press_of_2003_stands_beside_our_figures(visit: Visit, answers: Any) -> None:
    text = visit("overview", lang="en", year="2003").text
    assert text.count("our data agree") == 14
    assert "our data differ" not in text
    assert "CRM implemented: 33%" in text
    assert "26 of 27 move that way, 2000 → 2003; not: Paper mailing" in text
    assert "The figure is therefore given to B to C." in text


def test_a_year_without_press_says_which_years_have_some(visit: Visit) -> None:
    seen = visit("overview", lang="en", year="2007")
    assert (
        "Nothing was published of this wave. There are figures for: 2000, 2002, 2003." in seen.text
    )


def test_the_press_is_about_everybody_whatever_the_filter(visit: Visit) -> None:
    seen = visit("overview", lang="en", year="2003", sector="retail")
    assert "the filters do not apply here" in seen.text
    whole = visit("overview", lang="en", year="2003")
    cuttings = [
        [line.value for line in visit_.at.markdown if "our data agree" in line.value]
        for visit_ in (seen, whole)
    ]
    assert len(cuttings[0]) == 14
    assert cuttings[0] == cuttings[1]
