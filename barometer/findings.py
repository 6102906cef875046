"""Comparisons as sentences: what moved, who differs, and what cannot be told apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from barometer import measure, significance, style
from barometer.apart import Difference, differences
from barometer.cells import Selection
from barometer.codebook import YEAR, Indicator
from barometer.crossing import told_apart
from barometer.declarations import Chart, Compared, Plan
from barometer.measure import DEFAULTS, Settings, Source, Where
from barometer.plans import Outcome, outcomes
from barometer.rows import Rows, isin
from barometer.shift import Shift
from barometer.shift import shift as decompose
from barometer.words import translator


@dataclass(frozen=True)
class Finding:
    """One sentence, whether it rests on a significant difference, and how large that is.

    `size` is the difference (a fraction for shares), 0 where nothing was compared; findings are
    ranked by how far it is from 0 within the significant ones.
    """

    text: str
    significant: bool
    size: float
    moved: bool = False  # about time, rather than between groups
    key: str = ""  # what it is about: template, indicator and item


@dataclass(frozen=True)
class Question:
    """What a sentence is asked about: an indicator's items in a wave, for some respondents."""

    source: Source
    indicator: Indicator
    items: tuple[str, ...]
    year: int
    where: Where
    by: str | None
    language: str
    focus: str | None = None
    total: bool = False  # the chart shows the total beside its groups
    settings: Settings = DEFAULTS
    plan: Plan | None = None
    compared: tuple[Compared, ...] = ()
    about: str = ""  # the group of a profile
    verdict: str | None = None  # the column that says whether all others hold
    waves: tuple[int, ...] = ()  # those that the chart shows, where it does not show all

    @cached_property
    def totals(self) -> Rows:
        """Estimates of the items without breakdown, every wave."""
        return self._of(None)

    @cached_property
    def moves(self) -> Rows:
        """Changes of the items in this wave, tested with all that their chart shows beside."""
        by, total = (self.by, True) if self.total and self.by else (None, False)
        past = replace(self.settings, reference="previous")
        rows: Rows = measure.shown.rows(
            self.source, self.indicator.code, self.items, by, total, self.where, past
        )
        return rows.at((rows[YEAR] == self.year) & (rows["group"] == measure.TOTAL))

    @cached_property
    def groups(self) -> Rows:
        """Estimates of the items by group in this wave; none where nothing splits them."""
        if self.by is None:
            return self.now.at(np.zeros(len(self.now), dtype=bool))
        rows = self._of(self.by)
        return rows.at(rows[YEAR] == self.year)

    @cached_property
    def now(self) -> Rows:
        """Estimates of the items without breakdown in this wave, those that can be shown."""
        rows = self.totals
        return rows.at((rows[YEAR] == self.year) & ~np.isnan(rows["value"]))

    @cached_property
    def partial(self) -> bool:
        """Whether an item of this wave is hidden: then none of the others is known to be first."""
        rows = self.totals
        return bool(((rows[YEAR] == self.year) & (rows["flag"] == "hidden")).any())

    @cached_property
    def gaps(self) -> Rows:
        """Differences between groups in this wave, Holm adjusted over all of them."""
        selection = Selection(
            self.indicator.code,
            (self.by or YEAR,),
            (*self.where, (YEAR, (str(self.year),))),
            self.items,
        )
        return measure.pairs.rows(self.source, selection, self.settings, ())

    @cached_property
    def parts(self) -> Shift | None:
        """The parts of the subject's change by the groups, since the nearest comparable wave."""
        rows = self.moves.at(self.moves["item"] == self.subject)
        if self.by is None or not len(rows) or pd.isna(rows["versus"][0]):
            return None
        years = (int(rows["versus"][0]), self.year)
        return decompose(
            self.source,
            self.indicator.code,
            self.subject,
            self.by,
            years,
            self.where,
            self.settings,
        )

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of the plans; nothing where the chart is about none."""
        if self.plan is None:
            return ()
        asked = (self.source, self.indicator.code, self.plan, self.by, self.year, self.where)
        return outcomes(*asked, self.settings)

    @property
    def level(self) -> str:
        """The group that a profile is about: the first one where none is asked for."""
        levels = self.source.codebook.by_dimension[self.by or ""].levels
        return self.about if any(x.code == self.about for x in levels) else levels[0].code

    @cached_property
    def apart(self) -> tuple[Difference, ...]:
        """What sets the profile's group apart; nothing where the chart compares nothing."""
        if self.by is None or not self.compared:
            return ()
        asked = (self.source, self.compared, self.by, self.level, self.year, self.where)
        return differences(*asked, self.settings)

    def _of(self, by: str | None) -> Rows:
        """Estimates of the items in every wave, split or not."""
        code = self.indicator.code
        kept = measure.narrowed(self.source, code, self.items)
        rows = measure.waves(self.source, code, by, self.where, self.settings, kept)[0]
        return rows.at(isin(rows["item"], {*self.items}))

    def comparable(self) -> list[int]:
        """The waves shown before this one in which its subject compares with this one."""
        book, item, rows = self.source.codebook, self.subject, self.totals
        years = rows[YEAR][(rows["item"] == item) & ~np.isnan(rows["value"])].tolist()
        if self.year not in years:
            return []
        return [
            year
            for year in years
            if year < self.year
            and (not self.waves or year in self.waves)
            and book.break_between(self.indicator.code, item, year, self.year) is None
        ]

    def item(self, code: str) -> str:
        """The words for an item."""
        return self.indicator.words(code, self.language)

    def group(self, code: str) -> str:
        """The words for a group."""
        level = self.source.codebook.by_dimension[self.by or ""].level(code)
        return level.label[self.language] if level else code

    def value(self, value: float) -> str:
        """A value in the language's format, with its unit."""
        if self.indicator.measure == "share":
            return style.share(value, self.language)
        return style.mean(value, self.language)

    def difference(self, difference: float) -> str:
        """A signed difference in the language's format: points for shares."""
        if self.indicator.measure == "share":
            return style.points(difference, self.language)
        return style.mean_change(difference, self.language)

    def detectable(self, se: npt.ArrayLike, df: npt.ArrayLike) -> str:
        """The smallest gap that these bases would show four times out of five, without sign.

        Of several comparisons, the median one.
        """
        gap = significance.typically_detectable(se, df, self.settings.confidence)
        return style.MISSING if np.isnan(gap) else self.difference(gap).lstrip("+")

    def interval(self, low: float, high: float) -> str:
        """An interval in the language's format."""
        if self.indicator.measure == "share":
            return style.interval(low, high, self.language)
        return style.mean_interval(low, high, self.language)

    @property
    def subject(self) -> str:
        """The item that the sentence is about: the declared one, else the first."""
        return self.focus if self.focus in self.items else self.items[0]


