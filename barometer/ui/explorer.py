"""The explorer: any indicator, any one or two breakdowns, any filter, as a table and a chart."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from barometer import crosstab, explored, receipts, style, tables
from barometer.cells import Selection
from barometer.codebook import YEAR, Codebook, Indicator
from barometer.crosstab import Crosstab, Sort
from barometer.declarations import Chart
from barometer.render import sheet
from barometer.spec import ChartSpec
from barometer.ui import access
from barometer.ui.address import ONLINE, Allowed
from barometer.ui.cards import card, spec_from
from barometer.ui.opening import Screen
from barometer.ui.text import plain
from barometer.words import translator

INDICATOR, BY, ITEMS, SORT, SHADE = "indicator", "by", "item", "sort", "shade"
WAVES = "waves"
SORTS = ("questionnaire", "value")
NAME = explored.NAME  # of the one chart, which follows the selectors
MANY = 12  # items from which the chart shows the highest only
LINES = 6  # items from which lines show the highest only


class Controls:
    """The explorer's own selectors; `key` prefixes those of its widgets."""

    key = "explore_"
    charts = (NAME,)

    def allowed(self, book: Codebook) -> Allowed:
        """The values that each parameter may take."""
        items = {item.code: None for indicator in book.indicators for item in indicator.items}
        return {
            INDICATOR: list(book.by_indicator),
            BY: [YEAR, *book.by_dimension],
            WAVES: ONLINE,
            ITEMS: list(items),
            SORT: list(SORTS),
            SHADE: ["1"],
        }

    def take(self, values: dict[str, list[str]], book: Codebook) -> None:
        """Set the widgets from the address; without one, the first indicator by the main key."""
        by = [*values.get(BY, []), "", ""]
        if not values.get(INDICATOR):
            by = [book.main_dimension.code, ""]
        self._set(INDICATOR, next(iter(values.get(INDICATOR, [])), next(iter(book.by_indicator))))
        self._set("first", by[0])
        self._set("second", by[1])
        self._set(WAVES, [int(year) for year in values.get(WAVES, [])])
        self._set(ITEMS, values.get(ITEMS, []))
        self._set(SORT, next(iter(values.get(SORT, [])), SORTS[0]))
        self._set(SHADE, bool(values.get(SHADE)))

    def draw(self, book: Codebook, spoken: str) -> None:
        """What, split by what, in which order, then which items."""
        _, key = translator(spoken), self.key
        labels = {i.code: i.label[spoken] for i in book.indicators}
        splits = {"": _("Nothing"), YEAR: _("Wave")}
        splits |= {d.code: d.label[spoken] for d in book.dimensions}
        orders = dict(zip(SORTS, (_("As asked"), _("By value")), strict=True))
        with st.container(horizontal=True, vertical_alignment="bottom", key="explorer"):
            _choose(_("Indicator"), labels, key + INDICATOR)
            _choose(_("Split by"), splits, key + "first")
            _choose(_("And by"), splits, key + "second")
            _choose(_("Order"), orders, key + SORT)
            st.toggle(_("Shading"), key=key + SHADE)
        items = book.by_indicator[self._held(INDICATOR)].by_code
        self._set(ITEMS, [code for code in self._held(ITEMS) if code in items])
        if len(items) > 1:
            st.multiselect(
                _("Items"),
                list(items),
                format_func=lambda code: items[code].label[spoken] if code in items else code,
                key=key + ITEMS,
                placeholder=_("All"),
            )

    def held(self) -> dict[str, list[str]]:
        """What the widgets hold, for the address."""
        by = dict.fromkeys(filter(None, (self._held("first"), self._held("second"))))
        return {
            INDICATOR: [self._held(INDICATOR)],
            BY: list(by),
            WAVES: [str(year) for year in self._held(WAVES)] if YEAR in by else [],
            ITEMS: list(self._held(ITEMS)),
            SORT: [self._held(SORT)] if self._held(SORT) != SORTS[0] else [],
            SHADE: ["1"] if self._held(SHADE) else [],
        }

    def specs(self, screen: Screen) -> list[ChartSpec]:
        """The chart of the page, for a presenter."""
        waves = _waves(screen, tuple(self.held()[BY]))
        about, chart = _charted(screen, waves, _crosstab(screen, waves))
        return [spec_from(about, chart)]

    def _set(self, name: str, value: object) -> None:
        st.session_state[self.key + name] = value

    def _held(self, name: str):  # type: ignore[no-untyped-def]
        return st.session_state[self.key + name]


