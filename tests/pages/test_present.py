"""The presenter's view: one chart of the page at a time, the same figures, its notes on request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from barometer.render.enlarged import enlarged

Visit = Callable[..., Any]


def words(seen: Any) -> dict[str, Any]:
    """What stands around the chart on screen."""
    (component,) = seen.at.get("bidi_component")
    return dict(json.loads(component.proto.json))


@pytest.mark.parametrize(
    ("code", "language"),
    [("overview", "fr"), ("channels", "en"), ("crm", "fr"), ("investments", "en")],
)
def test_a_chart_of_any_page_is_shown_alone_with_the_figures_of_its_page(
    visit: Visit, answers: Any, code: str, language: str
) -> None:
    name = answers.declared.page(code).charts[1]
    page = visit(code, lang=language, year="2003")
    seen = visit(code, lang=language, year="2003", present=name)
    assert not seen.at.exception and not seen.at.error
    assert set(seen.figures) == {name}
    assert seen.drawn(name) == page.drawn(name)
    around = words(seen)
    every = answers.declared.page(code).charts
    assert around["names"] == [chart for chart in every if chart in page.figures]
    assert around["names"][around["at"]] == name
    synthetic = {"fr": "données synthétiques", "en": "synthetic data"}[language]
    assert synthetic in around["source"]


def test_its_notes_hold_base_waves_and_definition_and_wait_to_be_asked(visit: Visit) -> None:
    silent = words(visit("crm", lang="en", year="2003", present="crm_stages"))
    told = words(visit("crm", lang="en", year="2003", present="crm_stages", notes="1"))
    assert silent["notes"] is False and told["notes"] is True
    notes = " ".join(told["lines"]).replace("\u00a0", " ")
    for part in (
        "n = 1,000",
        "Wave 2003",
        "How far the CRM project has come",
        "◇ figure published",
    ):
        assert part in notes


def test_the_menu_and_the_filters_give_way_and_come_back(visit: Visit) -> None:
    seen = visit("crm", lang="en", year="2003", relational_model="b2b")
    assert "year" in {w.key for w in seen.at.get("button_group")}
    seen.at.button(key="present_charts").click().run()
    assert seen.at.query_params["present"] in ("crm_stages", ["crm_stages"])
    assert list(seen.at.get("button_group")) == []
    assert set(seen.figures) == {"crm_stages"}
    seen.at.session_state["present"] = "crm_scope"  # what a key asks for
    seen.at.run()
    assert set(seen.figures) == {"crm_scope"}
    assert seen.at.query_params["present"] in ("crm_scope", ["crm_scope"])
    seen.at.session_state["present"] = ""
    seen.at.run()
    assert len(seen.figures) == 4 and "present" not in seen.at.query_params
    assert seen.at.query_params["relational_model"] in ("b2b", ["b2b"])


def test_a_profile_and_printed_figures_are_presented_as_their_pages_show_them(visit: Visit) -> None:
    seen = visit("profile", lang="en", year="2003", profile="b2c", present="profile_shares")
    assert seen.drawn("profile_shares") == visit(
        "profile", lang="en", year="2003", profile="b2c"
    ).drawn("profile_shares")
    assert words(seen)["headline"].startswith("B to C differs")
    name = "reference_crm_scope"
    seen = visit("reference", lang="en", theme="crm_scope", present=name)
    assert words(seen)["names"] == [name] and set(seen.figures) == {name}


@pytest.mark.parametrize(
    ("code", "name", "asked"),
    [
        ("channels", "channel_tree", {"year": "2007", "node": "on_site"}),
        ("fit", "channel_fit", {"year": "2007", "about": "all"}),
        ("explorer", "explorer", {"year": "2003", "indicator": "crm_project", "by": "relational_model"}),
        ("explorer", "explorer", {"year": "2003", "indicator": "channel_adoption", "by": "year",
                                  "waves": ["2003", "2005"]}),
    ],
)  # fmt: skip
def test_what_a_page_asks_by_itself_holds_for_its_presenter(
    visit: Visit, code: str, name: str, asked: dict[str, Any]
) -> None:
    page = visit(code, lang="en", **asked)
    plain = visit(code, lang="en", year=asked["year"])
    seen = visit(code, lang="en", present=name, **asked)
    assert not seen.at.exception and not seen.at.error
    assert set(seen.figures) == {name}
    assert _words_and_numbers(seen, name) == _words_and_numbers(page, name)
    assert _words_and_numbers(seen, name) != _words_and_numbers(plain, name)
    held = {key: seen.at.query_params[key] for key in asked}
    seen.at.session_state["present"] = ""
    seen.at.run()
    assert {key: seen.at.query_params[key] for key in asked} == held
    assert _words_and_numbers(seen, name) == _words_and_numbers(page, name)


def _words_and_numbers(seen: Any, name: str) -> tuple[Any, ...]:
    """What a chart says and draws; a tree, a stack or a heat map too."""
    data = seen.figures[name]["data"]
    drawn = [
        [trace.get(key) for key in ("x", "y", "z", "labels", "values", "hovertext")]
        for trace in data
    ]
    return seen.alternatives[name], drawn


def test_a_table_of_the_explorer_without_answers_is_presented_as_a_sentence(visit: Visit) -> None:
    asked = {"indicator": "crm_scope", "crm_stage": "none"}
    seen = visit("explorer", lang="en", year="2003", present="explorer", **asked)
    assert not seen.at.exception and not seen.at.error
    assert [info.value for info in seen.at.info] == [
        "Nobody answers to these filters, or this wave did not ask."
    ]


def test_an_unknown_chart_gives_the_page_and_a_notice(visit: Visit) -> None:
    seen = visit("crm", lang="en", year="2003", present="no_such_chart")
    assert not seen.at.exception and not seen.at.error
    assert "present=no_such_chart" in seen.at.warning[0].value.replace("\\", "")
    assert len(seen.figures) == 4


def test_a_chart_with_nothing_to_draw_says_why(visit: Visit) -> None:
    seen = visit("crm", lang="en", year="2003", crm_stage="none", present="crm_scope")
    assert [info.value for info in seen.at.info] == [
        "Nobody answers to these filters, or this wave did not ask."
    ]
    others = words(visit("crm", lang="en", year="2003", crm_stage="none", present="crm_stages"))
    assert "crm_scope" not in others["names"]


def test_a_larger_drawing_keeps_its_data_and_multiplies_its_pixels() -> None:
    drawing = {
        "data": [
            {
                "type": "bar", "x": [0.2, 0.4], "y": [31.0, 49.0], "width": 14,
                "marker": {"size": [6, 10], "line": {"width": 1}},
                "textfont": {"size": 12, "color": "#000"}, "error_x": {"array": [0.1], "width": 3},
            }
        ],
        "layout": {
            "height": 300, "margin": {"l": 0, "r": 8, "t": 4, "b": 4}, "font": {"size": 13},
            "yaxis": {"range": [300, 0]}, "annotations": [{"y": 22, "xshift": 10, "font": {"size": 13}}],
        },
    }  # fmt: skip
    before = json.dumps(drawing)
    twice = enlarged(drawing, 2)
    assert json.dumps(drawing) == before  # it may be cached
    (bar,), layout = twice["data"], twice["layout"]
    assert (bar["x"], bar["y"], bar["width"]) == ([0.2, 0.4], [31.0, 49.0], 14)
    assert bar["marker"] == {"size": [12, 20], "line": {"width": 2}}
    assert bar["textfont"]["size"] == 24 and bar["error_x"] == {"array": [0.1], "width": 6}
    assert layout["height"] == 600 and layout["margin"] == {"l": 0, "r": 16, "t": 8, "b": 8}
    assert layout["yaxis"]["range"] == [300, 0]
    assert layout["annotations"] == [{"y": 22, "xshift": 20, "font": {"size": 26}}]
