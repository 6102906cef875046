"""The view in the address bar: what is sent is what is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from barometer.codebook import LANGUAGES, YEAR, Codebook
from barometer.measure import (
    CONFIDENCES,
    CORRECTIONS,
    DEFAULTS,
    INTERVALS,
    REFERENCES,
    Settings,
)

LANGUAGE = "lang"
MARGINS = "margins"
TABLES = "table"
PRESENT, NOTES = "present", "notes"
SLIDE = "slide"  # a chart of the basket
Allowed = Mapping[str, Sequence[str] | None]  # None: any text, within bounds
NOTHING: Allowed = {}
ONLINE: Sequence[str] = ("(waves online)",)  # stands for the years of the waves now online
LONG: Sequence[str] = ("(long texts)",)  # stands for any text, within wider bounds
LONG_TEXTS, LONG_LETTERS = 40, 4000
TEXTS, LETTERS = 10, 300  # values of a free parameter, and their length
SETTINGS: dict[str, tuple[Any, ...]] = {
    "confidence": CONFIDENCES,
    "interval": INTERVALS,
    "correction": CORRECTIONS,
    "reference": REFERENCES,
}


@dataclass(frozen=True)
class Address:
    """What the address holds. `where` has the levels kept of each filtered dimension.

    `tables` names the charts shown as tables, `margins` says whether intervals are drawn, and
    `page` holds what one page alone asks, `present` the chart that a presenter shows, `notes`
    whether its notes are shown too, `carried` the basket, which no page but its own shows.
    """

    year: int
    language: str
    where: dict[str, list[str]] = field(default_factory=dict)
    margins: bool = False
    tables: list[str] = field(default_factory=list)
    settings: Settings = DEFAULTS
    page: dict[str, list[str]] = field(default_factory=dict)
    present: str = ""
    notes: bool = False
    carried: list[str] = field(default_factory=list)

    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the address bar, in a fixed order."""
        parameters = {LANGUAGE: [self.language], YEAR: [str(self.year)]}
        parameters |= {name: levels for name, levels in self.where.items() if levels}
        if self.margins:
            parameters[MARGINS] = ["1"]
        if self.tables:
            parameters[TABLES] = self.tables
        for name, choices in SETTINGS.items():
            value = getattr(self.settings, name)
            if value != choices[0]:
                parameters[name] = [str(value)]
        parameters |= {name: values for name, values in self.page.items() if values}
        if self.carried:
            parameters[SLIDE] = self.carried
        if self.present:
            parameters[PRESENT] = [self.present]
            if self.notes:
                parameters[NOTES] = ["1"]
        return parameters


def read(
    parameters: Mapping[str, Sequence[str]],
    book: Codebook,
    years: Sequence[int],
    charts: Sequence[str],
    language: str,
    own: Allowed = NOTHING,
) -> tuple[Address, list[str]]:
    """The address that parameters ask for, and those that were dropped, as `name=value`.

    What is missing takes its default: the last wave, no filter, the visitor's own language.
    `own` has the parameters of the page, each with the values that it may take.
    """
    dropped: list[str] = []

    def known(name: str, allowed: Sequence[str] | None) -> list[str]:
        values = list(dict.fromkeys(parameters.get(name, ())))
        if allowed is None:
            return [value[:LETTERS] for value in values[:TEXTS]]
        if allowed is LONG:
            return [value[:LONG_LETTERS] for value in values[:LONG_TEXTS]]
        if allowed is ONLINE:
            allowed = [str(wave) for wave in years]
        dropped.extend(f"{name}={value}" for value in values if value not in allowed)
        return [value for value in values if value in allowed]

    year = known(YEAR, [str(y) for y in years])
    chosen = known(LANGUAGE, LANGUAGES)
    dropped += [
        f"{name}={value}" for name, one in ((YEAR, year), (LANGUAGE, chosen)) for value in one[1:]
    ]
    where = {d.code: known(d.code, [level.code for level in d.levels]) for d in book.dimensions}
    margins = known(MARGINS, ["1"])
    tables = known(TABLES, charts)
    chosen_settings = {
        name: dict(zip(map(str, choices), choices, strict=True))
        for name, choices in SETTINGS.items()
    }
    settings = Settings(
        **{
            name: choices[next(iter(known(name, list(choices))), next(iter(choices)))]
            for name, choices in chosen_settings.items()
        }
    )
    page = {name: known(name, allowed) for name, allowed in own.items()}
    carried = [] if SLIDE in own else known(SLIDE, LONG)
    presented = known(PRESENT, charts)
    notes = known(NOTES, ["1"])
    taken = {PRESENT, NOTES, YEAR, LANGUAGE, MARGINS, TABLES, SLIDE, *SETTINGS, *where, *own}
    dropped += [
        f"{name}={value}" for name in parameters if name not in taken for value in parameters[name]
    ]
    return (
        Address(
            int(year[0]) if year else years[-1],
            chosen[0] if chosen else language,
            {name: levels for name, levels in where.items() if levels},
            bool(margins),
            tables,
            settings,
            page,
            next(iter(presented), ""),
            bool(notes and presented),
            carried,
        ),
        dropped,
    )
