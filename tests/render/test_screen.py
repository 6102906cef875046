"""A chart as a Plotly figure: the values of the spec, the marks of its bases, its text as text."""

from __future__ import annotations

import html
import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from barometer import charts, declarations, figures, style
from barometer.charts import ChartSpec, Cut, Entry, Point, Published, View
from barometer.declarations import Declarations
from barometer.render import screen
from barometer.store import Publication
from barometer.style import DARK, LIGHT, THEMES, Theme

SMALL = (("region", ("west",)), ("sector", ("services",)))
KINDS = sorted(set(screen._KINDS))


@pytest.fixture(scope="module")
def specs(home: Path, source: Publication) -> Any:
    """The specs of all declared charts that have something to draw, for a view."""
    declared: Declarations = declarations.load(home / "data", source.codebook)
    printed = figures.load(home / "data", "published")

    def of(year: int, where: Any = (), language: str = "en") -> list[ChartSpec]:
        built = [
            charts.build(source, chart, View(year, where, language), printed, declared.colours)
            for chart in declared.charts
        ]
        return [spec for spec in built if not spec.empty]

    return of


def made(kind: str, label: str = "Label", **changes: Any) -> ChartSpec:
    """A small chart of any kind: two categories, two series."""
    years = kind == "lines"
    categories = tuple(
        Entry(c, c if years else f"{label}{c}", i) for i, c in enumerate(("2002", "2003"))
    )
    own = {"plans": ("announced", "change", "gap_to_plan"), "apart": ("a", "others", "difference")}
    codes = own.get(kind, ("a", "b"))
    series = tuple(Entry(s, f"{label}{s}", i) for i, s in enumerate(codes))
    points = tuple(
        Point(
            c.code,
            s.code,
            value=0.2 + 0.1 * i + 0.2 * j,
            low=0.1,
            high=0.6,
            n=100,
            effective_base=80.0,
        )
        for i, c in enumerate(categories)
        for j, s in enumerate(series)
    )
    if kind == "tree":
        series, points = (Entry("", "All"),), tuple(replace(p, series="") for p in points[::2])
    if kind == "shift":
        series, points = series[:1], tuple(p for p in points if p.series == "a")
    spec = ChartSpec(
        name="made", kind=kind, language="en", indicator="asked",
        unit="points" if kind == "shift" else "share",
        headline="Found", measure="Measure", base="Base", waves="Waves", filters="", source="Source",
        provenance="Provenance", alt="Alt", categories=categories, series=series, points=points,
        colour_by="category" if kind == "shift" else "series", highlight="2003",
    )  # fmt: skip
    return replace(spec, **changes)


def drawn(spec: ChartSpec, theme: Theme = LIGHT, *, margins: bool = False) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(screen.figure(spec, theme, margins=margins).to_json())
    return figure


def strings(value: Any) -> list[str]:
    """Every text of a figure."""
    if isinstance(value, str):
        return [value]
    children = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    return [text for child in children for text in strings(child)]


# --- every chart, every theme -------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_every_declared_chart_is_drawn_in_each_theme(specs: Any, theme: str) -> None:
    for year, where in ((2000, ()), (2003, SMALL), (2006, ()), (2007, ())):
        for spec in specs(year, where, "fr"):
            for margins in (False, True):
                figure = drawn(spec, THEMES[theme], margins=margins)
                assert figure["data"] and figure["layout"]["height"] >= 60
                assert figure["layout"]["font"]["family"] == style.FONT_STACK


@pytest.mark.parametrize("kind", KINDS)
def test_size_and_place_depend_on_the_spec_alone(kind: str) -> None:
    light, dark = drawn(made(kind)), drawn(made(kind), DARK, margins=True)
    assert light["layout"]["height"] == dark["layout"]["height"]
    assert light["layout"]["margin"] == dark["layout"]["margin"]


def test_values_are_drawn_unrounded(specs: Any) -> None:
    for spec in specs(2003):
        numbers = set()
        for trace in drawn(spec)["data"]:
            for axis in ("x", "y", "z"):
                cells = trace.get(axis) or []
                numbers |= {round(v, 9) for v in cells if isinstance(v, float)}
        if spec.kind not in ("tree", "shift", "plans", "apart"):
            assert {round(p.value, 9) for p in spec.points if p.value is not None} <= numbers


