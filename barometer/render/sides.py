"""What native charts draw of a comparison: its sides; the difference stands in table and notes."""

from __future__ import annotations

from dataclasses import replace

from barometer.kinds.apart import DIFFERENCE
from barometer.kinds.plans import ANNOUNCED, APART, GAP
from barometer.spec import ChartSpec, Entry, Point

DIFFERENCES = {"apart": DIFFERENCE, "plans": GAP}  # the last series of its kind


def of(spec: ChartSpec) -> ChartSpec:
    """The chart without the series that is the difference of the others.

    ◆ marks what was announced where the change is significantly far from it.
    """
    left_out = DIFFERENCES.get(spec.kind)
    if left_out is None:
        return spec
    return replace(
        spec,
        series=tuple(series for series in spec.series if series.code != left_out),
        points=tuple(_marked(spec, p) for p in spec.points if p.series != left_out),
    )


def panel(spec: ChartSpec, facet: Entry) -> ChartSpec:
    """One facet of a chart, as a chart of its own."""
    return replace(
        spec,
        points=tuple(replace(p, facet="") for p in spec.points if p.facet == facet.code),
        facets=(Entry("", ""),),
        alt=f"{facet.label}. {spec.alt}" if facet.label else spec.alt,
    )


def _marked(spec: ChartSpec, point: Point) -> Point:
    gap = spec.at(point.category, GAP, point.facet)
    far = spec.kind == "plans" and point.series == ANNOUNCED and gap is not None and gap.mark
    return replace(point, mark=APART) if far else point
