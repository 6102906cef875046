"""What every test may use: the order of the run, and a published copy of this barometer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parent.parent

# Loaded machines are slow, not wrong; and CI repeats the same examples.
settings.register_profile("barometer", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("barometer")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop that asyncio.run would refuse."""
    items.sort(key=lambda item: "browser" in item.path.relative_to(PROJECT).parts)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of data/ and queries/, published once; BAROMETER_HOME names it meanwhile."""
    from barometer.store import Home, publish

    folder = tmp_path_factory.mktemp("home")
    built = shutil.ignore_patterns(
        "barometer.duckdb*", "respondents", "audit.jsonl", "publications", "__pycache__"
    )
    for name in ("data", "queries"):
        shutil.copytree(PROJECT / name, folder / name, ignore=built)
    publish(Home(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAROMETER_HOME", str(folder))
        yield folder
