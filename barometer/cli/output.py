"""What commands print: tables for a person, JSON or CSV for a program."""

from __future__ import annotations

import json
import math
from typing import Any

import click
import pandas as pd

FORMATS = click.Choice(["table", "json", "csv"])


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


def _plain(value: Any) -> Any:
    """A value as JSON has it: no numpy types; missing, or not a finite number, as null."""
    value = value.item() if hasattr(value, "item") else value
    return None if value is pd.NA or value != value or value in (math.inf, -math.inf) else value
