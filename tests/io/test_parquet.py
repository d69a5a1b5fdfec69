"""Parquet files: what is in them, and what is refused before reading."""

from __future__ import annotations

import builtins

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io import read_log, reading_report, units
from signalprep.log import cycles

pa = pytest.importorskip("pyarrow", reason="Parquet is an extra: pip install 'signalprep[parquet]'")
pq = pytest.importorskip("pyarrow.parquet")


def test_numbers_labels_units_and_time(tmp_path):
    frame = pd.DataFrame(
        {
            "Time [ms]": [0, 100, 200],
            "i_a [A]": np.array([1, 2, 3], dtype=np.int16),
            "on": [True, False, True],
            "mode": ["D", None, "R"],
            "x": [1.0, None, 3.0],
        }
    )
    frame.to_parquet(tmp_path / "trip.parquet")
    log = read_log(tmp_path / "trip.parquet")
    assert log.index.get_level_values("time").tolist() == [0.0, 0.1, 0.2]
    assert log["i_a"].dtype == np.float64
    assert log["on"].tolist() == [1.0, 0.0, 1.0]
    assert log["mode"].isna().tolist() == [False, True, False]
    np.testing.assert_array_equal(log["x"], [1.0, np.nan, 3.0])
    assert units(log)["i_a"] == "A"


def test_float32_is_kept_when_all_is_float32(tmp_path):
    frame = pd.DataFrame({"x": np.float32([1, 2]), "y": np.float32([1, 2])})
    frame.to_parquet(tmp_path / "a.parquet")
    assert set(read_log(tmp_path / "a.parquet", rate=1.0).dtypes) == {np.dtype(np.float32)}
    frame.assign(y=[1.0, 2.0]).to_parquet(tmp_path / "b.parquet")
    assert set(read_log(tmp_path, rate=1.0).dtypes) == {np.dtype(np.float64)}


def test_a_saved_log_comes_back(tmp_path, make_log):
    log = make_log()
    log.reset_index().to_parquet(tmp_path / "log.parquet")
    back = read_log(tmp_path / "log.parquet", cycle="cycle")
    pd.testing.assert_frame_equal(back, log)


@pytest.mark.parametrize(
    "stamps",
    [
        pd.date_range("2024-01-01", periods=3, freq="500ms"),
        pd.date_range("2024-01-01 01:00", periods=3, freq="500ms", tz="Europe/Berlin"),
        pd.date_range("2024-01-01", periods=3, freq="500ms").strftime("%Y-%m-%dT%H:%M:%S.%f"),
    ],
)
def test_datetimes(tmp_path, stamps):
    pd.DataFrame({"stamp": stamps, "x": 1.0}).to_parquet(tmp_path / "a.parquet")
    log = read_log(tmp_path / "a.parquet", time="stamp")
    assert log.index.get_level_values("time")[1] == pd.Timestamp("2024-01-01 00:00:00.5")


def test_durations(tmp_path):
    stamps = pd.to_timedelta([0, 0.5, 1.0], unit="s")
    pd.DataFrame({"t": stamps, "x": 1.0}).to_parquet(tmp_path / "a.parquet")
    log = read_log(tmp_path / "a.parquet", time="t")
    assert log.index.get_level_values("time").tolist() == [0.0, 0.5, 1.0]


def test_numbers_as_text(tmp_path):
    frame = pd.DataFrame({"x": ["1.5", "low", "3"]})
    frame.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InvalidLogError, match=r"a\.parquet: column 'x'.*'low' at row 1"):
        read_log(tmp_path / "a.parquet", rate=1.0)
    log = read_log(tmp_path / "a.parquet", rate=1.0, coerce=True)
    np.testing.assert_array_equal(log["x"], [1.5, np.nan, 3.0])


def test_a_channel_that_is_neither_numbers_nor_text(tmp_path):
    pq.write_table(pa.table({"x": [1.0], "list": [[1.0, 2.0]]}), tmp_path / "a.parquet")
    with pytest.raises(InvalidLogError, match=r"a\.parquet: column 'list' must hold numbers"):
        read_log(tmp_path / "a.parquet", rate=1.0)
    assert read_log(tmp_path / "a.parquet", rate=1.0, columns=["x"]).shape == (1, 1)


