"""What cells and lines of a table may hold besides plain numbers, and tables of readings."""

from __future__ import annotations

import numpy as np
import pytest

import signalprep as sp
from signalprep.errors import (
    InvalidLogError,
    InvalidParameterError,
    ReadError,
    SignalprepError,
)
from signalprep.io import read_log, reading_report, units

N = 40
TENTHS = np.arange(N) / 10


def write(folder, text, name="log.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows(line, n=N):
    return "".join(line(k) + "\n" for k in range(n))


def stamps(log):
    return log.index.get_level_values("time").to_numpy()


def check(log, names=("speed", "torque"), told=("", "")):
    """The log has speed k and torque k / 2 at k tenths of a second."""
    assert list(log.columns) == list(names)
    assert units(log).tolist() == list(told)
    np.testing.assert_array_equal(log[names[0]], np.arange(N))
    np.testing.assert_array_equal(log[names[1]], np.arange(N) * 0.5)
    np.testing.assert_array_equal(stamps(log), TENTHS)


class TestNamesInCells:
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("t:{t},speed:{k},torque:{h}", ("", "")),
            ("t: {t}, speed: {k}, torque: {h}", ("", "")),
            ("t={t} speed={k} torque={h}", ("", "")),
            ("t={t};speed={k}rpm;torque={h} Nm", ("rpm", "Nm")),
            ("t:{t}\tspeed:{k}\ttorque:{h}", ("", "")),
            ("t: {t} speed: {k} torque: {h}", ("", "")),
            ("t:,{t},speed:,{k},torque:,{h}", ("", "")),
        ],
    )
    def test_names_and_values(self, tmp_path, line, told):
        text = rows(lambda k: line.format(t=k / 10, k=k, h=k / 2))
        check(read_log(write(tmp_path, text)), told=told)

    def test_a_header_wins(self, tmp_path):
        text = "t,n,m\n" + rows(lambda k: f"t:{k / 10},speed:{k},torque:{k / 2}")
        check(read_log(write(tmp_path, text)), names=("n", "m"))

    @pytest.mark.parametrize(
        "line", ["t:{t},torque:{h},speed:{k}", "t: {t} torque: {h} speed: {k}"]
    )
    @pytest.mark.parametrize("far", [10, 3000])
    def test_another_order_in_some_row_is_refused(self, tmp_path, line, far):
        usual = "t:{t},speed:{k},torque:{h}" if "," in line else "t: {t} speed: {k} torque: {h}"

        def row(k):
            return (line if k == far else usual).format(t=k / 10, k=k, h=k / 2)

        with pytest.raises(SignalprepError):
            read_log(write(tmp_path, rows(row, 6000)))

    def test_a_stamp_without_a_name(self, tmp_path):
        text = rows(lambda k: f"12:34:{k:02d}.5,speed={k},torque={k / 2}")
        log = read_log(write(tmp_path, text))
        assert list(log.columns) == ["speed", "torque"]
        np.testing.assert_array_equal(stamps(log), np.arange(N))


