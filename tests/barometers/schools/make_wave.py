"""Write the wave file of this barometer from the oracle's schools (tests/oracle/data).

    python tests/barometers/schools/make_wave.py

Schools of R's apistrat: California's Academic Performance Index of 2000, a sample stratified by
type of school. A column keeps its name, with an underscore for a dot; the weight is pw, digit for
digit; the stratum is stype. Without strata, the same schools are R's weights-only design.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

HERE = Path(__file__).resolve().parent
ORACLE = HERE.parents[1] / "oracle" / "data"
WAVE = HERE / "data" / "waves" / "wave_2000.csv"
FRAME = {"respondent_id": "snum", "stratum": "stype", "weight": "pw"}
ANSWERS = ("stype", "sch.wide", "comp.imp", "both", "awards", "yr.rnd", "api00", "api99", "enroll")


def wave(dataset: str = "apistrat", *, stratified: bool = True) -> str:
    """A wave file's text from one of the oracle's data sets."""
    frame = {name: of for name, of in FRAME.items() if stratified or name != "stratum"}
    columns = frame | {name.replace(".", "_"): name for name in ANSWERS}
    with (ORACLE / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
        schools = list(csv.DictReader(file))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["year", *columns])
    writer.writerows(["2000", *(school[of] for of in columns.values())] for school in schools)
    return text.getvalue()


if __name__ == "__main__":
    WAVE.write_text(wave(), encoding="utf-8")
