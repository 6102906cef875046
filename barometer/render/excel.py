"""Charts as an Excel workbook: each a native chart over its table, with all that defends it."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from barometer import style, tables
from barometer.deck import Deck
from barometer.render import excel_charts, sheet
from barometer.render.excel_charts import Cells, number_format
from barometer.render.text import legible
from barometer.spec import ChartSpec, Entry, Point
from barometer.style import LIGHT
from barometer.words import translator

ROW = 20  # pixels of a row
LABEL, VALUE = 34, 15  # characters of the column of labels, and of one of values
COLUMNS = 8  # that the words are merged over
LINE = LABEL + VALUE * (COLUMNS - 1)  # characters of a line of them, about
TALLEST = 400  # points; Excel allows 409
DIGITS = {"share": "0.0%", "points": "0.0%", "mean": "0.00"}
NUMBERS = {"value", "ci_low", "ci_high"}
ICICLE_INDENT = 2  # levels of a cell's indent for one level of the tree


def chart(spec: ChartSpec) -> bytes:
    """A workbook of one chart: its words, the chart, its table, then every number behind it.

    A hidden number is in no cell. Text stays text, whatever it starts with.
    """
    with _workbook(spec.headline, spec.provenance) as (book, content):
        _Sheet(book, spec, sheet.name(spec.measure)).write()
    return content.getvalue()


def deck(deck: Deck) -> bytes:
    """A workbook of several charts: an index with links, then a sheet a chart."""
    with _workbook(deck.title, deck.provenance) as (book, content):
        names = [
            sheet.name(f"{number}. {slide.spec.measure}")
            for number, slide in enumerate(deck.slides, start=1)
        ]
        _ = translator(deck.language)
        index = sheet.name(_("Contents"))
        _index(book, deck, index, names)
        for name, slide in zip(names, deck.slides, strict=True):
            words = [slide.comment, *_contradicted(slide.contradicted, deck.language)]
            told = _("Address of this view: {address}").format(address=slide.address)
            below = [slide.definition, *slide.questions, told]
            _Sheet(book, slide.spec, name, slide.title, words, below, index).write()
    return content.getvalue()


@contextmanager
def _workbook(title: str, provenance: str) -> Iterator[tuple[Workbook, io.BytesIO]]:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, sheet.OPTIONS) as book:
        book.set_properties({"title": legible(title)[:255], "comments": legible(provenance)[:255]})
        yield book, content


def _contradicted(finding: str, language: str) -> list[str]:
    _ = translator(language)
    return [_("the data say: {text}").format(text=finding)] if finding else []


@dataclass
class _Sheet:
    """One chart on one sheet. `words` stand under the title, `below` after the chart's notes."""

    book: Workbook
    spec: ChartSpec
    name: str
    title: str = ""
    words: Sequence[str] = ()
    below: Sequence[str] = ()
    index: str = ""

    def write(self) -> None:
        """From the title down to the last of the numbers; the first page is all but those."""
        spec, self.page = self.spec, self.book.add_worksheet(self.name)
        _page(self.page, landscape=True)
        self.page.set_column(0, 0, LABEL)
        self.page.set_column(1, 20, VALUE)
        row = self.line(0, self.title or spec.headline, 21, bold=True, font_size=16)
        row = self.line(row, spec.measure, font_color=LIGHT.muted)
        for words in filter(None, self.words):
            row = self.line(row, words, italic=True)
        if spec.empty:
            self.line(row + 1, spec.empty)
            return
        row = self.drawing(row)
        row = self.table(row) + 1
        facts = " · ".join(filter(None, (spec.base, spec.waves, spec.filters)))
        source = f"{spec.source} · {spec.provenance}"
        receipt = self._("Reference of these figures: {receipt}").format(receipt=spec.receipt)
        notes = (facts, *spec.notes, *self.published(), source, *self.below)
        for note in filter(None, (*notes, receipt if spec.receipt else "")):
            row = self.line(row, note, font_color=LIGHT.muted)
        if self.index:
            self.page.write_url(
                row,
                0,
                f"internal:'{self.index}'!A1",
                self.format(font_color=LIGHT.accent, underline=1),
                self.index,
            )
            row += 1
        self.page.print_area(0, 0, row - 1, max(COLUMNS - 1, len(spec.series) + self.lead - 1))
        self.numbers(row + 1)

    def drawing(self, row: int) -> int:
        """The native chart, over the table that comes below it; the row of that table's head."""
        height = excel_charts.height(self.spec)
        if not height:
            return row + 1
        each = math.ceil(height / ROW) + 1
        head = row + 1 + each * len(self.spec.facets)
        cells = Cells(self.name, head, self.lead - 1, drawn=self.beside(head))
        options = {"description": legible(self.spec.alt)[:2000], "object_position": 2}
        for drawn in excel_charts.charts(self.book, self.spec, cells):
            self.page.insert_chart(row + 1, 0, drawn, options)
            row += each
        return head

    def beside(self, head: int) -> int:
        """The numbers that a line is drawn from where some are hidden, beside their table.

        Cells of the table again, by formula, but nothing where it says that a number is hidden.
        Returns the first column, 0 where the line is drawn from the table.
        """
        spec = self.spec
        if not excel_charts.has_gaps(spec):
            return 0
        left = max(COLUMNS, self.lead + len(spec.series)) + 1
        made = self.format(font_color=LIGHT.muted, num_format=number_format(spec))
        told = self._("What the chart draws: no number where a base is hidden")
        self.page.write_string(head, left, told, self.format(font_color=LIGHT.muted, italic=True))
        for rank, category in enumerate(spec.categories):
            row = head + 1 + rank
            for place, series in enumerate(spec.series):
                point = spec.at(category.code, series.code)
                if point is not None and point.value is not None:
                    cell = xl_rowcol_to_cell(row, self.lead + place)
                    self.page.write_formula(row, left + place, f"={cell}", made, point.value)
        return left

    @property
    def lead(self) -> int:
        """Columns before those of the series: the category, and the facet where there are some."""
        return 1 + (len(self.spec.facets) > 1)

    def table(self, row: int) -> int:
        """What the chart shows as numbers that print as it prints them; the row after the last."""
        spec, lead = self.spec, self.lead
        ruled = {"bold": True, "bg_color": LIGHT.surface, "bottom": 1, "text_wrap": True}
        head, right = self.format(**ruled), self.format(**ruled, align="right")
        names = [str(name) for name in tables.shown(spec).columns]
        self.page.set_row(row, _height(max(names, key=len), VALUE))
        right = self.format(
            bold=True, bg_color=LIGHT.surface, bottom=1, text_wrap=True, align="right"
        )
        for column, name in enumerate(names):
            self.page.write_string(row, column, legible(name), head if column < lead else right)
        first = row + 1
        for facet in spec.facets:
            for category in spec.categories:
                row += 1
                if lead > 1:
                    self.page.write_string(row, 0, legible(facet.label), self.format())
                self.category(row, lead - 1, category)
                for place, series in enumerate(spec.series):
                    point = spec.at(category.code, series.code, facet.code)
                    self.value(row, lead + place, point)
        if row >= first:
            self.shade(first, lead, row, lead + len(spec.series) - 1)
        return row + 1

    def category(self, row: int, column: int, category: Entry) -> None:
        """A label; a wave as a number, and an item of a tree as deep as it stands in it."""
        if self.spec.kind == "lines":
            self.page.write_number(row, column, int(category.code), self.format(align="left"))
            return
        depth = _depth(self.spec, category) if self.spec.kind == "tree" else 0
        style = self.format(indent=min(depth * ICICLE_INDENT, 15)) if depth else self.format()
        self.page.write_string(row, column, legible(category.label), style)

    def value(self, row: int, column: int, point: Point | None) -> None:
        """A number with the marks of its point; the words for it where it is not shown."""
        if point is None:
            return
        if point.value is None:
            text = tables.printed(self.spec, point)
            self.page.write_string(row, column, text, self.format(font_color=LIGHT.muted))
        elif "points" in (self.spec.unit, point.unit):  # in points: Excel's % would multiply by 100
            told = (point.unit or self.spec.unit) == "points"
            code = _points(self.spec.language) if told else _whole(self.spec.language)
            self.page.write_number(row, column, 100 * point.value, self.format(num_format=code))
        else:
            code = number_format(self.spec, point)
            self.page.write_number(row, column, point.value, self.format(num_format=code))

    def shade(self, first: int, left: int, last: int, right: int) -> None:
        """A colour scale behind a heat map; a bar in each cell of a tree."""
        if self.spec.kind in ("heatmap", "panels"):
            scale = {
                "type": "2_color_scale",
                "min_type": "num",
                "min_value": 0,
                "min_color": LIGHT.background,
                "max_color": LIGHT.sequential[3],  # the darkest that black reads on
            }
            self.page.conditional_format(first, left, last, right, scale)
        elif self.spec.kind == "tree":
            bars = {"type": "data_bar", "bar_color": LIGHT.sequential[2], "bar_solid": True}
            bars |= {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
            self.page.conditional_format(first, left, last, right, bars)

    def published(self) -> list[str]:
        """A line for each figure printed elsewhere that the chart marks."""
        spec = self.spec
        names = {entry.code: entry.label for entry in (*spec.categories, *spec.series)}
        return [
            f"◇ {names.get(mark.category, '')}, {names.get(mark.series, '')}"
            f" – {spec.value(mark.value)} – « {mark.printed_as} »"
            for mark in spec.published
        ]

    def numbers(self, row: int) -> None:
        """Every number behind the chart, unrounded, with base, effective base, interval, flag."""
        table, row = tables.full(self.spec), row + 1
        title = self._("All numbers, unrounded")
        self.page.write_string(row, 0, title, self.format(bold=True, font_size=13))
        head = self.format(bold=True, bg_color=LIGHT.surface, bottom=1)
        for column, name in enumerate(table.columns):
            self.page.write_string(row + 1, column, name, head)
            digits = DIGITS[self.spec.unit] if name in NUMBERS else "General"
            style = self.format(num_format="0.0" if name == "effective_base" else digits)
            for place, value in enumerate(table[name], start=row + 2):
                if isinstance(value, str):
                    self.page.write_string(place, column, legible(value), self.format())
                elif not pd.isna(value):
                    self.page.write_number(place, column, float(value), style)

    def line(self, row: int, text: str, height: int = 15, **style: Any) -> int:
        """A text over all columns, as many lines of `height` as it needs; the row after it."""
        text, made = legible(text), self.format(text_wrap=True, **style)
        self.page.merge_range(row, 0, row, COLUMNS - 1, "", made)
        self.page.write_string(row, 0, text, made)
        self.page.set_row(row, _height(text, LINE * 15 // height + 10, height))
        return row + 1

    def format(self, **options: Any) -> Any:
        """A format of the workbook, made once."""
        made: dict[tuple[Any, ...], Any] = self.__dict__.setdefault("_formats", {})
        key = tuple(sorted(options.items()))
        if key not in made:
            wrapped = (
                {"text_wrap": True} if {"italic", "font_size", "font_color"} & set(options) else {}
            )
            made[key] = self.book.add_format({"valign": "top", **wrapped, **options})
        return made[key]

    def _(self, text: str) -> str:
        return translator(self.spec.language)(text)


def _index(book: Workbook, deck: Deck, name: str, names: Sequence[str]) -> None:
    """The contents: a line a chart with its link, then the method and what was left out."""
    _ = translator(deck.language)
    page = book.add_worksheet(name)
    _page(page, landscape=True)
    page.set_column(0, 0, 5)
    page.set_column(1, 1, 95)
    page.set_column(2, 2, 60)
    big = book.add_format({"bold": True, "font_size": 18, "font_color": LIGHT.text})
    plain = book.add_format({"valign": "top", "text_wrap": True})
    muted = book.add_format({"valign": "top", "text_wrap": True, "font_color": LIGHT.muted})
    link = book.add_format(
        {"valign": "top", "text_wrap": True, "font_color": LIGHT.accent, "underline": 1}
    )
    page.write_string(0, 0, legible(deck.title), big)
    page.write_string(1, 0, legible(deck.subtitle), book.add_format({"font_color": LIGHT.muted}))
    row = 3
    for number, (target, slide) in enumerate(zip(names, deck.slides, strict=True), start=1):
        title = legible(slide.title)
        page.write_number(row, 0, number, plain)
        page.write_url(row, 1, f"internal:'{target}'!A1", link, title[:250], legible(target))
        page.write_string(row, 2, legible(slide.spec.measure), muted)
        longest = max(_height(title, 95), _height(slide.spec.measure, 60))
        page.set_row(row, longest)
        row += 1
    row += 1
    for text in (*deck.missing, *deck.method, deck.source, deck.provenance):
        page.merge_range(row, 1, row, 2, "", muted)
        page.write_string(row, 1, legible(text), muted)
        page.set_row(row, _height(text, 150))
        row += 1
    if deck.publication:
        told = _("Publication {identifier}").format(identifier=deck.publication)
        page.write_string(row, 1, legible(told), muted)


def _page(page: Worksheet, *, landscape: bool) -> None:
    """One printed page of A4, without grid."""
    sheet.page(page, landscape=landscape)
    page.hide_gridlines(2)


def _height(text: str, width: int, line: int = 15) -> int:
    """Points that a text takes over lines of `width` characters, about."""
    lines = sum(max(1, math.ceil(len(part) / width)) for part in text.split("\n"))
    return min(line * lines + 2, TALLEST)


def _points(language: str) -> str:
    """Excel's format of a difference in points, always signed."""
    space = "\u202f" if language == "fr" else "\u00a0"
    return f'+0.0"{space}pts";\u22120.0"{space}pts";0"{space}pt"'


def _whole(language: str) -> str:
    """Excel's format of a share in a column of points: 13 is 13 %."""
    return f'0"{style.share(0.0, language)[1:]}"'


def _depth(spec: ChartSpec, entry: Entry) -> int:
    parents = {e.code: e.parent for e in spec.categories}
    depth, parent = 0, entry.parent
    while parent in parents and depth < len(parents):
        depth, parent = depth + 1, parents[parent]
    return depth
