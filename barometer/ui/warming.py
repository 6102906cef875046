"""Prepare in the background what no visitor should wait for: decisions, and pages as they open."""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
from collections.abc import Iterator

from barometer import measure
from barometer.access import NOBODY
from barometer.charts import View
from barometer.codebook import LANGUAGES, CodebookError
from barometer.store import Publication, PublicationError
from barometer.ui import cards, opening
from barometer.ui.opening import Screen

SWITCH = "BAROMETER_WARM"  # 0 in the environment: nothing is done ahead
LOOK = 2.0  # seconds between two looks for another publication
PAUSE = 2.0  # seconds of rest for a second of work: visitors come first
prepared = threading.Event()  # all is ready for the current publication
log = logging.getLogger(__name__)


def wanted() -> bool:
    """Whether this server works ahead."""
    return os.environ.get(SWITCH, "1") != "0"


def start(stop: threading.Event) -> threading.Thread:
    """A thread that keeps the current publication prepared until `stop` is set.

    There is one a process, so nothing is done twice; what a visitor needs first is done when they
    ask, and found here.
    """
    thread = threading.Thread(target=_keep, args=(stop,), name="warming", daemon=True)
    thread.start()
    return thread


def _keep(stop: threading.Event) -> None:
    done: Publication | None = None
    while not stop.is_set():
        try:
            publication = opening.current()
            if publication is not None and publication is not done:
                prepared.clear()
                if not warm(publication, stop):
                    continue  # another one is current, or the server ends
                done = publication
                prepared.set()
        # Visitors read why, each at their own visit.
        except (PublicationError, CodebookError, OSError) as fault:
            log.debug("nothing to prepare: %s", fault)
        stop.wait(LOOK)


def warm(publication: Publication, stop: threading.Event) -> bool:
    """Take every decision about a publication, then draw up what its pages show when they open.

    False where it was left unfinished.
    """
    start = time.perf_counter()
    for _ in itertools.chain(measure.decided(publication), _opened(publication)):
        took = time.perf_counter() - start
        if stop.wait(PAUSE * took) or opening.current() is not publication:
            return False
        start = time.perf_counter()
    return True


def _opened(publication: Publication) -> Iterator[None]:
    """Each page as it opens, a page at a step: the last wave, everybody, in each language."""
    declared = opening.declared(publication)
    published, reference = map(opening.printed_elsewhere, ("published", "reference"))
    first = publication.codebook.main_dimension.levels[0].code
    for page, language in itertools.product(declared.pages, LANGUAGES):
        profile = any(declared.by_name[name].compared for name in page.charts)
        view = View(publication.years[-1], (), language, level=first if profile else "")
        seen = (page, publication, declared, published, reference, view)
        cards.prepare(Screen(*seen, margins=False, tables=frozenset(), visitor=NOBODY))
        yield
