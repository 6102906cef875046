"""Slides: native, editable, and equal to the chart they were made from."""

from __future__ import annotations

import io
import itertools
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pptx import Presentation
from pptx.util import Inches

from barometer import deck, declarations, figures
from barometer.charts import View
from barometer.deck import Deck, Wanted
from barometer.render import powerpoint
from barometer.render.powerpoint import fit, tags, templates
from barometer.spec import DOWN, TOTAL, UP, ChartSpec, Cut, Entry, Point, Published
from barometer.store import Publication

LONG = "Une étiquette très longue " * 400  # 10,400 characters
HOSTILE = "=1+1 <a:t>&amp;\x00\x0b\u202e]]>"
KINDS = ("bars", "stack", "lines", "heatmap", "panels", "tree", "dumbbell", "shift", "unheard_of")
KINDS += ("curve", "apart", "plans")
FRAME = "Barometer graphic"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


@pytest.fixture(scope="module")
def make(home: Path, source: Publication) -> Any:
    """A deck of charts by name."""
    declared = declarations.load(home / "data", source.codebook)
    printed = figures.load(home / "data", "published")

    def made(*names: str, language: str = "fr", year: int = 2003) -> Deck:
        view = View(year, (), language)
        basket = [Wanted(name, view) for name in names or declared.by_name]
        yearly = declared.deck("yearly")
        return deck.build(source, declared, basket, view, printed, figures=yearly.key_figures)

    return made


def spec_of(
    kind: str, labels: tuple[str, ...] = ("Un", "Deux", "Trois"), **parts: Any
) -> ChartSpec:
    """A chart of a kind, with values that need no publication."""
    years = kind == "lines"
    names = ("2001", "2002", "2003") if years else tuple(f"c{i}" for i in range(len(labels)))
    categories = tuple(
        Entry(name, name if years else label, rank, "c0" if kind == "tree" and rank else None)
        for rank, (name, label) in enumerate(zip(names, labels, strict=False))
    )
    series = tuple(Entry(f"s{i}", labels[i % len(labels)], i) for i in range(3))
    if kind == "tree":
        series = (Entry(TOTAL, "Tous"),)
    facets = (Entry("", ""),)
    if kind in ("heatmap", "panels"):
        facets = (Entry("f0", labels[0]), Entry("f1", labels[1]))
    values = itertools.cycle((0.125, 0.375, 0.5) if kind == "stack" else (0.2, 0.414, 0.61, 0.055))
    points = tuple(
        Point(c.code, s.code, f.code, next(values), n=400)
        for f in facets
        for c in categories
        for s in series
    )
    unit = "points" if kind == "shift" else "share"
    words = {
        "headline": labels[0], "measure": "Mesure, en %", "base": "Base : n = 400",
        "waves": "Vague 2003", "filters": "", "source": "Source : essai", "alt": "Ce que l'on voit.",
        "provenance": "Échantillon de démonstration : données synthétiques",
    }  # fmt: skip
    spec = ChartSpec(
        kind, kind, "fr", "essai", unit, categories=categories, series=series, facets=facets,
        points=points, highlight="2003", **words,
    )  # fmt: skip
    return replace(spec, **parts)


def slide_of(spec: ChartSpec, title: str = "", comment: str = "") -> deck.Slide:
    one = Wanted("essai", View(2003, (), spec.language))
    return deck.Slide(
        one, spec, title or spec.headline, comment, ("Que demande-t-on ?",), "Ce que c'est.",
        deck.rows(spec), "/essai?year=2003",
    )  # fmt: skip


def opened(content: bytes) -> Any:
    return Presentation(io.BytesIO(content))


def graphics(slide: Any) -> list[Any]:
    return [shape for shape in slide.shapes if shape.name.startswith(FRAME)]


