"""The page of channels: the tree to its leaves, and lines cut where the questionnaire changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from barometer import style

Visit = Callable[..., Any]


def test_the_tree_prints_the_share_of_every_channel_asked(visit: Visit, answers: Any) -> None:
    for year in ("2003", "2007"):
        (tree,) = visit("channels", lang="en", year=year).figures["channel_tree"]["data"]
        expected = {
            row["item"]: style.share(row["value"], "en")
            for row in answers.estimates("channel_adoption", None, int(year), {})
        }
        printed = dict(zip(tree["ids"][1:], tree["text"][1:], strict=True))
        assert {code: text.split(" ")[0] for code, text in printed.items()} == expected
        parents = dict(zip(tree["ids"], tree["parents"], strict=True))
        assert parents["home_visit"] == "sales_meeting" and parents["sales_meeting"] == "on_site"


def test_new_channels_appear_with_the_wave_that_asks_them(visit: Visit) -> None:
    ids = {
        year: set(visit("channels", lang="en", year=year).figures["channel_tree"]["data"][0]["ids"])
        for year in ("2005", "2006")
    }
    assert {"blog", "forum", "interactive_tv"} <= ids["2006"] - ids["2005"]


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
