"""The explorer shows the numbers of estimate for any indicator, breakdown and filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from barometer import measure, style
from barometer.cells import Selection


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("indicator", "by"),
    [
        ("crm_project", ["relational_model"]),
        ("channel_adoption", ["size", "relational_model"]),
        ("channel_count", ["sector"]),
        ("contact_surface", []),
        ("channel_activity_among_users", ["crm_stage"]),
    ],
)
def test_the_table_prints_what_estimate_answers(
    visit: Callable[..., Any], answers: Any, indicator: str, by: list[str], language: str
) -> None:
    seen = visit("explorer", lang=language, year="2003", indicator=indicator, by=by)
    assert not seen.at.exception
    assert not seen.at.error
    table = seen.tables[0]
    rows = measure.estimate(
        answers.publication, Selection(indicator, tuple(by), (("year", ("2003",)),))
    )
    declared = answers.publication.codebook.by_indicator[indicator]
    shown = style.share if declared.measure == "share" else style.mean
    printed = {str(cell).split(" ")[0].rstrip("*") for cell in table.to_numpy().ravel()}
    for row in rows[rows["flag"] != "hidden"].to_dict("records"):
        assert shown(row["value"], language).split(" ")[0] in printed
    assert len(seen.figures) == 1


def test_the_address_restores_the_whole_question(visit: Callable[..., Any]) -> None:
    seen = visit(
        "explorer",
        lang="en",
        year="2003",
        indicator="channel_adoption",
        by=["size"],
        item=["website", "e_mailing"],
        sort="value",
        shade="1",
        confidence="0.9",
        correction="benjamini_hochberg",
    )
    assert list(seen.tables[0][""])[2:] == ["Website", "E-mailing"]
    assert "90%" in seen.text
    assert seen.at.query_params["item"] == ["website", "e_mailing"]
    assert seen.at.query_params["shade"] == "1"


def test_an_item_of_another_indicator_is_left_aside(visit: Callable[..., Any]) -> None:
    seen = visit("explorer", lang="en", year="2003", indicator="crm_project", item=["website"])
    assert not seen.at.exception
    assert "No project" in list(seen.tables[0][""])


def test_what_a_wave_did_not_ask_is_said(visit: Callable[..., Any]) -> None:
    seen = visit("explorer", lang="en", year="2003", indicator="channel_fit")
    assert "this wave did not ask" in seen.text


def test_small_bases_show_a_cross_and_never_a_number(visit: Callable[..., Any]) -> None:
    seen = visit(
        "explorer",
        lang="en",
        year="2003",
        indicator="crm_project",
        by=["relational_model", "size"],
        region=["west"],
        sector=["finance"],
    )
    bases = seen.tables[0].iloc[0]
    cells = seen.tables[0].iloc[2:]
    small = [name for name in list(seen.tables[0].columns)[1:] if int(bases[name]) < 10]
    assert small
    for name in small:
        assert set(cells[name]) == {"×"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_waves_are_a_breakdown_like_another(
    visit: Callable[..., Any], answers: Any, language: str
) -> None:
    seen = visit(
        "explorer",
        lang=language,
        indicator="channel_adoption",
        by=["year"],
        item=["e_mailing"],
        waves=["2002", "2003", "2006"],
    )
    assert not seen.at.exception
    rows = measure.estimate(
        answers.publication,
        Selection(
            "channel_adoption", ("year",), (("year", ("2002", "2003", "2006")),), ("e_mailing",)
        ),
    )
    table = seen.tables[0]
    assert [str(name).split(" ")[0] for name in list(table.columns)[1:]] == ["2002", "2003", "2006"]
    for name, value in zip(list(table.columns)[1:], rows["value"], strict=True):
        assert str(table[name].iloc[2]).startswith(style.share(value, language))
    assert len(seen.figures) == 1
    assert seen.at.query_params["waves"] == ["2002", "2003", "2006"]


def test_a_wave_that_is_not_online_is_dropped_with_a_notice(visit: Callable[..., Any]) -> None:
    seen = visit("explorer", lang="en", indicator="crm_project", by=["year"], waves=["1999"])
    assert not seen.at.exception
    assert "waves=1999" in seen.text
    assert len(list(seen.tables[0].columns)) == 9


def test_two_breakdowns_of_which_one_is_the_wave_give_one_panel_a_wave(
    visit: Callable[..., Any],
) -> None:
    seen = visit(
        "explorer",
        lang="en",
        indicator="crm_project",
        by=["relational_model", "year"],
        waves=["2002", "2003"],
    )
    assert not seen.at.exception
    assert len(list(seen.tables[0].columns)) == 7
    assert len(seen.figures) == 1


def test_the_reason_of_a_break_stands_under_the_table(visit: Callable[..., Any]) -> None:
    seen = visit("explorer", lang="en", indicator="contact_surface", by=["year"])
    assert "The 2006 questionnaire adds channels" in seen.text
    assert "No change is computed across." in seen.text


def test_what_is_explored_goes_into_the_presentation(
    visit: Callable[..., Any], open_menus: None
) -> None:
    """The chart that is seen, with its breakdown, from the menu of its card to the basket."""
    at = visit("explorer", lang="en", year="2003", indicator="crm_project", by=["sector"]).at
    next(one for one in at.button if one.label == "Add to the presentation").click().run()
    assert not at.exception
    (kept,) = at.session_state["_basket"]
    assert kept.text.startswith("explorer!crm_project!")
    basket = visit("presentation", lang="en", year="2003", slide=[kept.text]).at
    assert not basket.exception
    assert not basket.warning
    assert any("1 chart" in one.value for one in basket.markdown)
