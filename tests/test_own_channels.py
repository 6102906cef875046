"""A survey owner's own leaves of the channel tree: a file, a wave, and they are everywhere."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from barometer import charts, codebook, declarations, measure
from barometer.cells import Selection
from barometer.charts import View
from barometer.codebook import CodebookError
from barometer.store import Home, Publication, Publications, publish

PROJECT = Path(__file__).resolve().parent.parent
LEAVES = (
    "code,parent,label_fr,label_en\n"
    "toll_free_2,toll_free,Second numéro vert,Second toll-free number\n"
    "app,mobile,Application,App\n"
)
OWN = ("toll_free_2", "app")


@pytest.fixture(scope="module")
def owners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two leaves of its own, and one wave that asks whether they are used."""
    folder = tmp_path_factory.mktemp("owner")
    for name in ("data", "queries"):
        built = shutil.ignore_patterns("publications", "respondents", "waves", "*.duckdb*")
        shutil.copytree(PROJECT / name, folder / name, ignore=built)
    (folder / "data" / "own_channels.csv").write_text(LEAVES, encoding="utf-8")
    (folder / "data" / "waves").mkdir()
    with (PROJECT / "data" / "waves" / "wave_2007.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for place, row in enumerate(rows):
        row["channel_adoption:toll_free_2"] = str(int(place % 5 == 0))
        row["channel_adoption:app"] = str(int(place % 4 == 0))
    with (folder / "data" / "waves" / "wave_2007.csv").open("w", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    publish(Home(folder))
    return folder


@pytest.fixture(scope="module")
def source(owners: Path) -> Publication:
    publication = Publications(Home(owners)).current()
    assert publication
    return publication


def shares(source: Publication, indicator: str) -> dict[str, float]:
    rows = measure.estimate(source, Selection(indicator))
    return dict(zip(rows["item"], rows["value"], strict=True))


def test_a_leaf_is_estimated_and_its_nets_count_it(owners: Path, source: Publication) -> None:
    wave = pd.read_csv(owners / "data" / "waves" / "wave_2007.csv")
    found, before = shares(source, "channel_adoption"), wave["weight"].sum()
    for code in OWN:
        used = wave[f"channel_adoption:{code}"]
        assert found[code] == pytest.approx((used * wave["weight"]).sum() / before)
    either = wave[["channel_adoption:toll_free", "channel_adoption:toll_free_2"]].max(axis=1)
    assert found["toll_free"] == pytest.approx((either * wave["weight"]).sum() / before)
    assert found["phone"] >= found["toll_free"] and found["mobile"] >= found["app"]


def test_a_leaf_takes_the_stage_of_its_parent(source: Publication) -> None:
    """The file says none: a second toll-free number is as traditional as the first."""
    stages = source.codebook.by_indicator["channel_stage"]
    assert list(stages.line("toll_free_2")) == ["toll_free_2", "toll_free", "phone", "established"]
    assert list(stages.line("app")) == ["app", "mobile", "emerging"]
    found = shares(source, "channel_stage")
    assert (
        found["emerging"]
        >= found["app"]
        == pytest.approx(shares(source, "channel_adoption")["app"])
    )


@pytest.mark.parametrize(
    ("language", "label"), [("fr", "Second numéro vert"), ("en", "Second toll-free number")]
)
def test_a_leaf_is_in_the_tree_in_each_language(
    owners: Path, source: Publication, language: str, label: str
) -> None:
    declared = declarations.load(owners / "data", source.codebook).by_name["channel_tree"]
    within = (("node", "toll_free"),)
    spec = charts.build(source, declared, View(2007, (), language, within=within), pd.DataFrame())
    assert [(e.code, e.label, e.parent) for e in spec.categories][1:] == [
        ("toll_free_2", label, "toll_free")
    ]


def test_a_leaf_is_on_the_page_without_any_code(
    owners: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAROMETER_HOME", str(owners))
    at = AppTest.from_file(str(PROJECT / "pages" / "channels.py"), default_timeout=30)
    at.query_params["lang"], at.query_params["node"] = "en", "mobile"
    at.run()
    assert not at.exception and not at.error
    tree = next(c for c in at.get("plotly_chart") if c.proto.id.endswith("chart_channel_tree"))
    assert '"app"' in tree.proto.spec and "App" in tree.proto.spec


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    for name in ("codebook.toml", "channels.csv"):
        shutil.copy(PROJECT / "data" / name, tmp_path / name)
    yield tmp_path


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("sms,mobile,SMS,SMS\n", "row 2, code: sms is in the list already"),
        ("app,telephone,Application,App\n", "row 2, parent: no item telephone"),
        ("app,mobile,,App\n", "row 2, label_fr: this cell is empty"),
        ("app,mobile,Application\n", "row 2: expected 4 cells"),
    ],
)
def test_a_faulty_leaf_is_named_with_its_row_and_cure(data: Path, rows: str, told: str) -> None:
    (data / "own_channels.csv").write_text(LEAVES.splitlines()[0] + "\n" + rows, encoding="utf-8")
    with pytest.raises(CodebookError, match=r"own_channels\.csv") as refused:
        codebook.load(data)
    assert told in str(refused.value)


def test_an_unknown_stage_is_refused_with_those_that_exist(data: Path) -> None:
    text = LEAVES.splitlines()[0] + ",stage\napp,mobile,Application,App,future\n"
    (data / "own_channels.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError, match="item app of channels has stage future"):
        codebook.load(data)
