"""What is asked: the dimensions, questions, indicators and items that a barometer declares."""

from __future__ import annotations

import csv
import io
import itertools
import tomllib
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

LANGUAGES = ("fr", "en")
YEAR = "year"
BREAKS = "breaks.toml"  # trend breaks recorded while importing, beside the owner's codebook
FRAME_COLUMNS = ("respondent_id", YEAR, "stratum", "weight", "provenance")
RESULT_COLUMNS = (
    *("indicator", "item", "n", "weighted_base", "effective_base", "value", "se", "df"),
    *("ci_low", "ci_high", "flag", "versus", "difference", "p", "p_adjusted", "significant"),
)
ADDRESS_PARAMETERS = (
    *("group", "lang", "margins", "table", "by", "sort", "shade", "pin", "say"),
    *("profile", "present", "notes", "figure", "theme", "grade", "search"),
    *("node", "about"),
    *("confidence", "interval", "correction", "reference"),
)
LIST_COLUMNS = ("code", "parent", "label_fr", "label_en")
RESERVED = {
    *FRAME_COLUMNS,
    *RESULT_COLUMNS,
    *ADDRESS_PARAMETERS,
}  # a dimension of this name would hide such a column


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
    """What splits the bars and filters: its own column, or a single-choice question's answers."""

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
        """Column of the wave file → item it holds, None where it holds the whole answer."""
        if self.kind in ("single", "number"):
            return {self.code: None}
        return {f"{self.code}:{item.code}": item.code for item in self.items}


class Indicator(Declared):
    """What is estimated: one file of queries/indicators/, its items, the words that define it."""

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
    ordered: bool = False  # its items are steps of one scale
    # Its shares are those of this indicator, divided by shares that are shown too: what must be
    # hidden here is hidden there.
    ratio_of: str | None = None

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

    def line(self, code: str) -> Iterator[str]:
        """The item of this code, its parent, and so on to a root; nothing where it is no item."""
        step: str | None = code
        while step is not None and step in self.by_code:
            yield step
            step = self.by_code[step].parent

    def picked(self, which: tuple[str, ...] | Literal["all", "roots", "leaves"]) -> list[Item]:
        """The items named, all of them, those under no other or those over no other, in order.

        Raises KeyError with the codes that exist.
        """
        if which == "roots":
            return list(self.children(None))
        if which == "leaves":
            return [item for item in self.items if not self.children(item.code)]
        if which == "all":
            return list(self.items)
        return [self.item(code) for code in which]

    def children(self, parent: str | None) -> tuple[Item, ...]:
        """Items directly under `parent`, the roots for None."""
        return tuple(item for item in self.items if item.parent == parent)


class Break(Declared):
    """From `year` on, the items do not compare with earlier waves; no items means all of them."""

    indicator: str
    year: int
    reason: Text
    items: tuple[str, ...] = ()

    def concerns(self, indicator: str, item: str) -> bool:
        """Whether this break cuts the trend of an item (or of anything crossed with it)."""
        return self.indicator == indicator and (
            not self.items or item in self.items or item.split(":")[0] in self.items
        )


class Fieldwork(Declared):
    """When and how a wave was asked."""

    year: int
    text: Text


class Reading(Declared):
    """How something ambiguous was read, and why: shown on the method page."""

    title: Text
    text: Text


class Thresholds(Declared):
    """Unweighted bases under which an estimate is marked, or not shown."""

    flag_below: int = 30
    hide_below: int = 10


class Limits(Declared):
    """What a file may weigh before it is refused: on disk, as a table, unpacked, while it is read.

    `bytes` and `upload` (what a browser may send) count the file, `expansion` what it unpacks to,
    `memory` and `seconds` what reading it may take; sizes are in bytes.
    """

    bytes: int = 2_000_000_000
    rows: int = 20_000_000
    columns: int = 5_000
    upload: int = 200 * 2**20
    expansion: int = 2_000_000_000
    memory: int = 6 * 2**30
    seconds: int = 300


