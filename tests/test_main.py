"""The command line: what it prints, where, and the status it ends with."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from barometer.__main__ import main

PROJECT = Path(__file__).resolve().parent.parent
SCHOOLS = PROJECT / "tests" / "barometers" / "schools"
ESTIMATE = ["n", "weighted_base", "effective_base", "value", "se", "df", "ci_low", "ci_high"]
DIFFERENCE = ["versus", "difference", "se", "df", "p", "p_adjusted", "significant"]


@pytest.fixture(autouse=True)
def at_home(home: Path) -> Path:
    """Every command speaks of the published copy, unless told otherwise."""
    return home


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def done(*arguments: str | Path) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


def strict_json(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def estimate(*arguments: str) -> list[dict[str, Any]]:
    rows = strict_json(done("estimate", *arguments, "--format", "json").stdout)
    assert isinstance(rows, list)
    return rows


# --- help and status ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[], ["publish"], ["check"], ["estimate"], ["figures"]])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(command: list[str], flag: str) -> None:
    shown = done(*command, flag).stdout
    assert shown.startswith("Usage:")
    assert "Options:" in shown
    for name in ("publish", "check", "estimate", "figures") if not command else ():
        assert f"\n  {name} " in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["estimates"],
        ["estimate"],
        ["estimate", "--indicator", "crm_project", "--format", "xml"],
        ["estimate", "--indicator", "crm_project", "--where", "year:2003"],
        ["estimate", "--indicator", "crm_project", "--compare", "pairs"],
        ["estimate", "--indicator", "crm_project", "--confidence", "95"],
        ["figures", "--year", "MMIII"],
        ["--home", "/nowhere", "estimate", "--indicator", "crm_project"],
        ["check"],
    ],
)
def test_a_command_that_makes_no_sense_ends_with_two(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error: " in result.stderr


@pytest.mark.parametrize("versus", ["others", "total"])
def test_waves_are_not_compared_with_a_total_and_the_sentence_says_what_to_ask(versus: str) -> None:
    asked = ("estimate", "--indicator", "contact_surface", "--by", "year", "--compare", versus)
    result = run(*asked)
    assert result.exit_code == 2
    assert "--compare pairs or previous" in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--indicator", "crm_projet"], "no indicator 'crm_projet'; did you mean crm_project"),
        (["--indicator", "crm_project", "--by", "sectors"], "no dimension 'sectors'; did you"),
        (["--indicator", "crm_project", "--where", "sizes=small"], "did you mean size"),
        (
            ["--indicator", "crm_project", "--where", "sector=retial"],
            "there is no level of sector 'retial'; did you mean retail",
        ),
        (
            ["--indicator", "crm_project", "--where", "year=1999"],
            "there is no level of year '1999'; did you mean 200",
        ),
        (
            ["--indicator", "crm_project", "--item", "implmented"],
            "there is no item of crm_project 'implmented'; did you mean implemented",
        ),
    ],
)
def test_a_wrong_word_ends_with_one_and_the_nearest_words(
    arguments: list[str], sentence: str
) -> None:
    result = run("estimate", *arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert sentence in result.stderr


def test_a_home_without_publication_says_how_to_make_one(tmp_path: Path) -> None:
    result = run("--home", tmp_path, "estimate", "--indicator", "x")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing is published yet; run: python -m barometer publish" in result.stderr


def test_a_home_without_codebook_says_so(tmp_path: Path) -> None:
    for command in (["publish"], ["check", "wave.csv"]):
        result = run("--home", tmp_path, *command)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "codebook.toml: a barometer needs a codebook" in result.stderr


def test_a_shell_sees_the_same_statuses(home: Path) -> None:
    def status(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "barometer", "--home", str(home), *arguments]
        ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        assert "Traceback" not in ended.stderr
        return ended.returncode, ended.stdout

    code, out = status("estimate", "--indicator", "crm_project", "--format", "json")
    assert (code, len(strict_json(out))) == (0, 4)
    assert status("estimate", "--indicator", "crm") == (1, "")
    assert status("estimate", "--indicator") == (2, "")


# --- estimate -------------------------------------------------------------------------------------


def test_a_row_has_its_keys_then_its_numbers_unrounded() -> None:
    rows = estimate("--indicator", "crm_project", "--by", "relational_model", "--by", "size")
    assert all(
        list(row) == ["indicator", "item", "relational_model", "size", *ESTIMATE, "flag"]
        for row in rows
    )
    assert len(rows) == 4 * 3 * 3
    assert [row["item"] for row in rows[::9]] == ["none", "intended", "launched", "implemented"]
    assert all(0 < row["ci_low"] < row["value"] < row["ci_high"] < 1 for row in rows)
    assert any(len(str(row["value"])) > 12 for row in rows)
    assert {type(row["n"]) for row in rows} == {int}


def test_filters_of_one_dimension_add_up_and_of_several_cut() -> None:
    asked = ["--indicator", "contact_surface", "--where", "year=2003"]
    [everyone] = estimate(*asked)
    sizes = {size: estimate(*asked, "--where", f"size={size}")[0]["n"] for size in SIZES}
    assert sum(sizes.values()) == everyone["n"]
    [two] = estimate(*asked, "--where", "size=small", "--where", "size=large")
    assert two["n"] == sizes["small"] + sizes["large"]
    [fewer] = estimate(*asked, "--where", "size=small", "--where", "sector=retail")
    assert 0 < fewer["n"] < sizes["small"]


SIZES = ("small", "medium", "large")


def test_an_item_may_be_chosen() -> None:
    asked = ["--indicator", "channel_adoption", "--by", "year"]
    rows = estimate(*asked, "--item", "website", "--item", "e_mailing")
    assert {row["item"] for row in rows} == {"website", "e_mailing"}
    assert sorted({row["year"] for row in rows}) == list(range(2000, 2008))


def test_a_dimension_named_twice_counts_once() -> None:
    once = estimate("--indicator", "crm_project", "--by", "size")
    assert estimate("--indicator", "crm_project", "--by", "size", "--by", "size") == once


def test_a_wider_confidence_and_a_cautious_interval_are_wider() -> None:
    asked = ["--indicator", "contact_surface", "--where", "year=2003"]
    [usual] = estimate(*asked)
    [surer] = estimate(*asked, "--confidence", "0.99")
    [cautious] = estimate(*asked, "--interval", "korn_graubard")
    for wider in (surer, cautious):
        assert wider["ci_low"] < usual["ci_low"] < usual["ci_high"] < wider["ci_high"]


def test_small_bases_are_flagged_and_smaller_ones_show_their_n_only() -> None:
    splits = ["--by", "sector", "--by", "region", "--by", "size"]
    asked = ["--indicator", "contact_surface", "--where", "year=2003", *splits]
    rows = estimate(*asked)
    flags = {"hidden": 0, "flagged": 0, "": 0}
    for row in rows:
        flags[row["flag"]] += 1
        hidden = row["flag"] == "hidden"  # a small base, or one that would give a small one away
        assert hidden or row["flag"] == ("flagged" if row["n"] < 30 else "")
        assert hidden or row["n"] >= 10
        assert (row["value"] is None) == hidden
        if hidden:
            assert {row[name] for name in ESTIMATE[1:]} == {None}
    assert min(flags["hidden"], flags["flagged"]) > 0
    table = list(csv.DictReader(io.StringIO(done("estimate", *asked, "--format", "csv").stdout)))
    assert {row["value"] for row in table if row["flag"] == "hidden"} == {""}


def test_a_group_that_nobody_is_in_is_no_row() -> None:
    where = ["--where", "year=2003", "--where", "crm_stage=none"]
    rows = estimate("--indicator", "crm_scope", *where)
    assert rows == []
    shown = done("estimate", "--indicator", "crm_scope", *where)
    assert shown.stdout == "no rows\n"


# --- differences ----------------------------------------------------------------------------------


def test_pairs_follow_the_estimates_with_columns_of_their_own() -> None:
    asked = ["--indicator", "crm_project", "--by", "relational_model", "--where", "year=2003"]
    rows = estimate(*asked, "--compare", "pairs")
    estimates = [row for row in rows if "value" in row]
    pairs = [row for row in rows if "difference" in row]
    assert rows == estimates + pairs
    assert estimates == estimate(*asked)
    assert all(list(row) == ["indicator", "item", "relational_model", *DIFFERENCE] for row in pairs)
    assert len(pairs) == 4 * 3
    value = {(row["item"], row["relational_model"]): row["value"] for row in estimates}
    for row in pairs:
        gap = value[row["item"], row["relational_model"]] - value[row["item"], row["versus"]]
        assert row["difference"] == pytest.approx(gap, abs=1e-15)
        assert row["p"] <= row["p_adjusted"] <= 1
        assert row["significant"] is (row["p_adjusted"] < 0.05)


def test_a_change_names_both_years() -> None:
    asked = ["--indicator", "contact_surface", "--compare", "previous"]
    rows = [row for row in estimate(*asked, "--where", "year=2002") if "difference" in row]
    [change] = rows
    assert list(change) == ["indicator", "item", "year", *DIFFERENCE]
    assert (change["year"], change["versus"]) == (2002, 2001)
    assert change["difference"] > 0


def test_a_change_across_a_recorded_break_is_not_computed() -> None:
    asked = ["--indicator", "channel_adoption", "--compare", "previous", "--where", "year=2006"]
    rows = [row for row in estimate(*asked) if "difference" in row]
    by_item = {row["item"]: row for row in rows}
    cut = by_item["internet"]
    assert {cut[name] for name in ("versus", "difference", "se", "df", "p", "p_adjusted")} == {None}
    assert cut["significant"] is False
    assert by_item["website"]["versus"] == 2005
    assert by_item["website"]["difference"] is not None


def test_the_first_wave_has_nothing_before_it() -> None:
    asked = ["--indicator", "crm_project", "--compare", "previous", "--by", "year"]
    rows = [row for row in estimate(*asked) if "difference" in row]
    assert {row["versus"] for row in rows if row["year"] == 2000} == {None}
    assert {(row["year"], row["versus"]) for row in rows if row["year"] > 2000} == {
        (year, year - 1) for year in range(2001, 2008)
    }


def test_a_difference_with_a_hidden_side_is_not_told() -> None:
    splits = ["--by", "sector", "--by", "region"]
    where = ["--where", "year=2003", "--where", "relational_model=b2b2c"]
    rows = estimate("--indicator", "contact_surface", *splits, *where, "--compare", "pairs")
    n = {(row["sector"], row["region"]): row["n"] for row in rows if "value" in row}
    blank = {key for key in n if n[key] < 10} | {
        (row["sector"], row["region"]) for row in rows if row.get("flag") == "hidden"
    }
    told = {True: 0, False: 0}
    for row in (row for row in rows if "difference" in row):
        sides = [n[sector, row["region"]] for sector in (row["sector"], row["versus"])]
        hidden = any((s, row["region"]) in blank for s in (row["sector"], row["versus"]))
        told[hidden] += 1
        assert {row[name] is None for name in ("difference", "p")} == {hidden}
        assert not row["significant"] or min(sides) >= 30
    assert min(told.values()) > 0


@pytest.mark.parametrize("compare", ["previous", "pairs"])
@pytest.mark.parametrize("indicator", ["channel_fit", "crm_project", "channel_count"])
def test_no_answer_holds_what_json_cannot_say(indicator: str, compare: str) -> None:
    asked = ["--indicator", indicator, "--by", "size", "--by", "year", "--compare", compare]
    assert estimate(*asked)  # strict_json refuses NaN and Infinity
    text = done("estimate", *asked, "--format", "csv").stdout
    assert "nan" not in text.lower()
    table = done("estimate", *asked).stdout
    assert "NaN" not in table
    assert "None" not in table


# --- check and publish ----------------------------------------------------------------------------


@pytest.fixture
def schools(tmp_path: Path) -> Path:
    built = shutil.ignore_patterns(
        "barometer.duckdb*", "respondents", "audit.jsonl", "publications"
    )
    shutil.copytree(SCHOOLS, tmp_path / "schools", ignore=built)
    return tmp_path / "schools"


@pytest.fixture
def faulty(schools: Path) -> Path:
    """A wave with two faults in its rows, and one of the whole file."""
    path = schools / "faulty.csv"
    text = (schools / "data" / "waves" / "wave_2000.csv").read_text(encoding="utf-8")
    text = text.replace("2000,2077,E,", "2000,2077,,").replace(",Yes,", ",Maybe,", 1)
    path.write_text(text.replace("enroll", "enrol", 1), encoding="utf-8")
    return path


def test_a_clean_file_is_said_to_be_clean(schools: Path) -> None:
    wave = schools / "data" / "waves" / "wave_2000.csv"
    result = done("--home", schools, "check", wave)
    assert result.stderr.endswith("\nwave_2000.csv is clean: 200 respondents, wave 2000.\n")
    assert strict_json(done("--home", schools, "check", wave, "--format", "json").stdout) == []
    assert not (schools / "data" / "respondents").exists()


def test_every_fault_is_listed_with_its_place(schools: Path, faulty: Path) -> None:
    result = run("--home", schools, "check", faulty, "--format", "json")
    assert result.exit_code == 1
    assert result.stderr == "Checking\n3 fault(s): this file cannot be published.\n"
    assert [(f["row"], f["column"], f["value"]) for f in strict_json(result.stdout)] == [
        (1, "enrol", None),
        (2, "stratum", ""),
        (2, "sch_wide", "Maybe"),
    ]
    listed = run("--home", schools, "check", faulty, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(listed)))
    assert rows[2] == {
        "file": "faulty.csv",
        "row": "2",
        "column": "sch_wide",
        "value": "Maybe",
        "expected": "expected one of No, Yes",
    }
    shown = run("--home", schools, "check", faulty).stdout
    assert "expected one of No, Yes" in shown
    assert len(shown.splitlines()) == 4


def test_a_file_that_is_not_there_is_a_fault(schools: Path) -> None:
    for command in ("check", "publish"):
        result = run("--home", schools, command, "absent.csv")
        assert result.exit_code == 1
        assert "the file cannot be opened (No such file" in result.output


def test_publishing_says_what_is_online_and_what_was_assumed(schools: Path) -> None:
    wave = schools / "data" / "waves" / "wave_2000.csv"
    lines = wave.read_text(encoding="utf-8").splitlines()
    without = [line.split(",") for line in lines]
    wave.write_text("\n".join(",".join(row[:3] + row[4:]) for row in without), encoding="utf-8")
    result = done("--home", schools, "publish")
    assert "wave_2000.csv: No weight: every respondent weighs 1." in result.stderr
    assert result.stdout.strip().endswith("is current: 2000 (n = 200)")
    identifier = (schools / "data" / "publications" / "current").read_text()
    assert f"Publication {identifier} is current" in result.stdout
    again = done("--home", schools, "publish", "--if-none")
    assert again.output == ""
    assert (schools / "data" / "publications" / "current").read_text() == identifier


def test_a_faulty_file_is_not_published_and_says_why(schools: Path, faulty: Path) -> None:
    result = run("--home", schools, "publish", faulty)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "3 fault(s), nothing was published." in result.stderr
    assert "faulty.csv, row 2, column sch_wide: found 'Maybe'; expected one of" in result.stderr
    assert not (schools / "data" / "publications" / "current").exists()


# --- figures --------------------------------------------------------------------------------------


def test_published_figures_are_listed() -> None:
    rows = strict_json(done("figures", "--format", "json").stdout)
    assert len(rows) == 16
    first = rows[0]
    assert (first["figure_id"], first["year"]) == ("crm_implemented_b2b_2003", 2003)
    assert first["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert first["compared_year"] is None
    chosen = ["figures", "--indicator", "contact_surface", "--year", "2002", "--format", "csv"]
    [row] = csv.DictReader(io.StringIO(done(*chosen).stdout))
    assert row["printed_as"] == "51 % en 2002 contre 42 % en 2000"
    assert done("figures", "--year", "1800").stdout == "no rows\n"


def test_reference_figures_are_listed_apart() -> None:
    rows = strict_json(done("figures", "--kind", "reference", "--format", "json").stdout)
    assert rows
    assert all(row["survey"] and row["source_id"] for row in rows)
    themes = {row["theme"] for row in rows}
    theme = sorted(themes)[0]
    chosen = done("figures", "--kind", "reference", "--indicator", theme, "--format", "json").stdout
    assert {row["theme"] for row in strict_json(chosen)} == {theme}


def test_a_barometer_without_printed_figures_has_none(schools: Path) -> None:
    assert strict_json(done("--home", schools, "figures", "--format", "json").stdout) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"figure_id,year,value\na,2003,x\n", "column value: expected numbers"),
        (b"figure_id,year,value\na,,1\n", "column year: expected a year in each row"),
        ("figure_id,year\né,2003\n".encode("latin-1"), "expected a CSV file in UTF-8"),
    ],
)
def test_figures_that_cannot_be_read_are_a_sentence(
    schools: Path, content: bytes, sentence: str
) -> None:
    (schools / "data" / "published_figures.csv").write_bytes(content)
    result = run("--home", schools, "figures")
    assert result.exit_code == 1
    assert f"published_figures.csv, {sentence}" in result.stderr.replace(
        ": expected a CSV", ", expected a CSV"
    )


# --- history, back, demonstration, audit ----------------------------------------------------------


def test_a_preview_says_what_would_change_and_changes_nothing(schools: Path) -> None:
    done("--home", schools, "publish")
    before = strict_json(done("--home", schools, "history", "--format", "json").stdout)
    text = (schools / "data" / "waves" / "wave_2000.csv").read_text(encoding="utf-8")
    later = schools / "wave_2001.csv"
    later.write_text(text.replace("\n2000,", "\n2001,"), encoding="utf-8")
    seen = done("--home", schools, "publish", later, "--preview", "--format", "json")
    assert strict_json(seen.stdout) == [
        {"wave": 2001, "change": "added", "n_before": None, "n_after": 200, "provenance": "survey"}
    ]
    assert "Nothing was published. These waves would be online: 2000 (n = 200), 2001" in seen.stderr
    assert strict_json(done("--home", schools, "history", "--format", "json").stdout) == before


def test_back_and_the_demonstration_are_in_the_history_and_the_audit_log(schools: Path) -> None:
    done("--home", schools, "publish")
    [first] = strict_json(done("--home", schools, "history", "--format", "json").stdout)
    done("--home", schools, "demo")
    newest, earlier = strict_json(done("--home", schools, "history", "--format", "json").stdout)
    assert (newest["current"], earlier["current"], earlier["id"]) == ("online", "", first["id"])
    back = done("--home", schools, "rollback")
    assert f"Publication {first['id']} is online again: 2000 (n = 200)" in back.stdout
    refused = run("--home", schools, "rollback", "nothing")
    assert refused.exit_code == 1 and "there is no such publication here" in refused.stderr
    events = strict_json(done("--home", schools, "audit", "--format", "json").stdout)
    assert [event["action"] for event in events] == ["publish", "demonstration", "rollback"]
    assert {event["who"] for event in events} == {first["by"]}
    table = done("--home", schools, "audit", "--action", "rollback", "--last", "1").stdout
    assert f"publication {first['id']}" in table
