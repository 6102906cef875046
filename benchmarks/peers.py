"""One weighted table with its errors: from our cells, and by what people would use instead.

python -m benchmarks.peers [RESPONDENTS]: 15 items × 3 models × 4 years. Results are compared before
anything of ours is timed, shares everywhere, errors where the variance is the same (Taylor,
stratified, domains); a contender that finds something else has no time.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from barometer import estimates
from barometer.cells import SUMS, Cells, Levels, Profiles, Selection
from barometer.codebook import YEAR
from benchmarks.measurement import Goal, Measurement, machine, table

ITEMS, MODELS, YEARS, STRATA = 15, 3, 4, 5
OTHERS = {
    "sector": 4,
    "size": 3,
    "region": 4,
    "stage": 4,
}  # dimensions of the cells that this table adds up
TIMES = 50  # that ours and the floor are run, for their median; the others once
CLOSE = 1e-6  # relative difference up to which two results are the same
LIMIT = float(os.environ.get("BENCH_PEER_SECONDS", "900"))  # then a contender is stopped
Table = dict[tuple[int, str, int], tuple[float, float]]  # item, model, year → share, error
Floats = np.ndarray[Any, np.dtype[np.float64]]
Run = Callable[[pd.DataFrame], tuple[Table, float | None]]


def main() -> int:
    """Print the table of times; 1 where a result differs."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(machine(), f"{count:,} respondents", sep="; ", flush=True)
    frame = _respondents(count)
    cells, profiles, strata = _cells(frame)
    ours = _ours(cells, profiles, strata)
    times, wrong = _compared(frame, ours)
    seconds = _median(lambda: _ours(cells, profiles, strata))
    floor = _median(lambda: _numpy(cells, profiles))
    lines = [Measurement("ours, from cells", seconds * 1e3, "ms", floor * 1e3, Goal(8, "ratio"))]
    for name, took, ended in times:
        # Our time over theirs: a hundredth is a hundred times as fast.
        goal = Goal(0.01, "ratio") if name in SURVEY_PACKAGES else None
        what = f"ours beside {name}" + ("" if ended else ", which did not end")
        lines.append(Measurement(what, seconds * 1e3, "ms", took * 1e3, goal))
        said = f"{took:.3f} s, {took / seconds:,.0f} times ours"
        print(f"{name}: {said if ended else 'stopped after ' + said}", file=sys.stderr, flush=True)
    print(table([line.cells("peers") for line in lines]))
    print("\n".join(wrong) or "All results agree.")
    return int(bool(wrong))


def _compared(frame: pd.DataFrame, ours: Table) -> tuple[list[tuple[str, float, bool]], list[str]]:
    """Contenders whose result is ours, with their seconds and whether they ended; who differs."""
    times, wrong = [], []
    for name, run, same_errors in CONTENDERS:
        try:
            found, took = _alone(run, frame)
        except (ImportError, FileNotFoundError) as missing:
            print(f"{name}: not here ({missing})", file=sys.stderr)
            continue
        gap = 0.0 if found is None else _gap(ours, found, same_errors)
        if gap < CLOSE:
            times.append((name, took, found is not None))
        else:
            wrong.append(f"{name}: differs by {gap:g}")
    return times, wrong


def _respondents(count: int) -> pd.DataFrame:
    """One row a respondent: model, year, stratum, weight and 15 answers of 0 or 1."""
    dice = np.random.default_rng(0)
    year = dice.integers(2000, 2000 + YEARS, count)
    stratum = year * 10 + dice.integers(STRATA, size=count)
    model = dice.integers(MODELS, size=count)
    columns: dict[str, Any] = {
        "model": np.array(["a", "b", "c"])[model].astype(object),
        YEAR: year,
        "stratum": stratum,
        "w": dice.uniform(0.5, 2, count),
    }
    for name, levels in OTHERS.items():
        columns[name] = dice.integers(levels, size=count)
    for item in range(ITEMS):
        columns[f"y{item}"] = (dice.random(count) < (item + 1 + model) / 20).astype(float)
    return pd.DataFrame(columns)


def _cells(frame: pd.DataFrame) -> tuple[Cells, Profiles, pd.DataFrame]:
    """What a publication of these respondents holds: each profile with its level of everything."""
    keys = [YEAR, "stratum", "model", *OTHERS]
    groups = frame.groupby(keys, sort=True)
    found = groups.size().reset_index(name="n")
    sums = np.concatenate([_sums(frame, f"y{item}", keys) for item in range(ITEMS)])
    strata = frame.groupby([YEAR, "stratum"]).size().reset_index(name="n")
    place = {stratum: at for at, stratum in enumerate(strata["stratum"])}
    levels = {
        "model": Levels.of(found["model"].tolist()),
        YEAR: Levels.of([str(year) for year in found[YEAR]]),
        **{name: Levels.of([str(level) for level in found[name]]) for name in OTHERS},
    }
    profiles = Profiles(strata, np.array([place[s] for s in found["stratum"]]), levels)
    item = np.repeat(np.arange(ITEMS, dtype=np.int32), len(found))
    profile = np.tile(np.arange(len(found), dtype=np.int32), ITEMS)
    names = tuple(f"{number:02}" for number in range(ITEMS))
    return Cells(names, item, profile, sums), profiles, strata


