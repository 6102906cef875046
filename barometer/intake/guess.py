"""Guess the mapping of an export from its names, labels and values; each guess says how sure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from barometer.codebook import YEAR, Codebook, Text
from barometer.intake.applying import year_of
from barometer.intake.coded import plain as texts
from barometer.intake.earlier import known_before
from barometer.intake.guessed import ALIKE, SURE, UNCERTAIN, Guess
from barometer.intake.inorder import as_codes, bare_codes, in_order, listed, standing_out
from barometer.intake.likeness import best_of, plain
from barometer.intake.long import JOIN, widened
from barometer.intake.mapping import Blank, Column, Long, Mapping, key, parted
from barometer.intake.place import PLACED, by_place
from barometer.intake.profiles import Profile, is_number, number_of, profiles
from barometer.intake.raw import RawTable
from barometer.intake.spread import beside, in_columns, within_question
from barometer.intake.targets import Target, targets
from barometer.intake.vocabulary import (
    DATED,
    ENDED,
    FINISHED,
    IDENTIFIER,
    LONG,
    NO_ANSWER,
    SCALES,
    STRATUM,
    TICKED,
    UNTICKED,
    WEIGHS,
    WEIGHT,
    YEARS,
)

MOSTLY = 0.9  # of a column's answers, from which the others are faults to tell
EXACT = 0.75  # weight of an item's own words: they name a box without its question
ALONE = 0.55  # likeness of a question's words that a column of its own needs
RIVAL = 0.04  # a second target this close makes a guess doubtful
IN_PART = "rows leave some boxes without an answer"
ASKED = 0.7  # likeness of a question's words from which bare codes may be its answers
SEPARATORS = (";", "|", "\n", " / ", ", ", ",", "/")
MOST_DEGREES = 8  # words of a scale
MOST_ENDS = 12  # values of a scale whose ends may have words
NEAR_ONE = 0.05  # the mean of weights that add up to the base, which rounding moves a little
FEWEST_NUMBERS = 5  # distinct ones from which a column nobody names may be of numbers
STANDS = "it stands where this is asked"
MOST_SHOWN = 40  # answers of a column that are kept to see what changes


def guess(raw: RawTable, book: Codebook, earlier: Mapping | None = None, name: str = "") -> Mapping:
    """A mapping for every column of an export; those of no target are left out.

    What an earlier mapping said of a column of the same name and words is kept. A guess under SURE
    is not confirmed: applying the mapping says so instead of using it.
    """
    long = _long(raw, earlier)
    if long is not None:
        raw = widened(raw, Mapping(long=long))
    known = targets(book)
    described = profiles(raw)
    found, moved = known_before(described, known, earlier, _read)
    left = [profile for profile in described if profile.name not in found]
    taken = {guess.target.code for guess in found.values()}
    candidates = [
        *_frame(left, known),
        *_by_name(left, known),
        *_single(left, known, long is not None),
        *_items(left, known),
        *in_columns(raw, left, known),
        *_numbers(left, known),
    ]
    found |= _assigned(candidates, known, taken)
    for name, before in moved.items():  # nothing else is like it: perhaps it only says it anew
        if name not in found and before.target.code not in {g.target.code for g in found.values()}:
            found[name] = before
    found = within_question(found)
    found |= beside(described, known, found)
    found |= by_place(described, known, found, earlier, _in_its_place)
    found |= _undecided(raw, found)
    columns = tuple(_column(profile, found.get(profile.name)) for profile in described)
    dated = any(guess.target.code == YEAR for guess in found.values())
    return Mapping(
        name=name or raw.file,
        year=None if dated else _year_in(raw.file),
        header_rows=raw.header_rows if raw.header_rows > 1 else 0,
        complete=_complete(described),
        long=long,
        columns=columns,
    )


def tie(raw: RawTable, book: Codebook, source: str, code: str) -> Column:
    """The entry of a column that somebody ties to a target, its values recoded as far as known.

    Raises KeyError where there is no such column or target.
    """
    target = targets(book)[code]
    profile = next((p for p in profiles(raw) if p.name == source), None)
    if profile is None:
        raise KeyError(source)
    return _column(profile, replace(_read(profile, target), confidence=1.0, reason="chosen"))


def _read(profile: Profile, target: Target) -> Guess:
    """How the values of a column are read where it is known to be a target; how sure says less."""
    guess = Guess(profile, target, UNCERTAIN, "", {}, _missing(profile))
    if target.kind == "one":
        values, missing, _ = _recoded(profile, target)
        return replace(guess, values=values, missing=missing)
    if target.kind in ("tick", "rating"):
        return _box_or_scale(guess)
    return _parted(guess) if target.kind == "several" else guess


def _parted(guess: Guess) -> Guess:
    """A list of answers, by the separator that leaves the most of them known."""
    best: tuple[float, Guess] = (0.0, guess)
    for separator in ("", JOIN, *SEPARATORS):
        found = _recoded_parts(guess.profile, guess.target, separator)
        if found is not None and found[2] > best[0]:
            values, missing, share, _ = found
            parted = replace(guess, values=values, missing=missing, separator=separator)
            best = (share, parted)
    return best[1]


def _undecided(raw: RawTable, found: dict[str, Guess]) -> dict[str, Guess]:
    """Boxes of the questions where some rows tick nothing: what that means is for a person."""
    groups: dict[str, list[str]] = defaultdict(list)
    beside: dict[str, list[str]] = defaultdict(list)  # these, and boxes that say when they are not
    for name, guess in found.items():
        several = guess.target.kind == "several" and guess.separator
        if guess.blank == "unticked" or (several and guess.blank == "missing"):
            groups[guess.target.group].append(name)
        if guess.target.kind == "tick" or several:
            beside[guess.target.group].append(name)
    changed = {}
    for group, names in groups.items():
        given = np.column_stack([_given(raw, found[name]) for name in beside[group]])
        if count := int((~given.any(axis=1)).sum()):
            for name in names:
                reason = f"{found[name].reason}; {count} rows tick nothing: none, or no answer?"
                changed[name] = replace(found[name], blank="unknown", reason=reason)
    return _part_answered(raw, found) | changed


def _part_answered(raw: RawTable, found: dict[str, Guess]) -> dict[str, Guess]:
    """Boxes of the questions that some rows answer in part: yes, no, then do not know."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, guess in found.items():
        row = guess.target.kind == "several" and guess.target.code != guess.target.group
        if (guess.target.kind == "tick" or row) and guess.blank == "missing":
            groups[guess.target.group].append(name)
    changed = {}
    for names in groups.values():
        given = np.column_stack([_given(raw, found[name]) for name in names])
        part = given.any(axis=1) & ~given[:, given.any(axis=0)].all(axis=1)
        if count := int(part.sum()):
            for name in names:
                reason = f"{found[name].reason}; {count} {IN_PART}"
                changed[name] = replace(found[name], blank="unknown", reason=reason)
    return changed


