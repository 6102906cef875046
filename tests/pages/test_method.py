"""The page of data and method: waves, questions, breaks and formulas, from the publication."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
Visit = Callable[..., Any]


def test_every_wave_is_there_with_its_respondents_and_provenance(visit: Visit) -> None:
    seen = visit("method", lang="en")
    waves = next(t for t in seen.tables if "Provenance" in t.columns)
    for year, n in zip(waves["Wave"], waves["Respondents"], strict=True):
        lines = (DATA / "waves" / f"wave_{year}.csv").read_text(encoding="utf-8").splitlines()
        assert int(n.replace(",", "")) == len(lines) - 1
    assert list(waves["Wave"]) == [str(year) for year in range(2000, 2008)]
    assert set(waves["Provenance"]) == {"synthetic"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_indicator_has_its_question_and_definition(
    visit: Visit, answers: Any, language: str
) -> None:
    text = visit("method", lang=language).text
    for indicator in answers.publication.codebook.indicators:
        assert indicator.label[language] in text
        assert indicator.definition[language] in text
    for question in answers.publication.codebook.questions:
        assert question.wording[language] in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_break_has_its_reason(visit: Visit, answers: Any, language: str) -> None:
    text = visit("method", lang=language).text
    for cut in answers.publication.codebook.breaks:
        assert cut.reason[language] in text


def test_thresholds_are_those_of_the_codebook(visit: Visit) -> None:
    text = visit("method", lang="en").text
    assert "under 30 the figure is marked fragile, under 10 it is not shown" in text


def test_the_publication_on_screen_is_named(visit: Visit, answers: Any) -> None:
    assert answers.publication.id in visit("method", lang="fr").text
