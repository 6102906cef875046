"""Number receipts: a short reference finds the same figures again, and says if they changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pandas as pd

from barometer import measure
from barometer.cells import Selection, SelectionError, select
from barometer.measure import CONFIDENCES, CORRECTIONS, INTERVALS, Settings, Source, Where
from barometer.rows import Rows, framed

NUMBERS = ("value", "ci_low", "ci_high")
PLACE = ("category", "series", "facet")  # what tells the points of a chart apart
CHART, ABOUT = "chart:", "about"
DIGEST = 6  # hexadecimal signs of the fingerprint of the values
_FORM = re.compile(
    r"(?P<indicator>[^.@#\[\]]+)(\[(?P<items>[^\]]*)\])?(?P<parts>(\.[^.@#]+)*)"
    r"@(?P<publication>[\w-]+)#(?P<digest>[0-9a-f]{6})"
)


@dataclass(frozen=True)
class Receipt:
    """What a reference says: which figures, by which method, of which publication."""

    selection: Selection
    settings: Settings
    publication: str
    digest: str

    def __str__(self) -> str:
        items = self.selection.items
        chosen = "" if items is None else f"[{','.join(map(_quoted, items))}]"
        parts = [f"by={name}" for name in self.selection.by]
        parts += [
            f"{name}={','.join(map(_quoted, levels))}" for name, levels in self.selection.where
        ]
        parts += _method(self.settings)
        told = "".join(f".{part}" for part in parts)
        return f"{self.selection.indicator}{chosen}{told}@{self.publication}#{self.digest}"


@dataclass(frozen=True)
class ChartReceipt:
    """What the reference of a whole chart says, where no single selection gives its figures.

    `about` is the group that the chart is about, else empty; `where` has the wave too.
    """

    chart: str
    about: str
    where: Where
    settings: Settings
    publication: str
    digest: str

    def __str__(self) -> str:
        parts = [f"{ABOUT}={_quoted(self.about)}"] if self.about else []
        parts += [f"{name}={','.join(map(_quoted, levels))}" for name, levels in self.where]
        told = "".join(f".{part}" for part in [*parts, *_method(self.settings)])
        return f"{CHART}{_quoted(self.chart)}{told}@{self.publication}#{self.digest}"


def issue(source: Source, selection: Selection, settings: Settings, publication: str) -> Receipt:
    """The receipt of the figures of a selection, as they are in a publication."""
    rows = figures.rows(source, selection, settings).records()
    return Receipt(selection, settings, publication, digest(selection.keys, rows))


@framed
def figures(source: Source, selection: Selection, settings: Settings) -> Rows:
    """The figures of a selection, as a receipt stands for them."""
    return measure.estimate.rows(source, selection, settings)


def changed(
    receipt: Receipt | ChartReceipt,
    keys: Sequence[str],
    then: pd.DataFrame | None,
    now: pd.DataFrame,
) -> bool:
    """Whether figures, told apart by `keys`, differ from what the receipt stood for.

    `then` are the figures of its own publication, None where that is gone: its fingerprint
    answers alone.
    """
    if then is not None:
        return digest(keys, then.to_dict("records")) != digest(keys, now.to_dict("records"))
    return digest(keys, now.to_dict("records")) != receipt.digest


def read(source: Source, text: str) -> Receipt | ChartReceipt:
    """The receipt that a reference spells.

    Raises SelectionError where it is no reference, or names what the codebook does not have.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise SelectionError(
            "this is not a reference; one looks like"
            " indicator.by=dimension.year=2003@20261122-120000-1a2b3c4d#9f3c1a"
        )
    by: list[str] = []
    about = ""
    where: dict[str, list[str]] = {}
    method: dict[str, str] = {}
    for part in filter(None, found["parts"].split(".")):
        name, _, values = part.partition("=")
        if name == "by":
            by.append(values)
        elif name == ABOUT:
            about = unquote(values)
        elif name in ("confidence", "interval", "correction"):
            method[name] = values
        else:
            where[name] = [unquote(value) for value in values.split(",")]
    named, settings = found["indicator"], _settings(method)
    told = (found["publication"], found["digest"])
    if named.startswith(CHART):
        any_indicator = next(iter(source.codebook.by_indicator))
        kept = select(source.codebook, source.years, any_indicator, (), where).where
        return ChartReceipt(unquote(named.removeprefix(CHART)), about, kept, settings, *told)
    items = [unquote(i) for i in found["items"].split(",")] if found["items"] else None
    selection = select(source.codebook, source.years, named, by, where, items)
    return Receipt(selection, settings, *told)


def digest(keys: Iterable[str], rows: Iterable[Mapping[Any, Any]]) -> str:
    """A fingerprint of estimates: their bases, values and intervals, the same within 1e-9.

    Rows are in any order; sums over threads differ in their last digits, which are left out.
    """
    names = list(keys)
    lines = sorted(
        "|".join(
            [*(str(row[name]) for name in names), str(int(row["n"]))]
            + ["" if pd.isna(row[name]) else f"{row[name] + 0.0:.9f}" for name in NUMBERS]
        )
        for row in rows
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:DIGEST]


def _quoted(code: str) -> str:
    """A code without the signs that a reference is cut at."""
    return quote(code, safe=":").replace(".", "%2E")


def _method(settings: Settings) -> Iterable[str]:
    """What differs from the usual method; the reference of marks changes no figure."""
    usual = Settings()
    if settings.confidence != usual.confidence:
        yield f"confidence={settings.confidence:g}".replace(".", ",")
    if settings.interval != usual.interval:
        yield f"interval={settings.interval}"
    if settings.correction != usual.correction:
        yield f"correction={settings.correction}"


def _settings(method: dict[str, str]) -> Settings:
    usual = Settings()
    level = method.get("confidence", str(usual.confidence)).replace(",", ".")
    confidence = next((known for known in CONFIDENCES if f"{known:g}" == level), None)
    if confidence is None:
        raise SelectionError(f"there is no confidence level {level}")
    interval = next((i for i in INTERVALS if i == method.get("interval")), usual.interval)
    correction = next((c for c in CORRECTIONS if c == method.get("correction")), usual.correction)
    return Settings(confidence, interval, correction)
