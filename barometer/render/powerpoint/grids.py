"""Native tables: heat maps, trees, and whatever has too many numbers for a chart."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Pt

from barometer.kinds.plans import APART, GAP
from barometer.render.powerpoint import fit
from barometer.render.powerpoint.fit import Box
from barometer.render.powerpoint.look import Colour, Look
from barometer.spec import ChartSpec, Entry, Point
from barometer.words import translator

ROW, TALL = 18.5, 30.0  # points of a row, at least and at most
HEAD, DEEP = 36.0, 50.0  # points of a row of heads; of one whose words are long
WORDS = 30  # characters of long words
COLUMNS = 15  # of numbers on one slide
BLOCKS = 3  # side by side, of a tree
NARROW = 1.0  # points between cells
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


@dataclass(frozen=True)
class Part:
    """What one slide shows of a table."""

    categories: tuple[Entry, ...]
    facets: tuple[Entry, ...]


def parts(spec: ChartSpec, box: Box) -> list[Part]:
    """The table cut into slides: rows and columns that can be read."""
    high = Emu(box.height).pt
    if spec.kind == "tree":
        most = int(high / ROW) * BLOCKS
        return [Part(rows, spec.facets) for rows in _chunks(spec.categories, most)]
    most = max(int((high - _head(spec) * _heads_of(spec)) / ROW), 1)
    abreast = max(COLUMNS // max(len(spec.series), 1), 1)
    return [
        Part(rows, facets)
        for facets in _chunks(spec.facets, abreast)
        for rows in _chunks(spec.categories, most)
    ]


def _chunks(entries: Sequence[Entry], most: int) -> Iterator[tuple[Entry, ...]]:
    """Runs of about one length, none longer than `most`."""
    count = -(-len(entries) // most)
    size = -(-len(entries) // max(count, 1))
    for start in range(0, len(entries), max(size, 1)):
        yield tuple(entries[start : start + size])


def draw(shapes: Any, spec: ChartSpec, part: Part, box: Box, look: Look, name: str) -> None:
    """One slide's part of the table, each frame with its name and alternative text."""
    if spec.kind == "tree":
        _tree(shapes, spec, part, box, look, name)
    else:
        _grid(shapes, spec, part, box, look, name)


# --- grids ---------------------------------------------------------------------------------------


def _grid(shapes: Any, spec: ChartSpec, part: Part, box: Box, look: Look, name: str) -> None:
    """Categories down; series across, under their facet where there are several."""
    columns = list(itertools.product(part.facets, spec.series))
    heads, rows, high = _heads_of(spec), len(part.categories), Emu(box.height).pt
    row = min((high - _head(spec) * heads) / rows, TALL)
    size = max(min(row / 1.75, 12.0), 9.0)
    wide = Emu(box.width).pt
    widest = max(fit.width(fit.clean(c.label), size) for c in part.categories) + 14
    label = min(widest, wide * (0.34 if len(columns) < 9 else 0.22))
    each = min((wide - label) / len(columns), 150.0)
    figures = max((fit.width(spec.printed(p), 1.0, bold=True) for p in spec.points), default=1.0)
    small = max(min(size, (each - 9) / figures), 6.0)
    placed = replace(
        box,
        width=int(Pt(label + each * len(columns))),
        height=int(Pt(row * rows + _head(spec) * heads)),
    )
    table = _frame(shapes, spec, (rows + heads, 1 + len(columns)), placed, name)
    table.columns[0].width = int(Pt(label))
    for rank in range(len(columns)):
        table.columns[rank + 1].width = int(Pt(each))
    for rank in range(heads):
        table.rows[rank].height = int(Pt(_head(spec)))
    for rank in range(rows):
        table.rows[heads + rank].height = int(Pt(row))
    _heads(table, spec, part, columns, look, each)
    highest = _highest(spec)
    for down, category in enumerate(part.categories, start=heads):
        lines = max(int(row / (size * fit.LEADING)), 1)
        text = fit.cut(category.label, size, label - 10, lines)
        _write(table.cell(down, 0), text, size, look.text)
        for across, (facet, series) in enumerate(columns, start=1):
            point = spec.at(category.code, series.code, facet.code)
            _number(table.cell(down, across), spec, point, highest, small, look)


def _heads(
    table: Any,
    spec: ChartSpec,
    part: Part,
    columns: Sequence[tuple[Entry, Entry]],
    look: Look,
    each: float,
) -> None:
    last = 1 if len(spec.facets) > 1 else 0
    for row in range(last + 1):
        _write(table.cell(row, 0), "", 10, look.text)
    if last:
        span = len(spec.series)
        for rank, facet in enumerate(part.facets):
            first = table.cell(0, 1 + rank * span)
            if span > 1:
                first.merge(table.cell(0, (rank + 1) * span))
            text = fit.cut(facet.label, 11, each * span - 8, 2, bold=True)
            _write(first, text, 11, look.text, bold=True, centre=True)
    for across, (_, series) in enumerate(columns, start=1):
        if last and len(spec.series) == 1 and not series.label:
            continue
        text, size = fit.fitted(series.label, (11.0, 10.0, 9.0, 8.0, 7.0), each - 8, _head(spec))
        _write(table.cell(last, across), text, size, look.muted, centre=True)


