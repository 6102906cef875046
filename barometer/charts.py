"""From a declaration and estimates to a ChartSpec: all that any renderer needs to draw it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pandas as pd

from barometer import crossing, measure, receipts, stories, style
from barometer.cells import Selection
from barometer.codebook import YEAR, Item
from barometer.declarations import Chart
from barometer.estimates import wald
from barometer.findings import Finding
from barometer.kept import kept
from barometer.kinds import apart, crossed, plans
from barometer.layout import Asked, Draft, Row
from barometer.layout import View as View
from barometer.measure import Source
from barometer.receipts import ChartReceipt
from barometer.rows import Rows, isin
from barometer.shift import MIX
from barometer.spec import DOWN as DOWN
from barometer.spec import HIDDEN as HIDDEN
from barometer.spec import TOTAL as TOTAL
from barometer.spec import UP as UP
from barometer.spec import ChartSpec as ChartSpec
from barometer.spec import Cut
from barometer.spec import Entry as Entry
from barometer.spec import Point as Point
from barometer.spec import Published as Published
from barometer.verdicts import Verdict, verdicts
from barometer.words import Translate

SPECS_KEPT = 8192  # some 15 kB each, headlines less
FILTERS_NAMED = 60  # characters of filters in the name of a file
_NOTHING = pd.DataFrame()  # printed elsewhere


def build(
    source: Source,
    chart: Chart,
    view: View,
    published: pd.DataFrame,
    colours: tuple[str, ...] = (),
) -> ChartSpec:
    """The spec of a chart.

    `published` holds the figures printed elsewhere (`figures.load`), `colours` the items that come
    first in the palette.
    """
    chart = crossing.narrowed(chart, source.codebook, view.within)
    asked = Asked(source, chart, view, published, colours)
    items = asked.items
    waves = asked.waves
    if not items:
        return _empty(asked)
    draft = _LAYOUTS[chart.kind](asked, items)
    if not draft.points:
        return _empty(asked)
    found = headline(source, chart, view)
    spec = _frame(
        asked,
        found.text if found else chart.measure[view.language],
        draft.waves or waves,
        categories=tuple(draft.categories),
        series=tuple(draft.series),
        facets=tuple(draft.facets),
        points=tuple(draft.points),
        published=tuple(draft.published),
        cuts=tuple(draft.cuts),
        colour_by=draft.colour_by,
        ordered=draft.ordered,
    )
    return replace(
        spec,
        base=draft.base or spec.base,
        notes=(*draft.notes, *_notes(spec, asked)),
        alt=_alt(spec, asked.words),
        comparisons=_comparisons(spec, asked),
    )


@kept(SPECS_KEPT)
def headline(source: Source, chart: Chart, view: View) -> Finding | None:
    """The finding that heads a chart, None where the wave did not ask its items."""
    chart = crossing.narrowed(chart, source.codebook, view.within)
    asked = Asked(source, chart, view, _NOTHING)
    return stories.best(asked.question(asked.items), chart.findings)


def verdicts_of(source: Source, chart: Chart, view: View) -> list[Verdict]:
    """What the criteria of a grid say of each of its rows, none where the wave did not ask."""
    chart = crossing.narrowed(chart, source.codebook, view.within)
    asked = Asked(source, chart, view, _NOTHING)
    items = asked.items
    if not items:
        return []
    return verdicts(asked.question(items).now, items, chart.verdict, view.language)


# --- layouts, one a kind -------------------------------------------------------------------------


def _bars(asked: Asked, items: list[Item]) -> Draft:
    """Items down, groups side by side; a single item gives its groups a bar each."""
    rows = asked.table
    groups, entries = asked.groups(), [asked.entry(item) for item in items]
    if len(items) == 1:
        points = [asked.point(row, row["group"], row["item"]) for row in rows]
        draft = Draft(groups, entries, points, colour_by="category")
    else:
        points = [asked.point(row, row["item"], row["group"]) for row in rows]
        draft = Draft(entries, groups, points)
    draft.published = _published(asked, items, [asked.view.year])
    return draft


def _stack(asked: Asked, items: list[Item]) -> Draft:
    """Groups down, the answers of one question side by side up to 100 %.

    Where a chart shows every wave, they stand down instead; where items are crossed, their rows.
    """
    if asked.chart.waves or crossing.is_crossed(asked.indicator):
        draft = crossed.stack(asked, items)
        if asked.chart.waves:
            draft.cuts = _cuts(asked, {item.code: (item.code,) for item in items})
        return draft
    rows = asked.table
    entries = [asked.entry(item) for item in items]
    if asked.chart.reverse:
        entries.reverse()
    points = [asked.point(row, row["group"], row["item"]) for row in rows]
    groups = asked.groups()
    points = [part for group in groups for part in crossed.whole(points, group, entries)]
    draft = Draft(groups, entries, points, ordered=asked.indicator.ordered)
    draft.published = _published(asked, items, [asked.view.year])
    return draft


def _lines(asked: Asked, items: list[Item]) -> Draft:
    """Waves across; a line for each item, or for each group of a single item."""
    rows = asked.table
    years = [Entry(str(y), str(y), i) for i, y in enumerate(asked.waves)]
    if len(items) == 1:
        series = asked.groups()
        points = [asked.point(row, str(row[YEAR]), row["group"]) for row in rows]
        keys = {items[0].code: tuple(entry.code for entry in series)}
    else:
        series = [asked.entry(item) for item in items]
        points = [asked.point(row, str(row[YEAR]), row["item"]) for row in rows]
        keys = {item.code: (item.code,) for item in items}
    draft = Draft(years, series, points)
    draft.published = _published(asked, items, asked.waves)
    draft.cuts = _cuts(asked, keys)
    return draft


def _panels(asked: Asked, items: list[Item]) -> Draft:
    """Items down, the first breakdown across, a panel for each level of the second."""
    chart, view = asked.chart, asked.view
    if chart.by is None or chart.across is None:
        return _bars(asked, items)
    selection = Selection(
        chart.indicator,
        (chart.by, chart.across),
        (*view.where, (YEAR, tuple(map(str, asked.waves)))),
        tuple(item.code for item in items),
    )
    rows = measure.estimate.rows(asked.source, selection, view.settings)
    untested = {"significant": False, "versus": None, "difference": 0.0}
    points = [
        asked.point(row | untested, row["item"], row[chart.by], str(row[chart.across]))
        for row in rows.records()
    ]
    present = {point.facet for point in points}
    if chart.across == YEAR:
        known = [(str(year), str(year)) for year in asked.waves]
    else:
        levels = asked.book.by_dimension[chart.across].levels
        known = [(level.code, level.label[view.language]) for level in levels]
    panels = [
        Entry(code, label, position)
        for position, (code, label) in enumerate(known)
        if code in present
    ]
    groups = [group for group in asked.groups() if group.code != TOTAL]
    draft = Draft([asked.entry(item) for item in items], groups, points, panels)
    draft.cuts = _cuts(asked, {item.code: (item.code,) for item in items})
    return draft


def _tree(asked: Asked, items: list[Item]) -> Draft:
    """Every item under its net."""
    rows = asked.table
    points = [asked.point(row, row["item"], TOTAL) for row in rows]
    entries = [asked.entry(item) for item in items]
    return Draft(entries, [Entry(TOTAL, asked.words("All"))], points)


def _dumbbell(asked: Asked, items: list[Item]) -> Draft:
    """Items down, one mark for each layer: an indicator, now or in a later wave."""
    series, points = [], []
    for position, layer in enumerate(asked.chart.layers):
        year = _nearest(asked.source.years, asked.view.year + layer.shift)
        if layer.shift and year <= asked.view.year:
            continue
        code = f"{layer.indicator}@{year}"
        series.append(Entry(code, f"{layer.label[asked.view.language]} ({year})", position))
        codes = tuple(item.code for item in items)
        rows: Rows = measure.shown.rows(
            asked.source,
            layer.indicator,
            codes,
            None,
            False,
            asked.view.where,
            asked.view.settings,
        )
        rows = rows.at(rows[YEAR] == year)
        points += [
            replace(asked.point(row, row["item"], code), mark="", versus=None, tested=False)
            for row in rows.records()
        ]
    return Draft([asked.entry(item) for item in items], series, points)


def _shift(asked: Asked, items: list[Item]) -> Draft:
    """The parts of a change: within each group, by their mix, and the whole."""
    _, found = asked.words, asked.question(items).parts
    if found is None:
        return Draft([], [asked.entry(items[0])], [])
    groups = {group.code: group for group in asked.groups() if group.code in found.within}
    entries = [
        replace(group, label=_("Within {group}").format(group=group.label))
        for group in groups.values()
    ]
    entries.append(Entry(MIX, _("Mix of groups"), -1))
    entries.append(Entry(TOTAL, _("All, {earlier} → {later}").format(**vars(found)), -1))
    values = {**found.within, MIX: found.mix, TOTAL: found.change}
    points = []
    for entry in entries:
        value, error = values[entry.code], found.errors[entry.code]
        low, high = wald(value, error.se, error.df, asked.view.settings.confidence)
        points.append(
            Point(
                category=entry.code,
                series=items[0].code,
                value=value,
                low=float(low) if error.se > 0 else None,
                high=float(high) if error.se > 0 else None,
                n=found.n,
                se=error.se,
                df=error.df,
                terms=found.terms[entry.code],
            )
        )
    return Draft(entries, [asked.entry(items[0])], points, colour_by="category")


_LAYOUTS = {
    "bars": _bars,
    "stack": _stack,
    "lines": _lines,
    "heatmap": crossed.heatmap,
    "panels": _panels,
    "tree": _tree,
    "dumbbell": _dumbbell,
    "shift": _shift,
    "plans": plans.layout,
    "apart": apart.layout,
    "curve": crossed.curve,
}


def _nearest(years: list[int], wanted: int) -> int:
    return min(years, key=lambda year: (abs(year - wanted), year))


# --- what is marked on a chart -------------------------------------------------------------------


def _published(asked: Asked, items: list[Item], years: list[int]) -> list[Published]:
    """Printed numbers about the chart's items; any filter but the main one makes them foreign."""
    main = asked.book.main_dimension.code
    figures = asked.published
    if figures.empty or main not in figures or any(name != main for name, _ in asked.view.where):
        return []
    codes = {item.code for item in items}
    places = zip(*(figures[name].tolist() for name in ("indicator", "item", YEAR)), strict=True)
    about = [
        indicator == asked.chart.indicator and item in codes and year in years
        for indicator, item, year in places
    ]
    if not any(about):
        return []
    rows = figures[about]
    shown = {entry.code for entry in asked.groups()}
    filtered = dict(asked.view.where).get(main)
    marks = []
    for row in rows[rows["value"].notna()].to_dict("records"):
        group = TOTAL if row[main] == "all" else row[main]
        if group not in shown and not (group == TOTAL and len(items) > 1):
            continue
        if group == TOTAL and filtered is not None:
            continue
        category, series = _place(asked, row, group, single=len(items) == 1)
        marks.append(
            Published(
                category,
                series,
                float(row["value"]),
                row["printed_as"],
                row[f"reading_{asked.view.language}"],
            )
        )
    return marks


