"""Commands of who publishes: put waves online, see the history, go back, read the audit log."""

from __future__ import annotations

import getpass
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
import pandas as pd

from barometer import audit as audit_log
from barometer import codebook as codebooks
from barometer import history as publications
from barometer import store, validation, weighting
from barometer.cli import drafts
from barometer.cli.output import form_option, print_tables
from barometer.cli.progress import hold, interruptible, progress
from barometer.history import Change, Staged
from barometer.intake import Wave
from barometer.intake import mapping as mappings
from barometer.intake.parts import is_large
from barometer.oddities import Oddities
from barometer.store import Home, Publication, SupersededError

MOST_MEMORY = 100_000  # gigabytes
KEPT = "Stopped: nothing was published, and what is online stays."

preview_option = click.option(
    "--preview", is_flag=True, help="Say what would change, and change nothing."
)


def _gigabytes(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """A number of them that some machine has: an infinity, or no number, is none."""
    if not 1 <= value <= MOST_MEMORY:
        raise click.BadParameter(f"expected gigabytes, from 1 to {MOST_MEMORY:,}; got {value:g}")
    return value


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--if-none", is_flag=True, help="Do nothing where a publication exists.")
@click.option(
    "--memory",
    type=float,
    default=2,
    callback=_gigabytes,
    show_default=True,
    metavar="GB",
    help="What it may take, or so; what does not fit goes to disk.",
)
@click.option(
    "--engine",
    metavar="MASTER",
    help="Sum cells on Spark: spark://HOST:7077, yarn, k8s://…, sc://HOST, local-cluster[2,1,1024]."
    " Needs requirements-spark.txt.",
)
@click.option(
    "--shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --engine: a folder that its executors, who run as you, see too. Default: data/.",
)
@drafts.mapping_option
@drafts.raking_options(required=False)
@preview_option
@form_option
@click.pass_obj
def publish(
    home: Home,
    /,
    files: tuple[Path, ...],
    mapping_file: Path | None,
    if_none: bool,
    memory: float,
    engine: str | None,
    shared: Path | None,
    preview: bool,
    form: str,
    **raking: Any,
) -> None:
    """Check wave FILES (default: data/waves/*.csv) and put them online.

    CSV, XLSX, XLS, ODS, Parquet, SPSS and Stata; with --mapping, exports of a survey tool; with
    --margins, weights are raked first. What looks odd is said, and kept in the history; it stops
    nothing.
    """
    how = drafts.Raking.asked(raking)
    if not files and (mapping_file or how):
        raise click.UsageError("--mapping and --margins need FILES.")
    if shared is not None and engine is None:
        raise click.UsageError("--shared is where a cluster reads: say which with --engine.")
    if if_none and publications.current(home):
        return
    means = _Means(
        int(memory * 2**30),
        None if engine is None else store.Engine(engine, shared or home.data),
    )
    try:
        with interruptible(KEPT):
            if files and (mapping_file or how or not any(is_large(path) for path in files)):
                _publish_drafts(home, files, mapping_file, how, means, preview, form)
            else:
                _publish_files(home, files, means, preview, form)
    except SupersededError:
        if not if_none:  # else somebody published what was to be there
            raise


@dataclass(frozen=True)
class _Means:
    """What publishing may take: bytes of memory, and a cluster that sums."""

    memory: int
    engine: store.Engine | None


def _publish_files(
    home: Home, files: tuple[Path, ...], means: _Means, preview: bool, form: str
) -> None:
    """Wave files as they are, those too large to hold in parts; warnings are theirs too."""
    book = codebooks.load(home.data)
    oddities: dict[Path, Oddities] = defaultdict(lambda: Oddities(book))

    def look(path: Path, part: Wave, rows: npt.NDArray[np.int64]) -> None:
        if files:  # those of data/waves are here to stay: what is odd in them was said
            oddities[path].add(part, rows)

    with progress("Publishing") as show:
        staged = store.prepare_files(
            home, files, show, by=account(), memory=means.memory, engine=means.engine, look=look
        )
        with _thrown_away_if_it_fails(staged):
            online, made = store.Publications(home).current(), Publication(staged.folder)
            warnings = [
                notice
                for found in oddities.values()
                for notice in validation.noticed(found, online, made)
            ]
            staged.warn(validation.summary(warnings))
            hold()
    drafts.say_warnings(warnings)
    _conclude(staged, preview, form)
    if preview:
        return
    for path, found in oddities.items():
        audit_log.record(home, "import", account(), file=path.name, rows=found.count)


@contextmanager
def _thrown_away_if_it_fails(staged: Staged) -> Iterator[None]:
    try:
        yield
    except BaseException:
        staged.discard()
        raise


def _publish_drafts(
    home: Home,
    files: tuple[Path, ...],
    mapping_file: Path | None,
    how: drafts.Raking | None,
    means: _Means,
    preview: bool,
    form: str,
) -> None:
    """Files that fit in memory, as the page publishes them: mapped, weighed, validated."""
    book, by = codebooks.load(home.data), account()
    reports: list[dict[int, weighting.Report]] = []
    with progress("Publishing") as show:
        found = drafts.read(files, mapping_file, book, lambda share, step: show(0.3 * share, step))
        drafts.clean(found)
        if how is not None:
            pairs = [drafts.raked(draft, book, how) for draft in found]
            found, reports = [draft for draft, _ in pairs], [report for _, report in pairs]
        waves = [draft.wave(book) for draft in found]
        staged = store.prepare(
            home,
            book,
            waves,
            lambda share, step: show(0.3 + 0.6 * share, step),
            by=by,
            memory=means.memory,
            engine=means.engine,
        )
        with _thrown_away_if_it_fails(staged):
            online = store.Publications(home).current()
            made = Publication(staged.folder)
            warnings = [
                notice
                for draft in found
                for notice in validation.validate(draft, book, online, made).warnings
            ]
            staged.warn(validation.summary(warnings))
            hold()
    for report in reports:
        drafts.say_raking(report)
    drafts.say_warnings(warnings)
    _conclude(staged, preview, form)
    if preview:
        return
    for draft in found:
        audit_log.record(home, "import", by, file=draft.name, rows=draft.table.num_rows)
        if draft.mapping is not None:
            mappings.save(draft.mapping, home.data)


@click.command()
@preview_option
@form_option
@click.pass_obj
def demo(home: Home, preview: bool, form: str) -> None:
    """Bring the demonstration back: the waves of data/waves alone.

    What is online stays in the history: `rollback` brings it back.
    """
    with interruptible(KEPT), progress("Publishing the demonstration") as show:
        staged = store.prepare_demonstration(home, show, by=account())
        hold()
    _conclude(staged, preview, form)


@click.command()
@form_option
@click.pass_obj
def history(home: Home, form: str) -> None:
    """List the publications that are here, newest first: who, when, what, warnings."""
    rows = [
        {
            "current": "online" if entry.current else "",
            "id": entry.id,
            "created": entry.created,
            "by": entry.by,
            "waves": _waves(entry.waves),
            "warnings": entry.warnings,
            "notes": " ".join(entry.notes),
        }
        for entry in publications.entries(home)
    ]
    print_tables(form, pd.DataFrame(rows, dtype=object))


@click.command()
@click.argument("publication", required=False)
@form_option
@click.pass_obj
def rollback(home: Home, publication: str | None, form: str) -> None:
    """Put an earlier PUBLICATION online again (default: the one before the current)."""
    before = {entry.id: entry for entry in publications.entries(home)}
    left = before.get(publications.current(home) or "")
    entry = publications.rollback(home, publication, by=account())
    _say_changes(publications.changes(list(left.waves) if left else [], list(entry.waves)), form)
    click.echo(
        f"Publication {entry.id} is online again: {_waves(entry.waves)}", err=form != "table"
    )


@click.command()
@click.option("--action", type=click.Choice(audit_log.ACTIONS), help="Only these events.")
@click.option("--last", type=click.IntRange(1), help="Only so many, the newest.")
@form_option
@click.pass_obj
def audit(home: Home, action: str | None, last: int | None, form: str) -> None:
    """Print the audit log, oldest first: sign-ins, imports, publications, exports."""
    events = [e for e in audit_log.events(home) if action is None or e["action"] == action]
    events = events[-last:] if last else events
    if form != "json":
        events = [
            {
                "at": event["at"],
                "who": event["who"],
                "action": event["action"],
                "what": ", ".join(
                    f"{name} {value}"
                    for name, value in event.items()
                    if name not in ("at", "who", "action") and value != ""
                ),
            }
            for event in events
        ]
    print_tables(form, pd.DataFrame(events, dtype=object))


def account() -> str:
    """Who is at the command line: the name of the account, for the history and the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        return "command line"


def _conclude(staged: Staged, preview: bool, form: str) -> None:
    """Put what was prepared online, unless it was only to be looked at, and say what changes."""
    known = {entry.id: entry for entry in publications.entries(staged.home)}
    before = list(known[staged.base].waves) if staged.base in known else []
    if preview:
        publication = Publication(staged.folder)
        staged.discard()
        said = "Nothing was published. These waves would be online"
    else:
        publication = store.go_online(staged)
        said = f"Publication {publication.id} is current"
    manifest = publication.manifest
    for note in manifest["notes"]:
        click.echo(note, err=True)
    if preview or form != "table":
        _say_changes(publications.changes(before, manifest["waves"]), form)
    click.echo(f"{said}: {_waves(manifest['waves'])}", err=form != "table")


def _say_changes(changes: list[Change], form: str) -> None:
    rows = [
        {
            "wave": change.year,
            "change": change.what,
            "n_before": change.n_before,
            "n_after": change.n_after,
            "provenance": change.provenance,
        }
        for change in changes
    ]
    print_tables(form, pd.DataFrame(rows, dtype=object))


def _waves(waves: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{wave['year']} (n = {wave['n']})" for wave in waves)
