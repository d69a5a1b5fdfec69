"""Which task it is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.model_selection import GridSearchCV

import signalprep as sp
from signalprep.metrics import TaskName, task_of


@pytest.mark.parametrize(
    ("estimator", "task"),
    [
        (DummyRegressor(), TaskName.REGRESSION),
        (DummyClassifier(), TaskName.CLASSIFICATION),
        (sp.make_pipeline(sp.Scaler(), DummyClassifier()), TaskName.CLASSIFICATION),
        (GridSearchCV(DummyClassifier(), {}), TaskName.CLASSIFICATION),
        (sp.AtRate(DummyRegressor(), 2), TaskName.REGRESSION),
        (sp.FitOnInliers(DummyClassifier()), TaskName.CLASSIFICATION),
        (sp.Scaler(), None),
    ],
)
def test_the_estimator_tells(estimator, task):
    assert task_of(estimator) is task


def test_columns_of_the_target_tell_several():
    for y in (np.zeros((4, 2)), pd.DataFrame({"a": [1.0], "b": [2.0]})):
        assert task_of(DummyRegressor(), y) is TaskName.SEVERAL_TARGETS
        assert task_of(None, y) is TaskName.SEVERAL_TARGETS
        assert task_of(DummyClassifier(), y) is TaskName.CLASSIFICATION
    assert task_of(DummyRegressor(), np.zeros((4, 1))) is TaskName.REGRESSION


def test_the_target_tells_where_there_is_no_estimator():
    assert task_of(None, pd.Series(["a", "b"])) is TaskName.CLASSIFICATION
    assert task_of(None, pd.Series(["a"], dtype="category")) is TaskName.CLASSIFICATION
    assert task_of(None, np.array([1, 2])) is TaskName.REGRESSION
    assert task_of(None) is None
