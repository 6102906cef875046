"""What a column of an export looks like: its words, its answers, what kind of cells it has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow.compute as pc

from barometer.intake.applying import NUMBER_SPACES, year_of
from barometer.intake.likeness import likes, plain, unasked
from barometer.intake.mapping import key
from barometer.intake.raw import RawTable
from barometer.intake.vocabulary import FILLERS, MISSING, TICKED, UNTICKED

ASIDE = re.compile(r"^\W*\([^()]*\)\s*")
MOST_PARTS = 3
DATES = 0.95  # of its answers that make a column one of dates: the others are faults to tell
BOXED = 0.9  # of its answers that make a column a box
MOST_BOXES = 200  # of a question, where each holds its number
MOST_ANSWERS = 300  # distinct values that are looked at
NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
# Where a tool joins the words of a question and an item: [item], question - item, question: item.
BRACKETS = re.compile(r"^(?P<question>.*?)\s*(?P<items>(\[[^\[\]]*\]\s*)+)$", re.DOTALL)
JOINED = (" - ", " – ", " — ", " · ", " : ", ": ", " | ", " / ")
READ_OUT = ("...", "…")  # interviewers' scripts: item ...question
LETTERED = re.compile(r"\([A-Z]{1,3}\)")  # what a column without a name is called: no word of it
TWICE = re.compile(r"(?<=[^\W\d])\d{1,3}$|(?<=\))\d{1,3}$")  # Excel numbers a name that comes again
PATH = re.compile(r"[^/\s][^/]*/[^/]+")  # KoBo: question/item
NUMBERED = re.compile(
    r"^(?P<stem>.*?[A-Za-zÀ-ÿ].*?)[ _.\-]?(?:[A-Za-z]{0,3}\d{1,3}|_\d+|(?<=\d)[a-z])$"
)


@dataclass(frozen=True)
class Profile:
    """One column.

    `words` name it: its name, its label. `items` and `questions` are the parts of those words that
    may name an item and its question, best first. `stem` groups the columns of one question.
    `answers` gives for each value the words that it means, `counts` how many rows have it.
    """

    name: str
    label: str
    words: tuple[str, ...]
    items: tuple[str, ...]
    questions: tuple[str, ...]
    stem: str
    answers: Mapping[str, str]
    counts: Mapping[str, int]
    rows: int
    distinct: int
    labelled: bool
    counted: str | None = None

    @property
    def filled(self) -> int:
        """Rows with an answer, among the values looked at."""
        return sum(self.counts.values())

    @property
    def numeric(self) -> float:
        """Share of answers that are numbers."""
        good = sum(count for value, count in self.counts.items() if is_number(value))
        return good / self.filled if self.filled else 0.0

    @property
    def given(self) -> list[str]:
        """The distinct values, those that mean no answer aside."""
        return [value for value in self.counts if not self.is_missing(value)]

    @property
    def numbers(self) -> list[float]:
        """The distinct values that are numbers, missing codes aside."""
        return [number_of(value) for value in self.given if is_number(value)]

    @cached_property
    def boxed(self) -> dict[str, str] | None:
        """Value → ticked or not, as 1 and 0, where the column is a box; None where it is not.

        A few strange values do not make it something else: see `strange`.
        """
        if self.counted is not None:
            return {value: "1" if key(value) == self.counted else "0" for value in self.counts}
        if self.one_or_two:
            return {value: "1" if key(value) == "1" else "0" for value in self.given}
        found: dict[str, str] = {}
        for value in self.counts:
            word = key(self.answers.get(value, value))
            if len(self.counts) <= 3 and likes(word, self.items):
                found[value] = "1"  # the item's own words where it is ticked, whatever they say
            elif word in TICKED:
                found[value] = "1"
            elif word in UNTICKED or re.match(r"(not|non|pas)\b", word):
                found[value] = "0"
        read = sum(self.counts[value] for value in found)
        known = sum(
            n for value, n in self.counts.items() if value in found or not self.is_missing(value)
        )
        return found if found and read >= BOXED * known else None

    @property
    def one_or_two(self) -> bool:
        """Whether it holds 1 and 2 with no words: boxes are written so where 2 means no."""
        return not self.labelled and sorted(map(key, self.given)) == ["1", "2"]

    @property
    def strange(self) -> list[str]:
        """Values of a box that are neither ticked nor not, nor mean that there is no answer."""
        boxed = self.boxed or {}
        return [value for value in self.given if value not in boxed]

    def is_missing(self, value: str) -> bool:
        """Whether a value means that there is no answer."""
        said = key(self.answers.get(value, value))
        if self.labelled and said == key(value):
            return False
        return said in MISSING or _says_nothing(said)

    @property
    def worded(self) -> bool:
        """Whether codes stand for words: 1 is not 1, but what its label says."""
        said = [self.answers.get(value, value) for value in self.counts]
        words = [text for text in said if not re.match(r"\s*-?\d", text)]
        return self.labelled and len(words) == len(said)

    @property
    def years(self) -> set[str]:
        """Years of a column of years or dates, but for a few cells; none where it is not one."""
        found: set[str] = set()
        read = 0
        for value, count in self.counts.items():
            try:
                found.add(year_of(value))
                read += count
            except ValueError:
                continue
        return found if read >= DATES * self.filled else set()


def number_of(text: str) -> float:
    """The number that a cell is: see `is_number`."""
    return float(NUMBER_SPACES.sub("", text.strip()).replace(",", "."))


def is_number(text: str) -> bool:
    """Whether a cell is a number, with a point or a comma, its thousands apart or not."""
    return NUMBER.fullmatch(NUMBER_SPACES.sub("", text.strip())) is not None


def _says_nothing(said: str) -> bool:
    """Whether words mean no answer, an interviewer's note before them: (do not read) dk/refused."""
    parts = ASIDE.sub("", said).replace(" or ", "/").split("/")
    return len(parts) <= MOST_PARTS and all(part.strip(" .") in MISSING for part in parts)


