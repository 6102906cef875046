"""Select and add cells: which indicator, split by what, filtered to whom.

A *cell* holds the `SUMS` over the respondents of one profile who are in the base of one item; a
*profile* is a wave, a stratum in it and a level, or none, of every dimension.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csc_array

from barometer.codebook import YEAR, Codebook

SUMS = ("n", "w", "w2", "wy", "w2y", "w2y2", "n_y")
"""Over respondents: count, Σw, Σw², Σwy, Σw²y, Σw²y² and the count of y ≠ 0."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_COUNTS = ("n", "n_y")


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

    def widened(self) -> Selection:
        """The same of every item and wave, split by wave as well."""
        by = tuple(dict.fromkeys((*self.by, YEAR)))
        return Selection(self.indicator, by, tuple(p for p in self.where if p[0] != YEAR))


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


@dataclass(frozen=True, eq=False)
class Levels:
    """One level of some dimension, or none, for each of P profiles.

    `codes` is (P,): positions in `names`, which are in the order of texts; len(names) for none.
    """

    codes: Integers
    names: tuple[str, ...]

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> Levels:
        """The levels of P profiles, given by name; None for none."""
        names = tuple(sorted({text for text in texts if text is not None}))
        place: dict[str | None, int] = {name: code for code, name in enumerate(names)}
        none = len(names)
        return cls(np.array([place.get(text, none) for text in texts], dtype=np.int64), names)

    def among(self, names: Iterable[str]) -> npt.NDArray[np.bool_]:
        """(P,) whether a profile has one of the levels named."""
        wanted = frozenset(names)
        chosen = np.array([*(name in wanted for name in self.names), False])
        return chosen[self.codes]

    def named(self, codes: Integers) -> npt.NDArray[np.object_]:
        """Names of codes, None for none; shape of the argument."""
        return np.array([*self.names, None], dtype=object)[codes]


@dataclass(frozen=True, eq=False)
class Key:
    """What each of some rows has of one key.

    `codes` are positions in `levels`, an array of distinct values, a missing one perhaps among
    them; `missing` says of each level whether it is.
    """

    codes: Integers
    levels: Any
    missing: npt.NDArray[np.bool_]

    def at(self, rows: Integers) -> Any:
        """The levels of rows at some positions, of the kind of `levels`."""
        return self.levels.take(self.codes[rows])

    def of(self, rows: Integers) -> Key:
        """The same key of rows at some positions."""
        return Key(self.codes[rows], self.levels, self.missing)


@dataclass(frozen=True, eq=False)
class Sums:
    """Cells added up per item, group, year and stratum: R rows, in this order.

    `keys` has the item and each dimension of a selection; `stratum` is (R,), positions among the
    strata; `sums` is (R, 7), in the order of SUMS.
    """

    keys: Mapping[str, Key]
    stratum: Integers
    sums: Floats

    def narrowed(self, to: Selection) -> Sums:
        """The sums of a selection out of these, of all its items and waves, by its keys and year.

        The same rows as the selection has by itself, in the same order: strata are of one wave.
        """
        rows = np.ones(len(self.stratum), dtype=bool)
        for name, wanted in (("item", to.items), (YEAR, to.filtered(YEAR))):
            if wanted is not None:
                key = self.keys[name]
                kept = [str(level) in wanted for level in key.levels.tolist()]
                rows &= np.array(kept, dtype=bool)[key.codes]
        at = np.flatnonzero(rows)
        keys = {name: self.keys[name].of(at) for name in to.keys}
        return Sums(keys, self.stratum[at], self.sums[at])

    def frame(self, strata: pd.DataFrame) -> pd.DataFrame:
        """The same as a data frame: the keys, year, stratum and the SUMS."""
        every = np.arange(len(self.stratum))
        columns: dict[str, object] = {}
        for name, key in self.keys.items():
            values = key.at(every)
            columns[name] = pd.Series(values, dtype=object) if values.dtype == object else values
        for name in (YEAR, "stratum"):
            columns[name] = pd.Series(strata[name].array.take(self.stratum))
        for name, column in zip(SUMS, self.sums.T, strict=True):
            columns[name] = column.astype(np.int64) if name in _COUNTS else column
        return pd.DataFrame(columns)


