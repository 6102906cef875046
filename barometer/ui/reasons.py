"""Why a column was guessed, in the visitor's language: mappings keep their reasons in English."""

from __future__ import annotations

import re

from barometer.words import Translate


def why(reason: str, _: Translate) -> str:
    """The words of a reason; names, values and numbers in it stay as they are."""
    for pattern, words in _phrases(_):
        found = re.search(pattern, reason)
        if found is not None:
            said = words.format(*found.groups())
            reason = reason[: found.start()] + said + reason[found.end() :]
    return reason


def _phrases(_: Translate) -> list[tuple[str, str]]:
    """What guesses say, longer phrases first, and its translation."""
    return [
        (
            r"its name, and each value stands once in a wave",
            _("its name, and each value stands once in a wave"),
        ),
        (r"its name, and each value stands once", _("its name, and each value stands once")),
        (
            r"same name as before, but its codes mean other answers",
            _("same name as before, but its codes mean other answers"),
        ),
        (
            r"as in the earlier mapping, but words are written: they tick it",
            _("as in the earlier mapping, but words are written: they tick it"),
        ),
        (
            r"as in the earlier mapping, but with other values",
            _("as in the earlier mapping, but with other values"),
        ),
        (
            r"1 taken for yes, 2 for no, check them",
            _("1 taken for yes, 2 for no, check them"),
        ),
        (
            r"as in the earlier mapping, but not parted so",
            _("as in the earlier mapping, but not parted so"),
        ),
        (r"its name may mean a weight", _("its name may mean a weight")),
        (r"numbers around 1, as weights are", _("numbers around 1, as weights are")),
        (r"its name, and numbers(?: above 0)?", _("its name, and numbers")),
        (r"([\d, ]+): no answer\?", _("{0}: no answer?")),
        (r"its name, and years", _("its name, and years")),
        (r"^its name(?=$|;)", _("its name")),
        (
            r"the same name, but the values are no box",
            _("the same name, but the values are no box"),
        ),
        (r"the same name", _("the same name")),
        (r"same name as before, in other words", _("same name as before, in other words")),
        (r"dates from (\d+) to (\d+): as many waves\?", _("dates from {0} to {1}: as many waves?")),
        (r"dates of (\d+)", _("dates of {0}")),
        (r"as in the earlier mapping", _("as in the earlier mapping")),
        (r"earlier mapping; new answer: (.+)", _("earlier mapping; new answer: {0}")),
        (
            r"its words; codes taken in the questionnaire's order, check them",
            _("its words; codes taken in the questionnaire's order, check them"),
        ),
        (r"^its words(?=$|;)", _("its words")),
        (
            r"codes taken in the questionnaire's order, check them",
            _("codes taken in the questionnaire's order, check them"),
        ),
        (r"it stands where this is asked", _("it stands where this is asked")),
        (
            r"words alike at (\d+)%, but its answers are not",
            _("words alike at {0}%, but its answers are not"),
        ),
        (r"one column an answer", _("one column an answer")),
        (
            r"what is written beside the boxes of this question",
            _("what is written beside the boxes of this question"),
        ),
        (
            r"an answer that the codebook has not: who gives it alone has none of its own",
            _("an answer that the codebook has not: who gives it alone has none of its own"),
        ),
        (r"(\d+)% of the answers are its own", _("{0}% of the answers are its own")),
        (
            r"item alike at (\d+)%, its question's columns at (\d+)%",
            _("item alike at {0}%, its question's columns at {1}%"),
        ),
        (r"numbers, words alike at (\d+)%", _("numbers, words alike at {0}%")),
        (r"words alike at (\d+)%", _("words alike at {0}%")),
        (
            r"(\d+) rows tick nothing: none, or no answer\?",
            _("{0} rows tick nothing: none, or no answer?"),
        ),
        (
            r"(\d+) rows leave some boxes without an answer",
            _("{0} rows leave some boxes without an answer"),
        ),
        (r"what number is (.+?)\?", _("what number is {0}?")),
        (r"words taken for numbers, check them", _("words taken for numbers, check them")),
        (r"one answer of several", _("one answer of several")),
        (r"what is (.+?)\?", _("what is {0}?")),
        (r"(\S+) fits as well", _("{0} fits as well")),
        (r"parted by (\S+)", _("parted by {0}")),
        (r"nothing like it", _("nothing like it")),
        (r"^chosen$", _("chosen")),
    ]
