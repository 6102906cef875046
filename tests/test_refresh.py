"""Last year's deck: what it remembers, what differs now, and what people edited."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image
from pptx import Presentation
from pptx.util import Inches, Pt

from barometer import deck, measure, refresh
from barometer.cells import Selection
from barometer.charts import View
from barometer.cli import main
from barometer.codebook import YEAR
from barometer.deck import Wanted
from barometer.render import powerpoint
from barometer.render.powerpoint import tags
from barometer.store import Publication

CHARTS = ("crm_stages", "adoption_by_model", "investment_horizons", "mailing", "channel_count")


@pytest.fixture(scope="module")
def last_year(source: Publication, declared: Any, printed: pd.DataFrame) -> bytes:
    """The deck of 2002, as it was exported; one chart of 2000 beside, to compare."""
    view = View(2002, (), "en")
    basket = [Wanted(name, view) for name in CHARTS]
    basket.append(Wanted("crm_stages", View(2000, (), "en"), "Two years before"))
    asked = declared.deck("yearly").key_figures
    made = deck.build(
        source, declared, basket, view, printed, figures=asked, site="https://b.example"
    )
    return powerpoint.deck(made)


def opened(content: bytes) -> Any:
    return Presentation(io.BytesIO(content))


def saved(file: Any) -> bytes:
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()


def charts_of(file: Any) -> list[Any]:
    return [s for s in file.slides if (tags.read(s) or {}).get("kind") == "chart"]


def test_each_number_that_differs_is_listed_with_its_test(
    source, declared, printed, last_year
) -> None:
    held = powerpoint.memories(last_year, "en")
    assert refresh.newest(held.values()) == 2002
    plan = refresh.plan(source, declared, held, printed, 2003)
    stages = next(one for one in plan.slides if one.held.wanted.startswith("crm_stages~2002"))
    changes = {change.where: change for change in stages.changes}
    then = {
        (row.group, row.item): row.value
        for row in deck.rows(opened_spec(source, declared, printed, "crm_stages", 2002))
    }
    now = {
        (row.group, row.item): row.value
        for row in deck.rows(opened_spec(source, declared, printed, "crm_stages", 2003))
    }
    assert set(changes) == {" · ".join(key) for key in then if then[key] != now[key]}
    for key, value in now.items():
        if value != then[key]:
            change = changes[" · ".join(key)]
            assert (change.before, change.after) == (then[key], value)
    figures_then = next(one for one in plan.slides if one.held.kind == "figures")
    assert figures_then.compared == 5
    far = refresh.plan(source, declared, held, printed, 2005)  # three waves on, not one
    moved_far = next(one for one in far.slides if one.held.kind == "figures")
    crm = next(change for change in moved_far.changes if change.where == "CRM implemented")
    assert (crm.verdict, crm.significant) == ("significant", True)
    implemented = changes["All · Implemented"]
    assert implemented.significant is moved(source, "crm_project", "implemented")


def test_verdicts_are_in_the_language_of_who_asks(source, declared, printed, last_year) -> None:
    """An English deck read by somebody who speaks French: only the verdicts change."""
    held = powerpoint.memories(last_year, "fr")
    plans = [
        refresh.plan(source, declared, held, printed, 2003, spoken=spoken)
        for spoken in ("", "en", "fr")
    ]
    same, english, french = (
        [change for one in plan.slides for change in one.changes] for plan in plans
    )
    assert same == english
    assert [(c.where, c.before, c.after) for c in french] == [
        (c.where, c.before, c.after) for c in english
    ]
    assert {"not significant"} <= {c.verdict for c in english}
    assert {"non significatif"} <= {c.verdict for c in french}


def opened_spec(source: Any, declared: Any, printed: Any, name: str, year: int) -> Any:
    view = View(year, (), "en")
    return deck.build(source, declared, [Wanted(name, view)], view, printed).slides[0].spec


def moved(source: Publication, indicator: str, item: str) -> bool:
    rows = measure.pairs(
        source,
        Selection(indicator, (YEAR,), ((YEAR, ("2002", "2003")),), None),
        family=(),
    )
    return bool(rows.set_index("item")["significant"][item])


def test_slides_of_an_earlier_wave_keep_it(source, declared, printed, last_year) -> None:
    plan = refresh.plan(source, declared, powerpoint.memories(last_year, "en"), printed, 2003)
    years = {one.slide.wanted.view.year for one in plan.slides if one.slide}
    earlier = [one for one in plan.slides if one.held.wanted.startswith("crm_stages~2000")]
    assert years == {2003, 2000}
    assert [one.changes for one in earlier] == [()]


def test_nothing_differs_in_a_deck_of_today(source, declared, printed, last_year) -> None:
    plan = refresh.plan(source, declared, powerpoint.memories(last_year, "en"), printed)
    assert [change for one in plan.slides for change in one.changes] == []
    assert sum(one.compared for one in plan.slides) > 100


def test_replaced_data_are_compared_with_the_former_margin(
    source, declared, printed, last_year
) -> None:
    """A memory that says otherwise stands for data that were replaced since."""
    held = powerpoint.memories(last_year, "en")
    position = next(p for p, one in held.items() if one.wanted.startswith("crm_stages~2002"))
    numbers = held[position].numbers
    far = (*numbers[0][:3], 0.9, 0.88, 0.92, 400, "90%")
    near = (*numbers[1][:3], numbers[1][3], 0.0, 1.0, 400, "other")
    changed = {position: held[position].model_copy(update={"numbers": (far, near, *numbers[2:])})}
    found = refresh.plan(source, declared, changed, printed).slides[0].changes
    assert [(change.before, change.significant) for change in found] == [
        ("90%", True),
        ("other", False),
    ]
    assert "beyond the former margin" in found[0].verdict


def test_the_copy_has_new_numbers_and_keeps_what_was_edited(
    source, declared, printed, last_year
) -> None:
    file = opened(last_year)
    edited, fresh, *_ = charts_of(file)
    edited.shapes.title.text_frame.text = "Our own title"
    edited.notes_slide.notes_text_frame.text = "Say hello first"
    frame = next(s for s in fresh.shapes if s.name.startswith("Barometer graphic"))
    frame.left, frame.width = Inches(1), Inches(6)
    own = file.slides.add_slide(file.slide_layouts[0])
    own.shapes.title.text_frame.text = "A slide of theirs"
    given = saved(file)
    plan = refresh.plan(source, declared, powerpoint.memories(given, "en"), printed, 2003)
    content, left = powerpoint.refreshed(given, plan, "en")
    new = opened(content)
    assert len(new.slides) == len(file.slides)
    assert new.slides[len(new.slides) - 1].shapes.title.text_frame.text == "A slide of theirs"
    edited, fresh, *_ = charts_of(new)
    assert edited.shapes.title.text_frame.text == "Our own title"
    assert edited.notes_slide.notes_text_frame.text == "Say hello first"
    assert any("title" in sentence and "notes" in sentence for sentence in left)
    made = {one.position: one.slide for one in plan.slides if one.slide}
    for position, slide in made.items():
        spec, there = slide.spec, new.slides[position]
        graphics = [s for s in there.shapes if s.name.startswith("Barometer graphic")]
        if spec.kind == "stack":
            for series, drawn in zip(spec.series, graphics[0].chart.plots[0].series, strict=True):
                now = [spec.at(c.code, series.code).value for c in spec.categories]
                assert list(drawn.values) == now
        words = "\n".join(s.text_frame.text for s in there.shapes if s.has_text_frame)
        assert spec.measure in words
        assert spec.base in words
        assert "2003" in words or "2000" in words
        assert json.loads(json.dumps(tags.read(there)))["wanted"] == str(slide.wanted)
    frame = next(s for s in fresh.shapes if s.name.startswith("Barometer graphic"))
    assert (frame.left, frame.width) == (Inches(1), Inches(6))
    assert fresh.shapes.title.text_frame.text == made[list(made)[1]].title
    assert "2003" in new.slides[1].shapes.title.text_frame.text  # key figures, filled again


def test_what_people_laid_on_a_slide_and_its_type_stay(
    source, declared, printed, last_year
) -> None:
    file = opened(last_year)
    cover, figures_, findings_ = list(file.slides)[:3]
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    for slide in (cover, figures_):
        slide.shapes.add_picture(picture, 0, 0).name = "Logo"
    findings_.shapes.add_table(1, 1, 0, 0, 9, 9).name = "Their table"
    stages, bars, horizons, *_ = charts_of(file)
    run = stages.shapes.title.text_frame.paragraphs[0].runs[0]
    run.font.italic, run.font.size = True, Pt(14)
    frame = next(s for s in bars.shapes if s.name.startswith("Barometer graphic"))
    frame.width, frame.height = Inches(4), Inches(1.5)
    assert frame.has_chart
    grouped = next(s for s in horizons.shapes if s.name.startswith("Barometer graphic"))
    horizons.shapes.add_group_shape().shapes._spTree.append(grouped._element)
    theirs = file.slides.add_slide(file.slide_layouts[0])
    theirs.shapes.add_textbox(0, 0, 9, 9).name = "Barometer graphic"
    given = saved(file)
    plan = refresh.plan(source, declared, powerpoint.memories(given, "en"), printed, 2003)
    content, left = powerpoint.refreshed(given, plan, "en")
    new = opened(content)
    cover, figures_, findings_ = list(new.slides)[:3]
    assert "Logo" in [shape.name for shape in cover.shapes]
    assert [shape.name for shape in figures_.shapes][-1] == "Logo"  # over what was drawn again
    assert "Their table" in [shape.name for shape in findings_.shapes]
    body = next(s for s in findings_.placeholders if s.placeholder_format.idx == 1)
    assert "2003" in body.text_frame.text  # the layout's own, not a box in its place
    stages, bars, *_ = charts_of(new)
    run = stages.shapes.title.text_frame.paragraphs[0].runs[0]
    assert (run.font.italic, run.font.size) == (True, Pt(14))
    assert run.text != charts_of(file)[0].shapes.title.text_frame.text
    assert next(s for s in bars.shapes if s.name.startswith("Barometer graphic")).has_chart
    assert any("in a group" in sentence for sentence in left)
    last = f"Slide {len(new.slides)}: does not say"
    assert any(sentence.startswith(last) for sentence in left)


def test_a_deck_that_forgot_what_it_was_made_of_is_told_from_a_strangers(last_year) -> None:
    file = opened(last_year)
    for slide in file.slides:
        for name, relation in list(slide.part.rels.items()):
            if relation.reltype == tags.RELATION:  # as LibreOffice saves it
                slide.part.rels.pop(name)
    with pytest.raises(ValueError, match="no longer say what they were made of"):
        powerpoint.memories(saved(file), "en")


def test_a_copy_can_be_refreshed_again_and_edits_stay_edits(
    source, declared, printed, last_year
) -> None:
    file = opened(last_year)
    charts_of(file)[0].shapes.title.text_frame.text = "Our own title"
    content = saved(file)
    for year in (2003, 2004):
        plan = refresh.plan(source, declared, powerpoint.memories(content, "en"), printed, year)
        content, _left = powerpoint.refreshed(content, plan, "en")
    new = opened(content)
    assert charts_of(new)[0].shapes.title.text_frame.text == "Our own title"
    assert "2004" in new.slides[1].shapes.title.text_frame.text
    parts = [part.partname for part in new.part.package.iter_parts()]
    assert len(parts) == len(set(parts))
    once = [p.partname for p in opened(last_year).part.package.iter_parts()]
    assert len([p for p in parts if "/charts/" in p]) == len([p for p in once if "/charts/" in p])


def test_what_cannot_be_made_again_is_said_and_left(source, declared, printed, last_year) -> None:
    file = opened(last_year)
    first, second, *_ = charts_of(file)
    held = tags.read(first)
    tags.write(first, held | {"wanted": "no_such_chart~2002"})
    for shape in [s for s in second.shapes if s.name.startswith("Barometer graphic")]:
        shape._element.getparent().remove(shape._element)
    given = saved(file)
    plan = refresh.plan(source, declared, powerpoint.memories(given, "en"), printed, 2003)
    content, left = powerpoint.refreshed(given, plan, "en")
    assert any("no_such_chart" in sentence for sentence in left)
    assert any("chart is gone" in sentence for sentence in left)
    assert len(opened(content).slides) == len(file.slides)


@pytest.mark.parametrize(
    "found",
    [None, {}, {"kind": "chart"}, {"kind": "virus", "language": "fr"},
     {"kind": "chart", "language": "fr", "numbers": [["a"]]}],
)  # fmt: skip
def test_a_tag_that_makes_no_sense_is_not_ours(found) -> None:
    assert refresh.memory(found) is None


def test_a_deck_of_somebody_else_has_nothing_of_ours() -> None:
    file = Presentation()
    file.slides.add_slide(file.slide_layouts[5])
    assert powerpoint.memories(saved(file), "en") == {}


def test_what_is_no_deck_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="not a PowerPoint file"):
        powerpoint.memories(b"PK", "en")


def test_the_command_line_lists_changes_and_writes_the_copy(
    home: Path, last_year: bytes, tmp_path: Path
) -> None:
    given, out = tmp_path / "deck.pptx", tmp_path / "new.pptx"
    given.write_bytes(last_year)
    run = CliRunner().invoke(
        main,
        ["--home", str(home), "refresh", str(given), "--out", str(out), "--year", "2003",
         "--format", "json"],
    )  # fmt: skip
    assert run.exit_code == 0, run.output
    rows = json.loads(run.stdout)
    assert {"slide", "number", "before", "now", "verdict"} == set(rows[0])
    assert f"{len(rows)} of" in run.stderr
    assert "2003" in opened(out.read_bytes()).slides[1].shapes.title.text_frame.text
    wrong = CliRunner().invoke(main, ["--home", str(home), "refresh", str(given), "--year", "1990"])
    assert wrong.exit_code == 2
    assert "there is no such wave" in wrong.output
    other = tmp_path / "other.pptx"
    other.write_bytes(b"no deck")
    refused = CliRunner().invoke(main, ["--home", str(home), "refresh", str(other)])
    assert refused.exit_code == 1
    assert "not a PowerPoint file" in refused.output
