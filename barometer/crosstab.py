"""A table as survey people expect it: lettered columns, bases, values, margins, significance."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from barometer import measure, significance, style
from barometer.cells import Selection
from barometer.charts import DOWN, HIDDEN, UP, View
from barometer.codebook import YEAR, Indicator
from barometer.measure import TOTAL, Source
from barometer.words import translator

Sort = Literal["questionnaire", "value"]
LETTERS = [
    *string.ascii_uppercase,
    *(a + b for a in string.ascii_uppercase for b in string.ascii_uppercase),
]


@dataclass(frozen=True)
class Column:
    """One group: the levels of each breakdown (none for everybody), its words and its letter."""

    levels: tuple[str, ...]
    label: str
    letter: str
    n: str
    effective_base: str


@dataclass(frozen=True)
class Cell:
    """One estimate as printed, with the letters of the columns that it is significantly above."""

    text: str
    value: float | None
    letters: str
    flag: str


@dataclass(frozen=True)
class Crosstab:
    """A whole table. `compared` counts the tests, `by_chance` how many 5 % would mark anyway.

    `breaks` are the trend breaks that some comparison of the table meets, as year and reason.
    """

    indicator: str
    items: tuple[str, ...]
    labels: tuple[str, ...]
    columns: tuple[Column, ...]
    cells: dict[tuple[str, tuple[str, ...]], Cell]
    compared: int
    by_chance: float
    detectable: float | None
    breaks: tuple[tuple[int, str], ...] = ()

    def frame(self, language: str) -> pd.DataFrame:
        """The table as printed: bases first, then one row an item; columns carry their letters."""
        _ = translator(language)
        head = {
            "": [_("Base n"), _("Effective base"), *self.labels],
        }
        for column in self.columns:
            name = f"{column.label} ({column.letter})" if column.letter else column.label
            body = [self.cells.get((item, column.levels)) for item in self.items]
            head[name] = [
                column.n,
                column.effective_base,
                *("" if cell is None else cell.text for cell in body),
            ]
        return pd.DataFrame(head)

    def highest(self, most: int) -> tuple[str, ...]:
        """The items with the highest values of the whole table, in the table's order."""
        best = {
            item: max(c.value or 0.0 for (code, _), c in self.cells.items() if code == item)
            for item in self.items
        }
        kept = set(sorted(self.items, key=lambda item: -best[item])[:most])
        return tuple(item for item in self.items if item in kept)

    def values(self) -> pd.DataFrame:
        """The values alone, same shape as the item rows of `frame`, for shading."""
        return pd.DataFrame(
            [
                [
                    None if (cell := self.cells.get((item, column.levels))) is None else cell.value
                    for column in self.columns
                ]
                for item in self.items
            ],
            dtype=float,
        )


def build(
    source: Source,
    indicator: Indicator,
    by: tuple[str, ...],
    view: View,
    items: tuple[str, ...] | None = None,
    sort: Sort = "questionnaire",
    margins: bool = False,
    waves: tuple[int, ...] = (),
) -> Crosstab:
    """The table of an indicator in the view's wave, split by up to two dimensions.

    Where the year is one of them, `waves` are those to show: all of them unless given. The first
    column is everybody, not there where the table is split by wave: waves are no one population.
    Columns are compared in pairs within a level of the second breakdown, adjusted over the whole
    table as the view's settings say.
    """
    kept = (waves or tuple(source.years)) if YEAR in by else (view.year,)
    where = (*view.where, (YEAR, tuple(map(str, kept))))
    everybody = measure.estimate(source, Selection(indicator.code, (), where, items), view.settings)
    split = Selection(indicator.code, by, where, items)
    groups = measure.estimate(source, split, view.settings) if by else everybody.iloc[:0]
    tests = measure.pairs(source, split, view.settings, ()) if by else None
    moves = _moves(source, indicator, by, view, items, kept)
    order = _sorted(everybody, sort)
    columns = _columns(source, by, view, everybody, groups)
    letters = _letters(tests, by, columns)
    cells = {}
    for rows, names in ((everybody, ()), (groups, by)):
        for row in rows.to_dict("records"):
            levels = tuple(str(row[name]) for name in names)
            key = (row["item"], levels)
            cells[key] = _cell(
                row, letters.get(key, ""), moves.get(key, ""), indicator, view, margins
            )
    done = tests["p"].notna().sum() if tests is not None else 0
    alpha = 1 - view.settings.confidence
    return Crosstab(
        indicator.code,
        tuple(order),
        tuple(indicator.item(item).label[view.language] for item in order),
        tuple(columns),
        cells,
        int(done),
        float(done * alpha),
        _detectable(tests, view),
        _breaks(source, indicator, order, kept, view),
    )


def _breaks(
    source: Source, indicator: Indicator, items: list[str], waves: tuple[int, ...], view: View
) -> tuple[tuple[int, str], ...]:
    """Breaks between the waves shown, or since the wave before where there is one."""
    earlier = [year for year in source.years if year < waves[0]]
    after = waves[0] if len(waves) > 1 or not earlier else earlier[-1]
    met = source.codebook.breaks_met(indicator.code, items, after, max(waves))
    return tuple(dict.fromkeys((cut.year, cut.reason[view.language]) for cut in met))


