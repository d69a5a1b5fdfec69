"""validate of a classifier: the same road, scores instead of errors."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss
from sklearn.metrics import precision_recall_fscore_support as by_class
from sklearn.model_selection import KFold, PredefinedSplit, cross_val_predict, cross_validate
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LeakError

BINS = {"c0": [-1.0, 0.0, 1.0], "c1": "q3"}


@pytest.fixture
def data(make_log):
    X = make_log(lengths=(160, 90, 240, 130, 175, 110), n_channels=3, seed=3)
    rng = np.random.default_rng(0)
    score = 2 * X["c0"] - X["c1"] + rng.normal(size=len(X))
    bins = [-np.inf, -1.0, 1.0, np.inf]
    return X, pd.cut(score, bins, labels=["worn", "fine", "broken"]).astype(str).rename("state")


@pytest.fixture
def model():
    return sp.make_pipeline(sp.HampelFilter(window_length=5), sp.Scaler(), LogisticRegression())


@pytest.fixture
def result(data, model):
    return sp.validate(model, *data, cv=3, regimes=BINS, n_bootstrap=100)


def test_predictions_are_those_of_unseen_cycles(data, model, result):
    X, y = data
    expected = cross_val_predict(model, X, y, cv=sp.CycleKFold(3))
    p = cross_val_predict(model, X, y, cv=sp.CycleKFold(3), method="predict_proba")
    assert isinstance(result, sp.ClassificationValidation)
    np.testing.assert_array_equal(result.predictions["prediction"], expected)
    np.testing.assert_array_equal(result.predictions["truth"], y)
    np.testing.assert_array_equal(result.probabilities, p)
    assert result.predictions.index.equals(X.index)
    assert result.predictions.columns[3:6].tolist() == ["p_broken", "p_fine", "p_worn"]
    assert result.classes == ["broken", "fine", "worn"]


def test_overall_is_what_scikit_learn_says_of_all_predictions(data, model, result):
    X, y = data
    truth, prediction = result.predictions["truth"], result.predictions["prediction"]
    assert result.overall["accuracy"] == pytest.approx(accuracy_score(truth, prediction))
    assert result.overall["f1"] == pytest.approx(f1_score(truth, prediction, average="macro"))
    assert result.overall["log_loss"] == pytest.approx(log_loss(truth, result.probabilities))
    folds = cross_validate(model, X, y, cv=sp.CycleKFold(3))["test_score"]
    own = (truth == prediction).groupby(result.predictions["fold"]).mean()
    np.testing.assert_allclose(own, folds)
    for name in ("accuracy", "balanced_accuracy", "f1", "log_loss"):
        low, high = result.overall[f"{name}_low"], result.overall[f"{name}_high"]
        assert low < result.overall[name] < high


def test_cells_and_cycles_are_what_scikit_learn_says_of_their_rows(result):
    found = result.predictions
    for cell in result.by_regime.index[result.by_regime["n"] > 0]:
        rows = (result.regimes == list(cell)).all(axis=1).to_numpy()
        t, q = found["truth"][rows], found["prediction"][rows]
        row = result.by_regime.loc[cell]
        assert row["n"] == rows.sum()
        assert row["accuracy"] == pytest.approx(accuracy_score(t, q))
        assert row["f1"] == pytest.approx(f1_score(t, q, average="macro"))
        np.testing.assert_array_equal(
            result.confusion_by_regime.loc[cell], confusion_matrix(t, q, labels=result.classes)
        )
    for cycle, row in result.by_cycle.iterrows():
        own = found.loc[cycle]
        assert row["n"] == len(own)
        assert row["accuracy"] == pytest.approx(accuracy_score(own["truth"], own["prediction"]))
    assert result.by_cycle.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert result.by_regime["n"].sum() == result.confusion.to_numpy().sum() == len(found)


def test_by_class_is_what_scikit_learn_says(result):
    truth, prediction = result.predictions["truth"], result.predictions["prediction"]
    expected = by_class(truth, prediction, labels=result.classes)
    for name, values in zip(("precision", "recall", "f1", "n"), expected, strict=True):
        np.testing.assert_allclose(result.by_class[name], values)


@pytest.mark.parametrize(
    ("kind", "classes"),
    [
        ("category", ["broken", "fine", "worn"]),
        ("int", [0, 1]),
        ("bool", [False, True]),
        ("boolean", [False, True]),
        ("array", ["no", "yes"]),
    ],
)
def test_labels_of_any_kind(data, kind, classes):
    X, y = data
    fault = y == "broken"
    given = {
        "category": y.astype("category"),
        "int": fault.astype("int8"),
        "bool": fault,
        "boolean": fault.astype("boolean"),
        "array": np.where(fault, "yes", "no"),
    }[kind]
    result = sp.validate(LogisticRegression(), X, given, cv=3, n_bootstrap=20)
    assert result.classes == classes
    assert result.overall["accuracy"] > 0.7
    np.testing.assert_array_equal(
        result.predictions["truth"].astype(str), np.asarray(given).astype(str)
    )


def test_fit_on_inliers_and_models_without_probabilities(data):
    X, y = data
    inliers = sp.validate(sp.FitOnInliers(LogisticRegression()), X, y, cv=3, n_bootstrap=20)
    assert inliers.probabilities.shape == (len(X), 3)
    svc = sp.validate(LinearSVC(), X, y, cv=3, regimes=BINS, n_bootstrap=20)
    assert svc.probabilities is None
    assert np.isnan(svc.overall["log_loss"])
    assert svc.by_regime["log_loss"].isna().all()
    assert svc.overall["accuracy"] > 0.6


def test_a_class_that_a_fold_has_not_learned_gets_no_chance(data):
    X, y = data
    cycle = X.index.get_level_values("cycle")
    y = y.where((cycle == 0) | (y != "broken"), "fine")
    result = sp.validate(
        LogisticRegression(), X, y, cv=PredefinedSplit(cycle // 2), regimes=BINS, n_bootstrap=20
    )
    unknown = (result.predictions["fold"] == 0).to_numpy()
    assert (result.predictions.loc[unknown, "p_broken"] == 0.0).all()
    assert (result.predictions.loc[~unknown, "p_broken"] > 0.0).all()
    truth, p = result.predictions["truth"], result.probabilities
    assert result.overall["log_loss"] == pytest.approx(log_loss(truth, p, labels=result.classes))
    assert result.by_class.loc["broken", "recall"] == 0.0


def test_a_classifier_that_knows_has_no_errors(data):
    X, y = data
    X = X.assign(code=y.map({"broken": 0.0, "fine": 1.0, "worn": 2.0}))
    result = sp.validate(DecisionTreeClassifier(), X, y, cv=3, regimes=BINS, n_bootstrap=20)
    assert result.overall[["accuracy", "balanced_accuracy", "f1"]].tolist() == [1.0, 1.0, 1.0]
    assert not result.errors.any()
    assert result.overall["accuracy_high"] == 1.0
    n_effective = 1 / np.square(result.by_cycle["n"] / result.by_cycle["n"].sum()).sum()
    assert result.overall["accuracy_low"] == pytest.approx(0.025 ** (1 / n_effective))
    assert result.verdict({"accuracy": 0.9}).answer == "cannot tell", "a few faultless cycles"
    assert result.verdict({"accuracy": 0.5}).overall["status"].tolist() == ["pass"]


def test_results_do_not_depend_on_n_jobs(data, model, result):
    other = sp.validate(model, *data, cv=3, regimes=BINS, n_bootstrap=100, n_jobs=2)
    pd.testing.assert_frame_equal(other.predictions, result.predictions)
    pd.testing.assert_frame_equal(other.by_regime, result.by_regime)


def test_seen_cycles_and_bleeding_steps_are_refused(data):
    X, y = data
    with pytest.raises(LeakError, match="fold 0 trains on rows"):
        sp.validate(LogisticRegression(), X, y, cv=KFold(3, shuffle=True, random_state=0))
    smear = FunctionTransformer(lambda log: log.rolling(9, min_periods=1).mean())
    for last in (LogisticRegression(), LinearSVC(), DecisionTreeClassifier(random_state=0)):
        with pytest.raises(LeakError, match=r"functiontransformer.* sees across cycle borders"):
            sp.validate(sp.make_pipeline(smear, last), X, y, cv=3)


class Sign(ClassifierMixin, BaseEstimator):
    """Labels only: neither probabilities nor a decision function."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        high = X["c0"].to_numpy() > X["c0"].mean()  # of all rows together: a leak
        return self.classes_[high.astype(int)]


