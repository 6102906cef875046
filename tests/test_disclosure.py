"""Attack random tables by subtraction, exactly, and find nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from barometer import disclosure
from barometer.disclosure import PROTECTING, SMALL, VISIBLE, decide, protection

WAVES = Path(__file__).resolve().parent.parent / "data" / "waves"
DIMENSIONS = ["relational_model", "sector", "size", "region", "crm_project"]
PRIME = 2**31 - 1  # over every determinant of a 0/1 matrix of 20 columns: ranks are exact
CELLS = 20

# --- the auditor: knows the boxes that are visible, nothing of the rule --------------------------


def table(counts: np.ndarray, none: bool = False) -> pd.DataFrame:
    """Counts of a full table as rows; with `none`, the first level of each dimension is missing."""
    rows: list[dict[str, Any]] = []
    for cell, n in np.ndenumerate(counts):
        levels = {f"d{axis}": f"l{level}" for axis, level in enumerate(cell)}
        if none:
            levels = {name: None if level == "l0" else level for name, level in levels.items()}
        rows.append({**levels, "n": int(n)})
    return pd.DataFrame(rows)


def dimensions_of(counts: pd.DataFrame) -> list[str]:
    return [name for name in counts.columns if name != "n"]


def every_box(counts: pd.DataFrame, several: bool = True) -> list[dict[str, frozenset[str] | None]]:
    """All boxes: each dimension left alone, or kept to any of its levels, or to one."""
    options: list[list[frozenset[str] | None]] = []
    for name in dimensions_of(counts):
        levels = sorted(counts[name].dropna().unique())
        sizes = range(1, len(levels) + 1) if several else [1]
        subsets = [frozenset(chosen) for size in sizes for chosen in combinations(levels, size)]
        options.append([None, *subsets])
    names = dimensions_of(counts)
    return [dict(zip(names, chosen, strict=True)) for chosen in product(*options)]


def vectors(counts: pd.DataFrame, boxes: list[dict[str, frozenset[str] | None]]) -> np.ndarray:
    """(boxes, cells with somebody) which cells each box holds."""
    cells = counts[counts["n"] > 0]
    rows = np.ones((len(boxes), len(cells)), dtype=np.int64)
    for row, box in enumerate(boxes):
        for name, kept in box.items():
            if kept is not None:
                rows[row] *= cells[name].isin(kept).to_numpy()
    return rows


def reduced(rows: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Reduced echelon form modulo PRIME, and its pivots."""
    rows, pivots = rows.copy() % PRIME, []
    for column in range(rows.shape[1]):
        at = len(pivots)
        found = np.flatnonzero(rows[at:, column])
        if not len(found):
            continue
        rows[[at, at + found[0]]] = rows[[at + found[0], at]]
        rows[at] = rows[at] * pow(int(rows[at, column]), -1, PRIME) % PRIME
        others = rows[:, column].copy()
        others[at] = 0
        rows = (rows - others[:, None] * rows[at]) % PRIME
        pivots.append(column)
    return rows[: len(pivots)], pivots


def unseen(visible: np.ndarray) -> np.ndarray:
    """(w, cells) a basis of all changes of the cells that leave every visible sum as it is."""
    echelon, pivots = reduced(np.unique(visible, axis=0))
    free = [column for column in range(visible.shape[1]) if column not in pivots]
    moves = np.zeros((len(free), visible.shape[1]), dtype=np.int64)
    for row, column in enumerate(free):
        moves[row, column] = 1
        moves[row, pivots] = -echelon[:, column] % PRIME
    return moves


def light_sets(n: list[int], threshold: int) -> Iterator[list[int]]:
    """All sets of cells with fewer respondents than the threshold together."""
    grown: list[tuple[list[int], int]] = [([], 0)]
    while grown:
        chosen, size = grown.pop()
        if chosen:
            yield chosen
        for cell in range(chosen[-1] + 1 if chosen else 0, len(n)):
            if size + n[cell] < threshold:
                grown.append(([*chosen, cell], size + n[cell]))


