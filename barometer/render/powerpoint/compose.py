"""Slides: a cover, key figures, findings, a chart each, the method; nothing cut, nothing over."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_MARKER_STYLE
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from barometer import deck, style
from barometer.key_figures import Told
from barometer.render.powerpoint import fit, graphics, grids, marks, said, tags, templates
from barometer.render.powerpoint.fit import Box
from barometer.render.powerpoint.look import Colour, Look
from barometer.render.powerpoint.templates import Layouts, Template
from barometer.words import Translate, translator

GRAPHIC = "Barometer graphic"
MEASURE, FOOT, COMMENT, TEXT = "Measure", "Base and source", "Comment", "Text"
ASIDE = 0.27  # of the slide's width, for a comment
CARDS = 5  # key figures in a row
GAP = int(Inches(0.16))
LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}
ARROWS = {"up": "▲ ", "down": "▼ ", "off": ""}
Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Builder:
    """A presentation being made: its layouts, its colours, its language."""

    presentation: Any
    layouts: Layouts
    look: Look
    language: str

    @classmethod
    def on(cls, template: Template, language: str) -> Builder:
        """A presentation without slides on a template."""
        presentation = Presentation(io.BytesIO(template.content))
        look = templates.look(presentation, house=template.house)
        return cls(presentation, Layouts.of(presentation), look, language)

    @property
    def words(self) -> Translate:
        """Words in the deck's language."""
        return translator(self.language)

    def add(self, layout: Any, title: str) -> tuple[Any, Box, bool]:
        """A slide with its title and number; where its content goes; whether the title was cut."""
        title = fit.clean(title).strip() or style.MISSING
        slide = self.presentation.slides.add_slide(layout)
        box = templates.area(self.presentation, layout)
        cut = self._title(slide, title, box)
        for shape in list(slide.placeholders):
            if shape is not slide.shapes.title and not shape.has_text_frame:
                shape._element.getparent().remove(shape._element)
        number = templates.number_of(layout)
        if number is not None:
            slide.shapes._spTree.append(_numbered(slide, number))
        return slide, box, cut

    def _title(self, slide: Any, title: str, box: Box) -> bool:
        holder = slide.shapes.title
        if holder is None:
            top = box.height // 40
            place = Box(box.left, top, box.width, max(box.top - top, int(Inches(0.5))))
            text, size = fit.fitted(title, (24.0, 20.0, 18.0), *_room(place), bold=True)
            self.text(slide, place, [(text, True)], size, self.look.text, "Title")
        else:
            place = Box(holder.left, holder.top, holder.width, holder.height)
            usual = self._title_size(holder)
            text, size = fit.fitted(title, (usual, *_smaller(usual)), *_room(place), bold=True)
            holder.text_frame.text = text
            if size != usual:
                holder.text_frame.paragraphs[0].runs[0].font.size = Pt(size)
        return text != fit.clean(title)

    def _title_size(self, holder: Any) -> float:
        """The size that a title inherits, in points."""
        layout = holder.part.slide_layout
        kept = layout.placeholders
        same = [s for s in kept if s.element.ph.get("type") == holder.element.ph.get("type")]
        master = layout.slide_master.element
        places = [s.element for s in same] + [master.find(f".//{qn('p:titleStyle')}")]
        for place in places:
            found = None if place is None else place.find(f".//{qn('a:lvl1pPr')}/{qn('a:defRPr')}")
            if found is not None and found.get("sz"):
                return int(found.get("sz")) / 100
        return 28.0

    def text(
        self,
        slide: Any,
        box: Box,
        paragraphs: Sequence[tuple[str, bool]],
        size: float,
        colour: Colour,
        name: str,
        *,
        bottom: bool = False,
    ) -> Any:
        """A text box of paragraphs, bold or not."""
        shape = slide.shapes.add_textbox(box.left, box.top, box.width, box.height)
        shape.name = name
        frame = shape.text_frame
        frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.vertical_anchor = MSO_ANCHOR.BOTTOM if bottom else MSO_ANCHOR.TOP
        for rank, (text, bold) in enumerate(paragraphs):
            paragraph = frame.paragraphs[0] if rank == 0 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text, run.font.size, run.font.bold = text, Pt(size), bold
            colour.on(run.font.color)
        return shape

    def saved(self, made: deck.Deck | None = None) -> bytes:
        """The file."""
        properties = self.presentation.core_properties
        if made is not None:
            properties.title = fit.clean(made.title, 240)
            properties.subject = fit.clean(f"{made.subtitle} · {made.provenance}", 240)
            properties.author = fit.clean(made.source, 240)
            properties.keywords = made.publication
        properties.language = LANGUAGES.get(self.language, self.language)
        for slide in self.presentation.slides:
            _speak(slide._element, LANGUAGES.get(self.language, self.language))
        content = io.BytesIO()
        self.presentation.save(content)
        return content.getvalue()


