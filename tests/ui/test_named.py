"""What a column becomes is said in words, and no two targets in the same ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from barometer import codebook
from barometer.intake.targets import targets
from barometer.ui.named import every

BAROMETER = Path(__file__).resolve().parents[2] / "data"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_target_is_shown_by_its_code_alone(language: str) -> None:
    known = targets(codebook.load(BAROMETER))
    labels = every(known, language)
    assert set(labels) == {"", *known} and len(set(labels.values())) == len(labels)
    assert labels["respondent_id"] != "respondent_id" and "respondent_id" not in labels.values()
    assert not set(known) & set(labels.values())
