"""Last year's slides: what they remember, and the same slides with this year's numbers."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from pptx import Presentation
from pptx.util import Pt

from barometer import deck, refresh
from barometer.refresh import CHART, Again, Memory, Plan
from barometer.render.powerpoint import fit, graphics, grids, pages, said, tags, templates
from barometer.render.powerpoint.builder import FOOT, GRAPHIC, MEASURE, Builder, title_of
from barometer.render.powerpoint.fit import Box
from barometer.render.powerpoint.templates import Layouts, TemplateError
from barometer.spec import ChartSpec
from barometer.words import translator


def read(content: bytes, language: str) -> dict[int, Memory]:
    """What the slides of a deck remember, by position; nothing for slides that are not ours.

    Raises TemplateError where the file is no deck, is too large, holds macros, or was saved by a
    program that drops what slides remember.
    """
    found, forgotten = {}, False
    for position, slide in enumerate(_opened(content, language).slides):
        held = refresh.memory(tags.read(slide))
        if held is not None:
            found[position] = held
        forgotten = forgotten or (held is None and bool(_graphics(slide)))
    if forgotten and not found:
        _ = translator(language)
        raise TemplateError(
            _(
                "The slides of this deck no longer say what they were made of: LibreOffice and"
                " Google Slides, for instance, do not save it. Give the file as it was exported,"
                " or as PowerPoint saved it."
            )
        )
    return found


def again(content: bytes, plan: Plan, language: str) -> tuple[bytes, list[str]]:
    """The deck with its charts and numbers replaced, and a sentence for each thing left as it was.

    What people edited stays: titles, notes, comments, the place and size of charts, other slides.
    """
    presentation = _opened(content, language)
    slides = list(presentation.slides)
    left: list[str] = []
    for one in plan.slides:
        slide = slides[one.position]
        build = _builder(presentation, slide, one.held.language)
        with fit.face(build.look.font):
            if one.held.kind == CHART:
                left += _chart(build, slide, one, language)
            elif (made := plan.decks.get(one.held.language)) is not None:
                left += _other(build, slide, one, made, language)
    left += _strangers(slides, {one.position for one in plan.slides}, language)
    saved = io.BytesIO()
    presentation.save(saved)
    return saved.getvalue(), left


def _strangers(slides: Sequence[Any], ours: set[int], language: str) -> list[str]:
    """A sentence for each of our charts on a slide that does not say what it was made of."""
    _ = translator(language)
    told = _("Slide {number}: does not say what its chart was made of; left as it was.")
    return [
        told.format(number=position + 1)
        for position, slide in enumerate(slides)
        if position not in ours and _graphics(slide)
    ]


def _graphics(slide: Any) -> list[Any]:
    """Our charts and tables on a slide, but those in a group."""
    return [shape for shape in slide.shapes if shape.name.startswith(GRAPHIC)]


def _grouped(slide: Any) -> bool:
    """Whether somebody put our chart in a group."""
    names = slide.shapes._spTree.xpath("./p:grpSp//p:cNvPr/@name")
    return any(str(name).startswith(GRAPHIC) for name in names)


def _opened(content: bytes, language: str) -> Any:
    checked = templates.checked_package(content, language, links=True)
    try:
        presentation = Presentation(io.BytesIO(checked))
        list(presentation.slides)  # each is there
    except Exception as fault:  # a file that only looks like one
        _ = translator(language)
        raise TemplateError(_("This file cannot be opened as a deck.")) from fault
    return presentation


def _builder(presentation: Any, slide: Any, language: str) -> Builder:
    """A builder in the colours of the slide's own master."""
    master = slide.slide_layout.slide_master
    look = templates.look_of(master, ours=templates.is_house(master))
    return Builder(presentation, Layouts.of(presentation), look, language)


# --- charts --------------------------------------------------------------------------------------


def _chart(build: Builder, slide: Any, one: Again, language: str) -> list[str]:
    _ = translator(language)
    number = one.position + 1
    if one.slide is None:
        return [_("Slide {number}: {reason}").format(number=number, reason=one.note)]
    frames = _graphics(slide)
    if not frames and _grouped(slide):
        told = _("Slide {number}: its chart is in a group; ungroup it and its numbers follow.")
        return [told.format(number=number)]
    if not frames:
        return [_("Slide {number}: its chart is gone; nothing was replaced.").format(number=number)]
    spec, box = one.slide.spec, _union(frames)
    graphic = graphics.fits(spec, box) or _chosen(build, slide, frames, spec)
    parts = [] if graphic else grids.parts(spec, box)
    rank, count = one.held.part
    if (graphic and rank) or (not graphic and len(parts) != count):
        more = _("Slide {number}: its table takes another number of slides now; export it anew.")
        return [more.format(number=number)]
    place = min(list(slide.shapes._spTree).index(frame._element) for frame in frames)
    for frame in frames:
        _remove(slide, frame)
    before = len(slide.shapes._spTree)
    if graphic:
        graphics.draw(slide.shapes, spec, box, build.look, GRAPHIC)
    else:
        grids.draw(slide.shapes, spec, parts[rank], box, build.look, GRAPHIC)
    _back(slide.shapes._spTree, list(slide.shapes._spTree)[before:], place)
    title = one.slide.title if graphic else grids.continued(spec, one.slide.title, rank, count)
    return _words(build, slide, one, one.slide, title, language)