def _sorted(everybody: pd.DataFrame, sort: Sort) -> list[str]:
    if sort == "value":
        everybody = everybody.sort_values("value", ascending=False, kind="stable")
    return list(everybody["item"])


def _columns(
    source: Source,
    by: tuple[str, ...],
    view: View,
    everybody: pd.DataFrame,
    groups: pd.DataFrame,
) -> list[Column]:
    """Everybody, then each group that has respondents, in the codebook's order."""
    _ = translator(view.language)
    columns = []
    if YEAR not in by:
        columns.append(Column((), _("All"), "", *_bases(everybody, view)))
    if not by:
        return columns
    words = [_words(source, name, view.language) for name in by]
    ranks = [{code: rank for rank, code in enumerate(labels)} for labels in words]
    found: dict[tuple[str, ...], list[int]] = {}
    for row, levels in enumerate(zip(*(groups[name].astype(str) for name in by), strict=True)):
        found.setdefault(levels, []).append(row)
    # The last breakdown varies slowest, so that compared columns stand side by side.
    for place, levels in enumerate(
        sorted(found, key=lambda ls: [r[at] for r, at in zip(ranks, ls, strict=True)][::-1])
    ):
        label = " · ".join(labels[code] for labels, code in zip(words, levels, strict=True))
        bases = _bases(groups.iloc[found[levels]], view)
        columns.append(Column(levels, label, LETTERS[place], *bases))
    return columns


def _words(source: Source, name: str, language: str) -> dict[str, str]:
    """Level of a breakdown → its words, in order."""
    if name == YEAR:
        return {str(year): str(year) for year in source.years}
    levels = source.codebook.by_dimension[name].levels
    return {level.code: level.label[language] for level in levels}


def _bases(rows: pd.DataFrame, view: View) -> tuple[str, str]:
    """The unweighted and the effective base: a range where items differ."""
    return _range(rows["n"], view.language), _range(rows["effective_base"], view.language)


def _range(values: pd.Series, language: str) -> str:
    known = values.dropna()
    if known.empty:
        return HIDDEN
    low, high = style.number(known.min(), language), style.number(known.max(), language)
    return low if low == high else f"{low}–{high}"


def _letters(
    tests: pd.DataFrame | None, by: tuple[str, ...], columns: list[Column]
) -> dict[tuple[str, tuple[str, ...]], str]:
    """For each cell the letters of the columns that it is significantly above."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    letters = {column.levels: column.letter for column in columns}
    if tests is None:
        return {}
    for row in tests[tests["significant"]].to_dict("records"):
        own = tuple(str(row[name]) for name in by)
        other = (str(row["versus"]), *own[1:])
        above, below = (own, other) if row["difference"] > 0 else (other, own)
        found.setdefault((row["item"], above), []).append(letters[below])
    return {key: "".join(sorted(marks)) for key, marks in found.items()}


def _moves(
    source: Source,
    indicator: Indicator,
    by: tuple[str, ...],
    view: View,
    items: tuple[str, ...] | None,
    waves: tuple[int, ...],
) -> dict[tuple[str, tuple[str, ...]], str]:
    """▲ or ▼ against the settings' reference, where one dimension at most splits the table."""
    dimensions = [name for name in by if name != YEAR]
    if len(dimensions) > 1:
        return {}
    codes, split = items or tuple(indicator.by_code), next(iter(dimensions), None)
    total = split is not None and YEAR not in by
    rows = measure.shown(source, indicator.code, codes, split, total, view.where, view.settings)
    marked = rows[rows[YEAR].isin(waves) & (rows["significant"] == True)]  # noqa: E712
    found = {}
    for row in marked.to_dict("records"):
        levels = {YEAR: str(row[YEAR]), split: row["group"]}
        place = () if row["group"] == TOTAL and YEAR not in by else tuple(levels[n] for n in by)
        found[row["item"], place] = UP if row["difference"] > 0 else DOWN
    return found


def _cell(
    row: dict[Any, Any],
    letters: str,
    mark: str,
    indicator: Indicator,
    view: View,
    margins: bool,
) -> Cell:
    if row["flag"] == "hidden" or pd.isna(row["value"]):
        return Cell(HIDDEN, None, "", row["flag"])
    language, share = view.language, indicator.measure == "share"
    text = style.share(row["value"], language) if share else style.mean(row["value"], language)
    if row["flag"] == "flagged":
        text += style.LOW_BASE_MARK
    if margins and not pd.isna(row["ci_low"]):
        interval = style.interval if share else style.mean_interval
        text += f" ({interval(row['ci_low'], row['ci_high'], language)})"
    return Cell(" ".join(filter(None, (text, letters, mark))), row["value"], letters, row["flag"])


def _detectable(tests: pd.DataFrame | None, view: View) -> float | None:
    """The gap between two columns that these bases would show four times out of five, typically."""
    if tests is None:
        return None
    gap = significance.typically_detectable(tests["se"], tests["df"], view.settings.confidence)
    return None if np.isnan(gap) else gap
