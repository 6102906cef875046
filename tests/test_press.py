"""What was printed, beside our own answer: each row agrees with the demonstration, none by force."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from barometer import press
from barometer.codebook import LANGUAGES
from barometer.store import Publication


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_printed_figure_has_an_answer_that_agrees(
    source: Publication, printed: pd.DataFrame, language: str
) -> None:
    found = [
        cut for year in (2000, 2002, 2003) for cut in press.beside(source, printed, year, language)
    ]
    assert [cut.figure_id for cut in found] == list(
        printed.sort_values("year", kind="stable")["figure_id"]
    )
    for cut in found:
        assert cut.agrees and cut.ours, cut
        assert "{" not in cut.ours and "nan" not in cut.ours


def row(printed: pd.DataFrame, figure: str, **changes: Any) -> dict[str, Any]:
    return printed.set_index("figure_id", drop=False).loc[figure].to_dict() | changes


@pytest.mark.parametrize(
    ("figure", "wrong"),
    [
        ("crm_implemented_b2b_2003", {"value": 0.34}),
        ("contact_surface_2002", {"value": 0.52}),
        ("contact_surface_2000", {"value": 0.41}),
        ("website_rising", {"kind": "falling"}),
        ("paper_mailing_falling", {"kind": "rising"}),
        ("channels_all_rising", {"kind": "falling"}),
        ("crm_launched_b2c_2003", {"relational_model": "b2b"}),
        ("crm_intended_b2b2c_2003", {"relational_model": "b2c"}),
        ("invest_call_centre_b2c_2003", {"kind": "shared"}),
        ("invest_mobile_2003", {"kind": "highest", "relational_model": "b2c"}),
        ("crm_scope_b2b_2003", {"item": "global"}),
    ],
)
def test_a_figure_that_the_data_do_not_bear_out_is_said_not_to_agree(
    source: Publication, printed: pd.DataFrame, figure: str, wrong: dict[str, Any]
) -> None:
    assert press.answer(source, row(printed, figure), "en")[1]
    ours, agrees = press.answer(source, row(printed, figure, **wrong), "en")
    assert not agrees
    assert ours


def test_the_printed_misreading_is_read_as_b_to_c(printed: pd.DataFrame) -> None:
    misprint = row(printed, "crm_implemented_b2c_2003")
    assert "B to B" in misprint["printed_as"] and misprint["relational_model"] == "b2c"
    assert "B to C" in misprint["reading_fr"] and "B to C" in misprint["reading_en"]


def test_a_year_that_nobody_wrote_about_has_no_cutting(
    source: Publication, printed: pd.DataFrame
) -> None:
    assert press.beside(source, printed, 2007, "fr") == []


def test_a_printed_figure_of_something_else_is_left_out(
    source: Publication, printed: pd.DataFrame
) -> None:
    foreign = printed.assign(indicator="not_of_this_barometer")
    assert press.beside(source, foreign, 2003, "en") == []
    unheld = printed.assign(year=1999)
    assert press.beside(source, unheld, 1999, "en") == []
