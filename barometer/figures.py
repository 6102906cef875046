"""Figures printed elsewhere: what the press published of this barometer, and other surveys'."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd

from barometer.codebook import YEAR, CodebookError

FILES = {"published": "published_figures.csv", "reference": "reference_figures.csv"}


def load(data: Path, kind: Literal["published", "reference"] | str) -> pd.DataFrame:
    """Rows of one of the two files, empty where the barometer has none. Text stays text.

    `value` is a number (missing where only a direction was printed), `year` a whole number.
    Raises CodebookError naming the file and the column that cannot be read.
    """
    path = data / FILES[kind]
    if not path.exists():
        return pd.DataFrame(columns=["figure_id", "indicator", "theme", "item", "year", "value"])
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, OSError) as fault:
        raise CodebookError(f"{path}: expected a CSV file in UTF-8: {fault}") from None
    for name in ("value", "year", "compared_year", "n"):
        if name in rows:
            try:
                rows[name] = pd.to_numeric(rows[name])
            except ValueError as fault:
                raise CodebookError(f"{path}, column {name}: expected numbers: {fault}") from None
    if YEAR not in rows or not (rows[YEAR] % 1 == 0).all():
        raise CodebookError(f"{path}, column {YEAR}: expected a year in each row")
    rows[YEAR] = rows[YEAR].astype(int)
    return rows
