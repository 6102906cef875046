"""From respondents and their answers to cells: some respondents at a time, in several threads.

An indicator's query looks at one respondent at a time, so cells of parts add up to those of all,
and those who answer alike are looked at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb import ColumnExpression

from barometer.codebook import YEAR, Codebook
from barometer.crew import Crew
from barometer.history import PublicationError
from barometer.home import PROJECT
from barometer.incoming import ITEMS, RATINGS

QUERIES = PROJECT / "queries"
PART = 200_000  # respondents that one thread sums at once, or fewer:
EACH = 2_300  # bytes of memory that it has for each of them
PART_ALIKE, EACH_ALIKE = 3_000_000, 80  # the same where those who answer alike count as one,
EACH_WAY = 260  # and what it has for each list of answers that a respondent is the first to give
LOOKED_AT = 5_000  # respondents, or so, in whom repeated items and a cluster's mistakes are sought
AT_ONCE = 100_000  # rows that go from one database to another at once
OFTEN = 0.2  # seconds between two looks at how far the threads are
COPIED = ("items", "lineage", "asked", "profiles", "waves")  # small tables that a query may join
ANSWERS = ("answers", "alike", "ways")  # tables whose columns are answers
CODED = ("item", "parent", "ancestor")  # their columns that hold codes of items
Settings = dict[str, str | bool | int | float | list[str]]
Show = Callable[[float, str], object]

# Faults of a query's own text; the message of any other may quote what a respondent answered.
_OF_THE_QUERY = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)


def run(con: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> duckdb.DuckDBPyConnection:
    """Run a file of queries/, statement by statement; the last one's rows can be fetched.

    A statement takes the parameters that it names, out of those given.
    """
    text = (QUERIES / f"{query}.sql").read_text(encoding="utf-8")
    for statement in con.extract_statements(text):
        names = statement.named_parameters
        con.execute(statement, {name: parameters[name] for name in names})
    return con


def no_item_twice(con: duckdb.DuckDBPyConnection, queries: Mapping[str, Path]) -> None:
    """Look at what each indicator's query gives of some respondents, before it is asked of all.

    `queries` has the file of each indicator. Raises PublicationError.
    """
    respondents = con.table("respondents").shape[0]
    lists = forms(con.table("answers"))
    run(con, "look_at_some", step=1 + respondents // LOOKED_AT)
    run(con, "look_at_their_lists")
    con.register("answers", decoded(con, lists).to_arrow_table())
    for code, path in queries.items():
        with _rows_of(con, code, path):
            repeated = run(con, "repeated").fetchone()
        if repeated is not None:
            raise PublicationError(
                f"{path}: a respondent has {repeated[0] or 'a row without item'} twice;"
                " give each respondent an item once"
            )
    con.unregister("answers")
    run(con, "look_at_all")


def sum_cells(
    con: duckdb.DuckDBPyConnection,
    queries: Mapping[str, Path],
    book: Codebook,
    aside: Path,
    memory: int,
    show: Show,
) -> None:
    """Fill the table of cells: each indicator's own file, then the one aggregation, part by part.

    `aside` is an empty folder for the cells of parts and for what does not fit in `memory` bytes.
    Raises PublicationError; where it is interrupted, no thread goes on.
    """
    cores = os.cpu_count() or 1
    jobs = _jobs(con, queries, book, memory // cores)
    threads = max(1, min(cores, len(jobs)))
    settings: Settings = {
        "threads": cores // threads,
        "memory_limit": f"{memory // threads // 2**20}MiB",
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
    }
    small = {name: con.table(name).to_arrow_table() for name in COPIED}
    small["known_codes"] = _codes(book)
    lists = forms(con.table("answers"))
    crew = Crew()

    def work(number: int, job: _Job) -> None:
        with crew.member(con.cursor()) as reader:
            tables = small | job.read(reader, lists)
        # A folder each: two databases that spill into one overwrite each other's files.
        own: Settings = settings | {"temp_directory": str(aside / f"spilled-{number}")}
        with crew.member(duckdb.connect(":memory:", config=own)) as worker:
            _take(worker, tables)
            del tables
            _weigh(worker, job, lists)
            run(worker, "cells_table")
            for code, path in job.queries.items():
                crew.go_on(code)
                with _rows_of(worker, code, path):
                    _aggregate(worker, code)
            worker.table("cells").write_parquet(str(aside / f"cells-{number}.parquet"))

    done, steps = 0, sum(len(job.queries) for job in jobs)
    with ThreadPoolExecutor(threads) as pool:
        left = {pool.submit(work, number, job) for number, job in enumerate(jobs)}
        try:
            while left:
                ended, left = wait(left, OFTEN, FIRST_EXCEPTION)
                for code in crew.said():
                    show(done / steps, code)
                    done += 1
                for one in ended:
                    one.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while any(one.running() for one in left):
                crew.stop()
                wait(left, OFTEN)
            raise
    if jobs:
        run(con, "gather", files=str(aside / "cells-*.parquet"))


def otherwise(
    con: duckdb.DuckDBPyConnection,
    queries: Mapping[str, Path],
    book: Codebook,
    aside: Path,
    memory: int,
) -> tuple[Any, ...] | None:
    """The first sum of the table of cells that is another one where `sum_cells` sums it again.

    That is done for the respondents of a few whole profiles, LOOKED_AT or so. The row has
    indicator, item, profile_id, year, name of the sum, the sum in the table, and the one found; of
    these two, None where there is no such cell. `aside` and `memory` as in `sum_cells`.
    Raises PublicationError.
    """
    lists = forms(con.table("answers"))
    config: Settings = {
        "memory_limit": f"{memory // 2**20}MiB",
        "autoinstall_known_extensions": "false",
    }
    with duckdb.connect(str(aside / "few.duckdb"), config=config) as few:
        run(con, "look_at_few", respondents=LOOKED_AT)
        run(con, "look_at_their_lists")
        for name in ("respondents", "responses", "ways", *COPIED):
            few.from_arrow(con.table(name).to_arrow_reader(AT_ONCE)).create(name)
        run(con, "look_at_all")
        decoded(few, lists).create_view("answers")
        run(few, "cells_table")
        sum_cells(few, queries, book, aside, memory, lambda share, step: None)
        con.register("again", few.table("cells").to_arrow_table())
    found: tuple[Any, ...] | None = run(con, "otherwise").fetchone()
    con.unregister("again")
    return found


@dataclass(frozen=True)
class _Job:
    """Some indicators of one part of the respondents, from `first` to `last`.

    They read `questions` and nothing else of who answers: whoever answers those alike counts as
    one. Where there are none, each respondent stands alone.
    """

    first: int
    last: int
    questions: tuple[str, ...]
    queries: Mapping[str, Path]  # files, by indicator

    def read(self, con: duckdb.DuckDBPyConnection, lists: Mapping[str, str]) -> dict[str, pa.Table]:
        """Tables of who answers and what; `lists` as in `decoded`."""
        part = {"first": self.first, "last": self.last}
        if not self.questions:
            return {
                name: run(con, f"part_{name}", **part).to_arrow_table()
                for name in ("respondents", "answers")
            }
        con.register("responses_to_them", _columns(con, "responses", self.questions))
        coded = [question for question in self.questions if question in lists]
        return {
            "alike": run(con, "part_alike", **part).to_arrow_table(),
            "ways": run(con, "part_ways", **part, questions=coded).to_arrow_table(),
        }


def _jobs(
    con: duckdb.DuckDBPyConnection, queries: Mapping[str, Path], book: Codebook, memory: int
) -> list[_Job]:
    """What there is to do, by threads that have `memory` bytes each."""
    sets: dict[tuple[str, ...], dict[str, Path]] = {}
    for code, questions in _questions_read(con, queries, book).items():
        sets.setdefault(questions, {})[code] = queries[code]
    ways = con.table("ways").shape[0] / max(con.table("respondents").shape[0], 1)
    parts = {
        alike: run(con, "parts", size=size).fetchall()
        for alike, size in (
            (True, min(PART_ALIKE, int(memory / (EACH_ALIKE + EACH_WAY * ways)))),
            (False, min(PART, memory // EACH)),
        )
    }
    return [
        _Job(first, last, questions, those)
        for questions, those in sorted(sets.items(), key=lambda known: -len(known[0]))  # long first
        for first, last in parts[bool(questions)]
    ]


def _questions_read(
    con: duckdb.DuckDBPyConnection, queries: Mapping[str, Path], book: Codebook
) -> dict[str, tuple[str, ...]]:
    """The questions whose answers are all that a query needs of who answers; none if it needs more.

    They are those that it names, in whatever place: it must do without any other.
    """
    found: dict[str, tuple[str, ...]] = {}
    with duckdb.connect(":memory:") as empty:
        for name in COPIED:
            if name != "profiles":  # which respondents would have to be joined to
                empty.register(name, con.table(name).limit(0).to_arrow_table())
        for code, path in queries.items():
            found[code] = ()
            with suppress(OSError, duckdb.Error):  # whoever sums says what is wrong with it
                text = path.read_text(encoding="utf-8")
                words = set(re.findall(r"\w+", text))
                named = tuple(q.code for q in book.questions if q.code in words)
                some = _columns(con, "answers", named).limit(0)
                empty.register("answers", some.to_arrow_table())
                if empty.sql(text) is not None:
                    found[code] = named
    return found


def _columns(
    con: duckdb.DuckDBPyConnection, table: str, questions: Iterable[str]
) -> duckdb.DuckDBPyRelation:
    columns = ("respondent_id", YEAR, *questions)
    return con.table(table).select(*map(ColumnExpression, columns))


def forms(answers: duckdb.DuckDBPyRelation) -> dict[str, str]:
    """Columns of answers that are lists, with the column of ways that has these."""
    kinds = zip(answers.columns, map(str, answers.types), strict=True)
    return {
        name: RATINGS if kind.startswith("STRUCT") else ITEMS
        for name, kind in kinds
        if kind.endswith("[]")
    }


def decoded(con: duckdb.DuckDBPyConnection, lists: Mapping[str, str]) -> duckdb.DuckDBPyRelation:
    """Responses with the lists themselves; `lists` has the form of each of their columns."""
    rows = con.table("responses")
    columns = [
        ColumnExpression(f"list of {name}" if name in lists else name).alias(name)
        for name in rows.columns
    ]
    for name in filter(lists.get, rows.columns):
        answered = ColumnExpression(lists[name]).alias(f"list of {name}")
        ways = con.table("ways").select(ColumnExpression("way").alias(name), answered)
        rows = rows.join(ways, name, how="left")
    return rows.select(*columns)


def _weigh(worker: duckdb.DuckDBPyConnection, job: _Job, lists: Mapping[str, str]) -> None:
    """Say who answers what, and what each row of answers weighs."""
    if job.questions:
        run(worker, "alike")
        decoded(worker, lists).create("answers")
        return
    weights = (QUERIES / "weights.sql").read_text(encoding="utf-8")
    worker.sql(weights).create_view("weights")


def _aggregate(con: duckdb.DuckDBPyConnection, code: str) -> None:
    aggregation = (QUERIES / "cells.sql").read_text(encoding="utf-8")
    con.sql(aggregation, params={"indicator": code}).insert_into("cells")


@contextmanager
def _rows_of(con: duckdb.DuckDBPyConnection, code: str, path: Path) -> Iterator[None]:
    """The rows of an indicator's own file as the view indicator_rows."""
    try:
        rows = con.sql(path.read_text(encoding="utf-8"))
        if rows is None:
            raise PublicationError(f"{path}: expected one query: respondent_id, item, y")
        rows.create_view("indicator_rows", replace=True)
        yield
    except FileNotFoundError:
        raise PublicationError(f"{path}: indicator {code} needs this file; add it") from None
    except duckdb.OutOfMemoryException as fault:
        if "max_temp_directory_size" in str(fault):  # what DuckDB says where the disk is full
            raise PublicationError(f"{path}: this query needs more room on the disk") from None
        raise PublicationError(
            f"{path}: this query needs more memory; publish with a larger --memory"
        ) from None
    except duckdb.Error as fault:
        reason = str(fault) if isinstance(fault, _OF_THE_QUERY) else type(fault).__name__
        raise PublicationError(f"{path}: this query fails: {reason}") from None


