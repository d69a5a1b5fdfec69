import threading

import numpy as np
import pytest

from signalprep._kernels._blocks import run_blocks, task_ranges, thread_count


def test_thread_count():
    assert thread_count(None) == 1
    assert thread_count(3) == 3
    assert thread_count(-1) >= 1
    assert thread_count(-10_000) == 1
    with pytest.raises(ValueError, match="n_jobs must be None or an integer other than 0"):
        thread_count(0)


@pytest.mark.parametrize("n_ranges", [1, 2, 3, 8, 100])
@pytest.mark.parametrize("bounds", [[0, 10], [0, 1, 2, 3, 1000, 1001], [0, 0, 5], [0, 0]])
def test_ranges_hold_every_task_once(n_ranges, bounds):
    bounds = np.array(bounds)
    cuts = task_ranges(bounds, 3, n_ranges)
    assert cuts[0] == 0
    assert cuts[-1] == 3 * (bounds.size - 1)
    assert (np.diff(cuts) > 0).all()
    assert cuts.size - 1 <= n_ranges


def test_ranges_hold_about_equally_many_rows():
    lengths = np.random.default_rng(0).integers(1, 200, 500)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    cuts = task_ranges(bounds, 4, 8)
    rows_before = np.concatenate([[0], np.cumsum(np.tile(lengths, 4))])
    rows = np.diff(rows_before[cuts])
    assert cuts.size == 9
    assert np.ptp(rows) <= 2 * lengths.max()


@pytest.mark.parametrize("n_jobs", [None, 1, 2, 5, -1])
def test_every_task_runs_once(n_jobs):
    bounds = np.array([0, 4, 9, 9, 30])
    x = np.zeros((3, 30))
    done = np.zeros(12, dtype=np.int64)
    lock = threading.Lock()

    def kernel(first, last, signal, times):
        assert not signal.flags.writeable
        with lock:
            done[first:last] += times

    run_blocks(kernel, bounds, 3, n_jobs, x, 1)
    np.testing.assert_array_equal(done, 1)
    assert x.flags.writeable


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_exceptions_come_through(n_jobs):
    def kernel(first, last, signal):
        raise ZeroDivisionError("in the kernel")

    with pytest.raises(ZeroDivisionError, match="in the kernel"):
        run_blocks(kernel, np.arange(20), 2, n_jobs, np.zeros((2, 19)))


def test_nothing_to_do():
    def kernel(first, last, signal):
        raise AssertionError("no tasks, no call")

    run_blocks(kernel, np.array([0]), 2, 1, np.zeros((2, 0)))
    run_blocks(kernel, np.array([0, 5]), 0, 2, np.zeros((0, 5)))