def told_sets(counts: pd.DataFrame, threshold: int) -> list[list[int]]:
    """Sets under the threshold that carry a combination of what is visible: there must be none."""
    boxes = every_box(counts)
    reasons = decide(counts, dimensions_of(counts), boxes, threshold)
    moves = unseen(vectors(counts, boxes)[reasons == VISIBLE])
    n = counts["n"][counts["n"] > 0].tolist()
    return [
        cells for cells in light_sets(n, threshold) if len(reduced(moves[:, cells])[1]) < len(cells)
    ]


def told_boxes(
    counts: pd.DataFrame, threshold: int, reasons: tuple[str, ...], several: bool
) -> list[dict[str, frozenset[str] | None]]:
    """Hidden boxes that are a combination of visible ones: there must be none."""
    boxes = every_box(counts)
    visible = decide(counts, dimensions_of(counts), boxes, threshold) == VISIBLE
    moves = unseen(vectors(counts, boxes)[visible])
    asked = every_box(counts, several)
    hidden = np.isin(decide(counts, dimensions_of(counts), asked, threshold), reasons)
    changed = (vectors(counts, asked) @ moves.T % PRIME).any(axis=1)  # under 20 terms: no overflow
    return [box for box, here, there in zip(asked, hidden, changed, strict=True) if here > there]


# Zeros, ones, nines and tens: everything happens at the edges.
BASES = st.one_of(st.sampled_from([0, 1, 2, 9, 10, 11]), st.integers(0, 40))


@st.composite
def tables(draw: st.DrawFn, least: int, most: int, cells: int = CELLS) -> pd.DataFrame:
    shape: list[int] = []
    for left in range(draw(st.integers(least, most)) - 1, -1, -1):
        room = cells // (int(np.prod(shape)) * 2**left)  # the others take two levels each or more
        shape.append(draw(st.integers(2, min(room, 5))))
    count = int(np.prod(shape))
    n = draw(st.lists(BASES, min_size=count, max_size=count))
    return table(np.array(n).reshape(shape), none=draw(st.booleans()))


# --- what is guaranteed --------------------------------------------------------------------------


@settings(max_examples=200)
@given(tables(1, 2), st.sampled_from([2, 5, 10]))
def test_one_and_two_dimensions_tell_nothing_of_few_respondents(
    counts: pd.DataFrame, threshold: int
) -> None:
    assume(protection(counts, dimensions_of(counts), threshold).complete)
    assert not told_sets(counts, threshold)


@settings(max_examples=150)
@given(tables(3, 3), st.sampled_from([5, 10]))
def test_three_dimensions_tell_nothing_of_few_respondents(
    counts: pd.DataFrame, threshold: int
) -> None:
    assume(protection(counts, dimensions_of(counts), threshold).complete)
    assert not told_sets(counts, threshold)


@settings(max_examples=100)
@given(tables(1, 3), st.booleans())
def test_no_hidden_base_is_a_sum_or_difference_of_visible_ones(
    counts: pd.DataFrame, cramped: bool
) -> None:
    """Whatever filters are combined; also where there are too many sets to follow one by one."""
    with pytest.MonkeyPatch.context() as patch:
        disclosure._protection.cache_clear()
        if cramped:
            patch.setattr(disclosure, "SETS", 0)
        assert not told_boxes(counts, 10, (SMALL,), several=True)
        assert not told_boxes(counts, 10, (PROTECTING,), several=False)
    disclosure._protection.cache_clear()


@settings(max_examples=100)
@given(tables(4, 4))
def test_four_dimensions_together_give_no_small_base_away(counts: pd.DataFrame) -> None:
    assert protection(counts, dimensions_of(counts), 10).guarded
    assert not told_boxes(counts, 10, (SMALL,), several=False)