def best(
    question: Question, kinds: tuple[str, ...], templates: Templates | None = None
) -> Finding | None:
    """The first kind of finding that the data can answer, in the declared order."""
    if not question.items:
        return None
    for kind in kinds:
        if found := (templates or TEMPLATES)[kind](question):
            key = f"{kind}.{question.indicator.code}.{question.subject}"
            return replace(found, key=key)
    return None


def contradicted(text: str, finding: Finding, language: str) -> bool:
    """Whether words written over a finding say what its data do not.

    A percentage or a number of points that the finding does not print, a direction that it does
    not have, or a significance that the test did not find.
    """
    said, known = ({m for m in _FIGURE.findall(words)} for words in (text, finding.text))
    lowered = text.lower()
    up, down, sure, unsure = (any(stem in lowered for stem in stems) for stems in _STEMS[language])
    moved = finding.size if finding.significant else 0.0
    claims = sure and not unsure and not finding.significant
    return bool(said - known) or (up and moved <= 0) or (down and moved >= 0) or claims


def ranked(found: Iterator[Finding | None], at_most: int) -> list[Finding]:
    """Distinct findings: the significant ones first, among them what moved, then by size."""
    distinct = {finding.text: finding for finding in found if finding}
    return sorted(distinct.values(), key=lambda f: (not f.significant, not f.moved, -abs(f.size)))[
        :at_most
    ]


def change(question: Question) -> Finding | None:
    """How the item moved since the nearest comparable wave."""
    rows = question.moves.at(question.moves["item"] == question.subject)
    if not len(rows):
        return None
    before = rows.row(0)["versus"]
    if question.waves and not pd.isna(before) and int(before) not in question.waves:
        shown = question.comparable()
        return between(question, shown[-1]) if shown else None
    return change_of(question, rows.row(0))


