"""Native charts: what a presenter can edit, recolour and copy in PowerPoint."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE, MSO_PATTERN
from pptx.util import Emu, Pt

from barometer import style
from barometer.render import pieces, sides
from barometer.render.powerpoint import fit, marks
from barometer.render.powerpoint.fit import Box
from barometer.render.powerpoint.look import Colour, Look
from barometer.render.powerpoint.sheets import columns, places
from barometer.spec import DOWN, TOTAL, ChartSpec, Entry, Point
from barometer.words import translator

LABELS = 0.36  # of the chart, at most, for the labels of bars
PLANNED = 0.44  # of a panel of plans, whose labels say how far they can be followed
ENDS = 0.24  # of the chart, at the right of lines, for their names
THIN = 0.045  # of a bar: a thinner part has no room for its number
LEAST = 9.0  # points a bar takes, with its air, before a table says it better
LEGEND = 20.0  # points of one row of the legend
PANELS = 6
SIGNED = 0.2  # of the axis of a panel: room for a number at the left of its bar
TOLD = 2  # lines of steps, at most, that have their numbers all along


def fits(spec: ChartSpec, box: Box) -> bool:
    """Whether a native chart says it: else a table does."""
    if spec.kind not in KINDS or not any(p.value is not None for p in spec.points):
        return False
    if spec.kind in ("panels", "plans"):
        spec = sides.of(spec)
        least = 1 if spec.kind == "panels" else 0
        wide = 1 if len(spec.facets) <= 3 else 2
        rows = len(spec.categories) * len(spec.series) + len(spec.categories)
        return least < len(spec.facets) <= PANELS and _high(box) / wide / rows >= LEAST
    if len(spec.facets) > 1:
        return False
    if spec.kind in ("bars", "shift"):
        rows = len(spec.categories) * (1 if spec.colour_by == "category" else len(spec.series))
        return _high(box) / (rows + 0.5 * len(spec.categories)) >= LEAST
    if spec.kind == "stack":
        return _high(box) / len(spec.categories) >= 2 * LEAST
    if spec.kind in ("lines", "curve"):
        return len(spec.series) <= 12
    if spec.kind == "apart":
        rows = len(spec.categories)  # of one row, a table is plainer
        return rows > 1 and _high(box) / rows >= 2 * LEAST
    return len(spec.categories) <= 10


def draw(shapes: Any, spec: ChartSpec, box: Box, look: Look, name: str) -> None:
    """The chart, or one for each panel, each with its name and alternative text."""
    KINDS[spec.kind](shapes, spec, box, look, name)


def _high(box: Box) -> float:
    return Emu(box.height).pt


def _frame(shapes: Any, spec: ChartSpec, box: Box, kind: Any, data: Any, name: str) -> Any:
    frame = shapes.add_chart(kind, box.left, box.top, box.width, box.height, data)
    frame.name = name
    frame._element.nvGraphicFramePr.cNvPr.set("descr", fit.clean(spec.alt))
    chart = frame.chart
    chart.has_title = False
    chart.has_legend = False
    chart.font.size = Pt(11)
    return chart


def _plain_axes(chart: Any, look: Look, size: float) -> None:
    """Categories at the edge, no line for values: each bar has its number."""
    values, categories = chart.value_axis, chart.category_axis
    values.visible = False
    values.has_major_gridlines = False
    categories.has_major_gridlines = False
    categories.major_tick_mark = XL_TICK_MARK.NONE
    look.grid.on(categories.format.line.color)
    categories.tick_labels.font.size = Pt(size)
    look.text.on(categories.tick_labels.font.color)


def _legend(chart: Any, look: Look, names: Sequence[str], box: Box, under: float = 0.0) -> float:
    """A legend over the plot, `under` points down; returns the points that it takes."""
    room, rows, used = Emu(box.width).pt, 1, 0.0
    for text in names:
        wide = fit.width(text, 11) + 30
        if used and used + wide > room:
            rows, used = rows + 1, 0.0
        used += wide
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.TOP
    chart.legend.include_in_layout = False
    chart.legend.font.size = Pt(11)
    look.text.on(chart.legend.font.color)
    high = LEGEND * rows
    wide = min((used if rows == 1 else room) / room, 1.0)
    marks.legend_at(chart, 0.0, under / _high(box), wide, high / _high(box))
    return high + 6


# --- bars ----------------------------------------------------------------------------------------


def _bars(shapes: Any, spec: ChartSpec, box: Box, look: Look, name: str) -> None:
    """Horizontal bars, items down, groups side by side."""
    _bar_chart(shapes, spec, box, look, name, ends=(_start(spec), _end(spec, 1.12)))


def _end(spec: ChartSpec, air: float) -> float:
    """The end of bars' axis: the highest value, with air for its number."""
    return max((p.value for p in spec.points if p.value is not None), default=1.0) * air or 1.0


