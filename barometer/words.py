"""The words of the interface in each language, from the catalogues of locales/."""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parent.parent / "locales"
SOURCE_LANGUAGE = "en"  # the language that the code is written in

Translate = Callable[[str], str]


@cache
def translator(language: str) -> Translate:
    """The function from an English text of the code to its text in a language."""
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations().gettext
    with (LOCALES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled).gettext
