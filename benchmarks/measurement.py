"""One measured value, its baseline and its goal; the table that shows them."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal

import psutil

COLUMNS = ("benchmark", "measurement", "value", "baseline", "ratio", "goal", "")
LIBRARIES = ("streamlit", "plotly", "duckdb", "pandas", "pyarrow", "numpy", "uvicorn")


@dataclass(frozen=True)
class Goal:
    """At most this: of the value itself, or of its ratio to the baseline."""

    limit: float
    of: Literal["value", "ratio"]


@dataclass(frozen=True)
class Measurement:
    """One line of the table. `baseline` is in the same unit; what only informs has no goal."""

    what: str
    value: float
    unit: str
    baseline: float | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Value over baseline."""
        return self.value / self.baseline if self.baseline else None

    def verdict(self) -> str:
        """Whether the goal is met, and if not by how much: 50 % is half as much again."""
        if self.goal is None:
            return ""
        measured = self.ratio if self.goal.of == "ratio" else self.value
        if measured is None:
            return "not measured"
        over = measured - self.goal.limit
        if over <= 0:
            return "met"
        return f"missed by {over / self.goal.limit:.0%}" if self.goal.limit else f"missed: {over:g}"

    def cells(self, benchmark: str) -> tuple[str, ...]:
        """The line as text, in the order of COLUMNS."""
        goal = ""
        if self.goal is not None:
            unit = f" {self.unit}" if self.goal.of == "value" else "×"
            goal = f"≤ {self.goal.limit:g}{unit}".rstrip()
        return (
            benchmark,
            self.what,
            f"{_rounded(self.value)} {self.unit}".rstrip(),
            "" if self.baseline is None else f"{_rounded(self.baseline)} {self.unit}",
            "" if self.ratio is None else f"{_rounded(self.ratio)}×",
            goal,
            self.verdict(),
        )


def table(lines: Sequence[tuple[str, ...]]) -> str:
    """Lines under the names of COLUMNS, as a Markdown table that is aligned for a terminal too."""
    rows = [COLUMNS, *lines]
    widths = [max(3, *(len(row[i]) for row in rows)) for i in range(len(COLUMNS))]
    ruled = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in ruled
    )


def machine() -> str:
    """Date, processor, memory, load and versions: what a number means nothing without."""
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"load {load:.1f} before the run; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def percentile(values: Iterable[float], percent: float) -> float:
    """The nearest-rank percentile of some values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