def _start(spec: ChartSpec) -> float:
    """The start of bars' axis: 0, or the lowest value with air for its number."""
    return min((p.value * 1.35 for p in spec.points if p.value is not None), default=0.0)


def _bar_chart(
    shapes: Any,
    spec: ChartSpec,
    box: Box,
    look: Look,
    name: str,
    *,
    ends: tuple[float, float],
    title: str = "",
) -> None:
    single = spec.colour_by == "category"
    count = len(spec.categories) * (1 if single else len(spec.series))
    row = _high(box) / (count + 0.5 * len(spec.categories))
    size = max(min(row * 0.75, 12.0), 8.0)
    names, room = _category_labels(spec, box, max(size, 9.0), _high(box) / len(spec.categories))
    data = columns(marks.number_format(spec))
    data.categories = names
    for series in spec.series:
        data.add_series(fit.cut(series.label, 11, 200), _values(spec, series))
    chart = _frame(shapes, spec, box, XL_CHART_TYPE.BAR_CLUSTERED, data, name)
    _plain_axes(chart, look, max(size, 9.0))
    chart.category_axis.reverse_order = True
    chart.value_axis.minimum_scale = min(ends[0], 0.0)
    chart.value_axis.maximum_scale = ends[1]
    if ends[0] < 0:
        chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    above = 0.0
    if title:
        above = _title(chart, look, title)
    if not single and len(spec.series) > 1:
        above += _legend(chart, look, [s.label for s in spec.series], box, above)
    high = _high(box)
    left = room / Emu(box.width).pt
    marks.plot_at(chart, left, above / high, 1 - left - 0.02, 1 - above / high - 0.01)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = (70, 0) if single else (50, -6)
    for series, drawn in zip(spec.series, plot.series, strict=True):
        _fill_bars(spec, series, drawn, look, size)


def _fill_bars(spec: ChartSpec, series: Entry, drawn: Any, look: Look, size: float) -> None:
    drawn.invert_if_negative = False
    colour = look.series(series)
    colour.fill(drawn.format.fill)
    _native_labels(drawn, spec, size, look.text, XL_LABEL_POSITION.OUTSIDE_END)
    for rank, category in enumerate(spec.categories):
        point = spec.at(category.code, series.code)
        here = look.series(category) if spec.colour_by == "category" else colour
        if point is None or point.value is None:
            continue
        if point.flag == "flagged":
            _hatch(drawn.points[rank].format.fill, here, look)
        elif spec.colour_by == "category":
            here.fill(drawn.points[rank].format.fill)
        text = _printed(spec, point)
        if text != spec.value(point.value) or spec.unit != "share":
            marks.label(
                drawn, rank, [(text, False)], size, look.text, XL_LABEL_POSITION.OUTSIDE_END
            )


def _printed(spec: ChartSpec, point: Point) -> str:
    """A point as printed; ◇ where the press published it, with its figure where that differs."""
    text = spec.printed(point)
    for mark in spec.published:
        if (mark.category, mark.series) == (point.category, point.series):
            same = spec.value(mark.value) == spec.value(point.value)
            text += " ◇" if same else f" ◇ {spec.value(mark.value)}"
    return text


def _native_labels(drawn: Any, spec: ChartSpec, size: float, colour: Colour, place: Any) -> None:
    labels = drawn.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = marks.number_format(spec), False
    labels.position = place
    labels.font.size = Pt(size)
    colour.on(labels.font.color)


def _hatch(fill: Any, colour: Colour, look: Look) -> None:
    """The pattern of a fragile base: the colour, and paler lines on it."""
    fill.patterned()
    fill.pattern = getattr(MSO_PATTERN, style.LOW_BASE_HATCH.powerpoint)
    Colour(style.mixed(colour.hex, look.background.hex, 0.35)).on(fill.fore_color)
    colour.on(fill.back_color)


