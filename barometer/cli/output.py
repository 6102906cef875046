"""What commands print: tables for a person, JSON or CSV for a program."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import click
import pandas as pd

from barometer.intake import Fault

FORMATS = click.Choice(["table", "json", "csv"])
WORDS = (
    "column",
    "columns",
    "source",
    "become",
    "read as",
    "before",
    "after",
)  # of columns that hold a questionnaire's words
LONGEST, HEAD = 64, 20  # characters of a cell in a terminal, and of its beginning
FORM = "barometer.form"  # where a command leaves the format that it was asked for


def _asked(ctx: click.Context, _: click.Parameter, form: str) -> str:
    ctx.meta[FORM] = form
    return form


form_option = click.option(
    "--format", "form", type=FORMATS, default="table", show_default=True, callback=_asked
)


def print_faults(ctx: click.Context, faults: Sequence[Fault]) -> None:
    """Faults for a program that asked a command for JSON or CSV; a person reads the sentence."""
    form = ctx.meta.get(FORM, "table")
    if form != "table":
        print_tables(form, pd.DataFrame([fault.as_row() for fault in faults], dtype=object))


def print_tables(form: str, *tables: pd.DataFrame) -> None:
    """Tables one under the other; in JSON, a row has the names of its own table only."""
    if form == "json":
        found = [row for table in tables for row in table.to_dict("records")]
        records = [{str(name): _plain(value) for name, value in row.items()} for row in found]
        click.echo(json.dumps(records, ensure_ascii=False, indent=1, allow_nan=False))
        return
    rows = pd.concat([table.astype(object) for table in tables], ignore_index=True)
    if form == "csv":
        click.echo(rows.to_csv(index=False), nl=False)
    else:
        filled = rows.where(rows.notna(), "")
        click.echo(filled.to_string(index=False) if len(rows) else "no rows")


def abridged(table: pd.DataFrame, form: str) -> pd.DataFrame:
    """A table for a terminal: of the words of a questionnaire, the first ones and the last ones."""
    long = [name for name in WORDS if form == "table" and name in table]
    return table.assign(**{name: table[name].map(_short) for name in long})


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:HEAD]}…{text[HEAD - LONGEST + 1 :]}"


def _plain(value: Any) -> Any:
    """A value as JSON has it: no numpy types; missing, or not a finite number, as null."""
    value = value.item() if hasattr(value, "item") else value
    return None if value is pd.NA or value != value or value in (math.inf, -math.inf) else value