def change_of(question: Question, row: Mapping[str, Any]) -> Finding | None:
    """The sentence for one row of changes; none where the base is hidden."""
    _ = translator(question.language)
    if pd.isna(row["value"]):
        return None
    told = {
        "item": question.item(row["item"]),
        "value": question.value(row["value"]),
        "year": question.year,
    }
    if pd.isna(row["difference"]):
        return Finding(_("{item}: {value} in {year}").format(**told), False, 0.0)
    told |= {"change": question.difference(row["difference"]), "earlier": int(row["versus"])}
    if not row["significant"]:
        sentence = _(
            "{item} is stable at {value} ({change}, {earlier} → {year}): the difference is not"
            " significant (detectable: {gap})"
        )
        told["gap"] = question.detectable(row["difference_se"], row["difference_df"])
    elif row["difference"] > 0:
        sentence = _("{item} is rising, to {value} ({change}, {earlier} → {year})")
    else:
        sentence = _("{item} is falling, to {value} ({change}, {earlier} → {year})")
    return Finding(sentence.format(**told), bool(row["significant"]), row["difference"], moved=True)


def trend(question: Question) -> Finding | None:
    """How the item moved since the first wave that compares with this one."""
    earlier = question.comparable()
    return between(question, earlier[0]) if earlier else None


def between(question: Question, earlier: int) -> Finding | None:
    """How the item moved from an earlier wave to this one, whatever came between."""
    _ = translator(question.language)
    item = question.subject
    years = (str(question.year), str(earlier))
    selection = Selection(
        question.indicator.code, (YEAR,), (*question.where, (YEAR, years)), (item,)
    )
    rows = measure.pairs.rows(question.source, selection, question.settings)
    if not len(rows) or np.isnan(rows["difference"][0]):
        return None
    row = rows.row(0)
    gained = -row["difference"]  # the pair is earlier − later
    told = {
        "item": question.item(item),
        "value": question.value(row["value_b"]),
        "change": question.difference(gained),
        "earlier": earlier,
        "year": question.year,
    }
    if not row["significant"]:
        sentence = _(
            "{item} has not moved significantly: {value} ({change}, {earlier} → {year};"
            " detectable: {gap})"
        )
        told["gap"] = question.detectable(row["se"], row["df"])
    elif gained > 0:
        sentence = _("{item} has risen to {value} ({change}, {earlier} → {year})")
    else:
        sentence = _("{item} has fallen to {value} ({change}, {earlier} → {year})")
    return Finding(sentence.format(**told), bool(row["significant"]), gained, moved=True)


def gap(question: Question) -> Finding | None:
    """The widest significant gap between two groups, or that there is none."""
    _ = translator(question.language)
    if question.by is None or (~np.isnan(question.groups["value"])).sum() < 2:
        return None
    tested = question.gaps.at(~np.isnan(question.gaps["p"]))
    if not len(tested):
        return None
    marked = tested.at(tested["significant"])
    if not len(marked):
        dimension = question.source.codebook.by_dimension[question.by].label[question.language]
        sentence = _("No significant gap by {dimension} (detectable: {gap})").format(
            dimension=dimension.lower(), gap=question.detectable(tested["se"], tested["df"])
        )
        return Finding(sentence, False, 0.0)
    row = marked.row(int(np.abs(marked["difference"]).argmax()))
    sides = [(row[question.by], row["value_a"]), (row["versus"], row["value_b"])]
    (high, top), (low, bottom) = sorted(sides, key=lambda side: -side[1])
    sentence = _("{item}: {top} in {high} against {bottom} in {low}, a significant gap")
    told = {
        "item": question.item(row["item"]),
        "high": question.group(high),
        "top": question.value(top),
        "low": question.group(low),
        "bottom": question.value(bottom),
    }
    return Finding(sentence.format(**told), True, abs(row["difference"]))


def highest(question: Question) -> Finding | None:
    """The group with the highest share of the item, where it beats each other group."""
    _, by = translator(question.language), question.by
    if by is None:
        return None
    rows = question.groups
    ordered = _falling(rows.at((rows["item"] == question.subject) & ~np.isnan(rows["value"])))
    if len(ordered) < 2:
        return None
    top, second, low = (ordered.row(at) for at in (0, 1, len(ordered) - 1))
    told = {
        "item": question.item(question.subject),
        "low": question.value(low["value"]),
        "high": question.value(top["value"]),
    }
    gaps = question.gaps.at(question.gaps["item"] == question.subject)
    if np.isnan(gaps["p"]).all():
        return None
    if not gaps["significant"].any():
        sentence = _(
            "{item}: from {low} to {high} by group, no significant gap (detectable: {gap})"
        )
        told["gap"] = question.detectable(gaps["se"], gaps["df"])
        return Finding(sentence.format(**told), False, 0.0)
    leads = (gaps[by] == top[by]) | (gaps["versus"] == top[by])
    if not gaps["significant"][leads].all():
        return gap(question)
    others = ", ".join(
        f"{question.group(group)} {question.value(value)}"
        for group, value in zip(
            ordered[by][1:].tolist(), ordered["value"][1:].tolist(), strict=True
        )
    )
    sentence = _("{item}: {group} leads with {high}, significantly ahead of {others}")
    told |= {"group": question.group(top[by]), "others": others}
    return Finding(sentence.format(**told), True, top["value"] - second["value"])