def _given(raw: RawTable, guess: Guess) -> npt.NDArray[np.bool_]:
    """Which rows answer a box."""
    cells = texts(raw.columns.column(guess.profile.name))
    missing = pc.is_in(cells, pa.array(guess.missing, pa.string()))
    answered = pc.and_(pc.is_valid(cells), pc.invert(missing))
    rows: npt.NDArray[np.bool_] = answered.to_numpy(zero_copy_only=False)
    return rows


def _column(profile: Profile, guess: Guess | None) -> Column:
    """The entry of the mapping, with the questionnaire's words."""
    boxed = guess is not None and guess.target.kind == "tick"
    answers: dict[str, str] = {}
    if not boxed and (profile.labelled or profile.distinct <= MOST_SHOWN) and profile.distinct:
        kept = list(profile.answers.items())[:MOST_SHOWN]
        free = guess is not None and guess.target.kind not in ("one", "several")
        answers = {} if free else dict(sorted(kept))
    label = profile.label or (profile.name if len(profile.name) > 20 else "")
    if guess is None:
        return Column(source=profile.name, label=label, confidence=0, reason="nothing like it")
    return Column(
        source=profile.name,
        target=guess.target.code,
        values=guess.values,
        missing=guess.missing,
        separator=guess.separator,
        blank=guess.blank,
        label=label,
        answers=answers,
        confidence=round(guess.confidence, 2),
        reason=guess.reason,
        confirmed=guess.confidence >= SURE,
    )


# --- the frame ----------------------------------------------------------------------------------