class Undecided(Sign):
    def predict(self, X):
        return np.where(X["c0"] > 1.0, "unknown", self.classes_[0])


def test_predicted_labels_alone_show_a_leak_too(data):
    X, y = data
    with pytest.raises(LeakError, match="must not depend on the cycles beside it"):
        sp.validate(Sign(), X, y, cv=3)


def test_a_class_that_y_does_not_hold_is_refused(data):
    X, y = data
    with pytest.raises(InvalidParameterError, match="fold 0 predicts 'unknown'"):
        sp.validate(Undecided(), X, y, cv=3)


def test_labels_that_are_none_are_refused(data):
    X, y = data
    missing = y.where(np.arange(len(y)) != 170)
    with pytest.raises(InvalidLogError, match="no label at cycle 1, row 10"):
        sp.validate(LogisticRegression(), X, missing, cv=3)
    with pytest.raises(InvalidParameterError, match="real numbers"):
        sp.validate(LogisticRegression(), X, X["c0"], cv=3)
    with pytest.raises(InvalidLogError, match="at least two classes; got 'fine' alone"):
        sp.validate(DummyClassifier(), X, y.where(y == "fine", "fine"), cv=3)
    with pytest.raises(InvalidLogError, match="y must be numbers"):
        sp.validate(Ridge(), X, y, cv=3)


