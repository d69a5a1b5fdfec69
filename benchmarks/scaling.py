"""How the steps scale, and what a step costs beyond its kernel.

More lines of the same table, in which the peer is the step itself. First: what reading the frame,
its index, the checks and the new frame take of a step. Then: 1e6 rows in many cycles and in one.
Last: many rows and few, with the exponent of the best line through the logarithms; 1.0 is linear.
Of two exponents the first is that of the time by the clock, in which a large output also pays for
fetching its memory from the system, while a small one finds it in the cache; the second is that of
the time the processor spends in our own work.

    python benchmarks/scaling.py            rows to 1e7
    python benchmarks/scaling.py --quick    rows to 1e6, 1e5 elsewhere: to try
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from drive_data import drive_log
from round_robin import median_times
from table import print_header, print_line

import signalprep as sp

STEPS: dict[str, Any] = {
    "PhysicalLimits": sp.PhysicalLimits({f"x{k}": (-120, 120) for k in range(8)}),
    "HampelFilter(11)": sp.HampelFilter(11),
    "HampelFilter(51, causal=False)": sp.HampelFilter(51, causal=False),
    "SavitzkyGolayFilter(11)": sp.SavitzkyGolayFilter(11),
    "SavitzkyGolayFilter(51)": sp.SavitzkyGolayFilter(51),
    "SavitzkyGolayFilter(11, causal=False)": sp.SavitzkyGolayFilter(11, causal=False),
    "Decimator(10)": sp.Decimator(10),
    "ExponentialFeatures([10, 100])": sp.ExponentialFeatures([10, 100]),
    "Detrender()": sp.Detrender(),
    "Detrender('linear')": sp.Detrender("linear"),
    "ZScoreFilter(action='clip')": sp.ZScoreFilter(action="clip"),
    "Scaler()": sp.Scaler(),
}


def transforming(n_rows: int, n_cycles: int) -> dict[str, Callable[[], Any]]:
    """transform of each step on a log of its own size, run once."""
    log = drive_log(n_rows, n_cycles)
    runs: dict[str, Callable[[], Any]] = {}
    for name, step in STEPS.items():
        fitted = step.fit(log)
        runs[name] = lambda fitted=fitted: fitted.transform(log)
        runs[name]()
    return runs


def against_rows(largest: int, rounds: int) -> None:
    sizes = [n for n in (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000) if n <= largest]
    taken, own = {}, {}
    for n in sizes:
        runs = transforming(n, 100)
        taken[n] = median_times(runs, rounds)
        own[n] = {name: own_seconds(run) for name, run in runs.items()}
    for name in STEPS:
        times = [taken[n][name] for n in sizes]
        work, peer = f"{name}, {largest:.0e} rows", f"ours, {sizes[0]:.0e} rows"
        note = f"exponent {exponent(sizes, times):.3f}, "
        note += f"of our own work {exponent(sizes, [own[n][name] for n in sizes]):.3f}"
        print_line(work, peer, times[-1], times[0], note=note)


def exponent(sizes: list[int], times: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def own_seconds(run: Callable[[], Any]) -> float:
    """Processor time of one call outside the system, from as many as take a second."""
    begin, before, n_calls = time.perf_counter(), os.times().user, 0
    while time.perf_counter() - begin < 1.0:
        run()
        n_calls += 1
    return (os.times().user - before) / n_calls


def against_cycles(n_rows: int, rounds: int) -> None:
    counts = [n for n in (1, 10, 100, 1_000, 10_000) if n_rows // n >= 100]
    runs = {n: transforming(n_rows, n) for n in counts}
    contenders = {f"{name}/{n}": runs[n][name] for name in STEPS for n in counts}
    taken = median_times(contenders, rounds)
    for name in STEPS:
        times = [taken[f"{name}/{n}"] for n in counts]
        note = "ms for " + ", ".join(f"{n}: {t:.1f}" for n, t in zip(counts, times, strict=True))
        print_line(f"{name}, {counts[-1]} cycles", "ours, 1 cycle", times[-1], times[0], note=note)


def overhead(n_rows: int, rounds: int) -> None:
    """The kernel's share is what `_apply` takes; the rest is frame, index and checks."""
    log = drive_log(n_rows, 100)
    contenders: dict[str, Callable[[], Any]] = {}
    for name, step in STEPS.items():
        fitted = step.fit(log)
        signals = fitted._read(log, reset=False)
        contenders[f"{name}/step"] = lambda fitted=fitted: fitted.transform(log)
        contenders[f"{name}/kernel"] = lambda fitted=fitted, s=signals: fitted._apply(s)
    for run in contenders.values():
        run()
    taken = median_times(contenders, rounds)
    for name in STEPS:
        whole, kernel = taken[f"{name}/step"], taken[f"{name}/kernel"]
        note = f"overhead {100.0 * (whole - kernel) / whole:.0f} %"
        print_line(f"{name}, {n_rows:.0e} rows", "its kernel alone", whole, kernel, note=note)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rows and rounds, to try")
    parser.add_argument("--rounds", type=int, default=0, help="5, or 3 with --quick")
    options = parser.parse_args()
    rounds = options.rounds or (3 if options.quick else 5)
    print_header()
    overhead(100_000 if options.quick else 1_000_000, rounds)
    against_cycles(100_000 if options.quick else 1_000_000, rounds)
    against_rows(1_000_000 if options.quick else 10_000_000, rounds)


if __name__ == "__main__":
    main()
