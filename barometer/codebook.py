"""What is asked: the dimensions, questions, indicators and items that a barometer declares."""

from __future__ import annotations

import csv
import itertools
import tomllib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

LANGUAGES = ("fr", "en")
YEAR = "year"
FRAME_COLUMNS = ("respondent_id", YEAR, "stratum", "weight", "provenance")


class CodebookError(ValueError):
    """A codebook that cannot be used; the message names the file, the entry and the cure."""


class Declared(BaseModel):
    """A declaration: immutable, and any key that it does not know is a mistake to report."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Declared):
    """One text in each language of the interface."""

    fr: str
    en: str

    @model_validator(mode="before")
    @classmethod
    def _same_in_both(cls, value: Any) -> Any:
        return {"fr": value, "en": value} if isinstance(value, str) else value

    def __getitem__(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


class Item(Declared):
    """One answer of a question or indicator; `parent` is the code of the net that contains it.

    `phrase` names it in a sentence, where its label alone would not be understood.
    """

    code: str
    label: Text
    phrase: Text | None = None
    parent: str | None = None
    attributes: dict[str, str] = {}


class Level(Declared):
    """One value of a dimension."""

    code: str
    label: Text


class Dimension(Declared):
    """What splits the bars and filters: its own column, or the answers of a single-choice question."""

    code: str
    label: Text
    levels: tuple[Level, ...] = ()
    question: str | None = None
    main: bool = False

    def level(self, code: str) -> Level | None:
        """The level of this code, None where there is none."""
        return next((level for level in self.levels if level.code == code), None)


class Condition(Declared):
    """Who is asked: those who gave one of `answers` to the single-choice `question`."""

    question: str
    answers: tuple[str, ...]


class Question(Declared):
    """One question of the wave file and the columns that hold it."""

    code: str
    kind: Literal["single", "multiple", "rating", "number"]
    wording: Text
    of: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    asked_if: Condition | None = None

    @property
    def columns(self) -> dict[str, str | None]:
        """Column of the wave file → item it holds (None where the column holds the whole answer)."""
        if self.kind in ("single", "number"):
            return {self.code: None}
        return {f"{self.code}:{item.code}": item.code for item in self.items}


class Indicator(Declared):
    """What is estimated: one file of queries/indicators/, its items and the words that define it."""

    code: str
    kind: Literal["net", "multiple", "grid", "single", "mean", "ratings"]
    label: Text
    definition: Text
    base: Text
    questions: tuple[str, ...]
    of: tuple[str, ...] = ()
    nets: bool = False
    items: tuple[Item, ...] = ()
    unit: Text | None = None
    phrase: Text | None = None  # names an item in a sentence, around {item}

    @property
    def measure(self) -> Literal["share", "mean"]:
        """`share` where y is 0 or 1, `mean` where it is any number."""
        return "mean" if self.kind == "mean" else "share"

    @cached_property
    def by_code(self) -> dict[str, Item]:
        """Items by code, in the order of the questionnaire."""
        return {item.code: item for item in self.items}

    def item(self, code: str) -> Item:
        """The item of this code. Raises KeyError with the codes that exist."""
        try:
            return self.by_code[code]
        except KeyError:
            raise KeyError(
                f"{self.code} has no item {code}; it has {', '.join(self.by_code)}"
            ) from None

    def words(self, code: str, language: str) -> str:
        """What an item is called in a sentence."""
        item = self.item(code)
        if item.phrase is not None:
            return item.phrase[language]
        if len(self.items) == 1:
            return self.label[language]
        label = item.label[language]
        if self.phrase is None:
            return label
        lowered = label if label[1:2].isupper() else label[:1].lower() + label[1:]
        return self.phrase[language].format(item=lowered)

    def children(self, parent: str | None) -> tuple[Item, ...]:
        """Items directly under `parent`, the roots for None."""
        return tuple(item for item in self.items if item.parent == parent)


class Break(Declared):
    """From `year` on, the items are not comparable with earlier waves; no items means all of them."""

    indicator: str
    year: int
    reason: Text
    items: tuple[str, ...] = ()

    def concerns(self, indicator: str, item: str) -> bool:
        """Whether this break cuts the trend of an item (or of anything crossed with it)."""
        return self.indicator == indicator and (
            not self.items or item in self.items or item.split(":")[0] in self.items
        )


class Thresholds(Declared):
    """Unweighted bases under which an estimate is marked, or not shown."""

    flag_below: int = 30
    hide_below: int = 10


class ItemList(Declared):
    """A list of items that several questions share, inline or in a file."""

    items: tuple[Item, ...] = ()
    file: str | None = None


class Codebook(Declared):
    """The whole declaration of a barometer, resolved: every item is in place."""

    title: Text
    respondents: Text
    source: Text
    dimensions: tuple[Dimension, ...]
    questions: tuple[Question, ...]
    indicators: tuple[Indicator, ...]
    lists: dict[str, ItemList] = {}
    breaks: tuple[Break, ...] = ()
    thresholds: Thresholds = Field(default_factory=Thresholds)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for kind, entries in (
            ("dimension", self.dimensions),
            ("question", self.questions),
            ("indicator", self.indicators),
        ):
            _unique(kind, [entry.code for entry in entries])  # type: ignore[attr-defined]
        questions = {question.code for question in self.questions}
        for indicator in self.indicators:
            if missing := set(indicator.questions) - questions:
                raise ValueError(f"indicator {indicator.code}: no question {missing.pop()}")
            if not indicator.items:
                raise ValueError(f"indicator {indicator.code}: no items")
            _unique(f"item of {indicator.code}", list(indicator.by_code))
        for question in self.questions:
            if question.kind != "number" and not question.items:
                raise ValueError(f"question {question.code}: no items")
            if question.asked_if and question.asked_if.question not in questions:
                raise ValueError(
                    f"question {question.code}: no question {question.asked_if.question}"
                )
        for dimension in self.dimensions:
            if dimension.code in (*FRAME_COLUMNS, "indicator", "item", "n", "value"):
                raise ValueError(f"dimension {dimension.code}: this name is reserved")
            if not dimension.levels:
                raise ValueError(f"dimension {dimension.code}: no levels")
        for cut in self.breaks:
            if cut.indicator not in self.by_indicator:
                raise ValueError(f"break of {cut.year}: no indicator {cut.indicator}")
        return self

    @cached_property
    def by_indicator(self) -> dict[str, Indicator]:
        """Indicators by code, in declared order."""
        return {indicator.code: indicator for indicator in self.indicators}

    @cached_property
    def by_dimension(self) -> dict[str, Dimension]:
        """Dimensions by code, in declared order."""
        return {dimension.code: dimension for dimension in self.dimensions}

    @cached_property
    def by_question(self) -> dict[str, Question]:
        """Questions by code, in declared order."""
        return {question.code: question for question in self.questions}

    @property
    def main_dimension(self) -> Dimension:
        """The dimension that every answer is read through: the one marked main, or the first."""
        return next((d for d in self.dimensions if d.main), self.dimensions[0])

    def break_between(self, indicator: str, item: str, earlier: int, later: int) -> Break | None:
        """The break that makes two waves of an item incomparable, None where they compare."""
        return next(
            (
                cut
                for cut in self.breaks
                if cut.concerns(indicator, item) and earlier < cut.year <= later
            ),
            None,
        )

    def asked(self, columns: Iterable[str]) -> Iterator[tuple[str, str]]:
        """(indicator, item) pairs that a file with these columns asks, nets of asked items included."""
        present = set(columns)
        for indicator in self.indicators:
            asked: set[str] = set()
            for code in indicator.questions:
                question = self.by_question[code]
                if question.kind in ("single", "number"):
                    if question.code in present:
                        asked |= {item.code for item in question.items}
                else:
                    asked |= {i for c, i in question.columns.items() if i and c in present}
            for item in indicator.items:
                if any(self._reaches(indicator, code, item.code) for code in asked):
                    yield indicator.code, item.code

    @staticmethod
    def _reaches(indicator: Indicator, code: str, ancestor: str) -> bool:
        step: str | None = code
        while step is not None and step in indicator.by_code:
            if step == ancestor:
                return True
            step = indicator.by_code[step].parent
        return False


def load(folder: Path) -> Codebook:
    """Read `codebook.toml` of a data folder and the lists that it names.

    Raises CodebookError naming the file, the entry and what was expected.
    """
    path = folder / "codebook.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CodebookError(f"{path}: there is no codebook here; a barometer needs one") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise CodebookError(f"{path}: this is not valid TOML in UTF-8: {fault}") from None
    try:
        return Codebook.model_validate(_resolved(raw, folder))
    except ValidationError as fault:
        first = fault.errors()[0]
        where = " → ".join(str(step) for step in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise CodebookError(f"{path}: {where + ': ' if where else ''}{message}") from None


def _resolved(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Fill the items that questions, indicators and dimensions take from elsewhere."""
    lists = {
        name: _list_items(name, entry, folder) for name, entry in raw.get("lists", {}).items()
    }
    questions = {}
    for question in raw.get("questions", []):
        if "of" in question:
            question["items"] = list(_product(question["of"], lists, nets=False))
        questions[question.get("code")] = question
    for indicator in raw.get("indicators", []):
        if "of" in indicator:
            indicator["items"] = list(
                _product(indicator["of"], lists, nets=indicator.get("nets", False))
            )
        elif "items" not in indicator:
            asked = [questions.get(code, {}) for code in indicator.get("questions", [])]
            indicator["items"] = [item for question in asked for item in question.get("items", [])]
    for dimension in raw.get("dimensions", []):
        if "question" in dimension:
            answers = questions.get(dimension["question"], {}).get("items", [])
            dimension["levels"] = [{k: a[k] for k in ("code", "label")} for a in answers]
    return raw


