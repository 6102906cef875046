"""A presentation being made: its slides, their titles and texts, in the template's own type."""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from barometer import deck, style
from barometer.render.powerpoint import fit, templates
from barometer.render.powerpoint.fit import Box
from barometer.render.powerpoint.look import Colour, Look
from barometer.render.powerpoint.templates import Layouts, Template
from barometer.words import Translate, translator

GRAPHIC = "Barometer graphic"
MEASURE, FOOT, COMMENT, TEXT = "Measure", "Base and source", "Comment", "Text"
TITLE = "Title"  # a text box, where a layout has no placeholder for it
SMALLER = (26.0, 24.0, 22.0, 20.0, 18.0, 16.0)  # points of a title, until it fits
GAP = int(Inches(0.16))
LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}


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
        look = templates.look(presentation, ours=template.ours)
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

    def retitle(self, slide: Any, title: str) -> None:
        """Another title in the placeholder of the one that a slide has."""
        self._title(slide, title, templates.area(self.presentation, slide.slide_layout))

    def _title(self, slide: Any, title: str, box: Box) -> bool:
        holder = title_of(slide)
        if holder is None:
            top = box.height // 40
            place = Box(box.left, top, box.width, max(box.top - top, int(Inches(0.5))))
            text, size = fit.fitted(title, (24.0, 20.0, 18.0), *room_of(place), bold=True)
            self.text(slide, place, [(text, True)], size, self.look.text, TITLE)
        else:
            place = Box(holder.left, holder.top, holder.width, holder.height)
            run = _only_run(holder.text_frame)
            own = run.font.size.pt if run.font.size is not None else SMALLER[0]
            usual = self._title_size(holder) if own in SMALLER else own  # ours, or a person's
            text, size = fit.fitted(title, (usual, *_smaller(usual)), *room_of(place), bold=True)
            run.text = text
            if size != usual or not holder.is_placeholder:
                run.font.size = Pt(size)
            elif own in SMALLER:
                run.font.size = None  # the title before was longer
        return text != fit.clean(title)

    def _title_size(self, holder: Any) -> float:
        """The size that a title inherits, in points."""
        if not holder.is_placeholder:
            return 24.0
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

    def body(self, slide: Any) -> Box:
        """Where the content of a slide goes."""
        return under_title(templates.area(self.presentation, slide.slide_layout))

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
    return tuple(s for s in SMALLER if s < size)


def title_of(slide: Any) -> Any:
    """The title of a slide, or the text box that stands for it; None where there is neither."""
    boxes = (s for s in slide.shapes if s.name == TITLE and s.has_text_frame)
    return slide.shapes.title if slide.shapes.title is not None else next(boxes, None)


def _only_run(frame: Any) -> Any:
    """The first run of a text, which keeps the type that somebody gave it; all others go."""
    first, *others = frame.paragraphs
    for paragraph in others:
        paragraph._p.getparent().remove(paragraph._p)
    kept = first.runs[0] if first.runs else first.add_run()
    for element in list(first._p):
        if element.tag in (qn("a:r"), qn("a:br"), qn("a:fld")) and element is not kept._r:
            first._p.remove(element)
    return kept


def room_of(box: Box) -> tuple[float, float]:
    """Width and height of a box, in points."""
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


def under_title(box: Box) -> Box:
    """A little air between a title and what follows."""
    return box.below(int(Inches(0.06)))


def forget_empty(slide: Any) -> None:
    """Remove the placeholders that nothing was put in: they would ask for a click."""
    for shape in list(slide.placeholders):
        foot = shape.element.ph.get("type") in ("sldNum", "dt", "ftr")
        if not foot and shape.has_text_frame and not shape.text_frame.text.strip():
            shape._element.getparent().remove(shape._element)
