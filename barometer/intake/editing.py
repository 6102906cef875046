"""What a person changes in a guessed mapping, applied to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from barometer.intake.mapping import Blank, Column
from barometer.intake.mapping import Mapping as ColumnMapping

Tie = Callable[[str, str], Column]


@dataclass(frozen=True)
class Edits:
    """Choices by the name of a column, and by the question for boxes that are left empty.

    `targets`: what it becomes, empty to leave it out. `confirmed`: yes or no. `values`: the codes
    of some of its values, empty for no answer. `missing`: its values that mean no answer.
    """

    targets: Mapping[str, str] = field(default_factory=dict)
    confirmed: Mapping[str, bool] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    blanks: Mapping[str, Blank] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def revised(mapping: ColumnMapping, edits: Edits, tie: Tie) -> ColumnMapping:
    """The mapping with a person's choices. `tie` makes the entry of a column newly tied.

    A column that is tied by hand is confirmed; whoever recodes a value has looked at the column.
    """
    columns = tuple(_revised(column, edits, tie) for column in mapping.columns)
    mapping = mapping.model_copy(update={"columns": columns})
    for question, blank in edits.blanks.items():
        mapping = mapping.decided(blank, question)
    return mapping


def _revised(column: Column, edits: Edits, tie: Tie) -> Column:
    target = edits.targets.get(column.source, column.target)
    confirmed = edits.confirmed.get(column.source, column.confirmed)
    if target != column.target:
        column = tie(column.source, target) if target else column.model_copy(update={"target": ""})
        confirmed = edits.confirmed.get(column.source, True)
    if not column.target:
        return column
    update: dict[str, object] = {"confirmed": confirmed}
    if values := edits.values.get(column.source):
        update["values"] = {**column.values, **values}
    if column.source in edits.missing:
        update["missing"] = edits.missing[column.source]
    return column.model_copy(update=update)
