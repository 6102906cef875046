"""Weights: what a wave's are worth, and raking them to margins known from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]
Integers = npt.NDArray[np.intp]
After = Literal["bounded", "trimmed"]

TOLERANCE = 1e-10  # the miss of a margin, as a share of its target, at which fitting ends
ACCEPTED = 1e-7  # the miss that is still none where fitting gains no more
MOST_ITERATIONS = 2_000
NEARLY = 0.005  # shares may add up to 1 within this: tables are printed rounded
STALLED = 25  # iterations within which fitting that converges gains a tenth
FAR_DOWN, FAR_UP = 1e-70, 1e70  # of a weight, and of a factor
PRECISE = 1e-13  # of the target of one level
STEPS = 40  # within one level, for the factor that reaches its target under bounds


class WeightingError(ValueError):
    """Margins that cannot be reached; `reasons` has a sentence each, with the cure."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(reasons))


@dataclass(frozen=True)
class Margin:
    """What one dimension is known to be: level → share, percentage or count of the population."""

    dimension: str
    targets: Mapping[str, float]

    @property
    def total(self) -> float:
        """Sum of the targets as they were given."""
        return float(sum(self.targets.values()))

    @property
    def counts(self) -> bool:
        """Whether the targets count a population, rather than being shares or percentages."""
        return not (0.5 <= self.total <= 1.5 or 50 <= self.total <= 150)


@dataclass(frozen=True)
class Bounds:
    """The least and the most that a respondent may weigh, where the mean weight is 1."""

    lower: float = 0.0
    upper: float = np.inf

    def __post_init__(self) -> None:
        if not 0 <= self.lower < 1 < self.upper:
            raise WeightingError(
                [
                    f"Bounds from {self.lower:g} to {self.upper:g}: the mean weight is 1; expected"
                    " a lower bound from 0 to below 1 and an upper one above 1."
                ]
            )


@dataclass(frozen=True)
class Reached:
    """One level of one margin: shares of the weighted sample, before and after, and n."""

    dimension: str
    level: str
    n: int
    asked: float
    before: float
    after: float


@dataclass(frozen=True)
class Report:
    """What weighting did and what it costs.

    `least` and `most` are weights where the mean is 1. `trimmed` is the share of the total weight
    that bounds took from the heaviest. `miss` is the largest relative distance to a target.
    """

    n: int
    iterations: int
    converged: bool
    miss: float
    base_before: float
    base_after: float
    least: float
    most: float
    trimmed: float
    at_lower: int
    at_upper: int
    margins: tuple[Reached, ...]
    notes: tuple[str, ...] = ()

    @property
    def efficiency(self) -> float:
        """Effective base over respondents, (Σw)²/(n·Σw²): Kish, Survey Sampling, 1965, 11.7."""
        return self.base_after / self.n


def effective_base(weights: npt.ArrayLike) -> float:
    """(Σw)²/Σw²: how many respondents of equal weight would tell as much (Kish 1965)."""
    w = np.asarray(weights, np.float64)
    return float(w.sum() ** 2 / (w * w).sum())


def described(weights: npt.ArrayLike) -> Report:
    """The report of weights that come with the file: nothing was asked of them."""
    w = np.asarray(weights, np.float64)
    base, mean = effective_base(w), float(w.mean())
    return Report(
        len(w),
        0,
        True,
        0.0,
        base,
        base,
        float(w.min() / mean),
        float(w.max() / mean),
        0.0,
        0,
        0,
        (),
    )


def rake(
    base: npt.ArrayLike,
    levels: Mapping[str, Objects],
    margins: Sequence[Margin],
    bounds: Bounds = Bounds(),
    after: After = "bounded",
) -> tuple[Floats, Report]:
    """Weights that reach every margin and stay as near as can be to those given.

    `base` has a weight above 0 for each of n respondents; `levels` has for each dimension of the
    margins n levels, None where a respondent has none: they keep their share of the weights, and
    a note says so. The weights add up to those of `base`, or to the population where margins count
    one.

    Iterative proportional fitting: Deming and Stephan 1940. Under bounds, each level's factor is
    the one that reaches its target when weights beyond a bound stay at it: the truncated raking
    ratio of Deville and Särndal 1992 (JASA 87, p. 378), which still meets the margins. With `after`
    "trimmed", weights are raked freely, then cut once and what was cut is spread over the others
    (R's `survey::trimWeights`, strict): margins are then missed, by what the report says.

    Raises WeightingError with every reason why the margins cannot be asked of this sample, or with
    the margin that is farthest when fitting does not converge.
    """
    w = np.asarray(base, np.float64)
    _possible(w, levels, margins)
    groups = [_Group.of(margin, levels[margin.dimension], w) for margin in margins]
    population = [margin.total for margin in margins if margin.counts]
    total = population[0] if population else float(w.sum())
    start = w * (total / w.sum())
    mean = total / len(w)
    low, high = bounds.lower * mean, bounds.upper * mean
    free, iterations, miss = _fit(start, groups, total, 0.0, np.inf)
    _converged(free, groups, total, miss, Bounds())
    weights = free
    if np.any((free < low) | (free > high)):
        if after == "trimmed":
            weights = trim(free, low, high)
            miss = _miss(weights, groups, total)
        else:
            weights, iterations, miss = _fit(start, groups, total, low, high)
            _converged(weights, groups, total, miss, bounds)
    notes = tuple(
        f"{group.dimension}: {group.without} respondents have no level; they keep their share."
        for group in groups
        if group.without
    )
    edge = 1e-9 * mean
    return weights, Report(
        n=len(w),
        iterations=iterations,
        converged=True,
        miss=miss,
        base_before=effective_base(w),
        base_after=effective_base(weights),
        least=float(weights.min() / mean),
        most=float(weights.max() / mean),
        trimmed=float(np.maximum(free - high, 0).sum() / total),
        at_lower=int((weights <= low + edge).sum()) if bounds.lower else 0,
        at_upper=int((weights >= high - edge).sum()),
        margins=tuple(reached for group in groups for reached in group.reached(start, weights)),
        notes=notes,
    )


