"""A chart as an image made on the server, with its words around it, in the light theme."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import html
import textwrap
import threading
from typing import Any, Literal

from barometer.render import browser, screen
from barometer.render.browser import BrowserError
from barometer.render.text import drawable, legible, shortened
from barometer.spec import ChartSpec
from barometer.style import FIXED, LIGHT, NARROW
from barometer.words import translator

Format = Literal["png", "svg"]

WIDTH = 1000  # pixels, before the scale
PAD = 24
SIZES = {"headline": 18, "lines": 13, "foot": 11}
WIDE, BOLD = 0.53, 0.58  # of a letter, in its size, about: the typeface may be another
LONG = {"headline": 300, "lines": 500, "foot": 1500}  # characters of each block
STARTS_WITHIN, DRAWS_WITHIN = 40, 30  # seconds
LETTER = 7.2  # pixels of a letter beside an axis


def draw(
    spec: ChartSpec,
    form: Format = "png",
    scale: int = 2,
    *,
    margins: bool = False,
    title: str = "",
) -> bytes:
    """The chart with headline, measure, base, source and provenance, `scale` times 1,000 px wide.

    `title` replaces the headline. Raises BrowserError, with a sentence, where there is no browser
    or it does not answer in time.
    """
    figure = framed(spec, margins=margins, title=title)
    return _PAINTER.paint(figure, form, scale, spec.language)


# --- the words around it -------------------------------------------------------------------------


def framed(spec: ChartSpec, *, margins: bool = False, title: str = "") -> dict[str, Any]:
    """The figure of an image: the chart, its words above and below, on white."""
    drawn = screen.drawing(drawable(spec), LIGHT, margins=margins)
    layout = dict(drawn["layout"])
    margin, inner = layout["margin"], WIDTH - 2 * PAD
    facts = " · ".join(filter(None, (spec.base, spec.waves, spec.filters)))
    below = (facts, " · ".join(spec.notes), f"{spec.source} · {spec.provenance}")
    head = _block([title or spec.headline], "headline", inner)
    lines = _block([spec.measure], "lines", inner)
    foot = _block([line for line in below if line], "foot", inner)
    above, under = head[1] + lines[1] + 24, foot[1] + 20
    left = PAD + max(margin["l"], _labels(layout))
    for name, axis in layout.items():
        if name.startswith("yaxis"):
            layout[name] = axis | {"automargin": False}
    top, bottom = margin["t"] + above + PAD, margin["b"] + under + PAD
    layout["annotations"] = [
        *layout.get("annotations", []),
        _note(f"<b>{head[0]}</b>", "headline", LIGHT.text, left, 1, top - PAD),
        _note(lines[0], "lines", LIGHT.muted, left, 1, top - PAD - head[1] - 6),
        _note(foot[0], "foot", LIGHT.muted, left, 0, PAD - bottom),
    ]
    layout["margin"] = {"l": left, "r": margin["r"] + PAD, "t": top, "b": bottom}
    layout["width"] = WIDTH
    layout["height"] = round(layout["height"] + above + under + 2 * PAD)
    layout["paper_bgcolor"] = LIGHT.background
    return {"data": drawn["data"], "layout": layout}


def _block(texts: list[str], place: str, width: int) -> tuple[str, float]:
    """Texts over lines that fit a width, as Plotly reads them, and their height in pixels."""
    size = SIZES[place]
    letters = int(width / (size * (BOLD if place == "headline" else WIDE)))
    fixed = {ord(FIXED): "\x00", ord(NARROW): "\x01"}  # textwrap would break at them
    rows = [
        row.replace("\x00", FIXED).replace("\x01", NARROW)
        for text in texts
        for row in textwrap.wrap(shortened(legible(text), LONG[place]).translate(fixed), letters)
        or [""]
    ]
    return "<br>".join(html.escape(row, quote=False) for row in rows), len(rows) * size * 1.35


def _labels(layout: dict[str, Any]) -> float:
    """Pixels that the labels beside the first axis take, which Plotly would find by itself."""
    axis = layout.get("yaxis", {})
    if axis.get("visible") is False or axis.get("showticklabels") is False:
        return 0
    texts = [html.unescape(str(text)) for text in axis.get("ticktext", [])]
    rows = [row for text in texts for row in text.split("<br>")]
    return 14 + LETTER * max(map(len, rows), default=0)


def _note(text: str, place: str, colour: str, left: float, y: int, yshift: float) -> dict[str, Any]:
    """Words at the left edge of the image; `yshift` counts from an edge of the plot."""
    return {
        "text": text,
        "x": 0,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top" if y else "bottom",
        "xshift": PAD - left,
        "yshift": yshift,
        "align": "left",
        "showarrow": False,
        "font": {"size": SIZES[place], "color": colour},
    }


# --- the one renderer ----------------------------------------------------------------------------


class _Painter:
    """One browser that stays open and draws one image at a time.

    Kaleido's own server mixes the images of two threads up, and hangs where there is no browser:
    hence the lock, the search beforehand, and a bound on each wait. After a fault the browser is
    given up, and the next image starts another.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._kaleido: Any = None
        self._path = ""

    def paint(self, figure: dict[str, Any], form: Format, scale: int, language: str) -> bytes:
        """The image of a figure; BrowserError as `draw` says."""
        path = browser.find()
        if path is None:
            raise BrowserError(browser.missing(language))
        size = {"width": figure["layout"]["width"], "height": figure["layout"]["height"]}
        options = {"format": form, "scale": scale if form == "png" else 1, **size}
        with self._lock:
            try:
                if self._kaleido is None or path != self._path:
                    self._start(path)
                return bytes(self._wait(self._kaleido.calc_fig(figure, opts=options), DRAWS_WITHIN))
            except Exception as fault:
                self._give_up()
                _ = translator(language)
                raise BrowserError(
                    _("The browser of the server did not draw this image: try again.")
                ) from fault

    def close(self) -> None:
        """Close the browser; the next image starts another."""
        with self._lock:
            self._give_up()

    def _start(self, path: str) -> None:
        self._give_up()
        from kaleido import Kaleido  # most of a second, only where used

        self._loop = loop = asyncio.new_event_loop()

        def run() -> None:
            loop.run_forever()
            loop.close()

        threading.Thread(target=run, name="images", daemon=True).start()

        async def opened() -> Any:
            # No MathJax: it would be fetched.
            made = Kaleido(
                n=1,
                timeout=DRAWS_WITHIN,
                mathjax=False,
                path=path,
                enable_sandbox=browser.sandboxed(),
            )
            await made.open()
            return made

        self._kaleido = self._wait(opened(), STARTS_WITHIN)
        self._path = path

    def _wait(self, coroutine: Any, seconds: float) -> Any:
        if self._loop is None:
            raise RuntimeError("the renderer is not open")
        answer = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return answer.result(seconds)
        except concurrent.futures.TimeoutError:
            answer.cancel()
            raise

    def _give_up(self) -> None:
        loop, kaleido = self._loop, self._kaleido
        self._loop = self._kaleido = None
        if loop is None:
            return
        if kaleido is not None:
            closing = asyncio.run_coroutine_threadsafe(kaleido.close(), loop)
            try:
                closing.result(10)
            except Exception:
                closing.cancel()
        loop.call_soon_threadsafe(loop.stop)


_PAINTER = _Painter()
atexit.register(_PAINTER.close)
