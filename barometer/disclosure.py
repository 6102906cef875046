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
the smallest, and one is accepted when C stays safe. One that any three dimensions refuse is refused
in all of them, and counts among what the next step has to protect. What is visible is then every
box with a base that the accepted ones give (a filter of several levels, too: it adds nothing to
what an attacker has). Four dimensions at once or more are visible only where they have no base
under the threshold at all. Waves hold different respondents, so each is decided by itself, and
several together are visible when each of them is.

Safety in exact terms: with M the projection on what C cannot see, C has a vector carried by the
cells T exactly when M[T, T] is singular. Accepting a box is a rank-one change of M, so every set T
of cells with fewer respondents than the threshold is followed at once (matrix determinant lemma),
without enumerating attacks. The witness in the kernel is the move of cells by which the classical
hypercube (Repsilber; Giessing in Hundepool et al. 2012, 4.4.4) protects a cell; here any
combination of moves serves.

**Guaranteed**, for every table of counts, waves being apart:

1. No linear combination of visible sums over up to three dimensions, of whatever boxes, filters of
   several levels and margins included, is carried by 1 to threshold − 1 respondents. This holds
   wherever `Protection.complete`: unless tiny cells make more than `SETS` sets T.
2. Where they do, no such combination is the sum of a box of fewer respondents than the threshold
   (several levels included: all their subsets up to `SUBSETS` levels, then one, two, all but one),
   or carried by two cells or one.
3. A box of one or two dimensions that is hidden to protect another one stays hidden from every
   combination over three dimensions that holds it, its own cells included.
4. A table without a base of 1 to threshold − 1 in any three dimensions hides nothing in them.

**Not guaranteed**: combinations that take tables of *different* three dimensions together (a
function of four dimensions that no three of them give); what follows from inequalities (n ≥ 0)
rather than from sums; what an indicator says of another (a share among users is the ratio of two
shares among all, whose bases are large).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

TOGETHER = 3  # dimensions that are looked at together
SETS = 600  # sets of cells under the threshold that are followed one by one
SUBSETS = 5  # levels of a dimension up to which all their subsets are protected one by one
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

