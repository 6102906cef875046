"""From one row an answer to one row a respondent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from barometer.intake.coded import plain
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.mapping import Long, Mapping
from barometer.intake.raw import RawTable, refused

if TYPE_CHECKING:
    from pandas import DataFrame, Series
    from pandas.core.groupby import SeriesGroupBy

MANY, FEWEST = 0.2, 5  # of the respondents: more than mistakes are
JOIN = "|"  # between several answers that one respondent gave to one question


def widened(raw: RawTable, mapping: Mapping) -> RawTable:
    """The file with a column a question; every other column is taken to be of the respondent.

    One that says other things in many a respondent's rows is of the answers, such as a flag: it is
    left out and noted, unless the mapping ties it. A respondent's row is the first that the file
    has of them. Raises FaultyFile where the columns are not here, or where a respondent's own
    columns differ from row to row.
    """
    import pandas as pd

    long = mapping.long
    assert long is not None
    for name in (long.respondent, long.question, long.answer):
        if name not in raw.names:
            raise refused(raw.file, f"there is no column {name}, which the mapping expects")
    frame = pa.table({name: plain(raw.columns.column(name)) for name in raw.names}).to_pandas()
    frame["_row"] = raw.rows
    if (unnamed := frame[frame[long.respondent].isna() | frame[long.question].isna()]).size:
        where = int(unnamed["_row"].iloc[0])
        reason = "expected a respondent and a question in each row; fill both"
        raise FaultyFile([Fault(raw.file, where, long.respondent, "", reason)])
    own = [n for n in raw.names if n not in (long.respondent, long.question, long.answer)]
    people = frame.groupby(long.respondent, sort=False)
    tied = {column.source for column in mapping.columns if column.target}
    flags = [name for name in own if name not in tied and _of_answers(people[name])]
    own = [name for name in own if name not in flags]
    _same_in_each_row(raw, frame, own, long)
    firsts = people.first()[[*own, "_row"]]
    wide = (
        frame.dropna(subset=[long.answer])
        .groupby([long.respondent, long.question], sort=False)[long.answer]
        .agg(JOIN.join)
        .unstack()
        .reindex(index=firsts.index, columns=pd.unique(frame[long.question]))
    )
    clash = [name for name in wide.columns if name in raw.names]
    wide = wide.rename(columns={name: f"{name} (answer)" for name in clash})
    cells = {long.respondent: pa.array(firsts.index, pa.string())}
    cells |= {name: _texts(firsts[name]) for name in own}
    cells |= {str(name): _texts(wide[name]) for name in wide.columns}
    return RawTable(
        raw.file,
        raw.sha256,
        pa.table(cells),
        firsts["_row"].to_numpy(np.int64),
        raw.labels,
        raw.answers,
        (),
        raw.faults,
        raw.header_rows,
        raw.sheets,
        (*raw.notes, *map(_left_out, flags)),
    )


def _of_answers(column: SeriesGroupBy[Any, Any]) -> bool:
    """Whether a column tells of answers: it differs in the rows of many a respondent."""
    differs = column.nunique() > 1
    return int(differs.sum()) >= FEWEST and float(differs.mean()) > MANY


def _left_out(name: str) -> str:
    return f"{name} says other things from answer to answer of a respondent; it is left out."


def _same_in_each_row(raw: RawTable, frame: DataFrame, own: list[str], long: Long) -> None:
    faults = []
    people = frame.groupby(long.respondent, sort=False)
    for name in own:
        first = people[name].transform("first")
        differs = frame[name].notna() & (frame[name] != first)
        for row in np.flatnonzero(differs)[:100]:
            reason = f"this respondent has {first.iloc[row]!r} in another row; expected one value"
            value = frame[name].iloc[row]
            faults.append(Fault(raw.file, int(frame["_row"].iloc[row]), name, value, reason))
    if faults:
        raise FaultyFile(faults)


def _texts(column: Series) -> pa.Array:
    return pa.array(
        [None if cell != cell or cell is None else str(cell) for cell in column], pa.string()
    )
