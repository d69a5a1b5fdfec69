"""A log on its way through every composite: the steps tried by the audit, by name."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import signalprep as sp
from flow.composites import COMPOSITES, data, fitted
from signalprep.flow import Reach, passing
from signalprep.leaks._stages import Trace

CAUSAL = sp.HampelFilter(window_length=5, threshold=1.0)
HOLDERS = ("ColumnTransformer", "FeatureUnion", "TrainOnly")  # and are one step with it
OPENED = [name for name, composite in COMPOSITES.items() if composite.opened]


def tried(name, step=CAUSAL):
    """What is tried of the composite around the step."""
    log, _ = data("numbers")
    return [one for one in passing(fitted(name, step), log) if one.stage.apply is not None]


@pytest.mark.parametrize("name", [name for name in COMPOSITES if COMPOSITES[name].target != "two"])
def test_the_last_stage_gives_what_the_whole_predicts(name):
    log, _ = data("numbers")
    model = fitted(name, CAUSAL)
    passed = [one for one in passing(model, log) if one.stage.apply is not None]
    last = passed[-1]
    assert last.stage.final
    slow = sp.Decimator(rate=10.0 * len(last.rows) / len(log)).fit(log)
    held = np.repeat(last.out, np.diff(np.append(slow.kept_rows(log), len(log))), axis=0)
    np.testing.assert_array_equal(held[:, 0], model.predict(log))


@pytest.mark.parametrize("name", OPENED)
def test_the_step_inside_is_tried_with_its_own_claims(name):
    is_holder = name.startswith(HOLDERS) or name == "FrozenEstimator of a step"
    holder = name.split()[0].lower() if is_holder else "hampelfilter"
    (one,) = [one for one in tried(name) if one.stage.name.endswith(holder)]
    assert one.stage.claims == Reach(0, 4, 0)
    assert one.stage.every == COMPOSITES[name].factor
    assert len(one.given) == len(one.out) == len(one.rows)


@pytest.mark.parametrize("name", COMPOSITES)
def test_claims_add_up(name):
    total = Reach(0, 0, 0)
    for one in tried(name):
        if one.stage.claims is not None:
            total = total.then(one.stage.claims.slowed(one.stage.every))
    assert total == sp.reach(fitted(name, CAUSAL))


@pytest.mark.parametrize("name", [name for name in COMPOSITES if "Frozen" not in name])
def test_what_is_not_fitted_cannot_be_passed(name):
    with pytest.raises(NotFittedError):
        Trace.of(COMPOSITES[name].around(clone(CAUSAL)), data("numbers")[0])
