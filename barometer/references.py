"""Figures printed elsewhere, ours and other surveys': found, graded, and set beside our waves."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from barometer import measure, press, style
from barometer.cells import Selection
from barometer.codebook import YEAR, Codebook
from barometer.declarations import Declarations
from barometer.measure import Source
from barometer.press import EVERYONE
from barometer.spec import ChartSpec, Entry, Point
from barometer.words import Translate, translator

OURS, OWN = "ours", "press_of_ours"  # a point of our own wave; a print of this barometer
MICRODATA = "microdata"  # the grade of a print that a real wave bears out
MIXED = "mixed"
Row = dict[Any, Any]


@dataclass(frozen=True)
class Ours:
    """What our wave of the same year says of the same measure; fractions, `n` unweighted."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    flag: str


@dataclass(frozen=True)
class Reference:
    """One printed figure. `value` is None where only a direction was printed.

    `unit` is `share` or `change` (a relative change), both fractions. `limits` says what a
    difference with `ours` can and cannot mean; `sentence` our answer in words, for a print of this
    barometer, which agrees with it or not.
    """

    id: str
    own: bool
    theme: str
    item: str
    label: str
    year: int
    group: str
    subgroup: str
    value: float | None
    unit: str
    n: int | None
    grade: str
    survey: str
    source: str
    address: str
    geography: str
    population: str
    printed: str
    note: str
    ours: Ours | None = None
    limits: str = ""
    sentence: str = ""
    agrees: bool | None = None

    @property
    def difference(self) -> float | None:
        """Ours less theirs, a fraction; None where one of them is missing."""
        if self.ours is None or self.ours.value is None or self.value is None:
            return None
        return self.ours.value - self.value


def gather(
    source: Source,
    declared: Declarations,
    published: pd.DataFrame,
    reference: pd.DataFrame,
    real: Collection[int],
    language: str,
) -> tuple[Reference, ...]:
    """Every figure of both files (`figures.load`), this barometer's first, in the files' order.

    `real` has the waves that are no demonstration: what was printed of those is graded as our own
    microdata.
    """
    main = source.codebook.main_dimension.code
    own = [
        _own(source, declared, row, main, real, language)
        for row in published.to_dict("records")
        if row.get("indicator") in source.codebook.by_indicator
    ]
    others = [_other(source, row, main, language) for row in reference.to_dict("records")]
    return (*own, *others)


def found(
    references: Iterable[Reference],
    text: str = "",
    themes: Collection[str] = (),
    grades: Collection[str] = (),
) -> tuple[Reference, ...]:
    """Those that hold every word of the text, in any case and accent, and are of these kinds."""
    words = _plain(text).split()
    return tuple(
        one
        for one in references
        if (not themes or one.theme in themes)
        and (not grades or one.grade in grades)
        and all(word in _plain(_said(one)) for word in words)
    )


def names(references: Iterable[Reference]) -> list[str]:
    """Names of the charts that these figures fill: a theme and a unit each, in order."""
    return list(dict.fromkeys(_name(one) for one in references if one.value is not None))


def chart(
    name: str,
    references: Sequence[Reference],
    source: Source,
    declared: Declarations,
    language: str,
) -> ChartSpec:
    """One theme as separate points: a row a figure and survey, a point a group; nothing is joined.

    The point of our own wave stands below the figure that it compares with.
    """
    _, rows = (
        translator(language),
        [r for r in references if _name(r) == name and r.value is not None],
    )
    book = source.codebook
    groups = group_words(book, _)
    categories: dict[str, Entry] = {}
    series: dict[str, Entry] = {}
    points: list[Point] = []
    for one in rows:
        row = f"{one.label}|{one.year}|{one.survey}"
        base = _("base not printed") if one.n is None else style.count(one.n, language)
        words = f"{one.label} — {one.year}, {one.survey} ({base})"
        categories.setdefault(row, Entry(row, words, len(categories)))
        key = _series(one)
        while any((p.category, p.series) == (row, key) for p in points):
            key += "+"  # printed twice: both stay
        label = ", ".join(filter(None, (groups.get(one.group, one.group), one.subgroup)))
        series.setdefault(key, Entry(key, label, _position(book, one.group)))
        points.append(Point(row, key, value=one.value, n=one.n or 0))
        if one.ours is not None:
            key = f"{one.group}|{OURS}"
            ours = _("{group}, our wave").format(group=groups.get(one.group, one.group))
            series.setdefault(key, Entry(key, ours, _position(book, one.group)))
            mine = one.ours
            points.append(
                Point(
                    row,
                    key,
                    value=mine.value,
                    low=mine.low,
                    high=mine.high,
                    n=mine.n,
                    flag=mine.flag,
                )
            )
    theme, unit = rows[0].theme, rows[0].unit
    years = sorted({one.year for one in rows})
    synthetic = bool(getattr(source, "synthetic", False))
    compared = any(one.ours is not None for one in rows)
    words = theme_words(declared, book, theme, language)
    headline = _headline(rows, words, groups, language)
    measure_words = _("relative change, in %") if unit == "change" else _("in %")
    demonstration = _("our waves: demonstration sample, synthetic data")
    provenance = _("Published figures")
    if compared and synthetic:
        provenance += f" ; {demonstration}" if language == "fr" else f"; {demonstration}"
    return ChartSpec(
        name=name,
        kind="references",
        language=language,
        indicator=theme,
        unit=unit,
        headline=headline,
        measure=f"{words}, {measure_words}",
        base=_("Base: as each source printed it"),
        waves=str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}",
        filters="",
        source=_("Source: {source}").format(source=_("the survey named in each row")),
        provenance=provenance,
        alt=f"{headline}. {words}. {provenance}.",
        categories=tuple(categories.values()),
        series=tuple(sorted(series.values(), key=_after_theirs)),
        points=tuple(points),
        notes=tuple(_notes(rows, compared, _)),
        file_name=f"{name}_{language}",
        synthetic=synthetic and compared,
    )


