"""What a page is made of: its lead, key figures, chart cards, sentences and press cuttings."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from barometer import charts as specs
from barometer import deck as decks
from barometer import explored, findings, style, tables
from barometer import key_figures as numbers
from barometer import press as cuttings
from barometer.charts import ChartSpec, View
from barometer.codebook import YEAR, Codebook
from barometer.deck import Wanted
from barometer.declarations import Chart, KeyFigure
from barometer.findings import Finding
from barometer.kept import Same, kept
from barometer.key_figures import Told
from barometer.render import screen as screen_renderer
from barometer.store import Publication
from barometer.style import DARK, LIGHT, Theme
from barometer.ui import basket, within
from barometer.ui.address import LETTERS, TABLES, Allowed
from barometer.ui.downloads import Sources, downloads
from barometer.ui.opening import Screen, site
from barometer.ui.text import plain
from barometer.words import Translate

DRAWN_KEPT = 8192  # some 6 kB each
SENTENCES, CANDIDATES = 5, 10
SURE, UNSURE = ":material/check_circle:", ":material/radio_button_unchecked:"
CONTRADICTED = ":material/warning:"
WORDS = 240  # pixels of the words around a chart, about
HEADLINE = 420  # pixels; where the menus do not fit beside it, they go below
LOOKS = {"chart": ":material/bar_chart:", "table": ":material/table_rows:"}


def theme() -> Theme:
    """The visitor's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT


# --- charts --------------------------------------------------------------------------------------


def charts(screen: Screen) -> None:
    """Every chart of the page, in two columns of about one height where the window is wide."""
    columns = st.columns(2)
    heights = [0, 0]
    for name in screen.page.charts:
        shorter = heights.index(min(heights))
        with columns[shorter]:
            heights[shorter] += chart(screen, name)


def chart(screen: Screen, name: str) -> int:
    """The card of a declared chart; returns about its height in pixels, to balance columns."""
    return card(screen, screen.declared.by_name[name])


def spec_of(screen: Screen, name: str) -> ChartSpec:
    """The chart of this name, declared or explored, as the visitor sees it."""
    return spec_from(screen, explored.named(screen.declared, screen.book, name))


def card(screen: Screen, declared: Chart) -> int:
    """The card of a chart, declared or not; returns about its height in pixels."""
    return show(screen, spec_from(screen, declared), explored.spelled(declared))


def show(screen: Screen, spec: ChartSpec, asked: str | None = None) -> int:
    """One card: the finding, the chart or its table, its base and source, its downloads.

    `asked` is the name that a basket finds the chart again by, None where there is none.
    """
    _, name = screen.words, spec.name
    margins = screen.margins or spec.intervals
    figure = None if spec.empty else _drawn(Same(spec), theme(), margins)
    with st.container(border=True, key=f"card_{name}"):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.markdown(f"#### {plain(spec.headline)}", width=HEADLINE)
            with st.container(horizontal=True, width="content", gap="xsmall", wrap=False):
                look = _look(screen, name)
                downloads(spec, margins, _, _sources(screen, spec, asked))
        st.caption(plain(spec.measure))
        if spec.kind == "tree":
            within.trail(spec, screen.book.by_indicator[spec.indicator], _)
        if spec.empty:
            st.info(plain(spec.empty), icon=":material/hide_source:")
        elif look == "table":
            st.dataframe(tables.shown(spec), hide_index=True, key=f"table_{name}", alt=spec.alt)
        else:
            st.plotly_chart(
                figure,
                theme=None,
                key=f"chart_{name}",
                alt=spec.alt,
                config={
                    "displaylogo": False,
                    "modeBarButtons": [["toImage"]],
                    "locale": spec.language,
                },
            )
            if spec.kind == "tree":
                within.clicks(name)
        facts = " · ".join(filter(None, (spec.base, spec.waves, spec.filters)))
        counted = [spec.comparisons] if look == "table" and spec.comparisons else []
        notes = " · ".join([*spec.notes, *counted])
        below = (facts, notes, f"{spec.source} · {spec.provenance}")
        st.caption("  \n".join(plain(line) for line in below if line))
    return WORDS + (figure.height if figure else 0)


def _sources(screen: Screen, spec: ChartSpec, asked: str | None) -> Sources:
    """The slide of a chart, and its way into the basket."""
    add = partial(basket.add, Wanted(asked, screen.view)) if asked else None
    return Sources(partial(_slide, screen, spec, asked, site()), add)


def _slide(screen: Screen, spec: ChartSpec, name: str | None, address: str) -> bytes:
    """The PowerPoint slide of a chart as the visitor sees it."""
    from barometer.render import powerpoint

    book, language, declared = screen.book, screen.view.language, screen.declared
    indicator = book.by_indicator.get(spec.indicator)
    asked = [book.by_question[code] for code in indicator.questions] if indicator else []
    chart = explored.named(declared, book, name) if name else None
    one = decks.Slide(
        Wanted(name or spec.name, screen.view),
        spec,
        spec.headline,
        "",
        tuple(question.wording[language] for question in asked),
        indicator.definition[language] if indicator else "",
        decks.rows(spec),
        address + decks.address(declared, chart, screen.view) if chart else "",
    )
    return powerpoint.slide(one, None, screen.publication.id)