@settings(max_examples=60)
@given(tables(4, 4))
def test_any_three_of_four_dimensions_are_safe_by_themselves(counts: pd.DataFrame) -> None:
    """Decisions on one, two and three dimensions agree: they come from the same counts."""
    names = dimensions_of(counts)
    boxes = every_box(counts)
    reasons = decide(counts, names, boxes, 10)
    for three in combinations(names, 3):
        added = counts.groupby(list(three), dropna=False)["n"].sum().reset_index()
        within = [
            i for i, box in enumerate(boxes) if all(box[d] is None for d in {*names} - {*three})
        ]
        inside = [{name: boxes[i][name] for name in three} for i in within]
        moves = unseen(vectors(added, inside)[reasons[within] == VISIBLE])
        changed = (vectors(added, inside) @ moves.T % PRIME).any(axis=1)
        assert changed[reasons[within] == SMALL].all()


# --- edges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        ([50, 60, 70], ["", "", ""]),
        ([10, 60, 70], ["", "", ""]),
        ([9, 60, 70], [SMALL, PROTECTING, ""]),  # the smallest partner is given up
        ([9, 1, 70], [SMALL, SMALL, ""]),  # two small ones protect each other: 10 together
        ([5, 4, 70], [SMALL, SMALL, PROTECTING]),  # 9 together: not yet
        ([0, 60, 70], ["", "", ""]),  # nobody there: nothing to hide
        ([9, 60], [SMALL, PROTECTING]),
        ([9, 0], [SMALL, ""]),
    ],
)
def test_one_dimension_hides_what_classical_suppression_hides(
    bases: list[int], expected: list[str]
) -> None:
    counts = table(np.array(bases))
    boxes = [{"d0": {f"l{level}"}} for level in range(len(bases))]
    assert decide(counts, ["d0"], boxes, 10).tolist() == expected
    assert decide(counts, ["d0"], [{}], 10)[0] == (SMALL if sum(bases) < 10 else VISIBLE)


def test_a_filter_of_several_levels_shows_when_it_adds_nothing() -> None:
    counts = table(np.array([9, 20, 50, 60]))
    boxes = [{"d0": {"l0", "l1"}}, {"d0": {"l0", "l2"}}, {"d0": {"l1", "l2", "l3"}}, {"d0": None}]
    assert decide(counts, ["d0"], boxes, 10).tolist() == ["", PROTECTING, PROTECTING, ""]


def test_two_dimensions_hide_four_cells_for_one_small_one() -> None:
    n = np.array([[9, 30, 40], [20, 50, 60], [70, 80, 90]])
    counts = table(n)
    boxes = [{"d0": {f"l{i}"}, "d1": {f"l{j}"}} for i, j in np.ndindex(3, 3)]
    hidden = (decide(counts, ["d0", "d1"], boxes, 10) != VISIBLE).reshape(3, 3)
    assert hidden.tolist() == [[True, True, False], [True, True, False], [False, False, False]]
    margins = [{"d0": {f"l{i}"}} for i in range(3)] + [{"d1": {f"l{j}"}} for j in range(3)]
    assert (decide(counts, ["d0", "d1"], margins, 10) == VISIBLE).all()


def test_large_tables_of_two_dimensions_can_expose_a_cell_of_three() -> None:
    """Why the counts of all dimensions decide: one respondent, nobody at the opposite corner."""
    n = np.full((2, 2, 2), 50)
    n[0, 0, 0], n[1, 1, 1] = 1, 0
    counts = table(n)
    pairs = [box for box in every_box(counts, several=False) if list(box.values()).count(None) == 1]
    bare = unseen(vectors(counts, pairs))
    assert not bare[:, 0].any()  # all two-dimensional cells have a base of 50 or more
    assert not told_sets(counts, 10)
    alone = counts.groupby(["d0", "d1"])["n"].sum().reset_index()
    boxes = [{"d0": {f"l{i}"}, "d1": {f"l{j}"}} for i, j in np.ndindex(2, 2)]
    assert (decide(alone, ["d0", "d1"], boxes, 10) == VISIBLE).all()