def chart_name(theme: str, unit: str) -> str:
    """The name of the chart that a figure is on."""
    return f"reference_{theme}" + ("" if unit == "share" else f"_{unit}")


def theme_words(declared: Declarations, book: Codebook, theme: str, language: str) -> str:
    """What a theme is called: as declared, else as the indicator of this name."""
    words = declared.themes.get(theme)
    if words is None and theme in book.by_indicator:
        words = book.by_indicator[theme].label
    return theme if words is None else words[language]


def group_words(book: Codebook, _: Translate) -> dict[str, str]:
    """Groups as the files write them, in words of a language."""
    language = "en" if _("All") == "All" else "fr"
    words = {level.code: level.label[language] for level in book.main_dimension.levels}
    return words | {EVERYONE: _("All"), MIXED: _("Mixed")}


def value_words(value: float | None, unit: str, language: str) -> str:
    """A value with its unit: shares as whole percentages, changes signed with a decimal."""
    if value is None:
        return style.MISSING
    return style.share(value, language) if unit == "share" else style.change(value, language)


def citation(one: Reference, language: str) -> str:
    """One figure as it is cited: survey, label, value, year, base, source."""
    base = "" if one.n is None else f", {style.count(one.n, language)}"
    value = (
        value_words(one.value, one.unit, language)
        if one.value is not None
        else f"« {one.printed} »"
    )
    parts = (one.survey, one.label, f"{value} ({one.year}{base})", one.source, one.address)
    return ". ".join(filter(None, parts))


# --- rows of the files ---------------------------------------------------------------------------


def _own(
    source: Source,
    declared: Declarations,
    row: Row,
    main: str,
    real: Collection[int],
    language: str,
) -> Reference:
    book = source.codebook
    indicator, item, year = str(row["indicator"]), str(row["item"]), int(row[YEAR])
    sentence, agrees = press.answer(source, row, language) if year in source.years else ("", None)
    named = declared.sources.get(str(row["source_id"]))
    value = _number(row, "value")
    known = item in book.by_indicator[indicator].by_code
    label = (
        book.by_indicator[indicator].words(item, language)
        if known
        else book.by_indicator[indicator].label[language]
    )
    return Reference(
        id=str(row["figure_id"]),
        own=True,
        theme=indicator,
        item=item,
        label=label[:1].upper() + label[1:],
        year=year,
        group=str(row[main]),
        subgroup="",
        value=value,
        unit=str(row["unit"]) if row["unit"] == "share" else "mean",
        n=None,
        grade=MICRODATA if year in real else "press",
        survey=book.source[language],
        source=str(row["source_id"]) if named is None else named[language],
        address="",
        geography="",
        population=book.respondents[language],
        printed=str(row["printed_as"]),
        note=str(row.get(f"reading_{language}", "")),
        ours=_ours(source, f"{indicator}:{item}", str(row[main]), year, main)
        if value is not None
        else None,
        sentence=sentence,
        agrees=agrees,
    )


