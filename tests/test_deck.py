"""What a presenter wants, in an address and back; and the deck with all its words."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometer import deck, declarations, measure
from barometer.cells import SelectionError
from barometer.charts import View
from barometer.codebook import LANGUAGES
from barometer.deck import Wanted
from barometer.declarations import Declarations
from barometer.measure import Settings
from barometer.ui import address
from barometer.words import translator

WHERE = (("relational_model", ("b2b", "b2c")), ("sector", ("services",)))
VIEW = View(2003, (), "en")


@given(
    title=st.none() | st.text(min_size=1, max_size=deck.TITLE),
    comment=st.text(max_size=deck.COMMENT),
    year=st.sampled_from(range(2000, 2008)),
    where=st.sampled_from([(), WHERE, WHERE[:1]]),
    confidence=st.sampled_from(measure.CONFIDENCES),
    reference=st.sampled_from(measure.REFERENCES),
    waves=st.sampled_from([(), (2000, 2003)]),
)
def test_what_a_presenter_wants_survives_the_address_bar(
    source, declared, title, comment, year, where, confidence, reference, waves
) -> None:
    settings = Settings(confidence, reference=reference)
    one = Wanted("crm_stages", View(year, where, "fr", settings, waves), title, comment)
    assert deck.wanted(source, declared, str(one), "fr") == one


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nothing~2003", "nothing"),
        ("crm_stages~1999", "1999"),
        ("crm_stages~later", "later"),
        ("crm_stages", "year"),
        ("crm_stages~2003~sector=space", "space"),
        ("crm_stages~2003~planet=mars", "planet"),
        ("crm_stages~2003~confidence=2", "confidence"),
        ("crm_stages~2003~*=1950", "1950"),
        ("", "chart"),
    ],
)
def test_an_address_that_is_wrong_says_where(source, declared, text, named) -> None:
    with pytest.raises(SelectionError, match=named):
        deck.wanted(source, declared, text, "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_yearly_deck_is_what_a_meeting_needs(source, declared, printed, language) -> None:
    steps: list[tuple[int, int, str]] = []
    view, wanted = View(2003, (), language), declared.deck("yearly")
    made = deck.yearly(
        source, declared, wanted, view, printed, progress=lambda *step: steps.append(step)
    )
    assert [slide.spec.name for slide in made.slides] == list(wanted.charts)
    assert 8 <= len(made.slides) <= 11  # and a cover, key figures, findings and method: 12 to 15
    assert [step[0] for step in steps] == list(range(len(wanted.charts) + 1))
    assert len(made.key_figures) == 5
    assert made.synthetic
    assert made.missing == ()
    assert {slide.spec.language for slide in made.slides} == {language}
    assert made.file_name == f"barometer_2003_{language}"
    about = [finding.key.partition(".")[2] for finding in made.findings]
    assert len(about) == len(set(about))


def test_a_slide_carries_what_its_notes_say(source, declared, printed) -> None:
    one = Wanted("crm_stages", VIEW, comment="To discuss")
    slide = deck.build(source, declared, [one], VIEW, printed).slides[0]
    book = source.codebook
    assert slide.questions == (book.by_question["crm_project"].wording.en,)
    assert slide.definition == book.by_indicator["crm_project"].definition.en
    assert slide.comment == "To discuss"
    assert len(slide.rows) == len(slide.spec.points)
    row = next(r for r in slide.rows if (r.group, r.item) == ("B to B", "Implemented"))
    assert (row.value, row.interval, row.base) == ("33%", "29–38%", "n\u00a0=\u00a0420")


def test_the_address_of_a_slide_restores_its_view(source, declared, printed) -> None:
    settings = Settings(0.9, correction="none")
    view = View(2003, WHERE, "en", settings)
    slide = deck.build(
        source, declared, [Wanted("crm_scope", view)], view, printed, site="https://b.example"
    ).slides[0]
    parts = urlsplit(slide.address)
    assert (parts.netloc, parts.path) == ("b.example", "/crm")
    read, dropped = address.read(parse_qs(parts.query), source.codebook, source.years, [], "fr")
    assert dropped == []
    assert (read.year, read.language, read.settings) == (2003, "en", settings)
    assert read.where == {name: list(levels) for name, levels in WHERE}


def test_a_title_of_ones_own_is_kept_and_checked(source, declared, printed) -> None:
    basket = [
        Wanted("crm_penetration", VIEW, "CRM is falling"),
        Wanted("crm_penetration", VIEW, "CRM: the year of the take-off"),
        Wanted("crm_penetration", VIEW),
    ]
    false, fair, none = deck.build(source, declared, basket, VIEW, printed).slides
    assert false.title == "CRM is falling"
    assert false.contradicted == none.title == none.spec.headline
    assert (fair.title, fair.contradicted) == ("CRM: the year of the take-off", "")


def test_a_chart_with_nothing_to_draw_is_left_out_and_named(source, declared, printed) -> None:
    basket = [Wanted("crm_shift", replace(VIEW, year=2000)), Wanted("crm_stages", VIEW)]
    made = deck.build(source, declared, basket, VIEW, printed)
    assert [slide.spec.name for slide in made.slides] == ["crm_stages"]
    assert len(made.missing) == 1
    assert "No earlier wave" in made.missing[0]


def test_an_empty_basket_makes_a_deck_without_slides(source, declared, printed) -> None:
    made = deck.build(source, declared, [], VIEW, printed)
    assert made.slides == ()
    assert made.title == source.codebook.title.en


def test_a_barometer_that_declares_no_deck_has_one(source) -> None:
    declared = declarations.completed(Declarations(), source.codebook)
    yearly = declared.deck("yearly")
    assert yearly is not None
    assert set(yearly.charts) <= set(declared.by_name)
    assert yearly.charts


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_method_says_once_a_year_what_its_break_concerns(
    source, declared, printed, language: str
) -> None:
    view = View(2003, (), language)
    method = deck.build(source, declared, [Wanted("mailing", view)], view, printed).method
    (told,) = [text for text in method if "2006" in text]
    for cut in source.codebook.breaks:
        label = source.codebook.by_indicator[cut.indicator].label[language]
        assert label[1:] in told


def test_a_break_that_no_wave_comes_before_is_not_told(source, monkeypatch) -> None:
    view = View(2006, (), "en")
    told = [text for text in deck._method(source, view, translator("en")) if "Trend break" in text]
    assert len(told) == 1
    monkeypatch.setattr(type(source), "years", (2006, 2007))
    assert not any("Trend break" in t for t in deck._method(source, view, translator("en")))