@given(tables(1, 4), st.integers(2, 12))
def test_a_table_without_small_cells_hides_nothing(counts: pd.DataFrame, threshold: int) -> None:
    counts["n"] = counts["n"].where(counts["n"] == 0, counts["n"] + threshold)
    assert (decide(counts, dimensions_of(counts), every_box(counts), threshold) == VISIBLE).all()


@given(tables(1, 4))
def test_reasons_follow_the_base(counts: pd.DataFrame) -> None:
    boxes = every_box(counts)
    n = vectors(counts, boxes) @ counts["n"][counts["n"] > 0].to_numpy(dtype=np.int64)
    reasons = decide(counts, dimensions_of(counts), boxes, 10)
    assert (reasons[n == 0] == VISIBLE).all()
    assert (reasons[(n > 0) & (n < 10)] == SMALL).all()
    assert np.isin(reasons[n >= 10], [VISIBLE, PROTECTING]).all()
    assert n[0] < 10 or reasons[0] == VISIBLE  # the total comes first


@settings(max_examples=40)
@given(tables(2, 3), st.randoms())
def test_order_of_rows_and_company_of_boxes_change_nothing(
    counts: pd.DataFrame, random: Any
) -> None:
    boxes = every_box(counts)
    expected = decide(counts, dimensions_of(counts), boxes, 10).tolist()
    disclosure._protection.cache_clear()
    shuffled = counts.sample(frac=1, random_state=random.randrange(1000))
    order = random.sample(range(len(boxes)), len(boxes))
    found = [decide(shuffled, dimensions_of(counts), [boxes[i]], 10)[0] for i in order]
    assert found == [expected[i] for i in order]


def test_respondents_without_a_level_are_protected_too() -> None:
    counts = pd.DataFrame({"d0": ["a", "b", None], "n": [50, 60, 4]})
    boxes = [{"d0": {"a"}}, {"d0": {"b"}}, {"d0": {"a", "b"}}, {}]
    assert decide(counts, ["d0"], boxes, 10).tolist() == [PROTECTING, "", PROTECTING, ""]


@pytest.mark.parametrize(("base", "expected"), [(9, SMALL), (10, VISIBLE), (11, VISIBLE)])
def test_the_threshold_itself_is_shown(base: int, expected: str) -> None:
    counts = pd.DataFrame({"d0": ["a", None], "n": [base, 50]})
    assert decide(counts, ["d0"], [{"d0": {"a"}}], 10).tolist() == [expected]
    alone = pd.DataFrame({"d0": ["a"], "n": [base]})
    assert decide(alone, ["d0"], [{}, {"d0": {"a"}}], 10).tolist() == [expected, expected]


def test_waves_are_decided_apart_and_together_only_when_each_is_visible() -> None:
    counts = pd.DataFrame(
        {"year": [2000, 2000, 2001, 2001], "d0": ["a", "b"] * 2, "n": [9, 50, 20, 50]}
    )
    boxes = [
        {"year": {"2000"}, "d0": {"a"}},
        {"year": {"2000"}, "d0": {"b"}},
        {"year": {"2001"}, "d0": {"a"}},
        {"d0": {"a"}},
        {"year": {"2000", "2001"}},
        {"year": {"1999"}},
    ]
    expected = [SMALL, PROTECTING, "", PROTECTING, "", ""]
    assert decide(counts, ["d0"], boxes, 10, apart="year").tolist() == expected