@dataclass(frozen=True)
class _Group:
    """One margin on this sample: the level of each respondent as a number, the last for none."""

    dimension: str
    names: tuple[str, ...]
    shares: Floats
    code: Integers
    without: int

    @classmethod
    def of(cls, margin: Margin, levels: Objects, base: Floats) -> _Group:
        names = tuple(name for name, target in margin.targets.items() if target > 0)
        place = {name: number for number, name in enumerate(names)}
        code = np.array([place.get(level, len(names)) for level in levels.tolist()], np.intp)
        known = float(base[code < len(names)].sum() / base.sum())
        shares = [margin.targets[name] / margin.total * known for name in names]
        without = int((code == len(names)).sum())
        if without:  # no level is a level of its own, whose target is what it has
            shares.append(1 - known)
        return cls(margin.dimension, names, np.array(shares), code, without)

    def sums(self, weights: Floats) -> Floats:
        """Weight of each level."""
        found: Floats = np.bincount(self.code, weights, len(self.shares)).astype(np.float64)
        return found

    def factors(self, weights: Floats, total: float, low: float, high: float) -> Floats:
        """What each respondent's weight is multiplied by so that each level reaches its target."""
        wanted = self.shares * total
        if low > 0 or np.isfinite(high):
            factor = self._under_bounds(weights, wanted, low, high)
        else:
            factor = wanted / self.sums(weights)
        spread: Floats = factor[self.code]
        return spread

    def _under_bounds(self, weights: Floats, wanted: Floats, low: float, high: float) -> Floats:
        """By Newton's steps, kept within what is known of each factor: weight grows with it."""
        least, most = np.full(len(wanted), FAR_DOWN), np.full(len(wanted), FAR_UP)
        factor: Floats = np.clip(wanted / self.sums(weights), FAR_DOWN, FAR_UP)
        for _ in range(STEPS):
            moved = weights * factor[self.code]
            held = np.clip(moved, low, high)
            found = self.sums(held)
            if np.all(np.abs(found / wanted - 1) < PRECISE):
                break
            least = np.where(found < wanted, factor, least)
            most = np.where(found < wanted, most, factor)
            free = held == moved
            loose = self.sums(np.where(free, weights, 0))
            left = wanted - self.sums(np.where(free, 0, held))
            step = np.divide(left, loose, out=np.zeros_like(left), where=loose > 0)
            inside = (step > least) & (step < most)
            factor = np.where(inside, step, np.sqrt(least) * np.sqrt(most))
        return factor

    def reached(self, before: Floats, after: Floats) -> list[Reached]:
        """Asked and reached, among the respondents who have a level."""
        levels = len(self.names)
        count = np.bincount(self.code, minlength=levels)
        asked, was, now = (
            self.shares[:levels],
            self.sums(before)[:levels],
            self.sums(after)[:levels],
        )
        return [
            Reached(
                self.dimension,
                name,
                int(count[number]),
                float(asked[number] / asked.sum()),
                float(was[number] / was.sum()),
                float(now[number] / now.sum()),
            )
            for number, name in enumerate(self.names)
        ]


def _fit(
    start: Floats, groups: list[_Group], total: float, low: float, high: float
) -> tuple[Floats, int, float]:
    """Weights within bounds, iterations, and the largest relative miss of a margin."""
    unbounded, iterations, miss, earlier = start.copy(), 0, np.inf, np.inf
    while miss > TOLERANCE and iterations < MOST_ITERATIONS:
        for group in groups:
            unbounded *= group.factors(unbounded, total, low, high)
            # Where bounds leave no solution factors grow without end: they stay numbers.
            unbounded = np.clip(unbounded, FAR_DOWN, FAR_UP)
        iterations += 1
        miss = _miss(np.clip(unbounded, low, high), groups, total)
        if iterations % STALLED == 0:
            if miss > 0.9 * earlier:
                break
            earlier = miss
    return np.clip(unbounded, low, high), iterations, miss


