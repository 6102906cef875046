"""The default template, in the house style: 16:9, layouts for a cover, a text and a chart."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Inches, Pt

from barometer.render.powerpoint.fit import Box
from barometer.style import LIGHT, OFFICE_FONT

NAME = "Baromètre"  # of the theme
WIDTH, HEIGHT = 12192000, 6858000  # 13.333 × 7.5 inches: 16:9
MARGIN = int(Inches(0.55))
KEPT = ("Title Slide", "Title and Content", "Title Only", "Blank")
TITLE = Box(MARGIN, int(Inches(0.5)), WIDTH - 2 * MARGIN, int(Inches(0.86)))
BODY = Box(MARGIN, int(Inches(1.5)), WIDTH - 2 * MARGIN, int(Inches(5.2)))
FOOT = Box(
    WIDTH - MARGIN - int(Inches(0.7)), int(Inches(7.06)), int(Inches(0.7)), int(Inches(0.28))
)
RULE = Box(MARGIN, int(Inches(0.36)), int(Inches(0.62)), int(Inches(0.06)))
COVER_TITLE = Box(int(Inches(1.1)), int(Inches(2.0)), int(Inches(10.9)), int(Inches(1.7)))
COVER_TEXT = Box(int(Inches(1.1)), int(Inches(3.85)), int(Inches(10.9)), int(Inches(1.9)))
BAND = Box(0, 0, int(Inches(0.35)), HEIGHT)


@lru_cache(1)
def template() -> bytes:
    """The template as a file, without a slide."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Emu(WIDTH), Emu(HEIGHT)
    master = presentation.slide_master
    for layout in list(presentation.slide_layouts):
        if layout.name not in KEPT:
            presentation.slide_layouts.remove(layout)
    _theme(master)
    _text_styles(master)
    for shape in master.placeholders:
        kind = shape.element.ph.get("type")
        _place(shape, TITLE if kind == "title" else BODY if kind == "body" else _foot(kind))
    _rectangle(master, RULE)
    for layout in presentation.slide_layouts:
        _layout(layout)
    package = presentation.part.package
    for name, relation in list(package._rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            package._rels.pop(name)
    content = io.BytesIO()
    presentation.save(content)
    return content.getvalue()


def _layout(layout: Any) -> None:
    cover = layout.name == "Title Slide"
    for shape in list(layout.placeholders):
        kind = shape.element.ph.get("type")
        if kind in ("dt", "ftr"):
            shape.element.getparent().remove(shape.element)
        elif kind == "sldNum":
            if cover:
                shape.element.getparent().remove(shape.element)
            else:
                _place(shape, FOOT)
        elif kind == "ctrTitle":
            _place(shape, COVER_TITLE)
            _style_of(shape, Pt(40), bold=True)
            shape.text_frame._txBody.bodyPr.set("anchor", "b")
        elif kind == "subTitle":
            _place(shape, COVER_TEXT)
            _style_of(shape, Pt(20), bold=False)
    if cover:
        layout.element.set("showMasterSp", "0")
        _rectangle(layout, BAND)


def _foot(kind: str) -> Box:
    """The date and the footer stand left of the slide's number."""
    if kind == "sldNum":
        return FOOT
    left = MARGIN if kind == "dt" else MARGIN + int(Inches(2.4))
    wide = int(Inches(2.2)) if kind == "dt" else int(Inches(6))
    return Box(left, FOOT.top, wide, FOOT.height)


def _place(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = box.left, box.top, box.width, box.height


def _rectangle(holder: Any, box: Box) -> None:
    """A plain rectangle in the accent, behind everything."""
    tree = holder.shapes._spTree
    number = max(int(found) for found in tree.xpath("//p:cNvPr/@id")) + 1
    tree.insert(
        2,
        parse_xml(
            f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{number}" name="Rule"/><p:cNvSpPr/>'
            f'<p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr><a:xfrm><a:off x="{box.left}"'
            f' y="{box.top}"/><a:ext cx="{box.width}" cy="{box.height}"/></a:xfrm><a:prstGeom'
            ' prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:schemeClr val="tx2"/>'
            "</a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
        ),
    )


def _style_of(shape: Any, size: int, *, bold: bool) -> None:
    """The text of a layout's placeholder: left, of a size, in the text's colour."""
    body = shape.text_frame._txBody
    for old in body.findall(qn("a:lstStyle")):
        body.remove(old)
    style = parse_xml(
        f'<a:lstStyle {nsdecls("a")}><a:lvl1pPr marL="0" indent="0" algn="l"><a:buNone/><a:defRPr'
        f' sz="{int(size / Pt(1) * 100)}" b="{int(bold)}"><a:solidFill><a:schemeClr val="tx1"/>'
        "</a:solidFill></a:defRPr></a:lvl1pPr></a:lstStyle>"
    )
    body.insert(1, style)


def _text_styles(master: Any) -> None:
    """Titles at the left, bold, 26 points; text from 18 points down."""
    styles = master.element.find(qn("p:txStyles"))
    title = styles.find(qn("p:titleStyle")).find(qn("a:lvl1pPr"))
    title.set("algn", "l")
    _run(title, 2600, bold=True)
    sizes = (1800, 1600, 1400, 1200, 1200)
    for level, size in enumerate(sizes, start=1):
        paragraph = styles.find(qn("p:bodyStyle")).find(qn(f"a:lvl{level}pPr"))
        _run(paragraph, size, bold=False)
    for shape in master.placeholders:
        kind = shape.element.ph.get("type")
        properties = shape.text_frame._txBody.bodyPr
        for side in ("lIns", "rIns", "tIns", "bIns"):
            properties.set(side, "0")
        if kind == "title":
            properties.set("anchor", "t")
        for fit in list(properties):
            properties.remove(fit)
        if kind in ("dt", "ftr", "sldNum"):
            for run in shape.element.iter(qn("a:defRPr")):
                run.set("sz", "1000")


def _run(paragraph: Any, size: int, *, bold: bool) -> None:
    run = paragraph.find(qn("a:defRPr"))
    run.set("sz", str(size))
    run.set("b", str(int(bold)))


def _theme(master: Any) -> None:
    """The house's colours and typeface, in the theme's own part."""
    part = next(
        rel.target_part for rel in master.part.rels.values() if rel.reltype.endswith("/theme")
    )
    root = etree.fromstring(part.blob)
    root.set("name", NAME)
    scheme, fonts = root.find(f".//{qn('a:clrScheme')}"), root.find(f".//{qn('a:fontScheme')}")
    scheme.set("name", NAME)
    fonts.set("name", NAME)
    colours = {
        "dk1": LIGHT.text,
        "lt1": LIGHT.background,
        "dk2": LIGHT.accent,
        "lt2": LIGHT.surface,
        "hlink": LIGHT.accent,
        "folHlink": LIGHT.muted,
    } | {f"accent{n}": colour for n, colour in enumerate(LIGHT.series[:6], start=1)}
    for name, colour in colours.items():
        slot = scheme.find(qn(f"a:{name}"))
        for old in list(slot):
            slot.remove(old)
        etree.SubElement(slot, qn("a:srgbClr"), val=colour.lstrip("#").upper())
    for kind in ("majorFont", "minorFont"):
        fonts.find(qn(f"a:{kind}")).find(qn("a:latin")).set("typeface", OFFICE_FONT)
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
