"""A table as a workbook: text stays text, whatever it starts with; and what all sheets share."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from barometer.render.text import legible
from barometer.style import LIGHT

WIDEST = 60  # characters of a column
A4 = 9  # Excel's number for it
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def workbook(table: pd.DataFrame, notes: Sequence[str], title: str) -> bytes:
    """One sheet: the table under a head that stays in sight, then the notes; no formula."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, OPTIONS) as book:
        sheet = book.add_worksheet(name(title))
        head = book.add_format(
            {"bold": True, "bg_color": LIGHT.surface, "bottom": 1, "text_wrap": True}
        )
        for column, label in enumerate(table.columns):
            label = legible(str(label))
            sheet.write_string(0, column, label, head)
            texts = table.iloc[:, column].astype(str)
            sheet.set_column(
                column, column, min(max(texts.str.len().max(), len(label)) + 2, WIDEST)
            )
            for row, text in enumerate(texts, start=1):
                sheet.write_string(row, column, legible(text))
        for row, note in enumerate(notes, start=len(table) + 2):
            sheet.write_string(row, 0, legible(note))
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        page(sheet, landscape=len(table.columns) > 5)
    return content.getvalue()


def page(sheet: Worksheet, *, landscape: bool) -> None:
    """Set a sheet up to print on one page of A4, numbered."""
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 1)
    sheet.set_footer("&L&A&R&P / &N")


def name(title: str) -> str:
    """What Excel takes as a sheet's name: 31 characters, none of []:*?/\\, no quote at an end."""
    safe = "".join("-" if sign in "[]:*?/\\" else sign for sign in legible(title))
    return safe.strip()[:31].strip("' ") or "table"
