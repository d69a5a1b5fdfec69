import numpy as np
import pytest
from scipy.signal import butter, sosfilt, sosfilt_zi

import naive
from kernel_runs import no_flags, run_pushed, run_whole
from signalprep._kernels._highpass import HIGHPASS, highpass_params

DESIGNS = [(1, 0.3), (2, 0.05), (2, 0.9), (3, 0.01), (5, 0.2)]
every = pytest.mark.parametrize(("order", "cutoff"), DESIGNS)


def sections_of(order, cutoff):
    return butter(order, cutoff, "highpass", output="sos")


def run(x, sections):
    x = np.asarray(x)[np.newaxis]
    return run_whole(HIGHPASS, highpass_params(sections), x, flags=no_flags(x))[0][0]


def signal(n, missing=0.0, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=n).cumsum() + 40.0
    x[random.random(n) < missing] = np.nan
    return x


@every
def test_equals_scipy_at_rest_on_the_first_sample(order, cutoff):
    x = signal(1500)
    sections = sections_of(order, cutoff)
    expected, _ = sosfilt(sections, x, zi=sosfilt_zi(sections) * x[0])
    np.testing.assert_allclose(run(x, sections), expected, rtol=0, atol=1e-9)


@every
@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_equals_slow_twin(order, cutoff, missing):
    x = signal(200, missing, 1)
    x[:3] = np.nan
    sections = sections_of(order, cutoff)
    expected = naive.highpass(x, sections)
    np.testing.assert_allclose(run(x, sections), expected, rtol=0, atol=1e-10)


def test_keeps_its_digits_at_a_low_cutoff():
    sections = sections_of(2, 2e-5)
    x = signal(3000, seed=2) + 1e4
    np.testing.assert_allclose(run(x, sections), naive.highpass(x, sections), rtol=0, atol=1e-8)


@every
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_pushes_are_the_batch(order, cutoff, missing):
    x = np.stack([signal(1300, missing, 3), signal(1300, missing, 4)])
    x[:, :2] = np.nan
    params, flags = highpass_params(sections_of(order, cutoff)), no_flags(x)
    pushed, _ = run_pushed(HIGHPASS, params, x, [1, 2, 3, 40, 900], flags=flags)
    np.testing.assert_array_equal(pushed, run_whole(HIGHPASS, params, x, flags=flags)[0])


def test_nothing_but_missing_samples():
    nothing = np.full(700, np.nan)
    np.testing.assert_array_equal(run(nothing, sections_of(2, 0.1)), nothing)


def test_a_faded_response_is_zero():
    x = np.zeros(3000)
    x[1] = 1.0
    output = run(x, sections_of(2, 0.5))
    assert output[1] != 0.0
    np.testing.assert_array_equal(output[2500:], 0.0)