def texts(slide: Any) -> str:
    """All that a slide prints outside its charts."""
    found = [s.text_frame.text for s in slide.shapes if s.has_text_frame]
    for shape in slide.shapes:
        if shape.has_table:
            found += [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(found)


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bars", "stack", "shift"])
def test_a_native_chart_holds_the_very_numbers_of_the_spec(kind: str) -> None:
    spec = spec_of(kind)
    slide = opened(powerpoint.slide(slide_of(spec))).slides[0]
    chart = graphics(slide)[0].chart
    assert list(chart.plots[0].categories) == [entry.label for entry in spec.categories]
    for series, drawn in zip(spec.series, chart.plots[0].series, strict=True):
        expected = [spec.at(c.code, series.code).value for c in spec.categories]
        assert list(drawn.values) == expected
        assert drawn.name == series.label


def test_steps_sides_and_plans_are_native_charts_of_their_very_numbers(make: Any) -> None:
    """Lines over steps, a mark a side, bars a group; the difference stays in the notes."""
    made = make("channels_at_least", "profile_shares", "plans_medium")
    curve, apart, plans = (one.spec for one in made.slides)
    file = opened(powerpoint.deck(made))
    steps, sides, groups = (
        [shape.chart for shape in graphics(slide)]
        for slide in file.slides
        if (tags.read(slide) or {}).get("kind") == "chart"
    )
    for series, line in zip(curve.series, steps[0].plots[0].series, strict=True):
        expected = [curve.at(c.code, series.code) for c in curve.categories]
        assert list(line.values) == [point and point.value for point in expected]
    drawn = list(sides[0].plots[0].series)
    for series, layer in zip(apart.series[:2], drawn[-2:], strict=True):
        values = [apart.at(c.code, series.code).value for c in apart.categories]
        assert layer.name == series.label
        held = layer._element.findall(f"{C}xVal//{C}v")
        assert [float(node.text) for node in held] == pytest.approx(values)
    assert len(groups) == len(plans.facets)
    for facet, chart in zip(plans.facets, groups, strict=True):
        for series, bars in zip(plans.series[:2], chart.plots[0].series, strict=True):
            expected = [plans.at(c.code, series.code, facet.code) for c in plans.categories]
            assert list(bars.values) == [point and point.value for point in expected]
    axes = {(c.value_axis.minimum_scale, c.value_axis.maximum_scale) for c in groups}
    assert len(axes) == 1  # one scale, so that bars compare


def test_every_chart_of_the_barometer_becomes_its_slide(make: Any) -> None:
    """Each number that the notes give is one of the spec, and each spec number is in the notes."""
    made = make()
    file = opened(powerpoint.deck(made))
    slides = [s for s in file.slides if (tags.read(s) or {}).get("kind") == "chart"]
    by_chart: dict[str, list[Any]] = {}
    for slide in slides:
        by_chart.setdefault(tags.read(slide)["wanted"].split("~")[0], []).append(slide)
    assert list(by_chart) == [one.spec.name for one in made.slides]
    for one in made.slides:
        memory = tags.read(by_chart[one.spec.name][0])
        assert [row[3] for row in memory["numbers"]] == [p.value for p in one.spec.points]
        notes = by_chart[one.spec.name][0].notes_slide.notes_text_frame.text
        assert all(row.value in notes and row.base in notes for row in one.rows)
        for text in (*one.questions, one.definition, one.address, one.spec.receipt):
            assert text in notes
        for slide in by_chart[one.spec.name]:
            said = texts(slide)
            assert one.spec.measure in said
            assert one.spec.source in said
            assert one.spec.provenance in said
            assert "synthétiques" in said
            assert all(note in said for note in one.spec.notes)
            assert graphics(slide)
            for frame in graphics(slide):
                assert one.spec.alt in frame._element.nvGraphicFramePr.cNvPr.get("descr")


def test_parts_of_a_whole_print_percentages_that_add_up() -> None:
    """12.5, 37.5 and 50: rounded one by one they would make 101."""
    spec = spec_of("stack")
    percents = {0.125: 13, 0.375: 37, 0.5: 50}
    points = tuple(replace(p, percent=percents[p.value]) for p in spec.points)
    slide = opened(powerpoint.slide(slide_of(replace(spec, points=points)))).slides[0]
    first, second, third = graphics(slide)[0].chart.plots[0].series
    assert labels_of(second) == ["37\u202f%"] * 3  # by its own label: the format would say 38
    assert labels_of(first) == labels_of(third) == []
    assert first.data_labels.number_format == '0"\u202f"%'


def labels_of(series: Any) -> list[str]:
    """What the labels that points have of their own say."""
    return [
        "".join(run.text or "" for run in label.iter(f"{A}t"))
        for label in series._element.iter(f"{C}dLbl")
        if label.find(f"{C}tx") is not None
    ]


@pytest.mark.parametrize(("language", "form"), [("fr", '0"\u202f"%'), ("en", "0%")])
def test_numbers_are_written_as_the_language_does(make: Any, language: str, form: str) -> None:
    made = make("main_channels", "channel_count", language=language)
    slides = opened(powerpoint.deck(made)).slides
    bars, means = slides[3], slides[4]
    chart = graphics(bars)[0].chart
    assert chart.plots[0].series[0].data_labels.number_format == form
    printed = labels_of(graphics(means)[0].chart.plots[0].series[0])
    assert printed[0] == ("2,1" if language == "fr" else "2.1")
    assert f'lang="{language}-' in etree.tostring(bars._element).decode()


@pytest.mark.parametrize("kind", ["bars", "stack"])
def test_fragile_bases_are_hatched_and_hidden_ones_say_why(kind: str) -> None:
    spec = spec_of(kind)
    flags = {"c0": "flagged", "c1": "hidden", "c2": ""}
    points = tuple(
        replace(p, flag=flags[p.category], n=7, value=None if p.category == "c1" else p.value)
        for p in spec.points
    )
    slide = opened(powerpoint.slide(slide_of(replace(spec, points=points)))).slides[0]
    chart = graphics(slide)[0].chart
    fragile, hidden, sound = chart.plots[0].categories
    assert "×" not in fragile + sound
    assert "n\u00a0=\u00a07" in hidden
    for drawn in chart.plots[0].series:
        assert drawn.values[1] is None
        assert len(list(drawn._element.iter(f"{A}pattFill"))) == 1
        assert [label[-1] for label in labels_of(drawn)] == ["*"]


def test_significance_and_the_press_are_marked_on_the_number() -> None:
    spec = spec_of("bars")
    first = replace(spec.points[0], mark=UP, versus=2002)
    second = replace(spec.points[1], mark=DOWN, versus=2002)
    printed = Published(first.category, first.series, 0.333, "un tiers", "")
    spec = replace(spec, points=(first, second, *spec.points[2:]), published=(printed,))
    slide = opened(powerpoint.slide(slide_of(spec))).slides[0]
    said = [label for s in graphics(slide)[0].chart.plots[0].series for label in labels_of(s)]
    assert said == [f"20\u202f% {UP} ◇ 33\u202f%", f"41\u202f% {DOWN}"]


def test_a_line_is_cut_where_the_questionnaire_changed() -> None:
    cut = Cut(2003, "Autre question", ("s1",))
    spec = spec_of("lines", cuts=(cut,), notes=("2003 : Autre question",))
    slide = opened(powerpoint.slide(slide_of(spec))).slides[0]
    lines = {line.name: list(line.values) for line in graphics(slide)[0].chart.plots[0].series}
    assert lines["Deux"][2] is None
    assert lines["Deux, à partir de 2003"][:2] == [None, None]
    assert None not in lines["Un"]
    assert "Autre question" in texts(slide)


def test_a_heat_map_is_a_table_with_each_number() -> None:
    spec = spec_of("heatmap")
    slide = opened(powerpoint.slide(slide_of(spec))).slides[0]
    said = texts(slide)
    assert all(spec.printed(point) in said for point in spec.points)
    table = graphics(slide)[0].table
    assert (len(table.rows), len(table.columns)) == (2 + 3, 1 + 2 * 3)


def test_a_table_too_long_for_a_slide_goes_on_with_the_next() -> None:
    names = tuple(f"Ligne {i}" for i in range(60))
    spec = spec_of("heatmap", names)
    file = opened(powerpoint.slide(slide_of(spec)))
    assert len(file.slides) > 1
    titles = [slide.shapes.title.text_frame.text for slide in file.slides]
    assert titles[0].endswith(f"(1 sur {len(titles)})")
    said = "\n".join(texts(slide) for slide in file.slides)
    assert all(f"{name}\n" in said for name in names)


def test_small_multiples_share_their_axis() -> None:
    slide = opened(powerpoint.slide(slide_of(spec_of("panels")))).slides[0]
    charts = [frame.chart for frame in graphics(slide)]
    assert [chart.chart_title.text_frame.text for chart in charts] == ["Un", "Deux"]
    assert len({chart.value_axis.maximum_scale for chart in charts}) == 1


# --- nothing cut, nothing over, nothing run ------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("label", [HOSTILE, LONG, ""], ids=["hostile", "long", "empty"])
def test_any_label_makes_a_sound_slide(kind: str, label: str) -> None:
    labels = (label, f"{label}2", f"{label}3")
    spec = spec_of(kind, labels, notes=(label,), alt=label, measure=label, receipt=label)
    content = powerpoint.slide(slide_of(spec, comment=label))
    for slide in opened(content).slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        assert all(left >= 0 and top >= 0 for left, top, *_ in boxes)
        assert all(right <= 12192000 and bottom <= 6858000 for *_, right, bottom in boxes)
        assert stands(slide.shapes.title)
        notes = slide.notes_slide.notes_text_frame.text
        assert len(notes) <= 24_000
        if label == LONG:
            assert LONG[:1900].strip() in notes
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            if name.endswith(".xml"):
                held = package.read(name).decode("utf-8")
                assert "\u202e" not in held
                assert "\x00" not in held
                etree.fromstring(held.encode())
                in_order(etree.fromstring(held.encode()))
            if name.endswith(".xlsx"):
                assert formulas(package.read(name)) == []


def test_a_deck_of_harmful_words_is_sound(evil_deck: Deck) -> None:
    content = powerpoint.deck(evil_deck)
    assert len(opened(content).slides) >= len(evil_deck.slides) + 2
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            held = package.read(name)
            if name.endswith((".xml", ".rels")):
                in_order(etree.fromstring(held))
            if name.endswith(".rels"):
                assert b"External" not in held
            if name.endswith(".xlsx"):
                assert formulas(held) == []


def formulas(workbook: bytes) -> list[str]:
    """What a chart's own sheet would run, or follow, on a click."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    return [tag for tag in ("<f>", "<f ", "<hyperlink") if tag in sheet]


@pytest.mark.parametrize("kind", ["bars", "dumbbell"])
def test_a_link_in_a_label_is_no_link_in_the_sheet(kind: str) -> None:
    spec = spec_of(kind, ("https://example.org/a", "=cmd|' /C calc'!A0", "@sum(A1)"))
    with zipfile.ZipFile(io.BytesIO(powerpoint.slide(slide_of(spec)))) as package:
        books = [package.read(n) for n in package.namelist() if n.endswith(".xlsx")]
    assert books
    assert [formulas(book) for book in books] == [[]] * len(books)


@pytest.mark.parametrize(
    ("language", "comment"), [("fr", ""), ("en", "À décider : " + "un point, " * 30)]
)
def test_nothing_stands_over_anything(make: Any, language: str, comment: str) -> None:
    made = make(language=language)
    made = replace(made, slides=tuple(replace(one, comment=comment) for one in made.slides))
    for slide in opened(powerpoint.deck(made)).slides:
        boxes = [
            (s.name, s.left, s.top, s.left + s.width, s.top + s.height)
            for s in slide.shapes
            if s.name != "Card"
        ]
        for one, other in itertools.combinations(boxes, 2):
            apart = (
                one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
            )
            assert apart, f"{slide.shapes.title.text_frame.text}: {one[0]} over {other[0]}"
        for shape in slide.shapes:
            if shape.has_text_frame and not shape.text_frame.text.startswith("‹"):  # its number
                assert stands(shape), f"{shape.name}: {shape.text_frame.text[:80]}"


def stands(shape: Any) -> bool:
    """Whether the text of a shape takes no more than its box."""
    high = 0.0
    for paragraph in shape.text_frame.paragraphs:
        sizes = [run.font.size.pt for run in paragraph.runs if run.font.size is not None]
        size = max(sizes, default=26.0 if shape.is_placeholder else 10.0)
        bold = any(run.font.bold for run in paragraph.runs)
        high += fit.lines(paragraph.text, size, shape.width.pt, bold=bold) * size * fit.LEADING
    return high <= shape.height.pt + 6


ORDER = {
    f"{C}dLbl": "idx delete layout tx numFmt spPr txPr dLblPos showLegendKey showVal showCatName"
    " showSerName showPercent showBubbleSize separator extLst",
    f"{C}dLbls": "dLbl delete numFmt spPr txPr dLblPos showLegendKey showVal showCatName"
    " showSerName showPercent showBubbleSize separator showLeaderLines",
    f"{C}ser": "idx order tx spPr invertIfNegative marker dPt dLbls trendline errBars cat xVal val"
    " yVal smooth shape extLst",
    f"{C}dPt": "idx invertIfNegative marker bubble3D explosion spPr",
    f"{C}legend": "legendPos legendEntry layout overlay spPr txPr",
    f"{C}plotArea": "layout barChart lineChart scatterChart catAx valAx dTable spPr",
    f"{C}chart": "title autoTitleDeleted plotArea legend plotVisOnly dispBlanksAs showDLblsOverMax",
    f"{A}tcPr": "lnL lnR lnT lnB lnTlToBr lnBlToTr noFill solidFill",
    f"{A}pPr": "lnSpc spcBef spcAft buClr buSzPct buFont buNone buChar tabLst defRPr",
    f"{P}cSld": "bg spTree custDataLst controls extLst",
}


def in_order(root: Any) -> None:
    """Children come in the schema's order: else PowerPoint offers to repair the file."""
    for element in root.iter(*ORDER):
        names = [etree.QName(child).localname for child in element]
        order = ORDER[element.tag].split()
        assert set(names) <= set(order), (element.tag, names)
        ranks = [order.index(name) for name in names]
        axes = [name for name in names if name in ("catAx", "valAx")]
        assert ranks == sorted(ranks) or len(axes) > 1, (element.tag, names)


# --- a deck --------------------------------------------------------------------------------------


def test_a_deck_has_cover_figures_findings_charts_and_method(make: Any) -> None:
    made, steps = make("crm_stages", "mailing"), []
    content = powerpoint.deck(made, step=lambda *step: steps.append(step))
    file = opened(content)
    assert (file.slide_width, file.slide_height) == (12192000, 6858000)
    kinds = [tags.read(slide)["kind"] for slide in file.slides]
    assert kinds == ["cover", "figures", "findings", "chart", "chart", "method"]
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    cover, numbers, found, *_, method = file.slides
    assert made.title in texts(cover)
    assert "synthétiques" in texts(cover)
    for told in made.key_figures:
        assert told.label in texts(numbers)
        assert told.value in texts(numbers)
    assert all(finding.text in texts(found) for finding in made.findings)
    assert all(line in texts(method) for line in made.method)
    assert file.core_properties.title == made.title


def test_a_chart_that_was_left_out_is_said_on_the_method_slide(make: Any) -> None:
    made = make("crm_shift", "crm_stages", year=2000)
    assert made.missing
    assert made.missing[0] in texts(opened(powerpoint.deck(made)).slides[-1])


# --- templates -----------------------------------------------------------------------------------


def template_of(**changes: Any) -> bytes:
    """PowerPoint's own default, 4:3, with a slide, as a presenter's template."""
    file = Presentation()
    slide = file.slides.add_slide(file.slide_layouts[0])
    slide.shapes.title.text_frame.text = "Confidential of last year"
    for name in changes.get("without", ()):
        file.slide_layouts.remove(next(la for la in file.slide_layouts if la.name == name))
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()


def rewritten(content: bytes, edit: Any) -> bytes:
    """A package with parts changed or added: `edit` maps a dictionary of them."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    edit(parts)
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as package:
        for name, held in parts.items():
            package.writestr(name, held)
    return saved.getvalue()


def test_a_presenters_template_gives_its_masters_and_colours(make: Any) -> None:
    given = powerpoint.template(template_of(), "fr")
    assert [sentence for sentence in given.missing if "16:9" not in sentence] == []
    file = opened(powerpoint.deck(make("main_channels", "crm_stages"), given))
    assert (file.slide_width, file.slide_height) == (Inches(10), Inches(7.5))
    said = "\n".join(texts(slide) for slide in file.slides)
    assert "Confidential" not in said
    chart = graphics(file.slides[3])[0].chart
    assert list(chart._chartSpace.iter(f"{A}schemeClr"))  # the theme's colours, not ours
    assert file.slides[3].slide_layout.name == "Title Only"
    for slide in file.slides:
        for shape in slide.shapes:
            assert shape.left + shape.width <= Inches(10)
            assert shape.top + shape.height <= Inches(7.5)


def test_a_potx_is_a_template_too(make: Any) -> None:
    def as_template(parts: dict[str, bytes]) -> None:
        types = parts["[Content_Types].xml"].decode()
        parts["[Content_Types].xml"] = types.replace(templates.MAIN, templates.OTHERS[0]).encode()

    given = powerpoint.template(rewritten(template_of(), as_template), "en")
    assert len(opened(powerpoint.deck(make("mailing", language="en"), given)).slides) == 5


def test_what_a_template_lacks_is_said_and_done_without(make: Any) -> None:
    kept = "Blank"
    without = [la.name for la in Presentation().slide_layouts if la.name != kept]
    given = powerpoint.template(template_of(without=without[1:]), "en")
    assert any("title only" in sentence for sentence in given.missing)
    assert any("16:9" in sentence for sentence in given.missing)
    file = opened(powerpoint.deck(make("mailing", language="en"), given))
    assert "E-mailing" in texts(file.slides[3])


def _macro(parts: dict[str, bytes]) -> None:
    parts["ppt/vbaProject.bin"] = b"macro"


def _macro_type(parts: dict[str, bytes]) -> None:
    types = parts["[Content_Types].xml"].decode()
    enabled = "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"
    parts["[Content_Types].xml"] = types.replace(templates.MAIN, enabled).encode()


def _outside(parts: dict[str, bytes]) -> None:
    name = "ppt/slideMasters/_rels/slideMaster1.xml.rels"
    link = (
        b'<Relationship Id="rId99" TargetMode="External" Target="http://tracker.example/a.png"'
        b' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/>'
    )
    parts[name] = parts[name].replace(b"</Relationships>", link + b"</Relationships>")


def _bomb(parts: dict[str, bytes]) -> None:
    parts["ppt/media/image9.bmp"] = bytes(templates.EXPANDED)


def _many(parts: dict[str, bytes]) -> None:
    parts.update({f"ppt/media/{i}.bin": b"" for i in range(templates.PARTS)})


def _heavy_types(parts: dict[str, bytes]) -> None:
    parts["[Content_Types].xml"] += b" " * templates.EXPANDED


def _hollow(parts: dict[str, bytes]) -> None:
    parts["ppt/presentation.xml"] = b"<nothing/>"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (_macro, "macros"),
        (_macro_type, "macros"),
        (_outside, "tracker.example"),
        (_bomb, "200 MB"),
        (_many, "200 MB"),
        (_heavy_types, "200 MB"),
        (_hollow, "cannot be opened"),
        (lambda parts: parts.pop("[Content_Types].xml"), "not a PowerPoint file"),
    ],
)
def test_a_template_that_could_harm_is_refused_in_a_sentence(edit: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        powerpoint.template(rewritten(template_of(), edit), "en")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", template_of()[:4000]])
def test_what_is_no_file_of_slides_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a PowerPoint file"):
        powerpoint.template(content, "en")


@pytest.mark.parametrize("name", ["[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"])
@pytest.mark.parametrize("read", [powerpoint.template, powerpoint.memories])
def test_a_damaged_part_is_told_in_a_sentence(read: Any, name: str) -> None:
    content = bytearray(template_of())
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        entry = package.getinfo(name)
    start = entry.header_offset + 30 + len(name) + entry.compress_size // 3
    content[start : start + 20] = b"\xff" * 20
    with pytest.raises(ValueError, match=r"cannot be|not a PowerPoint file"):
        read(bytes(content), "en")


def test_a_file_too_large_is_not_opened() -> None:
    with pytest.raises(ValueError, match="30 MB"):
        powerpoint.template(bytes(templates.MOST + 1), "en")


# --- as another program opens it -----------------------------------------------------------------


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_every_kind_of_slide(tmp_path: Path) -> None:
    slides = tuple(slide_of(spec_of(kind)) for kind in KINDS)
    view = View(2003, (), "fr")
    made = Deck(
        "Essai", "Vague 2003", "fr", "Source", "Essai", False, "", view, slides, (), (), (), (), (), "e"
    )  # fmt: skip
    (tmp_path / "deck.pptx").write_bytes(powerpoint.deck(made))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path),
         str(tmp_path / "deck.pptx")],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    pages = (tmp_path / "deck.pdf").read_bytes().count(b"/Type/Page/")
    assert pages == len(KINDS) + 2


def test_the_module_costs_nothing_until_slides_are_made() -> None:
    code = "import sys; from barometer.render import powerpoint; sys.exit('pptx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