class ItemList(Declared):
    """A list of items that several questions share, inline or in a file.

    `also` is a file of further rows, read where it exists: an owner's own. A list that `regroups`
    another puts that one's items under its own, by their attribute `by`.
    """

    label: Text | None = None
    items: tuple[Item, ...] = ()
    file: str | None = None
    also: str | None = None
    regroups: str | None = None
    by: str | None = None


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
    readings: tuple[Reading, ...] = ()
    fieldwork: tuple[Fieldwork, ...] = ()
    thresholds: Thresholds = Field(default_factory=Thresholds)
    limits: Limits = Field(default_factory=Limits)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        _unique("dimension", [dimension.code for dimension in self.dimensions])
        # The database does not tell capitals apart in the names of its columns.
        _unique("question", [question.code.lower() for question in self.questions])
        _unique("indicator", [indicator.code for indicator in self.indicators])
        for question in self.questions:
            self._check_question(question)
        for indicator in self.indicators:
            self._check_indicator(indicator)
        for dimension in self.dimensions:
            self._check_dimension(dimension)
        for cut in self.breaks:
            self._check_break(cut)
        return self

    def _check_question(self, question: Question) -> None:
        told = f"question {question.code}"
        if question.code.lower() in FRAME_COLUMNS:
            raise ValueError(f"{told}: this name is reserved; choose another")
        if question.kind != "number" and not question.items:
            raise ValueError(f"{told}: no items; list its answers under items, or name lists in of")
        _unique(f"item of {told}", [item.code for item in question.items])
        if question.asked_if is None:
            return
        asked_if = self._single(told, question.asked_if.question)
        for answer in question.asked_if.answers:
            if answer not in (item.code for item in asked_if.items):
                raise ValueError(f"{told}: {asked_if.code} has no answer {answer}")

    def _check_indicator(self, indicator: Indicator) -> None:
        told = f"indicator {indicator.code}"
        for code in indicator.questions:
            if code not in self.by_question:
                raise ValueError(f"{told}: no question {code}; declare it or correct its name")
        if not indicator.items:
            raise ValueError(f"{told}: no items; list them under items, or name lists in of")
        _unique(f"item of {told}", [item.code for item in indicator.items])
        for item in indicator.items:
            if item.parent is not None and item.parent not in indicator.by_code:
                raise ValueError(f"{told}: item {item.code} is under {item.parent}, not an item")
            if next(islice(indicator.line(item.code), len(indicator.items), None), None):
                raise ValueError(f"{told}: item {item.code} is under itself; correct its parent")
        if indicator.ratio_of is None:
            return
        if (whole := self.by_indicator.get(indicator.ratio_of)) is None:
            raise ValueError(f"{told}: ratio_of names {indicator.ratio_of}, not an indicator")
        if missing := [code for code in indicator.by_code if code not in whole.by_code]:
            raise ValueError(f"{told}: ratio_of {whole.code}, which has no item {missing[0]}")

    def _check_dimension(self, dimension: Dimension) -> None:
        told = f"dimension {dimension.code}"
        if dimension.code in RESERVED:
            raise ValueError(f"{told}: this name is reserved; choose another")
        if dimension.question is not None:
            self._single(told, dimension.question)
        elif any(dimension.code in question.columns for question in self.questions):
            raise ValueError(f'{told}: a question has this name; write question = "…" instead')
        if not dimension.levels:
            raise ValueError(f"{told}: no levels; list them under levels")
        _unique(f"level of {told}", [level.code for level in dimension.levels])

    def _check_break(self, cut: Break) -> None:
        told = f"break of {cut.year}"
        if cut.indicator not in self.by_indicator:
            raise ValueError(f"{told}: no indicator {cut.indicator}")
        items = self.by_indicator[cut.indicator].by_code
        for item in cut.items:
            if not any(item in (code, code.split(":")[0]) for code in items):
                raise ValueError(f"{told}: {cut.indicator} has no item {item}")

    def _single(self, told: str, code: str) -> Question:
        if code not in self.by_question:
            raise ValueError(f"{told}: no question {code}; declare it or correct its name")
        if self.by_question[code].kind != "single":
            raise ValueError(f"{told}: question {code} is not of kind single")
        return self.by_question[code]

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

    @cached_property
    def ratios(self) -> dict[str, tuple[str, ...]]:
        """Indicator → those whose shares are its own divided by others that are shown."""
        found: dict[str, tuple[str, ...]] = {}
        for indicator in self.indicators:
            if indicator.ratio_of is not None:
                found[indicator.ratio_of] = (*found.get(indicator.ratio_of, ()), indicator.code)
        return found

    def dictionary(self) -> list[dict[str, str]]:
        """One row a column of the wave file: what it holds, and the values that it may take."""
        rows = []
        for dimension in self.dimensions:
            if dimension.question is None:
                values = ", ".join(level.code for level in dimension.levels)
                rows.append(_described(dimension.code, "dimension", dimension.label, None, values))
        for question in self.questions:
            values = {
                "single": ", ".join(item.code for item in question.items),
                "multiple": "0, 1",
            }.get(question.kind, f"{question.minimum or ''}–{question.maximum or ''}")
            items = {item.code: item.label for item in question.items}
            for column, item in question.columns.items():
                label = None if item is None else items[item]
                rows.append(_described(column, question.kind, question.wording, label, values))
        return rows

    @property
    def main_dimension(self) -> Dimension:
        """The dimension that every answer is read through: the one marked main, or the first."""
        return next((d for d in self.dimensions if d.main), self.dimensions[0])

    def break_between(self, indicator: str, item: str, earlier: int, later: int) -> Break | None:
        """The break that makes two waves of an item incomparable, None where they compare."""
        for cut in self.breaks:  # years first: most breaks are told apart by them alone
            if earlier < cut.year <= later and cut.concerns(indicator, item):
                return cut
        return None

    def breaks_met(
        self, indicator: str, items: Iterable[str], after: int, until: int
    ) -> list[Break]:
        """The breaks of any of the items from after one wave up to another, in declared order."""
        codes = list(items)
        return [
            cut
            for cut in self.breaks
            if after < cut.year <= until and any(cut.concerns(indicator, code) for code in codes)
        ]

    def asked(self, columns: Iterable[str]) -> Iterator[tuple[str, str]]:
        """(indicator, item) pairs that a file with these columns asks, their nets included."""
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
            reached = {ancestor for code in asked for ancestor in indicator.line(code)}
            for item in indicator.items:
                if item.code in reached:
                    yield indicator.code, item.code


