"""The last steps of an import: the report, what would change, and the switch; then the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st
from babel.dates import format_datetime

from barometer import audit, history, key_figures, sentences, store, style, validation
from barometer.access import THIS_MACHINE
from barometer.charts import View
from barometer.codebook import YEAR, Codebook
from barometer.declarations import OVERVIEW
from barometer.history import Entry, Staged
from barometer.home import Home
from barometer.intake import Draft, FaultyFile
from barometer.render import validation as rendered
from barometer.store import Publication, PublicationError, SupersededError
from barometer.ui import access
from barometer.ui.desk import Desk
from barometer.ui.text import plain
from barometer.ui.weights import identity
from barometer.validation import Report
from barometer.words import Translate

STAGED = "_staged"  # what this session prepared, and from what
SAID = "_publication_said"  # the sentence that follows a switch
PUBLISH = "publish_"  # begins the click that puts a publication online
DO = "_publication_do"  # a click to answer: a run may start anew before it comes to it
SHOWN, EVENTS = 10, 500


def report(desk: Desk, draft: Draft, book: Codebook) -> Staged | None:
    """Prepare the publication of a draft and report on it; None where it cannot be prepared."""
    _, language = desk.words, desk.language
    st.subheader(_("5. Report"), anchor=False)
    try:
        staged, found = _prepared(desk, draft, book)
    except (PublicationError, FaultyFile) as fault:
        st.error(plain(_said(fault, language)), icon=":material/error:")
        return None
    if not found.warnings:
        st.success(_("Nothing odd was found."), icon=":material/check_circle:")
    for notice in found.warnings:
        rule = validation.rule_words(notice.rule, _).capitalize()
        rows = ", ".join(map(str, notice.rows))
        where = _(" Rows {rows}.").format(rows=rows) if rows else ""
        st.warning(
            f"**{plain(rule)}** — {plain(notice.said(language) + where)}",
            icon=":material/visibility:",
        )
    with st.expander(_("Base sizes"), icon=":material/groups:"):
        st.dataframe(
            pd.DataFrame(
                {
                    _("Wave"): [str(base.year) for base in found.bases],
                    _("Group"): [base.label[language] for base in found.bases],
                    _("Respondents"): [base.n for base in found.bases],
                    _("Effective base"): [round(base.effective_base) for base in found.bases],
                }
            ),
            hide_index=True,
            key="report_bases",
        )
    downloads(found, language, _)
    return staged


def downloads(found: Report, language: str, _: Translate) -> None:
    """The report to keep or to send: a page, or a table."""
    name = f"validation_{'_'.join(map(str, found.years)) or 'faults'}"
    with st.container(horizontal=True):
        access.download_button(
            _("Report (HTML)"),
            lambda: rendered.page(found, language),
            f"{name}.html",
            "text/html",
            role="owner",
            icon=":material/download:",
            key="report_html",
        )
        access.download_button(
            _("Report (CSV)"),
            lambda: rendered.table(found, language),
            f"{name}.csv",
            "text/csv",
            role="owner",
            icon=":material/download:",
            key="report_csv",
        )


def publish(desk: Desk, staged: Staged, published: Callable[[], object]) -> None:
    """What would change against the publication online, and the button that puts it there.

    `published` is called once it is online.
    """
    _, language = desk.words, desk.language
    st.subheader(_("6. Publication"), anchor=False)
    after = Publication(staged.folder)
    before = desk.online
    _changes(before, after, language, _)
    _figures(desk, before, after, _)
    st.button(
        _("Publish this wave"),
        type="primary",
        icon=":material/publish:",
        on_click=_ask,
        args=(f"{PUBLISH}{staged.base}",),  # what it was compared with
        key="publish",
    )
    looked_at = _asked_for(PUBLISH)
    if looked_at and looked_at != str(staged.base):
        st.warning(
            _(
                "Nothing was published: what is online has changed since you looked. Read above"
                " what would change now, then publish."
            ),
            icon=":material/group:",
        )
    elif looked_at:
        st.session_state.pop(STAGED, None)
        _switched(lambda: (store.go_online(staged), published()), staged.id, desk)


def publications(desk: Desk) -> None:
    """The history: what is online, what was, one click back to each, and who did what."""
    _, language = desk.words, desk.language
    home = Home.at()
    st.subheader(_("Publications"), anchor=False)
    if said := st.session_state.pop(SAID, ""):
        st.success(plain(said), icon=":material/check_circle:")
    known = history.entries(home)
    for entry in known[:SHOWN]:
        _entry(entry, language, _)
    if len(known) > SHOWN:
        with st.expander(_("Earlier publications: {n}").format(n=len(known) - SHOWN)):
            for entry in known[SHOWN:]:
                _entry(entry, language, _)
    if identifier := _asked_for("back_"):
        _switched(lambda: history.rollback(home, identifier, by=desk.visitor.who), identifier, desk)
    _demonstration(desk, home)
    _log(home, language, _)


def _prepared(desk: Desk, draft: Draft, book: Codebook) -> tuple[Staged, Report]:
    """The publication that this session prepared of this draft: built once, thrown away after."""
    home = Home.at()
    key = (identity(draft), history.current(home), book.model_dump_json())
    held = st.session_state.get(STAGED)
    if held is not None:
        if held[0] == key and held[1].folder.exists():
            return held[1], held[2]
        held[1].discard()
        del st.session_state[STAGED]
    _ = desk.words
    label = _("The publication is being prepared.")
    bar = st.progress(0.0, label)

    def show(share: float, step: str) -> None:
        bar.progress(min(share, 1.0), f"{label} {plain(step)}")

    try:
        wave = draft.wave(book)
        staged = store.prepare(home, book, [wave], show, by=desk.visitor.who)
    finally:
        bar.empty()
    audit.record(home, "import", desk.visitor.who, file=draft.name, rows=wave.respondents.num_rows)
    found = validation.validate(draft, book, desk.online, Publication(staged.folder))
    staged.warn(validation.summary(found.warnings))
    st.session_state[STAGED] = (key, staged, found)
    return staged, found


def _changes(before: Publication | None, after: Publication, language: str, _: Translate) -> None:
    words = {"added": _("added"), "replaced": _("replaced"), "removed": _("removed")}
    changes = history.changes(before.manifest["waves"] if before else [], after.manifest["waves"])
    if before and before.synthetic and not after.synthetic:
        st.info(
            _(
                "This is the first wave of the real survey: it replaces the synthetic waves of the"
                " demonstration, which can be brought back below."
            ),
            icon=":material/science:",
        )
    if not changes:
        st.caption(_("The waves hold the same respondents, with the same weights, as online."))
        return
    st.table(
        pd.DataFrame(
            {
                _("Wave"): [str(change.year) for change in changes],
                _("Change"): [words[change.what] for change in changes],
                _("Respondents now"): [_count(change.n_before, language) for change in changes],
                _("Respondents once published"): [
                    _count(change.n_after, language) for change in changes
                ],
            }
        ),
        hide_index=True,
    )


def _count(n: int | None, language: str) -> str:
    return "–" if n is None else style.number(n, language)


def _figures(desk: Desk, before: Publication | None, after: Publication, _: Translate) -> None:
    """The overview's key figures at the last wave, now if there is one, and once published."""
    overview = desk.declared.page(OVERVIEW)
    language = desk.language
    last, rows = max(after.years), []
    next_ = _("Once published ({year})").format(year=last)
    for figure in overview.key_figures if overview else ():
        now = key_figures.told(after, figure, View(last, (), language))
        row = {_("Key figure"): now.label}
        if before:
            first = max(before.years)
            was = key_figures.told(before, figure, View(first, (), language))
            if now.value == style.MISSING:
                row[_("Key figure")] = was.label
            row[_("Now ({year})").format(year=first)] = was.value
        rows.append(row | {next_: now.value})
    if rows:
        st.table(pd.DataFrame(rows).map(plain), hide_index=True)


