"""What is kept is computed once, whoever asks, and let go of together."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from barometer.kept import forget, kept


def test_threads_that_ask_the_same_at_once_have_it_computed_once() -> None:
    asked: list[int] = []
    all_here = threading.Barrier(4)

    @kept(8)
    def slow(number: int) -> list[int]:
        asked.append(number)
        time.sleep(0.2)
        return [number]

    def ask(number: int) -> list[int]:
        all_here.wait()
        return slow(number)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, [1, 1, 1, 2]))
    assert sorted(asked) == [1, 2]
    assert found[0] is found[1] is found[2]


def test_who_waits_for_what_fails_tries_for_themselves() -> None:
    tried: list[str] = []
    begun = threading.Event()

    @kept(8)
    def fails_first() -> str:
        tried.append(threading.current_thread().name)
        if len(tried) == 1:
            begun.set()
            time.sleep(0.2)
            raise ValueError("for some reason")
        return "found"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(fails_first)
        begun.wait()
        second = pool.submit(fails_first)
        with pytest.raises(ValueError, match="for some reason"):
            first.result()
        assert second.result() == "found"
    assert len(tried) == 2


def test_what_is_kept_is_computed_anew_after_it_was_forgotten() -> None:
    asked: list[int] = []

    @kept(8)
    def once(number: int) -> int:
        asked.append(number)
        return number

    for _ in range(2):
        once(1)
        once(1)
        forget()
    assert asked == [1, 1]


def test_what_asks_for_itself_ends_in_an_error_and_not_in_silence() -> None:
    @kept(8)
    def circular(number: int) -> int:
        return circular(number)

    with pytest.raises(RecursionError):
        circular(1)
