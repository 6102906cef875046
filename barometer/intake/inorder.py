"""Bare codes: answers in the questionnaire's order, or no answer among numbers, never surely."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from barometer.intake.guessed import UNCERTAIN, Guess
from barometer.intake.mapping import key
from barometer.intake.profiles import Profile, is_number, number_of
from barometer.intake.targets import Target
from barometer.intake.vocabulary import NO_ANSWER

CODE = re.compile(r"(8|9)\1{1,6}|9{1,6}8")  # 99, 9998, 888
BARE = re.compile(r"([a-z]{0,2}?)0*(\d{1,3})")  # 1, A1, AO01, as `mapping.key` writes them
SEPARATORS = (",", ";", "|", " ", "/")
MOST_CODES = 200
MORE_CODES = 4  # than answers: refusals, answers of other years
APART = 1.5  # times the greatest number of a column from which such a code stands apart
OFTEN, MOST_OFTEN = 5, 3  # rows that write it, and times as many as write any number about as great


def bare_codes(profile: Profile) -> bool:
    """Whether it holds codes that nothing says the meaning of: 1, 2 or A1, A2."""
    if profile.labelled or profile.counted is not None:
        return False
    return _codes(profile.given) is not None


def in_order(
    profile: Profile, target: Target, sure: float, missing: tuple[str, ...], why: str
) -> Guess | None:
    """Bare codes 1, 2, 3 as the answers in order; 99 beyond them as no answer.

    None where they are no such codes. `why` begins the reason.
    """
    return _ordered(Guess(profile, target, sure, why, {}, missing), profile.given)


def as_codes(
    profile: Profile, target: Target, sure: float, missing: tuple[str, ...], why: str
) -> Guess | None:
    """Bare codes as the answers in order, or for somebody to say which they are."""
    ordered = in_order(profile, target, sure, missing, why)
    return ordered or _unknown(profile, target, sure, missing, why)


def _unknown(
    profile: Profile, target: Target, sure: float, missing: tuple[str, ...], why: str
) -> Guess | None:
    """Bare codes of which there are more than answers, a few at most: somebody must say them."""
    given = sorted(profile.given)
    if not 1 < len(given) <= len(target.answers) + MORE_CODES:
        return None
    reason = f"{why}; what is {given[-1][:40]!r}?"
    return Guess(profile, target, UNCERTAIN * min(sure, 1.0), reason, {}, missing)


def listed(profile: Profile, target: Target, sure: float, why: str) -> Guess | None:
    """Bare codes of several answers in one cell, such as 1,3,4: see `in_order`."""
    for separator in SEPARATORS:
        parts = {part.strip() for value in profile.counts for part in value.split(separator)}
        if not any(separator in value for value in profile.counts) or len(parts) > MOST_CODES:
            continue
        guess = Guess(profile, target, sure, why, {}, separator=separator)
        if found := _ordered(guess, [part for part in parts if part]):
            told = f"{found.reason}, parted by {separator!r}"
            return replace(found, separator=separator, reason=told)
    return None


def _ordered(guess: Guess, given: Sequence[str]) -> Guess | None:
    """A guess whose values are the answers in order."""
    answers = guess.target.answers
    beyond = NO_ANSWER - {str(number) for number in range(len(answers) + 1)}
    none = tuple(value for value in given if key(value) in beyond)
    codes = _codes([value for value in given if value not in none])
    if not codes:
        return None
    prefix, numbers = codes
    first = 0 if min(numbers) == 0 else 1
    if not numbers <= set(range(first, first + len(answers))):
        return None
    written = {number: value for value in given if (number := _number(value)) is not None}
    values = {
        key(written.get(number, f"{prefix}{number}")): code
        for number, code in enumerate(answers, start=first)
    }
    reason = f"{guess.reason}; codes taken in the questionnaire's order, check them"
    if none:
        reason += f"; {', '.join(none)}: no answer?"
    missing = (*guess.missing, *none)
    sure = min(UNCERTAIN, guess.confidence)
    return replace(guess, confidence=sure, reason=reason, values=values, missing=missing)


def _codes(values: Sequence[str]) -> tuple[str, set[int]] | None:
    """The letters that some codes begin with, all the same ones or none, and their numbers."""
    found = [BARE.fullmatch(key(value)) for value in values]
    prefixes = {match[1] for match in found if match}
    if not found or None in found or len(prefixes) > 1:
        return None
    return prefixes.pop(), {int(match[2]) for match in found if match}


def _number(value: str) -> int | None:
    found = BARE.fullmatch(key(value))
    return int(found[2]) if found else None


def standing_out(profile: Profile) -> tuple[str, ...]:
    """Codes such as 99 or 9999 of a column of numbers that stand apart from all the others.

    They are much greater than any other number, or written much more often than those about as
    great: what tools write for no answer.
    """
    numbers = {value: number_of(value) for value in profile.given if is_number(value)}
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
