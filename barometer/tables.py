"""The table behind a chart: as shown, rounded and labelled, or full, to defend each number."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from barometer import style
from barometer.charts import HIDDEN, ChartSpec, Entry, Point
from barometer.words import translator


def shown(spec: ChartSpec) -> pd.DataFrame:
    """What the chart shows: one row a category (and facet), one column a series, as printed."""
    head = [_("Group", spec)] if len(spec.facets) > 1 else []
    rows = [
        [
            *([facet.label] if head else []),
            "\u2003" * spec.depth(category) + category.label,
            *(_printed_at(spec, category, series, facet) for series in spec.series),
        ]
        for facet in spec.facets
        for category in spec.categories
    ]
    return pd.DataFrame(rows, columns=[*head, _("Item", spec), *_names(spec)])


def _names(spec: ChartSpec) -> list[str]:
    """Names of the columns; two series of one name are told apart by their codes."""
    labels = [series.label for series in spec.series]
    return [
        f"{series.label} ({series.code})" if labels.count(series.label) > 1 else series.label
        for series in spec.series
    ]


def _printed_at(spec: ChartSpec, category: Entry, series: Entry, facet: Entry) -> str:
    point = spec.at(category.code, series.code, facet.code)
    return "" if point is None else printed(spec, point)


def full(spec: ChartSpec) -> pd.DataFrame:
    """Every number behind the chart: codes, labels, base, effective base, value, interval, flag."""
    labels = {e.code: e.label for e in (*spec.facets, *spec.series, *spec.categories)}
    rows = [
        {
            "indicator": spec.indicator,
            "facet": point.facet,
            "category": point.category,
            "category_label": labels.get(point.category, ""),
            "series": point.series,
            "series_label": labels.get(point.series, ""),
            "n": point.n,
            "effective_base": point.effective_base,
            "value": point.value,
            "ci_low": point.low,
            "ci_high": point.high,
            "flag": point.flag,
            "significant_change": point.mark,
            "change_since": point.versus,
        }
        for point in spec.points
    ]
    return pd.DataFrame(rows).astype({"change_since": "Int64"} if rows else {})


def as_csv(spec: ChartSpec, table: pd.DataFrame) -> bytes:
    """A table of a chart as CSV, with the chart's words below it."""
    words = (spec.headline, spec.measure, spec.base, spec.waves, spec.filters, spec.source)
    told = (*words, spec.provenance, *spec.notes, spec.comparisons)
    return with_notes(table, list(filter(None, told)))


def with_notes(table: pd.DataFrame, notes: Sequence[str]) -> bytes:
    """A table as CSV that spreadsheets open: UTF-8 with its mark, then the notes, below.

    A text that a spreadsheet would run as a formula is opened by an apostrophe.
    """
    safe = table.map(_harmless).rename(columns=_harmless) if len(table) else table
    foot = pd.DataFrame({"": [_harmless(note) for note in notes]})
    parts = (
        safe.to_csv(index=False, lineterminator="\r\n"),
        foot.to_csv(index=False, header=False, lineterminator="\r\n"),
    )
    return ("\ufeff" + "\r\n".join(parts)).encode()


def printed(spec: ChartSpec, point: Point) -> str:
    """A point as text: as on the chart, and where it is hidden, the base that says why."""
    text = spec.printed(point)
    return f"{text} ({style.count(point.n, spec.language)})" if text == HIDDEN else text


def _harmless(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def _(text: str, spec: ChartSpec) -> str:
    return translator(spec.language)(text)
