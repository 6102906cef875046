"""The colours of a deck: the theme's own, so that a chart follows its template."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR

from barometer import style
from barometer.spec import TOTAL, Entry
from barometer.style import LIGHT

ACCENTS = 6
THEME = {
    "tx1": MSO_THEME_COLOR.TEXT_1,
    "bg1": MSO_THEME_COLOR.BACKGROUND_1,
    "tx2": MSO_THEME_COLOR.TEXT_2,
    "bg2": MSO_THEME_COLOR.BACKGROUND_2,
    **{f"accent{n}": getattr(MSO_THEME_COLOR, f"ACCENT_{n}") for n in range(1, ACCENTS + 1)},
}
ROUNDS = (0.0, 0.4, -0.25, 0.6)  # brightness of each further round of the accents


@dataclass(frozen=True)
class Colour:
    """A colour of the theme, lighter or darker by `brightness` (−1 to 1), or one of its own."""

    hex: str
    theme: str = ""
    brightness: float = 0.0

    def on(self, colour: Any) -> None:
        """Set it on a colour of python-pptx."""
        if not self.theme:
            colour.rgb = RGBColor.from_string(self.hex.lstrip("#").upper())
            return
        colour.theme_color = THEME[self.theme]
        if self.brightness:
            colour.brightness = self.brightness

    def fill(self, fill: Any) -> None:
        """Fill with it."""
        fill.solid()
        self.on(fill.fore_color)


@dataclass(frozen=True)
class Look:
    """The theme of a template, resolved: `scheme` has #rrggbb for tx1, bg1, tx2, bg2, accents.

    `house` says that it is ours: then the palette is the barometer's whole one.
    """

    scheme: dict[str, str]
    house: bool
    font: str

    @property
    def text(self) -> Colour:
        """What is read."""
        return self.theme("tx1")

    @property
    def background(self) -> Colour:
        """What it is read on."""
        return self.theme("bg1")

    @property
    def muted(self) -> Colour:
        """What is read after."""
        if self.house:
            return Colour(LIGHT.muted)
        return self.theme("tx1", -0.35 if self.dark else 0.35)

    @property
    def grid(self) -> Colour:
        """Lines behind numbers."""
        if self.house:
            return Colour(LIGHT.grid)
        return self.theme("bg1", 0.2 if self.dark else -0.15)

    @property
    def surface(self) -> Colour:
        """The ground of a card."""
        if self.house:
            return self.theme("bg2")
        return self.theme("bg1", 0.1 if self.dark else -0.05)

    @property
    def dark(self) -> bool:
        """Whether slides are dark."""
        return style.contrast("#ffffff", self.scheme["bg1"]) > 4.5

    @property
    def accent(self) -> Colour:
        """The one colour of what is not data."""
        return self.theme(self._base)

    @property
    def _base(self) -> str:
        return "tx2" if self.house else "accent1"

    def theme(self, name: str, brightness: float = 0.0) -> Colour:
        """A colour of the theme."""
        return Colour(_lit(self.scheme[name], brightness), name, brightness)

    def series(self, entry: Entry) -> Colour:
        """The colour of a series or category: its own wherever it is drawn; the total is grey."""
        if entry.code == TOTAL:
            return self.muted
        if self.house and entry.position >= ACCENTS:
            return Colour(style.series_colour(LIGHT, entry.position))
        turn, place = divmod(max(entry.position, 0), ACCENTS)
        return self.theme(f"accent{place + 1}", ROUNDS[turn % len(ROUNDS)])

    def steps(self, count: int) -> list[Colour]:
        """The stages of an ordered answer: grey for the first, then a rising accent."""
        shades = [self._shade(0.3 + 0.7 * rank / max(count - 2, 1)) for rank in range(count - 1)]
        return [self.grid, *shades][:count]

    def shade(self, fraction: float) -> Colour:
        """The ground of a cell, `fraction` of the way from the lowest to the highest."""
        last = len(LIGHT.sequential) - 1
        step = min(max(int(fraction * (last + 1)), 0), last)
        return self._shade(step / last)

    def _shade(self, fraction: float) -> Colour:
        if self.house:
            steps = LIGHT.sequential
            return Colour(steps[round(fraction * (len(steps) - 1))])
        return self.theme(self._base, round(0.85 - 1.1 * fraction, 2))

    def on(self, ground: Colour) -> Colour:
        """What reads on a ground."""
        return Colour(style.text_on(ground.hex))


def _lit(colour: str, brightness: float) -> str:
    """A colour as Office lightens or darkens it: its luminance scaled, then raised."""
    if not brightness:
        return colour
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 - abs(brightness)) + max(brightness, 0)
    lit = colorsys.hls_to_rgb(hue, light, saturation)
    return "#" + "".join(f"{round(level * 255):02x}" for level in lit)
