"""Turns sums of cells into estimates: a value, its design variance and its interval.

A *rollup* is a frame with one row per key × (year, stratum): the key columns, `year`, `stratum` and
the `SUMS`, over the respondents of the base after filters. `strata` is a frame year, stratum, n:
the whole sample of each stratum, in the domain or not. A *domain* is the set of respondents that
one combination of keys selects; arrays called (D,) hold one number per domain, (R,) one per
domain × stratum.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaincinv, stdtrit

from barometer.cells import SUMS, Floats, Integers, Key, Sums
from barometer.kept import Same, kept
from barometer.rows import Rows, framed

Measure = Literal["share", "mean"]
Table = TypeVar("Table", pd.DataFrame, Rows)
Interval = Literal["wilson", "korn_graubard"]

# A variance under this fraction of the squares it is the difference of is rounding, not variance.
_ROUNDING = 1e-13
_STRATUM = ("year", "stratum")
_WIDEST = 2**62  # combinations of levels that an integer tells apart
_SPARSE = 64  # such combinations for one row, over which a table of all of them is slow
_HIDDEN = (
    "weighted_base",
    "effective_base",
    "value",
    "variance",
    "se",
    "df",
    "ci_low",
    "ci_high",
)


class SmallBases(Protocol):
    """Unweighted bases under which an estimate is flagged, or hidden."""

    @property
    def flag_below(self) -> int:
        """An estimate on fewer respondents is flagged."""

    @property
    def hide_below(self) -> int:
        """An estimate on fewer respondents is hidden."""


@dataclass(frozen=True)
class Thresholds:
    """The default small bases; `codebook.Thresholds` serves as well."""

    flag_below: int = 30
    hide_below: int = 10


@dataclass(frozen=True)
class Method:
    """How the interval of a share is computed. Raises ValueError on an unknown interval."""

    confidence: float = 0.95
    interval: Interval = "wilson"

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence is {self.confidence}; it lies between 0 and 1")
        if self.interval not in get_args(Interval):
            raise ValueError(f"no interval {self.interval}; there are {get_args(Interval)}")


@dataclass(frozen=True)
class Domains:
    """Sums of each domain in each stratum that it reaches, beside the strata of the whole sample.

    `keys` says what each of the `size` domains has of each key; `domain`, `stratum` are (R,) codes,
    unique together; `sums` is (R, 7) in the order of SUMS; `n_stratum` is (H,), the whole sample of
    each stratum.
    """

    size: int
    keys: Mapping[str, Key]
    domain: Integers
    stratum: Integers
    sums: Floats
    n_stratum: Floats

    def column(self, name: str) -> Floats:
        """(R,) one of the SUMS."""
        return self.sums[:, SUMS.index(name)]

    def total(self, values: Floats) -> Floats:
        """(D,) sums over strata of (R,) values."""
        return _floats(np.bincount(self.domain, weights=values, minlength=self.size))

    def occupied(self) -> Floats:
        """(D,) number of strata in which the domain has a respondent."""
        return self.total((self.column("n") > 0).astype(float))

    def known(self) -> npt.NDArray[np.bool_]:
        """(D,) whether every key has a level; a respondent may lack a dimension."""
        known = np.ones(self.size, dtype=bool)
        for key in self.keys.values():
            if key.missing.any():
                known &= ~key.missing[key.codes]
        return known

    def scale(self) -> Floats:
        """(H,) n_h / (n_h − 1); 1 for a stratum of one respondent (R: lonely.psu = "adjust")."""
        n = self.n_stratum
        return np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)

    def centring(self) -> Floats:
        """(H,) 1 / n_h; 0 for a stratum of one respondent, whose own mean says nothing."""
        return np.where(self.n_stratum > 1, 1 / np.maximum(self.n_stratum, 1), 0.0)

    def having(self, names: Sequence[str], at: Integers) -> dict[str, Key]:
        """Some keys of the domains at some positions."""
        return {name: self.keys[name].of(at) for name in names}

    def regrouped(
        self, size: int, keys: Mapping[str, Key], domain: Integers, rows: Integers
    ) -> "Domains":
        """Other domains of the same rows: row `rows[i]` goes to domain `domain[i]` of `size`."""
        merged = _merged(domain, self.stratum[rows], self.sums[rows], len(self.n_stratum))
        return Domains(size, keys, *merged, self.n_stratum)


@dataclass(frozen=True)
class Linearised:
    """Weighted means of domains and what their variances are made of.

    `n`, `weight`, `value`, `variance` are (D,); `sum_z` is (R,), Σz of the domain in the stratum
    with z = w(y − value)/weight.
    """

    n: Floats
    weight: Floats
    value: Floats
    variance: Floats
    sum_z: Floats


@framed
def estimate(
    rollup: pd.DataFrame | Sums,
    strata: pd.DataFrame,
    keys: Sequence[str],
    measure: Measure,
    method: Method | None = None,
    thresholds: SmallBases | None = None,
) -> Rows:
    """One row per combination of keys, in order of first appearance; a missing level gives none.

    Columns: the keys, n (respondents), weighted_base Σw, effective_base (Σw)²/Σw², value (a share
    from 0 to 1, or a mean), variance (R's svymean on a subset of the design), se, df (respondents
    minus the strata they belong to), ci_low, ci_high, flag ("", "flagged" or "hidden" by n).
    `method` is Method() and `thresholds` 30 and 10 unless given. Hidden rows keep their numbers:
    see `hide`.

    variance is always R's, 0 included. se is NaN, not estimable, where n < 2 or df ≤ 0, at a share
    of 0 or 1 and for a mean without variance. There is no interval where n < 2 or df ≤ 0, nor for
    a mean without se. value is NaN for an empty base.

    Raises ValueError on a missing column, on a stratum that `strata` lacks or repeats, and on a
    stratum smaller than the part of it in a domain.
    """
    method = method or Method()
    domains = _without_missing(read(rollup, strata, keys))
    means = linearise(domains, measure)
    effective = _divided(means.weight**2, domains.total(domains.column("w2")))
    df = means.n - domains.occupied()
    alone = (means.n < 2) | (df <= 0)
    extreme = _extreme(domains, means) if measure == "share" else means.variance == 0
    se = np.where(alone | extreme, np.nan, np.sqrt(means.variance))
    if measure == "mean":
        low, high = wald(means.value, se, df, method.confidence)
    else:
        low, high = _share_interval(means, effective, extreme, df, method)
    numbers = {
        "n": means.n.astype(np.int64),
        "weighted_base": means.weight,
        "effective_base": effective,
        "value": means.value,
        "variance": means.variance,
        "se": se,
        "df": df,
        "ci_low": np.where(alone, np.nan, low),
        "ci_high": np.where(alone, np.nan, high),
        "flag": _flags(means.n, thresholds or Thresholds()),
    }
    every = np.arange(domains.size)
    return Rows({name: key.at(every) for name, key in domains.keys.items()} | numbers)


def hide(estimates: Table) -> Table:
    """The same table with every number of a hidden row NaN but its base n, which says why."""
    return blanked(estimates, np.asarray(estimates["flag"]) == "hidden", _HIDDEN)


def blanked(table: Table, rows: npt.NDArray[np.bool_], numbers: Collection[str]) -> Table:
    """The same table with the numbers of some rows NaN."""
    here = [str(name) for name in table if name in numbers] if rows.any() else []
    return table.assign(**{name: np.where(rows, np.nan, np.asarray(table[name])) for name in here})


def wilson(
    p: npt.ArrayLike, n_effective: npt.ArrayLike, df: npt.ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Bounds of Wilson's score interval of shares `p`, with the t quantile on `df`.

    Arrays of one shape; bounds lie in [0, 1] and are exactly 0 and 1 at the ends; NaN where df ≤ 0.
    Wilson, JASA 22 (1927) 209–212, with the effective base of the design for n: the "wilson" of
    svyciprop in R's survey. `n_effective` is taken as given: the caller truncates it.
    """
    p, n, t = _floats(p), _floats(n_effective), t_quantile(_upper(confidence), df)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = p + t**2 / (2 * n)
        half = t * np.sqrt(p * (1 - p) / n + t**2 / (4 * n**2))
        low, high = ((centre + sign * half) / (1 + t**2 / n) for sign in (-1, 1))
    return _closed(p, low, high)


