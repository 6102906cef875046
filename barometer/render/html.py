"""A deck as one HTML file that opens without a network and prints well; PDF from it.

Charts are Plotly's own, its script inlined once: the file needs no browser where it is made, and
its charts answer the pointer and fit the reader's screen. That costs under 6 MB.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from barometer import style, tables
from barometer.deck import Deck, Slide
from barometer.render import browser, screen
from barometer.render.text import drawable, legible, shortened
from barometer.style import LIGHT
from barometer.words import translator

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
TITLE = 300  # characters of a title that is drawn large
SHORT = 12  # rows of a table that has room under its chart on paper
NUMBERED = ("heatmap", "panels", "tree")  # kinds that print every number in the chart itself


def page(deck: Deck) -> bytes:
    """The deck as a page in UTF-8: words, charts, tables, and all that defends the numbers.

    Nothing in it is fetched, and its policy forbids that anything be.
    """
    _ = translator(deck.language)
    told = _template().render(
        deck=deck,
        slides=[_slide(slide) for slide in deck.slides],
        drawings=_script([screen.drawing(drawable(s.spec), LIGHT) for s in deck.slides]),
        plotly=Markup(_plotly()),  # the library's own file
        fonts=_fonts(),
        family=style.FONT,
        theme=LIGHT,
        words={
            "contents": _("Contents"),
            "table": _("Table of chart"),
            "details": _("Question, definition, intervals"),
            "columns": (_("Group"), _("Item"), _("Value"), _("Interval"), _("Base")),
            "receipt": _("Reference of these figures"),
            "address": _("Address of this view"),
            "method": _("How these figures are made"),
            "publication": _("Publication {identifier}").format(identifier=deck.publication)
            if deck.publication
            else "",
        },
    )
    return legible(told).encode()


def pdf(deck: Deck) -> bytes:
    """The same page printed on A4, a chart a page.

    Raises BrowserError, with a sentence, where there is no Chromium or Chrome.
    """
    return browser.pdf(page(deck), deck.language)


def _slide(slide: Slide) -> dict[str, Any]:
    """What the template shows of a slide."""
    spec, table = slide.spec, tables.shown(slide.spec)
    _ = translator(spec.language)
    facts = " · ".join(filter(None, (spec.base, spec.waves, spec.filters)))
    below = (facts, " · ".join(spec.notes), f"{spec.source} · {spec.provenance}")
    told = _("the data say: {text}").format(text=slide.contradicted)
    return {
        "spec": spec,
        "title": shortened(slide.title, TITLE),
        "comment": slide.comment,
        "contradicted": told if slide.contradicted else "",
        "below": [line for line in below if line],
        "questions": slide.questions,
        "definition": slide.definition,
        "intervals": slide.rows,
        "address": slide.address,
        "table": {
            "names": list(table.columns),
            "rows": table.to_numpy().tolist(),
            "lead": 1 + (len(spec.facets) > 1),
            "printed": _printed(spec.kind, len(table)),
        },
    }


def _printed(kind: str, rows: int) -> str:
    """How paper has a table: under its chart; on a page of its own where it is long, under its
    title; or not at all, where it is long and the chart prints the same numbers.
    """
    if rows <= SHORT:
        return "short"
    return "twice" if kind in NUMBERED else "long"


def _script(value: Any) -> Markup:
    """A value as a script reads it: no sign in it ends the script or opens a comment."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=True)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # the signs of markup are gone


@cache
def _template() -> Any:
    folder = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=folder, autoescape=select_autoescape(["html"])).get_template(
        "deck.html"
    )


@cache
def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return script.replace("</script", "<\\/script")


@cache
def _fonts() -> list[dict[str, Any]]:
    """The typeface, carried in the file."""
    return [
        {
            "family": style.FONT,
            "weight": weight,
            "range": letters,
            "content": base64.b64encode((STATIC / name).read_bytes()).decode(),
        }
        for name, weight, letters in style.FONT_FILES
    ]
