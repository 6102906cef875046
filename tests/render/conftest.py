"""Charts for every renderer: a barometer's own, and one of each kind whose labels mean harm."""

from __future__ import annotations

import io
import posixpath
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from barometer import charts, deck, declarations, figures
from barometer.charts import View
from barometer.deck import Deck, Slide, Wanted
from barometer.kinds.apart import DIFFERENCE, OTHERS
from barometer.kinds.plans import ANNOUNCED, CHANGE, GAP
from barometer.spec import TOTAL, ChartSpec, Cut, Entry, Point, Published
from barometer.store import Home, Publications

HARMFUL = (
    '=HYPERLINK("http://evil.example","click")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "control \x00\x01\x0b\x1f\x7f\ufffe signs",
    "long " + "x" * 10_000,
    "a & b < c > \"d\" 'e' ]]> </script> <!--",
    "\u202ereversed",
    "[](){}*_`$: **bold** {=} &amp; &#x0;",
)
KINDS = ("bars", "lines", "stack", "heatmap", "panels", "tree", "dumbbell", "shift")
KINDS += ("curve", "apart", "plans")
OWN = {"apart": ("e4", OTHERS, DIFFERENCE), "plans": (ANNOUNCED, CHANGE, GAP)}  # their series
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"


def evil(kind: str, language: str = "fr") -> ChartSpec:
    """A chart of a kind whose every word is one that would do harm where it is not kept as text."""
    labels = [Entry(f"e{place}", text, place) for place, text in enumerate(HARMFUL)]
    waves = tuple(Entry(str(year), str(year)) for year in (2001, 2002, 2003, 2005))
    categories = waves if kind == "lines" else tuple(labels)
    series = tuple(labels[:4]) if kind in ("stack", "lines") else (*labels[4:7], Entry(TOTAL, "="))
    if kind in ("tree", "shift"):
        series = (Entry("one", HARMFUL[4]),)
    series = tuple(Entry(c, HARMFUL[p], p) for p, c in enumerate(OWN.get(kind, ()))) or series
    facets = tuple(labels[:2]) if kind in ("heatmap", "panels", "plans") else (Entry("", ""),)
    points = [
        _point(c.code, s.code, f.code, rank + place)
        for f in facets
        for rank, c in enumerate(categories)
        for place, s in enumerate(series)
    ]
    words = {
        name: " ".join(HARMFUL)
        for name in ("headline", "measure", "base", "waves", "filters", "source", "alt", "receipt")
    }
    return ChartSpec(
        name=f"evil_{kind}",
        kind=kind,
        language=language,
        indicator="asked",
        unit="points" if kind in ("shift", "plans") else "share",
        provenance="Demonstration sample: synthetic data",
        categories=categories,
        series=series,
        facets=facets,
        points=tuple(points),
        published=(Published(categories[0].code, series[0].code, 0.2, HARMFUL[4], HARMFUL[0]),),
        cuts=(Cut(2003, HARMFUL[4], (series[0].code,)),) if kind == "lines" else (),
        notes=HARMFUL,
        colour_by="category" if kind == "shift" else "series",
        ordered=kind == "stack",
        highlight="2003",
        file_name=f"evil_{kind}",
        synthetic=True,
        **words,
    )


def _point(category: str, series: str, facet: str, number: int) -> Point:
    """An ordinary point, a marked one, a flagged one, or one that is hidden: its value is gone."""
    if number % 7 == 6:
        return Point(category, series, facet, n=6, flag="hidden")
    value = 0.05 * (1 + number % 5)
    return Point(
        category,
        series,
        facet,
        value=value,
        low=value - 0.02,
        high=value + 0.02,
        n=20 if number % 5 == 4 else 400,
        effective_base=300.0,
        flag="flagged" if number % 5 == 4 else "",
        mark="▲" if number % 3 == 2 else "",
    )


@pytest.fixture(scope="session")
def evil_deck() -> Deck:
    """A deck of an evil chart of each kind."""
    slides = tuple(
        Slide(
            wanted=Wanted(f"evil_{kind}", View(2003)),
            spec=evil(kind),
            title=HARMFUL[rank % len(HARMFUL)],
            comment=HARMFUL[4],
            questions=HARMFUL,
            definition=HARMFUL[0],
            rows=deck.rows(evil(kind)),
            address="/?lang=fr",
            contradicted=HARMFUL[4],
        )
        for rank, kind in enumerate(KINDS)
    )
    return Deck(
        title=HARMFUL[4],
        subtitle=HARMFUL[0],
        language="fr",
        source=HARMFUL[5],
        provenance="Demonstration sample: synthetic data",
        synthetic=True,
        publication="20261124-000000-00000000",
        view=View(2003),
        slides=slides,
        asked=(),
        key_figures=(),
        findings=(),
        method=HARMFUL,
        missing=(HARMFUL[4],),
        file_name="evil",
    )


@pytest.fixture(scope="session")
def deck_of(home: Path) -> Callable[..., Deck]:
    """The deck of every chart that the barometer declares, in a language and view."""
    source = Publications(Home(home)).current()
    assert source
    declared = declarations.load(home / "data", source.codebook)
    printed = figures.load(home / "data", "published")

    def of(language: str, year: int = 2003, where: charts.Where = ()) -> Deck:
        view = View(year, where, language)
        basket = [deck.Wanted(chart.name, view) for chart in declared.charts]
        return deck.build(source, declared, basket, view, printed)

    return of


@pytest.fixture(scope="session")
def sound() -> Callable[[bytes], None]:
    """Check an Office package: every part has a type and parses, every relation has its target."""

    def check(content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            assert package.testzip() is None
            names = package.namelist()
            assert len(names) == len(set(names))
            types = ElementTree.fromstring(package.read("[Content_Types].xml"))
            defaults = {node.get("Extension", "") for node in types.iter(f"{TYPES}Default")}
            declared = {node.get("PartName", "")[1:] for node in types.iter(f"{TYPES}Override")}
            assert declared <= set(names)
            for name in set(names) - {"[Content_Types].xml"}:
                assert name in declared or name.rpartition(".")[2] in defaults, name
                if name.endswith((".xml", ".rels")):
                    root = ElementTree.fromstring(package.read(name))
                    if name.endswith(".rels"):
                        _targets(name, root, set(names))

    return check


def _targets(name: str, root: ElementTree.Element, names: set[str]) -> None:
    folder = posixpath.dirname(posixpath.dirname(name))
    for node in root.iter(f"{RELATIONS}Relationship"):
        if node.get("TargetMode") != "External":
            target = node.get("Target", "")
            path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            assert posixpath.normpath(path) in names, (name, target)


@pytest.fixture
def as_pdf(tmp_path: Path) -> Callable[[bytes, str], bytes]:
    """What LibreOffice makes of a file: a PDF. Skipped where it is not installed."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")

    def convert(content: bytes, suffix: str) -> bytes:
        (tmp_path / f"file.{suffix}").write_bytes(content)
        subprocess.run(
            [
                office,
                f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
                "--headless",
                "--convert-to",
                "pdf",
                "--outdir",
                str(tmp_path),
                str(tmp_path / f"file.{suffix}"),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return (tmp_path / "file.pdf").read_bytes()

    return convert
