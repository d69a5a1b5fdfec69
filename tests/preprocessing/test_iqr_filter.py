import numpy as np
import pytest

import signalprep as sp
from signalprep.errors import InvalidParameterError


def test_definition(make_log):
    log = make_log(n_channels=3)
    step = sp.IQRFilter(k=0.5).fit(log)
    q1, q3 = np.quantile(log, [0.25, 0.75], axis=0)
    np.testing.assert_array_equal(step.q1_, q1)
    np.testing.assert_array_equal(step.q3_, q3)
    outside = (log < q1 - 0.5 * (q3 - q1)) | (log > q3 + 0.5 * (q3 - q1))
    np.testing.assert_array_equal(step.flag(log), outside)


def test_textbook_fences():
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 30.0])[:, None]
    step = sp.IQRFilter().fit(x)  # Q1 = 3, Q3 = 7
    assert (step.low_[0], step.high_[0]) == (-3.0, 13.0)
    assert np.flatnonzero(step.flag(x)).tolist() == [8]


def test_share_of_gaussian_noise():
    x = np.random.default_rng(0).normal(size=(400_000, 1))
    assert sp.IQRFilter().fit(x).flag(x).mean() == pytest.approx(0.00698, abs=4e-4)


def test_a_fifth_of_outliers_leaves_the_fences():
    x = np.random.default_rng(0).normal(size=(2000, 1))
    clean = sp.IQRFilter().fit(x)
    spoilt = x.copy()
    spoilt[::5] = 1e6
    step = sp.IQRFilter().fit(spoilt)
    assert step.flag(spoilt)[::5].all()
    assert abs(step.high_[0] - clean.high_[0]) < 2.0


@pytest.mark.parametrize("k", [-1.0, np.inf, "1.5"])
def test_wrong_k(make_log, k):
    with pytest.raises(InvalidParameterError, match="k must be a finite number of at least 0"):
        sp.IQRFilter(k).fit(make_log())
