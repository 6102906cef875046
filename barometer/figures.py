"""Figures printed elsewhere: what the press published of this barometer, and other surveys' figures."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd

FILES = {"published": "published_figures.csv", "reference": "reference_figures.csv"}


def load(data: Path, kind: Literal["published", "reference"] | str) -> pd.DataFrame:
    """Rows of one of the two files, empty where the barometer has none. Text stays text.

    `value` is a number (missing where only a direction was printed), `year` a whole number.
    """
    path = data / FILES[kind]
    if not path.exists():
        return pd.DataFrame(columns=["figure_id", "indicator", "theme", "item", "year", "value"])
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in ("value", "year", "compared_year", "n"):
        if name in rows:
            rows[name] = pd.to_numeric(rows[name])
    rows["year"] = rows["year"].astype(int)
    return rows
