"""The network at the end of every composite gets what it is fitted on, or is refused by name."""

from __future__ import annotations

import pytest
from pandas.testing import assert_frame_equal, assert_series_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import signalprep as sp
from flow.composites import COMPOSITES, data, fitted
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import before_model, with_model
from signalprep.neural import FeedForwardRegressor
from signalprep.neural.checks._last_network import fitted_network, new_network

CAUSAL = sp.HampelFilter(window_length=5, threshold=1.0)
PARTED = [name for name in COMPOSITES if COMPOSITES[name].parted]


class Attentive(FeedForwardRegressor):
    """A network that learns by heart what it is fitted on, and nothing else."""

    def fit(self, X, y):
        self.heard_ = X, y
        self.weights_ = {}
        self.lookahead_ = self.memory_ = self.delay_ = 0
        return self


@pytest.mark.parametrize("name", PARTED)
def test_a_network_at_the_end_gets_what_it_is_fitted_on(name):
    X, y = data("numbers")
    whole = with_model(COMPOSITES[name].around(clone(CAUSAL)), Attentive())
    network, rows, target = new_network(whole, X, y)
    with pytest.raises(NotFittedError):
        fitted_network(whole, X, y)
    whole.fit(X, y)
    inside, rows_again, target_again = fitted_network(whole, X, y)
    assert inside is before_model(whole).model
    assert not hasattr(network, "weights_")
    heard, learned = inside.heard_
    for found in (rows, rows_again):
        assert_frame_equal(found, heard)
    for found in (target, target_again):
        assert_series_equal(found, learned)


@pytest.mark.parametrize("name", COMPOSITES)
def test_without_a_network_at_the_end_it_is_refused_by_name(name):
    X, y = data(COMPOSITES[name].target)
    composite = COMPOSITES[name].around(clone(CAUSAL))
    last = "DecisionTreeRegressor" if name in PARTED else type(composite).__name__
    with pytest.raises(InvalidParameterError, match=f"ends in one; got {last}"):
        new_network(composite, X, y)
    with pytest.raises(InvalidParameterError, match=f"ends in one; got {last}"):
        fitted_network(fitted(name, CAUSAL), X, y)


def test_steps_before_a_network_must_keep_rows():
    X, y = data("numbers")
    whole = sp.make_pipeline(sp.Decimator(2), Attentive())
    with pytest.raises(InvalidLogError, match="they made 180 of 360"):
        new_network(whole, X, y)
