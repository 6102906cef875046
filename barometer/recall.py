"""Find the figures of a reference again, now and in the publication that it was given for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from barometer import charts, receipts
from barometer.cells import SelectionError
from barometer.codebook import YEAR
from barometer.declarations import Declarations
from barometer.measure import Source
from barometer.receipts import ChartReceipt, Receipt


@dataclass(frozen=True)
class Recalled:
    """What a reference stands for: its figures now, then (None where that is gone), and whether
    they changed. `keys` name the columns that tell the figures apart.
    """

    receipt: Receipt | ChartReceipt
    keys: tuple[str, ...]
    now: pd.DataFrame
    then: pd.DataFrame | None
    changed: bool


def recall(
    source: Source, earlier: Callable[[str], Source | None], declared: Declarations, text: str
) -> Recalled:
    """The figures of a reference. `earlier` finds a publication by its name, None where it is gone.

    Raises SelectionError where the text is no reference, or names what there is not.
    """
    receipt = receipts.read(source, text)
    then = earlier(receipt.publication)
    keys, now = _figures(source, declared, receipt)
    before = None if then is None else _figures(then, declared, receipt)[1]
    return Recalled(receipt, tuple(keys), now, before, receipts.changed(receipt, keys, before, now))


def _figures(
    source: Source, declared: Declarations, receipt: Receipt | ChartReceipt
) -> tuple[Sequence[str], pd.DataFrame]:
    """Names of the columns that tell the figures apart, and the figures."""
    if isinstance(receipt, Receipt):
        found = receipts.figures(source, receipt.selection, receipt.settings)
        return receipt.selection.keys, found
    chart = declared.by_name.get(receipt.chart)
    if chart is None:
        raise SelectionError(f"there is no chart {receipt.chart!r}")
    if YEAR not in dict(receipt.where):
        raise SelectionError("the reference of a chart names its wave, as in year=2003")
    view = charts.viewed(receipt, "en")
    spec = charts.build(source, chart, view, pd.DataFrame())
    return receipts.PLACE, charts.figures(spec.points)
