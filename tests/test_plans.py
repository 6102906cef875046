"""Plans against facts: the right waves, differences of estimates, and errors that are never too small."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pandas as pd
import pytest

from barometer import charts, declarations, measure, tables
from barometer.cells import Selection
from barometer.charts import View
from barometer.codebook import CodebookError
from barometer.declarations import Declarations, Plan
from barometer.measure import DEFAULTS
from barometer.plans import Outcome, announced_in, outcomes
from barometer.store import Home, Publication, Publications

MODEL = "relational_model"
WAVES = list(range(2000, 2008))
SHORT, MEDIUM, LONG = "short_term", "medium_term", "long_term"


def plan(declared: Declarations, horizon: str) -> Plan:
    return declared.plans[0].of(horizon)


def told(
    source: Publication, declared: Declarations, horizon: str, year: int, by: str | None = MODEL
) -> dict[tuple[str, str], Outcome]:
    found = outcomes(source, "planned_investment", plan(declared, horizon), by, year, (), DEFAULTS)
    return {(outcome.planned.split(":")[0], outcome.group): outcome for outcome in found}


@pytest.mark.parametrize(
    ("horizon", "year", "earlier"),
    [
        (SHORT, 2003, 2003),
        (SHORT, 2007, 2006),  # the last wave has no later one
        (MEDIUM, 2006, 2006),  # 2007 lies in its horizon, though that is not over
        (MEDIUM, 2007, 2004),  # rather than 2006, whose horizon is not over
        (LONG, 2003, 2003),
        (LONG, 2004, 2003),
        (LONG, 2002, 2002),
    ],
)
def test_the_plans_told_are_those_that_a_wave_can_judge(
    declared: Declarations, horizon: str, year: int, earlier: int
) -> None:
    assert announced_in(WAVES, plan(declared, horizon), year) == earlier


def test_one_wave_alone_judges_no_plan(declared: Declarations) -> None:
    assert all(announced_in([2003], plan(declared, h), 2003) is None for h in (SHORT, MEDIUM, LONG))


@pytest.mark.parametrize(("horizon", "later"), [(SHORT, 2004), (MEDIUM, 2006), (LONG, 2007)])
def test_a_plan_meets_the_last_wave_of_its_horizon(
    source: Publication, declared: Declarations, horizon: str, later: int
) -> None:
    assert told(source, declared, horizon, 2003)["website", "b2b"].later == later


def test_no_change_crosses_a_trend_break(source: Publication, declared: Declarations) -> None:
    """What mobility is later seen in gained channels in 2006."""
    assert told(source, declared, MEDIUM, 2003)["mobile", "b2b"].later == 2005
    crossed = told(source, declared, SHORT, 2005)["mobile", "b2b"]
    assert crossed.later is None and crossed.change.value is None and crossed.gap.value is None
    assert crossed.announced.value is not None


@pytest.mark.parametrize("by", [MODEL, None])
def test_the_change_is_the_later_estimate_less_the_earlier_one_and_the_gap_less_the_plan(
    source: Publication, declared: Declarations, by: str | None
) -> None:
    for (_, group), outcome in told(source, declared, MEDIUM, 2003, by).items():
        fact = next(f for f in plan(declared, MEDIUM).facts if f.planned == outcome.planned)
        where = () if by is None else ((by, (group,)),)

        def value(indicator: str, item: str, year: int, where: measure.Where = where) -> float:
            kept = (*where, ("year", (str(year),)))
            rows = measure.estimate(source, Selection(indicator, (), kept, (item,)))
            return float(rows["value"].iloc[0])

        gained = value(fact.indicator, fact.item, outcome.later or 0) - value(
            fact.indicator, fact.item, 2003
        )
        announced = value("planned_investment", outcome.planned, 2003)
        assert outcome.change.value == pytest.approx(gained, abs=1e-12)
        assert outcome.announced.value == pytest.approx(announced, abs=1e-12)
        assert outcome.gap.value == pytest.approx(gained - announced, abs=1e-12)


def test_the_error_of_a_gap_is_the_widest_that_one_wave_allows(
    source: Publication, declared: Declarations
) -> None:
    """Were the two answers of a wave independent it would be smaller, and never larger."""
    outcome = told(source, declared, MEDIUM, 2003)["website", "b2c"]

    def se(indicator: str, item: str, year: int) -> float:
        kept = ((MODEL, ("b2c",)), ("year", (str(year),)))
        return float(
            measure.estimate(source, Selection(indicator, (), kept, (item,)))["se"].iloc[0]
        )

    later, earlier = (se("channel_adoption", "website", year) for year in (2006, 2003))
    announced = se("planned_investment", "website:medium_term", 2003)
    assert outcome.gap.high is not None and outcome.gap.low is not None
    half = (outcome.gap.high - outcome.gap.low) / 2
    widest = math.sqrt(later**2 + (earlier + announced) ** 2)
    independent = math.sqrt(later**2 + earlier**2 + announced**2)
    assert half / widest == pytest.approx(1.967, abs=0.01)  # Student's quantile at 97.5 %
    assert widest > independent


def test_a_mark_is_a_change_that_stays_significant_among_all_of_the_chart(
    source: Publication, declared: Declarations
) -> None:
    found = told(source, declared, MEDIUM, 2003)
    assert len(found) == 21
    single = 0
    for outcome in found.values():
        low, high = outcome.change.low, outcome.change.high
        assert low is not None and high is not None
        single += low > 0 or high < 0
        assert not outcome.change.significant or low > 0 or high < 0
    assert 0 < sum(o.change.significant for o in found.values()) < single


def test_a_hidden_base_hides_its_row_and_a_small_one_is_flagged(
    source: Publication, declared: Declarations
) -> None:
    small = (("region", ("west",)), ("sector", ("services",)))
    spec = charts.build(
        source, declared.by_name["plans_medium"], View(2003, small, "en"), pd.DataFrame()
    )
    flags = {point.facet: point.flag for point in spec.points}
    assert flags["b2b"] == "flagged" and flags["b2b2c"] == "hidden"
    assert all(p.value is None and p.low is None for p in spec.points if p.facet == "b2b2c")
    table = tables.shown(spec)
    assert (
        table[table["Group"] == "B to B to C"]
        .iloc[:, 2:]
        .map(lambda t: t[:1] == "×")
        .to_numpy()
        .all()
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_finding_counts_what_rose_and_names_what_fell_behind(
    source: Publication, declared: Declarations, language: str
) -> None:
    spec = charts.build(
        source, declared.by_name["plans_medium"], View(2003, (), language), pd.DataFrame()
    )
    found = told(source, declared, MEDIUM, 2003)
    rose = sum(o.change.significant and (o.change.value or 0) > 0 for o in found.values())
    behind = min((o for o in found.values() if o.gap.significant), key=lambda o: o.gap.value or 0)
    start = {
        "en": f"Plans of 2003: {rose} of 21 were followed by a significant rise by 2006",
        "fr": f"Projets de 2003 : {rose} sur 21 ont été suivis d’une hausse significative d’ici 2006",
    }
    assert re.sub(r"\s", " ", spec.headline).startswith(start[language])
    assert f"{spec.value(behind.announced.value, 'share')}" in spec.headline


def test_what_cannot_be_declared_is_refused_with_its_reason(home: Path, tmp_path: Path) -> None:
    source = Publications(Home(home)).current()
    assert source is not None
    text = (home / "data" / "charts.toml").read_text(encoding="utf-8")
    for old, new, reason in (
        (
            'horizon = "long_term"',
            'horizon = "never"',
            "no [[plans]] has its indicator and horizon",
        ),
        ('"channel_adoption:website"', '"channel_adoption:fax_machine"', "no item fax_machine"),
        ('"channel_adoption:website"', '"channel_count:mean"', "channel_count is no share"),
    ):
        assert old in text
        (tmp_path / "charts.toml").write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(CodebookError) as refused:
            declarations.load(tmp_path, source.codebook)
        assert reason in str(refused.value)
