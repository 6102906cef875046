"""A file read in parts gives what the whole file gives, and refuses what the whole file would."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from barometer import codebook, store
from barometer.cells import Selection
from barometer.cli import main
from barometer.codebook import YEAR, Codebook
from barometer.home import Home
from barometer.intake import FaultyFile, check, parts, read
from barometer.oddities import Oddities
from barometer.store import publish

PROJECT = Path(__file__).resolve().parents[2]
WAVE = PROJECT / "data" / "waves" / "wave_2003.csv"
KEYS = {"respondents": ["profile_id"], "answers": []}  # columns whose numbers the parts share out


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 300)
    monkeypatch.setattr(parts, "LARGE", 10_000)
    monkeypatch.setattr(parts, "AT_ONCE", 60_000)


@pytest.fixture(scope="module")
def book() -> Codebook:
    return codebook.load(PROJECT / "data")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_parts_make_the_wave_that_the_whole_file_makes(
    tmp_path: Path, book: Codebook, suffix: str
) -> None:
    text = WAVE.read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / f"wave{suffix}"
    if suffix == ".csv":
        path.write_text(text[0] + "\n" + "".join(text[1:]), encoding="utf-8")  # a blank row
    else:
        pq.write_table(pacsv.read_csv(WAVE), path)
    whole = check(read(WAVE), book)
    shares: list[float] = []
    ours = parts.check_parts(path, book, tmp_path / "aside", shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0
    if suffix == ".parquet":
        assert len(list((tmp_path / "aside").glob("answers-*"))) > 2
    assert ours.notes == whole.notes
    assert ours.years == whole.years
    assert _rows(ours.asked) == _rows(whole.asked)
    answers = ours.answers.to_table()
    assert answers.schema.equals(whole.answers.schema)
    assert answers.to_pylist() == whole.answers.to_pylist()
    found = ours.respondents.to_table()
    for name in ("source_id", YEAR, "weight"):
        assert found[name].equals(whole.respondents[name])
    assert _levels(found, ours.profiles) == _levels(whole.respondents, whole.profiles)
    assert ours.profiles.num_rows == whole.profiles.num_rows


@pytest.fixture
def odd(tmp_path: Path, book: Codebook) -> Path:
    """A wave of 2008 with a respondent sent twice, far apart, one of one mark, and a heavy one."""
    frame = pd.read_csv(WAVE.with_name("wave_2007.csv"), dtype=str, keep_default_na=False)
    frame = frame.assign(year="2008", provenance="survey")
    answers = [column for column in frame.columns if column != "respondent_id"]
    frame.loc[len(frame) - 3, answers] = frame.loc[7, answers]
    question = next(q for q in book.questions if q.kind == "rating")
    marks = [column for column in question.columns if column in frame.columns]
    frame.loc[400, marks[:8]], frame.loc[400, marks[8:]] = "3", ""
    frame.loc[2, "weight"] = "400"
    path = tmp_path / "wave_2008.csv"
    frame.to_csv(path, index=False)
    return path


def test_what_is_odd_is_the_same_in_parts_and_in_the_whole(
    odd: Path, book: Codebook, tmp_path: Path
) -> None:
    whole, ours = Oddities(book), Oddities(book)
    text = read(odd)
    whole.add(check(text, book), text.rows)
    parts.check_parts(odd, book, tmp_path / "aside", lambda share: None, ours.add)
    assert ours.count == whole.count == text.columns.num_rows
    told = [[(str(n), n.rows, n.year) for n in found.notices(None)] for found in (ours, whole)]
    assert told[0] == told[1]
    found = {notice.rule: notice.rows for notice in ours.notices(None)}
    assert found["duplicates"] == (int(text.rows[-3]),)
    assert 402 in found["straight_lining"] and "weights" in found
    assert [(b.year, b.level, b.n) for b in ours.bases()] == [
        (b.year, b.level, b.n) for b in whole.bases()
    ]
    for one, other in zip(ours.bases(), whole.bases(), strict=True):
        assert one.effective_base == pytest.approx(other.effective_base)


def test_a_file_in_parts_is_reported_on_by_both_commands(odd: Path, home: Path) -> None:
    """Its warnings are said, kept with the publication, and its respondents are in no history."""
    checked = CliRunner().invoke(main, ["check", str(odd), "--format", "json"])
    assert checked.exit_code == 0, checked.output
    assert "is clean" in checked.stderr and '"duplicates"' in checked.stdout
    before = store.Publications(Home(home)).current()
    shown = CliRunner().invoke(main, ["publish", str(odd), "--preview"])
    assert shown.exit_code == 0, shown.output
    for words in ("exactly as another one does", "the same mark throughout", "weights leave"):
        assert words in shown.output
    after = store.Publications(Home(home)).current()
    assert before is not None and after is not None and before.id == after.id


def test_a_respondent_who_stands_in_two_parts_is_refused(tmp_path: Path, book: Codebook) -> None:
    table = pacsv.read_csv(WAVE)
    path = tmp_path / "wave.parquet"
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), path)
    with pytest.raises(FaultyFile, match="stands twice in this wave"):
        parts.check_parts(path, book, tmp_path / "aside", lambda share: None)


def test_bytes_that_a_part_calls_text_are_refused(tmp_path: Path, book: Codebook) -> None:
    table = pacsv.read_csv(WAVE)
    words = pa.array([b"\xff\xfe"] * table.num_rows).view(pa.string())
    path = tmp_path / "wave.parquet"
    pq.write_table(table.append_column("remark", words), path)
    with pytest.raises(FaultyFile, match="cannot be read"):
        parts.check_parts(path, book, tmp_path / "aside", lambda share: None)


def test_faults_of_every_part_are_found_at_their_rows(tmp_path: Path, book: Codebook) -> None:
    lines = WAVE.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[900] = lines[900].replace(",2003,", ",20O3,", 1)
    path = tmp_path / "wave.csv"
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(FaultyFile) as refused:
        parts.check_parts(path, book, tmp_path / "aside", lambda share: None)
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(901, YEAR)]


def test_a_publication_in_parts_has_the_same_cells_and_leaves_nothing(
    home: Path, tmp_path: Path
) -> None:
    ours = Home(tmp_path)
    for name in ("data", "queries"):
        (tmp_path / name).symlink_to(home / name) if name == "queries" else None
    (tmp_path / "data").mkdir()
    for path in (home / "data").iterdir():
        if path.name in ("publications", "respondents") or path.suffix == ".duckdb":
            continue
        (tmp_path / "data" / path.name).symlink_to(path)
    published = publish(ours)
    whole = store.Publications(Home(home)).current()
    assert whole is not None
    for indicator in ("channel_adoption", "channel_fit"):
        asked = Selection(indicator, (YEAR, "sector"))
        one, other = whole.rollup(asked), published.rollup(asked)
        assert one.drop(columns=["w"]).round(9).equals(other.drop(columns=["w"]).round(9))
    assert not list(ours.data.glob(".parts-*"))


@pytest.mark.parametrize("after", [0.4, 0.61], ids=["while it stores", "while it sums"])
def test_what_is_interrupted_publishes_nothing(home: Path, tmp_path: Path, after: float) -> None:
    ours = Home(tmp_path)
    (tmp_path / "data").mkdir()
    for path in (home / "data").glob("*.toml"):
        (tmp_path / "data" / path.name).symlink_to(path)
    (tmp_path / "data" / "channels.csv").symlink_to(home / "data" / "channels.csv")
    (tmp_path / "queries").symlink_to(home / "queries")

    def interrupt(share: float, step: str) -> None:
        if share >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(ours, [WAVE], interrupt)
    assert store.Publications(ours).current() is None
    left = [path for path in (tmp_path / "data").rglob("*") if not path.is_symlink()]
    assert [path for path in left if path.is_file()] == []


def _rows(table: pa.Table) -> set[tuple[object, ...]]:
    return {tuple(row.values()) for row in table.to_pylist()}


def _levels(respondents: pa.Table, profiles: pa.Table) -> list[tuple[object, ...]]:
    known = {
        row["profile_id"]: (row[YEAR], row["stratum"], *row["levels"])
        for row in profiles.to_pylist()
    }
    return [known[number] for number in respondents["profile_id"].to_pylist()]


def test_rows_with_too_few_cells_are_one_fault_over_all_parts(
    tmp_path: Path, book: Codebook
) -> None:
    lines = WAVE.read_text(encoding="utf-8").splitlines()
    cut = [number for number in range(1, len(lines)) if number % 10 == 3]
    for number in cut:
        lines[number] = ",".join(lines[number].split(",")[:5])
    lines.insert(3, "")  # a blank row, before the first that is short
    path = tmp_path / "wave.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    [fault] = read(path).faults
    with pytest.raises(FaultyFile) as faulty:
        parts.check_parts(path, book, tmp_path / "aside", lambda share: None)
    assert faulty.value.faults == [fault]
    assert (fault.row, fault.value) == (5, None)
    assert fault.expected.startswith(f"{len(cut)} rows have fewer than ")


def test_what_stands_behind_a_quote_is_read_as_carefully_as_before(
    tmp_path: Path, book: Codebook
) -> None:
    """Blocks of a file are read quickly up to one that has a quote: a line may end in its cells."""
    lines = WAVE.read_text(encoding="utf-8").splitlines()
    stratum = lines[0].split(",").index("stratum")
    cells = lines[600].split(",")
    lines[600] = ",".join([*cells[:stratum], '"two\nlines, one ""cell"""', *cells[stratum + 1 :]])
    path = tmp_path / "wave.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert path.stat().st_size > 3 * parts.AT_ONCE
    whole = check(read(path), book)
    ours = parts.check_parts(path, book, tmp_path / "aside", lambda share: None)
    assert 'two\nlines, one "cell"' in ours.profiles["stratum"].to_pylist()
    for name in ("respondents", "answers"):
        found = getattr(ours, name).to_table().drop_columns(KEYS[name])
        assert found.to_pylist() == getattr(whole, name).drop_columns(KEYS[name]).to_pylist()
    lines[700] = "too,few"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(FaultyFile) as faulty:
        parts.check_parts(path, book, tmp_path / "again", lambda share: None)
    assert [fault.row for fault in faulty.value.faults] == [f.row for f in read(path).faults]


