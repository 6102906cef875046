"""Margins are read as people write them, and a draft leaves with the weights that they ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from barometer import codebook as codebooks
from barometer.cli import main
from barometer.codebook import Codebook
from barometer.intake import SOURCE_ROW, Draft, FaultyFile, read
from barometer.intake import weights as weighting
from barometer.weighting import WeightingError

SCHOOLS = Path(__file__).resolve().parents[1] / "barometers" / "schools"
WAVE = SCHOOLS / "data" / "waves" / "wave_2000.csv"


@pytest.fixture(scope="module")
def book() -> Codebook:
    return codebooks.load(SCHOOLS / "data")


@pytest.fixture
def draft() -> Iterator[Draft]:
    text = read(WAVE)
    table = text.columns.append_column(SOURCE_ROW, pa.array(text.rows))
    yield Draft(text.file, table, sha256=text.sha256)


def rows(*lines: str) -> list[dict[str, str]]:
    return [
        dict(zip(("dimension", "level", "target", "year"), line.split("|"), strict=False))
        for line in lines
    ]


TYPES = ("stype|E|71.4 %", "stype|H|12,2", "stype|M|16.4")


def test_levels_are_codes_or_labels_and_targets_are_as_people_write_them(book: Codebook) -> None:
    label = book.by_dimension["stype"].level("E").label["en"]
    found = weighting.margins(rows(f"STYPE|{label}|71,4 %", *TYPES[1:], "||"), book, "m.csv")
    [margin] = found.of(2000)
    assert margin.targets == {"E": 71.4, "H": 12.2, "M": 16.4}


def test_a_wave_may_have_margins_of_its_own(book: Codebook) -> None:
    own = [f"{line}|2001" for line in ("stype|E|50", "stype|H|25", "stype|M|25")]
    found = weighting.margins(rows(*TYPES, *own), book, "m.csv")
    assert found.of(2000)[0].targets["E"] == 71.4
    assert found.of(2001)[0].targets["E"] == 50


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("colour|E|50", "dimension", "expected a dimension: stype"),
        ("stype|X|50", "level", "expected a level of stype: E"),
        ("stype|E|many", "target", "expected a share, a percentage or a count"),
        ("stype|E|-3", "target", "expected a share"),
        ("stype|E|nan", "target", "expected a share"),
        ("stype|E|5|next", "year", "expected the year of a wave"),
        ("stype|E|3", "level", "has a target already; give it once"),
    ],
)
def test_a_wrong_row_is_said_with_its_place(
    book: Codebook, line: str, column: str, expected: str
) -> None:
    with pytest.raises(FaultyFile) as faulty:
        weighting.margins(rows(*TYPES, line), book, "m.csv")
    [fault] = faulty.value.faults
    assert (fault.row, fault.column) == (5, column) and expected in fault.expected
    with pytest.raises(FaultyFile, match="no margin is here"):
        weighting.margins(rows("||"), book, "m.csv")


def test_a_draft_leaves_with_weights_that_reach_the_margins(draft: Draft, book: Codebook) -> None:
    asked = weighting.margins(rows(*TYPES), book, "m.csv")
    raked, reports = weighting.weighted(draft, book, asked)
    wave = raked.wave(book)
    weights = wave.respondents.column("weight").to_numpy()
    types = np.array(raked.table.column("stype").to_pylist())
    assert weights.mean() == pytest.approx(1)
    assert weights[types == "E"].sum() / weights.sum() == pytest.approx(0.714, abs=1e-9)
    assert list(reports) == [2000] and reports[2000].converged
    assert raked.table.num_rows == draft.table.num_rows and raked.sha256 == draft.sha256
    # From equal weights, each type weighs the same.
    alike, _ = weighting.weighted(draft, book, asked, from_file=False)
    spread = pd.Series(alike.wave(book).respondents.column("weight").to_numpy()).groupby(types)
    assert (spread.nunique() == 1).all()


def test_what_a_file_weighs_is_described_and_can_be_left_out(draft: Draft, book: Codebook) -> None:
    report = weighting.described(draft, book)[2000]
    assert 0 < report.efficiency < 1 and report.n == 200
    assert weighting.described(weighting.unweighted(draft), book) == {}


def test_a_wave_without_margins_is_said(draft: Draft, book: Codebook) -> None:
    asked = weighting.margins(rows(*(f"{line}|2001" for line in TYPES)), book, "m.csv")
    with pytest.raises(WeightingError, match="2000: no margin is given for this wave"):
        weighting.weighted(draft, book, asked)


# --- the command ----------------------------------------------------------------------------------


def weigh(*arguments: object) -> Result:
    return CliRunner().invoke(
        main, ["--home", str(SCHOOLS), "weight", str(WAVE), *map(str, arguments)]
    )


def test_the_command_reports_and_writes_a_wave_file(tmp_path: Path, book: Codebook) -> None:
    margins = tmp_path / "margins.csv"
    margins.write_text("dimension;level;target\nstype;E;4421\nstype;H;755\nstype;M;1018\n")
    output = tmp_path / "raked.csv"
    done = weigh("--margins", margins, "--output", output, "--upper", 5)
    assert done.exit_code == 0, done.output
    assert "efficiency" in done.stdout and "effective_base_after" in done.stdout
    raked = pd.read_csv(output)
    share = raked.loc[raked["stype"] == "E", "weight"].sum() / raked["weight"].sum()
    assert share == pytest.approx(4421 / 6194, abs=1e-9)
    report = weigh("--margins", margins, "--format", "json")
    assert report.exit_code == 0 and '"trimmed_mass": 0.0' in report.stdout


def test_the_command_says_what_cannot_be_in_a_sentence(tmp_path: Path) -> None:
    margins = tmp_path / "margins.csv"
    margins.write_text("dimension,level,target\nstype,E,50\nstype,H,20\n")
    refused = weigh("--margins", margins)
    assert refused.exit_code == 1
    assert "2000: stype: the targets add up to 70; expected 100" in refused.stderr
    assert "stype, M: " in refused.stderr and "no target; give one" in refused.stderr
    assert weigh("--margins", margins, "--upper", 0.5).exit_code == 1
