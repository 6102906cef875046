"""The analyst's table: letters, bases, order, and the same numbers as estimate."""

from __future__ import annotations

import pytest

from barometer import crosstab, measure
from barometer.cells import Selection
from barometer.charts import View
from barometer.measure import Settings
from barometer.store import Publication

VIEW = View(2003, language="en")


def test_cells_hold_the_values_of_estimate(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["crm_project"]
    table = crosstab.build(publication, indicator, ("relational_model", "size"), VIEW)
    rows = measure.estimate(
        publication,
        Selection("crm_project", ("relational_model", "size"), (("year", ("2003",)),)),
    )
    assert len(rows) == 36
    for row in rows.to_dict("records"):
        cell = table.cells[row["item"], (row["relational_model"], row["size"])]
        assert cell.value == pytest.approx(row["value"], abs=1e-12)


def test_letters_mark_the_columns_that_a_cell_is_significantly_above(
    publication: Publication,
) -> None:
    indicator = publication.codebook.by_indicator["crm_project"]
    table = crosstab.build(publication, indicator, ("relational_model",), VIEW)
    assert [column.letter for column in table.columns] == ["", "A", "B", "C"]
    assert table.cells["implemented", ("b2b",)].letters == "BC"
    assert table.cells["implemented", ("b2c",)].letters == "C"
    assert table.cells["implemented", ("b2b2c",)].letters == ""
    assert table.compared == 12
    assert table.by_chance == pytest.approx(0.6)


def test_letters_follow_the_correction_over_the_whole_table(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["channel_adoption"]
    where = View(2003, language="en", settings=Settings(correction="none"))
    free = crosstab.build(publication, indicator, ("sector",), where)
    holm = crosstab.build(publication, indicator, ("sector",), VIEW)
    marks = {
        name: sum(len(cell.letters) for cell in table.cells.values())
        for name, table in (("free", free), ("holm", holm))
    }
    assert marks["free"] > marks["holm"]


def test_columns_of_different_panels_are_not_compared(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["crm_project"]
    table = crosstab.build(publication, indicator, ("relational_model", "size"), VIEW)
    panels = {column.letter: column.levels[1] for column in table.columns if column.levels}
    for (_, levels), cell in table.cells.items():
        assert all(panels[letter] == levels[1] for letter in cell.letters)


def test_rows_sort_by_value_or_as_asked(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["crm_project"]
    asked = crosstab.build(publication, indicator, (), VIEW)
    sorted_ = crosstab.build(publication, indicator, (), VIEW, sort="value")
    assert asked.items == ("none", "intended", "launched", "implemented")
    values = [sorted_.cells[item, ()].value for item in sorted_.items]
    assert values == sorted(values, reverse=True)


def test_a_hidden_base_shows_no_value_and_no_letter(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["crm_project"]
    view = View(2003, (("region", ("west",)), ("sector", ("finance",))), "en")
    table = crosstab.build(publication, indicator, ("relational_model", "size"), view)
    hidden = [cell for cell in table.cells.values() if cell.flag == "hidden"]
    assert hidden
    assert all(cell.text == "×" and cell.value is None for cell in hidden)


def test_the_frame_gives_bases_first_then_items(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["crm_project"]
    frame = crosstab.build(publication, indicator, ("relational_model",), VIEW).frame("en")
    assert list(frame[""]) == [
        "Base n",
        "Effective base",
        *("No project", "Intended", "Launched", "Implemented"),
    ]
    assert list(frame.columns) == ["", "All", "B to B (A)", "B to C (B)", "B to B to C (C)"]
    assert frame["B to B (A)"].iloc[0] == "420"
    assert frame["B to B (A)"].iloc[-1] == "33% BC"


def test_waves_split_the_table_in_columns_without_a_total(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["crm_project"]
    table = crosstab.build(publication, indicator, ("year",), VIEW, waves=(2000, 2003))
    assert [column.label for column in table.columns] == ["2000", "2003"]
    assert [column.letter for column in table.columns] == ["A", "B"]
    rows = measure.estimate(
        publication, Selection("crm_project", ("year",), (("year", ("2000", "2003")),))
    )
    for row in rows.to_dict("records"):
        assert table.cells[row["item"], (str(row["year"]),)].value == row["value"]
    assert table.cells["implemented", ("2003",)].letters == "A"


def test_a_wave_column_is_marked_against_the_wave_before(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["channel_adoption"]
    table = crosstab.build(publication, indicator, ("year",), VIEW, ("e_mailing",))
    changes = measure.changes(publication, Selection("channel_adoption", (), (), ("e_mailing",)))
    risen = {str(row["year"]) for row in changes[changes["significant"]].to_dict("records")}
    marked = {
        key[1][0] for key, cell in table.cells.items() if "▲" in cell.text or "▼" in cell.text
    }
    assert marked <= risen
    assert marked


def test_models_are_compared_within_a_wave(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["crm_project"]
    table = crosstab.build(
        publication, indicator, ("relational_model", "year"), VIEW, waves=(2002, 2003)
    )
    assert [column.label for column in table.columns][:4] == [
        *("B to B · 2002", "B to C · 2002", "B to B to C · 2002", "B to B · 2003")
    ]
    waves = {column.letter: column.levels[1] for column in table.columns}
    for (_, levels), cell in table.cells.items():
        if levels:
            assert all(waves[letter] == levels[1] for letter in cell.letters)


def test_no_letter_crosses_a_trend_break_and_its_reason_is_given(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["contact_surface"]
    table = crosstab.build(publication, indicator, ("year",), VIEW)
    assert [year for year, _ in table.breaks] == [2006]
    before = {column.letter for column in table.columns if int(column.label) < 2006}
    for year in ("2006", "2007"):
        assert not before & set(table.cells["at_least_one", (year,)].letters)
    assert table.compared == 15 + 1  # six waves before the break in pairs, two after it


def test_the_reason_of_a_break_stands_under_the_wave_that_it_cuts_off_only(
    publication: Publication,
) -> None:
    indicator = publication.codebook.by_indicator["contact_surface"]
    breaks = {
        year: crosstab.build(publication, indicator, (), View(year)).breaks
        for year in (2005, 2006, 2007)
    }
    assert [len(found) for found in breaks.values()] == [0, 1, 0]
    assert "2006" in breaks[2006][0][1]


def test_the_highest_items_keep_the_order_of_the_table(publication: Publication) -> None:
    indicator = publication.codebook.by_indicator["crm_project"]
    table = crosstab.build(publication, indicator, (), VIEW)
    values = {item: table.cells[item, ()].value or 0 for item in table.items}
    two = sorted(values, key=lambda item: -values[item])[:2]
    assert set(table.highest(2)) == set(two)
    assert table.highest(2) == tuple(item for item in table.items if item in two)
