"""One column of an export taken for one target, and from which confidence on that is sure."""

from __future__ import annotations

from dataclasses import dataclass

from barometer.intake.mapping import Blank
from barometer.intake.profiles import Profile
from barometer.intake.targets import Target

SURE = 0.8  # under this confidence a guess waits for somebody to confirm it
ALIKE = 0.86  # likeness from which two answers are taken for one
UNCERTAIN = 0.6


@dataclass(frozen=True)
class Guess:
    """One column taken for one target."""

    profile: Profile
    target: Target
    confidence: float
    reason: str
    values: dict[str, str]
    missing: tuple[str, ...] = ()
    separator: str = ""
    blank: Blank = "missing"
    in_columns: bool = False  # one of the columns of a question, each of which holds one answer
