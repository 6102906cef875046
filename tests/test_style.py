"""Palettes that everyone can read, one typeface, and numbers printed to the letter."""

from __future__ import annotations

import itertools
import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from barometer import style
from barometer.style import DARK, LIGHT, Theme

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "static"
CONFIG: dict[str, Any] = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))

both_themes = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)

NNBSP, NBSP, MINUS = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"

# --- Colour as the eye sees it, written apart from the module it checks --------------------------

Vector = NDArray[np.float64]

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
SRGB_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
D65 = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> Vector:
    """Linear RGB of #rrggbb."""
    values = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def wcag(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    dark, light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: str, vision: str = "normal") -> Vector:
    """CIE L*a*b* of a colour as one kind of sight perceives it."""
    seen = np.clip(VISION[vision] @ linear(colour), 0, 1)
    xyz = SRGB_TO_XYZ @ seen / D65
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def delta_e(one: Vector, other: Vector) -> float:
    """CIEDE2000 difference of two L*a*b* colours (Sharma, Wu and Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * math.sqrt(chroma7 / (chroma7 + 25**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    if not c1 * c2:
        hue = h1 + h2
    elif abs(h1 - h2) <= 180:
        hue = (h1 + h2) / 2
    else:
        hue = (h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2
    dl, dc, dh = l2 - l1, c2 - c1, 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    weight = (
        1
        - 0.17 * math.cos(math.radians(hue - 30))
        + 0.24 * math.cos(math.radians(2 * hue))
        + 0.32 * math.cos(math.radians(3 * hue + 6))
        - 0.20 * math.cos(math.radians(4 * hue - 63))
    )
    sl = 1 + 0.015 * (lightness - 50) ** 2 / math.sqrt(20 + (lightness - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * weight
    rotation = -2 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    rotation *= math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    return math.sqrt(
        (dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * dc / sc * dh / sh
    )


def nearest(colours: tuple[str, ...], vision: str) -> float:
    """The smallest difference between two of some colours."""
    seen = [lab(colour, vision) for colour in colours]
    return min(delta_e(one, other) for one, other in itertools.combinations(seen, 2))


def over(colour: str, background: str, opacity: float) -> str:
    """A colour drawn with an opacity on a background."""
    pairs = ((int(colour[i : i + 2], 16), int(background[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(
        f"{round(top * opacity + under * (1 - opacity)):02x}" for top, under in pairs
    )


def test_the_measure_of_difference_is_ciede2000() -> None:
    # pairs 1, 7, 16 and 25 of the table published with the formula
    published = [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ]
    for one, other, expected in published:
        assert delta_e(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)


# --- Palettes ------------------------------------------------------------------------------------


@both_themes
@pytest.mark.parametrize("behind", ["background", "surface"])
def test_words_read_on_both_grounds(theme: Theme, behind: str) -> None:
    ground = getattr(theme, behind)
    for name in ("text", "muted", "accent", "positive", "negative", "caution"):
        assert wcag(getattr(theme, name), ground) >= 4.5, name
    assert wcag(over(theme.text, ground, 0.6), ground) >= 4.5, "a caption"


@both_themes
def test_words_read_on_the_tints_that_streamlit_derives(theme: Theme) -> None:
    opacity = 0.1 if theme is LIGHT else 0.2
    for name, tint in (
        ("caution", theme.series[1]),
        ("positive", theme.positive),
        ("negative", theme.negative),
    ):
        ground = over(tint, theme.background, opacity)
        assert wcag(getattr(theme, name), ground) >= 4.5, name
    assert wcag(theme.accent, over(theme.accent, theme.background, 0.1)) >= 4.5, "a chosen pill"
    assert wcag(theme.sequential[5], theme.sequential[0]) >= 4.5, "a notice or a change"


@both_themes
def test_every_series_colour_stands_out_from_the_page(theme: Theme) -> None:
    for colour in theme.series:
        assert wcag(colour, theme.background) >= 3
        assert wcag(colour, theme.surface) >= 3
    for position in range(30):
        assert wcag(style.series_colour(theme, position), theme.background) >= 3


@both_themes
@pytest.mark.parametrize("vision", VISION)
def test_series_colours_are_told_apart_whatever_the_sight(theme: Theme, vision: str) -> None:
    assert nearest(theme.series[:3], vision) >= 15
    assert nearest(theme.series[:6], vision) >= 12
    assert nearest(theme.series, vision) >= 7
    assert nearest((theme.accent, *theme.series), vision) >= 6


@both_themes
def test_later_rounds_are_softer_and_still_different(theme: Theme) -> None:
    rounds = tuple(style.series_colour(theme, position) for position in range(30))
    assert rounds[:10] == theme.series
    assert len(set(rounds)) == 30
    assert nearest(rounds, "normal") >= 6
    assert style.series_colour(theme, 30) == rounds[0]


def test_a_colour_keeps_its_hue_from_light_to_dark() -> None:
    for light, dark in zip(LIGHT.series[:9], DARK.series[:9], strict=True):
        hues = [math.degrees(math.atan2(b, a)) for _, a, b in (lab(light), lab(dark))]
        assert abs((hues[0] - hues[1] + 180) % 360 - 180) < 45


@both_themes
@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_neighbouring_stages_differ(theme: Theme, vision: str, count: int) -> None:
    colours = style.ordered_colours(theme, count)
    assert len(colours) == count
    for one, other in itertools.pairwise(colours):
        assert delta_e(lab(one, vision), lab(other, vision)) >= 6.5


@both_themes
def test_stages_rise_away_from_the_page(theme: Theme) -> None:
    assert style.ordered_colours(theme, 0) == ()
    assert style.ordered_colours(theme, 1) == (theme.neutral,)
    for count in range(2, 8):
        rising = [wcag(c, theme.background) for c in style.ordered_colours(theme, count)]
        assert rising == sorted(rising)


@both_themes
@pytest.mark.parametrize("vision", VISION)
def test_heat_map_steps_rise_and_differ(theme: Theme, vision: str) -> None:
    assert len(theme.sequential) == 7
    rising = [wcag(colour, theme.background) for colour in theme.sequential]
    assert rising == sorted(rising)
    for one, other in itertools.pairwise(theme.sequential):
        assert delta_e(lab(one, vision), lab(other, vision)) >= 3.5


@both_themes
def test_a_cell_takes_the_step_of_its_value(theme: Theme) -> None:
    steps = theme.sequential
    assert style.sequential_colour(theme, 0) == style.sequential_colour(theme, -1) == steps[0]
    assert style.sequential_colour(theme, 1) == style.sequential_colour(theme, 9) == steps[6]
    assert style.sequential_colour(theme, 0.5) == steps[3]
    assert style.sequential_colour(theme, math.nan) == theme.surface


@both_themes
def test_labels_read_on_every_fill(theme: Theme) -> None:
    fills = {
        *theme.sequential,
        *(style.series_colour(theme, position) for position in range(30)),
        *(colour for count in range(1, 9) for colour in style.ordered_colours(theme, count)),
    }
    for fill in fills:
        assert wcag(style.text_on(fill), fill) >= 4.5, fill


@given(st.integers(0, 0xFFFFFF))
def test_a_label_reads_on_any_fill(value: int) -> None:
    fill = f"#{value:06x}"
    assert wcag(style.text_on(fill), fill) >= 4.5


def test_contrast() -> None:
    assert style.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert style.contrast("#3a67bd", "#ffffff") == pytest.approx(wcag("#3a67bd", "#ffffff"))


# --- One source: .streamlit/config.toml ----------------------------------------------------------


@both_themes
def test_streamlit_shows_the_same_colours(theme: Theme) -> None:
    expected = {
        "primaryColor": theme.accent,
        "backgroundColor": theme.background,
        "secondaryBackgroundColor": theme.surface,
        "textColor": theme.text,
        "linkColor": theme.accent,
        "borderColor": theme.border,
        "dataframeBorderColor": theme.grid,
        "dataframeHeaderBackgroundColor": theme.surface,
        "dataframeHeaderTextColor": theme.muted,
        "grayColor": theme.muted,
        "grayTextColor": theme.muted,
        "grayBackgroundColor": theme.surface,
        "greenColor": theme.positive,
        "greenTextColor": theme.positive,
        "redColor": theme.negative,
        "redTextColor": theme.negative,
        "yellowColor": theme.series[1],
        "yellowTextColor": theme.caution,
        "orangeColor": theme.series[1],
        "orangeTextColor": theme.caution,
        "blueColor": theme.accent,
        "blueTextColor": theme.sequential[5],
        "blueBackgroundColor": theme.sequential[0],
        "chartCategoricalColors": list(theme.series),
        "chartSequentialColors": list(style.scale(theme, 10)),
    }
    assert CONFIG["theme"][theme.name] == expected


def test_streamlit_knows_every_option() -> None:
    from streamlit import config

    known = set(config.get_config_options())
    for section, options in CONFIG.items():
        for name, value in options.items():
            keys = [f"{name}.{key}" for key in value] if isinstance(value, dict) else [name]
            for key in keys:
                assert f"{section}.{key}" in known


def test_streamlit_serves_the_same_typeface() -> None:
    faces = CONFIG["theme"]["fontFaces"]
    served = tuple((f["url"], f["family"], f["weight"], f["unicodeRange"]) for f in faces)
    assert served == tuple(
        (f"app/static/{file}", style.FONT, str(weight), characters)
        for file, weight, characters in style.FONT_FILES
    )
    assert CONFIG["theme"]["font"] == style.FONT_STACK
    assert CONFIG["server"]["enableStaticServing"] is True


# --- Typeface ------------------------------------------------------------------------------------


def test_the_typeface_is_here_small_and_licensed() -> None:
    files = {file for file, _, _ in style.FONT_FILES}
    assert {path.name for path in STATIC.glob("*.woff2")} == files
    assert sum((STATIC / file).stat().st_size for file in files) < 150_000
    assert "SIL Open Font License" in (STATIC / "OFL.txt").read_text("utf-8")


def code_points(characters: str) -> set[int]:
    """The characters of a CSS unicode-range."""
    found: set[int] = set()
    for part in characters.replace("U+", "").split(", "):
        first, _, last = part.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


@pytest.mark.parametrize("weight", [400, 600])
def test_figures_have_one_width_and_no_character_is_missing(weight: int) -> None:
    fonts = pytest.importorskip("fontTools.ttLib")
    pytest.importorskip("brotli")
    widths: dict[int, float] = {}
    for file, of, characters in style.FONT_FILES:
        if of == weight:
            font = fonts.TTFont(STATIC / file)
            metrics, em = font["hmtx"], font["head"].unitsPerEm
            for code, glyph in font.getBestCmap().items():
                if code in code_points(characters):
                    assert code not in widths, f"U+{code:04X} is in two files"
                    widths[code] = metrics[glyph][0] / em
    assert len({widths[ord(digit)] for digit in "0123456789"}) == 1
    needed = "àâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊËÎÏÔÙÛÜŸŒÆ«»’“”–—…·•→↑↓−+±×=<>≥≤≈%€½*" + NBSP + NNBSP
    assert not [character for character in needed if ord(character) not in widths]
    assert 0.15 <= widths[ord(NNBSP)] <= 0.25, "thin, and wide enough to be seen"


# --- Numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (0.51, f"51{NNBSP}%", "51%"),
        (0.505, f"51{NNBSP}%", "51%"),  # half away from zero
        (0.145, f"15{NNBSP}%", "15%"),  # whatever the last bit of 0.145
        (0.5049999, f"50{NNBSP}%", "50%"),
        (0.0, f"0{NNBSP}%", "0%"),
        (1.0, f"100{NNBSP}%", "100%"),
        (math.nan, "–", "–"),
    ],
)
def test_share(value: float, french: str, english: str) -> None:
    assert style.share(value, "fr") == french
    assert style.share(value, "en") == english


@pytest.mark.parametrize(
    ("difference", "french", "english"),
    [
        (0.09, f"+9{NNBSP}pts", f"+9{NBSP}pts"),
        (-0.03, f"{MINUS}3{NNBSP}pts", f"{MINUS}3{NBSP}pts"),
        (0.0, f"0{NNBSP}pt", f"0{NBSP}pts"),
        (-0.004, f"0{NNBSP}pt", f"0{NBSP}pts"),
        (0.012, f"+1{NNBSP}pt", f"+1{NBSP}pt"),
        (-0.012, f"{MINUS}1{NNBSP}pt", f"{MINUS}1{NBSP}pt"),
        (0.015, f"+2{NNBSP}pts", f"+2{NBSP}pts"),
        (math.nan, "–", "–"),
    ],
)
def test_points(difference: float, french: str, english: str) -> None:
    assert style.points(difference, "fr") == french
    assert style.points(difference, "en") == english


def test_margin() -> None:
    assert style.margin(0.031, "fr") == f"±3{NNBSP}pts"
    assert style.margin(0.031, "en") == f"±3{NBSP}pts"
    assert style.margin(0.012, "fr") == f"±1{NNBSP}pt"
    assert style.margin(math.nan, "fr") == "–"


def test_number() -> None:
    assert style.number(1012345.678, "fr", 2) == f"1{NNBSP}012{NNBSP}345,68"
    assert style.number(1012345.678, "en", 2) == "1,012,345.68"
    assert style.number(-2.5, "fr") == f"{MINUS}3"
    assert style.number(-0.2, "fr") == "0"
    assert style.number(0.32, "fr", 1, signed=True) == "+0,3"
    assert style.number(-0.32, "en", 1, signed=True) == f"{MINUS}0.3"
    assert style.number(0, "en", 1, signed=True) == "0.0"
    assert style.number(math.nan, "fr") == "–"


def test_mean() -> None:
    assert style.mean(4.25, "fr") == "4,3"
    assert style.mean(4.25, "en") == "4.3"
    assert style.mean(1.725, "fr", 2) == "1,73"


def test_a_change_of_a_mean_never_reads_as_a_signed_zero() -> None:
    assert style.mean_change(0.32, "fr") == "+0,3"
    assert style.mean_change(-1.25, "en") == f"{MINUS}1.3"
    assert style.mean_change(0.02, "fr") == "+0,02"
    assert style.mean_change(-0.049, "en") == f"{MINUS}0.05"
    assert style.mean_change(0.004, "en") == "0.0"
    assert style.mean_change(-0.004, "fr") == "0,0"
    assert style.mean_change(math.nan, "fr") == "–"


def test_count() -> None:
    assert style.count(1012, "fr") == f"n{NBSP}={NBSP}1{NNBSP}012"
    assert style.count(1012, "en") == f"n{NBSP}={NBSP}1,012"


def test_interval() -> None:
    assert style.interval(0.48, 0.54, "fr") == f"48{NBSP}à{NBSP}54{NNBSP}%"
    assert style.interval(0.48, 0.54, "en") == "48–54%"
    assert style.interval(0.511, 0.512, "fr") == f"51{NNBSP}%"
    assert style.interval(math.nan, 0.5, "fr") == "–"
    assert style.mean_interval(4.12, 4.48, "fr") == f"4,1{NBSP}à{NBSP}4,5"
    assert style.mean_interval(4.12, 4.48, "en") == "4.1–4.5"
    assert style.mean_interval(4.12, math.nan, "en") == "–"


def test_years() -> None:
    assert style.years([2002], "fr") == "2002"
    assert style.years([2001, 2000], "fr") == "2000 et 2001"
    assert style.years([2004, 2000, 2002], "fr") == "2000, 2002 et 2004"
    assert style.years([2004, 2000, 2002], "en") == "2000, 2002 and 2004"
    assert style.years(range(2000, 2008), "fr") == "2000–2007"
    assert style.years([], "fr") == "–"


@given(st.floats(0, 1))
def test_a_share_prints_its_whole_percentage(value: float) -> None:
    assert style.share(value, "en") == f"{style.percent(value)}%"
    assert abs(style.percent(value) - value * 100) <= 0.5 + 1e-6


# --- Stacks --------------------------------------------------------------------------------------

weights = st.lists(st.floats(0, 1), min_size=1, max_size=12).filter(lambda w: sum(w) > 1e-3)


@given(weights, st.floats(0.9951, 1.0049))
@example([1.0, 1.0, 1.0], 1.0)
def test_a_stack_sums_to_100_and_stays_near_its_values(parts: list[float], total: float) -> None:
    values = [part / sum(parts) * total for part in parts]
    rounded = style.stack(values)
    assert sum(rounded) == 100
    for value, shown in zip(values, rounded, strict=True):
        assert abs(shown - value * 100) < 1 + 1e-6
        assert shown == 0 or value > 0


def test_a_stack_gives_the_point_to_the_largest_remainder() -> None:
    assert style.stack([1 / 3, 1 / 3, 1 / 3]) == [34, 33, 33]
    assert style.stack([0.345, 0.288, 0.367]) == [34, 29, 37]
    assert style.stack([1.0]) == [100]
    assert style.stack([]) == []


def test_a_stack_that_is_not_a_whole_is_rounded_one_by_one() -> None:
    assert style.stack([0.505, 0.304]) == [51, 30]
    assert style.stack([math.nan, 0.5, 0.5]) == [0, 50, 50]
    assert style.stack([math.nan, 0.3]) == [0, 30]
