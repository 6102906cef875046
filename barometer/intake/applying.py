"""Apply a mapping: an export's rows become those of a wave file, checked like any other."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from barometer.codebook import YEAR, Codebook
from barometer.intake.bounded import Reader, read_raw
from barometer.intake.check import MOST_FAULTS, Wave, check
from barometer.intake.coded import Codes, coded, codes_of, plain, trimmed
from barometer.intake.draft import Checked, Draft
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.long import widened
from barometer.intake.mapping import ANY, Change, Column, Mapping, key, parted, verify
from barometer.intake.raw import SOURCE_ROW, RawTable, refused
from barometer.intake.read import HEADER_ROW, TextTable
from barometer.intake.targets import Target, targets
from barometer.intake.vocabulary import TICKED, UNTICKED

YEAR_IN_TEXT = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")
SHORT_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](\d\d)(?:\D.*)?")
SHORT_MONTH = re.compile(r"[^\W\d]{3,9}\.?[-/ ’'](\d\d)")  # déc-03
COMPACT_DATE = re.compile(r"((?:19|20)\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4,6})?")
SERIAL_DATE = re.compile(r"([3-5]\d{4})(?:[.,]\d+)?")  # days, where a spreadsheet lost the format
SERIAL_EPOCH = date(1899, 12, 30)
PIVOT = 70  # a year of two digits is of this century below it, of the last one from it on
NUMBER_SPACES = re.compile(r"(?<=\d)[\s\u00a0\u202f'’](?=\d{3}(?:\D|$))")
Known = Callable[[str], str | None]


def apply(
    raw: RawTable, mapping: Mapping, book: Codebook, changes: tuple[Change, ...] = ()
) -> Draft:
    """The wave that an export holds, read through a mapping.

    Faults name the rows and columns of the file that came. Raises MappingError where the mapping
    asks what the codebook does not have, FaultyFile where a file of answers is not one.
    """
    verify(mapping, book)
    if mapping.long is not None:
        raw = widened(raw, mapping)
    raw, notes = _finished(raw, mapping.complete)
    return replace(_Application(raw, mapping, book).run(changes), notes=(*raw.notes, *notes))


def draft_of(
    path: Path,
    book: Codebook,
    mapping: Mapping | None = None,
    *,
    reader: Reader | None = None,
    progress: Callable[[int], object] = lambda step: None,
) -> Draft:
    """The wave that a file of any format holds: read, mapped and checked, in three steps.

    `reader` is one that runs already, where there are several files to read.
    Raises FaultyFile where it cannot be read, MappingError as `apply` does.
    """
    told = mapping or Mapping()
    read = reader.read if reader else read_raw
    raw = read(path, book.limits, sheet=told.sheet, header_rows=told.header_rows)
    progress(1)
    draft = as_it_is(raw, book) if mapping is None else apply(raw, mapping, book)
    progress(3)
    return draft


def as_it_is(raw: RawTable, book: Codebook) -> Draft:
    """The wave of a file that is in the wave-file format already, whatever its kind of file."""
    table = raw.columns.append_column(SOURCE_ROW, pa.array(raw.rows))
    text = TextTable(raw.file, raw.sha256, raw.columns, raw.rows, raw.faults)
    draft = Draft(raw.file, table, sha256=raw.sha256, notes=raw.notes)
    try:
        return replace(draft, checked=Checked(table, book, check(text, book)))
    except FaultyFile as faulty:
        return replace(draft, faults=tuple(faulty.faults))


def is_wave_file(raw: RawTable, book: Codebook) -> bool:
    """Whether most columns have a wave file's own names: such a file needs no mapping."""
    known = targets(book)
    own = [name for name in raw.names if name in known and known[name].kind != "several"]
    return len(own) > 0.8 * len(raw.names) and YEAR in own


