"""Files on their way to a wave: read, mapped, weighed and validated, the same for each command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from barometer import intake, validation
from barometer.cli.whole import write
from barometer.codebook import Codebook
from barometer.intake import Draft, Fault, FaultyFile, Reader
from barometer.intake import mapping as mappings
from barometer.intake import weights as weighting
from barometer.intake.draft import Checked
from barometer.render import validation as rendered
from barometer.validation import Notice
from barometer.weighting import After, Bounds, Report

mapping_option = click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="How the columns of an export become those of a wave: see the command map.",
)


@dataclass(frozen=True)
class Raking:
    """What the weights of a wave are raked to, and within what."""

    margins: Path
    bounds: Bounds
    after: After
    from_file: bool

    @classmethod
    def asked(cls, options: Mapping[str, Any]) -> Raking | None:
        """What `raking_options` were given; None without --margins."""
        if options["margins_file"] is None:
            return None
        return cls(
            options["margins_file"],
            Bounds(options["lower"], options["upper"]),
            "trimmed" if options["trim"] else "bounded",
            not options["afresh"],
        )


def raking_options(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the options of raking to a command."""
    options = [
        click.option(
            "--margins",
            "margins_file",
            type=click.Path(path_type=Path),
            required=required,
            help="Table of the margins: dimension, level, target (share, percentage or count), and"
            " year where waves differ.",
        ),
        click.option("--lower", default=0.0, help="Least weight, where the mean is 1."),
        click.option("--upper", default=float("inf"), help="Most weight, where the mean is 1."),
        click.option(
            "--trim",
            is_flag=True,
            help="Cut at the bounds once raked: margins are then missed a little.",
        ),
        click.option(
            "--afresh", is_flag=True, help="Start from equal weights, not from the file's."
        ),
    ]

    def added(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return added


def read(
    files: Sequence[Path],
    mapping_file: Path | None,
    book: Codebook,
    progress: Callable[[float, str], object] = lambda share, step: None,
) -> list[Draft]:
    """The drafts of files of any format, faults and all; those of a mapping where it is given.

    Raises FaultyFile, with the faults of every file that cannot be read, or MappingError.
    """
    mapping = mappings.load(mapping_file) if mapping_file else None
    drafts: list[Draft] = []
    faults: list[Fault] = []
    with Reader() as reader:
        for number, path in enumerate(files):
            progress(number / len(files), path.name)
            try:
                drafts.append(_draft(path, mapping, book, reader))
            except FaultyFile as faulty:
                faults += faulty.faults
    if faults:
        raise FaultyFile(faults)
    return drafts


def clean(drafts: Iterable[Draft]) -> None:
    """Raises FaultyFile with the faults of all drafts, where there are some."""
    if faults := [fault for draft in drafts for fault in draft.faults]:
        raise FaultyFile(faults)


def raked(draft: Draft, book: Codebook, how: Raking) -> tuple[Draft, dict[int, Report]]:
    """The draft with raked weights, and a report a wave.

    Raises FaultyFile, of the draft or of its margins, and WeightingError.
    """
    rows = _table(how.margins, book)
    asked = weighting.margins(rows.to_pylist(), book, how.margins.name)
    return weighting.weighted(draft, book, asked, how.bounds, how.after, from_file=how.from_file)


def say_raking(reports: Mapping[int, Report]) -> None:
    """How raking went, a sentence a wave, on standard error."""
    for year, report in reports.items():
        click.echo(
            f"{year}: raked in {report.iterations} rounds, efficiency {report.efficiency:.1%},"
            f" weights from {report.least:.3g} to {report.most:.3g}, effective base"
            f" {report.base_before:.0f} before and {report.base_after:.0f} after.",
            err=True,
        )
        for note in report.notes:
            click.echo(f"{year}: {note}", err=True)


def say_warnings(warnings: Iterable[Notice]) -> None:
    """What validation found odd, a sentence a warning, on standard error."""
    for notice in warnings:
        rows = f" Rows {', '.join(map(str, notice.rows))}." if notice.rows else ""
        rule = validation.rule_words(notice.rule, str)
        click.echo(f"Warning, {rule}: {notice}{rows}", err=True)


def write_report(report: validation.Report, path: Path, language: str) -> None:
    """The report of a validation as a page or a table, as the name of the file ends."""
    make = rendered.table if path.suffix.lower() == ".csv" else rendered.page
    write(path, make(report, language))


def _draft(path: Path, mapping: mappings.Mapping | None, book: Codebook, reader: Reader) -> Draft:
    if mapping is None and path.suffix.lower() == ".csv":
        text = intake.read(path, book.limits)
        table = text.columns.append_column(intake.SOURCE_ROW, pa.array(text.rows))
        draft = Draft(text.file, table, sha256=text.sha256)
        try:
            return replace(draft, checked=Checked(table, book, intake.check(text, book)))
        except FaultyFile as faulty:
            return replace(draft, faults=tuple(faulty.faults))
    return intake.draft_of(path, book, mapping, reader=reader)


def _table(path: Path, book: Codebook) -> pa.Table:
    """A table of margins, of any format."""
    if path.suffix.lower() in (".csv", ".tsv", ".txt", ""):
        read = intake.read(path, book.limits)
        if read.faults:
            raise FaultyFile(list(read.faults))
        return read.columns
    return intake.read_raw(path, book.limits).columns
