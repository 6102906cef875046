"""Databases at work in threads of their own, and the one word that ends them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock
from typing import Protocol, TypeVar


class Interruptible(Protocol):
    """A connection to a database."""

    def interrupt(self) -> None:
        """End the query that runs."""

    def close(self) -> None:
        """Be used no more."""


Database = TypeVar("Database", bound=Interruptible)


class Crew:
    """Databases at work, what they say, and who stops them."""

    def __init__(self) -> None:
        self._at_work: list[Interruptible] = []
        self._lock = Lock()  # what is being closed must not be interrupted
        self._said: SimpleQueue[str] = SimpleQueue()
        self._stopped = False

    @contextmanager
    def member(self, con: Database) -> Iterator[Database]:
        """A database that `stop` interrupts, closed in the end."""
        with self._lock:
            self._at_work.append(con)
        try:
            yield con
        finally:
            with self._lock:
                self._at_work.remove(con)
            con.close()

    def go_on(self, step: str) -> None:
        """Say what comes next. Raises CancelledError after `stop`."""
        if self._stopped:
            raise CancelledError
        self._said.put(step)

    def said(self) -> Iterator[str]:
        """What was said since."""
        while not self._said.empty():
            yield self._said.get()

    def stop(self) -> None:
        """Interrupt every query that runs, and let none begin."""
        with self._lock:
            self._stopped = True
            for con in self._at_work:
                con.interrupt()
