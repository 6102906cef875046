"""From the export of a survey tool to a published wave on the command line, in one go."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from barometer.cli import main
from barometer.intake.mapping import saved
from barometer.store import Home, Publications

PROJECT = Path(__file__).resolve().parents[2]
MAKE = PROJECT / "tests" / "intake" / "exports" / "make.py"
SCHOOLS = PROJECT / "tests" / "barometers" / "schools"


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_exports_for_commands", MAKE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def done(*arguments: object) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Path:
    """The demonstration, published, for one test alone."""
    return Path(shutil.copytree(home, tmp_path / "own"))


@pytest.fixture
def schools(tmp_path: Path) -> Path:
    built = shutil.ignore_patterns(
        "barometer.duckdb*", "respondents", "audit.jsonl", "publications"
    )
    return Path(shutil.copytree(SCHOOLS, tmp_path / "schools", ignore=built))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "spss_2008.sav"
    _maker().spss(path)
    return path


def test_an_export_is_published_with_raked_weights_in_one_go(
    own: Path, export: Path, tmp_path: Path
) -> None:
    home = ("--home", own)
    mapping, report = tmp_path / "mapping.toml", tmp_path / "report.html"
    done(*home, "map", export, "--output", mapping, "--blank", "zero")
    checked = done(
        *home, "check", export, "--mapping", mapping, "--report", report, "--lang", "fr",
        "--format", "json",
    )  # fmt: skip
    assert "is clean: 240 respondents, wave 2008." in checked.stderr
    assert json.loads(checked.stdout) == []
    assert "Aucun défaut trouvé" in report.read_text(encoding="utf-8")

    margins = tmp_path / "margins.xlsx"
    book = dimension(own)
    targets = [1.0] * (len(book["levels"]) - 1)  # the last level weighs nearly everything
    targets.append(100 - sum(targets))
    pd.DataFrame({"dimension": book["code"], "level": book["levels"], "target": targets}).to_excel(
        margins, index=False
    )
    weighed = tmp_path / "weighed.csv"
    asked = (export, "--mapping", mapping, "--margins", margins)
    rows = json.loads(done(*home, "weight", *asked, "--output", weighed, "--format", "json").stdout)
    reached = [row["after"] for row in rows if row.get("level")]
    assert reached == pytest.approx([target / 100 for target in targets], abs=1e-9)
    assert pd.read_csv(weighed)["weight"].mean() == pytest.approx(1)
    told = json.loads(done(*home, "check", weighed, "--format", "json").stdout)
    assert {row["rule"] for row in told} >= {"weights"}
    assert all(row["warning"] and row["file"] == "weighed.csv" for row in told)

    before = Publications(Home(own)).current()
    seen = done(*home, "publish", *asked, "--preview", "--format", "json")
    assert [row["wave"] for row in json.loads(seen.stdout)][-1] == 2008
    assert "2008: raked in" in seen.stderr and "Warning, uneven weights: " in seen.stderr
    unchanged = Publications(Home(own)).current()
    assert before is not None and unchanged is not None and unchanged.id == before.id

    put = done(*home, "publish", *asked, "--format", "json")
    after = Publications(Home(own)).current()
    assert after is not None and after.id != before.id and after.years == [2008]
    assert f"Publication {after.id} is current" in put.stderr
    assert after.manifest["warnings"]
    assert [kept.name for kept in saved(own / "data")] == ["spss_2008"]
    events = json.loads(done(*home, "audit", "--format", "json").stdout)
    assert [event["action"] for event in events[-2:]] == ["publish", "import"]


def dimension(home: Path) -> dict[str, Any]:
    """A dimension of which the export has every level, and those levels."""
    from barometer import codebook

    book = codebook.load(home / "data")
    found = book.main_dimension
    return {"code": found.code, "levels": [level.code for level in found.levels]}


def test_a_faulty_export_is_reported_and_publishes_nothing(schools: Path, tmp_path: Path) -> None:
    wave = schools / "data" / "waves" / "wave_2000.csv"
    frame = pd.read_csv(wave, dtype=str).fillna("")
    frame.loc[0, "sch_wide"] = "Maybe"
    path, report = tmp_path / "wave.xlsx", tmp_path / "report.csv"
    frame.to_excel(path, index=False)
    result = run("--home", schools, "check", path, "--report", report)
    assert result.exit_code == 1 and "1 fault(s)" in result.stderr
    assert "Maybe" in report.read_text(encoding="utf-8-sig")
    refused = run("--home", schools, "publish", path)
    assert refused.exit_code == 1 and "1 fault(s), nothing was published." in refused.stderr
    assert "wave.xlsx, row 2, column sch_wide: found 'Maybe'" in refused.stderr
    assert Publications(Home(schools)).current() is None
    frame.loc[0, "sch_wide"] = "Yes"
    frame.to_excel(path, index=False)
    assert "is current: 2000 (n = 200)" in done("--home", schools, "publish", path).stdout


def test_what_cannot_be_written_or_asked_together_is_a_sentence(
    schools: Path, tmp_path: Path
) -> None:
    wave = schools / "data" / "waves" / "wave_2000.csv"
    nowhere = run("--home", schools, "check", wave, "--report", tmp_path / "no" / "r.html")
    assert nowhere.exit_code == 1 and "cannot be written: No such file" in nowhere.stderr
    assert run("--home", schools, "check", wave, "--report", "r.pdf").exit_code == 2
    alone = run("--home", schools, "publish", "--margins", "m.csv")
    assert alone.exit_code == 2 and "need FILES" in alone.stderr
    absent = run("--home", schools, "publish", wave, "--margins", tmp_path / "m.csv")
    assert absent.exit_code == 1 and "m.csv: the file cannot be opened" in absent.stderr
    assert Publications(Home(schools)).current() is None


@pytest.mark.parametrize("command", ["publish", "map", "weight", "check"])
def test_a_file_that_cannot_be_read_is_an_answer_that_a_program_can_read(
    schools: Path, tmp_path: Path, command: str
) -> None:
    empty, margins = tmp_path / "empty.csv", tmp_path / "margins.csv"
    empty.touch()
    margins.write_text("dimension,level,target\n")
    further = ("--margins", margins) if command == "weight" else ()
    result = run("--home", schools, command, empty, *further, "--format", "json")
    assert result.exit_code == 1
    [fault] = json.loads(result.stdout)
    assert (fault["file"], fault["row"]) == ("empty.csv", None)
    assert fault["expected"].startswith("the file is empty")
    for_a_person = run("--home", schools, command, empty, *further)
    if command != "check":
        assert for_a_person.stdout == "" and "the file is empty" in for_a_person.stderr
