"""Share the tasks of a kernel out over threads."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

RANGES_PER_THREAD = 4  # so that a thread which got short segments takes another range


def thread_count(n_jobs: int | None) -> int:
    """Number of threads meant by ``n_jobs``: None is 1, -1 all cores, -2 all but one, and so on."""
    if n_jobs is None:
        return 1
    if n_jobs == 0:
        raise ValueError("n_jobs must be None or an integer other than 0; got 0")
    if n_jobs > 0:
        return int(n_jobs)
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not offered by every operating system
        cores = os.cpu_count() or 1
    return max(1, cores + 1 + int(n_jobs))


def task_ranges(bounds: NDArray[np.int64], n_channels: int, n_ranges: int) -> NDArray[np.int64]:
    """Borders of at most ``n_ranges`` contiguous task ranges that hold about equally many rows."""
    n_segments = bounds.size - 1
    n_tasks = n_segments * n_channels
    if n_tasks <= 0:
        return np.zeros(1, dtype=np.int64)
    if n_ranges == 1:
        return np.array([0, n_tasks], dtype=np.int64)
    first_rows = np.asarray(bounds, dtype=np.int64) - bounds[0]
    n_rows = max(1, int(first_rows[-1]))
    rows_before = np.arange(1, n_ranges) * (n_rows * n_channels) // n_ranges
    channel, row = np.divmod(rows_before, n_rows)
    cuts = channel * n_segments + np.searchsorted(first_rows[:-1], row)
    return np.unique(np.concatenate([[0], cuts, [n_tasks]])).astype(np.int64)


def run_blocks(
    kernel: Callable[..., Any],
    bounds: NDArray[np.int64],
    n_channels: int,
    n_jobs: int | None,
    *args: Any,
) -> None:
    """Call ``kernel(first, last, *args)`` over all ``n_channels * (bounds.size - 1)`` tasks.

    The first of ``args`` is the signal: kernels get a read-only view of it. Ranges of tasks run on
    ``n_jobs`` threads (kernels release the GIL); with one thread the kernel runs once, in the
    calling thread. The result does not depend on ``n_jobs``, because tasks share nothing. The first
    exception of a kernel is raised here.
    """
    n_threads = thread_count(n_jobs)
    signal = args[0].view()
    signal.flags.writeable = False
    args = (signal, *args[1:])
    cuts = task_ranges(bounds, n_channels, 1 if n_threads == 1 else n_threads * RANGES_PER_THREAD)
    if cuts.size <= 2:
        if cuts.size == 2:
            kernel(cuts[0], cuts[1], *args)
        return
    with ThreadPoolExecutor(min(n_threads, cuts.size - 1)) as pool:
        calls = [pool.submit(kernel, first, last, *args) for first, last in pairwise(cuts)]
        for call in calls:
            call.result()
