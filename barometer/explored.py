"""The chart of an exploration: as short text that a basket, an address and a slide can hold."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

from barometer.cells import SelectionError
from barometer.codebook import YEAR, Codebook
from barometer.declarations import Chart, Declarations

NAME = "explorer"  # of its page too
KINDS = ("bars", "lines", "panels", "stack")
CUT, COMMA = "!", ","


def chart(
    book: Codebook,
    indicator: str,
    kind: str,
    by: str | None,
    across: str | None,
    items: Sequence[str],
) -> Chart:
    """A chart of items of an indicator, split by a dimension, and across a second or the waves.

    Without items, where nobody answered, there is nothing to draw: the chart says so.

    Raises SelectionError naming what the codebook does not have, or cannot be drawn together.
    """
    known = book.by_indicator.get(indicator)
    if known is None:
        raise SelectionError(f"there is no indicator {indicator!r}")
    for item in items:
        if item not in known.by_code:
            raise SelectionError(f"indicator {indicator} has no item {item!r}")
    for name in filter(None, (by, across)):
        if name not in book.by_dimension and (name, name) != (across, YEAR):
            raise SelectionError(f"there is no dimension {name!r}")
    two = by is not None and across is not None and by != across
    if kind not in KINDS or (kind == "panels") != two or (across and not two):
        raise SelectionError(f"an exploration cannot be drawn as {kind!r}")
    over_time = kind == "lines" or across == YEAR
    return Chart(
        name=NAME,
        kind=kind,  # type: ignore[arg-type]  # one of KINDS
        measure=known.label,
        indicator=indicator,
        items=tuple(dict.fromkeys(items)),
        by=by,
        across=across,
        total=kind in ("bars", "stack"),
        findings=("trend", "change") if over_time else ("gap", "highest", "leader", "change"),
    )


def spelled(one: Chart) -> str:
    """The name that finds a chart again: its own, or all that an exploration asks."""
    if one.name != NAME:
        return one.name
    parts = (one.indicator, one.kind, one.by or "", one.across or "")
    return CUT.join([NAME, *map(_quoted, parts), COMMA.join(map(_quoted, one.items))])


def named(declared: Declarations, book: Codebook, name: str) -> Chart:
    """The chart of a name of `spelled`.

    Raises SelectionError where there is no such chart.
    """
    if name in declared.by_name:
        return declared.by_name[name]
    head, *parts = name.split(CUT)
    if head != NAME or len(parts) != 5:
        raise SelectionError(f"there is no chart {name!r}")
    indicator, kind, by, across = map(unquote, parts[:4])
    items = [unquote(item) for item in parts[4].split(COMMA) if item]
    if not items:
        raise SelectionError(f"there is no item in chart {name!r}")
    return chart(book, indicator, kind, by or None, across or None, items)


def parameters(one: Chart) -> list[tuple[str, str]]:
    """What the explorer's address asks to show a chart again, the view apart."""
    by = [YEAR, one.by] if one.kind == "lines" else [one.by, one.across]
    items: Sequence[str] = () if one.kind == "stack" else one.items  # a stack has every answer
    asked = [("indicator", one.indicator), *(("by", name) for name in by if name)]
    return [*asked, *(("item", item) for item in items)]


def _quoted(code: str) -> str:
    """A code without the signs that a name, or a text of the basket, is cut at."""
    return quote(code, safe=":").replace("~", "%7E")
