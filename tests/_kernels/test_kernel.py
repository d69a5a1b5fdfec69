"""What every kernel refuses, and how a log is shared out."""

import numpy as np
import pytest

from kernel_runs import run_whole
from signalprep._kernels import _run
from signalprep._kernels._hampel import HAMPEL, hampel_params
from signalprep._kernels._kernel import (
    INFINITY,
    NAN_AND_INFINITY,
    NO_REGIME,
    NOTHING,
    REFUSES,
    is_refused,
)
from signalprep._kernels._run import Task, run_kernel


def test_what_is_refused():
    x, bounds = np.zeros((2, 5)), np.array([1, 5])
    x[:, 0] = np.inf  # before the first border
    for refuses in (NOTHING, INFINITY, NAN_AND_INFINITY):
        assert not is_refused(x, bounds, refuses)
    x[1, 3] = np.nan
    assert [is_refused(x, bounds, level) for level in (0.0, 1.0, 2.0)] == [False, False, True]
    x[1, 4] = -np.inf
    assert [is_refused(x, bounds, level) for level in (0.0, 1.0, 2.0)] == [False, True, True]
    with np.errstate(over="ignore"):  # a sum beyond doubles; as plain Python it also warns
        assert not is_refused(np.full((1, 4), 1e308), np.array([0, 4]), NAN_AND_INFINITY)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("refuses", [NOTHING, NAN_AND_INFINITY])
def test_pieces_and_threads_change_nothing(monkeypatch, n_jobs, refuses):
    monkeypatch.setattr(_run, "_ROWS", 100)
    x = np.random.default_rng(0).normal(size=(3, 600))
    bounds = np.array([0, 1, 210, 211, 450, 600])
    params = hampel_params(5, 1.0, np.array([[0.0], [0.5], [1.0]]), omit=False)
    expected = run_whole(HAMPEL, params, x, bounds)
    params[:, REFUSES] = refuses
    np.testing.assert_array_equal(run_whole(HAMPEL, params, x, bounds, n_jobs=n_jobs), expected)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_refused_sample_is_told_of(n_jobs):
    x = np.zeros((2, 100))
    params = hampel_params(5, 1.0, np.zeros((2, 1)), omit=False, refuses=NAN_AND_INFINITY)
    out, flags = np.empty_like(x), np.empty((2, 0), dtype=np.uint8)
    bounds = np.array([0, 50, 100])
    assert not run_kernel(HAMPEL, Task(params, x, bounds, NO_REGIME, out, flags), n_jobs)
    x[1, 99] = np.nan
    assert run_kernel(HAMPEL, Task(params, x, bounds, NO_REGIME, out, flags), n_jobs)


def test_no_channels():
    x = np.empty((0, 10))
    params = hampel_params(5, 1.0, np.empty((0, 1)), omit=False)
    assert run_whole(HAMPEL, params, x)[0].shape == (0, 10)
