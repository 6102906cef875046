"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    import pyarrow as pa


def write(path: Path, content: bytes) -> None:
    """Put a whole file in its place: as `replaced` does."""
    with replaced(path) as file:
        file.write(content)


def write_rows(path: Path, batches: Iterable[pa.Table]) -> None:
    """Put the rows of tables of the same columns, one at least, in their place as CSV."""
    import pyarrow.csv as pacsv

    tables = iter(batches)
    first = next(tables)
    with replaced(path) as file, pacsv.CSVWriter(file, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


@contextmanager
def replaced(path: Path) -> Iterator[BinaryIO]:
    """A file to write, put in its place by a rename at the end: until then what was there stays.

    What is no file, such as /dev/stdout, is written as it is.
    Raises click.ClickException naming the path where it cannot be written.
    """
    made: Path | None = None
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        place = path.resolve()  # a link stays one
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        made = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        made.chmod(0o666 & ~mask)
        made.replace(place)
        made = None
    except OSError as fault:
        raise click.ClickException(
            f"{path} cannot be written: {fault.strerror or fault}"
        ) from fault
    finally:
        if made is not None:
            with suppress(OSError):
                made.unlink()
