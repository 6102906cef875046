"""A wave is weighed, checked, looked at and published on the page, and one click brings back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from barometer import audit, history
from barometer.store import Home, Publications, publish

SCHOOLS = Path(__file__).resolve().parents[1] / "barometers" / "schools"
Visit = Callable[..., Any]
WORDS = {
    "fr": {
        "real": "C’est la première vague de la véritable enquête",
        "vanished": "Groupe disparu",
        "online": "est en ligne",
    },
    "en": {
        "real": "This is the first wave of the real survey",
        "vanished": "Group that vanished",
        "online": "is online",
    },
}


def wave(year: int, provenance: str = "survey", without: str = "") -> bytes:
    """The schools as another year's wave."""
    text = (SCHOOLS / "data" / "waves" / "wave_2000.csv").read_text(encoding="utf-8")
    header, *rows = text.splitlines()
    kept = [row for row in rows if not without or row.split(",")[2] != without]
    moved = [f"{year}{row.removeprefix('2000')},{provenance}" for row in kept]
    return "\n".join([f"{header},provenance", *moved]).encode()


@pytest.fixture
def demonstration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A barometer whose two waves online are synthetic."""
    built = shutil.ignore_patterns(
        "barometer.duckdb*", "respondents", "audit.jsonl", "publications", "waves"
    )
    shutil.copytree(SCHOOLS, tmp_path / "home", ignore=built)
    home = Home(tmp_path / "home")
    (home.data / "waves").mkdir()
    for year in (1999, 2000):
        (home.data / "waves" / f"wave_{year}.csv").write_bytes(wave(year, "synthetic"))
    publish(home)
    monkeypatch.setenv("BAROMETER_HOME", str(home.folder))
    return home


def send(seen: Any, content: bytes) -> Any:
    seen.at.file_uploader[0].set_value(("wave.csv", content, "text/csv")).run(timeout=90)
    assert not seen.at.exception
    return seen


def years(home: Home) -> list[int]:
    publication = Publications(home).current()
    assert publication is not None
    return publication.years


def click(seen: Any, key: str) -> Any:
    seen.at.button(key=key).click().run(timeout=90)
    assert not seen.at.exception
    return seen


def said(elements: Any) -> str:
    return " ".join(element.value for element in elements)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_wave_is_published_and_the_demonstration_brought_back(
    visit: Visit, demonstration: Home, language: str
) -> None:
    words, home = WORDS[language], demonstration
    first = history.current(home)
    seen = send(visit("import", lang=language), wave(2001, without="M"))
    assert words["real"] in said(seen.at.info)
    assert words["vanished"] in said(seen.at.warning)
    changes = next(t for t in seen.tables if t.to_numpy()[-1].tolist()[0] == "2001" and len(t) == 3)
    assert changes.to_numpy()[0].tolist()[2:] == ["200", "–"]
    assert years(home) == [1999, 2000]  # looked at, and not online

    click(seen, "publish")
    assert words["online"] in said(seen.at.success)
    assert years(home) == [2001]
    assert "publish" not in {button.key for button in seen.at.button}  # ready for another file
    newest, earlier = history.entries(home)
    assert (newest.current, newest.by, newest.warnings > 0) == (True, "this machine", True)

    click(seen, f"back_{earlier.id}")
    assert (history.current(home), years(home)) == (first, [1999, 2000])
    click(seen, f"back_{newest.id}")
    click(seen, "demo")
    assert years(home) == [1999, 2000] and history.current(home) != first
    assert [event["action"] for event in audit.events(home)] == [
        "publish",
        "import",
        "publish",
        "rollback",
        "rollback",
        "demonstration",
    ]


def test_weights_are_raked_to_margins_that_are_sent(visit: Visit, demonstration: Home) -> None:
    seen = send(visit("import", lang="en"), wave(2001))
    how = next(w for w in seen.at.get("button_group") if w.key == "weights_how_1")
    how.set_value("raked").run(timeout=90)
    assert "Type the targets above" in said(seen.at.info)

    def send_margins(content: bytes) -> None:
        uploader = next(u for u in seen.at.file_uploader if u.key == "weights_file")
        uploader.set_value(("margins.csv", content, "text/csv")).run(timeout=90)

    send_margins(b"dimension;level;target\nstype;E;70\nstype;H;20\n")
    assert "the targets add up to 90; expected 100" in said(seen.at.error)
    send_margins(b"dimension;level;target\nstype;E;70\nstype;H;20\nstype;M;10\n")
    assert not seen.at.exception and not seen.at.error
    assert any("Iterations until it converged" in rows.to_numpy() for rows in seen.tables)
    typed = next(t for t in seen.tables if list(t.columns) == ["Level", "Asked"])
    assert typed["Asked"].tolist() == ["70", "20", "10"]
    reached = next(t for t in seen.tables if "Reached" in t.columns)
    assert (reached["Asked"] == reached["Reached"]).all() and len(reached) == 3


def test_margins_are_typed_as_the_language_writes_numbers(
    visit: Visit, demonstration: Home
) -> None:
    seen = send(visit("import", lang="fr"), wave(2001))
    how = next(w for w in seen.at.get("button_group") if w.key == "weights_how_1")
    how.set_value("raked").run(timeout=90)
    fields = {field.key: field for field in seen.at.text_input}
    assert fields["weights_lower"].value == "0,2"
    next(w for w in seen.at.multiselect if w.key == "weights_margins").set_value(["stype"])
    seen.at.run(timeout=90)
    targets = {f.key.rpartition("_")[2]: f for f in seen.at.text_input if "_target_" in f.key}
    assert "de l’échantillon" in targets["E"].label
    for level, target in (("E", "70,5 %"), ("H", "19.5"), ("M", "dix")):
        targets[level].set_value(target)
    seen.at.run(timeout=90)
    assert "dix" in said(seen.at.error) and "Reached" not in seen.text
    last = next(f for f in seen.at.text_input if f.key == targets["M"].key)
    last.set_value("10").run(timeout=90)
    assert said(seen.at.error) == "" and not seen.at.exception
    reached = next(t for t in seen.tables if "Atteint" in t.columns)
    assert [cell.replace("\u202f", " ") for cell in reached["Atteint"]] == [
        "70,5 %", "19,5 %", "10,0 %"
    ]  # fmt: skip


def test_of_two_who_publish_at_once_the_second_is_told_and_looks_again(
    visit: Visit, demonstration: Home
) -> None:
    mine = send(visit("import", lang="en"), wave(2001))
    theirs = send(visit("import", lang="en"), wave(2002))
    click(theirs, "publish")
    click(mine, "publish")
    assert "what is online has changed since you looked" in said(mine.at.warning)
    assert years(demonstration) == [2002]
    click(mine, "publish")
    assert years(demonstration) == [2001, 2002]
