"""Several targets: one set of fits, and a validation each."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LogisticRegression, Ridge

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LeakError

ROWS = {"cv": 3, "n_bootstrap": 20}
TARGETS = ["T_pm", "T_coolant"]


class Counted(RegressorMixin, BaseEstimator):
    """Ridge that counts its fits."""

    fits = 0

    def fit(self, X, y):
        type(self).fits += 1
        self.model_ = Ridge().fit(X, y)
        return self

    def predict(self, X):
        return self.model_.predict(X)


@pytest.fixture(scope="module")
def data():
    log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    return log.drop(columns=TARGETS), log[TARGETS]


@pytest.fixture(scope="module")
def found(data):
    Counted.fits = 0
    return sp.validate(
        Counted(), *data, regimes={"omega_m": 3}, groups=lambda name: int(name[6:8]) // 3, **ROWS
    )


def test_each_target_is_as_validated_alone(data, found):
    X, Y = data
    assert Counted.fits == 3, "each fold is fitted once"
    assert list(found) == TARGETS
    for target in found:
        options = {"regimes": {"omega_m": 3}, "groups": lambda name: int(name[6:8]) // 3, **ROWS}
        alone, one = sp.validate(Ridge(), X, Y[target], **options), found[target]
        assert (one.target, one.error_unit) == (target, "K")
        pd.testing.assert_frame_equal(one.predictions, alone.predictions, rtol=1e-7)
        pd.testing.assert_series_equal(one.overall, alone.overall, rtol=1e-6)
        pd.testing.assert_frame_equal(one.by_regime, alone.by_regime, rtol=1e-6)
        pd.testing.assert_frame_equal(one.by_cycle, alone.by_cycle, rtol=1e-6)
        for name in ("folds", "steps", "quality", "groups", "units"):
            assert getattr(found, name) is getattr(one, name)
        assert (found.settings, found.rate) == (one.settings, one.rate)
        assert {**one.settings, "seconds": 0} == {**alone.settings, "seconds": 0}
        pd.testing.assert_frame_equal(found.regimes, alone.regimes)
    assert list(found.quality.channels.index) == [*X.columns, *TARGETS]
    assert "omega_m" in found.units
    assert repr(found).count("Validation of") == 2
    assert list(pickle.loads(pickle.dumps(found))) == TARGETS


class HalfFixed(Counted):
    """Ridge for the first target, and the second of no model."""

    def predict(self, X):
        found = super().predict(X)
        if found.ndim > 1:
            found[:, 1] = 50.0
        return found


def test_nested_intervals_count_in_what_each_target_loses(data):
    X, Y = data
    options = {"cv": 3, "n_bootstrap": 20, "interval": "nested"}
    found = sp.validate(HalfFixed(), X, Y, **options)
    alone = sp.validate(HalfFixed(), X, Y["T_pm"], **options)
    pd.testing.assert_series_equal(found["T_pm"].overall, alone.overall, rtol=1e-6)
    each = {target: one.settings["inflation"] for target, one in found.items()}
    assert each["T_pm"] == alone.settings["inflation"] > each["T_coolant"] >= 1.0
    assert found.settings["inflation"] == each


def test_the_forms_of_y(data):
    X, Y = data
    options = {"cv": 3, "n_bootstrap": 0}
    of_array = sp.validate(Ridge(), X, Y.to_numpy(), **options)
    assert list(of_array) == ["target 0", "target 1"]
    assert isinstance(sp.validate(Ridge(), X, Y[["T_pm"]], **options), sp.Validation)


def test_verdict_takes_the_limits_of_each_target(found):
    easy, hard = {"rmse": 1e4}, {"rmse": 1e-3}
    cases = [
        ({"T_pm": easy, "T_coolant": hard}, "fail", "T_coolant fails; T_pm passes"),
        ({"T_pm": hard, "T_coolant": hard}, "fail", "T_pm and T_coolant fail"),
        ({"T_pm": easy}, "pass", "T_pm passes; T_coolant has no limit"),
        ({"T_pm": easy, "T_coolant": {"max": 1e4}}, "cannot tell", "cannot be told yet; T_pm"),
    ]
    for limits, answer, sentence in cases:
        verdict = found.verdict(limits)
        assert (verdict.answer, verdict.ok) == (answer, answer == "pass")
        assert sentence in verdict.sentence
        assert list(verdict) == list(limits)
        assert verdict["T_pm"].answer == found["T_pm"].verdict(limits["T_pm"]).answer
        assert f"2 targets: {answer}" in repr(verdict) or len(limits) == 1
    for wrong, message in (({"rmse": 3.0}, "got 'rmse'"), ({}, "must map targets"), (3, "got 3")):
        with pytest.raises(InvalidParameterError, match=message):
            found.verdict(wrong)


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (lambda X, Y: sp.ConformalBands(Ridge()).fit(X, Y), "Fit ConformalBands once for each"),
        (lambda X, Y: sp.validate(sp.ConformalBands(), X, Y), r"one at a time, .* y\['T_pm'\]"),
        (lambda X, Y: sp.validate(LogisticRegression(), X, Y > 60), r"one at a time, .*'T_pm'"),
        (lambda X, Y: sp.audit(Ridge(), X, Y), "one at a time"),
        (lambda X, Y: sp.price_of_leaks(Ridge(), X, Y), "one at a time"),
        (lambda X, Y: sp.cycle_learning_curve(Ridge(), X, Y), "one at a time"),
        (
            lambda X, Y: sp.validate(Ridge(), X, Y.where(Y.T_coolant < 40)),
            r"y\['T_pm'\] must be fin",
        ),
        (lambda X, Y: sp.validate(Ridge(), X, Y.astype(str)), r"y\['T_pm'\] must be numbers"),
        (lambda X, Y: sp.validate(Ridge(), X, Y.iloc[::-1]), "index of X"),
        (lambda X, Y: sp.validate(Ridge(), X, Y.to_numpy()[1:]), "rows as X"),
        (lambda X, Y: sp.validate(Ridge(), X, Y, regimes={"omega_m": "t3"}), "Fit the binner"),
    ],
)
def test_what_is_of_one_target_is_refused_with_a_way_out(data, refused, message):
    with pytest.raises((InvalidParameterError, InvalidLogError), match=message):
        refused(*data)


def test_results_of_one_target_say_how_to_take_it(found):
    with pytest.raises(InvalidParameterError, match=r"compare\(a\['T_pm'\], b\['T_pm'\]\)"):
        sp.compare(found, found)
    with pytest.raises(InvalidParameterError, match=r"validation\['T_pm'\]"):
        sp.diagnose(found)
    with pytest.raises(AttributeError, match=r"\['T_pm'\]\.by_regime"):
        sp.RegimeHeatmapDisplay.from_validation(found)


class Peeking(Counted):
    """One small target that depends on the cycles beside it, and a large one that does not."""

    def predict(self, X):
        found = super().predict(X)
        found[:, 1] = 1e-9 * (X["omega_m"] - X["omega_m"].mean())
        return found


def test_leaks_of_any_target_are_found(data):
    X, Y = data
    with pytest.raises(LeakError, match="'copy' is 2 x the target"):
        sp.validate(Ridge(), X.assign(copy=2.0 * Y["T_coolant"]), Y, **ROWS)
    with pytest.raises(LeakError, match="'T_coolant' has its name"):
        sp.validate(Ridge(), X.assign(T_coolant=np.arange(len(X)) ** 0.5), Y, **ROWS)
    with pytest.raises(LeakError, match="must not depend on the cycles beside it"):
        sp.validate(Peeking(), X, Y, **ROWS)
