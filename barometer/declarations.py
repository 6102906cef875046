"""What is shown: the pages, key figures and charts that a barometer declares in charts.toml."""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from barometer.codebook import Codebook, CodebookError, Declared, Text

Kind = Literal["bars", "lines", "stack", "heatmap", "panels", "tree", "dumbbell", "shift"]
Finding = Literal["change", "gap", "leader", "highest", "majority", "crossing", "trend", "shift"]


class Layer(Declared):
    """One series of a chart that lays several indicators, or several waves, side by side."""

    indicator: str
    label: Text
    shift: int = 0  # waves are asked for this many years after the view's


class Chart(Declared):
    """One chart: what it measures, how it is drawn, which findings may head it."""

    name: str
    kind: Kind
    measure: Text
    indicator: str
    items: tuple[str, ...] | Literal["all", "roots", "leaves"] = "all"
    top: int | None = None
    by: str | None = None
    across: str | None = None  # a second breakdown: a panel for each of its levels
    total: bool = False
    reverse: bool = False
    layers: tuple[Layer, ...] = ()
    findings: tuple[Finding, ...] = ("change",)
    focus: str | None = None  # the item that the finding is about, where one matters most


class KeyFigure(Declared):
    """One number of the overview; no item means the highest one of those `among`."""

    indicator: str
    item: str | None = None
    among: tuple[str, ...] | Literal["roots", "leaves"] = "roots"
    label: Text | None = None


class Page(Declared):
    """One page: its own words and its charts, in order."""

    code: str
    title: Text
    icon: str
    charts: tuple[str, ...] = ()
    key_figures: tuple[KeyFigure, ...] = ()
    press: bool = False


class Declarations(Declared):
    """All pages and charts of a barometer.

    `colours` lists the items that the palette serves first; `themes` names the themes of figures
    printed elsewhere.
    """

    colours: tuple[str, ...] = ()
    themes: dict[str, Text] = Field(default_factory=dict)
    charts: tuple[Chart, ...] = ()
    pages: tuple[Page, ...] = ()

    @model_validator(mode="after")
    def _hang_together(self) -> Self:
        names = [chart.name for chart in self.charts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"chart {name} is declared twice")
        for page in self.pages:
            if missing := set(page.charts) - set(names):
                raise ValueError(f"page {page.code}: there is no chart {missing.pop()}")
        return self

    @cached_property
    def by_name(self) -> dict[str, Chart]:
        """Charts by name."""
        return {chart.name: chart for chart in self.charts}

    def page(self, code: str) -> Page | None:
        """The page of this code, None where the barometer does not declare it."""
        return next((page for page in self.pages if page.code == code), None)


def load(folder: Path, codebook: Codebook) -> Declarations:
    """Read `charts.toml` of a data folder; none declares nothing.

    Raises CodebookError naming the file and the entry that the codebook cannot serve.
    """
    path = folder / "charts.toml"
    if not path.exists():
        return Declarations()
    try:
        declared = Declarations.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as fault:
        raise CodebookError(f"{path}: {fault}") from None
    for chart in declared.charts:
        for code in (chart.indicator, *(layer.indicator for layer in chart.layers)):
            if code not in codebook.by_indicator:
                raise CodebookError(f"{path}: chart {chart.name}: there is no indicator {code}")
        known = codebook.by_indicator[chart.indicator].by_code
        for item in chart.items if isinstance(chart.items, tuple) else ():
            if item not in known:
                raise CodebookError(
                    f"{path}: chart {chart.name}: {chart.indicator} has no item {item}"
                )
        for name in (chart.by, chart.across):
            if name is not None and name not in codebook.by_dimension:
                raise CodebookError(f"{path}: chart {chart.name}: there is no dimension {name}")
    return declared
