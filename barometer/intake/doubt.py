"""Doubts that one look settles: the guesses of a grid, or of several questions, for one reason."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from barometer.intake.guessed import SURE
from barometer.intake.mapping import Column, MappingError
from barometer.intake.mapping import Mapping as ColumnMapping
from barometer.intake.targets import Target

NUMBER = re.compile(r"\d+(?:[.,]\d+)?(?: ?%)?")
NAMED = (  # what a reason says of one column only
    (re.compile(r"what (number )?is .*?\?(?=$|[;,])"), r"what \1is …?"),
    (re.compile(r"new answer: .*"), "new answer"),
    (re.compile(r"\S+ fits as well"), "… fits as well"),
)
CODE = re.compile(r"[A-Za-z_]{0,6}\d\w*(\[\w+\])?")  # a name that says nothing
FEWEST_BARE = 3
OF_VALUES = ("check them", "no answer?")  # such reasons are of the values of one question


@dataclass(frozen=True)
class Doubt:
    """Guesses of one kind of doubt: `columns` in the order of the file, one or several.

    `question` is theirs (a group of targets), empty where they are of several.
    """

    question: str
    columns: tuple[Column, ...]

    @property
    def least(self) -> Column:
        """The guess that is the least sure."""
        return min(self.columns, key=lambda column: column.confidence)

    @property
    def same_reason(self) -> bool:
        """Whether the reasons differ in numbers at most."""
        return len({NUMBER.sub("#", column.reason) for column in self.columns}) == 1

    @property
    def values(self) -> dict[str, str]:
        """What the values of its columns become, all of them together."""
        return {value: code for column in self.columns for value, code in column.values.items()}


def alike(columns: Sequence[Column], known: Mapping[str, Target]) -> list[Doubt]:
    """The columns by what one look settles, in the order of the first of each.

    First those of one question and one kind of reason that take no value for two codes; then, of
    several questions, those of one kind of reason that does not lie in their values.
    """
    places = {column.source: place for place, column in enumerate(columns)}
    grids: dict[tuple[str, str], list[list[Column]]] = defaultdict(list)
    for column in columns:
        apart = grids[group_of(column, known), kind(column.reason)]
        beside = next((one for one in apart if _agree(one, column)), None)
        if beside is None:
            apart.append([column])
        else:
            beside.append(column)
    single: dict[str, list[tuple[str, Column]]] = defaultdict(list)
    found: list[Doubt] = []
    for (question, reason), apart in grids.items():
        for together in apart:
            if len(together) > 1 or any(words in reason for words in OF_VALUES):
                found.append(Doubt(question, tuple(together)))
            else:
                single[reason].append((question, together[0]))
    for pairs in single.values():
        questions = {question for question, _ in pairs}
        question = questions.pop() if len(questions) == 1 else ""
        found.append(Doubt(question, tuple(column for _, column in pairs)))
    return sorted(found, key=lambda doubt: places[doubt.columns[0].source])


def wordless(mapping: ColumnMapping) -> bool:
    """Whether most columns are left out as a code is all that names them: Q3, G02Q04[SQ001]."""
    bare = [c for c in mapping.columns if not c.target and not c.label and CODE.fullmatch(c.source)]
    return len(bare) >= FEWEST_BARE and 2 * len(bare) > len(mapping.columns)


def kind(reason: str) -> str:
    """A reason without the numbers, the values and the names that it says of one column."""
    for pattern, said in NAMED:
        reason = pattern.sub(said, reason)
    return NUMBER.sub("#", reason)


def confirm(
    mapping: ColumnMapping,
    chosen: Collection[str],
    known: Mapping[str, Target],
    *,
    undo: bool = False,
) -> ColumnMapping:
    """The mapping with the guesses for some targets confirmed, or doubtful again.

    A question stands for all its columns. Raises MappingError for what no guess waits for.
    """
    waiting = [c for c in mapping.columns if c.target and c.confidence < SURE]
    names = {code for c in waiting for code in (c.target, group_of(c, known))}
    for code in chosen:
        if code not in names:
            listed = ", ".join(sorted({group_of(c, known) for c in waiting})) or "none"
            raise MappingError(f"{code}: no guess of it is doubtful; questions that wait: {listed}")
    said = {c.source for c in waiting if {c.target, group_of(c, known)} & set(chosen)}
    columns = tuple(
        c.model_copy(update={"confirmed": not undo}) if c.source in said else c
        for c in mapping.columns
    )
    return mapping.model_copy(update={"columns": columns})


def group_of(column: Column, known: Mapping[str, Target]) -> str:
    """The question of what a column becomes."""
    target = known.get(column.target)
    return target.group if target else column.target


def _agree(columns: Sequence[Column], other: Column) -> bool:
    """Whether a column reads its values as some others do."""
    if any((one.separator, one.blank) != (other.separator, other.blank) for one in columns):
        return False
    return all(
        one.values.get(value, code) == code
        for one in columns
        for value, code in other.values.items()
    )
