"""Slides without a chart: the cover, key figures, findings, the method.

Each kind has a title and a body, which `refresh` writes again where nobody edited it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pptx.enum.chart import XL_CHART_TYPE, XL_MARKER_STYLE
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from barometer import deck
from barometer.key_figures import Told
from barometer.render.powerpoint import fit, marks, tags, templates
from barometer.render.powerpoint.builder import (
    FOOT,
    GAP,
    TEXT,
    Builder,
    forget_empty,
    room_of,
    title_of,
)
from barometer.render.powerpoint.fit import Box
from barometer.render.powerpoint.sheets import columns

CARDS = 5  # key figures in a row
CARD, SPARK = "Card", "Spark line"
PIECES = (CARD, SPARK, TEXT, FOOT)  # what our slides without chart are made of, by name
ARROWS = {"up": "▲ ", "down": "▼ ", "off": ""}


def add(build: Builder, made: deck.Deck, kind: str) -> None:
    """A slide of a kind."""
    layouts = {"cover": build.layouts.cover, "figures": build.layouts.chart}
    slide, _box, _cut = build.add(layouts.get(kind, build.layouts.text), title(build, made, kind))
    fill(build, slide, made, kind)


def title(build: Builder, made: deck.Deck, kind: str) -> str:
    """The title of a slide of a kind."""
    _ = build.words
    if kind == "figures":
        return _("Key figures · {wave}").format(wave=made.subtitle)
    if kind == "findings":
        return _("Findings · {wave}").format(wave=made.subtitle)
    if kind == "method":
        return _("Where the figures come from, and how far they can be trusted")
    return made.title


def fill(build: Builder, slide: Any, made: deck.Deck, kind: str) -> None:
    """The body of a slide of a kind, and what it remembers."""
    _FILLS[kind](build, slide, made)
    forget_empty(slide)
    _remember(slide, made, kind)


def bodies(slide: Any) -> str:
    """All texts of a slide but its title, one a line: to see whether somebody edited them."""
    title = title_of(slide)
    kept = [s for s in slide.shapes if title is None or s.shape_id != title.shape_id]
    return "\n".join(s.text_frame.text for s in kept if s.has_text_frame and s.text_frame.text)


def _cover(build: Builder, slide: Any, made: deck.Deck) -> None:
    """What, which wave, whose respondents, which provenance."""
    _, box = build.words, build.body(slide)
    lines = [
        (made.subtitle, True),
        (made.provenance, made.synthetic),
        (made.source, False),
        (_("Publication {identifier}").format(identifier=made.publication), False),
    ]
    lines = [(fit.clean(text, 200), bold) for text, bold in lines if text]
    holder = next((s for s in slide.placeholders if s.element.ph.get("type") == "subTitle"), None)
    if holder is None:
        build.text(slide, box, lines, 16, build.look.muted, TEXT)
    else:
        frame = holder.text_frame
        for rank, (text, bold) in enumerate(lines):
            paragraph = frame.paragraphs[0] if rank == 0 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text, run.font.bold = text, bold
            run.font.size = Pt(20 if rank == 0 else 14)
            (build.look.text if rank < 2 else build.look.muted).on(run.font.color)


def _figures(build: Builder, slide: Any, made: deck.Deck) -> None:
    """The wave's numbers in equal cards: value, change with its years, spark line, base."""
    box = build.body(slide)
    box = box.above(_provenance(build, slide, made, box) + GAP)
    rows = -(-len(made.key_figures) // CARDS)
    across = -(-len(made.key_figures) // rows)
    high = min(box.height, int(Inches(4.2)) * rows)
    cells = [
        cell
        for row in replace(box, height=high).rows(rows, GAP)
        for cell in row.columns(max(across, 3), GAP)
    ]
    for told, cell in zip(made.key_figures, cells, strict=False):
        _card(build, slide, told, cell)


def _card(build: Builder, slide: Any, told: Told, cell: Box) -> None:
    ground = slide.shapes.add_shape(
        MSO_SHAPE.RECTANGLE, cell.left, cell.top, cell.width, cell.height
    )
    ground.name = CARD
    build.look.surface.fill(ground.fill)
    ground.line.fill.background()
    ground._element.remove(ground._element.find(qn("p:style")))  # its shadow
    pad = int(Inches(0.14))
    inner = Box(cell.left + pad, cell.top + pad, cell.width - 2 * pad, cell.height - 2 * pad)
    look, room = build.look, room_of(inner)[0]
    moved = told.direction != "off"
    change = ARROWS[told.direction] + told.change if told.change else ""
    lines = (  # text, sizes, height in points, bold, colour
        (told.label, (14.0, 13.0, 12.0, 11.0), 36, False, look.muted),
        (told.value, (44.0, 36.0, 28.0, 22.0), 56, True, look.text),
        (change, (14.0, 12.0, 11.0, 10.0), 25, moved, look.accent if moved else look.text),
    )
    for text, sizes, high, bold, colour in lines:
        text, size = fit.fitted(text, sizes, room, high, bold=bold)
        place = replace(inner, height=int(Pt(high)))
        build.text(slide, place, [(text, bold)], size, colour, TEXT)
        inner = inner.below(int(Pt(high + 2)))
    words = [(fit.cut(text, 10, room, 2), False) for text in (told.sure, told.facts) if text]
    build.text(slide, replace(inner, height=int(Pt(50))), words, 10, look.muted, TEXT)
    inner = inner.below(int(Pt(54)))
    if told.spark and inner.height > int(Pt(24)):
        _spark(build, slide, told, inner)


def _spark(build: Builder, slide: Any, told: Told, box: Box) -> None:
    data = columns("General")
    data.categories = [str(rank + 1) for rank in range(len(told.spark))]
    data.add_series(fit.cut(told.label, 11, 200), told.spark)
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.LINE_MARKERS, box.left, box.top, box.width, box.height, data
    )
    frame.name = SPARK
    alt = f"{told.label}. {told.value}. {told.change}. {told.sure}"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", fit.clean(alt))
    drawn = frame.chart
    drawn.has_legend = drawn.has_title = False
    drawn.value_axis.visible = drawn.category_axis.visible = False
    drawn.value_axis.has_major_gridlines = False
    drawn.value_axis.minimum_scale = 0
    marks.plot_at(drawn, 0.02, 0.06, 0.96, 0.88)
    line = drawn.plots[0].series[0]
    line.smooth = False
    build.look.accent.on(line.format.line.color)
    line.format.line.width = Pt(1.75)
    line.marker.style, line.marker.size = XL_MARKER_STYLE.CIRCLE, 4
    build.look.accent.fill(line.marker.format.fill)
    build.look.accent.on(line.marker.format.line.color)


def _findings(build: Builder, slide: Any, made: deck.Deck) -> None:
    """The surest findings, a sentence each; ● where the difference is significant."""
    _ = build.words
    lines = [("●" if f.significant else "○", f.text) for f in made.findings]
    key = _("● significant difference   ○ no test, or not significant")
    _prose(build, slide, made, lines, key)


def _method(build: Builder, slide: Any, made: deck.Deck) -> None:
    """Who answered, how numbers are made, what was left out."""
    _ = build.words
    lines = [("", text) for text in made.method]
    lines += [("", _("Left out: {text}").format(text=text)) for text in made.missing]
    _prose(build, slide, made, lines)


def _prose(
    build: Builder,
    slide: Any,
    made: deck.Deck,
    lines: Sequence[tuple[str, str]],
    foot: str = "",
) -> None:
    """Paragraphs, each with its bullet, at the largest size at which all of them fit."""
    box = build.body(slide)
    box = box.above(_provenance(build, slide, made, box, foot) + GAP)
    holder = templates.body_of(slide)
    texts = [(bullet, fit.clean(line, 600)) for bullet, line in lines]
    room, high = room_of(box)
    sizes = (20.0, 18.0, 16.0, 14.0, 13.0, 12.0, 11.0, 10.0)

    def fits(size: float) -> bool:
        held = sum(fit.lines(text, size, room - 22) * fit.LEADING + 0.6 for _, text in texts)
        return held * size <= high

    size = next((size for size in sizes if fits(size)), sizes[-1])
    while len(texts) > 1 and not fits(size):
        texts = [*texts[:-2], ("", fit.ELLIPSIS)]
    if holder is None:
        holder = slide.shapes.add_textbox(box.left, box.top, box.width, box.height)
        holder.name = TEXT
    holder.left, holder.top, holder.width, holder.height = box.left, box.top, box.width, box.height
    frame = holder.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.TOP
    for rank, (bullet, text) in enumerate(texts):
        paragraph = frame.paragraphs[0] if rank == 0 else frame.add_paragraph()
        _bullet(paragraph, bullet)
        paragraph.space_before, paragraph.space_after = Pt(0), Pt(size * 0.5)
        run = paragraph.add_run()
        run.text, run.font.size = text, Pt(size)
        build.look.text.on(run.font.color)


def _bullet(paragraph: Any, sign: str) -> None:
    """A sign before a paragraph, whose lines hang beside it; none where it is empty."""
    properties, indent = paragraph._p.get_or_add_pPr(), int(Pt(20)) if sign else 0
    properties.set("marL", str(indent))
    properties.set("indent", str(-indent))
    for old in [child for child in properties if child.tag.startswith(qn("a:bu"))]:
        properties.remove(old)
    name = qn("a:buChar") if sign else qn("a:buNone")
    properties.insert(0, properties.makeelement(name, {"char": sign} if sign else {}))


def _provenance(build: Builder, slide: Any, made: deck.Deck, box: Box, first: str = "") -> int:
    """The foot of a slide without chart; returns its height."""
    lines = [line for line in (first, f"{made.source} · {made.provenance}") if line]
    room, _ = room_of(box)
    texts = [fit.cut(line, 10, room) for line in lines]
    high = int(Pt(10 * fit.LEADING * len(texts) + 2))
    place = replace(box, top=box.bottom - high, height=high)
    build.text(
        slide, place, [(text, False) for text in texts], 10, build.look.muted, FOOT, bottom=True
    )
    return high


_FILLS: dict[str, Callable[[Builder, Any, deck.Deck], None]] = {
    "cover": _cover,
    "figures": _figures,
    "findings": _findings,
    "method": _method,
}


def _remember(slide: Any, made: deck.Deck, kind: str) -> None:
    """What a slide without chart remembers."""
    tags.write(
        slide,
        {
            "version": 1,
            "kind": kind,
            "view": deck.spelled(made.view),
            "title": made.title,
            "language": made.language,
            "publication": made.publication,
            "figures": [figure.model_dump(mode="json") for figure in made.asked],
            "told": [[told.label, told.value, told.change] for told in made.key_figures],
            "numbers": [_number(told) for told in made.key_figures],
            "errors": [
                [None, None] if told.point is None else [told.point.se, told.point.df]
                for told in made.key_figures
            ],
            "written": {"title": title_text(slide), "all": bodies(slide)},
        },
    )


def _number(told: Told) -> list[Any]:
    """The number of a key figure, as a slide remembers those of a chart."""
    p = told.point
    if p is None:
        return ["", "", "", None, None, None, 0, told.value]
    return [p.category, p.series, p.facet, p.value, p.low, p.high, p.n, told.value]


def title_text(slide: Any) -> str:
    """A slide's title as it stands."""
    found = title_of(slide)
    return "" if found is None else str(found.text_frame.text)
