"""read_log on one file, several, and folders; what it refuses."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io import read_log, reading_report, units
from signalprep.log import as_log, cycles, rate


def write(folder, name, text, encoding="utf-8"):
    path = folder / name
    content = text.encode(encoding) if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def facts(log):
    return reading_report(log).iloc[0]


TRIP = "Time [s];Motor Torque [Nm]\n0;1\n0.1;2\n0.2;4\n"


class TestOneFile:
    def test_index_values_and_units(self, tmp_path):
        log = read_log(write(tmp_path, "trip.csv", TRIP))
        assert list(log.index) == [("trip", 0.0), ("trip", 0.1), ("trip", 0.2)]
        assert log.to_dict("list") == {"Motor Torque": [1.0, 2.0, 4.0]}
        assert units(log).to_dict() == {"Motor Torque": "Nm"}
        assert rate(log) == pytest.approx(10.0)

    def test_numbers_are_those_python_reads(self, tmp_path):
        rng = np.random.default_rng(3)
        values = rng.normal(size=500) * 10.0 ** rng.integers(-9, 9, 500)
        text = "".join(f"{k / 10},{value!r}\n" for k, value in enumerate(values.tolist()))
        log = read_log(write(tmp_path, "trip.csv", "t,x\n" + text))
        np.testing.assert_array_equal(log["x"].to_numpy(), values)

    def test_semicolon_decimal_comma_latin1(self, tmp_path):
        text = "Zeit [s];Kühlmittel [°C]\r\n0;20,5\r\n0,5;20,25\r\n"
        path = write(tmp_path, "fahrt.csv.gz", text, "latin-1")
        log = read_log(path, time="Zeit")
        assert log["Kühlmittel"].tolist() == [20.5, 20.25]
        assert log.index.get_level_values("time").tolist() == [0.0, 0.5]
        assert cycles(log).tolist() == ["fahrt"]
        found = facts(log)
        assert (found.separator, found.decimal) == (";", ",")
        assert (found.encoding, found.compression) == ("latin-1", "gzip")

    @pytest.mark.parametrize(
        ("encoding", "name"),
        [
            ("utf-8-sig", "utf-8 with byte order mark"),
            ("utf-16", "utf-16-le with byte order mark"),
            ("utf-16-le", "utf-16-le"),
            ("cp1252", "cp1252"),
        ],
    )
    def test_encodings(self, tmp_path, encoding, name):
        path = write(tmp_path, "a.csv", "Time [s]\tPreis €\n0\t1\n1\t2\n", encoding)
        log = read_log(path)
        assert list(log.columns) == ["Preis €"]
        assert facts(log).encoding == name
        assert facts(log).separator == "tab"

    def test_latin1_byte_far_below_the_first_lines(self, tmp_path):
        rows = "".join(f"{k};1;a\n" for k in range(20_000))
        text = f"Time [s];x;mode\n{rows}20000;1;ä\n"
        log = read_log(write(tmp_path, "a.csv", text, "latin-1"))
        assert facts(log).encoding == "latin-1"
        assert log["mode"].iloc[-1] == "ä"

    def test_decimal_comma_far_below_the_first_lines(self, tmp_path):
        rows = "".join(f"{k};1\n" for k in range(200))
        log = read_log(write(tmp_path, "a.csv", f"Time [s];x\n{rows}200;1,5\n"))
        assert log["x"].iloc[-1] == 1.5
        assert facts(log).decimal == ","

    def test_blanks_as_separator(self, tmp_path):
        log = read_log(write(tmp_path, "a.txt", "t   x\n0  1.5\n1 \t2.5\n"))
        assert log["x"].tolist() == [1.5, 2.5]
        assert facts(log).separator == "blanks"

    def test_quoted_numbers_with_a_comma_for_both(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", 't,x\n"0","1,5"\n"0,5","2,5"\n'))
        assert log["x"].tolist() == [1.5, 2.5]

    def test_missing_and_infinite_cells(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", "t,x,y\n0,,1\n1,NaN,inf\n2, ,3\n"))
        assert log["x"].isna().all()
        assert log["y"].tolist() == [1.0, np.inf, 3.0]
        assert facts(log)["empty"] == "x"

    def test_trailing_separators_and_unnamed_columns(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", "t;x\n0;1;\n1;2;\n"))
        assert list(log.columns) == ["x"]
        assert "ends with a separator" in facts(log).notes
        log = read_log(write(tmp_path, "b.csv", "t;;x;\n0;7;1;\n1;8;2;\n"))
        assert list(log.columns) == ["unnamed 2", "x"]
        assert "ends with a separator" in facts(log).notes

    def test_blank_lines(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", "\nt,x\n0,1\n\n1,2\n\n"))
        assert log["x"].tolist() == [1.0, 2.0]

    def test_a_blank_line_of_a_single_column_is_a_missing_sample(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", "x\n1\n\n3\n\n"), rate=1.0)
        np.testing.assert_array_equal(log["x"], [1.0, np.nan, 3.0])

    def test_old_line_ends(self, tmp_path):
        assert len(read_log(write(tmp_path, "a.csv", "t,x\r0,1\r1,2\r"))) == 2

    def test_names_pass_through_as_text(self, tmp_path):
        text = "t;<script>alert(1)</script>;=cmd();ψ_d [Wb]\n0;1;2;3\n1;1;2;3\n"
        log = read_log(write(tmp_path, "a.csv", text))
        assert list(log.columns) == ["<script>alert(1)</script>", "=cmd()", "ψ_d"]

    @pytest.mark.parametrize("cell", ["1.234,5", '"1,234.5"', "1 234,50", "1'234.5", "12.345.678"])
    def test_separated_thousands_are_refused(self, tmp_path, cell):
        path = write(tmp_path, "a.csv", "t;P;b\n" + "".join(f"{k};{cell};1\n" for k in range(9)))
        with pytest.raises(InvalidLogError, match=r"'P' must hold .*thousands must not be"):
            read_log(path)
        with pytest.raises(InvalidLogError, match="thousands must not be"):
            read_log(path, coerce=True)  # a misread file, no missing values

    def test_a_comma_that_may_separate_thousands_is_no_decimal_mark(self, tmp_path):
        rows = "".join(f'{k},"{k + 1},500"\n' for k in range(9))
        path = write(tmp_path, "a.csv", "t,P\n" + rows)
        with pytest.raises(ReadError, match="decimal mark or separate thousands; give decimal="):
            read_log(path)
        assert read_log(path, decimal=",")["P"].tolist() == [k + 1.5 for k in range(9)]
        path = write(tmp_path, "b.csv", 't,P\n0,"0,500"\n' + rows.replace("0,", "1,", 1))
        assert read_log(path, check=False)["P"].iloc[0] == 0.5

    @pytest.mark.parametrize(
        ("head", "n_comments"),
        [
            ("# logger 1.2\n# trip, 7\nt,a\n", 2),
            ("#t,a\n", 0),
            ("# a note\n# t,a\n", 1),
            ("# a note\n\nt,a\n", 1),
        ],
    )
    def test_comment_lines_above_the_table(self, tmp_path, head, n_comments):
        log = read_log(write(tmp_path, "a.csv", head + "0,1.5\n1,2\n2,4\n"))
        assert log.to_dict("list") == {"a": [1.5, 2.0, 4.0]}
        note = f"comment lines above the table left out: {n_comments}"
        assert facts(log).notes == (note if n_comments else "")

    def test_a_comment_line_keeps_the_line_numbers(self, tmp_path):
        path = write(tmp_path, "a.csv", "# note\nt,a\n0,1\n1,2,3\n2,4\n")
        with pytest.raises(ReadError, match="line 4 has 3"):
            read_log(path)

    def test_a_number_sign_as_a_name(self, tmp_path):
        path = write(tmp_path, "a.csv", "#,t,a\n1,0,1.5\n2,1,2\n3,2,4\n")
        assert list(read_log(path).columns) == ["#", "a"]

    def test_labels_stay_text(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", "t,gear,x\n0,D,1\n1,,2\n2,R,3\n"))
        assert log["gear"].isna().tolist() == [False, True, False]
        assert log["gear"].iloc[2] == "R"
        assert list(log.columns) == ["gear", "x"]
        assert "columns of text: gear" in facts(log).notes

    def test_truth_words_are_numbers(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", "t,on\n0,True\n1,false\n2,\n"))
        np.testing.assert_array_equal(log["on"], [1.0, 0.0, np.nan])


class TestHeader:
    def test_duplicates_are_made_unique_and_reported(self, tmp_path):
        text = "t;u [V];u [V] ;i;i;i (2)\n0;1;2;3;4;5\n1;1;2;3;4;5\n"
        log = read_log(write(tmp_path, "a.csv", text))
        assert list(log.columns) == ["u", "u (2)", "i", "i (3)", "i (2)"]
        assert log.iloc[0].tolist() == [1, 2, 3, 4, 5]
        assert facts(log).renamed == "'u [V]' -> 'u (2)'; 'i' -> 'i (3)'"
        assert units(log)["u (2)"] == "V"

    def test_units_kept_in_the_names(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", TRIP), units=False)
        assert list(log.columns) == ["Motor Torque [Nm]"]
        assert units(log).tolist() == [""]

    def test_no_header(self, tmp_path):
        path = write(tmp_path, "a.csv", "-1.5,2.5\n0.5,1e-3\n")
        log = read_log(path, rate=1000.0)
        assert log.to_dict("list") == {"x0": [-1.5, 0.5], "x1": [2.5, 1e-3]}
        assert not facts(log).header
        named = read_log(path, rate=1000.0, names=["i_a [A]", "i_b [A]"])
        assert list(named.columns) == ["i_a", "i_b"]
        assert named.index.get_level_values("time").tolist() == [0.0, 0.001]

    def test_no_header_above_dates_or_labels(self, tmp_path):
        text = "2024-01-01T00:00:00,D,1.5\n2024-01-01T00:00:01,R,2.5\n"
        log = read_log(write(tmp_path, "a.csv", text), time="x0")
        assert log["x2"].tolist() == [1.5, 2.5]
        assert log["x1"].tolist() == ["D", "R"]

    def test_numbers_as_names(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", "time,0,1\n0,5,6\n1,7,8\n"))
        assert log.to_dict("list") == {"0": [5.0, 7.0], "1": [6.0, 8.0]}

    def test_names_replace_a_header(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", TRIP), names=["time", "T_m"])
        assert log.to_dict("list") == {"T_m": [1.0, 2.0, 4.0]}

    def test_wrong_number_of_names(self, tmp_path):
        with pytest.raises(InvalidParameterError, match=r"got 1 names for the 2 columns of a\.csv"):
            read_log(write(tmp_path, "a.csv", TRIP), names=["time"])


class TestColumns:
    TEXT = "Time [s],Speed [km/h],Motor Torque [Nm],note\n0,1,2,3\n1,2,3,oops\n"

    def test_selected_with_or_without_units_in_the_order_asked(self, tmp_path):
        path = write(tmp_path, "a.csv", self.TEXT)
        log = read_log(path, columns=["Motor Torque [Nm]", "Speed"])
        assert list(log.columns) == ["Motor Torque", "Speed"]

    def test_a_missing_column_names_file_and_neighbours(self, tmp_path):
        path = write(tmp_path, "a.csv", self.TEXT)
        with pytest.raises(ReadError, match=r"a\.csv: columns='Torque'.*near: 'Motor Torque'"):
            read_log(path, columns=["Torque"])
        with pytest.raises(ReadError, match=r"a\.csv: time='Clock'"):
            read_log(path, time="Clock")

    def test_a_single_name_is_not_a_list(self, tmp_path):
        with pytest.raises(InvalidParameterError, match="list of names"):
            read_log(write(tmp_path, "a.csv", self.TEXT), columns="Speed")

    def test_text_among_numbers(self, tmp_path):
        path = write(tmp_path, "a.csv", self.TEXT)
        with pytest.raises(
            InvalidLogError, match=r"a\.csv: column 'note'.*'oops' at line 3 \(row 1\)"
        ):
            read_log(path)
        log = read_log(path, coerce=True)
        np.testing.assert_array_equal(log["note"], [3.0, np.nan])
        assert facts(log).coerced == "note: 1"

    def test_numbers_with_the_other_decimal_mark(self, tmp_path):
        path = write(tmp_path, "a.csv", "t;x;y\n0;1.5;2,5\n1;1.5;2,5\n")
        with pytest.raises(InvalidLogError, match=r"column 'y' must hold numbers; found '2,5'"):
            read_log(path)


class TestTime:
    @pytest.mark.parametrize(
        ("header", "text"),
        [
            ("Time [ms]", ["0", "500", "1000"]),
            ("t (us)", ["0", "500000", "1000000"]),
            ("TIMESTAMP [µs]", ["0", "500000", "1000000"]),
            ("time", ["0", "0.5", "1"]),
        ],
    )
    def test_units_are_converted(self, tmp_path, header, text):
        rows = "".join(f"{stamp};1\n" for stamp in text)
        log = read_log(write(tmp_path, "a.csv", f"{header};x\n{rows}"))
        assert log.index.get_level_values("time").tolist() == [0.0, 0.5, 1.0]

    def test_minutes(self, tmp_path):
        log = read_log(write(tmp_path, "a.csv", "time [min],x\n0,1\n1,2\n2,3\n"))
        assert log.index.get_level_values("time").tolist() == [0.0, 60.0, 120.0]

    def test_datetimes(self, tmp_path):
        text = "Timestamp,x\n2024-03-01T10:00:00.0,1\n2024-03-01T10:00:00.5,2\n"
        log = read_log(write(tmp_path, "a.csv", text))
        assert log.index.get_level_values("time")[1] == pd.Timestamp("2024-03-01T10:00:00.5")
        assert rate(log) == pytest.approx(2.0)

    def test_a_broken_stamp(self, tmp_path):
        text = "Timestamp,x\n2024-03-01T10:00:00,1\nyesterday,2\n"
        with pytest.raises(InvalidLogError, match="'yesterday' at row 1"):
            read_log(write(tmp_path, "a.csv", text))
        with pytest.raises(InvalidLogError, match="time 't'.*'late' at row 1"):
            read_log(write(tmp_path, "b.csv", "t,x\n0,1\nlate,2\n"))

    def test_no_time_column(self, tmp_path):
        path = write(tmp_path, "a.csv", "T [°C],stamp\n1,2\n3,4\n")
        with pytest.raises(ReadError, match=r"a\.csv: no time column.*time=, or give rate="):
            read_log(path)
        assert list(read_log(path, rate=2.0).columns) == ["T", "stamp"]

    def test_two_time_columns(self, tmp_path):
        path = write(tmp_path, "a.csv", "Time [s],t,x\n0,0,1\n1,1,2\n")
        with pytest.raises(ReadError, match="more than one column may be the time"):
            read_log(path)
        assert list(read_log(path, time="t").columns) == ["Time", "x"]

    def test_not_a_time_unit(self, tmp_path):
        path = write(tmp_path, "a.csv", "Time [samples],x\n0,1\n1,2\n")
        with pytest.raises(ReadError, match=r"unit of time 'Time \[samples\]'"):
            read_log(path, time="Time")

    def test_rate_is_checked_against_time_or_replaces_it(self, tmp_path):
        path = write(tmp_path, "a.csv", TRIP)
        with pytest.raises(InvalidLogError, match="contradicts the time axis"):
            read_log(path, rate=20.0)
        log = read_log(path, rate=20.0, time=False)
        assert list(log.columns) == ["Time", "Motor Torque"]
        assert log.index.get_level_values("time").tolist() == [0.0, 0.05, 0.1]

    def test_time_going_backwards_is_refused_or_left_to_check_log(self, tmp_path):
        path = write(tmp_path, "a.csv", "t,x\n0,1\n2,2\n1,3\n")
        with pytest.raises(InvalidLogError, match="goes back in time"):
            read_log(path)
        raw = read_log(path, check=False)
        assert raw.index.get_level_values("time").tolist() == [0.0, 2.0, 1.0]


class TestFolders:
    def test_natural_order_and_other_files(self, tmp_path):
        for name in ("trip10.csv", "trip2.csv.gz", "trip1.tsv", ".hidden.csv", "notes.md"):
            write(tmp_path, name, TRIP)
        log = read_log(tmp_path)
        assert cycles(log).tolist() == ["trip1", "trip2", "trip10"]
        assert reading_report(log).index.tolist() == ["trip1.tsv", "trip2.csv.gz", "trip10.csv"]

    def test_csv_beside_parquet(self, tmp_path):
        pytest.importorskip("pyarrow", reason="Parquet is an extra")
        write(tmp_path, "a.csv", TRIP)
        frame = pd.DataFrame({"Time [s]": [0.0, 0.1], "Motor Torque [Nm]": [8.0, 9.0]})
        frame.to_parquet(tmp_path / "b.parquet")
        log = read_log([tmp_path / "b.parquet", tmp_path / "a.csv"])
        assert cycles(log).tolist() == ["b", "a"]
        assert log["Motor Torque"].tolist() == [8.0, 9.0, 1.0, 2.0, 4.0]
        assert read_log(tmp_path).loc["b"].equals(log.loc["b"])

    def test_threads_give_the_same_log(self, tmp_path):
        for k in range(5):
            write(tmp_path, f"trip{k}.csv", TRIP.replace("4", str(k)))
        one, two = read_log(tmp_path), read_log(tmp_path, n_jobs=2, progress=True)
        pd.testing.assert_frame_equal(one, two)
        assert one.attrs == two.attrs

    def test_columns_a_file_lacks_are_missing_and_reported(self, tmp_path):
        write(tmp_path, "a.csv", "t,x [V],y\n0,1,2\n1,3,4\n")
        write(tmp_path, "b.csv", "t,z,x [V]\n0,5,6\n1,7,8\n")
        log = read_log(tmp_path)
        assert list(log.columns) == ["x", "y", "z"]
        assert log.loc["b", "y"].isna().all()
        assert log.loc["b", "x"].tolist() == [6.0, 8.0]
        assert reading_report(log)["missing"].tolist() == ["z", "y"]
        with pytest.raises(ReadError, match=r"b\.csv: columns='y'"):
            read_log(tmp_path, columns=["y"])

    def test_units_that_contradict(self, tmp_path):
        write(tmp_path, "a.csv", "t,v [km/h]\n0,1\n1,3\n")
        write(tmp_path, "b.csv", "t,v [m/s]\n0,1\n1,3\n")
        with pytest.raises(ReadError, match=r"b\.csv: column 'v' has the unit 'm/s', but 'km/h'"):
            read_log(tmp_path)
        assert list(read_log(tmp_path, units=False).columns) == ["v [km/h]", "v [m/s]"]

    def test_a_file_without_the_unit_is_noted(self, tmp_path):
        write(tmp_path, "a.csv", "t,v [km/h]\n0,1\n1,3\n")
        write(tmp_path, "b.csv", "t,v\n0,1\n1,3\n")
        log = read_log(tmp_path)
        assert "no unit, taken as elsewhere: v" in reading_report(log).loc["b.csv", "notes"]

    def test_text_here_and_numbers_there(self, tmp_path):
        write(tmp_path, "a.csv", "t,v\n0,low\n1,high\n")
        write(tmp_path, "b.csv", "t,v\n0,1\n1,3\n")
        with pytest.raises(InvalidLogError, match=r"b\.csv: column 'v' holds numbers here"):
            read_log(tmp_path)

    def test_time_of_another_kind(self, tmp_path):
        write(tmp_path, "a.csv", "t,v\n0,1\n1,2\n")
        write(tmp_path, "b.csv", "t,v\n2024-01-01,1\n2024-01-02,3\n")
        with pytest.raises(ReadError, match=r"b\.csv: .*it has datetimes, a\.csv has seconds"):
            read_log(tmp_path)

    def test_the_same_cycle_twice(self, tmp_path):
        write(tmp_path, "a.csv", TRIP)
        write(tmp_path, "a.csv.gz", TRIP)
        with pytest.raises(InvalidLogError, match=r"a\.csv\.gz: cycle 'a' is also in a\.csv"):
            read_log(tmp_path)

    def test_nothing_to_read(self, tmp_path):
        with pytest.raises(ReadError, match="no log files in this folder"):
            read_log(tmp_path)
        with pytest.raises(ReadError, match="no such file or folder"):
            read_log(tmp_path / "none")
        with pytest.raises(ReadError, match="no such file"):
            read_log([tmp_path / "none"])
        with pytest.raises(InvalidParameterError, match="empty list"):
            read_log([])


class TestCycleColumn:
    def test_several_cycles_in_a_file(self, tmp_path):
        text = "profile_id,t,x\n4,0,1\n4,1,2\n17,0,3\n17,1,4\n"
        log = read_log(write(tmp_path, "a.csv", text), cycle="profile_id")
        assert cycles(log).tolist() == [4, 17]
        expected = as_log(
            pd.DataFrame({"id": [4, 4, 17, 17], "t": [0.0, 1, 0, 1], "x": [1.0, 2, 3, 4]}),
            cycle="id",
            time="t",
        )
        pd.testing.assert_frame_equal(log, expected, check_names=False)

    def test_ids_with_leading_zeros_stay_text(self, tmp_path):
        text = "id,x\n01,1\n01,2\n02,3\n"
        log = read_log(write(tmp_path, "a.csv", text), cycle="id", rate=1.0)
        assert cycles(log).tolist() == ["01", "02"]
        assert log.index.get_level_values("time").tolist() == [0.0, 1.0, 0.0]

    def test_ids_of_a_folder_are_of_one_type(self, tmp_path):
        write(tmp_path, "a.csv", "id,x\n1,1\n1,2\n")
        write(tmp_path, "b.csv", "id,x\nhill,1\nhill,2\n")
        log = read_log(tmp_path, cycle="id", rate=1.0)
        assert cycles(log).tolist() == ["1", "hill"]

    def test_mixed_types(self, tmp_path):
        pytest.importorskip("pyarrow", reason="Parquet is an extra")
        pd.DataFrame({"id": [1, 1], "x": [1.0, 2.0]}).to_parquet(tmp_path / "a.parquet")
        pd.DataFrame({"id": ["1", "1"], "x": [1.0, 2.0]}).to_parquet(tmp_path / "b.parquet")
        with pytest.raises(InvalidLogError, match="cycle ids must be of one type.*int, str"):
            read_log(tmp_path, cycle="id", rate=1.0)

    def test_a_missing_id(self, tmp_path):
        path = write(tmp_path, "a.csv", "id,x\n1,1\n,2\n1,3\n")
        with pytest.raises(InvalidLogError, match=r"a\.csv: the cycle id.*row 1 has none"):
            read_log(path, cycle="id", rate=1.0)

    def test_interleaved(self, tmp_path):
        path = write(tmp_path, "a.csv", "id,x\n1,1\n2,2\n1,3\n")
        with pytest.raises(InvalidLogError, match="contiguous"):
            read_log(path, cycle="id", rate=1.0)

    def test_one_cycle_in_two_files(self, tmp_path):
        write(tmp_path, "a.csv", "id,x\n1,1\n2,2\n")
        write(tmp_path, "b.csv", "id,x\n2,1\n3,2\n")
        with pytest.raises(InvalidLogError, match=r"b\.csv: cycle 2 is also in a\.csv"):
            read_log(tmp_path, cycle="id", rate=1.0)


class TestDamage:
    def test_a_short_last_row(self, tmp_path):
        path = write(tmp_path, "a.csv", "t,x,y\n0,1,2\n1,2,3\n2,3")
        with pytest.raises(ReadError, match=r"a\.csv: the last row is cut off \(line 4 has 2 of 3"):
            read_log(path)
        log = read_log(path, truncated="drop")
        assert log["x"].tolist() == [1.0, 2.0]
        assert "line 4 is cut off" in facts(log).notes

    def test_a_last_row_without_line_end(self, tmp_path):
        path = write(tmp_path, "a.csv", "t,x\n0,1.25\n1,2.25\n2,3.2")
        log = read_log(path)
        assert log["x"].tolist() == [1.25, 2.25]
        assert "line 4 has no line end" in facts(log).notes
        kept = read_log(path, truncated="keep")
        assert kept["x"].tolist() == [1.25, 2.25, 3.2]
        assert "may be cut off" in facts(kept).notes

    def test_every_cut_gives_rows_of_the_whole_file_or_an_error(self, tmp_path):
        whole = "t,x,y\n" + "".join(f"{k},{k * 1.25},{k}.5\n" for k in range(8, 13))
        expected = read_log(write(tmp_path, "whole.csv", whole))
        for length in range(1, len(whole)):
            path = write(tmp_path, "cut.csv", whole[:length])
            if whole[:length].count("\n") < 2:
                with pytest.raises(ReadError, match=r"cut\.csv"):
                    read_log(path, truncated="drop")
            else:
                log = read_log(path, truncated="drop")
                assert len(log) == whole[:length].count("\n") - 1
                np.testing.assert_array_equal(log.to_numpy(), expected.to_numpy()[: len(log)])

    def test_nothing_but_a_cut_row(self, tmp_path):
        with pytest.raises(ReadError, match="no complete row"):
            read_log(write(tmp_path, "a.csv", "t,x\n0,1.2"))

    @pytest.mark.parametrize(("row", "found"), [("1,2", 2), ("1,2,3,4", 4)])
    @pytest.mark.parametrize("quoted", [False, True])
    def test_rows_with_another_number_of_fields(self, tmp_path, row, found, quoted):
        first = '"0",1,2' if quoted else "0,1,2"
        path = write(tmp_path, "a.csv", f"t,x,y\n{first}\n{row}\n2,3,4\n3,4,5\n")
        with pytest.raises(ReadError, match=rf"a\.csv: .*3 fields; line 3 has {found}"):
            read_log(path)

    def test_quotes_that_do_not_match(self, tmp_path):
        path = write(tmp_path, "a.csv", 't,x\n0,"1"\n1,2\n2,"3\n3,4\n')
        with pytest.raises(ReadError, match=r"a\.csv: quotes do not match \(from line 4"):
            read_log(path)

    def test_a_gzip_stream_that_ends_early(self, tmp_path):
        rng = np.random.default_rng(0)
        rows = "".join(f"{k},{x}\n" for k, x in enumerate(rng.normal(size=3000).tolist()))
        content = gzip.compress(f"t,x\n{rows}".encode())
        path = tmp_path / "a.csv.gz"
        for cut in (len(content) // 2, len(content) - 4):
            path.write_bytes(content[:cut])
            with pytest.raises(ReadError, match=r"a\.csv\.gz: the gzip stream is cut off"):
                read_log(path)
        path.write_bytes(content[:50] + b"\0" * 20 + content[70:])
        with pytest.raises(ReadError, match=r"a\.csv\.gz: the gzip stream is cut off or damaged"):
            read_log(path)

    def test_a_gzip_bomb(self, tmp_path):
        path = write(tmp_path, "a.csv.gz", "t,x\n" + "0" * 5_000_000 + "\n")
        assert path.stat().st_size < 10_000
        with pytest.raises(ReadError, match=r"a\.csv\.gz: more text than max_bytes=1e\+06"):
            read_log(path, max_bytes=1_000_000)

    def test_too_many_cells(self, tmp_path):
        path = write(tmp_path, "a.csv", "t,x\n" + "".join(f"{k},1\n" for k in range(1000)))
        with pytest.raises(ReadError, match=r"a\.csv: 1000 rows of 2 columns need 3\.2e\+04 bytes"):
            read_log(path, max_bytes=20_000)
        write(tmp_path, "b.csv", path.read_text())
        assert len(read_log(path, max_bytes=40_000)) == 1000
        with pytest.raises(ReadError, match="2 files with 2000 rows"):
            read_log(tmp_path, max_bytes=40_000)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is empty"),
            (b"t,x\n", "no rows below"),
            (b"hello world\nthis is a letter\n", "no table of numbers"),
            (b"t,x\n0,1\0\xff\n", "zero bytes"),
            (b"a,b\n1,5,2,5\n1,7,2,6\n", "cannot be told apart"),
            (b"1,5\n2,5\n", "give sep= and decimal="),
        ],
    )
    def test_not_a_table(self, tmp_path, content, message):
        with pytest.raises(ReadError, match=rf"a\.csv: .*{message}"):
            read_log(write(tmp_path, "a.csv", content), rate=1.0)

    def test_what_was_sniffed_can_be_overridden(self, tmp_path):
        path = write(tmp_path, "a.csv", "1,5\n2,5\n")
        assert read_log(path, rate=1.0, sep=",").shape == (2, 2)
        assert read_log(path, rate=1.0, decimal=",")["x0"].tolist() == [1.5, 2.5]
        path = write(tmp_path, "b.csv", "t,ä\n0,1\n1,2\n", "utf-8")
        assert list(read_log(path, encoding="latin-1").columns) == ["Ã¤"]
        with pytest.raises(ReadError, match=r"b\.csv: not ascii text \(byte 2"):
            read_log(path, encoding="ascii")

    @pytest.mark.parametrize(
        "parameters",
        [
            {"sep": "::"},
            {"decimal": "'"},
            {"truncated": "ignore"},
            {"encoding": "klingon"},
            {"rate": -1.0},
            {"time": True},
            {"columns": []},
        ],
    )
    def test_parameters(self, tmp_path, parameters):
        with pytest.raises(InvalidParameterError, match=next(iter(parameters))):
            read_log(write(tmp_path, "a.csv", TRIP), **parameters)


class TestRealLogs:
    def test_31_trips_in_one_call(self, real_data):
        log = read_log(real_data("bmw_i3"))
        assert len(cycles(log)) == 31
        assert rate(log) == pytest.approx(10.0)
        assert log.shape == (384_164, 47)
        assert units(log)["max. SoC"] == "%"
        assert units(log)["Battery Temperature"] == "°C"
        assert "Temperature Vent right (2)" in log.columns
        report = reading_report(log)
        assert set(report.separator) == {";"}
        assert set(report.encoding) == {"latin-1"}
        assert "no line end" in report.loc["TripA11.csv.gz", "notes"]
        assert (report.notes != "").sum() == 1
        assert report.loc["TripB05.csv.gz", "empty"] == "Coolant Volume Flow +500"

    def test_files_without_header(self, real_data):
        log = read_log(real_data("itsc"), rate=1000.0, names=["i_a", "i_b", "i_c"])
        assert log.shape == (195_000, 3)
        assert len(cycles(log)) == 39
