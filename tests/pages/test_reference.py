"""The page of printed figures: each with its source, none lost, none joined to our series."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
Visit = Callable[..., Any]
SPACES = {0xA0: " ", 0x202F: " "}


def _file(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _plain(text: object) -> str:
    return str(text).replace("\\", "")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_published_figure_is_there_as_printed(visit: Visit, language: str) -> None:
    text = _plain(visit("reference", lang=language).text)
    rows = _file("published_figures.csv")
    agree, differ = {
        "fr": ("nos données concordent", "nos données diffèrent"),
        "en": ("our data agree", "our data differ"),
    }[language]
    assert text.count(agree) == len(rows)
    assert differ not in text
    for row in rows:
        assert f"« {row['printed_as']} »".translate(SPACES) in text.translate(SPACES)
        assert row[f"reading_{language}"].translate(SPACES) in text.translate(SPACES)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_reference_figure_is_there_with_its_address(visit: Visit, language: str) -> None:
    table = next(d.value for d in visit("reference", lang=language).at.dataframe)
    rows = _file("reference_figures.csv")
    assert len(table) == len(rows)
    label = {"fr": "Chiffre", "en": "Figure"}[language]
    assert list(table[label]) == [row[f"label_{language}"] for row in rows]
    address = {"fr": "Adresse", "en": "Address"}[language]
    assert list(table[address]) == [row["source_address"] for row in rows]
    assert all(
        value.translate({0x202F: " "}).endswith("%")
        for value in table.filter(like="Val").iloc[:, 0]
    )


def test_nothing_is_drawn_so_nothing_is_joined(visit: Visit) -> None:
    assert visit("reference", lang="en").figures == {}


def test_a_theme_narrows_the_list(visit: Visit) -> None:
    seen = visit("reference", lang="en").choose("theme", ["crm_scope"])
    table = next(d.value for d in seen.at.dataframe)
    assert set(table["Theme"]) == {"CRM project scope"}
    assert 0 < len(table) == sum(r["theme"] == "crm_scope" for r in _file("reference_figures.csv"))
