"""How sure a combination of estimates is: differences, differences of differences, and their parts.

A number that a chart shows is made of *terms*, estimates of an item in a wave among some
respondents; to the first order it moves with each of them by a slope. Its variance is that of the
linearised number, so that respondents who are in several terms are counted once, with their sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from barometer.cells import SUMS, Floats, Selection, Sums
from barometer.codebook import YEAR
from barometer.estimates import Domains
from barometer.measure import Source, Where

# A variance under this fraction of the squares that it is made of is what rounding leaves of zero.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Term:
    """An estimate that a number is made of, and the slope of the number in it.

    `where` filters its base, `levels` keeps the part of the base that the estimate is about;
    `share` says that the estimate is the weight of that part in the base, not the item's mean.
    """

    indicator: str
    item: str
    year: int
    where: Where = ()
    levels: Where = ()
    slope: float = 1.0
    share: bool = False

    def times(self, slope: float) -> Term:
        """The same estimate, in a number that moves with it that many times as much."""
        return replace(self, slope=self.slope * slope)


@dataclass(frozen=True)
class Error:
    """A standard error on `df` degrees of freedom, 0 where nothing can be estimated.

    `exact` is False where it is the widest that cells allow: see `error`.
    """

    se: float
    df: float
    exact: bool = True

    def p(self, difference: float) -> float | None:
        """The two-sided t test of a difference from 0; None where nothing can be tested."""
        if not self.se > 0 or not self.df > 0:
            return None
        return float(2 * stdtr(self.df, -abs(difference) / self.se))


@dataclass
class _Gradient:
    """Rows of one base, by group and stratum, and how the number moves with a respondent of each.

    A respondent of row r with weight w and answer y moves it by w·(alpha[r] + beta[r]·y).
    """

    sums: Sums
    alpha: Floats
    beta: Floats


def error(parts: Iterable[tuple[Source, Term]]) -> Error:
    """The standard error of the number that all the terms, each of its source, make together.

    Within a wave Var = Σ_h n_h/(n_h − 1)·[Σψ² − (Σψ)²/n_h], with ψ the sum over terms of slope·z,
    z = w(y − value)/W for a mean and w(1 − share)/W in, −w·share/W out of the part for a share
    (Binder, Int. Statist. Rev. 51 (1983) 279–292). Waves are independent samples. Cells do not tell
    how two items go together in the same respondents; where a wave has several, its error is the
    sum of each one's, the widest that they allow (Cauchy–Schwarz). df adds, over waves, the
    respondents of the base minus their strata, of the smallest base of the wave.
    """
    terms = list(parts)
    names = tuple(sorted({name for _, term in terms for name, _ in term.levels}))
    bases: dict[tuple[Source, str, str, int, Where], _Gradient] = {}
    for source, term in terms:
        key = (source, term.indicator, term.item, term.year, term.where)
        if key not in bases:
            bases[key] = _read(source, term, names)
        _add(bases[key], term)
    waves: dict[int, list[tuple[float, float]]] = {}
    for (source, _indicator, _item, year, _where), gradient in bases.items():
        waves.setdefault(year, []).append(_spread(source, gradient))
    variance = sum(sum(se for se, _ in found) ** 2 for found in waves.values())
    df = sum(min(df for _, df in found) for found in waves.values())
    exact = all(sum(se > 0 for se, _ in found) < 2 for found in waves.values())
    return Error(float(np.sqrt(variance)), float(df), exact)


def _read(source: Source, term: Term, names: tuple[str, ...]) -> _Gradient:
    where = (*term.where, (YEAR, (str(term.year),)))
    sums = source.sums(Selection(term.indicator, names, where, (term.item,)))
    nothing = np.zeros(len(sums.stratum))
    return _Gradient(sums, nothing, nothing)


def _add(gradient: _Gradient, term: Term) -> None:
    sums = gradient.sums
    weight, answered = (sums.sums[:, SUMS.index(name)] for name in ("w", "wy"))
    part = _part(sums, term.levels)
    inside, total = weight[part].sum(), weight.sum()
    if not inside > 0:
        return
    if term.share:
        gradient.alpha = gradient.alpha + term.slope * (part - inside / total) / total
    else:
        slope = term.slope * part / inside
        gradient.alpha = gradient.alpha - slope * (answered[part].sum() / inside)
        gradient.beta = gradient.beta + slope


def _part(sums: Sums, levels: Where) -> npt.NDArray[np.bool_]:
    """(R,) whether a row has one of the levels, in every dimension named."""
    every = np.arange(len(sums.stratum))
    part = np.ones(len(every), dtype=bool)
    for name, kept in levels:
        part &= np.isin(sums.keys[name].at(every).astype(str), kept)
    return part


def _spread(source: Source, gradient: _Gradient) -> tuple[float, float]:
    """Standard error that one base brings, and its degrees of freedom."""
    sums, alpha, beta = gradient.sums, gradient.alpha, gradient.beta
    n_stratum = source.strata["n"].to_numpy(dtype=np.float64)
    every = np.arange(len(sums.stratum))
    whole = Domains(len(every), {}, every, sums.stratum, sums.sums, n_stratum)
    n, w, w2, wy, w2y, w2y2 = (whole.column(name) for name in SUMS[:6])
    squares = alpha**2 * w2 + beta**2 * w2y2
    strata = len(n_stratum)

    def by_stratum(values: Floats) -> Floats:
        return np.bincount(sums.stratum, weights=values, minlength=strata).astype(np.float64)

    summed = by_stratum(alpha * w + beta * wy)
    spread = by_stratum(squares + 2 * alpha * beta * w2y) - whole.centring() * summed**2
    variance = float((whole.scale() * spread).sum())
    df = float(n.sum() - (by_stratum(n) > 0).sum())
    real = variance > _ROUNDING * float((whole.scale() * by_stratum(squares)).sum())
    return (float(np.sqrt(variance)) if real else 0.0), df
