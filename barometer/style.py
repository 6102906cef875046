"""How everything looks: the palettes, the typeface, and numbers as French and English print them.

One source for the screen, slides, sheets and images; `.streamlit/config.toml` repeats these
colours because Streamlit reads nothing else, and a test keeps the two equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from babel import Locale

# --- Typeface ------------------------------------------------------------------------------------

FONT = "IBM Plex Sans"
"""The one typeface; its figures have one width, so numbers line up in columns by themselves."""

FONT_STACK = f"{FONT}, Arial, Helvetica, sans-serif"
"""The typeface and what replaces it where it is not installed."""

OFFICE_FONT = "Arial"
"""The typeface of slides: the first of the stack that every Office has, since none is embedded."""

_LATIN_1 = (
    "U+0000, U+000D, U+0020-007E, U+00A0-00FF, U+0131, U+0152-0153, U+02C6, U+02DA, U+02DC,"
    " U+2013-2014, U+2018-201A, U+201C-201E, U+2020-2022, U+2026, U+2030, U+2039-203A, U+2044,"
    " U+20AC, U+2122, U+2212, U+FB01-FB02"
)
_LATIN_2 = (
    "U+0100-0101, U+0104-0130, U+0132-0151, U+0154-017F, U+0192, U+0218-021B, U+0237, U+0259,"
    " U+1E80-1E85, U+1E9E"
)
_SYMBOLS = (
    "U+2000-200D, U+2015, U+2032-2033, U+2070, U+2074-2079, U+2080-2089, U+2116, U+2190-2199,"
    " U+2202, U+2206, U+2211, U+221A, U+221E, U+2248, U+2260, U+2264-2265, U+25CA, U+2713"
)
_NARROW_SPACE = "U+202F"  # the typeface draws it an eighth of an em wide: too thin to see

FONT_FILES = (
    ("IBMPlexSans-Regular-Latin1.woff2", 400, _LATIN_1),
    ("IBMPlexSans-Regular-Latin2.woff2", 400, _LATIN_2),
    ("IBMPlexSans-Regular-Pi.woff2", 400, _SYMBOLS),
    ("NarrowSpace.woff2", 400, _NARROW_SPACE),
    ("IBMPlexSans-SemiBold-Latin1.woff2", 600, _LATIN_1),
    ("IBMPlexSans-SemiBold-Latin2.woff2", 600, _LATIN_2),
    ("IBMPlexSans-SemiBold-Pi.woff2", 600, _SYMBOLS),
    ("NarrowSpace.woff2", 600, _NARROW_SPACE),
)
"""(file in static/, weight, characters it draws); a browser fetches only those it needs."""

# --- Colours -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Theme:
    """One palette, light or dark: colours as #rrggbb, and nothing else.

    `series` keeps one hue order in both palettes, so that a colour means the same in each.
    `accent` belongs to the total and to what can be clicked; no series takes it.
    `positive`, `negative` and `caution` always go with a sign, an arrow or a word. Streamlit draws
    its captions in `text` at 60 %: that too has to read.
    """

    name: str
    background: str
    surface: str
    text: str
    muted: str
    border: str
    grid: str
    accent: str
    neutral: str
    positive: str
    negative: str
    caution: str
    series: tuple[str, ...]
    sequential: tuple[str, ...]


# cobalt, ochre, burgundy, green, brick, navy or sky, olive, violet, brown, slate
LIGHT = Theme(
    name="light",
    background="#ffffff",
    surface="#f5f7f8",
    text="#0a141b",
    muted="#56646f",
    border="#d5dce1",
    grid="#e4e9ec",
    accent="#095c66",
    neutral="#e2e6e9",
    positive="#1f7a4d",
    negative="#b3372f",
    caution="#85540c",
    series=(
        *("#3a67bd", "#c47c1b", "#630e25", "#319d6f", "#b43d34"),
        *("#023e54", "#4a4601", "#534282", "#846052", "#676873"),
    ),
    sequential=("#eaf5f6", "#cae6e9", "#9fd0d6", "#70b7bf", "#41959e", "#156870", "#06474d"),
)
DARK = Theme(
    name="dark",
    background="#11181d",
    surface="#1a2329",
    text="#e9eef1",
    muted="#9fadb7",
    border="#34414a",
    grid="#27323a",
    accent="#3d9aa4",
    neutral="#333d45",
    positive="#6fc596",
    negative="#f08f83",
    caution="#e8b066",
    series=(
        *("#567ad9", "#e2942d", "#fbc9d0", "#79b080", "#cd5535"),
        *("#a8e1ff", "#d0cc6d", "#a391d8", "#9b7b66", "#767680"),
    ),
    sequential=("#1b2b2d", "#1d3f43", "#23595f", "#2e767e", "#469ba4", "#72c0c9", "#afe4ea"),
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


@lru_cache(maxsize=1024)
def series_colour(theme: Theme, position: int) -> str:
    """The colour of the level or item at a position of its dimension or indicator, always the same.

    After the last colour of the palette come two softer rounds of it, then it starts again.
    """
    turn, place = divmod(position, len(theme.series))
    colour = theme.series[place]
    turn %= 3
    if not turn:
        return colour
    if contrast(colour, theme.background) > 7:
        return mixed(colour, theme.background, (0.2, 0.38)[turn - 1])
    return mixed(colour, theme.text, (0.24, 0.45)[turn - 1])


@lru_cache(maxsize=64)
def ordered_colours(theme: Theme, count: int) -> tuple[str, ...]:
    """Colours of the stages of an ordered answer: grey for the first, then a rising accent."""
    if count < 1:
        return ()
    return (theme.neutral, *scale(theme, count - 1, start=2))


@lru_cache(maxsize=64)
def scale(theme: Theme, count: int, start: int = 0) -> tuple[str, ...]:
    """`count` shades from step `start` of the sequential scale to its last, evenly spaced."""
    steps = theme.sequential[start:]
    if count == 1:
        return (steps[-2],)
    shades = []
    for position in range(count):
        whole, part = divmod(position * (len(steps) - 1) / (count - 1), 1)
        following = min(int(whole) + 1, len(steps) - 1)
        shades.append(mixed(steps[int(whole)], steps[following], part))
    return tuple(shades)


def sequential_colour(theme: Theme, fraction: float) -> str:
    """The shade of a heat-map cell, `fraction` of the way from the lowest to the highest.

    Seven flat steps rather than a gradient: a reader can match a cell with the key. A value that
    is missing has the colour of the surface.
    """
    if math.isnan(fraction):
        return theme.surface
    last = len(theme.sequential) - 1
    return theme.sequential[min(max(int(fraction * (last + 1)), 0), last)]


@lru_cache(maxsize=1024)
def text_on(background: str) -> str:
    """White, ink or black: the one that reads on a background, at 4.5 to 1 or more."""
    best = max(("#ffffff", LIGHT.text), key=lambda text: contrast(text, background))
    return best if contrast(best, background) >= 4.5 else "#000000"


@lru_cache(maxsize=4096)
def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21, as WCAG 2 defines it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4
        for level in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def mixed(colour: str, other: str, share_of_other: float) -> str:
    """A colour with a share of another, from 0 to 1, in it."""
    mixed = [
        round(one + (two - one) * share_of_other)
        for one, two in zip(_channels(colour), _channels(other), strict=True)
    ]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


# --- Marks: what says the same as a colour, without colour ---------------------------------------


@dataclass(frozen=True)
class Hatch:
    """The pattern of a bar whose base is small: Plotly's name, then PowerPoint's."""

    shape: str = "/"
    size: int = 6
    solidity: float = 0.35
    powerpoint: str = "WIDE_UPWARD_DIAGONAL"


LOW_BASE_HATCH = Hatch()
LOW_BASE_MARK = "*"
RISE, FALL, STEADY = "↑", "↓", "="
MISSING = "–"

# --- Numbers -------------------------------------------------------------------------------------

NARROW = "\u202f"  # narrow no-break space
FIXED = "\u00a0"  # no-break space
MINUS = "\u2212"


@dataclass(frozen=True)
class _Format:
    """What one language puts in and after its numbers."""

    decimal: str
    group: str
    percent: str
    unit_space: str
    to: str
    last: str
    singular_below: float

    def plain(self, value: float, decimals: int, signed: bool = False) -> str:
        """A rounded number: half away from zero, a true minus, no sign on zero."""
        rounded = _rounded(value, decimals)
        sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + _digits(abs(rounded), decimals, self.decimal, self.group)


@lru_cache(maxsize=4096)
def _digits(size: float, decimals: int, decimal: str, group: str) -> str:
    text = f"{size:,.{decimals}f}"
    return text.replace(",", "\0").replace(".", decimal).replace("\0", group)


@cache
def _format(lang: str) -> _Format:
    locale = Locale.parse(lang)
    symbols = locale.number_symbols["latn"]
    french = locale.language == "fr"
    percent: str = locale.percent_formats[None].pattern.partition("0")[2]
    return _Format(
        decimal=symbols["decimal"],
        group=symbols["group"].replace(FIXED, NARROW),
        percent=percent.replace(FIXED, NARROW),
        unit_space=NARROW if french else FIXED,
        to=f"{FIXED}à{FIXED}" if french else "–",
        last=" et " if french else " and ",
        singular_below=2 if french else math.nan,
    )


def _rounded(value: float, decimals: int = 0) -> float:
    """Half away from zero, as spreadsheets do; a sum's last bits do not tip a half."""
    power = 10**decimals
    return math.copysign(math.floor(round(abs(value) * power, 9) + 0.5) / power, value)


