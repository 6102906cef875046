"""Weights of a draft: those of its file, or raked to margins that somebody typed or sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from barometer import weighting
from barometer.codebook import LANGUAGES, YEAR, Codebook, Dimension
from barometer.intake.draft import Draft
from barometer.intake.faults import Fault, FaultyFile
from barometer.weighting import After, Bounds, Margin, Report, WeightingError

COLUMNS = ("dimension", "level", "target")
WEIGHT = "weight"
EVERY_WAVE = 0
SPACES = re.compile(r"\s")


@dataclass(frozen=True)
class Margins:
    """Margins by wave; those of EVERY_WAVE serve each wave that has none of its own."""

    by_wave: Mapping[int, tuple[Margin, ...]]

    def of(self, year: int) -> tuple[Margin, ...]:
        """The margins of a wave."""
        return self.by_wave.get(year) or self.by_wave.get(EVERY_WAVE, ())


def margins(rows: Iterable[Mapping[str, Any]], book: Codebook, file: str) -> Margins:
    """Margins of a table: dimension, level, target, and the year of a wave where waves differ.

    Dimensions and levels are codes of the codebook or their labels in any language; targets are
    shares, percentages or counts. Blank rows are left out. Raises FaultyFile with every fault.
    """
    faults: list[Fault] = []
    found: dict[int, dict[str, dict[str, float]]] = {}
    for at, row in enumerate(rows, start=2):
        cells = {name: str(value).strip() for name, value in row.items() if value is not None}
        if not any(cells.get(name) for name in COLUMNS):
            continue
        dimension = _dimension(book, cells.get("dimension", ""))
        level = _level(dimension, cells.get("level", "")) if dimension else None
        target = number(cells.get("target", ""))
        year = number(cells.get(YEAR) or str(EVERY_WAVE))
        where = (file, at)
        if dimension is None:
            known = ", ".join(book.by_dimension)
            said = f"expected a dimension: {known}"
            faults.append(Fault(*where, "dimension", cells.get("dimension", ""), said))
        elif level is None:
            known = ", ".join(level.code for level in dimension.levels)
            said = f"expected a level of {dimension.code}: {known}"
            faults.append(Fault(*where, "level", cells.get("level", ""), said))
        elif target is None or target < 0:
            said = "expected a share, a percentage or a count"
            faults.append(Fault(*where, "target", cells.get("target", ""), said))
        elif year is None:
            said = "expected the year of a wave, or nothing for all of them"
            faults.append(Fault(*where, YEAR, cells.get(YEAR, ""), said))
        else:
            levels = found.setdefault(int(year), {}).setdefault(dimension.code, {})
            if level in levels:
                said = f"{dimension.code}, {level} has a target already; give it once"
                faults.append(Fault(*where, "level", cells.get("level", ""), said))
            levels[level] = target
    if not found and not faults:
        said = f"no margin is here; expected the columns {', '.join(COLUMNS)}, a row a level"
        faults.append(Fault(file, None, None, None, said))
    if faults:
        raise FaultyFile(faults)
    return Margins(
        {
            year: tuple(Margin(name, targets) for name, targets in dimensions.items())
            for year, dimensions in found.items()
        }
    )


def weighted(
    draft: Draft,
    book: Codebook,
    asked: Margins,
    bounds: Bounds = Bounds(),
    after: After = "bounded",
    *,
    from_file: bool = True,
) -> tuple[Draft, dict[int, Report]]:
    """The draft with raked weights, whose mean is 1 in each wave, and a report a wave.

    Raking starts from the weights of the file, unless `from_file` is false or it has none. Raises
    WeightingError, each reason with its wave, where a margin cannot be reached.
    """
    wave = draft.wave(book)
    levels = _levels(wave.profiles, wave.respondents, [d.code for d in book.dimensions])
    years = wave.respondents.column(YEAR).to_numpy()
    base = wave.respondents.column(WEIGHT).to_numpy() if from_file else np.ones(len(years))
    weights, reports, reasons = np.array(base, np.float64), {}, []
    for year in np.unique(years).tolist():
        here = years == year
        if not asked.of(year):
            reasons.append(f"{year}: no margin is given for this wave.")
            continue
        try:
            found, reports[year] = weighting.rake(
                base[here],
                {name: values[here] for name, values in levels.items()},
                asked.of(year),
                bounds,
                after,
            )
        except WeightingError as fault:
            reasons += [f"{year}: {reason}" for reason in fault.reasons]
            continue
        weights[here] = found / found.mean()
    if reasons:
        raise WeightingError(reasons)
    return replace(draft, table=_with_weights(draft.table, weights)), reports


def described(draft: Draft, book: Codebook) -> dict[int, Report]:
    """The report of the weights that the file has, a wave; none where it has no weights."""
    if WEIGHT not in draft.table.column_names:
        return {}
    respondents = draft.wave(book).respondents
    years, weights = respondents.column(YEAR).to_numpy(), respondents.column(WEIGHT).to_numpy()
    return {
        int(year): weighting.described(weights[years == year]) for year in np.unique(years).tolist()
    }


def unweighted(draft: Draft) -> Draft:
    """The draft without the weights of its file: everyone weighs 1."""
    if WEIGHT not in draft.table.column_names:
        return draft
    return replace(draft, table=draft.table.drop_columns([WEIGHT]))


def report_rows(reports: Mapping[int, Report]) -> list[dict[str, object]]:
    """One row a level of a margin, with what its wave's report says, for a table."""
    return [
        {
            "year": year,
            "dimension": level.dimension,
            "level": level.level,
            "n": level.n,
            "asked": level.asked,
            "before": level.before,
            "after": level.after,
        }
        for year, report in reports.items()
        for level in report.margins
    ]