@pytest.mark.parametrize("keep", [0.5, 0.95])
def test_truncated(tmp_path, keep):
    pd.DataFrame({"x": np.arange(1000.0)}).to_parquet(tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(content[: int(keep * len(content))])
    with pytest.raises(ReadError, match=r"a\.parquet: damaged or cut off"):
        read_log(tmp_path / "a.parquet", rate=1.0)


def test_no_rows(tmp_path):
    pd.DataFrame({"x": np.empty(0)}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ReadError, match="no rows"):
        read_log(tmp_path / "a.parquet", rate=1.0)


def test_a_hundred_million_rows_in_a_small_file_are_refused(tmp_path):
    path = tmp_path / "a.parquet"
    part = pa.table({"x": np.zeros(10_000_000)})
    with pq.ParquetWriter(path, part.schema, compression="zstd") as writer:
        for _ in range(10):
            writer.write_table(part, row_group_size=10_000_000)
    assert path.stat().st_size < 500_000
    with pytest.raises(ReadError, match=r"a\.parquet: states 100000000 rows of 1 columns"):
        read_log(path, rate=1.0)


def test_cycle_column(tmp_path):
    frame = pd.DataFrame({"profile_id": [4, 4, 17], "x": [1.0, 2.0, 3.0]})
    frame.to_parquet(tmp_path / "a.parquet")
    log = read_log(tmp_path / "a.parquet", cycle="profile_id", rate=2.0)
    assert cycles(log).tolist() == [4, 17]


def test_without_pyarrow(tmp_path, monkeypatch):
    pd.DataFrame({"x": [1.0]}).to_parquet(tmp_path / "a.parquet")
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'signalprep\[parquet\]'"):
        read_log(tmp_path / "a.parquet", rate=1.0)


def test_real_adc_counts(real_data):
    log = read_log(real_data("pmsm_inverter_faults"), rate=10.0)
    assert log.shape == (10_892, 9)
    assert log["FDD"].nunique() == 9


def test_numbers_that_stand_for_no_value(tmp_path):
    t = np.arange(4) / 10
    for values in ([41.5, -999, 1, 2], ["41.5", "-999", "1", "2"]):
        pd.DataFrame({"time": t, "T": values}).to_parquet(tmp_path / "a.parquet")
        log = read_log(tmp_path / "a.parquet", na_values=["-999"])
        np.testing.assert_array_equal(log["T"], [41.5, np.nan, 1.0, 2.0])
        assert reading_report(log)["missing_words"].iloc[0] == "-999: 1"


@pytest.mark.parametrize(
    "given", [{"names": ["t", "x"]}, {"long_form": {"name": "time", "value": "x"}}]
)
def test_what_is_for_text_tables_is_refused(tmp_path, given):
    pd.DataFrame({"time": [0.0, 0.1], "x": [1.0, 2.0]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InvalidParameterError, match=f"{next(iter(given))}= is for text tables"):
        read_log(tmp_path / "a.parquet", **given)


def test_marks_of_numbers_as_text(tmp_path):
    frame = pd.DataFrame({"time": [0.0, 0.1], "x": ["1.500,5", "2,5"]})
    frame.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InvalidLogError, match=r"thousands='\.' with decimal=','"):
        read_log(tmp_path / "a.parquet")
    log = read_log(tmp_path / "a.parquet", thousands=".", decimal=",")
    assert log["x"].tolist() == [1500.5, 2.5]


def test_text_under_the_name_of_a_time_is_one(tmp_path):
    stamps = [f"2024-05-01T10:00:0{k}" for k in range(4)]
    pd.DataFrame({"time": stamps, "x": range(4)}).to_parquet(tmp_path / "a.parquet")
    assert read_log(tmp_path / "a.parquet").index[1][1] == pd.Timestamp(stamps[1])


def test_days_and_times_of_day_of_their_own_types(tmp_path):
    stamps = pd.date_range("2024-05-01 23:59:58", periods=4, freq="s")
    columns = {"date": [x.date() for x in stamps], "clk": [x.time() for x in stamps]}
    pd.DataFrame(columns | {"x": range(4)}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ReadError, match="one column of time stamps, or both as text"):
        read_log(tmp_path / "a.parquet", time=["date", "clk"])


def test_rows_without_time_are_at_the_rate_given(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"x": [1.0, 2.0, 3.0]}).to_parquet(path)
    log = read_log(path, rate=4.0)
    assert log.index.get_level_values("time").tolist() == [0.0, 0.25, 0.5]
    with pytest.raises(ReadError, match="rate="):
        read_log(path)
