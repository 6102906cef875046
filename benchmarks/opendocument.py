"""OpenDocument sheets, as LibreOffice writes them, for tests and benchmarks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

MEDIA = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "table", "text")
)
WIDE, TALL = 16_384, 1_048_576  # what the empty cells at the end of a sheet fill


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    """Sheets of cells: text, numbers, dates as (date-value,) and None; named as the arguments."""
    return packed("".join(f'<table:table table:name="{name}">{_rows(cells)}</table:table>'
                          for name, cells in sheets.items()))  # fmt: skip


def packed(tables: str, above: str = "", media: str = MEDIA) -> bytes:
    """An archive around the XML of some tables; `above` stands before the root element."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{above}<office:document-content {SPACES}'
        f' office:version="1.3"><office:body><office:spreadsheet>{tables}</office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest'
        ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
        ' manifest:version="1.3"><manifest:file-entry'
        f' manifest:full-path="/" manifest:media-type="{media}"/><manifest:file-entry'
        ' manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", media, zipfile.ZIP_STORED)
        archive.writestr("content.xml", content.encode("utf-8", "replace"))
        archive.writestr("META-INF/manifest.xml", manifest)
    return made.getvalue()


def row(cells: str, times: int = 1) -> str:
    """The XML of a row, or of so many that are alike."""
    return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'


def cell(value: object, times: int = 1) -> str:
    """The XML of a cell, or of so many that are alike."""
    told = f'table:number-columns-repeated="{times}"'
    if value is None or value == "":
        return f"<table:table-cell {told}/>"
    if isinstance(value, tuple):
        kind = f'office:value-type="date" office:date-value="{value[0]}"'
    elif isinstance(value, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    shown = value[0] if isinstance(value, tuple) else value
    return f"<table:table-cell {told} {kind}><text:p>{_text(shown)}</text:p></table:table-cell>"


def _rows(cells: Sequence[Sequence[object]]) -> str:
    width = max(map(len, cells), default=0)
    lines = [
        row("".join(map(cell, line)) + cell(None, WIDE - len(line))) for line in cells if width
    ]
    return "".join(lines) + row(cell(None, WIDE), TALL - len(cells))


def _text(value: object) -> str:
    """What XML can hold of a text."""
    kept = "".join(sign for sign in str(value) if sign in "\t\n\r" or sign >= " ")
    return escape(kept.encode("utf-8", "replace").decode())
