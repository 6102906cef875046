"""Command of the survey owner: what changed in the questionnaire, recorded as trend breaks."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import click
import pandas as pd

from barometer import codebook as codebooks
from barometer.cli.inputs import earlier_option
from barometer.cli.output import abridged, form_option, print_tables
from barometer.intake import breaks as trend
from barometer.intake import mapping as mappings
from barometer.intake.mapping import Change, MappingError
from barometer.store import Home

ALL = "all"


@click.command()
@click.argument("mapping_file", metavar="MAPPING", type=click.Path(dir_okay=False, path_type=Path))
@earlier_option
@click.option(
    "--record",
    multiple=True,
    metavar="TARGET",
    help="Record what changed about this target as a trend break; again for another. `all`: every"
    " one that is reworded or has other answers.",
)
@click.option("--year", type=int, help="The wave from which they count. Default: the mapping's.")
@form_option
@click.pass_obj
def breaks(
    home: Home,
    mapping_file: Path,
    earlier: Path | None,
    record: tuple[str, ...],
    year: int | None,
    form: str,
) -> None:
    """List what changed in the questionnaire since an earlier MAPPING, and record trend breaks.

    They are written into data/breaks.toml, beside the codebook, which stays as it is; charts are
    cut there from the next publication on.
    """
    book = codebooks.load(home.data)
    now = mappings.load(mapping_file)
    mappings.verify(now, book)
    kept = (one for one in mappings.saved(home.data) if one != now)
    names = [column.source for column in now.columns]
    before = mappings.load(earlier) if earlier else mappings.nearest(kept, names)
    if before is None:
        raise MappingError("There is no earlier mapping to compare with; name one with --earlier")
    changes = mappings.changes(before, now)
    chosen = _chosen(changes, record, now)
    wave = year or now.year
    if chosen and wave is None:
        raise MappingError(f"{mapping_file.name}: it gives no year; say from which wave by --year")
    found = [(change, trend.breaks_of(change, book, wave or 0)) for change in chosen]
    count = trend.record([cut for _, cuts in found for cut in cuts], home.data)
    cut_by = {change for change, cuts in found if cuts}
    rows = [{"break": change in cut_by, **vars(change)} for change in changes]
    print_tables(form, abridged(pd.DataFrame(rows, dtype=object), form))
    for change, cuts in found:
        if not cuts:
            click.echo(f"{change.target} ({change.kind}): no series compares across it.", err=True)
    if chosen:
        click.echo(f"Trend breaks recorded from {wave} on: {count}. Publish to see them.", err=True)


def _chosen(
    changes: Collection[Change], record: Collection[str], now: mappings.Mapping
) -> list[Change]:
    """The changes to record. Raises MappingError for a target that has none, or that is a guess."""
    if record and (doubtful := now.doubtful):
        raise MappingError(
            f"column {doubtful[0].source}: this is a guess still; confirm it before breaks count"
        )
    targets = {change.target for change in changes}
    for code in record:
        if code != ALL and code not in targets:
            listed = ", ".join(sorted(targets)) or "none"
            raise MappingError(f"--record {code}: nothing changed about it; what changed: {listed}")
    return [
        change
        for change in changes
        if change.target in record or (ALL in record and change.kind in trend.CUTTING)
    ]