_ANY = -1
_NONE = 0  # the code of a respondent without a level; levels start at 1
_ZERO = 1e-8  # of squared lengths of 0/1 vectors: far over rounding, far under what can occur


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
        kept = [{name: boxes[i][name] for name in boxes[i] if name != apart} for i in at]
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
    counts = counts[n > 0]
    codes = np.empty((len(counts), len(dimensions)), dtype=np.int64)
    levels: list[tuple[str, ...]] = []
    for position, name in enumerate(dimensions):
        column = counts[name]
        found = tuple(sorted({str(level) for level in column.dropna().unique()}))
        rank = {level: code for code, level in enumerate(found, start=1)}
        codes[:, position] = [
            _NONE if missing else rank[str(level)]
            for level, missing in zip(column, column.isna(), strict=True)
        ]
        levels.append(found)
    cells, n = _added(codes, n[n > 0])
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
        size = min(TOGETHER, len(dimensions))
        self._tables = {
            axes: _Table(axes, *_added(cells[:, axes], n), threshold)
            for axes in combinations(range(len(dimensions)), size)
        }
        # By step: what was accepted and what was refused; step 3 by its table, when asked for.
        nobody = (_ANY,) * len(dimensions)
        total = {nobody} if n.sum() >= threshold else set()
        self._accepted: list[set[Key]] = [total]
        self._refused: list[set[Key]] = [set()]
        self._finest: dict[tuple[int, ...], set[Key]] = {}
        self._spans: dict[tuple[int, ...], tuple[Integers, Integers, Floats]] = {}

    @property
    def complete(self) -> bool:
        """Whether every set of cells under the threshold was followed (1 of the guarantees)."""
        return all(table.complete for table in self._tables.values())

    def bases(self, boxes: Sequence[Box]) -> Integers:
        """Respondents in each box."""
        return np.array([self._n[self._inside(box)].sum() for box in boxes], dtype=np.int64)

    def decide(self, boxes: Sequence[Box]) -> npt.NDArray[np.object_]:
        """A Reason for each box, VISIBLE where it holds nobody."""
        total = np.empty(len(boxes), dtype=np.int64)
        visible = np.zeros(len(boxes), dtype=bool)
        by_axes: dict[tuple[int, ...], list[int]] = {}
        masks: list[list[Bools]] = []
        for position, box in enumerate(boxes):
            inside, axes, kept = self._read(box)
            total[position] = self._n[inside].sum()
            masks.append(kept)
            if total[position] >= self.threshold:
                by_axes.setdefault(axes, []).append(position)
        for axes, positions in by_axes.items():
            if len(axes) > TOGETHER:
                visible[positions] = self._whole(axes)
                continue
            cells, _, basis = self._span(axes)
            asked = np.ones((len(positions), len(cells)))
            for row, position in enumerate(positions):
                for axis, kept in enumerate(masks[position]):
                    asked[row] *= kept[cells[:, axis]]
            rest = asked - (asked @ basis) @ basis.T
            visible[positions] = np.einsum("ij,ij->i", rest, rest) < _ZERO
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
            mask = np.array([False, *(level in kept for level in self.levels[axis])])
            here = mask[self._cells[:, axis]]
            if not here.all():
                inside &= here
                axes.append(axis)
                masks.append(mask)
        return inside, tuple(axes), masks

    def _span(self, axes: tuple[int, ...]) -> tuple[Integers, Integers, Floats]:
        """Cells of these dimensions, their bases, and a basis of what is visible in them."""
        if axes not in self._spans:
            cells, n = _added(self._cells[:, axes], self._n)
            keys = [
                tuple(key[axis] for axis in axes)
                for key in sorted(self._visible(axes))
                if all(code == _ANY for axis, code in enumerate(key) if axis not in axes)
            ]
            self._spans[axes] = cells, n, _basis(_vectors(cells, keys))
        return self._spans[axes]

    def _visible(self, axes: tuple[int, ...]) -> set[Key]:
        """Accepted boxes that these dimensions need, and maybe others."""
        self._advance(min(len(axes), TOGETHER - 1))
        found = set().union(*self._accepted[: len(axes) + 1])
        return found | self._three(axes) if len(axes) == TOGETHER else found

    def _whole(self, axes: tuple[int, ...]) -> bool:
        """Whether these dimensions have no base under the threshold, nor anything hidden."""
        if (_added(self._cells[:, axes], self._n)[1] < self.threshold).any():
            return False
        self._advance(TOGETHER - 1)
        return not any(
            all(code == _ANY or axis in axes for axis, code in enumerate(key))
            for key in set().union(*self._refused)
        )

    def _advance(self, step: int) -> None:
        """Take the steps up to `step`, of one dimension and of two, in all tables."""
        while len(self._accepted) <= step:
            k = len(self._accepted)
            seen: set[Key] = set()
            refused: set[Key] = set()
            for axes in self._tables:
                candidates, accepted = self._run(axes, k)
                seen |= candidates
                refused |= candidates - accepted
            self._accepted.append(seen - refused)
            self._refused.append(refused)

    def _three(self, axes: tuple[int, ...]) -> set[Key]:
        if axes not in self._finest:
            self._finest[axes] = self._run(axes, TOGETHER)[1]
        return self._finest[axes]

    def _run(self, axes: tuple[int, ...], step: int) -> tuple[set[Key], set[Key]]:
        """Candidates of one table for a step, and those that it accepts."""
        table = self._tables[axes]

        def inward(keys: Iterable[Key]) -> list[Key]:
            """In the table's own dimensions, where a box has no others."""
            return [
                tuple(key[axis] for axis in axes)
                for key in sorted(keys)
                if all(code == _ANY for axis, code in enumerate(key) if axis not in axes)
            ]

        def outward(keys: Iterable[Key]) -> set[Key]:
            wide = []
            for key in keys:
                full = [_ANY] * len(self.dimensions)
                for axis, code in zip(axes, key, strict=True):
                    full[axis] = code
                wide.append(tuple(full))
            return set(wide)

        candidates = table.candidates(step)
        accepted = table.accept(
            inward(set().union(*self._accepted)), inward(set().union(*self._refused)), candidates
        )
        return outward(candidates), outward(accepted)


class _Table:
    """The cells of up to three dimensions, and what must not be told about them."""

    def __init__(self, axes: tuple[int, ...], cells: Integers, n: Integers, threshold: int) -> None:
        self.axes = axes
        self.cells = cells
        self.n = n
        self.threshold = threshold
        self._protected: tuple[Integers, Bools, Floats, bool] | None = None

    @property
    def complete(self) -> bool:
        """Whether every set of cells under the threshold is followed."""
        return self.protected[3]

    @property
    def protected(self) -> tuple[Integers, Bools, Floats, bool]:
        """(K, p) cells of each set, (K, p) which of them count, (B, cells) boxes, complete."""
        if self._protected is None:
            sets = _light_sets(self.n, self.threshold)
            complete = sets is not None
            if sets is None:
                sets = _light_pairs(self.n, self.threshold)
            width = max((len(each) for each in sets), default=1)
            cells = np.zeros((len(sets), width), dtype=np.int64)
            counted = np.zeros((len(sets), width), dtype=bool)
            for row, each in enumerate(sets):
                cells[row, : len(each)] = each
                counted[row, : len(each)] = True
            boxes = np.empty((0, len(self.n))) if complete else self._light_boxes()
            self._protected = cells, counted, boxes, complete
        return self._protected

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
        wanted = _vectors(self.cells, candidates)
        secret = np.concatenate([self.protected[2], _vectors(self.cells, hidden)])
        start = _vectors(self.cells, given)
        if _View(self, np.concatenate([start, wanted]), secret).safe():
            return set(candidates)
        view = _View(self, start, secret)
        return {key for key, box in zip(candidates, wanted, strict=True) if view.add(box)}

    def _light_boxes(self) -> Floats:
        """(B, cells) boxes under the threshold, of several levels too, each set of cells once."""
        options = []
        for axis in range(len(self.axes)):
            codes = np.unique(self.cells[:, axis])
            options.append(_subsets(len(codes))[:, np.searchsorted(codes, self.cells[:, axis])])
        inside = options[0]
        for option in options[1:]:
            both = (inside[:, None, :] & option[None, :, :]).reshape(-1, len(self.n))
            inside = np.unique(both[both.any(axis=1)], axis=0) if len(both) else both
        n = inside @ self.n
        return inside[(n > 0) & (n < self.threshold)].astype(np.float64)


