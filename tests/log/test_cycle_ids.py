"""Cycles told by several columns: what their ids read like, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError


@pytest.fixture
def frame():
    return pd.DataFrame(
        {"vehicle": [3.0, 3.0, 3.0, 4.0], "trip": ["a", "a", "b", "a"], "x": np.arange(4.0)}
    )


@pytest.mark.parametrize("names", [["vehicle", "trip"], ("vehicle", "trip")])
def test_ids_are_text_of_all_parts(frame, names):
    log = sp.as_log(frame, cycle=names, rate=1.0)
    assert list(log.columns) == ["x"]
    assert list(sp.cycles(log)) == ["3/a", "3/b", "4/a"]
    assert sp.check_log(frame, cycle=names, rate=1.0).cycles.index.tolist() == ["3/a", "3/b", "4/a"]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ([1, 1, 2, 2], ["1", "2"]),
        (np.float32([3.1, 3.1, 1e9, 1e9]), ["3.1", "1000000000"]),
        (["01", "01", "3.0", "3.0"], ["01", "3.0"]),
        (pd.to_datetime(["2024-05-01"] * 2 + ["2024-05-02"] * 2), ["2024-05-01", "2024-05-02"]),
        (pd.Categorical(["b", "b", "a", "a"]), ["b", "a"]),
    ],
)
def test_a_part_reads_as_a_user_reads_it(part, words):
    frame = pd.DataFrame({"a": part, "b": "t", "x": 0.0})
    log = sp.as_log(frame, cycle=["a", "b"], rate=1.0)
    assert list(sp.cycles(log)) == [f"{word}/t" for word in words]


def test_an_index_level_is_a_part_and_one_name_is_that_column(frame):
    expected = sp.as_log(frame, cycle=["vehicle", "trip"], rate=1.0)
    by_level = sp.as_log(frame.set_index("vehicle"), cycle=["vehicle", "trip"], rate=1.0)
    pd.testing.assert_frame_equal(by_level, expected)
    assert list(sp.cycles(sp.as_log(frame, cycle=["vehicle"], rate=1.0))) == [3.0, 4.0]


def test_a_list_with_an_entry_that_is_no_column_holds_ids(frame):
    log = sp.as_log(frame, cycle=["trip", "trip", "lap", "lap"], rate=1.0)
    assert list(sp.cycles(log)) == ["trip", "lap"]
    assert list(log.columns) == list(frame.columns)


def test_a_tuple_that_is_a_column_is_that_column(frame):
    frame.columns = pd.Index([("vehicle", "trip"), "trip", "x"], tupleize_cols=False)
    log = sp.as_log(frame, cycle=("vehicle", "trip"), rate=1.0)
    assert list(sp.cycles(log)) == [3.0, 4.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trip": ["a", None, "b", "a"]}, "row 1 has none in column 'trip'"),
        ({"vehicle": [3.0, 3.0, np.nan, 4.0]}, "row 2 has none in column 'vehicle'"),
        (
            {"vehicle": ["a/b", "a", "c", "c"], "trip": ["c", "b/c", "d", "d"]},
            r"\('a/b', 'c'\) and \('a', 'b/c'\) both give 'a/b/c': write another mark than '/'",
        ),
    ],
)
def test_parts_that_tell_no_cycle(frame, change, message):
    with pytest.raises(InvalidLogError, match=message):
        sp.as_log(frame.assign(**change), cycle=["vehicle", "trip"], rate=1.0)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["vehicle", "reset"], r"\['reset'\] are none; 'reset' stands alone"),
        (["vehicle", "lap"], r"\['lap'\] are none$"),
        (["trip", "trip"], "one is named twice"),
    ],
)
def test_names_that_are_no_columns(frame, names, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.as_log(frame, cycle=names, rate=1.0)
