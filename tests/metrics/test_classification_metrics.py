"""Scores of classifiers by regime, held against scikit-learn."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
)

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics import classification_metrics, confusion_table

LABELS = {
    "text": ["broken", "fine", "worn"],
    "ints": [0, 3, 7],
    "two": ["fault", "ok"],
    "bools": [False, True],
    "whole floats": [0.0, 1.0],
}


def random_case(classes, seed, n=600):
    """Rows of 8 cycles in 3 cells; the last cell never holds the last class as truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(len(classes), size=n)
    cell = rng.integers(3, size=n)
    truth[(cell == 2) & (truth == len(classes) - 1)] = 0
    p = rng.dirichlet(np.ones(len(classes)), size=n)
    p[np.arange(n), truth] += 0.5
    p /= p.sum(axis=1, keepdims=True)
    labels = np.asarray(classes)
    cycles = np.sort(rng.integers(8, size=n))
    return labels[truth], labels[p.argmax(axis=1)], cell, cycles, p


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("seed", range(3))
def test_every_cell_agrees_with_scikit_learn(kind, seed):
    classes = LABELS[kind]
    truth, prediction, cell, cycles, p = random_case(classes, seed)
    table = classification_metrics(
        truth, prediction, cell, cycles, n_bootstrap=20, probabilities=p, classes=classes
    )
    for k in range(3):
        t, q = truth[cell == k], prediction[cell == k]
        with warnings.catch_warnings():  # of a predicted class that the cell does not hold
            warnings.simplefilter("ignore", UserWarning)
            balanced = balanced_accuracy_score(t, q)
        row = table.loc[k]
        assert row["n"] == len(t)
        assert row["n_cycles"] == len(np.unique(cycles[cell == k]))
        assert row["accuracy"] == pytest.approx(accuracy_score(t, q), abs=1e-14)
        assert row["balanced_accuracy"] == pytest.approx(balanced, abs=1e-14)
        assert row["f1"] == pytest.approx(f1_score(t, q, average="macro"), abs=1e-14)
        assert row["log_loss"] == pytest.approx(
            log_loss(t, p[cell == k], labels=classes), rel=1e-12
        )


@pytest.mark.parametrize("kind", LABELS)
def test_confusion_agrees_with_scikit_learn(kind):
    classes = LABELS[kind]
    truth, prediction, cell, cycles, _ = random_case(classes, 1)
    table = confusion_table(truth, prediction, cell, cycles, classes=classes)
    assert table.index.names == ["regime", "truth"]
    for k in range(3):
        expected = confusion_matrix(
            truth[cell == k].astype(str),
            prediction[cell == k].astype(str),
            labels=[str(label) for label in np.asarray(classes)],
        )
        np.testing.assert_array_equal(table.loc[k], expected)
    whole = confusion_table(truth, prediction, cycles=cycles)
    assert whole.columns.tolist() == sorted(classes)
    assert whole.to_numpy().sum() == len(truth)


def test_a_class_without_a_chance_costs_as_much_as_in_scikit_learn():
    truth, p = np.array(["a", "b", "b"]), np.array([[1.0, 0.0], [1.0, 0.0], [0.2, 0.8]])
    table = classification_metrics(truth, ["a", "a", "b"], cycles=[1, 1, 2], probabilities=p)
    assert table.loc["overall", "log_loss"] == pytest.approx(log_loss(truth, p))
    assert table.loc["overall", "log_loss"] > 10.0


def test_without_probabilities_there_is_no_log_loss():
    row = classification_metrics(["a", "b"] * 9, ["a", "a"] * 9, cycles=np.arange(18) // 3).iloc[0]
    assert np.isnan([row["log_loss"], row["log_loss_low"], row["log_loss_high"]]).all()
    assert row["accuracy"] == 0.5


def test_intervals_hold_the_score_and_shrink_with_cycles():
    rng = np.random.default_rng(0)

    def table(n_cycles):
        cycles = np.repeat(np.arange(n_cycles), 50)
        wrong = rng.random(len(cycles)) < np.repeat(rng.beta(2, 8, n_cycles), 50)
        truth = rng.random(len(cycles)) < 0.3
        p = np.where(truth ^ wrong, 0.9, 0.1)
        return classification_metrics(
            truth, truth ^ wrong, cycles=cycles, probabilities=np.stack([1 - p, p], axis=1)
        ).iloc[0]

    few, many = table(6), table(120)
    for name in ("accuracy", "balanced_accuracy", "f1", "log_loss"):
        for row in (few, many):
            assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]
        assert many[f"{name}_high"] - many[f"{name}_low"] < 0.6 * (
            few[f"{name}_high"] - few[f"{name}_low"]
        )


def test_intervals_resample_cycles_and_not_rows():
    cycles = np.repeat(np.arange(10), 200)
    truth = np.tile(["a", "b"], 1000)
    prediction = np.where(np.repeat(np.arange(10) < 5, 200), truth, "a")
    row = classification_metrics(truth, prediction, cycles=cycles).iloc[0]
    assert row["accuracy"] == 0.75
    assert row["accuracy_high"] - row["accuracy_low"] > 0.25  # rows alone would say 0.04


def test_intervals_cover_the_truth():
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        cycles = np.repeat(np.arange(24), 40)
        wrong = rng.random(len(cycles)) < np.repeat(rng.beta(2, 8, 24), 40)
        truth = rng.random(len(cycles)) < 0.5
        row = classification_metrics(
            truth, truth ^ wrong, cycles=cycles, n_bootstrap=200, random_state=seed
        ).iloc[0]
        held += row["accuracy_low"] <= 0.8 <= row["accuracy_high"]
    assert held >= 52  # 57 expected