def _look(screen: Screen, name: str) -> str:
    """Chart or table, as the address says; the switch changes the address."""
    _ = screen.words

    def switch() -> None:
        others = [table for table in st.session_state.get(TABLES, []) if table != name]
        chosen = st.session_state[f"look_{name}"]
        st.session_state[TABLES] = [*others, name] if chosen == "table" else others

    look = "table" if name in screen.tables else "chart"
    st.session_state[f"look_{name}"] = look
    st.segmented_control(
        _("Show as"),
        list(LOOKS),
        format_func=LOOKS.__getitem__,
        required=True,
        key=f"look_{name}",
        on_change=switch,
        label_visibility="collapsed",
        help=_("Chart or table"),
    )
    return look


def spec_from(screen: Screen, chart: Chart) -> ChartSpec:
    """A chart, declared or not, as the visitor sees it."""
    figures = Same(screen.published)
    view = screen.view.about(chart)
    return _built(screen.publication, chart, view, figures, screen.declared.colours)


def prepare(screen: Screen) -> None:
    """Compute what a page shows: whoever opens it then finds it ready."""
    for name in screen.page.charts:
        spec_of(screen, name)
    _findings(screen)
    for figure in screen.page.key_figures:
        _told_figure(screen.publication, figure, screen.view)


@kept(specs.SPECS_KEPT)
def _built(
    publication: Publication,
    chart: Chart,
    view: View,
    published: Same[pd.DataFrame],
    colours: tuple[str, ...],
) -> ChartSpec:
    return specs.build(publication, chart, view, published.held, colours)


@kept(DRAWN_KEPT)
def _drawn(spec: Same[ChartSpec], theme: Theme, margins: bool) -> screen_renderer.Drawn:
    return screen_renderer.figure(spec.held, theme, margins=margins)


# --- sentences and key figures -------------------------------------------------------------------


def lead(screen: Screen) -> None:
    """What the page found, in one sentence: the strongest of its charts' findings."""
    found = _findings(screen)
    title, contradicted = screen.page.title[screen.view.language], False
    if found:
        title, contradicted = _told(screen, found[0])
    st.title(f"{CONTRADICTED} {plain(title)}" if contradicted else plain(title), anchor=False)
    if screen.publication.synthetic:
        _ = screen.words
        warning = _("Demonstration sample: synthetic data, which describe no real company.")
        st.caption(f":material/science: {plain(warning)}")


def sentences(screen: Screen) -> None:
    """The findings of the year, one sentence each: those pinned, then the surest and largest.

    An analyst can pin findings and put their own words over one; words that the data contradict
    are marked.
    """
    found = _findings(screen)
    pins = CHOSEN.pins()
    pinned = [finding for finding in found if finding.key in pins]
    rest = [finding for finding in found[1:] if finding.key not in pins]
    lines = []
    for finding in [*pinned, *rest][:SENTENCES]:
        text, contradicted = _told(screen, finding)
        mark = CONTRADICTED if contradicted else SURE if finding.significant else UNSURE
        lines.append(f"{mark} {plain(text)}")
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(width="stretch"):
            st.markdown("  \n".join(lines))
        _editor(screen, found)


def _told(screen: Screen, finding: Finding) -> tuple[str, bool]:
    """The words for a finding: the analyst's if they put some, and whether the data contradict."""
    _, text = screen.words, CHOSEN.words().get(finding.key, finding.text)
    if text == finding.text:
        return text, False
    if not findings.contradicted(text, finding, screen.view.language):
        return text, False
    return f"{text} — " + _("the data say: {text}").format(text=finding.text), True


def _editor(screen: Screen, found: list[Finding]) -> None:
    """Pin findings, or put other words over one; the address bar keeps both."""
    _ = screen.words
    texts = {finding.key: finding.text for finding in found}
    menu = st.popover(
        "",
        icon=":material/edit_note:",
        help=_("Choose the findings"),
        key="menu_findings",
        on_change="rerun",
    )
    if not menu.open:
        return
    with menu:
        st.multiselect(
            _("Pin findings"),
            list(texts),
            default=[key for key in CHOSEN.pins() if key in texts],
            format_func=lambda key: texts.get(key, key),
            key="pins",
            on_change=CHOSEN.pin,
            placeholder=_("Choose the findings"),
        )
        st.selectbox(
            _("Put other words over"), list(texts), format_func=texts.__getitem__, key="over"
        )
        st.text_input(
            _("Your words (empty: the sentence as computed)"),
            key="words",
            max_chars=LETTERS - 60,
            on_change=CHOSEN.say,
        )