def _title(chart: Any, look: Look, text: str) -> float:
    chart.has_title = True
    frame = chart.chart_title.text_frame
    frame.text = text
    font = frame.paragraphs[0].runs[0].font
    font.size, font.bold = Pt(12), True
    look.text.on(font.color)
    chart.chart_title.include_in_layout = False
    return 24.0


def _values(spec: ChartSpec, series: Entry) -> list[float | None]:
    points = [spec.at(category.code, series.code) for category in spec.categories]
    return [None if point is None else point.value for point in points]


def _category_labels(spec: ChartSpec, box: Box, size: float, row: float) -> tuple[list[str], float]:
    """Labels of bars, cut where they are too long, with what they hide; the room in points."""
    texts = [category.label + _hidden(spec, category) for category in spec.categories]
    most = Emu(box.width).pt * (PLANNED if spec.kind == "plans" else LABELS)
    widest = max(fit.width(fit.clean(text), size) for text in texts)
    room = min(widest + 10, most)
    each = max(int(row / (size * fit.LEADING)), 1)
    return [fit.cut(text, size, room - 10, each) for text in texts], room


def _hidden(spec: ChartSpec, category: Entry) -> str:
    """What is not shown of a category: × with the base that says why."""
    found = [
        (series, point)
        for series in spec.series
        if (point := spec.at(category.code, series.code)) and point.flag == "hidden"
    ]
    if not found:
        return ""
    if spec.kind == "stack" or len(spec.series) == 1:
        return f" (× {style.count(found[0][1].n, spec.language)})"
    told = ", ".join(f"{s.label} {style.count(p.n, spec.language)}" for s, p in found)
    return f" (× {told})"


# --- stacks --------------------------------------------------------------------------------------


def _stack(shapes: Any, spec: ChartSpec, box: Box, look: Look, name: str) -> None:
    """One bar of 100 % a group; whole percentages that add up."""
    row = _high(box) / len(spec.categories)
    names, room = _category_labels(spec, box, 12, row)
    data = columns(marks.number_format(spec))
    data.categories = names
    for series in spec.series:
        data.add_series(fit.cut(series.label, 11, 240), _values(spec, series))
    chart = _frame(shapes, spec, box, XL_CHART_TYPE.BAR_STACKED_100, data, name)
    _plain_axes(chart, look, 12)
    chart.category_axis.reverse_order = True
    above = _legend(chart, look, [s.label for s in spec.series], box)
    high, left = _high(box), room / Emu(box.width).pt
    marks.plot_at(chart, left, above / high, 1 - left - 0.01, 1 - above / high - 0.01)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 45, 100
    steps = look.steps(len(spec.series))
    colours = steps[::-1] if spec.reversed else steps
    for rank, (series, drawn) in enumerate(zip(spec.series, plot.series, strict=True)):
        colour = colours[rank] if spec.ordered else look.series(series)
        _fill_parts(spec, series, drawn, colour, look, Emu(box.width).pt - room)


def _fill_parts(
    spec: ChartSpec, series: Entry, drawn: Any, colour: Colour, look: Look, wide: float
) -> None:
    ink = look.on(colour)
    colour.fill(drawn.format.fill)
    look.background.on(drawn.format.line.color)
    drawn.format.line.width = Pt(1)
    _native_labels(drawn, spec, 11, ink, XL_LABEL_POSITION.CENTER)
    for rank, category in enumerate(spec.categories):
        point = spec.at(category.code, series.code)
        if point is None or point.value is None:
            continue
        if point.flag == "flagged":
            _hatch(drawn.points[rank].format.fill, colour, look)
        if point.value < THIN:
            marks.no_label(drawn, rank)
        elif not marks.is_native(spec, point) or _printed(spec, point) != spec.printed(point):
            text, room = _printed(spec, point), point.value * wide - 4
            if fit.width(text, 11) > room:
                text = spec.printed(point)
            marks.label(drawn, rank, [(text, False)], 11, ink, XL_LABEL_POSITION.CENTER)


# --- lines ---------------------------------------------------------------------------------------


