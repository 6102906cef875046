"""The reasons of guesses are said in the visitor's language, all of them."""

from __future__ import annotations

import pytest

from barometer.ui.reasons import why
from barometer.words import translator


@pytest.mark.parametrize(
    ("reason", "french"),
    [
        ("its name", "son nom"),
        ("its name, and years", "son nom, et des années"),
        ("dates of 2008", "dates de 2008"),
        (
            "dates from 2008 to 2009: as many waves?",
            "dates de 2008 à 2009\u00a0: autant de vagues\u202f?",
        ),
        (
            "100% of the answers are its own, words alike at 93%, parted by ';'",
            "100\u202f% des réponses sont les siennes, mots proches à 93\u202f%, séparées par ';'",
        ),
        ("the same name; what is 'Bretagne'?", "le même nom; que veut dire 'Bretagne'\u202f?"),
        ("its name; area fits as well", "son nom; area convient aussi"),
        (
            "as in the earlier mapping, but not parted so; parted by ', '",
            "comme dans la correspondance précédente, mais séparées autrement; séparées par ', '",
        ),
        ("its words; what is '7'?", "ses mots; que veut dire '7'\u202f?"),
    ],
)
def test_a_reason_is_said_in_french_and_unchanged_in_english(reason: str, french: str) -> None:
    assert why(reason, translator("fr")) == french
    assert why(reason, translator("en")) == reason


def test_what_a_file_says_is_no_pattern() -> None:
    assert why("what is '{0.__class__}'?", translator("en")) == "what is '{0.__class__}'?"