def _list_items(name: str, entry: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    if "file" not in entry:
        return entry.get("items", [])
    path = folder / entry["file"]
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        raise CodebookError(f"{path}: list {name} needs this file") from None
    known = {"code", "parent", "label_fr", "label_en"}
    if not rows or not known <= rows[0].keys():
        raise CodebookError(f"{path}: expected the columns {', '.join(sorted(known))}")
    codes = {row["code"] for row in rows}
    for number, row in enumerate(rows, start=2):
        if row["parent"] and row["parent"] not in codes:
            raise CodebookError(f"{path}, row {number}, parent: no item {row['parent']}")
    return [
        {
            "code": row["code"],
            "label": {"fr": row["label_fr"], "en": row["label_en"]},
            "parent": row["parent"] or None,
            "attributes": {k: v for k, v in row.items() if k not in known and v},
        }
        for row in rows
    ]


def _product(
    names: list[str], lists: dict[str, list[dict[str, Any]]], *, nets: bool
) -> Iterator[dict[str, Any]]:
    """Items of one list, or of several crossed: codes joined by a colon, labels by a dot."""
    for name in names:
        if name not in lists:
            raise CodebookError(f"there is no list {name}; there are {', '.join(lists)}")
    for parts in itertools.product(*(lists[name] for name in names)):
        *head, last = parts
        if nets and head and last is lists[names[-1]][0]:
            yield _crossed(head, nets=nets)
        yield _crossed(list(parts), nets=nets)


def _crossed(parts: list[dict[str, Any]], *, nets: bool) -> dict[str, Any]:
    codes = [part["code"] for part in parts]
    first, rest = parts[0], codes[1:]
    if nets:
        parent = ":".join(codes[:-1]) or None
    else:
        parent = ":".join([first["parent"], *rest]) if first.get("parent") else None
    return {
        "code": ":".join(codes),
        "label": {
            language: " · ".join(part["label"][language] for part in parts)
            for language in LANGUAGES
        },
        "parent": parent,
        "attributes": first.get("attributes", {}),
    }


def _unique(kind: str, codes: list[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise ValueError(f"{kind} {code} is declared twice")
        seen.add(code)
