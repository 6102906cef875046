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
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa

from barometer.codebook import Limits
from barometer.intake.coded import CORES
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.formats import raw_table
from barometer.intake.raw import to_arrow

# What ended a child: its clock, or an allocation that was denied it.
_ENDED = {"SIGALRM": "slow", "SIGXCPU": "slow", "SIGABRT": "memory"}


def main() -> None:
    """Answer jobs until there are none. What is done once is done before there is any child."""
    pa.set_cpu_count(CORES)
    _import()
    for line in sys.stdin:
        job = json.loads(line)
        if hasattr(os, "fork"):
            _forked(job)
        else:
            _tell(json.dumps(_done(job)))


def _import() -> None:
    """Import libraries, among them those that others import where they are first used.

    What is here by now stays: no child looks for garbage in it, which would copy it all. Nothing is
    read to warm up: what a library reserves of the address space would count for every child.
    """
    for library in (
        "pandas.io.stata",
        "pyarrow.csv",
        "pyarrow.fs",
        "pyarrow.pandas_compat",
        "pyarrow.parquet",
        "pyreadstat",
        "python_calamine",
    ):
        import_module(library)
    gc.collect()
    gc.freeze()


def _forked(job: dict[str, Any]) -> None:
    """Do a job in a child; what ended the child before it answered is the answer.

    An answer is passed on before the child has ended: giving back its memory takes time too.
    """
    answers, end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(answers)
            _confine(Limits(**job["limits"]))
            answer = json.dumps(_done(job))
            with os.fdopen(end, "w", encoding="utf-8") as pipe:
                pipe.write(answer + "\n")
        finally:
            os._exit(0)
    os.close(end)
    with os.fdopen(answers, encoding="utf-8") as pipe:
        answer = pipe.read()
    if whole := answer.endswith("\n"):
        _tell(answer.rstrip())
    _, status = os.waitpid(child, 0)
    if not whole:
        ended = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else ""
        _tell(json.dumps({"ended": _ENDED.get(ended, "crashed")}))


def _tell(answer: str) -> None:
    sys.stdout.write(answer + "\n")
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
