"""How the columns of an export become those of a wave file: a declaration in TOML."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import tomli_w
from pydantic import Field, ValidationError, model_validator

from barometer.codebook import Codebook, Declared
from barometer.intake.targets import Target, targets

FOLDER = "mappings"
ANY = "*"  # among the values of a column: whatever else it holds
LONGEST_PARTED = 5  # separators and one that an answer may hold itself
Blank = Literal["missing", "unticked", "zero", "unknown"]


class MappingError(ValueError):
    """A mapping that cannot be used; the message names the entry and the cure."""


class Column(Declared):
    """One column of the export and what it holds.

    `target` is a column of the wave file, or, where a cell holds several answers, a question; an
    empty target leaves the column out. `values` gives the code of each value as it is in the file,
    empty for no answer, `*` standing for whatever else it holds; `missing` lists values that mean
    no answer. `separator` parts several answers of one cell. `blank` says what an empty cell of a
    box means: not answered (`missing`), not ticked where another box of the question is
    (`unticked`), not ticked at all (`zero`), or that somebody must still decide (`unknown`): who
    ticks nothing may have none, or no answer. A single-choice question may have a column for each
    of its answers: each has one code in its `values`, and a respondent fills one of them.
    `label` and `answers` are the questionnaire's own words, kept to see what changes. A column that
    is not `confirmed` is a guess that nobody has looked at: it is never applied.
    """

    source: str
    target: str = ""
    values: dict[str, str] = Field(default_factory=dict)
    missing: tuple[str, ...] = ()
    separator: str = ""
    blank: Blank = "missing"
    label: str = ""
    answers: dict[str, str] = Field(default_factory=dict)
    confidence: float = 1.0
    reason: str = ""
    confirmed: bool = True

    @property
    def settled(self) -> bool:
        """Whether nothing is left for somebody to decide."""
        return self.confirmed and self.blank != "unknown"

    @property
    def of_one_answer(self) -> bool:
        """Whether it is the column of one answer: what it holds means that one, or nothing."""
        return bool(self.values) and len({code for code in self.values.values() if code}) < 2


class Long(Declared):
    """The columns of a file with one row an answer, as open-data portals publish."""

    respondent: str
    question: str
    answer: str


class Mapping(Declared):
    """How one export becomes a wave.

    `year` is the wave where no column says it. `header_rows` is how many rows name the columns, 0
    to find out. `sheet` is the sheet of a workbook, empty for the first. `complete` is a column
    that is empty, or says no, where an interview was not finished: such rows are left out.
    """

    name: str = ""
    year: int | None = None
    sheet: str = ""
    header_rows: int = 0
    complete: str = ""
    long: Long | None = None
    columns: tuple[Column, ...] = ()

    @model_validator(mode="after")
    def _each_column_once(self) -> Self:
        names = [column.source for column in self.columns]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"column {name} stands twice; keep one of them")
        return self

    @property
    def by_source(self) -> dict[str, Column]:
        """Columns by the name that they have in the file."""
        return {column.source: column for column in self.columns}

    @property
    def doubtful(self) -> list[Column]:
        """Guesses that nobody has confirmed, and boxes whose empty cells nobody has read."""
        return [column for column in self.columns if column.target and not column.settled]

    def decided(self, blank: Blank, question: str = "") -> Self:
        """The mapping where empty boxes, of all questions or one, mean this if it was unknown."""
        return self.model_copy(
            update={
                "columns": tuple(
                    column.model_copy(update={"blank": blank})
                    if column.blank == "unknown" and column.target.startswith(question)
                    else column
                    for column in self.columns
                )
            }
        )

    def toml(self) -> str:
        """The mapping as a TOML document."""
        return tomli_w.dumps(self.model_dump(exclude_defaults=True, mode="json"))


def parse(text: str, name: str = "mapping") -> Mapping:
    """A mapping from its TOML. Raises MappingError naming the entry."""
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise MappingError(f"{name}: this is not valid TOML: {fault}") from None
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise MappingError(f"{name}: {where + ': ' if where else ''}{message}") from None


def load(path: Path) -> Mapping:
    """Read a mapping file. Raises MappingError."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise MappingError(f"{path.name}: this is not UTF-8; save it as UTF-8") from None
    except OSError as fault:
        raise MappingError(f"{path.name}: this cannot be read ({fault.strerror})") from None


def save(mapping: Mapping, data: Path) -> Path:
    """Keep a mapping in the data folder; an earlier one of the same name is replaced."""
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_file_name(mapping.name)}.toml"
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(mapping.toml(), encoding="utf-8")
    partial.replace(path)
    return path


