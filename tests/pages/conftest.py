"""Open a page without a browser, and read what it says and draws."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from barometer import crossing, declarations, measure, style
from barometer.cells import Selection
from barometer.codebook import YEAR
from barometer.declarations import Chart, Declarations
from barometer.store import Home, Publication, Publications

PROJECT = Path(__file__).resolve().parents[2]
SPACES = str.maketrans("\u00a0\u202f", "  ")

Words = frozenset[str]
"""What names a number on a chart: its item, its group, its wave, in any order."""


@pytest.fixture
def open_menus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every menu is open: AppTest has no click that opens one."""
    closed = st.popover

    def opened(*words: Any, **options: Any) -> Any:
        menu = closed(*words, **options)
        menu.open = True
        return menu

    monkeypatch.setattr(st, "popover", opened)


class Visit:
    """One visitor on one page, as pages/<page>.py answers an address."""

    def __init__(self, page: str, **parameters: str | list[str]) -> None:
        self.page = page
        self.at = AppTest.from_file(str(PROJECT / "pages" / f"{page}.py"), default_timeout=30)
        for name, value in parameters.items():
            self.at.query_params[name] = value
        self.at.run()

    def choose(self, key: str, value: Any) -> Visit:
        """Click so that a widget holds a value."""
        kinds = ("button_group", "multiselect", "toggle")
        widget = next(w for kind in kinds for w in self.at.get(kind) if w.key == key)
        widget.set_value(value).run()
        return self

    @property
    def title(self) -> str:
        return _plain(self.at.title[0].value)

    @property
    def captions(self) -> list[str]:
        return [_plain(caption.value) for caption in self.at.caption]

    @property
    def text(self) -> str:
        """Everything written on the page, tables included, as it is read."""
        kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "metric")
        texts = [element.value for kind in kinds for element in self.at.get(kind)]
        texts += [metric.label for metric in self.at.metric]
        texts += [text for rows in self.tables for text in [*rows, *rows.to_numpy().ravel()]]
        return "\n".join(_plain(str(text)) for text in texts)

    @property
    def tables(self) -> list[Any]:
        return [table.value for table in (*self.at.table, *self.at.dataframe)]

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """Plotly's data and layout of each chart on the page, by the chart's name."""
        return {
            chart.proto.id.rpartition("-chart_")[2]: json.loads(chart.proto.spec)
            for chart in self.at.get("plotly_chart")
        }

    @property
    def alternatives(self) -> dict[str, str]:
        """The alternative text of each chart."""
        return {
            chart.proto.id.rpartition("-chart_")[2]: _plain(chart.proto.alt)
            for chart in self.at.get("plotly_chart")
        }

    def drawn(self, name: str) -> dict[Words, float | None]:
        """The numbers that a chart draws, by the words that name each; None where it is hidden."""
        return {
            words: value for trace in self.figures[name]["data"] for words, value in _numbers(trace)
        }

    def printed(self, name: str) -> list[tuple[float, float]]:
        """Where a chart marks figures printed elsewhere."""
        return [
            place
            for trace in self.figures[name]["data"]
            if trace.get("mode") == "markers" and "diamond" in trace["marker"]["symbol"]
            for place in zip(trace["x"], trace["y"], strict=True)
        ]

    def texts(self, name: str) -> str:
        """Every text that a chart writes, in its traces and beside them."""
        return _plain(json.dumps(self.figures[name], ensure_ascii=False))


def _plain(text: str) -> str:
    """Text as a reader sees it: no Markdown escape, common spaces."""
    return re.sub(r"\\([^\w\s])", r"\1", text).translate(SPACES)


def _numbers(trace: dict[str, Any]) -> Iterator[tuple[Words, float | None]]:
    kind, mode = trace["type"], trace.get("mode", "")
    if kind == "bar":
        yield from zip(_named(trace), trace["x"], strict=True)
    elif kind == "heatmap":
        yield from zip(_named(trace), trace["z"], strict=True)
    elif kind == "scatter" and mode == "markers+text":  # a dumbbell
        yield from zip(_named(trace), trace["x"], strict=True)
    elif kind == "scatter" and mode.startswith("lines+markers"):
        yield from zip(_named(trace), trace["y"], strict=True)


def _named(trace: dict[str, Any]) -> Iterator[Words]:
    """The words of the first line of each hover text: <b>category</b>, series, facet."""
    for text in trace["hovertext"]:
        first = re.sub("</?b>", "", text.partition("<br>")[0])
        yield frozenset(first.split(", "))