def _smaller(size: float) -> tuple[float, ...]:
    return tuple(s for s in (26.0, 24.0, 22.0, 20.0, 18.0, 16.0) if s < size)


def _room(box: Box) -> tuple[float, float]:
    return templates.points(box.width), templates.points(box.height)


def _numbered(slide: Any, number: Any) -> Any:
    """The layout's slide number, on the slide: PowerPoint shows only what the slide has."""
    element = copy.deepcopy(number.element)
    identifiers = [int(found) for found in slide.shapes._spTree.xpath("//p:cNvPr/@id")]
    element.nvSpPr.cNvPr.set("id", str(max(identifiers, default=1) + 1))
    return element


def _speak(element: Any, language: str) -> None:
    """Say which language texts are in, for spelling and for screen readers."""
    for run in element.iter(qn("a:r")):
        run.get_or_add_rPr().set("lang", language)


# --- a deck --------------------------------------------------------------------------------------


def deck_of(made: deck.Deck, template: Template, step: Step) -> bytes:
    """The whole deck."""
    build = Builder.on(template, made.language)
    every = len(made.slides) + 1
    step(0, every)
    cover(build, made)
    if made.key_figures:
        figures(build, made)
    if made.findings:
        found(build, made)
    for rank, one in enumerate(made.slides, start=1):
        step(rank, every)
        chart(build, one, made.publication)
    method(build, made)
    step(every, every)
    return build.saved(made)


def slide_of(one: deck.Slide, template: Template, publication: str) -> bytes:
    """A file of one chart; of several slides where its table is long."""
    build = Builder.on(template, one.spec.language)
    chart(build, one, publication)
    return build.saved()


def cover(build: Builder, made: deck.Deck) -> None:
    """What, which wave, whose respondents, which provenance."""
    layout = build.layouts.cover
    slide, box, _cut = build.add(layout, made.title)
    _ = build.words
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
    _forget_empty(slide)
    _remember(slide, made, "cover")


def figures(build: Builder, made: deck.Deck) -> None:
    """The wave's numbers in equal cards: value, change with its years, spark line, base."""
    _ = build.words
    title = _("Key figures · {wave}").format(wave=made.subtitle)
    slide, box, _cut = build.add(build.layouts.chart, title)
    box = _under_title(box)
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
    _forget_empty(slide)
    _remember(slide, made, "figures")


def _card(build: Builder, slide: Any, told: Told, cell: Box) -> None:
    ground = slide.shapes.add_shape(
        MSO_SHAPE.RECTANGLE, cell.left, cell.top, cell.width, cell.height
    )
    ground.name = "Card"
    build.look.surface.fill(ground.fill)
    ground.line.fill.background()
    ground._element.remove(ground._element.find(qn("p:style")))  # its shadow
    pad = int(Inches(0.14))
    inner = Box(cell.left + pad, cell.top + pad, cell.width - 2 * pad, cell.height - 2 * pad)
    look, room = build.look, _room(inner)[0]
    moved = told.direction != "off"
    change = ARROWS[told.direction] + told.change if told.change else ""
    lines = (  # text, sizes, height in points, bold, colour
        (told.label, (14.0, 13.0, 12.0, 11.0), 36, False, look.muted),
        (told.value, (44.0, 36.0, 28.0, 22.0), 56, True, look.text),
        (change, (14.0, 12.0, 11.0, 10.0), 19, moved, look.accent if moved else look.text),
    )
    for text, sizes, high, bold, colour in lines:
        text, size = fit.fitted(text, sizes, room, high, bold=bold)
        place = replace(inner, height=int(Pt(high)))
        build.text(slide, place, [(text, bold)], size, colour, TEXT)
        inner = inner.below(int(Pt(high + 2)))
    words = [(fit.cut(text, 10, room, 2), False) for text in (told.sure, told.facts) if text]
    build.text(slide, replace(inner, height=int(Pt(52))), words, 10, look.muted, TEXT)
    inner = inner.below(int(Pt(56)))
    if told.spark and inner.height > int(Pt(24)):
        _spark(build, slide, told, inner)


