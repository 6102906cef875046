"""What the press printed of this barometer is what the demonstration waves say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from barometer import codebook, figures, measure, press
from barometer.cells import Selection, select
from barometer.codebook import YEAR
from barometer.store import Publication

DATA = Path(__file__).resolve().parent.parent / "data"
FIGURES = figures.load(DATA, "published").to_dict("records")
MODEL = codebook.load(DATA).main_dimension.code
FALLING = ["paper_mailing"]  # the exception that the article itself names
PRINTED = {"fraction": 5e-4, "percent": 5e-3}  # half of the last digit printed
Row = dict[str, Any]


def asked(publication: Publication, row: Row, *by: str, years: tuple[int, ...] = ()) -> Selection:
    """The item of a figure, in its wave or in these, of its group or of every respondent."""
    where = {YEAR: [str(year) for year in years or (row[YEAR],)]}
    if row[MODEL] != "all" and MODEL not in by:
        where[MODEL] = [row[MODEL]]
    items = None if row["item"] == "*" else [row["item"]]
    return select(publication.codebook, publication.years, row["indicator"], by, where, items)


def rise(publication: Publication, row: Row) -> pd.DataFrame:
    """Gain of each item from the earlier year to the figure's, with its test."""
    earlier = int(row["compared_year"])
    selection = asked(publication, row, YEAR, years=(earlier, row[YEAR]))
    pairs = measure.pairs(publication, selection)
    assert set(pairs[YEAR]) == {earlier}
    assert set(pairs["versus"]) == {row[YEAR]}
    return pairs.assign(gain=-pairs["difference"]).set_index("item")


def a_number(publication: Publication, row: Row) -> None:
    estimate = measure.estimate(publication, asked(publication, row)).iloc[0]
    assert abs(estimate["value"] - row["value"]) <= PRINTED[row["precision"]]
    assert estimate["ci_low"] < row["value"] < estimate["ci_high"]
    assert estimate["n"] >= 30


def a_rise(publication: Publication, row: Row) -> None:
    moves = rise(publication, row)
    if row["item"] != "*":
        assert (moves["gain"] > 0).all()
        assert moves["significant"].all()
        return
    assert len(moves) > 20
    assert moves.index[moves["gain"] <= 0].tolist() == FALLING
    newest = set(moves["gain"].nlargest(4).index)
    assert {"website", "e_mailing"} <= newest  # "en particulier des nouveaux canaux"


def a_fall(publication: Publication, row: Row) -> None:
    moves = rise(publication, row)
    assert (moves["gain"] < 0).all()
    assert moves["significant"].all()


def the_highest(publication: Publication, row: Row) -> None:
    selection = asked(publication, row, MODEL)
    groups = measure.estimate(publication, selection).set_index(MODEL)["value"]
    assert groups.idxmax() == row[MODEL]
    pairs = measure.pairs(publication, selection)
    with_it = pairs[(pairs[MODEL] == row[MODEL]) | (pairs["versus"] == row[MODEL])]
    assert len(with_it) == len(groups) - 1 == 2
    assert with_it["significant"].all()


def a_majority(publication: Publication, row: Row) -> None:
    estimate = measure.estimate(publication, asked(publication, row)).iloc[0]
    assert estimate["ci_low"] > 0.5


def shared_by_all(publication: Publication, row: Row) -> None:
    pairs = measure.pairs(publication, asked(publication, row, MODEL))
    assert len(pairs) == 3
    assert pairs["p"].notna().all()
    assert not pairs["significant"].any()


READINGS: dict[str, Callable[[Publication, Row], None]] = {
    "number": a_number,
    "rising": a_rise,
    "falling": a_fall,
    "highest": the_highest,
    "majority": a_majority,
    "shared": shared_by_all,
}


@pytest.mark.parametrize("row", FIGURES, ids=[row["figure_id"] for row in FIGURES])
def test_a_printed_figure_is_what_the_waves_say(publication: Publication, row: Row) -> None:
    READINGS[row["kind"]](publication, row)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("row", FIGURES, ids=[row["figure_id"] for row in FIGURES])
def test_the_press_panel_says_that_it_agrees(
    publication: Publication, row: Row, language: str
) -> None:
    ours, agrees = press.answer(publication, row, language)
    assert agrees, ours
    assert ours


def test_the_panel_of_a_year_has_each_figure_of_that_year(publication: Publication) -> None:
    published = figures.load(DATA, "published")
    assert len(published) == 16
    for year, rows in published.groupby(YEAR):
        panel = press.beside(publication, published, int(year), "fr")
        assert [line.figure_id for line in panel] == rows["figure_id"].tolist()
        assert all(line.agrees for line in panel)


def test_a_figure_that_the_waves_contradict_does_not_agree(publication: Publication) -> None:
    rows = {row["figure_id"]: row for row in FIGURES}
    wrong = [
        rows["crm_implemented_b2c_2003"] | {"value": 0.34},
        rows["contact_surface_2002"] | {"value": 0.517},
        rows["website_rising"] | {"kind": "falling"},
        rows["paper_mailing_falling"] | {"kind": "rising"},
        rows["crm_launched_b2c_2003"] | {MODEL: "b2b"},
        rows["crm_scope_b2b_2003"] | {"item": "global"},
        rows["invest_call_centre_b2c_2003"] | {"kind": "shared"},
    ]
    answers = [press.answer(publication, row, "en") for row in wrong]
    assert [agrees for _, agrees in answers] == [False] * len(wrong)
