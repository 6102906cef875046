"""Wave files of as many respondents as asked, drawn from the demonstration's: quick to write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from barometer.codebook import Codebook

Form = Literal["csv", "parquet"]
AT_A_TIME = 100_000  # respondents drawn at once
DRAWN = ("sector", "region")  # dimensions drawn anew, so that most profiles have somebody
CHANGED = 2  # ticks in 256 that are turned over, so that few respondents answer alike


def write(sources: list[Path], folder: Path, respondents: int, form: Form, book: Codebook) -> None:
    """One file a source, `respondents` in all: CSV as people export it, or Parquet.

    A respondent is drawn from the wave with replacement, under a name of its own, with a weight
    that differs by up to a tenth, dimensions DRAWN anew and some ticks turned over. In Parquet,
    ticks and ratings are one byte each and the rest is as pyarrow writes it.
    """
    for number, source in enumerate(sources):
        path = folder / f"{source.stem}.{form}"
        _write(path, form, _parts(source, respondents // len(sources), number, book))


def _write(path: Path, form: Form, parts: Iterator[pa.Table]) -> None:
    first = next(parts)
    if form == "csv":
        with pacsv.CSVWriter(
            path, first.schema, write_options=pacsv.WriteOptions(quoting_style="none")
        ) as csv:
            csv.write_table(first)
            for part in parts:
                csv.write_table(part)
        return
    with pq.ParquetWriter(path, first.schema) as file:
        file.write_table(first)
        for part in parts:
            file.write_table(part)


def _parts(source: Path, count: int, seed: int, book: Codebook) -> Iterator[pa.Table]:
    dice = np.random.default_rng(seed)
    wave = _narrow(pacsv.read_csv(source))
    ticks = [
        name
        for question in book.questions
        if question.kind == "multiple"
        for name in question.columns
        if name in wave.column_names and not pa.types.is_null(wave[name].type)
    ]
    levels = {d.code: [level.code for level in d.levels] for d in book.dimensions}
    for start in range(0, count, AT_A_TIME):
        size = min(AT_A_TIME, count - start)
        part = wave.take(pa.array(dice.integers(wave.num_rows, size=size))).combine_chunks()
        numbers = pc.cast(pa.array(np.arange(start, start + size)), pa.string())
        part = _with(part, "respondent_id", pc.binary_join_element_wise(source.stem, numbers, "-"))
        weight = part["weight"].to_numpy() * dice.uniform(0.9, 1.1, size)
        part = _with(part, "weight", pa.array(weight.round(4)))
        for name in DRAWN:
            drawn = dice.integers(len(levels[name]), size=size)
            part = _with(part, name, pa.array(levels[name]).take(pa.array(drawn)))
        turned = np.frombuffer(dice.bytes(size * len(ticks)), np.uint8) < CHANGED
        for name, turn in zip(ticks, turned.reshape(len(ticks), size), strict=True):
            column = part[name].combine_chunks()
            values = column.fill_null(0).to_numpy() ^ turn
            missing = column.is_null().to_numpy(zero_copy_only=False)
            part = _with(part, name, pa.array(values.astype(np.int8), mask=missing))
        yield part


def _narrow(wave: pa.Table) -> pa.Table:
    """Whole numbers as single bytes, but the year."""
    for name in wave.column_names:
        if pa.types.is_integer(wave[name].type):
            wave = _with(wave, name, wave[name].cast(pa.int16() if name == "year" else pa.int8()))
    return wave


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)