# --- bases --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bars", "stack"])
def test_a_fragile_bar_is_hatched_and_starred(kind: str) -> None:
    sound = made(kind)
    fragile = replace(sound, points=tuple(replace(p, flag="flagged", n=20) for p in sound.points))
    hatches = [
        shape
        for spec in (sound, fragile)
        for trace in drawn(spec)["data"]
        if trace["type"] == "bar"
        for shape in trace["marker"]["pattern"]["shape"]
    ]
    assert hatches == [""] * 4 + ["/"] * 4
    assert sum("*" in text for text in strings(drawn(fragile)["data"])) >= 4
    assert not any("*" in text for text in strings(drawn(sound)["data"]))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("shift", "lines")])
def test_a_hidden_point_is_a_cross_or_nothing(kind: str) -> None:
    """Its slot says why: the cross, and the base when it is pointed at."""
    spec = made(kind)
    first = replace(spec.points[0], value=None, low=None, high=None, flag="hidden", n=7)
    figure = drawn(replace(spec, points=(first, *spec.points[1:])), margins=True)
    texts = strings([figure["data"], figure["layout"].get("annotations", [])])  # ticks are no data
    numbers = [text for text in texts if re.search(r"\b20%?\W*$", text)]
    assert numbers == []  # 20 % is the value of the first point alone
    if kind not in ("dumbbell", "plans", "apart"):  # see test_plans
        assert any(text.strip().endswith("×") for text in texts) or any(
            "× hidden" in t for t in texts
        )
        assert any("n\u00a0=\u00a07" in text for text in texts)


def test_a_hidden_wave_interrupts_its_line(specs: Any) -> None:
    spec = made("lines", categories=tuple(Entry(str(y), str(y)) for y in (2001, 2002, 2003)))
    points = [Point(str(y), "a", value=0.3, n=100) for y in (2001, 2003)]
    gone = Point("2002", "a", n=5, flag="hidden")
    figure = drawn(replace(spec, series=spec.series[:1], points=(*points, gone)))
    assert [t["x"] for t in figure["data"] if t["mode"] == "lines+markers"] == [[2001], [2003]]


# --- lines --------------------------------------------------------------------------------------------


def test_a_cut_line_does_not_cross_its_break() -> None:
    spec = made("lines", cuts=(Cut(2003, "why", ("a",)),))
    lines = [(t["name"], t["x"]) for t in drawn(spec)["data"] if t["mode"] == "lines+markers"]
    assert lines == [("Labela", [2002]), ("Labela", [2003]), ("Labelb", [2002, 2003])]
    (mark,) = [s for s in drawn(spec)["layout"]["shapes"] if s.get("x0") == 2002.5]
    assert mark["x1"] == 2002.5


def test_names_at_the_ends_of_lines_do_not_touch(specs: Any) -> None:
    for year in (2000, 2003, 2007):
        for language in ("fr", "en"):
            for spec in specs(year, (), language):
                if spec.kind != "lines":
                    continue
                layout = drawn(spec)["layout"]
                top = layout["yaxis"]["range"][1]
                inner = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
                ends = sorted(
                    (a["y"] / top * inner, 15 * (a["text"].count("<br>") + 1))
                    for a in layout["annotations"]
                    if a.get("xshift")
                )
                for (below, size), (above, other) in itertools.pairwise(ends):
                    assert above - below >= (size + other) / 2 - 0.5, spec.name


def test_margins_are_a_band_around_each_line_and_a_bar_on_each_bar() -> None:
    bands = [t for t in drawn(made("lines"), margins=True)["data"] if t.get("fill") == "toself"]
    assert [sorted(set(band["y"])) for band in bands] == [[0.1, 0.6]] * 2
    bars = [t for t in drawn(made("bars"), margins=True)["data"] if t["type"] == "bar"]
    for bar in bars:
        assert [
            x + up for x, up in zip(bar["x"], bar["error_x"]["array"], strict=True)
        ] == pytest.approx([0.6, 0.6])
        assert [
            x - down for x, down in zip(bar["x"], bar["error_x"]["arrayminus"], strict=True)
        ] == pytest.approx([0.1, 0.1])


