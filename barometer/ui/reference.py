"""The page of figures printed elsewhere: found, graded, cited, and set beside our own waves."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from barometer import references, style, tables
from barometer.codebook import YEAR, Codebook
from barometer.declarations import Declarations
from barometer.kept import Same, kept
from barometer.references import Reference
from barometer.spec import ChartSpec
from barometer.store import Publication
from barometer.ui import access
from barometer.ui.address import LETTERS, Allowed
from barometer.ui.cards import cutting_list, cuttings_of, show
from barometer.ui.opening import Screen, printed_elsewhere
from barometer.ui.text import plain

SEARCH, THEME, GRADE, FIGURE = "search", "theme", "grade", "figure"
KEY = "reference_"  # of the widgets of this page
LISTS_KEPT = 32  # lists of figures that are found again, with their charts
GRADES = ("microdata", "press", "secondary")


class Controls:
    """What to look for: words, themes, grades; and the figure that is cited."""

    @property
    def charts(self) -> list[str]:
        """Names of the charts that the files can fill."""
        found: list[str] = []
        for kind in ("published", "reference"):
            rows = printed_elsewhere(kind)
            themes = rows["theme"] if "theme" in rows else rows["indicator"]
            units = rows["unit"] if "unit" in rows else pd.Series("share", rows.index)
            found += [references.chart_name(t, u) for t, u in zip(themes, units, strict=True)]
        return list(dict.fromkeys(found))

    def allowed(self, book: Codebook) -> Allowed:
        """Themes, grades and figures of the files; any words to search."""
        own, others = printed_elsewhere("published"), printed_elsewhere("reference")
        themes = {*own["indicator"], *others["theme"]}
        figures = [*own["figure_id"], *others["figure_id"]]
        return {SEARCH: None, THEME: sorted(themes), GRADE: GRADES, FIGURE: figures}

    def take(self, values: dict[str, list[str]], book: Codebook) -> None:
        """Set the widgets from the address."""
        state = st.session_state
        state[KEY + SEARCH] = next(iter(values.get(SEARCH, [])), "")
        state[KEY + THEME] = list(values.get(THEME, []))
        state[KEY + GRADE] = list(values.get(GRADE, []))
        state[KEY + FIGURE] = next(iter(values.get(FIGURE, [])), None)

    def draw(self, book: Codebook, spoken: str) -> None:
        """The page draws them, where it knows what they are called."""

    def held(self) -> dict[str, list[str]]:
        """What the widgets hold, for the address."""
        state = st.session_state
        text = str(state.get(KEY + SEARCH, "")).strip()
        figure = state.get(KEY + FIGURE)
        return {
            SEARCH: [text] if text else [],
            THEME: list(state.get(KEY + THEME, [])),
            GRADE: list(state.get(KEY + GRADE, [])),
            FIGURE: [figure] if figure else [],
        }

    def specs(self, screen: Screen) -> list[ChartSpec]:
        """The charts of the figures looked for, for a presenter."""
        held = self.held()
        text = next(iter(held[SEARCH]), "")
        return _drawn(screen, references.found(_gathered(screen), text, held[THEME], held[GRADE]))


REFERENCE = Controls()


def reference(screen: Screen) -> None:
    """Search, the figure cited, one chart a theme, every figure in a list, ours in the press."""
    _ = screen.words
    st.title(_("Every figure printed elsewhere, with its source"), anchor=False)
    st.caption(
        _(
            "These figures come from other surveys or from the press. They differ by population,"
            " question and method, so none is ever joined into a line with our waves."
        )
    )
    if screen.publication.synthetic:
        st.caption(
            plain(
                _(
                    "Demonstration sample: synthetic data, which describe no real company."
                    " A difference with it says nothing of the market."
                )
            )
        )
    every = _gathered(screen)
    if not every:
        st.info(_("This barometer holds no reference figures."))
        return
    found = _looked_for(screen, every)
    _cited(screen, every)
    if not found:
        st.info(_("No figure holds these words."), icon=":material/search_off:")
    _charts(screen, found)
    _list(screen, found)
    _grades(screen)
    _ours(screen)


def _gathered(screen: Screen) -> tuple[Reference, ...]:
    files = (Same(screen.published), Same(screen.reference))
    return _every(screen.publication, Same(screen.declared), *files, screen.view.language)


@kept(LISTS_KEPT)
def _every(
    publication: Publication,
    declared: Same[Declarations],
    published: Same[pd.DataFrame],
    reference: Same[pd.DataFrame],
    language: str,
) -> tuple[Reference, ...]:
    waves = publication.manifest["waves"]
    real = {int(wave[YEAR]) for wave in waves if wave["provenance"] != "synthetic"}
    files = (published.held, reference.held)
    return references.gather(publication, declared.held, *files, real, language)


def _looked_for(screen: Screen, every: Sequence[Reference]) -> tuple[Reference, ...]:
    """The figures that the search and the pills leave."""
    _, language = screen.words, screen.view.language
    themes = {
        theme: references.theme_words(screen.declared, screen.book, theme, language)
        for theme in dict.fromkeys(one.theme for one in every)
    }
    grades = {code: _grade(screen, code) for code in GRADES if any(o.grade == code for o in every)}
    text = st.text_input(
        _("Search"),
        key=KEY + SEARCH,
        max_chars=LETTERS,
        icon=":material/search:",
        placeholder=_("label, survey, population, note, year"),
    )
    chosen = st.pills(
        _("Theme"),
        list(themes),
        selection_mode="multi",
        format_func=themes.__getitem__,
        key=KEY + THEME,
    )
    graded = st.pills(
        _("Evidence"),
        list(grades),
        selection_mode="multi",
        format_func=grades.__getitem__,
        key=KEY + GRADE,
    )
    found = references.found(every, text, chosen, graded)
    st.caption(_("{count} of {all} figures").format(count=len(found), all=len(every)))
    return found


def _cited(screen: Screen, every: Sequence[Reference]) -> None:
    """The figure that the address names: all that is needed to cite it, or to doubt it."""
    _, language = screen.words, screen.view.language
    labels = {one.id: f"{one.label} · {one.year} · {one.survey}" for one in every}
    chosen = st.selectbox(
        _("Cite a figure"),
        list(labels),
        index=None,
        format_func=labels.__getitem__,
        key=KEY + FIGURE,
        placeholder=_("Choose a figure: its address keeps it"),
    )
    one = next((one for one in every if one.id == chosen), None)
    if one is None:
        return
    with st.container(border=True, key="cited"):
        value = references.value_words(one.value, one.unit, language)
        st.markdown(
            f"#### {plain(one.label)}: {plain(value if one.value is not None else one.printed)}"
        )
        lines = [line for line in _facts(screen, one) if line]
        st.markdown("  \n".join(plain(line) for line in lines))
        if one.address.startswith("https://"):
            st.link_button(one.source, one.address, icon=":material/open_in_new:")
        st.caption(_("Citation"))
        st.code(references.citation(one, language), language=None, wrap_lines=True)


def _facts(screen: Screen, one: Reference) -> list[str]:
    """Lines about one figure: who, when, how sure, how read, and what ours says."""
    _, language = screen.words, screen.view.language
    groups = references.group_words(screen.book, _)
    base = _("base not printed") if one.n is None else style.count(one.n, language)
    who = " · ".join(
        filter(
            None,
            (
                groups.get(one.group, one.group),
                one.subgroup,
                str(one.year),
                one.population,
                one.geography,
                base,
            ),
        )
    )
    grade = screen.declared.grades.get(one.grade)
    lines = [
        who,
        f"{one.survey}. {one.source}",
        f"{_grade(screen, one.grade)}: {grade.text[language]}"
        if grade
        else _grade(screen, one.grade),
        f"« {one.printed} »" if one.printed else "",
        one.note,
        _beside(screen, one),
        one.limits,
        one.sentence if one.own and one.value is None else "",
    ]
    return [line.replace(": ", "\u00a0: ") if language == "fr" else line for line in lines]


def _beside(screen: Screen, one: Reference) -> str:
    """Our own wave beside the figure, and how far they are apart."""
    _, language = screen.words, screen.view.language
    if one.ours is None or one.difference is None:
        return ""
    mine = one.ours
    value = style.share(mine.value or 0.0, language)
    interval = (
        ""
        if mine.low is None or mine.high is None
        else f" ({style.interval(mine.low, mine.high, language)})"
    )
    return _("Our wave of {year}: {value}, {difference}").format(
        year=one.year,
        value=f"{value}{interval}, {style.count(mine.n, language)}",
        difference=style.points(one.difference, language),
    )


def _charts(screen: Screen, found: Sequence[Reference]) -> None:
    """One chart a theme and unit, in two columns."""
    columns = st.columns(2)
    heights = [0, 0]
    for spec in _drawn(screen, found):
        shorter = heights.index(min(heights))
        with columns[shorter]:
            heights[shorter] += show(screen, spec)


def _drawn(screen: Screen, found: Sequence[Reference]) -> list[ChartSpec]:
    figures = tuple(map(Same, found))
    return _specs(screen.publication, Same(screen.declared), figures, screen.view.language)


@kept(LISTS_KEPT)
def _specs(
    publication: Publication,
    declared: Same[Declarations],
    found: tuple[Same[Reference], ...],
    language: str,
) -> list[ChartSpec]:
    """The charts of some figures: the same ones again where the same are looked for."""
    figures = [one.held for one in found]
    words = (publication, declared.held, language)
    return [references.chart(name, figures, *words) for name in references.names(figures)]


def _list(screen: Screen, found: Sequence[Reference]) -> None:
    """Every figure, a row each, and the same as CSV."""
    _ = screen.words
    if not found:
        return
    table = _table(screen, found)
    st.subheader(_("Every figure"), anchor=False)
    links = {
        _("Address"): st.column_config.LinkColumn(_("Address")),
        _("Reference"): st.column_config.LinkColumn(_("Reference"), display_text=r"figure=([^&]+)"),
    }
    st.dataframe(table, hide_index=True, key="figures", column_config=links, height=600)
    access.download_button(
        _("CSV, full"),
        lambda: tables.with_notes(
            table.assign(**{_("Reference"): [one.id for one in found]}),
            [screen.book.title[screen.view.language], screen.publication.id],
        ),
        f"reference_figures_{screen.view.language}.csv",
        "text/csv",
        icon=":material/download:",
        key="csv_figures",
    )


def _table(screen: Screen, found: Sequence[Reference]) -> pd.DataFrame:
    """One row a figure: as printed, how read, and beside ours."""
    _, language = screen.words, screen.view.language
    groups = references.group_words(screen.book, _)
    missing = style.MISSING
    rows = [
        {
            _("Theme"): references.theme_words(screen.declared, screen.book, one.theme, language),
            _("Figure"): one.label,
            _("Year"): str(one.year),
            _("Group"): ", ".join(filter(None, (groups.get(one.group, one.group), one.subgroup))),
            _("Value"): references.value_words(one.value, one.unit, language),
            _("Base"): missing if one.n is None else str(one.n),
            _("Evidence"): _grade(screen, one.grade),
            _("Our wave"): missing
            if one.ours is None or one.ours.value is None
            else style.share(one.ours.value, language),
            _("Difference"): missing
            if one.difference is None
            else style.points(one.difference, language),
            _("Printed as"): one.printed or missing,
            _("Population"): f"{one.population} ({one.geography})"
            if one.geography
            else one.population,
            _("Survey"): one.survey,
            _("Source"): one.source,
            _("Address"): one.address,
            _("Note"): " ".join(filter(None, (one.note, one.limits))),
            _("Reference"): f"?lang={language}&figure={one.id}",
        }
        for one in found
    ]
    return pd.DataFrame(rows)


def _grades(screen: Screen) -> None:
    """What each grade of evidence means."""
    _, language = screen.words, screen.view.language
    if not screen.declared.grades:
        return
    with st.expander(_("How sure a printed figure is"), icon=":material/verified:"):
        for grade in screen.declared.grades.values():
            st.markdown(f"**{plain(grade.label[language])}** — {plain(grade.text[language])}")


def _grade(screen: Screen, code: str) -> str:
    declared = screen.declared.grades.get(code)
    return code if declared is None else declared.label[screen.view.language]


def _ours(screen: Screen) -> None:
    """What the press printed of this barometer, each with our own answer."""
    _, language = screen.words, screen.view.language
    st.subheader(_("This barometer in the press"), anchor=False)
    if screen.published.empty:
        st.info(_("This barometer holds no published figures."))
        return
    for year in sorted(set(screen.published[YEAR])):
        found = cuttings_of(screen.publication, Same(screen.published), year, language)
        if found:
            sources = screen.published.loc[screen.published[YEAR] == year, "source_id"]
            st.markdown(f"##### {plain(_('Wave {year}').format(year=year))}")
            names = ", ".join(_source_words(screen, code) for code in sorted(set(sources)))
            st.caption(plain(_("Source: {source}").format(source=names)))
            cutting_list(found, _)


def _source_words(screen: Screen, code: str) -> str:
    declared = screen.declared.sources.get(code)
    return code if declared is None else declared[screen.view.language]