class Answers:
    """What the figures of a chart must be: estimates of the same selection."""

    def __init__(self, home: Path) -> None:
        publication = Publications(Home(home)).current()
        assert publication is not None
        self.publication: Publication = publication
        self.declared: Declarations = declarations.load(home / "data", publication.codebook)

    def of(
        self, name: str, year: int, where: dict[str, list[str]], language: str
    ) -> dict[Words, float | None]:
        """Every number that the chart could draw, by the words that name it."""
        book = self.publication.codebook
        chart = crossing.narrowed(self.declared.by_name[name], book, ())
        if chart.kind == "heatmap" and chart.layers:
            return self._columns(chart, year, where, language)
        if chart.layers:
            return self._layers(chart, year, where, language)
        answers = dict(self._rows(chart, chart.by, year, where, language))
        if chart.by is None or chart.total:
            answers |= dict(self._rows(chart, None, year, where, language))
        return answers

    def _rows(
        self, chart: Chart, by: str | None, year: int, where: dict[str, list[str]], language: str
    ) -> Iterator[tuple[Words, float | None]]:
        book = self.publication.codebook
        lines = chart.over_time
        indicator = book.by_indicator[chart.indicator]
        single = len(indicator.items if chart.items == "all" else chart.items) == 1
        for row in self.estimates(chart.indicator, by, None if lines else year, where):
            label = indicator.item(row["item"]).label[language]
            if isinstance(chart.items, tuple) and row["item"] not in chart.items:
                continue
            words = set(label.split(" · ")) if crossing.is_crossed(indicator) else {label}
            words -= {crossing.chosen(chart, book, language)[1]}
            if isinstance(chart.items, tuple) and by is None and chart.by is None:
                apart, _ = crossing.told_apart([*map(indicator.item, chart.items)], language)
                if row["item"] in apart:  # bars of what differs alone, one for all companies
                    words = {apart[row["item"]], {"fr": "Ensemble", "en": "All"}[language]}
            group = "" if by is None else book.by_dimension[by].level(row[by]).label[language]
            if by is None and chart.by is not None:
                group = {"fr": "Ensemble", "en": "All"}[language]
            if lines:
                words = {group if single else label, str(row[YEAR])}
            elif group:
                words.add(group)
            yield frozenset(words), row["value"]

    def _columns(
        self, chart: Chart, year: int, where: dict[str, list[str]], language: str
    ) -> dict[Words, float | None]:
        """A heat map whose layers are further columns, about the same rows."""
        own = chart.model_copy(update={"layers": ()})
        total = {"fr": "Ensemble", "en": "All"}[language]
        answers = {
            words | {total}: value for words, value in self._rows(own, None, year, where, language)
        }
        rows = {
            place.row: place.row_label
            for place in crossing.places(
                [
                    self.publication.codebook.by_indicator[chart.indicator].item(i)
                    for i in chart.items
                ],
                language,
            ).values()
        }
        for layer in chart.layers:
            for row in self.estimates(layer.indicator, None, year, where):
                if row["item"] in rows:
                    words = frozenset({rows[row["item"]], layer.label[language], total})
                    answers[words] = row["value"]
        return answers

    def _layers(
        self, chart: Chart, year: int, where: dict[str, list[str]], language: str
    ) -> dict[Words, float | None]:
        answers = {}
        for layer in chart.layers:
            then = min(year + layer.shift, max(self.publication.years))
            indicator = self.publication.codebook.by_indicator[chart.indicator]
            for row in self.estimates(layer.indicator, None, then, where):
                if row["item"] in indicator.by_code:
                    label = indicator.item(row["item"]).label[language]
                    words = frozenset({label, f"{layer.label[language]} ({then})"})
                    answers[words] = row["value"]
        return answers

    def estimates(
        self, indicator: str, by: str | None, year: int | None, where: dict[str, list[str]]
    ) -> list[dict[str, Any]]:
        """Rows of barometer.measure.estimate; a hidden value is None."""
        kept = {name: tuple(levels) for name, levels in where.items()}
        if year is not None:
            kept[YEAR] = (str(year),)
        split = tuple(filter(None, (by, YEAR if year is None else None)))
        rows = measure.estimate(
            self.publication, Selection(indicator, split, tuple(sorted(kept.items())))
        ).to_dict("records")
        return [{**r, "value": None if math.isnan(r["value"]) else r["value"]} for r in rows]

    def share(self, indicator: str, item: str, year: int, language: str, **where: str) -> str:
        """One estimate as the page prints it."""
        rows = self.estimates(indicator, None, year, {n: [level] for n, level in where.items()})
        value = next(row["value"] for row in rows if row["item"] == item)
        return style.share(value, language).translate(SPACES)


@pytest.fixture
def visit(home: Path) -> Callable[..., Visit]:
    """Open a page at an address: visit("crm", lang="en", year="2003")."""
    return Visit


@pytest.fixture(scope="session")
def answers(home: Path) -> Answers:
    return Answers(home)


@pytest.fixture
def own_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the published barometer that a test may change."""
    folder = tmp_path / "home"
    shutil.copytree(home, folder)
    monkeypatch.setenv("BAROMETER_HOME", str(folder))
    return folder
