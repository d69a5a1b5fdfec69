"""Pushing chunks through all channels gives what the batch kernels give."""

import numpy as np
import pytest

from signalprep._kernels import (
    _fir,
    _push,
)
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._savgol_coefficients import causal_rows

N = 60
CHANNELS = np.array([2, 0])  # of three: the other one passes
CHUNKS = (1, 1, 3, 0, 20, 5, 30)


@pytest.fixture
def x():
    values = np.random.default_rng(0).normal(size=(3, N))
    values[:, 20:23] = 9.0
    values[2, 30:33] = np.nan
    return values


def batch(kernel, x, *args):
    bounds = np.array([0, x.shape[1]])
    out = np.empty_like(x)
    run_blocks(kernel, bounds, len(x), 1, np.ascontiguousarray(x), bounds, out, *args)
    return out


def pushed(push, x, n_out, *args):
    outputs = []
    for chunk in np.split(x, np.cumsum(CHUNKS)[:-1], axis=1):
        out = np.full((n_out, chunk.shape[1]), -1.0)
        push(np.ascontiguousarray(chunk), out, *args)
        outputs.append(out)
    return np.concatenate(outputs, axis=1)


def check(out, x, expected):
    np.testing.assert_array_equal(out[1], x[1])
    np.testing.assert_array_equal(out[CHANNELS], expected)


@pytest.mark.parametrize("omit", [False, True])
def test_savgol(x, omit):
    rows = causal_rows(9, 2)
    expected = batch(_fir.savgol_causal, x[CHANNELS], rows, 2, 0, 1.0, omit)
    states = _push.stack(_fir.savgol_start(9), 2)
    check(pushed(_push.push_savgol, x, 3, CHANNELS, *states, rows, 2, 0, 1.0, omit), x, expected)


def test_states_side_by_side():
    states = _push.stack(_fir.savgol_start(4), 3)
    assert states.recent.shape == (3, 8)
    apart = _push.unstack(states)
    apart[1].counts[0] = 7
    assert states.counts[:, 0].tolist() == [0, 7, 0]
    assert _push.stack(_fir.savgol_start(4), 0).recent.shape == (0, 8)
