"""Signal conditioning against its peers: one table.

Every step is timed as a user calls it, log in and log out, with 1 and with 2 threads, in the same
run and the same rounds as the peers on the same log. A peer counts only after it has given the same
numbers, and the fastest one comes first. "ratio" is peer / ours: below 1 we lose. "x copy" is our
time over that of copying as many bytes, the larger of input and output, into freshly allocated
memory. "memory" is the peak of transform. Peers have one BLAS thread, with which they are fastest:
their matrices are small.

    python benchmarks/conditioning.py            1e6 rows x 8 channels, 100 cycles; scalers 10e6
    python benchmarks/conditioning.py --quick    1e5 rows, 3 rounds: to try
    python benchmarks/conditioning.py --only savitzky
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import peers
from drive_data import drive_log
from round_robin import fresh_copy, median_times, peak_memory
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler
from table import print_header, print_line
from threadpoolctl import threadpool_limits

import signalprep as sp
from signalprep.log import cycle_bounds

THREADS = (1, 2)
SPANS = [10, 50, 200, 1000]
LIMITS = (-120.0, 120.0)
PUSHES = 20_000


@dataclass
class Work:
    """One piece of work: ours by number of threads, and the peers."""

    name: str
    ours: Callable[[int], Callable[[], Any]]
    peers: dict[str, Callable[[], Any]]
    n_bytes: int
    has_output: bool = True

    def check(self) -> int:
        """Run everything once, compare, and give the bytes the copy limit has to move."""
        expected = self.ours(THREADS[0])()
        for n_jobs in THREADS[1:]:
            assert_same(self.ours(n_jobs)(), expected, 0.0, f"{self.name}, {n_jobs} threads")
        for name, run in self.peers.items():
            assert_same(run(), expected, 1e-9, f"{self.name}, {name}")
        return max(self.n_bytes, size(expected)) if self.has_output else self.n_bytes

    def memory(self) -> str:
        """Peak of transform, as the output and a share of it."""
        if not self.has_output:
            return "-"
        run = self.ours(1)
        output = size(run())
        return f"output + {100.0 * (peak_memory(run) - output) / output:.1f} %"

    def report(self, rounds: int) -> None:
        n_bytes = self.check()
        contenders = {"copy": fresh_copy(n_bytes), **self.peers}
        contenders |= {f"ours {n}": self.ours(n) for n in THREADS}
        taken = median_times(contenders, rounds)
        memory = self.memory()
        for peer in sorted(self.peers, key=taken.__getitem__):
            for n in THREADS:
                times = (taken[f"ours {n}"], taken[peer])
                print_line(self.name, peer, *times, threads=n, copy=taken["copy"], note=memory)


def size(result: Any) -> int:
    """Bytes of the values of a frame; its index is shared with the input."""
    return int(result.memory_usage(index=False).sum())


def assert_same(found: Any, expected: Any, tolerance: float, what: str) -> None:
    """Same index, same columns, same values to `tolerance` of the spread of the channel."""
    if isinstance(expected, pd.DataFrame) and not (
        list(found.columns) == list(expected.columns) and found.index.equals(expected.index)
    ):
        raise AssertionError(f"{what}: other index or columns")
    found, expected = np.asarray(found), np.asarray(expected)
    scale = np.nanmax(np.abs(expected), axis=0)
    off = np.abs(found - expected) > tolerance * np.maximum(scale, 1.0)
    if off.any() or not np.array_equal(np.isnan(found), np.isnan(expected)):
        raise AssertionError(f"{what}: {off.sum()} of {off.size} values differ")


def threaded(step: Any, n_jobs: int) -> Any:
    """A copy of a step, or pipeline of steps, that uses so many threads."""
    step = clone(step)
    return step.set_params(
        **{name: n_jobs for name in step.get_params() if name.endswith("n_jobs")}
    )


def transforming(step: Any, log: pd.DataFrame) -> Callable[[int], Callable[[], Any]]:
    """Ours: transform of the fitted step."""
    fitted = {n: threaded(step, n).fit(log) for n in THREADS}
    return lambda n_jobs: lambda: fitted[n_jobs].transform(log)


def filter_works(log: pd.DataFrame) -> Iterator[Work]:
    bounds = cycle_bounds(log)
    for causal in (False, True):
        for window in (11, 51, 101):
            form = "causal" if causal else "symmetric"
            yield Work(
                f"Hampel {form} {window}",
                transforming(sp.HampelFilter(window, causal=causal, min_scale=0.0), log),
                {
                    "bottleneck move_median, partition": bound(
                        peers.Hampel(window, causal, partition=True), log, bounds
                    ),
                    "bottleneck median on windows": bound(
                        peers.Hampel(window, causal, partition=False), log, bounds
                    ),
                },
                size(log),
            )
    yield from savitzky_golay_works(log, "")
    yield decimation_work(log)
    yield from detrending_works(log)
    yield from outlier_works(log)
    yield exponential_work(log)
    yield pipeline_work(log)


def bound(peer: Callable[..., Any], *args: Any) -> Callable[[], Any]:
    return lambda: peer(*args)


def savitzky_golay_works(log: pd.DataFrame, note: str) -> Iterator[Work]:
    bounds = cycle_bounds(log)
    names = {
        False: {
            "savgol_filter": "scipy savgol_filter",
            "convolve": "numpy convolve, matmul at edges",
        },
        True: {"lfilter": "scipy lfilter"},
    }
    for causal in (False, True):
        for window in (11, 51):
            yield Work(
                f"Savitzky-Golay {'causal' if causal else 'symmetric'} {window}{note}",
                transforming(sp.SavitzkyGolayFilter(window, causal=causal), log),
                {
                    name: bound(peers.SavitzkyGolay(window, causal, by), log, bounds)
                    for by, name in names[causal].items()
                },
                size(log),
            )


def decimation_work(log: pd.DataFrame) -> Work:
    step = sp.Decimator(10).fit(log)
    peer = {
        name: bound(
            peers.Decimation(10, step.taps_, step.edges_, fft), log, cycle_bounds(log)
        )
        for name, fft in (("scipy upfirdn", False), ("scipy fftconvolve, every tenth", True))
    }  # fmt: skip
    return Work("decimate by 10", transforming(step, log), peer, size(log))


def detrending_works(log: pd.DataFrame) -> Iterator[Work]:
    names = {"scipy": "scipy detrend by cycle", "numpy": "numpy by cycle"}
    for kind in ("constant", "linear"):
        peer = {
            name: bound(peers.Detrending(kind, by), log, cycle_bounds(log))
            for by, name in names.items()
        }
        yield Work(f"detrend {kind}", transforming(sp.Detrender(kind), log), peer, size(log))


def outlier_works(log: pd.DataFrame) -> Iterator[Work]:
    """Thresholds are learned and used: fit and transform."""
    for step, method in (
        (sp.ZScoreFilter(action="clip"), "zscore"),
        (sp.IQRFilter(action="clip"), "iqr"),
    ):
        ours = {n: threaded(step, n) for n in THREADS}
        yield Work(
            f"{method} filter, fit and transform",
            lambda n_jobs, ours=ours: lambda: ours[n_jobs].fit_transform(log),
            {"numpy by channel": bound(peers.clip_outliers, log, method)},
            size(log),
        )


def exponential_work(log: pd.DataFrame) -> Work:
    step = sp.ExponentialFeatures(SPANS, keep_inputs=False)
    peer = bound(peers.exponential, log, SPANS)
    return Work(
        "mean and std, 4 spans", transforming(step, log), {"pandas groupby ewm": peer}, size(log)
    )


def conditioning(log: pd.DataFrame) -> Any:
    """A whole conditioning pipeline."""
    return sp.make_pipeline(
        sp.PhysicalLimits(dict.fromkeys(log.columns, LIMITS), action="clip"),
        sp.HampelFilter(11, min_scale=0.0),  # as its peers
        sp.SavitzkyGolayFilter(11),
        sp.ExponentialFeatures(SPANS, statistics=["mean"]),
        sp.Scaler("zscore"),
    )


def pipeline_work(log: pd.DataFrame) -> Work:
    step = conditioning(log)
    scaler = clone(step).fit(log)[-1]
    peer = peers.Pipeline(LIMITS, SPANS, scaler.center_, scaler.scale_)
    return Work(
        "whole pipeline",
        transforming(step, log),
        {"pandas and scipy by cycle": bound(peer, log, cycle_bounds(log))},
        size(log),
    )


def scaler_works(log: pd.DataFrame) -> Iterator[Work]:
    def ours(method: str) -> Callable[[int], Callable[[], Any]]:
        def fit(n_jobs: int) -> Callable[[], Any]:
            step = threaded(sp.Scaler(method), n_jobs)

            def run() -> np.ndarray:
                step.fit(log)
                return np.array([step.center_, step.scale_])

            return run

        return fit

    def standard() -> np.ndarray:
        scaler = StandardScaler().fit(log)
        return np.array([scaler.mean_, scaler.scale_])

    def percentiles() -> np.ndarray:
        q = [np.percentile(column.to_numpy(), [25, 50, 75]) for _, column in log.items()]
        return np.array([[q2, q3 - q1] for q1, q2, q3 in q]).T

    rows = f"{len(log) / 1e6:g}M rows"
    peer = {"sklearn StandardScaler": standard}
    yield Work(f"fit z-score, {rows}", ours("zscore"), peer, size(log), has_output=False)
    peer = {"numpy percentile by column": percentiles}
    yield Work(f"fit robust, {rows}", ours("robust"), peer, size(log), has_output=False)


class Push:
    """Rows of a log through the whole pipeline, one at a time."""

    name = "push of one row, whole pipeline"

    def __init__(self, log: pd.DataFrame) -> None:
        self.stream = sp.stream(conditioning(log).fit(log))
        self.rows = log.to_numpy()[:PUSHES]

    def report(self, rounds: int) -> None:
        """Median of all pushes, after one thousand."""
        taken = []
        for row in self.rows:
            begin = time.perf_counter_ns()
            self.stream.push(row)
            taken.append(time.perf_counter_ns() - begin)
        print_line(self.name, "-", statistics.median(taken[1000:]) / 1e6)


def works(quick: bool) -> Iterator[Callable[[], Iterator[Work | Push]]]:
    """Groups of works that share a log, made when its turn comes."""
    n_rows = 100_000 if quick else 1_000_000
    yield lambda: filter_works(drive_log(n_rows, n_rows // 10_000))
    yield lambda: savitzky_golay_works(
        drive_log(n_rows, n_rows // 100), f", {n_rows // 100} cycles"
    )
    yield lambda: iter([Push(drive_log(100_000, 10))])
    n_rows = 200_000 if quick else 10_000_000
    yield lambda: scaler_works(drive_log(n_rows, 100))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rows and rounds, to try")
    parser.add_argument("--only", default="", help="works whose name holds this")
    parser.add_argument("--rounds", type=int, default=0, help="5, or 3 with --quick")
    options = parser.parse_args()
    rounds = options.rounds or (3 if options.quick else 5)
    print_header()
    with threadpool_limits(1, "blas"):
        for group in works(options.quick):
            for work in group():
                if options.only.lower() in work.name.lower():
                    work.report(rounds)


if __name__ == "__main__":
    main()
