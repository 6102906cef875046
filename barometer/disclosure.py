"""Decide which bases may be shown, so that no hidden one follows from those that are.

A *box* is what a query asks about: some levels of some dimensions, everybody where a dimension is
left alone. Under the threshold it is hidden (`SMALL`). Subtracting would bring it back, so other
boxes have to be hidden with it (`PROTECTING`): complementary suppression, as in tau-Argus and
sdcTable (Hundepool et al., Statistical Disclosure Control, Wiley 2012, ch. 4).

**What an attacker sees.** Every sum of every visible box, to full precision. A box is the vector of
the respondents it holds, so all that can be computed is the span C of the visible vectors. C is
safe when none of its vectors is carried by 1 to threshold − 1 respondents: read as a linear code,
its minimum distance is the threshold. One group alone gives the ordinary rule, n ≥ threshold. In a
table of two dimensions this is Gusfield's graph of suppressed cells (SIAM J. Comput. 17 (1988)
552–571) without a cut lighter than the threshold, instead of without a bridge.

**Why a query cannot be judged by its own dimensions.** In a table 2 × 2 × 2 all tables of two
dimensions together give cell(0,0,0) + cell(1,1,1), however large their cells are (every function
on the cube without its highest interaction is in their span). With 1 respondent in the first and
none in the second, that respondent is exposed. So a table of two dimensions can be safe by itself
and not beside two others: a decision depends on the counts of all the dimensions that exist, but
on nothing else; never on what was asked before, nor on which items or filters are in view.

**The rule.** Dimensions are looked at three at a time, in steps: the total, then boxes of one
level of one dimension, then of two, then of three. Within a step, boxes go from the largest base to
the smallest, and one is accepted when C stays safe. A box that any three dimensions refuse is
refused in all of them, and the next steps protect it too. After each step all dimensions together
are checked once; where they would give away a hidden box, the step accepts fewer tables, down to
none. Four dimensions at once or more are visible only where they have no base under the threshold
and hide nothing. What is visible is then every box with a base that the accepted ones give in its
own dimensions (a filter of several levels, too: it adds nothing to what an attacker has). Waves
hold different respondents: each is decided by itself, and several together are visible when each
of them is.

Safety in exact terms: with M the projection on what C cannot see, C has a vector carried by the
cells T exactly when M[T, T] is singular. Accepting a box is a rank-one change of M, so every set T
of cells with fewer respondents than the threshold is followed at once (matrix determinant lemma),
without enumerating attacks. A vector of M is a move of respondents between cells that nobody sees:
what the cube of a hypercube suppression is (Repsilber; Giessing in Hundepool et al. 2012, 4.4.4),
but here any combination of cubes serves.

**Guaranteed**, for every table of counts:

1. In any three dimensions: no linear combination of visible sums, of whatever boxes, filters of
   several levels and margins included, is carried by 1 to threshold − 1 respondents. This holds
   where `Protection.complete`: unless cells of few respondents make over `SETS` sets T.
2. Where they do: no such combination is the sum of a box under the threshold (filters of several
   levels included, as far as `BOXES` and `SUBSETS` go; single levels always, unless over `BOXES`),
   or carried by one cell of the three dimensions or two.
3. Over all dimensions, where `Protection.guarded` (up to three, or to `AXES` with up to `CELLS`
   cells in all): no linear combination of visible sums is a box of single levels under the
   threshold, of however many dimensions, nor one hidden as `PROTECTING`, of one to three, that
   boxes of fewer dimensions do not give already.
4. Counts that are all 0 or the threshold and more hide nothing.

**Not guaranteed**: over four dimensions or more, combinations carried by few respondents that are
no box of single levels; what follows from inequalities (n ≥ 0) or from the rule being known rather
than from sums; what an indicator says of another (a share among users is the ratio of two shares
among all, whose bases are large).
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

# Matrices here have some hundred rows. Several threads wait for each other on each of them, and
# where other work is on the machine that costs fifty times what one thread takes.
threadpool_limits(1, user_api="blas")

TOGETHER = 3  # dimensions that are looked at together
SETS = 2000  # sets of cells under the threshold that are followed one by one
BOXES = 4000  # boxes under the threshold that are followed where there are more sets than that
SUBSETS = 5  # levels of a dimension up to which these boxes take all their subsets
AXES = 8  # dimensions, and the cells of all of them, up to which all are checked together
CELLS = 1500
DENSE = 1_000_000  # combinations of levels up to which counts are added without sorting
DECISIONS_KEPT = 128  # of one table; about 1 kB each
PLANS_KEPT = 1024  # tables of counts whose decisions are kept; some 100 kB each

Box = Mapping[str, Collection[str] | None]
"""Levels kept of each dimension; None, or no entry, keeps everybody, those without level too."""

Reason = Literal["", "small", "protecting"]
VISIBLE: Reason = ""
SMALL: Reason = "small"
"""The box's own base is under the threshold."""
PROTECTING: Reason = "protecting"
"""The box is hidden because a base under the threshold would follow from it."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Key = tuple[int, ...]  # a box of single levels: one code for each dimension, or ANY
Asked = frozenset[tuple[str, Collection[str] | None]]  # a box, whatever its order

_ANY = -1
_NONE = 0  # the code of a respondent without a level; levels start at 1
# Far over rounding and far under what 0/1 vectors can make.
_ZERO = 1e-8  # a squared length
_NOTHING = 1e-11  # an eigenvalue beside the largest


def decide(
    counts: pd.DataFrame,
    dimensions: Sequence[str],
    boxes: Sequence[Box],
    threshold: int,
    apart: str | None = None,
) -> npt.NDArray[np.object_]:
    """A Reason for each box; VISIBLE, too, where a box holds nobody: there is nothing to show.

    `counts` has a row for each group of respondents of one base: the columns `dimensions` (a level,
    or nothing), `apart` and n; rows of one group are added. `dimensions` are all that a query may
    ever combine, whatever these boxes do. `apart` names the wave, which a box may filter as well.
    """
    if apart is None:
        return protection(counts, dimensions, threshold).decide(boxes)
    total = np.zeros(len(boxes), dtype=np.int64)
    hidden = np.zeros(len(boxes), dtype=bool)
    for wave, here in counts.groupby(apart, sort=False):
        asked = np.array([_keeps(box.get(apart), wave) for box in boxes], dtype=bool)
        if not asked.any():
            continue
        plan = protection(here, dimensions, threshold)
        at = np.flatnonzero(asked)
        kept = [{name: boxes[i][name] for name in boxes[i] if name != apart} for i in at.tolist()]
        total[at] += plan.bases(kept)
        hidden[at] |= plan.decide(kept) != VISIBLE
    return _reasons(total, ~hidden, threshold)


def protection(counts: pd.DataFrame, dimensions: Sequence[str], threshold: int) -> Protection:
    """What may be shown of one base in one wave; made once for equal counts.

    Raises ValueError on a missing column and on a count that is negative.
    """
    if missing := [name for name in (*dimensions, "n") if name not in counts.columns]:
        raise ValueError(f"counts: no column {', '.join(missing)}")
    n = counts["n"].to_numpy(dtype=np.int64)
    if (n < 0).any():
        raise ValueError("counts: n is negative")
    codes = np.zeros((len(counts), len(dimensions)), dtype=np.int64)
    levels: list[tuple[str, ...]] = []
    for axis, name in enumerate(dimensions):
        code, found = pd.factorize(counts[name], sort=True)
        codes[:, axis] = code + 1  # a missing level is -1 there, _NONE here
        levels.append(tuple(str(level) for level in found))
    cells, n = _added(codes, n)
    return _protection(
        tuple(dimensions), tuple(levels), cells.shape, cells.tobytes(), n.tobytes(), threshold
    )


@lru_cache(PLANS_KEPT)
def _protection(
    dimensions: tuple[str, ...],
    levels: tuple[tuple[str, ...], ...],
    shape: tuple[int, int],
    cells: bytes,
    n: bytes,
    threshold: int,
) -> Protection:
    codes = np.frombuffer(cells, dtype=np.int64).reshape(shape)
    return Protection(dimensions, levels, codes, np.frombuffer(n, dtype=np.int64), threshold)


class Protection:
    """The accepted boxes of one table of counts; each step is taken when it is first needed.

    `cells` is (cells, dimensions), the code of each level in `levels` from 1, 0 without a level;
    `n` their respondents, all over 0.
    """

    def __init__(
        self,
        dimensions: tuple[str, ...],
        levels: tuple[tuple[str, ...], ...],
        cells: Integers,
        n: Integers,
        threshold: int,
    ) -> None:
        self.dimensions = dimensions
        self.levels = levels
        self.threshold = threshold
        self._cells = cells
        self._n = n
        self._together = min(TOGETHER, len(dimensions))
        self._tables = {
            axes: _Table(axes, *_added(cells[:, axes], n), threshold)
            for axes in combinations(range(len(dimensions)), self._together)
        }
        self._lock = threading.Lock()
        self._spans: dict[tuple[int, ...], tuple[Integers, Floats]] = {}
        self._decided: dict[Asked, Reason] = {}
        # What each step accepted and refused. Step 0 is the total.
        nobody = (_ANY,) * len(dimensions)
        self._accepted: list[set[Key]] = [{nobody} if n.sum() >= threshold else set()]
        self._refused: list[set[Key]] = [set()]

    @property
    def complete(self) -> bool:
        """Whether every set of cells under the threshold was followed (1 of the guarantees)."""
        return all(table.complete for table in self._tables.values())

    @property
    def guarded(self) -> bool:
        """Whether all dimensions are looked at together (3 of the guarantees)."""
        if len(self.dimensions) == self._together:
            return True
        return len(self.dimensions) <= AXES and len(self._n) <= CELLS

    def prepare(self) -> None:
        """Decide on all boxes of up to three dimensions now."""
        with self._lock:
            self._advance(self._together)

    def bases(self, boxes: Sequence[Box]) -> Integers:
        """Respondents in each box."""
        return np.array([self._n[self._inside(box)].sum() for box in boxes], dtype=np.int64)

    def decide(self, boxes: Sequence[Box | Asked]) -> npt.NDArray[np.object_]:
        """A Reason for each box, VISIBLE where it holds nobody.

        A decision depends on nothing but the box, so each is kept: one view asks for the same box
        in its estimates, on both sides of its differences, and for each indicator of one base.
        """
        keys = [box if isinstance(box, frozenset) else asked(box) for box in boxes]
        known = self._decided
        if new := [key for key in dict.fromkeys(keys) if key not in known]:
            if len(known) + len(new) > DECISIONS_KEPT:
                known = {key: known[key] for key in keys if key in known}
            known = known | dict(zip(new, self._decide(list(map(dict, new))).tolist(), strict=True))
            self._decided = known
        return np.array([known[key] for key in keys], dtype=object)

    def _decide(self, boxes: Sequence[Box]) -> npt.NDArray[np.object_]:
        total = np.empty(len(boxes), dtype=np.int64)
        visible = np.zeros(len(boxes), dtype=bool)
        by_axes: dict[tuple[int, ...], list[int]] = {}
        masks: list[list[Bools]] = []
        for position, box in enumerate(boxes):
            inside, axes, levels = self._read(box)
            total[position] = self._n[inside].sum()
            masks.append(levels)
            if total[position] >= self.threshold:
                by_axes.setdefault(axes, []).append(position)
        for axes, positions in by_axes.items():
            cells, basis = self._span(axes)
            asked = np.ones((len(positions), len(cells)))
            for row, position in enumerate(positions):
                for column, kept in enumerate(masks[position]):
                    asked[row] *= kept[cells[:, column]]
            visible[positions] = _unseen(asked, basis) < _ZERO
        return _reasons(total, visible, self.threshold)

    def _inside(self, box: Box) -> Bools:
        return self._read(box)[0]

    def _read(self, box: Box) -> tuple[Bools, tuple[int, ...], list[Bools]]:
        """The cells inside, the dimensions that leave somebody out, the codes kept of those."""
        if unknown := [name for name in box if name not in self.dimensions]:
            raise ValueError(f"box: no dimension {', '.join(unknown)}")
        inside = np.ones(len(self._n), dtype=bool)
        axes: list[int] = []
        masks: list[Bools] = []
        for axis, name in enumerate(self.dimensions):
            kept = box.get(name)
            if kept is None:
                continue
            if isinstance(kept, str):
                raise ValueError(f"box: {name} is {kept!r}; give a collection of levels")
            mask = np.array([False, *(level in kept for level in self.levels[axis])])
            here = mask[self._cells[:, axis]]
            if not here.all():
                inside &= here
                axes.append(axis)
                masks.append(mask)
        return inside, tuple(axes), masks

    def _span(self, axes: tuple[int, ...]) -> tuple[Integers, Floats]:
        """Cells of these dimensions, and a basis of what is visible in them."""
        with self._lock:
            if axes not in self._spans:
                self._advance(min(len(axes), self._together + 1))
                cells, _ = _added(self._cells[:, axes], self._n)
                accepted = set().union(*self._accepted[: len(axes) + 1])
                self._spans[axes] = cells, _basis(_vectors(cells, _within(accepted, axes)))
            return self._spans[axes]

    def _advance(self, step: int) -> None:
        """Take the steps up to `step`; the one after three dimensions is of all that are more."""
        if 0 < step <= self._together:
            step = self._together  # what a table protects is found once, for all of its steps
        while len(self._accepted) <= step:
            taken = len(self._accepted)
            candidates, refused = self._by_tables(taken)
            if taken > self._together:
                candidates, refused = self._whole(), set()
            self._accepted.append(candidates - refused)
            self._refused.append(refused)
            if self._guards(taken) and self._told(self._hidden()):
                self._retreat(taken, candidates)
        for table in self._tables.values():
            table.forget()

    def _guards(self, step: int) -> bool:
        """Whether a step leaves to check what tables of different dimensions tell together."""
        apart = len(self.dimensions) > self._together
        return apart and self.guarded and bool(self._accepted[step])

    def _retreat(self, step: int, candidates: set[Key]) -> None:
        """Accept of a step only the tables that tell nothing together, the fullest first."""
        by_axes: dict[tuple[int, ...], set[Key]] = {}
        for key in self._accepted[step]:
            axes = tuple(axis for axis, code in enumerate(key) if code != _ANY)
            by_axes.setdefault(axes, set()).add(key)
        kept: set[Key] = set()
        self._accepted[step] = kept
        known = self._basis()  # what is told already, no table of this step can keep
        for axes in sorted(by_axes, key=lambda axes: (-len(by_axes[axes]), axes)):
            self._accepted[step] = kept | by_axes[axes]
            self._refused[step] = candidates - self._accepted[step]
            hidden = self._hidden()
            if not self._told(hidden[_unseen(hidden, known) > _ZERO]):
                kept = self._accepted[step]
        self._accepted[step] = kept
        self._refused[step] = candidates - kept

    def _by_tables(self, step: int) -> tuple[set[Key], set[Key]]:
        """Boxes of so many dimensions that have a base, and those that some table refuses."""
        accepted, refused = set().union(*self._accepted), set().union(*self._refused)
        seen: set[Key] = set()
        denied: set[Key] = set()
        for axes, table in self._tables.items():
            candidates = table.candidates(step)
            kept = table.accept(_within(accepted, axes), _within(refused, axes), candidates)
            for key in candidates:
                wide = [_ANY] * len(self.dimensions)
                for axis, code in zip(axes, key, strict=True):
                    wide[axis] = code
                seen.add(tuple(wide))
                if key not in kept:
                    denied.add(tuple(wide))
        return seen, denied

    def _whole(self) -> set[Key]:
        """Every box of more dimensions, of those that have no small base and hide nothing."""
        refused = set().union(*self._refused)
        found: set[Key] = set()
        for size in range(self._together + 1, len(self.dimensions) + 1):
            for axes in combinations(range(len(self.dimensions)), size):
                cells, n = _added(self._cells[:, axes], self._n)
                if (n < self.threshold).any() or _within(refused, axes):
                    continue
                for codes in cells[(cells != _NONE).all(axis=1)].tolist():
                    wide = [_ANY] * len(self.dimensions)
                    for axis, code in zip(axes, codes, strict=True):
                        wide[axis] = code
                    found.add(tuple(wide))
        return found

    def _basis(self) -> Floats:
        """A basis of all that is accepted, over all dimensions."""
        return _basis(_vectors(self._cells, sorted(set().union(*self._accepted))))

    def _hidden(self) -> Floats:
        """All that is refused, over all dimensions."""
        return _vectors(self._cells, sorted(set().union(*self._refused)))

    def _told(self, hidden: Floats) -> bool:
        """Whether all that is accepted gives away one of `hidden` or a box under the threshold."""
        count = len(self.dimensions)
        basis = self._basis()
        if len(hidden) and _unseen(hidden, basis).min() < _ZERO:
            return True
        for size in range(1, count + 1):
            for axes in combinations(range(count), size):
                group, n = _grouped(self._cells[:, axes], self._n)
                small = n < self.threshold
                if not small.any():
                    continue
                held = np.bincount(group, minlength=len(n)).astype(np.float64)
                order = np.argsort(group, kind="stable")
                starts = np.concatenate([[0], np.cumsum(held[:-1])]).astype(np.int64)
                seen = np.add.reduceat(basis[order], starts, axis=0)[small]
                if (held[small] - np.einsum("ij,ij->i", seen, seen)).min() < _ZERO:
                    return True
        return False


class _Table:
    """The cells of up to three dimensions, and what must not be told about them."""

    def __init__(self, axes: tuple[int, ...], cells: Integers, n: Integers, threshold: int) -> None:
        self.axes = axes
        self.cells = cells
        self.n = n
        self.threshold = threshold
        self._protected: tuple[Integers, Bools, Bools] | None = None

    def forget(self) -> None:
        """Let go of what must not be told: megabytes, which the next step would find again."""
        self._protected = None

    @cached_property
    def complete(self) -> bool:
        """Whether every set of cells under the threshold is followed."""
        return _count_sets(self.n, self.threshold) <= SETS

    def protected(self) -> tuple[Integers, Bools, Bools]:
        """(K, p) cells of each set, (K, p) which of them count, (B, cells) boxes."""
        if self._protected is None:
            self._protected = self._to_protect()
        return self._protected

    def _to_protect(self) -> tuple[Integers, Bools, Bools]:
        find = _light_sets if self.complete else _light_pairs
        sets = find(self.n, self.threshold)
        width = max((len(each) for each in sets), default=1)
        cells = np.zeros((len(sets), width), dtype=np.int64)
        counted = np.zeros((len(sets), width), dtype=bool)
        for row, each in enumerate(sets):
            cells[row, : len(each)] = each
            counted[row, : len(each)] = True
        boxes = self._light_boxes() if not self.complete else np.empty((0, len(self.n)), bool)
        return cells, counted, boxes

    def candidates(self, step: int) -> list[Key]:
        """Boxes of one level of `step` dimensions that have a base, the largest base first."""
        found: list[tuple[int, Key]] = []
        for axes in combinations(range(len(self.axes)), step):
            groups, n = _added(self.cells[:, axes], self.n)
            for codes, base in zip(groups.tolist(), n.tolist(), strict=True):
                if base >= self.threshold and _NONE not in codes:
                    key = [_ANY] * len(self.axes)
                    for axis, code in zip(axes, codes, strict=True):
                        key[axis] = code
                    found.append((-base, tuple(key)))
        return [key for _, key in sorted(found)]

    def accept(self, given: list[Key], hidden: list[Key], candidates: list[Key]) -> set[Key]:
        """Candidates that may join the boxes `given` while all that is protected stays so."""
        if not (self.n < self.threshold).any() and not hidden:
            return set(candidates)
        if not candidates:
            return set()
        wanted, start = _vectors(self.cells, candidates), _vectors(self.cells, given)
        sets, counted, boxes = self.protected()
        refused = _vectors(self.cells, hidden)
        refused = refused[_unseen(refused, _basis(start)) > _ZERO]  # the rest is told already
        secret = np.concatenate([boxes.astype(np.float64), refused])
        if _View(np.concatenate([start, wanted]), sets, counted, secret).safe():
            return set(candidates)
        view = _View(start, sets, counted, secret)
        return {key for key, box in zip(candidates, wanted, strict=True) if view.add(box)}

    def _light_boxes(self) -> Bools:
        """(B, cells) boxes under the threshold, of several levels too, each set of cells once."""
        codes = [
            np.unique(self.cells[:, axis], return_inverse=True) for axis in range(len(self.axes))
        ]
        options = [_subsets(len(found)) for found, _ in codes]
        if np.prod([len(option) for option in options], dtype=float) > DENSE:
            options = [_subsets(len(found), pairs=False) for found, _ in codes]
        n = np.zeros([option.shape[1] for option in options], dtype=np.int64)
        n[tuple(place for _, place in codes)] = self.n
        for option in options:  # each turn sums the first axis away, and puts its options last
            n = np.tensordot(n, option.astype(np.int64), axes=(0, 1))
        chosen = np.nonzero((n > 0) & (n < self.threshold))
        inside = np.ones((len(chosen[0]), len(self.n)), dtype=bool)
        levels = np.zeros(len(inside), dtype=np.int64)
        for option, (_, place), row in zip(options, codes, chosen, strict=True):
            inside &= option[row][:, place]
            several = option.sum(axis=1)
            levels += np.where(several == option.shape[1], 0, several - 1)[row]
        order = np.argsort(levels, kind="stable")
        packed = np.packbits(inside[order], axis=1)
        rows = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
        first = np.sort(np.unique(rows, return_index=True)[1])[:BOXES]
        return inside[order[first]]


class _View:
    """What the boxes accepted so far leave unseen, M, and how each protected thing stands in it."""

    def __init__(self, boxes: Floats, sets: Integers, counted: Bools, secret: Floats) -> None:
        basis = _basis(boxes)
        self.unseen = np.eye(boxes.shape[1]) - basis @ basis.T
        self.sets = sets
        self.counted = counted
        self.secret = secret
        self.lengths = np.einsum("ij,ij->i", secret @ self.unseen, secret)
        minors = self.unseen[self.sets[:, :, None], self.sets[:, None, :]]
        both = self.counted[:, :, None] & self.counted[:, None, :]
        self.minors = np.where(both, minors, np.eye(self.sets.shape[1]))
        self._inverses: Floats | None = None

    def safe(self) -> bool:
        """Whether nothing protected is seen."""
        if len(self.lengths) and self.lengths.min() < _ZERO:
            return False
        return not len(self.minors) or bool(np.linalg.eigvalsh(self.minors).min() > _ZERO)

    def add(self, box: Floats) -> bool:
        """Accept a box unless something protected would then be seen; False where it would."""
        if self._inverses is None:
            self._inverses = np.linalg.inv(self.minors)
        new = self.unseen @ box
        size = new @ box
        if size < _ZERO:
            return True
        told = self.secret @ new
        lengths = self.lengths - told * told / size
        if len(lengths) and lengths.min() < _ZERO:
            return False
        part = np.where(self.counted, new[self.sets], 0.0)
        turned = np.einsum("kij,kj->ki", self._inverses, part)
        left = size - np.einsum("ki,ki->k", part, turned)
        if len(left) and left.min() < _ZERO * size:
            return False
        self.unseen -= np.outer(new, new / size)
        self.lengths = lengths
        self._inverses += turned[:, :, None] * (turned / left[:, None])[:, None, :]
        return True


def _count_sets(n: Integers, threshold: int) -> int:
    """Sets of cells that are under the threshold together, the empty one among them."""
    ways = [1] + [0] * (threshold - 1)  # by respondents
    for size in n[n < threshold].tolist():
        for filled in range(threshold - 1, size - 1, -1):
            ways[filled] += ways[filled - size]
    return sum(ways)


def _light_sets(n: Integers, threshold: int) -> list[tuple[int, ...]]:
    """Sets of cells that are under the threshold together and have no room for another."""
    light = [cell for cell in np.argsort(n, kind="stable").tolist() if n[cell] < threshold]
    sizes = n[light].tolist()
    found: list[tuple[int, ...]] = []
    open_sets: list[tuple[tuple[int, ...], int, int]] = [((), threshold - 1, 0)]
    while open_sets:
        chosen, room, start = open_sets.pop()
        for at in range(start, len(light)):
            if sizes[at] > room:
                break
            open_sets.append(((*chosen, at), room - sizes[at], at + 1))
        # The lightest cell left out: it is the first place where `chosen` has not 0, 1, 2, …
        spare = next((at for at, cell in enumerate(chosen) if at != cell), len(chosen))
        if chosen and (spare == len(light) or sizes[spare] > room):
            found.append(tuple(light[at] for at in chosen))
    return found


def _light_pairs(n: Integers, threshold: int) -> list[tuple[int, ...]]:
    """Single cells and pairs under the threshold together."""
    light = np.flatnonzero(n < threshold).tolist()
    pairs = [pair for pair in combinations(light, 2) if n[pair[0]] + n[pair[1]] < threshold]
    paired = set().union(*pairs)
    return [*pairs, *((cell,) for cell in light if cell not in paired)]


def _subsets(levels: int, pairs: bool = True) -> Bools:
    """(S, levels) which levels a subset keeps: all subsets, or the plainest of many levels."""
    if levels <= SUBSETS:
        codes = np.arange(1, 2**levels)
        return (codes[:, None] >> np.arange(levels) & 1).astype(bool)
    one = np.eye(levels, dtype=bool)
    two = np.array([one[i] | one[j] for i, j in combinations(range(levels), 2)])
    every = np.ones((1, levels), dtype=bool)
    return np.concatenate([one, two, ~one, every] if pairs else [one, ~one, every])


def _added(codes: Integers, n: Integers) -> tuple[Integers, Integers]:
    """Distinct rows of codes in their order, and the respondents of each; none with nobody."""
    sizes = tuple(codes.max(axis=0, initial=0) + 1)
    if not sizes:
        return codes[:1], np.array([n.sum()] if len(codes) else [], dtype=np.int64)
    flat = np.ravel_multi_index(tuple(codes.T), sizes)
    if np.prod(sizes, dtype=float) > DENSE:
        found, place = np.unique(flat, return_inverse=True)
        total = np.bincount(place, weights=n, minlength=len(found))
    else:
        dense = np.bincount(flat, weights=n)
        found = np.flatnonzero(dense)
        total = dense[found]
    kept = total > 0
    cells = np.stack(np.unravel_index(found[kept], sizes), axis=1)
    return cells.astype(np.int64), total[kept].astype(np.int64)


def _grouped(codes: Integers, n: Integers) -> tuple[Integers, Integers]:
    """The group of each row of codes, and the respondents of each group."""
    flat = np.ravel_multi_index(tuple(codes.T), tuple(codes.max(axis=0, initial=0) + 1))
    group = np.unique(flat, return_inverse=True)[1]
    return group, np.bincount(group, weights=n).astype(np.int64)


def _within(keys: set[Key], axes: tuple[int, ...]) -> list[Key]:
    """Boxes that leave all other dimensions alone, in these dimensions, in order."""
    others = set(range(len(next(iter(keys), ())))) - set(axes)
    return sorted(
        tuple(key[axis] for axis in axes)
        for key in keys
        if all(key[axis] == _ANY for axis in others)
    )


def _vectors(cells: Integers, keys: Sequence[Key]) -> Floats:
    """(boxes, cells) 1 where the cell is in the box."""
    codes = np.array(keys, dtype=np.int64).reshape(len(keys), cells.shape[1])
    match = (codes[:, None, :] == _ANY) | (codes[:, None, :] == cells[None, :, :])
    return np.asarray(match.all(axis=2), dtype=np.float64)


def _basis(vectors: Floats) -> Floats:
    """(cells, rank) an orthonormal basis of the span of the rows."""
    if not vectors.size:
        return np.empty((vectors.shape[1], 0))
    few = len(vectors) < vectors.shape[1]
    squares, directions = np.linalg.eigh(vectors @ vectors.T if few else vectors.T @ vectors)
    kept = squares > _NOTHING * squares[-1]
    basis: Floats = directions[:, kept]
    if few:
        basis = np.dot(vectors.T, basis / np.sqrt(squares[kept])).astype(np.float64)
    return basis


def _unseen(vectors: Floats, basis: Floats) -> Floats:
    """Squared length of what a basis leaves of each row."""
    rest = vectors - (vectors @ basis) @ basis.T
    return np.asarray(np.einsum("ij,ij->i", rest, rest))


def asked(box: Box) -> Asked:
    """A box as `decide` takes it too: spelled once where many tables are asked about it."""
    return frozenset(
        (name, kept if kept is None or isinstance(kept, str) else frozenset(kept))
        for name, kept in box.items()
    )


def _keeps(kept: Collection[str] | None, level: object) -> bool:
    return kept is None or level in kept or str(level) in kept


def _reasons(total: Integers, visible: Bools, threshold: int) -> npt.NDArray[np.object_]:
    reasons = np.full(len(total), PROTECTING, dtype=object)
    reasons[visible | (total == 0)] = VISIBLE
    reasons[(total > 0) & (total < threshold)] = SMALL
    return reasons