def _other(source: Source, row: Row, main: str, language: str) -> Reference:
    measured = str(row.get("ours", ""))
    year, group = int(row[YEAR]), str(row.get(main, EVERYONE))
    return Reference(
        id=str(row["figure_id"]),
        own=False,
        theme=str(row["theme"]),
        item=str(row["item"]),
        label=str(row[f"label_{language}"]),
        year=year,
        group=group,
        subgroup=str(row.get("subgroup", "")),
        value=_number(row, "value"),
        unit=str(row["unit"]),
        n=_count(row),
        grade=str(row.get("evidence", "")),
        survey=str(row["survey"]),
        source=str(row["source_title"]),
        address=str(row["source_address"]),
        geography=str(row["geography"]),
        population=str(row["population"]),
        printed="",
        note=str(row["note"]),
        ours=_ours(source, measured, group, year, main) if measured else None,
        limits=str(row.get(f"limits_{language}", "")),
    )


def _ours(source: Source, measured: str, group: str, year: int, main: str) -> Ours | None:
    """The estimate of our wave of that year, None where it did not ask."""
    indicator, _, item = measured.partition(":")
    known = source.codebook.by_indicator.get(indicator)
    if known is None or item not in known.by_code or year not in source.years:
        return None
    levels = {level.code for level in source.codebook.main_dimension.levels}
    if group != EVERYONE and group not in levels:
        return None
    where = () if group == EVERYONE else ((main, (group,)),)
    rows = measure.estimate(
        source, Selection(indicator, (), (*where, (YEAR, (str(year),))), (item,))
    )
    if rows.empty:
        return None
    row = rows.to_dict("records")[0]
    value, low, high = (_number(row, name) for name in ("value", "ci_low", "ci_high"))
    return Ours(value, low, high, int(row["n"]), str(row["flag"]))


def _number(row: Row, name: str) -> float | None:
    value: Any = row[name]
    return None if pd.isna(value) else float(value)


def _count(row: Row) -> int | None:
    n = _number(row, "n")
    return None if n is None else int(n)


# --- words ---------------------------------------------------------------------------------------


def _name(one: Reference) -> str:
    return chart_name(one.theme, one.unit)


def _series(one: Reference) -> str:
    return f"{one.group}|{one.subgroup}|{OWN if one.own else one.grade}"


def _after_theirs(series: Entry) -> tuple[int, bool]:
    """Groups in their order, our own wave after the print that it compares with."""
    return series.position, series.code.endswith(OURS)


def _position(book: Codebook, group: str) -> int:
    codes = [level.code for level in book.main_dimension.levels]
    return codes.index(group) if group in codes else -1 if group == EVERYONE else len(codes)


def _said(one: Reference) -> str:
    return " ".join(
        (
            one.label,
            one.survey,
            one.population,
            one.note,
            one.printed,
            one.source,
            str(one.year),
            one.id,
        )
    )


def _plain(text: str) -> str:
    """Small letters without accents."""
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _headline(rows: Sequence[Reference], theme: str, groups: dict[str, str], language: str) -> str:
    """Where our wave differs most from the other surveys; else how many figures there are."""
    _ = translator(language)
    compared = [one for one in rows if not one.own and one.difference is not None]
    years = sorted({one.year for one in rows})
    told: dict[str, object] = {
        "theme": theme,
        "count": len(rows),
        "surveys": len({one.survey for one in rows}),
        "years": str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}",
    }
    if not compared:
        if told["surveys"] == 1:
            return _("{theme}: {count} printed figures from one survey, {years}").format(**told)
        return _("{theme}: {count} printed figures from {surveys} surveys, {years}").format(**told)
    widest = max(compared, key=lambda one: abs(one.difference or 0.0))
    told |= {
        "label": widest.label,
        "group": groups.get(widest.group, widest.group),
        "year": widest.year,
        "printed": value_words(widest.value, widest.unit, language),
        "ours": value_words(widest.ours.value if widest.ours else None, widest.unit, language),
        "difference": style.points(widest.difference or 0.0, language),
    }
    sentence = _("{label}, {group} {year}: {printed} printed, {ours} in our wave ({difference})")
    return sentence.format(**told)


def _notes(rows: Sequence[Reference], compared: bool, _: Translate) -> list[str]:
    """What the shapes mean, and what a difference with our wave can mean."""
    grades = {one.grade for one in rows if not one.own}
    notes = [_("Separate points: populations, questions and methods differ, so none is joined")]
    if "press" in grades:
        notes.append(_("● press"))
    if "secondary" in grades:
        notes.append(_("○ secondary"))
    if any(one.own for one in rows):
        notes.append(_("◇ this barometer in the press"))
    if compared:
        notes.append(_("■ our wave of the same year, with its margin of error"))
    notes += dict.fromkeys(one.limits for one in rows if one.limits)
    return notes
