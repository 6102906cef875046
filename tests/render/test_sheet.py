"""A workbook holds what it was given, and nothing in it runs."""

from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest

from barometer.render import sheet

ATTACKS = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")', "<b>x</b>", "a" * 10_000]


def _parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_from_outside_stays_text(attack: str) -> None:
    parts = _parts(sheet.workbook(pd.DataFrame({attack: [attack]}), [attack], attack))
    cells = parts["xl/worksheets/sheet1.xml"]
    assert "<f>" not in cells
    assert "hyperlink" not in cells
    assert parts["xl/sharedStrings.xml"].count("<si>") == 1


def test_sheet_names_are_what_excel_takes() -> None:
    name = _parts(sheet.workbook(pd.DataFrame({"a": ["b"]}), [], "a/b:c*[d]?" + "e" * 40))
    assert 'name="a-b-c--d--' in name["xl/workbook.xml"]