class TestSecondSeparator:
    @pytest.mark.parametrize(
        "line",
        [
            "12:34:{k:02d}.789 -> {k},{h}",
            "12:34:{k:02d}.789->{k}, {h}",
            "12:34:{k:02d}.789 -> {k} {h}",
            "12:34:{k:02d} -> {k};{h}",
            "[12:34:{k:02d}] {k},{h}",
            "12:34:{k:02d}: {k},{h}",
            "12:34:{k:02d}|{k},{h}",
            "2024-05-01 10:00:{k:02d};{k},{h}",
            "2024-05-01T10:00:{k:02d}\t{k},{h}",
            "2024-05-01 10:00:{k:02d} {k},{h}",
            "10:00:{k:02d} {k},{h}",
            "01.05.2024 10:00:{k:02d} => {k},{h}",
        ],
    )
    def test_behind_a_clock(self, tmp_path, line):
        log = read_log(write(tmp_path, rows(lambda k: line.format(k=k, h=k / 2))))
        assert list(log.columns) == ["x1", "x2"]
        np.testing.assert_array_equal(log["x1"], np.arange(N))
        np.testing.assert_array_equal(log["x2"], np.arange(N) * 0.5)
        seconds = (log.index.get_level_values(1) - log.index.get_level_values(1)[0]) / (
            1 if stamps(log).dtype.kind == "f" else np.timedelta64(1, "s")
        )
        np.testing.assert_array_equal(seconds, np.arange(N))

    @pytest.mark.parametrize("mark", [";", ": ", "|", " | ", " -> ", "\t"])
    @pytest.mark.parametrize("header", ["", "time [s]{mark}speed,torque\n", "t,speed,torque\n"])
    def test_behind_a_number(self, tmp_path, mark, header):
        head = "" if mark == ": " and "{mark}" in header else header.format(mark=mark)
        text = head + rows(lambda k: f"{k / 10}{mark}{k},{k / 2}")
        path = write(tmp_path, text)
        if head:
            check(read_log(path))
        else:
            check(read_log(path, time="x0"), names=("x1", "x2"))

    def test_a_single_value(self, tmp_path):
        log = read_log(write(tmp_path, rows(lambda k: f"12:00:{k:02d}.500 -> {k / 2}")))
        np.testing.assert_array_equal(log["x1"], np.arange(N) / 2)

    def test_names_behind_an_arrow(self, tmp_path):
        text = rows(lambda k: f"12:00:{k:02d}.500 -> Speed: {k} Torque: {k / 2}")
        log = read_log(write(tmp_path, text))
        assert list(log.columns) == ["Speed", "Torque"]
        np.testing.assert_array_equal(log["Torque"], np.arange(N) / 2)

    @pytest.mark.parametrize(
        "line",
        [
            "{t};{k},5",
            "10:{k:02d}:00 ;{k},5",
            "12:00:{k:02d};{k},5",
            "01.05.2024 10:00:{k:02d};{k},5",
        ],
    )
    def test_decimal_commas_are_no_separators(self, tmp_path, line):
        text = "Zeit;n\n" + rows(lambda k: line.format(t=f"{k // 10},{k % 10}", k=k))
        log = read_log(write(tmp_path, text))
        assert list(log.columns) == ["n"]
        np.testing.assert_array_equal(log["n"], np.arange(N) + 0.5)

    def test_line_numbers_stay(self, tmp_path):
        text = "t;a,b\n" + rows(lambda k: f"{k / 10};{k},{'x' if k == 7 else k / 2}")
        with pytest.raises(InvalidLogError, match="line 9"):
            read_log(write(tmp_path, text))


