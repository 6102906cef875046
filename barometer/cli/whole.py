"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import click


def write(path: Path, content: bytes) -> None:
    """Put a whole file in its place by a rename: until then what was there stays.

    Raises click.ClickException naming the path where it cannot be written.
    """
    made: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        made = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        made.chmod(0o666 & ~mask)
        made.replace(path)
    except OSError as fault:
        if made is not None:
            with suppress(OSError):
                made.unlink()
        raise click.ClickException(f"{path} cannot be written: {fault.strerror}") from fault