class _View:
    """What the boxes accepted so far leave unseen, M, and how each protected thing stands in it."""

    def __init__(self, table: _Table, boxes: Floats, secret: Floats) -> None:
        basis = _basis(boxes)
        self.unseen = np.eye(len(table.n)) - basis @ basis.T
        self.sets, self.counted, *_ = table.protected
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


def _light_sets(n: Integers, threshold: int) -> list[tuple[int, ...]] | None:
    """Largest sets of cells under the threshold together; None where there are over SETS."""
    light = [cell for cell in np.argsort(n, kind="stable").tolist() if n[cell] < threshold]
    sizes = [int(n[cell]) for cell in light]
    found: list[tuple[int, ...]] = []

    def grow(chosen: tuple[int, ...], room: int, start: int) -> bool:
        """Sets that continue with cells from `start` on, lightest first; False over SETS."""
        for position in range(start, len(light)):
            if sizes[position] > room:
                break
            if not grow((*chosen, position), room - sizes[position], position + 1):
                return False
        spare = next((at for at in range(len(light)) if at not in chosen), None)
        if chosen and (spare is None or sizes[spare] > room):
            found.append(tuple(light[at] for at in chosen))
        return len(found) <= SETS

    return found if grow((), threshold - 1, 0) else None


def _light_pairs(n: Integers, threshold: int) -> list[tuple[int, ...]]:
    """Single cells and pairs under the threshold together."""
    light = np.flatnonzero(n < threshold).tolist()
    pairs = [pair for pair in combinations(light, 2) if n[pair[0]] + n[pair[1]] < threshold]
    paired = set().union(*pairs)
    return [*pairs, *((cell,) for cell in light if cell not in paired)]


def _subsets(levels: int) -> Bools:
    """(S, levels) which levels a subset keeps: all subsets, or the plainest of many levels."""
    if levels <= SUBSETS:
        codes = np.arange(1, 2**levels)
        return (codes[:, None] >> np.arange(levels) & 1).astype(bool)
    one = np.eye(levels, dtype=bool)
    two = np.array([one[i] | one[j] for i, j in combinations(range(levels), 2)])
    return np.concatenate([one, two, ~one, np.ones((1, levels), dtype=bool)])


def _added(codes: Integers, n: Integers) -> tuple[Integers, Integers]:
    """Distinct rows of codes in their order, and the respondents of each."""
    if codes.shape[1] == 0:
        return codes[:1], np.array([n.sum()] if len(codes) else [], dtype=np.int64)
    sizes = codes.max(axis=0, initial=0) + 1
    flat = np.zeros(len(codes), dtype=np.int64)
    for axis, size in enumerate(sizes):
        flat = flat * size + codes[:, axis]
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    total = np.bincount(inverse, weights=n, minlength=len(first)).astype(np.int64)
    return codes[first], total


def _vectors(cells: Integers, keys: Sequence[Key]) -> Floats:
    """(boxes, cells) 1 where the cell is in the box."""
    codes = np.array(keys, dtype=np.int64).reshape(len(keys), cells.shape[1])
    match = (codes[:, None, :] == _ANY) | (codes[:, None, :] == cells[None, :, :])
    return match.all(axis=2).astype(np.float64)


def _basis(vectors: Floats) -> Floats:
    """(cells, rank) an orthonormal basis of the span of the rows."""
    if not len(vectors):
        return np.empty((vectors.shape[1], 0))
    _, lengths, right = np.linalg.svd(vectors, full_matrices=False)
    kept: Floats = right[lengths > np.sqrt(_ZERO) * max(lengths[0], 1.0)].T
    return kept


def _keeps(kept: Collection[str] | None, level: object) -> bool:
    return kept is None or level in kept or str(level) in kept


def _reasons(total: Integers, visible: Bools, threshold: int) -> npt.NDArray[np.object_]:
    reasons = np.full(len(total), PROTECTING, dtype=object)
    reasons[visible | (total == 0)] = VISIBLE
    reasons[(total > 0) & (total < threshold)] = SMALL
    return reasons
