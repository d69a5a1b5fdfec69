"""The time of a text table: its unit in any spelling, exact, or refused with what it may be."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io import read_log, reading_report
from signalprep.log import cycles, rate, segments
from signalprep.preprocessing import SavitzkyGolayFilter

N = 60
SECONDS = {
    "s": Fraction(1),
    "ms": Fraction(1, 1000),
    "us": Fraction(1, 10**6),
    "ns": Fraction(1, 10**9),
    "min": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
}
SPELLINGS = {
    "s": "s sec secs second seconds Sekunden",
    "ms": "ms msec millis milliseconds Millisekunden",
    "us": "us µs μs usec microseconds",
    "ns": "ns nsec nanoseconds",
    "min": "min minutes Minuten",
    "h": "h hr hours Stunden",
    "d": "d days Tage",
}
WRITTEN = {"s": "0.1", "ms": "100", "us": "100000", "ns": "100000000"}
WRITTEN |= {"min": "0.0025", "h": "0.00005", "d": "0.000002"}
EPOCH = 1_726_650_000


def table(path, header, stamps, sep=","):
    """Stamps beside a channel that never counts."""
    rows = [f"{stamp}{sep}{3 * k % 7}\n" for k, stamp in enumerate(stamps)]
    path.write_text(f"{header}{sep}i_d\n" + "".join(rows), encoding="utf-8")
    return path


def seconds(log):
    """Seconds from the first row."""
    times = log.index.get_level_values("time")
    return np.asarray((times - times[0]).total_seconds() if times.dtype.kind in "mM" else times)


def multiples(step, n=N):
    """Multiples of a step as a logger writes them."""
    return [f"{Decimal(step) * k:f}" for k in range(n)]


class TestUnitInTheHeader:
    @pytest.mark.parametrize("unit", SPELLINGS)
    @pytest.mark.parametrize("form", ["Time ({})", "Time [{}]", "Elapsed Time {{{}}}"])
    def test_every_spelling_in_every_bracket_is_the_unit(self, tmp_path, unit, form):
        step = WRITTEN[unit]
        exact = [float(Fraction(step) * k * SECONDS[unit]) for k in range(N)]
        for word in SPELLINGS[unit].split():
            log = read_log(table(tmp_path / "a.csv", form.format(word), multiples(step)))
            np.testing.assert_allclose(seconds(log), exact, rtol=1e-15)
            assert list(log.columns) == ["i_d"]

    @pytest.mark.parametrize(
        ("header", "unit"),
        [
            ("Test Time (hours)", "h"),
            ("Zeit / ms", "ms"),
            ("timestamp_ms", "ms"),
            ("Time, sec", "s"),
            ("time in milliseconds", "ms"),
            ("Time(Sec.)", "s"),
            ("elapsedMs", "ms"),
            ("Elapsed [min]", "min"),
            ("TIME <MSEC>", "ms"),
            ("Uhrzeit [ Sek ]", "s"),
        ],
    )
    def test_the_unit_is_found_wherever_it_stands(self, tmp_path, header, unit):
        step = WRITTEN[unit]
        log = read_log(table(tmp_path / "a.csv", header, multiples(step), sep=";"))
        assert rate(log) == pytest.approx(float(1 / (Fraction(step) * SECONDS[unit])), rel=1e-9)
        assert cycles(log).tolist() == ["a"]

    def test_a_rise_time_and_a_lowest_value_are_no_clock(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("T_min,T_rise [ms],time\n" + "".join(f"2,{5 * k},{k}\n" for k in range(9)))
        assert list(read_log(path).columns) == ["T_min", "T_rise"]

    def test_a_unit_that_is_told_may_not_contradict_the_header(self, tmp_path):
        path = table(tmp_path / "a.csv", "Time (msec)", multiples("100"))
        assert rate(read_log(path, time_unit="ms")) == pytest.approx(10.0)
        with pytest.raises(InvalidParameterError, match="time_unit='s' contradicts"):
            read_log(path, time_unit="s")


ADVICE = re.compile(r"time_(?:unit|format)='[^']*'")
UNSTATED = {
    "epoch ms": ([EPOCH * 1000 + 123 + 100 * k for k in range(N)], 10.0),
    "epoch us": ([EPOCH * 10**6 + 250 * k for k in range(N)], 4000.0),
    "epoch ns": ([EPOCH * 10**9 + 10**6 * k for k in range(N)], 1000.0),
    "epoch s": ([f"{EPOCH + k / 50:.2f}" for k in range(N)], 50.0),
    "ms of the day": ([36_000_000 + 100 * k for k in range(N)], 10.0),
    "ms from the start": ([20 * k for k in range(N)], 50.0),
    "us from the start": ([500 * k for k in range(N)], 2000.0),
    "Excel days": ([f"{45413.25 + 0.1 * k / 86400:.10f}" for k in range(N)], 10.0),
    "hours": ([f"{0.1 * k / 3600 / 1000:.12f}" for k in range(N)], 1e4),
    "digits": ([f"2024050112{k // 30:02d}{2 * (k % 30):02d}" for k in range(N)], 0.5),
    "digits with ms": ([f"20240501235959{100 * k:03d}" for k in range(10)], 10.0),
}


@pytest.mark.parametrize("case", UNSTATED)
@pytest.mark.parametrize("header", ["time", "Time", "Timestamp"])
def test_numbers_that_are_no_seconds_are_refused_with_what_they_may_be(tmp_path, case, header):
    stamps, hertz = UNSTATED[case]
    path = table(tmp_path / "a.csv", header, stamps)
    with pytest.raises(ReadError, match="stated nowhere") as refused:
        read_log(path)
    advised = ADVICE.findall(str(refused.value))
    rates = []
    for words in advised:
        parameter, _, value = words.partition("=")
        log = read_log(path, **{parameter: value.strip("'")})
        rates.append(rate(log))
        assert len(segments(log)) == 2
    assert any(found == pytest.approx(hertz, rel=2e-4) for found in rates), advised


@pytest.mark.parametrize("step", ["0.1", "0.01", "0.00002", "1", "7.5"])
@pytest.mark.parametrize("first", [0, 5, 1300, 86_000])
def test_what_may_be_seconds_needs_no_unit(tmp_path, step, first):
    stamps = [f"{first + Decimal(each):f}" for each in multiples(step)]
    log = read_log(table(tmp_path / "a.csv", "time", stamps))
    assert rate(log) == pytest.approx(float(1 / Fraction(step)), rel=1e-6)
    assert log.index[0][1] == first


class TestExactIntegers:
    @pytest.mark.parametrize("hertz", [1000, 8000, 10_000, 20_000, 50_000, 100_000])
    @pytest.mark.parametrize("unit", ["ms", "us", "ns"])
    def test_epochs_keep_their_rate_and_slopes(self, tmp_path, hertz, unit):
        ticks = int(1 / SECONDS[unit])
        if ticks % hertz:
            return
        step = ticks // hertz
        rows = [f"{EPOCH * ticks + step * k},{k / hertz:.9f}\n" for k in range(400)]
        path = tmp_path / "a.csv"
        path.write_text(f"time [{unit}],x\n" + "".join(rows))
        log = read_log(path)
        assert rate(log) == pytest.approx(hertz, rel=1e-9)
        np.testing.assert_allclose(seconds(log), np.arange(400) / hertz, rtol=1e-15)
        slope = SavitzkyGolayFilter(11, 1, deriv=1).fit_transform(log)["x"].iloc[-1]
        assert slope == pytest.approx(1.0, rel=1e-6)
        assert "2024-09-18" in str(log.attrs["sources"])

    def test_decimals_of_an_epoch_are_exact_too(self, tmp_path):
        stamps = [f"{EPOCH}.{4 * k:06d}" for k in range(N)]
        log = read_log(table(tmp_path / "a.csv", "time [s]", stamps))
        np.testing.assert_allclose(np.diff(seconds(log)), 4e-6, rtol=0.1)
        assert rate(log) == pytest.approx(250_000, rel=0.02)

    @pytest.mark.parametrize("jitter_us", [0, 3])
    def test_a_gap_and_a_jitter_stay_what_they_are(self, tmp_path, jitter_us):
        rng = np.random.default_rng(0)
        ticks = 100 * np.arange(200) + 5000 * (np.arange(200) > 90)
        ticks += rng.integers(-jitter_us, jitter_us + 1, 200)
        stamps = [EPOCH * 10**6 + int(tick) for tick in ticks]
        path = table(tmp_path / "a.csv", "time [us]", stamps)
        if jitter_us:
            with pytest.raises(InvalidLogError, match="jitter|steps"):
                read_log(path)
        else:
            assert segments(read_log(path)).tolist() == [0, 91, 200]


START = datetime(2024, 2, 29, 23, 59, 58)


def moments(step=0.5, n=N, start=START):
    return [start + timedelta(seconds=step * k) for k in range(n)]


class TestClocksAndDates:
    @pytest.mark.parametrize("mark", [".", ",", ":"])
    @pytest.mark.parametrize("start", [START, START.replace(hour=8)])
    def test_clock_times_go_on_past_midnight(self, tmp_path, mark, start):
        stamps = [f"{each:%H:%M:%S}{mark}{each:%f}"[:-3] for each in moments(start=start)]
        log = read_log(table(tmp_path / "a.csv", "Time", stamps, sep=";"))
        np.testing.assert_allclose(seconds(log) - seconds(log)[0], 0.5 * np.arange(N), atol=1e-9)
        assert len(segments(log)) == 2

    def test_clock_times_of_two_days(self, tmp_path):
        every = moments(step=1800.0, n=100)
        log = read_log(table(tmp_path / "a.csv", "Uhrzeit", [f"{each:%H:%M:%S}" for each in every]))
        assert np.diff(seconds(log)).tolist() == [1800.0] * 99

    def test_clock_times_with_halves_of_the_day(self, tmp_path):
        start = datetime(2024, 5, 1, 11, 59, 30)
        stamps = [f"{each:%I:%M:%S %p}" for each in moments(step=1.0, start=start)]
        log = read_log(table(tmp_path / "a.csv", "Time", stamps))
        assert rate(log) == pytest.approx(1.0)

    @pytest.mark.parametrize(
        "written", ["%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y, %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S.%f"]
    )
    def test_dates_that_can_be_meant_in_one_way_are_read(self, tmp_path, written):
        stamps = [each.strftime(written) for each in moments()]
        log = read_log(table(tmp_path / "a.csv", "Datum", stamps, sep=";"))
        assert log.index[0][1] == pd.Timestamp(START)
        assert rate(log) == pytest.approx(2.0)

    @pytest.mark.parametrize("written", ["%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"])
    def test_day_or_month_first_is_asked_and_then_read(self, tmp_path, written):
        start = datetime(2024, 3, 5, 23, 59, 50)
        stamps = [each.strftime(written) for each in moments(step=0.5, n=9, start=start)][::2]
        path = table(tmp_path / "a.csv", "Timestamp", stamps)
        with pytest.raises(ReadError, match="day or the month") as refused:
            read_log(path)
        assert f"'{written}'" in str(refused.value)
        log = read_log(path, time_format=written)
        assert log.index[0][1] == pd.Timestamp(start)

    @pytest.mark.parametrize("day", ["%Y-%m-%d", "%d.%m.%Y"])
    def test_date_and_time_in_two_columns(self, tmp_path, day):
        every = moments(step=0.25)
        rows = [f"{e:{day}};{e:%H:%M:%S.%f};{k % 7}\n" for k, e in enumerate(every)]
        path = tmp_path / "a.csv"
        path.write_text("Date;Time;i_d\n" + "".join(rows))
        log = read_log(path)
        assert list(log.columns) == ["i_d"]
        assert log.index[-1][1] == pd.Timestamp(every[-1])
        other = read_log(path, time=["Date", "Time"])
        pd.testing.assert_frame_equal(other, log)

    @pytest.mark.parametrize("form", ["hours", "days", "short"])
    def test_durations_beyond_a_day(self, tmp_path, form):
        whole = [86_340 + 10 * k for k in range(N)]

        def text(value):
            minutes = f"{value // 60 % 60:02d}:{value % 60:02d}"
            if form == "hours":
                return f"{value // 3600}:{minutes}"
            days = {"days": "{} days ", "short": "{}d "}[form].format(value // 86_400)
            return f"{days}{value // 3600 % 24:02d}:{minutes}"

        log = read_log(table(tmp_path / "a.csv", "Test Time", list(map(text, whole))))
        assert (seconds(log) - seconds(log)[0]).tolist() == [10.0 * k for k in range(N)]

    def test_two_clocks_of_which_one_tells_the_rows_apart(self, tmp_path):
        rows = [f"{e:%Y-%m-%dT%H:%M:%S},{k / 10:.1f},{k % 7}\n" for k, e in enumerate(moments(0.1))]
        path = tmp_path / "a.csv"
        path.write_text("Timestamp,Time,i_d\n" + "".join(rows))
        log = read_log(path)
        assert rate(log) == pytest.approx(10.0)
        assert "no input: Timestamp" in reading_report(log)["notes"].iloc[0]

    @pytest.mark.parametrize(
        "written",
        ["%d-%b-%Y %H:%M:%S", "%Y%m%d_%H%M%S", "%H.%M.%S %d.%m.%y", "%y/%m/%d %H:%M:%S", "%c"],
    )
    def test_any_other_way_of_writing_is_told(self, tmp_path, written):
        start = datetime(2024, 5, 1, 23, 59, 40)
        stamps = [each.strftime(written) for each in moments(step=1.0, start=start)]
        log = read_log(table(tmp_path / "a.csv", "Time", stamps), time_format=written)
        assert log.index[0][1] == pd.Timestamp(start)
        assert rate(log) == pytest.approx(1.0)

    def test_a_cell_that_breaks_the_format_is_named_with_its_row(self, tmp_path):
        stamps = [f"{each:%d.%m.%Y %H:%M:%S}" for each in moments(step=1.0)]
        stamps[7] = "31.02.2024 00:00:05"
        path = table(tmp_path / "a.csv", "Time", stamps)
        for more in ({}, {"time_format": "%d.%m.%Y %H:%M:%S"}):
            with pytest.raises((InvalidLogError, ReadError), match=r"31\.02\.2024 .*row 7"):
                read_log(path, **more)


@pytest.mark.parametrize("header", ["T (x),n", "n,T [-]", "T,n"])
def test_a_lone_T_is_no_time(tmp_path, header):
    path = tmp_path / "a.csv"
    path.write_text(header + "\n" + "".join(f"{41 + k},{k}\n" for k in range(20)))
    with pytest.raises(ReadError, match="no time column found"):
        read_log(path)


def test_two_clocks_that_contradict_each_other_ask(tmp_path):
    path = tmp_path / "a.csv"
    rows = (f"13.05.2024 10:00:{k:02d};{k}.5;{45425416666 + 11574 * k}\n" for k in range(20))
    path.write_text("TimeString;n;Time_ms\n" + "".join(rows))
    with pytest.raises(ReadError, match="'TimeString', 'Time_ms'.*give time="):
        read_log(path)
    assert rate(read_log(path, time="TimeString")) == 1.0


def test_months_of_another_language_are_no_matter_of_order(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time;n\n" + "".join(f"01-Dez-2024 08:00:{k:02d};{k}\n" for k in range(9)))
    with pytest.raises(InvalidLogError, match="English short names"):
        read_log(path)


def test_a_decimal_mark_that_is_told_is_kept(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time [s];n\n0;1500\n0,1;1501\n0,2;1502\n")
    assert rate(read_log(path)) == 10.0
    with pytest.raises(InvalidLogError, match="decimal=','"):
        read_log(path, decimal=".")
