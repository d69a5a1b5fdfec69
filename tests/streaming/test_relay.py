"""One sample handed on from step to step through arrays that stay where they are."""

import numpy as np
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError
from signalprep.streaming._place import Place
from signalprep.streaming._stage import open_stage

STEPS = {
    "one step": sp.HampelFilter(5),
    "chosen": sp.HampelFilter(5, columns=[2, 0]),
    "several": sp.make_pipeline(sp.HampelFilter(5), sp.ExponentialFeatures([4]), sp.Scaler()),
    "nested": sp.make_pipeline(
        sp.make_pipeline(sp.HampelFilter(5)), sp.KalmanFilter(add_slope=False)
    ),
}


@pytest.fixture(params=STEPS)
def stage(request):
    X = np.random.default_rng(0).normal(size=(60, 3))
    return open_stage(STEPS[request.param].fit(X), Place("pipeline", last=True))


def test_outputs_that_were_given_stay_as_they_are(stage):
    x = np.random.default_rng(1).normal(size=(3, 8))
    given = [stage.push(x[:, [k]]) for k in range(8)]
    then = [out.copy() for out in given]
    stage.push(np.full((3, 1), 9.0))
    np.testing.assert_array_equal(given, then)


def test_samples_that_are_pushed_stay_as_they_are(stage):
    x = np.array([[1.0], [50.0], [3.0]])
    stage.push(x)
    np.testing.assert_array_equal(x, [[1.0], [50.0], [3.0]])


@pytest.mark.parametrize("n_channels", [1, 2, 4])
def test_other_channels_than_before_are_refused_by_name(stage, n_channels):
    stage.push(np.zeros((3, 1)))
    with pytest.raises(InvalidLogError, match=f"takes 3 channels; got {n_channels}"):
        stage.push(np.zeros((n_channels, 1)))
