"""What every test may use: the order of the run, and a published copy of this barometer."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from barometer.declarations import Declarations
    from barometer.store import Publication

PROJECT = Path(__file__).resolve().parent.parent

# Loaded machines are slow, not wrong; and CI repeats the same examples.
settings.register_profile("barometer", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("barometer")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop that asyncio.run would refuse."""
    items.sort(key=lambda item: "browser" in item.path.relative_to(PROJECT).parts)


def pytest_unconfigure() -> None:
    """Streamlit's AppTest never clears its folder, and Python warns of that when it ends."""
    if "streamlit.testing.v1.app_test" in sys.modules:
        from streamlit.testing.v1 import app_test

        app_test.TMP_DIR.cleanup()


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


@pytest.fixture(scope="session")
def publication(home: Path) -> Publication:
    """The publication of that home, opened once: read it, never change it."""
    from barometer.store import Home, Publications

    found = Publications(Home(home)).current()
    assert found is not None
    return found


@pytest.fixture
def con(home: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the owner's database, with the cells that its publication has."""
    import duckdb

    from barometer import history
    from barometer.store import Home

    held = history.database(Home(home), history.current(Home(home)))
    assert held is not None
    shutil.copyfile(held, tmp_path / "respondents.duckdb")
    with duckdb.connect(str(tmp_path / "respondents.duckdb")) as opened:
        yield opened


@pytest.fixture(scope="session")
def source(publication: Publication) -> Publication:
    """What charts, sentences and tables are asked of."""
    return publication


@pytest.fixture(scope="session")
def declared(home: Path, publication: Publication) -> Declarations:
    """The pages, charts and decks that this barometer declares."""
    from barometer import declarations

    return declarations.load(home / "data", publication.codebook)


@pytest.fixture(scope="session")
def printed(home: Path) -> pd.DataFrame:
    """The figures that were printed about this barometer."""
    from barometer import figures

    return figures.load(home / "data", "published")