def _sums(frame: pd.DataFrame, y: str, keys: list[str]) -> Floats:
    """(groups, 7) the SUMS of one item."""
    w, answer = frame["w"], frame[y]
    columns = {
        "n": np.ones(len(frame)),
        "w": w,
        "w2": w**2,
        "wy": w * answer,
        "w2y": w**2 * answer,
        "w2y2": w**2 * answer**2,
        "n_y": (answer != 0).astype(float),
    }
    grouped = frame[keys].assign(**columns).groupby(keys, sort=True)[list(SUMS)].sum()
    return grouped.to_numpy()


def _ours(cells: Cells, profiles: Profiles, strata: pd.DataFrame) -> Table:
    selection = Selection("", ("model", YEAR))
    sums = cells.summed(profiles, selection)
    rows = estimates.estimate.rows(sums, strata, selection.keys, "share")
    names = (rows[name].tolist() for name in ("item", "model", YEAR, "value", "se"))
    return {(int(i), m, int(y)): (v, se) for i, m, y, v, se in zip(*names, strict=True)}


def _numpy(cells: Cells, profiles: Profiles) -> Floats:
    """The floor: the same cells, added up by item, model and year, and nothing else."""
    group = profiles.levels["model"].codes * YEARS + profiles.levels[YEAR].codes
    key = cells.item * (MODELS * YEARS) + group[cells.profile]
    return np.stack([np.bincount(key, column) for column in cells.sums.T])


def _estimated(parts: list[Floats], groups: pd.DataFrame, n_stratum: pd.Series) -> Table:
    """Shares and errors of items from their sums by model, year and stratum."""
    found: Table = {}
    size = groups["stratum"].map(n_stratum).to_numpy(dtype=float)
    block = groups.groupby(["model", YEAR], sort=True).ngroup().to_numpy()
    heads = groups[["model", YEAR]].drop_duplicates().sort_values(["model", YEAR])
    for item, sums in enumerate(parts):
        s = dict(zip(SUMS, sums.T, strict=True))
        total = np.bincount(block, s["w"])
        p = np.bincount(block, s["wy"]) / total
        z = (s["wy"] - p[block] * s["w"]) / total[block]
        z2 = (s["w2y2"] - 2 * p[block] * s["w2y"] + p[block] ** 2 * s["w2"]) / total[block] ** 2
        variance = np.bincount(block, size / (size - 1) * (z2 - z**2 / size))
        for at, (model, year) in enumerate(heads.itertuples(index=False)):
            found[item, model, int(year)] = (p[at], float(np.sqrt(variance[at])))
    return found


def _pandas(frame: pd.DataFrame) -> Table:
    keys = ["model", YEAR, "stratum"]
    groups = frame.groupby(keys, sort=True).size().reset_index()
    parts = [_sums(frame, f"y{item}", keys) for item in range(ITEMS)]
    return _estimated(parts, groups, frame.groupby("stratum").size())


def _duckdb(frame: pd.DataFrame) -> Table:
    sums = ", ".join(
        f"count(*), sum(w), sum(w*w), sum(w*y{i}), sum(w*w*y{i}), sum(w*w*y{i}*y{i}),"
        f" count(*) filter (y{i} <> 0)"
        for i in range(ITEMS)
    )
    with duckdb.connect() as con:
        con.register("respondents", frame)
        rows = con.sql(
            f"select model, {YEAR}, stratum, {sums} from respondents group by all order by all"
        ).fetchall()
    groups = pd.DataFrame([row[:3] for row in rows], columns=["model", YEAR, "stratum"])
    numbers = np.array([row[3:] for row in rows], dtype=float)
    parts = [numbers[:, 7 * item : 7 * item + 7] for item in range(ITEMS)]
    sizes = pd.Series(numbers[:, 0]).groupby(groups["stratum"]).sum()
    return _estimated(parts, groups, sizes)


def _svy(frame: pd.DataFrame) -> Table:
    import polars
    import svy

    sample = svy.Sample(polars.from_pandas(frame), svy.Design(stratum="stratum", wgt="w"))
    found: Table = {}
    for item in range(ITEMS):
        result = sample.estimation.mean(f"y{item}", by=("model", YEAR))
        for cell in result.estimates:
            model, year = cell.by_level
            found[item, str(model), int(year)] = (float(cell.est), float(cell.se))
    return found


