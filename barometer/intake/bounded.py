"""Read a file from outside in a process of its own, within limits."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from barometer.codebook import Limits
from barometer.intake.faults import Fault, FaultyFile
from barometer.intake.raw import RawTable, from_arrow, refused

PROJECT = Path(__file__).resolve().parent.parent.parent
SUFFIXES = ("csv", "tsv", "txt", "xlsx", "xls", "ods", "parquet", "sav", "zsav", "dta")
log = logging.getLogger(__name__)


class Reader:
    """A process that reads files one after the other: starting it takes longer than most files."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # a job that it did not take
                        pipe.close()

    def read(
        self,
        path: Path,
        limits: Limits = Limits(),
        *,
        name: str = "",
        sheet: str = "",
        header_rows: int = 0,
    ) -> RawTable:
        """A file as it came, whatever its format. `name` is what its faults call it.

        Raises FaultyFile, in a sentence, where it is no table, or exceeds a limit.
        """
        name = name or path.name
        if not path.is_file():
            raise refused(name, "the file cannot be opened (there is no such file)")
        with tempfile.TemporaryDirectory(prefix="barometer_") as folder, self._lock:
            table = Path(folder) / "table.arrow"
            job = {
                "path": str(path.resolve()),
                "name": name,
                "limits": limits.model_dump(),
                "sheet": sheet,
                "header_rows": header_rows,
                "table": str(table),
            }
            answer = self._asked(job, name, 3 * limits.seconds)
            if answer["ended"] == "well":
                with pa.OSFile(str(table)) as source:
                    return from_arrow(pa.ipc.open_file(source).read_all())
        raise _fault(answer, name, limits)

    def _asked(self, job: dict[str, Any], name: str, seconds: int) -> dict[str, Any]:
        process = self._process or self._started()
        assert process.stdin is not None and process.stdout is not None
        watch = threading.Timer(seconds, process.kill)
        watch.start()
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        finally:
            watch.cancel()
        if not line:
            log.warning("the reading process ended while it read a file")
            self.close()
            return {"ended": "crashed"}
        return dict(json.loads(line))

    def _started(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "barometer.intake.worker"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        return self._process


def read_raw(
    path: Path,
    limits: Limits = Limits(),
    *,
    name: str = "",
    sheet: str = "",
    header_rows: int = 0,
) -> RawTable:
    """One file as it came: see Reader.read."""
    with Reader() as reader:
        return reader.read(path, limits, name=name, sheet=sheet, header_rows=header_rows)


def _fault(answer: dict[str, Any], name: str, limits: Limits) -> FaultyFile:
    ended = answer["ended"]
    if ended == "faulty":
        return FaultyFile([Fault(**fault) for fault in answer["faults"]])
    log.warning("a file could not be read: %s", answer)
    if ended == "slow":
        return refused(
            name, f"reading this takes more than {limits.seconds} seconds; export it again, smaller"
        )
    if ended == "memory":
        return refused(
            name,
            f"reading this takes more than {limits.memory / 2**30:g} GiB of memory; export it again"
            ", smaller",
        )
    return refused(name, "this file is damaged, or not of the format that it says; export it again")
