"""Pictures of a training and of a range test, checked by their artists."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.neural import FeedForwardRegressor, LearningRateRange

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3, 4],
        "learning_rate": [0.01, 0.008, 0.004, 0.001],
        "training_loss": [1.0, 0.5, 0.3, 0.2],
        "validation_loss": [1.2, 0.6, 0.7, 0.8],
        "gradient_norm": [3.0, 1.0, 0.5, 0.4],
    }
)
TABLE = pd.DataFrame(
    {
        "learning_rate": np.geomspace(1e-4, 1e-1, 4),
        "loss": [2.0, 1.0, 0.5, 4.0],
        "untrained": [2.0, 2.0, 1.0, 1.0],
        "smoothed": [1.0, 0.6, 0.5, 3.0],
    }
)


def test_a_history():
    display = sp.TrainingHistoryDisplay(HISTORY, best_epoch=2).plot()
    loss, rate, norm = display.axes_
    for name, ax in (
        ("training_loss", loss),
        ("validation_loss", loss),
        ("learning_rate", rate),
        ("gradient_norm", norm),
    ):
        line = display.lines_[name]
        assert line.axes is ax
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
        np.testing.assert_array_equal(line.get_ydata(), HISTORY[name])
    np.testing.assert_array_equal(display.lines_["best"].get_xydata(), [[2.0, 0.6]])
    assert loss.get_yscale() == "log"
    assert [text.get_text() for text in loss.get_legend().get_texts()] == [
        "held-out cycles",
        "training cycles",
        "kept: epoch 2",
    ]
    assert (rate.get_ylabel(), norm.get_ylabel()) == ("learning rate", "gradient norm")
    assert display.figure_ is loss.figure


def test_a_history_without_cycles_held_out():
    history = HISTORY.assign(validation_loss=np.nan, training_loss=[1.0, 0.5, 0.0, 0.0])
    display = sp.TrainingHistoryDisplay(history, best_epoch=4).plot()
    assert "validation_loss" not in display.lines_
    np.testing.assert_array_equal(display.lines_["best"].get_xydata(), [[4.0, 0.0]])
    assert display.axes_[0].get_yscale() == "linear"


def test_a_history_on_given_axes():
    _, axes = plt.subplots(2)
    display = sp.TrainingHistoryDisplay(HISTORY, best_epoch=2).plot(axes)
    assert display.axes_[0] is axes[0]
    assert display.axes_[1] is axes[1]
    with pytest.raises(InvalidParameterError, match=r"axes must be two Axes; got 1"):
        display.plot([axes[0]])


def test_a_history_from_an_estimator():
    pytest.importorskip("torch", reason="training a network needs torch, which is an extra")
    rng = np.random.default_rng(0)
    log = sp.as_log(rng.normal(size=(90, 2)), cycle=np.repeat(np.arange(3), 30), rate=1.0)
    model = FeedForwardRegressor((4,), max_epochs=3, random_state=0)
    pipeline = sp.make_pipeline(sp.ExponentialFeatures([5]), model)
    with pytest.raises(NotFittedError):
        sp.TrainingHistoryDisplay.from_estimator(pipeline)
    pipeline.fit(log, log["x0"])
    display = sp.TrainingHistoryDisplay.from_estimator(pipeline)
    history = pipeline[-1].history_
    np.testing.assert_array_equal(
        display.lines_["training_loss"].get_ydata(), history["training_loss"]
    )
    assert display.best_epoch == pipeline[-1].best_epoch_
    slowed = sp.AtRate(pipeline, factor=2).fit(log, log["x0"])
    display = sp.TrainingHistoryDisplay.from_estimator(slowed)
    assert display.history is slowed.estimator_[-1].history_


def test_a_range():
    found = LearningRateRange(TABLE, suggestion=1e-3, lowest=1e-2, diverged=True)
    display = found.plot()
    np.testing.assert_array_equal(display.lines_["loss"].get_ydata(), [1.0, 0.5, 0.5, 4.0])
    np.testing.assert_array_equal(display.lines_["smoothed"].get_ydata(), TABLE["smoothed"])
    np.testing.assert_array_equal(display.lines_["suggestion"].get_xdata(), [1e-3, 1e-3])
    assert display.ax_.get_xscale() == "log"
    assert display.ax_.get_ylim() == (0.0, 2.0)
    assert "suggestion: 0.001" in [t.get_text() for t in display.ax_.get_legend().get_texts()]


def test_a_range_on_given_axes_and_without_suggestion():
    _, ax = plt.subplots()
    found = LearningRateRange(TABLE, suggestion=np.nan, lowest=1e-2, diverged=True)
    display = sp.LearningRateDisplay.from_range(found, ax=ax)
    assert display.ax_ is ax
    assert "suggestion" not in display.lines_
