"""Who may import what, where import-linter does not look; and that the program names no survey."""

from __future__ import annotations

import ast
import csv
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PROGRAM = sorted((PROJECT / "barometer").rglob("*.py"))
PAGES = sorted((PROJECT / "pages").glob("*.py"))
ENTRIES = [path for path in (PROJECT / "app.py", PROJECT / "asgi.py") if path.exists()]

# A library that only some files may import, so that it can be replaced there.
ONLY_IN = {
    "streamlit": ["barometer/ui.py", "barometer/ui/*", "app.py", "asgi.py"],
    "starlette": ["asgi.py", "barometer/returning.py", "barometer/serving.py"],
    "duckdb": ["barometer/store.py", "barometer/summing.py", "barometer/engine.py"],
    "plotly": ["barometer/render/*"],
    "pptx": ["barometer/render/powerpoint/*"],
    "lxml": ["barometer/render/powerpoint/*"],
    "xlsxwriter": ["barometer/render/*"],
}
PAGE_IMPORTS = {"__future__", "barometer.ui"}

SHORT = 6  # shorter codes are words of any program: size, none, all
# Longer codes that a program may say without meaning this survey.
WORDS = {"service", "services", "partial", "industry", "finance", "website", "mobile", "return"}

QUERY = re.compile(r"\bselect\b.+\bfrom\b|\b(insert into|delete from|create table|copy \w+ to)\b")

SAMPLE = '''
"""Select from."""
import barometer.ui, os.path
from barometer import store
from x.y import z
q = f"select {a} from t"
def f():
    "Copy from here."
    return "crm_project"
'''


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("path", PROGRAM + PAGES + ENTRIES, ids=name)
def test_libraries_stay_in_their_place(path: Path) -> None:
    libraries = {module.partition(".")[0] for module in imports(path)}
    strays = {
        library
        for library, places in ONLY_IN.items()
        if library in libraries and not any(Path(name(path)).match(place) for place in places)
    }
    assert not strays, f"{name(path)} imports {strays}; see ONLY_IN"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_import_only_the_interface(path: Path) -> None:
    assert set(imports(path)) <= PAGE_IMPORTS


@pytest.mark.parametrize("path", PROGRAM, ids=name)
def test_the_program_names_nothing_of_a_survey(path: Path) -> None:
    """A new question, item or dimension is data: no code of the codebook is in the program."""
    named = set(strings(path)) & codes()
    assert not named, f"{name(path)} names {named}: say it in the codebook or charts.toml"


@pytest.mark.parametrize("path", PROGRAM + PAGES + ENTRIES, ids=name)
def test_sql_is_in_queries(path: Path) -> None:
    queries = [text for text in strings(path) if QUERY.search(" ".join(text.lower().split()))]
    assert not queries, f"{name(path)} holds SQL: {queries}; its place is queries/"


@pytest.mark.parametrize("path", PROGRAM + PAGES, ids=name)
def test_files_are_handed_out_by_one_button(path: Path) -> None:
    """It asks again who is there when it is clicked, and writes into the audit log."""
    calls = re.findall(r"\bst\.download_button\(", path.read_text(encoding="utf-8"))
    assert not calls or name(path) == "barometer/ui/access.py", (
        f"{name(path)} calls st.download_button: call access.download_button of barometer.ui"
    )


def test_the_checks_see_what_they_look_for(tmp_path: Path) -> None:
    path = tmp_path / "page.py"
    path.write_text(SAMPLE)
    assert set(imports(path)) == {"barometer.ui", "os.path", "barometer.store", "x.y.z"}
    assert set(strings(path)) == {"select {} from t", "crm_project"}
    assert {"crm_project", "relational_model", "e_mailing"} <= codes()


def imports(path: Path) -> Iterator[str]:
    """Full names of what a file imports, wherever in it: a.b for `from a import b`, else a."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (_imported(node, alias) for alias in node.names)


def _imported(node: ast.ImportFrom, alias: ast.alias) -> str:
    module = "." * node.level + (node.module or "")
    if module in PAGE_IMPORTS:  # a name of a module that may be imported as a whole
        return module
    return f"{module}.{alias.name}"


def strings(path: Path) -> Iterator[str]:
    """Texts of a file without its docstrings; an f-string is one, with {} for each value."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield "".join(p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
        elif isinstance(node, ast.Constant) and id(node) not in skipped:
            yield from [node.value] if isinstance(node.value, str) else []


@cache
def codes() -> set[str]:
    """Long codes of this survey: questions, indicators, items, dimensions and their levels."""
    data = PROJECT / "data"
    book = tomllib.loads((data / "codebook.toml").read_text(encoding="utf-8"))
    with (data / "channels.csv").open(encoding="utf-8", newline="") as file:
        channels = {row["code"] for row in csv.DictReader(file)}
    every = channels | set(book.get("lists", {})) | set(_codes(book))
    return {code for code in every if len(code) > SHORT} - WORDS


def _codes(entry: Any) -> Iterator[str]:
    if isinstance(entry, dict):
        if isinstance(code := entry.get("code"), str):
            yield code
        entry = list(entry.values())
    if isinstance(entry, list):
        for part in entry:
            yield from _codes(part)
