"""Example exports of survey tools, in the layouts that they document: python make.py FOLDER.

The answers are those of a synthetic demonstration wave, given a later year; nobody answered them.
"""

from __future__ import annotations

import csv
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

PROJECT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(PROJECT))

from barometer import codebook  # noqa: E402
from barometer.codebook import Codebook, Question, Text  # noqa: E402

YEAR = 2008
RESPONDENTS = 240
Rows = list[dict[str, str]]


def demonstration() -> tuple[Codebook, Rows]:
    """The codebook, and some respondents of its last wave as the wave file has them."""
    book = codebook.load(PROJECT / "data")
    with (PROJECT / "data" / "waves" / "wave_2007.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return book, rows[:: len(rows) // RESPONDENTS][:RESPONDENTS]


def asked(book: Codebook, rows: Rows, kind: str) -> list[Question]:
    """The questions of a kind that the rows answer."""
    return [
        question
        for question in book.questions
        if question.kind == kind and any(column in rows[0] for column in question.columns)
    ]


def closed(book: Codebook) -> Iterator[tuple[str, Text, dict[str, Text]]]:
    """Column, words and answers of each dimension of its own, then of each single question."""
    for dimension in book.dimensions:
        if dimension.question is None:
            yield dimension.code, dimension.label, {v.code: v.label for v in dimension.levels}
    for question in book.questions:
        if question.kind == "single":
            yield question.code, question.wording, {i.code: i.label for i in question.items}


def boxes(
    book: Codebook, rows: Rows, kind: str = "multiple"
) -> Iterator[tuple[int, Question, str, Text]]:
    """Number of the question, question, column and item label of every box, or of every rating."""
    for number, question in enumerate(asked(book, rows, kind), start=1):
        labels = {item.code: item.label for item in question.items}
        for column, item in question.columns.items():
            if item is not None and column in rows[0]:
                yield number, question, column, labels[item]


def limesurvey(path: Path, language: str = "fr") -> None:
    """CSV, full question texts and full answers: `Question ? [Item]` with Oui and Non.

    One interview in twelve was not finished: it has no date of submission.
    """
    book, rows = demonstration()
    words = {
        "fr": ("ID de la réponse", "Date de soumission", "Dernière page", "Langue de départ"),
        "en": ("Response ID", "Date submitted", "Last page", "Start language"),
    }[language]
    yes, no = {"fr": ("Oui", "Non"), "en": ("Yes", "No")}[language]
    header = [*words, *(text[language] for _, text, _ in closed(book)), "POIDS"]
    header += [
        f"{question.wording[language]} {''.join(f'[{part}]' for part in label[language].split(' · '))}"
        for _, question, _, label in (*boxes(book, rows), *boxes(book, rows, "rating"))
    ]
    lines = []
    for number, row in enumerate(rows, start=1):
        done = number % 12 != 0
        line = [
            str(number),
            f"{YEAR}-03-{number % 28 + 1:02} 10:00:00" if done else "",
            "9",
            language,
        ]
        line += [_said(row[code], answers, language) for code, _, answers in closed(book)]
        line.append(row["weight"].replace(".", ","))
        line += [{"1": yes, "0": no, "": ""}[row[column]] for _, _, column, _ in boxes(book, rows)]
        line += [row[column] for _, _, column, _ in boxes(book, rows, "rating")]
        lines.append(line)
    _write(path, header, lines, "utf-8-sig", ",", csv.QUOTE_ALL)


def qualtrics(path: Path) -> None:
    """CSV with three header rows in English; a box holds its own words where it is ticked."""
    book, rows = demonstration()
    frame = ["StartDate", "EndDate", "Status", "Progress", "Finished", "RecordedDate", "ResponseId"]
    names, labels = list(frame), ["Start Date", "End Date", "Response Type", "Progress", "Finished",
                                  "Recorded Date", "Response ID"]  # fmt: skip
    for number, (_, text, _) in enumerate(closed(book), start=1):
        names.append(f"Q{number}")
        labels.append(text.en)
    for place, (number, question, _, label) in enumerate(boxes(book, rows), start=1):
        names.append(f"Q{number + 20}_{place}")
        labels.append(f"{question.wording.en} - {label.en.replace(' · ', ' - ')}")
    for place, (_, question, _, label) in enumerate(boxes(book, rows, "rating"), start=1):
        names.append(f"Q40_{place}")
        labels.append(f"{question.wording.en} - {label.en.replace(' · ', ' - ')}")
    imported = [f'{{"ImportId":"{name}"}}' for name in names]
    lines = [labels, imported]
    for number, row in enumerate(rows, start=1):
        day = f"{YEAR}-04-{number % 28 + 1:02} 09:12:44"
        line = [day, day, "IP Address", "100", "True", day, f"R_{number:015x}"]
        line += [_said(row[code], answers, "en") for code, _, answers in closed(book)]
        line += [
            label.en.split(" · ")[-1] if row[column] == "1" else ""
            for _, _, column, label in boxes(book, rows)
        ]
        line += [row[column] for _, _, column, _ in boxes(book, rows, "rating")]
        lines.append(line)
    _write(path, names, lines, "utf-8", ",", csv.QUOTE_MINIMAL)


def sphinx(path: Path) -> None:
    """Text with semicolons in Latin-1, in French; a cell holds every answer to its question."""
    book, rows = demonstration()
    multiple = {question.code: question for _, question, _, _ in boxes(book, rows)}
    crossed = {code: ":" in question.items[0].code for code, question in multiple.items()}
    header = ["CLE", "DATE_SAISIE", *(text.fr for _, text, _ in closed(book)), "COEF_RED"]
    header += [question.wording.fr for question in multiple.values()]
    header += [label.fr.replace(" · ", " - ") for _, _, _, label in boxes(book, rows, "rating")]
    lines = []
    for number, row in enumerate(rows, start=1):
        line = [str(number), f"{number % 28 + 1:02}/05/{YEAR}"]
        line += [_said(row[code], answers, "fr") for code, _, answers in closed(book)]
        line.append(row["weight"].replace(".", ","))
        for code, question in multiple.items():
            join = " - " if crossed[code] else " · "
            ticked = [
                label.fr.replace(" · ", join)
                for _, asked_in, column, label in boxes(book, rows)
                if asked_in is question and row[column] == "1"
            ]
            line.append(";".join(ticked))
        line += [row[column] for _, _, column, _ in boxes(book, rows, "rating")]
        lines.append(line)
    _write(path, header, lines, "cp1252", ";", csv.QUOTE_MINIMAL)


def spss(path: Path) -> None:
    """A .sav file: codes with value labels, 1 and 2 for yes and no, multiple-response sets."""
    book, rows = demonstration()
    cells: dict[str, list[Any]] = {"RESPID": [float(n) for n in range(1, len(rows) + 1)]}
    labels, values = {"RESPID": "Identifiant"}, {}
    cells["ANNEE"] = [float(YEAR)] * len(rows)
    for number, (code, text, answers) in enumerate(closed(book), start=1):
        name = f"Q{number}"
        codes = {answer: float(place) for place, answer in enumerate(answers, start=1)}
        cells[name] = [codes.get(row[code]) for row in rows]
        labels[name] = text.fr
        values[name] = {codes[answer]: label.fr for answer, label in answers.items()}
    cells["POIDS"] = [float(row["weight"]) for row in rows]
    sets: dict[str, tuple[str, list[str]]] = {}
    for place, (number, question, column, label) in enumerate(boxes(book, rows), start=1):
        name = f"M{number}_{place}"
        cells[name] = [{"1": 1.0, "0": 2.0, "": None}[row[column]] for row in rows]
        labels[name] = label.fr
        values[name] = {1.0: "Oui", 2.0: "Non"}
        sets.setdefault(f"$M{number}", (question.wording.fr, []))[1].append(name)
    for place, (_, _, column, label) in enumerate(boxes(book, rows, "rating"), start=1):
        cells[f"R{place}"] = [float(row[column]) if row[column] else None for row in rows]
        labels[f"R{place}"] = label.fr
    frame = pd.DataFrame(cells)
    pyreadstat.write_sav(frame, str(path), column_labels=labels, variable_value_labels=values)
    if path.suffix == ".sav":
        path.write_bytes(with_sets(path.read_bytes(), sets))


def with_sets(content: bytes, sets: dict[str, tuple[str, list[str]]]) -> bytes:
    """The same .sav with multiple-response sets, each counting the value 1.

    They stand in a record of type 7, subtype 7, before the one of type 999 that ends the dictionary.
    """
    text = "".join(
        f"{name}=D1 1 {len(label.encode())} {label} {' '.join(variables).lower()}\n"
        for name, (label, variables) in sets.items()
    ).encode()
    end = content.index(struct.pack("<ii", 999, 0))
    return content[:end] + struct.pack("<iiii", 7, 7, 1, len(text)) + text + content[end:]


def _said(code: str, answers: dict[str, Text], language: str) -> str:
    return answers[code][language] if code else ""


def _write(
    path: Path,
    header: list[str],
    lines: list[list[str]],
    encoding: str,
    separator: str,
    quoting: Any,
) -> None:
    with path.open("w", encoding=encoding, newline="", errors="replace") as file:
        csv.writer(file, delimiter=separator, quoting=quoting).writerows([header, *lines])


MAKERS: dict[str, Callable[[Path], None]] = {
    "limesurvey_2008.csv": limesurvey,
    "qualtrics_2008.csv": qualtrics,
    "sphinx_2008.csv": sphinx,
    "spss_2008.sav": spss,
}


def main(folder: Path) -> None:
    """Write every example into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in MAKERS.items():
        make(folder / name)
        print(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
