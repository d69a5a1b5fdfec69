"""stream over every composite: the numbers of predict to the last bit, or a refusal by name."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator

import signalprep as sp
from flow.composites import COMPOSITES, data, fitted
from signalprep.errors import InvalidParameterError

CAUSAL = sp.HampelFilter(window_length=5, threshold=1.0)
OPENED = [name for name, composite in COMPOSITES.items() if composite.opened]
OPAQUE = [name for name, composite in COMPOSITES.items() if not composite.opened]


def pushed(live, log, chunk):
    """Outputs of all rows, pushed cycle by cycle in chunks."""
    found = []
    for first, last in pairwise(sp.segments(log)):
        live.reset()
        for begin in range(first, last, chunk):
            found.append(live.push(log.to_numpy()[begin : min(begin + chunk, last)]))
    return np.concatenate(found)


@pytest.mark.parametrize("name", OPENED)
def test_what_is_opened_gives_the_numbers_of_predict(name):
    log, _ = data("numbers")
    model = fitted(name, CAUSAL)
    for chunk, part in ((1, log.iloc[: sp.segments(log)[2]]), (7, log)):
        np.testing.assert_array_equal(pushed(sp.stream(model), part, chunk), model.predict(part))


@pytest.mark.parametrize("name", OPENED)
def test_a_step_that_looks_ahead_is_refused_by_name(name):
    model = fitted(name, clone(CAUSAL).set_params(causal=False))
    with pytest.raises(InvalidParameterError, match=r"step '.*' looks 2 samples ahead"):
        sp.stream(model)


@pytest.mark.parametrize("name", OPAQUE)
def test_what_is_opaque_is_refused_when_it_holds_what_remembers(name):
    with pytest.raises(InvalidParameterError, match=r"step '.*' .*cannot be streamed"):
        sp.stream(fitted(name, CAUSAL))


@pytest.mark.parametrize("name", [name for name in COMPOSITES if "Frozen" not in name])
def test_what_is_not_fitted_is_refused(name):
    with pytest.raises(NotFittedError):
        sp.stream(COMPOSITES[name].around(clone(CAUSAL)))


def test_a_frozen_step_alone_gives_what_it_transforms():
    log, _ = data("numbers")
    step = FrozenEstimator(clone(CAUSAL).fit(log))
    np.testing.assert_array_equal(pushed(sp.stream(step), log, 3), step.transform(log))
