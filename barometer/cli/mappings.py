"""Command of the survey owner: guess how an export becomes a wave."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pandas as pd

from barometer import codebook as codebooks
from barometer import intake
from barometer.cli.inputs import earlier_option
from barometer.cli.output import abridged, form_option, print_tables
from barometer.cli.whole import write
from barometer.intake import mapping as mappings
from barometer.intake.doubt import wordless
from barometer.store import Home

DOUBTFUL, LEFT_OUT, SURE = "doubtful", "left out", "sure"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the mapping. Default: FILE with the ending .mapping.toml.",
)
@click.option("--force", is_flag=True, help="Replace a mapping that is there.")
@click.option("--year", type=int, help="The wave, where no column says it.")
@click.option("--sheet", default="", help="Sheet of a workbook. Default: the fullest.")
@click.option(
    "--header-rows", type=int, default=0, help="Rows that name the columns. Default: found out."
)
@earlier_option
@click.option(
    "--blank",
    type=click.Choice(["zero", "unticked"]),
    help="What it means to tick no box of a question: none of them, or no answer.",
)
@form_option
@click.pass_obj
def map(
    home: Home,
    file: Path,
    output: Path | None,
    force: bool,
    year: int | None,
    sheet: str,
    header_rows: int,
    earlier: Path | None,
    blank: mappings.Blank | None,
    form: str,
) -> None:
    """Guess how an export FILE becomes a wave: write the mapping, list what is doubtful."""
    from barometer.intake.guess import guess

    target = output or file.with_suffix(".mapping.toml")
    if target.exists() and not force:
        raise mappings.MappingError(f"{target}: this is there already; add --force to replace it")
    book = codebooks.load(home.data)
    with click.progressbar(length=3, label="Reading", file=sys.stderr) as bar:
        raw = intake.read_raw(file, book.limits, sheet=sheet, header_rows=header_rows)
        bar.update(1)
        known = (
            mappings.load(earlier)
            if earlier
            else mappings.nearest(mappings.saved(home.data), raw.names)
        )
        found = guess(raw, book, known, file.stem)
        told = {"year": year or found.year, "sheet": sheet}
        found = found.model_copy(update=told)
        found = found.decided(blank) if blank else found
        bar.update(1)
        write(target, found.toml().encode())
        bar.update(1)
    changes = mappings.changes(known, found) if known else ()
    rows = [
        {
            "status": _status(column),
            "column": column.source,
            "target": column.target,
            "confidence": column.confidence,
            "reason": column.reason,
        }
        for column in found.columns
    ]
    shown = rows if form != "table" else [row for row in rows if row["status"] == DOUBTFUL]
    tables = [pd.DataFrame(shown, dtype=object)] if shown or form != "table" else []
    if changes:
        tables.append(pd.DataFrame([vars(change) for change in changes], dtype=object))
    if tables:
        print_tables(form, *(abridged(table, form) for table in tables))
    for note in raw.notes:
        click.echo(note, err=True)
    _summary(target, found, rows)
    if changes:
        click.echo(
            f"The questionnaire changed in {len(changes)} places; once the mapping is right, record"
            f" trend breaks by: breaks {target} --record TARGET",
            err=True,
        )


def _status(column: mappings.Column) -> str:
    if not column.target:
        return LEFT_OUT
    return SURE if column.settled else DOUBTFUL


def _summary(target: Path, found: mappings.Mapping, rows: list[dict[str, object]]) -> None:
    counts = {
        status: sum(row["status"] == status for row in rows)
        for status in (SURE, DOUBTFUL, LEFT_OUT)
    }
    click.echo(
        f"{target}: {counts[SURE]} columns tied, {counts[DOUBTFUL]} doubtful,"
        f" {counts[LEFT_OUT]} left out.",
        err=True,
    )
    if found.year is None and not any(column.target == codebooks.YEAR for column in found.columns):
        click.echo("No column gives the year: write year = … in the mapping, or --year.", err=True)
    elif found.year is not None:
        click.echo(f"Every row is of the wave {found.year}.", err=True)
    if wordless(found):
        click.echo(
            "Codes are all that names most columns: export again with the full text of questions"
            " and answers, or name the mapping of a wave that had the same codes by --earlier.",
            err=True,
        )
    if found.complete:
        click.echo(f"Rows that {found.complete} says are unfinished will be left out.", err=True)
    if counts[DOUBTFUL]:
        click.echo(
            "Correct each doubtful entry, and take its confirmed = false away; those of a question"
            f" that are right all at once by: confirm {target} QUESTION",
            err=True,
        )
    if any(column.blank == "unknown" for column in found.columns):
        click.echo(
            "Some rows leave boxes of a question empty: say by --blank zero or unticked whether who"
            " ticks none of them has none, or gave no answer.",
            err=True,
        )
