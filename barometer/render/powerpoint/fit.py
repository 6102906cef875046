"""Text that fits: how wide it is about, how many lines it takes, where it must be cut.

Widths are those of Helvetica's metrics (Arial's are the same), by class of character, with a
margin for the typefaces of other templates: a slide is laid out before anything draws it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache

from pptx.util import Pt

SAFETY = 1.06
FACES = {  # how wide typefaces are, as parts of Arial's width; none is taken for narrower
    **dict.fromkeys(("arial", "helvetica", "liberation sans", "ibm plex sans", "calibri"), 1.0),
    **dict.fromkeys(("aptos", "segoe ui", "tahoma", "trebuchet ms", "cambria"), 1.0),
    **{"times new roman": 1.0, "georgia": 1.07, "century gothic": 1.12, "verdana": 1.18},
}
UNKNOWN = 1.1  # a typeface that is not in the list
_face: ContextVar[float] = ContextVar("face", default=1.0)
LEADING = 1.2
ELLIPSIS = "…"
LONGEST = 4000  # characters of a text in notes, or before it is fitted
_NARROW, _WIDE = "iljI.,:;'’|!ft()[]r- /\u00a0\u202f", "mwMW@%—▲▼◇…→"
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Box:
    """A rectangle of a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.top + self.height

    def below(self, height: int) -> Box:
        """What is left under a strip of this height."""
        return replace(self, top=self.top + height, height=max(self.height - height, 0))

    def above(self, height: int) -> Box:
        """What is left over a strip of this height."""
        return replace(self, height=max(self.height - height, 0))

    def columns(self, count: int, gap: int) -> list[Box]:
        """Equal columns with a gap between them."""
        width = (self.width - gap * (count - 1)) // count
        return [
            replace(self, left=self.left + rank * (width + gap), width=width)
            for rank in range(count)
        ]

    def rows(self, count: int, gap: int) -> list[Box]:
        """Equal rows with a gap between them."""
        height = (self.height - gap * (count - 1)) // count
        return [
            replace(self, top=self.top + rank * (height + gap), height=height)
            for rank in range(count)
        ]


def clean(text: str, longest: int = LONGEST) -> str:
    """A text that XML and a slide can hold: no control character, no direction mark, bounded."""
    kept = "".join(
        " " if sign in "\t\r\n\v\f\u2028\u2029" else sign
        for sign in text[: longest + 1]
        if sign in "\t\r\n\v\f"
        or (unicodedata.category(sign) not in ("Cc", "Cs", "Cn", "Co") and sign not in _DIRECTIONS)
    )
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + ELLIPSIS


@contextmanager
def face(name: str) -> Iterator[None]:
    """Measure texts in a typeface meanwhile."""
    token = _face.set(FACES.get(name.lower(), UNKNOWN) if name else 1.0)
    try:
        yield
    finally:
        _face.reset(token)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a line of text is, in points; `size` in points."""
    return _em(text) * size * SAFETY * _face.get() * (1.07 if bold else 1.0)


@lru_cache(maxsize=16384)
def _em(text: str) -> float:
    em = 0.0
    for sign in text:
        if sign in _NARROW:
            em += 0.31
        elif sign in _WIDE or ord(sign) > 0x2FFF:
            em += 0.93
        elif sign.isupper():
            em += 0.7
        else:
            em += 0.55
    return em


def lines(text: str, size: float, room: float, *, bold: bool = False) -> int:
    """How many lines a text takes in `room` points, broken at spaces, and in words too long."""
    taken, used = 1, 0.0
    space = width(" ", size, bold=bold)
    for word in text.split(" "):
        here = width(word, size, bold=bold)
        if used and used + space + here > room:
            taken, used = taken + 1, 0.0
        elif used:
            here += space
        used += here
        while used > room:
            taken, used = taken + 1, used - room
    return taken


def height(text: str, size: float, room: float, *, bold: bool = False) -> int:
    """How high a paragraph is, in EMU."""
    return int(Pt(size) * LEADING * lines(text, size, room, bold=bold))


def cut(text: str, size: float, room: float, most: int = 1, *, bold: bool = False) -> str:
    """The text, or its beginning and an ellipsis, in at most so many lines of `room` points."""
    text = clean(text)
    if lines(text, size, room, bold=bold) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        short = text[:middle].rstrip() + ELLIPSIS
        if lines(short, size, room, bold=bold) <= most:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def fitted(
    text: str, sizes: tuple[float, ...], room: float, high: float, *, bold: bool = False
) -> tuple[str, float]:
    """The text and the first size at which it stands in `room` × `high` points.

    At the last size it is cut.
    """
    text = clean(text)
    for size in sizes:
        if lines(text, size, room, bold=bold) * size * LEADING <= high:
            return text, size
    last = sizes[-1]
    return cut(text, last, room, max(int(high / (last * LEADING)), 1), bold=bold), last