def percent(value: float) -> int:
    """A fraction as the whole percentage that is printed: 0.505 is 51."""
    return int(_rounded(value * 100))


def share(value: float, lang: str) -> str:
    """A fraction as a percentage without decimals: "51 %", "51%"."""
    form = _format(lang)
    return MISSING if math.isnan(value) else form.plain(value * 100, 0) + form.percent


def points(difference: float, lang: str) -> str:
    """A difference of two fractions, computed before any rounding: "+9 pts", "−3 pts", "0 pt"."""
    if math.isnan(difference):
        return MISSING
    return _with_points(_format(lang), difference, signed=True)


def change(fraction: float, lang: str) -> str:
    """A relative change as a signed percentage with a decimal: "+4,6 %", "−1.9%"."""
    form = _format(lang)
    return MISSING if math.isnan(fraction) else form.plain(fraction * 100, 1, True) + form.percent


def margin(half_width: float, lang: str) -> str:
    """Half of a confidence interval of a fraction: "±3 pts"."""
    if math.isnan(half_width):
        return MISSING
    return "±" + _with_points(_format(lang), half_width, signed=False)


def _with_points(form: _Format, fraction: float, signed: bool) -> str:
    size = abs(_rounded(fraction * 100))
    unit = "pt" if size == 1 or size < form.singular_below else "pts"
    return f"{form.plain(fraction * 100, 0, signed)}{form.unit_space}{unit}"


