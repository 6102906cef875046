"""Questions over several columns: a column for each answer, and what stands beside boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from barometer.intake.coded import plain as texts
from barometer.intake.guessed import ALIKE, SURE, UNCERTAIN, Guess
from barometer.intake.likeness import best_of, unasked
from barometer.intake.likeness import plain as bare
from barometer.intake.mapping import ANY, key
from barometer.intake.profiles import Profile
from barometer.intake.raw import RawTable
from barometer.intake.targets import Target
from barometer.intake.vocabulary import MISSING, OTHER, TICKED, UNTICKED

GENERIC = 0.55  # likeness of a question's words that yes and no need


def in_columns(raw: RawTable, left: Sequence[Profile], known: dict[str, Target]) -> Iterable[Guess]:
    """The columns of single-choice questions that have one for each answer, one ticked a row."""
    ones = [target for target in known.values() if target.kind == "one"]
    groups: dict[str, list[Profile]] = defaultdict(list)
    for profile in left:
        if profile.filled and profile.boxed is not None:
            groups[profile.stem].append(profile)
    for columns in groups.values():
        if len(columns) > 1 and ones and _alone_in_row(raw, columns):
            words = best_of([profile.questions for profile in columns], list(map(_asked, ones)))
            for place, target in enumerate(ones):
                yield from _answers(columns, target, float(words[:, place].max()))


def _asked(target: Target) -> tuple[str, ...]:
    return (target.wording.fr, target.wording.en, target.words.fr, target.words.en, target.group)


def _answers(columns: Sequence[Profile], target: Target, question: float) -> Iterable[Guess]:
    told = {profile.name: _nearest(profile, target) for profile in columns}
    likely = {name: code for name, (code, like) in told.items() if like >= ALIKE}
    if len(likely) < 2 or len(set(likely.values())) < len(likely):
        return
    together = sum(told[name][1] for name in likely) / len(likely)
    share = len(likely) / len(columns)
    sure = 0.6 * together + 0.28 * question + 0.1 * share
    generic = all(key(code) in TICKED | UNTICKED for code in likely.values())
    if (generic and question < GENERIC) or share < 0.5:
        return
    for profile in columns:
        ticked = [value for value, tick in (profile.boxed or {}).items() if tick == "1"]
        values = {value: "" for value in profile.boxed or {}}
        if profile.name in likely:
            values |= dict.fromkeys(ticked, likely[profile.name])
            reason = f"one column an answer, words alike at {question:.0%}"
            yield Guess(profile, target, min(sure, 0.97), reason, values, in_columns=True)
        elif not _says_nothing(profile):
            reason = f"one column an answer; what is {profile.items[0][:40]!r}?"
            yield Guess(profile, target, min(sure, UNCERTAIN), reason, values, in_columns=True)


def _nearest(profile: Profile, target: Target) -> tuple[str, float]:
    """The answer that a column's item is most like; its last words alone name it."""
    found = [target.nearest.find(words) for words in profile.items[:2]]
    return max(found, key=lambda match: match[1], default=("", 0.0))


def _says_nothing(profile: Profile) -> bool:
    return any(key(words) in MISSING for words in profile.items[:2]) or any(
        profile.is_missing(words) for words in profile.items[:2]
    )


def _alone_in_row(raw: RawTable, columns: Sequence[Profile]) -> bool:
    """Whether no row ticks two of the columns."""
    ticks = None
    for profile in columns:
        ticked = pa.array([v for v, tick in (profile.boxed or {}).items() if tick == "1"],
                          pa.string())  # fmt: skip
        here = pc.cast(pc.is_in(texts(raw.columns.column(profile.name)), ticked), pa.int32())
        ticks = here if ticks is None else pc.add(ticks, here)
    return ticks is not None and (pc.max(ticks).as_py() or 0) == 1


def within_question(found: dict[str, Guess]) -> dict[str, Guess]:
    """The guesses without boxes of another question than that of the columns beside them.

    Doubtful ones, or any beside the columns of a single choice: many questions have a Don't know.
    """
    sure: dict[str, set[str]] = defaultdict(set)
    single: dict[str, str] = {}
    for guess in found.values():
        if guess.confidence >= SURE:
            sure[guess.profile.stem].add(guess.target.group)
            if guess.in_columns:
                single[guess.profile.stem] = guess.target.group

    def belongs(guess: Guess) -> bool:
        stem, group = guess.profile.stem, guess.target.group
        if guess.target.kind != "tick":
            return True
        if guess.confidence < SURE and group not in sure.get(stem, {group}):
            return False
        return single.get(stem, group) == group

    return {name: guess for name, guess in found.items() if belongs(guess)}


def beside(
    described: Sequence[Profile], known: dict[str, Target], found: dict[str, Guess]
) -> dict[str, Guess]:
    """Columns that nothing is like, though they stand beside the boxes of a question.

    What somebody writes under Other ticks that item. Where the codebook has no such item, it is an
    answer all the same, none of those listed: who gives no other one did answer the question.
    """
    boxes: dict[str, Guess] = {}
    for guess in found.values():
        if guess.target.kind == "tick" and guess.confidence >= SURE:
            boxes.setdefault(guess.profile.stem, guess)
    taken = {guess.target.code for guess in found.values()}
    more: dict[str, Guess] = {}
    for profile in described:
        box = boxes.get(profile.stem)
        if box is None or profile.name in found or not profile.filled or _says_nothing(profile):
            continue
        wrote = profile.boxed is None
        if wrote and not _other(profile):
            continue
        item = _item_of_others(box.target.group, known) if wrote else None
        if item is not None and item.code not in taken:
            taken.add(item.code)
            reason = "what is written beside the boxes of this question"
            more[profile.name] = Guess(profile, item, 0.85, reason, {ANY: "1"}, blank="unticked")
        elif target := known.get(box.target.group):
            said = (
                [ANY] if wrote else [v for v, tick in (profile.boxed or {}).items() if tick == "1"]
            )
            reason = "an answer that the codebook has not: who gives it alone has none of its own"
            more[profile.name] = Guess(
                profile, target, UNCERTAIN, reason, dict.fromkeys(said, ""), blank="missing"
            )
    return more


def _other(profile: Profile) -> bool:
    return any(unasked(bare(words)) in OTHER for words in profile.items)


def _item_of_others(group: str, known: dict[str, Target]) -> Target | None:
    """The item of a question that its other answers are."""
    for target in known.values():
        words = (bare(target.words.fr), bare(target.words.en))
        if target.kind == "tick" and target.group == group and any(w in OTHER for w in words):
            return target
    return None