def _entry(entry: Entry, language: str, _: Translate) -> None:
    """One publication: when, by whom, what, and the click that brings it back."""
    when = format_datetime(
        datetime.fromisoformat(entry.created).astimezone(), "d MMM y, HH:mm", locale=language
    )
    n = sum(wave["n"] for wave in entry.waves)
    years = style.years([int(wave["year"]) for wave in entry.waves], language)
    facts = [
        _("waves {waves}").format(waves=years),
        style.count(n, language),
        _("demonstration") if entry.synthetic else "",
        _("warnings: {n}").format(n=entry.warnings) if entry.warnings else "",
        _named(entry.by, _) if entry.by else "",
    ]
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            f"**{plain(when)}**  \n{plain(' · '.join(filter(None, facts)))}", width="stretch"
        )
        if entry.current:
            st.badge(_("online"), color="green", icon=":material/check:")
        else:
            st.button(
                _("Bring back"),
                icon=":material/undo:",
                on_click=_ask,
                args=(f"back_{entry.id}",),
                key=f"back_{entry.id}",
                help=plain(entry.id),
            )


def _demonstration(desk: Desk, home: Home) -> None:
    """Bring the demonstration back, where it is here and not what is online."""
    _ = desk.words
    if desk.online is None or desk.online.synthetic or not home.wave_files():
        return
    with st.popover(_("Bring the demonstration back"), icon=":material/science:"):
        st.markdown(
            _(
                "The synthetic waves go online in place of yours, which stay in the list above: one"
                " click brings them back."
            )
        )
        st.button(_("Show the demonstration"), on_click=_ask, args=("demo",), key="demo")
    if _asked("demo"):
        with st.spinner(_("The publication is being prepared.")):
            _switched(
                lambda: store.demonstrate(home, by=desk.visitor.who), _("demonstration"), desk
            )


