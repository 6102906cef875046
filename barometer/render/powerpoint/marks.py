"""Pieces of a native chart that python-pptx has no name for: places, labels, legend entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from barometer import style
from barometer.render.powerpoint.look import Colour
from barometer.spec import ChartSpec, Point

_SHOWN = ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")


def number_format(spec: ChartSpec, decimals: int | None = None) -> str:
    """How Office writes a value as the deck's language does: 0" "% in French, 0% in English."""
    if spec.unit == "mean":
        return "0" if decimals == 0 else "0.0"
    space = style.share(0.0, spec.language)[1:-1]
    return f'0"{space}"%' if space else "0%"


def is_native(spec: ChartSpec, point: Point) -> bool:
    """Whether the format alone prints a point as the barometer does."""
    return (point.unit or spec.unit) == "share" and spec.printed(point) == spec.value(point.value)


def plot_at(chart: Any, left: float, top: float, width: float, height: float) -> None:
    """Place the inner plot area, in fractions of the chart: its labels have the rest."""
    area = chart._chartSpace.chart.plotArea
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    area.insert(0, parse_xml(_layout(left, top, width, height, "inner")))


def legend_at(chart: Any, left: float, top: float, width: float, height: float) -> None:
    """Place the legend, in fractions of the chart."""
    legend = chart.legend._element
    for old in legend.findall(qn("c:layout")):
        legend.remove(old)
    entries = legend.findall(qn("c:legendEntry")) or [legend.find(qn("c:legendPos"))]
    entries[-1].addnext(parse_xml(_layout(left, top, width, height)))


def _layout(left: float, top: float, width: float, height: float, target: str = "") -> str:
    aim = f'<c:layoutTarget val="{target}"/>' if target else ""
    sizes = "".join(
        f'<c:{name} val="{max(value, 0):.5f}"/>'
        for name, value in (("x", left), ("y", top), ("w", width), ("h", height))
    )
    return (
        f'<c:layout {nsdecls("c")}><c:manualLayout>{aim}<c:xMode val="edge"/>'
        f'<c:yMode val="edge"/>{sizes}</c:manualLayout></c:layout>'
    )


def label(
    series: Any,
    index: int,
    paragraphs: Sequence[tuple[str, bool]],
    size: float,
    colour: Colour,
    position: Any,
    shift: tuple[float, float] = (0.0, 0.0),
) -> None:
    """A point's own label: paragraphs, bold or not; `shift` in fractions of the chart."""
    made = series.points[index].data_label
    frame = made.text_frame
    frame.word_wrap = False
    for rank, (text, bold) in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if rank == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text, run.font.size, run.font.bold = text, Pt(size), bold
        colour.on(run.font.color)
    if position is not None:
        made.position = position
    if any(shift):
        element = made._get_or_add_dLbl()
        element.find(qn("c:idx")).addnext(
            parse_xml(
                f'<c:layout {nsdecls("c")}><c:manualLayout><c:x val="{shift[0]:.5f}"/>'
                f'<c:y val="{shift[1]:.5f}"/></c:manualLayout></c:layout>'
            )
        )


def no_label(series: Any, index: int) -> None:
    """No label on a point."""
    labels = series._element.get_or_add_dLbls()
    element = labels._insert_dLbl_in_sequence(index)
    for child in list(element):
        if child.tag != qn("c:idx"):
            element.remove(child)
    element.append(parse_xml(f'<c:delete {nsdecls("c")} val="1"/>'))


def no_entries(chart: Any, indexes: Sequence[int]) -> None:
    """No entry in the legend for some series."""
    legend = chart.legend._element
    for index in reversed(indexes):
        legend.find(qn("c:legendPos")).addnext(
            parse_xml(
                f'<c:legendEntry {nsdecls("c")}><c:idx val="{index}"/><c:delete val="1"/>'
                "</c:legendEntry>"
            )
        )


def labels_off(series: Any) -> None:
    """No label but those given to points: a line's labels are at its end."""
    labels = series._element.get_or_add_dLbls()
    for name in _SHOWN:
        element = labels.find(qn(f"c:show{name}"))
        if element is not None:
            element.set("val", "0")