class TestUnitsAndWords:
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("{t} sec,{k}%,{h} V", ("%", "V")),
            ('"{t} s","{k} %","{h} V"', ("%", "V")),
            ("{ms} ms,{k}rpm,{h}mV", ("rpm", "mV")),
            ("{us} us,{k} °C,{h} Nm", ("°C", "Nm")),
        ],
    )
    def test_units_in_every_cell(self, tmp_path, line, told):
        def row(k):
            return line.format(t=k / 10, ms=k * 100, us=k * 100_000, k=k, h=k / 2)

        check(read_log(write(tmp_path, "t,speed,torque\n" + rows(row))), told=told)

    @pytest.mark.parametrize("word", ["OVL", "overload", "∞", "-∞", "\\N", "#NV", "#DIV/0!", "OL"])
    def test_words_for_no_value_are_counted(self, tmp_path, word):
        text = "t,x\n" + rows(lambda k: f"{k / 10},{word if k in (3, 4) else k}")
        log = read_log(write(tmp_path, text))
        assert np.flatnonzero(log["x"].isna()).tolist() == [3, 4]
        assert log.attrs["sources"][0]["missing_words"] == {word: 2}

    @pytest.mark.parametrize(
        ("head", "word"), [("type", "DATA"), ("$HDR", "$DAT"), ("", "DATA"), ("FMT", "DATA")]
    )
    def test_keyword_columns_are_no_channels(self, tmp_path, head, word):
        text = f"{head},t,speed,torque\n" + rows(lambda k: f"{word},{k / 10},{k},{k / 2}")
        check(read_log(write(tmp_path, text)))

    @pytest.mark.parametrize("word", ["DATA", "$DAT"])
    def test_keywords_without_a_header(self, tmp_path, word):
        path = write(tmp_path, rows(lambda k: f"{word},{k / 10},{k},{k / 2}"))
        check(read_log(path, time="x1"), names=("x2", "x3"))

    def test_a_label_that_never_changes_stays(self, tmp_path):
        log = read_log(write(tmp_path, "t,gear,x\n" + rows(lambda k: f"{k / 10},D,{k}")))
        assert list(log.columns) == ["gear", "x"]

    @pytest.mark.parametrize(
        "block",
        [
            "# Column 1: time [s]\n# Column 2: speed [rpm]\n# Column 3: torque [Nm]\n",
            "# 0 time s\n# 1 speed rpm\n# 2 torque Nm\n",
            "# logger\n# Columns:\n#  1 - time (s)\n#  2 - speed (rpm)\n#  3 - torque (Nm)\n",
            "% [1] time [s]\n% [2] speed [rpm]\n% [3] torque [Nm]\n# end\n",
            "# col 1 = time (s)\n# col 2 = speed (rpm)\n# col 3 = torque (Nm)\n",
        ],
    )
    @pytest.mark.parametrize("mark", [",", " ", "\t"])
    def test_names_one_a_line(self, tmp_path, block, mark):
        text = block + rows(lambda k: mark.join((f"{k / 10}", f"{k}", f"{k / 2}")))
        check(read_log(write(tmp_path, text)), told=("rpm", "Nm"))

    def test_a_header_below_such_a_list_wins(self, tmp_path):
        text = "# 1: alpha\n# 2: beta\nt,x\n" + rows(lambda k: f"{k / 10},{k}")
        assert list(read_log(write(tmp_path, text)).columns) == ["x"]

    def test_comments_inside(self, tmp_path):
        def line(k):
            return f"{k / 10},{k},{k / 2}" + ("\n# gear 3, and so on" if k in (5, 9) else "")

        log = read_log(write(tmp_path, "t,speed,torque\n" + rows(line)))
        check(log)
        assert "comments 2" in reading_report(log).iloc[0]["notes"]


def reading(kind, stamp, signal):
    value = stamp if signal == "speed" else stamp / 2
    unit = {"speed": "rpm", "torque": "Nm"}[signal]
    time = {
        "s": f"{stamp / 10}",
        "iso": f"2024-05-01T10:00:{stamp // 10:02d}.{stamp % 10}",
        "epoch": f"{1_714_557_600_000 + stamp * 100}",
        "clock": f"10:00:{stamp // 10:02d}.{stamp % 10}",
    }[kind]
    return f"{time},{signal},{value},{unit},good"


HEAD = "time,signal,value,unit,quality\n"
LONG = {"name": "signal", "value": "value", "unit": "unit", "valid": "quality"}
ALTERNATING = [(k, name) for k in range(N) for name in ("speed", "torque")]
BLOCKS = [(k, name) for name in ("speed", "torque") for k in range(N)]
SLOWER = [(k, name) for k, name in ALTERNATING if name == "speed" or k % 4 == 0]
ROUND = [(k, ("speed", "torque")[k % 2]) for k in range(2 * N)]