def _choose(label: str, options: dict[str, str], key: str) -> None:
    st.selectbox(label, list(options), format_func=options.__getitem__, key=key)


CONTROLS = Controls()


def explorer(screen: Screen) -> None:
    """The table, what its bases can see, its downloads, and the chart of the same figures."""
    _, view, held = screen.words, screen.view, CONTROLS.held()
    indicator = screen.book.by_indicator[held[INDICATOR][0]]
    by, items = tuple(held[BY]), tuple(held[ITEMS]) or None
    if YEAR in by:
        _pick_waves(screen)
    waves = _waves(screen, by)
    st.title(plain(_title(screen, indicator, by, waves)), anchor=False)
    table = _crosstab(screen, waves)
    if not table.items:
        st.info(_("Nobody answers to these filters, or this wave did not ask."))
        return
    _table(screen, table, _title(screen, indicator, by, waves), shaded=bool(held[SHADE]))
    st.caption("  \n".join(map(plain, _reading(screen, table))))
    asked = Selection(indicator.code, by, (*view.where, (YEAR, tuple(map(str, waves)))), items)
    reference = receipts.issue(screen.publication, asked, view.settings, screen.publication.id)
    st.caption(_("Reference of these figures"))
    st.code(str(reference), language=None, wrap_lines=True)
    card(*_charted(screen, waves, table))


def _crosstab(screen: Screen, waves: tuple[int, ...]) -> Crosstab:
    """The table that the selectors ask for."""
    held = CONTROLS.held()
    sort: Sort = "value" if held[SORT] else "questionnaire"
    return crosstab.build(
        screen.publication,
        screen.book.by_indicator[held[INDICATOR][0]],
        tuple(held[BY]),
        screen.view,
        tuple(held[ITEMS]) or None,
        sort,
        margins=True,
        waves=waves,
    )


def _charted(screen: Screen, waves: tuple[int, ...], table: Crosstab) -> tuple[Screen, Chart]:
    """The chart of the table, and the screen that it is about."""
    held = CONTROLS.held()
    by = tuple(held[BY])
    indicator = screen.book.by_indicator[table.indicator]
    # Where waves split the table, the chart's words are about the last one shown.
    last = replace(screen, view=replace(screen.view, year=waves[-1], waves=waves))
    chart = _chart(screen, indicator, by, table, chosen=bool(held[ITEMS]))
    return last if YEAR in by else screen, chart


def _pick_waves(screen: Screen) -> None:
    """The waves to show, where they split the table: none chosen is all of them."""
    _, years, key = screen.words, screen.publication.years, CONTROLS.key + WAVES
    st.pills(_("Waves to show"), years, selection_mode="multi", key=key, help=_("All"))


def _waves(screen: Screen, by: tuple[str, ...]) -> tuple[int, ...]:
    """The waves to show: those chosen, or all, where they split the table; the page's otherwise."""
    if YEAR not in by:
        return (screen.view.year,)
    chosen = [int(year) for year in CONTROLS.held()[WAVES]]
    return tuple(sorted(chosen or screen.publication.years))


def _title(
    screen: Screen, indicator: Indicator, by: tuple[str, ...], waves: tuple[int, ...]
) -> str:
    _, language = screen.words, screen.view.language
    labels = {d.code: d.label[language].lower() for d in screen.book.dimensions}
    labels[YEAR] = _("Wave").lower()
    named = " × ".join([indicator.label[language], *(labels[name] for name in by)])
    return f"{named}, {style.years(waves, language)}"


def _table(screen: Screen, table: Crosstab, title: str, *, shaded: bool) -> None:
    """The table as printed, and the very same as CSV and as a workbook."""
    _, language = screen.words, screen.view.language
    frame = table.frame(language)
    st.dataframe(_shaded(frame, table) if shaded else frame, hide_index=True, key="crosstab")
    held = CONTROLS.held()
    span = "-".join(held[WAVES]) or ("all" if YEAR in held[BY] else str(screen.view.year))
    name = f"{table.indicator}_{'_'.join(held[BY]) or 'all'}_{span}_{language}"
    notes = [title, *_reading(screen, table), *_provenance(screen)]
    with st.container(horizontal=True):
        access.download_button(
            _("CSV, as shown"),
            partial(tables.with_notes, frame, notes),
            f"{name}.csv",
            "text/csv",
            role=screen.page.role,
            icon=":material/download:",
        )
        access.download_button(
            _("XLSX, as shown"),
            partial(sheet.workbook, frame, notes, title=table.indicator),
            f"{name}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            role=screen.page.role,
            icon=":material/download:",
        )