def _place(asked: Asked, row: Row, group: str, *, single: bool) -> tuple[str, str]:
    item, year = str(row["item"]), str(row[YEAR])
    if asked.chart.kind == "lines":
        return (year, group) if single else (year, item)
    if asked.chart.kind == "stack" or single:
        return group, item
    return item, group


def _cuts(asked: Asked, keys: dict[str, tuple[str, ...]]) -> list[Cut]:
    """Trend breaks of the chart's items that fall between two of its waves."""
    found: dict[tuple[int, str], list[str]] = {}
    for cut in asked.book.breaks:
        if not min(asked.waves) < cut.year <= max(asked.waves):
            continue
        for item, series in keys.items():
            if cut.concerns(asked.chart.indicator, item):
                reason = cut.reason[asked.view.language]
                found.setdefault((cut.year, reason), []).extend(series)
    return [Cut(year, reason, tuple(series)) for (year, reason), series in found.items()]


def _between_waves(asked: Asked) -> list[Cut]:
    """Breaks since the wave before the only one shown: why nothing is said to have moved."""
    before = [year for year in asked.source.years if year < asked.view.year]
    if len(asked.waves) > 1 or not before:
        return []
    codes = [item.code for item in asked.items]
    met = asked.book.breaks_met(asked.chart.indicator, codes, before[-1], asked.view.year)
    reasons = dict.fromkeys((cut.year, cut.reason[asked.view.language]) for cut in met)
    return [Cut(year, reason, ()) for year, reason in reasons]