def _lines(shapes: Any, spec: ChartSpec, box: Box, look: Look, name: str) -> None:
    """Waves across; a line a series, cut at its breaks, named at its end."""
    parts = [(s, part) for s in spec.series for part in pieces.unbroken(spec, s)]
    data = columns(marks.number_format(spec))
    each = Emu(box.width).pt * (1 - ENDS) / len(spec.categories) - 6
    data.categories = [fit.cut(category.label, 11, each, 2) for category in spec.categories]
    firsts: dict[str, str] = {}
    for series, part in parts:
        label = fit.cut(series.label, 11, 200)
        if series.code in firsts:
            _ = translator(spec.language)
            start = next(c.label for c in spec.categories if c.code == part[0].category)
            label = _("{name}, from {year}").format(name=label, year=fit.cut(start, 11, 100))
        firsts.setdefault(series.code, label)
        held = {point.category: point.value for point in part}
        data.add_series(label, [held.get(category.code) for category in spec.categories])
    chart = _frame(shapes, spec, box, XL_CHART_TYPE.LINE_MARKERS, data, name)
    top = _wave_axes(chart, spec, look)
    high, left = _high(box), 42 / Emu(box.width).pt
    inner = Box(0, 0, 0, int(Pt(high * 0.86)))
    marks.plot_at(chart, left, 0.04, 1 - left - ENDS, 0.86)
    ends = _ends(spec, box, top, Emu(inner.height).pt)
    for (series, part), drawn in zip(parts, chart.plots[0].series, strict=True):
        _draw_line(spec, series, part, drawn, look)
        last = part[-1]
        if last is _last(spec, series):
            lines, shift = ends[series.code]
            where = [c.code for c in spec.categories].index(last.category)
            colour = look.series(series)
            marks.label(
                drawn, where, lines, 11, colour, XL_LABEL_POSITION.RIGHT, (0.004, shift / high)
            )


def _wave_axes(chart: Any, spec: ChartSpec, look: Look) -> float:
    """Waves across and round ticks up from 0; returns the top of the axis."""
    top, categories = _value_axis(chart.value_axis, spec, look), chart.category_axis
    categories.tick_labels.font.size = Pt(11)
    look.muted.on(categories.tick_labels.font.color)
    categories.has_major_gridlines = False
    categories.major_tick_mark = XL_TICK_MARK.NONE
    look.grid.on(categories.format.line.color)
    return top


def _value_axis(values: Any, spec: ChartSpec, look: Look) -> float:
    """Round ticks from 0; returns the end of the axis."""
    highest = pieces.top_of_axis(spec)
    if spec.unit == "share":
        highest = min(highest, 1.0)
    step = pieces.step(highest)
    top = step * math.ceil(highest / step - 1e-9)
    values.minimum_scale, values.maximum_scale, values.major_unit = 0, top, step
    values.has_major_gridlines = True
    look.grid.on(values.major_gridlines.format.line.color)
    values.major_gridlines.format.line.width = Pt(0.75)
    values.format.line.fill.background()
    values.major_tick_mark = XL_TICK_MARK.NONE
    labels = values.tick_labels
    labels.number_format = marks.number_format(spec, 0 if step >= 1 else 1)
    labels.number_format_is_linked = False
    labels.font.size = Pt(11)
    look.muted.on(labels.font.color)
    return top


def _draw_line(spec: ChartSpec, series: Entry, part: list[Point], drawn: Any, look: Look) -> None:
    colour, total = look.series(series), series.code == TOTAL
    drawn.smooth = False
    line = drawn.format.line
    colour.on(line.color)
    line.width = Pt(2.25)
    if total:
        line.dash_style = MSO_LINE.DASH
    drawn.marker.style, drawn.marker.size = XL_MARKER_STYLE.CIRCLE, 6
    colour.fill(drawn.marker.format.fill)
    colour.on(drawn.marker.format.line.color)
    marks.labels_off(drawn)
    where = {category.code: rank for rank, category in enumerate(spec.categories)}
    last = _last(spec, series)
    for point in part:
        rank = where[point.category]
        if point.flag == "flagged":
            look.background.fill(drawn.points[rank].marker.format.fill)
        if point is last:
            continue
        sign = point.mark + ("*" if point.flag == "flagged" else "")
        diamond = any(
            (m.category, m.series) == (point.category, point.series) for m in spec.published
        )
        all_along = spec.kind == "curve" and len(spec.series) <= TOLD
        here = all_along or point.category in (spec.highlight, spec.categories[0].code)
        told = here and _alone(spec, point)
        if sign or diamond or told:
            text = (spec.printed(point) if told else sign) + (" ◇" if diamond else "")
            place = XL_LABEL_POSITION.BELOW if point.mark == DOWN else XL_LABEL_POSITION.ABOVE
            size = 10 if told else 8
            marks.label(drawn, rank, [(text.strip(), False)], size, colour, place)


