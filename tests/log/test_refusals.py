"""What no log can be, in words; and what takes the short way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import cycle_bounds
from signalprep.log._cycle_ids import joined_ids, parts_of_ids
from signalprep.log._held import LastSamples, _none
from signalprep.log._rows import Rows
from signalprep.log._samples import sampled


def index_of(ids, times):
    return pd.MultiIndex.from_arrays([ids, times], names=["cycle", "time"])


def test_frames_that_are_none():
    for array in (np.zeros(4), np.zeros((2, 2, 2))):
        with pytest.raises(InvalidLogError, match=rf"\(samples, signals\); got {array.ndim}-D"):
            sp.as_log(array, rate=1.0)
    assert list(sp.as_log(np.zeros((2, 3)), rate=1.0)) == ["x0", "x1", "x2"]
    for thing in ([1.0, 2.0], {"a": 1.0}, pd.Series([1.0]), None):
        with pytest.raises(InvalidLogError, match=r"must be a DataFrame or a 2-D array; "):
            sp.as_log(thing, rate=1.0)
    with pytest.raises(InvalidLogError, match="a log needs at least one row; got none"):
        sp.as_log(pd.DataFrame({"a": []}), rate=1.0)


def test_ids_that_do_not_fit():
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    with pytest.raises(InvalidLogError, match="cycle must have the index of the frame"):
        sp.as_log(frame, cycle=pd.Series([0, 0, 1], index=[1, 2, 3]), rate=1.0)
    with pytest.raises(InvalidLogError, match=r"one id a row \(3\); got 2"):
        sp.as_log(frame, cycle=[0, 1], rate=1.0)
    log = sp.as_log(frame, cycle=pd.Series([0, 0, 1]), rate=1.0)
    assert cycle_bounds(log).tolist() == [0, 2, 3]
    twice = pd.DataFrame([[0.0, 1.0, 2.0]], columns=["t", "t", "a"])
    with pytest.raises(InvalidLogError, match="time='t' names 2 columns"):
        sp.as_log(twice, time="t")
    with pytest.raises(InvalidLogError, match="cycle='t' names 2 columns"):
        sp.as_log(twice, cycle="t", time="a")


def test_rows_of_no_cycle():
    for ids, row in [([np.nan, 1.0, 1.0], 0), ([1.0, 1.0, np.nan], 2)]:
        with pytest.raises(InvalidLogError, match=f"must be known; row {row} has none"):
            cycle_bounds(index_of(ids, [0.0, 1.0, 2.0]))
    with pytest.raises(InvalidLogError, match="a log needs at least one row; got none"):
        cycle_bounds(index_of([0], [0.0])[:0])
    with pytest.raises(InvalidLogError, match="cycle 7 starts again at row 2"):
        cycle_bounds(index_of([7, 8, 7], [0.0, 1.0, 2.0]))


def test_ids_of_several_columns():
    parts = {"car": pd.Series(["a", None, "a"]), "trip": pd.Series([1, 2, 3])}
    ids = joined_ids(parts)
    assert ids[0] == "a/1"
    assert pd.isna(ids[1])
    assert ids[2] == "a/3"
    assert parts_of_ids(["a/1", "b/2"], 2) == [["a", "1"], ["b", "2"]]
    with pytest.raises(InvalidLogError, match="cycle id 'a/b/1' cannot be taken apart into 2"):
        parts_of_ids(["a/1", "a/b/1"], 2)


def test_lines_that_no_column_needs_leave_the_log_as_it_is():
    frame = pd.DataFrame({"x": [0.5, 1.5, 2.5, 3.5]})
    log = sp.as_log(frame, rate=2.0, interpolate="linear")
    pd.testing.assert_frame_equal(log, sp.as_log(frame, rate=2.0))
    assert log.attrs == {}


def test_columns_without_any_value_keep_what_dtype_they_can():
    assert _none(np.array([1, 2]), 3).dtype == np.float64
    assert _none(np.array([1.0], np.float32), 3).dtype == np.float32
    words = _none(np.array(["a"], dtype=object), 2)
    assert words.tolist() == [None, None]
    stamps = _none(np.array(["2024-01-01"], "M8[ns]"), 2)
    assert np.isnat(stamps).all()
    assert stamps.dtype == "M8[ns]"
    assert np.isnat(_none(np.array([1], "m8[ns]"), 2)).all()
    assert np.isnan(_none(np.array([1j]), 2)).all()
    assert np.isnan(_none(np.array(["a"]), 2)).all()
    known = _none(pd.array([1, 2], dtype="Int64"), 2)
    assert known.dtype == "Int64"
    assert known.isna().all()


def test_samples_are_looked_up_once_for_all_limits():
    bounds = np.array([0, 4])
    stamps = np.array([0.0, 2.0, 3.0, 7.0])
    samples = sampled(stamps[[0, 2]], None, np.array([0, 2]))
    last = LastSamples(Rows(stamps, stamps, bounds, 1.0))
    near, far = last.of(samples, 2.0), last.of(samples, 9.0)
    assert near.sample.tolist() == far.sample.tolist() == [0, 0, 1, 1]
    assert near.sample is far.sample
    assert near.age is far.age
    assert near.age.tolist() == [0.0, 2.0, 0.0, 4.0]
    assert near.missing.tolist() == [False, False, False, True]
    assert not far.missing.any()
    assert last.of(samples, 2.0) is near


@pytest.mark.parametrize("step", [0.0625, 1.0, 64.0])
@pytest.mark.parametrize(("gap", "regular"), [(10.0, True), (1.5625, True), (1.5, False)])
def test_stamps_with_gaps_are_shown_as_recorded(step, gap, regular):
    stamps = step * np.array([0.0, 1.0, 2.0, 2.0 + gap, 3.0 + gap])
    recorded = stamps + 0.004 * step * np.array([0, 1, 0, 0, 1])
    rows = Rows(stamps, recorded, np.array([0, 5]), step)
    assert (rows.shown is recorded) is regular
    assert (rows.shown is stamps) is not regular


def test_jitter_that_may_be_allowed():
    frame = pd.DataFrame({"t": [0.0, 1.0, 2.0], "a": [1.0, 2.0, 3.0]})
    for jitter in (0, 0.0, 0.499):
        assert len(sp.as_log(frame, time="t", jitter=jitter)) == 3
    for jitter in (-0.01, 0.5, 1.0, np.nan):
        with pytest.raises(InvalidParameterError, match=r"jitter must lie in \[0, 0.5\); got"):
            sp.as_log(frame, time="t", jitter=jitter)
    for rate in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(InvalidParameterError, match="rate must be a positive number in Hz"):
            sp.as_log(frame, time="t", rate=rate)
