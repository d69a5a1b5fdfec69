"""Checks of networks that stand behind steps, or run at a lower rate."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.neural import (
    FeedForwardRegressor,
    RecurrentRegressor,
    check_setup,
    network_statistics,
    overfit_check,
)

pytest.importorskip("torch", reason="training a network needs torch, which is an extra")

FACTOR = 4


@pytest.fixture
def data(make_log):
    X = make_log(lengths=(160, 90, 240, 130), n_channels=3, seed=0)
    return X, (X["c0"] + 0.5 * X["c1"]).rename("T")


@pytest.fixture
def network():
    return FeedForwardRegressor(
        (8,), max_epochs=3, random_state=0, recipe=sp.Recipe(early_stopping=False)
    )


def test_a_slowed_network_is_checked_at_its_own_rate(data, network):
    X, y = data
    slowed = sp.AtRate(sp.make_pipeline(sp.Scaler(), network), factor=FACTOR)
    decimator = sp.Decimator(FACTOR).fit(X)
    slow = decimator.transform(X)
    slow_y = y.iloc[decimator.kept_rows(X)].set_axis(slow.index)
    inner = sp.make_pipeline(sp.Scaler(), network)
    expected = check_setup(inner, slow, slow_y).findings
    pd.testing.assert_frame_equal(check_setup(slowed, X, y).findings, expected)
    assert len(expected) > 0
    assert not hasattr(slowed, "decimator_")
    statistics = network_statistics(slowed.fit(X, y), X, y)
    pd.testing.assert_frame_equal(
        statistics, network_statistics(inner.fit(slow, slow_y), slow, slow_y)
    )


def test_a_slowed_network_can_memorise(data):
    X, y = data
    model = RecurrentRegressor(hidden_size=8, random_state=0)
    check = overfit_check(sp.AtRate(model, factor=FACTOR), X, y, max_epochs=20)
    assert 0.0 < check.error < np.inf


def test_without_a_network_at_the_end_nothing_is_fitted(data, network):
    X, y = data
    for estimator in (Ridge(), sp.make_pipeline(sp.Scaler(), Ridge()), sp.AtRate(Ridge(), 2)):
        with pytest.raises(InvalidParameterError, match="ends in one; got Ridge"):
            check_setup(estimator, X, y)
    with pytest.raises(NotFittedError):
        network_statistics(sp.AtRate(network, 2), X, y)
