"""The demonstration sample: what its script writes is what is published, in the import format."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from barometer import codebook

DATA = Path(__file__).parents[1] / "data"
YEARS = range(2000, 2008)
BOOK = codebook.load(DATA)
OWN_DIMENSIONS = [d for d in BOOK.dimensions if d.question is None]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the script has just written."""
    folder = tmp_path_factory.mktemp("demonstration") / "waves"
    subprocess.run([sys.executable, DATA / "demonstration.py", folder], check=True)
    return folder


@pytest.fixture(scope="module", params=YEARS)
def wave(request: pytest.FixtureRequest) -> tuple[int, list[dict[str, str]]]:
    """Year and rows of a published wave file."""
    with (DATA / "waves" / f"wave_{request.param}.csv").open(encoding="utf-8", newline="") as file:
        return request.param, list(csv.DictReader(file))


def _asked_channels(year: int) -> list[str]:
    """What the questionnaire of a year asks: leaves, and mobile itself before its children."""
    channels = BOOK.by_indicator["channel_adoption"]
    leaves = [item for item in channels.items if not channels.children(item.code)]
    if year >= 2006:
        return [item.code for item in leaves]
    first = {"e_mailing", "website", "mobile"}
    established = {item.code for item in leaves if item.attributes["stage"] == "established"}
    return [item.code for item in channels.items if item.code in first | established]


@pytest.mark.parametrize("year", YEARS)
def test_files_are_reproduced_byte_for_byte(generated: Path, year: int) -> None:
    name = f"wave_{year}.csv"
    assert (generated / name).read_bytes() == (DATA / "waves" / name).read_bytes()


def test_text_is_plain(generated: Path) -> None:
    files = sorted(generated.iterdir())
    assert [file.name for file in files] == [f"wave_{year}.csv" for year in YEARS]
    assert sum(file.stat().st_size for file in files) < 6_000_000
    for file in files:
        content = file.read_bytes()
        assert content.isascii() and b"\r" not in content and content.endswith(b"\n")


def test_columns_are_those_of_the_questionnaire(wave: tuple[int, list[dict[str, str]]]) -> None:
    year, rows = wave
    channels = _asked_channels(year)
    expected = [*codebook.FRAME_COLUMNS, *(dimension.code for dimension in OWN_DIMENSIONS)]
    for question in BOOK.questions:
        if question.code in ("channel_adoption", "channel_activity"):
            expected += [
                f"{question.code}:{item.code}"
                for item in question.items
                if item.code.split(":")[0] in channels
            ]
        elif question.code != "channel_fit" or year >= 2006:
            expected += question.columns
    assert list(rows[0]) == expected


def test_frame(wave: tuple[int, list[dict[str, str]]]) -> None:
    year, rows = wave
    assert 960 <= len(rows) <= 1060
    assert [row["respondent_id"] for row in rows] == [
        f"{year}-{number:04}" for number in range(1, len(rows) + 1)
    ]
    assert {row["year"] for row in rows} == {str(year)}
    assert {row["provenance"] for row in rows} == {"synthetic"}
    assert all(row["stratum"] == f"{row['relational_model']}/{row['size']}" for row in rows)
    for dimension in OWN_DIMENSIONS:
        codes = {level.code for level in dimension.levels}
        assert {row[dimension.code] for row in rows} == codes


def test_weights_are_constant_in_a_stratum(wave: tuple[int, list[dict[str, str]]]) -> None:
    _, rows = wave
    strata = {row["stratum"]: row["weight"] for row in rows}
    assert len(strata) == 9
    assert all(row["weight"] == strata[row["stratum"]] for row in rows)
    assert all(re.fullmatch(r"\d+\.\d{4}", weight) for weight in strata.values())
    assert all(
        float(strata[f"{model}/small"])
        > float(strata[f"{model}/medium"])
        > float(strata[f"{model}/large"])
        > 0
        for model in ("b2b", "b2c", "b2b2c")
    )
    assert min(Counter(row["stratum"] for row in rows).values()) > 30


def test_answers_are_in_the_codebook(wave: tuple[int, list[dict[str, str]]]) -> None:
    _, rows = wave
    for question in BOOK.questions:
        columns = [column for column in question.columns if column in rows[0]]
        found = {row[column] for column in columns for row in rows}
        if question.kind == "multiple":
            assert found == {"0", "1"}
        elif question.kind == "rating":
            assert found <= {"", "1", "2", "3", "4", "5"}
        else:
            blank = {""} if question.asked_if else set()
            assert found == {item.code for item in question.items} | blank


def test_answers_agree_with_each_other(wave: tuple[int, list[dict[str, str]]]) -> None:
    year, rows = wave
    segments = [i.code for i in BOOK.lists["segments"].items]
    rated = [i.code for i in BOOK.lists["fit_channels"].items]
    criteria = [i.code for i in BOOK.lists["criteria"].items]
    for row in rows:
        assert (row["crm_scope"] != "") == (row["crm_project"] in ("launched", "implemented"))
        for channel in _asked_channels(year):
            activities = [
                row[f"channel_activity:{channel}:{activity.code}"]
                for activity in BOOK.lists["activities"].items
            ]
            assert row[f"channel_adoption:{channel}"] == "1" or "1" not in activities
        if year >= 2006:
            for segment in segments:
                for channel in rated:
                    marks = [row[f"channel_fit:{segment}:{channel}:{c}"] for c in criteria]
                    assert all(marks) or not any(marks)