# --- the words around it -------------------------------------------------------------------------


def _frame(asked: Asked, headline: str, waves: list[int], **parts: Any) -> ChartSpec:
    _, book, language = asked.words, asked.book, asked.view.language
    indicator, chart = asked.indicator, asked.chart
    synthetic = bool(getattr(asked.source, "synthetic", False))
    by = "" if asked.dimension is None else f"_{asked.dimension.code}"
    about = crossing.chosen(chart, book, language)[0]
    by += f"_{about}" if about else ""
    span = "-".join(dict.fromkeys(str(year) for year in (waves[0], waves[-1])))
    return ChartSpec(
        name=chart.name,
        kind=chart.kind,
        language=language,
        indicator=indicator.code,
        unit="points" if chart.kind in ("shift", "plans") else indicator.measure,
        headline=headline,
        measure=_measure(asked),
        base=_base(asked),
        waves=_waves(_, waves),
        filters=_filters(asked),
        source=_("Source: {source}").format(source=book.source[language]),
        provenance=_("Demonstration sample: synthetic data") if synthetic else _("Survey data"),
        alt="",
        highlight=str(asked.view.year),
        file_name=f"{chart.name}_{indicator.code}{by}{_filtered(asked)}_{span}_{language}",
        synthetic=synthetic,
        receipt=_receipt(asked, waves, parts.get("points", ())),
        reversed=chart.reverse,
        intervals=chart.margins,
        **parts,
    )


