"""Items down, one group against all others: the widest significant differences."""

from __future__ import annotations

from barometer import style
from barometer.apart import Difference, Side
from barometer.codebook import Item
from barometer.layout import Asked, Draft
from barometer.spec import DOWN, UP, Entry, Point

OTHERS, DIFFERENCE = "others", "difference"
SHOWN, UNSURE = 12, 5  # differences shown: of the significant ones, else of the widest


def layout(asked: Asked, items: list[Item]) -> Draft:
    """Three series: the group, all others together, and their difference."""
    _, question, dimension = asked.words, asked.question(items), asked.dimension
    found = question.apart
    if not found or dimension is None:
        return Draft([], [], [])
    sure = [one for one in found if one.significant]
    shown = sure[: asked.chart.top or SHOWN] or found[:UNSURE]
    group = next(entry for entry in _levels(asked) if entry.code == question.level)
    series = [group, Entry(OTHERS, _("Others"), -1), Entry(DIFFERENCE, _("Difference"), -1)]
    categories = [_category(asked, one, place) for place, one in enumerate(shown)]
    points = [
        point
        for one, category in zip(shown, categories, strict=True)
        for point in _points(asked, one, category.code, group.code)
    ]
    draft = Draft(categories, series, points)
    draft.base, draft.notes = _base(asked, shown, group), [_note(asked, shown, sure, found)]
    return draft


def _levels(asked: Asked) -> list[Entry]:
    """Every group of the breakdown, whatever the filters."""
    levels = () if asked.dimension is None else asked.dimension.levels
    language = asked.view.language
    return [Entry(level.code, level.label[language], at) for at, level in enumerate(levels)]


def _category(asked: Asked, one: Difference, place: int) -> Entry:
    words = asked.book.by_indicator[one.indicator].words(one.item, asked.view.language)
    return Entry(f"{one.indicator}/{one.item}", words[:1].upper() + words[1:], place)


def _points(asked: Asked, one: Difference, category: str, group: str) -> list[Point]:
    mark = (UP if one.difference > 0 else DOWN) if one.significant else ""
    unit = "points" if asked.indicator.measure == "share" else "mean"
    n, flag = min(one.group.n, one.others.n), one.group.flag or one.others.flag
    return [
        _point(one.group, category, group, mark),
        _point(one.others, category, OTHERS, ""),
        Point(
            category=category,
            series=DIFFERENCE,
            value=one.difference,
            n=n,
            flag=flag,
            mark=mark,
            unit=unit,
            se=one.se,
            df=one.df,
            terms=one.terms,
        ),
    ]


def _point(side: Side, category: str, series: str, mark: str) -> Point:
    return Point(
        category=category,
        series=series,
        value=side.value,
        low=side.low,
        high=side.high,
        n=side.n,
        flag=side.flag,
        mark=mark,
        se=side.se,
        df=side.df,
        terms=side.terms,
    )


def _base(asked: Asked, shown: list[Difference] | tuple[Difference, ...], group: Entry) -> str:
    """Both bases, from the smallest to the largest question."""
    _, language = asked.words, asked.view.language
    parts = []
    for name, bases in (
        (group.label, [one.group.n for one in shown]),
        (_("Others").lower(), [one.others.n for one in shown]),
    ):
        low, high = min(bases), max(bases)
        words = style.count(low, language)
        words += "" if low == high else f"–{style.number(high, language, 0)}"
        parts.append(f"{name} {words}")
    return _("Base: {base}").format(base=" · ".join(parts))


def _note(
    asked: Asked,
    shown: list[Difference] | tuple[Difference, ...],
    sure: list[Difference],
    found: tuple[Difference, ...],
) -> str:
    """How many were compared, how many differ, and what the marks rest on."""
    _, settings, language = asked.words, asked.view.settings, asked.view.language
    told = {"shown": len(shown), "count": len(sure), "all": len(found)}
    if not sure:
        return _("None of {all} differences is significant: the {shown} widest").format(**told)
    told_level = style.share(settings.confidence, language)
    sentence = _(
        "▲ ▼ significant differences with all others: {count} of {all}, of which {shown} shown"
        " ({level}, {correction} over the whole list)"
    )
    return sentence.format(**told, level=told_level, correction=asked.correction)