def korn_graubard(
    p: npt.ArrayLike, n_effective: npt.ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Bounds of the Clopper–Pearson interval of shares `p` on an effective base: conservative.

    Arrays of one shape; bounds lie in [0, 1]. Korn and Graubard, Survey Methodology 24 (1998)
    193–201: the "beta" of svyciprop in R's survey when `n_effective` is p(1 − p)/Var times
    `small_df_factor`. It is taken as given: the caller truncates it.
    """
    p, n, upper = _floats(p), _floats(n_effective), _upper(confidence)
    with np.errstate(invalid="ignore"):
        low = betaincinv(p * n, (1 - p) * n + 1, 1 - upper)
        high = betaincinv(p * n + 1, (1 - p) * n, upper)
    return _closed(p, low, high)


def wald(
    value: npt.ArrayLike, se: npt.ArrayLike, df: npt.ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Bounds value ± t·se on `df`, for means; NaN where df ≤ 0. R's confint(svymean(…), df = )."""
    half = t_quantile(_upper(confidence), df) * _floats(se)
    return _floats(value) - half, _floats(value) + half


def small_df_factor(n: npt.ArrayLike, df: npt.ArrayLike, confidence: float = 0.95) -> Floats:
    """(t(n − 1) / t(df))², by which Korn and Graubard shrink an effective base of few df."""
    ratio = t_quantile(_upper(confidence), _floats(n) - 1) / t_quantile(_upper(confidence), df)
    return _floats(ratio**2)


def t_quantile(probability: float, df: npt.ArrayLike) -> Floats:
    """Quantile of Student's t; NaN where df ≤ 0 or NaN."""
    df = _floats(df)
    return _floats(stdtrit(np.where(df > 0, df, np.nan), probability))


def read(rollup: pd.DataFrame | Sums, strata: pd.DataFrame, keys: Sequence[str]) -> Domains:
    """Domains of a rollup, missing levels included; rows that share keys and stratum are added.

    Raises ValueError as `estimate` does.
    """
    if isinstance(rollup, Sums):
        return _domains(rollup, strata, keys)
    _require(rollup, (*keys, "year", "stratum", *SUMS), "rollup")
    _require(strata, ("year", "stratum", "n"), "strata")
    sums = rollup[list(SUMS)].to_numpy(dtype=np.float64, na_value=np.nan)
    sums = np.where(sums[:, :1] > 0, sums, 0.0)
    parts = {name: _key(rollup, name) for name in keys}
    domain, first = combined(parts.values(), len(rollup))
    n_stratum = strata["n"].to_numpy(dtype=np.float64)
    merged = _merged(domain, _strata_codes(rollup, strata), sums, len(strata))
    if (merged[2][:, 0] > n_stratum[merged[1]]).any():
        raise ValueError("a domain has more respondents in a stratum than the whole sample has")
    found = {name: key.of(first) for name, key in parts.items()}
    return Domains(len(first), found, *merged, n_stratum)


def _domains(sums: Sums, strata: pd.DataFrame, keys: Sequence[str]) -> Domains:
    """Domains of sums whose rows are in the order of their keys: each domain stands together."""
    turns = np.zeros(len(sums.stratum), dtype=bool)
    turns[:1] = True
    for name in keys:
        codes = sums.keys[name].codes
        turns[1:] |= codes[1:] != codes[:-1]
    first = np.flatnonzero(turns)
    found = {name: sums.keys[name].of(first) for name in keys}
    whole = _whole_sample(Same(strata))
    return Domains(len(first), found, np.cumsum(turns) - 1, sums.stratum, sums.sums, whole)


@kept(8)
def _whole_sample(strata: Same[pd.DataFrame]) -> Floats:
    """(H,) respondents of each stratum; a publication's strata do not change."""
    return strata.held["n"].to_numpy(dtype=np.float64)


def linearise(domains: Domains, measure: Measure) -> Linearised:
    """Weighted means and their variances, by Taylor linearisation over whole strata.

    With z = w(y − p)/W in the domain and 0 outside, Var = Σ_h n_h/(n_h − 1)·[Σz² − (Σz)²/n_h]: R's
    svymean on subset(design). A stratum of one respondent gives z². Variances under the rounding of
    their own sums are 0, never negative.
    """
    w2, w2y, w2y2 = (domains.column(name) for name in ("w2", "w2y", "w2y2"))
    weight = domains.total(domains.column("w"))
    value = _divided(domains.total(domains.column("wy")), weight)
    n, n_y = (domains.total(domains.column(name)) for name in ("n", "n_y"))
    if measure == "share":
        # Counts know 0 and 1 exactly where a ratio of sums may miss 1 by its last digit.
        value = np.where((n_y == n) & (n > 0), 1.0, np.clip(value, 0, 1))
    p, total = value[domains.domain], weight[domains.domain]
    scale, centring = domains.scale()[domains.stratum], domains.centring()[domains.stratum]
    sum_z = _divided(domains.column("wy") - p * domains.column("w"), total)
    squares = _divided(w2y2 + p**2 * w2, total**2)
    sum_z2 = squares - _divided(2 * p * w2y, total**2)
    variance = domains.total(scale * (sum_z2 - centring * sum_z**2))
    real = variance > _ROUNDING * domains.total(scale * squares)
    variance = np.where(real | np.isnan(variance), variance, 0.0)
    if measure == "share":
        variance = np.where(((n_y == 0) | (n_y == n)) & (n > 0), 0.0, variance)
    variance = np.where(weight > 0, variance, np.nan)
    return Linearised(n, weight, value, variance, sum_z)


def codes(table: pd.DataFrame | Rows, keys: Sequence[str]) -> tuple[Integers, Integers]:
    """Code of each row's combination of keys, and the first row of each, by first appearance.

    A missing level is a level. No key at all: one group.
    """
    return combined([_key(table, name) for name in keys], len(table))


def combined(keys: Collection[Key], rows: int) -> tuple[Integers, Integers]:
    """As `codes`, of keys that each have so many rows."""
    code, size = np.zeros(rows, dtype=np.int64), 1
    for key in keys:
        if size * len(key.levels) > _WIDEST:
            code, first = _numbered(code, size)
            size = len(first)
        code, size = code * len(key.levels) + key.codes, size * len(key.levels)
    return _numbered(code, size)


def _key(table: pd.DataFrame | Rows, name: str) -> Key:
    """A column as a key."""
    column = table[name] if isinstance(table, Rows) else table[name].array
    found, levels = pd.factorize(column, use_na_sentinel=False)
    return Key(found, levels, np.asarray(pd.isna(levels)))


def _numbered(values: Integers, size: int) -> tuple[Integers, Integers]:
    """Positions of integers among the distinct ones, by first appearance, and the first of each.

    They are under `size`.
    """
    rows = len(values)
    if size > _SPARSE * (rows + 1):
        found, distinct = pd.factorize(values)
        values, size = found.astype(np.int64, copy=False), len(distinct)
    first = np.full(size, rows, dtype=np.int64)
    first[values[::-1]] = np.arange(rows)[::-1]
    there = np.flatnonzero(first < rows)
    there = there[np.argsort(first[there])]
    place = np.empty(size, dtype=np.int64)
    place[there] = np.arange(len(there))
    return place[values], first[there]


def _without_missing(domains: Domains) -> Domains:
    """The domains whose keys all have a level."""
    known = domains.known()
    if known.all():
        return domains
    rows = known[domains.domain]
    place = np.cumsum(known) - 1
    left = np.flatnonzero(known)
    return Domains(
        len(left),
        domains.having(list(domains.keys), left),
        place[domains.domain[rows]],
        domains.stratum[rows],
        domains.sums[rows],
        domains.n_stratum,
    )


def _share_interval(
    means: Linearised, kish: Floats, extreme: npt.NDArray[np.bool_], df: Floats, method: Method
) -> tuple[Floats, Floats]:
    """Interval on n* = min(p(1 − p)/Var, n), Kish's effective base where p is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        design = means.value * (1 - means.value) / means.variance
    n_effective = np.where(extreme, kish, design)
    if method.interval == "wilson":
        truncated = np.minimum(n_effective, means.n)
        return wilson(means.value, truncated, df, method.confidence)
    n_effective = n_effective * small_df_factor(means.n, df, method.confidence)
    return korn_graubard(means.value, np.minimum(n_effective, means.n), method.confidence)


def _extreme(domains: Domains, means: Linearised) -> npt.NDArray[np.bool_]:
    n_y = domains.total(domains.column("n_y"))
    return np.asarray((n_y == 0) | (n_y == means.n))


def _flags(n: Floats, thresholds: SmallBases) -> npt.NDArray[np.object_]:
    flags = np.full(len(n), "", dtype=object)
    flags[n < thresholds.flag_below] = "flagged"
    flags[n < thresholds.hide_below] = "hidden"
    return flags


def _strata_codes(rollup: pd.DataFrame, strata: pd.DataFrame) -> Integers:
    """(rows of the rollup,) position of each row's stratum in `strata`."""
    place = {key: position for position, key in enumerate(_years_and_strata(strata))}
    if len(place) < len(strata):
        raise ValueError("strata: a (year, stratum) stands there twice")
    code, first = codes(rollup, _STRATUM)
    found = _years_and_strata(rollup.iloc[first])
    for year, stratum in found:
        if (year, stratum) not in place:
            raise ValueError(
                f"strata: nothing on stratum {stratum!r} of {year}, which the rollup has"
            )
    return np.array([place[key] for key in found], dtype=np.int64)[code]


def _years_and_strata(frame: pd.DataFrame) -> list[tuple[object, object]]:
    return list(zip(*(frame[name].tolist() for name in _STRATUM), strict=True))


def _merged(
    domain: Integers, stratum: Integers, sums: Floats, n_strata: int
) -> tuple[Integers, Integers, Floats]:
    """Rows of the same domain and stratum added: the square of a sum is not a sum of squares."""
    places = int(domain.max(initial=-1) + 1) * n_strata
    cell, first = _numbered(domain * n_strata + stratum, places)
    if len(first) < len(cell):
        added = [np.bincount(cell, weights=column, minlength=len(first)) for column in sums.T]
        sums = np.stack(added, axis=1)
    return domain[first], stratum[first], sums


def _require(frame: pd.DataFrame, columns: Sequence[str], name: str) -> None:
    if missing := [column for column in columns if column not in frame.columns]:
        raise ValueError(f"{name}: no column {', '.join(missing)}")


def _closed(p: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Bounds held to [0, 1] and around the share, so exactly 0 or 1 where the share is."""
    known = ~(np.isnan(low) & np.isnan(high))
    low = np.where((p == 0) & known, 0.0, low)
    high = np.where((p == 1) & known, 1.0, high)
    return np.clip(low, 0, np.minimum(p, 1)), np.clip(high, np.maximum(p, 0), 1)


def _divided(over: Floats, under: Floats) -> Floats:
    """Quotient, NaN where the divisor is not positive."""
    return np.divide(over, under, out=np.full_like(over, np.nan), where=under > 0)


def _upper(confidence: float) -> float:
    return 1 - (1 - confidence) / 2


def _floats(values: npt.ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)
