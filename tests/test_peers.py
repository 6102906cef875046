"""benchmarks/peers.py: what finds something else than ours is told, whatever it is."""

from __future__ import annotations

import math

import pytest

from benchmarks.peers import CLOSE, Table, _gap

OURS: Table = {(0, "a", 2000): (0.5, 0.1), (1, "a", 2000): (0.0, 0.0)}


@pytest.mark.parametrize(
    ("share", "error", "errors", "same"),
    [
        (0.0, 0.0, True, True),
        (0.0, 0.2, False, True),  # an error of another variance
        (0.0, 0.2, True, False),
        (1e-9, 0.0, True, False),
        (math.nan, 0.0, True, False),
        (0.0, math.nan, True, False),
        (math.inf, 0.0, False, False),
    ],
)
def test_a_number_that_differs_is_a_gap_and_so_is_none(
    share: float, error: float, errors: bool, same: bool
) -> None:
    theirs = OURS | {(1, "a", 2000): (share, error)}
    assert (_gap(OURS, theirs, errors) < CLOSE) is same


def test_a_group_that_is_missing_is_a_gap() -> None:
    assert _gap(OURS, {(0, "a", 2000): (0.5, 0.1)}, errors=True) == math.inf
    assert _gap({}, {}, errors=True) == math.inf