@pytest.mark.parametrize("n_cycles", [3, 8, 24])
def test_no_cell_is_known_better_than_a_faultless_one(n_cycles):
    """One wrong row, or one in every cycle: cycles hardly differ, and more may be unseen."""
    cycles = np.repeat(np.arange(n_cycles), 10)
    truth = np.tile([0, 1], 5 * n_cycles)
    rows = []
    for wrong in (slice(0, 0), slice(0, 1), slice(0, None, 10)):
        said = truth.copy()
        said[wrong] = 1 - said[wrong]
        rows.append(classification_metrics(truth, said, cycles=cycles, n_bootstrap=100).iloc[0])
    unseen = 0.025 ** (1 / n_cycles)
    for name in ("accuracy", "balanced_accuracy", "f1"):
        low = [row[f"{name}_low"] for row in rows]
        assert low[0] == pytest.approx(unseen)
        assert low[2] < low[1] <= low[0] * (1 + 1e-9)
        assert rows[2][f"{name}_high"] > rows[2][name] + 0.01


def test_a_cell_of_few_cycles_has_no_evidence():
    cell = np.repeat(["seen", "rare"], [90, 10])
    cycles = np.concatenate([np.arange(90) // 10, np.full(10, 3)])
    table = classification_metrics(["a", "b"] * 50, ["a"] * 100, cell, cycles)
    assert table["evidence"].to_dict() == {"rare": False, "seen": True}
    assert np.isnan(table.loc["rare", "accuracy_low"])
    assert table.loc["rare", "accuracy"] == 0.5


def test_cells_without_rows_are_listed_with_nothing():
    cell = pd.Series(pd.Categorical(["a"] * 6, categories=["a", "b"], ordered=True), name="speed")
    table = classification_metrics([0, 1] * 3, [0, 0] * 3, cell, [1, 1, 2, 2, 3, 3])
    assert table["n"].tolist() == [6, 0]
    assert table.loc["b", ["accuracy", "f1", "balanced_accuracy", "accuracy_low"]].isna().all()
    counts = confusion_table([0, 1] * 3, [0, 0] * 3, cell, [1, 1, 2, 2, 3, 3])
    assert counts.loc["b"].to_numpy().tolist() == [[0, 0], [0, 0]]


def test_rows_are_aligned_by_index():
    index = pd.MultiIndex.from_product([range(4), np.arange(5.0)], names=["cycle", "time"])
    rng = np.random.default_rng(0)
    truth, prediction = (pd.Series(rng.choice(["a", "b"], 20), index) for _ in range(2))
    expected = classification_metrics(truth, prediction, n_bootstrap=50)
    mixed = prediction.iloc[rng.permutation(20)]
    pd.testing.assert_frame_equal(classification_metrics(truth, mixed, n_bootstrap=50), expected)


def test_the_same_seed_gives_the_same_intervals():
    truth, prediction, cell, cycles, _ = random_case(["a", "b"], 0)
    one, same, other = (
        classification_metrics(truth, prediction, cell, cycles, random_state=seed)
        for seed in (0, 0, 1)
    )
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"y_true": ["a", None, "b", "b"]}, InvalidLogError, "y_true must label .* row 1"),
        ({"y_true": [1.0, np.nan, 2.0, 2.0]}, InvalidLogError, "y_true must label .* row 1"),
        ({"y_true": [0.0, 0.5, 1.0, 1.0]}, InvalidParameterError, "real numbers such as 0.5"),
        ({"y_true": [["a"]] * 4}, InvalidParameterError, "y_true must be one column"),
        ({"y_true": np.array(["a", 1, "b", 2], dtype=object)}, InvalidLogError, "int, str"),
        ({"y_pred": [0, 1, 0, 1]}, InvalidLogError, "labels of one type"),
        ({"classes": ["a", "c"]}, InvalidLogError, "y_true must hold the classes 'a', 'c'; row 2"),
        ({"classes": ["a", "a"]}, InvalidParameterError, "classes must be different"),
        ({"probabilities": np.ones((4, 3)) / 3}, InvalidParameterError, r"shape \(4, 2\)"),
        ({"probabilities": np.ones((4, 2))}, InvalidLogError, "sum to 1"),
        ({"probabilities": np.full((4, 2), np.nan)}, InvalidLogError, "lie in"),
        ({"cycles": None}, InvalidLogError, "cycles must be given"),
        ({"regimes": [1, 2]}, InvalidLogError, "one entry a row"),
        ({"n_bootstrap": -1}, InvalidParameterError, "n_bootstrap"),
    ],
)
def test_what_is_wrong_is_said(change, error, words):
    given = {"y_true": ["a", "a", "b", "b"], "y_pred": ["a", "b", "b", "a"], "cycles": [1, 1, 2, 2]}
    with pytest.raises(error, match=words):
        classification_metrics(**(given | change))


def test_probabilities_of_other_rows_are_refused():
    index = pd.MultiIndex.from_product([range(2), np.arange(2.0)], names=["cycle", "time"])
    truth = pd.Series(["a", "b", "a", "b"], index)
    p = pd.DataFrame({"a": [0.5] * 4, "b": [0.5] * 4}, index[::-1])
    with pytest.raises(InvalidLogError, match="index of the labels"):
        classification_metrics(truth, truth, probabilities=p)


def test_regimes_named_by_ints_keep_their_order():
    regimes = pd.DataFrame({1: list("aabb"), 0: list("xyxy")})
    table = confusion_table([0, 1, 0, 1], [0, 1, 1, 1], regimes, cycles=[1, 1, 2, 2])
    assert table.index.names == [1, 0, "truth"]
    assert table.index[0] == ("a", "x", 0)
