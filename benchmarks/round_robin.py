"""Time functions against each other: every one once a round, so that all meet the same machine."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["fresh_copy", "median_times", "peak_memory"]


LONG = 20.0  # seconds
ENOUGH = 3  # rounds
SHORT = 2.0  # seconds: as long as memory that was set free is surely still ours


def median_times(contenders: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each function over the rounds; after a long time over three.

    What a function returns is released outside the time taken. Functions must have run before, so
    that nothing is compiled or imported here. One that takes less than ``SHORT`` runs twice, and
    the second time counts: a virtual machine hands free memory back to its host after a while, and
    whoever comes next would pay for fetching it again.
    """
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    start = time.perf_counter()
    for done in range(rounds):
        if done >= ENOUGH and time.perf_counter() - start > LONG:
            break
        for name, run in contenders.items():
            seconds = _time(run)
            taken[name].append(_time(run) if seconds < SHORT else seconds)
    return {name: 1e3 * statistics.median(times) for name, times in taken.items()}


def _time(run: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - begin
    del result
    return seconds


def fresh_copy(n_bytes: int) -> Callable[[], np.ndarray]:
    """The copy limit: a function that copies so many bytes into freshly allocated memory."""
    source = np.ones(n_bytes // 8)
    return source.copy


def peak_memory(run: Callable[[], Any]) -> int:
    """Most bytes in use while the function runs, beyond those in use before, its result included.

    As tracemalloc sees them: all of numpy's and pandas' arrays. The scratch memory of compiled
    kernels is not seen; it does not grow with the rows.
    """
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del result
    return peak - before
