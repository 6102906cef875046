"""Items made of several lists: the parts that make rows and columns, and those a page chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barometer.codebook import Codebook, Indicator, Item
from barometer.declarations import Chart

NODE = "node"  # what the visitor went down to in a tree
ABOUT = "about"  # the address's name for the item of a list that a page picked
Within = tuple[tuple[str, str], ...]
"""What a page chose: the node of a tree, the item of a list; pairs of what and code."""


@dataclass(frozen=True)
class Place:
    """Where one crossed item stands: codes and labels of its row and its column."""

    row: str
    column: str
    row_label: str
    column_label: str


def places(items: Sequence[Item], language: str) -> dict[str, Place]:
    """The place of each item by its code: the last part across, the others down.

    First parts that all items share, such as the one a page chose, are left out.
    """
    parts = [item.code.split(":") for item in items]
    words = [item.label[language].split(" · ") for item in items]
    shared = 0
    while len({tuple(p[: shared + 1]) for p in parts}) == 1 and len(parts[0]) > shared + 2:
        shared += 1
    return {
        item.code: Place(
            ":".join(p[shared:-1]), p[-1], " · ".join(w[min(shared, len(w) - 2) : -1]), w[-1]
        )
        for item, p, w in zip(items, parts, words, strict=True)
    }


def shared(items: Sequence[Item], language: str) -> str:
    """The words of the first parts that all items share, empty where they share none."""
    found = places(items, language)
    place, label = found[items[0].code], items[0].label[language]
    rest = f"{place.row_label} · {place.column_label}"
    return label.removesuffix(rest).removesuffix(" · ")


def told_apart(items: Sequence[Item], language: str) -> tuple[dict[str, str], str]:
    """The one part in which crossed items differ, by code, and the words of those that they share.

    Nothing and no words where items are not crossed, differ in several parts, or stand alone.
    """
    parts = [item.code.split(":") for item in items]
    words = [item.label[language].split(" · ") for item in items]
    if len(items) < 2 or len({len(part) for part in (*parts, *words)}) > 1 or len(parts[0]) < 2:
        return {}, ""
    differing = [place for place, codes in enumerate(zip(*parts, strict=True)) if len({*codes}) > 1]
    if len(differing) != 1:
        return {}, ""
    (place,) = differing
    labels = {item.code: word[place] for item, word in zip(items, words, strict=True)}
    return labels, " · ".join(word for at, word in enumerate(words[0]) if at != place)


def is_crossed(indicator: Indicator) -> bool:
    """Whether its items are made of several lists."""
    return len(indicator.of) > 1


def narrowed(chart: Chart, book: Codebook, within: Within) -> Chart:
    """The chart about what the page chose: a node and what it groups, one item of a list.

    A chart that follows a tree shows a single node by the main dimension; one that picks from a
    list takes its first item where nothing was chosen.
    """
    chosen = dict(within)
    indicator = book.by_indicator[chart.indicator]
    if chart.pick is not None:
        place = indicator.of.index(chart.pick)
        known = list(dict.fromkeys(item.code.split(":")[place] for item in indicator.items))
        code = chosen.get(chart.pick)
        code = code if code in known else known[0]
        kept = [i.code for i in indicator.items if i.code.split(":")[place] == code]
        return chart.model_copy(update={"items": tuple(kept)})
    node = chosen.get(NODE)
    if not chart.drill or node not in indicator.by_code:
        return chart
    if chart.kind == "tree":
        under = tuple(i.code for i in indicator.items if node in indicator.line(i.code))
        return chart.model_copy(update={"items": under})
    main = book.main_dimension.code
    return chart.model_copy(update={"items": (node,), "by": main, "total": True})


def chosen(chart: Chart, book: Codebook, language: str) -> tuple[str, str]:
    """Code and label of what a narrowed chart is about, empty where it is about everything."""
    indicator = book.by_indicator[chart.indicator]
    if not isinstance(chart.items, tuple) or not (chart.drill or chart.pick):
        return "", ""
    first = indicator.item(chart.items[0])
    if chart.pick is None:
        return first.code, first.label[language]
    place = indicator.of.index(chart.pick)
    return first.code.split(":")[place], first.label[language].split(" · ")[place]


def choices(chart: Chart, book: Codebook, language: str) -> dict[str, str]:
    """Codes and labels of the list that a chart picks from, in its order."""
    indicator = book.by_indicator[chart.indicator]
    place = indicator.of.index(chart.pick or "")
    return {
        item.code.split(":")[place]: item.label[language].split(" · ")[place]
        for item in indicator.items
    }