def profiles(raw: RawTable) -> list[Profile]:
    """The profile of each column, in the order of the file."""
    of_sets = {name: s for s in raw.sets for name in s.columns}
    found = []
    for name in raw.names:
        counted = pc.value_counts(raw.columns.column(name).drop_null())
        pairs = sorted(
            ((str(v["values"]), int(v["counts"])) for v in counted[: MOST_ANSWERS * 4].to_pylist()),
            key=lambda pair: -pair[1],
        )[:MOST_ANSWERS]
        counts = {value: count for value, count in pairs if value.strip()}
        told = raw.answers.get(name, {})
        label = _without(name, raw.labels.get(name, ""))
        belongs = of_sets.get(name)
        unnamed = LETTERED.fullmatch(name) is not None
        items, questions = _parts("" if unnamed else name, label)
        if belongs is not None:
            questions = (belongs.label, *questions)
        stem = belongs.name if belongs else _stem(name, label)
        found.append(
            Profile(
                name,
                label,
                tuple(filter(None, (label, "" if unnamed else name))),
                items,
                tuple(filter(None, questions)),
                stem,
                {**{value: value for value in counts}, **told},
                counts,
                raw.columns.num_rows,
                len(counted),
                bool(told),
                key(belongs.counted) if belongs and belongs.counted else None,
            )
        )
    return _numbered(found)


def _numbered(found: list[Profile]) -> list[Profile]:
    """The same, where the boxes of a question hold each its own number: 1, then 2, then 3.

    Tools write so that export codes: a box is ticked where it holds its number, empty elsewhere.
    """
    beside: dict[str, list[int]] = defaultdict(list)
    for place, profile in enumerate(found):
        if len(profile.counts) == 1 and profile.filled < profile.rows and not profile.labelled:
            beside[profile.stem].append(place)
    for places in beside.values():
        codes = [key(next(iter(found[place].counts))) for place in places]
        if not all(code.isdigit() for code in codes) or len(set(codes)) < len(codes):
            continue
        numbers = [int(code) for code in codes]
        if len(numbers) > 1 and numbers == sorted(numbers) and numbers[-1] <= MOST_BOXES:
            for place, code in zip(places, codes, strict=True):
                found[place] = replace(found[place], counted=code)
    return found


def _without(name: str, label: str) -> str:
    """A label without the name of its own column before it: **Q12 How many?"""
    bare = re.sub(rf"^\W*{re.escape(name)}\b[\s.:)\-]*", "", label, flags=re.IGNORECASE)
    return bare if plain(bare) else label


def _parts(name: str, label: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that may name an item, and those that may name its question."""
    items: list[str] = []
    questions: list[str] = []
    for text in filter(None, (label, name)):
        if bracketed := BRACKETS.match(text):
            inner = re.findall(r"\[([^\[\]]*)\]", bracketed["items"])
            items.append(" · ".join(inner))
            questions.append(bracketed["question"])
        for join in (*JOINED, *READ_OUT):
            pieces = [piece for piece in text.split(join) if plain(piece)]
            pieces = [piece for piece in pieces if key(piece) not in FILLERS]
            if len(pieces) > 1:
                items += [pieces[-1], " · ".join(pieces[1:]), pieces[0]]
                questions += [pieces[0], join.join(pieces[:-1]), pieces[-1]]
        if PATH.fullmatch(text) and " / " not in text:
            question, _, item = text.rpartition("/")
            items.append(item)
            questions.append(question)
        items.append(text)
        questions.append(text)
    items += [TWICE.sub("", text) for text in items if len(text.split()) > 1]
    items += [unasked(plain(text)) for text in items if unasked(plain(text)) != plain(text)]
    return tuple(dict.fromkeys(filter(plain, items))), tuple(
        dict.fromkeys(filter(plain, questions))
    )


def _stem(name: str, label: str) -> str:
    """What the columns of one question have in common."""
    for text in filter(None, (name, label)):
        if bracketed := BRACKETS.match(text):
            return plain(bracketed["question"]) or text
        for join in JOINED:
            if join in text:
                return plain(text.split(join)[0])
    if PATH.fullmatch(name):
        return plain(name.rpartition("/")[0])
    numbered = NUMBERED.match(name)
    return numbered["stem"] if numbered else name
