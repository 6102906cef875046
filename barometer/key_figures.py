"""One number at a glance: its value, how it changed since which wave, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from barometer import findings, style
from barometer.charts import SPECS_KEPT, Point, View, headline
from barometer.codebook import YEAR, Indicator
from barometer.contrasts import Term
from barometer.declarations import Chart, KeyFigure
from barometer.findings import Finding, Question
from barometer.kept import kept
from barometer.measure import Source
from barometer.rows import known
from barometer.words import translator

Direction = Literal["up", "down", "off"]  # off: nothing compares, or not significantly


@dataclass(frozen=True)
class Told:
    """A key figure in words of one language: `value` is – where the wave has none to show.

    `change` names both its years, `sure` says whether it is significant, `facts` gives the
    interval and the base; `spark` has the values of the waves that compare; `point` is the number
    itself, None where there is none to show.
    """

    label: str
    definition: str
    value: str
    change: str = ""
    direction: Direction = "off"
    sure: str = ""
    facts: str = ""
    spark: tuple[float, ...] = ()
    point: Point | None = None


def told(source: Source, figure: KeyFigure, view: View) -> Told:
    """What a key figure says in a view."""
    _, language = translator(view.language), view.language
    indicator = source.codebook.by_indicator[figure.indicator]
    definition = indicator.definition[language]
    asked = question(source, figure, view)
    label = (figure.label or indicator.label)[language]
    if asked is None or not len(asked.now):
        missing = _("Not asked in {year}, or hidden by a base that is too small.")
        return Told(label, definition, style.MISSING, facts=missing.format(year=view.year))
    if figure.label is None or figure.item is None:
        item = indicator.item(asked.subject).label[language]
        label = asked.item(asked.subject) if figure.label is None else f"{label} · {item}"
    row = asked.now.row(0)
    change, direction, sure = _change(asked)
    interval = asked.interval(row["ci_low"], row["ci_high"])
    return Told(
        label,
        definition,
        asked.value(row["value"]) + (style.LOW_BASE_MARK if row["flag"] == "flagged" else ""),
        change,
        direction,
        sure,
        f"{interval} · {style.count(int(row['n']), language)}",
        _spark(asked),
        _point(asked, row),
    )


@kept(SPECS_KEPT)
def question(source: Source, figure: KeyFigure, view: View) -> Question | None:
    """What a key figure asks; with no item of its own, the highest of those it is among.

    None where that has no answer to show.
    """
    indicator = source.codebook.by_indicator[figure.indicator]
    items = (figure.item,) if figure.item else _candidates(indicator, figure)

    def about(items: tuple[str, ...]) -> Question:
        return Question(
            source,
            indicator,
            items,
            view.year,
            view.where,
            None,
            view.language,
            settings=view.settings,
        )

    asked = about(items)
    if figure.item:
        return asked
    if asked.partial or not len(asked.now):
        return None
    return about((str(asked.now["item"][int(asked.now["value"].argmax())]),))


def findings_of(
    source: Source,
    charts: Sequence[Chart],
    figures: Sequence[KeyFigure],
    view: View,
    at_most: int,
) -> list[Finding]:
    """The headlines of some charts and the moves of some key figures, the surest first."""
    found = [headline(source, chart, view.about(chart)) for chart in charts]
    for figure in figures:
        asked = question(source, figure, view)
        found.append(findings.best(asked, ("change",)) if asked else None)
    return findings.ranked(iter(found), at_most)


def _point(asked: Question, row: Mapping[str, Any]) -> Point:
    """The number of a key figure, with what it is made of."""
    names = ("value", "ci_low", "ci_high", "se", "df")
    value, low, high, se, df = (known(row[name]) for name in names)
    term = Term(asked.indicator.code, asked.subject, asked.year, asked.where)
    return Point(
        category=asked.indicator.code,
        series=asked.subject,
        value=value,
        low=low,
        high=high,
        n=int(row["n"]),
        flag=str(row["flag"]),
        se=se,
        df=df,
        terms=(term,),
    )


def _candidates(indicator: Indicator, figure: KeyFigure) -> tuple[str, ...]:
    if figure.among == "roots":
        return tuple(item.code for item in indicator.children(None))
    if figure.among == "leaves":
        return tuple(item.code for item in indicator.items if not indicator.children(item.code))
    return figure.among


def _change(asked: Question) -> tuple[str, Direction, str]:
    """The change with both its years, its direction, and in words whether it is significant."""
    _ = translator(asked.language)
    rows = asked.moves
    if not len(rows) or pd.isna(rows["versus"][0]):
        broken = any(
            cut.year == asked.year and cut.concerns(asked.indicator.code, asked.subject)
            for cut in asked.source.codebook.breaks
        )
        if broken:
            return "", "off", _("Trend break in {year}: not compared").format(year=asked.year)
        return "", "off", _("First wave")
    row = rows.row(0)
    if pd.isna(row["difference"]):
        return "", "off", ""
    text = f"{asked.difference(row['difference'])}, {int(row['versus'])} → {asked.year}"
    if row["significant"]:
        return text, "up" if row["difference"] > 0 else "down", _("Significant change")
    gap = asked.detectable(row["difference_se"], row["difference_df"])
    return text, "off", _("Not significant (detectable: {gap})").format(gap=gap)


def _spark(asked: Question) -> tuple[float, ...]:
    """The waves that compare with this one, up to the last; nothing where it is alone."""
    book, rows = asked.source.codebook, asked.totals
    values = tuple(
        value
        for value, year in zip(rows["value"].tolist(), rows[YEAR].tolist(), strict=True)
        if not math.isnan(value)
        and book.break_between(asked.indicator.code, asked.subject, *sorted((year, asked.year)))
        is None
    )
    return values if len(values) > 1 else ()
