"""The page of channel fit: three criteria for some customers, seniors first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from barometer.verdicts import HALF

Visit = Callable[..., Any]
CRITERIA = ("adherence", "return", "single_view")


def values(answers: Any, segment: str, year: int = 2007) -> dict[tuple[str, str], dict[str, Any]]:
    rows = answers.estimates("channel_fit", None, year, {})
    parts = {tuple(row["item"].split(":")): row for row in rows}
    return {(channel, what): row for (s, channel, what), row in parts.items() if s == segment}


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [("fr", "Seniors", "Tous les clients"), ("en", "Seniors", "All customers")],
)
def test_seniors_come_first_and_the_address_keeps_another_choice(
    visit: Visit, language: str, first: str, second: str
) -> None:
    seen = visit("fit", lang=language, year="2007")
    assert not seen.at.exception and not seen.at.error
    assert f"({first})" in seen.text and f"({second})" not in seen.text
    seen.choose("about_item", "all")
    assert f"({second})" in seen.text and f"({first})" not in seen.text
    assert seen.at.query_params["about"] in ("all", ["all"])
    assert visit("fit", lang=language, about="all").figures == seen.figures


@pytest.mark.parametrize("segment", ["seniors", "all"])
def test_every_cell_is_the_estimate(visit: Visit, answers: Any, segment: str) -> None:
    seen = visit("fit", lang="en", year="2007", about=segment)
    drawn = {words - {"All"}: value for words, value in seen.drawn("channel_fit").items()}
    book = answers.publication.codebook
    label = {item.code: item.label["en"] for item in book.lists["fit_channels"].items}
    label |= {item.code: item.label["en"] for item in book.lists["fit_measures"].items}
    for (channel, what), row in values(answers, segment).items():
        assert drawn[frozenset({label[channel], label[what]})] == pytest.approx(row["value"])
    used = {r["item"]: r["value"] for r in answers.estimates("channel_adoption", None, 2007, {})}
    for channel in ("sms", "call_centre"):
        key = frozenset({label[channel], "Use (all companies)"})
        assert drawn[key] == pytest.approx(used[channel])


def test_no_channel_is_left_out_beforehand_and_each_has_one_verdict(
    visit: Visit, answers: Any
) -> None:
    seen = visit("fit", lang="en", year="2007")
    lists = [m.value for m in seen.at.markdown if "  \n" in m.value or m.value == "In store"]
    rows = values(answers, "seniors")
    channels = {channel for channel, _ in rows}
    assert len(channels) == 12
    cells = {c: [rows[c, what] for what in CRITERIA] for c in channels}
    holds = {c for c, criteria in cells.items() if all(r["ci_low"] > HALF for r in criteria)}
    fails = {c for c, criteria in cells.items() if any(r["ci_high"] < HALF for r in criteria)}
    assert holds == {"call_centre", "paper_mailing"} and len(fails) == 9
    assert f"Hold on every criterion ({len(holds)})" in seen.text
    assert f"Cannot be told ({12 - len(holds) - len(fails)})" in seen.text
    assert f"Fail on a criterion ({len(fails)})" in seen.text
    assert "E-mailing: customer adherence" in seen.text
    assert lists


def test_the_headline_names_what_fits_and_the_criterion_that_fails_most(visit: Visit) -> None:
    seen = visit("fit", lang="fr", year="2007")
    assert (
        "Seniors : Centre d'appels, Mailing papier remplissent tous les critères (2 sur 12) ;"
        " ce qui manque le plus : adhésion du client (7 sur 12)"
    ) in seen.text


def test_fit_and_use_add_up_and_name_what_is_used_without_fitting(
    visit: Visit, answers: Any
) -> None:
    seen = visit("fit", lang="en", year="2007")
    figure = seen.figures["fit_and_use"]["data"]
    bars = {trace["name"]: trace["x"] for trace in figure if trace["type"] == "bar"}
    totals = [sum(parts) for parts in zip(*bars.values(), strict=True)]
    assert len(totals) == 12 and totals == pytest.approx([1] * 12)
    drawn = seen.drawn("fit_and_use")
    fits = (
        drawn[frozenset({"SMS", "Fits and used"})] + drawn[frozenset({"SMS", "Fits but not used"})]
    )
    assert fits == pytest.approx(values(answers, "seniors")["sms", "good"]["value"])
    assert "Does not fit but used: Website first, 53%" in seen.text
    assert "Fits but not used: Paper mailing first, 25%" in seen.text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_wave_that_did_not_ask_says_which_ones_did(visit: Visit, language: str) -> None:
    seen = visit("fit", lang=language, year="2003")
    assert not seen.at.exception and not seen.at.error and seen.figures == {}
    assert len(seen.at.info) == 2
    assert all("2006, 2007" in info.value for info in seen.at.info)


def test_fragile_bases_give_no_verdict(visit: Visit) -> None:
    where = {"sector": "services", "region": "west"}
    seen = visit("fit", lang="en", year="2007", **where)
    assert not seen.at.exception and not seen.at.error
    assert "Hold on every criterion" not in seen.text
    assert "remplissent" not in seen.title and "hold on every criterion" not in seen.title
