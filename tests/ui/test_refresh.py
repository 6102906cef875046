"""An exported deck goes in; what changed, and the copy, come out of a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from barometer import deck, declarations, figures
from barometer.charts import View
from barometer.render import powerpoint
from barometer.store import Home, Publications


def script() -> None:
    import streamlit as st

    from barometer import ui

    st.session_state["_navigated"] = True
    with ui.page("overview") as screen:
        ui.refresh(screen)


@pytest.fixture
def app(home: Path) -> AppTest:
    return AppTest.from_function(script, default_timeout=60).run()


@pytest.fixture(scope="module")
def last_year(home: Path) -> bytes:
    source = Publications(Home(home)).current()
    assert source is not None
    declared = declarations.load(home / "data", source.codebook)
    view = View(2003, (), "fr")
    basket = [deck.Wanted("crm_stages", view)]
    printed = figures.load(home / "data", "published")
    return powerpoint.deck(deck.build(source, declared, basket, view, printed))


def given(app: AppTest, name: str, content: bytes) -> AppTest:
    kind = powerpoint.TYPE
    app.file_uploader(key="refresh_file").set_value((name, content, kind))
    return app.run()


def said(elements: Any) -> str:
    return "\n".join(str(element.value) for element in elements)


def test_a_deck_of_last_year_gives_its_changes_and_a_copy(app: AppTest, last_year: bytes) -> None:
    given(app, "last.pptx", last_year)
    assert not app.exception
    assert app.selectbox(key="refresh_wave").value == 2007  # the last wave, where it is later
    rows = next(frame.value for frame in app.dataframe)
    assert list(rows.columns)[:2] in (["Diapositive", "Chiffre"], ["Slide", "Number"])
    assert len(rows) > 5
    verdict = rows.columns[-1]
    sure = int((rows[verdict] == "significatif").sum() + (rows[verdict] == "significant").sum())
    app.toggle(key="refresh_sure").set_value(True).run()
    assert 0 < len(app.dataframe[0].value) == sure < len(rows)
    app.selectbox(key="refresh_wave").set_value(0).run()
    assert not app.exception
    assert len(app.dataframe) == 0


@pytest.mark.parametrize("content", [b"", b"no deck", b"PK\x03\x04"])
def test_a_file_that_is_no_deck_is_refused_in_a_sentence(app: AppTest, content: bytes) -> None:
    given(app, "x.pptx", content)
    assert not app.exception
    assert "PowerPoint" in said(app.warning)
