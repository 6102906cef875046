"""Decide in the background what each base may show, so that no visitor waits for it."""

from __future__ import annotations

import logging
import os
import threading
import time

from barometer import measure
from barometer.store import Publication, PublicationError
from barometer.ui import opening

SWITCH = "BAROMETER_WARM"  # 0 in the environment: nothing is done ahead
LOOK = 2.0  # seconds between two looks for another publication
PAUSE = 2.0  # seconds of rest for a second of work: visitors come first
prepared = threading.Event()  # every decision about the current publication is taken
log = logging.getLogger(__name__)


def wanted() -> bool:
    """Whether this server decides ahead."""
    return os.environ.get(SWITCH, "1") != "0"


def start(stop: threading.Event) -> threading.Thread:
    """A thread that keeps decisions ready for the current publication until `stop` is set.

    There is one a process, so nothing is decided twice; what a visitor needs first is decided when
    they ask, and found here.
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
        except (PublicationError, OSError) as fault:  # visitors read why, each at their own visit
            log.debug("nothing to prepare: %s", fault)
        stop.wait(LOOK)


def warm(publication: Publication, stop: threading.Event) -> bool:
    """Take every decision about a publication; False where it was left unfinished."""
    start = time.perf_counter()
    for _ in measure.decided(publication):
        took = time.perf_counter() - start
        if stop.wait(PAUSE * took) or opening.current() is not publication:
            return False
        start = time.perf_counter()
    return True
