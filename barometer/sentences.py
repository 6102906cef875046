"""What is wrong, in the visitor's language: faults and refusals are kept and logged in English.

A check says one English sentence. Here is the form of each, so that a page or a report finds the
form, keeps what the sentence names, and says it in another language.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from string import Formatter

from barometer.intake import Fault
from barometer.words import SOURCE_LANGUAGE, Translate, translator

LONGEST = 2_000  # characters: beyond, a sentence quotes so much that it is left as it is
QUOTED = (
    "why",
    "value",
    "answer",
    "answers",
    "other",
    "sheets",
    "type",
)  # what may hold a colon of its own
ANY, BEFORE_COLON = ".+?", "(?:(?!: ).)+?"
NUMBER = re.compile(r"-?\d[\d,]*(\.\d+)?%?")


@lru_cache(20_000)
def said(sentence: str, language: str) -> str:
    """A sentence of a check in a language; one whose form is not known stays in English.

    What stands before a colon (a file, a column, a wave) is kept, and the rest is said.
    """
    if language == SOURCE_LANGUAGE or len(sentence) > LONGEST:
        return sentence
    for pattern, words in _forms(language):
        found = pattern.fullmatch(sentence)
        if found is not None:
            values = {
                name: (_reason if name == "why" else _value)(text, language)
                for name, text in found.groupdict().items()
            }
            return words.format(**values)
    for colon in re.finditer(": ", sentence):
        head, rest = sentence[: colon.start()], sentence[colon.end() :]
        told = said(rest, language)
        if told != rest:
            return f"{head}\u00a0: {told}"
    return sentence


def of_fault(fault: Fault, language: str) -> str:
    """A whole fault in a language: file, row, column, value, what was expected."""
    if language == SOURCE_LANGUAGE:
        return str(fault)
    _ = translator(language)
    where = [fault.file]
    if fault.row is not None:
        where.append(_("row {n}").format(n=fault.row))
    if fault.column is not None:
        where.append(_("column {name}").format(name=_short(fault.column)))
    expected = said(fault.expected, language)
    if fault.value is not None:
        expected = _("found {value}; {expected}").format(
            value=repr(_short(fault.value)), expected=expected
        )
    return f"{', '.join(where)}\u00a0: {expected}"


def _short(text: str) -> str:
    return text[:60] + "…" if len(text) > 60 else text


def _value(text: str, language: str) -> str:
    """A number as the language writes it; a reason that is a sentence of its own; or what it is."""
    if NUMBER.fullmatch(text):
        return text.replace(",", "\u202f").replace(".", ",").replace("%", "\u202f%")
    return said(text, language)


def _reason(text: str, language: str) -> str:
    """What the system or a library says: in the language where it is known, quoted where not."""
    told = said(text, language)
    if told != text or " " not in text.strip():
        return told
    _ = translator(language)
    return _("in its own words: “{words}”").format(words=text)


@cache
def _forms(language: str) -> list[tuple[re.Pattern[str], str]]:
    """The pattern of each English form, and its words in a language."""
    english, own = _sentences(translator(SOURCE_LANGUAGE)), _sentences(translator(language))
    return [
        (re.compile(_pattern(form), re.DOTALL), words)
        for form, words in zip(english, own, strict=True)
    ]


def _pattern(form: str) -> str:
    return "".join(
        re.escape(text) + (f"(?P<{name}>{ANY if name in QUOTED else BEFORE_COLON})" if name else "")
        for text, name, *_ in Formatter().parse(form)
    )


def _sentences(_: Translate) -> list[str]:
    """The form of every sentence; of two that fit, the first is meant."""
    return [
        _("the codebook does not know this column; did you mean {name}?"),
        _("the codebook does not know this column; remove it or declare it"),
        _("this column is missing; add it"),
        _("no column of a question is here; expected one at least"),
        _("this cell is empty; fill it"),
        _("expected a year such as 2003"),
        _("stands twice in this wave; give each respondent one row"),
        _("expected an identifier; fill it"),
        _("expected the name of a stratum, not a formula"),
        _("expected the name of a stratum, not a long text"),
        _("expected a stratum; leave the column out if there is none"),
        _("expected a weight from {low} to {high}"),
        _("expected a number above 0"),
        _("expected {one} or {other}, the same in every row; the first one says {first}"),
        _("expected {one} or {other}, the same in every row"),
        _("expected 0 or 1, as the question's other items have"),
        _("expected nothing: asked only where {question} is {answers}"),
        _("this file has {n} faults or more; the rest is not listed"),
        _("expected a number such as 1.25 or 1,25"),
        _("expected 0 or 1"),
        _("expected one of {answers}"),
        _("expected a whole number from {low} to {high}"),
        _("expected a whole number from {low}"),
        _("expected a whole number to {high}"),
        _("expected a whole number"),
        _("expected a number from {low} to {high}"),
        _("expected a number from {low}"),
        _("expected a number to {high}"),
        _("expected a number"),
        _("No respondent_id: respondents are numbered by row."),
        _("No stratum: the whole wave is one stratum."),
        _("No weight: every respondent weighs 1."),
        _("{column} says other things from answer to answer of a respondent; it is left out."),
        _("{columns} columns; at most {most} are read"),
        _("there are {rows} rows; at most {most} are read"),
        _("{rows} rows; at most {most} are read"),
        _("the file has {bytes} bytes; at most {most} are read"),
        _("this file unpacks to {bytes} bytes; at most {most} are read"),
        _("this file holds {n} others; a workbook has fewer"),
        _("column {column} has a cell of {n} characters; at most {most} are read"),
        _("column {column} is of type {type}; expected text or numbers"),
        _("a cell is not text in UTF-8; write the file again"),
        _("the header cannot be read; expected the names of the columns"),
        _("a quotation mark opens a cell and is never closed; close or remove it"),
        _("there is a header but no row; expected one row a respondent"),
        _("there is no row; expected one row a respondent"),
        _("every cell is empty; expected one row a respondent"),
        _("the file cannot be opened ({why})"),
        _("the file is empty; expected a header and one row a respondent"),
        _("this sheet is empty; expected a header and one row a respondent"),
        _("this is not a text file; expected CSV in UTF-8 or Latin-1"),
        _("this is not a text file; expected CSV, XLSX, XLS, ODS, Parquet, SPSS or Stata"),
        _("this is not a text file"),
        _("row 1 has no name; expected the names of the columns there"),
        _("this column stands twice; keep one of them"),
        _("a column has no name; expected one"),
        _("two columns have the same name; rename one"),
        _("this row has {n} cells; expected {wanted}"),
        _(
            "{n} rows have fewer than {wanted} cells, first the rows {rows}; give each row a cell "
            "for each column"
        ),
        _(
            "{n} rows have more than {wanted} cells, first the rows {rows}; give each row a cell "
            "for each column"
        ),
        _("this cannot be read as a table: {why}"),
        _(
            "this workbook of before 2007 cannot be read, or has a password; save it as XLSX "
            "without one"
        ),
        _("this is no {form} though its name says so; export it again"),
        _("there is no sheet {sheet}; there are {sheets}"),
        _("there is no sheet in this workbook"),
        _("this workbook cannot be read ({why}); save it again"),
        _("this workbook is damaged or cut short; save it again"),
        _("this archive is not a workbook; expected an XLSX or ODS file"),
        _("this Parquet file cannot be read ({why}); write it again"),
        _("this Parquet file cannot be read: {why}; write it again"),
        _("this file cannot be read ({why}); export it again"),
        _("this file is damaged, or not of the format that it says; export it again"),
        _("reading this takes more than {n} seconds; export it again, smaller"),
        _("reading this takes more than {n} GiB of memory; export it again, smaller"),
        _("this cannot be read ({why})"),
        _("there is no column {name}, which says who finished"),
        _("there is no column {name}, which the mapping expects"),
        _("no row is left: {name} says that nobody finished"),
        _("{n} rows are left out: {name} says that they were not finished."),
        _("No wave asks these indicators, which shows where they stand: {answers}."),
        _(
            "{n} rows end before the last column; what they lack is read as empty, for no row of"
            " this file ends with an empty cell."
        ),
        _("Row {n} is left out: it stands below the table, and says {value}."),
        _("The sheet {value} is read, of {n}."),
        _("this is a web page; open it in a spreadsheet and save it as XLSX"),
        _("there is one column only; expected cells parted by a comma, semicolon, tab or |"),
        _(
            "the header has {n} names where rows have {wanted} cells; give each column one name, "
            "and each row a cell for it"
        ),
        _(
            "{target} is a guess ({confidence}) that nobody confirmed; confirm it or leave "
            "the column out"
        ),
        _("{target}: no guess of it is doubtful; questions that wait: {questions}"),
        _("the mapping expects this column, which is not here; correct its name or leave it out"),
        _(
            "{question}: some rows leave boxes empty; say in the mapping whether it means none "
            '(blank = "zero") or no answer (blank = "unticked")'
        ),
        _("{answer} is no answer that the mapping knows; tie it to one, or list it as missing"),
        _("{name} has one answer, and {column} gives {value}; keep one"),
        _("this answer is not one that the mapping knows; tie it to one, or list it as missing"),
        _("the mapping ties no column; tie one question at least"),
        _("expected a year or a date such as 2003-05-31 or 31/05/2003"),
        _("expected a respondent and a question in each row; fill both"),
        _("this respondent has {other} in another row; expected one value"),
        _("column {name} stands twice; keep one of them"),
        _("{file}: this is not valid TOML: {why}"),
        _("{file}: this is not UTF-8; save it as UTF-8"),
        _("{file}: this cannot be read ({why})"),
        _("column {name}: the codebook has no {target}; correct the target"),
        _("column {name}: {target} is already {other}; leave one of them out"),
        _("column {name}, value {value}: {target} has no answer {code}; it has {answers}"),
        _("expected a dimension: {names}"),
        _("expected a level of {name}: {levels}"),
        _("expected a share, a percentage or a count"),
        _("expected the year of a wave, or nothing for all of them"),
        _("{name}, {level} has a target already; give it once"),
        _("no margin is here; expected the columns {columns}, a row a level"),
        _("no margin is given for this wave."),
        _("{name}: {n} respondents have no level; they keep their share."),
        _(
            "Bounds from {low} to {high}: the mean weight is 1; expected a lower bound from "
            "0 to below 1 and an upper one above 1."
        ),
        _("{name}: this sample has no such dimension."),
        _("{name} counts {n} and {other} {total}: expected the same population in every margin."),
        _("{name}, {level}: found {n}; expected a target from 0 up."),
        _("{name}: the targets add up to {total}; expected {whole}, or counts of the population."),
        _("{name}, {level}: {n} respondents and no target; give one, or leave them no level."),
        _("{name}, {level}: the target is 0 and {n} respondents are there."),
        _(
            "{name}, {level}: nobody in the sample is there, so no weight can reach the "
            "target; merge it with another level."
        ),
        _(
            "Raking does not converge: {name}, {level} reaches {reached} where {asked} is "
            "asked; the margins contradict one another in this sample; merge levels."
        ),
        _(
            "Raking does not converge: {name}, {level} reaches {reached} where {asked} is "
            "asked; widen the bounds ({low} to {high}) or merge levels."
        ),
        _("The synthetic demonstration waves are replaced by the survey's."),
        _("the wave {year} is in {file} already; give it once"),
        _(
            "question {question}: the waves stored before were answered in another form; "
            "publish the files of all waves together"
        ),
        _("nothing was published: {why}"),
        _("nothing was changed: {why}"),
        _("There is no earlier publication to go back to."),
        _("this publication is online already"),
        _("there is no such publication here; see: python -m barometer history"),
        _(
            "Publication {name} by {who} went online after this one was prepared; nothing "
            "was changed. Look at what it holds, and publish again."
        ),
        _(
            "Publication {name} went online after this one was prepared; nothing was "
            "changed. Look at what it holds, and publish again."
        ),
        _("somebody else is publishing; try again when it has ended"),
        _("No margin is given; give one dimension's targets at least."),
        _("The bounds leave no weight free to take what is cut; widen them."),
        _("A weight to start from is not above 0; expected a number above 0 for all."),
        _("No space left on device"),
        _("Permission denied"),
        _("Read-only file system"),
        _("No such file or directory"),
        _("Is a directory"),
        _("Not a directory"),
        _("Input/output error"),
        _("Too many open files"),
        _("Disk quota exceeded"),
        _("File too large"),
        _("Invalid file, or file has unsupported features"),
        _("Unable to read from file"),
        _("File did not contain the expected number of rows"),
        _("Unable to convert string to the requested encoding (invalid byte sequence)"),
        _(
            "Parquet magic bytes not found in footer. Either the file is corrupted or this is not"
            " a parquet file."
        ),
        _("Cell string index not found in shared strings table"),
        _("at {place}: unrecognized entity {name}"),
        _("Unsupported cell error value {value}"),
        _("{folder}: there is no wave file here; add one"),
        _("{folder}: no wave of the demonstration is here"),
        _(
            "the respondents of the publication online are not here; publish the files of all"
            " waves together, {years} too"
        ),
        _(
            "the respondents of the publication online cannot be opened; publish the files of all"
            " waves together after moving them away"
        ),
        _("These checks failed, nothing was published:\n{why}"),
        _("this publication cannot be opened; publish again ({why})"),
        _("[publications] keep is {value}; expected a number from 2"),
        _("a respondent has {item} twice; give each respondent an item once"),
        _("expected one query: respondent_id, item, y"),
        _("indicator {name} needs this file; add it"),
        _("this query needs more memory; publish with a larger --memory"),
        _("this query needs more room on the disk"),
        _(
            "item {item}, profile {profile} of {year}: {name} is {there} on {engine}, and {here} in"
            " DuckDB; say it so that both read it alike, or publish without --engine"
        ),
        _("no such cell"),
        _("what {engine} summed cannot be read as cells ({why}); publish without --engine"),
        _("this query fails: {why}"),
        _("this cannot be read as TOML: {why}"),
        _("expected [{name}] to be a table of settings"),
    ]
