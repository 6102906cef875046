"""The yearly deck and one slide, from figures that nobody has asked for yet to the bytes."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from barometer import deck, declarations, figures
from barometer.charts import View
from barometer.declarations import YEARLY, Declarations
from barometer.render import powerpoint
from barometer.store import Home, Publication, Publications
from benchmarks import servers
from benchmarks.measurement import Goal, Measurement

SLIDES = 12  # one-slide files


def measure(folder: Path) -> list[Measurement]:
    """Seconds of the first deck of a process, median of the next ones, median of one slide.

    Every deck is of another wave, filter or language, so that its figures are computed anew.
    """
    home = servers.home_at(folder)
    servers.publish(home)
    source = Publications(Home(home)).current()
    if source is None:
        raise RuntimeError("nothing was published")
    declared = declarations.load(home / "data", source.codebook)
    printed = figures.load(home / "data", "published")
    views = _views(source)

    def make() -> bytes:
        wanted = declared.deck(YEARLY)
        if wanted is None:
            raise RuntimeError(f"no deck {YEARLY}")
        return powerpoint.deck(deck.yearly(source, declared, wanted, next(views), printed))

    first = _seconds(make)
    decks = [_seconds(make) for _ in source.years]
    slides = list(_slides(source, declared, printed))
    charts = len(declared.deck(YEARLY).charts)  # type: ignore[union-attr]  # made just now
    bare = statistics.median(_seconds(lambda: _bare(charts)) for _ in range(3))
    second = statistics.median(decks)
    return [
        Measurement("yearly deck, first of the process", first, "s", bare, Goal(2, "value")),
        Measurement("yearly deck, another view", second, "s", bare, Goal(2, "value")),
        Measurement("yearly deck, slowest view", max(decks), "s"),
        Measurement("one slide", statistics.median(slides), "s", None, Goal(0.3, "value")),
        Measurement("one slide, slowest", max(slides), "s"),
    ]  # fmt: skip


def _views(source: Publication) -> Iterator[View]:
    """Views that nobody has asked for: waves and languages, then levels of the main dimension."""
    main = source.codebook.main_dimension
    for level in (None, *main.levels):
        where = () if level is None else ((main.code, (level.code,)),)
        for language in ("fr", "en"):
            for year in source.years:
                yield View(year, where, language)


def _slides(source: Publication, declared: Declarations, printed: pd.DataFrame) -> Iterator[float]:
    """Seconds of a file of one chart, each chart with a level that no deck had."""
    main = source.codebook.main_dimension
    where = ((main.code, (main.levels[-1].code,)),)
    for chart in [chart for chart in declared.charts if chart.by != main.code][:SLIDES]:
        view = View(source.years[-1], where, "fr")

        def make(name: str = chart.name, view: View = view) -> bytes:
            wanted = deck.Wanted(name, view)
            made = deck.build(source, declared, [wanted], view, printed)
            return powerpoint.slide(made.slides[0]) if made.slides else b""

        yield _seconds(make)


def _bare(charts: int) -> bytes:
    """A file of as many charts without words, notes or design: what python-pptx alone takes."""
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    file = Presentation()
    for _ in range(charts):
        data = CategoryChartData()
        data.categories = [f"item {i}" for i in range(8)]
        for series in range(3):
            data.add_series(f"series {series}", [0.1 * i for i in range(8)])
        slide = file.slides.add_slide(file.slide_layouts[6])
        slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, 9000000, 6000000, data)
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()


def _seconds(make: Callable[[], bytes]) -> float:
    start = time.perf_counter()
    make()
    return time.perf_counter() - start