def _frame(left: Iterable[Profile], known: dict[str, Target]) -> Iterable[Guess]:
    """Identifier, weight, stratum, and the year: by the names that survey tools give them."""
    frame = {target.kind: target for target in known.values()}
    of_waves = [p.years for p in left if YEARS & frozenset(map(plain, p.words))]
    waves = max(map(len, of_waves), default=1)
    for profile in left:
        names = frozenset(map(plain, profile.words))
        # One that stands twice is a fault to tell, no reason to leave the column out.
        once = profile.distinct >= 0.95 * profile.rows > 0
        again = 1 < max(profile.counts.values(), default=0) <= waves
        if names & IDENTIFIER and once:
            yield Guess(profile, frame["id"], 0.92, "its name, and each value stands once", {})
        elif names & IDENTIFIER and again:  # numbered anew in each wave of the file
            reason = "its name, and each value stands once in a wave"
            yield Guess(profile, frame["id"], 0.85, reason, {})
        yield from _weight(profile, names, frame["weight"])
        if names & STRATUM and profile.distinct < 0.5 * max(profile.rows, 3):
            yield Guess(profile, frame["stratum"], 0.85, "its name", {})
        years = profile.years if profile.filled else set()
        if years and names & YEARS:
            yield Guess(profile, frame["year"], 0.95, "its name, and years", {})
        elif len(years) == 1 and names & DATED:
            sure = 0.88 if names & ENDED else 0.85
            yield Guess(profile, frame["year"], sure, f"dates of {min(years)}", {})
        elif years and names & DATED:
            told = f"dates from {min(years)} to {max(years)}: as many waves?"
            yield Guess(profile, frame["year"], UNCERTAIN, told, {})


def _weight(profile: Profile, names: frozenset[str], target: Target) -> Iterable[Guess]:
    """A column that is the weight by its name, or may be: without it every figure would differ."""
    numbers = profile.numbers
    if not numbers or profile.numeric < MOSTLY:
        return
    if names & WEIGHT:
        yield Guess(profile, target, 0.9, "its name, and numbers", {})
    elif min(numbers) < 0:
        return
    elif any(word.startswith(WEIGHS) for name in names for word in name.split()):
        yield Guess(profile, target, UNCERTAIN, "its name may mean a weight", {})
    elif _about_one(profile):
        yield Guess(profile, target, UNCERTAIN, "numbers around 1, as weights are", {})


def _about_one(profile: Profile) -> bool:
    """Whether the numbers have decimals and a mean close to 1."""
    counts = {number_of(v): n for v, n in profile.counts.items() if is_number(v)}
    if len(counts) < FEWEST_NUMBERS or sum(n != int(n) for n in counts) < 0.5 * len(counts):
        return False
    mean = sum(value * n for value, n in counts.items()) / sum(counts.values())
    return abs(mean - 1) < NEAR_ONE


def _year_in(file: str) -> int | None:
    """The year that the name of a file says."""
    try:
        return int(year_of(re.sub(r"\D+", " ", file)))
    except ValueError:
        return None


def _complete(described: list[Profile]) -> str:
    """The column that is empty, or says no, where an interview was not finished."""
    for profile in described:
        if plain(profile.name) not in FINISHED:
            continue
        no = any(key(value) in UNTICKED for value in profile.counts)
        if no or (profile.filled < profile.rows and profile.filled):
            return profile.name
    return ""


def _long(raw: RawTable, earlier: Mapping | None) -> Long | None:
    """The three columns of a file with a row an answer, where their names and values say so.

    Those of an earlier mapping are taken where they are here.
    """
    before = earlier.long if earlier else None
    if before and {before.respondent, before.question, before.answer} <= set(raw.names):
        return before
    if not 3 <= len(raw.names) <= 40:
        return None
    named = []
    for names in LONG:
        found = [name for name in raw.names if plain(name) in names]
        if not found:
            return None
        named.append(found[0])
    long = Long(respondent=named[0], question=named[1], answer=named[2])
    people = len(raw.columns.column(long.respondent).unique())
    questions = len(raw.columns.column(long.question).unique())
    rows = raw.columns.num_rows
    return long if people < rows and 1 < questions < rows else None


# --- questions ------------------------------------------------------------------------------------