def _spark(build: Builder, slide: Any, told: Told, box: Box) -> None:
    data = CategoryChartData(number_format="General")
    data.categories = [str(rank + 1) for rank in range(len(told.spark))]
    data.add_series(fit.cut(told.label, 11, 200), told.spark)
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.LINE_MARKERS, box.left, box.top, box.width, box.height, data
    )
    frame.name = "Spark line"
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


def found(build: Builder, made: deck.Deck) -> None:
    """The surest findings, a sentence each; ● where the difference is significant."""
    _ = build.words
    title = _("Findings · {wave}").format(wave=made.subtitle)
    lines = [("●" if f.significant else "○", f.text) for f in made.findings]
    key = _("● significant difference   ○ no test, or not significant")
    _prose(build, made, title, lines, "findings", foot=key)


def method(build: Builder, made: deck.Deck) -> None:
    """Who answered, how numbers are made, what was left out."""
    _ = build.words
    title = _("Where the figures come from, and how far they can be trusted")
    lines = [("", text) for text in made.method]
    lines += [("", _("Left out: {text}").format(text=text)) for text in made.missing]
    _prose(build, made, title, lines, "method")


def _prose(
    build: Builder,
    made: deck.Deck,
    title: str,
    lines: Sequence[tuple[str, str]],
    kind: str,
    foot: str = "",
) -> None:
    """A slide of paragraphs, each with its bullet, at the largest size at which all of them fit."""
    slide, box, _cut = build.add(build.layouts.text, title)
    box = _under_title(box)
    box = box.above(_provenance(build, slide, made, box, foot) + GAP)
    holder = templates.body_of(slide)
    texts = [(bullet, fit.clean(line, 600)) for bullet, line in lines]
    room, high = _room(box)
    sizes = (20.0, 18.0, 16.0, 14.0, 13.0, 12.0, 11.0, 10.0)

    def fits(size: float) -> bool:
        held = sum(fit.lines(text, size, room - 22) * fit.LEADING + 0.6 for _, text in texts)
        return held * size <= high

    size = next((size for size in sizes if fits(size)), sizes[-1])
    while len(texts) > 1 and not fits(size):
        texts = [*texts[:-2], ("", fit.ELLIPSIS)]
    if holder is None:
        holder = slide.shapes.add_textbox(box.left, box.top, box.width, box.height)
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
    _forget_empty(slide)
    _remember(slide, made, kind)


def _bullet(paragraph: Any, sign: str) -> None:
    """A sign before a paragraph, whose lines hang beside it; none where it is empty."""
    properties, indent = paragraph._p.get_or_add_pPr(), int(Pt(20)) if sign else 0
    properties.set("marL", str(indent))
    properties.set("indent", str(-indent))
    name = qn("a:buChar") if sign else qn("a:buNone")
    properties.insert(0, properties.makeelement(name, {"char": sign} if sign else {}))


def _provenance(build: Builder, slide: Any, made: deck.Deck, box: Box, first: str = "") -> int:
    """The foot of a slide without chart; returns its height."""
    lines = [line for line in (first, f"{made.source} · {made.provenance}") if line]
    room, _ = _room(box)
    texts = [fit.cut(line, 10, room) for line in lines]
    high = int(Pt(10 * fit.LEADING * len(texts) + 2))
    place = replace(box, top=box.bottom - high, height=high)
    build.text(
        slide, place, [(text, False) for text in texts], 10, build.look.muted, FOOT, bottom=True
    )
    return high


def _under_title(box: Box) -> Box:
    return box.below(int(Inches(0.06)))


# --- a chart -------------------------------------------------------------------------------------


def chart(build: Builder, one: deck.Slide, publication: str) -> None:
    """A chart's slide, or those that its table takes."""
    spec = one.spec
    box = _content(build, one)
    if graphics.fits(spec, box):
        slide, cut = _frame(build, one, one.title)
        graphics.draw(slide.shapes, spec, box, build.look, GRAPHIC)
        _finish(slide, one, publication, cut, (0, 1))
        return
    parts = grids.parts(spec, box)
    for rank, part in enumerate(parts):
        slide, cut = _frame(build, one, grids.continued(spec, one.title, rank, len(parts)))
        grids.draw(slide.shapes, spec, part, box, build.look, GRAPHIC)
        _finish(slide, one, publication, cut, (rank, len(parts)))


