"""The command line: one module a group of commands, read when one of its commands is run."""

from __future__ import annotations

import signal
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from barometer.cells import SelectionError
from barometer.cli.progress import StoppedError
from barometer.codebook import CodebookError
from barometer.intake import FaultyFile, MappingError
from barometer.store import Home, PublicationError
from barometer.weighting import WeightingError

WRONG = (
    *(CodebookError, FaultyFile, MappingError, PublicationError),
    *(SelectionError, WeightingError),
)
COMMANDS = {  # name of a command → the module of barometer.cli that holds a function of that name
    "publish": "publishing",
    "check": "waves",
    "weight": "weights",
    "history": "publishing",
    "rollback": "publishing",
    "demo": "publishing",
    "audit": "publishing",
    "map": "mappings",
    "confirm": "doubts",
    "breaks": "breaks",
    "estimate": "estimates",
    "figures": "estimates",
    "receipt": "estimates",
    "refresh": "decks",
    "serve": "serving",
    "export": "export",
}


class Barometer(click.Group):
    """A group whose commands end with a sentence and status 1 where the user's data are wrong."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name: only its own module is imported."""
        if name not in COMMANDS:
            return None
        command = getattr(import_module(f"barometer.cli.{COMMANDS[name]}"), name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; its own kinds of fault, and Ctrl-C, are sentences, not tracebacks."""
        try:
            return super().invoke(ctx)
        except WRONG as fault:
            if isinstance(fault, FaultyFile):
                from barometer.cli.output import print_faults  # and pandas

                print_faults(ctx, fault.faults)
            click.echo(str(fault), err=True)
            ctx.exit(1)
        except StoppedError as fault:
            click.echo(f"\n{fault}", err=True)
            ctx.exit(fault.status)
        except KeyboardInterrupt:
            click.echo("\nStopped.", err=True)
            ctx.exit(128 + signal.SIGINT)


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
