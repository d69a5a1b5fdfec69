"""What a step hands on: channels that hold no numbers, units, the look-ahead of a log."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import signalprep as sp
from signalprep.errors import InvalidLogError

NUMBERS = ["omega_m", "T_m"]


@pytest.fixture
def log():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(80, 2)), columns=NUMBERS)
    frame.insert(1, "gear", np.where(frame["omega_m"] > 0, "high", "low"))
    frame["mode"] = pd.Categorical(np.where(frame["T_m"] > 0, "motor", "brake"))
    frame["start"] = pd.Timestamp("2026-01-01")
    made = sp.as_log(frame, cycle=np.repeat([0, 1], 40), rate=10.0)
    made.attrs["units"] = {"omega_m": "rad/s", "T_m": "°C"}
    return made


PASSING = [
    sp.PhysicalLimits({"omega_m": (-2, 2)}, add_indicator=True),
    sp.SignedCodes(not_available={}),
    sp.HampelFilter(5, columns=NUMBERS, add_indicator=True),
    sp.HampelFilter(5, columns=NUMBERS, causal=False),
    sp.ZScoreFilter(columns=NUMBERS),
    sp.IQRFilter(columns=["T_m"]),
    sp.IsolationForestFilter(n_estimators=5, columns=NUMBERS, random_state=0),
    sp.LocalOutlierFactorFilter(columns=NUMBERS),
    sp.ResidualFilter(columns=["T_m"], inputs=["omega_m"]),
    sp.SavitzkyGolayFilter(5, columns=NUMBERS),
    sp.SavitzkyGolayFilter(5, columns=NUMBERS, causal=False),
    sp.Detrender("constant", columns=NUMBERS),
    sp.KalmanFilter(process_variance=1.0, measurement_variance=1.0, columns=NUMBERS),
    sp.ExponentialFeatures([5], columns=NUMBERS),
    sp.ExponentialFeatures([5], columns=NUMBERS, keep_inputs=False),
    sp.Scaler(columns=NUMBERS),
    sp.ClarkeTransformer(columns=NUMBERS),
    sp.ParkTransformer(columns=NUMBERS, angle=0.5),
]


@pytest.mark.parametrize("step", PASSING, ids=repr)
def test_channels_without_numbers_pass_and_change_nothing(step, log):
    out = step.fit_transform(log)
    bare = step.fit_transform(log[NUMBERS])
    others = [name for name in log if name not in NUMBERS and name in out]
    assert others == ([] if "keep_inputs=False" in repr(step) else ["gear", "mode", "start"])
    pd.testing.assert_frame_equal(out[others], log[others])
    pd.testing.assert_frame_equal(out[list(bare)], bare)
    pd.testing.assert_frame_equal(step.fit(log).transform(log), out)


def test_a_channel_of_words_tells_the_regime(log):
    coded = log[["gear", *NUMBERS]].assign(gear=(log["gear"] == "high").astype(float))
    step = sp.ZScoreFilter(1.0, columns=["T_m"], by="gear", min_rows=5)
    by_word, by_code = (clone(step).fit(one).flag(one)["T_m"] for one in (log, coded))
    assert by_word.any()
    assert by_word.tolist() == by_code.tolist()


def test_words_are_refused_where_they_are_computed_with(log):
    with pytest.raises(InvalidLogError, match="'gear' must hold numbers.*it out of columns="):
        sp.HampelFilter(5).fit(log)
    with pytest.raises(InvalidLogError, match="'gear' must hold numbers"):
        sp.HampelFilter(5, columns=["gear"]).fit(log)
    with pytest.raises(InvalidLogError, match="'gear' must hold numbers"):
        sp.ResidualFilter(columns=["T_m"]).fit(log)
    with pytest.raises(InvalidLogError, match="'gear' must hold numbers"):
        sp.Decimator(2).fit(log)


def test_scaled_channels_come_back_beside_words(log):
    step = sp.Scaler(columns=NUMBERS).fit(log)
    back = step.inverse_transform(step.transform(log))
    pd.testing.assert_frame_equal(back, log)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (sp.HampelFilter(5, add_indicator=True), {"x": "rad", "T": "°C"}),
        (sp.Decimator(2), {"x": "rad", "T": "°C"}),
        (sp.Decimator(2, causal=True), {"x": "rad", "T": "°C"}),
        (sp.SavitzkyGolayFilter(5, 2), {"x": "rad", "T": "°C"}),
        (sp.SavitzkyGolayFilter(5, 2, deriv=1), {"x": "rad/s", "T": "K/s"}),
        (sp.SavitzkyGolayFilter(5, 2, deriv=2, columns=["x"]), {"x": "rad/s²", "T": "°C"}),
        (sp.Detrender("constant", columns=["T"]), {"x": "rad", "T": "K"}),
        (sp.Scaler(columns=["T"]), {"x": "rad"}),
        (
            sp.ExponentialFeatures([3], columns=["T"]),
            {"x": "rad", "T": "°C", "T_mean_3": "°C", "T_std_3": "K"},
        ),
        (
            sp.KalmanFilter(
                "trend",
                process_variance=(1.0, 1.0),
                measurement_variance=1.0,
                add_slope=True,
                columns=["x"],
            ),
            {"x": "rad", "T": "°C", "x_slope": "rad/s"},
        ),
        (sp.ClarkeTransformer(columns=["x", "T"]), {"x_alpha": "rad", "x_beta": "°C"}),
    ],
    ids=repr,
)
def test_units_survive_a_step(step, expected):
    rng = np.random.default_rng(0)
    log = sp.as_log(pd.DataFrame(rng.normal(size=(60, 2)), columns=["x", "T"]), rate=10.0)
    log.attrs["units"] = {"x": "rad", "T": "°C"}
    for one in (step, sp.make_pipeline(step)):
        found = sp.units(one.fit_transform(log))
        assert found[found != ""].to_dict() == expected


def test_a_lower_rate_looks_fewer_rows_ahead():
    log = sp.as_log(np.zeros((60, 1)), rate=10.0)
    log.attrs["lookahead"] = 5
    assert sp.lookahead(sp.HampelFilter(5).fit_transform(log)) == 5
    assert sp.lookahead(sp.Decimator(2).fit_transform(log)) == 3
