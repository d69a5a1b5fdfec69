"""Cycles told by several columns of a file: the ids are those of `as_log` on the same frame."""

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io import read_log, reading_report
from signalprep.io.formats._fast_table import SMALL
from signalprep.log import as_log, cycles

COLUMNS = ["vehicle", "trip"]


def drives(vehicles=(1, 1, 2, 2), trips=("a", "b", "a", "b"), n=5):
    """A frame of cycles of n rows, in which time starts anew."""
    runs = [
        pd.DataFrame({"vehicle": [vehicle] * n, "trip": [trip] * n, "t": np.arange(n) / 10})
        for vehicle, trip in zip(vehicles, trips, strict=True)
    ]
    frame = pd.concat(runs, ignore_index=True)
    return frame.assign(x=np.arange(len(frame)) + 0.5, n=np.arange(len(frame)) * 2.0)


def save(frame, path):
    if path.suffix == ".parquet":
        pytest.importorskip("pyarrow", reason="Parquet is an extra")
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


PARTS = {
    "numbers": ((3, 3, 4), (1, 2, 1)),
    "whole floats": ((3.0, 3.0, 4.0), ("a", "b", "a")),
    "fractions": ((1.5, 2.25, 2.5), (1, 1, 1)),
    "text": (("van", "van", "bus"), ("x-1", "x-2", "x-1")),
    "dates": (("2024-05-01",) * 3, (9, 10, 11)),
    "large": ((2**53 + 1, 2**53 + 3, 2**53 + 5), ("a", "a", "a")),
}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("parts", PARTS)
def test_ids_are_those_of_as_log(tmp_path, parts, suffix):
    path = save(drives(*PARTS[parts]), tmp_path / f"log{suffix}")
    frame = pd.read_csv(path) if suffix == ".csv" else pd.read_parquet(path)
    log = read_log(path, cycle=COLUMNS)
    pd.testing.assert_frame_equal(log, as_log(frame, cycle=COLUMNS, time="t"))
    swapped = read_log(path, cycle=("trip", "vehicle"), columns=["x"])
    pd.testing.assert_index_equal(
        swapped.index, as_log(frame, cycle=["trip", "vehicle"], time="t").index
    )


@pytest.mark.parametrize(
    "part", [np.float32([3.1, 1e9]), [True, False], pd.to_datetime(["2024-05-01", "2024-05-02"])]
)
def test_types_that_only_parquet_has(tmp_path, part):
    frame = drives((0, 1), ("a", "b"))
    frame["vehicle"] = pd.Series(part)[frame["vehicle"].to_numpy()].to_numpy()
    path = save(frame, tmp_path / "log.parquet")
    expected = as_log(pd.read_parquet(path), cycle=COLUMNS, time="t")
    pd.testing.assert_index_equal(read_log(path, cycle=COLUMNS).index, expected.index)


@pytest.mark.parametrize("names", [["vehicle"], ("vehicle",), "vehicle"])
def test_one_name_in_a_list_is_that_column(tmp_path, names):
    path = save(drives((1, 2), ("a", "a")), tmp_path / "log.csv")
    assert cycles(read_log(path, cycle=names, columns=["x"])).tolist() == [1, 2]


def test_the_files_of_a_folder_agree_on_each_part(tmp_path):
    """Vehicles are whole numbers in one file and text in another, trips numbers in both."""
    first, second = drives((1, 1), (1, 2)), drives(("van", "van"), (1, 2))
    second["trip"] = second["trip"].astype(float)
    for name, frame in (("a", first), ("b", second)):
        save(frame, tmp_path / f"{name}.csv")
    log = read_log(tmp_path, cycle=COLUMNS)
    whole = pd.concat([pd.read_csv(tmp_path / f"{name}.csv") for name in "ab"], ignore_index=True)
    pd.testing.assert_frame_equal(log, as_log(whole, cycle=COLUMNS, time="t"))
    assert cycles(log).tolist() == ["1/1", "1/2", "van/1", "van/2"]
    report = reading_report(log)[["cycle", "cycles"]]
    assert report.to_numpy().tolist() == [["vehicle; trip", 2]] * 2


