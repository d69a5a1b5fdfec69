"""What the folds give away, piece by piece: spans, pairs, unseen cells, folds inside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge, SGDRegressor
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from signalprep.leaks._duplicate_checks import parted_cycles
from signalprep.leaks._split_checks import (
    _same_rows,
    _spans,
    _splits_cycles,
    _stops_by_rows,
    inner_findings,
    overlap_findings,
    regime_findings,
    shared_findings,
)
from signalprep.trial import Case


def log_of(*stamps, dates=False):
    ids = np.repeat(np.arange(len(stamps)), [len(one) for one in stamps])
    time = np.concatenate([np.asarray(one, float) for one in stamps])
    if dates:
        time = pd.Timestamp("2024-01-01") + pd.to_timedelta(time, unit="s")
    index = pd.MultiIndex.from_arrays([ids, time], names=["cycle", "time"])
    return pd.DataFrame({"x": np.random.default_rng(0).normal(size=len(ids))}, index=index)


def case(log, folds, estimator=None, **more):
    y = pd.Series(np.arange(len(log), dtype=float), log.index, name="y")
    return Case(estimator=estimator, X=log, y=y, folds=folds, cv="mine", **more)


def rows(log, *cycles):
    return np.flatnonzero(np.isin(log.index.codes[0], cycles))


def test_cycles_on_both_sides():
    log = log_of(range(4), range(4), range(4))
    cut = [(np.arange(6), np.arange(6, 12)), (rows(log, 1, 2), rows(log, 0))]
    (found,) = shared_findings(case(log, cut))
    assert (found.severity, found.kind, found.effect) == ("leak", "shared_cycles", 2 / 6)
    assert "mine splits cycles: fold 0 trains on rows of cycle 1, which" in found.what
    assert "(33.3 % of its test rows; 1 of 2 folds)" in found.what
    assert list(shared_findings(case(log, cut[1:]))) == []


def test_pairs_that_some_fold_parts():
    log = log_of(range(3), range(3), range(3))
    folds = [(rows(log, 0), rows(log, 1)), (rows(log, 0), rows(log, 1))]
    expected = [[False, True, False], [True, False, False], [False, False, False]]
    assert parted_cycles(case(log, folds)).tolist() == expected


def test_spans_of_a_clock_that_all_share():
    one = log_of([0, 1, 2], [5, 6, 7], [9, 10])
    np.testing.assert_array_equal(_spans(one), [[0, 2], [5, 7], [9, 10]])
    assert _spans(log_of([0, 1, 2], [1, 2, 3], [9, 10], [20, 21])) is not None, "one of three"
    assert _spans(log_of([0, 1, 2], [1, 2, 3], [9, 10])) is None, "one of two"
    assert _spans(log_of([0, 1], [0, 1], [0, 1])) is None
    assert _spans(log_of([0, 1], [0, 1], [0, 1], dates=True)) is not None


def overlapping(gap, same=False):
    """Two cycles by the clock, the second so long after the end of the first; two far away."""
    first = np.arange(10.0)
    log = log_of(first, 9.0 + gap + np.arange(10.0), 100.0 + first, 200.0 + first)
    if same:
        log.iloc[10:, 0] = np.append(log.iloc[10 + int(gap) :, 0], np.zeros(0)) if gap > 0 else 0.0
        stay = log.index.get_level_values("time")[:10].isin(
            log.index.get_level_values("time")[10:20]
        )
        log.iloc[10 : 10 + stay.sum(), 0] = log.iloc[:10, 0].to_numpy()[stay]
    folds = [(rows(log, 0, 2), rows(log, 1, 3)), (rows(log, 1, 3), rows(log, 0, 2))]
    return case(log, folds)


def test_overlaps_by_the_clock():
    (found,) = overlap_findings(overlapping(-4.0))
    assert (found.severity, found.effect, found.unit) == ("warning", 4.0, "s")
    assert "Cycles 0 and 1 overlap by 4 s" in found.what
    assert found.what.endswith("both sides of a fold.")
    (copied,) = overlap_findings(overlapping(-4.0, same=True))
    assert (copied.severity, copied.effect) == ("leak", 4.0)
    assert copied.what.endswith("with the same values at the same time.")
    (touch,) = overlap_findings(overlapping(0.0))
    assert (touch.severity, touch.effect) == ("warning", 0.0)
    (next_,) = overlap_findings(overlapping(1.5))
    assert (next_.effect, next_.unit) == (1.0, "pairs")
    assert "Cycle 1 begins where cycle 0 ends" in next_.what
    assert list(overlap_findings(overlapping(1.6))) == []
    one_row = log_of([0.0], [0.0], [0.0], [0.0])
    assert list(overlap_findings(case(one_row, [(rows(one_row, 0, 1), rows(one_row, 2, 3))]))) == []


def test_rows_that_are_the_same_at_the_same_time():
    log = log_of([0, 1, 2, 3], [2, 3, 4], [3, 4, 5])
    log.iloc[4:6, 0] = log.iloc[2:4, 0].to_numpy()
    assert _same_rows(log, 0, 1)
    log.iloc[7, 0] = log.iloc[3, 0]
    assert not _same_rows(log, 0, 2), "one row alone may be chance"
    log.iloc[5, 0] += 1e-9
    assert not _same_rows(log, 0, 1)


def test_cells_that_training_never_saw():
    log = log_of(range(4), range(4), range(4), range(4), range(4))
    log["x"] = np.repeat([0.5, 1.5, 2.5, 3.5, 4.5], 4)
    folds = [(rows(log, 0), rows(log, 0, 1, 2, 3, 4)[4:]), (rows(log, 1, 2, 3, 4), rows(log, 0))]
    regimes = {"x": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]}
    (found,) = regime_findings(case(log, folds, regimes=regimes))
    assert (found.severity, found.kind, found.channel) == ("warning", "unseen_regime", "x")
    assert found.effect == 1.0
    assert "20 test rows lie in 5 cells" in found.what
    assert "[0, 1); [1, 2); [2, 3) and 2 more. The model" in found.what
    alike = case(log.assign(x=0.5), folds, regimes=regimes)
    assert list(regime_findings(alike)) == []
    assert list(regime_findings(case(log, folds))) == []
    few = [(rows(log, 0, 1), rows(log, 2, 3, 4)), (rows(log, 2, 3, 4), rows(log, 0))]
    log.iloc[rows(log, 4), 0] = 0.5
    (found,) = regime_findings(case(log, few, regimes=regimes))
    assert found.effect == 8 / 16
    assert "8 test rows lie in 2 cells" in found.what
    assert "[2, 3); [3, 4). The model" in found.what


@pytest.mark.parametrize(
    ("model", "n_rows", "stops"),
    [
        (HistGradientBoostingRegressor(), 10_001, True),
        (HistGradientBoostingRegressor(), 10_000, False),
        (HistGradientBoostingRegressor(validation_fraction=None), 20_000, False),
        (HistGradientBoostingRegressor(early_stopping=True), 10, True),
        (MLPRegressor(early_stopping=True), 10, True),
        (MLPRegressor(), 10**6, False),
        (SGDRegressor(early_stopping=False), 10**6, False),
        (Ridge(), 10**6, False),
        (sp.Scaler(), 10**6, False),
    ],
)
def test_what_stops_by_rows_at_random(model, n_rows, stops):
    assert _stops_by_rows(model, n_rows) is stops


def test_folds_that_split_cycles(make_log):
    log = make_log(lengths=(20,) * 6)
    y = log["c0"]
    for inner, cuts in [
        (None, True),
        (3, False),  # 120 rows in thirds: two whole cycles each
        (5, True),
        (KFold(6), False),
        (ShuffleSplit(3, random_state=0), True),
        (sp.CycleKFold(3), False),
        ([(np.arange(5), np.arange(5, 9))], False),
    ]:
        assert _splits_cycles(inner, log, y) is cuts, inner


def test_searches_inside_are_named(make_log):
    log = make_log(lengths=(20,) * 6)
    folds = [(rows(log, 0, 1, 2, 3), rows(log, 4, 5))]
    search = GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=ShuffleSplit(2, random_state=0))
    (found,) = inner_findings(case(log, folds, sp.make_pipeline(sp.Scaler(), search)))
    assert (found.severity, found.kind) == ("warning", "inner_folds")
    assert "chooses by its own folds (cv=ShuffleSplit" in found.what
    bands = sp.ConformalBands(Ridge(), cv=3)
    assert list(inner_findings(case(log, folds, bands))) == []
    (found,) = inner_findings(case(log, folds, sp.ConformalBands(Ridge(), cv=KFold(3))))
    assert "cv=KFold" in found.what
    early = HistGradientBoostingRegressor(early_stopping=True)
    (found,) = inner_findings(case(log, folds, early))
    assert "stops by its error on rows drawn at random" in found.what
    assert np.isnan(found.effect)
    assert list(inner_findings(case(log, folds, Ridge()))) == []
