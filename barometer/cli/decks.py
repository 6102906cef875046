"""Commands about decks: what changed in one, and the deck again with this year's numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click
import pandas as pd

from barometer import declarations, figures
from barometer import refresh as refreshing
from barometer.cli.inputs import current
from barometer.cli.output import form_option, print_tables
from barometer.cli.whole import write
from barometer.render import powerpoint
from barometer.store import Home, PublicationError, Publications


@click.command()
@click.argument("deck", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the deck again here, with the new numbers.",
)
@click.option("--year", type=int, help="Wave to move to. Default: the last one.")
@click.option("--same-wave", is_flag=True, help="Keep each slide's wave: were its data replaced?")
@click.option(
    "--lang", "language", type=click.Choice(["fr", "en"]), default="en", show_default=True
)
@form_option
@click.pass_obj
def refresh(
    home: Home,
    deck: Path,
    out: Path | None,
    year: int | None,
    same_wave: bool,
    language: Literal["fr", "en"],
    form: str,
) -> None:
    """What changed in a DECK that was exported here; with --out, the deck with new numbers."""
    publication = current(home)
    year = None if same_wave else year or publication.years[-1]
    if year is not None and year not in publication.years:
        waves = ", ".join(map(str, publication.years))
        raise click.UsageError(f"--year {year}: there is no such wave; there are {waves}.")
    try:
        content = deck.read_bytes()
        held = powerpoint.memories(content, language)
        if not held:
            raise PublicationError(f"{deck}: no slide of this file was exported by a barometer.")
        plan = refreshing.plan(
            publication,
            declarations.load(home.data, publication.codebook),
            held,
            figures.load(home.data, "published"),
            year,
            spoken=language,
            former=Publications(home).named,
        )
        new, left = powerpoint.refreshed(content, plan, language)
    except ValueError as fault:
        raise PublicationError(f"{deck}: {fault}") from None
    rows = [
        {"slide": one.position + 1, "number": change.where, "before": change.before,
         "now": change.after, "verdict": change.verdict}
        for one in plan.slides
        for change in one.changes
    ]  # fmt: skip
    print_tables(form, pd.DataFrame(rows, dtype=object))
    compared = sum(one.compared for one in plan.slides)
    sure = sum(change.significant is True for one in plan.slides for change in one.changes)
    click.echo(f"{len(rows)} of {compared} numbers differ; {sure} significantly.", err=True)
    for sentence in left:
        click.echo(sentence, err=True)
    if out is not None:
        write(out, new)
        click.echo(f"Written: {out}", err=True)
