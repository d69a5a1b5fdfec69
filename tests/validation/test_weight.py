"""weight="cycle" through validate and all that reads a validation."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.metrics import confusion_table, regime_metrics

CV = sp.CycleKFold(3)
SAID = "every cycle counts the same"


@pytest.fixture(scope="module")
def data():
    """Seven drives, of which each keeps less than the one before."""
    log = sp.datasets.simulate_pmsm(n_cycles=7, rate=0.5, random_state=0)
    kept = [part.iloc[: len(part) // (1 + k)] for k, (_, part) in enumerate(log.groupby(level=0))]
    log = pd.concat(kept)
    return log.drop(columns="T_pm"), log["T_pm"]


def validated(data, estimator=None, **options):
    given = {"cv": CV, "n_bootstrap": 40, "regimes": {"omega_m": [0, 300, 5000]}} | options
    return sp.validate(Ridge() if estimator is None else estimator, *data, **given)


@pytest.fixture(scope="module")
def by_cycle(data):
    return validated(data, weight="cycle")


def mean_of_cycles(squares):
    return np.sqrt(squares.groupby(level=0).mean().mean())


def test_tables_are_means_over_cycles(by_cycle, data):
    squares = by_cycle.errors**2
    assert by_cycle.overall["rmse"] == pytest.approx(mean_of_cycles(squares), rel=1e-12)
    for cell, row in by_cycle.by_regime.iterrows():
        own = (by_cycle.regimes["omega_m"] == cell).to_numpy()
        assert row["rmse"] == pytest.approx(mean_of_cycles(squares[own]), rel=1e-12)
        assert row["n"] == own.sum()
    hot = (data[1] > 60.0).rename("hot")
    found = by_cycle.metrics_by(hot)
    for cell, row in found.iterrows():
        assert row["rmse"] == pytest.approx(mean_of_cycles(squares[hot == cell]), rel=1e-12)
    assert by_cycle.by_cycle["share"].sum() == pytest.approx(1.0)
    assert by_cycle.settings["weight"] == "cycle"


def test_fits_and_predictions_do_not_know_of_it(by_cycle, data):
    by_row = validated(data)
    pd.testing.assert_frame_equal(by_row.predictions, by_cycle.predictions)
    assert by_row.overall["rmse"] != by_cycle.overall["rmse"]


def test_it_is_said_in_words(by_cycle, tmp_path):
    assert f"weights: {SAID}\n" in repr(by_cycle)
    assert SAID in repr(by_cycle.verdict({"rmse": 5.0}))
    by_cycle.to_html(tmp_path / "page.html", limits={"rmse": 5.0})
    by_cycle.to_json(tmp_path / "page.json")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert f"weights: {SAID}" in page
    assert "a row counts 1 over the rows of its cycle in the cell" in page
    assert json.loads((tmp_path / "page.json").read_text("utf-8"))["settings"]["weight"] == "cycle"


def test_comparisons_average_as_both_do(by_cycle, data):
    other = validated(data, Ridge(1e3), weight="cycle")
    found = sp.compare(by_cycle, other, n_bootstrap=40)
    assert found.overall["rmse_b"] == other.overall["rmse"]
    assert SAID in repr(found)
    by_row = validated(data, Ridge(1e3))
    with pytest.raises(InvalidParameterError, match="average their errors alike.*weight='cycle'"):
        sp.compare(by_cycle, by_row)
    found = sp.compare(by_cycle, by_row, n_bootstrap=40, weight="row")
    assert found.overall["rmse_b"] == by_row.overall["rmse"]
    assert SAID not in repr(found)


def test_diagnosis_averages_as_the_validation_does(by_cycle):
    diagnosis = sp.diagnose(by_cycle)
    found = by_cycle.predictions
    age = found.index.get_level_values(1) - found.groupby(level=0)["fold"].transform(
        lambda part: part.index[0][1]
    )
    late = age >= 0.5 * age.groupby(level=0).transform("max")
    expected = mean_of_cycles((by_cycle.errors**2)[late.to_numpy()])
    assert diagnosis.settled["rmse"] == pytest.approx(expected, rel=1e-12)


def test_bands_count_cycles_alike_whatever_the_weight(data):
    one, other = (
        validated(data, sp.ConformalBands(Ridge(), coverage=0.5), weight=weight, regimes=None)
        for weight in ("row", "cycle")
    )
    pd.testing.assert_frame_equal(one.band_coverage(), other.band_coverage())


def test_classifiers_count_cycles_alike(data):
    X, y = data
    hot = (y > 60.0).rename("hot")
    model = sp.make_pipeline(sp.Scaler(), LogisticRegression())
    result = validated((X, hot), model, weight="cycle")
    right = 1.0 - result.errors.astype(float)
    expected = right.groupby(level=0).mean().mean()
    assert result.overall["accuracy"] == pytest.approx(expected, rel=1e-12)
    recall = result.by_class["recall"]
    assert recall.mean() == pytest.approx(result.overall["balanced_accuracy"], rel=1e-12)
    counts = result.confusion
    assert result.by_class["n"].tolist() == counts.sum(axis=1).tolist()
    found = result.predictions
    cycles = confusion_table(found["truth"], found["prediction"], weight="cycle")
    assert cycles.to_numpy().sum() == pytest.approx(7.0)


def test_each_target_counts_cycles_alike(data):
    X, y = data
    both = pd.DataFrame({"T": y, "speed": X["omega_m"]})
    given = (X.drop(columns="omega_m"), both)
    found = validated(given, weight="cycle", regimes=None, n_bootstrap=0)
    for one in found.values():
        assert one.overall["rmse"] == pytest.approx(mean_of_cycles(one.errors**2), rel=1e-12)


def test_prices_average_so_too(data):
    prices = sp.price_of_leaks(Ridge(), *data, n_splits=3, n_bootstrap=20, weight="cycle")
    honest = prices.predictions["unseen cycle"]
    expected = mean_of_cycles((honest["prediction"] - honest["truth"]) ** 2)
    assert prices.table.loc["unseen cycle", "rmse"] == pytest.approx(expected, rel=1e-12)
    assert SAID in repr(prices)


def test_learning_curves_average_so_too(data):
    X, y = data
    fold = next(CV.split(X))
    n_cycles = X.iloc[fold[0]].index.get_level_values(0).nunique()
    how = {"sizes": [n_cycles], "n_repeats": 1, "cv": [fold], "weight": "cycle"}
    curve = sp.cycle_learning_curve(Ridge(), X, y, **how)
    model = Ridge().fit(X.iloc[fold[0]], y.iloc[fold[0]])
    for part, rows in zip(("train", "test"), fold, strict=True):
        squares = (model.predict(X.iloc[rows]) - y.iloc[rows]) ** 2
        assert curve.table[part].iloc[0] == pytest.approx(mean_of_cycles(squares), rel=1e-12)
    assert SAID in repr(curve)


def test_maps_say_it_beside_the_colours(by_cycle):
    display = sp.RegimeHeatmapDisplay.from_validation(by_cycle)
    assert display.colorbar_.ax.get_ylabel() == "RMSE [K]\nevery cycle\ncounts the same"
    found = by_cycle.predictions
    given = (found["truth"], found["prediction"], by_cycle.regimes)
    again = sp.RegimeHeatmapDisplay.from_predictions(*given, n_bootstrap=40, weight="cycle")
    pd.testing.assert_series_equal(again.table["rmse"], by_cycle.by_regime["rmse"])
    assert again.colorbar_.ax.get_ylabel().endswith("counts the same")


class Never(Ridge):
    def fit(self, X, y, sample_weight=None):
        raise AssertionError("fitted")


@pytest.mark.parametrize("ask", [sp.validate, sp.price_of_leaks, sp.cycle_learning_curve])
def test_an_unknown_weight_is_refused_before_any_fit(data, ask):
    with pytest.raises(InvalidParameterError, match="one of 'row', 'cycle'.*got 'cycles'"):
        ask(Never(), *data, weight="cycles")


def test_a_table_by_hand_says_the_same(by_cycle):
    found = by_cycle.predictions
    given = (found["truth"], found["prediction"], by_cycle.regimes)
    table = regime_metrics(*given, n_bootstrap=0, weight="cycle")
    pd.testing.assert_series_equal(table["mae"], by_cycle.by_regime["mae"])


def test_decisions_count_one_a_cycle_either_way(data):
    X, y = data
    number = pd.factorize(y.index.get_level_values(0))[0]
    own = pd.Series(np.sqrt(1.0 + number), y.index, name="own")
    how = {"decide": "cycle", "interval": "nested", "cv": 3, "regimes": None}
    row, cycle = (validated((X, own), weight=weight, **how) for weight in ("row", "cycle"))
    pd.testing.assert_series_equal(row.overall, cycle.overall)
    assert row.settings["inflation"] == cycle.settings["inflation"]