def _alone(spec: ChartSpec, point: Point) -> bool:
    """Whether a number over a point meets no other line's."""
    clear = pieces.top_of_axis(spec) * 0.09
    others = [spec.at(point.category, s.code) for s in spec.series if s.code != point.series]
    return all(abs(pieces.value(o) - (point.value or 0)) > clear for o in others if o is not None)


def _last(spec: ChartSpec, series: Entry) -> Point | None:
    found = [spec.at(category.code, series.code) for category in spec.categories]
    return next((p for p in reversed(found) if p is not None and p.value is not None), None)


def _ends(
    spec: ChartSpec, box: Box, top: float, inner: float
) -> dict[str, tuple[list[tuple[str, bool]], float]]:
    """For each series, its label and how far down it moves, in points, to stand apart."""
    room = Emu(box.width).pt * ENDS - 16
    found = []
    for series in spec.series:
        last = _last(spec, series)
        if last is not None:
            text = fit.cut(f"{spec.printed(last)}  {series.label}", 11, room, bold=True)
            found.append((series.code, (last.value or 0) / top * inner, [(text, True)]))
    spots = pieces.apart([(y, 11 * fit.LEADING) for _, y, _ in found], inner)
    return {code: (text, y - spot) for (code, y, text), spot in zip(found, spots, strict=True)}


# --- dumbbells -----------------------------------------------------------------------------------


def _dumbbell(shapes: Any, spec: ChartSpec, box: Box, look: Look, name: str) -> None:
    """Items down, a mark a layer: the later ones joined by a bar, the first one under them.

    Of a group against the others, both are joined.
    """
    spec = sides.of(spec)
    count, wide, high = len(spec.categories), Emu(box.width).pt, _high(box)
    labels, room = _category_labels(spec, box, 11, high / count)
    data = places(marks.number_format(spec))
    down = {category.code: count - rank for rank, category in enumerate(spec.categories)}
    ways = _ways(spec)
    names = {c.code: label for c, label in zip(spec.categories, labels, strict=True)}
    end, beside = _end(spec, 1.15), spec.kind == "apart"
    start = min(_start(spec), 0.0) - 0.12 * end if beside else 0.0
    items = data.add_series(" ")  # first: LibreOffice draws no series longer than the first
    for rank in range(count):
        items.add_data_point(start, count - rank)
    for code, ends in ways.items():
        way = data.add_series(names[code])
        for value in ends:
            way.add_data_point(value, down[code])
    held = []
    for rank, series in enumerate(spec.series):
        layer = data.add_series(fit.cut(series.label, 11, 240))
        found = [p for c in spec.categories if (p := spec.at(c.code, series.code))]
        held.append([point for point in found if point.value is not None])
        for point in held[-1]:
            under = 0.36 if rank < _first(spec) else 0.0
            layer.add_data_point(point.value, down[point.category] - under)
    chart = _frame(shapes, spec, box, XL_CHART_TYPE.XY_SCATTER, data, name)
    if beside:  # each mark has its number, the lowest ones at its left
        across = chart.category_axis
        across.visible = across.has_major_gridlines = False
        across.minimum_scale, across.maximum_scale = start - 0.01 * end, end
    else:
        _value_axis(chart.category_axis, spec, look)
    chart.value_axis.visible = chart.value_axis.has_major_gridlines = False
    chart.value_axis.minimum_scale, chart.value_axis.maximum_scale = 0.35, count + 0.5
    above = _legend(chart, look, [s.label for s in spec.series], box)
    marks.no_entries(chart, range(len(ways) + 1))
    left = room / wide
    marks.plot_at(chart, left, above / high, 0.97 - left, 1 - (above + 20) / high)
    named, *drawn = chart.plots[0].series
    named.format.line.fill.background()
    named.marker.style = XL_MARKER_STYLE.NONE
    for rank, text in enumerate(labels):
        marks.label(named, rank, [(text, False)], 11, look.text, XL_LABEL_POSITION.LEFT)
    for way in drawn[: len(ways)]:
        way.smooth = False
        way.marker.style = XL_MARKER_STYLE.NONE
        way.format.line.width = Pt(4)
        look.grid.on(way.format.line.color)
    for rank, layer in enumerate(drawn[len(ways) :]):
        _layer(spec, rank, layer, held[rank], look)


