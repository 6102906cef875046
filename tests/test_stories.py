"""Sentences about several items: what took over, how far steps reach, which rows hold, and when not."""

from __future__ import annotations

import dataclasses
from typing import Any

from barometer import crossing, declarations, measure, stories, verdicts
from barometer.cells import Selection
from barometer.charts import View, headline
from barometer.codebook import YEAR, Item
from barometer.deck import Wanted, wanted
from barometer.declarations import Declarations
from barometer.rows import Rows
from barometer.store import Publication


def told(source: Publication, declared: Declarations, name: str, **view: Any) -> Any:
    return headline(source, declared.by_name[name], View(**{"year": 2007, "language": "en"} | view))


def test_a_substitution_is_told_where_both_changes_are_significant(
    source: Publication, declared: Declarations
) -> None:
    found = told(source, declared, "mailing_mix")
    assert found.significant and found.moved
    assert found.text.replace("\u00a0", " ") == (
        "E-mailing only rises to 25% (+22 pts) while Paper mailing only falls to 7% (−19 pts),"
        " 2000 → 2007: both changes are significant"
    )
    years = ((YEAR, ("2000", "2007")),)
    items = ("e_mailing_only", "paper_mailing_only")
    rows = measure.pairs(source, Selection("mailing_mix", (YEAR,), years, items), family=())
    assert rows["significant"].all() and (rows["p_adjusted"] < 0.05).all()


def test_a_substitution_is_not_told_in_the_first_wave_nor_on_few_companies(
    source: Publication, declared: Declarations
) -> None:
    assert "while" not in getattr(told(source, declared, "mailing_mix", year=2000), "text", "")
    few = (("region", ("west",)), ("sector", ("services",)), ("size", ("large",)))
    assert "while" not in getattr(told(source, declared, "mailing_mix", where=few), "text", "")


def test_a_branch_names_what_it_groups_and_a_leaf_how_it_moved(
    source: Publication, declared: Declarations
) -> None:
    def at(node: str) -> str:
        return str(told(source, declared, "channel_tree", within=(("node", node),)).text)

    assert at("on_site").startswith("On site: Sales meeting first in 2007, with 35%; then")
    assert at("call_centre").startswith("Call centre")
    assert "first" not in at("call_centre")
    assert told(source, declared, "channel_tree").text.startswith("E-mail comes first in 2007")


def test_nothing_is_said_across_the_break(source: Publication, declared: Declarations) -> None:
    for name in (
        "despecialisation",
        "channels_at_least",
        "channel_stages",
        "channels_per_activity",
    ):
        assert "→ 2006" not in told(source, declared, name, year=2006).text


def test_a_reach_that_is_no_majority_is_not_called_one(
    source: Publication, declared: Declarations
) -> None:
    found = told(source, declared, "channels_at_least", year=2000)
    assert "majority" not in found.text and not found.significant
    assert "majority" in told(source, declared, "channels_at_least").text


CRITERIA = [Item(code=f"{row}:{c}", label={"fr": f"{row} · {c}", "en": f"{row} · {c}"})
            for row in ("a", "b", "c", "d") for c in ("x", "y", "good")]  # fmt: skip


def rated(**cells: tuple[float, float, str]) -> Rows:
    rows = [
        {"item": f"{name[0]}:{name[2:]}", "value": (low + high) / 2, "ci_low": low, "ci_high": high, "flag": flag}
        for name, (low, high, flag) in cells.items()
    ]  # fmt: skip
    return Rows({name: [row[name] for row in rows] for name in rows[0]})


def test_a_row_holds_fails_or_cannot_be_told_and_a_fragile_one_says_nothing() -> None:
    found = verdicts.verdicts(
        rated(
            a_x=(0.6, 0.8, ""), a_y=(0.51, 0.7, ""),
            b_x=(0.6, 0.8, ""), b_y=(0.1, 0.49, ""),
            c_x=(0.4, 0.6, ""), c_y=(0.6, 0.7, ""),
            d_x=(0.6, 0.8, "flagged"), d_y=(0.6, 0.8, ""),
            a_good=(0.0, 0.1, ""), b_good=(0.9, 1.0, ""),
        ),
        CRITERIA, "good", "en",
    )  # fmt: skip
    assert [(v.row, v.outcome, v.failing) for v in found] == [
        ("a", "holds", ()), ("b", "fails", ("y",)), ("c", "open", ()),
    ]  # fmt: skip
    assert verdicts.most_failing(found) == ("y", 1)
    assert verdicts.most_failing([]) is None


def test_a_page_narrows_its_charts_and_an_unknown_choice_is_the_first(
    source: Publication, declared: Declarations
) -> None:
    fit, book = declared.by_name["channel_fit"], source.codebook
    first = crossing.narrowed(fit, book, ())
    assert first.items == crossing.narrowed(fit, book, (("segments", "nobody"),)).items
    assert crossing.chosen(first, book, "fr") == ("seniors", "Seniors")
    other = crossing.narrowed(fit, book, (("segments", "all"),))
    assert not set(other.items) & set(first.items)
    tree = declared.by_name["channel_tree"]
    assert crossing.narrowed(tree, book, (("node", "nowhere"),)) == tree


def test_a_deck_keeps_the_node_and_the_list_that_a_page_chose(
    source: Publication, declared: Declarations
) -> None:
    for name, within in (
        ("channel_tree", (("node", "on_site"),)),
        ("channel_fit", (("segments", "all"),)),
    ):
        kept = Wanted(name, View(2007, (), "en", within=within))
        assert wanted(source, declared, str(kept), "en") == kept


def test_every_template_is_declared_and_every_declared_one_is_made() -> None:
    from typing import get_args

    assert set(stories.TEMPLATES) == set(get_args(declarations.Finding))
    assert dataclasses.is_dataclass(verdicts.Verdict)