def _empty(asked: Asked) -> ChartSpec:
    """Nothing to draw: say why, and which waves could."""
    _ = asked.words
    rows, view = asked.rows(None), asked.view
    if isinstance(asked.chart.items, tuple):
        rows = rows.at(isin(rows["item"], {*asked.chart.items}))
    years = sorted({int(year) for year in rows[YEAR]})
    if view.year in years:
        reason = _("No earlier wave compares, or a base is too small.")
    elif years:
        reason = _("Not asked in {year}. Asked in: {years}.").format(
            year=asked.view.year, years=", ".join(map(str, years))
        )
    else:
        reason = _("Nobody answers to these filters, or this wave did not ask.")
    spec = _frame(asked, asked.chart.measure[asked.view.language], [asked.view.year])
    return replace(spec, empty=reason, alt=reason)


def figures(points: tuple[Point, ...]) -> pd.DataFrame:
    """The points of a chart as a receipt stands for them: one row each, told apart by PLACE."""
    return pd.DataFrame(_figures(points), columns=[*receipts.PLACE, "n", *receipts.NUMBERS])


def _figures(points: tuple[Point, ...]) -> list[Row]:
    return [
        {name: getattr(point, name) for name in receipts.PLACE}
        | {"n": point.n, "value": point.value, "ci_low": point.low, "ci_high": point.high}
        for point in points
    ]


def viewed(receipt: ChartReceipt, language: str) -> View:
    """The view that the receipt of a whole chart was given for."""
    kept = dict(receipt.where)
    where = tuple(pair for pair in receipt.where if pair[0] != YEAR)
    return View(int(kept[YEAR][0]), where, language, receipt.settings, level=receipt.about)


def _whole_receipt(asked: Asked, points: tuple[Point, ...]) -> str:
    """The reference of a chart whose figures come from several indicators or waves."""
    if not points:
        return ""
    view, rows = asked.view, _figures(points)
    where = tuple(sorted((*view.where, (YEAR, (str(view.year),)))))
    publication = str(getattr(asked.source, "id", ""))
    found = receipts.digest(receipts.PLACE, rows)
    return str(ChartReceipt(asked.chart.name, view.level, where, view.settings, publication, found))


