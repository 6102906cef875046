"""One weighted table with its errors: from our cells, and by what people would use instead.

python -m benchmarks.peers [RESPONDENTS]: 15 items × 3 models × 4 years. Results are compared before
times are: shares everywhere, errors where the variance is the same (Taylor, stratified, domains).
"""

from __future__ import annotations

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
QUICK, SLOW = 50, 1  # times that each is run
Table = dict[tuple[int, str, int], tuple[float, float]]  # item, model, year → share, error
Floats = np.ndarray[Any, np.dtype[np.float64]]


def main() -> int:
    """Print the table of times; 1 where a result differs."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(machine(), f"{count:,} respondents", sep="; ", flush=True)
    frame = _respondents(count)
    cells, profiles, strata = _cells(frame)
    contenders: list[tuple[str, Callable[[], Table], bool, int]] = [
        ("DuckDB on wide rows", lambda: _duckdb(frame), True, 3),
        ("pandas", lambda: _pandas(frame), True, SLOW),
        ("svy", lambda: _svy(frame), True, SLOW),
        ("samplics", lambda: _samplics(frame), True, SLOW),
        ("statsmodels", lambda: _statsmodels(frame), False, SLOW),
        ("R survey", lambda: _r(frame), True, SLOW),
    ]
    ours = _ours(cells, profiles, strata)
    seconds = _median(lambda: _ours(cells, profiles, strata), QUICK)
    floor = _median(lambda: _numpy(cells, profiles), QUICK)
    lines = [Measurement("ours, from cells", seconds * 1e3, "ms", floor * 1e3, Goal(8, "ratio"))]
    wrong = []
    for name, run, same_errors, times in contenders:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = run()
                took = _median(run, times)
        except (ImportError, FileNotFoundError) as missing:
            print(f"{name}: not here ({missing})", file=sys.stderr)
            continue
        gap = _gap(ours, found, same_errors)
        if not gap < 1e-6:
            wrong.append(f"{name}: differs by {gap:g}")
        # Our time over theirs: a hundredth is a hundred times as fast.
        survey = name in ("svy", "samplics", "statsmodels", "R survey")
        goal = Goal(0.01, "ratio") if survey else None
        lines.append(Measurement(f"ours beside {name}", seconds * 1e3, "ms", took * 1e3, goal))
        print(f"{name}: {took:.3f} s, {took / seconds:,.0f} times ours", file=sys.stderr)
    print(table([line.cells("peers") for line in lines]))
    print("\n".join(wrong) or "All results agree.")
    return int(bool(wrong))


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
    for item in range(ITEMS):
        columns[f"y{item}"] = (dice.random(count) < (item + 1 + model) / 20).astype(float)
    return pd.DataFrame(columns)


def _cells(frame: pd.DataFrame) -> tuple[Cells, Profiles, pd.DataFrame]:
    """What a publication of these respondents holds."""
    keys = [YEAR, "stratum", "model"]
    groups = frame.groupby(keys, sort=True)
    found = groups.size().reset_index(name="n")
    sums = np.concatenate([_sums(frame, f"y{item}", keys) for item in range(ITEMS)])
    strata = frame.groupby([YEAR, "stratum"]).size().reset_index(name="n")
    place = {stratum: at for at, stratum in enumerate(strata["stratum"])}
    levels = {
        "model": Levels.of(found["model"].tolist()),
        YEAR: Levels.of([str(year) for year in found[YEAR]]),
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


def _r(frame: pd.DataFrame) -> Table:
    """R's survey, its start and the reading of the file left out of the time by its own clock."""
    program = shutil.which("Rscript")
    if program is None:
        raise FileNotFoundError("Rscript: apt-get install r-cran-survey")
    script = """
    suppressMessages(library(survey)); d <- read.csv(commandArgs(TRUE)[1])
    s <- svydesign(ids = ~1, strata = ~stratum, weights = ~w, data = d)
    f <- as.formula(paste("~", paste0("y", 0:14, collapse = "+")))
    r <- svyby(f, ~model + year, s, svymean)
    write.csv(r, commandArgs(TRUE)[2], row.names = FALSE)
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
    return {
        (item, str(row["model"]), int(row["year"])): (row[f"y{item}"], row[f"se.y{item}"])
        for row in rows
        for item in range(ITEMS)
    }


def _gap(ours: Table, theirs: Table, errors: bool) -> float:
    """The widest relative difference of shares, and of errors where they mean the same."""
    if ours.keys() != theirs.keys():
        return float("inf")
    sides = range(2 if errors else 1)
    return max(abs(ours[k][s] / theirs[k][s] - 1) for k in ours for s in sides)


def _median(run: Callable[[], object], times: int) -> float:
    """Median seconds of some runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


if __name__ == "__main__":
    raise SystemExit(main())