def _heads_of(spec: ChartSpec) -> int:
    """Rows of heads: the facets' where there are several, and the series'."""
    return 2 if len(spec.facets) > 1 else 1


def _head(spec: ChartSpec) -> float:
    """The height of a row of heads."""
    return DEEP if any(len(series.label) > WORDS for series in spec.series) else HEAD


def _highest(spec: ChartSpec) -> float | None:
    """The value of the darkest shade, None where numbers of several units stand together."""
    if len({point.unit or spec.unit for point in spec.points}) > 1:
        return None
    return max((point.value or 0.0 for point in spec.points), default=1.0) or 1.0


def _number(
    cell: Any, spec: ChartSpec, point: Point | None, highest: float | None, size: float, look: Look
) -> None:
    """A cell: its number on a shade of how high it is; what is hidden or not asked is bare."""
    if point is None or point.value is None:
        text = spec.printed(point) if point is not None else ""
        _write(cell, text, size, look.muted, centre=True, ground=look.surface)
        return
    text = spec.printed(point)
    if highest is None:
        told = text.replace(point.mark, APART) if point.series == GAP and point.mark else text
        bold, ground = bool(point.mark), look.surface
        _write(cell, told, size, look.text, centre=True, bold=bold, ground=ground)
        return
    ground = look.shade(max(point.value, 0.0) / highest)
    _write(cell, text, size, look.on(ground), centre=True, ground=ground)


# --- trees ---------------------------------------------------------------------------------------


def _tree(shapes: Any, spec: ChartSpec, part: Part, box: Box, look: Look, name: str) -> None:
    """Each item under its net, with its number, in blocks side by side."""
    held = int(Emu(box.height).pt / ROW)
    blocks = list(_chunks(part.categories, held))
    parents = {entry.code: entry.parent for entry in spec.categories}
    highest = _highest(spec)
    gap, count = int(Pt(18)), max(len(blocks), 2)
    for rank, (rows, place) in enumerate(zip(blocks, box.columns(count, gap), strict=False)):
        row = min(Emu(box.height).pt / max(len(block) for block in blocks), 24.0)
        placed = replace(place, height=int(Pt(row * len(rows))))
        here = name if rank == 0 else f"{name} {rank + 1}"
        table = _frame(shapes, spec, (len(rows), 2), placed, here)
        number = int(Pt(76))
        table.columns[0].width, table.columns[1].width = place.width - number, number
        size = max(min(row / 1.75, 12.0), 9.0)
        for down, entry in enumerate(rows):
            table.rows[down].height = int(Pt(row))
            deep = _depth(entry.code, parents)
            room = Emu(place.width - number).pt - 10 - 14 * deep
            text = fit.cut(entry.label, size, room, bold=not deep)
            cell = table.cell(down, 0)
            _write(cell, text, size, look.text, bold=not deep)
            cell.margin_left = Pt(4 + 14 * deep)
            point = spec.at(entry.code, spec.series[0].code)
            _number(table.cell(down, 1), spec, point, highest, size, look)


def _depth(code: str, parents: dict[str, str | None]) -> int:
    deep, step, seen = 0, parents.get(code), {code}
    while step in parents and step not in seen and step is not None:
        seen.add(step)
        deep, step = deep + 1, parents[step]
    return deep


# --- cells ---------------------------------------------------------------------------------------


def _frame(shapes: Any, spec: ChartSpec, shape: tuple[int, int], box: Box, name: str) -> Any:
    frame = shapes.add_table(*shape, box.left, box.top, box.width, box.height)
    frame.name = name
    frame._element.nvGraphicFramePr.cNvPr.set("descr", fit.clean(spec.alt))
    table = frame.table
    table.horz_banding = False
    table._tbl.tblPr.find(qn("a:tableStyleId")).text = NO_STYLE
    return table


def _write(
    cell: Any,
    text: str,
    size: float,
    colour: Colour,
    *,
    bold: bool = False,
    centre: bool = False,
    ground: Colour | None = None,
) -> None:
    cell.margin_left = cell.margin_right = Pt(4)
    cell.margin_top = cell.margin_bottom = 0
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.CENTER if centre else PP_ALIGN.LEFT
    run = paragraph.add_run()
    run.text, run.font.size, run.font.bold = text, Pt(size), bold
    colour.on(run.font.color)
    properties = cell._tc.get_or_add_tcPr()
    for rank, side in enumerate(("lnL", "lnR", "lnT", "lnB")):
        properties.insert(
            rank,
            parse_xml(
                f'<a:{side} {nsdecls("a")} w="{int(Pt(NARROW))}"><a:solidFill><a:schemeClr'
                f' val="bg1"/></a:solidFill></a:{side}>'
            ),
        )
    if ground is None:
        cell.fill.background()
    else:
        ground.fill(cell.fill)


def continued(spec: ChartSpec, title: str, rank: int, count: int) -> str:
    """The title of one slide of several."""
    if count == 1:
        return title
    _ = translator(spec.language)
    return _("{title} ({rank} of {count})").format(title=title, rank=rank + 1, count=count)
