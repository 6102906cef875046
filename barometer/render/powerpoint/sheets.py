"""The sheet behind a native chart: labels stay text, whatever they start with."""

from __future__ import annotations

from typing import Any

from pptx.chart.data import CategoryChartData, XyChartData
from pptx.chart.xlsx import CategoryWorkbookWriter, XyWorkbookWriter


class _AsText:
    """XlsxWriter would make a formula of "=1+1" and a link of an address."""

    def _populate_worksheet(self, workbook: Any, worksheet: Any) -> None:
        worksheet.strings_to_formulas = worksheet.strings_to_urls = False
        super()._populate_worksheet(workbook, worksheet)  # type: ignore[misc]  # of the next class


class _CategoryWriter(_AsText, CategoryWorkbookWriter):
    pass


class _PlaceWriter(_AsText, XyWorkbookWriter):
    pass


class _Columns(CategoryChartData):
    @property
    def _workbook_writer(self) -> Any:
        writer: Any = _CategoryWriter
        return writer(self)


class _Places(XyChartData):
    @property
    def _workbook_writer(self) -> Any:
        writer: Any = _PlaceWriter
        return writer(self)


def columns(form: str) -> Any:
    """Chart data of categories down and a column a series, numbers in a format."""
    made: Any = _Columns
    return made(number_format=form)


def places(form: str) -> Any:
    """Chart data of points of two coordinates, series under one another."""
    made: Any = _Places
    return made(number_format=form)
