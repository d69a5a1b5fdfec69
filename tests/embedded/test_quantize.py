"""QuantizedRegressor and QuantizedClassifier: estimators whose predictions are those of the C."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

import signalprep as sp
from signalprep.embedded import (
    Format,
    QuantizedClassifier,
    QuantizedRegressor,
    export_c,
    lower,
)
from signalprep.errors import InvalidParameterError, LeakError, LostIndexError, LoweringError


@pytest.fixture(scope="module")
def log():
    rng = np.random.default_rng(5)
    x = np.cumsum(rng.normal(size=(2400, 2)), axis=0) * 0.1
    frame = pd.DataFrame({"current": 20.0 * np.sin(x[:, 0]), "speed": 300.0 * np.cos(x[:, 1])})
    return sp.as_log(frame, cycle=np.repeat([f"drive {k}" for k in range(6)], 400), rate=10.0)


@pytest.fixture(scope="module")
def target(log):
    return (0.002 * log["current"] ** 2 + 1e-6 * log["speed"] ** 2 + 5.0).rename("loss")


def pipeline(n_hidden=8):
    network = MLPRegressor(
        hidden_layer_sizes=(n_hidden,), learning_rate_init=0.05, max_iter=100, tol=1.0,
        n_iter_no_change=12, random_state=0,
    )  # fmt: skip
    return sp.make_pipeline(
        sp.HampelFilter(5), sp.ExponentialFeatures([8], statistics=["mean"]), sp.Scaler(), network
    )


@pytest.fixture(scope="module")
def fitted(log, target):
    return QuantizedRegressor(pipeline(), regimes={"speed": 3}).fit(log, target)


def test_it_predicts_as_what_it_lowered(fitted, log):
    np.testing.assert_array_equal(fitted.predict(log), fitted.integer_.predict(log))
    off = fitted.predict(log) - fitted.estimator_.predict(log)
    assert 0.0 < np.abs(off).max() < 0.2


def test_formats_lie_over_the_training_rows_widened_by_a_quarter(fitted, log):
    for name, one in fitted.integer_.formats.items():
        low, high = log[name].min(), log[name].max()
        ends = np.array([one.low, one.high]) * one.lsb + one.offset
        np.testing.assert_allclose(ends, [low - (high - low) / 8, high + (high - low) / 8])
        assert (one.bits, one.signed) == (16, True)
        assert f"{name} 16 bits of {one.lsb:.4g}" in repr(fitted.integer_)


def test_given_formats_are_kept(log, target):
    formats = {"current": Format(0.01), "speed": Format(0.5, bits=12)}
    model = QuantizedRegressor(pipeline(), input_formats=formats).fit(log, target)
    assert model.integer_.formats == formats


def test_a_stream_is_the_batch(fitted, log):
    one = log.loc[["drive 2"]]
    for chunk in (1, 7, 400):
        stream = sp.stream(fitted)
        found = np.concatenate([stream.push(one.iloc[k : k + chunk]) for k in range(0, 99, chunk)])
        np.testing.assert_array_equal(found, fitted.predict(one)[: len(found)])


def test_validated_compared_and_searched(log, target):
    model = QuantizedRegressor(pipeline())
    few = sp.validate(model, log, target, cv=3)
    many = sp.validate(pipeline(), log, target, cv=3)
    difference = sp.compare(many, few)
    assert "difference" in repr(difference)
    search = GridSearchCV(
        model, {"weight_bits": [2, 8]}, cv=sp.CycleKFold(2), scoring="neg_mean_squared_error"
    )
    assert search.fit(log, target).best_params_ == {"weight_bits": 8}
    assert "validation of" in repr(sp.validate(search, log, target, cv=2)).lower()


def test_calibration_tells_by_regime_what_is_cut_off(log, target):
    """Ranges of a slow part of the log; one cell of the whole of it is beyond them."""
    slow = QuantizedRegressor(pipeline()).fit(log * [1.0, 0.5], target)
    report = type(slow.calibration_).from_model(
        slow.integer_, log, pd.DataFrame({"fast": log["speed"].to_numpy() > 250.0})
    )
    place = ("input", "speed")
    ends = slow.integer_.formats["speed"]
    beyond = (log["speed"] > ends.high * ends.lsb + ends.offset).to_numpy()
    assert report.cells.loc[place, True] == pytest.approx(
        beyond[(log["speed"] > 250.0).to_numpy()].mean(), abs=0.02
    )
    assert report.ranges.loc[place, "saturated"] > 0.1
    assert "fast=True" in repr(report)
    assert report.histograms.loc[[place]].to_numpy().sum() == len(log)
    assert slow.calibration_.ranges["saturated"].max() == 0.0


def test_calibration_is_drawn(fitted):
    display = fitted.calibration_.plot()
    assert display.counts.sum() == fitted.calibration_.histograms.to_numpy().sum()
    names = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert names == list(dict.fromkeys(fitted.calibration_.ranges.index.get_level_values("step")))


def test_saved_without_pickle(log, target, tmp_path):
    pytest.importorskip("skops")
    model = QuantizedRegressor(sp.make_pipeline(sp.Scaler(), Ridge()), regimes={"speed": 2})
    sp.save_model(model.fit(log, target), tmp_path / "model.skops")
    again = sp.load_model(tmp_path / "model.skops")
    np.testing.assert_array_equal(again.predict(log), model.predict(log))
    assert list(again.cycles_) == list(model.cycles_) == list(sp.cycles(log))
    pd.testing.assert_frame_equal(again.calibration_.cells, model.calibration_.cells)


def test_exported(fitted, log, tmp_path):
    export = export_c(fitted, tmp_path, "loss")
    assert export.verify(log.iloc[:300]).ok


def test_ranges_made_of_test_rows_are_found(log, target):
    class OnAllRows(QuantizedRegressor):
        def fit(self, X, y, sample_weight=None):
            super().fit(X, y, sample_weight)
            self._integer = lower(self.estimator_, self.integer_.formats, calibration=log)
            return self

    planted, honest = (
        kind(sp.make_pipeline(sp.Scaler(), Ridge())) for kind in (OnAllRows, QuantizedRegressor)
    )
    with pytest.raises(LeakError, match="drive"):
        sp.validate(planted, log, target, cv=3)
    assert "test_statistics" in set(sp.audit(planted, log, target, cv=3).findings["kind"])
    assert "test_statistics" not in set(sp.audit(honest, log, target, cv=3).findings["kind"])


def test_classes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = np.where(X[:, 0] > X[:, 1], "hot", np.where(X[:, 2] > 0, "cold", "mild"))
    network = MLPClassifier(
        hidden_layer_sizes=(8,), learning_rate_init=0.05, tol=1e-2, random_state=0
    )
    model = QuantizedClassifier(sp.make_pipeline(StandardScaler(), network)).fit(X, y)
    assert list(model.classes_) == ["cold", "hot", "mild"]
    assert (model.predict(X) == model.estimator_.predict(X)).mean() > 0.97
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (QuantizedRegressor(calibration="dynamic"), InvalidParameterError, "cannot be proven"),
        (QuantizedRegressor(MLPClassifier()), InvalidParameterError, "regressor"),
        (QuantizedClassifier(Ridge()), InvalidParameterError, "QuantizedRegressor"),
        (QuantizedRegressor(weight_bits=1), InvalidParameterError, "weight_bits must be"),
        (QuantizedRegressor(sp.HampelFilter(5, causal=False)), InvalidParameterError, "regressor"),
        (
            QuantizedRegressor(sp.make_pipeline(sp.HampelFilter(5, causal=False), Ridge())),
            LoweringError,
            "looks 2 samples ahead",
        ),
    ],
    ids=str,
)
def test_refused(model, error, words, log, target):
    with pytest.raises(error, match=words):
        model.fit(log, target)


def test_a_log_is_asked_for_where_one_was_given(fitted, log):
    with pytest.raises(LostIndexError):
        fitted.predict(log.to_numpy())


def test_frozen_floats_are_only_lowered(fitted, log, target):
    again = QuantizedRegressor(FrozenEstimator(fitted.estimator_)).fit(log, target)
    np.testing.assert_array_equal(again.predict(log), fitted.predict(log))


def test_numbers_of_numpy_are_numbers(log, target):
    formats = {
        name: Format(np.float32(0.5), bits=np.int64(12), not_available=np.int64(9)) for name in log
    }
    model = QuantizedRegressor(
        weight_bits=np.int64(4), power_of_two=np.bool_(True), input_formats=formats
    ).fit(log, target)
    assert model.integer_.to_json()["options"]["weight_bits"] == 4


def test_cycles_are_those_of_the_log_after_pickling(log, target):
    dates = np.repeat(pd.date_range("2020", periods=6), 400)
    dated = sp.as_log(log.to_numpy(), cycle=dates, rate=10.0)
    model = pickle.loads(pickle.dumps(QuantizedRegressor().fit(dated, target.to_numpy())))
    assert model.cycles_.equals(sp.cycles(dated))
    assert model.integer_.training_cycles_.equals(sp.cycles(dated))


def test_networks_by_regime_are_told_of_the_rows_in_which_they_run(log, target):
    network = MLPRegressor(hidden_layer_sizes=(3,), tol=1e9, n_iter_no_change=2, random_state=0)
    model = QuantizedRegressor(sp.PerRegime(network, {"speed": [-400, 0, 400]})).fit(log, target)
    n_slow = int((log["speed"] < 0).sum())
    counted = model.calibration_.histograms.sum(axis=1).unique()
    assert set(counted) == {0, 2400, n_slow, 2400 - n_slow}  # 0: that for cells never seen


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"weight_bits": {1: 8, -2: 4}}, "names layer 1 twice"),
        ({"random_state": "a"}, "random_state must be"),
        ({"calibration": np.array(["minmax", "mse"])}, "calibration must be one of"),
    ],
)
def test_what_cannot_be_meant_is_refused(log, target, given, said):
    network = MLPRegressor(hidden_layer_sizes=(3,), tol=1e9, n_iter_no_change=2, random_state=0)
    with pytest.raises(InvalidParameterError, match=said):
        QuantizedRegressor(network, **given).fit(log, target)


def test_layers_that_are_not_named_enter_with_8_bits(log, target):
    network = MLPRegressor(hidden_layer_sizes=(3,), tol=1e9, n_iter_no_change=2, random_state=0)
    found = [
        QuantizedRegressor(network, activation_bits=bits).fit(log, target).predict(log)
        for bits in (8, {1: 8})
    ]
    np.testing.assert_array_equal(*found)


def test_columns_named_by_ints_are_called_so(log, target):
    numbered = log.set_axis([0, 1], axis=1)
    formats = {0: Format(0.01), 1: Format(0.02)}
    model = QuantizedRegressor(input_formats=formats, regimes={1: 3}).fit(numbered, target)
    assert [*model.integer_.formats.values()] == [*formats.values()]
    assert model.calibration_.cells.shape[1] == 3


def test_inside_another_it_is_refused(fitted, log, target):
    """Its bits are not those that the outer one would take."""
    outer = sp.make_pipeline(sp.Scaler(), QuantizedRegressor()).fit(log, target)
    with pytest.raises(LoweringError, match="in integers already, by bits of its own"):
        lower(outer, fitted.integer_.formats)


def test_without_memory_rows_need_no_rate(log, target):
    """Of single models by regime, and of rows that were left out."""
    some = np.sort(np.random.default_rng(0).permutation(len(log))[:200])
    model = QuantizedRegressor(Ridge()).fit(log.iloc[some], target.iloc[some])
    np.testing.assert_array_equal(model.predict(log)[some], model.predict(log.iloc[some]))
    assert model.integer_.saturations(log.iloc[some]).shape == (200, 2)
