"""Splitters against scikit-learn's: time of a 5-fold split, and how well folds are balanced.

10e6 rows, 1000 cycles, 100 regimes. "deviation" is the largest deviation of a fold's part of a
regime from one fifth, over folds and regimes: 0 is perfect; "rows" is the same of all rows. Time is
that of the process, one thread of linear algebra, the median over rounds in which every contender
runs once. Last, near-duplicates among 69 cycles of 1e5 rows, one of them a copy, and among 125 to
2000 cycles of 600 rows: "ratio" is 2 where the time grows as the cycles do.

    python benchmarks/splitting.py            10e6 rows, 1000 cycles, 100 regimes
    python benchmarks/splitting.py --quick    5e5 rows: to try
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

import signalprep as sp

LINE = "{:<34} {:>10} {:>8} {:>11} {:>9}"
Splits = Callable[[], Iterator[tuple[Any, Any]]]


def regimes_of(n_rows: int, n_cycles: int, n_regimes: int) -> tuple[np.ndarray, np.ndarray]:
    """Cycle and regime of each row: cycles wander through the map from places of their own."""
    rng = np.random.default_rng(0)
    ends = np.cumsum(rng.uniform(0.2, 1.8, n_cycles))
    ends = np.rint(ends * (n_rows / ends[-1])).astype(np.int64)
    lengths = np.diff(ends, prepend=0)
    cycle = np.repeat(np.arange(n_cycles), lengths)
    walk = np.cumsum(rng.normal(scale=0.2, size=n_rows))
    walk += np.repeat(rng.uniform(0.0, n_regimes, n_cycles), lengths)
    return cycle, np.floor(walk % n_regimes).astype(np.int64)


def exhausted(splits: Splits) -> float:
    """Milliseconds of the process that all folds take."""
    begin = time.process_time()
    for _ in splits():
        pass
    return 1e3 * (time.process_time() - begin)


def deviations(splits: Splits, regime: np.ndarray) -> tuple[float, float]:
    total = np.bincount(regime)
    folds = [np.bincount(regime[test], minlength=len(total)) for _, test in splits()]
    held = np.stack(folds)[:, total > 0]
    parts = held / total[total > 0]
    rows = held.sum(axis=1) / len(regime)
    share = 1.0 / len(folds)
    return float(np.abs(parts - share).max()), float(np.abs(rows - share).max())


def splitting(n_rows: int, n_cycles: int, n_regimes: int, rounds: int) -> None:
    cycle, regime = regimes_of(n_rows, n_cycles, n_regimes)
    index = pd.MultiIndex.from_arrays([cycle, np.arange(n_rows) / 10.0], names=["cycle", "time"])
    log = pd.DataFrame({"regime": regime, "speed": regime + 0.5}, index=index)
    labels = log["regime"]
    binner = sp.RegimeBinner({"speed": list(range(n_regimes + 1))})
    contenders: dict[str, Splits] = {
        "GroupKFold": lambda: GroupKFold(5).split(log, groups=cycle),
        "CycleKFold": lambda: sp.CycleKFold(5).split(log),
        "StratifiedGroupKFold": lambda: StratifiedGroupKFold(5).split(log, regime, cycle),
        "CycleKFold(stratify=labels)": lambda: sp.CycleKFold(5, stratify=labels).split(log),
        "CycleKFold(stratify=RegimeBinner)": lambda: sp.CycleKFold(5, stratify=binner).split(log),
    }
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, splits in contenders.items():
            taken[name].append(exhausted(splits))
    print(f"5 folds of {n_rows:.0e} rows, {n_cycles} cycles, {n_regimes} regimes")
    print(LINE.format("splitter", "ms", "ratio", "deviation", "rows"))
    peer = 0.0
    for name, splits in contenders.items():
        ms = float(np.median(taken[name]))
        peer = ms if name.endswith("GroupKFold") else peer
        largest, rows = deviations(splits, regime)
        print(LINE.format(name, f"{ms:.0f}", f"{peer / ms:.1f}", f"{largest:.4f}", f"{rows:.5f}"))


def near_duplicates(n_rows: int, n_cycles: int) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(8, n_rows * n_cycles))
    signals = lfilter([1.0], [1.0, -0.999], noise, axis=1)
    signals += rng.normal(scale=0.05 * signals.std(), size=signals.shape)
    frame = pd.DataFrame(signals.T, columns=[f"x{k}" for k in range(8)])
    log = sp.as_log(frame, cycle=np.repeat(np.arange(n_cycles), n_rows), rate=100.0)
    first = log.loc[3].iloc[n_rows // 4 :]
    log = pd.concat([log, pd.concat({n_cycles: 1.02 * first + 1.0}, names=["cycle"])])
    begin = time.process_time()
    found = sp.group_near_duplicates(log)
    seconds = time.process_time() - begin
    print(f"\nnear-duplicates among {n_cycles + 1} cycles, {len(log):.1e} rows, 8 channels")
    print(f"{seconds:.2f} s, {len(found.pairs)} pair(s) found")
    print(found.pairs.to_string(index=False))


def near_duplicates_by_size(largest: int) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(5, 600 * largest))
    signals = lfilter([1.0], [1.0, -0.97], noise, axis=1)
    frame = pd.DataFrame(signals.T, columns=[f"x{k}" for k in range(5)])
    log = sp.as_log(frame, cycle=np.repeat(np.arange(largest), 600), rate=1.0)
    sp.group_near_duplicates(log.iloc[: 600 * 20])
    before = 0.0
    n_cycles = 125
    print("\ncycles of 600 rows, 5 channels: seconds, ratio to half as many")
    while n_cycles <= largest:
        taken = []
        for _ in range(3):
            begin = time.process_time()
            sp.group_near_duplicates(log.iloc[: 600 * n_cycles])
            taken.append(time.process_time() - begin)
        seconds = float(np.median(taken))
        ratio = f"{seconds / before:.2f}" if before else ""
        print(f"{n_cycles:>6} {seconds:>8.2f} {ratio:>6}")
        before, n_cycles = seconds, 2 * n_cycles


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5e5 rows: to try")
    quick = parser.parse_args().quick
    splitting(500_000 if quick else 10_000_000, 1000, 100, 1 if quick else 5)
    near_duplicates(10_000 if quick else 100_000, 68)
    near_duplicates_by_size(250 if quick else 2000)


if __name__ == "__main__":
    main()