def _samplics(frame: pd.DataFrame) -> Table:
    from samplics.estimation import TaylorEstimator
    from samplics.utils.types import PopParam

    domain = frame["model"] + "|" + frame[YEAR].astype(str)
    found: Table = {}
    for item in range(ITEMS):
        estimator = TaylorEstimator(PopParam.mean)
        estimator.estimate(
            y=frame[f"y{item}"].to_numpy(),
            samp_weight=frame["w"].to_numpy(),
            stratum=frame["stratum"].to_numpy(),
            psu=np.arange(len(frame)),
            domain=domain.to_numpy(),
        )
        for name, share in estimator.point_est.items():
            model, _, year = str(name).partition("|")
            found[item, model, int(year)] = (float(share), float(estimator.stderror[name]))
    return found


def _statsmodels(frame: pd.DataFrame) -> Table:
    """Shares with the errors of independent weights: another variance than the design's."""
    from statsmodels.stats.weightstats import DescrStatsW

    found: Table = {}
    names = [f"y{item}" for item in range(ITEMS)]
    for (model, year), here in frame.groupby(["model", YEAR]):
        stats = DescrStatsW(here[names].to_numpy(), weights=here["w"].to_numpy())
        for item, (share, error) in enumerate(zip(stats.mean, stats.std_mean, strict=True)):
            found[item, str(model), int(year)] = (float(share), float(error))
    return found


def _r(frame: pd.DataFrame) -> tuple[Table, float]:
    """R's survey, and the seconds of its own clock: its start and the file between are left out."""
    program = shutil.which("Rscript")
    if program is None:
        raise FileNotFoundError("Rscript: apt-get install r-cran-survey")
    script = """
    suppressMessages(library(survey)); d <- read.csv(commandArgs(TRUE)[1])
    took <- system.time({
      s <- svydesign(ids = ~1, strata = ~stratum, weights = ~w, data = d)
      f <- as.formula(paste("~", paste0("y", 0:14, collapse = "+")))
      r <- svyby(f, ~model + year, s, svymean)
    })[["elapsed"]]
    write.csv(cbind(r, took), commandArgs(TRUE)[2], row.names = FALSE)
    """
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "in.csv", Path(folder) / "out.csv"
        frame.to_csv(source, index=False)
        done = subprocess.run(
            [program, "-e", script, str(source), str(result)], capture_output=True, text=True
        )
        if done.returncode:
            raise FileNotFoundError(done.stderr.strip().splitlines()[-1])
        rows = pd.read_csv(result).to_dict("records")
    found = {
        (item, str(row["model"]), int(row["year"])): (row[f"y{item}"], row[f"se.y{item}"])
        for row in rows
        for item in range(ITEMS)
    }
    return found, float(rows[0]["took"])


def _gap(ours: Table, theirs: Table, errors: bool) -> float:
    """The widest relative difference of shares, and of errors where they mean the same.

    Infinite where a group is missing, or a number is none: NaN is as far as can be.
    """
    if not ours or ours.keys() != theirs.keys():
        return math.inf
    sides = 2 if errors else 1
    a, b = (np.array([found[key][:sides] for key in ours]) for found in (ours, theirs))
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return math.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.where(a == b, 0, np.abs(a / b - 1))
    return float(gaps.max())


def _median(run: Callable[[], object]) -> float:
    """Median seconds of some runs."""
    found = []
    for _ in range(TIMES):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def _alone(run: Run, frame: pd.DataFrame) -> tuple[Table | None, float]:
    """What a contender finds and its seconds, in a process of its own; None after LIMIT seconds.

    Raises ImportError or FileNotFoundError where the contender is not installed.
    """
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    process = fork.Process(target=_timed, args=(run, frame, there))
    process.start()
    there.close()
    try:
        if not here.poll(LIMIT):
            return None, LIMIT
        found = here.recv()
    finally:
        process.kill()
        process.join()
    if isinstance(found, Exception):
        raise found
    table, took = found
    return table, took


def _timed(run: Run, frame: pd.DataFrame, there: Any) -> None:
    warnings.simplefilter("ignore")
    try:
        start = time.perf_counter()
        table, own = run(frame)
        there.send((table, own or time.perf_counter() - start))
    except Exception as fault:
        there.send(fault)


# Each with whether its errors are of the same variance; a contender with a clock says its seconds.
CONTENDERS: tuple[tuple[str, Run, bool], ...] = (
    ("DuckDB on wide rows", lambda frame: (_duckdb(frame), None), True),
    ("pandas", lambda frame: (_pandas(frame), None), True),
    ("svy", lambda frame: (_svy(frame), None), True),
    ("samplics", lambda frame: (_samplics(frame), None), True),
    ("statsmodels", lambda frame: (_statsmodels(frame), None), False),
    ("R survey", _r, True),
)
SURVEY_PACKAGES = ("svy", "samplics", "statsmodels", "R survey")


if __name__ == "__main__":
    raise SystemExit(main())
