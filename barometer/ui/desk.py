"""Where a wave is imported: who is there, in which language, and what is online meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from barometer.access import Visitor
from barometer.declarations import Declarations
from barometer.store import Publication
from barometer.words import Translate, translator


@dataclass(frozen=True)
class Desk:
    """What the steps of an import need to know; `online` is None before the first publication."""

    online: Publication | None
    declared: Declarations
    language: str
    visitor: Visitor

    @property
    def words(self) -> Translate:
        """The interface's words in the visitor's language."""
        return translator(self.language)