def _by_name(left: list[Profile], known: dict[str, Target]) -> Iterable[Guess]:
    """Columns that have the wave file's own name."""
    for profile in left:
        target = known.get(profile.name)
        if target is None:
            continue
        if target.kind == "one":
            values, missing, unknown = _recoded(profile, target)
            sure = 1.0 if not unknown else 0.7
            reason = "the same name" if not unknown else f"the same name; what is {unknown[0]!r}?"
            yield Guess(profile, target, sure, reason, values, missing)
        elif target.kind == "tick" and profile.boxed is None and profile.filled:
            yield Guess(profile, target, 0.7, "the same name, but the values are no box", {})
        else:
            values = _box_values(profile) if target.kind == "tick" else {}
            none = standing_out(profile) if target.kind == "number" else ()
            told = f"; {', '.join(none)}: no answer?" if none else ""
            sure, missing = UNCERTAIN if none else 1.0, (*_missing(profile), *none)
            yield Guess(profile, target, sure, f"the same name{told}", values, missing)


def _single(left: list[Profile], known: dict[str, Target], long: bool) -> Iterable[Guess]:
    """Columns whose values are the answers of a question, one a cell or several."""
    ones = [target for target in known.values() if target.kind == "one"]
    several = [target for target in known.values() if target.kind == "several"]
    words = _of_questions(left, ones)
    words_several = _of_items(left, several)
    words_of_question = _of_questions(left, several)
    beside = Counter(profile.stem for profile in left)
    for row, profile in enumerate(left):
        if not profile.filled or profile.distinct > MOST_SHOWN * 10:
            continue
        for place, target in enumerate(ones):
            yield from _one(profile, target, float(words[row, place]))
        for place, target in enumerate(several):
            yield from _cell_of_several(profile, target, float(words_several[row, place]), long)
            if beside[profile.stem] > 1 and profile.boxed is None:
                asked = float(words_of_question[row, place])
                yield from _one_of_several(profile, target, asked)


def _one(profile: Profile, target: Target, words: float) -> Iterable[Guess]:
    values, missing, unknown = _recoded(profile, target)
    total = sum(count for value, count in profile.counts.items() if value not in missing)
    matched = sum(profile.counts.get(value, 0) for value in values)
    share = matched / total if total else 0.0
    codes = set(values.values())
    generic = all(key(code) in TICKED | UNTICKED for code in target.answers)
    if share >= 0.5 and len(codes) > 1:
        if generic:  # yes and no are the answers of many questions: only its words tell
            confidence = 0.9 * words if words > 0.55 else 0.0
        else:
            confidence = 0.62 + 0.22 * share * (len(codes) / len(target.answers)) + 0.15 * words
            confidence -= 0.6 * (1 - share)
        if unknown:
            confidence = min(confidence, 0.7)
        if confidence > 0.4:
            yield Guess(profile, target, min(confidence, 0.98), _told(words, share, unknown),
                        values, missing)  # fmt: skip
    elif words > ASKED and bare_codes(profile):
        if guess := as_codes(profile, target, words, missing, "its words"):
            yield guess
    elif words > 0.8 and profile.numeric < 0.5 and total and profile.counted is None:
        said = (unknown or [""])[0][:40]  # asked as it is here, with answers of its own
        reason = f"words alike at {words:.0%}, but its answers are not; what is {said!r}?"
        yield Guess(profile, target, UNCERTAIN * words, reason, values, missing)


def _told(words: float, share: float, unknown: Sequence[str]) -> str:
    parts = [f"{share:.0%} of the answers are its own"]
    if words >= 0.6:
        parts.append(f"words alike at {words:.0%}")
    if unknown:
        parts.append(f"what is {unknown[0][:40]!r}?")
    return ", ".join(parts)


