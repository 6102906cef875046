"""The command that writes a chart or a deck to a file, from a terminal or from cron."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from barometer import deck as decks
from barometer import declarations
from barometer import figures as figure_files
from barometer.cells import SelectionError, select
from barometer.charts import View
from barometer.cli.inputs import current, filters
from barometer.cli.whole import write
from barometer.codebook import LANGUAGES, YEAR
from barometer.deck import Deck, Wanted
from barometer.declarations import Declarations
from barometer.home import Home
from barometer.render import files
from barometer.render.browser import BrowserError
from barometer.store import Publication

ENDS = ("pptx", "xlsx", "png", "svg", "pdf", "html", "csv")


@click.command()
@click.option("--chart", "chart", help="Name of a chart of charts.toml.")
@click.option("--deck", "deck", help="Name of a deck of charts.toml; every barometer has yearly.")
@click.option(
    "--where", multiple=True, metavar="DIMENSION=LEVEL", help="Such as year=2003; may be repeated."
)
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
@click.option("--format", "form", type=click.Choice(ENDS), help="Default: as --out ends.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write, or folder to write into, made where it is not there: a name without an"
    " ending. Default: this folder, a name that says what.",
)
@click.option(
    "--template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A .pptx or .potx whose masters, fonts and colours slides take.",
)
@click.option("--site", default="", help="Address of the barometer, for the links in notes.")
@click.pass_obj
def export(
    home: Home,
    chart: str | None,
    deck: str | None,
    where: tuple[str, ...],
    language: str,
    form: str | None,
    out: Path | None,
    template: Path | None,
    site: str,
) -> None:
    """Write a chart or a deck to a file.

    The file takes its place at once, when it is whole: an export that fails leaves what was there.
    Images and tables of a deck come in a ZIP.
    """
    if (chart is None) == (deck is None):
        raise click.UsageError("one of --chart or --deck is needed, and only one.")
    ends = form or _ending(out)
    _check(out, files.FORMATS[ends].name("", several=deck is not None))
    asked = _Asked(home, current(home), language, site.rstrip("/"))
    with click.progressbar(length=1000, label="Exporting", file=sys.stderr) as bar:

        def follow(done: int, every: int, name: str) -> None:
            bar.update(int(1000 * done / max(every, 1)) - bar.pos)

        try:
            made = asked.of_chart(chart, where) if chart else asked.of_deck(deck or "", where)
            look = _template(template, language) if ends == "pptx" else None
            if chart:
                content = files.chart(made.slides[0], made, ends, look)
                name = files.FORMATS[ends].name(made.slides[0].spec.file_name, several=False)
            else:
                content = files.deck(made, ends, look, follow)
                name = files.FORMATS[ends].name(made.file_name, several=True)
            bar.update(1000 - bar.pos)
        except BrowserError as fault:
            raise click.ClickException(str(fault)) from fault
    for sentence in made.missing:
        click.echo(f"Left out: {sentence}", err=True)
    path = _path(out, name)
    write(path, content)
    click.echo(path)


@dataclass(frozen=True)
class _Asked:
    """What an export is made from."""

    home: Home
    publication: Publication
    language: str
    site: str

    @property
    def declared(self) -> Declarations:
        return declarations.load(self.home.data, self.publication.codebook)

    def of_chart(self, name: str, where: tuple[str, ...]) -> Deck:
        """A deck of one chart. Raises SelectionError where it has nothing to draw."""
        declared = self.declared
        if name not in declared.by_name:
            raise SelectionError(
                f"there is no chart {name}; there are: {', '.join(declared.by_name)}"
            )
        view = self._view(where, declared.by_name[name].indicator)
        printed = figure_files.load(self.home.data, "published")
        made = decks.build(
            self.publication, declared, [Wanted(name, view)], view, printed, site=self.site
        )
        if not made.slides:
            raise SelectionError(f"chart {name}: {' '.join(made.missing)}")
        return made

    def of_deck(self, code: str, where: tuple[str, ...]) -> Deck:
        """A declared deck. Raises SelectionError where no chart of it has anything to draw."""
        declared = self.declared
        wanted = declared.deck(code)
        if wanted is None:
            known = ", ".join(deck.code for deck in declared.decks)
            raise SelectionError(f"there is no deck {code}; there are: {known}")
        about = declared.by_name[wanted.charts[0]].indicator
        view = self._view(where, about)
        printed = figure_files.load(self.home.data, "published")
        made = decks.yearly(self.publication, declared, wanted, view, printed, site=self.site)
        if not made.slides:
            raise SelectionError(f"deck {code}: {' '.join(made.missing)}")
        return made

    def _view(self, where: tuple[str, ...], indicator: str) -> View:
        """The wave and filters asked; without a wave, the last one."""
        kept, years = filters(where), self.publication.years
        asked = kept.setdefault(YEAR, [str(years[-1])])
        if len(asked) > 1:
            raise click.UsageError("--where year: one wave is needed; lines show them all anyway.")
        chosen = select(self.publication.codebook, years, indicator, where=kept).where
        others = tuple(pair for pair in chosen if pair[0] != YEAR)
        return View(int(asked[0]), others, self.language)


def _ending(out: Path | None) -> str:
    """The format that the name of a file says."""
    ends = "" if out is None else out.suffix.lstrip(".").lower()
    if ends not in ENDS:
        raise click.UsageError(f"--format is needed: one of {', '.join(ENDS)}.")
    return ends


def _check(out: Path | None, name: str) -> None:
    """Raise UsageError where a file would not be what its name says."""
    ending = Path(f"x{name}").suffix
    if out is not None and not _folder(out) and out.suffix.lower() != ending:
        raise click.UsageError(f"--out {out}: what is written here is a {ending} file.")


def _folder(out: Path) -> bool:
    """Whether a path is a folder, or is to be one: a file's name says what it holds."""
    return out.is_dir() or not (out.suffix or out.exists())


def _path(out: Path | None, name: str) -> Path:
    """Where a file goes. Raises click.ClickException where its folder cannot be made."""
    if out is None:
        return Path(name)
    if not _folder(out):
        return out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise click.ClickException(f"{out} cannot be made: {fault.strerror}") from fault
    return out / name


def _template(path: Path | None, language: str):  # type: ignore[no-untyped-def]
    """The template at a path, checked, what it lacks said on stderr; None without one."""
    if path is None:
        return None
    from barometer.render import powerpoint

    try:
        found = powerpoint.template(path.read_bytes(), language)
    except ValueError as fault:
        raise click.ClickException(f"{path}: {fault}") from fault
    for sentence in found.missing:
        click.echo(sentence, err=True)
    return found
