"""What every kernel promises: segments apart, causal where said, constants kept."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import butter

from kernel_runs import no_flags, run_whole
from signalprep._kernels import (
    _decimate,
    _detrend,
    _exponential,
    _highpass,
    _replace,
)
from signalprep._kernels._actions import CLIP, HOLD
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._decimator_design import decimator_edges, decimator_taps
from signalprep._kernels._hampel import HAMPEL, hampel_params
from signalprep._kernels._kernel import NOTHING
from signalprep._kernels._limits import LIMITS, limit_params
from signalprep._kernels._local_trend import LOCAL_TREND, local_trend_params
from signalprep._kernels._savgol import savgol_params
from signalprep._kernels._savgol_causal import SAVGOL
from signalprep._kernels._savgol_coefficients import (
    causal_taps,
    symmetric_factors,
    symmetric_rows,
)
from signalprep._kernels._savgol_symmetric import EDGES, savgol_symmetric
from signalprep._kernels._trend_smoother import smooth_trend
from signalprep.preprocessing._steady_state import model_row

WINDOW = 9
FACTOR = 3
ALPHAS = np.array([0.5, 0.01])


@dataclass(frozen=True)
class Kernel:
    """A kernel with its parameters, as ``run(x, bounds, omit, n_jobs) -> out``."""

    name: str
    run: Callable
    causal: bool = True
    keeps_constants: bool = True
    shortest: int = 1
    factor: int = 1


def _hampel_run(causal, action):
    def run(x, bounds, omit=False, n_jobs=1):
        how = {"lookahead": 0 if causal else WINDOW // 2, "action": action, "omit": omit}
        params = hampel_params(WINDOW, 2.0, np.zeros((x.shape[0], 1)), **how)
        nothing = np.empty((x.shape[0], 0), dtype=np.uint8)
        return run_whole(HAMPEL, params, x, bounds, flags=nothing, n_jobs=n_jobs)[0]

    return run


def _savgol_run(deriv=0):
    design = (WINDOW, 3, deriv, 1.0)

    def run(x, bounds, omit=False, n_jobs=1):
        params = savgol_params(design, causal_taps(*design), omit=omit)
        return run_whole(SAVGOL, params, x, bounds, flags=no_flags(x), n_jobs=n_jobs)[0]

    return run


def _savgol_symmetric_run(edge):
    design, middle = (WINDOW, 3, 0, 1.0), WINDOW // 2
    how = {"lookahead": middle, "edge": (EDGES.index(edge), 0.0)}

    def run(x, bounds, omit=False, n_jobs=1):
        out = np.empty_like(x)
        params = savgol_params(design, symmetric_rows(*design)[middle], omit=omit, **how)
        args = (x, bounds, out, params, *symmetric_factors(*design))
        run_blocks(savgol_symmetric, bounds, x.shape[0], n_jobs, *args)
        return out

    return run


def _decimate_run(causal):
    taps = decimator_taps(FACTOR)
    edges = decimator_edges(taps, FACTOR, causal)

    def run(x, bounds, omit=False, n_jobs=1):
        kept = _decimate.kept_bounds(bounds, FACTOR)
        params = _decimate.decimator_params(FACTOR, taps, edges, omit=omit)
        if causal:
            how = {"flags": no_flags(x), "n_jobs": n_jobs}
            out, _ = run_whole(_decimate.DECIMATE, params, x, bounds, **how)
            parts = zip(bounds[:-1], np.diff(kept), strict=True)
            return np.concatenate([out[:, begin : begin + n] for begin, n in parts], axis=1)
        out = np.empty((x.shape[0], kept[-1]), dtype=x.dtype)
        args = (kept, params[0])
        run_blocks(_decimate.decimate_symmetric, bounds, len(x), n_jobs, x, bounds, out, *args)
        return out

    return run


def _exponential_run(x, bounds, omit=False, n_jobs=1):
    params = _exponential.exponential_params(ALPHAS, _exponential.STATISTICS, omit=omit)
    how = {"flags": no_flags(x), "rows": 2 * ALPHAS.size, "n_jobs": n_jobs}
    return run_whole(_exponential.EXPONENTIAL, params, x, bounds, **how)[0]


def _detrend_run(linear):
    def run(x, bounds, omit=False, n_jobs=1):
        out = np.empty_like(x)
        facts = np.empty((x.shape[0], bounds.size - 1, 3))
        args = (x, bounds, out, linear, omit, facts)
        run_blocks(_detrend.detrend, bounds, x.shape[0], n_jobs, *args)
        return out

    return run


def _highpass_run(x, bounds, omit=False, n_jobs=1):
    params = _highpass.highpass_params(butter(3, 0.2, "highpass", output="sos"))
    return run_whole(_highpass.HIGHPASS, params, x, bounds, flags=no_flags(x), n_jobs=n_jobs)[0]


def _local_trend_run(process, lag=0):
    row = model_row(np.array(process), 1.0, "x")

    def run(x, bounds, omit=False, n_jobs=1):
        models = np.stack([row] * x.shape[0])
        params = local_trend_params(models, trend=len(process) > 1, omit=omit)
        if lag == 0:
            return run_whole(LOCAL_TREND, params, x, bounds, flags=no_flags(x), n_jobs=n_jobs)[0]
        out, args = np.empty_like(x), (no_flags(x), params, lag)
        run_blocks(smooth_trend, bounds, x.shape[0], n_jobs, x, bounds, out, *args)
        return out

    return run


def _limits_run(action):
    def run(x, bounds, omit=False, n_jobs=1):
        low, high = np.full((x.shape[0], 1), -0.5), np.full((x.shape[0], 1), 4.0)
        params = limit_params(low, high, action=action, refuses=NOTHING)
        return run_whole(LIMITS, params, x, bounds, n_jobs=n_jobs)[0]

    return run


def _flagged_run(kernel):
    def run(x, bounds, omit=False, n_jobs=1):
        out = np.empty_like(x)
        mask = (np.abs(x - 2.0) > 1.0).astype(np.uint8)
        run_blocks(kernel, bounds, x.shape[0], n_jobs, x, bounds, out, mask)
        return out

    return run


KERNELS = [
    Kernel("hampel causal", _hampel_run(True, HOLD)),
    Kernel("hampel symmetric", _hampel_run(False, CLIP), causal=False),
    Kernel("savgol causal", _savgol_run()),
    Kernel("savgol causal derivative", _savgol_run(1), keeps_constants=False),
    Kernel("savgol symmetric", _savgol_symmetric_run("polynomial"), causal=False, shortest=WINDOW),
    Kernel("savgol nearest", _savgol_symmetric_run("nearest"), causal=False, shortest=WINDOW),
    Kernel("savgol mirror", _savgol_symmetric_run("mirror"), causal=False, shortest=WINDOW),
    Kernel("decimate causal", _decimate_run(True), factor=FACTOR),
    Kernel("decimate symmetric", _decimate_run(False), causal=False, factor=FACTOR),
    Kernel("exponential", _exponential_run),
    Kernel("detrend", _detrend_run(False), causal=False, keeps_constants=False),
    Kernel("detrend linear", _detrend_run(True), causal=False, keeps_constants=False),
    Kernel("highpass", _highpass_run, keeps_constants=False),
    Kernel("level", _local_trend_run([0.1])),
    Kernel("trend", _local_trend_run([0.1, 0.02])),
    Kernel("level, lag", _local_trend_run([0.1], 5), causal=False),
    Kernel("trend, lag", _local_trend_run([0.1, 0.02], 5), causal=False),
    Kernel("limits", _limits_run(HOLD)),
    Kernel("interpolate", _flagged_run(_replace.interpolate_flagged), causal=False),
]
every = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
causal = pytest.mark.parametrize(
    "kernel", [kernel for kernel in KERNELS if kernel.causal], ids=lambda kernel: kernel.name
)


def _rows_that_keep_constants(kernel, output):
    """The other rows are derivatives and standard deviations, zero for a constant."""
    rows = np.arange(output.shape[0])
    return rows % 2 == 0 if kernel.name == "exponential" else rows * 0 + kernel.keeps_constants == 1


def log(kernel, seed=0, dtype=np.float64, missing=0.0):
    """Two channels, segments from the shortest possible on."""
    random = np.random.default_rng(seed)
    lengths = kernel.shortest + np.array([0, 1, 2, 7, 60, 190, 3])
    bounds = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    x = random.normal(size=(2, bounds[-1])) + 2.0
    x[random.random(x.shape) < 0.05] += 9.0
    x[random.random(x.shape) < missing] = np.nan
    return x.astype(dtype), bounds


@every
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("omit", [True, False])
def test_a_segment_alone_gives_what_it_gives_in_a_log(kernel, dtype, missing, omit):
    x, bounds = log(kernel, 1, dtype, missing)
    together = kernel.run(x, bounds, omit)
    alone = [
        kernel.run(np.ascontiguousarray(x[:, begin:end]), np.array([0, end - begin]), omit)
        for begin, end in pairwise(bounds)
    ]
    assert together.dtype == dtype
    np.testing.assert_array_equal(together, np.concatenate(alone, axis=1))


@every
def test_threads_change_nothing(kernel):
    x, bounds = log(kernel, 2)
    np.testing.assert_array_equal(kernel.run(x, bounds, n_jobs=3), kernel.run(x, bounds))


@causal
@pytest.mark.parametrize("omit", [True, False])
def test_a_prefix_gives_the_prefix(kernel, omit):
    x, _ = log(kernel, 3, missing=0.05)
    whole = kernel.run(x, np.array([0, x.shape[1]]), omit)
    for n in (1, 2, 5, WINDOW, 40, 200):
        prefix = kernel.run(np.ascontiguousarray(x[:, :n]), np.array([0, n]), omit)
        np.testing.assert_array_equal(prefix, whole[:, : prefix.shape[1]])


@causal
def test_the_future_changes_nothing_before_it(kernel):
    x, bounds = log(kernel, 4)
    before = kernel.run(x, bounds)
    for row in (bounds[4], bounds[4] + 5, bounds[5] + 100):
        changed = x.copy()
        changed[:, row:] = 77.0
        after = kernel.run(changed, bounds)
        segment = np.searchsorted(bounds, row, side="right") - 1
        kept = _decimate.kept_bounds(bounds, kernel.factor)
        first = kept[segment] - (-(row - bounds[segment]) // kernel.factor)
        np.testing.assert_array_equal(after[:, :first], before[:, :first])
        assert (after[:, first:] != before[:, first:]).any()


@every
@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("value", [2.1, 0.1 + 1.2])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_constant_stays_that_constant(kernel, omit, value, dtype):
    x, bounds = log(kernel, 5, dtype)
    x[:] = value
    if omit:
        x[:, ::5] = np.nan
    output = kernel.run(x, bounds, omit)
    there = ~np.isnan(output)
    assert there.any()
    expected = np.full(output.shape, dtype(value))
    expected[~_rows_that_keep_constants(kernel, output)] = 0.0
    np.testing.assert_array_equal(output[there], expected[there])


@every
def test_large_offset_costs_no_digits(kernel):
    stays = kernel.name in ("limits", "hold", "interpolate")  # their limits do not move along
    offset = 0.0 if stays else 2.0**30
    x, bounds = log(kernel, 6)
    x = np.round(x * 2**12) / 2**12  # so that the sum is exact
    output = kernel.run(x, bounds)
    shifted = kernel.run(x + offset, bounds)
    shifted[_rows_that_keep_constants(kernel, output)] -= offset
    np.testing.assert_allclose(shifted, output, rtol=0, atol=1e-5)


@every
def test_input_is_only_read(kernel):
    x, bounds = log(kernel, 7)
    copy = x.copy()
    output = kernel.run(x, bounds)
    np.testing.assert_array_equal(x, copy)
    x.flags.writeable = False
    np.testing.assert_array_equal(kernel.run(x, bounds), output)


@every
def test_without_nan_the_policy_changes_nothing(kernel):
    x, bounds = log(kernel, 8)
    output = kernel.run(x, bounds, False)
    np.testing.assert_array_equal(kernel.run(x, bounds, True), output)
