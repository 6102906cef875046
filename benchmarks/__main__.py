"""The command line: python -m benchmarks [NAME…]."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from benchmarks.measurement import machine, table

NAMES = ("rerun", "estimate", "publish", "first_chart", "deck", "exports", "imports", "load")
NAMED_ONLY = ("malformed", "soak", "large")  # not part of a run of all: many minutes


def main() -> int:
    """Run the benchmarks named, or all; 0 whatever they find, 1 where one could not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *NAMES, *NAMED_ONLY])
    names = parser.parse_args().names or NAMES
    print(machine(), flush=True)
    lines, failed = [], False
    for name in names:
        start = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory(prefix=f"bench_{name}_") as folder:
                found = import_module(f"benchmarks.{name}").measure(Path(folder))
        except Exception as fault:  # the others still count
            print(f"{name} could not run: {fault}", file=sys.stderr)
            failed = True
            continue
        lines += [measurement.cells(name) for measurement in found]
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    print(table(lines))
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
