"""What changed in the questionnaire is listed and recorded on the command line as on the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from barometer import codebook
from barometer.cli import main
from barometer.cli.whole import replaced
from barometer.codebook import BREAKS
from barometer.intake import Column, Mapping
from barometer.intake import mapping as mappings

from ..intake.conftest import CLUBS


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A survey of clubs, with the mapping of its last wave, and this year's beside it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "codebook.toml").write_text(CLUBS, encoding="utf-8")
    letter = Column(source="Q1", target="means:letter", label="Courrier")
    stage = Column(source="Q2", target="stage", answers={"1": "Oui"})
    mappings.save(Mapping(name="2008", year=2008, columns=(letter, stage)), tmp_path / "data")
    later = (
        letter.model_copy(update={"label": "Courrier postal"}),
        Column(source="Q3", target="means:text", label="SMS"),
    )
    now = Mapping(name="2009", year=2009, columns=later)
    (tmp_path / "now.toml").write_text(now.toml(), encoding="utf-8")
    return tmp_path


def test_changes_are_listed_and_those_named_recorded_once(home: Path) -> None:
    listed = run("--home", home, "breaks", home / "now.toml", "--format", "json")
    kinds = {(row["kind"], row["target"], row["break"]) for row in json.loads(listed.stdout)}
    assert kinds == {
        ("reworded", "means:letter", False),
        ("new", "means:text", False),
        ("gone", "stage", False),
    }
    assert not (home / "data" / BREAKS).exists()
    done = run("--home", home, "breaks", home / "now.toml", "--record", "all")
    assert done.exit_code == 0 and "Trend breaks recorded from 2009 on: 1." in done.stderr
    again = run("--home", home, "breaks", home / "now.toml", "--record", "means:letter")
    assert "recorded from 2009 on: 0." in again.stderr
    [cut] = codebook.load(home / "data").breaks
    assert (cut.indicator, cut.items, cut.year) == ("means", ("letter",), 2009)


def test_what_cannot_be_recorded_is_a_sentence(home: Path) -> None:
    wrong = run("--home", home, "breaks", home / "now.toml", "--record", "nothing")
    assert wrong.exit_code == 1 and "nothing changed about it" in wrong.stderr
    now = mappings.load(home / "now.toml")
    guess = tuple(column.model_copy(update={"confirmed": False}) for column in now.columns)
    text = now.model_copy(update={"columns": guess}).toml()
    (home / "guess.toml").write_text(text, encoding="utf-8")
    doubtful = run("--home", home, "breaks", home / "guess.toml", "--record", "all")
    assert doubtful.exit_code == 1 and "a guess still" in doubtful.stderr
    gone = run("--home", home, "breaks", home / "now.toml", "--record", "stage")
    assert gone.exit_code == 0 and "no series compares across it" in gone.stderr
    assert not (home / "data" / BREAKS).exists()


def test_a_file_that_fails_half_way_leaves_the_last_one_and_nothing_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "wave.csv"
    path.write_bytes(b"last")
    with pytest.raises(RuntimeError), replaced(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert [one.name for one in tmp_path.iterdir()] == ["wave.csv"]
    assert path.read_bytes() == b"last"
