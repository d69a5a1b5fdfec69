"""The picture of the price of leaks."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidParameterError


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "rmse": [0.9, float("nan"), 4.1],
            "rmse_low": [0.8, float("nan"), 3.0],
            "rmse_high": [1.0, float("nan"), 5.5],
            "bias": [-0.2, float("nan"), 0.4],
            "honest": [False, False, True],
            "note": ["", "costs $x_$", ""],
        },
        index=["random rows", "symmetric filters", "unseen cycle"],
    )


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def test_bars_from_the_top(table):
    display = sp.LeakPriceDisplay(table, unit="K").plot()
    tops = [bar.get_y() for bar in display.bars_]
    assert tops == sorted(tops, reverse=True)
    assert [bar.get_width() for bar in display.bars_] == [0.9, 0.0, 4.1]
    assert [bar.get_hatch() for bar in display.bars_] == ["////", "////", ""]
    assert display.ax_.get_xlabel() == "RMSE [K]"


def test_what_does_not_apply_is_said_in_plain_text(table):
    display = sp.LeakPriceDisplay(table).plot()
    assert display.texts_[1].get_text() == "does not apply: costs $x_$"
    display.figure_.canvas.draw()


def test_on_axes_at_hand_and_without_intervals(table):
    _, ax = plt.subplots()
    display = sp.LeakPriceDisplay(table.drop(columns=["rmse_low", "rmse_high"])).plot(ax)
    assert display.ax_ is ax
    assert not ax.collections or not ax.lines


def test_a_metric_with_a_sign(table):
    display = sp.LeakPriceDisplay(table, metric="bias", unit="K").plot()
    assert display.texts_[0].get_text() == "−0.200"
    with pytest.raises(InvalidParameterError, match="metric must be one of"):
        sp.LeakPriceDisplay(table, metric="mse").plot()


def test_from_what_price_of_leaks_gives():
    log = sp.datasets.simulate_pmsm(n_cycles=4, rate=0.2, random_state=0)
    from sklearn.linear_model import Ridge

    X, y = log[["i_d", "i_q"]], log["T_pm"]
    prices = sp.price_of_leaks(Ridge(), X, y, n_splits=2, n_bootstrap=20)
    display = sp.LeakPriceDisplay.from_prices(prices)
    assert len(display.bars_) == 6
    assert prices.plot("mae").ax_.get_xlabel() == "MAE [K]"
