"""The page of printed figures: each with its source, found, graded, cited, none joined to a series."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from barometer import declarations, figures, references, style
from barometer.store import Home, Publications

DATA = Path(__file__).resolve().parents[2] / "data"
Visit = Callable[..., Any]
SPACES = {0xA0: " ", 0x202F: " "}
LANGUAGES = ("fr", "en")


def _file(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _plain(text: object) -> str:
    return str(text).replace("\\", "")


def _table(seen: Any) -> Any:
    return next(d.value for d in seen.at.dataframe)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_both_files_is_there_as_printed(
    visit: Visit, language: str, answers: Any
) -> None:
    seen = visit("reference", lang=language)
    text, table = _plain(seen.text), _table(seen)
    own, others = _file("published_figures.csv"), _file("reference_figures.csv")
    assert len(table) == len(own) + len(others)
    agree, differ = {
        "fr": ("nos données concordent", "nos données diffèrent"),
        "en": ("our data agree", "our data differ"),
    }[language]
    assert text.count(agree) == len(own) and differ not in text
    for row in own:
        assert f"« {row['printed_as']} »".translate(SPACES) in text.translate(SPACES)
        assert row[f"reading_{language}"].translate(SPACES) in text.translate(SPACES)
    words = {"fr": ("Chiffre", "Adresse", "Référence"), "en": ("Figure", "Address", "Reference")}
    label, address, reference = words[language]
    assert list(table[label])[len(own) :] == [row[f"label_{language}"] for row in others]
    assert list(table[address])[len(own) :] == [row["source_address"] for row in others]
    known = [re.sub(".*figure=", "", link) for link in table[reference]]
    assert known == [row["figure_id"] for row in (*own, *others)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_is_one_point_and_none_is_joined(visit: Visit, language: str) -> None:
    """A trace is one point, of a print or of our own wave; no trace has a line."""
    seen = visit("reference", lang=language)
    printed = []
    for figure in seen.figures.values():
        for trace in figure["data"]:
            assert trace["mode"] == "markers+text"
            if "error_x" not in trace:
                printed += trace["x"]
    rows = [*_file("published_figures.csv"), *_file("reference_figures.csv")]
    expected = [float(row["value"]) for row in rows if row["value"]]
    assert sorted(printed) == pytest.approx(sorted(expected))


def test_our_wave_stands_beside_the_same_measure_only(visit: Visit, answers: Any) -> None:
    """Its value is the estimate, its difference ours less theirs, and its limits are told."""
    seen = visit("reference", lang="en", theme="channel_adoption")
    table = _table(seen)
    declared = [row for row in _file("reference_figures.csv") if row["ours"]]
    assert len(declared) == 10 and all(row["limits_fr"] and row["limits_en"] for row in declared)
    for row in declared:
        indicator, _, item = row["ours"].partition(":")
        model = row["relational_model"]
        (mine,) = [
            r["value"]
            for r in answers.estimates(
                indicator, None, int(row["year"]), {"relational_model": [model]}
            )
            if r["item"] == item
        ]
        (shown,) = [
            r for r in table.to_dict("records") if r["Reference"].endswith(f"={row['figure_id']}")
        ]
        assert shown["Our wave"] == style.share(mine, "en")
        assert shown["Difference"] == style.points(mine - float(row["value"]), "en")
        assert row["limits_en"] in shown["Note"]
    others = table[~table["Reference"].str.contains("|".join(r["figure_id"] for r in declared))]
    assert set(others["Our wave"]) == {style.MISSING}


def test_what_a_synthetic_wave_can_tell_is_said(visit: Visit) -> None:
    assert "A difference with it says nothing of the market." in _plain(
        visit("reference", lang="en").text
    )
    chart = visit("reference", lang="en", theme="channel_adoption")
    assert "our waves: demonstration sample, synthetic data" in _plain(chart.text)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("chez les ANNONCEURS", 0),
        ("annonceurs multicanal", 15),  # any case, every word
        ("CANAL UTILISE", 8),  # and any accent
        ("cmo 2019", 9),
        ("zzz", 0),
    ],
)
def test_a_search_finds_what_holds_every_word(visit: Visit, words: str, found: int) -> None:
    seen = visit("reference", lang="fr", search=words)
    if not found:
        assert "Aucun chiffre ne contient ces mots." in _plain(seen.text)
        assert seen.figures == {}
        return
    table = _table(seen)
    assert len(table) == found
    assert f"{found} chiffres sur" in seen.text.translate(SPACES)
    assert seen.at.query_params["search"] in (words, [words])


def test_a_theme_and_a_grade_narrow_the_list_and_stay_in_the_address(visit: Visit) -> None:
    seen = visit("reference", lang="en").choose("reference_theme", ["planned_investment"])
    seen.choose("reference_grade", ["secondary"])
    table = _table(seen)
    rows = _file("reference_figures.csv")
    assert len(table) == sum(
        r["theme"] == "planned_investment" and r["evidence"] == "secondary" for r in rows
    )
    assert seen.at.query_params["theme"] in ("planned_investment", ["planned_investment"])
    assert seen.at.query_params["grade"] in ("secondary", ["secondary"])
    assert set(seen.figures) <= {
        "reference_planned_investment",
        "reference_planned_investment_change",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_has_an_address_and_a_citation(visit: Visit, language: str) -> None:
    row = next(r for r in _file("reference_figures.csv") if r["ours"])
    seen = visit("reference", lang=language, figure=row["figure_id"])
    (citation,) = [code.value for code in seen.at.code if row["source_address"] in code.value]
    for part in (row["survey"], row[f"label_{language}"], row["year"]):
        assert part in citation
    assert _plain(row[f"limits_{language}"]) in _plain(seen.text)
    assert seen.at.query_params["figure"] in (row["figure_id"], [row["figure_id"]])


def test_an_unknown_figure_is_left_out_with_a_notice(visit: Visit) -> None:
    seen = visit("reference", lang="en", figure="no_such_figure")
    assert not seen.at.exception and not seen.at.error
    assert "no_such_figure" in _plain(seen.at.warning[0].value)


def test_a_print_of_a_real_wave_is_graded_as_our_own_data(home: Path) -> None:
    source = Publications(Home(home)).current()
    assert source is not None
    declared = declarations.load(home / "data", source.codebook)
    files = [figures.load(home / "data", kind) for kind in ("published", "reference")]
    for real, grades in (((), {"press"}), ((2000, 2002, 2003), {"microdata"})):
        every = references.gather(source, declared, *files, real, "en")
        assert {one.grade for one in every if one.own} == grades
        assert {one.grade for one in every if not one.own} == {"press", "secondary"}
    assert set(declared.grades) == {"microdata", "press", "secondary"}


def test_the_page_offers_no_filter_that_does_nothing(visit: Visit) -> None:
    for code in ("reference", "method"):
        seen = visit(code, lang="en", year="2003", relational_model="b2b")
        keys = {
            w.key
            for kind in ("button_group", "multiselect", "selectbox")
            for w in seen.at.get(kind)
        }
        assert not keys & {"year", "relational_model", "sector", "confidence"}
        assert "lang" in keys
        # What the visitor chose elsewhere waits in the address.
        assert seen.at.query_params["year"] in ("2003", ["2003"])
        seen.at.run()
        assert seen.at.query_params["year"] in ("2003", ["2003"])
        assert seen.at.query_params["relational_model"] in ("b2b", ["b2b"])


def test_a_chart_is_shown_as_a_table_on_demand(visit: Visit) -> None:
    seen = visit("reference", lang="en", theme="crm_scope")
    (name,) = seen.figures
    seen.choose(f"look_{name}", "table")
    assert seen.figures == {} and len(seen.at.dataframe) == 2
    assert seen.at.query_params["table"] in (name, [name])


def test_the_words_of_every_point_have_room_on_a_telephone(visit: Visit) -> None:
    figures = visit("reference", lang="fr").figures
    assert len(figures) >= 5
    for name, figure in figures.items():
        start, end = figure["layout"]["xaxis"]["range"]
        for trace in figure["data"]:
            words = trace["text"][-1].replace("&nbsp;", " ")
            room = 310 * (end - trace["x"][-1]) / (end - start)
            assert room >= 6 * len(words), (name, words)