def _miss(weights: Floats, groups: list[_Group], total: float) -> float:
    return max(
        float(np.abs(group.sums(weights) / (group.shares * total) - 1).max()) for group in groups
    )


def trim(weights: Floats, low: float, high: float) -> Floats:
    """Cut at the bounds, what was cut spread equally over the others, until none is beyond.

    As R's `survey::trimWeights(strict = TRUE)`. Raises WeightingError where all are beyond.
    """
    for _ in range(MOST_ITERATIONS):
        outside = (weights < low) | (weights > high)
        if not outside.any():
            return weights
        if outside.all():
            break
        cut = np.clip(weights, low, high)
        cut[~outside] += (weights - cut).sum() / (~outside).sum()
        weights = cut
    raise WeightingError(["The bounds leave no weight free to take what is cut; widen them."])


def _possible(w: Floats, levels: Mapping[str, Objects], margins: Sequence[Margin]) -> None:
    """Raise WeightingError with everything that no fitting could mend."""
    reasons = [] if margins else ["No margin is given; give one dimension's targets at least."]
    if not len(w) or not np.all(np.isfinite(w) & (w > 0)):
        reasons.append("A weight to start from is not above 0; expected a number above 0 for all.")
    counted = [margin for margin in margins if margin.counts]
    for margin in margins:
        reasons += _unreadable(margin)
        if margin.dimension not in levels:
            reasons.append(f"{margin.dimension}: this sample has no such dimension.")
        else:
            reasons += _unreachable(margin, levels[margin.dimension])
    for margin in counted[1:]:
        if abs(margin.total / counted[0].total - 1) > NEARLY:
            reasons.append(
                f"{margin.dimension} counts {margin.total:,.0f} and {counted[0].dimension}"
                f" {counted[0].total:,.0f}: expected the same population in every margin."
            )
    if reasons:
        raise WeightingError(reasons)


def _unreadable(margin: Margin) -> list[str]:
    """What is wrong in the targets themselves."""
    name = margin.dimension
    wrong = [
        f"{name}, {level}: found {target:g}; expected a target from 0 up."
        for level, target in margin.targets.items()
        if not np.isfinite(target) or target < 0
    ]
    whole = 1 if margin.total <= 1.5 else 100
    if not wrong and not margin.counts and abs(margin.total / whole - 1) > NEARLY:
        wrong.append(
            f"{name}: the targets add up to {margin.total:g}; expected {whole}, or counts of the"
            " population."
        )
    return wrong


def _unreachable(margin: Margin, levels: Objects) -> list[str]:
    """What this sample cannot be weighted to."""
    name = margin.dimension
    found = {level: 0 for level in margin.targets}
    for level in levels.tolist():
        if level is not None:
            found[level] = found.get(level, 0) + 1
    reasons = []
    for level, n in found.items():
        target = margin.targets.get(level)
        if target is None:
            reasons.append(
                f"{name}, {level}: {n} respondents and no target; give one, or leave them no level."
            )
        elif target == 0 and n:
            reasons.append(f"{name}, {level}: the target is 0 and {n} respondents are there.")
        elif target > 0 and not n:
            reasons.append(
                f"{name}, {level}: nobody in the sample is there, so no weight can reach the"
                " target; merge it with another level."
            )
    return reasons


def _converged(
    weights: Floats, groups: list[_Group], total: float, miss: float, bounds: Bounds
) -> None:
    """Raise WeightingError naming the level that is farthest from its target."""
    if miss <= ACCEPTED:
        return
    group, place = _farthest(weights, groups, total)
    asked = group.shares[place] / group.shares.sum()
    reached = group.sums(weights)[place] / group.sums(weights).sum()
    mended = (
        "the margins contradict one another in this sample; merge levels"
        if bounds == Bounds()
        else f"widen the bounds ({bounds.lower:g} to {bounds.upper:g}) or merge levels"
    )
    raise WeightingError(
        [
            f"Raking does not converge: {group.dimension}, {group.names[place]} reaches"
            f" {reached:.1%} where {asked:.1%} is asked; {mended}."
        ]
    )


def _farthest(weights: Floats, groups: list[_Group], total: float) -> tuple[_Group, int]:
    """The level that is farthest from its target."""
    misses = [
        np.abs(group.sums(weights) / (group.shares * total) - 1)[: len(group.names)]
        for group in groups
    ]
    worst = max(range(len(groups)), key=lambda number: float(misses[number].max()))
    return groups[worst], int(misses[worst].argmax())
