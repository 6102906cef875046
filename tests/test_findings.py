"""Sentences: each template in both languages, and none that says more than its test."""

from __future__ import annotations

import re
from typing import Any

import pytest

from barometer import charts, findings, measure, style
from barometer.charts import View
from barometer.codebook import LANGUAGES
from barometer.declarations import Declarations
from barometer.findings import Finding, Question
from barometer.store import Publication

MODEL = "relational_model"
ADOPTION, PROJECT, SCOPE, PLANS, SURFACE = (
    "channel_adoption", "crm_project", "crm_scope", "planned_investment", "contact_surface"
)  # fmt: skip
SURE = re.compile(r"(?<!not )(?<!no )significant|(?<!pas )(?<!aucun écart )significati[fv]|nettement|dépasse|passes|rising|falling|risen|fallen|progresse|recule|en hausse|en recul|a majority|une majorité|beyond the margins|au-delà des marges|on every criterion|remplit tous|remplissent tous", re.I)  # fmt: skip
DENIED = re.compile(r"none of \d+ holds on every criterion beyond the margins|aucun des \d+ ne remplit tous les critères au-delà des marges|aucune hausse significative|not significant|no significant|not moved significantly|pas significati|aucun écart significatif|pas évolué significativement|non significati|sans évolution significative", re.I)  # fmt: skip
VIEWS: list[Any] = [
    (),
    ((MODEL, ("b2b",)),),
    (("region", ("west",)), ("sector", ("services",))),
    (("sector", ("finance",)), ("size", ("large",))),
    (("crm_stage", ("launched",)), ("region", ("west",))),
]


def ask(
    source: Publication,
    indicator: str,
    items: tuple[str, ...],
    year: int,
    where: Any = (),
    by: str | None = None,
    language: str = "en",
) -> Question:
    return Question(
        source, source.codebook.by_indicator[indicator], items, year, where, by, language
    )


def spaced(found: Finding | None) -> str:
    assert found
    return re.sub(r"\s", " ", found.text)


# --- each template, worded by its test ---------------------------------------------------------------

TOLD: list[tuple[str, tuple[Any, ...], bool, str, str]] = [
    ("change", (PROJECT, ("implemented",), 2003), True,
     r"CRM implemented is rising, to 22% \(\+6 pts, 2002 → 2003\)",
     r"CRM implanté progresse à 22 % \(\+6 pts, 2002 → 2003\)"),
    ("change", (ADOPTION, ("paper_mailing",), 2003), True,
     r"Paper mailing is falling, to 22% \(−\d pts, 2002 → 2003\)",
     r"Mailing papier .*(recule|en recul|baisse).* 22 % \(−\d pts, 2002 → 2003\)"),
    ("change", (SURFACE, ("at_least_one",), 2003), False,
     r"Contact surface is stable at 55% \(\+4 pts, 2002 → 2003\): the difference is not significant.*",
     r"Surface de contact stable à 55 % \(\+4 pts, 2002 → 2003\) : l’écart n’est pas significatif.*"),
    ("change", (PROJECT, ("implemented",), 2000), False,
     r"CRM implemented: \d+% in 2000", r"CRM implanté : \d+ % en 2000"),
    ("trend", (ADOPTION, ("website",), 2003), True,
     r"Website has risen to 29% \(\+18 pts, 2000 → 2003\)",
     r"Site web : en hausse, à 29 % \(\+18 pts, 2000 → 2003\)"),
    ("trend", (ADOPTION, ("paper_mailing",), 2003), True,
     r"Paper mailing has fallen to 22% \(−\d pts, 2000 → 2003\)",
     r"Mailing papier : en recul, à 22 % \(−\d pts, 2000 → 2003\)"),
    ("trend", (ADOPTION, ("toll_free",), 2001), False,
     r"Toll-free number has not moved significantly: .*2000 → 2001.*",
     r"Numéro vert .*significati.*2000 → 2001.*"),
    ("gap", (PLANS, ("call_centre",), 2003, (), MODEL), True,
     r"Planned investment, call centre: 43% in B to C against 12% in B to B, a significant gap",
     r"Investissement prévu, centre d'appels : 43 % en B to C contre 12 % en B to B, écart significatif"),
    ("gap", (PLANS, ("mobile",), 2003, (), MODEL), False,
     r"No significant gap by relational model \(detectable: \d+ pts\)",
     r"Aucun écart significatif selon le critère « modèle relationnel » \(détectable : \d+ pts\)"),
    ("highest", (PROJECT, ("implemented",), 2003, (), MODEL), True,
     r"CRM implemented: B to B leads with 33%, significantly ahead of B to C 20%, B to B to C 5%",
     r"CRM implanté : B to B en tête avec 33 %, nettement devant B to C 20 %, B to B to C 5 %"),
    ("highest", (PLANS, ("mobile",), 2003, (), MODEL), False,
     r"Planned investment, mobility: from 30% to 32% by group, no significant gap \(detectable: 12 pts\)",
     r"Investissement prévu, mobilité : de 30 % à 32 % selon les groupes, aucun écart significatif \(détectable : 12 pts\)"),
    ("leader", (ADOPTION, ("website", "e_mailing"), 2007), False,
     r"Website comes first in 2007, with 44%; then E-mailing, 34%",
     r"Site web : en tête en 2007 avec 44 % ; puis E-mailing, 34 %"),
    ("majority", (SCOPE, ("sales_force_automation",), 2003, (), MODEL), True,
     r"CRM projects, sales-force automation: a majority in B to B, 70% \(62–77%\)",
     r"Projets CRM, automatisation des forces de vente : une majorité en B to B, 70 % \(62 à 77 %\)"),
    ("majority", (SURFACE, ("at_least_one",), 2007), True,
     r"Contact surface: a majority, 70% \(67–73%\)", r"Surface de contact : une majorité, 70 % \(67 à 73 %\)"),
    ("crossing", (ADOPTION, ("e_mailing", "paper_mailing"), 2007), True,
     r"E-mailing passes Paper mailing in 200\d: \d+% against \d+%, beyond the margins of error",
     r"E-mailing (dépasse|passe devant) Mailing papier en 200\d : \d+ % contre \d+ %.*"),
    ("shift", (PROJECT, ("implemented",), 2003, (), MODEL), False,
     r"CRM implemented: \+6 pts, 2002 → 2003, of which .* within groups and .* from their mix",
     r"CRM implanté : \+6 pts, 2002 → 2003, dont .*"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "question", "significant", "english", "french"),
    TOLD,
    ids=[f"{kind}-{number}" for number, (kind, *_) in enumerate(TOLD)],
)
def test_a_template_says_in_each_language_what_its_test_found(
    source: Publication,
    kind: str,
    question: tuple[Any, ...],
    significant: bool,
    english: str,
    french: str,
) -> None:
    indicator, items, year, where, by = (*question, (), None)[:5] if len(question) < 5 else question
    for language, pattern in (("en", english), ("fr", french)):
        found = findings.TEMPLATES[kind](ask(source, indicator, items, year, where, by, language))
        assert re.fullmatch(pattern, spaced(found)), spaced(found)
        assert found and found.significant is significant