@dataclass(frozen=True, eq=False)
class Profiles:
    """The P profiles of a publication.

    `strata` is a frame year, stratum of H rows, in that order; `stratum` is (P,), positions in it;
    `levels` has every dimension, the year among them.
    """

    strata: pd.DataFrame
    stratum: Integers
    levels: Mapping[str, Levels]

    @cached_property
    def years(self) -> npt.NDArray[Any]:
        """The levels of the year, as numbers of the kind that the strata have."""
        years = [int(year) for year in self.levels[YEAR].names]
        return np.array(years, dtype=self.strata[YEAR].to_numpy().dtype)

    def key(self, name: str, at: Integers) -> Key:
        """What the profiles at some positions have of a dimension; years are numbers."""
        found = self.levels[name]
        if name == YEAR:
            return Key(found.codes[at], self.years, np.zeros(len(self.years), dtype=bool))
        levels = np.array([*found.names, None], dtype=object)
        return Key(found.codes[at], levels, np.arange(len(levels)) == len(found.names))


@dataclass(frozen=True, eq=False)
class Cells:
    """The C cells of one indicator.

    `items` names its I items, in the order of texts; `item` and `profile` are (C,), positions among
    those and among the profiles; `sums` is (C, 7), in the order of SUMS.
    """

    items: tuple[str, ...]
    item: npt.NDArray[np.int32]
    profile: npt.NDArray[np.int32]
    sums: Floats

    def summed(self, profiles: Profiles, selection: Selection) -> Sums:
        """Cells of a selection, added up per item, group, year and stratum, in this order.

        Groups come in the order of their texts, those without level last.
        """
        kept = np.ones(len(profiles.stratum), dtype=bool)
        for name, levels in selection.where:
            kept &= profiles.levels[name].among(levels)
        split = [profiles.levels[name].codes for name in selection.by]
        place, first = _places([*split, profiles.stratum], kept)
        names = np.array(self.items, dtype=object)
        rank = np.arange(len(names))
        if selection.items is not None:
            chosen = np.isin(names, selection.items)
            rank, names = np.where(chosen, np.cumsum(chosen) - 1, -1), names[chosen]
        item, at, sums = self._summed(place, len(first), rank, len(names))
        keys = {"item": Key(item, names, np.zeros(len(names), dtype=bool))}
        keys |= {name: profiles.key(name, first[at]) for name in selection.by}
        return Sums(keys, profiles.stratum[first[at]], sums)

    def bases(self, profiles: Profiles) -> list[tuple[tuple[str, ...], pd.DataFrame]]:
        """Items that share one base, and who is in it.

        Each frame has a row a profile of the base: every dimension, the year as text, and n.
        """
        n = np.zeros((len(self.items), len(profiles.stratum)), dtype=np.int64)
        n[self.item, self.profile] = self.sums[:, SUMS.index("n")].astype(np.int64)
        alike: dict[bytes, list[int]] = {}
        for position, row in enumerate(n):
            alike.setdefault(row.tobytes(), []).append(position)
        found = []
        for positions in alike.values():
            base = n[positions[0]]
            at = np.flatnonzero(base)
            columns = {
                name: levels.named(levels.codes[at]) for name, levels in profiles.levels.items()
            }
            names = tuple(self.items[position] for position in positions)
            found.append((names, pd.DataFrame(columns | {"n": base[at]})))
        return found

    def _summed(
        self, place: Integers, places: int, rank: Integers, items: int
    ) -> tuple[Integers, Integers, Floats]:
        """Cells added where they share the rank of their item and the place of their profile.

        `place` is (P,) and `rank` (I,), negative to leave out. Returns the rank and place of each
        sum, (R,) sorted, and the sums, (R, 7).
        """
        nowhere = -max(items * places, 1)
        start = np.where(rank < 0, nowhere, rank * places)
        key = start[self.item] + np.where(place < 0, nowhere, place)[self.profile]
        sums = self.sums
        if (rank < 0).any() or (place < 0).any():
            rows = np.flatnonzero(key >= 0)
            key, sums = key[rows], sums[rows]
        # Cell c adds to row key[c]: a product with a matrix of one 1 a column, without sorting.
        ones, ends = np.ones(len(key)), np.arange(len(key) + 1)
        total = csc_array((ones, key, ends), shape=(items * places, len(key))) @ sums
        found = np.flatnonzero(total[:, SUMS.index("n")] > 0)
        code, at = np.divmod(found, max(places, 1))
        return code, at, total[found]


def _places(codes: Sequence[Integers], kept: npt.NDArray[np.bool_]) -> tuple[Integers, Integers]:
    """(P,) rank of each profile's combination of codes, −1 where not kept; a profile of each rank.

    Ranks follow the first codes, then the next.
    """
    place = np.full(len(kept), -1, dtype=np.int64)
    rows = np.flatnonzero(kept)
    sizes = [int(code.max(initial=0)) + 1 for code in codes]
    combined = np.ravel_multi_index([code[rows] for code in codes], sizes)
    _, first, place[rows] = np.unique(combined, return_index=True, return_inverse=True)
    return place, rows[first]


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