def _content(build: Builder, one: deck.Slide) -> Box:
    """Where the graphic goes: under the measure, over the foot, beside the comment."""
    box = _under_title(templates.area(build.presentation, build.layouts.chart))
    measure, foot = _measure(one, box), _foot(one, box)
    inner = box.below(measure[1] + GAP // 2).above(foot[1] + GAP // 2)
    if one.comment:
        return replace(inner, width=int(inner.width * (1 - ASIDE)) - GAP)
    return inner


def _measure(one: deck.Slide, box: Box) -> tuple[str, int]:
    room, _ = _room(box)
    text = fit.cut(one.spec.measure, 14, room, 2)
    return text, fit.height(text, 14, room)


def _foot(one: deck.Slide, box: Box) -> tuple[list[str], int, float]:
    """The lines under the chart, their height and size: smaller, then cut, where they are long."""
    room, high = _room(box)
    lines = said.foot(one.spec)
    for size in (10.0, 9.0):
        taken = sum(fit.lines(line, size, room) for line in lines)
        if taken * size * fit.LEADING <= high * 0.16:
            break
    most = max(int(high * 0.2 / (size * fit.LEADING)) // len(lines), 1)
    texts = [fit.cut(line, size, room, most) for line in lines]
    taken = sum(fit.lines(text, size, room) for text in texts)
    return texts, int(Pt(size * fit.LEADING * taken + 2)), size


def _frame(build: Builder, one: deck.Slide, title: str) -> tuple[Any, bool]:
    """A slide with all its words; whether its title was cut."""
    slide, box, cut = build.add(build.layouts.chart, title)
    box = _under_title(box)
    measure, high = _measure(one, box)
    build.text(slide, replace(box, height=high), [(measure, False)], 14, build.look.muted, MEASURE)
    foot, low, size = _foot(one, box)
    place = replace(box, top=box.bottom - low, height=low)
    paragraphs = [(line, False) for line in foot]
    build.text(slide, place, paragraphs, size, build.look.muted, FOOT, bottom=True)
    if one.comment:
        aside = int(box.width * ASIDE)
        inner = box.below(high + GAP).above(low + GAP)
        place = replace(inner, left=box.left + box.width - aside, width=aside)
        text, size = fit.fitted(one.comment, (16.0, 14.0, 12.0, 11.0), *_room(place))
        build.text(slide, place, [(text, False)], size, build.look.text, COMMENT)
    return slide, cut


def _finish(
    slide: Any, one: deck.Slide, publication: str, cut: bool, part: tuple[int, int]
) -> None:
    """Notes, and what the slide remembers."""
    _forget_empty(slide)
    frame = slide.notes_slide.notes_text_frame
    text = said.notes(one, cut=cut)
    if frame is not None:
        frame.text = text
    held = said.memory(one, publication, part)
    held["written"] = written(slide)
    tags.write(slide, held)


def written(slide: Any) -> dict[str, str]:
    """The texts of a slide as they stand, by the name of their shape, with title and notes."""
    texts = {
        shape.name: shape.text_frame.text
        for shape in slide.shapes
        if shape.name in (MEASURE, FOOT, COMMENT) and shape.has_text_frame
    }
    title = slide.shapes.title
    if title is not None:
        texts["title"] = title.text_frame.text
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        texts["notes"] = slide.notes_slide.notes_text_frame.text
    return texts


def _remember(slide: Any, made: deck.Deck, kind: str) -> None:
    """What a slide without chart remembers."""
    tags.write(
        slide,
        {
            "version": 1,
            "kind": kind,
            "view": deck.spelled(made.view),
            "language": made.language,
            "publication": made.publication,
            "figures": [figure.model_dump(mode="json") for figure in made.asked],
            "numbers": [[told.label, told.value, told.change] for told in made.key_figures]
            if kind == "figures"
            else [],
            "written": written(slide),
        },
    )


def _forget_empty(slide: Any) -> None:
    """Remove the placeholders that nothing was put in: they would ask for a click."""
    for shape in list(slide.placeholders):
        foot = shape.element.ph.get("type") in ("sldNum", "dt", "ftr")
        if not foot and shape.has_text_frame and not shape.text_frame.text.strip():
            shape._element.getparent().remove(shape._element)