def _first(spec: ChartSpec) -> int:
    """The first of the layers that share a line."""
    return 0 if spec.kind == "apart" else 1


def _ways(spec: ChartSpec) -> dict[str, tuple[float, float]]:
    """For each item that has both, its value in the layer before the last and in the last."""
    found = {}
    for category in spec.categories if len(spec.series) - _first(spec) > 1 else ():
        ends = [spec.at(category.code, series.code) for series in spec.series[-2:]]
        values = [p.value for p in ends if p is not None and p.value is not None]
        if len(values) > 1:
            found[category.code] = (values[0], values[1])
    return found


def _layer(spec: ChartSpec, rank: int, drawn: Any, held: list[Point], look: Look) -> None:
    """One layer's marks: a diamond for the first, dark circles for the last, pale ones between.

    Of a group against the others: the group in its colour, the others grey.
    """
    first, last = _first(spec), rank == len(spec.series) - 1
    colour = look.accent if rank else look.muted
    if rank and not last:
        colour = Colour(style.mixed(colour.hex, look.background.hex, 0.5))
    if not first:
        last = rank == 0
        colour = look.series(spec.series[rank]) if last else look.muted
    drawn.format.line.fill.background()
    drawn.marker.style = XL_MARKER_STYLE.CIRCLE if rank >= first else XL_MARKER_STYLE.DIAMOND
    drawn.marker.size = 10
    colour.fill(drawn.marker.format.fill)
    colour.on(drawn.marker.format.line.color)
    for place, point in enumerate(held):
        ink = look.text if last or rank * first else look.muted
        marks.label(drawn, place, [(spec.printed(point), last)], 10, ink, _side(spec, point, rank))


def _side(spec: ChartSpec, point: Point, rank: int) -> Any:
    """Outside of a joined pair: its two numbers never meet."""
    others = [
        found.value
        for series in spec.series[_first(spec) :]
        if rank >= _first(spec)
        and series.code != point.series
        and (found := spec.at(point.category, series.code))
        and found.value is not None
    ]
    lower = bool(others) and (point.value or 0) < min(others)
    return XL_LABEL_POSITION.LEFT if lower else XL_LABEL_POSITION.RIGHT


# --- panels --------------------------------------------------------------------------------------


def _panels(shapes: Any, spec: ChartSpec, box: Box, look: Look, name: str) -> None:
    """A chart a panel, all on one axis; of plans, what was announced and what changed."""
    shown = sides.of(spec)
    start, end = _start(shown), _end(shown, 1.35)
    ends = (start - SIGNED * end if start < 0 else 0.0, end)
    rows = 1 if len(spec.facets) <= 3 else 2
    across = math.ceil(len(spec.facets) / rows)
    gap = int(Pt(14))
    places = [cell for row in box.rows(rows, gap) for cell in row.columns(across, gap)]
    for rank, (facet, place) in enumerate(zip(spec.facets, places, strict=False)):
        panel = sides.panel(shown, facet)
        title = fit.cut(facet.label, 12, Emu(place.width).pt - 20, bold=True)
        here = name if rank == 0 else f"{name} {rank + 1}"
        _bar_chart(shapes, panel, place, look, here, ends=ends, title=title)


KINDS: dict[str, Callable[[Any, ChartSpec, Box, Look, str], None]] = {
    "bars": _bars,
    "shift": _bars,
    "stack": _stack,
    "lines": _lines,
    "curve": _lines,
    "dumbbell": _dumbbell,
    "apart": _dumbbell,
    "panels": _panels,
    "plans": _panels,
}