def _finished(raw: RawTable, name: str) -> tuple[RawTable, tuple[str, ...]]:
    """The rows of interviews that were finished, and a note of how many were not."""
    if not name:
        return raw, ()
    if name not in raw.names:
        raise refused(raw.file, f"there is no column {name}, which says who finished")
    words = raw.columns.column(name).to_pylist()
    kept = [number for number, word in enumerate(words) if word and key(word) not in UNTICKED]
    if not kept:
        raise refused(raw.file, f"no row is left: {name} says that nobody finished")
    if len(kept) == len(words):
        return raw, ()
    note = f"{len(words) - len(kept)} rows are left out: {name} says that they were not finished."
    return replace(raw, columns=raw.columns.take(kept), rows=raw.rows[kept]), (note,)


@dataclass
class _Application:
    """One mapping over one table; each method fills columns of the wave and notes faults."""

    raw: RawTable
    mapping: Mapping
    book: Codebook
    faults: list[Fault] = field(default_factory=list)
    filled: dict[str, pa.Array] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)

    def run(self, changes: tuple[Change, ...]) -> Draft:
        self.faults += self.raw.faults
        known = targets(self.book)
        present = set(self.raw.names)
        for column in self.mapping.columns:
            if not column.target:
                continue
            if column.confirmed and column.blank == "unknown":
                self._undecided(column, known[column.target])
            elif not column.confirmed:
                guess = (
                    f"{column.target} is a guess ({column.confidence:.0%}) that nobody confirmed"
                )
                self._of_column(column.source, f"{guess}; confirm it or leave the column out")
            elif column.source not in present:
                self._of_column(
                    column.source,
                    "the mapping expects this column, which is not here; correct its name or leave"
                    " it out",
                )
            else:
                self._fill(column, known[column.target])
        self._year()
        self._untick(known)
        return self._checked(changes)

    def _undecided(self, column: Column, target: Target) -> None:
        """Once a question: nobody has said what empty boxes mean."""
        if target.group not in self.undecided:
            self.undecided.add(target.group)
            self._of_column(
                column.source,
                f"{target.group}: some rows leave boxes empty; say in the mapping whether it means"
                ' none (blank = "zero") or no answer (blank = "unticked")',
            )

    def _of_column(self, column: str | None, expected: str) -> None:
        self.faults.append(Fault(self.raw.file, HEADER_ROW, column, None, expected))

    def _year(self) -> None:
        if YEAR not in self.filled and self.mapping.year is not None:
            years = pa.array([str(self.mapping.year)] * len(self.raw.rows))
            self.filled = {YEAR: years, **self.filled}

    # --- one column -----------------------------------------------------------------------------

    def _fill(self, column: Column, target: Target) -> None:
        cells = coded(self.raw.columns.column(column.source))
        codes, texts = codes_of(cells, -1), cells.dictionary.to_pylist()
        missing = frozenset(map(key, column.missing))
        values = {key(value): code for value, code in column.values.items()}
        if target.kind == "several":
            self._several(column, target, texts, codes, missing, values)
            return
        if target.kind in ("id", "stratum", "provenance") and not values and not missing:
            names = trimmed(cells)  # as they are: there may be one a row
            empty = pa.nulls(1, pa.string())
            pool = pa.concat_arrays([names.dictionary, empty])
            self._put(target.code, column.source, pool, codes_of(names, -1))
            return
        read = _reader(target, values, missing, column.blank)
        parsed: list[str | None] = []
        wrong: dict[int, str] = {}
        for position, text in enumerate(texts):
            try:
                parsed.append(read(text))
            except ValueError as fault:
                parsed.append(None)
                wrong[position] = str(fault)
        self._tell(column.source, texts, codes, wrong)
        empty = "0" if target.kind == "tick" and column.blank == "zero" else None
        pool = pa.array([*parsed, empty], pa.string())
        self._put(target.code, column.source, pool, codes, one=target.kind == "one")

    def _put(self, code: str, source: str, pool: pa.Array, codes: Codes, one: bool = False) -> None:
        means = pool.dictionary_encode()
        places = codes_of(means, -1).take(codes)  # a code of -1 takes the last one
        indices = pa.array(places, mask=places < 0)
        taken = pa.DictionaryArray.from_arrays(indices, means.dictionary)
        before = self.filled.get(code)
        if before is not None and one:
            self._twice(source, code, before, taken)
            taken = pc.coalesce(plain(before), plain(taken))
        elif before is not None:
            taken = _either(before, taken)
        self.filled[code] = taken
        self.sources.setdefault(code, source)

    def _twice(self, source: str, code: str, before: pa.Array, after: pa.Array) -> None:
        """Respondents whom two columns of one question give different answers."""
        differ = pc.fill_null(pc.not_equal(plain(before), plain(after)), False)
        first = self.sources[code]
        for row in np.flatnonzero(differ.to_numpy(zero_copy_only=False)):
            if len(self.faults) >= MOST_FAULTS:
                return
            number, value = int(self.raw.rows[row]), str(after[int(row)])
            expected = f"{code} has one answer, and {first} gives {before[int(row)]}; keep one"
            self.faults.append(Fault(self.raw.file, number, source, value, expected))

    def _several(
        self,
        column: Column,
        target: Target,
        texts: list[str],
        codes: Codes,
        missing: frozenset[str],
        values: dict[str, str],
    ) -> None:
        """Several answers of one cell, each into the column of its item."""
        known = {key(code): code for code in target.answers} | values
        ticked: list[frozenset[str] | None] = []
        wrong: dict[int, str] = {}
        for position, text in enumerate(texts):
            said = [key(part) for part in parted(text, column.separator, known)]
            parts = [part for part in said if part not in missing]
            strange = [part for part in parts if part not in known and ANY not in known]
            if strange:
                wrong[position] = f"{strange[0]!r} is no answer that the mapping knows; {_CURE}"
            named = frozenset(known.get(part, known.get(ANY, "")) for part in parts) - {""}
            ticked.append(named if parts and not strange else None)
        self._tell(column.source, texts, codes, wrong)
        nothing = "0" if column.blank == "zero" else None
        for answer in target.answers:
            cells = [None if t is None else "1" if answer in t else "0" for t in ticked]
            name = f"{target.code}:{answer}"
            self._put(name, column.source, pa.array([*cells, nothing], pa.string()), codes)

    def _tell(self, source: str, texts: list[str], codes: Codes, wrong: dict[int, str]) -> None:
        if not wrong:
            return
        for row in np.flatnonzero(np.isin(codes, list(wrong))):
            if len(self.faults) >= MOST_FAULTS:
                return
            position = int(codes[row])
            number = int(self.raw.rows[row])
            self.faults.append(
                Fault(self.raw.file, number, source, texts[position], wrong[position])
            )

    # --- the table ------------------------------------------------------------------------------

    def _untick(self, known: dict[str, Target]) -> None:
        """Boxes left empty by who ticked another one of the question."""
        groups: dict[str, list[str]] = {}
        beside: dict[str, list[str]] = {}  # these, and boxes that say when they are not ticked
        for column in self.mapping.columns:
            target = known.get(column.target)
            if target is None or target.kind not in ("tick", "several"):
                continue
            codes = [f"{column.target}:{answer}" for answer in target.answers]
            codes = [column.target] if target.kind == "tick" else codes
            boxes = [code for code in codes if code in self.filled]
            beside.setdefault(target.group, []).extend(boxes)
            if column.blank in ("unticked", "zero"):
                groups.setdefault(target.group, []).extend(boxes)
        for group, names in groups.items():
            if not names:
                continue
            answered = pc.is_valid(self.filled[names[0]])
            for name in beside[group]:
                answered = pc.or_(answered, pc.is_valid(self.filled[name]))
            for name in names:
                cells = plain(self.filled[name])
                empty = pc.and_(pc.is_null(cells), answered)
                self.filled[name] = pc.if_else(empty, "0", cells)

    def _checked(self, changes: tuple[Change, ...]) -> Draft:
        """The draft, with the faults that the check of any wave file finds too."""
        cells = {name: coded(column) for name, column in self.filled.items()}
        wave = None
        if cells:
            raw = self.raw
            wave = self._check(TextTable(raw.file, raw.sha256, pa.table(cells), raw.rows))
        else:
            self._of_column(None, "the mapping ties no column; tie one question at least")
        table = pa.table(cells | {SOURCE_ROW: pa.array(self.raw.rows)})
        order = {name: number for number, name in enumerate(self.raw.names)}
        self.faults.sort(key=lambda fault: (fault.row or 0, order.get(fault.column or "", -1)))
        faults = tuple(self.faults)
        draft = Draft(self.raw.file, table, self.mapping, faults, changes, self.raw.sha256)
        return replace(draft, checked=Checked(table, self.book, wave)) if wave else draft

    def _check(self, text: TextTable) -> Wave | None:
        """The wave, or None and its faults."""
        try:
            return check(text, self.book)
        except FaultyFile as faulty:
            told = {(fault.row, fault.column) for fault in self.faults}
            for fault in faulty.faults:
                source = self.sources.get(fault.column or "", fault.column)
                if (fault.row, source) not in told:
                    expected = fault.expected
                    if source != fault.column:
                        expected = f"{fault.column}: {expected}"
                    self.faults.append(Fault(fault.file, fault.row, source, fault.value, expected))
            return None


