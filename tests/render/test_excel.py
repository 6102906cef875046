"""Workbooks: native charts over true numbers, everything that defends them, and no formula."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from barometer import tables
from barometer.deck import Deck
from barometer.render import excel
from barometer.render.text import legible
from barometer.spec import ChartSpec, Cut, Entry, Point

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
NATIVE = {"bars": "barChart", "shift": "barChart", "stack": "barChart", "lines": "scatterChart"}
NATIVE |= {"dumbbell": "lineChart", "curve": "lineChart", "apart": "barChart", "plans": "barChart"}


@pytest.fixture(scope="module", params=["fr", "en"])
def written(request: Any, deck_of: Callable[..., Deck]) -> tuple[Deck, bytes]:
    made = deck_of(request.param)
    return made, excel.deck(made)


def opened(content: bytes) -> Any:
    with warnings.catch_warnings():  # bars in cells are an extension, which openpyxl leaves aside
        warnings.filterwarnings("ignore", ".*xtension is not supported")
        return openpyxl.load_workbook(io.BytesIO(content))


def parts(content: bytes, like: str) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = [name for name in package.namelist() if re.search(like, name)]
        names.sort(key=lambda name: [int(n) for n in re.findall(r"\d+", name)])
        return [package.read(name).decode() for name in names]


def texts(page: Any) -> list[str]:
    return [cell.value for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]


def test_the_index_leads_to_a_sheet_for_each_chart(written: tuple[Deck, bytes]) -> None:
    made, content = written
    book = opened(content)
    index, *pages = book.worksheets
    assert len(pages) == len(made.slides) >= 15
    assert index.title == {"fr": "Sommaire", "en": "Contents"}[made.language]
    links = [cell.hyperlink for cell in index["B"] if cell.hyperlink]
    assert [link.location for link in links] == [f"'{page.title}'!A1" for page in pages]
    assert {made.provenance, made.source, *made.method} <= set(texts(index))
    for page, slide in zip(pages, made.slides, strict=True):
        said = " ".join(texts(page))
        spec = slide.spec
        for words in (slide.title, spec.measure, spec.base, spec.waves, spec.provenance):
            assert words in said
        assert slide.definition in said and spec.receipt in said
        assert (
            page.page_setup.fitToHeight in (None, 1) and page.sheet_properties.pageSetUpPr.fitToPage
        )


def test_the_table_holds_the_numbers_and_prints_them_in_the_language(
    written: tuple[Deck, bytes],
) -> None:
    made, content = written
    space = "\u202f" if made.language == "fr" else ""
    for page, slide in zip(opened(content).worksheets[1:], made.slides, strict=True):
        spec, shown = slide.spec, tables.shown(slide.spec)
        row = next(cell.row for cell in page["A"] if cell.value == shown.columns[0])
        lead = 1 + (len(spec.facets) > 1)
        assert [cell.value for cell in page[row]][: len(shown.columns)] == list(shown.columns)
        for facet in spec.facets:
            for category in spec.categories:
                row += 1
                for place, series in enumerate(spec.series):
                    cell = page.cell(row, lead + place + 1)
                    point = spec.at(category.code, series.code, facet.code)
                    value = None if point is None else point.value
                    unit = (point.unit if point else "") or spec.unit
                    scale = 100 if "points" in (unit, spec.unit) else 1
                    if point is not None and point.flag == "hidden":
                        assert str(cell.value).startswith("×")
                        continue
                    assert cell.value == (None if value is None else pytest.approx(scale * value))
                    if spec.unit == unit == "share" and point is not None:
                        assert cell.number_format.startswith(f'0"{space}"%' if space else "0%")
                        assert point.mark in cell.number_format


def test_every_number_is_there_unrounded_with_its_interval_and_base(
    written: tuple[Deck, bytes],
) -> None:
    made, content = written
    for page, slide in zip(opened(content).worksheets[1:], made.slides, strict=True):
        full = tables.full(slide.spec)
        top = next(cell.row for cell in page["A"] if cell.value == "indicator")
        names = [cell.value for cell in page[top]][: len(full.columns)]
        assert names == list(full.columns)
        assert page.max_row == top + len(full)
        for row, expected in enumerate(full.to_dict("records"), start=top + 1):
            for column in ("value", "ci_low", "ci_high", "n", "effective_base"):
                found = page.cell(row, names.index(column) + 1).value
                assert found == pytest.approx(expected[column], nan_ok=True) or found is None


def test_a_kind_has_the_chart_that_excel_draws_best(written: tuple[Deck, bytes]) -> None:
    made, content = written
    drawn = [
        slide.spec
        for slide in made.slides
        for _ in (slide.spec.facets if slide.spec.kind in NATIVE else ())
    ]
    charts = parts(content, r"charts/chart\d+\.xml")
    assert len(charts) == len(drawn)
    for spec, text in zip(drawn, charts, strict=True):
        root = ElementTree.fromstring(text)
        assert root.find(f".//{CHART}{NATIVE[spec.kind]}") is not None
        grouping = [node.get("val") for node in root.iter(f"{CHART}grouping")]
        assert ("percentStacked" in grouping) == (spec.kind == "stack")
    sheets = parts(content, r"worksheets/sheet\d+\.xml")
    scales = [slide.spec.kind in ("heatmap", "panels") for slide in made.slides]
    assert ["<colorScale>" in text for text in sheets[1:]] == scales


def test_of_plans_each_group_has_its_chart_over_its_own_rows(written: tuple[Deck, bytes]) -> None:
    """Announced and change, without the gap, which has no bar."""
    made, content = written
    for page, slide in zip(opened(content).worksheets[1:], made.slides, strict=True):
        if slide.spec.kind != "plans":
            continue
        groups = []
        for chart in page._charts:
            assert len(chart.ser) == 2
            named, valued = (
                [int(row) for row in re.findall(r"\$(\d+)", reference)]
                for reference in (chart.ser[0].cat.strRef.f, chart.ser[1].val.numRef.f)
            )
            assert named == valued
            groups.append({page.cell(row, 1).value for row in range(named[0], named[1] + 1)})
        labels = [facet.label for facet in slide.spec.facets]
        assert groups == [{label} for label in labels]


def test_alternative_text_is_on_each_graphic(written: tuple[Deck, bytes]) -> None:
    made, content = written
    drawings = parts(content, r"drawings/drawing\d+\.xml")
    alts = [slide.spec.alt for slide in made.slides if slide.spec.kind in NATIVE]
    assert len(drawings) == len(alts)
    for drawing, alt in zip(drawings, alts, strict=True):
        assert any(node.get("descr") == alt for node in ElementTree.fromstring(drawing).iter())


def test_no_line_crosses_a_break_or_a_hidden_wave() -> None:
    """Each stretch is a series of its own, over its own cells; the others are not in the legend."""
    years = tuple(Entry(str(year), str(year)) for year in range(2000, 2008))
    values: list[float | None] = [0.1, 0.2, None, 0.3, 0.4, 0.5, 0.6, 0.7]
    points = [
        Point(year.code, "s", value=value, n=100, flag="" if value else "hidden")
        for year, value in zip(years, values, strict=True)
    ]
    spec = _one(
        kind="lines", categories=years, points=tuple(points), cuts=(Cut(2006, "Changed", ("s",)),)
    )
    root = ElementTree.fromstring(parts(excel.chart(spec), r"charts/chart1\.xml")[0])
    ranges = [
        re.findall(r"\$(\d+)", node.findtext(f".//{CHART}f", ""))
        for node in root.iter(f"{CHART}yVal")
    ]
    first = int(ranges[0][0])
    assert [[int(row) - first for row in rows] for rows in ranges] == [[0, 1], [3, 5], [6, 7]]
    assert len(list(root.iter(f"{CHART}legendEntry"))) == 2


def test_where_every_base_is_hidden_a_table_says_so(evil_deck: Deck) -> None:
    for spec in (slide.spec for slide in evil_deck.slides):
        gone = (replace(p, value=None, low=None, high=None, flag="hidden") for p in spec.points)
        content = excel.chart(replace(spec, points=tuple(gone)))
        assert parts(content, r"charts/chart1\.xml") == []
        assert len(parts(content, r"worksheets/sheet1\.xml")[0]) > 2_000  # the table


def test_a_curve_with_a_hidden_base_is_drawn_with_a_gap() -> None:
    """From cells that repeat the table by formula, and hold nothing where a number is hidden."""
    spec = _one(
        kind="curve",
        categories=(Entry("a", "A"), Entry("b", "B"), Entry("c", "C")),
        points=(
            Point("a", "s", value=0.4, n=200),
            Point("b", "s", n=6, flag="hidden"),
            Point("c", "s", value=0.3, n=100),
        ),
    )
    content = excel.chart(spec)
    root = ElementTree.fromstring(parts(content, r"charts/chart1\.xml")[0])
    drawn = next(root.iter(f"{CHART}val")).findtext(f".//{CHART}f", "")
    column, first, last = re.findall(r"\$([A-Z]+)\$(\d+):\$[A-Z]+\$(\d+)", drawn)[0]
    page = opened(content).worksheets[0]
    cells = [page[f"{column}{row}"].value for row in range(int(first), int(last) + 1)]
    assert cells == [f"=B{first}", None, f"=B{last}"]
    assert page[f"B{first}"].value == 0.4 and page[f"B{last}"].value == 0.3
    assert root.find(f".//{CHART}dispBlanksAs") is None  # a gap, as Excel itself writes it


def test_plans_of_all_groups_share_one_scale(written: tuple[Deck, bytes]) -> None:
    deck, _ = written
    spec = next(slide.spec for slide in deck.slides if slide.spec.kind == "plans")
    drawn = parts(excel.chart(spec), r"charts/chart\d+\.xml")
    scales = {tuple(re.findall(r'<c:(max|min) val="([^"]+)"', text)) for text in drawn}
    assert len(drawn) == len(spec.facets) > 1
    assert len(scales) == 1 and len(next(iter(scales))) == 2


def test_a_small_base_is_hatched_and_a_hidden_one_has_no_number() -> None:
    spec = _one(
        categories=(Entry("a", "A"), Entry("b", "B"), Entry("c", "C")),
        points=(
            Point("a", "s", value=0.4, n=20, flag="flagged"),
            Point("b", "s", n=6, flag="hidden"),
            Point("c", "s", value=0.3, n=100, mark="▲", versus=2002),
        ),
    )
    content = excel.chart(spec)
    text = parts(content, r"charts/chart1\.xml")[0]
    assert text.count('prst="wdUpDiag"') == 1
    labels = re.findall(r"<a:t>(.*?)</a:t>", text)
    assert labels == ["40\u202f%*", "×", "30\u202f% ▲"]
    page = opened(content).worksheets[0]
    assert [cell.value for cell in page["B"] if cell.value in (0.4, 0.3)] == [0.4, 0.3]
    assert "×" in [cell.value[:1] for cell in page["B"] if isinstance(cell.value, str)]


@pytest.mark.parametrize(
    "kind", ["bars", "lines", "stack", "heatmap", "panels", "tree", "dumbbell", "curve", "plans"]
)
def test_harmful_words_stay_words(
    kind: str, evil_deck: Deck, sound: Callable[[bytes], None]
) -> None:
    spec = next(slide.spec for slide in evil_deck.slides if slide.spec.kind == kind)
    content = excel.chart(spec)
    sound(content)
    for text in parts(content, r"worksheets/sheet\d+\.xml"):
        formulas = re.findall(r"<f[ >].*?</f>", text)  # of cells that a line is drawn from
        assert all(re.fullmatch(r"<f>[B-Z]\d+</f>", formula) for formula in formulas)
        assert "hyperlink" not in text
    assert not [text for text in parts(content, r"\.rels$") if "External" in text]
    said = set(texts(opened(content).worksheets[0]))
    kept = spec.categories if kind != "lines" else spec.series
    assert {legible(entry.label) for entry in kept} <= said


def test_a_workbook_of_harmful_words_opens(
    evil_deck: Deck, sound: Callable[[bytes], None], as_pdf: Callable[[bytes, str], bytes]
) -> None:
    content = excel.deck(evil_deck)
    sound(content)
    names = opened(content).sheetnames
    assert len(names) == 1 + len(evil_deck.slides) and len(set(names)) == len(names)
    assert len(as_pdf(content, "xlsx")) > 50_000


def _one(**parts: Any) -> ChartSpec:
    """A French chart of one series."""
    words = {
        name: name.title()
        for name in ("headline", "measure", "base", "waves", "filters", "source", "alt")
    }
    frame = {
        "name": "one",
        "kind": "bars",
        "language": "fr",
        "indicator": "asked",
        "unit": "share",
        "provenance": "Survey data",
        "series": (Entry("s", "Series"),),
    }
    return ChartSpec(**{**frame, **words, **parts})
