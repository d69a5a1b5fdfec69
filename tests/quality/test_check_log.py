"""check_log finds what was put into a log, and nothing in a clean one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import as_log
from signalprep.quality import LogCheck, check_log

RATE = 10.0


@pytest.fixture
def log(make_log):
    return make_log(lengths=(1500, 900, 1200), n_channels=3, rate=RATE)


def kinds(check: LogCheck, severity: str | None = None) -> set[str]:
    return {p.kind for p in check.problems if severity in (None, p.severity)}


def only(check: LogCheck, kind: str):
    found = [problem for problem in check.problems if problem.kind == kind]
    assert len(found) == 1
    return found[0]


def smooth(log: pd.DataFrame) -> pd.DataFrame:
    """Replace noise by slow waves, which have no outliers."""
    angle = np.arange(len(log))[:, np.newaxis] * [0.031, 0.047, 0.023]
    return pd.DataFrame(np.sin(angle) * 7.0, index=log.index, columns=log.columns)


def frame_of(log: pd.DataFrame) -> pd.DataFrame:
    return log.reset_index()


class TestCleanLog:
    def test_nothing_is_found(self, log):
        check = check_log(smooth(log))
        assert check.problems == []
        assert check.usable
        assert check.to_frame().empty
        assert repr(check) == (
            "3 cycles, 3600 rows, 3 channels, 10 Hz: usable (0 errors, 0 warnings)"
        )

    def test_tables(self, log):
        check = check_log(smooth(log), units={"c0": "A"})
        assert check.cycles.index.tolist() == [0, 1, 2]
        assert check.cycles["rows"].tolist() == [1500, 900, 1200]
        np.testing.assert_allclose(check.cycles["duration"], [149.9, 89.9, 119.9])
        np.testing.assert_allclose(check.cycles["rate"], RATE)
        assert (check.cycles[["gaps", "duplicated_times", "backward_steps"]] == 0).all(axis=None)
        assert check.channels["unit"].tolist() == ["A", "", ""]
        assert check.channels["max"].between(6.99, 7.0).all()

    def test_a_frame_with_columns_gives_the_same(self, log):
        data = smooth(log)
        data.iloc[7, 1] = np.nan
        a = check_log(data)
        b = check_log(frame_of(data), cycle="cycle", time="time")
        c = check_log(data.reset_index(drop=True), cycle=frame_of(data)["cycle"], rate=RATE)
        for other in (b, c):
            pd.testing.assert_frame_equal(other.channels, a.channels)
            pd.testing.assert_frame_equal(other.cycles, a.cycles, atol=1e-9)
            assert other.to_text() == a.to_text()

    def test_threads_give_the_same(self, log):
        one, two = check_log(log), check_log(log, n_jobs=2)
        assert one.problems == two.problems
        pd.testing.assert_frame_equal(one.channels, two.channels)

    def test_the_input_is_left_as_it_is(self, log):
        log.attrs["units"] = {"c0": "V"}
        before = log.copy()
        assert check_log(log).channels["unit"].tolist() == ["V", "", ""]
        pd.testing.assert_frame_equal(log, before)
        assert log.attrs == before.attrs

    def test_an_array_is_one_recording(self):
        check = check_log(np.sin(np.arange(60.0)).reshape(30, 2))
        assert check.usable
        assert check.cycles["rate"].tolist() == [1.0]
        assert check.channels.index.tolist() == ["x0", "x1"]

    def test_integers_and_float32(self, log):
        whole = (smooth(log) * 100).astype(np.int16)
        assert check_log(whole).problems == []
        assert check_log(smooth(log).astype(np.float32)).problems == []


class TestTimeAndCycles:
    def test_gap(self, log):
        data = smooth(log).drop(index=[(1, t) for t in log.loc[1].index[300:350]])
        check = check_log(data)
        gap = only(check, "gap")
        assert (gap.severity, gap.cycle, gap.row) == ("warning", 1, 1800)
        assert check.usable
        assert check.cycles.loc[1, "gaps"] == 1
        assert check.cycles.loc[1, "longest_gap"] == pytest.approx(5.1)

    def test_repeated_time(self, log):
        data = frame_of(smooth(log))
        data.loc[1600, "time"] = data.loc[1599, "time"]
        check = check_log(data, cycle="cycle", time="time")
        problem = only(check, "duplicated time")
        assert (problem.severity, problem.cycle, problem.row) == ("error", 1, 1600)
        assert "cycle 1, row 100 of it (row 1600 in all)" in problem.text
        assert not check.usable
        assert check.cycles["duplicated_times"].tolist() == [0, 1, 0]

    def test_time_going_backwards(self, log):
        data = frame_of(smooth(log))
        data.loc[2600, "time"] = 0.05
        check = check_log(data, cycle="cycle", time="time")
        assert only(check, "backward time").row == 2600
        assert check.cycles["backward_steps"].tolist() == [0, 0, 1]

    def test_jitter(self, log):
        data = frame_of(smooth(log))
        data.loc[50, "time"] += 0.03
        check = check_log(data, cycle="cycle", time="time")
        assert only(check, "jitter").row == 50
        assert only(check, "jitter").severity == "error"
        assert check.cycles.loc[0, "jitter"] == pytest.approx(0.3)
        assert check_log(data, cycle="cycle", time="time", jitter=0.4).usable

    def test_jitter_that_a_rate_will_resample_is_a_warning(self, log):
        data = frame_of(smooth(log))
        data.loc[50, "time"] += 0.03
        check = check_log(data, cycle="cycle", time="time", rate=RATE)
        assert only(check, "jitter").severity == "warning"
        assert check.usable

    def test_another_rate(self, log):
        data = frame_of(smooth(log))
        data.loc[data["cycle"] == 2, "time"] *= 2.0
        check = check_log(data, cycle="cycle", time="time")
        assert only(check, "rate").cycle == 2
        assert not check.usable

    def test_a_rate_that_contradicts_time(self, log):
        check = check_log(frame_of(smooth(log)), cycle="cycle", time="time", rate=25.0)
        assert not check.usable
        assert "contradicts the time axis" in check.to_text()

    def test_interleaved_cycles(self, log):
        data = frame_of(smooth(log)).iloc[np.r_[0:100, 1500:1600, 100:1500, 1600:3600]]
        check = check_log(data, cycle="cycle", time="time")
        found = [p for p in check.problems if p.kind == "interleaved"]
        assert [(p.cycle, p.row) for p in found] == [(0, 200), (1, 1600)]
        assert check.cycles["rows"].tolist() == [1500, 900, 1200]
        assert check.cycles["gaps"].tolist() == [0, 0, 0]

    def test_missing_cycle_id(self, log):
        data = frame_of(smooth(log)).astype({"cycle": object})
        data.loc[[5, 6], "cycle"] = None
        check = check_log(data, cycle="cycle", time="time")
        problem = next(p for p in check.problems if p.kind == "cycle id")
        assert problem.text == "2 rows without a cycle id, first row 5"
        assert not check.usable

    def test_mixed_1_and_text_1(self, log):
        data = frame_of(smooth(log)).astype({"cycle": object})
        data.loc[data["cycle"] == 2, "cycle"] = "1"
        check = check_log(data, cycle="cycle", time="time")
        assert "one type; found int, str" in only(check, "cycle id").text
        assert not check.usable

    def test_missing_time(self, log):
        data = frame_of(smooth(log))
        data.loc[10, "time"] = np.nan
        check = check_log(data, cycle="cycle", time="time")
        assert only(check, "time").row == 10
        assert not check.usable

    def test_time_as_text(self, log):
        data = frame_of(smooth(log)).astype({"time": str})
        check = check_log(data, cycle="cycle", time="time")
        assert "3600 rows without a readable time" in only(check, "time").text

    @pytest.mark.parametrize("kind", ["datetime", "timedelta"])
    def test_datetimes_and_timedeltas(self, log, kind):
        data = frame_of(smooth(log))
        data["time"] = pd.to_timedelta(data["time"], unit="s").dt.round("ms")
        if kind == "datetime":
            data["time"] += pd.Timestamp("2024-03-01")
        check = check_log(data, cycle="cycle", time="time")
        assert check.problems == []
        np.testing.assert_allclose(check.cycles["rate"], RATE)

    def test_a_cycle_of_one_row(self):
        check = check_log(as_log(np.array([[1.0], [2.0], [4.0]]), cycle=[0, 0, 1], rate=1.0))
        assert only(check, "short").cycle == 1
        assert check.usable


class TestChannels:
    def test_missing_values(self, log):
        data = smooth(log)
        data.iloc[1510:1530, 1] = np.nan
        data.loc[2, "c2"] = np.nan
        check = check_log(data)
        first, second = (p for p in check.problems if p.kind == "missing")
        assert (first.channel, first.cycle, first.row) == ("c1", 1, 1510)
        assert "20 missing values, first cycle 1, row 10" in first.text
        assert second.text == "channel 'c2': no value in 1 of 3 cycles"
        assert check.channels["n_nan"].tolist() == [0, 20, 1200]
        assert check.channels.loc["c2", "nan_share"] == pytest.approx(1 / 3)
        assert check.usable

    def test_a_channel_without_any_value(self, log):
        data = smooth(log)
        data["c1"] = np.nan
        check = check_log(data)
        assert "no value in 3 of 3 cycles" in only(check, "missing").text
        assert np.isnan(check.channels.loc["c1", "max"])

    def test_infinite_values(self, log):
        data = smooth(log)
        data.iloc[42, 0] = -np.inf
        check = check_log(data)
        assert (only(check, "infinite").severity, only(check, "infinite").row) == ("error", 42)
        assert check.channels.loc["c0", "n_inf"] == 1
        assert check.channels.loc["c0", "min"] >= -7.0
        assert not check.usable

    def test_constant(self, log):
        data = smooth(log)
        data["c1"] = 3.5
        check = check_log(data)
        assert only(check, "constant").text == "channel 'c1': constant (3.5)"
        assert check.channels["constant"].tolist() == [False, True, False]

    def test_several_constant_channels_are_one_line(self, log):
        check = check_log(log.assign(c1=3.5, c2=1.0))
        lines = [line for line in check.to_text().splitlines() if "constant" in line]
        assert lines == ["  warning: 2 channels are constant: 'c1', 'c2'"]
        assert (check.to_frame()["kind"] == "constant").sum() == 2

    def test_duplicate(self, log):
        data = smooth(log)
        data["c2"] = data["c0"]
        data.iloc[9, [0, 2]] = np.nan
        check = check_log(data)
        assert only(check, "duplicate").channel == "c2"
        assert check.channels["duplicate_of"].tolist() == ["", "", "c0"]
        data.iloc[10, 2] += 1e-9
        assert "duplicate" not in kinds(check_log(data))

    def test_stuck(self, log):
        data = log.copy()
        data.iloc[400:640, 1] = 0.123
        check = check_log(data)
        assert (only(check, "stuck").channel, only(check, "stuck").row) == ("c1", 400)
        assert check.channels.loc["c1", "stuck_share"] == pytest.approx(240 / 3600)
        assert check.channels.loc["c1", "longest_run"] == pytest.approx(24.0)
        assert "stuck" not in kinds(check_log(data, stuck_after=30.0))

    def test_a_stuck_run_ends_with_the_cycle(self, log):
        data = log.copy()
        data.iloc[1430:1570, 1] = 0.123
        assert check_log(data).channels.loc["c1", "longest_run"] == pytest.approx(7.0)
        assert "stuck" not in kinds(check_log(data))

    def test_standing_still_is_not_stuck(self, log):
        data = log.copy()
        for first in (100, 600, 1600):
            data.iloc[first : first + 200, 0] = 0.0
            data.iloc[first : first + 200, 1] = 3.25
        assert "stuck" not in kinds(check_log(data))

    def test_a_slow_quantised_signal_is_not_stuck(self, log):
        data = log.copy()
        data["c1"] = np.round(20 + 5 * np.sin(np.arange(len(log)) / 900), 0)
        check = check_log(data)
        assert check.channels.loc["c1", "longest_run"] > 10
        assert kinds(check).isdisjoint({"stuck", "saturated"})

    def test_saturated(self, log):
        data = smooth(log)
        data["c1"] = data["c1"].clip(upper=6.0)
        check = check_log(data)
        assert only(check, "saturated").channel == "c1"
        assert "-7 to 6" in only(check, "saturated").text
        share = (data["c1"] == 6.0).mean()
        assert check.channels.loc["c1", "saturated_share"] == pytest.approx(share, rel=0.05)

    def test_switches_and_rest_are_not_saturated(self, log):
        data = smooth(log)
        data["c1"] = (data["c1"] > 0).astype(float)
        data["c2"] = data["c2"].clip(lower=0.0)
        assert "saturated" not in kinds(check_log(data))

    def test_spikes(self, log):
        data = smooth(log)
        places = [77, 1500, 3599]
        data.iloc[places, 2] += 30.0
        check = check_log(data)
        assert check.channels["spikes"].tolist() == [0, 0, 3]
        assert only(check, "spikes").row == 77

    def test_steps_and_single_bits_are_no_spikes(self, log):
        data = smooth(log)
        rng = np.random.default_rng(1)
        data["c0"] = np.where(np.arange(len(log)) % 200 < 100, 0.0, 50.0)
        data["c1"] = 0.25 * (rng.random(len(log)) < 0.01) + 4.0
        assert "spikes" not in kinds(check_log(data))

    def test_repeated_rows(self, log):
        data = smooth(log)
        data.iloc[5, 1] = np.nan
        data.iloc[6] = data.iloc[5]
        data.iloc[1500] = data.iloc[1499]
        assert check_log(data).cycles["repeated_rows"].tolist() == [1, 0, 0]

    def test_labels_and_numbers_as_text(self, log):
        data = smooth(log)
        data["gear"] = "D"
        check = check_log(data)
        assert only(check, "constant").text == "channel 'gear': constant (D)"
        assert check.usable
        data["gear"] = [str(k) for k in range(len(data))]
        check = check_log(data)
        assert not check.usable
        assert "numbers as text" in check.to_text()

    def test_names_are_only_names(self, log):
        data = smooth(log).set_axis(["<script>", "=cmd()", "$x_$"], axis=1)
        data.iloc[3, 0] = np.nan
        assert "'<script>'" in check_log(data).to_text()


class TestResult:
    def test_usable_is_what_as_log_accepts(self, log):
        rng = np.random.default_rng(5)
        for _ in range(30):
            data = frame_of(smooth(log.iloc[1400:1700]))
            row = rng.integers(1, len(data))
            change = rng.choice([0.0, -0.1, 0.0004, 0.04, 3.0])
            data.loc[row, "time"] += change
            check = check_log(data, cycle="cycle", time="time")
            try:
                as_log(data, cycle="cycle", time="time")
                accepted = True
            except InvalidLogError:
                accepted = False
            assert check.usable == accepted, (row, change)

    def test_errors_come_first_and_long_lists_are_cut(self, log):
        data = smooth(log)
        for k in range(12):
            data[f"n{k}"] = np.nan
        data.iloc[3, 1] = np.inf
        check = check_log(data)
        assert check.problems[0].severity == "error"
        assert check.to_frame()["severity"].tolist() == ["error"] + ["warning"] * 12
        assert repr(check).endswith("... and 3 more")
        assert len(check.to_text().splitlines()) == 14
        assert "NOT usable (1 errors, 12 warnings)" in repr(check)

    @pytest.mark.parametrize("frame", [pd.DataFrame({"x": []}), pd.DataFrame(index=range(3))])
    def test_nothing_to_look_at(self, frame):
        check = check_log(frame, rate=1.0)
        assert not check.usable
        assert kinds(check, "error") == {"empty"}
        assert "NOT usable" in repr(check)

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({}, "got neither"),
            ({"time": "clock"}, "time='clock' must be a column"),
            ({"cycle": "trip", "rate": 1.0}, "cycle='trip' must be a column"),
            ({"cycle": [1], "rate": 1.0}, "one id a row"),
            ({"rate": 1.0, "stuck_after": 0}, "stuck_after"),
            ({"rate": 1.0, "jitter": 0.7}, "jitter"),
            ({"rate": -1.0}, "rate"),
        ],
    )
    def test_parameters(self, parameters, message):
        with pytest.raises(InvalidParameterError, match=message):
            check_log(pd.DataFrame({"x": [1.0, 2.0]}), **parameters)

    def test_not_a_frame(self):
        with pytest.raises(InvalidParameterError, match="2-D array"):
            check_log([1, 2, 3], rate=1.0)
        with pytest.raises(InvalidParameterError, match="two-dimensional; got 1-D"):
            check_log(np.zeros(3), rate=1.0)
