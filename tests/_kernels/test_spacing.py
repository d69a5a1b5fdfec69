import numpy as np
import pytest

from signalprep._kernels._spacing import evenly_spaced


def answer(seconds, bounds=None, codes=None, sample_time=0.5, jitter=0.01):
    seconds = np.asarray(seconds, dtype=np.float64)
    codes = np.arange(seconds.size) if codes is None else np.array(codes)
    bounds = np.array([0, codes.size] if bounds is None else bounds)
    return evenly_spaced(bounds, codes, seconds, sample_time, jitter)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int64])
def test_rows_take_their_time_from_the_codes(dtype):
    codes = np.array([0, 1, 2, 0, 1], dtype=dtype)
    assert answer([7.0, 7.5, 8.0], [0, 3, 5], codes)
    assert not answer([7.0, 7.5, 8.0], [0, 5], codes)  # one cycle would go back in time


@pytest.mark.parametrize(
    "seconds",
    [
        [0.0, 0.5, 1.1],
        [0.0, 0.5, 0.5],
        [0.0, 0.5, 0.0],
        [0.0, 0.5, 1.5],
        [0.0, 0.5, np.nan],
        [np.nan, 0.5, 1.0],
        [0.0, np.inf, 1.0],
    ],
)
def test_any_other_step_is_told(seconds):
    assert not answer(seconds)


def test_jitter_is_relative():
    assert answer([0.0, 0.504, 1.0])
    assert not answer([0.0, 0.504, 1.0], jitter=0.001)


def test_missing_time_is_told():
    assert not answer([0.0, 0.5], codes=[-1, 0, 1])
    assert not answer([0.0, 0.5, 1.0], codes=[0, -1, 2])
    assert not answer([np.nan, 0.5], [0, 1, 2])  # of a cycle of one row


def test_cycles_of_one_row_have_no_step():
    assert answer([3.0, 9.0, 1.0], [0, 1, 2, 3])


def test_rows_left_out_and_time_that_goes_back_are_told_on_an_even_level():
    level = [0.0, 0.5, 1.0, 1.5]
    assert answer(level, [0, 2, 4], [0, 1, 2, 3])
    assert answer(level, [0, 2, 4], [2, 3, 0, 1])
    assert not answer(level, [0, 3], [0, 2, 3])
    assert not answer(level, [0, 3], [2, 1, 0])
    assert not answer(level, [0, 2, 2], [0, 1])  # a cycle without rows


def test_stamps_of_cycles_may_lie_between_each_other():
    level = [0.0, 0.2, 0.5, 0.7, 1.0]
    assert answer(level, [0, 3, 5], [0, 2, 4, 1, 3])
    assert not answer(level, [0, 3, 5], [0, 2, 4, 1, 4])
