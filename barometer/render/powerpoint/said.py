"""The words around a chart: title, measure, foot and notes, on slides and in what they remember."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from barometer import deck
from barometer.render.powerpoint import fit
from barometer.spec import ChartSpec
from barometer.words import translator

NOTES = 24_000  # characters of a slide's notes
LABEL = 2_000  # of a label in them


def foot(spec: ChartSpec) -> list[str]:
    """The lines under a chart: base, waves and filters; what marks mean; source and provenance."""
    facts = " · ".join(filter(None, (spec.base, spec.waves, spec.filters)))
    lines = (facts, " · ".join(spec.notes), f"{spec.source} · {spec.provenance}")
    return [fit.clean(line) for line in lines if line]


def notes(slide: deck.Slide, *, cut: bool) -> str:
    """What a speaker needs to defend a slide; `cut` says that its title did not fit whole."""
    text = "\n".join(_lines(slide, cut))
    return text if len(text) <= NOTES else text[: NOTES - 1].rstrip() + fit.ELLIPSIS


def _lines(slide: deck.Slide, cut: bool) -> Iterator[str]:
    spec = slide.spec
    _ = translator(spec.language)
    if slide.comment:
        yield from (fit.clean(slide.comment, LABEL), "")
    if cut:
        yield _("Title: {title}").format(title=fit.clean(slide.title, LABEL))
    if slide.contradicted:
        yield _("The data say: {text}").format(text=fit.clean(slide.contradicted, LABEL))
    for question in slide.questions:
        yield _("Question: {question}").format(question=fit.clean(question, LABEL))
    yield _("Definition: {definition}").format(definition=fit.clean(slide.definition, LABEL))
    yield fit.clean(spec.measure, LABEL)
    yield from foot(spec)
    yield ""
    yield _("Figures, with their margin of error and their base:")
    for row in slide.rows:
        name = " · ".join(filter(None, (fit.clean(row.group, LABEL), fit.clean(row.item, LABEL))))
        interval = f" ({row.interval})" if row.interval else ""
        mark = " : " if spec.language == "fr" else ": "
        yield f"– {name}{mark}{row.value}{interval}, {row.base}"
    yield ""
    if spec.receipt:
        yield _("Reference: {reference}").format(reference=fit.clean(spec.receipt, LABEL))
    yield _("Address: {address}").format(address=fit.clean(slide.address, LABEL))


def memory(slide: deck.Slide, publication: str, part: tuple[int, int]) -> dict[str, Any]:
    """What a slide remembers of its chart: how to make it again, and each of its numbers."""
    spec = slide.spec
    return {
        "version": 1,
        "kind": "chart",
        "wanted": str(slide.wanted),
        "language": spec.language,
        "publication": publication,
        "receipt": spec.receipt,
        "address": slide.address,
        "part": list(part),
        "numbers": [
            [p.category, p.series, p.facet, p.value, p.low, p.high, p.n, spec.printed(p)]
            for p in spec.points
        ],
        "errors": [[p.se, p.df] for p in spec.points],
    }
