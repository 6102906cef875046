"""A deck as a PowerPoint file: native charts and tables that a presenter edits as their own.

`python-pptx` takes a quarter of a second to import: it is, the first time that slides are made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from barometer.deck import Deck, Slide
from barometer.refresh import Memory, Plan

if TYPE_CHECKING:
    from barometer.render.powerpoint.templates import Template

Step = Callable[[int, int], None]  # slides made, slides to make
TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def _silent(made: int, every: int) -> None:
    """Progress that nobody follows."""


def deck(made: Deck, template: Template | None = None, step: Step = _silent) -> bytes:
    """The file of a deck: cover, key figures, findings, charts, method.

    `template` is what `template` returned, None for the house's; `step` follows the work.
    """
    from barometer.render.powerpoint import compose
    from barometer.render.powerpoint.templates import default

    return compose.deck_of(made, template or default(), step)


def slide(one: Slide, template: Template | None = None, publication: str = "") -> bytes:
    """The file of one chart: one slide, or a few where its table is long."""
    from barometer.render.powerpoint import compose
    from barometer.render.powerpoint.templates import default

    return compose.slide_of(one, template or default(), publication)


def template(content: bytes, language: str) -> Template:
    """A presenter's .pptx or .potx, checked; its `missing` are sentences to show.

    Raises ValueError with a sentence where it is no such file, is too large, or holds macros or
    links to something outside it.
    """
    from barometer.render.powerpoint.templates import read

    return read(content, language)


def memories(content: bytes, language: str) -> dict[int, Memory]:
    """What each slide of ours in a deck remembers, by position from 0.

    Raises ValueError with a sentence where the file is no deck, is too large or holds macros.
    """
    from barometer.render.powerpoint.again import read

    return read(content, language)


def refreshed(content: bytes, plan: Plan, language: str) -> tuple[bytes, list[str]]:
    """The deck with the plan's charts and numbers; a sentence for each thing left as it was.

    Raises ValueError as `memories` does.
    """
    from barometer.render.powerpoint.again import again

    return again(content, plan, language)
