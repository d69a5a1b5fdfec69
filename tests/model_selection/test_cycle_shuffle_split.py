"""CycleShuffleSplit: sizes in cycles, independent draws."""

import numpy as np
import pytest

import signalprep as sp
from signalprep.errors import InvalidParameterError


@pytest.fixture
def log(make_log):
    return make_log(lengths=(20,) * 10)


def n_cycles(log, rows):
    return len(np.unique(log.index.codes[0][rows]))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({}, (8, 2)),
        ({"test_size": 0.25}, (7, 3)),
        ({"test_size": 4}, (6, 4)),
        ({"train_size": 0.55}, (5, 5)),
        ({"train_size": 3}, (3, 7)),
        ({"train_size": 0.3, "test_size": 0.3}, (3, 3)),
        ({"train_size": 2, "test_size": 1}, (2, 1)),
    ],
)
def test_sizes_count_cycles(log, sizes, expected):
    for train, test in sp.CycleShuffleSplit(3, random_state=0, **sizes).split(log):
        assert (n_cycles(log, train), n_cycles(log, test)) == expected


def test_draws_differ_and_follow_from_the_seed(log):
    def tests(seed):
        cv = sp.CycleShuffleSplit(6, random_state=seed)
        return [test.tolist() for _, test in cv.split(log)]

    assert tests(0) == tests(0)
    assert tests(0) != tests(1)
    assert len({tuple(test) for test in tests(0)}) > 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_splits": 0}, "n_splits must be an int >= 1; got 0"),
        ({"test_size": 0.0}, r"test_size must be a part in \(0, 1\)"),
        ({"test_size": 1.5}, r"test_size must be a part in \(0, 1\)"),
        ({"train_size": "half"}, r"train_size must be a part in \(0, 1\)"),
        ({"test_size": True}, r"test_size must be a part in \(0, 1\)"),
        ({"test_size": 10}, r"at least one cycle on each side.*0 \+ 10 of 10 cycles"),
        ({"train_size": 6, "test_size": 5}, r"6 \+ 5 of 10 cycles"),
        ({"train_size": 0.05}, r"0 \+ 10 of 10 cycles"),
    ],
)
def test_wrong_parameters(log, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        next(sp.CycleShuffleSplit(**parameters).split(log))