def test_what_cannot_be_decided_is_refused() -> None:
    counts = table(np.array([10, 20]))
    with pytest.raises(ValueError, match="no column d1"):
        decide(counts, ["d0", "d1"], [{}], 10)
    with pytest.raises(ValueError, match="no dimension d7"):
        decide(counts, ["d0"], [{"d7": {"x"}}], 10)
    with pytest.raises(ValueError, match="collection"):
        decide(counts, ["d0"], [{"d0": "l0"}], 10)
    with pytest.raises(ValueError, match="negative"):
        decide(counts.assign(n=-1), ["d0"], [{}], 10)
    empty = counts[counts["n"] > 99]
    assert decide(empty, ["d0"], [{}, {"d0": {"l0"}}], 10).tolist() == ["", ""]


# --- the demonstration ---------------------------------------------------------------------------


def wave(year: int) -> pd.DataFrame:
    rows = pd.read_csv(WAVES / f"wave_{year}.csv", usecols=DIMENSIONS, keep_default_na=False)
    return rows.groupby(DIMENSIONS).size().rename("n").reset_index()


def share_visible(counts: pd.DataFrame, together: int) -> tuple[int, int]:
    """Boxes of so many dimensions with a base of 10 that are visible, and all of them."""
    visible = total = 0
    for names in combinations(DIMENSIONS, together):
        levels = [sorted(counts[name].unique()) for name in names]
        boxes = [
            {name: {level} for name, level in zip(names, chosen, strict=True)}
            for chosen in product(*levels)
        ]
        plan = protection(counts, DIMENSIONS, 10)
        large = plan.bases(boxes) >= 10
        visible += int((plan.decide(boxes)[large] == VISIBLE).sum())
        total += int(large.sum())
    return visible, total


@pytest.mark.parametrize("year", [2000, 2003, 2007])
def test_the_demonstration_keeps_what_it_can(year: int) -> None:
    counts = wave(year)
    assert protection(counts, DIMENSIONS, 10).complete
    for together, least in ((1, 1.0), (2, 0.95), (3, 0.65)):
        visible, total = share_visible(counts, together)
        assert visible >= least * total, (together, visible, total)


@pytest.mark.parametrize("year", [2000, 2005])
def test_nothing_hidden_in_a_wave_follows_over_all_dimensions(year: int) -> None:
    """Every hidden box of single levels, of one to five dimensions, against everything visible."""
    counts = wave(year)
    boxes = every_box(counts, several=False)
    reasons = decide(counts, DIMENSIONS, boxes, 10)
    rows = vectors(counts, boxes).astype(float)
    seen = rows[reasons == VISIBLE]
    _, lengths, right = np.linalg.svd(seen[seen.any(axis=1)], full_matrices=False)
    basis = right[lengths > 1e-6 * lengths[0]]
    rest = rows - (rows @ basis.T) @ basis
    assert (np.abs(rest[reasons != VISIBLE]).max(axis=1) > 1e-6).all()


def test_a_table_of_three_dimensions_is_decided_in_milliseconds() -> None:
    names = ["relational_model", "sector", "region"]
    counts = wave(2005).groupby(names)["n"].sum().reset_index()
    boxes = every_box(counts, several=False)
    took = []
    for _ in range(5):
        disclosure._protection.cache_clear()
        start = time.perf_counter()
        decide(counts, names, boxes, 10)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.1  # 6 ms alone on a machine


def test_many_levels_and_dimensions_stay_within_reach() -> None:
    random = np.random.default_rng(5)
    sizes = [2, 14, 9, 5, 3, 4]
    respondents = pd.DataFrame(
        {f"d{axis}": random.integers(0, size, 3000).astype(str) for axis, size in enumerate(sizes)}
    )
    names = list(respondents.columns)
    counts = respondents.groupby(names).size().rename("n").reset_index()
    assert not protection(counts, names, 10).guarded
    boxes = [{"d1": {str(level)}} for level in range(14)]
    assert (decide(counts, names, boxes, 10) == VISIBLE).all()
    pairs = [{"d1": {str(i)}, "d2": {str(j)}} for i in range(14) for j in range(9)]
    assert (decide(counts, names, pairs, 10) == VISIBLE).mean() > 0.9
