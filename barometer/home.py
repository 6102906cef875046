"""The folder of a barometer: where its data, queries and publications are."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent


@lru_cache(64)
def _resolved(folder: Path) -> Path:
    """Where a folder is, asked once: each run of a page asks for its home several times."""
    return folder.resolve()


@dataclass(frozen=True)
class Home:
    """The folder of a barometer: its own data/ and queries/indicators/."""

    folder: Path

    @classmethod
    def at(cls, folder: str | os.PathLike[str] | None = None) -> Home:
        """The home at a folder, else at BAROMETER_HOME, else the project itself."""
        where = Path(folder or os.environ.get("BAROMETER_HOME") or PROJECT)
        return cls(_resolved(where) if where.is_absolute() else where.resolve())

    @property
    def data(self) -> Path:
        """Codebook, charts and waves; what is built from them too."""
        return self.folder / "data"

    @property
    def databases(self) -> Path:
        """The owner's respondents, one database a publication: private, never served."""
        return self.data / "respondents"

    @property
    def database(self) -> Path:
        """The database of the publication online, by one name whichever it is: a link."""
        return self.data / "barometer.duckdb"

    @property
    def publications(self) -> Path:
        """The folder of publications, and of the name of the current one."""
        return self.data / "publications"

    @property
    def audit(self) -> Path:
        """Who signed in, imported, published, went back or exported: one line each, appended."""
        return self.data / "audit.jsonl"

    @property
    def indicators(self) -> Path:
        """One query an indicator."""
        return self.folder / "queries" / "indicators"

    def wave_files(self) -> list[Path]:
        """The wave files that come with the barometer, by name."""
        return sorted((self.data / "waves").glob("*.csv"))

    def settings(self, section: str) -> dict[str, Any]:
        """A section of data/settings.toml, empty where there is none.

        Raises ValueError where the file is not TOML or the section is not a table.
        """
        path = self.data / "settings.toml"
        if not path.exists():
            return {}
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8")).get(section, {})
        except (OSError, ValueError) as fault:
            raise ValueError(f"{path}: this cannot be read as TOML: {fault}") from None
        if not isinstance(found, dict):
            raise ValueError(f"{path}: expected [{section}] to be a table of settings")
        return found
