"""A receipt finds the same figures again, and tells when they changed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometer import charts, declarations, figures, receipts
from barometer.cells import SelectionError, select
from barometer.charts import View
from barometer.declarations import Chart
from barometer.measure import Settings
from barometer.recall import recall
from barometer.receipts import ChartReceipt
from barometer.store import Home, Publication, Publications


def test_a_reference_is_read_back_as_it_was_written(publication: Publication) -> None:
    selection = select(
        publication.codebook,
        publication.years,
        "crm_project",
        ["relational_model", "size"],
        {"year": ["2003"], "sector": ["retail", "finance"]},
        ["implemented"],
    )
    settings = Settings(0.9, "korn_graubard", "benjamini_hochberg")
    receipt = receipts.issue(publication, selection, settings, publication.id)
    assert receipts.read(publication, str(receipt)) == receipt


def test_every_chart_carries_a_reference_that_finds_its_figures_unchanged(
    publication: Publication, home: Path
) -> None:
    declared = declarations.load(home / "data", publication.codebook)
    published = figures.load(home / "data", "published")
    for chart in declared.charts:
        if chart.plan or chart.compared:
            continue  # several indicators or waves: their tables hold what defends them
        spec = charts.build(publication, chart, View(2003, (("size", ("large",)),)), published)
        if spec.empty:
            continue
        found = recall(publication, lambda name: None, declared, spec.receipt)
        assert found.receipt.publication == publication.id
        assert not found.changed, chart.name


@pytest.mark.parametrize("across", ["size", "year"])
def test_panels_of_two_breakdowns_have_a_receipt_of_their_own_figures(
    publication: Publication, across: str
) -> None:
    chart = Chart(
        name="panels",
        kind="panels",
        measure={"fr": "Projets", "en": "Projects"},
        indicator="crm_project",
        by="relational_model",
        across=across,
    )
    spec = charts.build(publication, chart, View(2003, waves=(2002, 2003)), pd.DataFrame())
    found = receipts.read(publication, spec.receipt)
    assert found.selection.by == ("relational_model", across)
    now = receipts.figures(publication, found.selection, found.settings)
    assert not receipts.changed(found, found.selection.keys, None, now)
    assert len(now) == sum(point.n > 0 for point in spec.points)


def test_a_value_that_moved_is_told(publication: Publication) -> None:
    selection = select(publication.codebook, publication.years, "crm_project", ["size"])
    receipt = receipts.issue(publication, selection, Settings(), publication.id)
    now = receipts.figures(publication, selection, Settings())
    moved = now.assign(value=now["value"] + 2e-9)
    assert receipts.changed(receipt, selection.keys, None, moved)
    assert receipts.changed(receipt, selection.keys, now, moved)


def test_the_last_digits_of_a_sum_do_not_count(publication: Publication) -> None:
    rows = [{"item": "a", "n": 40, "value": 0.25, "ci_low": 0.125, "ci_high": 0.5}]
    nearly = [rows[0] | {"value": 0.25 + 1e-13}]
    assert receipts.digest(["item"], rows) == receipts.digest(["item"], nearly)


@given(st.permutations(range(6)))
def test_rows_in_any_order_have_the_same_fingerprint(order: list[int]) -> None:
    frame = pd.DataFrame(
        {"item": list("abcdef"), "n": range(6), "value": 0.5, "ci_low": 0.25, "ci_high": None}
    )
    first = receipts.digest(["item"], frame.to_dict("records"))
    assert receipts.digest(["item"], frame.iloc[order].to_dict("records")) == first


@pytest.mark.parametrize(
    "text",
    [
        "",
        "crm_project",
        "crm_project.by=size@nowhere",
        "crm_project.by=nothing@20260101-000000-00000000#abcdef",
        "nothing.by=size@20260101-000000-00000000#abcdef",
        "crm_project[nothing]@20260101-000000-00000000#abcdef",
        "crm_project.year=1999@20260101-000000-00000000#abcdef",
        "crm_project.confidence=0,5@20260101-000000-00000000#abcdef",
        "crm_project@../../etc#abcdef",
    ],
)
def test_what_is_no_reference_is_refused_in_a_sentence(publication: Publication, text: str) -> None:
    with pytest.raises(SelectionError):
        receipts.read(publication, text)


def test_a_publication_that_is_gone_is_not_looked_for_elsewhere(home: Path) -> None:
    publications = Publications(Home(home))
    assert publications.named("../publications") is None
    assert publications.named("20000101-000000-00000000") is None


@pytest.mark.parametrize("level", ["", "b2c"])
def test_a_chart_of_several_indicators_is_found_again_whole(
    publication: Publication, home: Path, level: str
) -> None:
    declared = declarations.load(home / "data", publication.codebook)
    chart = next(chart for chart in declared.charts if chart.compared)
    view = View(2003, (("size", ("large",)),), settings=Settings(0.9), level=level)
    spec = charts.build(publication, chart, view, pd.DataFrame())
    assert spec.receipt.startswith(f"chart:{chart.name}.")
    receipt = receipts.read(publication, spec.receipt)
    assert str(receipt) == spec.receipt
    assert isinstance(receipt, ChartReceipt)
    assert charts.viewed(receipt, view.language) == view
    found = recall(publication, lambda name: publication, declared, spec.receipt)
    assert not found.changed
    assert len(found.now) == len(spec.points)
    moved = spec.receipt[:-6] + ("000000" if not spec.receipt.endswith("000000") else "111111")
    assert recall(publication, lambda name: None, declared, moved).changed


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("chart:nothing.year=2003@p#000000", "there is no chart 'nothing'"),
        ("chart:crm_stages@p#000000", "names its wave"),
        ("chart:crm_stages.year=1999@p#000000", "1999"),
    ],
)
def test_the_reference_of_a_chart_that_is_not_here_is_refused_in_a_sentence(
    publication: Publication, home: Path, text: str, sentence: str
) -> None:
    declared = declarations.load(home / "data", publication.codebook)
    with pytest.raises(SelectionError, match=sentence):
        recall(publication, lambda name: None, declared, text)
