"""A presenter's own template: checked, emptied of its slides, its layouts chosen."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches

from barometer import style
from barometer.render.powerpoint import fit, house
from barometer.render.powerpoint.fit import Box
from barometer.render.powerpoint.look import ACCENTS, Look
from barometer.words import Translate, translator

MOST, EXPANDED, PARTS = 30_000_000, 200_000_000, 3_000  # bytes, bytes, files in the file
MAIN = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
OTHERS = (  # a template and a show are opened as a presentation
    "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
)
TYPES = "[Content_Types].xml"
UNREADABLE = (  # what a file that only looks like a package raises when it is read
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


class TemplateError(ValueError):
    """A template that cannot be used; the message is a sentence for its owner."""


@dataclass(frozen=True)
class Template:
    """A template without slides; `missing` has a sentence for each thing that it lacks.

    `ours` says that it is the house's.
    """

    content: bytes
    missing: tuple[str, ...] = ()
    ours: bool = False


def default() -> Template:
    """The house's template."""
    return Template(house.template(), ours=True)


def read(content: bytes, language: str) -> Template:
    """A presenter's .pptx or .potx as a template.

    Raises TemplateError where it is no such file, is too large, or holds macros or external links.
    """
    _ = translator(language)
    checked = checked_package(content, language)
    try:
        presentation = Presentation(io.BytesIO(checked))
        _without_slides(presentation)
        layouts = [
            layout for master in presentation.slide_masters for layout in master.slide_layouts
        ]
    except Exception as fault:  # a file that only looks like one
        raise TemplateError(_("This file cannot be opened as a PowerPoint template.")) from fault
    if not layouts:
        raise TemplateError(_("This template has no layout: there is nothing to build slides on."))
    saved = io.BytesIO()
    presentation.save(saved)
    return Template(saved.getvalue(), tuple(_missing(presentation, _)))