def _take(worker: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    """Give a database in memory the tables that queries read, answers and items as codes.

    Answers to an earlier wave that the codebook does not know any more have no code: then all
    stay texts.
    """
    worker.from_arrow(tables["known_codes"]).create("known_codes")
    types = [column[1] for column in run(worker, "codes").description]
    coded = {str(text): code for text, code in zip(types[::2], types[1::2], strict=True)}
    for kinds in (coded, {}):
        worker.begin()
        try:
            for name in tables.keys() - {"known_codes"}:
                _create(worker, name, tables[name], kinds)
            worker.commit()
            return
        except duckdb.ConversionException:
            worker.rollback()


def _create(
    worker: duckdb.DuckDBPyConnection, name: str, rows: pa.Table, kinds: Mapping[str, Any]
) -> None:
    """A table of rows; columns of answers and items whose type is one of `kinds` get the other."""
    table = worker.from_arrow(rows)
    columns = [
        ColumnExpression(column).cast(kinds[str(kind)]).alias(column)
        if str(kind) in kinds and (name in ANSWERS or column in CODED)
        else ColumnExpression(column)
        for column, kind in zip(table.columns, table.types, strict=True)
    ]
    table.select(*columns).create(name)


def _codes(book: Codebook) -> pa.Table:
    """Every code that an answer or an item can be."""
    asked = {item for question in book.questions for item in question.columns.values() if item}
    asked |= {item.code for question in book.questions for item in question.items}
    items = {item.code for indicator in book.indicators for item in indicator.items}
    return pa.table({"code": pa.array(sorted(asked | items), pa.string())})
