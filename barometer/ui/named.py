"""What a column becomes, in words: a question, an item of one, or the frame of the survey."""

from __future__ import annotations

from barometer.intake.targets import DOT, Target
from barometer.words import translator

LONGEST = 80  # characters of a question after the words of its item


def named(target: Target, language: str) -> str:
    """The words of a target: those of its question too where it is an item of one."""
    _ = translator(language)
    frame = {
        "id": _("Identifier of the respondent"),
        "year": _("Wave"),
        "stratum": _("Stratum"),
        "weight": _("Weight"),
        "provenance": _("Survey or synthetic"),
    }
    if target.kind in frame:
        return frame[target.kind]
    words, wording = target.words[language], target.wording[language]
    if words == wording:
        return words
    short = wording if len(wording) <= LONGEST else f"{wording[: LONGEST - 1]}…"
    return f"{words}{DOT}{short}"


def every(known: dict[str, Target], language: str) -> dict[str, str]:
    """The words of each target by its code, nothing among them; those of two say their code."""
    _ = translator(language)
    words = {code: named(target, language) for code, target in known.items()}
    seen: dict[str, int] = {}
    for one in words.values():
        seen[one] = seen.get(one, 0) + 1
    told = {code: one if seen[one] == 1 else f"{one} ({code})" for code, one in words.items()}
    return {"": _("– left out –")} | told
