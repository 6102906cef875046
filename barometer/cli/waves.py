"""Commands about a file of answers, before anything is published."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
import pandas as pd

from barometer import codebook as codebooks
from barometer import store, validation
from barometer.cli import drafts
from barometer.cli.output import form_option, print_tables
from barometer.cli.whole import write_rows
from barometer.codebook import LANGUAGES, Codebook
from barometer.intake import Draft, FaultyFile
from barometer.intake.parts import check_parts, is_large
from barometer.oddities import Oddities
from barometer.store import Home
from barometer.validation import Report

HINT = "Is this the export of a survey tool? Then: python -m barometer map FILE"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@drafts.mapping_option
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the wave there as a CSV wave file, for weight and publish. The whole file is then"
    " held in memory, however large.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all of it there: a page (.html) or a table (.csv).",
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Of the report.",
)
@form_option
@click.pass_obj
def check(
    home: Home,
    file: Path,
    mapping_file: Path | None,
    output: Path | None,
    report_file: Path | None,
    language: str,
    form: str,
) -> None:
    """Check a wave FILE without publishing it: every fault is listed, and what looks odd.

    CSV, XLSX, XLS, ODS, Parquet, SPSS and Stata; with --mapping, the export of a survey tool.
    Shares that moved implausibly are said by `publish --preview`, which sums them. Warnings leave
    status 0.
    """
    if report_file is not None and report_file.suffix.lower() not in (".html", ".csv"):
        raise click.UsageError(f"--report {report_file}: expected a name that ends .html or .csv.")
    book = codebooks.load(home.data)
    draft, report = (
        _in_parts(home, file, book)
        if mapping_file is None and output is None and is_large(file)
        else _validated(home, file, mapping_file, book)
    )
    if report_file is not None:
        drafts.write_report(report, report_file, language)
        click.echo(f"Written: {report_file}", err=True)
    if report.faults:
        print_tables(form, pd.DataFrame([fault.as_row() for fault in report.faults], dtype=object))
        click.echo(f"{len(report.faults)} fault(s): this file cannot be published.", err=True)
        if mapping_file is None and _unknown_columns(report) > 3:
            click.echo(HINT, err=True)
        raise click.exceptions.Exit(1)
    if output is not None and draft is not None:
        write_rows(output, draft.batches())
    for note in report.notes:
        click.echo(note, err=True)
    if form == "table":
        drafts.say_warnings(report.warnings)
    waves = ", ".join(map(str, report.years))
    click.echo(f"{file.name} is clean: {report.respondents} respondents, wave {waves}.", err=True)
    if form != "table":
        rows = [
            {
                "file": report.file,
                "rule": notice.rule,
                "year": notice.year,
                "rows": " ".join(map(str, notice.rows)),
                "warning": str(notice),
            }
            for notice in report.warnings
        ]
        print_tables(form, pd.DataFrame(rows, dtype=object))


def _validated(
    home: Home, file: Path, mapping_file: Path | None, book: Codebook
) -> tuple[Draft | None, Report]:
    """The draft of a file, None where it cannot be read, and what is known of it."""
    with click.progressbar(length=2, label="Checking", file=sys.stderr) as bar:
        try:
            (draft,) = drafts.read([file], mapping_file, book)
        except FaultyFile as faulty:
            return None, Report(file.name, "", tuple(faulty.faults))
        bar.update(1)
        online = store.Publications(home).current()
        report = validation.validate(draft, book, online, None)
        bar.update(1)
    return draft, report


def _in_parts(home: Home, file: Path, book: Codebook) -> tuple[None, Report]:
    """What is known of a wave file that is too large to hold: as `_validated`, part by part."""
    oddities = Oddities(book)
    with (
        click.progressbar(length=100, label="Checking", file=sys.stderr) as bar,
        tempfile.TemporaryDirectory(prefix="barometer_") as aside,
    ):
        try:
            wave = check_parts(
                file,
                book,
                Path(aside),
                lambda share: bar.update(int(100 * share) - bar.pos),
                oddities.add,
            )
        except FaultyFile as faulty:
            return None, Report(file.name, "", tuple(faulty.faults))
        online = store.Publications(home).current()
        return None, validation.gathered(file.name, oddities, wave, online, None)


def _unknown_columns(report: Report) -> int:
    return sum("does not know this column" in fault.expected for fault in report.faults)