def _shaded(frame: pd.DataFrame, table: Crosstab) -> object:
    """Cells of the item rows in steps of the accent, from the lowest value to the highest."""
    values = table.values().to_numpy()
    highest = float(np.nanmax(values)) or 1.0
    palette = style.LIGHT if st.context.theme.type != "dark" else style.DARK

    def colours(data: pd.DataFrame) -> pd.DataFrame:
        shades = pd.DataFrame("", index=data.index, columns=data.columns)
        for row in range(values.shape[0]):
            for column in range(values.shape[1]):
                if not pd.isna(values[row, column]):
                    shade = style.sequential_colour(palette, values[row, column] / highest)
                    shades.iloc[row + 2, column + 1] = (
                        f"background-color: {shade}; color: {style.text_on(shade)}"
                    )
        return shades

    return frame.style.apply(colours, axis=None)


def _reading(screen: Screen, table: Crosstab) -> list[str]:
    """How to read the marks, and how much these bases can see."""
    _, language, settings = screen.words, screen.view.language, screen.view.settings
    told = []
    if table.compared:
        told.append(
            _(
                "Letters: significantly above the column of that letter ({level}, {count}"
                " comparisons, of which chance alone would mark about {chance} without correction)."
            ).format(
                level=style.share(settings.confidence, language),
                count=style.number(table.compared, language),
                chance=style.number(table.by_chance, language, 1),
            )
        )
    if table.detectable is not None:
        gap = _gap(screen, table)
        told.append(
            _(
                "These bases would show a gap of {gap} four times out of five"
                " (median of the pairs)."
            ).format(gap=gap)
        )
    told += [
        _("{year}: {reason} No change is computed across.").format(year=year, reason=reason)
        for year, reason in table.breaks
    ]
    limits = screen.book.thresholds
    told.append(
        _("* base under {flag}: fragile; × base under {hide}, or that would give one away.").format(
            flag=limits.flag_below, hide=limits.hide_below
        )
    )
    return told


def _gap(screen: Screen, table: Crosstab) -> str:
    language = screen.view.language
    gap = table.detectable or 0.0
    if screen.book.by_indicator[table.indicator].measure == "share":
        return style.points(gap, language).lstrip("+")
    return style.mean(gap, language, 2)


def _provenance(screen: Screen) -> list[str]:
    _, language = screen.words, screen.view.language
    synthetic = _("Demonstration sample: synthetic data")
    source = _("Source: {source}").format(source=screen.book.source[language])
    return [source, synthetic if screen.publication.synthetic else _("Survey data")]


def _chart(
    screen: Screen, indicator: Indicator, by: tuple[str, ...], table: Crosstab, *, chosen: bool
) -> Chart:
    """The chart that fits the table: lines over waves, panels for two breakdowns, a stack for one
    answer, bars else. Of many items it shows the highest.
    """
    whole = indicator.kind == "single" and not chosen and _is_whole(indicator, screen)
    dimensions = [name for name in by if name != YEAR]
    lines = YEAR in by and (not dimensions or len(table.items) == 1)
    two = len(by) > 1 and not lines
    most = LINES if YEAR in by else len(table.items) if whole else MANY
    return explored.chart(
        screen.book,
        indicator.code,
        "lines" if lines else "panels" if two else "stack" if whole else "bars",
        dimensions[0] if dimensions else None,
        (YEAR if YEAR in by else by[1]) if two else None,
        table.highest(most) if len(table.items) > most else table.items,
    )


def _is_whole(indicator: Indicator, screen: Screen) -> bool:
    """Whether the items are the answers of one single-choice question, so that they add up."""
    questions = [screen.book.by_question[code] for code in indicator.questions]
    asked = {item.code for question in questions for item in question.items}
    return len(questions) == 1 and {item.code for item in indicator.items} <= asked