def _falling(rows: Rows) -> Rows:
    """Rows from the highest value to the lowest; equal ones stay in order."""
    return rows.at(np.argsort(-rows["value"], kind="stable"))


def leader(question: Question) -> Finding | None:
    """The item that most respondents chose, with the next ones: a rank, not a test."""
    _ = translator(question.language)
    ordered = _falling(question.now)
    if question.partial or len(ordered) < 2 or not ordered.row(0)["value"] > 0:
        return None
    first, second = ordered.row(0), ordered.row(1)
    # What both share is said once.
    items = [question.indicator.item(str(row["item"])) for row in (first, second)]
    apart = told_apart(items, question.language)[0]
    told = {
        "item": question.item(first["item"]),
        "value": question.value(first["value"]),
        "second": apart.get(second["item"]) or question.item(second["item"]),
        "next": question.value(second["value"]),
        "year": question.year,
    }
    sentence = _("{item} comes first in {year}, with {value}; then {second}, {next}")
    return Finding(sentence.format(**told), False, 0.0)


def majority(question: Question) -> Finding | None:
    """The group where more than half chose the item, beyond the margin of error."""
    _ = translator(question.language)
    rows = question.groups if question.by else question.now
    sound = (rows["ci_low"] > 0.5) & (rows["flag"] == "")
    rows = rows.at((rows["item"] == question.subject) & sound)
    if not len(rows):
        return None
    row = rows.row(int(rows["value"].argmax()))
    told = {
        "item": question.item(question.subject),
        "value": question.value(row["value"]),
        "interval": style.interval(row["ci_low"], row["ci_high"], question.language),
    }
    if question.by is None:
        sentence = _("{item}: a majority, {value} ({interval})")
        return Finding(sentence.format(**told), True, row["value"] - 0.5)
    sentence = _("{item}: a majority in {group}, {value} ({interval})")
    told["group"] = question.group(row[question.by])
    return Finding(sentence.format(**told), True, row["value"] - 0.5)


def crossing(question: Question) -> Finding | None:
    """The wave from which the first item stays above the second, beyond both margins of error."""
    _ = translator(question.language)
    if len(question.items) != 2:
        return None
    first, second = (
        {row[YEAR]: row for row in question.totals.at(question.totals["item"] == item).records()}
        for item in question.items
    )
    years = [
        year
        for year in first
        if year in second
        and year <= question.year
        and (not question.waves or year in question.waves)
    ]
    sound = [first[y]["flag"] == "" and second[y]["flag"] == "" for y in years]
    apart = [bool(first[y]["ci_low"] > second[y]["ci_high"]) for y in years]
    ahead = [a and b for a, b in zip(apart, sound, strict=True)]
    if not years or not ahead[-1] or all(ahead):
        return None
    since = years[len(ahead) - ahead[::-1].index(False)]
    told = {
        "first": question.item(question.items[0]),
        "second": question.item(question.items[1]),
        "since": since,
        "a": question.value(first[since]["value"]),
        "b": question.value(second[since]["value"]),
    }
    sentence = _("{first} passes {second} in {since}: {a} against {b}, beyond the margins of error")
    ahead_by = abs(first[since]["value"] - second[since]["value"])
    return Finding(sentence.format(**told), True, ahead_by)


def shift(question: Question) -> Finding | None:
    """How much of a change happened within groups, and how much their mix made."""
    _, parts = translator(question.language), question.parts
    if parts is None:
        return None
    told = {
        "item": question.item(question.subject),
        "change": question.difference(parts.change),
        "earlier": parts.earlier,
        "year": parts.later,
        "within": question.difference(sum(parts.within.values())),
        "mix": question.difference(parts.mix),
    }
    sentence = _(
        "{item}: {change}, {earlier} → {year}, of which {within} within groups"
        " and {mix} from their mix"
    )
    return Finding(sentence.format(**told), False, parts.change)


