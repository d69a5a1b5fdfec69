"""ForwardCycleSplit: the past in training, the future in the test, a purge between."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError


def wall_clock_log(starts, n_rows=10, step="1s"):
    """Cycles of datetimes that begin so many seconds after the first."""
    begin = pd.Timestamp("2024-05-01 12:00")
    stamps = [
        pd.date_range(begin + pd.Timedelta(seconds=s), periods=n_rows, freq=step) for s in starts
    ]
    cycle = np.repeat([f"run {k}" for k in range(len(starts))], n_rows)
    index = pd.MultiIndex.from_arrays([cycle, np.concatenate(stamps)], names=["cycle", "time"])
    return pd.DataFrame({"x": np.arange(len(index), dtype=float)}, index=index)


def cycles_of(log, rows):
    return np.unique(log.index.get_level_values("cycle").to_numpy()[rows]).tolist()


@pytest.fixture
def log(make_log):
    return make_log(lengths=(20,) * 6)


def test_the_order_of_the_log_is_the_chronology_of_relative_clocks(log):
    folds = [(cycles_of(log, a), cycles_of(log, b)) for a, b in sp.ForwardCycleSplit(5).split(log)]
    assert folds == [(list(range(k)), [k]) for k in range(1, 6)]


def test_blocks_hold_about_as_many_rows(make_log):
    log = make_log(lengths=(10, 10, 10, 10, 40, 40, 20, 20))
    tests = [cycles_of(log, test) for _, test in sp.ForwardCycleSplit(3).split(log)]
    assert tests == [[4], [5], [6, 7]]


def test_a_window_slides(log):
    folds = list(sp.ForwardCycleSplit(4, window=2).split(log))
    assert [cycles_of(log, a) for a, _ in folds] == [[0], [0, 1], [2, 3], [3, 4]]


def test_wall_clock_decides_the_order_of_datetimes():
    log = wall_clock_log([300, 0, 100, 200])
    folds = [(cycles_of(log, a), cycles_of(log, b)) for a, b in sp.ForwardCycleSplit(3).split(log)]
    assert folds == [
        (["run 1"], ["run 2"]),
        (["run 1", "run 2"], ["run 3"]),
        (["run 1", "run 2", "run 3"], ["run 0"]),
    ]


def test_time_zones_are_read(log):
    zoned = wall_clock_log([0, 100, 200])
    zoned.index = zoned.index.set_levels(zoned.index.levels[1].tz_localize("UTC"), level=1)
    plain = wall_clock_log([0, 100, 200])
    for (a, b), (c, d) in zip(
        sp.ForwardCycleSplit(2, purge="95s").split(zoned),
        sp.ForwardCycleSplit(2, purge="95s").split(plain),
        strict=True,
    ):
        assert np.array_equal(a, c)
        assert np.array_equal(b, d)


def test_rows_recorded_during_the_test_are_no_past():
    log = wall_clock_log([0, 5, 100])  # the first two overlap by five rows
    train, test = next(sp.ForwardCycleSplit(2).split(log))
    assert cycles_of(log, test) == ["run 1"]
    stamps = log.index.get_level_values("time")
    assert len(train) == 5
    assert stamps[train].max() < stamps[test].min()


@pytest.mark.parametrize(("purge", "n_left"), [(None, 10), (0, 10), ("3s", 8), (3, 8), ("5s", 6)])
def test_the_purge_in_wall_clock_time(purge, n_left):
    log = wall_clock_log([0, 10, 20])  # one recording, cut in three
    train, test = next(sp.ForwardCycleSplit(2, purge=purge).split(log))
    assert train.tolist() == list(range(n_left if purge in (None, 0) else n_left - 1))
    assert test.tolist() == list(range(10, 20))


@pytest.mark.parametrize(
    ("purge", "n_left"), [(None, 40), (7, 33), ("0.5s", 35), (np.int64(7), 33)]
)
def test_the_purge_in_rows(log, purge, n_left):
    train, _ = list(sp.ForwardCycleSplit(5, purge=purge).split(log))[1]
    assert train.tolist() == list(range(n_left))


def test_the_purge_of_a_pipeline_is_its_reach(log):
    smooth = sp.SavitzkyGolayFilter(11, causal=False)
    model = sp.make_pipeline(smooth, sp.ExponentialFeatures([4]), Ridge()).fit(log, log["c0"])
    width = sp.reach(model).lookahead + sp.reach(model).memory
    assert width > 0
    expected = list(sp.ForwardCycleSplit(2, purge=width).split(log))
    found = list(sp.ForwardCycleSplit(2, purge=sp.reach(model)).split(log))
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(expected, found, strict=True))
    fitted = sp.ExponentialFeatures([4]).fit(log)
    train, _ = list(sp.ForwardCycleSplit(5, purge=fitted).split(log))[-1]
    assert train.tolist() == list(range(100 - fitted.memory_))


def test_a_copy_of_a_test_cycle_is_not_trained_on(log):
    cv = sp.ForwardCycleSplit(5, together={0: "a", 1: "b", 2: "c", 3: "a", 4: "e", 5: "f"})
    folds = [(cycles_of(log, a), cycles_of(log, b)) for a, b in cv.split(log)]
    assert folds[2] == ([1, 2], [3])
    assert folds[3] == ([0, 1, 2, 3], [4])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_splits": 0}, "n_splits must be an int >= 1; got 0"),
        ({"n_splits": 6}, "less than the number of cycles; got n_splits=6 and 6 cycles"),
        ({"window": 0}, "window must be a number of cycles >= 1, or None; got 0"),
        ({"window": 1.5}, "window must be"),
        ({"purge": -1}, "purge must be at least 1 sample; got -1"),
        ({"purge": "soon"}, "purge must be a duration"),
        ({"purge": 2.5}, r"purge must be samples \(int\), a duration.*got 2.5"),
        ({"purge": True}, "purge must be a number of samples"),
        ({"purge": 20}, "purge=20, which leaves none in fold 0"),
    ],
)
def test_wrong_parameters(log, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        list(sp.ForwardCycleSplit(**parameters).split(log))


def test_a_pipeline_without_reach_is_told_what_to_pass(log):
    with pytest.raises(InvalidParameterError, match="signalprep.reach"):
        next(sp.ForwardCycleSplit(2, purge=Ridge()).split(log))


def test_a_cycle_without_a_date_is_refused():
    log = wall_clock_log([0, 10, 20])
    codes = np.array(log.index.codes[1])
    codes[10] = -1
    log.index = log.index.set_codes(codes, level=1)
    with pytest.raises(InvalidLogError, match="cycle 'run 1' starts without it"):
        next(sp.ForwardCycleSplit(2).split(log))
