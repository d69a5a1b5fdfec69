"""The table of steps over every composite: each step by name, and reaches that add up."""

from __future__ import annotations

import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import signalprep as sp
from flow.composites import COMPOSITES, fitted
from signalprep.flow import Reach, steps_of

CAUSAL = sp.HampelFilter(window_length=5)
HOLDERS = ("ColumnTransformer", "FeatureUnion", "TrainOnly")  # and are one step with it


@pytest.mark.parametrize("name", COMPOSITES)
def test_reaches_of_the_steps_add_up(name):
    model = fitted(name, CAUSAL)
    steps = steps_of(model)
    total = Reach(0, 0, 0)
    for step in steps:
        total = total.then(step.reach)
    assert total == sp.reach(model)
    assert len({step.name for step in steps}) == len(steps)


@pytest.mark.parametrize("name", [name for name in COMPOSITES if COMPOSITES[name].opened])
def test_the_step_inside_is_named_with_its_own_claims(name):
    is_holder = name.startswith(HOLDERS) or name == "FrozenEstimator of a step"
    holder = name.split()[0].lower() if is_holder else "hampelfilter"
    (step,) = [one for one in steps_of(fitted(name, CAUSAL)) if one.name.endswith(holder)]
    assert step.reach == Reach(0, 4, 0).slowed(COMPOSITES[name].factor)
    assert not step.around


@pytest.mark.parametrize("name", [name for name in COMPOSITES if "Frozen" not in name])
def test_what_is_not_fitted_has_no_steps_yet(name):
    with pytest.raises(NotFittedError):
        steps_of(COMPOSITES[name].around(clone(CAUSAL)))