def test_verdict_reads_scores_as_least_values(result):
    lax = result.verdict({"accuracy": 0.01, "log_loss": 100.0})
    assert lax.ok
    assert lax.overall["status"].tolist() == ["pass", "pass"]
    strict = result.verdict({"accuracy": 0.99, "f1": 0.99})
    assert not strict.ok
    assert strict.overall["status"].tolist() == ["fail", "fail"]
    assert "accuracy at least 0.99" in repr(strict)
    n_effective = strict.overall.loc["accuracy", "n_effective"]
    assert 1.0 <= n_effective <= len(result.predictions)
    with pytest.raises(InvalidParameterError, match="of accuracy, .*; got 'rmse'"):
        result.verdict({"rmse": 1.0})
    with pytest.raises(InvalidParameterError, match="limit of accuracy must be at most 1"):
        result.verdict({"accuracy": 95.0})


def test_a_regressor_knows_no_accuracy(data):
    X, _ = data
    y = X["c0"].abs().rename("y")
    regression = sp.validate(Ridge(), X, y, cv=3, regimes=BINS, n_bootstrap=20)
    assert type(regression) is sp.Validation
    with pytest.raises(InvalidParameterError, match="of bias, .*; got 'accuracy'"):
        regression.verdict({"accuracy": 0.9})
    with pytest.raises(InvalidParameterError, match="metric must be one of bias, .*'accuracy'"):
        regression.next_tests(metric="accuracy")
    with pytest.raises(InvalidParameterError, match="metric must be one of bias, .*'accuracy'"):
        sp.RegimeHeatmapDisplay.from_validation(regression, metric="accuracy")


def test_next_tests_rank_by_accuracy(result):
    ranked = result.next_tests()
    assert set(ranked["metric"]) == {"accuracy"}
    width = (ranked["high"] - ranked["low"]).dropna()
    assert width.is_monotonic_decreasing
    assert set(result.next_tests(metric="log_loss")["metric"]) == {"log_loss"}
    with pytest.raises(InvalidParameterError, match="metric must be one of accuracy"):
        result.next_tests(metric="rmse")


def test_metrics_by_other_regimes(data, result):
    X, _ = data
    table = result.metrics_by((X["c2"] > 0).rename("side"))
    assert table.index.tolist() == [False, True]
    assert table["n"].sum() == len(X)
    same = result.metrics_by(result.regimes)
    pd.testing.assert_frame_equal(same, result.by_regime)


def test_the_map_shows_a_score(result):
    display = sp.RegimeHeatmapDisplay.from_validation(result)
    assert display.metric == "accuracy"
    assert display.colorbar_.ax.get_ylabel() == "accuracy"
    assert display.im_.get_clim() == (0.0, 1.0)
    strip = sp.RegimeHeatmapDisplay.from_validation(result, metric="log_loss", columns="c0")
    assert strip.table["n"].sum() == len(result.predictions)
    assert "log_loss" in strip.table
    with pytest.raises(InvalidParameterError, match="metric must be one of accuracy"):
        sp.RegimeHeatmapDisplay.from_validation(result, metric="rmse")


def test_repr_says_what_is_found_and_where_not(result):
    text = repr(result)
    assert "3 classes: 6 cycles, 905 rows, 3 folds" in text
    assert "accuracy" in text
    assert "% of 'broken'" in text
    assert "worst of the others: accuracy" in text, "some cells are weak"


def test_what_is_for_regressors_says_so(data, result):
    X, y = data
    with pytest.raises(InvalidParameterError, match="diagnose is for regressors"):
        sp.diagnose(result)
    with pytest.raises(InvalidParameterError, match="predict_interval"):
        result.band_coverage()
    with pytest.raises(InvalidParameterError, match="must be a regressor; got the classifier"):
        sp.price_of_leaks(LogisticRegression(), X, y)


def test_page_holds_scores_maps_and_confusion(tmp_path, result):
    path = tmp_path / "page.html"
    result.to_html(path, limits={"accuracy": 0.99})
    page = path.read_text(encoding="utf-8")
    for words in ("Classification of state", "balanced accuracy", "broken", "Confusion in", "fail"):
        assert words in page
    assert "<script" not in page
    with pytest.raises(
        InvalidParameterError, match="takes limits, loss and audit only; got prices"
    ):
        result.to_html(path, prices=object())


def test_page_without_regimes_and_probabilities_and_with_strange_labels(tmp_path, data):
    X, y = data
    y = y.replace("broken", "<script>alert(1)</script>").rename("<b>")
    path = tmp_path / "page.html"
    sp.validate(LinearSVC(), X, y, cv=3, n_bootstrap=20).to_html(path)
    page = path.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "have no address" in page


def test_json_holds_the_numbers(tmp_path, result):
    path = tmp_path / "numbers.json"
    result.to_json(path, limits={"accuracy": 0.5})
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["schema"] == "signalprep-classification"
    assert found["classes"] == result.classes
    assert found["overall"]["accuracy"] == result.overall["accuracy"]
    assert found["confusion"]["all"] == result.confusion.to_numpy().tolist()
    cell = found["confusion"]["by_regime"][1]
    assert cell["counts"] == result.confusion_by_regime.iloc[3:6].to_numpy().tolist()
    assert cell["regime"] == found["by_regime"][1]["regime"]
    assert found["verdict"]["limits"] == {"accuracy": 0.5}
    assert len(found["by_cycle"]) == 6