def saved(data: Path) -> list[Mapping]:
    """The mappings kept in a data folder, the newest first; a damaged one is passed over."""
    paths = sorted(
        (data / FOLDER).glob("*.toml"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    found = []
    for path in paths:
        try:
            found.append(load(path))
        except MappingError:
            continue
    return found


def nearest(mappings: Iterable[Mapping], names: Iterable[str]) -> Mapping | None:
    """The mapping that knows most of these columns, the first of equals.

    Where each knows less than a half, as when the tool changes, the first: what it says of the
    questionnaire still compares.
    """
    here, kept = set(names), list(mappings)
    best: tuple[float, Mapping] | None = None
    for mapping in kept:
        known = {column.source for column in mapping.columns if column.target}
        share = len(known & here) / len(known) if known else 0.0
        if share >= 0.5 and (best is None or share > best[0]):
            best = (share, mapping)
    return best[1] if best else next(iter(kept), None)


def verify(mapping: Mapping, book: Codebook) -> None:
    """Raise MappingError where a mapping asks what the codebook does not have."""
    known = targets(book)
    taken: dict[str, Column] = {}
    for column in mapping.columns:
        if not column.target:
            continue
        target = known.get(column.target)
        if target is None:
            raise MappingError(
                f"column {column.source}: the codebook has no {column.target}; correct the target"
            )
        _codes_known(column, target)
        if before := taken.get(column.target):
            one = target.kind == "one" and before.of_one_answer and column.of_one_answer
            if target.kind != "several" and not one:
                raise MappingError(
                    f"column {column.source}: {column.target} is already {before.source};"
                    " leave one of them out"
                )
        taken[column.target] = column


def _codes_known(column: Column, target: Target) -> None:
    allowed = {"", "0", "1"} if target.kind == "tick" else {"", *target.answers}
    if target.kind not in ("one", "tick", "several"):
        return
    for value, code in column.values.items():
        if code not in allowed:
            choices = ", ".join(sorted(allowed - {""}))
            raise MappingError(
                f"column {column.source}, value {value}: {target.code} has no answer {code};"
                f" it has {choices}"
            )


def key(text: str) -> str:
    """What two writings of one value share: capitals, spaces, apostrophes and a final .0 aside."""
    folded = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return re.sub(r"^(-?\d+)[.,]0+$", r"\1", " ".join(folded.split()))


def parted(text: str, separator: str, known: Container[str]) -> list[str]:
    """The answers of one cell; one that holds the separator itself stays whole where it is known.

    `known` has answers as `key` writes them.
    """
    pieces = [text] if not separator else text.split(separator)
    found: list[str] = []
    while pieces:
        lengths = range(min(len(pieces), LONGEST_PARTED), 1, -1)
        whole = next((n for n in lengths if key(separator.join(pieces[:n])) in known), 1)
        found.append(separator.join(pieces[:whole]).strip())
        pieces = pieces[whole:]
    return [part for part in found if part]


def _file_name(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:80] or "mapping"


# --- what changed -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One change of the questionnaire since an earlier mapping.

    `before` and `after` are words of the questionnaire; `target` is where the column goes.
    """

    kind: Literal["new", "gone", "reworded", "recoded"]
    source: str
    target: str
    before: str
    after: str


def changes(earlier: Mapping, now: Mapping) -> tuple[Change, ...]:
    """What the questionnaire asks anew, no longer, in other words, or with other answers.

    Columns are paired by what they become, else by name; those left out both times say nothing.
    """
    found: list[Change] = []
    before, after = _by_target(earlier), _by_target(now)
    lists = [target for target in after if _boxes(target, before)]
    before, after = _spread(before, after), _spread(after, before)
    for target, column in after.items():
        then = before.get(target)
        if then is None:
            found.append(Change("new", column.source, target, "", column.label or column.source))
            continue
        if column.label and then.label and key(column.label) != key(then.label):
            found.append(Change("reworded", column.source, target, then.label, column.label))
        if column.answers and then.answers and _keyed(column) != _keyed(then):
            words = (_answers(then, column), _answers(column, then))
            found.append(Change("recoded", column.source, target, *words))
    for target, then in before.items():
        # Of a list, what nobody chose is not written: that it is asked no more cannot be seen.
        if target not in after and not any(target.startswith(f"{name}:") for name in lists):
            found.append(Change("gone", then.source, target, then.label or then.source, ""))
    return tuple(found)


def _spread(these: dict[str, Column], those: dict[str, Column]) -> dict[str, Column]:
    """A list of answers as boxes, where the others have boxes: only the layout changed."""
    found: dict[str, Column] = {}
    for target, column in these.items():
        if _boxes(target, those):
            codes = dict.fromkeys(filter(None, column.values.values()))
            found |= {f"{target}:{code}": Column(source=column.source) for code in codes}
        else:
            found[target] = column
    return found


def _boxes(target: str, columns: Iterable[str]) -> bool:
    return any(other.startswith(f"{target}:") for other in columns)


def _by_target(mapping: Mapping) -> dict[str, Column]:
    """Columns by what they become; of several that become one, the first, without its own words."""
    found: dict[str, Column] = {}
    for column in mapping.columns:
        if column.target in found:
            bare = {"label": "", "answers": {}}
            found[column.target] = found[column.target].model_copy(update=bare)
        elif column.target:
            found[column.target] = column
    return found


def _keyed(column: Column) -> dict[str, str]:
    """The answers of a column, those that mean none aside: who gives none changes each year."""
    none = set(column.missing)
    return {key(v): key(label) for v, label in column.answers.items() if v not in none}


def _answers(column: Column, other: Column) -> str:
    """The answers of a column that the other has not, or has under another value."""
    there = _keyed(other)
    return ", ".join(
        label if label == value else f"{value} = {label}"
        for value, label in column.answers.items()
        if value not in column.missing and there.get(key(value)) != key(label)
    )
