"""Results that are kept until another publication is shown: they would keep the former alive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

Held = TypeVar("Held")
Asked = TypeVar("Asked", bound=Callable[..., object])

_CLEARING: list[Callable[[], None]] = []


def kept(size: int) -> Callable[[Asked], Asked]:
    """As `functools.lru_cache`, emptied by `forget`: for what is computed of a publication."""

    def around(function: Asked) -> Asked:
        keeping = lru_cache(size)(function)
        _CLEARING.append(keeping.cache_clear)
        return keeping  # type: ignore[return-value]

    return around


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