def _receipt(asked: Asked, waves: list[int], points: tuple[Point, ...]) -> str:
    """The reference of the chart's figures: those of its groups, else of everybody."""
    chart, view, items = asked.chart, asked.view, asked.items
    if not items:
        return ""
    if chart.plan or chart.compared:
        return _whole_receipt(asked, points)
    lines, panels = chart.over_time, chart.by is not None and chart.across is not None
    splits = (chart.by, chart.across if panels else None, YEAR if lines else None)
    every = lines and waves == asked.source.years
    when = () if every else ((YEAR, tuple(map(str, waves))),)
    codes = None
    left_out = asked.narrowed is not None and len(asked.narrowed) < len(asked.indicator.items)
    if left_out or len(items) < len(asked.of_wave):
        codes = tuple(item.code for item in items)
    by = tuple(dict.fromkeys(filter(None, splits)))
    selection = Selection(chart.indicator, by, (*view.where, *when), codes)
    if panels:
        rows = receipts.figures.rows(asked.source, selection, view.settings).records()
    else:
        rows = [
            row | {chart.by or "": row["group"]}
            for row in asked.table
            if chart.by is None or row["group"] != TOTAL
        ]
    found = receipts.digest(selection.keys, rows)
    publication = str(getattr(asked.source, "id", ""))
    return str(receipts.Receipt(selection, view.settings, publication, found))


def _measure(asked: Asked) -> str:
    _, language, indicator = asked.words, asked.view.language, asked.indicator
    unit = _("in % of {base}").format(base=indicator.base[language])
    if asked.chart.plan:
        unit = _("announced in % of {base}, change in points").format(base=indicator.base[language])
    if asked.chart.compared:
        shares = indicator.measure == "share"
        unit = _("in % of each question's base") if shares else _("means of each question's base")
    elif indicator.unit is not None:
        unit = _("mean number of {unit}, {base}").format(
            unit=indicator.unit[language], base=indicator.base[language]
        )
    about = crossing.chosen(asked.chart, asked.book, language)[1] or asked.apart[1]
    measured = asked.chart.measure[language]
    if about.casefold() in measured.casefold():
        about = ""
    return f"{measured} ({about}), {unit}" if about else f"{measured}, {unit}"


def _base(asked: Asked) -> str:
    """The unweighted base: of all, then of each group; a range where items differ."""
    _, language = asked.words, asked.view.language
    totals = asked.rows(None)
    totals = totals.at(totals[YEAR] == asked.view.year)
    codes = {item.code for item in asked.items}
    parts = [_spread(totals.at(isin(totals["item"], codes)), language)]
    if asked.dimension is not None:
        rows = asked.rows(asked.dimension.code)
        rows = rows.at((rows[YEAR] == asked.view.year) & isin(rows["item"], codes))
        for group in asked.groups():
            if group.code != TOTAL:
                here = rows.at(rows[asked.dimension.code] == group.code)
                parts.append(f"{group.label} {_spread(here, language)}")
    base = asked.indicator.base[language]
    return _("Base: {base}").format(base=f"{base}, {' · '.join(parts)}")


def _spread(rows: Rows, language: str) -> str:
    if not len(rows):
        return style.count(0, language)
    low, high = int(rows["n"].min()), int(rows["n"].max())
    shown = style.count(low, language)
    return shown if low == high else f"{shown}–{style.number(high, language, 0)}"


def _waves(_: Translate, waves: list[int]) -> str:
    if len(waves) == 1:
        return _("Wave {year}").replace(" ", style.FIXED).format(year=waves[0])
    return _("Waves {first} to {last}").format(first=waves[0], last=waves[-1])


def _filters(asked: Asked) -> str:
    _, language = asked.words, asked.view.language
    parts = []
    for name, levels in asked.view.where:
        dimension = asked.book.by_dimension[name]
        labels = [dimension.level(code) for code in levels]
        words = ", ".join(level.label[language] for level in labels if level)
        parts.append(
            _("{dimension}: {levels}").format(dimension=dimension.label[language], levels=words)
        )
    return " · ".join(parts)


def _filtered(asked: Asked) -> str:
    """The filters in the name of a file; only the dimensions, where levels would make it long."""
    levels = "".join(f"_{'-'.join(codes)}" for _, codes in asked.view.where)
    return levels if len(levels) <= FILTERS_NAMED else "".join(f"_{n}" for n, _ in asked.view.where)


