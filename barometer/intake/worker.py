"""The process in which files from outside are read: memory, time and crashes stay inside it.

It takes jobs as lines of JSON and answers each with one. Where the system can fork, a job runs in a
child of its own, under limits that the system enforces; what a child does cannot harm the next one.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from barometer.codebook import Limits
from barometer.intake.coded import CORES
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.formats import raw_table
from barometer.intake.raw import to_arrow

TAKEN, LAST = "\n", "last\n"  # what a child says of the job that it waited for
# What ended a child: its clock, or an allocation that was denied it.
_ENDED = {"SIGALRM": "slow", "SIGXCPU": "slow", "SIGABRT": "memory"}


def main() -> None:
    """Answer jobs until there are none. What is done once is done before there is any child."""
    pa.set_cpu_count(CORES)
    _import()
    if not hasattr(os, "fork"):
        for line in sys.stdin:
            _tell(json.dumps(_done(json.loads(line))) + "\n")
        return
    while _served():
        pass


def _import() -> None:
    """Import libraries, among them those that others import where they are first used.

    A few cells are read, so that children find in memory what a first reading prepares. What is
    here by now stays: no child looks for garbage in it, which would copy it all.
    """
    for library in (
        "pandas.io.stata",
        "pyarrow.csv",
        "pyarrow.fs",
        "pyarrow.pandas_compat",
        "pyreadstat",
        "python_calamine",
    ):
        import_module(library)
    with tempfile.TemporaryDirectory(prefix="barometer_") as folder:
        few = Path(folder) / "few.parquet"
        pq.write_table(pa.table({"number": [1, 2], "share": [0.5, None], "text": ["a", "b"]}), few)
        raw_table(few, few.name, Limits(), "", 0)
    gc.collect()
    gc.freeze()


def _served() -> bool:
    """Have the next job done by a child of its own, or return False: there is none.

    The child is there before its job is, and its answer is passed on before it has ended: making a
    copy of this process takes time, and so does giving back memory. What ended a child that had
    taken a job is the answer; of one that had not, the next child takes the job.
    """
    answers, end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with os.fdopen(end, "w", encoding="utf-8") as pipe:
                _answer(pipe)
        finally:
            os._exit(0)
    os.close(end)
    with os.fdopen(answers, encoding="utf-8") as pipe:
        said = pipe.read()
    answered = len(said) > len(TAKEN) and said.endswith("\n")
    if answered and said != LAST:
        _tell(said.removeprefix(TAKEN))
    _, status = os.waitpid(child, 0)
    if said and not answered:
        ended = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else ""
        _tell(json.dumps({"ended": _ENDED.get(ended, "crashed")}) + "\n")
    return said != LAST


def _answer(pipe: IO[str]) -> None:
    """In a child: wait for a job, say that it is taken, and do it within its limits."""
    line = sys.stdin.readline()
    if not line:
        pipe.write(LAST)
        return
    pipe.write(TAKEN)
    pipe.flush()
    job = json.loads(line)
    _confine(Limits(**job["limits"]))
    pipe.write(json.dumps(_done(job)) + "\n")


def _tell(answer: str) -> None:
    sys.stdout.write(answer)
    sys.stdout.flush()


def _confine(limits: Limits) -> None:
    """Bound this process: address space, processor time, time on the clock, no core file."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(2 * limits.seconds)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)  # a library that prints must not answer for us


def _read(job: dict[str, Any]) -> None:
    """Read a file into the table that its job names."""
    limits = Limits(**job["limits"])
    table = to_arrow(
        raw_table(Path(job["path"]), job["name"], limits, job["sheet"], job["header_rows"])
    )
    with pa.OSFile(job["table"], "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _done(job: dict[str, Any]) -> dict[str, Any]:
    name = job["name"]
    try:
        _read(job)
    except FaultyFile as faulty:
        return {"ended": "faulty", "faults": [fault.as_row() for fault in faulty.faults]}
    except MemoryError:
        return {"ended": "memory"}
    except OSError as fault:
        reason = f"this cannot be read ({fault.strerror or type(fault).__name__})"
        return {"ended": "faulty", "faults": [Fault(name, None, None, None, reason).as_row()]}
    except BaseException as fault:  # a panic of a library is no Exception
        if "start new thread" in str(fault):  # its stack was denied it
            return {"ended": "memory"}
        return {"ended": "crashed", "reason": f"{type(fault).__name__}: {fault}"[:300]}
    return {"ended": "well"}


if __name__ == "__main__":
    main()
