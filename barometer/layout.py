"""What a kind of chart works with: the question asked of the data, and the draft of an answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from barometer import crossing, findings, measure
from barometer.codebook import YEAR, Codebook, Dimension, Indicator, Item
from barometer.contrasts import Term
from barometer.crossing import Within
from barometer.declarations import Chart
from barometer.findings import Question
from barometer.measure import DEFAULTS, Settings, Source, Where
from barometer.rows import Rows, isin, known
from barometer.spec import DOWN, TOTAL, UP, Cut, Entry, Point, Published
from barometer.words import Translate, translator

Row = dict[Any, Any]  # one row of a table of estimates


@dataclass(frozen=True)
class View:
    """What a visitor looks at: a wave, some respondents, a language, a method.

    `waves` are those that lines show, all of them unless given; `level` is the group that a
    profile is about, the first of the breakdown unless given; `within` is what the page chose: the
    node of a tree, the item of a list.
    """

    year: int
    where: Where = ()
    language: str = "fr"
    settings: Settings = DEFAULTS
    waves: tuple[int, ...] = ()
    level: str = ""
    within: Within = ()

    def about(self, chart: Chart) -> View:
        """The same view without what a chart does not follow: the chart is then built once."""
        follows = chart.drill or chart.pick is not None
        return self if follows or not self.within else replace(self, within=())


@dataclass
class Draft:
    """What a kind of chart lays out, before the words are added."""

    categories: list[Entry]
    series: list[Entry]
    points: list[Point]
    facets: list[Entry] = field(default_factory=lambda: [Entry("", "")])
    published: list[Published] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    colour_by: str = "series"
    ordered: bool = False
    waves: list[int] = field(default_factory=list)  # where they are not those of the view
    base: str = ""  # where it is not that of the view's wave
    notes: list[str] = field(default_factory=list)  # said before those of every chart


@dataclass(frozen=True)
class Asked:
    """A declaration, a view and the tables that answer it."""

    source: Source
    chart: Chart
    view: View
    published: pd.DataFrame
    colours: tuple[str, ...] = ()

    @property
    def book(self) -> Codebook:
        """The codebook of the waves."""
        return self.source.codebook

    @property
    def indicator(self) -> Indicator:
        """The indicator that the chart declares."""
        return self.book.by_indicator[self.chart.indicator]

    @property
    def dimension(self) -> Dimension | None:
        """The breakdown, None without one."""
        return None if self.chart.by is None else self.book.by_dimension[self.chart.by]

    @property
    def words(self) -> Translate:
        """The words of the interface in the language of the view."""
        return translator(self.view.language)

    @property
    def correction(self) -> str:
        """How p-values are adjusted, in words."""
        _ = self.words
        return {
            "holm": _("Holm"),
            "benjamini_hochberg": _("Benjamini–Hochberg"),
            "none": _("no correction"),
        }[self.view.settings.correction]

    @property
    def waves(self) -> list[int]:
        """The waves that the chart shows."""
        if not self.chart.over_time and self.chart.across != YEAR:
            return [self.view.year]
        return [y for y in self.source.years if not self.view.waves or y in self.view.waves]

    @cached_property
    def items(self) -> list[Item]:
        """The items declared, in order, that the wave asked."""
        chosen = self.indicator.picked(self.chart.items)
        totals = self.of_wave
        asked = set(totals["item"])
        chosen = [item for item in chosen if item.code in asked]
        if self.chart.kind in ("bars", "dumbbell", "plans") and len(chosen) > 1:
            values = np.nan_to_num(totals["value"], nan=-1.0).tolist()
            by_item = dict(zip(totals["item"].tolist(), values, strict=True))
            chosen.sort(key=lambda item: -by_item.get(item.code, -1))
        return chosen[: self.chart.top]

    @cached_property
    def of_wave(self) -> Rows:
        """Estimates of every item that the chart's wave asked; of any wave for lines."""
        totals = self.rows(None)
        if self.chart.over_time:  # the last wave of each item
            last = {item: row for row, item in enumerate(totals["item"].tolist())}
            return totals.at(np.array(sorted(last.values()), dtype=np.int64))
        return totals.at(totals[YEAR] == self.view.year)

    @cached_property
    def narrowed(self) -> tuple[str, ...] | None:
        """The only items that `rows` has, None for all of them."""
        chosen = [item.code for item in self.indicator.picked(self.chart.items)]
        return measure.narrowed(self.source, self.chart.indicator, chosen)

    def rows(self, by: str | None) -> Rows:
        """Estimates of every item, or of those of `narrowed`, in every wave, split or not."""
        view, code = self.view, self.chart.indicator
        rows, _ = measure.waves(self.source, code, by, view.where, view.settings, self.narrowed)
        return rows

    def groups(self) -> list[Entry]:
        """The groups of the breakdown that the filters leave, the total last where declared."""
        if self.dimension is None:
            return [Entry(TOTAL, self.words("All"))]
        kept = dict(self.view.where).get(self.dimension.code)
        entries = [
            Entry(level.code, level.label[self.view.language], position)
            for position, level in enumerate(self.dimension.levels)
            if kept is None or level.code in kept
        ]
        if self.chart.total and len(entries) > 1:
            entries.append(Entry(TOTAL, self.words("All"), -1))
        return entries

    def entry(self, item: Item) -> Entry:
        """An item as an entry, with its colour's place: its own, and never a main level's."""
        taken = len(self.book.main_dimension.levels)
        code = item.code.split(":")[0]
        if code in self.colours:
            position = taken + self.colours.index(code)
        else:
            position = taken + len(self.colours) + list(self.indicator.by_code).index(item.code)
        label = self.apart[0].get(item.code, item.label[self.view.language])
        return Entry(item.code, label, position, item.parent)

    @cached_property
    def apart(self) -> tuple[dict[str, str], str]:
        """Labels of crossed items of which one part differs, and the words that they share."""
        return crossing.told_apart(self.items, self.view.language)

    def question(self, items: list[Item]) -> Question:
        """What the headline answers."""
        view, codes = self.view, tuple(item.code for item in items)
        year, waves = view.year, tuple[int, ...]()
        if view.waves and (self.chart.over_time or self.chart.across == YEAR):
            waves = tuple(self.waves)
            # A sentence is about a wave that shows: the view's, else the last one before it.
            year = max((y for y in waves if y <= year), default=max(waves, default=year))
        asked = (self.chart, self.source, codes, year, view.where, view.language)
        return findings.asked_of(*asked, view.settings, view.level, waves)

    @cached_property
    def table(self) -> list[Row]:
        """The rows to draw: of every wave for lines, of the view's for the other kinds."""
        codes = tuple(item.code for item in self.items)
        rows: Rows = measure.shown.rows(
            self.source,
            self.chart.indicator,
            codes,
            self.chart.by,
            self.chart.total,
            self.view.where,
            self.view.settings,
        )
        kept = {entry.code for entry in self.groups()}
        return rows.at(isin(rows[YEAR], {*self.waves}) & isin(rows["group"], kept)).records()

    def point(self, row: Row, category: str, series: str, facet: str = "") -> Point:
        """One row of estimates and their tests in its place on the chart."""
        by = self.chart.by
        levels = {} if by is None else {by: row.get(by, row.get("group"))}
        if self.chart.across not in (None, YEAR, by):
            levels[self.chart.across] = row.get(self.chart.across)
        kept = tuple((name, (str(level),)) for name, level in levels.items() if level)
        year = int(row.get(YEAR, self.view.year))  # of panels, where no row tells it
        term = Term(row["indicator"], row["item"], year, self.view.where, kept)
        return point_of(row, category, series, facet, (term,))


def point_of(
    row: Row, category: str, series: str, facet: str = "", terms: tuple[Term, ...] = ()
) -> Point:
    """One row of estimates and their tests in its place on a chart."""
    significant = row["significant"] is True
    year = row["versus"] if significant and not isinstance(row["versus"], str) else None
    return Point(
        category=category,
        series=series,
        facet=facet,
        value=known(row["value"]),
        low=known(row["ci_low"]),
        high=known(row["ci_high"]),
        n=int(row["n"]),
        effective_base=known(row["effective_base"]),
        flag=str(row["flag"]),
        mark=("" if not significant else UP if row["difference"] > 0 else DOWN),
        versus=None if year is None else int(year),
        tested=not pd.isna(row.get("p")),
        se=known(row["se"]),
        df=known(row["df"]),
        terms=terms,
    )