def _notes(spec: ChartSpec, asked: Asked) -> tuple[str, ...]:
    """What a reader must know to read the marks: significance, low bases, breaks, readings."""
    _ = asked.words
    limits = asked.book.thresholds
    notes = []
    marked = [p for p in spec.points if p.mark]
    if marked and spec.kind != "apart":
        notes.append(_mark_note(spec, asked, {p.versus for p in marked}))
    if any(p.flag == "flagged" for p in spec.points):
        notes.append(_("* base under {n}: fragile").format(n=limits.flag_below))
    if any(p.flag == "hidden" for p in spec.points):
        notes.append(
            _("× base under {n}, or that would give one away: not shown").format(
                n=limits.hide_below
            )
        )
    notes += [
        _("{year}: {reason}").format(year=cut.year, reason=cut.reason)
        for cut in spec.cuts or _between_waves(asked)
    ]
    if spec.published:
        notes.append(_("◇ figure published by the press"))
    notes += dict.fromkeys(mark.note for mark in spec.published if mark.note)
    if spec.kind == "lines" and _moves_disagree(spec):
        notes.append(_("Changes are computed before rounding"))
    if spec.kind == "shift":
        notes.append(_("The parts add up before rounding"))
    if any(p.percent not in (None, style.percent(p.value or 0.0)) for p in spec.points):
        notes.append(_("Rounded to add up to 100%"))
    return tuple(notes)


def _comparisons(spec: ChartSpec, asked: Asked) -> str:
    """How many differences were tested, and how many of them chance alone would mark."""
    _, count = asked.words, sum(point.tested for point in spec.points)
    if not count:
        return ""
    level, language = asked.view.settings.confidence, spec.language
    sentence = _("{count} comparisons, of which chance alone would mark about {chance} uncorrected")
    return sentence.format(
        count=style.number(count, language), chance=style.number(count * (1 - level), language, 1)
    )


def _moves_disagree(spec: ChartSpec) -> bool:
    """Whether some change between two waves is not the one of the rounded figures."""
    if spec.unit != "share":
        return False
    for series in spec.series:
        points = [spec.at(category.code, series.code) for category in spec.categories]
        values = [p.value for p in points if p is not None and p.value is not None]
        for before, after in itertools.pairwise(values):
            if style.percent(after) - style.percent(before) != style.percent(after - before):
                return True
    return False


def _mark_note(spec: ChartSpec, asked: Asked, since: set[int | None]) -> str:
    """What ▲ and ▼ compare with, at which level, adjusted how."""
    _, settings, language = asked.words, asked.view.settings, asked.view.language
    told = {
        "level": style.share(settings.confidence, language),
        "correction": asked.correction,
    }
    if None in since:
        if settings.reference == "total":
            sentence = _("▲ ▼ significantly above or below the total ({level}, {correction})")
        else:
            sentence = _("▲ ▼ significantly above or below the others ({level}, {correction})")
        return sentence.format(**told)
    years = ", ".join(str(year) for year in sorted(since, key=lambda year: year or 0))
    told["years"] = _("the wave before") if asked.chart.over_time else years
    return _("▲ ▼ significant change since {years} ({level}, {correction})").format(**told)


def _alt(spec: ChartSpec, _: Translate) -> str:
    """What the chart shows, in words: its finding, its measure, its extremes."""
    drawn = [p for p in spec.points if p.value is not None]
    text = f"{spec.headline}. {spec.measure}. {spec.waves}."
    if drawn:
        names = {
            e.code: e.label for e in itertools.chain(spec.categories, spec.series, spec.facets)
        }
        low, high = min(drawn, key=lambda p: p.value or 0), max(drawn, key=lambda p: p.value or 0)
        where = [
            ", ".join(
                filter(
                    None,
                    (
                        names.get(p.category),
                        names.get(p.series) if p.series != TOTAL else "",
                        names.get(p.facet),
                    ),
                )
            )
            for p in (low, high)
        ]
        text += " " + _("From {low} ({low_where}) to {high} ({high_where}).").format(
            low=spec.value(low.value, low.unit),
            low_where=where[0],
            high=spec.value(high.value, high.unit),
            high_where=where[1],
        )
    return f"{text} {spec.provenance}."
