"""The codebook says what is asked; where it cannot be used, it says which entry and the cure."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from barometer import codebook
from barometer.codebook import CodebookError
from barometer.store import Home, publish

PROJECT = Path(__file__).resolve().parent.parent
DATA = PROJECT / "data"
BOOK = codebook.load(DATA)

SMALL = """
title = "Survey"
respondents = "people"
source = "Survey"
dimensions = [{ code = "town", label = "Town", levels = [{ code = "paris", label = "Paris" }] }]
breaks = [{ indicator = "drinks", year = 2003, reason = "New", items = ["tea"] }]

[lists.drinks]
items = [{ code = "tea", label = "Tea" }, { code = "green", label = "Green", parent = "tea" }]

[[questions]]
code = "drinks"
kind = "multiple"
of = ["drinks"]
wording = "Drinks?"

[[questions]]
code = "open"
kind = "single"
wording = "Open?"
items = [{ code = "day", label = "Day" }, { code = "night", label = "Night" }]

[[indicators]]
code = "drinks"
kind = "multiple"
questions = ["drinks"]
of = ["drinks"]
label = "Drinks"
definition = "Drinks"
base = "all"
"""
Loader = Callable[..., codebook.Codebook]


@pytest.fixture
def loaded(tmp_path: Path) -> Loader:
    """The small codebook with some of its text replaced."""

    def load(*replaced: tuple[str, str]) -> codebook.Codebook:
        text = SMALL
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / "codebook.toml").write_text(text, encoding="utf-8")
        return codebook.load(tmp_path)

    return load


# --- what cannot be used --------------------------------------------------------------------------

LIST = "[lists.drinks]"
TOWN = 'label = "Town", levels'
OPEN = 'kind = "single"'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'code = "drinks"\nkind',
            'code = "weight"\nkind',
            "question weight: this name is reserved",
        ),
        ('code = "open"', 'code = "Drinks"', "question drinks is declared twice"),
        ('code = "night"', 'code = "day"', "item of question open day is declared twice"),
        ('code = "town"', 'code = "item"', "dimension item: this name is reserved"),
        ('code = "town"', 'code = "open"', "dimension open: a question has this name"),
        (', levels = [{ code = "paris", label = "Paris" }]', "", "dimension town: no levels"),
        (TOWN, 'question = "town", label = "Town", levels', "dimension town: no question town"),
        (TOWN, 'question = "drinks", label = "Town", levels', "question drinks is not of kind"),
        ('questions = ["drinks"]', 'questions = ["drink"]', "indicator drinks: no question drink"),
        ('of = ["drinks"]\nlabel', "items = []\nlabel", "indicator drinks: no items"),
        ('of = ["drinks"]\nlabel', 'of = ["drink"]\nlabel', "drinks: there is no list drink"),
        ('parent = "tea"', 'parent = "teas"', "item green is under teas, not an item"),
        ('parent = "tea"', 'parent = "green"', "item green is under itself"),
        ('indicator = "drinks"', 'indicator = "drink"', "break of 2003: no indicator drink"),
        ('items = ["tea"]', 'items = ["te"]', "break of 2003: drinks has no item te"),
        (OPEN, f'{OPEN}\nasked_if = {{ question = "x", answers = [] }}', "open: no question x"),
        (
            OPEN,
            f'{OPEN}\nasked_if = {{ question = "open", answers = ["noon"] }}',
            "question open: open has no answer noon",
        ),
        (OPEN, 'kind = "choice"', "questions → open → kind: Input should be 'single'"),
        ('definition = "Drinks"\n', "", "indicators → drinks → definition: Field required"),
        ('base = "all"', 'base = "all"\nbasis = 1', "indicators → drinks → basis: Extra inputs"),
        ('label = "Tea"', 'labels = "Tea"', "list drinks: an item's label: Field required"),
        (LIST, "[lists]\ndrinks = 3\n[other]", "an entry is not of the shape expected"),
        ('title = "Survey"', "title = ", "this is not valid TOML: Invalid value (at line 2"),
    ],
)
def test_an_error_names_the_file_the_entry_and_what_is_wrong(
    loaded: Loader, tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(CodebookError) as fault:
        loaded((old, new))
    assert str(fault.value).startswith(str(tmp_path / "codebook.toml"))
    assert message in str(fault.value)


def test_a_folder_without_codebook_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"codebook\.toml: a barometer needs a codebook"):
        codebook.load(tmp_path)


def test_a_codebook_is_in_utf_8_with_or_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "codebook.toml"
    path.write_bytes(SMALL.replace("Town", "Été").encode("latin-1"))
    with pytest.raises(CodebookError, match="this is not UTF-8; save it as UTF-8"):
        codebook.load(tmp_path)
    path.write_bytes(SMALL.encode("utf-8-sig"))
    assert codebook.load(tmp_path).title.fr == "Survey"


CHANNELS = "code,parent,label_fr,label_en,stage\nphone,,Téléphone,Phone,old\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "list drinks needs this file, and it cannot be read (No such file or directory)"),
        ("code,label\nphone,Phone\n", "expected the columns code, label_en, label_fr, parent"),
        (CHANNELS.splitlines()[0], "expected the columns"),
        (CHANNELS + "sms,mobile,SMS,SMS,new\n", "row 3, parent: no item mobile; add it"),
        (CHANNELS + "sms,phone,SMS\n", "row 3: expected 5 cells"),
        (CHANNELS + "sms,phone,SMS,SMS,new,more\n", "row 3: expected 5 cells"),
        (CHANNELS + ",phone,SMS,SMS,new\n", "row 3, code: this cell is empty; fill it"),
    ],
)
def test_an_error_in_a_list_names_its_file_and_row(
    tmp_path: Path, content: str | None, message: str
) -> None:
    start, end = SMALL.index(LIST), SMALL.index("[[questions]]")
    text = SMALL[:start] + f'{LIST}\nfile = "tree.csv"\n' + SMALL[end:]
    (tmp_path / "codebook.toml").write_text(text, encoding="utf-8")
    if content is not None:
        (tmp_path / "tree.csv").write_text(content, encoding="utf-8")
    with pytest.raises(CodebookError) as fault:
        codebook.load(tmp_path)
    assert str(fault.value).startswith(str(tmp_path / "tree.csv"))
    assert message in str(fault.value)


# --- items ----------------------------------------------------------------------------------------


def test_crossed_lists_give_items_with_both_names(loaded: Loader) -> None:
    book = loaded(('of = ["drinks"]\nlabel', 'of = ["drinks", "drinks"]\nlabel'))
    items = book.by_indicator["drinks"].by_code
    assert list(items) == ["tea:tea", "tea:green", "green:tea", "green:green"]
    assert items["green:tea"].label.fr == "Green · Tea"
    assert items["green:tea"].parent == "tea:tea"


def test_nets_stand_before_what_they_hold_at_each_level(loaded: Loader) -> None:
    crossed = 'of = ["drinks", "drinks", "drinks"]\nnets = true\nlabel'
    items = loaded(('of = ["drinks"]\nlabel', crossed)).by_indicator["drinks"]
    assert list(items.by_code)[:4] == ["tea", "tea:tea", "tea:tea:tea", "tea:tea:green"]
    assert list(items.line("tea:green:tea")) == ["tea:green:tea", "tea:green", "tea"]
    assert len(items.items) == 2 + 4 + 8


def test_an_indicator_s_own_items_are_those_of_its_questions(loaded: Loader) -> None:
    book = loaded(('of = ["drinks"]\nlabel', "label"))
    assert [item.code for item in book.by_indicator["drinks"].items] == ["tea", "green"]


def test_a_dimension_of_a_question_has_its_answers_as_levels() -> None:
    stage = BOOK.by_dimension["crm_stage"]
    assert stage.levels[-1].label.en == "Implemented"
    assert [level.code for level in stage.levels] == list(BOOK.by_indicator["crm_project"].by_code)


# --- what a wave asks -----------------------------------------------------------------------------


def test_a_net_is_asked_where_anything_under_it_is() -> None:
    columns = ["channel_adoption:e_mailing", "planned_investment:crm:long_term", "crm_scope"]
    asked = set(BOOK.asked(columns))
    assert {item for indicator, item in asked if indicator == "channel_adoption"} == {
        "e_mailing",
        "email",
    }
    assert {item for indicator, item in asked if indicator == "planned_investment"} == {
        "crm",
        "crm:long_term",
    }
    assert {item for indicator, item in asked if indicator == "crm_scope"} == set(
        BOOK.by_indicator["crm_scope"].by_code
    )
    assert not any(indicator == "crm_project" for indicator, _ in asked)


def test_nothing_is_asked_by_a_file_without_questions() -> None:
    assert list(BOOK.asked(["year", "weight", "sector"])) == []


# --- breaks ---------------------------------------------------------------------------------------


def test_a_break_cuts_the_trend_of_its_items_and_of_what_they_are_crossed_with() -> None:
    def cut(indicator: str, item: str, earlier: int, later: int) -> bool:
        return BOOK.break_between(indicator, item, earlier, later) is not None

    assert cut("channel_adoption", "internet", 2005, 2006)
    assert cut("channel_adoption", "internet", 2000, 2007)
    assert cut("channel_activity", "internet:service", 2005, 2006)
    assert cut("contact_surface", "at_least_one", 2005, 2006)  # no items: all of them
    assert not cut("channel_adoption", "internet", 2004, 2005)
    assert not cut("channel_adoption", "internet", 2006, 2007)
    assert not cut("channel_adoption", "website", 2005, 2006)
    assert not cut("crm_project", "implemented", 2005, 2006)


# --- a leaf of the tree is data -------------------------------------------------------------------


def test_a_leaf_added_to_the_channels_is_an_item_everywhere_without_code(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    shutil.copytree(PROJECT / "queries" / "indicators", tmp_path / "queries" / "indicators")
    (tmp_path / "data" / "waves").mkdir(parents=True)
    for name in ("codebook.toml", "channels.csv"):
        shutil.copy(DATA / name, tmp_path / "data" / name)
    with (tmp_path / "data" / "channels.csv").open("a", encoding="utf-8") as file:
        file.write(
            "second_toll_free,toll_free,Second numéro vert,Second toll-free number,phone,,\n"
        )
    added = "channel_adoption:second_toll_free"
    served = [f"channel_activity:second_toll_free:{a}" for a in ("conquest", "service", "loyalty")]
    header, *rows = (DATA / "waves" / "wave_2007.csv").read_text(encoding="utf-8").splitlines()
    widened = [",".join([header, added, *served])]
    widened += [f"{row},{int(number < 300)},0,1,0" for number, row in enumerate(rows)]
    (tmp_path / "data" / "waves" / "wave_2007.csv").write_text("\n".join(widened), encoding="utf-8")

    publication = publish(Home(tmp_path))

    items = publication.codebook.by_indicator["channel_adoption"]
    assert list(items.line("second_toll_free")) == ["second_toll_free", "toll_free", "phone"]
    assert (
        "second_toll_free:service" in publication.codebook.by_indicator["channel_activity"].by_code
    )
    [database] = (tmp_path / "data" / "respondents").glob("*.duckdb")
    with duckdb.connect(str(database), read_only=True) as con:
        lineage = con.sql(
            "select ancestor from lineage"
            " where indicator = 'channel_adoption' and item = 'second_toll_free'"
        ).fetchall()
        used = con.sql(
            "select item, sum(n_y) from cells where indicator = 'channel_adoption'"
            " and item in ('second_toll_free', 'toll_free') group by item order by item"
        ).fetchall()
    assert {ancestor for (ancestor,) in lineage} == {"second_toll_free", "toll_free", "phone"}
    assert used[0] == ("second_toll_free", 300)
    assert used[1][1] > 300
