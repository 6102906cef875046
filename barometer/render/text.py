"""Text from outside, made fit to be written in a file: no control sign, no label without end."""

from __future__ import annotations

import re
from dataclasses import replace

from barometer.spec import ChartSpec, Entry

# What XML 1.0 does not allow, and what turns the direction of the text around it.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
LONGEST = 90  # characters of a label that is drawn
ELLIPSIS = "…"


def legible(text: str) -> str:
    """The same text without control signs, which no file format can hold."""
    return _UNFIT.sub("", text)


def shortened(text: str, most: int = LONGEST) -> str:
    """A text of `most` characters at most, its end replaced by an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def drawable(spec: ChartSpec, most: int = LONGEST) -> ChartSpec:
    """The same chart with labels that a drawing has room for; tables keep the whole ones."""

    def fit(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(replace(e, label=shortened(legible(e.label), most)) for e in entries)

    return replace(
        spec,
        categories=fit(spec.categories),
        series=fit(spec.series),
        facets=fit(spec.facets),
    )
