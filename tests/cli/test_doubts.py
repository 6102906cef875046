"""What a mapping is not sure of is listed and confirmed on the command line, a question at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from barometer.cli import main
from barometer.intake import Column, Mapping
from barometer.intake import mapping as mappings

from ..intake.conftest import CLUBS

GRID = ("means:letter", "means:text")


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "codebook.toml").write_text(CLUBS, encoding="utf-8")
    boxes = [
        Column(source=f"Q1_{n}", target=code, values={"9": "0"}, confidence=0.5, confirmed=False,
               reason=f"item alike at 7{n}%")
        for n, code in enumerate(GRID)
    ]  # fmt: skip
    stage = Column(source="Q2", target="stage", confidence=0.6, confirmed=False, reason="its name")
    mapping = Mapping(name="2009", year=2009, columns=(*boxes, stage))
    (tmp_path / "now.toml").write_text(mapping.toml(), encoding="utf-8")
    return tmp_path


def test_a_question_is_confirmed_at_once_and_made_doubtful_again(home: Path) -> None:
    path = home / "now.toml"
    before = path.read_bytes()
    listed = json.loads(run("--home", home, "confirm", path, "--format", "json").stdout)
    assert path.read_bytes() == before  # listing writes nothing
    assert [row["columns"] for row in listed] == [["Q1_0", "Q1_1"], ["Q2"]]
    assert listed[0]["become"] == list(GRID) and listed[0]["read as"] == {"9": "0"}
    done = run("--home", home, "confirm", path, "means")
    assert "1 columns wait to be confirmed" in done.stderr and "Q2" in done.stdout
    assert [column.source for column in mappings.load(path).doubtful] == ["Q2"]
    run("--home", home, "confirm", path, "means", "--undo")
    assert path.read_bytes() == before
    wrong = run("--home", home, "confirm", path, "nothing")
    assert wrong.exit_code == 1 and "questions that wait: means, stage" in wrong.stderr
    assert path.read_bytes() == before