def checked_package(content: bytes, language: str, *, links: bool = False) -> bytes:
    """The file as a presentation that can be opened without harm; `links` lets links stand.

    Raises TemplateError for the reasons that `read` gives.
    """
    _ = translator(language)
    if len(content) > MOST:
        raise TemplateError(_("This file is larger than {most} MB.").format(most=MOST // 1_000_000))
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
        entries = package.infolist()
    except UNREADABLE:
        raise TemplateError(_("This is not a PowerPoint file (.pptx or .potx).")) from None
    if len(entries) > PARTS or sum(entry.file_size for entry in entries) > EXPANDED:
        raise TemplateError(
            _("Opened, this file is larger than {most} MB.").format(most=EXPANDED // 1_000_000)
        )
    try:  # once its size is known
        types = package.read(TYPES).decode("utf-8")
    except (KeyError, *UNREADABLE):
        raise TemplateError(_("This is not a PowerPoint file (.pptx or .potx).")) from None
    names = [entry.filename.lower() for entry in entries]
    if "macroenabled" in types.lower() or any(
        "vbaproject" in name or "/activex/" in name for name in names
    ):
        raise TemplateError(_("This file holds macros. Save it without them (.pptx or .potx)."))
    if not any(kind in types for kind in (MAIN, *OTHERS)):
        raise TemplateError(_("This is not a PowerPoint file (.pptx or .potx)."))
    try:
        outside = None if links else next(_external(package), None)
        opened = content if MAIN in types else _as_presentation(package, types)
    except (etree.XMLSyntaxError, *UNREADABLE):
        raise TemplateError(_("This file is damaged: it cannot be read to its end.")) from None
    if outside is not None:
        raise TemplateError(
            _("This file links to something outside it, {target}. Remove the link.").format(
                target=fit.clean(outside, 80)
            )
        )
    return opened


def _external(package: zipfile.ZipFile) -> Iterator[str]:
    """Targets outside the file, of the parts that a template gives: not those of its slides."""
    for entry in package.infolist():
        name = entry.filename
        slides = name.startswith(("ppt/slides/", "ppt/notesSlides/", "ppt/comments"))
        if not name.endswith(".rels") or slides:
            continue
        for relation in etree.fromstring(package.read(name), _PARSER):
            if relation.get("TargetMode", "").lower() == "external":
                yield str(relation.get("Target", ""))


def _as_presentation(package: zipfile.ZipFile, types: str) -> bytes:
    """A .potx or .ppsx, which differ from a .pptx by one word."""
    for other in OTHERS:
        types = types.replace(other, MAIN)
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in package.infolist():
            held = types.encode() if entry.filename == TYPES else package.read(entry.filename)
            copy.writestr(entry.filename, held)
    return saved.getvalue()


def _without_slides(presentation: Any) -> None:
    """Remove every slide, and what names them: sections and custom shows."""
    element = presentation.part._element
    slides = element.sldIdLst
    for slide in list(slides if slides is not None else ()):
        presentation.part.drop_rel(slide.rId)
        slides.remove(slide)
    package = presentation.part.package
    for name, relation in list(package._rels.items()):
        if relation.reltype.endswith("/thumbnail"):  # a picture of slides that are gone
            package._rels.pop(name)
    for name in ("p:custShowLst", "p:extLst"):
        for old in element.findall(qn(name)):
            element.remove(old)


def _missing(presentation: Any, _: Translate) -> Iterator[str]:
    """A sentence for each thing that slides do without."""
    layouts = Layouts.of(presentation)
    if layouts.kind(layouts.cover) != "title":
        yield _("This template has no title slide: the cover is made on “{layout}”.").format(
            layout=fit.clean(layouts.cover.name, 60)
        )
    if layouts.kind(layouts.chart) != "titleOnly":
        yield _("This template has no “title only” layout: charts stand on “{layout}”.").format(
            layout=fit.clean(layouts.chart.name, 60)
        )
    if title_of(layouts.chart) is None:
        yield _("Its layouts have no title: titles are text boxes.")
    if _number(layouts.chart) is None:
        yield _("Its layouts have no slide number: slides are not numbered.")
    if body_of(layouts.text) is None:
        yield _("Its layouts have no text area: findings and method are text boxes.")
    ratio = presentation.slide_width / presentation.slide_height
    if ratio < 1.7:
        yield _("Its slides are not 16:9: they keep their own shape.")


@dataclass(frozen=True)
class Layouts:
    """The layouts for a cover, for text and for a chart."""

    cover: Any
    text: Any
    chart: Any

    @classmethod
    def of(cls, presentation: Any) -> Layouts:
        """The best layouts that a template has: those made for it, else those with least beside."""
        every = [layout for master in presentation.slide_masters for layout in master.slide_layouts]
        titled = [layout for layout in every if title_of(layout) is not None] or every
        least = sorted(titled, key=lambda layout: len(list(layout.placeholders)))

        def best(*kinds: str) -> Any:
            return next((la for kind in kinds for la in every if cls.kind(la) == kind), None)

        chart = best("titleOnly") or least[0]
        text = best("obj", "tx") or next((la for la in least if body_of(la) is not None), chart)
        return cls(best("title") or chart, text, chart)

    @staticmethod
    def kind(layout: Any) -> str:
        """What a layout says that it is for."""
        return str(layout.element.get("type", ""))


def title_of(holder: Any) -> Any:
    """The title's placeholder, None where there is none."""
    return next(
        (s for s in holder.placeholders if s.element.ph.get("type") in ("title", "ctrTitle")), None
    )


def body_of(holder: Any) -> Any:
    """The first placeholder of text, None where there is none."""
    return next(
        (
            s
            for s in holder.placeholders
            if s.element.ph.get("type", "obj") in ("obj", "body", "subTitle")
        ),
        None,
    )


def _number(holder: Any) -> Any:
    return next((s for s in holder.placeholders if s.element.ph.get("type") == "sldNum"), None)


def number_of(layout: Any) -> Any:
    """The placeholder of the slide's number, None where there is none."""
    return _number(layout)


def look(presentation: Any, *, ours: bool) -> Look:
    """The colours and typeface of a template's first master."""
    return look_of(presentation.slide_masters[0], ours=ours)


def is_house(master: Any) -> bool:
    """Whether a master is the house's own."""
    return str(_theme(master).get("name", "")) == house.NAME


def _theme(master: Any) -> Any:
    part = next(r.target_part for r in master.part.rels.values() if r.reltype.endswith("/theme"))
    return etree.fromstring(part.blob, _PARSER)


def look_of(master: Any, *, ours: bool) -> Look:
    """The colours and typeface of a master."""
    root = _theme(master)
    slots = {
        etree.QName(slot).localname: _hex(slot) for slot in root.find(f".//{qn('a:clrScheme')}")
    }
    mapped = master.element.find(qn("p:clrMap"))
    names = ("tx1", "bg1", "tx2", "bg2", *(f"accent{n}" for n in range(1, ACCENTS + 1)))
    scheme = {}
    for name in names:
        slot = name if mapped is None else mapped.get(name, name)
        scheme[name] = slots.get(slot, style.LIGHT.text)
    latin = root.find(f".//{qn('a:minorFont')}/{qn('a:latin')}")
    return Look(scheme, ours, "" if latin is None else latin.get("typeface", ""))


def _hex(slot: Any) -> str:
    """#rrggbb of a theme's slot."""
    for colour in slot:
        value = colour.get("lastClr") or colour.get("val") or ""
        if len(value) == 6:
            return f"#{value.lower()}"
    return style.LIGHT.text


def area(presentation: Any, layout: Any) -> Box:
    """Where content stands on a layout: under its title, over its foot."""
    wide, high = int(presentation.slide_width), int(presentation.slide_height)
    margin = wide // 22
    title = title_of(layout)
    left, width, top = margin, wide - 2 * margin, high * 22 // 100
    if title is not None and title.width and title.top is not None:
        bottom = title.top + title.height
        if bottom < high * 42 // 100:
            top = bottom
        if title.width > wide * 6 // 10:
            left, width = title.left, title.width
    low = high * 965 // 1000
    for shape in [*layout.shapes, *layout.slide_master.shapes]:
        if shape.is_placeholder and shape.element.ph.get("type") not in ("dt", "ftr", "sldNum"):
            continue
        if shape.top is not None and shape.top > high * 84 // 100 and shape.height:
            low = min(low, shape.top - int(Inches(0.04)))
    return Box(int(left), int(top), int(width), int(low - top))


def points(length: int) -> float:
    """EMU in points."""
    return float(Emu(length).pt)
