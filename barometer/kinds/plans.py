"""Plans down, groups in each: what was announced, how the fact moved, and the gap."""

from __future__ import annotations

from barometer import style
from barometer.codebook import Item
from barometer.layout import Asked, Draft
from barometer.plans import Measured, Outcome
from barometer.spec import DOWN, UP, Entry, Point

ANNOUNCED, CHANGE, GAP = "announced", "change", "gap_to_plan"
TOGETHER, APART = "◇", "◆"  # what was announced: not far, or significantly far, from what happened


def layout(asked: Asked, items: list[Item]) -> Draft:
    """A category for each plan, a facet for each group, three series: announced, change, gap."""
    _, groups = asked.words, asked.groups()
    kept = {group.code for group in groups}
    found = [o for o in asked.question(items).outcomes if o.group in kept]
    judged = [outcome.later for outcome in found if outcome.later is not None]
    if not judged:
        return Draft([], [], [])
    earlier, last = found[0].earlier, max(judged)
    series = [
        Entry(ANNOUNCED, _("Announced in {year}").format(year=earlier), 0),
        Entry(CHANGE, _("Change by {year}").format(year=last), 1),
        Entry(GAP, _("Gap: change less what was announced"), 2),
    ]
    later = {outcome.planned: outcome.later for outcome in found}
    categories = [_category(asked, item, later[item.code], last) for item in items]
    points = [point for outcome in found for point in _points(outcome)]
    draft = Draft(categories, series, points, groups, waves=[earlier, last])
    draft.base, draft.notes = _base(asked, found), _notes(asked, earlier, last)
    if any(point.mark for point in points if point.series == GAP):
        draft.notes.append(_("◆ what happened differs significantly from what was announced"))
    return draft


def _category(asked: Asked, item: Item, later: int | None, last: int) -> Entry:
    """The target's words; with the wave of its facts where that is not the others'."""
    _, words = asked.words, item.label[asked.view.language].rsplit(" · ", 1)[0]
    if later is None:
        words += " (" + _("no later wave compares") + ")"
    elif later != last:
        words += " (" + _("to {year}, before its trend break").format(year=later) + ")"
    return Entry(item.code, words, asked.entry(item).position)


def _points(outcome: Outcome) -> list[Point]:
    parts = [(ANNOUNCED, outcome.announced, "share")]
    if outcome.later is not None:
        parts += [(CHANGE, outcome.change, "points"), (GAP, outcome.gap, "points")]
    return [_point(outcome, series, part, unit) for series, part, unit in parts]


def _point(outcome: Outcome, series: str, part: Measured, unit: str) -> Point:
    shown = part if outcome.flag != "hidden" else Measured()
    mark = (UP if (shown.value or 0.0) > 0 else DOWN) if shown.significant else ""
    return Point(
        category=outcome.planned,
        series=series,
        facet=outcome.group,
        value=shown.value,
        low=shown.low,
        high=shown.high,
        n=outcome.n,
        flag=outcome.flag,
        mark=mark,
        versus=outcome.earlier if mark else None,
        tested=unit == "points" and shown.value is not None,
        unit=unit,
        se=shown.se,
        df=shown.df,
        terms=shown.terms,
    )


def _base(asked: Asked, found: list[Outcome]) -> str:
    """The base of each group: the smallest of the waves that its row compares."""
    _, language = asked.words, asked.view.language
    parts = []
    for group in asked.groups():
        bases = [outcome.n for outcome in found if outcome.group == group.code]
        if bases:
            parts.append(f"{group.label} {style.count(min(bases), language)}")
    words = f"{asked.indicator.base[language]}, {' · '.join(parts)}"
    smallest = _("smaller of both waves")
    return _("Base: {base}").format(base=f"{words} ({smallest})")


def _notes(asked: Asked, earlier: int, last: int) -> list[str]:
    """What the comparison can mean, and the years that it is about."""
    _, plan, view = asked.words, asked.chart.plan, asked.view
    told = {"year": view.year, "earlier": earlier}
    notes = [
        _(
            "Different companies answered each wave: the gap tells two samples apart, not who kept"
            " their word; a plan may also strengthen what is in use already"
        ),
    ]
    if earlier != view.year:
        sentence = _("No later wave tells yet of the plans of {year}: these are those of {earlier}")
        notes.append(sentence.format(**told))
    if plan is not None and plan.last is not None and last < earlier + plan.last:
        sentence = _("These plans run until {until}: their time is not over")
        notes.append(sentence.format(until=earlier + plan.last))
    return notes
