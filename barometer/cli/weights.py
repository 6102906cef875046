"""The command that rakes the weights of a wave file to margins."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import pandas as pd

from barometer import codebook as codebooks
from barometer.cli import drafts
from barometer.cli.output import form_option, print_tables
from barometer.cli.whole import write_rows
from barometer.intake import weights as weighting
from barometer.store import Home


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@drafts.mapping_option
@drafts.raking_options(required=True)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Where the wave file with its new weights goes. Without it: the report only.",
)
@form_option
@click.pass_obj
def weight(
    home: Home,
    /,
    file: Path,
    mapping_file: Path | None,
    output: Path | None,
    form: str,
    **raking: Any,
) -> None:
    """Rake the weights of a wave FILE to margins, and report how it went.

    CSV, XLSX, XLS, ODS, Parquet, SPSS and Stata; with --mapping, the export of a survey tool.
    """
    book = codebooks.load(home.data)
    how = drafts.Raking.asked(raking)
    if how is None:  # the option is required
        return
    with click.progressbar(length=2, label="Weighing", file=sys.stderr) as bar:
        (draft,) = drafts.read([file], mapping_file, book)
        bar.update(1)
        raked, reports = drafts.raked(draft, book, how)
        bar.update(1)
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
        write_rows(output, raked.batches())
        click.echo(f"{output} has the new weights; publish it.", err=True)