def number(value: float, lang: str, decimals: int = 0, signed: bool = False) -> str:
    """A number as the language writes it: "1 012,5", "1,012.5"; `signed` puts a + on a rise."""
    return MISSING if math.isnan(value) else _format(lang).plain(value, decimals, signed)


def mean(value: float, lang: str, decimals: int = 1) -> str:
    """A mean: "4,3", "4.3". One decimal tells channels apart; ask for two on a scale of 1 to 5."""
    return number(value, lang, decimals)


def mean_change(difference: float, lang: str) -> str:
    """A difference of two means, computed before any rounding: "+0,3", "−1.2".

    Where one decimal would print a zero there are two: "+0.02"; a zero at two has no sign, "0.0".
    """
    if math.isnan(difference):
        return MISSING
    decimals = 2 if not _rounded(difference, 1) and _rounded(difference, 2) else 1
    return number(difference, lang, decimals, signed=True)


def count(n: int, lang: str) -> str:
    """An unweighted base: "n = 1 012", "n = 1,012"."""
    return f"n{FIXED}={FIXED}{_format(lang).plain(n, 0)}"


def interval(low: float, high: float, lang: str) -> str:
    """A confidence interval of a fraction: "48 à 54 %", "48–54%"."""
    if math.isnan(low) or math.isnan(high):
        return MISSING
    form = _format(lang)
    start, end = form.plain(low * 100, 0), form.plain(high * 100, 0)
    return (start if start == end else f"{start}{form.to}{end}") + form.percent


def mean_interval(low: float, high: float, lang: str, decimals: int = 1) -> str:
    """A confidence interval of a mean: "4,1 à 4,5", "4.1–4.5"."""
    if math.isnan(low) or math.isnan(high):
        return MISSING
    form = _format(lang)
    start, end = form.plain(low, decimals), form.plain(high, decimals)
    return start if start == end else f"{start}{form.to}{end}"


def years(waves: Iterable[int], lang: str) -> str:
    """The years of some waves: "2002", "2000–2007", "2000, 2002 et 2004"."""
    ordered = sorted(set(waves))
    if not ordered:
        return MISSING
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]}–{ordered[-1]}"
    *first, last = map(str, ordered)
    return ", ".join(first) + _format(lang).last + last if first else last


def stack(values: Sequence[float]) -> list[int]:
    """Whole percentages of the parts of a whole, which sum to 100 (largest remainder).

    Fractions that are not a whole (sum off 1 by more than 0.005) are rounded one by one. A missing
    part is 0. At equal remainders the first takes the point.
    """
    exact = [0.0 if math.isnan(value) else round(value * 100, 9) for value in values]
    if abs(sum(exact) - 100) > 0.5:
        return [int(_rounded(value)) for value in exact]
    parts = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda part: parts[part] - exact[part])
    for part in by_remainder[: 100 - sum(parts)]:
        parts[part] += 1
    return parts
