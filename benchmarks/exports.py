"""A chart as a workbook, a page, and an image of the server, and the whole deck as each of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from barometer import deck, declarations, figures
from barometer.charts import View
from barometer.declarations import YEARLY
from barometer.render import browser, excel, html, image
from barometer.store import Home, Publications
from benchmarks import servers
from benchmarks.measurement import Goal, Measurement


def measure(folder: Path) -> list[Measurement]:
    """Seconds from the figures of a chart to the bytes of a file, and of the yearly deck.

    Each chart is written once, so no renderer has drawn it before; figures are computed beforehand,
    as they are when a visitor clicks under a chart that is on screen.
    """
    home = servers.home_at(folder)
    servers.publish(home)
    source = Publications(Home(home)).current()
    if source is None:
        raise RuntimeError("nothing was published")
    declared = declarations.load(home / "data", source.codebook)
    printed = figures.load(home / "data", "published")
    wanted = declared.deck(YEARLY)
    if wanted is None:
        raise RuntimeError(f"no deck {YEARLY}")
    made = deck.yearly(source, declared, wanted, View(source.years[-1]), printed)
    sheets = [_seconds(lambda one=one: excel.chart(one.spec)) for one in made.slides]  # type: ignore[misc]
    found = [
        Measurement("XLSX of a chart", statistics.median(sheets), "s", None, Goal(0.3, "value")),
        Measurement("XLSX of a chart, slowest", max(sheets), "s", None, Goal(0.3, "value")),
        Measurement("XLSX of the yearly deck", _seconds(lambda: excel.deck(made)), "s"),
        Measurement("HTML of the yearly deck", _seconds(lambda: html.page(made)), "s"),
    ]
    if browser.find() is None:
        return found
    images = [_seconds(lambda one=one: image.draw(one.spec)) for one in made.slides]  # type: ignore[misc]
    found += [
        Measurement("server image, first", images[0], "s"),
        Measurement("server image, next", statistics.median(images[1:]), "s"),
        Measurement("server image, slowest of the next", max(images[1:]), "s"),
        Measurement("PDF of the yearly deck", _seconds(lambda: html.pdf(made)), "s"),
    ]
    return found


def _seconds(make: Callable[[], bytes]) -> float:
    start = time.perf_counter()
    make()
    return time.perf_counter() - start
