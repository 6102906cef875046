"""What a server tells the machines that watch it: whether it is ready, and what it does."""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.runtime import Runtime, exists

from barometer import charts, measure
from barometer.codebook import CodebookError
from barometer.store import Publication, PublicationError
from barometer.ui import cards, opening, warming

WITHIN = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds: bounds of the histogram
CACHES = {
    "sums": Publication.sums,
    "tables": measure.waves,
    "chart_tables": measure.shown.rows,
    "headlines": charts.headline,
    "charts": cards._built,
    "figures": cards._drawn,
}
log = logging.getLogger(__name__)


class Reruns:
    """How many reruns ended within each bound, and the seconds of all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = [0] * (len(WITHIN) + 1)
        self._seconds = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the block as one rerun, however it ends."""
        start = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - start
            with self._lock:
                self._counts[bisect_left(WITHIN, took)] += 1
                self._seconds += took

    def lines(self) -> Iterator[str]:
        """The histogram in Prometheus's text format."""
        with self._lock:
            counts, seconds = list(self._counts), self._seconds
        so_far = 0
        yield "# TYPE barometer_rerun_seconds histogram"
        for bound, count in zip((*map(str, WITHIN), "+Inf"), counts, strict=True):
            so_far += count
            yield f'barometer_rerun_seconds_bucket{{le="{bound}"}} {so_far}'
        yield f"barometer_rerun_seconds_sum {seconds:.6f}"
        yield f"barometer_rerun_seconds_count {so_far}"


RERUNS = Reruns()


def run() -> None:
    """The whole application, each run of it counted: called by app.py."""
    with RERUNS.timed():
        opening.run()


def ready() -> str | None:
    """What visitors see now: the publication, "" while nothing is published, None for no page.

    A barometer without a wave is ready: its first page leads its owner to the import. The log says
    why there is no page.
    """
    try:
        publication = opening.openable()
    except (PublicationError, CodebookError, OSError) as fault:
        log.error("not ready: %s", fault)
        return None
    return "" if publication is None else publication.id


def metrics() -> str:
    """Sessions, reruns and their seconds, hits of caches and the publication, for Prometheus."""
    lines = ["# TYPE barometer_sessions gauge", f"barometer_sessions {_sessions()}"]
    lines += RERUNS.lines()
    for kind, name in (("hits", "barometer_cache_hits"), ("misses", "barometer_cache_misses")):
        lines.append(f"# TYPE {name} counter")
        for cache, function in CACHES.items():
            info: Any = function.cache_info()  # type: ignore[attr-defined]
            lines.append(f'{name}_total{{cache="{cache}"}} {getattr(info, kind)}')
    lines.append("# TYPE barometer_prepared gauge")
    lines.append(f"barometer_prepared {int(warming.prepared.is_set())}")
    lines.append("# TYPE barometer_publication_info gauge")
    lines.append(f'barometer_publication_info{{id="{ready() or ""}"}} 1')
    return "\n".join(lines) + "\n"


def _sessions() -> int:
    return len(Runtime.instance()._session_mgr.list_active_sessions()) if exists() else 0
