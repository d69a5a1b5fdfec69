"""Intervals of scores and of differences, and what widens them, by the formulas of the docs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics import TaskName, classification_metrics, paired_metrics
from signalprep.metrics._alignment import LARGEST, SMALLEST, align, code_type
from signalprep.metrics._catalogue import METRICS
from signalprep.metrics._cells import encode_cells, levels_of
from signalprep.metrics._classification_intervals import unseen_share
from signalprep.metrics._classification_labels import align_classes, check_labels
from signalprep.metrics._implied_ends import widen_to_agree
from signalprep.metrics._inflation import inflated
from signalprep.metrics._student_ends import student_ends


def student_by_hand(point, draws, n, confidence):
    known = draws[~np.isnan(draws)]
    reach = stats.t.ppf(0.5 + confidence / 2, max(n - 1, 1)) * np.sqrt(n / (n - 1))
    return point - reach * known.std(ddof=1), point + reach * known.std(ddof=1)


@pytest.mark.parametrize("n", [1.5, 4.0, 23.7])
def test_student_ends(n):
    draws = np.random.default_rng(0).normal(3.0, 2.0, size=200)
    draws[::9] = np.nan
    (low,), (high,) = student_ends(np.array([2.5]), draws[None], np.array([n]), 0.9)
    assert (low, high) == pytest.approx(student_by_hand(2.5, draws, n, 0.9))


@pytest.mark.parametrize("n_known", [0, 1])
def test_an_unknown_spread_has_no_ends(n_known):
    draws = np.full((1, 5), np.nan)
    draws[0, :n_known] = 3.0
    (low,), (high,) = student_ends(np.array([2.5]), draws, np.array([4.0]), 0.9)
    assert np.isnan(low)
    assert np.isnan(high)


def labelled(seed, lengths=(30, 22, 45, 18, 36), n_classes=3):
    rng = np.random.default_rng(seed)
    cycle = np.repeat(np.arange(len(lengths)), lengths)
    truth = rng.integers(0, n_classes, len(cycle))
    hit = rng.uniform(size=len(cycle)) < np.array([0.95, 0.8, 0.7, 0.9, 0.5])[cycle]
    said = np.where(hit, truth, rng.integers(0, n_classes, len(cycle)))
    raw = rng.uniform(0.1, 1.0, size=(len(cycle), n_classes))
    return truth, said, raw / raw.sum(axis=1, keepdims=True), cycle


SCORES = {
    "accuracy": accuracy_score,
    "balanced_accuracy": balanced_accuracy_score,
    "f1": lambda truth, said: f1_score(truth, said, average="macro"),
}


@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_intervals_of_scores(confidence):
    truth, said, p, cycle = labelled(0)
    n_draws = 40
    table = classification_metrics(
        truth, said, None, cycle, probabilities=p, n_bootstrap=n_draws, confidence=confidence
    ).loc["overall"]
    members = [np.flatnonzero(cycle == k) for k in range(5)]
    sizes = np.array([len(rows) for rows in members])
    n = sizes.sum() ** 2 / np.sum(sizes**2)
    level = stats.norm.cdf(np.sqrt(n / (n - 1)) * stats.t.ppf((1 - confidence) / 2, n - 1))
    counts = np.random.RandomState(0).multinomial(5, np.full(5, 0.2), size=n_draws)

    def rows_of(times):
        return np.concatenate([np.tile(rows, k) for rows, k in zip(members, times, strict=True)])

    loss = -np.log(p[np.arange(len(truth)), truth])
    every = np.arange(len(truth))
    for name in (*SCORES, "log_loss"):

        def score(rows, name=name):
            if name == "log_loss":
                return loss[rows].mean()
            return SCORES[name](truth[rows], said[rows])

        point = score(every)
        draws = np.array([score(rows_of(times)) for times in counts])
        down, up = student_by_hand(point, draws, n, confidence)
        low = min(np.quantile(draws, level), down)
        high = max(np.quantile(draws, 1 - level), up)
        harder = [score(rows_of(1 + 3 * np.eye(5, dtype=int)[k])) - point for k in range(5)]
        if name == "log_loss":
            low, high = max(low, 0.0), high + max(0.0, *harder)
        else:
            low += min(0.0, *harder)
            alpha = (1 - confidence) / 2
            if name == "accuracy":
                share = 1 - alpha ** (1 / n)
            else:
                of = [np.array([(truth[rows] == c).sum() for rows in members]) for c in range(3)]
                worth = [one.sum() ** 2 / np.sum(one**2) for one in of]
                share = np.mean([1 - alpha ** (1 / one) for one in worth])
            low, high = max(min(low, 1 - share), 0.0), min(max(high, share), 1.0)
        assert table[name] == pytest.approx(point)
        assert (table[f"{name}_low"], table[f"{name}_high"]) == pytest.approx((low, high)), name


def test_scores_without_spread_count_the_unseen_share_in_full():
    cycle = np.repeat(np.arange(8), 4)
    truth, said = np.tile([0, 1, 0, 1], 8), np.tile([0, 1, 0, 0], 8)
    p = np.where(np.arange(2) == said[:, None], 0.75, 0.25)
    table = classification_metrics(truth, said, None, cycle, probabilities=p).loc["overall"]
    share = 1 - 0.025 ** (1 / 8)
    assert unseen_share(np.array([8.0]), 0.95)[0] == pytest.approx(share)
    assert table["accuracy_low"] == pytest.approx(0.75 * (1 - share))
    assert table["accuracy_high"] == pytest.approx(0.75 + 0.25 * share)
    worst = -np.log(np.finfo(float).eps)
    assert table["log_loss_high"] == pytest.approx(table["log_loss"] + share * worst)


def test_intervals_of_differences():
    rng = np.random.default_rng(0)
    cycle = np.repeat(np.arange(6), (20, 31, 12, 25, 40, 18))
    truth = rng.normal(size=len(cycle))
    a, b = truth + rng.normal(0.3, 1.0, len(cycle)), truth + rng.normal(-0.1, 1.2, len(cycle))
    table = paired_metrics(truth, a, b, None, cycle, n_bootstrap=50, confidence=0.9).loc["overall"]
    members = [np.flatnonzero(cycle == k) for k in range(6)]
    sizes = np.bincount(cycle)
    n = sizes.sum() ** 2 / np.sum(sizes**2)
    counts = np.random.RandomState(0).multinomial(6, np.full(6, 1 / 6), size=50)
    of = {
        "bias": lambda e: abs(e.mean()),
        "mae": lambda e: np.abs(e).mean(),
        "rmse": lambda e: np.sqrt(np.mean(e**2)),
    }
    for name, metric in of.items():

        def difference(rows, metric=metric):
            return metric((a - truth)[rows]) - metric((b - truth)[rows])

        draws = [
            difference(np.concatenate([np.tile(m, k) for m, k in zip(members, times, strict=True)]))
            for times in counts
        ]
        point = difference(np.arange(len(cycle)))
        ends = student_by_hand(point, np.array(draws), n, 0.9)
        assert table[name] == pytest.approx(point)
        assert (table[f"{name}_low"], table[f"{name}_high"]) == pytest.approx(ends)
    assert table["bias_a"] == pytest.approx((a - truth).mean())
    assert table["bias_b"] == pytest.approx((b - truth).mean())


def ends(**given):
    return {name: (np.array([float(a)]), np.array([float(b)])) for name, (a, b) in given.items()}


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({}, {}),
        ({"bias": (-9, 1)}, {"mae_high": 9, "rmse_high": 9, "p95_high": 18}),
        ({"bias": (-1, 8)}, {"mae_high": 8, "rmse_high": 8, "p95_high": 16}),
        ({"mae": (1, 7)}, {"rmse_high": 7, "p95_high": 14}),
        ({"rmse": (0.5, 6)}, {"mae_low": 0.5, "p95_low": 0.5 * 20**0.5, "p95_high": 12}),
        ({"bias": (2, 3)}, {"bias_low": 1}),
        ({"bias": (-3, -2)}, {"bias_high": -1}),
        ({"p95": (5, 99)}, {"p95_high": 6 * 20**0.5, "p95_low": 5}),
        ({"p95": (50, 60)}, {"p95_low": 2 * 20**0.5, "p95_high": 6 * 20**0.5}),
    ],
)
def test_no_end_contradicts_another(given, changed):
    bounds = ends(**{"bias": (-1, 1), "mae": (1, 5), "rmse": (2, 6), "p95": (3, 7)} | given)
    expected = {
        f"{k}_{end}": v[i][0] for k, v in bounds.items() for i, end in enumerate(("low", "high"))
    }
    expected["p95_high"] = max(expected["p95_high"], 12.0)
    points = pd.DataFrame({"rmse": [3.0], "p95": [6.0]})
    widen_to_agree(bounds, points)
    found = {
        f"{k}_{end}": v[i][0] for k, v in bounds.items() for i, end in enumerate(("low", "high"))
    }
    assert found == pytest.approx(expected | changed)


def test_longer_intervals():
    values = {"bias": (0.5, -1, 2), "mae": (2, 1, 4), "rmse": (3, 2, 6), "p95": (6, 4, 12)}
    values |= {"r2": (0.5, 0.2, 0.7)}
    row = {
        f"{k}{end}": v
        for k, three in values.items()
        for end, v in zip(("", "_low", "_high"), three, strict=True)
    }
    table = pd.DataFrame([row | {"max": 3.0, "share": 1.0}])
    longer = inflated(table, 2.0, TaskName.REGRESSION).iloc[0]
    assert (longer["bias_low"], longer["bias_high"]) == (-2.5, 3.5)
    assert (longer["mae_low"], longer["mae_high"]) == pytest.approx((0.5, 8.0))
    assert longer["rmse_low"] == pytest.approx(3 * (2 / 3) ** 2)
    assert longer["rmse_high"] == 9.0, "three times the largest error"
    assert (longer["r2_low"], longer["r2_high"]) == pytest.approx(
        (1 - 0.8**2 / 0.5, 1 - 0.3**2 / 0.5)
    )
    assert not longer["weak"]
    assert table["bias_low"].item() == -1
    score = {"accuracy": 0.9, "accuracy_low": 0.8, "accuracy_high": 0.97}
    for name in ("balanced_accuracy", "f1", "log_loss"):
        score |= {name: 0.0, f"{name}_low": 0.0, f"{name}_high": 1.0}
    longer = inflated(pd.DataFrame([score]), 3.0, TaskName.CLASSIFICATION).iloc[0]
    assert (longer["accuracy_low"], longer["accuracy_high"]) == pytest.approx((0.6, 1.0))
    assert (longer["log_loss_low"], longer["log_loss_high"]) == (0.0, 1.0), "0 has no logarithm"
    assert longer["weak"]


def test_where_an_interval_is_too_wide_to_say_much():
    rmse, accuracy, bias = METRICS["rmse"], METRICS["accuracy"], METRICS["bias"]
    assert rmse.is_weak([1.0, 1.0], [0.1, 0.1], [3.0, 3.01]).tolist() == [False, True]
    assert accuracy.is_weak([0.5] * 2, [0.25, 0.25], [0.5, 0.5625]).tolist() == [False, True]
    assert bias.is_weak([0.0], [-9.0], [9.0]).tolist() == [False]
    assert rmse.weak_in(pd.DataFrame({"rmse": [1.0]})).tolist() == [False]
    wide = pd.DataFrame({"rmse": [1.0], "rmse_low": [0.1], "rmse_high": [9.0]})
    assert rmse.weak_in(wide).tolist() == [True]
    assert (METRICS["share"].factor, rmse.factor) == (100.0, 1.0)
    assert accuracy.acceptable(0.9) == (0.9, np.inf)
    assert rmse.acceptable(2.0) == (-np.inf, 2.0)
    assert bias.acceptable(2.0) == (-2.0, 2.0)


# rows, cells and labels


def test_rows_of_cycles_in_runs():
    rows = align([1.0, 2, 3, 4, 5], [2.0, 2, 2, 2, 2], ["b", "b", "a", "b", "a"])
    assert rows.cycles.tolist() == ["b", "a"]
    assert rows.cycle.tolist() == [0, 0, 1, 0, 1]
    assert rows.error.tolist() == [1, 0, -1, -2, -3]
    assert rows.run_bounds.tolist() == [0, 2, 3, 4, 5]
    assert rows.name_of_row(1) == "cycle 'b', row 1"
    assert rows.name_of_row(2) == "cycle 'a', row 2"
    assert rows.cycles_of_cells(np.array([0, 0, 0, 2, 2]), 3).tolist() == [2, 0, 2]
    assert not rows.grouped
    grouped = align([1.0] * 5, [2.0] * 5, list("bbaba"), groups={"a": 1, "b": 1}, weight="cycle")
    assert (grouped.grouped, grouped.n_groups, grouped.group.tolist()) == (True, 1, [0] * 5)
    weight = grouped.weight_in(np.array([0, 0, 0, 1, 0]))
    np.testing.assert_allclose(weight, [0.5, 0.5, 0.5, 1.0, 0.5])
    weight = grouped.weight_in(np.array([2, 0, 0, 0, 0]))
    np.testing.assert_allclose(weight, [1.0, 0.5, 0.5, 0.5, 0.5])
    assert grouped.by_itself.n_groups == 2
    assert grouped.by_itself.weight_in(np.zeros(5)) is None


def test_errors_whose_squares_are_no_numbers():
    align([0.0, 0.0], [LARGEST, 1.0], [0, 0])
    with pytest.raises(InvalidLogError, match="y_pred must stay within .* in cycle 0, row 1"):
        align([0.0, 0.0], [1.0, 1.01 * LARGEST], [0, 0])
    with pytest.raises(InvalidLogError, match="y_true must stay within"):
        align([0.0, 1.01 * LARGEST], [0.0, 1.01 * LARGEST], [0, 0])
    align([0.0, 0.0], [SMALLEST, 0.0], [0, 0])
    align([0.0, 0.0], [0.0, 0.0], [0, 0])
    with pytest.raises(InvalidLogError, match="errors must reach"):
        align([0.0, 0.0], [0.5 * SMALLEST, 0.0], [0, 0])


def test_codes_are_as_small_as_they_can_be():
    assert code_type(32_767) is np.int16
    assert code_type(32_768) is np.int32


def test_cells_of_labels():
    code, cells = encode_cells(np.array([7, 5, 7]), np.zeros(3, int), pd.Index([0]))
    assert (code.tolist(), cells.tolist(), cells.name) == ([1, 0, 1], [5, 7], "regime")
    wide = np.array([0, 2_000_000, 0])
    code, cells = encode_cells(wide, np.zeros(3, int), pd.Index([0]))
    assert (code.tolist(), cells.tolist()) == ([0, 1, 0], [0, 2_000_000])
    two = np.array([[1, 9], [2, 8], [1, 8]])
    code, cells = encode_cells(two, np.zeros(3, int), pd.Index([0]))
    assert code.tolist() == [1, 2, 0]
    assert cells.tolist() == [(1, 8), (1, 9), (2, 8)]
    assert list(cells.names) == ["regime_0", "regime_1"]
    assert [level.tolist() for level in levels_of(cells)] == [[1, 1, 2], [8, 9, 8]]
    labels = pd.Categorical(["mid", "mid"], categories=["below", "low", "mid", "missing"])
    code, cells = encode_cells(pd.Series(labels), np.zeros(2, int), pd.Index([0]))
    assert (code.tolist(), cells.tolist()) == ([1, 1], ["low", "mid"])
    for bad, error, message in [
        (np.zeros((2, 1, 1)), InvalidParameterError, "must be 1-D or 2-D; got 3-D"),
        (np.zeros((2, 0)), InvalidParameterError, "at least one column; got none"),
        (pd.Series(["a", None]), InvalidLogError, "has no label in cycle 'x', row 1"),
    ]:
        with pytest.raises(error, match=message):
            encode_cells(bad, np.zeros(2, int), pd.Index(["x"]))
    many = pd.DataFrame({"a": np.arange(1001), "b": np.arange(1001)})
    with pytest.raises(InvalidParameterError, match="got 1001 x 1001"):
        encode_cells(many, np.zeros(1001, int), pd.Index([0]))
    thousand = pd.DataFrame({"a": np.arange(1000), "b": np.arange(1000)})
    assert len(encode_cells(thousand, np.zeros(1000, int), pd.Index([0]))[1]) == 1000


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([["a"]], InvalidParameterError, r"one column \(1-D\); got shape \(1, 1\)"),
        (np.array(["a", None], object), InvalidLogError, "row 1 has no label"),
        (np.array(["a", 1], object), InvalidLogError, "of one type; found int, str"),
        (np.array([1 + 2j]), InvalidLogError, "text, ints or bools; got complex"),
        ([1.0, 2.5], InvalidParameterError, "got real numbers such as 2.5"),
        ([1.0, np.inf], InvalidParameterError, "got real numbers such as inf"),
    ],
)
def test_labels_that_are_none(labels, error, message):
    with pytest.raises(error, match=message):
        check_labels(labels, "y_true")


def test_labels_of_any_type():
    assert check_labels(pd.array([1, 2], dtype="Int64"), "y").dtype == np.int64
    assert check_labels(pd.array([True], dtype="boolean"), "y").dtype == bool
    assert check_labels(pd.Categorical(["a"]), "y").tolist() == ["a"]
    assert check_labels([1.0, 2.0], "y").tolist() == [1.0, 2.0]
    with pytest.raises(InvalidLogError, match="one type; got int64 and"):
        align_classes([1], ["a"], [0], None, None, None)
    with pytest.raises(InvalidLogError, match="one type; got bool and int64"):
        align_classes([True], [1], [0], None, None, None)
    with pytest.raises(InvalidParameterError, match="classes must be different labels"):
        align_classes(["a"], ["a"], [0], None, None, ["a", "a"])
    with pytest.raises(InvalidLogError, match="y_pred must hold the classes 'a'; row 1 has 'b'"):
        align_classes(["a", "a"], ["a", "b"], [0, 0], None, None, ["a"])


def test_probabilities_to_four_digits():
    def loss(p):
        return align_classes(["a", "b"], ["a", "b"], [0, 0], None, p, None).loss

    np.testing.assert_allclose(loss([[0.25, 0.75], [0.5, 0.5]]), -np.log([0.25, 0.5]))
    eps = np.finfo(float).eps
    np.testing.assert_allclose(loss([[0.0, 1.0], [0.0, 1.0]]), -np.log([eps, 1 - eps]))
    assert loss([[0.5, 0.50009], [0.5, 0.49991]]) is not None
    assert loss([[-0.9e-4, 1.0], [1.00009, -0.9e-4]]) is not None
    for bad in ([0.5, 0.5002], [0.5, 0.4998], [-1.1e-4, 1.00011], [np.nan, 1.0]):
        with pytest.raises(InvalidLogError, match="sum to 1 in each row; got .* in row 1"):
            loss([[0.5, 0.5], bad])
    with pytest.raises(InvalidParameterError, match=r"shape \(2, 2\), one column a class; got"):
        loss([[1.0], [1.0]])
    index = pd.RangeIndex(2)
    labels, p = pd.Series(["a", "b"], index), pd.DataFrame([[1.0, 0.0]] * 2, index + 1)
    with pytest.raises(InvalidLogError, match="carry the index of the labels"):
        align_classes(labels, labels, [0, 0], None, p, None)