# --- colours ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_on_a_colour_reads(specs: Any, theme: str) -> None:
    for spec in specs(2003):
        for trace in drawn(spec, THEMES[theme])["data"]:
            if spec.kind == "tree":
                cells, words = drawn(spec, THEMES[theme])["data"]
                pairs = zip(cells["marker"]["color"], words["textfont"]["color"], strict=True)
            elif trace["type"] == "bar" and spec.kind == "stack":
                pairs = zip([trace["marker"]["color"]], [trace["textfont"]["color"]], strict=True)
            else:
                continue
            for back, text in pairs:
                assert style.contrast(back, text) >= 4.5, (spec.name, back, text)


def test_a_group_keeps_its_colour_when_others_are_filtered_away(
    source: Publication, home: Path
) -> None:
    declared = declarations.load(home / "data", source.codebook)
    printed = figures.load(home / "data", "published")

    def colours(where: Any) -> dict[str, str]:
        spec = charts.build(
            source, declared.by_name["crm_penetration"], View(2003, where, "en"), printed
        )
        return {
            t["name"]: t["line"]["color"]
            for t in drawn(spec)["data"]
            if t["mode"] == "lines+markers"
        }

    assert colours((("relational_model", ("b2b2c",)),)).items() <= colours(()).items()


# --- text is text -------------------------------------------------------------------------------------

HOSTILE = ["<b>bold</b>", "<a href='https://example.org'>x</a>", "<script>alert(1)</script>", "Investissement&Cie "]  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("kind", KINDS)
def test_markup_in_a_label_is_escaped_wherever_it_is_drawn(kind: str, label: str) -> None:
    texts = strings(drawn(made(kind, label)))
    assert not any(label in text for text in texts if "&" not in label)
    assert any(html.escape(label, quote=False)[:6] in text for text in texts)


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_is_not_broken_inside_an_escaped_sign(kind: str) -> None:
    """« Investissement&Cie » is 18 characters: where a line ends, & stays one sign."""
    for text in strings(drawn(made(kind, "Investissement&Cie"))):
        assert not re.search(r"&(?!amp;|lt;|gt;|nbsp;|#)", text), text


def test_what_the_press_printed_is_escaped_too() -> None:
    mark = Published("2003", "a", 0.3, "<b>x</b>", "<i>y</i>")
    for kind in ("bars", "stack", "lines"):
        texts = " ".join(strings(drawn(made(kind, published=(mark,)))["data"]))
        assert "&lt;b&gt;x&lt;/b&gt;" in texts and "<i>" not in texts


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_of_ten_thousand_characters_is_drawn(kind: str) -> None:
    figure = drawn(made(kind, "x" * 10_000))
    assert figure["layout"]["height"] < 2_000


@pytest.mark.parametrize(
    "kind",
    [
        *KINDS,
    ],
)
def test_two_entries_of_one_label_are_drawn_apart(kind: str) -> None:
    spec = made(kind)
    same = replace(
        spec,
        categories=tuple(
            replace(e, label=e.label if kind == "lines" else "Same") for e in spec.categories
        ),
        series=tuple(replace(e, label="Same") for e in spec.series),
    )
    marks = set()
    for number, trace in enumerate(drawn(same)["data"]):
        where = zip(trace.get("x") or [], trace.get("y") or [], strict=False)
        by_label = trace["type"] == "heatmap"
        marks |= {(number if by_label else 0, *place) for place in where}
        marks |= {(0, code) for code in trace.get("ids", [])[1:]}
    # A gap is told where its sides are drawn.
    hovered = len(spec.categories) if kind in ("plans", "apart") else 0
    assert len(marks) >= len(spec.points) - hovered


def test_an_empty_stack_has_nothing_to_draw_and_does_not_fail() -> None:
    """Pages draw a sentence instead, and still ask how high the legend is."""
    assert screen._legend_rows(made("stack", series=(), categories=(), points=())) == 0
