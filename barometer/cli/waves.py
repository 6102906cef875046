"""Commands about a file of answers, before anything is published."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from barometer import codebook as codebooks
from barometer import intake
from barometer.cli.output import FORMATS, print_tables
from barometer.store import Home


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@click.pass_obj
def check(home: Home, file: Path, form: str) -> None:
    """Check a wave FILE without publishing it; every fault is listed."""
    book = codebooks.load(home.data)
    try:
        wave = intake.check(intake.read(file), book)
    except intake.FaultyFile as faulty:
        print_tables(form, pd.DataFrame([fault.as_row() for fault in faulty.faults], dtype=object))
        click.echo(f"{len(faulty.faults)} fault(s): this file cannot be published.", err=True)
        raise click.exceptions.Exit(1) from None
    for note in wave.notes:
        click.echo(note, err=True)
    waves = ", ".join(map(str, wave.years))
    click.echo(
        f"{file.name} is clean: {wave.respondents.num_rows} respondents, wave {waves}.", err=True
    )
    if form == "json":
        print_tables(form)
