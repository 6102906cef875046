"""A table as a workbook: text stays text, whatever it starts with."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd
import xlsxwriter

from barometer.style import LIGHT

WIDEST = 60  # characters of a column


def workbook(table: pd.DataFrame, notes: Sequence[str], title: str) -> bytes:
    """One sheet: the table under a head that stays in sight, then the notes; no formula."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        head = book.add_format(
            {"bold": True, "bg_color": LIGHT.surface, "bottom": 1, "text_wrap": True}
        )
        for column, name in enumerate(table.columns):
            sheet.write_string(0, column, str(name), head)
            texts = table[name].astype(str)
            sheet.set_column(
                column, column, min(max(texts.str.len().max(), len(str(name))) + 2, WIDEST)
            )
            for row, text in enumerate(texts, start=1):
                sheet.write_string(row, column, text)
        for row, note in enumerate(notes, start=len(table) + 2):
            sheet.write_string(row, 0, note)
        sheet.freeze_panes(1, 1)
    return content.getvalue()


def _sheet_name(title: str) -> str:
    """What Excel takes as a sheet's name: 31 characters, none of []:*?/\\."""
    return "".join("-" if sign in "[]:*?/\\" else sign for sign in title)[:31] or "table"
