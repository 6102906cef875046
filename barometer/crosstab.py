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
    """A whole table. `compared` counts the tests, `by_chance` how many 5 % would mark anyway."""

    indicator: str
    items: tuple[str, ...]
    labels: tuple[str, ...]
    columns: tuple[Column, ...]
    cells: dict[tuple[str, tuple[str, ...]], Cell]
    compared: int
    by_chance: float
    detectable: float | None

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
) -> Crosstab:
    """The table of an indicator in the view's wave, split by up to two dimensions.

    The first column is everybody. Columns are compared in pairs within a level of the second
    breakdown, adjusted over the whole table as the view's settings say.
    """
    where = (*view.where, (YEAR, (str(view.year),)))
    everybody = measure.estimate(source, Selection(indicator.code, (), where, items), view.settings)
    split = Selection(indicator.code, by, where, items)
    groups = measure.estimate(source, split, view.settings) if by else everybody.iloc[:0]
    tests = measure.pairs(source, split, view.settings, ()) if by else None
    moves = _moves(source, indicator, by, view, items)
    order = _sorted(everybody, sort)
    columns = _columns(source, by, view, everybody, groups)
    letters = _letters(tests, by, columns)
    cells = {}
    for rows, names in ((everybody, ()), (groups, by)):
        for row in rows.to_dict("records"):
            levels = tuple(row[name] for name in names)
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
    )


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
    columns = [Column((), _("All"), "", *_bases(everybody, view))]
    if not by:
        return columns
    dimensions = [source.codebook.by_dimension[name] for name in by]
    # The last breakdown varies slowest, so that compared columns stand side by side.
    present = dict.fromkeys(groups[list(reversed(by))].itertuples(index=False, name=None))
    ranks = [{level.code: i for i, level in enumerate(d.levels)} for d in reversed(dimensions)]
    for levels in sorted(
        present, key=lambda found: [r[f] for r, f in zip(ranks, found, strict=True)]
    ):
        forward = tuple(reversed(levels))
        same = [groups[name] == code for name, code in zip(by, forward, strict=True)]
        here = groups[np.logical_and.reduce(same)]
        words = [
            level.label[view.language]
            for dimension, code in zip(dimensions, forward, strict=True)
            if (level := dimension.level(code))
        ]
        letter = LETTERS[len(columns) - 1]
        columns.append(Column(forward, " · ".join(words), letter, *_bases(here, view)))
    return columns


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
        own = tuple(row[name] for name in by)
        other = (row["versus"], *own[1:])
        above, below = (own, other) if row["difference"] > 0 else (other, own)
        found.setdefault((row["item"], above), []).append(letters[below])
    return {key: "".join(sorted(marks)) for key, marks in found.items()}


def _moves(
    source: Source,
    indicator: Indicator,
    by: tuple[str, ...],
    view: View,
    items: tuple[str, ...] | None,
) -> dict[tuple[str, tuple[str, ...]], str]:
    """▲ or ▼ against the settings' reference, where one breakdown at most splits the table."""
    if len(by) > 1:
        return {}
    codes = items or tuple(indicator.by_code)
    split = by[0] if by else None
    rows = measure.shown(source, indicator.code, codes, split, bool(by), view.where, view.settings)
    marked = rows[(rows[YEAR] == view.year) & (rows["significant"] == True)]  # noqa: E712
    return {
        (row["item"], () if row["group"] == TOTAL else (row["group"],)): UP
        if row["difference"] > 0
        else DOWN
        for row in marked.to_dict("records")
    }


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

    known = tests[tests["se"].notna() & (tests["df"] > 0)]
    if known.empty:
        return None
    gaps = significance.smallest_detectable(
        known["se"].to_numpy(), known["df"].to_numpy(), view.settings.confidence
    )
    return float(np.nanmedian(gaps))
