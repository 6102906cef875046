"""Whether what a deck holds moved: the right test, or the reason why there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from barometer import charts, deck, declarations, estimates, measure, refresh
from barometer.cells import Selection
from barometer.charts import View
from barometer.codebook import YEAR
from barometer.deck import Wanted
from barometer.moved import Held, kept, verdicts
from barometer.render import powerpoint
from barometer.render.powerpoint import said
from barometer.spec import Point
from barometer.store import Publication

MODEL = "relational_model"


class Online:
    """A publication without some of its waves."""

    def __init__(self, source: Publication, *gone: int) -> None:
        self.whole, self.gone, self.id = source, gone, "another"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    @property
    def years(self) -> list[int]:
        return [year for year in self.whole.years if year not in self.gone]


def held(source: Any, declared: Any, printed: Any, name: str, year: int, language: str = "en"):
    """What an exported slide of a chart remembers."""
    view = View(year, (), language)
    made = deck.build(source, declared, [Wanted(name, view)], view, printed)
    found = refresh.memory(said.memory(made.slides[0], source.id, (0, 1)))
    assert found is not None
    return found


def again(source: Any, declared: Any, printed: Any, memory: Any, year: int | None, **more: Any):
    plan = refresh.plan(source, declared, {0: memory}, printed, year, **more)
    return {change.where: change for change in plan.slides[0].changes}


def test_every_number_of_every_chart_is_tested_or_says_why(source, declared, printed) -> None:
    """The charts that the 2002 and 2003 waves answer: no number that moved is without verdict."""
    kinds = set()
    for name, chart in declared.by_name.items():
        view = View(2002, (), "en")
        if chart.kind == "lines" or charts.build(source, chart, view, printed).empty:
            continue
        memory = held(source, declared, printed, name, 2002)
        for change in again(source, declared, printed, memory, 2003).values():
            kinds.add(chart.kind)
            assert change.significant is not None or "on this chart" in change.verdict
    assert kinds >= {"bars", "stack", "heatmap", "tree", "curve", "shift", "plans", "apart"}


@pytest.mark.parametrize("name", ["adoption_by_model", "crm_stages", "channel_count"])
def test_a_verdict_agrees_with_the_mark_on_the_new_slide(source, declared, printed, name) -> None:
    """One wave on, a mark and a verdict say the same: same test, same family."""
    memory = held(source, declared, printed, name, 2002)
    slide = refresh.plan(source, declared, {0: memory}, printed, 2003).slides[0]
    marks = {
        " · ".join(filter(None, (row.group, row.item))): bool(point.mark)
        for point, row in zip(slide.slide.spec.points, slide.slide.rows, strict=True)
    }
    assert slide.changes
    for change in slide.changes:
        assert change.significant is marks[change.where], change


def test_a_dumbbell_is_compared_although_its_marks_name_their_waves(
    source, declared, printed, monkeypatch
) -> None:
    layer = {"label": {"fr": "Usage", "en": "Use"}, "indicator": "channel_adoption"}
    layers = [layer, layer | {"shift": 2, "label": {"fr": "Puis", "en": "Then"}}]
    chart = declared.by_name["main_channels"]
    made = type(chart).model_validate(
        chart.model_dump() | {"name": "uses", "kind": "dumbbell", "layers": layers, "by": None}
    )
    monkeypatch.setitem(declared.by_name, "uses", made)
    memory = held(source, declared, printed, "uses", 2001)
    found = again(source, declared, printed, memory, 2002)
    assert all("this chart" in c.verdict for c in found.values() if c.significant is None)
    tested = [place for place, c in found.items() if c.significant is not None]
    assert {place.rpartition("(")[2] for place in tested} == {"2002)", "2004)"}
    assert len(tested) > 4


@pytest.mark.parametrize("kind", ["crm_stages", "channels_at_least", "profile_shares"])
def test_a_wave_that_went_offline_is_tested_with_its_own_publication(
    source, declared, printed, kind
) -> None:
    memory = held(source, declared, printed, kind, 2002)
    usual = again(source, declared, printed, memory, 2003)
    online = Online(source, 2002)
    former = {memory.publication: source}.get
    found = again(online, declared, printed, memory, 2003, former=former)
    assert found
    for where, change in found.items():
        assert change.significant is usual[where].significant
        if change.significant is not None:
            assert change.verdict.endswith("by the data that the deck was made of")


@pytest.mark.parametrize("kind", ["crm_stages", "channels_at_least", "channel_count"])
def test_a_wave_that_is_gone_is_tested_with_what_the_deck_keeps(
    source, declared, printed, kind
) -> None:
    """Plain estimates of two waves are independent: the same answer as with the data."""
    memory = held(source, declared, printed, kind, 2002)
    usual = again(source, declared, printed, memory, 2003)
    found = again(Online(source, 2002), declared, printed, memory, 2003)
    assert found
    for where, change in found.items():
        assert change.significant is usual[where].significant
        assert change.verdict.endswith("by the margin of error that the deck keeps")
    older = memory.model_copy(update={"errors": ()})  # exported before errors were kept
    from_intervals = again(Online(source, 2002), declared, printed, older, 2003)
    assert [c.significant for c in from_intervals.values()] == [
        c.significant for c in found.values()
    ]


def test_differences_of_which_only_the_error_is_left_get_the_widest_one(
    source, declared, printed
) -> None:
    """2002 is in both changes, and what is online no longer tells how they go together."""
    memory = held(source, declared, printed, "crm_shift", 2002)
    found = again(Online(source, 2002, 2001), declared, printed, memory, 2004)
    assert found
    assert all("that the deck keeps" in change.verdict for change in found.values())
    bare = memory.model_copy(
        update={
            "errors": (),
            "numbers": tuple((*n[:4], None, None, *n[6:]) for n in memory.numbers),
        }
    )
    without = again(Online(source, 2002, 2001), declared, printed, bare, 2004)
    assert {change.verdict for change in without.values()} == {
        "not tested: the data are gone and the deck keeps no margin of error"
    }


def test_a_trend_break_is_said_in_the_language_of_who_asks(source, declared, printed) -> None:
    memory = held(source, declared, printed, "channels_at_least", 2005)
    english = again(source, declared, printed, memory, 2006)
    french = again(source, declared, printed, memory, 2006, spoken="fr")
    assert {change.verdict for change in english.values()} == {
        "not compared, trend break of 2006: The 2006 questionnaire adds channels to count."
    }
    (said_in_french,) = {change.verdict for change in french.values()}
    assert "Le questionnaire de 2006 ajoute des canaux à compter." in said_in_french
    assert all(change.significant is None for change in french.values())


def test_what_leaves_or_joins_a_chart_is_listed(source, declared, printed) -> None:
    memory = held(source, declared, printed, "main_channels", 2001)
    found = again(source, declared, printed, memory, 2007)
    gone = [c for c in found.values() if c.verdict == "no longer on this chart"]
    new = [c for c in found.values() if c.verdict == "new on this chart"]
    assert gone and new
    assert {c.after for c in gone} == {"–"} == {c.before for c in new}


def test_replaced_data_of_a_difference_are_set_against_its_error(source, declared, printed) -> None:
    memory = held(source, declared, printed, "profile_shares", 2003)
    numbers = [
        (*n[:3], n[3] + 0.5, *n[4:7], "other") if n[1] == "difference" else n
        for n in memory.numbers
    ]
    changed = memory.model_copy(update={"numbers": tuple(numbers)})
    found = again(source, declared, printed, changed, None)
    assert found
    assert {c.verdict for c in found.values()} == {
        "data replaced, beyond the former margin of error"
    }


# --- one pair of numbers -------------------------------------------------------------------------


def term(source: Publication, item: str, year: int, group: str) -> Point:
    """One estimate, with what it is made of."""
    view = View(year, (), "en")
    chart = next(
        declarations.Chart(
            name="x", kind="bars", measure={"fr": "x", "en": "x"}, indicator="crm_project",
            items=(item,), by=MODEL, findings=("leader",),
        )
        for _ in (0,)
    )  # fmt: skip
    spec = charts.build(source, chart, view, pd.DataFrame())
    return next(point for point in spec.points if point.category == group)


def one(source: Publication, then: Held, now: Point, settings: Any = measure.DEFAULTS) -> Any:
    return verdicts({("", "", ""): (then, now)}, source, settings, "en")["", "", ""]


def test_one_number_alone_has_the_p_value_of_its_pair(source) -> None:
    then, now = (term(source, "implemented", year, "b2b") for year in (2001, 2003))
    rows = measure.pairs(
        source,
        Selection("crm_project", (YEAR, MODEL), ((YEAR, ("2001", "2003")),), ("implemented",)),
    )
    p = float(rows[rows[MODEL] == "b2b"]["p"].iloc[0])
    for confidence in (0.9, 0.95, 0.99):
        settings = replace(measure.DEFAULTS, confidence=confidence)
        assert one(source, Held(then, source), now, settings)[1] is bool(p < 1 - confidence)


def test_both_sides_of_a_threshold(source) -> None:
    """Just over and just under the difference that a test at 95% finds significant."""
    now = term(source, "implemented", 2003, "b2b")
    assert now.value and now.se and now.df
    se, df = 0.03, 200.0
    # The deck's own error: independent samples, degrees of freedom added.
    gap = float(np.hypot(se, now.se)) * float(student.ppf(0.975, df + base_df(source)))
    for factor, mark in ((1.001, True), (0.999, False)):
        then = replace(now, value=now.value - gap * factor, se=se, df=df)
        then = replace(then, terms=tuple(replace(t, year=2001) for t in now.terms))
        text, significant = one(source, Held(then, None), now)
        assert significant is mark
        assert text.startswith("significant" if mark else "not significant")


def base_df(source: Publication) -> float:
    """Respondents of the question in 2003 minus their strata."""
    rows = source.rollup(Selection("crm_project", (), ((YEAR, ("2003",)),), ("implemented",)))
    return float(rows["n"].sum() - len(rows))


@pytest.mark.parametrize("n", [29, 30])
def test_a_small_base_is_never_marked(source, n: int) -> None:
    now = term(source, "implemented", 2003, "b2b")
    then = replace(now, value=0.001, se=0.001, df=20.0, n=n)
    then = replace(then, terms=tuple(replace(t, year=2001) for t in now.terms))
    text, significant = one(source, Held(then, None), now)
    assert significant is (n == 30)
    assert ("a base is under 30" in text) is (n == 29)


def test_numbers_without_variance_say_so(source) -> None:
    now = term(source, "implemented", 2003, "b2b")
    nobody = tuple(replace(t, levels=((MODEL, ("nobody",)),)) for t in now.terms)
    now = replace(now, value=1.0, terms=nobody)
    then = replace(now, value=0.0, terms=tuple(replace(t, year=2001) for t in nobody))
    text, significant = one(source, Held(then, source), now)
    assert (text, significant) == ("not tested: neither number varies among respondents", None)


@pytest.mark.parametrize("p", [0.0, 0.001, 0.03, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("n", [12, 400])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_an_interval_gives_its_error_back(p: float, n: int, confidence: float) -> None:
    low, high = estimates.wilson(p, n, n - 1.0, confidence)
    point = Point("", "", value=p, low=float(low), high=float(high), n=n)
    assert kept(point, confidence).se == pytest.approx(np.sqrt(p * (1 - p) / n), abs=1e-6)


def test_the_interval_of_a_mean_or_of_a_difference_gives_its_error_back() -> None:
    for value, se in ((8.2, 0.4), (-0.02, 0.03), (0.4, 0.01)):
        low, high = estimates.wald(value, se, 99.0)
        point = Point("", "", value=value, low=float(low), high=float(high), n=100)
        assert kept(point).se == pytest.approx(se, rel=1e-6)
    assert np.isnan(kept(Point("", "", value=0.4, n=100)).se)


def test_key_figures_are_tested_or_say_why(source, declared, printed) -> None:
    asked = declared.deck("yearly").key_figures

    def moved(year: int, to: int, online: Any = source) -> dict[str, Any]:
        view = View(year, (), "en")
        made = deck.build(source, declared, [Wanted("mailing", view)], view, printed, figures=asked)
        memories = powerpoint.memories(powerpoint.deck(made), "en")
        plan = refresh.plan(online, declared, memories, printed, to)
        slide = next(one for one in plan.slides if one.held.kind == "figures")
        return {change.where: change for change in slide.changes}

    near = moved(2002, 2003)
    assert {change.significant for change in near.values()} <= {True, False}
    broken = moved(2005, 2006)
    assert any("trend break of 2006" in change.verdict for change in broken.values())
    gone = moved(2002, 2003, Online(source, 2002))
    assert {where: c.significant for where, c in gone.items()} == {
        where: c.significant for where, c in near.items()
    }
    assert all("the deck keeps" in change.verdict for change in gone.values())
