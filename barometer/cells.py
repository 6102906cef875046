"""Select cells: which indicator, split by what, filtered to whom."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from barometer.codebook import YEAR, Codebook


class SelectionError(ValueError):
    """A selection that names something the codebook or the waves do not have."""


@dataclass(frozen=True)
class Selection:
    """What to sum: `by` splits into groups, `where` keeps some levels of some dimensions.

    The year is a dimension like the others. No items means all of them.
    """

    indicator: str
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    items: tuple[str, ...] | None = None

    @property
    def keys(self) -> list[str]:
        """Names of the columns that identify one group of one item."""
        return ["item", *self.by]

    def filtered(self, dimension: str) -> tuple[str, ...] | None:
        """The levels kept of a dimension, None where it is not filtered."""
        return dict(self.where).get(dimension)


def select(
    codebook: Codebook,
    years: Iterable[int],
    indicator: str,
    by: Iterable[str] = (),
    where: Mapping[str, Iterable[str]] | None = None,
    items: Iterable[str] | None = None,
) -> Selection:
    """A checked selection.

    Raises SelectionError with the nearest names where one is unknown.
    """
    if indicator not in codebook.by_indicator:
        raise SelectionError(_unknown("indicator", indicator, codebook.by_indicator))
    declared = codebook.by_indicator[indicator]
    by = tuple(dict.fromkeys(by))
    for name in by:
        if name != YEAR and name not in codebook.by_dimension:
            raise SelectionError(_unknown("dimension", name, [*codebook.by_dimension, YEAR]))
    filters = []
    for name, levels in sorted((where or {}).items()):
        known = _levels(codebook, years, name)
        kept = tuple(dict.fromkeys(str(level) for level in levels))
        for level in kept:
            if level not in known:
                raise SelectionError(_unknown(f"level of {name}", level, known))
        filters.append((name, kept))
    chosen = None if items is None else tuple(dict.fromkeys(items))
    for item in chosen or ():
        if item not in declared.by_code:
            raise SelectionError(_unknown(f"item of {indicator}", item, declared.by_code))
    return Selection(indicator, by, tuple(filters), chosen)


def _levels(codebook: Codebook, years: Iterable[int], name: str) -> list[str]:
    if name == YEAR:
        return [str(year) for year in years]
    if name not in codebook.by_dimension:
        raise SelectionError(_unknown("dimension", name, [*codebook.by_dimension, YEAR]))
    return [level.code for level in codebook.by_dimension[name].levels]


def _unknown(kind: str, given: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(given, known, n=3) or known[:8]
    return f"there is no {kind} {given!r}; did you mean {', '.join(near)}?"
