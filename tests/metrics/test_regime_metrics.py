"""Metrics by cell: against plain formulas, scikit-learn and a bootstrap written out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics import cycle_metrics, overall_metrics, regime_metrics
from signalprep.metrics._bootstrap import _draw_cycles, _entropy

POINTS = ["n", "n_cycles", "n_groups", "bias", "mae", "rmse", "p95", "max", "r2", "share"]
WITH_INTERVAL = ["bias", "mae", "rmse", "p95", "r2"]


@pytest.fixture
def rows():
    """Truth, prediction, regime and cycle of 3000 rows; not every cycle sees every regime."""
    rng = np.random.default_rng(3)
    cycle = np.repeat(np.arange(12), 250)
    regime = rng.integers(4, size=3000)
    regime[(regime == 3) & (cycle > 4)] = 0
    y = rng.normal(size=3000) * 10 + regime
    offset = rng.normal(size=12)
    return y, y + offset[cycle] + rng.normal(size=3000), regime, cycle


def naive_metrics(y, p):
    e = p - y
    return {
        "bias": e.mean(),
        "mae": mean_absolute_error(y, p),
        "rmse": root_mean_squared_error(y, p),
        "p95": np.percentile(np.abs(e), 95),
        "r2": r2_score(y, p),
    }


def test_columns_and_index(rows):
    table = regime_metrics(*rows, n_bootstrap=10)
    bounds = [f"{name}_{end}" for name in WITH_INTERVAL for end in ("low", "high")]
    assert list(table.columns) == [*POINTS, *bounds, "evidence", "weak"]
    assert table.index.tolist() == [0, 1, 2, 3]
    assert table.index.name == "regime"


def test_points_equal_plain_formulas(rows):
    y, p, regime, cycle = rows
    table = regime_metrics(y, p, regime, cycle, n_bootstrap=0)
    for cell, row in table.iterrows():
        own = regime == cell
        for name, value in naive_metrics(y[own], p[own]).items():
            assert row[name] == pytest.approx(value, rel=1e-12), name
        assert row["p95"] == np.percentile(np.abs(p - y)[own], 95)
        assert row["max"] == np.abs(p - y)[own].max()
        assert row["n"] == own.sum()
        assert row["n_cycles"] == len(np.unique(cycle[own]))
        assert row["share"] == pytest.approx(((p - y)[own] ** 2).sum() / ((p - y) ** 2).sum())
    assert table["share"].sum() == pytest.approx(1.0)


def test_n_bootstrap_zero_leaves_intervals_empty(rows):
    table = regime_metrics(*rows, n_bootstrap=0)
    assert table.filter(regex="_low|_high").isna().to_numpy().all()
    assert table["evidence"].all()


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_intervals_equal_a_bootstrap_written_out(rows, confidence):
    y, p, regime, cycle = rows
    options = {
        "n_bootstrap": 80,
        "confidence": confidence,
        "random_state": 5,
        "interval": "percentile",
    }
    table = regime_metrics(y, p, regime, cycle, **options)
    ((_, counts),) = _draw_cycles(80, 12, _entropy(5))
    for cell in range(4):
        draws = []
        for drawn in counts:
            repeated = np.repeat(np.flatnonzero(regime == cell), drawn[cycle[regime == cell]])
            if len(repeated):
                draws.append(naive_metrics(y[repeated], p[repeated]))
        for name, values in pd.DataFrame(draws).items():
            tail = 50 * (1 - confidence)
            expected = np.percentile(values, [tail, 100 - tail])
            got = table.loc[cell, [f"{name}_low", f"{name}_high"]].to_numpy(dtype=float)
            np.testing.assert_allclose(got, expected, rtol=1e-10, err_msg=name)


MEANS = {
    "bias": lambda e: e.mean(),
    "mae": lambda e: abs(e).mean(),
    "rmse": lambda e: (e**2).mean(),
}


def scaled(name, errors, ids):
    """Bias, log MAE or log mean square, and its standard error by leaving a cycle out at a time."""
    mean = MEANS[name]
    whole = mean(errors)
    changes = np.array([mean(errors[ids != k]) for k in np.unique(ids)]) - whole
    if name != "bias":
        changes, whole = changes / whole, np.log(whole)
    return whole, np.sqrt((1 - 1 / len(changes)) * (changes**2).sum()), changes


def unseen(name, errors, ids):
    """Factor on the mean when the hardest cycle comes once more (MAE), or three times (RMSE)."""
    again = {"mae": 1, "rmse": 3}[name]
    grown = [MEANS[name](np.concatenate([errors, *[errors[ids == k]] * again])) for k in set(ids)]
    return max(grown) / MEANS[name](errors)


@pytest.mark.parametrize("name", ["bias", "mae", "rmse"])
@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_intervals_equal_a_studentised_bootstrap_written_out(rows, name, confidence):
    y, p, _, cycle = rows
    errors = np.where(cycle == 3, 4.0, 1.0) * (p - y)
    options = {"n_bootstrap": 60, "random_state": 5, "confidence": confidence}
    table = regime_metrics(np.zeros(3000), errors, np.zeros(3000), cycle, **options)
    ((_, counts),) = _draw_cycles(60, 12, _entropy(5))
    value, error, changes = scaled(name, errors, cycle)
    pivots = []
    for drawn in counts:
        parts = [errors[cycle == k] for k in np.repeat(np.arange(12), drawn)]
        ids = np.repeat(np.arange(12), [len(part) for part in parts])
        resampled, its_error, _ = scaled(name, np.concatenate(parts), ids)
        pivots.append((resampled - value) / its_error)
    tail = 50 * (1 - confidence)
    low, high = np.percentile(pivots, [tail, 100 - tail])
    degrees = min(11, 3 * (changes**2).sum() ** 2 / (changes**4).sum())
    student = stats.t.ppf(0.5 + confidence / 2, degrees)
    reach = np.clip([high, -low], student, 2 * student)
    expected = value + reach * [-error, error]
    if name != "bias":
        expected = np.exp(expected) * [1, unseen(name, errors, cycle)]
        expected **= 0.5 if name == "rmse" else 1
    got = table.loc[0, [f"{name}_low", f"{name}_high"]].to_numpy(dtype=float)
    np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_resamples_draw_as_many_cycles_as_there_are_and_all_alike():
    blocks = list(_draw_cycles(20_000, 10, 1))
    counts = np.concatenate([block for _, block in blocks])
    assert (counts.sum(axis=1) == 10).all()
    # A count is binomial(10, 1/10): mean 1, variance 0.9.
    np.testing.assert_allclose(counts.mean(axis=0), 1.0, atol=4 * np.sqrt(0.9 / 20_000))
    np.testing.assert_allclose(counts.var(axis=0), 0.9, atol=0.06)


@pytest.mark.parametrize("interval", ["studentized", "percentile"])
def test_many_cycles_and_cells_are_done_in_blocks(rows, monkeypatch, interval):
    y, p, regime, cycle = rows
    options = {"n_bootstrap": 100, "interval": interval}
    monkeypatch.setattr("signalprep.metrics._bootstrap._COUNTS_HELD", 12 * 30)
    whole = regime_metrics(y, p, regime, cycle, **options)
    monkeypatch.setattr("signalprep.metrics._bootstrap._VALUES_HELD", 200)
    by_cell = regime_metrics(y, p, regime, cycle, **options)
    pd.testing.assert_frame_equal(whole, by_cell, rtol=1e-12)


def test_studentised_intervals_are_wider_than_plain_percentiles(rows):
    plain = regime_metrics(*rows, interval="percentile")
    wide = regime_metrics(*rows)
    for name in WITH_INTERVAL:
        widths = [table[f"{name}_high"] - table[f"{name}_low"] for table in (wide, plain)]
        assert (widths[0] > widths[1]).all()


def test_cells_share_the_drawn_cycles(rows):
    y, p, _, cycle = rows
    alone = regime_metrics(y, p, np.zeros(3000), cycle)
    twice = regime_metrics(np.tile(y, 2), np.tile(p, 2), np.repeat([0, 1], 3000), np.tile(cycle, 2))
    for cell in (0, 1):
        a, b = alone.loc[0].drop("share"), twice.loc[cell].drop("share")
        np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=1e-12)


@pytest.mark.parametrize("interval", ["studentized", "percentile"])
@pytest.mark.parametrize("n_jobs", [2, -1])
def test_results_do_not_depend_on_threads(rows, n_jobs, interval):
    one = regime_metrics(*rows, interval=interval)
    other = regime_metrics(*rows, interval=interval, n_jobs=n_jobs)
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_random_state(rows):
    first = regime_metrics(*rows, random_state=1)
    pd.testing.assert_frame_equal(first, regime_metrics(*rows, random_state=1), check_exact=True)
    other = regime_metrics(*rows, random_state=2)
    assert (first["rmse_high"] != other["rmse_high"])[:3].all()
    for make in (np.random.default_rng, np.random.RandomState):
        a = regime_metrics(*rows, random_state=make(7))
        pd.testing.assert_frame_equal(a, regime_metrics(*rows, random_state=make(7)))


def test_evidence_needs_min_cycles(rows):
    y, p, regime, cycle = rows
    table = regime_metrics(y, p, regime, cycle, min_cycles=6)
    assert table["evidence"].tolist() == [True, True, True, False]
    assert table.loc[3, POINTS].notna().all()
    assert table.loc[3].filter(regex="_low|_high").isna().all()
    assert table.loc[:2].filter(regex="_low|_high").notna().to_numpy().all()


def test_one_cycle_has_no_interval(rows):
    y, p, regime, _ = rows
    table = regime_metrics(y, p, regime, np.zeros(3000), min_cycles=1)
    assert table["evidence"].all()
    assert table[POINTS].notna().to_numpy().all()
    assert table.filter(regex="_low|_high").isna().to_numpy().all()


@pytest.mark.parametrize("interval", ["studentized", "percentile"])
def test_a_cell_of_one_cycle_has_no_interval(interval):
    options = {"min_cycles": 1, "interval": interval}
    table = regime_metrics(np.zeros(4), [1, 2, 3, 4], list("abaa"), [0, 0, 1, 1], **options)
    assert np.isnan(table.loc["b", "mae_low"])
    assert table.loc["a", "mae_low"] <= 1.0
    assert table.loc["a", "mae_high"] >= 3.5


def test_r2_is_nan_where_the_truth_is_constant():
    y = np.array([0.1, 0.1, 0.1, 1.0, 2.0, 3.0])
    table = regime_metrics(y, y + np.array([1, 2, 3, 1, 2, 3]), [0, 0, 0, 1, 1, 1], [0, 1, 2] * 2)
    assert table["r2"].isna().tolist() == [True, False]
    assert np.isnan(table.loc[0, "r2_low"])


def test_r2_of_a_large_offset_is_stable():
    rng = np.random.default_rng(0)
    y = 1e9 + rng.integers(8, size=600)
    p = y + rng.integers(-1, 2, size=600)
    result = overall_metrics(y, p, np.repeat([0, 1, 2], 200), n_bootstrap=0)
    assert result["r2"] == pytest.approx(r2_score(y - 1e9, p - 1e9), rel=1e-9)


def test_a_perfect_model_has_no_share():
    table = regime_metrics([1.0, 2.0], [1.0, 2.0], ["a", "b"], [0, 1])
    assert table["rmse"].tolist() == [0.0, 0.0]
    assert table["share"].isna().all()


def binned(speed, torque):
    speeds = ["below", "low", "high", "above", "missing"]
    torques = ["below", "gen", "mot", "above", "missing"]
    return pd.DataFrame(
        {
            "speed": pd.Categorical(speed, speeds, ordered=True),
            "torque": pd.Categorical(torque, torques, ordered=True),
        }
    )


def test_cells_without_rows_are_listed_for_categoricals():
    regimes = binned(["low", "above", "low"], ["gen", "mot", "gen"])
    table = regime_metrics([0.0, 0, 0], [1.0, 2, 3], regimes, [0, 1, 2])
    assert table.index.names == ["speed", "torque"]
    assert table.index.tolist() == [
        ("low", "gen"),
        ("low", "mot"),
        ("high", "gen"),
        ("high", "mot"),
        ("above", "mot"),
    ]
    assert table["n"].tolist() == [2, 0, 0, 0, 1]
    empty = table.loc[("high", "mot")]
    assert empty[["bias", "mae", "rmse", "p95", "max", "r2", "mae_low"]].isna().all()
    assert empty["share"] == 0.0
    assert not empty["evidence"]


def test_other_labels_list_what_occurs():
    regimes = pd.DataFrame({"mode": ["b", "a", "b"], "gear": [2, 1, 2]})
    table = regime_metrics([0.0, 0, 0], [1.0, 2, 3], regimes, [0, 1, 2], n_bootstrap=0)
    assert table.index.tolist() == [("a", 1), ("b", 2)]


def test_one_categorical_column_gives_a_plain_index():
    table = regime_metrics([0.0], [1.0], binned(["high"], ["mot"])[["speed"]], [0])
    assert not isinstance(table.index, pd.MultiIndex)
    assert table.index.tolist() == ["low", "high"]
    assert table.index.name == "speed"


def test_array_regimes_of_two_columns_are_joint():
    table = regime_metrics([0.0] * 3, [1.0, 2, 3], np.array([[0, 1], [0, 1], [1, 0]]), [0, 1, 2])
    assert table.index.tolist() == [(0, 1), (1, 0)]
    assert table.index.names == ["regime_0", "regime_1"]


def test_labels_of_a_binner_are_read_as_it_writes_them(make_log):
    from signalprep.metrics._cells import OUTSIDE
    from signalprep.regimes import RegimeBinner
    from signalprep.regimes._labels import OUTSIDE as WRITTEN

    assert OUTSIDE == WRITTEN
    log = make_log((50, 60, 70))
    binner = RegimeBinner({"c0": [-1, 0, 1], "c1": [-9, -8, 9]}).fit(log)
    table = regime_metrics(log["c0"], log["c1"], binner.transform(log))
    coverage = binner.coverage(log)
    pd.testing.assert_index_equal(table.index, coverage.index)
    np.testing.assert_array_equal(table["n"], coverage["n"])
    np.testing.assert_array_equal(table["n_cycles"], coverage["n_cycles"])


def test_inputs_are_untouched(rows):
    copies = [values.copy() for values in rows]
    regime_metrics(*rows, n_bootstrap=5)
    for values, copy in zip(rows, copies, strict=True):
        np.testing.assert_array_equal(values, copy)


def test_small_integers_do_not_overflow():
    y = np.array([30000, -30000], dtype=np.int16)
    result = overall_metrics(y, -y, [0, 1])
    assert result["rmse"] == 60000.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bootstrap": -1}, "n_bootstrap must be an int >= 0; got -1"),
        ({"n_bootstrap": 10.0}, "n_bootstrap must be an int"),
        ({"min_cycles": 0}, "min_cycles must be an int >= 1; got 0"),
        ({"confidence": 95}, "confidence must lie between 0 and 1 .* got 95"),
        (
            {"interval": "normal"},
            "interval must be one of 'studentized', 'percentile'; got 'normal'",
        ),
    ],
)
def test_options_are_checked(rows, options, message):
    with pytest.raises(InvalidParameterError, match=message):
        regime_metrics(*rows, **options)
    with pytest.raises(InvalidParameterError, match=message):
        overall_metrics(rows[0], rows[1], rows[3], **options)


def test_regimes_must_be_given_and_complete(rows):
    y, p, regime, cycle = rows
    with pytest.raises(InvalidParameterError, match="regimes must label the rows; got None"):
        regime_metrics(y, p, None, cycle)
    labels = regime.astype(float)
    labels[700] = np.nan
    with pytest.raises(InvalidLogError, match="'regime' has no label in cycle 2, row 700"):
        regime_metrics(y, p, labels, cycle)
    with pytest.raises(InvalidParameterError, match="at least one column; got none"):
        regime_metrics(y, p, pd.DataFrame(index=range(3000)), cycle)
    with pytest.raises(InvalidParameterError, match="regimes must be 1-D or 2-D; got 3-D"):
        regime_metrics(y, p, np.zeros((3000, 1, 1)), cycle)


def test_too_many_joint_cells_raise():
    labels = pd.DataFrame({k: np.arange(101) for k in range(3)})
    with pytest.raises(InvalidParameterError, match="at most 1000000 joint cells; got 101 x 101"):
        regime_metrics(np.zeros(101), np.zeros(101), labels, np.zeros(101))


def test_overall_is_the_table_of_one_cell(rows):
    y, p, _, cycle = rows
    series = overall_metrics(y, p, cycle)
    table = regime_metrics(y, p, np.zeros(3000, dtype=int), cycle)
    assert series.name == "overall"
    assert series.to_dict() == table.loc[0].astype(object).to_dict()
    assert series["share"] == 1.0
    assert series["n"] == 3000
    assert series["evidence"]


def test_by_cycle(rows):
    y, p, _, cycle = rows
    table = cycle_metrics(y, p, cycle)
    assert list(table.columns) == ["n", "bias", "mae", "rmse", "p95", "max", "r2", "share"]
    for cell, row in table.iterrows():
        for name, value in naive_metrics(y[cycle == cell], p[cycle == cell]).items():
            assert row[name] == pytest.approx(value, rel=1e-12)


def test_cycles_keep_their_order():
    table = cycle_metrics([0.0, 0, 0], [1.0, 2, 3], ["z", "a", "z"])
    assert table.index.tolist() == ["z", "a"]
    assert table.index.name == "cycle"
    assert table["bias"].tolist() == [2.0, 2.0]
