"""The report of a wave before it is published, as one HTML page or as CSV."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from barometer import sentences, style, tables, validation
from barometer.style import FONT_STACK, LIGHT
from barometer.validation import Report
from barometer.words import translator

FAULTS_LISTED = 2_000  # on the page: the CSV has all of them


def page(report: Report, language: str) -> bytes:
    """The report as a page in UTF-8 that needs nothing else; whatever it quotes stays text."""
    _ = translator(language)
    told: str = _template().render(
        language=language,
        family=FONT_STACK,
        theme=LIGHT,
        report=report,
        title=_("Validation of {file}").format(file=report.file),
        verdict=_("{n} faults: nothing can be published until they are mended.").format(
            n=len(report.faults)
        )
        if report.faults
        else _("No fault was found: this wave can be published."),
        faults=[
            replace(fault, expected=sentences.said(fault.expected, language))
            for fault in report.faults[:FAULTS_LISTED]
        ],
        notes=[sentences.said(note, language) for note in report.notes],
        rest=max(len(report.faults) - FAULTS_LISTED, 0),
        warnings=[
            (validation.rule_words(notice.rule, _), notice.said(language), notice.rows)
            for notice in report.warnings
        ],
        bases=[
            (
                base.year,
                base.label[language],
                style.number(base.n, language),
                style.number(base.effective_base, language),
            )
            for base in report.bases
        ],
        words={
            "faults": _("Faults"),
            "row": _("Row"),
            "rows": _("Rows"),
            "column": _("Column"),
            "value": _("Value"),
            "expected": _("What was expected"),
            "warnings": _("Warnings"),
            "none": _("None"),
            "bases": _("Base sizes"),
            "wave": _("Wave"),
            "group": _("Group"),
            "base": _("Respondents"),
            "effective": _("Effective base"),
            "notes": _("Notes"),
            "more": _("more are in the CSV"),
        },
    )
    return told.encode()


def table(report: Report, language: str) -> bytes:
    """The report as CSV for a spreadsheet: no cell of it is run as a formula."""
    return tables.with_notes(validation.rows(report, language), [f"SHA-256 {report.sha256}"])


@cache
def _template():  # type: ignore[no-untyped-def]
    folder = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=select_autoescape(), trim_blocks=True
    )
    return environment.get_template("validation.html")
