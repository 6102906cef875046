"""Bare codes: answers in the questionnaire's order, or no answer among numbers, never surely."""

from __future__ import annotations

import re

from barometer.intake.guessed import UNCERTAIN, Guess
from barometer.intake.mapping import key
from barometer.intake.profiles import Profile, is_number, number_of
from barometer.intake.targets import Target
from barometer.intake.vocabulary import NO_ANSWER

CODE = re.compile(r"(8|9)\1{1,6}|9{1,6}8")  # 99, 9998, 888
APART = 1.5  # times the greatest number of a column from which such a code stands apart
OFTEN, MOST_OFTEN = 5, 3  # rows that write it, and times as many as write any number about as great


def bare_codes(profile: Profile) -> bool:
    """Whether it holds codes that nothing says the meaning of."""
    return profile.numeric == 1 and not profile.labelled and profile.counted is None


def in_order(
    profile: Profile, target: Target, sure: float, missing: tuple[str, ...], why: str
) -> Guess | None:
    """Bare codes 1, 2, 3 as the answers in order; 99 beyond them as no answer.

    None where they are no such codes. `why` begins the reason.
    """
    none = tuple(v for v in profile.counts if key(v) in NO_ANSWER)
    numbers = sorted({float(key(v).replace(",", ".")) for v in profile.counts
                      if v not in none and not profile.is_missing(v)})  # fmt: skip
    first = 0 if numbers and numbers[0] == 0 else 1
    if not numbers or not set(numbers) <= set(range(first, first + len(target.answers))):
        return None
    values = {str(n): code for n, code in enumerate(target.answers, start=first)}
    reason = f"{why}; codes taken in the questionnaire's order, check them"
    if none:
        reason += f"; {', '.join(none)}: no answer?"
    return Guess(profile, target, min(UNCERTAIN, sure), reason, values, (*missing, *none))


def standing_out(profile: Profile) -> tuple[str, ...]:
    """Codes such as 99 or 9999 of a column of numbers that stand apart from all the others.

    They are much greater than any other number, or written much more often than those about as
    great: what tools write for no answer.
    """
    numbers = {
        v: number_of(v) for v in profile.counts if not profile.is_missing(v) and is_number(v)
    }
    codes = [value for value in numbers if CODE.fullmatch(key(value))]
    others = {value: number for value, number in numbers.items() if value not in codes}
    if not codes or not others:
        return ()
    greatest = max(others.values())

    def apart(value: str) -> bool:
        number, rows = numbers[value], profile.counts[value]
        about = [profile.counts[v] for v, n in others.items() if number / 2 <= n <= 2 * number]
        often = rows >= OFTEN and rows >= MOST_OFTEN * max(about, default=0)
        return number > APART * greatest or often

    return tuple(value for value in codes if apart(value))
