"""Pictures of a diagnosis and of a learning curve."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidParameterError


@pytest.fixture(scope="module")
def data():
    log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    return log[["i_d", "i_q", "omega_m"]], log["T_pm"]


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def test_three_pictures(data):
    found = sp.diagnose(sp.validate(Ridge(), *data, cv=3, n_bootstrap=50))
    display = found.plot()
    assert [ax.get_ylabel() for ax in display.axes_] == [
        "RMSE [K]",
        "autocorrelation of the error",
        "RMSE [K]",
    ]
    assert display.axes_[0].get_xscale() == "log"
    drawn = display.axes_[1].lines[0]
    np.testing.assert_array_equal(drawn.get_ydata(), found.autocorrelation)
    display.figure_.canvas.draw()
    with pytest.raises(InvalidParameterError, match="axes must be three Axes; got 1"):
        found.plot(axes=[plt.gca()])


def test_on_axes_at_hand(data):
    found = sp.diagnose(sp.validate(Ridge(), *data, cv=3, n_bootstrap=50))
    figure, axes = plt.subplots(1, 3)
    assert sp.DiagnosisDisplay.from_diagnosis(found, axes=axes).figure_ is figure


def test_learning_curve(data):
    curve = sp.cycle_learning_curve(Ridge(), *data, cv=3, n_repeats=2)
    display = curve.plot()
    assert set(display.lines_) == {"test", "train", "simpler", "more flexible"}
    np.testing.assert_array_equal(display.lines_["test"].get_ydata(), curve.table["test"])
    assert display.ax_.get_ylabel() == "RMSE [K]"
    _, ax = plt.subplots()
    assert sp.LearningCurveDisplay.from_curve(curve, ax=ax).ax_ is ax
