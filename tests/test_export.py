"""The command that writes files: whole or not at all, and a sentence where it cannot."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from pptx import Presentation

from barometer.cli import main
from barometer.render import browser


@pytest.fixture(autouse=True)
def at_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command speaks of the published copy, and writes in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, ["export", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def written(*arguments: str | Path) -> Path:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return Path(result.stdout.splitlines()[-1])


def test_the_yearly_deck_is_written_as_cron_asks_for_it(tmp_path: Path) -> None:
    path = written("--deck", "yearly", "--where", "year=2003", "--format", "pptx")
    assert path.name == "barometer_2003_fr.pptx" and list(tmp_path.iterdir()) == [tmp_path / path]
    assert 12 <= len(Presentation(str(path)).slides) <= 15
    packed = written("--deck", "yearly", "--where", "year=2003", "--lang", "en", "--format", "csv")
    names = zipfile.ZipFile(packed).namelist()
    assert packed.name == "barometer_2003_en_csv.zip"
    assert names[0].startswith("01_main_channels") and names[0].endswith("_2003_en.csv")


@pytest.mark.parametrize("form", ["pptx", "xlsx", "html", "csv", "svg"])
def test_a_chart_is_written_in_every_format(form: str, tmp_path: Path) -> None:
    if form == "svg" and browser.find() is None:
        pytest.skip("no Chromium or Chrome here")
    where = ("--where", "year=2003", "--where", "sector=retail")
    path = written("--chart", "crm_stages", *where, "--out", tmp_path / f"one.{form}")
    content = path.read_bytes()
    if form == "pptx":
        assert len(Presentation(io.BytesIO(content)).slides) == 1
    elif form == "xlsx":
        assert len(openpyxl.load_workbook(io.BytesIO(content)).sheetnames) == 1
    else:
        assert "données synthétiques" in " ".join(content.decode("utf-8-sig").split())


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = written("--chart", "crm_stages", "--format", "csv", "--out", "decks/2007/")
    assert (tmp_path / path).parent == tmp_path / "decks" / "2007" and path.suffix == ".csv"


def test_a_failed_export_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "deck.csv"
    old.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = run("--chart", "crm_stages", "--out", old)
    assert result.exit_code == 1 and "No space left" in result.stderr
    assert old.read_text() == "old" and list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--chart", "nothing", "--format", "csv"], 1, "there is no chart nothing; there are:"),
        (["--deck", "nothing", "--format", "csv"], 1, "there is no deck nothing; there are:"),
        (["--chart", "crm_stages", "--where", "year=1999", "--format", "csv"], 1, "1999"),
        (["--chart", "crm_stages", "--where", "sector=space", "--format", "csv"], 1, "space"),
        (["--chart", "channel_fit", "--where", "year=2003", "--format", "csv"], 1, "2003"),
        (["--chart", "crm_stages", "--out", "/nowhere/x.csv"], 1, "/nowhere/x.csv cannot be"),
        (["--format", "csv"], 2, "--chart or --deck"),
        (["--chart", "crm_stages", "--deck", "yearly", "--format", "csv"], 2, "only one"),
        (["--chart", "crm_stages"], 2, "--format is needed"),
        (["--chart", "crm_stages", "--out", "x.docx"], 2, "--format is needed"),
        (["--chart", "crm_stages", "--format", "csv", "--out", "x.xlsx"], 2, "is a .csv file"),
        (["--deck", "yearly", "--out", "x.png"], 2, "is a .zip file"),
        (["--chart", "crm_stages", "--where", "2003", "--format", "csv"], 2, "DIMENSION=LEVEL"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    arguments: list[str], status: int, sentence: str, tmp_path: Path
) -> None:
    result = run(*arguments)
    assert result.exit_code == status and sentence in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_template_that_is_none_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "mine.pptx"
    wrong.write_bytes(b"not a presentation")
    result = run("--chart", "crm_stages", "--format", "pptx", "--template", wrong)
    assert result.exit_code == 1 and "mine.pptx:" in result.stderr


def test_without_a_browser_an_image_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(browser, "find", lambda: None)
    result = run("--chart", "crm_stages", "--lang", "en", "--format", "png")
    assert result.exit_code == 1 and "apt-get install chromium" in result.stderr
    assert list(tmp_path.iterdir()) == []
