"""A deck, slide after slide; and the slide of a chart, where nothing is cut and nothing over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pptx.util import Pt

from barometer import deck
from barometer.render.powerpoint import fit, graphics, grids, pages, said, tags, templates
from barometer.render.powerpoint.builder import (
    COMMENT,
    FOOT,
    GAP,
    GRAPHIC,
    MEASURE,
    Builder,
    forget_empty,
    room_of,
    title_of,
    under_title,
)
from barometer.render.powerpoint.fit import Box
from barometer.render.powerpoint.templates import Template

ASIDE = 0.27  # of the slide's width, for a comment
Step = Callable[[int, int], None]


def deck_of(made: deck.Deck, template: Template, step: Step) -> bytes:
    """The whole deck."""
    build = Builder.on(template, made.language)
    with fit.face(build.look.font):
        return _deck(build, made, step)


def _deck(build: Builder, made: deck.Deck, step: Step) -> bytes:
    every = len(made.slides) + 1
    step(0, every)
    if made.opened:
        pages.add(build, made, "cover")
    if made.opened and made.key_figures:
        pages.add(build, made, "figures")
    if made.opened and made.findings:
        pages.add(build, made, "findings")
    for rank, one in enumerate(made.slides, start=1):
        step(rank, every)
        chart(build, one, made.publication)
    if made.closed:
        pages.add(build, made, "method")
    step(every, every)
    return build.saved(made)


def slide_of(one: deck.Slide, template: Template, publication: str) -> bytes:
    """A file of one chart; of several slides where its table is long."""
    build = Builder.on(template, one.spec.language)
    with fit.face(build.look.font):
        chart(build, one, publication)
    return build.saved()


# --- a chart ------------------------------------------------------------------------------------


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
    box = under_title(templates.area(build.presentation, build.layouts.chart))
    measure, foot = _measure(one, box), _foot(one, box)
    inner = box.below(measure[1] + GAP // 2).above(foot[1] + GAP // 2)
    if one.comment:
        return replace(inner, width=int(inner.width * (1 - ASIDE)) - GAP)
    return inner


def _measure(one: deck.Slide, box: Box) -> tuple[str, int]:
    room, _ = room_of(box)
    text = fit.cut(one.spec.measure, 14, room, 2)
    return text, fit.height(text, 14, room)


def _foot(one: deck.Slide, box: Box) -> tuple[list[str], int, float]:
    """The lines under the chart, their height and size: smaller, then cut, where they are long."""
    room, high = room_of(box)
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
    box = under_title(box)
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
        text, size = fit.fitted(one.comment, (16.0, 14.0, 12.0, 11.0), *room_of(place))
        build.text(slide, place, [(text, False)], size, build.look.text, COMMENT)
    return slide, cut


def _finish(
    slide: Any, one: deck.Slide, publication: str, cut: bool, part: tuple[int, int]
) -> None:
    """Notes, and what the slide remembers."""
    forget_empty(slide)
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
    title = title_of(slide)
    if title is not None:
        texts["title"] = title.text_frame.text
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        texts["notes"] = slide.notes_slide.notes_text_frame.text
    return texts
