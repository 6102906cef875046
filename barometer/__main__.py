"""The command line: python -m barometer publish, check, estimate, figures, receipt."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import click
import pandas as pd

from barometer import codebook as codebooks
from barometer import figures as figure_files
from barometer import intake, measure, receipts, store
from barometer.cells import SelectionError, select
from barometer.codebook import YEAR
from barometer.measure import CORRECTIONS, INTERVALS, REFERENCES, Settings
from barometer.store import Home, Publication, PublicationError

FORMATS = click.Choice(["table", "json", "csv"])
ESTIMATE_COLUMNS = (
    "n", "weighted_base", "effective_base", "value", "se", "df", "ci_low", "ci_high", "flag",
)  # fmt: skip
COMPARISON_COLUMNS = ("versus", "difference", "se", "df", "p", "p_adjusted", "significant")
WRONG = (codebooks.CodebookError, intake.FaultyFile, PublicationError, SelectionError)


class Barometer(click.Group):
    """A group whose commands end with a sentence and status 1 where the user's data are wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; its own kinds of fault are sentences, not tracebacks."""
        try:
            return super().invoke(ctx)
        except WRONG as fault:
            click.echo(str(fault), err=True)
            ctx.exit(1)


@click.group(cls=Barometer, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of another barometer: its data/ and queries/indicators/."
    " Default: BAROMETER_HOME, else this one.",
)
@click.pass_context
def main(ctx: click.Context, folder: Path | None) -> None:
    """Publish waves of a yearly survey, and ask for its figures."""
    ctx.obj = Home.at(folder)


@main.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--if-none", is_flag=True, help="Do nothing where a publication exists.")
@click.pass_obj
def publish(home: Home, files: tuple[Path, ...], if_none: bool) -> None:
    """Check wave FILES (default: data/waves/*.csv) and put them online."""
    if if_none and store.Publications(home).current():
        return
    with click.progressbar(length=100, label="Publishing", file=sys.stderr) as bar:
        publication = store.publish(
            home, files, lambda share, step: bar.update(int(100 * share) - bar.pos)
        )
    for note in publication.manifest["notes"]:
        click.echo(note, err=True)
    waves = ", ".join(f"{wave['year']} (n = {wave['n']})" for wave in publication.manifest["waves"])
    click.echo(f"Publication {publication.id} is current: {waves}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@click.pass_obj
def check(home: Home, file: Path, form: str) -> None:
    """Check a wave FILE without publishing it; every fault is listed."""
    book = codebooks.load(home.data)
    try:
        wave = intake.check(intake.read(file), book)
    except intake.FaultyFile as faulty:
        _print(form, pd.DataFrame([fault.as_row() for fault in faulty.faults], dtype=object))
        click.echo(f"{len(faulty.faults)} fault(s): this file cannot be published.", err=True)
        raise click.exceptions.Exit(1) from None
    for note in wave.notes:
        click.echo(note, err=True)
    waves = ", ".join(map(str, wave.years))
    click.echo(
        f"{file.name} is clean: {wave.respondents.num_rows} respondents, wave {waves}.", err=True
    )
    if form == "json":
        _print(form)


@main.command()
@click.option("--indicator", required=True, help="What to estimate.")
@click.option("--item", "items", multiple=True, help="Only this item; may be repeated.")
@click.option("--by", multiple=True, help="Dimension that splits (or year); may be repeated.")
@click.option(
    "--where", multiple=True, metavar="DIMENSION=LEVEL", help="Keep this level; may be repeated."
)
@click.option(
    "--compare",
    type=click.Choice(["pairs", *REFERENCES]),
    help="Add differences: between groups; with the previous wave, all other groups, the total.",
)
@click.option("--confidence", type=click.FloatRange(0.5, 0.999), default=0.95, show_default=True)
@click.option(
    "--interval",
    type=click.Choice(INTERVALS),
    default=INTERVALS[0],
    show_default=True,
)
@click.option(
    "--correction",
    type=click.Choice(CORRECTIONS),
    default=CORRECTIONS[0],
    show_default=True,
    help="Of p-values, within the comparisons of one item.",
)
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@click.pass_obj
def estimate(
    home: Home,
    indicator: str,
    items: tuple[str, ...],
    by: tuple[str, ...],
    where: tuple[str, ...],
    compare: str | None,
    confidence: float,
    interval: Any,
    correction: Any,
    form: str,
) -> None:
    """Estimates with their errors: one row per item and group, unrounded fractions."""
    publication = _current(home)
    selection = select(
        publication.codebook, publication.years, indicator, by, _filters(where), items or None
    )
    settings = Settings(
        confidence, interval, correction, "total" if compare == "total" else "others"
    )
    tables = [
        measure.estimate(publication, selection, settings)[
            ["indicator", *selection.keys, *ESTIMATE_COLUMNS]
        ]
    ]
    if compare in ("pairs", "others", "total"):
        if not by:
            raise click.UsageError(
                f"--compare {compare} needs --by: the dimension whose groups are compared."
            )
        test = measure.pairs if compare == "pairs" else measure.against
        differences = test(publication, selection, settings)
        tables.append(differences[["indicator", *selection.keys, *COMPARISON_COLUMNS]])
    elif compare == "previous":
        differences = measure.changes(publication, selection, settings)
        keys = dict.fromkeys([*selection.keys, YEAR])
        tables.append(differences[["indicator", *keys, *COMPARISON_COLUMNS]])
    _print(form, *tables)


@main.command()
@click.option(
    "--kind", type=click.Choice(["published", "reference"]), default="published", show_default=True
)
@click.option("--indicator", help="Only this indicator or theme.")
@click.option("--year", type=int, help="Only this year.")
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@click.pass_obj
def figures(home: Home, kind: str, indicator: str | None, year: int | None, form: str) -> None:
    """Figures that were printed elsewhere: this barometer's in the press, or other surveys'."""
    rows = figure_files.load(home.data, kind)
    if indicator:
        rows = rows[rows["indicator" if kind == "published" else "theme"] == indicator]
    if year is not None:
        rows = rows[rows[YEAR] == year]
    _print(form, rows)


@main.command()
@click.argument("reference")
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@click.pass_obj
def receipt(home: Home, reference: str, form: str) -> None:
    """Find the figures of a REFERENCE again, and say whether they changed since it was given."""
    publication = _current(home)
    found = receipts.read(publication, reference)
    now = receipts.figures(publication, found.selection, found.settings)
    earlier = store.Publications(home).named(found.publication)
    then = receipts.figures(earlier, found.selection, found.settings) if earlier else None
    columns = ["indicator", *found.selection.keys, *ESTIMATE_COLUMNS]
    tables = [now[columns].assign(publication=publication.id)]
    if receipts.changed(found, then, now):
        click.echo(f"Changed: from {found.publication} to {publication.id}.", err=True)
        if then is not None:
            tables.insert(0, then[columns].assign(publication=found.publication))
    else:
        click.echo(f"Unchanged: {found.publication} to {publication.id}.", err=True)
    _print(form, *tables)


def _current(home: Home) -> Publication:
    publication = store.Publications(home).current()
    if publication is None:
        raise PublicationError(
            f"{home.publications}: nothing is published yet; run: python -m barometer publish"
        )
    return publication


def _filters(where: tuple[str, ...]) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for pair in where:
        dimension, sign, level = pair.partition("=")
        if not sign:
            raise click.UsageError(f"--where {pair}: expected DIMENSION=LEVEL, such as year=2003.")
        filters.setdefault(dimension, []).append(level)
    return filters


def _print(form: str, *tables: pd.DataFrame) -> None:
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


if __name__ == "__main__":
    main()