class Chosen:
    """The findings that an analyst pinned, and the words they put over some."""

    PIN, SAY = "pin", "say"

    def allowed(self, book: Codebook) -> Allowed:
        """Keys of findings, and `key~words`: any text, harmless when shown."""
        return {self.PIN: None, self.SAY: None}

    def take(self, values: dict[str, list[str]], book: Codebook) -> None:
        """Set what the address says."""
        st.session_state["_pins"] = values.get(self.PIN, [])
        st.session_state["_said"] = values.get(self.SAY, [])

    def draw(self, book: Codebook, spoken: str) -> None:
        """Nothing beside the filters: the editor stands with the findings."""

    def held(self) -> dict[str, list[str]]:
        """What the address will say."""
        state = st.session_state
        return {self.PIN: state.get("_pins", []), self.SAY: state.get("_said", [])}

    def pins(self) -> list[str]:
        """Keys of the pinned findings."""
        return list(st.session_state.get("_pins", []))

    def words(self) -> dict[str, str]:
        """Words put over findings, by key."""
        pairs = (said.partition("~") for said in st.session_state.get("_said", []))
        return {key: words for key, sign, words in pairs if sign and words}

    def pin(self) -> None:
        """Take the pins from the editor."""
        st.session_state["_pins"] = list(st.session_state["pins"])

    def say(self) -> None:
        """Take the words from the editor; none removes those that were there."""
        state = st.session_state
        said = self.words() | {state["over"]: state["words"].strip()}
        state["_said"] = [f"{key}~{words}" for key, words in said.items() if words]


CHOSEN = Chosen()


def _findings(screen: Screen) -> list[Finding]:
    charts_of_page = tuple(screen.declared.by_name[name] for name in screen.page.charts)
    return _candidates_of(screen.publication, charts_of_page, screen.page.key_figures, screen.view)


@kept(specs.SPECS_KEPT)
def _candidates_of(
    publication: Publication,
    charts: tuple[Chart, ...],
    figures: tuple[KeyFigure, ...],
    view: View,
) -> list[Finding]:
    """Up to ten candidates: the headlines of the page's charts, and its key figures' moves."""
    return numbers.findings_of(publication, charts, figures, view, CANDIDATES)


def key_figures(screen: Screen) -> None:
    """The page's numbers in equal cards: value, change with its years, spark line, margin, base."""
    if not screen.page.key_figures:
        return
    for column, figure in zip(
        st.columns(len(screen.page.key_figures)), screen.page.key_figures, strict=True
    ):
        with column, st.container(border=True, height="stretch"):
            _key_figure(screen, figure)


def _key_figure(screen: Screen, figure: KeyFigure) -> None:
    told = _told_figure(screen.publication, figure, screen.view)
    if told.value == style.MISSING:
        st.metric(plain(told.label), told.value, help=plain(told.definition))
    else:
        st.metric(
            plain(told.label),
            told.value,
            told.change or None,
            delta_color="off" if told.direction == "off" else "blue",
            delta_arrow=told.direction,
            chart_data=told.spark or None,
            help=plain(told.definition),
        )
    st.caption("  \n".join(plain(fact) for fact in (told.sure, told.facts) if fact))


@kept(specs.SPECS_KEPT)
def _told_figure(publication: Publication, figure: KeyFigure, view: View) -> Told:
    return numbers.told(publication, figure, view)


# --- the press -----------------------------------------------------------------------------------


@kept(specs.SPECS_KEPT)
def cuttings_of(
    publication: Publication, published: Same[pd.DataFrame], year: int, language: str
) -> list[cuttings.Printed]:
    """What was printed of a wave, each with our own answer: read it, never change it."""
    return cuttings.beside(publication, published.held, year, language)


def press(screen: Screen) -> None:
    """What was printed about this wave, beside our own answer."""
    _ = screen.words
    if not screen.page.press:
        return
    rows = cuttings_of(
        screen.publication, Same(screen.published), screen.view.year, screen.view.language
    )
    st.subheader(
        _("What the press published of the {year} wave").format(year=screen.view.year), anchor=False
    )
    if not rows:
        years = sorted(set(screen.published[YEAR])) if len(screen.published) else []
        st.caption(
            _("Nothing was published of this wave. There are figures for: {years}.").format(
                years=", ".join(map(str, years)) or "–"
            )
        )
        return
    if screen.view.where:
        st.caption(_("Printed figures are about all respondents: the filters do not apply here."))
    cutting_list(rows, _)


def cutting_list(rows: list[cuttings.Printed], _: Translate) -> None:
    """Each cutting with our own answer below it: a list reads on a telephone too."""
    for row in rows:
        mark = ":material/check:" if row.agrees else ":material/close:"
        agreement = _("our data agree") if row.agrees else _("our data differ")
        lines = [
            f"**« {plain(row.printed_as)} »**",
            f"{mark} {plain(row.ours)} ({plain(agreement)})",
            plain(row.reading),
        ]
        st.markdown("  \n".join(filter(None, lines)))
