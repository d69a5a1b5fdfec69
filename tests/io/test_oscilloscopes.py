"""Files of oscilloscopes: clocks in headers, settings beside samples, segments, stated rates."""

from __future__ import annotations

import numpy as np
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, ReadError
from signalprep.io import read_log, reading_report, units

N = 50


def write(folder, text, name="scope.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows(line, n=N):
    return "".join(line(k) + "\n" for k in range(n))


def stamps(log):
    return log.index.get_level_values("time").to_numpy()


def notes(log):
    return reading_report(log).iloc[0]["notes"]


def exactly(start, step, n=N):
    """Stamps start + k * step, where both are whole numbers of 1e-5."""
    return (round(start * 1e5) + np.arange(n) * round(step * 1e5)) / 1e5


class TestPicoScope:
    def test_units_below_the_names_and_overload(self, tmp_path):
        marks = {3: "∞", 5: "-∞"}
        head = "Time,Channel A,Channel B\n(ms),(V),(mV)\n\n"
        body = rows(lambda k: f"{k * 0.01:.8f},{k * 0.5:.8f},{marks.get(k, k)}")
        log = read_log(write(tmp_path, head + body))
        assert units(log).to_dict() == {"Channel A": "V", "Channel B": "mV"}
        np.testing.assert_array_equal(log["Channel A"], np.arange(N) * 0.5)
        assert np.flatnonzero(log["Channel B"].isna()).tolist() == [3, 5]
        assert sp.rate(log) == pytest.approx(1e5, rel=1e-12)

    def test_decimal_commas(self, tmp_path):
        head = "Zeit;Kanal A\n(us);(V)\n\n"
        body = rows(lambda k: f"{k * 0.25:.8f};{k * 0.5:.8f}").replace(".", ",")
        log = read_log(write(tmp_path, head + body))
        np.testing.assert_array_equal(log["Kanal A"], np.arange(N) * 0.5)
        assert sp.rate(log) == pytest.approx(4e6, rel=1e-12)


def lecroy(n_segments, size, first=-5, stated=None):
    head = f"LECROYWS434,10000,Waveform\nSegments,{stated or n_segments},SegmentSize,{size}\n"
    head += "Segment,TrigTime,TimeSinceSegment1\n"
    head += "".join(f"#{k + 1},05-Mar-2024 10:00:0{k},{k}\n" for k in range(n_segments))
    return (
        head
        + "Time,Ampl\n"
        + rows(lambda k: f"{k % size + first}e-06,{k * 0.5}", n_segments * size)
    )


class TestLeCroy:
    @pytest.mark.parametrize("first", [-5, 0])
    def test_segments_are_cycles(self, tmp_path, first):
        log = read_log(write(tmp_path, lecroy(2, 25, first)))
        assert sp.cycles(log).tolist() == ["scope-1", "scope-2"]
        assert sp.segments(log).tolist() == [0, 25, 50]
        np.testing.assert_array_equal(log["Ampl"], np.arange(50) * 0.5)
        assert stamps(log)[[0, 25]].tolist() == [float(f"{first}e-6")] * 2
        assert sp.rate(log) == pytest.approx(1e6, rel=1e-12)

    def test_a_single_segment_is_a_cycle(self, tmp_path):
        assert sp.cycles(read_log(write(tmp_path, lecroy(1, 25)))).tolist() == ["scope"]

    def test_lost_rows_are_refused(self, tmp_path):
        text = lecroy(2, 25).rsplit("\n", 6)[0] + "\n"
        with pytest.raises(ReadError, match="states 50 rows, there are 45.*truncated='drop'"):
            read_log(write(tmp_path, text))
        assert len(read_log(write(tmp_path, text), truncated="drop")) == 45

    def test_a_lost_segment_is_refused(self, tmp_path):
        with pytest.raises(ReadError, match="states 75 rows, there are 50"):
            read_log(write(tmp_path, lecroy(2, 25, stated=3)))


def tektronix(step="4.0e-11", length=N):
    head = f"Model,MSO64\nLabel,\nHorizontal Units,s\nSample Interval,{step}\n"
    head += f"Record Length,{length}\nVertical Units,V\n\nLabels,,\nTIME,CH1,CH1 Peak Detect\n"
    return head + rows(lambda k: f"{-9.99966406e-07 + k * 4e-11:.8e},{k * 0.5},{k}")


OLD = (
    "Record Length,2.500000e+03",
    "Sample Interval,2.000000e-05",
    "Trigger Point,1.250000e+03",
    *['"",'] * 3,
    "Source,CH1",
    "Vertical Units,V",
    "Vertical Scale,1.000000e-01",
    "Vertical Offset,0.000000e+00",
    "Horizontal Units,s",
    "Horizontal Scale,5.000000e-04",
    "Pt Fmt,Y",
    "Yzero,0.000000e+00",
    "Probe Atten,1.000000e+01",
    "Model Number,TDS2024",
    "Serial Number,C012345",
    "Firmware Version,FV:v1.23",
)


def old_tektronix(ending=",", settings=OLD):
    def line(k):
        setting = settings[k] if k < len(settings) else ","
        return f"{setting},,{-0.025 + k * 2e-5:.12f},  {k * 0.04:.5f}{ending}"

    return rows(line, 2500)


class TestTektronix:
    def test_gigahertz_are_right_and_one_segment(self, tmp_path):
        log = read_log(write(tmp_path, tektronix()))
        assert sp.rate(log) == pytest.approx(25e9, rel=1e-6)
        assert sp.segments(log).tolist() == [0, N]
        np.testing.assert_array_equal(log["CH1"], np.arange(N) * 0.5)
        assert list(log.columns) == ["CH1", "CH1 Peak Detect"]

    def test_another_interval_is_refused_and_either_can_be_taken(self, tmp_path):
        path = write(tmp_path, tektronix(step="8.0e-11"))
        with pytest.raises(
            ReadError, match="'TIME' goes on by 4e-11 s.*Interval,8.0e-11'"
        ) as found:
            read_log(path)
        assert "rate=25000000000.0" in str(found.value)
        assert sp.rate(read_log(path, rate=25e9)) == pytest.approx(25e9, rel=1e-6)
        assert "time=False with rate=12500000000.0" in str(found.value)
        assert sp.rate(read_log(path, time=False, rate=12.5e9)) == pytest.approx(12.5e9)

    @pytest.mark.parametrize("length", [49, 60])
    def test_another_length_is_refused(self, tmp_path, length):
        path = write(tmp_path, tektronix(length=length))
        with pytest.raises(ReadError, match=f"states {length} rows, there are 50.*truncated="):
            read_log(path)
        log = read_log(path, truncated="drop")
        assert len(log) == N
        assert f"states {length} rows" in notes(log)

    @pytest.mark.parametrize("name", ["analog_waveform.csv", "digital_waveform.csv"])
    def test_real_files(self, real_data, name):
        path = real_data("formats") / "scope" / "tektronix" / name
        if not path.exists():
            pytest.skip(f"no {name} here")
        log = read_log(path)
        assert sp.rate(log) == pytest.approx(25e9, rel=1e-6)
        assert len(sp.segments(log)) == 2
        assert len(log) == {"analog_waveform.csv": 50_000, "digital_waveform.csv": 2_500}[name]

    @pytest.mark.parametrize("ending", [",", ""])
    def test_settings_beside_the_samples_are_no_channels(self, tmp_path, ending):
        log = read_log(write(tmp_path, old_tektronix(ending)))
        assert units(log).to_dict() == {"CH1": "V"}
        np.testing.assert_array_equal(log["CH1"], [float(f"{k * 0.04:.5f}") for k in range(2500)])
        np.testing.assert_array_equal(stamps(log), exactly(-0.025, 2e-5, 2500))
        assert sp.rate(log) == pytest.approx(5e4, rel=1e-9)

    def test_two_channels_side_by_side(self, tmp_path):
        def line(k):
            setting = OLD[k] if k < len(OLD) else ","
            other = setting.replace("CH1", "CH2").replace("Units,V", "Units,A")
            stamp = f"{-0.025 + k * 2e-5:.12f}"
            return f"{setting},,{stamp},{k * 0.5},,{other},,{stamp},{-k},"

        log = read_log(write(tmp_path, rows(line, 2500)))
        assert units(log).to_dict() == {"CH1": "V", "CH2": "A"}
        np.testing.assert_array_equal(log["CH2"], -np.arange(2500))
        np.testing.assert_array_equal(stamps(log), exactly(-0.025, 2e-5, 2500))

    def test_without_an_interval_the_time_is_asked_for(self, tmp_path):
        settings = tuple(line for line in OLD if "Interval" not in line)
        path = write(tmp_path, old_tektronix(settings=settings))
        with pytest.raises(ReadError, match="name it with time="):
            read_log(path)
        log = read_log(path, time="x3")
        np.testing.assert_array_equal(stamps(log), exactly(-0.025, 2e-5, 2500))
        assert list(log.columns) == ["x4"]

    def test_old_files_that_were_cut_off(self, tmp_path):
        text = "".join(old_tektronix().splitlines(keepends=True)[:1000])
        with pytest.raises(ReadError, match="states 2500 rows, there are 1000"):
            read_log(write(tmp_path, text))


class TestStartAndStep:
    @pytest.mark.parametrize(
        ("head", "row"),
        [
            (
                "X,CH1,CH2,Start,Increment,\nSequence,Volt,Volt,-6.0e-03,1.0e-05\n",
                "{k},{k}.5,-{k},,",
            ),
            ("X,CH1,CH2,Start,Increment,\nSequence,V,V,-6.0e-03,1.0e-05\n", "{k},{k}.5,-{k},"),
            ("Time(s),CH1V,CH2V,t0 =-6.0e-03s, tInc = 1.0e-05,\n", ",{k}.5,-{k},,"),
            ("CH1V,CH2V,t0 =-6.0e-03s, tInc = 1.0e-05,\n", "{k}.5,-{k},,"),
        ],
    )
    def test_a_clock_in_the_header(self, tmp_path, head, row):
        log = read_log(write(tmp_path, head + rows(lambda k: row.format(k=k))))
        assert [name for name in log.columns if name != "X"] == ["CH1", "CH2"]
        assert set(units(log)) <= {"V", "Volt", ""}
        np.testing.assert_array_equal(log["CH1"], np.arange(N) + 0.5)
        np.testing.assert_array_equal(log["CH2"], -np.arange(N))
        np.testing.assert_array_equal(stamps(log), exactly(-0.006, 1e-5))
        assert sp.rate(log) == pytest.approx(100_000.0, rel=1e-15)
        assert "time as stated" in notes(log)

    @pytest.mark.parametrize("quote", ["", '"'])
    def test_names_units_and_clock_in_lines_of_their_own(self, tmp_path, quote):
        settings = (
            ("Model Name", "DL850"),
            ("TraceName", "CH1", "CH2"),
            ("BlockSize", N, N),
            ("VUnit", "V", "A"),
            ("SampleRate", "1.0e+05", "1.0e+05"),
            ("HResolution", "1.0e-05", "1.0e-05"),
            ("HOffset", "-1.0e-03", "-1.0e-03"),
            ("HUnit", "s", "s"),
            ("Date", "2024/03/05", "2024/03/05"),
        )
        head = "".join(
            ",".join(f"{quote}{cell}{quote}" for cell in line) + "\n" for line in settings
        )
        log = read_log(write(tmp_path, head + "\n" + rows(lambda k: f",{k}.5,-{k}")))
        assert units(log).to_dict() == {"CH1": "V", "CH2": "A"}
        np.testing.assert_array_equal(log["CH2"], -np.arange(N))
        np.testing.assert_array_equal(stamps(log), exactly(-0.001, 1e-5))

    def test_one_column_with_a_stated_step(self, tmp_path):
        head = "#CHANNEL:CH1\n#CLOCK=0.000010000S\n#SIZE=50\n#UNITS:V\n\n"
        log = read_log(write(tmp_path, head + rows(lambda k: f"{k}.500000")))
        assert units(log).to_dict() == {"CH1": "V"}
        np.testing.assert_allclose(stamps(log), exactly(0, 1e-5), rtol=1e-15)
        assert "rate as stated" in notes(log)

    def test_words_beside_start_and_step_are_no_units(self, tmp_path):
        text = "time [s],name,start,step\n" + rows(lambda k: f"{k / 10},{'ab'[k % 2]},{k * k},{-k}")
        assert list(read_log(write(tmp_path, text)).columns) == ["name", "start", "step"]

    def test_columns_named_start_and_step_stay(self, tmp_path):
        head = "time [s],start,step\n"
        log = read_log(write(tmp_path, head + rows(lambda k: f"{k / 10},{k * k},{-k}")))
        assert list(log.columns) == ["start", "step"]


class TestOtherMakes:
    def test_axis_in_seconds(self, tmp_path):
        head = "x-axis,1,2\nsecond,Volt,Volt\n"
        log = read_log(write(tmp_path, head + rows(lambda k: f"{k - 20}e-6,{k}.5,{k}")))
        assert units(log).to_dict() == {"1": "Volt", "2": "Volt"}
        np.testing.assert_array_equal(stamps(log), [float(f"{k - 20}e-6") for k in range(N)])

    @pytest.mark.parametrize(
        ("head", "names"),
        [
            (
                "Record Length,Analog:50,Digital:0\nSample Interval,CH1:4.0e-08,CH2:4.0e-08\n"
                "Vertical Units,CH1:V,CH2:V\nHorizontal Units,s\nSource,CH1,CH2\n"
                "Second,Volt,Volt\n",
                ["CH1", "CH2"],
            ),
            ("Record Length,Analog:50\nSample Interval,4.0e-08\nSecond,Value,Other\n", None),
        ],
    )
    def test_settings_of_each_channel(self, tmp_path, head, names):
        body = rows(lambda k: f"{k * 4}e-8,{k}.5,{k}")
        log = read_log(write(tmp_path, head + body))
        assert list(log.columns) == (names or ["Value", "Other"])
        assert sp.rate(log) == pytest.approx(25e6, rel=1e-12)
        with pytest.raises(ReadError, match=r"4\.0e-07"):
            read_log(write(tmp_path, head.replace("4.0e-08", "4.0e-07") + body))
        with pytest.raises(ReadError, match="states 50 rows, there are 40"):
            read_log(write(tmp_path, head + rows(lambda k: f"{k * 4}e-8,{k}.5,{k}", 40)))


class TestStatedRate:
    @pytest.mark.parametrize(
        ("line", "rate"),
        [
            ("# rate: 100 Hz", 100.0),
            ("Sample rate: 2 kHz", 2000.0),
            ("Sample Interval,0.01,s", 100.0),
            ("Sampling time [ms];20", 50.0),
            ("dt = 1e-5", 100_000.0),
        ],
    )
    def test_it_is_the_clock_of_a_table_without_time(self, tmp_path, line, rate):
        text = f"{line}\nspeed [rpm],torque [Nm]\n" + rows(lambda k: f"{k},{k * 0.5}")
        path = write(tmp_path, text)
        log = read_log(path)
        np.testing.assert_array_equal(stamps(log), np.arange(N) / rate)
        assert "rate as stated" in notes(log)
        with pytest.raises(ReadError, match=r"rate=7\.0 contradicts .*time=False") as found:
            read_log(path, rate=7.0)
        assert line in str(found.value)
        insisted = read_log(path, rate=7.0, time=False)
        np.testing.assert_array_equal(stamps(insisted), np.arange(N) / 7.0)

    @pytest.mark.parametrize("line", ["Recording time: 10 s", "Baud rate: 9600", "Rate 3"])
    def test_other_settings_are_no_rate(self, tmp_path, line):
        text = f"{line}\nspeed [rpm],torque [Nm]\n" + rows(lambda k: f"{k},{k * 0.5}")
        with pytest.raises(ReadError, match="no time column"):
            read_log(write(tmp_path, text))

    def test_it_tells_the_unit_of_time(self, tmp_path):
        text = "Sample Interval,0.01,s\ntime,torque\n" + rows(lambda k: f"{k * 10},{k * 0.5}")
        log = read_log(write(tmp_path, text))
        np.testing.assert_array_equal(stamps(log), np.arange(N) * 10 / 1000)
        assert "ms, as 'Sample Interval,0.01,s' tells" in str(log.attrs["sources"])

    @pytest.mark.parametrize(("header", "step"), [("time", 7), ("time [s]", 10), ("time [ms]", 7)])
    def test_no_unit_makes_both_agree(self, tmp_path, header, step):
        text = f"Sample Interval,0.01,s\n{header},torque\n" + rows(lambda k: f"{k * step},{k}")
        with pytest.raises(ReadError, match=r"Sample Interval,0\.01,s"):
            read_log(write(tmp_path, text))

    def test_digits_of_a_date_are_no_seconds(self, tmp_path):
        text = "Sample Interval,1,s\ntime,torque\n" + rows(lambda k: f"202402112359{k:02d},{k}")
        with pytest.raises(ReadError, match="time_format="):
            read_log(write(tmp_path, text))


class TestRateOfTheCaller:
    @pytest.mark.parametrize("header", ["Zeitpunkt [s]", "Messzeit [s]", "foo [s]", "tstamp [s]"])
    @pytest.mark.parametrize("place", [0, 1])
    def test_another_rate_than_that_of_a_time(self, tmp_path, header, place):
        def line(time, value):
            return f"{time},{value}" if place == 0 else f"{value},{time}"

        text = line(header, "torque") + "\n" + rows(lambda k: line(f"{k / 10}", k * k))
        path = write(tmp_path, text)
        with pytest.raises(InvalidLogError, match="rate=100.*contradicts"):
            read_log(path, rate=100.0)
        log = read_log(path, rate=10.0)
        np.testing.assert_allclose(stamps(log), np.arange(N) / 10.0, rtol=1e-12)
        assert "torque" in log.columns

    @pytest.mark.parametrize(
        "stamp",
        [
            lambda k: k / 10 + (k > 20) * 0.9,  # a gap
            lambda k: (k % 25) / 10,  # a restart
            lambda k: k / 10 + (k % 3) * 0.03,  # jitter
            lambda k: k / 10 - (k == 30) * 0.1,  # a repeat
        ],
        ids=["gap", "restart", "jitter", "repeat"],
    )
    def test_uneven_stamps_of_no_unit(self, tmp_path, stamp):
        text = "x,Zeitpunkt\n" + rows(lambda k: f"{k * k},{stamp(k):.2f}")
        path = write(tmp_path, text)
        with pytest.raises(InvalidLogError, match="'Zeitpunkt'.*time='Zeitpunkt'.*time=False"):
            read_log(path, rate=10.0)
        log = read_log(path, rate=10.0, time=False)
        np.testing.assert_array_equal(stamps(log), np.arange(N) / 10.0)
        assert list(log.columns) == ["x", "Zeitpunkt"]

    def test_a_time_that_is_not_among_the_columns(self, tmp_path):
        text = "x,Zeitpunkt [s],y\n" + rows(lambda k: f"{k * k},{k / 10},{-k}")
        path = write(tmp_path, text)
        with pytest.raises(InvalidLogError, match="rate=100"):
            read_log(path, rate=100.0, columns=["x"])
        uneven = text.replace("Zeitpunkt [s]", "Zeitpunkt").replace("\n2500,", "\n2500,1")
        path = write(tmp_path, uneven.replace(",4.9,", ",9.9,"))
        with pytest.raises(InvalidLogError, match="'Zeitpunkt'"):
            read_log(path, rate=10.0, columns=["x"])

    def test_dates_under_any_name(self, tmp_path):
        text = "x,wann\n" + rows(lambda k: f"{k},2024-05-01T10:00:{k:02d}")
        with pytest.raises(InvalidLogError, match="rate=10"):
            read_log(write(tmp_path, text), rate=10.0)

    def test_durations_of_events_are_inputs(self, tmp_path):
        text = "x,injection time [ms]\n" + rows(lambda k: f"{k * k},{(k * 7) % 5}")
        log = read_log(write(tmp_path, text), rate=10.0)
        assert list(log.columns) == ["x", "injection time"]

    def test_rounded_stamps_are_even(self, tmp_path):
        text = "x,tstamp [s]\n" + rows(lambda k: f"{k * k},{k / 60:.3f}")
        assert len(read_log(write(tmp_path, text), rate=60.0)) == N


class TestNoInputs:
    @pytest.mark.parametrize("header", ["", "Unnamed: 0", "index", "Record No.", "#", "Sample"])
    def test_columns_that_count_rows(self, tmp_path, header):
        path = write(tmp_path, f"{header},t,x\n" + rows(lambda k: f"{k + 1},{k / 10},{k * k}"))
        log = read_log(path)
        counter = header or "unnamed 1"
        assert list(log.columns) == [counter, "x"]
        assert f"no inputs of a model: {counter!r}" in notes(log)

    def test_they_can_be_asked_for(self, tmp_path):
        path = write(tmp_path, "index,t,x\n" + rows(lambda k: f"{k},{k / 10},{k * k}"))
        assert list(read_log(path, columns=["index", "x"]).columns) == ["index", "x"]

    def test_a_second_clock(self, tmp_path):
        text = "time [s],step time [s],x\n" + rows(lambda k: f"{k / 10},{k % 10 / 10},{k * k}")
        log = read_log(write(tmp_path, text))
        assert list(log.columns) == ["step time", "x"]
        assert "no inputs of a model: 'step time'" in notes(log)

    def test_a_ramp_under_another_name_stays(self, tmp_path):
        log = read_log(write(tmp_path, "t,speed\n" + rows(lambda k: f"{k / 10},{k}")))
        assert list(log.columns) == ["speed"]