def _log(home: Home, language: str, _: Translate) -> None:
    """The audit log, newest first."""
    words = {
        "sign-in": _("signed in"),
        "refused": _("was refused"),
        "import": _("imported"),
        "publish": _("published"),
        "rollback": _("went back"),
        "demonstration": _("showed the demonstration"),
        "export": _("exported"),
    }
    with st.expander(_("Who did what"), icon=":material/history:"):
        events = audit.events(home)[::-1]
        if not events:
            st.caption(_("Nothing yet."))
            return
        table = pd.DataFrame(
            {
                _("When"): [
                    format_datetime(
                        datetime.fromisoformat(event["at"]).astimezone(),
                        "d MMM y, HH:mm",
                        locale=language,
                    )
                    for event in events
                ],
                _("Who"): [_named(event["who"], _) for event in events],
                _("What"): [words.get(event["action"], event["action"]) for event in events],
                _("Of what"): [_object(event) for event in events],
            }
        )
        st.dataframe(table.head(EVENTS), hide_index=True, key="audit")


def _named(who: str, _: Translate) -> str:
    """Who it was, in words where nobody signed in."""
    return _("this machine") if who in ("", THIS_MACHINE) else who


def _object(event: dict[str, Any]) -> str:
    return str(event.get("file") or event.get("publication") or event.get("page") or "")


def _switched(act: Callable[[], object], identifier: str, desk: Desk) -> None:
    """Switch what is online, and draw the page anew with it; a refusal is a sentence."""
    _ = desk.words
    try:
        if not access.visitor().may("owner"):
            raise PublicationError(_("Only owners publish."))
        act()
    except SupersededError as fault:
        st.warning(plain(_said(fault, desk.language)), icon=":material/group:")
        return
    except (PublicationError, FaultyFile) as fault:
        st.error(plain(_said(fault, desk.language)), icon=":material/error:")
        return
    if YEAR in st.query_params:  # the wave on screen may not be online any more
        del st.query_params[YEAR]
    st.session_state[SAID] = _("Publication {identifier} is online.").format(identifier=identifier)
    st.rerun()


def _said(fault: PublicationError | FaultyFile, language: str) -> str:
    if isinstance(fault, FaultyFile):
        return "\n".join(sentences.of_fault(one, language) for one in fault.faults[:SHOWN])
    return sentences.said(str(fault), language)


def _ask(what: str) -> None:
    """Remember a click until the page is drawn."""
    st.session_state[DO] = what


def _asked(what: str) -> bool:
    if st.session_state.get(DO) != what:
        return False
    del st.session_state[DO]
    return True


def _asked_for(prefix: str) -> str:
    """The rest of a click that starts so, nothing where there is none."""
    what = str(st.session_state.get(DO, ""))
    if not what.startswith(prefix):
        return ""
    del st.session_state[DO]
    return what.removeprefix(prefix)