def _cell_of_several(profile: Profile, target: Target, words: float, long: bool) -> Iterable[Guess]:
    """A list of answers in each cell, or the chosen column of a grid's row."""
    prefixed = ":" in target.code
    guess = None
    if prefixed and words > 0.8 and bare_codes(profile):
        guess = as_codes(profile, target, words, _missing(profile), "its words")
    elif not prefixed and not long and words > ASKED and not profile.labelled:
        guess = listed(profile, target, words, "its words")
    if guess is not None:
        yield guess
    if guess is not None or (not profile.labelled and profile.numeric > 0.5):
        return
    for separator in (JOIN,) if long else ("", *SEPARATORS) if prefixed else SEPARATORS:
        joined = sum(n for value, n in profile.counts.items() if separator and separator in value)
        if (separator and not joined) or (not separator and words < 0.8):
            continue
        found = _recoded_parts(profile, target, separator)
        if found is None:
            continue
        values, missing, share, unknown = found
        distinct = len(set(values.values()))
        if share < 0.6 or distinct < 2:
            continue
        confidence = 0.6 + 0.25 * share + 0.14 * words if separator else 0.5 * share + 0.48 * words
        if unknown:
            confidence = min(confidence, 0.7)
        reason = _told(words, share, unknown)
        reason += f", parted by {separator!r}" if separator else ""
        yield Guess(profile, target, min(confidence, 0.97), reason, values, missing, separator)
        return


def _one_of_several(profile: Profile, target: Target, words: float) -> Iterable[Guess]:
    """One of the columns that hold the answers of a question, the first named, the second…"""
    found = _recoded_parts(profile, target, "")
    if found is None or (not profile.labelled and profile.numeric > 0.5):
        return
    values, missing, share, unknown = found
    if share < 0.6 or len(set(values.values())) < 2 or words < ALONE:
        return
    reason = f"{_told(words, share, unknown)}; one answer of several"
    sure = min(0.7, 0.45 + 0.25 * share * words)
    yield Guess(profile, target, sure, reason, values, missing, blank="missing")


def _recoded_parts(
    profile: Profile, target: Target, separator: str
) -> tuple[dict[str, str], tuple[str, ...], float, list[str]] | None:
    parts: dict[str, int] = defaultdict(int)
    known = _with_separator(profile, target, separator)
    for value, count in profile.counts.items():
        for part in parted(value, separator, known):
            parts[part] += count
    if not parts or len(parts) > MOST_SHOWN * 4:
        return None
    values, missing, unknown = {}, [], []
    for part in parts:
        said = profile.answers.get(part, part)
        code, like = target.nearest.find(said)
        if like >= ALIKE:
            values[part] = code
        elif profile.is_missing(part):
            missing.append(part)
        else:
            unknown.append(part)
    total = sum(count for part, count in parts.items() if part not in missing)
    share = sum(parts[part] for part in values) / total if total else 0.0
    return values, tuple(missing), share, unknown


def _with_separator(profile: Profile, target: Target, separator: str) -> set[str]:
    """Answers that hold the separator themselves, as this column writes them."""
    if not separator:
        return set()
    found = {key(text) for label in target.answers.values() for text in _both(label)
             if separator in text}  # fmt: skip
    known = {piece: target.nearest.find(piece)[1] >= ALIKE for value in profile.counts
             for piece in value.split(separator)}  # fmt: skip
    for value in profile.counts:
        for pair in pairwise(filter(None, value.split(separator))):
            # Beside a known answer, another one is no part of it, though it begins as it does.
            enough = 1.0 if any(known[piece] for piece in pair) else ALIKE
            whole = separator.join(pair)
            apart = all(known[piece] for piece in pair)
            if not apart and target.nearest.find(whole)[1] >= enough:
                found.add(key(whole))
    return found


def _items(left: list[Profile], known: dict[str, Target]) -> Iterable[Guess]:
    """Boxes and ratings: the columns of a question are matched to one question's items together."""
    boxes = [p for p in left if p.filled and p.boxed is not None]
    # A box that nobody ticked may be empty from top to bottom: its neighbours tell.
    stems = {profile.stem for profile in boxes}
    boxes += [p for p in left if not p.filled and p.stem in stems]
    boxed = {profile.name for profile in boxes}
    rated = [p for p in left if p.filled and (p.name not in boxed or p.one_or_two) and _is_scale(p)]
    for kind, columns in (("tick", boxes), ("rating", rated)):
        items = [target for target in known.values() if target.kind == kind]
        if not items or not columns:
            continue
        likes = _of_items(columns, items)
        asked = _of_questions(columns, items)
        for rows in _stems(columns).values():
            yield from _group(columns, items, likes, asked, rows)


