"""Pipelines and networks as C: equal to the bit, proven, and what they cost on a Cortex-M4.

Each is fitted on the simulated drive and exported. Its C is compared with Python on 100,000 rows of
the log and 100,000 adversarial ones (`Export.verify`), proven by Frama-C, and run on emulated
controllers. "bound" is what the program prints beforehand, "found" what gcc made of it at -O2:
instructions of the worst row, bytes of code, of tables and of stack.

    python benchmarks/embedded.py            needs the tools of `make embedded-tools`
    python benchmarks/embedded.py --quick    2,000 rows: to try
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

import signalprep as sp
from signalprep.embedded import Format, lower
from signalprep.embedded.export import Export, export_c
from signalprep.embedded.program import cost as bound
from signalprep.embedded.program import print_c
from signalprep.errors import ToolError
from signalprep.neural import RecurrentRegressor

FORMATS = {
    "i_d": Format(0.25), "i_q": Format(0.25), "u_d": Format(0.25), "u_q": Format(0.25),
    "omega_m": Format(0.5), "T_coolant": Format(0.1),
}  # fmt: skip
PHASES = {name: Format(0.25) for name in ("i_a", "i_b", "i_c")}
PHASES["theta"] = Format(2 * np.pi / 65536)
LIMITS = {"i_d": (-400.0, 400.0), "T_coolant": (-40.0, 140.0)}
BINS = {"omega_m": [0.0, 200.0, 500.0], "i_q": [-50.0, 50.0]}


class Case(NamedTuple):
    """A fitted pipeline and the log that it is tried on."""

    name: str
    model: Any
    X: pd.DataFrame
    formats: dict[str, Format]
    options: dict[str, Any]


def network(sizes: tuple[int, ...] = (32, 16)) -> MLPRegressor:
    """A network that trains for a few rounds: its numbers are not what is measured."""
    return MLPRegressor(hidden_layer_sizes=sizes, max_iter=8, tol=1.0, random_state=0)


def pipelines() -> dict[str, Any]:
    """The estimators, not yet fitted."""
    cleaned = [
        sp.PhysicalLimits(LIMITS, action="hold"),
        sp.HampelFilter(7, action="hold", min_scale=0.5),
        sp.SavitzkyGolayFilter(11, polyorder=2),
        sp.ExponentialFeatures([60, 600], statistics=["mean"]),
    ]
    forest = RandomForestRegressor(20, max_depth=8, random_state=0)
    boosted = GradientBoostingRegressor(n_estimators=50, max_depth=4, random_state=0)
    slow = sp.make_pipeline(StandardScaler(), network())
    by_cell = sp.PerRegime(
        sp.make_pipeline(StandardScaler(), Ridge()), BINS, fallback=Ridge(), min_cycles=1
    )
    kalman = sp.KalmanFilter(process_variance=1.0, measurement_variance=40.0)
    return {
        "cleaned MLP": sp.make_pipeline(*cleaned, StandardScaler(), network()),
        "highpass Ridge": sp.make_pipeline(
            sp.Detrender("highpass", cutoff=0.05), StandardScaler(), Ridge()
        ),
        "AtRate MLP": sp.AtRate(slow, 4),
        "forest": sp.make_pipeline(StandardScaler(), forest),
        "boosted": boosted,
        "PerRegime": by_cell,
        "Kalman linear": sp.make_pipeline(kalman, Ridge()),
    }


def recurrent(X: pd.DataFrame, y: pd.Series) -> Iterator[Case]:
    """Cells of 16 units for 8 channels; a learned start is one more sum in the first row."""
    names = {"GRU 8-16": ("gru", "zero"), "GRU 8-16 start": ("gru", "learned"),
             "LSTM 8-16 start": ("lstm", "learned")}  # fmt: skip
    formats = {name: FORMATS.get(name, Format(0.1)) for name in X}
    for name, (cell, start) in names.items():
        model = RecurrentRegressor(cell, 16, initial_state=start, max_epochs=1, random_state=0)
        model.fit(X.iloc[:20_000], y.iloc[:20_000])
        yield Case(name, model, X, formats, {"calibration": X.iloc[:20_000], "warm_up": 0})


def cases() -> Iterator[Case]:
    """The fitted pipelines."""
    log = sp.datasets.simulate_pmsm(14, random_state=0)
    log = log.iloc[:100_000]
    X, y = log[list(FORMATS)], log["T_pm"]
    for name, model in pipelines().items():
        yield Case(name, model.fit(X.iloc[:20_000], y.iloc[:20_000]), X, FORMATS, {})
    yield from recurrent(log[[*FORMATS, "T_m", "T_ambient"]], y)
    phases = sp.datasets.simulate_phase_currents(duration=10.0)[list(PHASES)]
    turned = [sp.ClarkeTransformer(["i_a", "i_b", "i_c"]), sp.ParkTransformer(angle="theta")]
    model = sp.make_pipeline(*turned, StandardScaler(), network((16,)))
    yield Case(
        "Park MLP", model.fit(phases.iloc[:20_000], phases["i_a"].iloc[:20_000]), phases, PHASES, {}
    )
    yield from ten_inputs()


def ten_inputs() -> Iterator[Case]:
    """A network of 10-32-16-1 with 8 bits, its ranges proven and those of the log."""
    log = sp.datasets.simulate_pmsm(14, random_state=0).iloc[:100_000]
    last = log["T_pm"].rename("last")
    ten = pd.concat([log[[*FORMATS, "u_dc", "T_ambient", "T_m"]], last], axis=1)
    small = sp.make_pipeline(StandardScaler(), network())
    formats = {name: FORMATS.get(name, Format(0.1)) for name in ten}
    eight = {"weight_bits": 8, "activation_bits": 8}
    small.fit(ten.iloc[:20_000], last.iloc[:20_000])
    yield Case("10-32-16-1", small, ten, formats, eight)
    yield Case("10-32-16-1 cal", small, ten, formats, eight | {"calibration": ten})


def tried(case: Case, folder: Path, n_rows: int) -> dict[str, str]:
    """A line of the table."""
    model = lower(case.model, case.formats, **case.options)
    export = export_c(model, folder, "model")
    checks = [export.verify(case.X.iloc[:n_rows]), export.verify(n_rows=n_rows)]
    cost = model.cost_.iloc[-1]
    stack = bound(model.program, model.proof, print_c(model.program, model.proof)).stack
    targets = export.benchmark().targets
    m4 = targets.loc["Cortex-M4"]
    hashes = {name: one.hash_ok for name, one in targets.iterrows()}
    return {
        "verified": "yes" if all(check.ok for check in checks) else "NO",
        "Eva": eva(export),
        "instructions": against(cost["instructions"], m4["most"]),
        "flash B": against(cost["code"] + cost["tables"], m4["flash"]),
        "stack B": against(stack, m4["stack"]),
        "RAM B": str(cost["state"]),
        "hash": " ".join(
            f"{name.split(',')[0]}:{'-' if ok is None else 'yes' if ok else 'NO'}"
            for name, ok in hashes.items()
        ),
    }


def against(bound: Any, found: Any) -> str:
    """A bound, what was found, and their ratio."""
    return f"{int(bound)}/{int(found)} = {bound / found:.2f}"


def eva(export: Export) -> str:
    """Alarms and seconds."""
    try:
        proof = export.prove(seconds=120.0)
    except ToolError as error:
        return str(error)[:24]
    return f"{len(proof.alarms)} in {proof.seconds:.0f} s"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2,000 rows")
    asked = parser.parse_args()
    lines = {}
    for case in cases():
        with tempfile.TemporaryDirectory() as folder:
            lines[case.name] = tried(case, Path(folder), 2000 if asked.quick else 100_000)
        sys.stdout.write(f"{case.name}: {lines[case.name]}\n")
        sys.stdout.flush()
    sys.stdout.write(pd.DataFrame.from_dict(lines, orient="index").to_string() + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