def _chosen(build: Builder, slide: Any, frames: Iterable[Any], spec: ChartSpec) -> bool:
    """Whether a chart that somebody made smaller stays one, since it is one at its full size."""
    drawn = any(getattr(frame, "has_chart", False) for frame in frames)
    return drawn and graphics.fits(spec, build.body(slide))


def _words(
    build: Builder, slide: Any, one: Again, made: deck.Slide, title: str, language: str
) -> list[str]:
    """Replace the texts that nobody edited; remember the new ones, so edits stay edits."""
    _ = translator(language)
    written, kept = one.held.written, []
    new = {"title": fit.clean(title), "notes": said.notes(made, cut=False)}
    heading = title_of(slide)
    if heading is not None:
        if heading.text_frame.text == written.get("title"):
            build.retitle(slide, title)
            new["title"] = heading.text_frame.text
        else:
            kept.append(_("title"))
    names = {MEASURE: _("measure"), FOOT: _("base and source")}
    for shape in slide.shapes:
        if shape.name not in names or not shape.has_text_frame:
            continue
        if shape.text_frame.text != written.get(shape.name):
            kept.append(names[shape.name])
            new[shape.name] = written.get(shape.name, "")
        else:
            lines = [made.spec.measure] if shape.name == MEASURE else said.foot(made.spec)
            _rewrite(shape, lines)
            new[shape.name] = shape.text_frame.text
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if frame is not None and frame.text == written.get("notes"):
        frame.text = new["notes"]
    elif frame is not None:
        kept.append(_("notes"))
    held = said.memory(made, _publication(made), one.held.part)
    held["written"] = new
    tags.write(slide, held)
    if not kept:
        return []
    told = {"number": one.position + 1, "what": ", ".join(kept)}
    return [_("Slide {number}: kept as edited: {what}.").format(**told)]


def _publication(made: deck.Slide) -> str:
    """The publication that a slide's receipt names."""
    return made.spec.receipt.rpartition("@")[2].partition("#")[0]


def _rewrite(shape: Any, lines: list[str]) -> None:
    """New lines in the type of the old ones, cut to the box."""
    runs = [run for paragraph in shape.text_frame.paragraphs for run in paragraph.runs]
    size = next((run.font.size.pt for run in runs if run.font.size is not None), 10.0)
    room, high = shape.width.pt, shape.height.pt
    most = max(int(high / (size * fit.LEADING)) // len(lines), 1)
    paragraphs = shape.text_frame.paragraphs
    for rank, paragraph in enumerate(paragraphs):
        if rank < len(lines) and paragraph.runs:
            first, *others = paragraph.runs
            first.text = fit.cut(lines[rank], size, room, most)
            for run in others:
                run._r.getparent().remove(run._r)
        else:
            paragraph._p.getparent().remove(paragraph._p)
    for line in lines[len(paragraphs) :]:
        run = shape.text_frame.add_paragraph().add_run()
        run.text, run.font.size = fit.cut(line, size, room, most), Pt(size)


def _remove(slide: Any, frame: Any) -> None:
    """Take a shape away, with the chart that it alone holds."""
    if getattr(frame, "has_chart", False):
        slide.part.drop_rel(frame._element.chart_rId)
    frame._element.getparent().remove(frame._element)


def _union(frames: Iterable[Any]) -> Box:
    boxes = [(f.left, f.top, f.left + f.width, f.top + f.height) for f in frames]
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    return Box(left, top, max(b[2] for b in boxes) - left, max(b[3] for b in boxes) - top)


# --- cover, key figures, findings, method --------------------------------------------------------


def _other(build: Builder, slide: Any, one: Again, made: deck.Deck, language: str) -> list[str]:
    """Fill a slide without chart again, where nobody edited its body."""
    _ = translator(language)
    if pages.bodies(slide) != one.held.written.get("all"):
        return [_("Slide {number}: edited, left as it was.").format(number=one.position + 1)]
    heading = title_of(slide)
    unedited = heading is not None and heading.text_frame.text == one.held.written.get("title")
    tree = slide.shapes._spTree
    place = len(tree)
    for shape in list(slide.shapes):
        if shape.is_placeholder:
            kind = shape.element.ph.get("type")
            if kind not in ("title", "ctrTitle", "sldNum", "dt", "ftr") and shape.has_text_frame:
                shape.text_frame.clear()
        elif shape.name in pages.PIECES or (shape.has_text_frame and shape.text_frame.text):
            place = min(place, list(tree).index(shape._element))
            _remove(slide, shape)
    title = pages.title(build, made, one.held.kind)
    if unedited:
        build.retitle(slide, title)
    before = set(tree)
    pages.fill(build, slide, made, one.held.kind)
    _back(tree, [element for element in tree if element not in before], place)
    return []


def _back(tree: Any, elements: Sequence[Any], place: int) -> None:
    """Put what was drawn last where what it replaces stood: under what people laid over it."""
    for offset, element in enumerate(elements):
        tree.remove(element)
        tree.insert(place + offset, element)
