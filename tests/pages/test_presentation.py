"""The presentation: empty and how to fill it, in order, undone, reworded, and as files."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from barometer.ui.presentation import MADE, checked

Visit = Callable[..., Any]
BASKET = ["crm_stages~2003", "mailing~2003"]


def titles(seen: Any) -> list[str]:
    return [m.value for m in seen.at.markdown if m.value.startswith("**")]


def slides(seen: Any) -> list[str]:
    found = seen.at.query_params.get("slide", [])
    return [found] if isinstance(found, str) else list(found)


def press(seen: Any, key: str) -> Any:
    seen.at.button(key=key).click().run()
    assert not seen.at.exception
    return seen


def numbers(seen: Any) -> list[int]:
    """Of the charts of the basket, in order."""
    return [int(b.key.split("_")[1]) for b in seen.at.button if b.key.startswith("remove_")]


@pytest.mark.parametrize(
    ("language", "invitation", "file"),
    [
        ("fr", "Aucun graphique pour l’instant", "barometer_2003_fr.xlsx"),
        ("en", "No chart here yet", "barometer_2003_en.xlsx"),
    ],
)
def test_a_deck_starts_from_the_yearly_one_and_becomes_a_workbook(
    visit: Visit, language: str, invitation: str, file: str
) -> None:
    seen = visit("presentation", lang=language, year="2003")
    assert invitation in seen.text
    press(seen, "start_yearly")
    assert len(titles(seen)) == len(slides(seen)) >= 8
    assert slides(seen)[0] == "main_channels~2003"
    seen.choose("deck_format", "xlsx")
    press(seen, "deck_make")
    (_, made) = seen.at.session_state[MADE]
    ((name, content, media, missing),) = made
    assert name == file and media.endswith("spreadsheetml.sheet") and missing == ()
    assert len(openpyxl.load_workbook(io.BytesIO(content)).sheetnames) == 1 + len(slides(seen))


def test_charts_move_leave_and_come_back(visit: Visit) -> None:
    seen = visit("presentation", lang="en", year="2003", slide=BASKET)
    first, second = numbers(seen)
    press(seen, f"move_{second}_-1")
    assert slides(seen) == BASKET[::-1]
    press(seen, f"remove_{second}")
    assert slides(seen) == BASKET[:1]
    press(seen, "deck_undo")
    assert slides(seen) == BASKET[::-1]
    press(seen, "deck_clear")
    assert slides(seen) == [] and "No chart here yet" in seen.text
    press(seen, "deck_undo")
    assert numbers(seen) == [second, first]


def test_a_presenters_words_go_into_the_address_and_the_files_of_both_languages(
    visit: Visit,
) -> None:
    seen = visit("presentation", lang="fr", year="2003", slide=BASKET, without="cover")
    number = numbers(seen)[0]
    seen.at.text_input(key=f"words_{number}_title").input("Mon titre ~ <b>x</b>").run()
    seen.at.text_area(key=f"words_{number}_comment").input("À discuter").run()
    assert slides(seen)[0].startswith("crm_stages~2003~~Mon titre")
    again = visit("presentation", lang="fr", year="2003", slide=slides(seen), deck="both")
    assert again.at.text_input(key=f"words_{numbers(again)[0]}_title").value.endswith("<b>x</b>")
    again.choose("deck_format", "html")
    press(again, "deck_make")
    (_, made) = again.at.session_state[MADE]
    assert [name for name, *_ in made] == ["barometer_2003_fr.html", "barometer_2003_en.html"]
    for _, content, *_ in made:
        assert b"Mon titre ~ &lt;b&gt;x&lt;/b&gt;" in content


def test_what_an_address_gets_wrong_is_left_out_with_a_sentence(visit: Visit) -> None:
    wrong = ["nothing~2003", "crm_stages~1999", "=1+1", "mailing~2003"]
    seen = visit("presentation", lang="en", year="2003", slide=wrong)
    assert "nothing · 2003" in seen.text and "1999" in seen.text
    assert len(titles(seen)) == 1


def test_without_a_browser_images_say_so_and_the_preview_is_the_chart_itself(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    seen = visit("presentation", lang="en", year="2003", slide=BASKET)
    seen.at.toggle(key="deck_preview").set_value(True).run()
    assert "/nowhere/chrome" in seen.text
    assert len(seen.at.get("plotly_chart")) == 2
    seen.choose("deck_format", "pdf")
    assert not [b for b in seen.at.button if b.key == "deck_make"]


def test_a_template_that_is_none_is_refused_with_a_sentence() -> None:
    told = checked(b"not a presentation", "fr")
    assert isinstance(told, str) and told.endswith(".")


def test_the_basket_stays_through_a_reload_of_any_page(visit: Visit) -> None:
    """A new session at the address of another page has it, and writes it on to the next."""
    seen = visit("crm", lang="en", year="2003", slide=BASKET)
    assert slides(seen) == BASKET
    assert not seen.at.warning
    assert seen.at.session_state["_own"]["presentation"]["slide"] == BASKET
    seen.at.pills(key="year").set_value(2004).run()
    assert not seen.at.exception
    assert slides(seen) == BASKET
