"""What an earlier mapping still says of columns of the same name, and what it no longer does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from barometer.intake.guessed import ALIKE, UNCERTAIN, Guess
from barometer.intake.inorder import bare_codes, in_order, standing_out
from barometer.intake.likeness import likeness
from barometer.intake.mapping import ANY, Column, Mapping, key, parted
from barometer.intake.profiles import Profile, is_number
from barometer.intake.targets import Target
from barometer.intake.vocabulary import TICKED, UNTICKED

MOVED = 0.6  # likeness under which a column of an earlier name asks something else
KEPT = "as in the earlier mapping"
Reading = Callable[[Profile, Target], Guess]


def known_before(
    described: Sequence[Profile],
    known: dict[str, Target],
    earlier: Mapping | None,
    reading: Reading,
) -> tuple[dict[str, Guess], dict[str, Guess]]:
    """Columns that an earlier mapping ties, and that still have the same name.

    Apart, those that may ask something else by now: their words are so different, or their codes
    mean other answers. `reading` says how the values of a column are read for the first time.
    """
    before = earlier.by_source if earlier else {}
    found: dict[str, Guess] = {}
    moved: dict[str, Guess] = {}
    for profile in described:
        then = before.get(profile.name)
        if then is None or not then.target or then.target not in known or not then.confirmed:
            continue
        target = known[then.target]
        label = profile.label or (profile.name if len(profile.name) > 20 else "")
        like = likeness(label, then.label) if label and then.label else 1.0
        guess, others = _as_then(profile, target, then, reading)
        if like < 0.97:
            reason = "same name as before, in other words"
            guess = replace(guess, confidence=UNCERTAIN, reason=reason)
        (moved if others or like < MOVED else found)[profile.name] = guess
    return found, moved


def _as_then(
    profile: Profile, target: Target, then: Column, reading: Reading
) -> tuple[Guess, bool]:
    """The earlier reading of a column as far as it still serves; whether its codes mean others."""
    guess = Guess(
        profile, target, 0.97, KEPT, dict(then.values), then.missing, then.separator, then.blank
    )
    if _relabelled(profile, then):
        reason = "same name as before, but its codes mean other answers"
        return replace(reading(profile, target), confidence=UNCERTAIN, reason=reason), True
    if target.kind == "tick" and profile.filled and profile.boxed is None:
        return _written(guess), False
    if target.kind in ("tick", "rating") and not _still_read(profile, target, then):
        return _anew(reading(profile, target), then), False
    if target.kind == "number":
        return _with_codes(guess), False
    if target.kind in ("one", "several"):
        if anew := _parted_anew(profile, target, then, reading):
            return anew, False
        values, missing, unknown = _completed(profile, target, then)
        guess = replace(guess, values=values, missing=missing)
        if unknown and len(unknown) == len(profile.counts) and bare_codes(profile):
            ordered = in_order(profile, target, UNCERTAIN, then.missing, KEPT)
            return ordered or guess, False
        if unknown:
            reason = f"earlier mapping; new answer: {unknown[0][:40]}"
            guess = replace(guess, confidence=UNCERTAIN, reason=reason)
    return guess, False


def _parted_anew(profile: Profile, target: Target, then: Column, reading: Reading) -> Guess | None:
    """A list of answers whose separator of before stands in no cell, and another one does."""
    if target.kind != "several" or any(then.separator in value for value in profile.counts):
        return None  # an empty separator is in every value
    anew = reading(profile, target)
    if anew.separator in ("", then.separator):
        return None
    reason = f"{KEPT}, but not parted so; parted by {anew.separator!r}"
    return replace(anew, confidence=UNCERTAIN, reason=reason)


def _written(guess: Guess) -> Guess:
    """A box that holds words by now, as where an other answer is written: they tick it."""
    if ANY in guess.values:
        return guess
    reason = f"{KEPT}, but words are written: they tick it"
    return replace(guess, confidence=UNCERTAIN, reason=reason, values={ANY: "1"}, blank="unticked")


def _anew(guess: Guess, then: Column) -> Guess:
    """A box or a rating whose values are no longer those of before."""
    told = guess.reason.removeprefix("; ")
    reason = f"{KEPT}, but with other values" + (f"; {told}" if told else "")
    blank = guess.blank if guess.blank != "missing" or then.blank == "unknown" else then.blank
    return replace(guess, confidence=UNCERTAIN, reason=reason, blank=blank)


def _with_codes(guess: Guess) -> Guess:
    """A number, asked about again where it holds codes that were no missing ones before."""
    none = tuple(v for v in standing_out(guess.profile) if v not in guess.missing)
    if not none:
        return guess
    reason = f"{KEPT}; {', '.join(none)}: no answer?"
    return replace(guess, confidence=UNCERTAIN, reason=reason, missing=(*guess.missing, *none))


def _relabelled(profile: Profile, then: Column) -> bool:
    """Whether a code that was recoded means other words now, as its labels say."""
    if not profile.labelled:
        return False
    said = {key(value): words for value, words in profile.answers.items()}
    for value, words in then.answers.items():
        now = said.get(key(value), words)
        told = key(words) != key(value) and key(now) != key(value)
        if value in then.values and told and likeness(words, now) < ALIKE:
            return True
    return False


def _still_read(profile: Profile, target: Target, then: Column) -> bool:
    """Whether each value of a box or a rating is one that the earlier mapping reads."""
    values = {key(value): code for value, code in then.values.items()}
    missing = set(map(key, then.missing))
    labelled = profile.boxed or {}
    for value in profile.counts:
        word = key(value)
        if word in missing or profile.is_missing(value) or ANY in values:
            continue
        if target.kind == "rating":
            if word not in values and not (is_number(word) and not profile.worded):
                return False
            continue
        code = values.get(word, "1" if word in TICKED else "0" if word in UNTICKED else None)
        if code is None or (profile.labelled and labelled.get(value, code) != code):
            return False
    return True


def _completed(
    profile: Profile, target: Target, then: Column
) -> tuple[dict[str, str], tuple[str, ...], list[str]]:
    """The earlier recoding and missing values, with new ones; and those that nothing is like."""
    values: dict[str, str] = dict(then.values)
    missing: list[str] = list(then.missing)
    unknown: list[str] = []
    said = {key(value) for value in (*values, *target.answers, *then.missing)}
    for value in profile.counts:
        for cell in parted(value, then.separator, said):
            if not cell or key(cell) in said:
                continue
            code, like = target.nearest.find(profile.answers.get(cell, cell))
            said.add(key(cell))
            if ANY in then.values:
                continue
            if like >= ALIKE:
                values[cell] = code
            elif profile.is_missing(cell):
                missing.append(cell)
            else:
                unknown.append(cell)
    return values, tuple(missing), unknown
