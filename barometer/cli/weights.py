"""The command that rakes the weights of a wave file to margins."""

from __future__ import annotations

import csv
from pathlib import Path

import click
import pandas as pd
import pyarrow as pa

from barometer import codebook as codebooks
from barometer import intake
from barometer.cli.output import FORMATS, print_tables
from barometer.intake import Draft
from barometer.intake import weights as weighting
from barometer.store import Home
from barometer.weighting import After, Bounds


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--margins",
    "margins_file",
    type=click.Path(path_type=Path),
    required=True,
    help="CSV of the margins: dimension, level, target (share, percentage or count), and year"
    " where waves differ.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Where the wave file with its new weights goes. Without it: the report only.",
)
@click.option("--lower", default=0.0, help="Least weight, where the mean is 1.")
@click.option("--upper", default=float("inf"), help="Most weight, where the mean is 1.")
@click.option(
    "--trim", is_flag=True, help="Cut at the bounds once raked: margins are then missed a little."
)
@click.option("--afresh", is_flag=True, help="Start from equal weights, not from the file's.")
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@click.pass_obj
def weight(
    home: Home,
    file: Path,
    margins_file: Path,
    output: Path | None,
    lower: float,
    upper: float,
    trim: bool,
    afresh: bool,
    form: str,
) -> None:
    """Rake the weights of a wave FILE to margins, and report how it went."""
    book = codebooks.load(home.data)
    text = intake.read(file)
    table = text.columns.append_column(intake.SOURCE_ROW, pa.array(text.rows))
    draft = Draft(text.file, table, faults=text.faults, sha256=text.sha256)
    given = intake.read(margins_file)
    if given.faults:
        raise intake.FaultyFile(list(given.faults))
    margins = weighting.margins(given.columns.to_pylist(), book, given.file)
    after: After = "trimmed" if trim else "bounded"
    raked, reports = weighting.weighted(
        draft, book, margins, Bounds(lower, upper), after, from_file=not afresh
    )
    for year, report in reports.items():
        for note in report.notes:
            click.echo(f"{year}: {note}", err=True)
    summary = pd.DataFrame(weighting.summary_rows(reports))
    levels = pd.DataFrame(weighting.report_rows(reports))
    if form == "table":
        click.echo(summary.T.to_string(header=False))
        click.echo()
        print_tables(form, levels)
    else:
        print_tables(form, summary, levels)
    if output is not None:
        _write(raked, output)
        click.echo(f"{output} has the new weights; publish it.", err=True)


def _write(draft: Draft, output: Path) -> None:
    """The draft as a wave file. Raises click.ClickException where it cannot be written."""
    rows = draft.table.drop_columns([intake.SOURCE_ROW])
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(rows.column_names)
            writer.writerows(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    except OSError as fault:
        raise click.ClickException(f"{output}: it cannot be written ({fault.strerror})") from None
