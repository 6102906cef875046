"""The page of figures printed elsewhere: source, exact print, how they are read."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from barometer import press as cuttings
from barometer import style
from barometer.codebook import YEAR
from barometer.ui.cards import cutting_list
from barometer.ui.opening import Screen
from barometer.ui.text import plain


def reference(screen: Screen) -> None:
    """Our own figures in the press, then other surveys': as printed, never joined to a series."""
    _, language = screen.words, screen.view.language
    st.title(_("Every figure printed elsewhere, with its source"), anchor=False)
    st.caption(
        _(
            "These figures come from other surveys or from the press. They differ by population,"
            " question and method, so none is ever joined into a line with our waves."
        )
    )
    if screen.publication.synthetic:
        st.caption(
            plain(_("Demonstration sample: synthetic data, which describe no real company."))
        )
    _ours(screen)
    _others(screen, language)


def _ours(screen: Screen) -> None:
    _, language = screen.words, screen.view.language
    st.subheader(_("This barometer in the press"), anchor=False)
    if screen.published.empty:
        st.info(_("This barometer holds no published figures."))
        return
    for year in sorted(set(screen.published[YEAR])):
        found = cuttings.beside(screen.publication, screen.published, year, language)
        if found:
            sources = screen.published.loc[screen.published[YEAR] == year, "source_id"]
            st.markdown(f"##### {plain(_('Wave {year}').format(year=year))}")
            names = ", ".join(_source_words(screen, code) for code in sorted(set(sources)))
            st.caption(plain(_("Source: {source}").format(source=names)))
            cutting_list(found, _)


def _others(screen: Screen, language: str) -> None:
    _ = screen.words
    st.subheader(_("Other surveys"), anchor=False)
    rows = screen.reference
    if rows.empty:
        st.info(_("This barometer holds no reference figures."))
        return
    themes = sorted(set(rows["theme"]))
    labels = {theme: _theme_words(screen, theme) for theme in themes}
    chosen = st.pills(
        _("Theme"), themes, selection_mode="multi", format_func=labels.__getitem__, key="theme"
    )
    if chosen:
        rows = rows[rows["theme"].isin(chosen)]
    table = pd.DataFrame(
        {
            _("Theme"): rows["theme"].map(labels),
            _("Figure"): rows[f"label_{language}"],
            _("Year"): rows[YEAR].astype(str),
            _("Group"): rows[screen.book.main_dimension.code].map(_group_words(screen)).fillna("–")
            if screen.book.main_dimension.code in rows
            else "–",
            _("Value"): [_value(row, language) for row in rows.to_dict("records")],
            _("Base"): [f"{int(n)}" if pd.notna(n) else "–" for n in rows["n"]],
            _("Population"): rows["population"] + " (" + rows["geography"] + ")",
            _("Survey"): rows["survey"],
            _("Address"): rows["source_address"],
            _("Note"): rows["note"],
        }
    )
    links = {_("Address"): st.column_config.LinkColumn(_("Address"))}
    st.dataframe(table, hide_index=True, key="figures", column_config=links, height=600)


def _source_words(screen: Screen, code: str) -> str:
    declared = screen.declared.sources.get(code)
    return code if declared is None else declared[screen.view.language]


def _theme_words(screen: Screen, theme: str) -> str:
    declared = screen.declared.themes.get(theme)
    if declared is None and theme in screen.book.by_indicator:
        declared = screen.book.by_indicator[theme].label
    return theme if declared is None else declared[screen.view.language]


def _group_words(screen: Screen) -> dict[str, str]:
    _, language = screen.words, screen.view.language
    words = {level.code: level.label[language] for level in screen.book.main_dimension.levels}
    return words | {"all": _("All"), "mixed": _("Mixed")}


def _value(row: dict[Any, Any], language: str) -> str:
    """The value with its unit, as the file has it: shares as percentages, the rest as printed."""
    value = row["value"]
    if pd.isna(value):
        return "–"
    if row["unit"] == "share":
        return style.share(float(value), language)
    return f"{style.number(100 * float(value), language, 1, signed=True)}{style.NARROW}%"
