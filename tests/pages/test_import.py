"""The page of imports: an export becomes a wave, doubts wait for a person, faults are told."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from barometer.intake.mapping import saved
from barometer.store import Home, Publications

MAKE = Path(__file__).resolve().parents[1] / "intake" / "exports" / "make.py"
Visit = Callable[..., Any]


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_exports_for_pages", MAKE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    make = _maker()
    make.limesurvey(folder / "limesurvey_2008.csv")
    make.sphinx(folder / "sphinx_2008.csv")
    return folder


def send(seen: Any, path: Path, content: bytes | None = None) -> Any:
    """Send a file through the page's first uploader."""
    data = path.read_bytes() if content is None else content
    seen.at.file_uploader[0].set_value((path.name, data, "text/csv")).run(timeout=60)
    assert not seen.at.exception
    return seen


WORDS = {
    "fr": ("Importer une vague", "Aucun défaut trouvé", "est en ligne"),
    "en": ("Import a wave", "No fault was found", "is online"),
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_export_is_published_in_either_language(
    visit: Visit, own_home: Path, exports: Path, language: str
) -> None:
    title, clean, online = WORDS[language]
    seen = visit("import", lang=language)
    assert seen.title == title
    send(seen, exports / "limesurvey_2008.csv")
    assert clean in " ".join(success.value for success in seen.at.success)
    before = Publications(Home(own_home)).current()
    seen.at.button(key="publish").click().run(timeout=60)
    told = [element.value for element in (*seen.at.success, *seen.at.error)]
    assert any(online in text for text in told), told
    after = Publications(Home(own_home)).current()
    assert before is not None and after is not None and after.id != before.id
    assert after.years == [2008]  # the first wave of a survey replaces the synthetic ones
    assert [mapping.name for mapping in saved(own_home / "data")] == ["limesurvey_2008.csv"]


def test_nothing_doubtful_is_applied_before_somebody_confirms_it(
    visit: Visit, own_home: Path, exports: Path
) -> None:
    seen = send(visit("import", lang="en"), exports / "sphinx_2008.csv")
    assert "3 questions wait for you" in " ".join(info.value for info in seen.at.info)
    assert not [button for button in seen.at.button if button.key == "publish"]
    for radio in [r for r in seen.at.radio if r.key.startswith("import_blank_")]:
        radio.set_value("zero")
    seen.at.run(timeout=60)
    assert "No fault was found" in " ".join(success.value for success in seen.at.success)
    assert [button for button in seen.at.button if button.key == "publish"]


def test_the_wave_and_the_name_of_the_mapping_follow_the_file(
    visit: Visit, own_home: Path, exports: Path
) -> None:
    content = (exports / "limesurvey_2008.csv").read_text(encoding="utf-8-sig")
    header, _, rows = content.partition("\n")
    undated = header.replace("Date de soumission", "Remarque") + "\n" + rows
    seen = visit("import", lang="en")
    for name, wave in (("club_2008.csv", 2008), ("club_2009.csv", 2009)):
        text = undated.replace("2008-", f"{wave}-")  # another file, not the same under two names
        send(seen, exports / name, text.encode())
        [box] = [box for box in seen.at.text_input if box.key.startswith("import_name")]
        [year] = [box for box in seen.at.number_input if box.key.startswith("import_year")]
        assert (box.value, year.value) == (name, wave)


FAULTS = {
    "fr": ("Un défaut\u00a0: rien ne peut être publié", "un nombre entier de 1 à 5 est attendu"),
    "en": ("One fault: nothing can be published", "expected a whole number from 1 to 5"),
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_faults_are_told_and_nothing_is_published(
    visit: Visit, own_home: Path, exports: Path, language: str
) -> None:
    verdict, expected = FAULTS[language]
    text = (exports / "limesurvey_2008.csv").read_text(encoding="utf-8-sig")
    lines = text.splitlines()
    lines[5] = re.sub(r'"\d?"$', '"6"', lines[5])  # a rating from 1 to 5
    seen = visit("import", lang=language)
    send(seen, exports / "limesurvey_2008.csv", "\n".join(lines).encode())
    assert verdict in " ".join(e.value for e in seen.at.error)
    assert expected.casefold() in seen.text.casefold()
    assert not [button for button in seen.at.button if button.key == "publish"]


def test_faults_of_one_cure_are_one_block_that_says_it_first(
    visit: Visit, own_home: Path, exports: Path
) -> None:
    lines = (exports / "limesurvey_2008.csv").read_text(encoding="utf-8-sig").splitlines()
    for row in (3, 5, 9):
        lines[row] = re.sub(r'"\d?"$', '"6"', lines[row])
    seen = visit("import", lang="en")
    send(seen, exports / "limesurvey_2008.csv", "\n".join(lines).encode())
    assert "**Expected a whole number from 1 to 5**" in [m.value for m in seen.at.markdown]
    [where] = [caption for caption in seen.captions if caption.startswith("Rows 4, 6, 10")]
    assert "Found: 6" in where and "Becomes: All customers" in where


def test_a_doubt_is_confirmed_or_corrected_in_its_own_block(
    visit: Visit, own_home: Path, exports: Path
) -> None:
    text = (exports / "limesurvey_2008.csv").read_text(encoding="utf-8-sig")
    asked, now = "Cette synchronisation est-elle une préoccupation centrale", "La synchronisation"
    seen = visit("import", lang="en")
    send(seen, exports / "limesurvey_2008.csv", text.replace(asked, now).encode())
    assert "One column waits for you" in " ".join(info.value for info in seen.at.info)
    box = next(b for b in seen.at.checkbox if b.key.endswith("_0_confirmed"))
    box.check().run(timeout=60)
    assert [button for button in seen.at.button if button.key == "publish"]
    box = next(b for b in seen.at.checkbox if b.key == box.key)
    box.uncheck().run(timeout=60)
    assert not [button for button in seen.at.button if button.key == "publish"]
    target = next(s for s in seen.at.selectbox if s.key.endswith("_0_target"))
    target.set_value("").run(timeout=60)  # left out: that is settled too
    assert not seen.at.exception
    assert "waits for you" not in " ".join(info.value for info in seen.at.info)


@pytest.mark.parametrize("content", [b"", b"\0\1\2" * 40, b"PK\x03\x04" + b"x" * 40, b"a,b\n"])
def test_a_file_that_is_no_table_is_refused_in_a_sentence(visit: Visit, content: bytes) -> None:
    seen = send(visit("import", lang="en"), Path("export.csv"), content)
    [refusal] = [error.value for error in seen.at.error]
    assert refusal.startswith("export") and "Traceback" not in refusal
