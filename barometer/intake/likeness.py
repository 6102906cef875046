"""How alike words are: a column's and a question's, a value's and an answer's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from barometer.intake.vocabulary import DECISIVE

APART = 0.7  # likeness at most of phrases that a number, a not or an and sets apart
CODED = re.compile(r"^\s*\(?\d{1,3}\s*[-–.):=]\s*(?=[^\s\d])")  # 3 - From 10 to 49
RANKED = re.compile(r"^\s*\(?\d{1,3}(?:\s*[.):=]|\s[-–])\s+")  # 2 - 50 and more
CUT = 24  # characters from which the beginning of a phrase is as good as the whole


SPECIFY = re.compile(r"\s+(?:(?:please|veuillez|merci de|a) )?(?:specify|precisez|preciser)\b.*$")


def plain(text: str) -> str:
    """Words as they are compared: no capitals, accents, signs or joined words."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())


def unasked(words: str) -> str:
    """Plain words without what asks to write more: other please specify."""
    return SPECIFY.sub("", words) or words


def likes(word: str, others: Iterable[str]) -> bool:
    """Whether the words are the same as some others."""
    mine = plain(word)
    return bool(mine) and any(mine == plain(other) for other in others)


def likeness(one: str, other: str) -> float:
    """How alike two phrases are, from 0 to 1, whatever their order, accents and capitals."""
    a, b = plain(one), plain(other)
    return _alike(a, b) if a and b else 0.0


def best_of(
    queries: Sequence[Sequence[str]], choices: Sequence[Sequence[str]], *, exact: bool = False
) -> npt.NDArray[np.float64]:
    """The best likeness of any phrase of each query (rows) to any phrase of each choice.

    With `exact`, phrases that a number, a not or an and sets apart are alike at APART at most.
    """
    best = np.zeros((len(queries), len(choices)))
    asked = [[text for text in map(plain, texts) if text] for texts in queries]
    offered = [[text for text in map(plain, texts) if text] for texts in choices]
    left = sorted({text for texts in asked for text in texts})
    right = sorted({text for texts in offered for text in texts})
    if not left or not right:
        return best
    matrix = _matrix(left, right)
    if exact:
        told, there = list(map(_decisive, left)), list(map(_decisive, right))
        for row, place in np.argwhere(matrix > APART):
            if told[row] != there[place] and not _cut(left[row], right[place]):
                matrix[row, place] = APART
    rows = {text: number for number, text in enumerate(left)}
    places = {text: number for number, text in enumerate(right)}
    for number, texts in enumerate(asked):
        if texts:
            likest = matrix[[rows[text] for text in texts]].max(axis=0)
            for place, words in enumerate(offered):
                best[number, place] = max((likest[places[w]] for w in words), default=0.0)
    return best


class Nearest:
    """Finds the code whose words are most like some others."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._codes: dict[str, str] = {}
        for code, texts in words.items():
            for text in map(plain, texts):
                self._codes.setdefault(text, code)
        self._texts = [text for text in self._codes if text]

    def find(self, said: str) -> tuple[str, float]:
        """A code and how alike its words are, from 0 to 1."""
        for words in (said, RANKED.sub("", said), CODED.sub("", said)):
            mine = unasked(plain(words))
            if mine in self._codes:
                return (self._codes[mine], 1.0) if mine else ("", 0.0)
        if not mine or mine.isdigit() or not self._texts:
            return "", 0.0
        asked = _decisive(mine)
        same = [text for text in self._texts if _decisive(text) == asked or _cut(mine, text)]
        found = [
            process.extractOne(mine, same or self._texts, scorer=scorer)
            for scorer in (fuzz.ratio, fuzz.token_sort_ratio)
        ]
        text, _, _ = max(found, key=lambda match: match[1])
        like = _alike(mine, text)
        return self._codes[text], like if same else min(like, APART)


def _decisive(text: str) -> tuple[str, ...]:
    """What a plain phrase may not differ in: its numbers, and words that turn or join what it says.

    Its numbers are one, whatever stands between their thousands.
    """
    digits = "".join(sign for sign in text if sign.isdigit())
    return (digits, *sorted(word for word in text.split() if word in DECISIVE))


def _cut(said: str, whole: str) -> bool:
    """Whether a plain phrase is the beginning of another one, which a tool cut short."""
    return len(said) >= CUT and whole.startswith(said)


def _matrix(left: list[str], right: list[str]) -> npt.NDArray[np.float64]:
    """`_alike` of every pair of plain texts."""
    sort = 0.97 * process.cdist(left, right, scorer=fuzz.token_sort_ratio)
    matrix = np.maximum(process.cdist(left, right, scorer=fuzz.ratio), sort) / 100
    for number, text in enumerate(left):
        if text.isdigit():
            matrix[number] = [float(text == other) for other in right]
    rows = [number for number, text in enumerate(left) if len(text.split()) >= 4]
    places = [number for number, text in enumerate(right) if len(text.split()) >= 4]
    for row in rows:
        for place in places:
            matrix[row, place] = _alike(left[row], right[place])
    return np.asarray(matrix, dtype=np.float64)


def _alike(a: str, b: str) -> float:
    if a == b:
        return 1.0
    short, long = sorted((a, b), key=len)
    if len(short) >= CUT and long.startswith(short):  # cut short by the tool
        return 0.97
    if a.isdigit() or b.isdigit():
        return 0.0
    if len(short.split()) >= 4 and len(long) < 4 * len(short):
        return max(fuzz.ratio(a, b), 0.95 * fuzz.token_set_ratio(a, b)) / 100
    return max(fuzz.ratio(a, b), 0.97 * fuzz.token_sort_ratio(a, b)) / 100