def _stems(columns: list[Profile]) -> dict[str, list[int]]:
    stems: dict[str, list[int]] = defaultdict(list)
    for row, profile in enumerate(columns):
        stems[profile.stem].append(row)
    return stems


def _group(
    columns: list[Profile],
    items: list[Target],
    likes: npt.NDArray[np.float64],
    asked: npt.NDArray[np.float64],
    rows: list[int],
) -> Iterable[Guess]:
    """Guesses for the columns of one question: each question is weighed by all of them."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, target in enumerate(items):
        groups[target.group].append(place)
    weighed = []
    for places in groups.values():
        best = likes[np.ix_(rows, places)].max(axis=1)
        together = float(best.mean())
        question = float(asked[np.ix_(rows, places)].max())
        weighed.append((0.75 * together + 0.25 * question, question, places))
    weighed.sort(key=lambda found: -found[0])
    rival = weighed[1][0] if len(weighed) > 1 else 0.0
    for rank, (score, question, places) in enumerate(weighed[:2]):
        close = score - rival < RIVAL and question < 0.8
        # Where neighbours do not bear a column out, the question's words must: many have Other.
        alone = len(places) > 1 and question < ALONE and score < EXACT
        doubtful = rank > 0 or close or alone
        for row in rows:
            yield from _item(columns[row], items, likes[row], places, score, question, doubtful)


def _item(
    profile: Profile,
    items: list[Target],
    likes: npt.NDArray[np.float64],
    places: list[int],
    together: float,
    question: float,
    doubtful: bool,
) -> Iterable[Guess]:
    order = sorted(places, key=lambda place: -likes[place])[:2]
    for place in order:
        like = float(likes[place])
        if like < 0.6:
            continue
        confidence = 0.68 * like + 0.2 * together + 0.1 * max(question, together)
        others = [float(likes[other]) for other in places if other != place]
        if others and like < max(others) + RIVAL and like < 0.999:
            confidence = min(confidence, UNCERTAIN)
        if doubtful:
            confidence = min(confidence, UNCERTAIN + 0.05)
        reason = f"item alike at {like:.0%}, its question's columns at {together:.0%}"
        yield _box_or_scale(Guess(profile, items[place], confidence, reason, {}))


def _box_or_scale(guess: Guess) -> Guess:
    """The same guess with its values recoded."""
    profile = guess.profile
    if guess.target.kind == "rating":
        scale = None if profile.worded else _scale(profile)
        if scale is None:
            scale = _words_of_scale(profile, len(guess.target.answers))
            first = min(profile.counts, default="")
            said = profile.answers.get(first, first)[:40]
            told = "words taken for numbers, check them" if scale else f"what number is {said!r}?"
            reason = f"{guess.reason}; {told}"
            guess = replace(guess, confidence=min(guess.confidence, UNCERTAIN), reason=reason)
        none = _beyond(profile, guess.target)
        if none:
            reason = f"{guess.reason}; {', '.join(none)}: no answer?"
            guess = replace(guess, confidence=min(guess.confidence, UNCERTAIN), reason=reason)
        return replace(guess, values=scale, missing=(*_missing(profile), *none))
    if profile.filled and profile.strange:
        what = f"{guess.reason}; what is {profile.strange[0][:40]!r}?"
        guess = replace(guess, confidence=min(guess.confidence, 0.7), reason=what)
    boxed = profile.boxed or {}
    if profile.one_or_two:
        reason = f"{guess.reason}; 1 taken for yes, 2 for no, check them"
        guess = replace(guess, confidence=min(guess.confidence, UNCERTAIN), reason=reason)
    only = set(boxed.values()) <= {"1"} and profile.filled < profile.rows
    blank: Blank = "unticked" if only else "missing"
    missing = tuple(value for value in _missing(profile) if value not in boxed)
    return replace(guess, values=_box_values(profile), missing=missing, blank=blank)


def _box_values(profile: Profile) -> dict[str, str]:
    """The recoding of a box, without what every box understands."""
    boxed = profile.boxed or {}
    if profile.one_or_two:  # what is taken for yes is said too: somebody must look at it
        return dict(sorted(boxed.items()))
    usual = dict.fromkeys(TICKED, "1") | dict.fromkeys(UNTICKED, "0")
    told = {value: code for value, code in boxed.items() if usual.get(key(value)) != code}
    if profile.labelled:
        for value, label in profile.answers.items():
            word = key(label)
            code = "1" if word in TICKED else "0" if word in UNTICKED else None
            if code is not None and usual.get(key(value)) != code:
                told[value] = code
    return told


def _scale(profile: Profile) -> dict[str, str] | None:
    """Value → number of a scale where a value is more than a number, such as 5 - Excellent.

    None where the column is no scale.
    """
    told: dict[str, str] = {}
    for value in profile.counts:
        if profile.is_missing(value):
            continue
        number = re.match(r"\s*(-?\d{1,3})(?:[.,]0+)?(?:$|\D)", value)
        if number is None:
            return None
        if key(value) != number[1]:
            told[value] = number[1]
    return told


def _beyond(profile: Profile, target: Target) -> tuple[str, ...]:
    """Codes beyond the degrees of a rating that surveys write where there is no answer."""
    if not target.answers:
        return ()
    return tuple(v for v in profile.counts if key(v) in NO_ANSWER and key(v) not in target.answers)


def _is_scale(profile: Profile) -> bool:
    """Whether the values are numbers of a scale, or a few words that may be its degrees."""
    if _scale(profile) is not None:
        return True
    return 1 < len(profile.given) <= MOST_DEGREES and profile.numeric < 0.5


def _words_of_scale(profile: Profile, degrees: int) -> dict[str, str]:
    """Value → number where the words are those of a known scale with as many degrees."""
    said = {value: plain(profile.answers.get(value, value)) for value in profile.given}
    for scale in SCALES:
        known = {value: str(scale.index(w) + 1) for value, w in said.items() if w in scale}
        # A degree apart, such as unfamiliar, is left for somebody to say.
        if len(scale) == degrees and len(known) >= max(2, len(said) - 2):
            return known
    return {}


def _ends(values: Sequence[str]) -> dict[str, str]:
    """Value → number of the ends of a scale: 10 - very likely, 0 (not at all)."""
    found = {value: re.fullmatch(r"\s*(\d{1,3})\s*[-–—:=(]\s*[^\W\d].*", value) for value in values}
    return {value: match[1] for value, match in found.items() if match}


def _numbers(left: list[Profile], known: dict[str, Target]) -> Iterable[Guess]:
    """Numbers: only the words of a question tell."""
    asked = [target for target in known.values() if target.kind == "number"]
    words = _of_questions(left, asked)
    for row, profile in enumerate(left):
        good = profile.given
        # The ends of a scale may have words of their own: 10 - very likely.
        ends = _ends(good) if len(good) <= MOST_ENDS else {}
        strange = [value for value in good if value not in ends and not is_number(value)]
        if not good or 2 * sum(profile.counts[value] for value in strange) > profile.filled:
            continue
        for place, target in enumerate(asked):
            like = float(words[row, place])
            if like > 0.6:
                reason = f"numbers, words alike at {like:.0%}"
                sure = 0.95 * like
                if strange:
                    sure, reason = min(sure, 0.7), f"{reason}; what is {strange[0][:40]!r}?"
                none = standing_out(profile)
                if none:
                    sure = min(sure, UNCERTAIN)
                    reason += f"; {', '.join(none)}: no answer?"
                yield Guess(profile, target, sure, reason, ends, (*_missing(profile), *none))


# --- by their place -------------------------------------------------------------------------------


def _in_its_place(profile: Profile, target: Target) -> Guess | None:
    """How the values of a column would be those of a question that its words do not name."""
    guess = Guess(profile, target, PLACED, STANDS, {}, _missing(profile))
    if target.kind == "one":
        values, missing, unknown = _recoded(profile, target)
        its_own = sum(profile.counts.get(value, 0) for value in values)
        if len(set(values.values())) > 1 and 2 * its_own > profile.filled:
            reason = f"{STANDS}; what is {unknown[0][:40]!r}?" if unknown else STANDS
            return replace(guess, values=values, missing=missing, reason=reason)
        if len(profile.counts) < 2 or not bare_codes(profile):
            return None
        return in_order(profile, target, PLACED, missing, STANDS)
    if target.kind == "tick":
        return _box_or_scale(guess) if profile.boxed is not None else None
    if target.kind == "rating":
        degrees = {value for value in map(key, profile.counts) if value in target.answers}
        fits = bool(degrees) and _is_scale(profile) and len(degrees) + 2 >= len(profile.counts)
        return _box_or_scale(guess) if fits else None
    amounts = profile.numeric >= MOSTLY and len(set(profile.numbers)) >= FEWEST_NUMBERS
    return guess if amounts and not profile.years else None


# --- answers --------------------------------------------------------------------------------------


def _recoded(profile: Profile, target: Target) -> tuple[dict[str, str], tuple[str, ...], list[str]]:
    """Values and their codes, values that mean no answer, and values that nothing is like."""
    values, missing, unknown = {}, [], []
    yes_or_no = _yes_or_no(target)
    for value, said in profile.answers.items():
        code, like = target.nearest.find(said)
        if like < ALIKE and key(said) in yes_or_no:
            code, like = yes_or_no[key(said)], 1.0
        if like >= ALIKE:
            values[value] = code
        elif profile.is_missing(value):
            missing.append(value)
        elif value in profile.counts:
            unknown.append(said)
    return values, tuple(missing), unknown


def _yes_or_no(target: Target) -> dict[str, str]:
    """What tools write for yes and no, such as Y and 0, where these are all the answers."""
    found: dict[str, str] = {}
    for code, label in target.answers.items():
        for word in map(key, _both(label)):
            same = TICKED if word in TICKED else UNTICKED if word in UNTICKED else None
            if same is None:
                return {}
            found |= dict.fromkeys(same, code)
    return found


def _missing(profile: Profile) -> tuple[str, ...]:
    return tuple(value for value in profile.answers if profile.is_missing(value))


# --- likeness -------------------------------------------------------------------------------------


def _of_questions(columns: list[Profile], aims: list[Target]) -> npt.NDArray[np.float64]:
    """How alike each column's words are to those of each target's question."""
    groups = {aim.group: aim for aim in aims}
    texts = [
        (*_both(aim.wording), *(_both(aim.words) if aim.kind in ("one", "number") else ()), group)
        for group, aim in groups.items()
    ]
    found = best_of([profile.questions for profile in columns], texts)
    place = {group: number for number, group in enumerate(groups)}
    return found[:, [place[aim.group] for aim in aims]]


def _of_items(columns: list[Profile], aims: list[Target]) -> npt.NDArray[np.float64]:
    """How alike each column's words are to those of each target's item."""
    texts = [(*_both(aim.words), aim.code.partition(":")[2] or aim.code) for aim in aims]
    return best_of([profile.items for profile in columns], texts, exact=True)


def _both(text: Text) -> tuple[str, str]:
    return text.fr, text.en


# --- one target each ------------------------------------------------------------------------------


def _assigned(
    candidates: Iterable[Guess], known: dict[str, Target], taken: set[str]
) -> dict[str, Guess]:
    """The surest guesses, a target for each column and a column for each target.

    A column that two targets fit almost as well is doubtful.
    """
    ordered = sorted(candidates, key=lambda guess: -guess.confidence)
    by_column: dict[str, list[Guess]] = defaultdict(list)
    for guess in ordered:
        by_column[guess.profile.name].append(guess)
    found: dict[str, Guess] = {}
    shared: dict[str, str] = {}  # the question of columns that hold an answer of several each
    listed = {known[code].group for code in taken if known[code].kind == "several"}
    for guess in ordered:
        name, target = guess.profile.name, guess.target
        spread = target.kind == "several" or guess.in_columns
        if name in found or (
            target.code in taken and target.code != shared.get(guess.profile.stem)
        ):
            continue
        if target.kind in ("tick", "several") and target.group in listed and not spread:
            continue
        rivals = [
            other
            for other in by_column[name]
            if other.target.code != target.code
            and other.target.code not in taken
            and other.confidence > guess.confidence - RIVAL
        ]
        if rivals and guess.confidence < 0.995:
            reason = f"{guess.reason}; {rivals[0].target.code} fits as well"
            guess = replace(guess, confidence=min(guess.confidence, UNCERTAIN), reason=reason)
        found[name] = guess
        taken.add(target.code)
        if spread:
            listed.add(target.group)
            shared.setdefault(guess.profile.stem, target.code)
    return found
