"""A deck, or one of its charts, as a file of any format: the list that all callers share."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from barometer import tables
from barometer.deck import Deck, Slide

if TYPE_CHECKING:
    from barometer.render.powerpoint.templates import Template

Step = Callable[[int, int, str], None]  # done, to do, what comes next
OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True)
class Format:
    """A kind of file: how its name ends, its media type, whether it needs a browser here."""

    code: str
    media: str
    browser: bool = False
    packed: bool = False  # several files of a deck, in a ZIP

    def name(self, stem: str, *, several: bool) -> str:
        """The name of a file of this format."""
        return f"{stem}_{self.code}.zip" if several and self.packed else f"{stem}.{self.code}"

    def media_of(self, *, several: bool) -> str:
        """The media type of such a file."""
        return "application/zip" if several and self.packed else self.media


FORMATS = {
    form.code: form
    for form in (
        Format("pptx", f"{OFFICE}.presentationml.presentation"),
        Format("xlsx", f"{OFFICE}.spreadsheetml.sheet"),
        Format("html", "text/html"),
        Format("pdf", "application/pdf", browser=True),
        Format("png", "image/png", browser=True, packed=True),
        Format("svg", "image/svg+xml", browser=True, packed=True),
        Format("csv", "text/csv", packed=True),
    )
}


def _silent(done: int, every: int, name: str) -> None:
    """Progress that nobody follows."""


def deck(made: Deck, code: str, template: Template | None = None, step: Step = _silent) -> bytes:
    """The file of a deck; images and tables come in a ZIP, one a chart.

    Raises KeyError for a format that there is not, and BrowserError, with a sentence, where one
    needs a Chromium or Chrome that is not here.
    """
    if code == "pptx":
        from barometer.render import powerpoint

        return powerpoint.deck(made, template, lambda done, every: step(done, every, ""))
    if FORMATS[code].packed:
        return _packed(made, code, step)
    step(0, 1, "")
    content = _whole(made, code)
    step(1, 1, "")
    return content


def chart(one: Slide, made: Deck, code: str, template: Template | None = None) -> bytes:
    """The file of one chart, alone; errors as `deck` has them."""
    if code == "pptx":
        from barometer.render import powerpoint

        return powerpoint.slide(one, template, made.publication)
    if code == "xlsx":
        from barometer.render import excel

        return excel.chart(one.spec)
    if FORMATS[code].packed:
        return _part(one, code, 3)
    alone = replace(made, slides=(one,), missing=(), opened=False, title=one.title)
    return _whole(alone, code)


def _whole(made: Deck, code: str) -> bytes:
    if code == "xlsx":
        from barometer.render import excel

        return excel.deck(made)
    from barometer.render import html

    return html.page(made) if code == "html" else html.pdf(made)


def _packed(made: Deck, code: str, step: Step) -> bytes:
    """One file a slide, named by its number and content."""
    content, every = io.BytesIO(), len(made.slides)
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for number, one in enumerate(made.slides, start=1):
            step(number - 1, every, one.spec.measure)
            package.writestr(f"{number:02}_{one.spec.file_name}.{code}", _part(one, code, 2))
    step(every, every, "")
    return content.getvalue()


def _part(one: Slide, code: str, scale: int) -> bytes:
    """A chart as an image or a table."""
    if code == "csv":
        return tables.as_csv(one.spec, tables.full(one.spec))
    from barometer.render import image

    return image.draw(one.spec, "svg" if code == "svg" else "png", scale, title=one.title)
