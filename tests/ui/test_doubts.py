"""Many doubtful columns: looked at some at a time, and what was said of each is kept."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest


def _asked() -> None:
    import streamlit as st

    from barometer.intake.mapping import Column
    from barometer.ui.doubts import doubts

    columns = [
        Column(source=f"q{n}", target="music", confidence=0.5, confirmed=False) for n in range(60)
    ]
    labels = {"": "left out", "music": "Music", "seats": "Seats"}
    st.session_state["told"] = doubts(columns, lambda column: "a · b", labels, "en", "import")


def test_what_is_said_of_a_column_is_kept_when_others_are_looked_at() -> None:
    at = AppTest.from_function(_asked, default_timeout=60).run()
    assert len(at.checkbox) == 25
    assert at.caption[0].value == (
        "To confirm: Columns 1 to 25 (25) · Columns 26 to 50 (25) · Columns 51 to 60 (10)"
    )
    at.checkbox(key="import_3_confirmed").check().run()
    at.selectbox(key="import_4_target").set_value("seats").run()
    at.button(key="import_next").click().run()
    assert [box.key for box in at.checkbox][:2] == ["import_25_confirmed", "import_26_confirmed"]
    at.selectbox(key="import_group").set_value(2).run()
    assert len(at.checkbox) == 10 and not at.button
    at.selectbox(key="import_59_target").set_value("").run()
    at.selectbox(key="import_group").set_value(0).run()
    assert not at.exception
    told: dict[str, Any] = at.session_state["told"]
    assert {name: said for name, said in told.items() if said["confirmed"]} == {
        "q3": {"target": "music", "confirmed": True},
        "q4": {"target": "seats", "confirmed": True},
        "q59": {"target": "", "confirmed": True},
    }
    assert at.checkbox(key="import_3_confirmed").value
    assert at.selectbox(key="import_4_target").value == "seats"
    at.checkbox(key="import_3_confirmed").uncheck().run()
    assert not at.session_state["told"]["q3"]["confirmed"]
    assert "Columns 1 to 25 (24)" in at.caption[0].value
