"""What commands are given: the current publication, filters written DIMENSION=LEVEL."""

from __future__ import annotations

from pathlib import Path

import click

from barometer import store
from barometer.store import Home, Publication, PublicationError

earlier_option = click.option(
    "--earlier",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Mapping of an earlier wave. Default: the nearest of data/mappings/.",
)


def current(home: Home) -> Publication:
    """What is online now.

    Raises PublicationError where nothing is published yet.
    """
    publication = store.Publications(home).current()
    if publication is None:
        raise PublicationError(
            f"{home.publications}: nothing is published yet; run: python -m barometer publish"
        )
    return publication


def filters(where: tuple[str, ...]) -> dict[str, list[str]]:
    """Levels kept, a list per dimension, of --where options such as year=2003.

    Raises click.UsageError where one has no equals sign.
    """
    kept: dict[str, list[str]] = {}
    for pair in where:
        dimension, sign, level = pair.partition("=")
        if not sign:
            raise click.UsageError(f"--where {pair}: expected DIMENSION=LEVEL, such as year=2003.")
        kept.setdefault(dimension, []).append(level)
    return kept
