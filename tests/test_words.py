"""The catalogue: every English text of the program has its French one, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from barometer import words

PROJECT = Path(__file__).resolve().parent.parent
KEYWORDS = {"_": None}


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """Every text that the program hands to a translator, with where."""
    found = extract_from_dir(PROJECT / "barometer", [("**.py", "python")], keywords=KEYWORDS)
    return {
        str(message[0] if isinstance(message, tuple) else message): f"{file}:{line}"
        for file, line, message, *_ in found
    }


@pytest.fixture(scope="module")
def french() -> Catalog:
    with (PROJECT / "locales" / "fr.po").open("rb") as file:
        return read_po(file, locale="fr")


def test_every_text_has_its_french(said: dict[str, str], french: Catalog) -> None:
    translated = {message.id for message in french if message.id and message.string}
    assert {text: where for text, where in said.items() if text not in translated} == {}


def test_no_french_is_left_over(said: dict[str, str], french: Catalog) -> None:
    assert {message.id for message in french if message.id} - set(said) == set()


def test_no_french_is_a_guess(french: Catalog) -> None:
    assert [message.id for message in french if message.id and message.fuzzy] == []


def test_placeholders_are_the_same_in_both(french: Catalog) -> None:
    def names(text: str) -> set[str | None]:
        return {field for _, field, *_ in Formatter().parse(text)} - {None}

    wrong = {m.id for m in french if m.id and names(str(m.id)) != names(str(m.string))}
    assert wrong == set()


def test_french_has_its_own_spaces_and_apostrophes(french: Catalog) -> None:
    """No-break before : ; ? ! %, curly apostrophes: what a French typesetter would mark."""
    wrong = {
        message.string
        for message in french
        if message.id
        and re.search(
            r"[^\s\d][:;?!%](\s|$)| [:;?!%]|\w'\w",
            re.sub(r"\{\w+\}|https?://\S+", "x", str(message.string)),
        )
    }
    assert wrong == set()


def test_the_translator_speaks_each_language() -> None:
    assert words.translator("en")("All") == "All"
    assert words.translator("fr")("All") == "Ensemble"
    assert words.translator("fr")("not a text of the program") == "not a text of the program"


def test_a_text_is_never_put_together_from_pieces() -> None:
    """_(f"…") and _(a + b) cannot be found in a catalogue."""
    faults = [
        f"{path.name}: {match[0]}"
        for path in (PROJECT / "barometer").rglob("*.py")
        for match in re.finditer(
            r"(?<![\w.])_\(\s*(f[\"']|[a-z]\w*\s*[+)])", path.read_text(encoding="utf-8")
        )
    ]
    assert faults == []
