"""What holds on every page: words, figures, filters, addresses, failures."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from barometer import store
from barometer.store import Home

PAGES = (
    *("overview", "channels", "activities", "crm", "investments", "synchro"),
    *("fit", "profile", "reference", "method"),
)
CHARTED = PAGES[:6]  # with charts of every wave: fit is asked from 2006
LANGUAGES = ("fr", "en")
SYNTHETIC = {"fr": "données synthétiques", "en": "synthetic data"}
WORDS = {
    "overview": {"fr": "Surface de contact", "en": "Contact surface"},
    "channels": {"fr": "Familles de canaux utilisées", "en": "Channel families used"},
    "crm": {"fr": "Avancement des projets CRM", "en": "CRM project stage"},
    "activities": {"fr": "Activités servies par famille de canaux", "en": "Activities served by family of channels"},
    "synchro": {"fr": "Synchronisation des contacts, par modèle", "en": "Synchronisation of contacts, by model"},
    "fit": {"fr": "Le canal convient-il, et est-il utilisé ?", "en": "Does the channel fit, and is it used?"},
    "investments": {"fr": "Investissements prévus, par horizon", "en": "Planned investments, by horizon"},
    "profile": {"fr": "Ce qui distingue ce modèle", "en": "What sets this model apart"},
    "reference": {"fr": "Ce baromètre dans la presse", "en": "This barometer in the press"},
    "method": {"fr": "Ruptures de série", "en": "Trend breaks"},
}  # fmt: skip
TOLD_ELSEWHERE = ("tree", "shift", "plans")  # texts and differences, which have tests of their own
FOOT = {"fr": "vagues 2000", "en": "waves 2000"}
VIEWS: list[tuple[str, int, dict[str, list[str]]]] = [
    ("fr", 2007, {}),
    ("en", 2003, {"relational_model": ["b2b", "b2c"]}),
    ("fr", 2003, {"sector": ["services"], "region": ["west"]}),
]
SMALL = {"sector": "services", "region": "west"}  # bases of 2003: 17, 18 and 7

Visit = Callable[..., Any]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", PAGES)
def test_a_page_opens_in_each_language(visit: Visit, code: str, language: str) -> None:
    seen = visit(code, lang=language, year="2003")
    assert not seen.at.exception and not seen.at.error
    assert WORDS[code][language] in seen.text
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    assert WORDS[code][other] not in seen.text
    assert FOOT[language] in seen.text


@pytest.mark.parametrize("code", PAGES)
def test_a_page_says_that_the_sample_is_synthetic(visit: Visit, code: str) -> None:
    for language in LANGUAGES:
        assert SYNTHETIC[language] in visit(code, lang=language).text


@pytest.mark.parametrize("code", CHARTED)
def test_a_chart_says_that_the_sample_is_synthetic_and_names_its_source(
    visit: Visit, code: str
) -> None:
    seen = visit(code, lang="en", year="2003")
    feet = [caption for caption in seen.captions if caption.startswith("Base:")]
    assert len(seen.figures) >= 3
    assert len(seen.figures) + len(seen.at.info) == len(feet)  # one not asked that year has a foot
    for foot in feet:
        assert "Source: Customer relationship barometer · Demonstration sample: synthetic" in foot
    for alternative in seen.alternatives.values():
        assert alternative.endswith("Demonstration sample: synthetic data.")


@pytest.mark.parametrize(("language", "year", "where"), VIEWS)
@pytest.mark.parametrize("code", CHARTED)
def test_every_number_drawn_is_the_estimate_of_the_selection(
    visit: Visit, answers: Any, code: str, language: str, year: int, where: dict[str, list[str]]
) -> None:
    seen = visit(code, lang=language, year=str(year), **where)
    declared = answers.declared.page(code).charts
    assert len(seen.figures) + len(seen.at.info) == len(declared)  # each drawn, or said empty
    assert len(seen.figures) >= 3
    for name in seen.figures:
        if answers.declared.by_name[name].kind in TOLD_ELSEWHERE:
            continue
        expected = answers.of(name, year, where, language)
        drawn = seen.drawn(name)
        assert drawn, name
        for words, value in drawn.items():
            assert expected[words] == pytest.approx(value, abs=1e-12), (name, words)


@pytest.mark.parametrize("code", CHARTED)
def test_choosing_a_model_changes_the_figures_and_the_address(visit: Visit, code: str) -> None:
    seen = visit(code, lang="en")
    before = seen.figures
    seen.choose("relational_model", ["b2b2c"])
    after = seen.figures
    assert set(after) == set(before)
    assert all(after[name]["data"] != before[name]["data"] for name in before)
    assert seen.at.query_params["relational_model"] in ("b2b2c", ["b2b2c"])


def test_choosing_a_wave_and_a_sector_changes_every_chart(visit: Visit) -> None:
    seen = visit("crm", lang="en")
    before = seen.figures
    after_year = seen.choose("year", 2002).figures
    assert all(after_year[name] != before[name] for name in before)
    after_sector = seen.choose("sector", ["retail"]).figures
    assert all(after_sector[name] != after_year[name] for name in before)
    assert "Sector: Retail and distribution" in seen.text


def test_reset_removes_every_filter_and_keeps_the_wave_and_the_language(visit: Visit) -> None:
    filters = {"relational_model": ["b2b"], "sector": ["retail"], "crm_stage": ["none", "intended"]}
    seen = visit("channels", lang="en", year="2004", **filters)
    assert next(b.value for b in seen.at.multiselect if b.key == "sector") == ["retail"]
    seen.at.button(key="reset").click().run()
    assert dict(seen.at.query_params) in (
        {"lang": "en", "year": "2004"},
        {"lang": ["en"], "year": ["2004"]},
    )
    assert seen.figures == visit("channels", lang="en", year="2004").figures


def test_the_reset_button_is_idle_where_nothing_is_filtered(visit: Visit) -> None:
    seen = visit("crm", lang="en")
    assert seen.at.button(key="reset").disabled
    assert not visit("crm", lang="en", region="west").at.button(key="reset").disabled


@pytest.mark.parametrize("code", PAGES)
def test_the_language_switch_translates_the_page(visit: Visit, code: str) -> None:
    seen = visit(code, lang="fr")
    french = seen.title
    seen.choose("lang", "en")
    assert not seen.at.exception
    assert WORDS[code]["en"] in seen.text and FOOT["fr"] not in seen.text
    assert seen.title != french
    assert seen.at.query_params["lang"] in ("en", ["en"])


@pytest.mark.parametrize(
    ("parameters", "dropped"),
    [
        ({"year": "1999"}, "year=1999"),
        ({"year": "2003; drop table"}, "year=2003; drop table"),
        ({"relational_model": ["b2b", "b2z"]}, "relational_model=b2z"),
        ({"crm_stage": "<script>alert(1)</script>"}, "crm_stage=<script>alert(1)</script>"),
        ({"table": "no_such_chart"}, "table=no_such_chart"),
        ({"margins": "perhaps"}, "margins=perhaps"),
        ({"utm_source": "[mail](https://example.org)"}, "utm_source=[mail](https://example.org)"),
        ({"lang": "de"}, "lang=de"),
    ],
)
def test_what_an_address_gets_wrong_is_left_out_with_a_notice(
    visit: Visit, parameters: dict[str, Any], dropped: str
) -> None:
    seen = visit("crm", **({"lang": "en"} | parameters))
    assert not seen.at.exception and not seen.at.error
    (notice,) = seen.at.warning
    assert dropped in re.sub(r"\\(.)", r"\1", notice.value)
    assert not re.search(r"(?<!\\)[\[<*$:]", notice.value.partition(":")[2])  # it stays text
    assert "crm_stages" in seen.figures
    name = dropped.partition("=")[0]
    assert dropped.partition("=")[2] not in str(seen.at.query_params.get(name, ""))


def test_the_part_of_an_address_that_is_right_is_kept(visit: Visit, answers: Any) -> None:
    seen = visit("crm", lang="en", year="2003", relational_model=["b2b", "b2z"], sector="nowhere")
    expected = answers.of("crm_stages", 2003, {"relational_model": ["b2b"]}, "en")
    drawn = seen.drawn("crm_stages")
    assert drawn == {words: pytest.approx(expected[words]) for words in drawn}
    assert not any("B to C" in words for words in drawn)


@pytest.mark.parametrize("code", CHARTED)
def test_small_bases_are_flagged_and_smaller_ones_hidden(visit: Visit, code: str) -> None:
    seen = visit(code, lang="en", year="2003", **SMALL)
    assert not seen.at.exception and not seen.at.error
    assert "* base under 30: fragile" in seen.text
    assert "× base under 10, or that would give one away: not shown" in seen.text
    texts = "".join(map(seen.texts, seen.figures))
    assert "*" in texts and "×" in texts


def test_a_flagged_bar_is_hatched_and_a_hidden_one_is_not_drawn(visit: Visit) -> None:
    seen = visit("channels", lang="en", year="2003", **SMALL)
    bars = {t["name"]: t for t in seen.figures["adoption_by_model"]["data"] if t["type"] == "bar"}
    assert set(bars["B to B"]["marker"]["pattern"]["shape"]) == {"/"}
    assert set(bars["B to B to C"]["x"]) == {None}
    assert all(
        "hidden: n = 7" in text.translate({0xA0: " "}) for text in bars["B to B to C"]["hovertext"]
    )


@pytest.mark.parametrize("code", CHARTED)
def test_no_hidden_value_is_in_a_figure(visit: Visit, answers: Any, code: str) -> None:
    seen = visit(code, lang="en", year="2003", **SMALL)
    found_hidden = 0
    for name in seen.figures:
        if answers.declared.by_name[name].kind in TOLD_ELSEWHERE:
            continue
        expected = answers.of(name, 2003, {k: [v] for k, v in SMALL.items()}, "en")
        hidden = {words for words, value in expected.items() if value is None}
        drawn = seen.drawn(name)
        assert all(drawn.get(words) is None for words in hidden), name
        found_hidden += len(hidden)
    assert found_hidden


def test_a_selection_that_nobody_answers_shows_a_drawn_empty_state(visit: Visit) -> None:
    seen = visit("crm", lang="en", year="2003", crm_stage="none")  # asked about projects only
    assert not seen.at.exception and not seen.at.error
    assert [info.value for info in seen.at.info] == [
        "Nobody answers to these filters, or this wave did not ask."
    ]
    assert "crm_scope" not in seen.figures and "crm_stages" in seen.figures


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_that_did_not_ask_shows_a_drawn_empty_state(
    own_home: Path, visit: Visit, language: str
) -> None:
    """A new chart is one entry of charts.toml: this one is about a module asked from 2006."""
    path = own_home / "data" / "charts.toml"
    text = re.sub(
        r'charts = \["crm_stages".*\]', 'charts = ["fit"]', path.read_text(encoding="utf-8")
    )
    fit = '[[charts]]\nname = "fit"\nkind = "bars"\nindicator = "channel_fit"\nitems = "leaves"\ntop = 3\nmeasure = "Fit"\nfindings = ["leader"]\n'
    path.write_text(f"{text}\n{fit}", encoding="utf-8")
    empty = visit("crm", lang=language, year="2003")
    assert not empty.at.exception and not empty.at.error
    assert empty.figures == {}
    (info,) = empty.at.info
    assert "2003" in info.value and "2006, 2007" in info.value
    asked = visit("crm", lang=language, year="2006")
    assert not asked.at.info and set(asked.figures) == {"fit"}


@pytest.mark.parametrize("code", CHARTED)
def test_a_chart_is_shown_as_a_table_on_demand(visit: Visit, answers: Any, code: str) -> None:
    name = answers.declared.page(code).charts[0]
    seen = visit(code, lang="en", year="2003")
    seen.choose(f"look_{name}", "table")
    assert name not in seen.figures
    assert seen.at.query_params["table"] in (name, [name])
    (table,) = (t.value for t in seen.at.dataframe)
    drawn = visit(code, lang="en", year="2003").drawn(name)
    printed = re.findall(r"(\d+)%", table.to_string())
    assert len(printed) == sum(value is not None for value in drawn.values())
    seen.choose(f"look_{name}", "chart")
    assert name in seen.figures and "table" not in seen.at.query_params


def test_a_click_that_overtakes_its_address_counts(visit: Visit) -> None:
    """On a slow network the browser still shows the address before when the next click comes."""
    seen = visit("crm", lang="en", year="2003").choose("relational_model", ["b2b"])
    del seen.at.query_params["relational_model"]
    seen.choose("relational_model", ["b2b", "b2c"])
    assert seen.at.query_params["relational_model"] == ["b2b", "b2c"]
    assert "Relational model: B to B, B to C" in seen.text


def test_going_back_takes_the_view_of_the_address(visit: Visit) -> None:
    seen = visit("crm", lang="en", year="2003").choose("relational_model", ["b2b"])
    del seen.at.query_params["relational_model"]
    seen.at.run()
    assert "relational_model" not in seen.at.query_params
    assert "Relational model: B to B" not in seen.text


def test_margins_of_error_are_drawn_on_demand(visit: Visit, open_menus: None) -> None:
    seen = visit("channels", lang="en")
    bars = seen.figures["adoption_by_model"]["data"]
    assert not any("error_x" in trace for trace in bars)
    seen.choose("margins", True)
    bars = [t for t in seen.figures["adoption_by_model"]["data"] if t["type"] == "bar"]
    assert all("error_x" in trace for trace in bars)
    assert seen.at.query_params["margins"] in ("1", ["1"])


def test_a_page_keeps_the_view_of_the_page_before(home: Path) -> None:
    from streamlit.testing.v1 import AppTest

    app = Path(__file__).resolve().parents[2] / "app.py"
    at = AppTest.from_file(str(app), default_timeout=30)
    at.query_params["year"] = "2003"
    at.query_params["lang"] = "en"
    at.query_params["relational_model"] = "b2b"
    at.run()
    at.switch_page("pages/crm.py").run()
    assert not at.exception
    assert any(
        "Relational model: B to B" in caption.value.replace("\\", "") for caption in at.caption
    )
    assert at.query_params["year"] in ("2003", ["2003"])


def test_a_publication_switched_between_reruns_is_noticed(own_home: Path, visit: Visit) -> None:
    seen = visit("crm", lang="en", year="2007")
    before = seen.drawn("crm_stages")
    assert before[frozenset({"All", "Implemented"})] > 0.3
    made = store.publish(Home(own_home), [_nobody_implemented(own_home)])
    seen.at.run()
    assert not seen.at.exception
    assert seen.drawn("crm_stages")[frozenset({"All", "Implemented"})] == 0
    assert made.id in seen.text


def _nobody_implemented(home: Path) -> Path:
    """The wave of 2007 where each implemented project is a launched one."""
    path = home / "data" / "waves" / "wave_2007.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["crm_project"] = row["crm_project"].replace("implemented", "launched")
    changed = home / "changed.csv"
    with changed.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return changed


def test_the_first_visit_publishes_the_demonstration(own_home: Path, visit: Visit) -> None:
    import shutil

    shutil.rmtree(own_home / "data" / "publications")
    shutil.rmtree(own_home / "data" / "respondents")
    seen = visit("crm", lang="en")
    assert not seen.at.exception and not seen.at.error
    assert {"crm_stages", "crm_penetration", "crm_scope"} <= set(seen.figures)


@pytest.mark.parametrize("reason", ["gone", "unreadable"])
def test_a_barometer_that_cannot_be_opened_says_so_without_a_traceback(
    own_home: Path, visit: Visit, reason: str
) -> None:
    pointer = own_home / "data" / "publications" / "current"
    pointer.unlink()
    if reason == "gone":
        pointer.write_text("nowhere", encoding="utf-8")
    else:
        pointer.mkdir()  # which cannot be read as a file
    seen = visit("crm", lang="en")
    assert not seen.at.exception
    assert [e.value for e in seen.at.error] == [
        "The barometer cannot be opened. Its owner finds the reason in the log."
    ]


@pytest.mark.parametrize(
    "broken",
    ["barometer.ui.cards.spec_from", "barometer.ui.cards._built", "barometer.ui.filters.bar"],
)
def test_a_page_that_fails_gives_a_sentence_and_an_identifier(
    visit: Visit,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    broken: str,
) -> None:
    def fail(*args: object, **named: object) -> None:
        raise RuntimeError("secret of the server")

    monkeypatch.setattr(broken, fail)
    seen = visit("channels", lang="en")
    assert not seen.at.exception
    (error,) = seen.at.error
    found = re.fullmatch(
        r"This page could not be drawn\. Error ([0-9a-f]{8}) is in the server's log\.", error.value
    )
    assert found
    assert "secret" not in seen.text and "Traceback" not in seen.text
    assert found[1] in caplog.text and "secret of the server" in caplog.text


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("charts.toml", b"[[charts]]\nname = "),
        ("charts.toml", "# déclarations".encode("latin-1")),
        ("published_figures.csv", b"figure_id;year\nx;soon\n"),
    ],
)
def test_a_file_of_the_owner_that_is_broken_gives_a_sentence_and_no_traceback(
    own_home: Path, visit: Visit, file: str, content: bytes
) -> None:
    (own_home / "data" / file).write_bytes(content)
    seen = visit("crm", lang="en")
    assert not seen.at.exception
    assert len(seen.at.error) == 1
    assert "Traceback" not in seen.text and str(own_home) not in seen.text