def summary_rows(reports: Mapping[int, Report]) -> list[dict[str, object]]:
    """One row a wave: convergence, efficiency, bounds, effective base before and after."""
    return [
        {
            "year": year,
            "n": report.n,
            "converged": report.converged,
            "iterations": report.iterations,
            "effective_base_before": report.base_before,
            "effective_base_after": report.base_after,
            "efficiency": report.efficiency,
            "weight_min": report.least,
            "weight_max": report.most,
            "trimmed_mass": report.trimmed,
            "at_lower_bound": report.at_lower,
            "at_upper_bound": report.at_upper,
            "largest_miss": report.miss,
        }
        for year, report in reports.items()
    ]


def _with_weights(table: pa.Table, weights: np.ndarray[Any, Any]) -> pa.Table:
    column = pc.cast(pa.array(weights), pa.string())
    if WEIGHT in table.column_names:
        return table.set_column(table.column_names.index(WEIGHT), WEIGHT, column)
    return table.append_column(WEIGHT, column)


def _levels(
    profiles: pa.Table, respondents: pa.Table, dimensions: list[str]
) -> dict[str, np.ndarray[Any, Any]]:
    """Level of each respondent in each dimension, None for none."""
    of_profile = [dict(levels) for levels in profiles.column("levels").to_pylist()]
    place = {number: at for at, number in enumerate(profiles.column("profile_id").to_pylist())}
    at = np.array([place[number] for number in respondents.column("profile_id").to_pylist()])
    found = {}
    for name in dimensions:
        values = np.empty(len(of_profile), dtype=object)
        values[:] = [levels.get(name) for levels in of_profile]
        found[name] = values[at]
    return found


def _dimension(book: Codebook, text: str) -> Dimension | None:
    for dimension in book.dimensions:
        if text.casefold() in _names(dimension):
            return dimension
    return None


def _level(dimension: Dimension, text: str) -> str | None:
    for level in dimension.levels:
        if text.casefold() in _names(level):
            return level.code
    return None


def _names(declared: Any) -> set[str]:
    """The code of a dimension or level, and its labels."""
    return {
        declared.code.casefold(),
        *(declared.label[language].casefold() for language in LANGUAGES),
    }


def number(text: str) -> float | None:
    """A number with a decimal point or comma, with or without %; None for any other text."""
    plain = SPACES.sub("", text).rstrip("%").replace(",", ".")
    try:
        found = float(plain)
    except ValueError:
        return None
    return found if np.isfinite(found) else None
