"""The page of printed figures: each with its source, none lost, none joined to our series."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
Visit = Callable[..., Any]


def _file(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _plain(text: object) -> str:
    return str(text).replace("\\", "")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_published_figure_is_there_as_printed(visit: Visit, language: str) -> None:
    (table,) = (t.value for t in visit("reference", lang=language).at.table)
    printed, answered, agrees, read = (
        [_plain(cell) for cell in table.iloc[:, column]] for column in (1, 2, 3, 4)
    )
    rows = sorted(_file("published_figures.csv"), key=lambda row: row["year"])
    assert len(printed) == len(rows)
    for row in rows:
        assert any(row["printed_as"] in text for text in printed)
        assert row[f"reading_{language}"] in read
    assert all(answered)
    assert set(agrees) == {{"fr": "oui", "en": "yes"}[language]}


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
