"""Commands about a file of answers, before anything is published."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pandas as pd
import pyarrow.csv as pacsv

from barometer import codebook as codebooks
from barometer import intake
from barometer.cli.output import FORMATS, print_tables
from barometer.codebook import Codebook
from barometer.intake import mapping as mappings
from barometer.store import Home

HINT = "Is this the export of a survey tool? Then: python -m barometer map FILE"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="How the columns of an export become those of a wave: see the command map.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the wave there as a CSV wave file, for weight and publish.",
)
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@click.pass_obj
def check(
    home: Home, file: Path, mapping_file: Path | None, output: Path | None, form: str
) -> None:
    """Check a wave FILE without publishing it; every fault is listed.

    CSV, XLSX, Parquet, SPSS and Stata; with --mapping, the export of a survey tool.
    """
    book = codebooks.load(home.data)
    try:
        wave, notes = _wave(file, mapping_file, book, output)
    except intake.FaultyFile as faulty:
        print_tables(form, pd.DataFrame([fault.as_row() for fault in faulty.faults], dtype=object))
        click.echo(f"{len(faulty.faults)} fault(s): this file cannot be published.", err=True)
        if mapping_file is None and _unknown_columns(faulty) > 3:
            click.echo(HINT, err=True)
        raise click.exceptions.Exit(1) from None
    for note in (*notes, *wave.notes):
        click.echo(note, err=True)
    waves = ", ".join(map(str, wave.years))
    click.echo(
        f"{file.name} is clean: {wave.respondents.num_rows} respondents, wave {waves}.", err=True
    )
    if form == "json":
        print_tables(form)


def _wave(
    file: Path, mapping_file: Path | None, book: Codebook, output: Path | None
) -> tuple[intake.Wave, tuple[str, ...]]:
    """The wave of a file, and notes of what was left out. Raises FaultyFile or MappingError."""
    if mapping_file is None and output is None and file.suffix.lower() == ".csv":
        return intake.check(intake.read(file, book.limits), book), ()
    mapping = mappings.load(mapping_file) if mapping_file else None
    with click.progressbar(length=3, label="Checking", file=sys.stderr) as bar:
        draft = intake.draft_of(
            file, book, mapping, progress=lambda step: bar.update(step - bar.pos)
        )
    wave = draft.wave(book)
    if output is not None:
        _write(draft, output)
    return wave, draft.notes


def _write(draft: intake.Draft, output: Path) -> None:
    try:
        pacsv.write_csv(draft.table.drop_columns([intake.SOURCE_ROW]), output)
    except OSError as fault:
        raise mappings.MappingError(
            f"{output}: the wave cannot be written ({fault.strerror}); choose another --output"
        ) from None


def _unknown_columns(faulty: intake.FaultyFile) -> int:
    return sum("does not know this column" in fault.expected for fault in faulty.faults)