class TestLongForm:
    @pytest.mark.parametrize("kind", ["s", "iso", "epoch", "clock"])
    @pytest.mark.parametrize("order", [ALTERNATING, BLOCKS])
    def test_it_is_refused_with_the_request_that_reads_it(self, tmp_path, kind, order):
        path = write(tmp_path, HEAD + "".join(reading(kind, *each) + "\n" for each in order))
        more = {"time_unit": "ms"} if kind == "epoch" else {}
        with pytest.raises(ReadError) as found:
            read_log(path, **more)
        assert f"long_form={LONG!r}" in str(found.value)
        log = read_log(path, long_form=LONG, **more)
        assert units(log).to_dict() == {"speed": "rpm", "torque": "Nm"}
        np.testing.assert_array_equal(log["speed"], np.arange(N))
        np.testing.assert_array_equal(log["torque"], np.arange(N) / 2)
        assert sp.rate(log) == pytest.approx(10.0, rel=1e-9)

    @pytest.mark.parametrize("order", [SLOWER, ROUND])
    def test_signals_with_stamps_of_their_own(self, tmp_path, order):
        path = write(tmp_path, HEAD + "".join(reading("s", *each) + "\n" for each in order))
        with pytest.raises(ReadError, match="long_form="):
            read_log(path)
        log = read_log(path, long_form=LONG, clock="speed")
        own = [k for k, name in order if name == "speed"]
        np.testing.assert_array_equal(log["speed"], own)
        times = np.array([k for k, name in order if name == "torque"])
        held = [times[times <= k].max() / 2 if k >= times[0] else np.nan for k in own]
        np.testing.assert_array_equal(log["torque"], held)

    def test_other_names_are_found_by_what_the_columns_do(self, tmp_path):
        text = "t,was,zahl\n" + "".join(f"{k / 10},{name},{k}\n" for k, name in ALTERNATING)
        with pytest.raises(ReadError, match=r"long_form=\{'name': 'was', 'value': 'zahl'\}"):
            read_log(write(tmp_path, text))

    def test_without_a_header(self, tmp_path):
        path = write(tmp_path, "".join(f"{k / 10},{name},{k}\n" for k, name in ALTERNATING))
        with pytest.raises(ReadError, match=r"long_form=\{'name': 'x1', 'value': 'x2'\}"):
            read_log(path, time="x0")
        log = read_log(path, time="x0", long_form={"name": "x1", "value": "x2"})
        np.testing.assert_array_equal(stamps(log), TENTHS)

    def test_words_among_the_values(self, tmp_path):
        text = "time,signal,value\n" + rows(
            lambda k: f"{k / 10},speed,{k}\n{k / 10},mode,{'ab'[k % 2]}"
        )
        path = write(tmp_path, text)
        with pytest.raises(ReadError, match="long_form="):
            read_log(path)
        log = read_log(path, long_form={"name": "signal", "value": "value"})
        assert log["mode"].tolist() == ["a", "b"] * (N // 2)
        np.testing.assert_array_equal(log["speed"], np.arange(N))

    def test_invalid_readings_are_left_out_and_counted(self, tmp_path):
        lines = [reading("s", *each) for each in ALTERNATING]
        lines[7] = lines[7].replace("good", "bad")  # the torque at stamp 3
        path = write(tmp_path, HEAD + "\n".join(lines) + "\n")
        log = read_log(path, long_form=LONG, clock="speed")
        assert log["torque"].tolist()[2:5] == [1.0, 1.0, 2.0]
        assert "readings marked invalid: 1" in reading_report(log).iloc[0]["notes"]

    def test_runs_and_states_are_no_readings(self, tmp_path):
        text = "time,run,x\n" + rows(lambda k: f"{k % 20 / 10},{'ab'[k // 20]},{k}")
        with pytest.raises(InvalidLogError, match="cycle='reset'"):
            read_log(write(tmp_path, text))
        text = "time,mode,x\n" + rows(lambda k: f"{k / 10},{'ab'[k % 2]},{k}")
        assert list(read_log(write(tmp_path, text)).columns) == ["mode", "x"]

    def test_columns_reads_it_as_it_stands(self, tmp_path):
        path = write(tmp_path, HEAD + "".join(reading("s", *each) + "\n" for each in ROUND))
        log = read_log(path, columns=["signal", "value", "unit", "quality"])
        assert len(log) == 2 * N

    @pytest.mark.parametrize(
        "request_",
        [
            {"name": "sig", "value": "value"},
            {"name": "value", "value": "signal"},
            {"name": "signal", "value": "signal"},
            {"name": "time", "value": "value"},
            {"name": "signal", "value": "value", "time": "time"},
            {"name": "signal", "value": "value", "valid": "unit"},
            {"name": "signal"},
        ],
    )
    def test_wrong_requests(self, tmp_path, request_):
        path = write(tmp_path, HEAD + "".join(reading("s", *each) + "\n" for each in ALTERNATING))
        with pytest.raises((InvalidParameterError, ReadError), match="long_form"):
            read_log(path, long_form=request_)
