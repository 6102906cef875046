"""What a selection may answer: breaks are not crossed, and no ratio gives a hidden share away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from barometer import measure
from barometer.cells import Cells, Selection
from barometer.store import Publication


def test_waves_on_both_sides_of_a_break_are_not_compared(publication: Publication) -> None:
    rows = measure.pairs(publication, Selection("contact_surface", ("year",)))
    across = (rows["year"].astype(int) < 2006) & (rows["versus"].astype(int) >= 2006)
    assert across.sum() == 6 * 2
    for name in ("difference", "se", "p", "p_adjusted"):
        assert rows.loc[across, name].isna().all()
        assert rows.loc[~across, name].notna().all()
    assert not rows.loc[across, "significant"].any()


@pytest.mark.parametrize("by", [("sector",), ("sector", "size"), ("relational_model", "region")])
def test_a_share_that_gives_a_hidden_one_by_division_is_hidden_with_it(
    publication: Publication, by: tuple[str, ...]
) -> None:
    book = publication.codebook
    among = next(indicator for indicator in book.indicators if indicator.ratio_of)
    keys = ["item", *by]
    part = measure.estimate(publication, Selection(among.code, by, (("year", ("2003",)),)))
    whole = measure.estimate(
        publication, Selection(str(among.ratio_of), by, (("year", ("2003",)),))
    )
    both = part.merge(whole, on=keys, suffixes=("_part", "_whole"))
    hidden = both[(both["flag_part"] == "hidden") & (both["n_part"] > 0)]
    assert len(hidden)
    assert (hidden["flag_whole"] == "hidden").all()
    assert hidden["value_whole"].isna().all()
    shown = both[both["flag_part"] != "hidden"]
    assert (shown["flag_whole"] != "hidden").mean() > 0.9


def test_a_change_is_hidden_where_a_ratio_would_give_one_side_away(
    publication: Publication,
) -> None:
    among = next(indicator for indicator in publication.codebook.indicators if indicator.ratio_of)
    where = (("sector", ("finance",)), ("year", ("2003",)))
    rows = measure.estimate(publication, Selection(str(among.ratio_of), (), where))
    moves = measure.changes(publication, Selection(str(among.ratio_of), ("year",), where))
    hidden = set(rows[rows["flag"] == "hidden"]["item"])
    assert hidden
    assert moves[moves["item"].isin(hidden)]["difference"].isna().all()


@pytest.mark.parametrize("by", [("year",), ("sector",), ("year", "sector"), ("sector", "year")])
@pytest.mark.parametrize("items", [None, ("website", "e_mailing")])
@pytest.mark.parametrize("where", [(), (("relational_model", ("b2b",)),)])
def test_sums_of_some_waves_are_the_same_taken_out_of_those_of_all(
    publication: Publication,
    by: tuple[str, ...],
    items: tuple[str, ...] | None,
    where: tuple[tuple[str, tuple[str, ...]], ...],
) -> None:
    for years in (("2003",), ("2001", "2003"), ("1900",)):
        asked = Selection("channel_adoption", by, (*where, ("year", years)), items)
        alone = publication.sums(asked).frame(publication.strata)
        taken = publication.sums(asked.widened()).narrowed(asked).frame(publication.strata)
        assert len(alone) or years == ("1900",)
        pd.testing.assert_frame_equal(taken, alone, check_exact=True)


@pytest.mark.parametrize("items", [None, ("a",), ()])
def test_of_an_indicator_that_no_wave_asks_there_is_nothing_to_compare(
    publication: Publication, items: tuple[str, ...] | None
) -> None:
    nothing = np.array([], dtype=np.int32)
    nobody = Cells((), nothing, nothing, np.empty((0, 7)))
    asked = Selection("any", ("sector",), (("year", ("2003",)),), items)
    profiles = publication._profiles
    alone = nobody.summed(profiles, asked)
    taken = nobody.summed(profiles, asked.widened()).narrowed(asked)
    pd.testing.assert_frame_equal(taken.frame(publication.strata), alone.frame(publication.strata))
