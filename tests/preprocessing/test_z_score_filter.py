import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError


def test_definition(make_log):
    log = make_log(n_channels=3) * [1.0, 1e-6, 1e6]
    step = sp.ZScoreFilter(threshold=1.5).fit(log)
    np.testing.assert_allclose(step.center_, log.mean(), rtol=1e-12)
    np.testing.assert_allclose(step.scale_, log.std(ddof=0), rtol=1e-12)
    distance = (log - log.mean()).abs() / log.std(ddof=0)
    pd.testing.assert_frame_equal(step.flag(log), distance > 1.5)


def test_a_small_spread_on_a_large_mean():
    random = np.random.default_rng(0)
    steps = random.integers(-(2**20), 2**20, size=200_000)
    x = 2.0**20 + steps * 2.0**-30  # mean 1e6, std 6e-4, exact in float64
    step = sp.ZScoreFilter().fit(x[:, None])
    exact = steps.astype(np.longdouble) * np.longdouble(2.0) ** -30
    std = float(np.sqrt(np.mean((exact - exact.mean()) ** 2)))
    np.testing.assert_allclose(step.scale_, std, rtol=1e-12)
    good, bad = step.center_[0] + 2.99 * std, step.center_[0] + 3.01 * std
    assert step.flag(np.array([[good], [bad]])).ravel().tolist() == [False, True]


def clustered_spikes(n=4000, share=0.05, burst=4, seed=0):
    """Noise of standard deviation 1 with bursts of spikes from 15 to 15,000 of it."""
    random = np.random.default_rng(seed)
    x = random.normal(size=n)
    bad = np.zeros(n, dtype=bool)
    for begin in random.choice(np.arange(10, n // 20 - 1), int(n * share / burst), replace=False):
        bad[begin * 20 : begin * 20 + burst] = True
    x[bad] += 15.0 * 10.0 ** random.uniform(0, 3, bad.sum())
    return sp.as_log(pd.DataFrame({"i_d": x}), rate=100.0), bad


def test_clustered_spikes_break_the_z_score_down_but_not_hampel_or_iqr():
    log, bad = clustered_spikes()
    assert bad.mean() == pytest.approx(0.05)

    def found(step):
        flags = step.fit(log).flag(log)["i_d"].to_numpy()
        return flags[bad].mean(), flags[~bad].mean()

    z_score, hampel, iqr = (
        found(step)
        for step in (
            sp.ZScoreFilter(3.0),
            sp.HampelFilter(11, 3.0, causal=False),
            sp.IQRFilter(1.5),
        )
    )
    assert z_score[0] < 0.4
    assert hampel[0] > 0.99
    assert iqr[0] > 0.99
    assert max(z_score[1], iqr[1]) < 0.02


def test_equal_spikes_on_a_tenth_of_the_samples_hide_themselves():
    x = np.zeros((1000, 1))
    x[::10] = 1e9
    assert not sp.ZScoreFilter(3.0).fit(x).flag(x).any()
    x[::20] = 0.0
    assert sp.ZScoreFilter(3.0).fit(x).flag(x).sum() == 50


@pytest.mark.parametrize("threshold", [-1.0, np.nan, np.inf, "3", None, True])
def test_wrong_threshold(make_log, threshold):
    with pytest.raises(InvalidParameterError, match="threshold must be a finite number of at lea"):
        sp.ZScoreFilter(threshold).fit(make_log())


def test_values_too_large_to_be_squared():
    x = np.array([[1e200], [-1e200], [0.0]])
    with pytest.raises(InvalidLogError, match="channel 'x0' .* too large to be squared"):
        sp.ZScoreFilter().fit(x)
