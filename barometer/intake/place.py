"""What stands where a question was asked is offered for it, never surely: it says it anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from barometer.intake.guessed import Guess
from barometer.intake.mapping import Mapping as ColumnMapping
from barometer.intake.profiles import Profile
from barometer.intake.targets import FRAME, Target

MOST_BETWEEN = 60  # columns, or questions, among which place says little
PLACED = 0.5  # confidence of what only its place says
Reading = Callable[[Profile, Target], Guess | None]
Gap = tuple[list[Profile], list[Target]]


def by_place(
    described: Sequence[Profile],
    known: Mapping[str, Target],
    found: Mapping[str, Guess],
    earlier: ColumnMapping | None,
    reading: Reading,
) -> dict[str, Guess]:
    """Columns that nothing is like, between two whose questions have others between them.

    The order is that of the earlier wave's columns, then that of the codebook. `reading` says how a
    column's values would be those of a target, None where they cannot be. Where as many columns as
    questions stand there they are paired in order, else only those that can be nothing else.
    """
    offered: dict[str, Guess] = {}
    orders = [[column.target for column in earlier.columns]] if earlier else []
    for order in (*orders, list(known)):
        asked = [code for code in order if _asked(code, known)]
        for columns, targets in _gaps(described, asked, known, {**found, **offered}):
            for guess in _paired(columns, targets, reading):
                offered[guess.profile.name] = guess
    return offered


def _asked(code: str, known: Mapping[str, Target]) -> bool:
    return code in known and code not in FRAME and known[code].kind != "several"


def _gaps(
    described: Sequence[Profile],
    asked: Sequence[str],
    known: Mapping[str, Target],
    found: Mapping[str, Guess],
) -> Iterable[Gap]:
    """Columns that are nothing, and questions that no column is, between two that are both.

    Before the first of them and after the last one too, where the file and the questionnaire begin
    and end.
    """
    places = {code: place for place, code in enumerate(asked)}
    here: list[tuple[int, int, int]] = [(-1, -1, -1)]  # of the column; of its first and last target
    for number, profile in enumerate(described):
        guess = found.get(profile.name)
        if guess is not None and (its := _places(guess.target, places)):
            here.append((number, min(its), max(its)))
    here.append((len(described), len(asked), len(asked)))
    if len(here) == 2:
        return  # nothing is known beside which anything could stand
    taken = {place for _, first, last in here for place in range(first, last + 1)}
    for (before, _, after), (then, until, _) in pairwise(here):
        columns = [
            profile
            for profile in described[before + 1 : then]
            if profile.name not in found and profile.filled
        ]
        between = range(after + 1, until)
        wide = max(len(columns), len(between)) > MOST_BETWEEN
        if columns and between and not wide and taken.isdisjoint(between):
            yield columns, [known[asked[place]] for place in between]


def _places(target: Target, places: Mapping[str, int]) -> list[int]:
    """Where a target, or the items that a list of answers fills, stand in an order."""
    if target.kind != "several":
        return [places[target.code]] if target.code in places else []
    return [place for code, place in places.items() if code.startswith(f"{target.code}:")]


def _paired(
    columns: Sequence[Profile], targets: Sequence[Target], reading: Reading
) -> Iterable[Guess]:
    """A guess for each column that can be one question only, which no other column can be."""
    read = [[reading(column, target) for target in targets] for column in columns]
    fitting = [row for row in read if any(row)]
    if len(fitting) == len(targets):
        in_order = [row[place] for place, row in enumerate(fitting)]
        if all(in_order):
            yield from filter(None, in_order)
            return
    for row in fitting:
        only = [place for place, guess in enumerate(row) if guess]
        if len(only) == 1 and sum(bool(other[only[0]]) for other in fitting) == 1:
            guess = row[only[0]]
            assert guess is not None
            yield guess
