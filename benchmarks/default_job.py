"""What the default job of ``signalprep report`` gains or loses, on the same unseen cycles.

Three models of ridge regression on exponential features: inputs as they were recorded, inputs
cleaned, and inputs cleaned with the penalty chosen on whole training cycles, which is the default.
Samples of the target that are not to be believed are left out of all three alike. Each is compared
with those before it.

    python benchmarks/default_job.py
    python benchmarks/default_job.py trips/ "Battery Current" \
        --inputs "Velocity,Throttle,Motor Torque,Longitudinal Acceleration"
"""

from __future__ import annotations

import argparse
import time
from itertools import combinations
from pathlib import Path

from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.cli._cleaning import WAYS, cleaning_steps, doubtful_rows
from signalprep.cli._ranges import parse_ranges

SAMPLE = Path(__file__).parents[1] / "sample_data" / "drive_cycles"
SPANS = ["10s", "1min", "5min", "20min"]
RAW = argparse.RawDescriptionHelpFormatter


def main() -> None:
    """Read the log, validate three models, print two comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=RAW)
    parser.add_argument("folder", nargs="?", default=SAMPLE)
    parser.add_argument("target", nargs="?", default="T_pm")
    parser.add_argument("--inputs", help="separated by commas; default: all other signals")
    parser.add_argument("--limits", default="", help="as of signalprep report")
    given = parser.parse_args()
    inputs = given.inputs.split(",") if given.inputs else None
    columns = [*inputs, given.target] if inputs else None
    log = sp.read_log(given.folder, columns=columns)
    X, y = log.drop(columns=given.target), log[given.target]
    limits = parse_ranges([given.limits] if given.limits else []).of(log)
    omit = doubtful_rows(y, WAYS, limits)
    found = {}
    for name, ways, model in (
        ("as recorded", (), Ridge()),
        ("cleaned", WAYS, Ridge()),
        ("cleaned, penalty by cycles", WAYS, sp.CycleRidgeCV()),
    ):
        features = [sp.ExponentialFeatures(spans=SPANS), sp.Scaler()]
        pipeline = sp.make_pipeline(*cleaning_steps(ways, limits, list(X)), *features, model)
        begin = time.perf_counter()
        found[name] = sp.validate(pipeline, X, y, omit=omit)
        seconds, overall = time.perf_counter() - begin, found[name].overall
        ends = f"{overall['rmse_low']:.2f} to {overall['rmse_high']:.2f}"
        print(f"{name}: RMSE {overall['rmse']:.2f} ({ends}), {seconds:.1f} s", flush=True)
    names = list(found)
    for a, b in combinations(reversed(names), 2):
        print(sp.compare(found[a], found[b], names=(a, b)))


if __name__ == "__main__":
    main()
