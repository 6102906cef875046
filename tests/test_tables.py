"""The table behind a chart, and its CSV: complete, as printed, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from barometer import charts, figures, tables
from barometer.charts import ChartSpec, Entry, Point, View
from barometer.declarations import Declarations
from barometer.store import Publication

SMALL = (("region", ("west",)), ("sector", ("services",)))  # bases of 2003: 17, 18 and 7


@pytest.fixture(scope="module")
def specs(home: Path, source: Publication, declared: Declarations) -> Any:
    """The specs of all declared charts for a view."""
    printed = figures.load(home / "data", "published")

    def of(year: int, where: Any = (), language: str = "en") -> list[ChartSpec]:
        built = [
            charts.build(source, chart, View(year, where, language), printed, declared.colours)
            for chart in declared.charts
        ]
        return [spec for spec in built if not spec.empty]

    return of


def spec_of(label: str, headline: str = "Found", value: float = 0.25) -> ChartSpec:
    """A chart of one bar."""
    return ChartSpec(
        name="one", kind="bars", language="en", indicator="asked", unit="share",
        headline=headline, measure="Measure", base="Base", waves="Wave 2003", filters="",
        source="Source", provenance="Demonstration sample: synthetic data", alt="",
        categories=(Entry("c", label),), series=(Entry("s", "Series"),),
        points=(Point("c", "s", value=value, low=0.2, high=0.3, n=100, effective_base=80.0),),
    )  # fmt: skip


def parsed(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf") and b"\r\n" in content
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_table_as_shown_prints_every_point_once(specs: Any) -> None:
    for spec in specs(2003):
        printed = tables.shown(spec)
        assert len(printed) == len(spec.categories) * len(spec.facets)
        cells = [cell for name in printed.columns[-len(spec.series) :] for cell in printed[name]]
        assert sorted(filter(None, cells)) == sorted(tables.printed(spec, p) for p in spec.points)


def test_two_series_of_one_name_both_keep_their_numbers() -> None:
    spec = replace(
        spec_of("Item"),
        series=(Entry("s", "Other"), Entry("t", "Other")),
        points=(Point("c", "s", value=0.25, n=100), Point("c", "t", value=0.5, n=100)),
    )
    assert {"25%", "50%"} <= set(tables.shown(spec).to_numpy().ravel())


def test_the_full_table_holds_every_point_unrounded(specs: Any) -> None:
    for spec in specs(2003):
        rows = tables.full(spec)
        assert len(rows) == len(spec.points)
        values = [None if pd.isna(value) else value for value in rows["value"]]
        assert values == [p.value for p in spec.points]
        assert list(rows["n"]) == [p.n for p in spec.points]
        assert set(rows["indicator"]) == {spec.indicator}
        if spec.kind not in ("shift", "plans", "apart"):  # differences have no effective base
            seen = rows[rows["flag"] != "hidden"]
            assert seen[["effective_base", "ci_low", "ci_high"]].notna().all(axis=None)


def test_no_hidden_value_is_in_either_csv(specs: Any) -> None:
    hidden = 0
    for spec in specs(2003, SMALL):
        rows = tables.full(spec)
        kept_back = rows[rows["flag"] == "hidden"]
        hidden += len(kept_back)
        assert kept_back[["value", "ci_low", "ci_high", "effective_base"]].isna().all(axis=None)
        for point in spec.points:
            if point.flag == "hidden":
                assert tables.printed(spec, point).startswith("× (n")
    assert hidden


def test_a_fragile_value_has_its_asterisk_as_on_the_chart(specs: Any) -> None:
    starred = [
        tables.printed(spec, point)
        for spec in specs(2003, SMALL)
        for point in spec.points
        if point.flag == "flagged"
    ]
    assert starred and all("%*" in text or text[-1] == "*" for text in starred)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_csv_says_what_it_shows_and_where_it_comes_from(specs: Any, language: str) -> None:
    synthetic = {"fr": "données synthétiques", "en": "synthetic data"}[language]
    for spec in specs(2003, (), language):
        for table in (tables.shown(spec), tables.full(spec)):
            content = tables.as_csv(spec, table)
            notes = [row[0] for row in parsed(content) if len(row) == 1]
            for words in (spec.headline, spec.measure, spec.base, spec.source, spec.provenance):
                assert words in notes or f"'{words}" in notes
            assert synthetic in content.decode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_is_opened_by_an_apostrophe(start: str) -> None:
    formula = f'{start}HYPERLINK("http://example.org";"x")'
    spec = replace(spec_of(formula, headline=formula), series=(Entry("s", formula),))
    for table in (tables.shown(spec), tables.full(spec)):
        cells = [cell for row in parsed(tables.as_csv(spec, table)) for cell in row]
        assert f"'{formula}" in cells
        assert not any(cell.startswith(start) for cell in cells)


def test_numbers_stay_numbers_below_zero_too() -> None:
    rows = parsed(tables.as_csv(spec_of("x"), tables.full(spec_of("x", value=-0.25))))
    assert rows[1][rows[0].index("value")] == "-0.25"


@pytest.mark.parametrize(
    "label", ["<script>alert(1)</script>", 'a"b,c;d', "x" * 10_000, "é\u202f%"]
)
def test_other_text_comes_back_as_it_was(label: str) -> None:
    spec = spec_of(label)
    assert parsed(tables.as_csv(spec, tables.shown(spec)))[1] == [label, "25%"]


def test_an_empty_chart_has_an_empty_table() -> None:
    spec = replace(spec_of("x"), points=(), categories=(), series=())
    assert len(tables.full(spec)) == 0 and isinstance(tables.shown(spec), pd.DataFrame)
    assert b"synthetic" in tables.as_csv(spec, tables.full(spec))
