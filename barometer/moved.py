"""Whether the numbers of a deck moved: each as it was and as it is, tested with all that is known.

What was printed then is tested with the estimates that it was made of, where their data are still
there; where they are not, with the standard error that the deck itself keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from barometer import significance
from barometer.codebook import Break, Codebook
from barometer.contrasts import Error, Term, error
from barometer.estimates import t_quantile, wald
from barometer.measure import Settings, Source
from barometer.spec import Point
from barometer.words import Translate, translator

Place = tuple[str, str, str]  # category, series and facet of a number on its chart
Verdict = tuple[str, bool | None]  # in words; whether it is significant, None where nothing tells


@dataclass(frozen=True)
class Held:
    """A number as a deck holds it, `point`: its value, its margin of error, its base.

    `source` is where the estimates that it was made of still are, None where they are gone: then
    its terms say what it was about, and its own standard error stands for them. `online` says that
    they are those of the publication that the new number comes from.
    """

    point: Point
    source: Source | None
    online: bool = True


@dataclass(frozen=True)
class _Tested:
    """One difference, and what its error was made of."""

    difference: float
    error: Error
    n_then: int
    n_now: int
    held: Held


def verdicts(
    pairs: Mapping[Place, tuple[Held, Point]], source: Source, settings: Settings, language: str
) -> dict[Place, Verdict]:
    """For each number of a chart, then and now, whether it moved more than chance explains.

    Numbers of other waves are tested, p-values adjusted over all those of the chart. Data of the
    same wave that were replaced may come from the same respondents: the new number is set against
    the former margin of error. Where neither is possible, the words say why.
    """
    found: dict[Place, Verdict] = {}
    tested: dict[Place, _Tested] = {}
    for place, (held, now) in pairs.items():
        reason = _ruled_out(held, now, source.codebook, language)
        if reason:
            found[place] = (reason, None)
        elif _waves(held.point) == _waves(now):
            found[place] = _replaced(held.point, now, settings, translator(language))
        else:
            tested[place] = _test(held, now, source, settings)
    return found | _told(tested, source, settings, translator(language))


def cut_between(book: Codebook, terms: Iterable[Term]) -> Break | None:
    """The trend break that keeps estimates of one item apart, None where all compare."""
    waves: dict[tuple[str, str], list[int]] = {}
    for term in terms:
        waves.setdefault((term.indicator, term.item), []).append(term.year)
    cuts = (book.break_between(*about, min(on), max(on)) for about, on in waves.items())
    return next(filter(None, cuts), None)


def broken(cut: Break, language: str) -> str:
    """Why nothing is compared across a trend break."""
    _ = translator(language)
    sentence = _("not compared, trend break of {year}: {reason}")
    return sentence.format(year=cut.year, reason=cut.reason[language])


def _ruled_out(held: Held, now: Point, book: Codebook, language: str) -> str:
    """Why two numbers cannot be compared; empty where they can."""
    _ = translator(language)
    if now.value is None or held.point.value is None:
        return _("shown in one of them only: the base of the other is too small")
    cut = cut_between(book, (*held.point.terms, *now.terms))
    return "" if cut is None else broken(cut, language)


def _waves(point: Point) -> set[int]:
    return {term.year for term in point.terms}


def _replaced(then: Point, now: Point, settings: Settings, words: Translate) -> Verdict:
    """A number of the same wave, whose data were replaced."""
    _, low, high = words, then.low, then.high
    value, new = then.value or 0.0, now.value or 0.0
    if (low is None or high is None) and then.se and then.df:
        low, high = map(float, wald(value, then.se, then.df, settings.confidence))
    if low is None or high is None:
        return _("data replaced; the former number has no margin of error"), None
    if not low <= new <= high:
        return _("data replaced, beyond the former margin of error"), True
    return _("data replaced, within the former margin of error"), False


def _test(held: Held, now: Point, source: Source, settings: Settings) -> _Tested:
    then = held.point
    difference = (now.value or 0.0) - (then.value or 0.0)
    terms = [(source, term) for term in now.terms]
    if held.source is not None:
        former = [(held.source, term.times(-1.0)) for term in then.terms]
        found = error([*terms, *former])
    else:
        found = _apart(
            kept(then, settings.confidence), error(terms), shared=bool(_waves(then) & _waves(now))
        )
    return _Tested(difference, found, then.n, now.n, held)


def _apart(then: Error, now: Error, *, shared: bool) -> Error:
    """The error of a difference from a number of which the deck keeps only the error.

    Independent samples add their variances; where both have a wave in common, the errors
    themselves are added, which is the widest (Cauchy–Schwarz).
    """
    se = then.se + now.se if shared else float(np.hypot(then.se, now.se))
    df = min(then.df, now.df) if shared else then.df + now.df
    return Error(se, df, exact=now.exact and not shared)


def kept(point: Point, confidence: float = 0.95) -> Error:
    """The standard error of a number, from its interval where it has none of its own.

    A Wilson interval of a share p, with k = t²/n, is as wide as 2h with h²(1 + k)² = p(1 − p)k +
    k²/4, of which one root k is positive: se² = p(1 − p)k/t². Any other interval is value ± t·se.
    NaN, with no degree of freedom, where the point has neither.
    """
    df = point.df if point.df is not None else max(point.n - 1, 0)
    if point.se is not None:
        return Error(point.se, df)
    if point.low is None or point.high is None or point.value is None or not df > 0:
        return Error(float("nan"), 0.0)
    half, t = (point.high - point.low) / 2, float(t_quantile((1 + confidence) / 2, df))
    p = point.value
    symmetric = abs(point.low + point.high - 2 * p) < 1e-9 * max(half, 1e-12)
    if not 0 <= point.low <= p <= point.high <= 1 or (symmetric and p != 0.5):
        return Error(half / t, df)
    a, b = half**2 - 0.25, 2 * half**2 - p * (1 - p)
    k = (-b - float(np.sqrt(b**2 - 4 * a * half**2))) / (2 * a)
    return Error(float(np.sqrt(p * (1 - p) * k)) / t, df)


def _told(
    tested: Mapping[Place, _Tested], source: Source, settings: Settings, words: Translate
) -> dict[Place, Verdict]:
    """The verdict of each test, in words that say what it rests on."""
    if not tested:
        return {}
    alpha, minimum = 1 - settings.confidence, source.codebook.thresholds.flag_below
    p = [one.error.p(one.difference) for one in tested.values()]
    bases = {"n_a": [one.n_then for one in tested.values()]}
    bases["n_b"] = [one.n_now for one in tested.values()]
    table = pd.DataFrame({"p": np.array(p, dtype=np.float64), **bases})
    table = significance.with_adjusted(
        table, [], settings.correction, alpha=alpha, minimum_base=minimum
    )
    rows = zip(tested.items(), table["p_adjusted"], table["significant"], strict=True)
    return {
        place: _verdict(one, adjusted, bool(mark), bool(adjusted < alpha), minimum, words)
        for (place, one), adjusted, mark in rows
    }


def _verdict(
    one: _Tested, adjusted: float, mark: bool, low: bool, minimum: int, words: Translate
) -> Verdict:
    _ = words
    if np.isnan(adjusted):
        return _without_error(one, words), None
    text = _("significant") if mark else _("not significant")
    if low and not mark:
        text = _("not significant: a base is under {n}").format(n=minimum)
    if one.held.source is None:
        text += ", " + _("by the margin of error that the deck keeps")
    elif not one.held.online:
        text += ", " + _("by the data that the deck was made of")
    if not one.error.exact:
        text += ", " + _("with the widest error possible")
    return text, mark


def _without_error(one: _Tested, words: Translate) -> str:
    """Why a difference has no error to be tested with."""
    _ = words
    if np.isnan(one.error.se):
        return _("not tested: the data are gone and the deck keeps no margin of error")
    return _("not tested: neither number varies among respondents")
