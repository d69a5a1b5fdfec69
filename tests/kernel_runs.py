"""Run a kernel over whole segments, or push by push."""

from itertools import pairwise

import numpy as np

from signalprep._kernels._kernel import NO_REGIME
from signalprep._kernels._run import Task, run_kernel


def no_flags(x):
    """Flags for a kernel that gives none, or none that are wanted."""
    return np.empty((len(x), 0), dtype=x.dtype)


def read_only(x):
    """As samples come to the form for many, in a batch and in a stream: compiled once for both."""
    x = np.ascontiguousarray(x).view()
    x.flags.writeable = False
    return x


def run_whole(kernel, params, x, bounds=None, regime=NO_REGIME, *, flags=None, rows=1, n_jobs=1):
    """(out, flags) from fresh states; ``rows`` outputs a channel."""
    bounds = np.array([0, x.shape[1]]) if bounds is None else bounds
    out = np.empty((x.shape[0] * rows, x.shape[1]), dtype=x.dtype)
    flags = np.zeros(x.shape, dtype=np.uint8) if flags is None else flags
    run_kernel(kernel, Task(params, x, bounds, regime, out, flags), n_jobs)
    return out, flags


def run_pushed(kernel, params, x, cuts, regime=NO_REGIME, *, flags=None, rows=1):
    """(out, flags) of one segment, pushed up to each of ``cuts`` and to the end.

    The form for one sample and the one for many take turns.
    """
    out = np.empty((x.shape[0] * rows, x.shape[1]), dtype=x.dtype)
    flags = np.zeros(x.shape, dtype=np.uint8) if flags is None else flags
    state = kernel.start(params, len(x))
    for k, (begin, end) in enumerate(pairwise([0, *cuts, x.shape[1]])):
        here = slice(begin, end)
        part, marked = np.ascontiguousarray(out[:, here]), np.ascontiguousarray(flags[:, here])
        push, take = (kernel.advance, np.ascontiguousarray) if k % 2 else (kernel.many, read_only)
        chunk, bounds = take(x[:, here]), np.array([0, end - begin])
        push(*state, params, chunk, bounds, regime[here], part, marked)
        out[:, here], flags[:, here] = part, marked
    return out, flags