_CURE = "tie it to one, or list it as missing"


def _reader(target: Target, values: dict[str, str], missing: frozenset[str], blank: str) -> Known:
    """How a value of one column becomes what a wave file holds; ValueError says why it cannot."""
    if target.kind == "tick":
        own: dict[str, str] = dict.fromkeys(TICKED, "1") | dict.fromkeys(UNTICKED, "0") | values
    elif target.kind == "one":
        own = {key(code): code for code in target.answers} | values
    else:
        own = values

    def read(text: str) -> str | None:
        word = key(text)
        if not word or word in missing:
            return "0" if target.kind == "tick" and blank == "zero" and not word else None
        if word in own:
            return own[word] or None
        if ANY in own:
            return own[ANY] or None
        if target.kind == "year":
            return year_of(text)
        if target.kind in ("number", "rating", "weight"):
            return NUMBER_SPACES.sub("", text.strip())
        if target.kind in ("id", "stratum", "provenance"):
            return text.strip()
        raise ValueError(f"this answer is not one that the mapping knows; {_CURE}")

    return read


def year_of(text: str) -> str:
    """The year in a year, a date or a period, whatever the order of day and month.

    Raises ValueError where there is none, or more than one.
    """
    found = set(YEAR_IN_TEXT.findall(text))
    if len(found) == 1:
        return str(found.pop())
    if short := SHORT_DATE.fullmatch(text.strip()) or SHORT_MONTH.fullmatch(text.strip()):
        number = int(short[1])
        return str(number + (2000 if number < PIVOT else 1900))
    if compact := COMPACT_DATE.fullmatch(text.strip()):
        return compact[1]
    if serial := SERIAL_DATE.fullmatch(text.strip()):
        return str((SERIAL_EPOCH + timedelta(int(serial[1]))).year)
    raise ValueError("expected a year or a date such as 2003-05-31 or 31/05/2003")


def _either(before: pa.Array, after: pa.Array) -> pa.Array:
    """Two columns of the same boxes: ticked where one of them is."""
    before, after = plain(before), plain(after)
    ticked = pc.or_kleene(pc.equal(before, "1"), pc.equal(after, "1"))
    return pc.if_else(pc.fill_null(ticked, False), "1", pc.coalesce(before, after))
