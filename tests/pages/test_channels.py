"""The page of channels: the tree to its leaves, and lines cut where the questionnaire changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from barometer import style

Visit = Callable[..., Any]


def cells(seen: Any) -> dict[str, str]:
    """What each cell of the tree prints, by the code of its item."""
    words = seen.figures["channel_tree"]["data"][1]
    return dict(zip(words["ids"], words["text"], strict=True))


def test_the_tree_prints_the_share_of_every_channel_asked_on_the_way_to_its_leaf(
    visit: Visit, answers: Any
) -> None:
    for year in ("2003", "2007"):
        expected = {
            row["item"]: style.share(row["value"], "en")
            for row in answers.estimates("channel_adoption", None, int(year), {})
        }
        printed = cells(visit("channels", lang="en", year=year))
        assert set(expected) > set(printed) and "›" in printed["sales_meeting"]
        printed |= cells(visit("channels", lang="en", year=year, node="on_site"))
        assert set(expected) == set(printed)
        for code in expected:
            assert f"<b>{expected[code]}</b>" in printed[code]


def test_a_cell_stands_beside_what_groups_it(visit: Visit) -> None:
    bars = visit("channels", lang="en", year="2007").figures["channel_tree"]["data"][0]
    place = {
        code: (left, middle, rows)
        for code, left, middle, rows in zip(
            bars["ids"], bars["base"], bars["y"], bars["width"], strict=True
        )
    }
    assert place["on_site"][0] == 0 and place["sales_meeting"][0] == 1
    _, middle, rows = place["internet"]
    inside = [code for code, (x, y, _) in place.items() if x == 1 and abs(y - middle) < rows / 2]
    assert len(inside) == rows == 9 and "blog" in inside and "sms" not in inside


def test_new_channels_appear_with_the_wave_that_asks_them(visit: Visit) -> None:
    ids = {year: set(cells(visit("channels", lang="en", year=year))) for year in ("2005", "2006")}
    assert {"blog", "forum", "interactive_tv"} <= ids["2006"] - ids["2005"]


@pytest.mark.parametrize(
    ("language", "family", "step"),
    [("fr", "Sur place", "Rencontre commerciale"), ("en", "On site", "Sales meeting")],
)
def test_the_trail_leads_down_and_up_and_the_address_follows(
    visit: Visit, language: str, family: str, step: str
) -> None:
    seen = visit("channels", lang=language, year="2007")
    seen.choose("tree_down", "on_site")
    assert seen.at.query_params["node"] in ("on_site", ["on_site"])
    assert f"({family})" in seen.text
    seen.choose("tree_down", "sales_meeting")
    assert set(cells(seen)) == {"sales_meeting", "trade_show", "home_visit", "in_store"}
    trail = {b.key: b for b in seen.at.button if b.key and b.key.startswith("tree_to_")}
    assert [b.label for b in trail.values()][1:] == [family, step]
    assert trail["tree_to_sales_meeting"].disabled
    trail["tree_to_on_site"].click().run()
    assert seen.at.query_params["node"] in ("on_site", ["on_site"])
    seen.at.button(key="tree_to_").click().run()
    assert "node" not in seen.at.query_params
    assert "internet" in cells(seen)


def test_the_detail_follows_the_tree_by_model(visit: Visit, answers: Any) -> None:
    seen = visit("channels", lang="en", year="2007", node="call_centre")
    drawn = seen.drawn("channel_detail")
    rows = answers.estimates("channel_adoption", "relational_model", None, {})
    expected = {
        (str(row["year"]), row["relational_model"]): row["value"]
        for row in rows
        if row["item"] == "call_centre"
    }
    assert drawn[frozenset({"2003", "B to C"})] == pytest.approx(expected["2003", "b2c"])
    assert len(drawn) == len(expected) + 8  # and everybody, each wave


def test_a_node_that_the_wave_did_not_ask_says_so_and_leads_back(visit: Visit) -> None:
    seen = visit("channels", lang="en", year="2003", node="blog")
    assert "Not asked in 2003. Asked in: 2006, 2007." in seen.text
    seen.at.button(key="tree_to_internet").click().run()
    assert "website" in cells(seen)


def test_an_unknown_node_is_left_out_with_a_notice(visit: Visit) -> None:
    seen = visit("channels", lang="en", node="nowhere")
    assert "node=nowhere" in seen.at.warning[0].value.replace("\\", "")
    assert "internet" in cells(seen)


def test_the_table_of_the_tree_is_indented(visit: Visit) -> None:
    seen = visit("channels", lang="en", year="2007", table="channel_tree")
    rows = dict(zip(*(seen.tables[0].iloc[:, place] for place in (0, 1)), strict=True))
    assert {"On site", "\u2003Sales meeting", "\u2003\u2003Trade show"} <= set(rows)
    assert rows["\u2003Website"] == "44%"


def test_the_four_ways_of_mailing_add_up_in_every_wave(visit: Visit, answers: Any) -> None:
    seen = visit("channels", lang="en", year="2007")
    rows = answers.estimates("mailing_mix", None, None, {})
    adopted = {
        (row["year"], row["item"]): row["value"]
        for row in answers.estimates("channel_adoption", None, None, {})
    }
    for year in range(2000, 2008):
        mix = {row["item"]: row["value"] for row in rows if row["year"] == year}
        assert sum(mix.values()) == pytest.approx(1)
        both = mix["both_mailings"]
        assert both + mix["e_mailing_only"] == pytest.approx(adopted[year, "e_mailing"])
        assert both + mix["paper_mailing_only"] == pytest.approx(adopted[year, "paper_mailing"])
    assert "E-mailing passes Paper mailing in 2005" in seen.text
    assert "both changes are significant" in seen.text


def test_a_stage_is_a_net_of_its_channels(visit: Visit, answers: Any) -> None:
    rows = answers.estimates("channel_stage", None, 2005, {})
    value = {row["item"]: row["value"] for row in rows}
    adopted = {
        row["item"]: row["value"] for row in answers.estimates("channel_adoption", None, 2005, {})
    }
    assert value["new"] >= max(value["website"], value["e_mailing"])
    assert value["website"] == adopted["website"] and value["emerging"] == adopted["mobile"]
    cut = visit("channels", lang="fr").figures["channel_stages"]["data"]
    lines = [trace["x"] for trace in cut if trace.get("mode") == "lines+markers"]
    assert sum({2005, 2006} <= set(years) for years in lines) == 1  # the traditional channels


def test_no_line_crosses_the_trend_break(visit: Visit) -> None:
    traces = visit("channels", lang="en").figures["contact_surface_trend"]["data"]
    lines = [trace["x"] for trace in traces if trace.get("mode") == "lines+markers"]
    assert len(lines) == 8  # three models and all, before and after
    assert not any({2005, 2006} <= set(years) for years in lines)
    unbroken = visit("channels", lang="en").figures["mailing"]["data"]
    lines = [trace["x"] for trace in unbroken if trace.get("mode") == "lines+markers"]
    assert len(lines) == 2 and all({2005, 2006} <= set(years) for years in lines)


def test_the_break_is_explained_under_the_chart(visit: Visit) -> None:
    seen = visit("channels", lang="fr")
    assert "2006 : Le questionnaire de 2006 ajoute des canaux" in seen.text


def test_published_contact_surface_is_marked_for_everybody_only(visit: Visit) -> None:
    def marks(**where: str) -> list[tuple[float, float]]:
        return visit("channels", lang="en", **where).printed("contact_surface_trend")

    assert marks() == [(2000, 0.42), (2002, 0.51)]
    assert marks(relational_model="b2b") == []
    assert marks(sector="retail") == []
