"""Trend breaks that follow from what changed in a questionnaire, recorded beside the codebook."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.compute as pc
import tomli_w

from barometer.codebook import BREAKS, YEAR, Break, Codebook, CodebookError, Indicator, Text, load
from barometer.intake.applying import year_of
from barometer.intake.mapping import Change, Mapping
from barometer.intake.raw import RawTable

CUTTING = ("reworded", "recoded")  # changes that break a trend unless somebody says otherwise
LONGEST = 160  # characters of a wording in a reason


def breaks_of(change: Change, book: Codebook, year: int) -> list[Break]:
    """The breaks, from a wave on, of the indicators that a change concerns.

    Other words or other answers break the item; a new item breaks the nets that now hold it. What
    is no longer asked has no later value to compare.
    """
    question, _, item = change.target.partition(":")
    found = []
    for indicator in book.indicators:
        if question not in indicator.questions:
            continue
        items = _concerned(indicator, item, change)
        if items is not None:
            found.append(
                Break(indicator=indicator.code, year=year, reason=_reason(change), items=items)
            )
    return found


def wave_of(raw: RawTable, mapping: Mapping) -> int | None:
    """The one wave of a file: the mapping's, or the only one of its column; None otherwise."""
    column = next((c for c in mapping.columns if c.target == YEAR and c.source in raw.names), None)
    if column is None:
        return mapping.year
    try:
        texts = pc.unique(raw.columns.column(column.source).drop_null()).to_pylist()
        years = {year_of(text) for text in texts}
    except ValueError:
        return None
    return int(years.pop()) if len(years) == 1 else None


def _concerned(indicator: Indicator, item: str, change: Change) -> tuple[str, ...] | None:
    """Items that no longer compare; none means all of them, None that there is no break."""
    line = list(indicator.line(item)) if item else []
    if change.kind in CUTTING:
        known = {code.split(":")[0] for code in indicator.by_code} | set(indicator.by_code)
        return tuple(line) or ((item,) if item in known else ())
    if change.kind == "new" and item:
        return tuple(line[1:]) or None
    return None


def _reason(change: Change) -> Text:
    before, after = (text[:LONGEST] for text in (change.before, change.after))
    if change.kind == "new":
        return Text(
            fr=f"Le questionnaire ajoute « {after} » à cette famille.",
            en=f"The questionnaire adds “{after}” to this family.",
        )
    if change.kind == "recoded":
        return Text(
            fr=f"Les réponses proposées ont changé : {before or '–'} → {after or '–'}.",
            en=f"The answers offered have changed: {before or '–'} → {after or '–'}.",
        )
    return Text(
        fr=f"La question est reformulée : « {before} » devient « {after} ».",
        en=f"The question is reworded: “{before}” becomes “{after}”.",
    )


def record(found: Iterable[Break], data: Path) -> int:
    """Add breaks to `breaks.toml` of a data folder, leave its codebook as it is; how many are new.

    Raises CodebookError, with the file as it was, where the codebook cannot take them.
    """
    path = data / BREAKS
    before = path.read_text(encoding="utf-8") if path.exists() else None
    held = list(_held(before))
    new = [cut for cut in found if cut not in held]
    if not new:
        return 0
    entries = [cut.model_dump(exclude_defaults=True, mode="json") for cut in (*held, *new)]
    _write(path, tomli_w.dumps({"breaks": entries}))
    try:
        load(data)
    except CodebookError:
        if before is None:
            path.unlink()
        else:
            _write(path, before)
        raise
    return len(new)


def _held(text: str | None) -> Iterator[Break]:
    for entry in tomllib.loads(text or "").get("breaks", []):
        yield Break.model_validate(entry)


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
