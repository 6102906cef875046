"""Long work on the command line: how far it is, and what Ctrl-C leaves."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

# The last is of a terminal that closes; Windows has none.
SIGNALS = (signal.SIGINT, signal.SIGTERM, *[s for s in signal.Signals if s.name == "SIGHUP"])
OFTEN = 10  # seconds between two lines where no bar can be drawn
Show = Callable[[float, str], object]


class StoppedError(Exception):
    """Somebody stopped a command; `status` is what its process ends with."""

    def __init__(self, kept: str, number: int) -> None:
        super().__init__(kept)
        self.status = 128 + number


@contextmanager
def interruptible(kept: str) -> Iterator[None]:
    """Ctrl-C, or a request to end, stops the block once; others wait until all is tidied up.

    Raises StoppedError, which says what was `kept`.
    """
    told: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        hold()
        told.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in heard()}
    try:
        yield
    except Exception:
        if not told:
            raise
        raise StoppedError(kept, told[0]) from None  # DuckDB says so by an error of its own
    except KeyboardInterrupt:
        raise StoppedError(kept, told[0] if told else signal.SIGINT) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def heard() -> list[signal.Signals]:
    """Those of SIGNALS that are not ignored: under nohup, work outlives its terminal."""
    return [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]


def hold() -> None:
    """From here to the end of the block, nothing interrupts it: what it does is short."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def progress(label: str) -> Iterator[Show]:
    """A bar on standard error with what is left; a line now and then where it is not a terminal."""
    if not sys.stderr.isatty():
        click.echo(label, err=True)
        yield _lines(label)
        return
    with click.progressbar(
        length=1000, label=label, file=sys.stderr, item_show_func=lambda step: step
    ) as bar:
        yield lambda share, step: bar.update(int(1000 * share) - bar.pos, step)
        bar.update(1000 - bar.pos)


def _lines(label: str) -> Show:
    start = last = time.monotonic()

    def show(share: float, step: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < OFTEN or share <= 0:
            return
        last = now
        left = (now - start) * (1 - share) / share
        click.echo(f"{label}: {share:.0%}, {step}, {_about(left)} left", err=True)

    return show


def _about(seconds: float) -> str:
    return f"about {seconds / 60:.0f} min" if seconds >= 90 else f"about {seconds:.0f} s"
