"""Errors by regime against their peers: n, bias, MAE, RMSE, exact p95 and largest error of each.

Ours is `regime_metrics` as a user calls it: series on a (cycle, time) index, regimes as labels. It
also gives the cycles and the R2 of each regime, checks and aligns its inputs, and has no intervals
here; those of 1000 resamples of the cycles are timed after. Peers give the six numbers only, from
arrays or a frame that is ready, regimes as small integers, and count only after they have given the
same. p95 is by linear interpolation between order statistics everywhere. polars has as many threads
as the most that ours has, other peers one.

    python benchmarks/regime_metrics.py            10e6 rows, 1000 cycles; fairlearn 1e6 rows
    python benchmarks/regime_metrics.py --quick    3e5 and 3e4 rows, 3 rounds: to try
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "2")

import argparse
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from fairlearn.metrics import MetricFrame, count
from round_robin import median_times, peak_memory
from splitting import regimes_of
from table import print_header, print_line

from signalprep.metrics import regime_metrics

THREADS = (1, 2)
METRICS = ["n", "bias", "mae", "rmse", "p95", "max"]
N_CYCLES, N_REGIMES, N_BOOTSTRAP = 1000, 100, 1000
TOLERANCE = 1e-9


@dataclass
class Drives:
    """Truth, prediction and regime of every row."""

    truth: pd.Series
    prediction: pd.Series
    label: pd.Series
    code: np.ndarray

    @classmethod
    def simulate(cls, n_rows: int) -> Drives:
        cycle, regime = regimes_of(n_rows, N_CYCLES, N_REGIMES)
        index = pd.MultiIndex.from_arrays(
            [cycle, np.arange(n_rows) / 10.0], names=["cycle", "time"]
        )
        rng = np.random.default_rng(1)
        truth = rng.normal(60.0, 10.0, n_rows)
        error = rng.normal(0.0, 1.0 + regime / 50.0)
        names = pd.Categorical.from_codes(regime, [f"{k} to {k + 1}" for k in range(N_REGIMES)])
        return cls(
            pd.Series(truth, index),
            pd.Series(truth + error, index),
            pd.Series(names, index, name="speed"),
            regime.astype(np.uint8),
        )


def ours(drives: Drives, n_jobs: int, n_bootstrap: int = 0) -> pd.DataFrame:
    return regime_metrics(
        drives.truth, drives.prediction, drives.label, n_bootstrap=n_bootstrap, n_jobs=n_jobs
    )


def by_polars(frame: pl.DataFrame) -> pl.DataFrame:
    error, size = pl.col("error"), pl.col("size")
    return (
        frame.lazy()
        .with_columns(error=pl.col("prediction") - pl.col("truth"))
        .with_columns(size=error.abs())
        .group_by("regime")
        .agg(
            n=pl.len(),
            bias=error.mean(),
            mae=size.mean(),
            rmse=(error**2).mean().sqrt(),
            p95=size.quantile(0.95, "linear"),
            max=size.max(),
        )
        .sort("regime")
        .collect()
    )


def by_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    error = frame["prediction"] - frame["truth"]
    columns = {"regime": frame["regime"], "error": error, "size": error.abs(), "square": error**2}
    groups = pd.DataFrame(columns).groupby("regime")
    table = groups.agg(
        n=("size", "size"),
        bias=("error", "mean"),
        mae=("size", "mean"),
        mse=("square", "mean"),
        max=("size", "max"),
    )
    return table.assign(rmse=np.sqrt(table["mse"]), p95=groups["size"].quantile(0.95))


def by_numpy(truth: np.ndarray, prediction: np.ndarray, code: np.ndarray) -> pd.DataFrame:
    """Sums by bincount; rows brought together by the radix sort of small integers."""
    n = np.bincount(code)
    error = prediction - truth
    size = np.abs(error)
    gathered = size[np.argsort(code, kind="stable")]
    pieces = [gathered[i:j] for i, j in pairwise(np.concatenate(([0], np.cumsum(n))))]
    return pd.DataFrame(
        {
            "n": n,
            "bias": np.bincount(code, error) / n,
            "mae": np.bincount(code, size) / n,
            "rmse": np.sqrt(np.bincount(code, error**2) / n),
            "p95": [np.percentile(piece, 95) for piece in pieces],
            "max": [piece.max() for piece in pieces],
        }
    )


def by_fairlearn(truth: np.ndarray, prediction: np.ndarray, code: np.ndarray) -> pd.DataFrame:
    """With functions of numpy, which are faster here than those of scikit-learn."""
    functions: dict[str, Callable[[Any, Any], Any]] = {
        "n": count,
        "bias": lambda y, p: np.mean(p - y),
        "mae": lambda y, p: np.mean(np.abs(p - y)),
        "rmse": lambda y, p: np.sqrt(np.mean((p - y) ** 2)),
        "p95": lambda y, p: np.percentile(np.abs(p - y), 95),
        "max": lambda y, p: np.max(np.abs(p - y)),
    }
    frame = MetricFrame(metrics=functions, y_true=truth, y_pred=prediction, sensitive_features=code)
    return frame.by_group


def check(found: Any, expected: pd.DataFrame, what: str) -> None:
    """The six numbers of every regime, to a tolerance that only rounding passes."""
    seen = expected.loc[expected["n"] > 0, METRICS].to_numpy(dtype=float)
    found = found[METRICS].to_numpy().astype(float)
    scale = np.abs(seen).max(axis=0)
    if found.shape != seen.shape or (np.abs(found - seen) > TOLERANCE * scale).any():
        raise AssertionError(f"{what} gives other numbers")


def check_threads(drives: Drives, n_bootstrap: int) -> pd.DataFrame:
    expected = ours(drives, THREADS[0], n_bootstrap)
    for n_jobs in THREADS[1:]:
        pd.testing.assert_frame_equal(ours(drives, n_jobs, n_bootstrap), expected, check_exact=True)
    return expected


def report(drives: Drives, peers: Mapping[str, Callable[[], Any]], rounds: int) -> None:
    """Ours against peers, without intervals."""
    expected = check_threads(drives, 0)
    for name, run in peers.items():
        check(run(), expected, name)
    contenders = {f"ours {n}": functools.partial(ours, drives, n) for n in THREADS}
    taken = median_times({**contenders, **peers}, rounds)
    n_rows = len(drives.code)
    work = f"6 metrics, {N_REGIMES} regimes, {n_rows:.0e} rows"
    note = f"{peak_memory(contenders['ours 1']) / n_rows:.0f} bytes a row"
    for peer in sorted(peers, key=taken.__getitem__):
        for n in THREADS:
            print_line(work, peer, taken[f"ours {n}"], taken[peer], threads=n, note=note)


def report_intervals(drives: Drives, rounds: int) -> None:
    """What the intervals take beyond the metrics themselves."""
    check_threads(drives, N_BOOTSTRAP)
    for n in THREADS:
        runs = {str(b): functools.partial(ours, drives, n, b) for b in (0, N_BOOTSTRAP)}
        taken = median_times(runs, rounds)
        more = taken[str(N_BOOTSTRAP)] - taken["0"]
        print_line(f"intervals, {N_BOOTSTRAP} resamples: more time", "-", more, threads=n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3e5 and 3e4 rows: to try")
    quick = parser.parse_args().quick
    rounds = 3 if quick else 7
    print_header()
    drives = Drives.simulate(300_000 if quick else 10_000_000)
    arrays = drives.truth.to_numpy(), drives.prediction.to_numpy(), drives.code
    columns = dict(zip(("truth", "prediction", "regime"), arrays, strict=True))
    peers = {
        "polars group_by": functools.partial(by_polars, pl.DataFrame(columns)),
        "pandas groupby": functools.partial(by_pandas, pd.DataFrame(columns)),
        "numpy bincount, percentile": functools.partial(by_numpy, *arrays),
    }
    report(drives, peers, rounds)
    report_intervals(drives, min(rounds, 3))
    drives = Drives.simulate(30_000 if quick else 1_000_000)
    arrays = drives.truth.to_numpy(), drives.prediction.to_numpy(), drives.code
    report(drives, {"fairlearn MetricFrame": functools.partial(by_fairlearn, *arrays)}, 3)


if __name__ == "__main__":
    main()