def load(folder: Path) -> Codebook:
    """Read `codebook.toml` of a data folder, the lists that it names, and `breaks.toml` if any.

    Raises CodebookError naming the file, the entry and what was expected.
    """
    path = folder / "codebook.toml"
    try:
        raw = tomllib.loads(_text(path, "a barometer needs a codebook"))
    except tomllib.TOMLDecodeError as fault:
        raise CodebookError(f"{path}: this is not valid TOML: {fault}") from None
    raw["breaks"] = [*raw.get("breaks", []), *_recorded_breaks(folder / BREAKS)]
    try:
        return Codebook.model_validate(_resolved(raw, folder))
    except ValidationError as fault:
        first = fault.errors()[0]
        where = " → ".join(_named(raw, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise CodebookError(f"{path}: {where + ': ' if where else ''}{message}") from None
    except CodebookError:
        raise
    except ValueError as fault:
        raise CodebookError(f"{path}: {fault}") from None
    except (AttributeError, KeyError, TypeError):
        raise CodebookError(
            f"{path}: an entry is not of the shape expected; compare with the demonstration's"
        ) from None


def _recorded_breaks(path: Path) -> list[Any]:
    """The breaks that imports recorded beside the codebook, which they never rewrite."""
    if not path.exists():
        return []
    try:
        found = tomllib.loads(_text(path, "trend breaks")).get("breaks", [])
    except tomllib.TOMLDecodeError as fault:
        raise CodebookError(f"{path}: this is not valid TOML: {fault}") from None
    return list(found) if isinstance(found, list) else [found]


def _text(path: Path, need: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CodebookError(f"{path}: this is not UTF-8; save it as UTF-8") from None
    except OSError as fault:
        raise CodebookError(f"{path}: {need}, and it cannot be read ({fault.strerror})") from None


def _named(raw: Any, steps: Iterable[int | str]) -> Iterator[str]:
    """A place in the codebook in words: the code of an entry rather than its number."""
    for step in steps:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            raw = None
        yield str(raw["code"]) if isinstance(raw, dict) and "code" in raw else str(step)


def _resolved(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Fill the items that questions, indicators and dimensions take from elsewhere."""
    lists = {name: _list_items(name, entry, folder) for name, entry in raw.get("lists", {}).items()}
    for name, entry in raw.get("lists", {}).items():
        if "regroups" in entry:
            lists[name] += _regrouped(name, entry, lists)
    questions = {}
    for question in raw.get("questions", []):
        if "of" in question:
            question["items"] = list(_product(question, lists, nets=False))
        questions[question.get("code")] = question
    for indicator in raw.get("indicators", []):
        if "of" in indicator:
            nets = indicator.get("nets", False)
            indicator["items"] = list(_product(indicator, lists, nets=nets))
        elif "items" not in indicator:
            asked = [questions.get(code, {}) for code in indicator.get("questions", [])]
            indicator["items"] = [item for question in asked for item in question.get("items", [])]
    for dimension in raw.get("dimensions", []):
        if "question" in dimension:
            answers = questions.get(dimension["question"], {}).get("items", [])
            dimension["levels"] = [{k: a[k] for k in ("code", "label")} for a in answers]
    return raw


def _described(
    column: str, kind: str, wording: Text, item: Text | None, values: str
) -> dict[str, str]:
    return {
        "column": column,
        "kind": kind,
        "wording_fr": wording.fr,
        "wording_en": wording.en,
        "item_fr": item.fr if item else "",
        "item_en": item.en if item else "",
        "values": values,
    }


def _list_items(name: str, entry: dict[str, Any], folder: Path) -> list[Item]:
    if "file" not in entry:
        try:
            return [Item.model_validate(item) for item in entry.get("items", [])]
        except ValidationError as fault:
            first = fault.errors()[0]
            where = ".".join(str(step) for step in first["loc"])
            raise ValueError(f"list {name}: an item's {where}: {first['msg']}") from None
    rows = _rows(name, folder / entry["file"], {})
    if "also" in entry and (folder / entry["also"]).exists():
        rows += _rows(name, folder / entry["also"], {row["code"]: row for row in rows})
    return [
        Item(
            code=row["code"],
            label=Text(fr=row["label_fr"], en=row["label_en"]),
            parent=row["parent"] or None,
            attributes={k: v for k, v in row.items() if k not in LIST_COLUMNS and v},
        )
        for row in rows
    ]


def _rows(name: str, path: Path, before: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    """Rows of a file of items; parents are among them or `before`.

    A row takes what it does not say of its other columns from its parent before.
    """
    rows = list(csv.DictReader(io.StringIO(_text(path, f"list {name} needs this file"))))
    if not rows or not set(LIST_COLUMNS) <= rows[0].keys():
        raise CodebookError(
            f"{path}: expected the columns {', '.join(sorted(LIST_COLUMNS))}, and rows"
        )
    codes = {row["code"] for row in rows} | before.keys()
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise CodebookError(f"{path}, row {number}: expected {len(rows[0])} cells")
        if not row["code"]:
            raise CodebookError(f"{path}, row {number}, code: this cell is empty; fill it")
        if row["code"] in before:
            raise CodebookError(
                f"{path}, row {number}, code: {row['code']} is in the list already;"
                " choose another code"
            )
        for column in ("label_fr", "label_en"):
            if not row[column].strip():
                raise CodebookError(f"{path}, row {number}, {column}: this cell is empty; fill it")
        if row["parent"] and row["parent"] not in codes:
            raise CodebookError(
                f"{path}, row {number}, parent: no item {row['parent']}; add it or correct its name"
            )
    return [
        {
            **before.get(row["parent"], {}),
            **{k: v for k, v in row.items() if v},
            "parent": row["parent"],
        }
        for row in rows
    ]


def _regrouped(name: str, entry: dict[str, Any], lists: dict[str, list[Item]]) -> list[Item]:
    """Items of another list under those of this one, by an attribute.

    An item whose parent has the same attribute stays under it; one without goes with its parent.
    """
    other, by = entry["regroups"], entry.get("by", "")
    if other not in lists:
        raise ValueError(f"list {name}: there is no list {other}; there are {', '.join(lists)}")
    groups = {item.code for item in lists[name]}
    by_code = {item.code: item for item in lists[other]}
    found = []
    for item in lists[other]:
        group = _attribute(item, by, by_code)
        if group not in groups:
            raise ValueError(
                f"list {name}: item {item.code} of {other} has {by} {group or 'empty'};"
                f" expected one of {', '.join(sorted(groups))}"
            )
        parent = by_code.get(item.parent or "")
        stays = parent is not None and _attribute(parent, by, by_code) == group
        found.append(item.model_copy(update={"parent": item.parent if stays else group}))
    return found


def _attribute(item: Item, name: str, by_code: dict[str, Item]) -> str:
    """An item's attribute, else its nearest ancestor's."""
    seen: set[str] = set()
    step: Item | None = item
    while step is not None and step.code not in seen:
        if step.attributes.get(name):
            return step.attributes[name]
        seen.add(step.code)
        step = by_code.get(step.parent or "")
    return ""


def _product(
    entry: dict[str, Any], lists: dict[str, list[Item]], *, nets: bool
) -> Iterator[dict[str, Any]]:
    """Items of one list, or of several crossed: codes joined by a colon, labels by a dot.

    With `nets`, the items of the first list stand alone too, and of the first two, and so on.
    """
    for name in entry["of"]:
        if name not in lists:
            raise ValueError(
                f"{entry.get('code')}: there is no list {name}; there are {', '.join(lists)}"
            )
    crossed = [lists[name] for name in entry["of"]]
    for parts in itertools.product(*crossed):
        for length in range(1, len(parts)) if nets else ():
            if all(
                part is items[0] for part, items in list(zip(parts, crossed, strict=True))[length:]
            ):
                yield _crossed(parts[:length], nets=nets)
        yield _crossed(parts, nets=nets)


def _crossed(parts: tuple[Item, ...], *, nets: bool) -> dict[str, Any]:
    first, *rest = parts
    codes = [part.code for part in parts]
    if nets and rest:
        parent: str | None = ":".join(codes[:-1])
    else:
        parent = ":".join([first.parent, *codes[1:]]) if first.parent else None
    return {
        "code": ":".join(codes),
        "label": {
            language: " · ".join(part.label[language] for part in parts) for language in LANGUAGES
        },
        "parent": parent,
        "attributes": first.attributes,
    }


def _unique(kind: str, codes: list[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise ValueError(f"{kind} {code} is declared twice")
        seen.add(code)