def plans(question: Question) -> Finding | None:
    """How many plans were followed by a significant rise, and which one fell furthest behind."""
    _ = translator(question.language)
    known = [o for o in question.outcomes if o.flag != "hidden" and o.gap.value is not None]
    if not known:
        return None
    rose = [o for o in known if o.change.significant and (o.change.value or 0.0) > 0]
    behind = [o for o in known if o.gap.significant and (o.gap.value or 0.0) < 0]
    told: dict[str, object] = {
        "count": len(rose),
        "all": len(known),
        "earlier": known[0].earlier,
        "later": max(o.later or 0 for o in known),
    }
    if not behind:
        sentence = _(
            "Plans of {earlier}: {count} of {all} were followed by a significant rise by {later}"
        )
        if not rose:
            sentence = _("Plans of {earlier}: no significant rise by {later} for any of {all}")
        return Finding(sentence.format(**told), bool(rose), 0.0)
    widest = min(behind, key=lambda o: o.gap.value or 0.0)
    item = question.indicator.item(widest.planned).label[question.language]
    told |= {
        "item": item.split(" · ")[0] + (f", {question.group(widest.group)}" if question.by else ""),
        "announced": question.value(widest.announced.value or 0.0),
        "change": question.difference(widest.change.value or 0.0),
        "then": widest.later,
    }
    sentence = _(
        "Plans of {earlier}: {count} of {all} were followed by a significant rise by {later};"
        " furthest behind: {item} ({announced} announced, {change} by {then})"
    )
    return Finding(sentence.format(**told), True, widest.gap.value or 0.0)


def apart(question: Question) -> Finding | None:
    """On how many items a group differs from all others, and on which one most."""
    _, found = translator(question.language), question.apart
    if not found:
        return None
    sure = [one for one in found if one.significant]
    told: dict[str, object] = {"group": question.group(question.level), "all": len(found)}
    if not sure:
        sentence = _("Nothing sets {group} apart: no significant difference among {all} measures")
        return Finding(sentence.format(**told), False, 0.0)
    told |= {"count": len(sure)} | difference_words(question, sure[0])
    sentence = _(
        "{group} differs significantly ({count} of {all} measures); most of all:"
        " {item}, {value} against {others} elsewhere ({difference})"
    )
    return Finding(sentence.format(**told), True, sure[0].difference)


def difference_words(question: Question, one: Difference) -> dict[str, object]:
    """The words for one difference: its item, both values, and how far they are apart."""
    indicator = question.source.codebook.by_indicator[one.indicator]
    about = replace(question, indicator=indicator)
    return {
        "item": indicator.words(one.item, question.language),
        "value": about.value(one.group.value or 0.0),
        "others": about.value(one.others.value or 0.0),
        "difference": about.difference(one.difference),
    }


_FIGURE = re.compile(r"\d+(?:[.,]\d+)?(?=[\s\u00a0\u202f]*(?:%|pt))")
# Stems that say: rising, falling, significant, not significant.
_STEMS = {
    "fr": (
        ("progress", "hausse", "augment", "croît", "monte"),
        ("recul", "baisse", "diminu", "décroît"),
        ("significati",),
        ("pas significati", "non significati", "aucun"),
    ),
    "en": (
        ("rising", "risen", "rises", "grow", "increas"),
        ("falling", "fallen", "falls", "declin", "decreas"),
        ("significant",),
        ("not significant", "no significant", "insignificant"),
    ),
}

Templates = Mapping[str, Callable[[Question], Finding | None]]
TEMPLATES: Templates = {
    "change": change,
    "trend": trend,
    "gap": gap,
    "highest": highest,
    "leader": leader,
    "majority": majority,
    "crossing": crossing,
    "shift": shift,
    "plans": plans,
    "apart": apart,
}


def asked_of(
    chart: Chart,
    source: Source,
    items: tuple[str, ...],
    year: int,
    where: Where,
    language: str,
    settings: Settings,
    about: str = "",
    waves: tuple[int, ...] = (),
) -> Question:
    """The question that a chart's headline answers."""
    indicator = source.codebook.by_indicator[chart.indicator]
    return Question(
        source,
        indicator,
        items,
        year,
        where,
        chart.by,
        language,
        chart.focus,
        chart.total,
        settings,
        chart.plan,
        chart.compared,
        about,
        chart.verdict,
        waves,
    )