@pytest.mark.parametrize("line_break", [False, True])
def test_a_header_in_quotes_slows_a_file_only_where_a_line_ends_in_them(
    tmp_path: Path, book: Codebook, monkeypatch: pytest.MonkeyPatch, line_break: bool
) -> None:
    header, *lines = WAVE.read_text(encoding="utf-8").splitlines()
    names = [f'"{name}"' for name in header.split(",")]
    names[1] = names[1][:-1] + '\n"' if line_break else names[1]
    path = tmp_path / "wave.csv"
    path.write_text("\n".join([",".join(names), *lines]), encoding="utf-8")
    whole = check(read(path), book)
    slowly = []
    careful = parts._careful
    monkeypatch.setattr(parts, "_careful", lambda *told: slowly.append(told) or careful(*told))
    ours = parts.check_parts(path, book, tmp_path / "aside", lambda share: None)
    assert bool(slowly) == line_break
    for name in ("respondents", "answers"):
        found = getattr(ours, name).to_table().drop_columns(KEYS[name])
        assert found.to_pylist() == getattr(whole, name).drop_columns(KEYS[name]).to_pylist()


def test_a_fault_after_rows_of_another_width_keeps_its_row(tmp_path: Path, book: Codebook) -> None:
    lines = WAVE.read_text(encoding="utf-8").splitlines()
    year = lines[0].split(",").index(YEAR)
    cells = lines[700].split(",")
    lines[700] = ",".join([*cells[:year], "soon", *cells[year + 1 :]])
    for number in (2, 400, 650):
        lines[number] = "too,few"
    path = tmp_path / "wave.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(FaultyFile) as faulty:
        parts.check_parts(path, book, tmp_path / "aside", lambda share: None)
    assert sorted(fault.row or 0 for fault in faulty.value.faults) == [3, 401, 651, 701]