def test_a_large_table_of_numbers_is_read_alike(tmp_path):
    frame = drives(np.arange(40) // 8, np.arange(40) % 8, n=1500)
    path = save(frame, tmp_path / "log.csv")
    assert path.stat().st_size > SMALL
    expected = as_log(pd.read_csv(path), cycle=COLUMNS, time="t")
    pd.testing.assert_frame_equal(read_log(path, cycle=COLUMNS), expected)


@pytest.mark.parametrize("options", [{"clock": "x"}, {"rate": 10.0}])
def test_a_clock_brings_each_cycle_onto_it(tmp_path, options):
    frame = drives()
    frame.loc[1::2, "n"] = np.nan
    path = save(frame, tmp_path / "log.csv")
    log = read_log(path, cycle=COLUMNS, **options)
    assert cycles(log).tolist() == ["1/a", "1/b", "2/a", "2/b"]
    assert log["x"].tolist() == frame["x"].tolist()
    assert reading_report(log)["cycles"].tolist() == [4]


def test_which_of_two_clocks_tells_rows_apart_by_all_parts(tmp_path):
    frame = drives((1, 1, 2), ("a", "b", "b")).rename(columns={"t": "time [s]"})
    path = save(frame.assign(timestamp="2024-05-01 08:00:00"), tmp_path / "log.csv")
    log = read_log(path, cycle=COLUMNS)
    assert log.index.get_level_values("time").tolist() == frame["time [s]"].tolist()
    with pytest.raises(ReadError, match="more than one column may be the time"):
        read_log(path, cycle="vehicle")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("missing", COLUMNS)
def test_a_row_without_a_part(tmp_path, suffix, missing):
    frame = drives()
    frame[missing] = frame[missing].astype(object).mask(frame.index == 7)
    save(drives(("x",), ("x",)), tmp_path / f"a{suffix}")
    save(frame, tmp_path / f"b{suffix}")
    words = rf"b{suffix}: the cycle id.*row 7 has none in column '{missing}': write it there"
    with pytest.raises(InvalidLogError, match=words):
        read_log(tmp_path, cycle=COLUMNS)


def test_parts_that_would_read_as_one(tmp_path):
    save(drives(("a/b", "a"), ("c", "b/c")), tmp_path / "log.csv")
    with pytest.raises(InvalidLogError, match=r"log\.csv: cycle ids of .* both give 'a/b/c'"):
        read_log(tmp_path, cycle=COLUMNS)


@pytest.mark.parametrize("cycle", ["vehicle", ["vehicle", "trip"], "reset"])
def test_the_long_form_has_one_cycle_a_file(tmp_path, cycle):
    path = save(drives().assign(name="n"), tmp_path / "log.csv")
    with pytest.raises(InvalidParameterError, match="long_form needs one cycle a file"):
        read_log(path, cycle=cycle, long_form={"name": "name", "value": "x"}, clock="n")


@pytest.mark.parametrize(
    ("cycle", "error", "words"),
    [
        ([], InvalidParameterError, "must name a column; got an empty list"),
        (3, InvalidParameterError, "or a list of such names; got 3"),
        (["vehicle", 3], InvalidParameterError, r"a list of such names; got \['vehicle', 3\]"),
        (["trip", "trip"], InvalidParameterError, "must name each column once"),
        (["trip", "reset"], InvalidParameterError, "must be 'reset' alone or name columns"),
        (["trip", "lap"], ReadError, r"log\.csv: cycle='lap' is not a column of this file"),
    ],
)
def test_names_that_are_no_columns(tmp_path, cycle, error, words):
    path = save(drives(), tmp_path / "log.csv")
    with pytest.raises(error, match=words):
        read_log(path, cycle=cycle)
