"""One process that reads files, and a small bilingual survey that exports are mapped to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from barometer import codebook
from barometer.codebook import Codebook
from barometer.intake import Reader

CLUBS = """
title = { fr = "Enquête auprès des clubs", en = "Survey of clubs" }
respondents = "clubs"
source = "clubs"

[[dimensions]]
code = "area"
label = { fr = "Région", en = "Region" }
levels = [
  { code = "north", label = { fr = "Nord et Est", en = "North and East" } },
  { code = "south", label = { fr = "Sud", en = "South" } },
  { code = "west", label = { fr = "Ouest", en = "West" } },
]

[[dimensions]]
code = "members"
label = { fr = "Taille du club", en = "Size of the club" }
levels = [
  { code = "small", label = { fr = "Moins de 50 membres", en = "Under 50 members" } },
  { code = "big", label = { fr = "50 membres et plus", en = "50 members and more" } },
]

[[questions]]
code = "stage"
kind = "single"
wording = { fr = "Où en est votre projet de site ?", en = "How far has your website come?" }
items = [
  { code = "none", label = { fr = "Aucun projet", en = "No project" } },
  { code = "planned", label = { fr = "Envisagé", en = "Intended" } },
  { code = "done", label = { fr = "En ligne", en = "Online" } },
]

[[questions]]
code = "means"
kind = "multiple"
wording = { fr = "Par quels moyens écrivez-vous aux membres ?", en = "How do you write to members?" }
items = [
  { code = "letter", label = { fr = "Courrier", en = "Letter" } },
  { code = "e_mail", label = { fr = "E-mail", en = "E-mail" } },
  { code = "text", label = { fr = "SMS", en = "Text message" } },
]

[lists.things]
items = [
  { code = "hall", label = { fr = "Salle", en = "Hall" } },
  { code = "bus", label = { fr = "Minibus", en = "Minibus" } },
]

[lists.terms]
items = [
  { code = "soon", label = { fr = "Moins d'un an", en = "Under one year" } },
  { code = "later", label = { fr = "Plus d'un an", en = "Over one year" } },
]

[[questions]]
code = "plans"
kind = "multiple"
of = ["things", "terms"]
wording = { fr = "Dans quoi comptez-vous investir ?", en = "What do you plan to invest in?" }

[[questions]]
code = "opinion"
kind = "rating"
minimum = 1
maximum = 5
wording = { fr = "Quelle note donnez-vous à chaque service ?", en = "How do you rate each service?" }
items = [
  { code = "advice", label = { fr = "Conseil", en = "Advice" } },
  { code = "insurance", label = { fr = "Assurance", en = "Insurance" } },
]

[[questions]]
code = "matches"
kind = "number"
minimum = 0
wording = { fr = "Combien de matchs par an ?", en = "How many matches a year?" }

[[indicators]]
code = "means"
kind = "multiple"
questions = ["means"]
label = "Means"
definition = "Means"
base = "all clubs"

[[indicators]]
code = "stage"
kind = "single"
questions = ["stage"]
label = "Stage"
definition = "Stage"
base = "all clubs"
"""


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader() as running:
        yield running


@pytest.fixture(scope="session")
def clubs(tmp_path_factory: pytest.TempPathFactory) -> Codebook:
    folder = tmp_path_factory.mktemp("clubs")
    (folder / "codebook.toml").write_text(CLUBS, encoding="utf-8")
    return codebook.load(folder)
