"""Results that are kept until another publication is shown: they would keep the former alive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import lru_cache, wraps
from threading import get_ident
from typing import Generic, TypeVar

Held = TypeVar("Held")
Asked = TypeVar("Asked", bound=Callable[..., object])

_CLEARING: list[Callable[[], None]] = []


def kept(size: int) -> Callable[[Asked], Asked]:
    """As `functools.lru_cache`, emptied by `forget`: for what is computed of a publication.

    Who asks for what another thread is computing waits for it.
    """

    def around(function: Asked) -> Asked:
        keeping = lru_cache(size)(_once(function))
        _CLEARING.append(keeping.cache_clear)
        return keeping  # type: ignore[return-value]

    return around


def _once(function: Asked) -> Asked:
    """The same function, which threads that ask the same at the same time enter once."""
    under_way: dict[object, tuple[Future[object], int]] = {}

    @wraps(function)
    def asked(*args: object, **named: object) -> object:
        key = (args, *sorted(named.items()))
        mine: Future[object] = Future()
        first, thread = under_way.setdefault(key, (mine, get_ident()))
        if first is not mine and thread == get_ident():
            return function(*args, **named)  # it asks for itself: the stack will say so
        if first is not mine:
            found, known = _of_another(first)
            return found if known else function(*args, **named)
        try:
            found = function(*args, **named)
            mine.set_result(found)
            return found
        finally:
            del under_way[key]
            mine.cancel()  # nobody waits for what has failed

    return asked  # type: ignore[return-value]


def _of_another(first: Future[object]) -> tuple[object, bool]:
    """What another thread has computed, and whether it could."""
    try:
        return first.result(), True
    except CancelledError:
        return None, False


def forget() -> None:
    """Let go of all that is kept: whoever still asks about a former publication computes anew."""
    for clear in _CLEARING:
        clear()


@dataclass(frozen=True, eq=False)
class Same(Generic[Held]):
    """An argument of what is kept that is itself and no equal: nothing of it is hashed."""

    held: Held

    def __hash__(self) -> int:
        return id(self.held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.held is self.held
