"""The page of one group: its own figures, its differences, its address, its sheet."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from barometer.charts import View
from barometer.key_figures import told
from barometer.render import onesheet
from barometer.spec import ChartSpec, Entry, Point

Visit = Callable[..., Any]
NAMES = {"b2b": "B to B", "b2c": "B to C", "b2b2c": "B to B to C"}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("level", list(NAMES))
def test_each_number_drawn_is_an_estimate_of_the_group_or_of_all_others(
    visit: Visit, answers: Any, level: str, language: str
) -> None:
    seen = visit("profile", lang=language, year="2003", profile=level)
    assert not seen.at.exception and not seen.at.error
    found = {"fr": " se distingue significativement", "en": " differs significantly"}[language]
    assert seen.title.startswith(NAMES[level] + found)
    others = [code for code in NAMES if code != level]
    book, drawn = answers.publication.codebook, seen.drawn("profile_shares")
    known = {}
    for one in answers.declared.by_name["profile_shares"].compared:
        for name, codes in (
            (NAMES[level], [level]),
            ({"fr": "Autres", "en": "Others"}[language], others),
        ):
            for row in answers.estimates(one.indicator, None, 2003, {"relational_model": codes}):
                words = book.by_indicator[one.indicator].words(row["item"], language)
                words = words[:1].upper() + words[1:]
                known[frozenset([*words.split(", "), name])] = row["value"]
    assert len(drawn) >= 10
    for words, value in drawn.items():
        assert known[words] == pytest.approx(value, abs=1e-12), words


def test_its_key_figures_are_those_of_the_group_alone(visit: Visit, answers: Any) -> None:
    seen = visit("profile", lang="en", year="2003", profile="b2c")
    figures = answers.declared.page("profile").key_figures
    view = View(2003, (("relational_model", ("b2c",)),), "en")
    said = [told(answers.publication, figure, view) for figure in figures]
    assert [metric.value for metric in seen.at.metric] == [one.value for one in said]
    assert [metric.label.replace("\\", "") for metric in seen.at.metric] == [o.label for o in said]
    assert answers.share("crm_project", "implemented", 2003, "en", relational_model="b2c") == "20%"


def test_choosing_a_group_changes_the_page_and_its_address(visit: Visit) -> None:
    seen = visit("profile", lang="en", year="2003")
    assert seen.title.startswith("B to B differs")
    before = seen.figures["profile_shares"]["data"]
    seen.choose("profile_level", "b2c")
    assert seen.title.startswith("B to C differs")
    assert seen.figures["profile_shares"]["data"] != before
    assert seen.at.query_params["profile"] in ("b2c", ["b2c"])


def test_a_visitor_who_filtered_a_group_arrives_at_its_profile(visit: Visit) -> None:
    """The filter itself is set aside: there would be no others to compare with."""
    seen = visit("profile", lang="en", year="2003", relational_model="b2b2c")
    assert seen.title.startswith("B to B to C differs")
    assert "Relational model:" not in " ".join(seen.captions)
    assert len(seen.figures) == 2


def test_an_unknown_group_is_left_out_with_a_notice(visit: Visit) -> None:
    seen = visit("profile", lang="en", year="2003", profile="b2z")
    assert seen.title.startswith("B to B differs")
    assert "profile=b2z" in seen.at.warning[0].value.replace("\\", "")


def test_the_page_offers_only_what_acts_on_it(visit: Visit) -> None:
    keys = {
        w.key for kind in ("button_group", "multiselect") for w in visit("profile").at.get(kind)
    }
    assert "relational_model" not in keys
    assert {"year", "sector", "lang", "profile_level"} <= keys


def test_every_difference_tested_is_in_the_list(visit: Visit) -> None:
    seen = visit("profile", lang="en", year="2003", profile="b2b")
    (table,) = seen.tables
    note = next(caption for caption in seen.captions if "significant differences" in caption)
    sure, every = map(int, re.search(r"others: (\d+) of (\d+)", note).groups())
    assert (table["Significant"] == "yes").sum() == sure + 1  # and one of the two means
    assert len(table) == every + 2


def test_small_bases_leave_nothing_to_compare_and_say_so(visit: Visit) -> None:
    seen = visit(
        "profile", lang="en", year="2003", profile="b2b2c", sector="services", region="west"
    )
    assert not seen.at.exception and not seen.at.error
    assert len(seen.at.info) == 2 and seen.figures == {}
    assert seen.title == "B to B to C, 2003"


def test_a_sheet_keeps_texts_as_texts_and_fetches_nothing() -> None:
    points = (
        Point("x", "a", value=0.4, n=50, mark="▲"),
        Point("x", "others", value=0.2, n=90),
        Point("x", "difference", value=0.2, n=50, mark="▲", unit="points"),
    )
    spec = ChartSpec(
        name="made", kind="apart", language="en", indicator="asked", unit="share",
        headline="<script>alert(1)</script>", measure="M", base="B", waves="W", filters="",
        source="S", provenance="P", alt="", categories=(Entry("x", "<b>Item</b>"),),
        series=(Entry("a", "A"), Entry("others", "Others"), Entry("difference", "Difference")),
        points=points,
    )  # fmt: skip
    page = onesheet.page("T", "", ["<i>line</i>"], [], [spec], "").decode()
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "&lt;b&gt;Item" in page and "&lt;i&gt;line" in page
    assert "40% ▲" in page and "+20\u00a0pts ▲".replace("\u00a0", " ") in page.replace(
        "\u00a0", " "
    )
    assert not re.search(r"""(src|href)\s*=|url\(""", page)


def test_another_barometer_has_profiles_of_its_own_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Visit
) -> None:
    import shutil

    from barometer.store import Home, publish

    schools = Path(__file__).resolve().parents[1] / "barometers" / "schools"
    built = shutil.ignore_patterns("barometer.duckdb*", "respondents", "publications")
    shutil.copytree(schools, tmp_path / "schools", ignore=built)
    publish(Home(tmp_path / "schools"))
    monkeypatch.setenv("BAROMETER_HOME", str(tmp_path / "schools"))
    seen = visit("profile", lang="en", profile="H")
    assert not seen.at.exception and not seen.at.error
    assert seen.title.startswith(("High ", "Nothing sets High apart"))
    assert set(seen.figures) | {"profile_share", "profile_mean"} == {
        "profile_share",
        "profile_mean",
    }
    assert len(seen.figures) + len(seen.at.info) == 2
    assert not any("Type of school" in " ".join(words) for words in seen.drawn("profile_mean"))
