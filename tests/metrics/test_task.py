"""Which task it is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.model_selection import GridSearchCV

import signalprep as sp
from signalprep.metrics import Task, task_of


@pytest.mark.parametrize(
    ("estimator", "task"),
    [
        (DummyRegressor(), Task.REGRESSION),
        (DummyClassifier(), Task.CLASSIFICATION),
        (sp.make_pipeline(sp.Scaler(), DummyClassifier()), Task.CLASSIFICATION),
        (GridSearchCV(DummyClassifier(), {}), Task.CLASSIFICATION),
        (sp.AtRate(DummyRegressor(), 2), Task.REGRESSION),
        (sp.FitOnInliers(DummyClassifier()), Task.CLASSIFICATION),
        (sp.Scaler(), None),
    ],
)
def test_the_estimator_tells(estimator, task):
    assert task_of(estimator) is task


def test_columns_of_the_target_tell_several():
    for y in (np.zeros((4, 2)), pd.DataFrame({"a": [1.0], "b": [2.0]})):
        assert task_of(DummyRegressor(), y) is Task.SEVERAL_TARGETS
        assert task_of(None, y) is Task.SEVERAL_TARGETS
        assert task_of(DummyClassifier(), y) is Task.CLASSIFICATION
    assert task_of(DummyRegressor(), np.zeros((4, 1))) is Task.REGRESSION


def test_the_target_tells_where_there_is_no_estimator():
    assert task_of(None, pd.Series(["a", "b"])) is Task.CLASSIFICATION
    assert task_of(None, pd.Series(["a"], dtype="category")) is Task.CLASSIFICATION
    assert task_of(None, np.array([1, 2])) is Task.REGRESSION
    assert task_of(None) is None
