"""From a declaration and estimates to a chart: what is drawn, marked, cut, flagged and hidden."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pandas as pd
import pytest

from barometer import charts, measure, style
from barometer.cells import Selection
from barometer.charts import ChartSpec, View
from barometer.codebook import LANGUAGES, YEAR, Codebook
from barometer.declarations import Chart, Declarations
from barometer.store import Publication

SMALL = (("region", ("west",)), ("sector", ("services",)))  # bases of 2003: 17, 18 and 7
MODEL = "relational_model"


class Renamed:
    """A publication whose items and levels are called something else."""

    def __init__(self, source: Publication, codebook: Codebook) -> None:
        self.codebook, self.strata, self.years = codebook, source.strata, source.years
        self.sums, self.bases = source.sums, source.bases


@pytest.fixture(scope="module")
def build(source: Publication, declared: Declarations, printed: pd.DataFrame) -> Any:
    """The spec of a declared chart for a view."""

    def built(name: str, year: int, where: Any = (), language: str = "en") -> ChartSpec:
        view = View(year, where, language)
        return charts.build(source, declared.by_name[name], view, printed, declared.colours)

    return built


def renamed(source: Publication, label: str) -> Renamed:
    """The same figures, every item and level called by one label (and its rank)."""
    book = source.codebook.model_dump()
    for number, entry in enumerate(
        itertools.chain(
            *(i["items"] for i in book["indicators"]), *(d["levels"] for d in book["dimensions"])
        )
    ):
        entry["label"] = {"fr": f"{label}{number}", "en": f"{label}{number}"}
    return Renamed(source, Codebook.model_validate(book))


# --- trend breaks -----------------------------------------------------------------------------------


def test_a_break_cuts_every_line_of_what_it_concerns(build: Any) -> None:
    spec = build("contact_surface_trend", 2007)
    (cut,) = spec.cuts
    assert cut.year == 2006
    assert set(cut.series) == {entry.code for entry in spec.series}
    assert any(note.startswith("2006: The 2006 questionnaire") for note in spec.notes)


def test_a_break_leaves_other_items_whole(build: Any) -> None:
    assert build("adoption_trend", 2007).cuts == ()
    assert build("crm_penetration", 2007).cuts == ()


def test_no_mark_compares_across_a_break(
    source: Publication, declared: Declarations, build: Any
) -> None:
    for chart in declared.charts:
        for year in source.years:
            spec = build(chart.name, year)
            for point in spec.points:
                if point.mark and point.versus is not None:
                    item = (
                        point.category
                        if point.category in source.codebook.by_indicator[spec.indicator].by_code
                        else point.series
                    )
                    at = int(point.category) if spec.kind == "lines" else year
                    assert (
                        source.codebook.break_between(spec.indicator, item, point.versus, at)
                        is None
                    )
    surface = build("contact_surface_trend", 2007)
    assert all(point.mark == "" for point in surface.points if point.category == "2006")


# --- what the press printed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "marked"),
    [
        ((), {"b2b": 1 / 3, "b2c": 1 / 5, "b2b2c": 1 / 20}),
        (((MODEL, ("b2b",)),), {"b2b": 1 / 3}),
        (((MODEL, ("b2b2c", "b2c")),), {"b2c": 1 / 5, "b2b2c": 1 / 20}),
        ((("sector", ("retail",)),), {}),
        (((MODEL, ("b2b",)), ("size", ("large",))), {}),
    ],
)
def test_printed_figures_are_marked_where_the_filters_allow(
    build: Any, where: Any, marked: dict[str, float]
) -> None:
    stages = {m.category: m.value for m in build("crm_stages", 2003, where).published}
    lines = {m.series: m.value for m in build("crm_penetration", 2003, where).published}
    assert stages == lines == pytest.approx(marked, abs=1e-6)


def test_printed_figures_are_marked_in_their_own_year(build: Any) -> None:
    assert build("crm_stages", 2004).published == ()
    assert {m.category for m in build("crm_penetration", 2007).published} == {"2003"}


def test_a_figure_about_everybody_is_not_marked_for_one_model(build: Any) -> None:
    assert len(build("contact_surface_trend", 2003).published) == 2
    assert build("contact_surface_trend", 2003, ((MODEL, ("b2c",)),)).published == ()


# --- significance marks -------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2001, 2003, 2005])
@pytest.mark.parametrize("name", ["main_channels", "crm_stages", "channel_count"])
def test_marks_are_the_changes_that_survive_holm_among_all_those_shown(
    source: Publication, build: Any, name: str, year: int
) -> None:
    spec: ChartSpec = build(name, year)
    split = Selection(spec.indicator, (MODEL,), ((YEAR, (str(year),)),))
    rows = [measure.changes(source, split).assign(group=lambda frame: frame[MODEL])]
    if any(point.series == "" or point.category == "" for point in spec.points):
        total = Selection(spec.indicator, (), ((YEAR, (str(year),)),))
        rows.append(measure.changes(source, total).assign(group=""))
    tests = pd.concat(rows)
    drawn = {frozenset({p.category, p.series}): p for p in spec.points}
    tests = tests[
        [frozenset({g, i}) in drawn for g, i in zip(tests["group"], tests["item"], strict=True)]
    ]
    tests = tests[tests["p"].notna()].sort_values("p")
    adjusted, highest = {}, 0.0
    for rank, row in enumerate(tests.to_dict("records")):
        highest = max(highest, min(1.0, row["p"] * (len(tests) - rank)))
        adjusted[frozenset({row["group"], row["item"]})] = (highest, row["difference"])
    for key, (p, difference) in adjusted.items():
        expected = "" if p >= 0.05 else charts.UP if difference > 0 else charts.DOWN
        assert drawn[key].mark == expected, (key, p)


def test_a_fragile_base_is_never_marked(
    source: Publication, declared: Declarations, build: Any
) -> None:
    flagged = 0
    for chart in declared.charts:
        for point in build(chart.name, 2003, SMALL).points:
            if point.flag:
                flagged += 1
                assert point.mark == ""
    assert flagged > 50


# --- fragile and hidden bases -------------------------------------------------------------------------


def test_flags_follow_the_thresholds_of_the_codebook(declared: Declarations, build: Any) -> None:
    seen = set()
    for chart in declared.charts:
        if chart.kind == "shift":
            continue
        for point in build(chart.name, 2003, SMALL).points:
            expected = "hidden" if point.n < 10 else "flagged" if point.n < 30 else ""
            if point.flag != "hidden":  # another base may hide to protect a smaller one
                assert point.flag == expected, (chart.name, point)
            seen.add(point.flag)
    assert {"hidden", "flagged"} <= seen


def test_a_hidden_point_holds_nothing_but_its_base(declared: Declarations, build: Any) -> None:
    hidden = [
        point
        for chart in declared.charts
        for year in (2003, 2006)
        for point in build(chart.name, year, SMALL).points
        if point.flag == "hidden"
    ]
    assert hidden
    for point in hidden:
        assert (point.value, point.low, point.high, point.effective_base) == (None,) * 4
        assert (point.percent in (None, 0), point.mark, point.versus) == (True, "", None)


@pytest.mark.parametrize("name", ["crm_stages", "crm_penetration", "mobility", "channel_count"])
def test_a_hidden_group_does_not_follow_from_the_total_and_the_others(
    build: Any, name: str
) -> None:
    """With the total and all groups but one in view, the one hidden is their difference."""
    spec: ChartSpec = build(name, 2003, SMALL)
    at = "2003" if spec.kind == "lines" else None
    shown: dict[str, bool] = {}
    for point in spec.points:
        group = point.series if spec.kind == "lines" else point.category
        if at is None or point.category == at:
            shown[group] = shown.get(group, False) or point.value is not None
    hidden = [group for group, visible in shown.items() if group and not visible]
    assert hidden
    assert len(hidden) > 1 or not shown[""], f"{hidden} = total − others"


def test_notes_explain_each_sign_that_the_chart_uses(build: Any) -> None:
    notes = " ".join(build("crm_stages", 2003, SMALL).notes)
    assert (
        "* base under 30: fragile" in notes
        and "× base under 10, or that would give one away" in notes
    )
    plain = " ".join(build("crm_stages", 2003).notes)
    assert "fragile" not in plain and "not shown" not in plain


# --- words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_of_every_wave_has_all_its_words(
    source: Publication, declared: Declarations, build: Any, language: str
) -> None:
    for chart in declared.charts:
        for year in source.years:
            spec: ChartSpec = build(chart.name, year, (), language)
            if spec.empty:
                continue
            for words in (
                spec.headline,
                spec.measure,
                spec.base,
                spec.waves,
                spec.source,
                spec.alt,
            ):
                assert words and "{" not in words and "nan" not in words.split()
            assert "n\u00a0=\u00a0" in spec.base
            assert spec.synthetic and spec.provenance in spec.alt
            assert spec.file_name.endswith(f"_{language}")


def test_the_name_of_a_file_tells_filters_apart(build: Any) -> None:
    one, two, many = (
        build("crm_stages", 2003, where).file_name
        for where in (
            (("sector", ("industry",)),),
            (("sector", ("services", "retail")), ("size", ("small",))),
            (("sector", ("services", "retail", "finance", "industry")), ("region", ("x" * 40,))),
        )
    )
    assert one == "crm_stages_crm_project_relational_model_industry_2003_en"
    assert two == "crm_stages_crm_project_relational_model_services-retail_small_2003_en"
    assert "services" not in many and "_sector_region_" in many


def test_stacks_print_whole_percentages_that_add_up_to_100(source: Publication, build: Any) -> None:
    for year in source.years:
        spec: ChartSpec = build("crm_stages", year)
        for category in spec.categories:
            assert sum(p.percent or 0 for p in spec.points if p.category == category.code) == 100


def test_colours_keep_their_place_whatever_the_filter(build: Any) -> None:
    whole = {e.code: e.position for e in build("crm_penetration", 2003).series}
    some = {
        e.code: e.position for e in build("crm_penetration", 2003, ((MODEL, ("b2b2c",)),)).series
    }
    assert some == {"b2b2c": whole["b2b2c"]}


def test_an_item_has_one_colour_on_every_chart(declared: Declarations, build: Any) -> None:
    positions: dict[tuple[str, str], set[int]] = {}
    for chart in declared.charts:
        spec: ChartSpec = build(chart.name, 2003)
        for entry in (*spec.series, *spec.categories):
            if entry.code in declared.colours and spec.kind != "heatmap":
                positions.setdefault((spec.indicator, entry.code), set()).add(entry.position)
    assert positions and all(len(places) == 1 for places in positions.values())


def test_a_question_that_the_wave_did_not_ask_gives_a_sentence(
    source: Publication, printed: pd.DataFrame
) -> None:
    fit = Chart(
        name="fit", kind="bars", indicator="channel_fit", measure={"fr": "Notes", "en": "Ratings"}
    )  # type: ignore[arg-type]
    spec = charts.build(source, fit, View(2003, (), "en"), printed)
    assert spec.empty == "Not asked in 2003. Asked in: 2006, 2007."
    assert spec.points == () and spec.alt == spec.empty
    assert charts.build(source, fit, View(2006, (), "en"), printed).empty == ""


def test_filters_that_nobody_meets_give_a_sentence(build: Any) -> None:
    spec = build("crm_scope", 2003, (("crm_stage", ("none",)),))
    assert spec.empty == "Nobody answers to these filters, or this wave did not ask."


@pytest.mark.parametrize(
    "label", ["<b>&amp;", "=1+1", "{item}", "%{x}", "x" * 10_000, " · ", "a\nb"]
)
def test_a_label_is_data_whatever_it_holds(
    source: Publication, declared: Declarations, printed: pd.DataFrame, label: str
) -> None:
    other = renamed(source, label)
    for name in ("main_channels", "crm_stages", "crm_penetration", "channel_tree"):
        spec = charts.build(other, declared.by_name[name], View(2003, (), "en"), printed)
        labels = [
            e.label
            for e in (*spec.categories, *spec.series)
            if e.code in other.codebook.by_indicator[spec.indicator].by_code
        ]
        assert all(text.startswith(label) for text in labels)
        assert math.isclose(
            sum(p.value or 0 for p in spec.points),
            sum(
                p.value or 0
                for p in charts.build(
                    source, declared.by_name[name], View(2003, (), "en"), printed
                ).points
            ),
        )


def test_a_printed_point_says_its_value_and_its_marks(build: Any) -> None:
    spec: ChartSpec = build("crm_stages", 2003)
    total = spec.at("", "implemented")
    assert total and total.value is not None
    assert spec.printed(total) == f"{style.share((total.percent or 0) / 100, 'en')} ▲"


# --- what was compared ------------------------------------------------------------------------------


def test_a_table_says_how_many_comparisons_were_made_and_how_many_chance_would_mark(
    build: Any,
) -> None:
    spec = build("crm_penetration", 2003)
    tested = sum(point.tested for point in spec.points)
    assert tested == 7 * 4  # each wave but the first: three models and everybody
    assert spec.comparisons.startswith("28 comparisons")
    assert "about 1.4" in spec.comparisons
    assert build("crm_shift", 2003).comparisons == ""


@pytest.mark.parametrize(("year", "told"), [(2005, False), (2006, True), (2007, False)])
def test_a_chart_of_one_wave_gives_the_reason_of_a_break_that_cuts_it_off(
    build: Any, year: int, told: bool
) -> None:
    notes = " ".join(build("channel_count", year).notes)
    assert ("2006: The 2006 questionnaire" in notes) == told
