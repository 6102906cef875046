"""Publish again and again in processes that a test may kill, or that may not write.

Each line is a JSON list: what to do, its argument, a limit to the size of files, a user. The answer
is the process to kill, then how it ended and what it said. Forked before DuckDB has threads.
"""

from __future__ import annotations

import codecs
import json
import os
import resource
import sys
from pathlib import Path

# Imported once for all, and while this process may still read what it imports.
import filelock  # noqa: F401
import pandas  # noqa: F401

from barometer import history, store
from barometer.home import Home
from barometer.store import PublicationError


def carry_out(home: Home, what: str, argument: str, limit: int, user: int) -> str:
    """Do it in this process; what the person reads."""
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if user:
        os.setgid(user)
        os.setuid(user)
    try:
        if what == "publish":
            store.publish(home, [Path(argument)], by="killed")
        else:
            history.switch(history.Staged(home, argument, history.current(home), "killed"))
    except PublicationError as fault:
        return str(fault)
    return ""


def main() -> None:
    home = Home(Path(sys.argv[1]))
    codecs.lookup("utf-8-sig")  # read when it is first used
    print("ready", flush=True)
    for line in sys.stdin:
        reads, writes = os.pipe()
        process = os.fork()
        if process == 0:
            os.write(writes, carry_out(home, *json.loads(line)).encode())
            os._exit(0)
        print(process, flush=True)
        os.close(writes)
        with os.fdopen(reads, "rb") as said:
            text = said.read().decode()
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        print(json.dumps([status, text]), flush=True)


if __name__ == "__main__":
    main()
