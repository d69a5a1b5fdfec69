"""Differences of classifiers: their own scores, the same cycles for both."""

import numpy as np
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics import classification_metrics, paired_classification_metrics

CLASSES = ["broken", "fine", "worn"]
SCORES = ("accuracy", "balanced_accuracy", "f1", "log_loss")


@pytest.fixture
def case():
    """Ten cycles, hard ones and easy ones, in two cells; a is right somewhat more often than b."""
    rng = np.random.default_rng(0)
    cycles = np.repeat(np.arange(10), 200)
    truth = rng.integers(3, size=len(cycles))
    hard = np.repeat(rng.uniform(0.0, 0.5, 10), 200)
    draw = rng.random(len(cycles))
    models = []
    for extra in (0.0, 0.05):
        code = np.where(draw < hard + extra, (truth + 1) % 3, truth)
        p = np.full((len(cycles), 3), 0.1)
        p[np.arange(len(cycles)), code] = 0.8
        models.append((np.asarray(CLASSES)[code], p))
    return np.asarray(CLASSES)[truth], models, rng.integers(2, size=len(cycles)), cycles


def test_values_are_the_scores_of_each(case):
    truth, ((a, p_a), (b, p_b)), cell, cycles = case
    table = paired_classification_metrics(
        truth, a, b, cell, cycles, 50, probabilities_a=p_a, probabilities_b=p_b
    )
    for side, prediction, p in (("a", a, p_a), ("b", b, p_b)):
        own = classification_metrics(truth, prediction, cell, cycles, 0, probabilities=p)
        for name in SCORES:
            np.testing.assert_array_equal(table[f"{name}_{side}"], own[name])
        np.testing.assert_array_equal(table[["n", "n_cycles"]], own[["n", "n_cycles"]])
    for name in SCORES:
        np.testing.assert_array_equal(table[name], table[f"{name}_a"] - table[f"{name}_b"])


def test_what_the_cycles_have_in_common_drops_out(case):
    truth, ((a, p_a), (b, p_b)), _, cycles = case
    row = paired_classification_metrics(
        truth, a, b, cycles=cycles, probabilities_a=p_a, probabilities_b=p_b
    ).iloc[0]
    own = classification_metrics(truth, a, cycles=cycles, probabilities=p_a).iloc[0]
    for name in SCORES:
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        assert low <= row[name] <= high
        assert high - low < 0.3 * (own[f"{name}_high"] - own[f"{name}_low"])
    assert row["accuracy_low"] > 0.0
    assert row["log_loss_high"] < 0.0


def test_turned_round_the_signs_turn(case):
    truth, ((a, _), (b, _)), cell, cycles = case
    one = paired_classification_metrics(truth, a, b, cell, cycles)
    other = paired_classification_metrics(truth, b, a, cell, cycles)
    np.testing.assert_array_equal(one["f1"], -other["f1"])
    np.testing.assert_allclose(one["f1_low"], -other["f1_high"], atol=1e-15)


def test_without_probabilities_or_cycles_there_is_no_number(case):
    truth, ((a, p_a), (b, _)), cell, cycles = case
    table = paired_classification_metrics(truth, a, b, cell, cycles, probabilities_a=p_a)
    assert table[["log_loss", "log_loss_low", "log_loss_high"]].isna().all(axis=None)
    few = paired_classification_metrics(truth, a, b, cell, np.minimum(cycles, 1))
    assert not few["evidence"].any()
    assert few[["accuracy_low", "accuracy_high"]].isna().all(axis=None)
    none = paired_classification_metrics(truth, a, b, cell, cycles, n_bootstrap=0)
    assert none["accuracy_low"].isna().all()


def test_a_class_that_only_one_of_them_predicts_counts_for_both():
    truth, a, b = list("aabb"), list("aabb"), list("aabc")
    row = paired_classification_metrics(truth, a, b, cycles=[1, 1, 2, 2]).iloc[0]
    assert row["accuracy"] == 0.25
    assert row["f1"] == pytest.approx(1.0 - (1.0 + 2 / 3 + 0.0) / 3)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(InvalidLogError, match="must hold labels of one type"):
        paired_classification_metrics(["a", "b"], ["a", "b"], [1, 2], cycles=[1, 2])
    with pytest.raises(InvalidParameterError, match="confidence"):
        paired_classification_metrics(["a"], ["a"], ["a"], cycles=[1], confidence=1.0)
