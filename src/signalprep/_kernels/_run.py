"""Run a kernel over a whole log: from fresh states, pieces of channels shared out over threads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._blocks import RANGES_PER_THREAD, run_blocks, task_ranges, thread_count
from ._kernel import NOTHING, REFUSES, Kernel

_ROWS = 1 << 15  # looked through before a kernel takes them, which finds them in the cache


class Task(NamedTuple):
    """What a kernel runs over: its arguments without the state, as `_kernel` describes them."""

    params: NDArray[np.float64]
    x: np.ndarray
    bounds: NDArray[np.int64]
    regime: np.ndarray
    out: np.ndarray
    flags: np.ndarray


def run_kernel(kernel: Kernel, task: Task, n_jobs: int | None = None) -> bool:
    """Fill ``task.out`` and ``task.flags``; whether there was a sample that is refused.

    Time series are cut at borders of segments only, so that the result does not depend on the
    number of threads.
    """
    n_channels = len(task.x)
    rows = len(task.out) // max(1, n_channels)
    n_pieces = 1 if thread_count(n_jobs) == 1 else RANGES_PER_THREAD * thread_count(n_jobs)
    if n_channels and task.params[0, REFUSES] != NOTHING:
        n_pieces = max(n_pieces, int(task.bounds[-1] - task.bounds[0]) // _ROWS)
    cuts = task_ranges(task.bounds, 1, n_pieces)
    n_pieces = cuts.size - 1
    refused = []

    def run(first: int, last: int, x: np.ndarray) -> None:
        together = last - first if n_pieces == 1 else 1
        for begin in range(first, last, together):
            channel, piece = divmod(begin, n_pieces)
            here = slice(channel, channel + together)
            params = task.params if len(task.params) == 1 else task.params[here]
            state = kernel.start(params, together)
            bounds = task.bounds[cuts[piece] : cuts[piece + 1] + 1]
            out = task.out[rows * channel : rows * (channel + together)]
            part = (params, x[here], bounds, task.regime, out, task.flags[here])
            if kernel.many(*state, *part):
                refused.append(channel)

    run_blocks(run, np.asarray(task.bounds)[cuts], n_channels, n_jobs, task.x)
    return bool(refused)
