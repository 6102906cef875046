"""Many doubtful columns: looked at some at a time, and what was said of each is kept."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from barometer.ui.together import _apart


def _asked() -> None:
    import streamlit as st

    from barometer.intake.mapping import Column
    from barometer.ui.doubts import doubts

    columns = [
        Column(source=f"q{n}", target="music", confidence=0.5, confirmed=False, reason="?" * n)
        for n in range(60)
    ]
    labels = {"": "left out", "music": "Music", "seats": "Seats"}
    st.session_state["told"] = doubts(columns, lambda column: "a · b", {}, labels, "en", "import")


def _asked_of_a_grid() -> None:
    import streamlit as st

    from barometer.codebook import Text
    from barometer.intake.mapping import Column
    from barometer.intake.targets import Target
    from barometer.ui.doubts import doubts

    often = Text(fr="Fréquence", en="How often?")
    answers = {"never": Text(fr="Jamais", en="Never"), "often": Text(fr="Souvent", en="Often")}
    known = {
        f"often:{n}": Target(f"often:{n}", "several", "often", often, often, answers)
        for n in range(12)
    }
    columns = [
        Column(source=f"q{n}", target=f"often:{n}", confidence=0.5 + n / 100, confirmed=False,
               values={"1": "never", "2": "often"}, label=f"Act {n}",
               reason="its words; codes taken in the questionnaire's order, check them")
        for n in range(12)
    ]  # fmt: skip
    labels = {"": "left out", **{code: f"Act {code}" for code in known}}
    told = doubts(columns, lambda column: "1 · 2", known, labels, "en", "import")
    st.session_state["told"] = told


def _said(at: AppTest) -> set[tuple[str, bool]]:
    told: dict[str, Any] = at.session_state["told"]
    return {(said["target"], said["confirmed"]) for said in told.values()}


def test_a_grid_is_one_block_that_says_what_is_confirmed_and_is_undone() -> None:
    at = AppTest.from_function(_asked_of_a_grid, default_timeout=60).run()
    assert not at.checkbox and [m.value for m in at.markdown] == ["**12 columns · How often?**"]
    assert "Sure at 50% at least" in at.caption[0].value
    assert "1 = Never · 2 = Often" in at.caption[0].value  # what is confirmed stands there
    assert list(at.table[0].value["Column"])[:2] == ["q0 · Act 0", "q1 · Act 1"]
    waiting = {(f"often:{n}", False) for n in range(12)}
    assert _said(at) == waiting
    at.radio(key="import_0_all").set_value("right").run()
    assert _said(at) == {(f"often:{n}", True) for n in range(12)}
    at.selectbox(key="import_0_apart").set_value("q3").run()
    at.selectbox(key="import_0_target_right_q3").set_value("").run()
    corrected = {(f"often:{n}", True) for n in range(12) if n != 3} | {("", True)}
    assert _said(at) == corrected
    assert list(at.table[0].value["Becomes"])[3] == "left out"
    at.selectbox(key="import_0_apart").set_value("q5").run()  # another one is looked at
    assert _said(at) == corrected
    at.radio(key="import_0_all").set_value("").run()  # undone; what was corrected apart stays
    assert _said(at) == (waiting - {("often:3", False)}) | {("", True)}
    at.radio(key="import_0_all").set_value("out").run()
    assert _said(at) == {("", True)} and not at.exception


def test_what_is_said_of_a_column_is_kept_when_others_are_looked_at() -> None:
    at = AppTest.from_function(_asked, default_timeout=60).run()
    assert len(at.checkbox) == 25
    assert at.caption[0].value == (
        "To confirm: Doubts 1 to 25 (25) · Doubts 26 to 50 (25) · Doubts 51 to 60 (10)"
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
    assert "Doubts 1 to 25 (24)" in at.caption[0].value


def test_a_grids_rows_are_told_without_the_question_that_stands_above() -> None:
    asked = "How often does your company do this? ["
    assert _apart([f"{asked}Contribute code]", f"{asked}Recruit]"]) == [
        "… [Contribute code]",
        "… [Recruit]",
    ]
    assert _apart(["Q1 a", "Q1 b"]) == ["Q1 a", "Q1 b"]  # too little to leave out
