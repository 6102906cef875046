"""The page of one group: what sets it apart from the others, and its key figures."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from barometer import findings, tables
from barometer.codebook import Codebook
from barometer.declarations import Chart
from barometer.findings import Question
from barometer.key_figures import told
from barometer.layout import Asked, View
from barometer.render import onesheet
from barometer.spec import ChartSpec
from barometer.ui import access, filters
from barometer.ui.address import Allowed
from barometer.ui.cards import SURE, charts, key_figures, spec_of
from barometer.ui.opening import Screen
from barometer.ui.text import plain
from barometer.words import translator

LEVEL = "profile"
KEY = "profile_level"
OFFERS = (filters.WAVE, filters.MORE, filters.METHOD)  # the group is chosen below
SENTENCES = 5


class Controls:
    """The group that the page is about; the one of the filters where the address names none."""

    def allowed(self, book: Codebook) -> Allowed:
        """The levels of the main dimension."""
        return {LEVEL: [level.code for level in book.main_dimension.levels]}

    def take(self, values: dict[str, list[str]], book: Codebook) -> None:
        """Set the widget from the address."""
        main = book.main_dimension
        filtered = st.session_state.get(main.code) or []
        wanted = [*values.get(LEVEL, []), *filtered, main.levels[0].code]
        st.session_state[KEY] = wanted[0]

    def draw(self, book: Codebook, spoken: str) -> None:
        """One group or another."""
        main = book.main_dimension
        labels = {level.code: plain(level.label[spoken]) for level in main.levels}
        st.segmented_control(
            plain(main.label[spoken]),
            list(labels),
            format_func=labels.__getitem__,
            required=True,
            key=KEY,
        )

    def held(self) -> dict[str, list[str]]:
        """The group, for the address."""
        return {LEVEL: [st.session_state[KEY]]}

    def specs(self, screen: Screen) -> list[ChartSpec]:
        """The charts of the page, for a presenter."""
        about = _about(screen)
        return [spec_of(about, name) for name in screen.page.charts]


PROFILE = Controls()


def profile(screen: Screen) -> None:
    """One group on one sheet: its name, key figures, and its significant differences, ranked."""
    _, language, main = screen.words, screen.view.language, screen.book.main_dimension
    about = _about(screen)
    level, where = about.view.level, about.view.where
    words = next(one.label[language] for one in main.levels if one.code == level)
    first = spec_of(about, screen.page.charts[0]) if screen.page.charts else None
    name = f"{words}, {screen.view.year}"
    st.title(plain(first.headline if first and not first.empty else name), anchor=False)
    if screen.publication.synthetic:
        warning = _("Demonstration sample: synthetic data, which describe no real company.")
        st.caption(f":material/science: {plain(warning)}")
    alone = replace(about.view, where=tuple(sorted((*where, (main.code, (level,))))))
    key_figures(replace(about, view=alone))
    compared = [screen.declared.by_name[name] for name in screen.page.charts]
    questions = [found for one in compared if (found := _question(about, one)) is not None]
    lines = _sentences(about, questions)
    st.markdown("  \n".join(f"{SURE} {plain(line)}" for line in lines))
    _sheet(about, alone, words, lines)
    charts(about)
    _everything(about, questions)


def _about(screen: Screen) -> Screen:
    """The same page about one group: no filter leaves out those that it is compared with."""
    main = screen.book.main_dimension.code
    where = tuple(pair for pair in screen.view.where if pair[0] != main)
    view = replace(screen.view, where=where, level=str(st.session_state[KEY]))
    return replace(screen, view=view)


def _question(screen: Screen, chart: Chart) -> Question | None:
    """What a chart of differences asks; None for the other charts, and where nothing was asked."""
    if not chart.compared:
        return None
    asked = Asked(screen.publication, chart, screen.view, pd.DataFrame())
    return asked.question(asked.items) if asked.items else None


def _sentences(screen: Screen, questions: list[Question]) -> list[str]:
    """The widest significant differences, one sentence each."""
    _ = screen.words
    lines = [
        _("{item}: {value}, against {others} elsewhere ({difference})").format(
            **findings.difference_words(question, one)
        )
        for question in questions
        for one in question.apart
        if one.significant
    ]
    return lines[:SENTENCES]


def _sheet(screen: Screen, alone: View, words: str, lines: list[str]) -> None:
    """The whole profile as one sheet to print; `alone` is the view of the group by itself."""
    _, language = screen.words, screen.view.language

    def made() -> bytes:
        warning = _("Demonstration sample: synthetic data, which describe no real company.")
        parts = [screen.book.title[language], warning if screen.publication.synthetic else ""]
        return onesheet.page(
            f"{words}, {screen.view.year}",
            " · ".join(filter(None, parts)),
            lines,
            [told(screen.publication, figure, alone) for figure in screen.page.key_figures],
            [spec_of(screen, name) for name in screen.page.charts],
            _("Publication {identifier}").format(identifier=screen.publication.id),
        )

    access.download_button(
        _("One sheet, to print"),
        made,
        f"profile_{screen.view.level}_{screen.view.year}_{language}.html",
        "text/html",
        icon=":material/print:",
        key="sheet",
        help=_("Opens in a browser and prints on one A4 page"),
    )


def _everything(screen: Screen, questions: list[Question]) -> None:
    """Every difference that was tested, significant or not, with what defends it."""
    _ = screen.words
    table = differences(questions, screen.view.language)
    if table.empty:
        return
    label = _("All differences, significant or not ({count})").format(count=len(table))
    with st.expander(label, icon=":material/table_rows:"):
        st.dataframe(table, hide_index=True, key="differences")
        file = f"profile_{screen.view.level}_{screen.view.year}_{screen.view.language}.csv"
        access.download_button(
            _("CSV, full"),
            lambda: tables.with_notes(table, [screen.book.source[screen.view.language]]),
            file,
            "text/csv",
            icon=":material/download:",
            key="csv_differences",
        )


def differences(questions: list[Question], language: str) -> pd.DataFrame:
    """One row a difference: its words, both values and bases, adjusted p-value, significance."""
    _ = translator(language)
    rows = []
    for question in questions:
        for one in question.apart:
            told = findings.difference_words(question, one)
            rows.append(
                {
                    _("Item"): told["item"],
                    question.group(question.level): told["value"],
                    _("Others"): told["others"],
                    _("Difference"): told["difference"],
                    _("Base"): f"{one.group.n} / {one.others.n}",
                    "p": f"{one.p_adjusted:.4f}",
                    _("Significant"): _("yes") if one.significant else _("no"),
                }
            )
    return pd.DataFrame(rows)