def test_every_template_is_told_above() -> None:
    elsewhere = {"plans", "apart"}  # test_plans, test_apart
    assert {kind for kind, *_ in TOLD} | elsewhere == set(findings.TEMPLATES)


# --- nothing is claimed that was not found ------------------------------------------------------------


@pytest.mark.parametrize("where", VIEWS, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_sounds_sure_rests_on_a_significant_finding(
    source: Publication, declared: Declarations, where: Any, language: str
) -> None:
    said = 0
    for chart in declared.charts:
        for year in (2000, 2003, 2006, 2007):
            found = charts.headline(source, chart, View(year, where, language))
            if found and kind_of(found) != "shift":
                said += 1
                claims = bool(SURE.search(DENIED.sub("", spaced(found))))
                assert claims == found.significant, found.text
    assert said


def kind_of(found: Finding) -> str:
    return found.key.partition(".")[0]


@pytest.mark.parametrize("where", VIEWS[:3], ids=str)
def test_a_significant_finding_has_its_test_and_its_bases(
    source: Publication, declared: Declarations, where: Any
) -> None:
    """p adjusted under 0.05 and every base compared of 30 or more; for a majority, the base."""
    for code in (ADOPTION, PROJECT, SCOPE, PLANS, SURFACE):
        for item in source.codebook.by_indicator[code].items:
            question = ask(source, code, (item.code,), 2003, where, MODEL)
            change = findings.change(question)
            if change and change.significant:
                (row,) = question.moves.records()
                assert row["p_adjusted"] < 0.05
                assert base(question, 2003) >= 30 and base(question, row["versus"]) >= 30
            gap = findings.gap(question)
            if gap and gap.significant:
                marked = question.gaps.at(question.gaps["significant"])
                assert (marked["p_adjusted"] < 0.05).all()
                n = question.groups.frame().set_index(MODEL)["n"]
                assert all(
                    n[row[MODEL]] >= 30 and n[row["versus"]] >= 30 for row in marked.records()
                )


def base(question: Question, year: int) -> int:
    rows = question.totals
    return int(rows["n"][rows["year"] == year][0])


@pytest.mark.parametrize("where", VIEWS[2:], ids=str)
def test_lines_that_cross_on_fragile_bases_are_not_said_to_cross(
    source: Publication, where: Any
) -> None:
    channels = [i.code for i in source.codebook.by_indicator[ADOPTION].items]
    for first in channels[:20]:
        for second in channels[:20]:
            for year in (2003, 2007):
                question = ask(source, ADOPTION, (first, second), year, where)
                found = findings.crossing(question) if first != second else None
                if found:
                    since = re.search(r" in (\d{4}): ", found.text)
                    assert since and base(question, int(since[1])) >= 30, found.text


def test_no_sentence_compares_across_a_trend_break(source: Publication) -> None:
    change = findings.change(ask(source, SURFACE, ("at_least_one",), 2006))
    assert re.fullmatch(r"Contact surface: \d+% in 2006", spaced(change))
    trend = findings.trend(ask(source, SURFACE, ("at_least_one",), 2007))
    assert "2006 → 2007" in spaced(trend)


def test_hidden_bases_say_nothing(source: Publication) -> None:
    tiny = (
        ("crm_stage", ("launched",)),
        ("region", ("west",)),
        ("sector", ("finance",)),
        ("size", ("large",)),
    )
    for kind, template in findings.TEMPLATES.items():
        question = ask(source, ADOPTION, ("website", "e_mailing"), 2003, tiny, MODEL)
        assert template(question) is None, kind


def test_none_comes_first_where_one_is_hidden_or_nobody_chose_any(source: Publication) -> None:
    few = (("sector", ("services",)), ("size", ("large",)), ("region", ("south",)))
    items = tuple(
        f"{channel}:{use}" for channel in ("on_site", "mobile") for use in ("conquest", "service")
    )
    asked = ask(source, "channel_activity", items, 2007, few)
    assert asked.partial and 1 < len(asked.now) < len(items)  # the others would give one away
    assert findings.leader(asked) is None
    zeros = ask(source, "channel_activity", items[2:], 2007, few)
    assert not zeros.partial and set(zeros.now["value"]) == {0.0}
    assert findings.leader(zeros) is None


# --- which finding comes first ------------------------------------------------------------------------


def test_the_first_kind_that_the_data_can_answer_is_chosen(source: Publication) -> None:
    question = ask(source, ADOPTION, ("website",), 2007)
    found = findings.best(question, ("gap", "crossing", "trend", "change"))
    assert found and found.key == "trend.channel_adoption.website"
    assert findings.best(ask(source, ADOPTION, (), 2007), ("change",)) is None


def test_significant_findings_are_ranked_first_then_moves_then_size() -> None:
    small = Finding("small", True, 0.02, moved=True)
    large = Finding("large", True, -0.2, moved=True)
    gap = Finding("gap", True, 0.5)
    unsure = Finding("unsure", False, 0.9, moved=True)
    again = Finding("small", True, 0.02, moved=True)
    found = findings.ranked(iter([unsure, gap, None, small, large, again]), 10)
    assert [f.text for f in found] == ["large", "small", "gap", "unsure"]
    assert findings.ranked(iter([unsure, gap]), 1) == [gap]


@pytest.mark.parametrize(
    ("text", "contradicts"),
    [
        ("Le CRM gagne du terrain", False),
        ("Le CRM progresse à 22 %", False),
        ("Le CRM progresse à 23 %", True),
        ("Le CRM recule", True),
        ("+6 pts en un an", False),
        ("+16 pts en un an", True),
        ("Une hausse significative", False),
    ],
)
def test_words_written_over_a_finding_are_checked_against_it(text: str, contradicts: bool) -> None:
    finding = Finding("CRM implanté progresse à 22 % (+6 pts, 2002 → 2003)", True, 0.06, moved=True)
    assert findings.contradicted(text, finding, "fr") is contradicts


def test_changes_are_computed_before_rounding(source: Publication) -> None:
    for item in ("website", "e_mailing", "paper_mailing", "call_centre"):
        question = ask(source, ADOPTION, (item,), 2005)
        (row,) = question.moves.records()
        rows = measure.waves(source, ADOPTION, None, ())[0].frame()
        values = rows[rows["item"] == item].set_index("year")["value"]
        assert row["difference"] == pytest.approx(values[2005] - values[2004], abs=1e-12)
        points = style.points(values[2005] - values[2004], "en").replace("\u00a0", " ")
        assert f"({points}, 2004 → 2005)" in spaced(findings.change(question))


# --- words put over a finding ---------------------------------------------------------------------

ROSE = findings.Finding(
    "Website is rising, to 29% (+6 pts, 2002 → 2003)", True, 0.06, moved=True, key="k"
)
STILL = findings.Finding(
    "Website is stable at 29% (+2 pts, 2002 → 2003): the difference is not significant",
    False,
    0.02,
    moved=True,
)


@pytest.mark.parametrize(
    ("text", "finding", "language", "wrong"),
    [
        ("The web keeps rising: 29% of companies", ROSE, "en", False),
        ("Le site web progresse de 6 pts", ROSE, "fr", False),
        ("The web is falling", ROSE, "en", True),
        ("Le site web recule", ROSE, "fr", True),
        ("The web reaches 35%", ROSE, "en", True),
        ("+9 pts for the web", ROSE, "en", True),
        ("The web is rising", STILL, "en", True),
        ("A significant step for the web", STILL, "en", True),
        ("No significant step for the web", STILL, "en", False),
        ("The web holds at 29%", STILL, "en", False),
    ],
)
def test_words_that_the_data_contradict_are_known(
    text: str, finding: findings.Finding, language: str, wrong: bool
) -> None:
    assert findings.contradicted(text, finding, language) == wrong
