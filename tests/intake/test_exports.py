"""Exports of survey tools come back as the respondents that they were made from, guessed alone."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pyreadstat
import pytest
from click.testing import CliRunner

from barometer.cli import main
from barometer.intake import Draft, Mapping, RawTable, Reader, apply
from barometer.intake.guess import SURE, guess
from barometer.intake.mapping import load

MAKE = Path(__file__).parent / "exports" / "make.py"
EMPTY_BOXES = ("qualtrics_2008.csv", "sphinx_2008.csv")  # a box not ticked is an empty cell
TOOLS = ["limesurvey_2008.csv", "qualtrics_2008.csv", "sphinx_2008.csv", "spss_2008.sav"]


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_exports", MAKE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = _maker()


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    for name, maker in make.MAKERS.items():
        maker(folder / name)
    return folder


@pytest.fixture(scope="module")
def imported(exports: Path, reader: Reader) -> Callable[[str], tuple[RawTable, Mapping, Draft]]:
    book, _ = make.demonstration()
    found: dict[str, Any] = {}

    def importing(name: str) -> tuple[RawTable, Mapping, Draft]:
        if name not in found:
            raw = reader.read(exports / name)
            mapping = guess(raw, book).decided("zero")
            found[name] = (raw, mapping, apply(raw, mapping, book))
        return found[name]

    return importing


@pytest.mark.parametrize("name", TOOLS)
def test_an_export_is_the_wave_that_it_was_made_from(imported: Any, name: str) -> None:
    """Every answer of every respondent, found by guesses that are all sure."""
    book, rows = make.demonstration()
    _, mapping, draft = imported(name)
    assert mapping.doubtful == [] and draft.faults == ()
    wave = draft.wave(book)
    assert wave.years == [make.YEAR]
    cells = draft.table.to_pydict()
    base = 16 if name.startswith("qualtrics") else 10
    kept = [int(text.removeprefix("R_"), base) for text in cells["respondent_id"]]
    boxed = {column for _, _, column, _ in make.boxes(book, rows)}
    asked = [c for c in rows[0] if not c.startswith(("respondent", "year", "prov", "strat"))]
    for column in asked:
        answers = [rows[number - 1][column] for number in kept]
        if column == "weight":
            if column in cells:  # the Qualtrics example has none
                told = [float(text.replace(",", ".")) for text in cells[column]]
                assert told == list(map(float, answers))
            continue
        if name in EMPTY_BOXES and column in boxed:
            answers = [answer or "0" for answer in answers]
        assert [cell or "" for cell in cells[column]] == answers, column


@pytest.mark.parametrize("name", TOOLS)
def test_a_guess_says_why_and_a_mapping_comes_back_from_its_file(
    imported: Any, tmp_path: Path, name: str
) -> None:
    _, mapping, _ = imported(name)
    for column in mapping.columns:
        assert column.reason
        assert column.confirmed == (column.confidence >= SURE) or not column.target
    path = tmp_path / "mapping.toml"
    path.write_text(mapping.toml(), encoding="utf-8")
    assert load(path) == mapping


def test_unfinished_interviews_are_left_out_and_counted(imported: Any) -> None:
    raw, mapping, draft = imported("limesurvey_2008.csv")
    assert mapping.complete == "Date de soumission"
    assert draft.table.num_rows == len(raw.rows) - 20
    assert draft.notes == (
        "20 rows are left out: Date de soumission says that they were not finished.",
    )


def test_multiple_response_sets_of_spss_are_read(exports: Path, reader: Reader) -> None:
    raw = reader.read(exports / "spss_2008.sav")
    told = pyreadstat.read_sav(str(exports / "spss_2008.sav"), metadataonly=True)[1].mr_sets
    assert len(raw.sets) == len(told) == 3
    assert raw.sets[0].counted == "1"
    assert raw.sets[0].label == raw.sets[0].label.strip() != ""
    assert set(raw.sets[0].columns) <= set(raw.names)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_same_export_is_understood_in_either_language(
    tmp_path: Path, reader: Reader, language: str
) -> None:
    book, _ = make.demonstration()
    make.limesurvey(tmp_path / "export_2008.csv", language)
    mapping = guess(reader.read(tmp_path / "export_2008.csv"), book)
    assert mapping.doubtful == []
    assert len([column for column in mapping.columns if column.target]) == 228


# --- the command line -----------------------------------------------------------------------------


def run(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_from_an_export_to_a_clean_wave_on_the_command_line(
    home: Path, exports: Path, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.toml"
    undecided = run("map", exports / "sphinx_2008.csv", "--output", mapping)
    assert "83 columns tied, 3 doubtful" in undecided.stderr and "--blank" in undecided.stderr
    wanted = ["--output", mapping, "--blank", "zero", "--force"]
    mapped = run("map", exports / "sphinx_2008.csv", *wanted)
    assert mapped.exit_code == 0
    assert "86 columns tied, 0 doubtful, 0 left out" in mapped.stderr
    wave = tmp_path / "wave.csv"
    checked = run("check", exports / "sphinx_2008.csv", "--mapping", mapping, "--output", wave)
    assert checked.exit_code == 0
    assert "is clean: 240 respondents, wave 2008." in checked.stderr
    assert "is clean: 240 respondents, wave 2008." in run("check", wave).stderr
    again = run("map", exports / "sphinx_2008.csv", "--output", mapping)
    assert again.exit_code == 1 and "--force" in again.stderr


def test_doubts_are_listed_and_refused_until_they_are_confirmed(
    home: Path, exports: Path, tmp_path: Path
) -> None:
    text = (exports / "limesurvey_2008.csv").read_text(encoding="utf-8-sig")
    export = tmp_path / "export_2008.csv"
    export.write_text(text.replace('"Ouest"', '"Bretagne"'), encoding="utf-8")
    mapping = tmp_path / "mapping.toml"
    mapped = run("map", export, "--output", mapping, "--format", "json")
    rows = json.loads(mapped.stdout)
    [doubt] = [row for row in rows if row["status"] == "doubtful"]
    assert doubt["column"] == "Région" and "'Bretagne'" in doubt["reason"]
    checked = run("check", export, "--mapping", mapping, "--format", "json")
    assert checked.exit_code == 1
    faults = json.loads(checked.stdout)
    assert any("nobody confirmed" in fault["expected"] for fault in faults)


@pytest.mark.parametrize("text", ["not = [toml", 'columns = [{ sauce = "x" }]', "\xff"])
def test_a_mapping_that_is_no_mapping_is_a_sentence(
    home: Path, exports: Path, tmp_path: Path, text: str
) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_bytes(text.encode("latin-1"))
    checked = run("check", exports / "sphinx_2008.csv", "--mapping", mapping)
    assert checked.exit_code == 1
    assert checked.stderr.splitlines()[-1].startswith("mapping.toml: ")


def test_a_workbook_in_the_wave_format_needs_no_mapping(home: Path, tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.read_csv(make.PROJECT / "data" / "waves" / "wave_2007.csv", dtype=str)
    frame.iloc[:50].to_excel(tmp_path / "wave.xlsx", index=False, engine="xlsxwriter")
    checked = run("check", tmp_path / "wave.xlsx")
    assert checked.exit_code == 0 and "50 respondents, wave 2007" in checked.stderr
