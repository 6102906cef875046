"""What sets a group apart: tested against all others, adjusted over the whole list, ranked."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from barometer import charts, declarations, measure, significance, tables
from barometer.apart import Difference, differences
from barometer.cells import Selection
from barometer.charts import View
from barometer.codebook import CodebookError
from barometer.declarations import Chart, Declarations
from barometer.measure import DEFAULTS
from barometer.store import Home, Publication, Publications

MODEL = "relational_model"
LEVELS = ("b2b", "b2c", "b2b2c")


def told(
    source: Publication, chart: Chart, level: str, where: measure.Where = (), **settings: Any
) -> tuple[Difference, ...]:
    return differences(
        source, chart.compared, MODEL, level, 2003, where, replace(DEFAULTS, **settings)
    )


@pytest.mark.parametrize("level", LEVELS)
def test_each_difference_is_the_one_that_measure_tests(
    source: Publication, declared: Declarations, level: str
) -> None:
    """Values of both sides and p-values before adjusting; then Holm over all of them together."""
    found = told(source, declared.by_name["profile_shares"], level)
    rows = {}
    for one in declared.by_name["profile_shares"].compared:
        against = measure.against(
            source,
            Selection(one.indicator, (MODEL,), (("year", ("2003",)),)),
            replace(DEFAULTS, reference="others"),
        )
        for row in against[against[MODEL] == level].to_dict("records"):
            rows[one.indicator, row["item"]] = row
    for one in found:
        row = rows[one.indicator, one.item]
        assert one.difference == pytest.approx(row["value_a"] - row["value_b"], abs=1e-12)
        assert one.group.value == pytest.approx(row["value_a"], abs=1e-12)
        assert one.others.value == pytest.approx(row["value_b"], abs=1e-12)
        assert (one.group.n, one.others.n) == (row["n_a"], row["n_b"])
    adjusted = significance.adjust([rows[one.indicator, one.item]["p"] for one in found])
    assert [one.p_adjusted for one in found] == pytest.approx(list(adjusted))
    assert [one.significant for one in found] == [p < 0.05 for p in adjusted]


def test_the_significant_ones_come_first_then_the_widest(
    source: Publication, declared: Declarations
) -> None:
    found = told(source, declared.by_name["profile_shares"], "b2b")
    order = [(not one.significant, -abs(one.difference)) for one in found]
    assert order == sorted(order)
    assert 0 < sum(one.significant for one in found) < len(found)


def test_no_correction_marks_more(source: Publication, declared: Declarations) -> None:
    chart = declared.by_name["profile_shares"]
    sure = sum(one.significant for one in told(source, chart, "b2b"))
    assert sum(one.significant for one in told(source, chart, "b2b", correction="none")) > sure


def test_a_filter_on_the_groups_themselves_is_left_out(
    source: Publication, declared: Declarations
) -> None:
    chart = declared.by_name["profile_shares"]
    filtered = told(source, chart, "b2b", ((MODEL, ("b2b",)),))
    assert filtered == told(source, chart, "b2b")


def test_a_hidden_side_is_not_compared(source: Publication, declared: Declarations) -> None:
    small = (("region", ("west",)), ("sector", ("services",)))  # b2b2c: 7 respondents
    chart = declared.by_name["profile_shares"]
    assert told(source, chart, "b2b2c", small) == ()
    spec = charts.build(source, chart, View(2003, small, "en", level="b2b2c"), pd.DataFrame())
    assert spec.empty and not spec.points


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("level", LEVELS)
def test_the_chart_shows_the_widest_and_says_of_how_many(
    source: Publication, declared: Declarations, level: str, language: str
) -> None:
    chart = declared.by_name["profile_shares"]
    found = told(source, chart, level)
    sure = [one for one in found if one.significant]
    spec = charts.build(source, chart, View(2003, (), language, level=level), pd.DataFrame())
    shown = [category.code for category in spec.categories]
    assert shown == [f"{one.indicator}/{one.item}" for one in sure[:12]]
    for one in sure[:12]:
        point = spec.at(f"{one.indicator}/{one.item}", level)
        assert point is not None and point.value == one.group.value
        assert point.mark == ("▲" if one.difference > 0 else "▼")
    (note,) = (note for note in spec.notes if note.startswith("▲ ▼"))
    numbers = [int(number) for number in re.findall(r"\d+", note)[:3]]
    assert numbers == [len(sure), len(found), len(shown)]
    assert f"({len(sure)} " in spec.headline
    assert len(tables.shown(spec)) == len(shown)


def test_a_group_that_nothing_sets_apart_is_told_so(
    source: Publication, declared: Declarations
) -> None:
    spec = charts.build(
        source,
        declared.by_name["profile_means"],
        View(2007, (), "en", level="b2b2c"),
        pd.DataFrame(),
    )
    assert (
        spec.headline
        == "Nothing sets B to B to C apart: no significant difference among 2 measures"
    )
    assert len(spec.categories) == 2 and not any(point.mark for point in spec.points)
    assert any(note.startswith("None of 2 differences is significant") for note in spec.notes)


def test_an_unknown_group_gives_the_first(source: Publication, declared: Declarations) -> None:
    spec = charts.build(
        source,
        declared.by_name["profile_shares"],
        View(2003, (), "en", level="b2z"),
        pd.DataFrame(),
    )
    assert spec.series[0].code == "b2b"


def test_shares_and_means_are_not_compared_in_one_chart(home: Path, tmp_path: Path) -> None:
    source = Publications(Home(home)).current()
    assert source is not None
    text = (home / "data" / "charts.toml").read_text(encoding="utf-8")
    mixed = text.replace('{ indicator = "contact_surface" },', '{ indicator = "channel_count" },')
    assert mixed != text
    (tmp_path / "charts.toml").write_text(mixed, encoding="utf-8")
    with pytest.raises(CodebookError, match="both shares and means"):
        declarations.load(tmp_path, source.codebook)
