"""Commands that give figures: estimates, what was printed elsewhere, a receipt read again."""

from __future__ import annotations

from typing import Any

import click

from barometer import declarations, measure, recall, store
from barometer import figures as figure_files
from barometer.cells import select
from barometer.cli.inputs import current, filters
from barometer.cli.output import form_option, print_tables
from barometer.codebook import YEAR
from barometer.measure import CORRECTIONS, INTERVALS, REFERENCES, Settings
from barometer.store import Home

ESTIMATE_COLUMNS = (
    "n", "weighted_base", "effective_base", "value", "se", "df", "ci_low", "ci_high", "flag",
)  # fmt: skip
COMPARISON_COLUMNS = ("versus", "difference", "se", "df", "p", "p_adjusted", "significant")


@click.command()
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
@form_option
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
    publication = current(home)
    selection = select(
        publication.codebook, publication.years, indicator, by, filters(where), items or None
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
        if selection.by[0] == YEAR and compare != "pairs":
            raise click.UsageError(
                f"--compare {compare} compares groups, and waves are no groups of one population:"
                " take --compare pairs or previous, or put another dimension first in --by."
            )
        test = measure.pairs if compare == "pairs" else measure.against
        differences = test(publication, selection, settings)
        tables.append(differences[["indicator", *selection.keys, *COMPARISON_COLUMNS]])
    elif compare == "previous":
        differences = measure.changes(publication, selection, settings)
        keys = dict.fromkeys([*selection.keys, YEAR])
        tables.append(differences[["indicator", *keys, *COMPARISON_COLUMNS]])
    print_tables(form, *tables)


@click.command()
@click.option(
    "--kind", type=click.Choice(["published", "reference"]), default="published", show_default=True
)
@click.option("--indicator", help="Only this indicator or theme.")
@click.option("--year", type=int, help="Only this year.")
@form_option
@click.pass_obj
def figures(home: Home, kind: str, indicator: str | None, year: int | None, form: str) -> None:
    """Figures that were printed elsewhere: this barometer's in the press, or other surveys'."""
    rows = figure_files.load(home.data, kind)
    if indicator:
        rows = rows[rows["indicator" if kind == "published" else "theme"] == indicator]
    if year is not None:
        rows = rows[rows[YEAR] == year]
    print_tables(form, rows)


@click.command()
@click.argument("reference")
@form_option
@click.pass_obj
def receipt(home: Home, reference: str, form: str) -> None:
    """Find the figures of a REFERENCE again, and say whether they changed since it was given."""
    publication = current(home)
    declared = declarations.load(home.data, publication.codebook)
    found = recall.recall(publication, store.Publications(home).named, declared, reference)
    wanted = ("indicator", *found.keys, *ESTIMATE_COLUMNS)
    columns = [name for name in wanted if name in found.now]
    tables = [found.now[columns].assign(publication=publication.id)]
    if found.changed:
        click.echo(f"Changed: from {found.receipt.publication} to {publication.id}.", err=True)
        if found.then is not None:
            then = found.then[columns].assign(publication=found.receipt.publication)
            tables.insert(0, then)
    else:
        click.echo(f"Unchanged: {found.receipt.publication} to {publication.id}.", err=True)
    print_tables(form, *tables)
