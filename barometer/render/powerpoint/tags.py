"""What a slide of ours remembers: a tag that PowerPoint keeps with it, even in another deck."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn

NAME = "BAROMETER"
TYPE = "application/vnd.openxmlformats-officedocument.presentationml.tags+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/tags"
LONGEST = 200_000  # characters of what a slide remembers


def write(slide: Any, memory: dict[str, Any]) -> None:
    """Have a slide remember; what it remembered before is replaced."""
    text = json.dumps(memory, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    root = etree.fromstring(f"<p:tagLst {nsdecls('p')}/>")
    etree.SubElement(root, qn("p:tag"), name=NAME, val=text)
    blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    held = _part(slide)
    if held is not None:
        held._blob = blob
        return
    package = slide.part.package
    part = Part(PackURI(package.next_partname("/ppt/tags/tag%d.xml")), TYPE, package, blob)
    relation = slide.part.relate_to(part, RELATION)
    data = slide._element.cSld
    anchor = data.find(qn("p:spTree"))
    anchor.addnext(
        parse_xml(f'<p:custDataLst {nsdecls("p", "r")}><p:tags r:id="{relation}"/></p:custDataLst>')
    )


def read(slide: Any) -> dict[str, Any] | None:
    """What a slide remembers, None where it is not ours or cannot be read."""
    part = _part(slide)
    if part is None:
        return None
    try:
        root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False))
        text = next(tag.get("val", "") for tag in root if tag.get("name") == NAME)
        memory = json.loads(text) if len(text) <= LONGEST else None
    except (etree.XMLSyntaxError, ValueError, StopIteration, RecursionError):
        return None
    return memory if isinstance(memory, dict) else None


def _part(slide: Any) -> Any:
    """The part that holds our tag."""
    for relation in slide.part.rels.values():
        if relation.reltype == RELATION and not relation.is_external:
            blob = relation.target_part.blob
            if NAME.encode() in blob:
                return relation.target_part
    return None
