"""The siblings that a trial is about, and what each refuses."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics import TaskName
from signalprep.trial import task_for


@pytest.fixture
def log(make_log):
    return make_log(lengths=(20, 30))


def test_estimator_and_target_choose_the_task(log):
    y = log["c0"]
    assert task_for(DummyRegressor(), y).result is sp.Validation
    assert task_for(DummyRegressor(), y.to_frame()) is task_for(DummyRegressor())
    assert task_for(DummyClassifier(), y).result is sp.ClassificationValidation
    assert task_for(sp.Scaler()) is task_for(DummyRegressor()), "what says nothing"
    assert task_for(DummyRegressor(), log, several=True) is not task_for(DummyRegressor())


def test_a_result_says_its_task():
    assert sp.Validation.task is TaskName.REGRESSION
    assert sp.ClassificationValidation.task is TaskName.CLASSIFICATION


@pytest.mark.parametrize("estimator", [DummyRegressor(), DummyClassifier()])
def test_several_targets_are_refused_where_one_is_asked_for(log, estimator):
    for y, one in ((log, r"y\['c0'\]"), (log.to_numpy(), r"y\[:, 0\]")):
        message = f"y must be one target; got 2 columns: pass them one at a time, such as {one}"
        with pytest.raises((InvalidParameterError, InvalidLogError), match=rf"{message}|shape"):
            task_for(estimator, y).check(log, y)


def test_the_target_has_the_index_of_the_log(log):
    shifted = log["c0"].iloc[::-1]
    for estimator in (DummyRegressor(), DummyClassifier()):
        with pytest.raises(InvalidLogError, match="must carry the index of X"):
            task_for(estimator).check(log, shifted)
    checked = task_for(DummyRegressor()).check(log, np.arange(50.0))
    pd.testing.assert_index_equal(checked.index, log.index)
    assert checked.name == "target"
