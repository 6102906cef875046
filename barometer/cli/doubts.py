"""Command of the survey owner: confirm the guesses of a mapping, a whole question at once."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from barometer import codebook as codebooks
from barometer.cli.output import abridged, form_option, print_tables
from barometer.cli.whole import write
from barometer.intake import mapping as mappings
from barometer.intake.doubt import Doubt, alike, group_of
from barometer.intake.doubt import confirm as confirmed
from barometer.intake.targets import Target, targets
from barometer.store import Home


@click.command()
@click.argument("mapping_file", metavar="MAPPING", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("chosen", metavar="[TARGET]...", nargs=-1)
@click.option("--undo", is_flag=True, help="Make the guesses for these targets doubtful again.")
@form_option
@click.pass_obj
def confirm(home: Home, mapping_file: Path, chosen: tuple[str, ...], undo: bool, form: str) -> None:
    """List what a MAPPING is not sure of, and confirm the guesses for the TARGETs that are right.

    A question stands for all its columns: a grid is confirmed at once. Without TARGET nothing is
    written.
    """
    book = codebooks.load(home.data)
    known = targets(book)
    mapping = mappings.load(mapping_file)
    if chosen:
        mapping = confirmed(mapping, chosen, known, undo=undo)
        mappings.verify(mapping, book)
        write(mapping_file, mapping.toml().encode())
    waiting = [column for column in mapping.columns if column.target and not column.confirmed]
    rows = [_row(doubt, known) for doubt in alike(waiting, known)]
    if form != "json":
        rows = [{name: _written(value) for name, value in row.items()} for row in rows]
    if rows or form != "table":
        print_tables(form, abridged(pd.DataFrame(rows, dtype=object), form))
    click.echo(f"{mapping_file}: {len(waiting)} columns wait to be confirmed.", err=True)


def _row(doubt: Doubt, known: dict[str, Target]) -> dict[str, object]:
    """A doubt as a row: its columns, what they become, what their values are read as, and why."""
    codes = {group_of(column, known) for column in doubt.columns}
    return {
        "target": doubt.question or ", ".join(sorted(codes)),
        "columns": [column.source for column in doubt.columns],
        "become": [column.target for column in doubt.columns],
        "confidence": doubt.least.confidence,
        "read as": doubt.values,
        "reason": doubt.least.reason,
    }


def _written(value: object) -> object:
    """A cell of a table or of CSV: lists and recodings in one line."""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return "; ".join(f"{one} = {code or 'no answer'}" for one, code in value.items())
    return value
