"""validate: what it finds, and what it refuses."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GroupKFold, KFold, LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline as sklearn_make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import signalprep as sp
from signalprep.errors import (
    InvalidLogError,
    InvalidParameterError,
    LeakError,
    LostIndexError,
    SignalprepError,
)

BINS = {"c0": [-1.0, 0.0, 1.0], "c1": "q3"}


@pytest.fixture
def data(make_log):
    X = make_log(lengths=(160, 90, 240, 130, 175, 110), n_channels=3, seed=3)
    rng = np.random.default_rng(0)
    y = (2 * X["c0"] - X["c1"] + rng.normal(size=len(X))).rename("torque")
    return X, y


@pytest.fixture
def result(data):
    return sp.validate(Ridge(), *data, cv=3, regimes=sp.RegimeBinner(BINS), n_bootstrap=50)


def test_predictions_are_those_of_unseen_cycles(data, result):
    X, y = data
    expected = cross_val_predict(Ridge(), X, y, cv=sp.CycleKFold(3))
    np.testing.assert_array_equal(result.predictions["prediction"], expected)
    np.testing.assert_array_equal(result.predictions["truth"], y)
    assert result.predictions.index.equals(X.index)


def test_tables_agree_with_each_other_and_with_numpy(data, result):
    error = result.predictions["prediction"] - result.predictions["truth"]
    assert result.overall["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)))
    assert result.overall["bias"] == pytest.approx(error.mean())
    assert result.overall["p95"] == pytest.approx(np.percentile(error.abs(), 95))
    assert result.overall["rmse_low"] <= result.overall["rmse"] <= result.overall["rmse_high"]
    assert result.by_regime["n"].sum() == len(error)
    assert result.by_regime["share"].sum() == pytest.approx(1.0)
    assert result.by_cycle["n"].tolist() == [160, 90, 240, 130, 175, 110]
    assert result.by_cycle["fold"].nunique() == 3
    assert result.folds["n_test_rows"].sum() == len(error)
    assert result.regimes.index.equals(result.predictions.index)


def test_regimes_as_binner_dict_fitted_binner_or_labels_are_one(data, result):
    X, y = data
    fitted = sp.RegimeBinner(BINS).fit(X)
    labels = fitted.transform(X)
    for regimes in (BINS, fitted, labels):
        other = sp.validate(Ridge(), X, y, cv=3, regimes=regimes, n_bootstrap=50)
        pd.testing.assert_frame_equal(other.by_regime, result.by_regime)


def test_regimes_may_bin_what_the_model_does_not_see(data, result):
    X, y = data
    other = sp.validate(
        Ridge(), X[["c0"]], y, cv=3, regimes=BINS, context=X[["c1"]], n_bootstrap=50
    )
    assert other.by_regime["n"].tolist() == result.by_regime["n"].tolist()
    assert other.overall["rmse"] > result.overall["rmse"]


def test_rows_beyond_the_training_range_are_marked(data):
    X, y = data
    X = X.copy()
    last = X.index.get_level_values("cycle") == 5
    X.loc[last, "c0"] += 100.0
    result = sp.validate(Ridge(), X, y, cv=3, regimes=BINS, n_bootstrap=20)
    assert result.predictions.loc[last, "extrapolated"].all()
    assert not result.predictions.loc[~last, "extrapolated"].all()


def test_no_regimes_is_no_map(data):
    result = sp.validate(Ridge(), *data, cv=3, n_bootstrap=20)
    assert result.by_regime is None
    assert result.regimes is None
    assert "regime" not in result.predictions


def test_the_pipeline_is_described_with_its_reach(data):
    model = sp.make_pipeline(sp.HampelFilter(window_length=7, causal=False), sp.Scaler(), Ridge())
    steps = sp.validate(model, *data, cv=3, n_bootstrap=20).steps
    assert steps["step"].tolist() == ["hampelfilter", "scaler", "ridge", "pipeline"]
    assert steps["lookahead"].tolist() == [3, 0, 0, 3]


def test_results_do_not_depend_on_n_jobs(data, result):
    other = sp.validate(Ridge(), *data, cv=3, regimes=BINS, n_bootstrap=50, n_jobs=2)
    pd.testing.assert_frame_equal(other.predictions, result.predictions)
    pd.testing.assert_frame_equal(other.by_regime, result.by_regime)
    pd.testing.assert_series_equal(other.overall, result.overall)


def test_repr_says_how_wrong_where(result):
    text = repr(result)
    assert "6 cycles, 905 rows, 3 folds" in text
    assert "RMSE" in text
    assert "worst: RMSE" in text


def test_shuffled_rows_are_a_leak(data):
    cv = KFold(3, shuffle=True, random_state=0)
    with pytest.raises(LeakError, match=r"fold 0 trains on rows of cycles 0, 1, 2 and 3 more"):
        sp.validate(Ridge(), *data, cv=cv)


@pytest.mark.parametrize("cv", [LeaveOneGroupOut(), GroupKFold(3)], ids=repr)
def test_splitters_that_ask_for_groups_get_the_cycles(data, cv):
    result = sp.validate(Ridge(), *data, cv=cv, n_bootstrap=20)
    assert len(result.predictions) == len(data[0])


def test_folds_as_masks_are_those_as_positions(data):
    X, y = data
    test = np.asarray(X.index.get_level_values("cycle") > 3)
    masks = [(~test, test), (test, ~test)]
    positions = [(np.flatnonzero(a), np.flatnonzero(b)) for a, b in masks]
    one, other = (sp.validate(Ridge(), X, y, cv=cv, n_bootstrap=20) for cv in (masks, positions))
    pd.testing.assert_frame_equal(one.predictions, other.predictions)


def test_a_number_of_folds_may_be_of_numpy(data, result):
    other = sp.validate(Ridge(), *data, cv=np.int64(3), n_bootstrap=20)
    pd.testing.assert_series_equal(
        other.predictions["prediction"], result.predictions["prediction"]
    )


def test_a_leak_can_be_studied(data):
    result = sp.validate(Ridge(), *data, cv=KFold(3), allow_leak=True, n_bootstrap=20)
    assert len(result.predictions) == len(data[0])


@pytest.mark.parametrize("step", [sp.Scaler(), sp.TrainOnly(StandardScaler())], ids=repr)
def test_statistics_from_test_cycles_are_a_leak(data, step):
    X, y = data
    prefit = FrozenEstimator(step.fit(X))
    with pytest.raises(LeakError, match=r"fold 0 .*was fitted on cycle"):
        sp.validate(sp.make_pipeline(prefit, Ridge()), X, y, cv=3)


def test_statistics_from_other_cycles_are_not(data):
    X, y = data
    others = X.rename(index=lambda cycle: cycle + 100, level="cycle")
    prefit = FrozenEstimator(sp.Scaler().fit(others))
    sp.validate(sp.make_pipeline(prefit, Ridge()), X, y, cv=3, n_bootstrap=20)


def test_what_is_frozen_and_forgot_its_cycles_is_warned_of(data):
    X, y = data
    frozen = FrozenEstimator(StandardScaler().fit(X))
    with pytest.warns(UserWarning, match=r"Pipeline > FrozenEstimator \(StandardScaler\)"):
        sp.validate(sp.make_pipeline(frozen, Ridge()), X, y, cv=3, n_bootstrap=20)


def test_an_index_lost_between_steps_is_found(data):
    model = sklearn_make_pipeline(StandardScaler(), sp.SavitzkyGolayFilter(), Ridge())
    words = r"step 'standardscaler' \(StandardScaler\) gives rows without it: Pipeline > Savitzky"
    with pytest.raises(LostIndexError, match=words):
        sp.validate(model, *data, cv=3)


def test_a_step_that_bleeds_beside_words_is_named(data):
    X, y = data
    X = X.assign(gear=np.where(X["c0"] > 0, "high", "low"))
    smeared = FunctionTransformer(lambda X: X.assign(c0=X["c0"].ewm(span=20).mean()))
    encoded = ColumnTransformer([("gear", OneHotEncoder(), ["gear"])], remainder="passthrough")
    model = sklearn_make_pipeline(sp.PhysicalLimits({"c1": (-9, 9)}), smeared, encoded, Ridge())
    with pytest.raises(LeakError, match="Step 'functiontransformer'"):
        sp.validate(model, X, y, cv=3)


def test_a_duration_after_a_lost_index_blames_the_step_that_lost_it(data):
    model = sklearn_make_pipeline(sp.Scaler(), PCA(2), sp.ExponentialFeatures(["1s"]), Ridge())
    words = r"step 'pca' \(PCA\) gives rows without it: .*signalprep.make_pipeline, not by"
    with pytest.raises(LostIndexError, match=words):
        sp.validate(model, *data, cv=3)


def smear(X):
    return X.ewm(span=20).mean()


@pytest.mark.parametrize("cv", [3, "leave one out"])
def test_a_step_that_sees_across_cycles_is_found_and_named(data, cv):
    X, y = data
    if cv == "leave one out":
        groups = X.index.get_level_values("cycle")
        cv = list(LeaveOneGroupOut().split(X, y, groups))
    model = sp.make_pipeline(sp.Scaler(), FunctionTransformer(smear), Ridge())
    with pytest.raises(LeakError, match=r"Step 'functiontransformer' .*sees across cycle borders"):
        sp.validate(model, X, y, cv=cv)


@pytest.mark.parametrize("step", ["shift", "diff", "cumsum", "rank"])
def test_pandas_methods_over_the_whole_frame_are_found(data, step):
    def over_all(X):
        return getattr(X, step)().fillna(0.0)

    model = sp.make_pipeline(FunctionTransformer(over_all), Ridge())
    with pytest.raises(LeakError, match="sees across cycle borders"):
        sp.validate(model, *data, cv=3)


class RoundsByLength(RegressorMixin, BaseEstimator):
    """A model whose rounding depends on the number of rows, as that of a matrix product does."""

    def fit(self, X, y):
        self.mean_ = float(X.iloc[:, 0].mean())
        return self

    def predict(self, X):
        x = X.iloc[:, 0].to_numpy()
        return x * len(X) / len(X) - self.mean_


def test_rounding_that_a_model_amplifies_is_no_leak(data):
    X, y = data[0] + 1e9, data[1]
    model = RoundsByLength().fit(X, y)
    together, alone = model.predict(X)[:160], model.predict(X.iloc[:160])
    assert np.abs(together - alone).max() > 1e-8 * np.abs(together).max()
    sp.validate(model, X, y, cv=3, n_bootstrap=20)


class CentredPrediction(RegressorMixin, BaseEstimator):
    """A model that subtracts the mean of whatever it is asked to predict."""

    def fit(self, X, y):
        self.model_ = LinearRegression().fit(X, y)
        return self

    def predict(self, X):
        return self.model_.predict(X - X.mean())


def test_a_model_that_looks_at_the_whole_test_part_is_found(data):
    with pytest.raises(LeakError, match="CentredPrediction sees across cycle borders"):
        sp.validate(CentredPrediction(), *data, cv=3)


class Halved(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.zeros(len(X) // 2)


@pytest.mark.parametrize("tried", [sp.validate, sp.cycle_learning_curve])
def test_a_step_that_loses_rows_is_told_what_wraps_a_model(data, tried):
    model = sp.make_pipeline(sp.Decimator(2), Ridge())
    with pytest.raises(InvalidLogError, match="every step must keep its rows; .* AtRate for"):
        tried(model, *data, cv=3)


@pytest.mark.parametrize("tried", [sp.validate, sp.audit, sp.cycle_learning_curve])
@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (Ridge, r"not its class; got Ridge: pass Ridge\(\)"),
        (None, "NoneType has no fit and no predict"),
        (sp.make_pipeline(sp.Scaler()), "Pipeline has no predict: pass a regressor or"),
    ],
)
def test_what_is_no_model_is_refused(data, tried, estimator, message):
    with pytest.raises(InvalidParameterError, match=message):
        tried(estimator, *data, cv=3)


class Banded(Halved):
    """Intervals whose ends lie the wrong way round, or nowhere."""

    def __init__(self, low=1.0):
        self.low = low

    def predict(self, X):
        return np.zeros(len(X))

    def predict_interval(self, X):
        return np.stack([np.full(len(X), self.low), np.zeros(len(X))], axis=1)


@pytest.mark.parametrize("low", [1.0, np.nan])
def test_intervals_that_are_none_are_refused(data, low):
    with pytest.raises(InvalidLogError, match="low <= high; got (1|nan) and 0 at cycle ., row 0"):
        sp.validate(Banded(low), *data, cv=3)


def test_rows_lost_on_the_way_are_refused(data):
    with pytest.raises(InvalidLogError, match="one prediction a row"):
        sp.validate(Halved(), *data, cv=3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: {"X": X.to_numpy()}, "X must be a log"),
        (lambda X, y: {"X": X.reset_index()}, "X must be a log"),
        (lambda X, y: {"X": X.iloc[:160], "y": y.iloc[:160]}, "at least two cycles"),
        (lambda X, y: {"X": X.sample(frac=1.0, random_state=0)}, "contiguous|goes back"),
        (lambda X, y: {"y": y.iloc[::-1]}, "y must carry the index of X"),
        (lambda X, y: {"y": y.to_numpy()[:-1]}, r"y must have shape \(905,\)"),
        (lambda X, y: {"y": y.where(y.index != y.index[7])}, "y must be finite; .* cycle 0, row 7"),
        (lambda X, y: {"y": y.astype(str)}, "y must be numbers"),
        (lambda X, y: {"y": pd.concat([y, y], axis=1)}, "columns of y must have different names"),
        (lambda X, y: {"regimes": X["c0"].iloc[::-1] > 0}, "regimes must carry the index of X"),
        (lambda X, y: {"regimes": {"nix": 3}}, "'nix' is not among"),
        (lambda X, y: {"regimes": 3}, "regimes must be a RegimeBinner"),
        (lambda X, y: {"regimes": BINS, "context": X.iloc[1:]}, "context must carry the index"),
        (lambda X, y: {"cv": 7}, "n_splits=7 and 6 cycles"),
        (lambda X, y: {"confidence": None}, "confidence must lie between 0 and 1 .*; got None"),
        (lambda X, y: {"confidence": "a"}, "confidence must lie between 0 and 1 .*; got 'a'"),
        (lambda X, y: {"random_state": "a"}, "random_state must be an int from 0 .*; got 'a'"),
        (lambda X, y: {"random_state": -1}, "random_state must be an int from 0 .*; got -1"),
        (lambda X, y: {"n_jobs": 0}, "n_jobs must be an int other than 0, or None; got 0"),
        (lambda X, y: {"n_bootstrap": 1.5}, "n_bootstrap must be an int >= 0; got 1.5"),
        (lambda X, y: {"min_cycles": True}, "min_cycles must be an int >= 1; got True"),
        (lambda X, y: {"y": y + 1j}, "y must be numbers; got complex128"),
        (lambda X, y: {"regimes": {}}, "bins must be a dict of .*; got {}"),
        (lambda X, y: {"cv": []}, "at least one fold"),
        (lambda X, y: {"cv": [([0], [])]}, "fold 0 has 1 and 0"),
        (lambda X, y: {"cv": [(range(160), range(160, 250))] * 2}, "a row is in several folds"),
    ],
)
def test_what_does_not_fit_together_is_refused(data, change, message):
    X, y = data
    arguments = {"X": X, "y": y, "cv": 3, **change(X, y)}
    with pytest.raises(SignalprepError, match=message):
        sp.validate(Ridge(), **arguments)


def test_y_as_array_or_one_column_frame(data, result):
    X, y = data
    for form in (y.to_numpy(), y.to_numpy()[:, np.newaxis], y.to_frame()):
        other = sp.validate(Ridge(), X, form, cv=3, n_bootstrap=20)
        assert other.overall["rmse"] == result.overall["rmse"]


def test_what_is_asked_of_a_result_is_checked(result, tmp_path):
    for n in (1.5, "a", True, 0):
        with pytest.raises(InvalidParameterError, match="n must be an int >= 1, or None for all"):
            result.next_tests(n)
    for path in (None, 3, b"page.html"):
        with pytest.raises(InvalidParameterError, match="path must be text or a path; got"):
            result.to_html(path)
    with pytest.raises(InvalidParameterError, match="audit must be what its function returns"):
        result.to_html(tmp_path / "page.html", audit=5)


def test_folds_given_by_their_rows_are_counted(data):
    folds = [(range(160), range(160, 250)), (range(160, 250), range(160))]
    for cv in (folds, iter(folds)):
        result = sp.validate(Ridge(), *data, cv=cv, n_bootstrap=0)
        assert result.settings["cv"] == "2 folds given by their rows"


def test_n_splits_must_leave_cycles(data):
    with pytest.raises(InvalidParameterError, match="n_splits"):
        sp.validate(Ridge(), *data, cv=1)


@pytest.mark.parametrize("tried", [sp.validate, sp.audit])
def test_a_missing_value_that_the_model_refuses_is_named(make_log, tried):
    X = make_log(lengths=(60, 50, 70), n_channels=2)
    y = X["c0"].abs().rename("y")
    X.iloc[[65, 140], 1] = np.nan
    message = r"Input X contains NaN: channel 'c1', cycle (1, row 5|2, row 30) .* Fill it before"
    with pytest.raises(InvalidLogError, match=message):
        tried(Ridge(), X, y, cv=3)


def test_a_missing_value_that_a_step_makes_is_left_to_its_error(make_log):
    X = make_log(lengths=(60, 50, 70), n_channels=2)
    late = FunctionTransformer(lambda log: log.groupby(level="cycle").shift(1))
    with pytest.raises(ValueError, match="Ridge does not accept missing values") as caught:
        sp.validate(sp.make_pipeline(late, Ridge()), X, X["c0"].abs().rename("y"), cv=3)
    assert not isinstance(caught.value, InvalidLogError)


def test_nothing_says_nan(make_log, tmp_path):
    """Errors that are the same in every row, a target that is constant, no resamples."""
    log = make_log()
    y = pd.Series(5.0, log.index, name="y")
    for constant, n_bootstrap in ((5.0, 0), (5.0, 20), (6.0, 20)):
        model = DummyRegressor(strategy="constant", constant=constant)
        result = sp.validate(model, log, y, cv=3, n_bootstrap=n_bootstrap)
        result.to_html(tmp_path / "page.html")
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        said = [repr(result), repr(sp.diagnose(result)), page]
        assert not any(re.search(r"(?<![\w-])-?nan\b", text) for text in said)


@pytest.mark.parametrize(
    "names",
    [("metric", "truth"), (1, 0), (("a", "b"), None)],
    ids=str,
)
def test_regimes_may_have_any_names(make_log, tmp_path, names):
    """Those of columns and levels that tables add, ints that pandas takes for places."""
    X = make_log((30, 30, 30, 30))
    labels = [np.where(X["c0"] > 0, "fast", "slow"), np.where(X["c1"] > 0, "hot", "cold")]
    regimes = pd.DataFrame(dict(enumerate(labels)), X.index)
    regimes.columns = pd.Index(names, tupleize_cols=False, dtype=object)
    y = pd.Series(labels[0], X.index, name="y")
    for model, target, limit in (
        (Ridge(), X["c0"] + X["c1"] ** 2, {"rmse": 0.1}),
        (DummyClassifier(), y, {"accuracy": 0.99}),
    ):
        result = sp.validate(model, X, target, cv=2, regimes=regimes, n_bootstrap=20)
        assert result.by_regime.index.names == [str(name) for name in names]
        assert result.by_regime.index[0] == ("fast", "cold")
        result.to_html(tmp_path / "page.html", limits=limit)
        result.to_json(tmp_path / "page.json", limits=limit)
        found = json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))
        cell = {str(names[0]): "fast", str(names[1]): "cold"}
        assert found["verdict"]["by_regime"][0]["regime"] == cell
        assert repr(result.verdict(limit))
        assert len(result.next_tests(None, limits=limit)) <= 4
        assert sp.compare(result, result, n_bootstrap=20).by_regime.index.equals(
            result.by_regime.index
        )


def test_channels_named_by_ints_are_binned(data):
    X, y = data
    X = X.set_axis([2, 0, 1], axis=1)
    bins = {2: BINS["c0"], 0: "q3"}
    named = sp.validate(Ridge(), *data, regimes=BINS, n_bootstrap=0).by_regime
    options = {"n_bootstrap": 0, "cv": 5}
    for regimes in (bins, sp.RegimeBinner(bins).fit(X)):
        found = sp.validate(Ridge(), X, y, regimes=regimes, **options).by_regime
        assert found.index.names == ["2", "0"]
        np.testing.assert_array_equal(found["rmse"], named["rmse"])
    given = {"regimes": {2: bins[2]}, "context": X[[2]], **options}
    found = sp.validate(Ridge(), X[[0, 1]], y, **given).by_regime
    assert found.index.names == ["2"]
    for context in (X[2], X.to_numpy()):
        with pytest.raises(InvalidParameterError, match="context must be a DataFrame of signals"):
            sp.validate(Ridge(), X, y, **{**given, "context": context})


def test_what_predicts_only_once_fitted_is_taken():
    from sklearn.ensemble import StackingRegressor

    log = sp.datasets.simulate_pmsm(n_cycles=4, rate=0.2, random_state=0)
    stack = StackingRegressor([("ridge", Ridge())], cv=sp.CycleKFold(2))
    assert not hasattr(stack, "predict")
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    assert sp.validate(stack, X, y, cv=2, n_bootstrap=0).overall["n"] == len(log)


def test_steps_that_learn_nothing_show_no_sign_of_a_fit():
    class Own(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            return self

        def transform(self, X):
            return X.assign(one=1.0)

    log = sp.datasets.simulate_pmsm(n_cycles=4, rate=0.2, random_state=0)
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    scaler = sp.Scaler().set_output(transform="pandas")
    for steps in ((Own(), Ridge()), (scaler, Own(), Ridge())):
        model = sklearn_make_pipeline(*steps)
        assert sp.validate(model, X, y, cv=2, n_bootstrap=0).overall["n"] == len(log)
        assert sp.audit(model, X, y, cv=2).ok
