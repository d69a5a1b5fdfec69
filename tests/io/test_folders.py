"""Folders as people keep them: a folder a run, notes among the logs, names that repeat."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io import read_log, reading_report
from signalprep.log import cycles

TABLE = "time,speed\n" + "".join(f"{k / 10:.1f},{k * k % 11}\n" for k in range(30))
NOTES = "Test bench 3, cold start.\nSensor 2 replaced on day 4.\n"
NO_TABLES = {
    "notes.txt": NOTES,
    "README.txt": "Logs of May\n===========\n\n* run 1: cold\n* run 2: warm\n",
    "empty.csv": "",
    "names.csv": "time,speed,torque\n",
    "shifts.csv": "day,driver\nMonday,Ann\nTuesday,Ben\n",
    "settings.txt": "gain = high\nfilter = off\nrange = wide\n",
    "blank.txt": "\n\n\n",
}


def folder_of(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return root


RUNS = {
    "a day each": (["2024-05-01/data.csv", "2024-05-02/data.csv"], ["2024-05-01", "2024-05-02"]),
    "natural order": ([f"run{k}/log.csv" for k in (10, 9, 1)], ["run1", "run9", "run10"]),
    "deeper": (["a/cold/x.csv", "a/warm/x.csv", "b/x.csv"], ["a/cold", "a/warm", "b"]),
    "zipped": (["r1/data.csv.gz", "r2/data.csv"], ["r1", "r2"]),
    "two in one": (
        ["r1/a.csv", "r1/b.csv", "r2/a.csv"],
        ["r1/a", "r1/b", "r2/a"],
    ),
    "names that differ": (["r1/first.csv", "r2/second.csv"], ["first", "second"]),
}


@pytest.mark.parametrize("case", RUNS)
def test_a_folder_a_run(tmp_path, case):
    files, names = RUNS[case]
    folder_of(tmp_path, dict.fromkeys(files, TABLE))
    log = read_log(tmp_path)
    assert cycles(log).tolist() == names
    assert len(log) == 30 * len(files)
    assert len(set(reading_report(log).index)) == len(files), "each file is told from the others"
    listed = read_log([tmp_path / name for name in files])
    assert sorted(cycles(listed)) == sorted(names)
    anywhere = read_log(tmp_path, pattern="**/*.csv*")
    assert cycles(anywhere).tolist() == names


def test_files_beside_folders_are_the_log(tmp_path):
    folder_of(tmp_path, dict.fromkeys(["trip1.csv", "old/trip1.csv", "old/trip0.csv"], TABLE))
    assert cycles(read_log(tmp_path)).tolist() == ["trip1"]
    every = read_log(tmp_path, pattern="**/*.csv")
    assert len(cycles(every)) == 3


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_table_is_left_out_of_a_folder_and_named(tmp_path, name):
    folder_of(tmp_path, {"run1.csv": TABLE, name: NO_TABLES[name], "run2.csv": TABLE})
    log = read_log(tmp_path)
    assert cycles(log).tolist() == ["run1", "run2"]
    told = reading_report(log).loc[name]
    assert (told["rows"], told["cycles"]) == (0, 0)
    assert told["notes"].startswith("no table, left out (")
    with pytest.raises(ReadError, match=name):
        read_log(tmp_path / name)
    with pytest.raises(ReadError, match=name):
        read_log([tmp_path / "run1.csv", tmp_path / name])
    with pytest.raises(ReadError, match=name):
        read_log(tmp_path, pattern="*")  # asked for by name
    assert len(cycles(read_log(tmp_path, pattern="run*.csv"))) == 2


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (TABLE + "3.0", "cut off"),
        (TABLE.replace("1.0,1", "1.0,1,7"), "fields"),
        (TABLE.replace("\n1.0,1", "\n1.0,oops"), "oops"),
    ],
)
def test_a_damaged_table_is_never_left_out_of_a_folder(tmp_path, damaged, message):
    folder_of(tmp_path, {"run1.csv": TABLE, "run2.csv": damaged})
    with pytest.raises((ReadError, InvalidLogError), match=rf"run2\.csv: .*{message}"):
        read_log(tmp_path)


def test_a_folder_without_any_table_says_why(tmp_path):
    folder_of(tmp_path, {"notes.txt": NOTES})
    with pytest.raises(ReadError, match=r"notes\.txt: .*no table"):
        read_log(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.csv", ["trip2", "trip10"]),
        ("trip1*", ["trip10"]),
        ("trip?.csv", ["trip2"]),
        ("[!n]*.csv", ["trip2", "trip10"]),
        ("**/trip*.csv", ["sub/trip2", "trip2", "trip10"]),
        ("*.log", ["bench"]),
        ("sub/*", ["trip2"]),
    ],
)
def test_a_pattern_chooses_in_natural_order(tmp_path, pattern, names):
    files = ["trip10.csv", "trip2.csv", "sub/trip2.csv", "bench.log", ".hidden.csv", ".git/t.csv"]
    folder_of(tmp_path, dict.fromkeys(files, TABLE) | {"notes.md": NOTES})
    log = read_log(tmp_path, pattern=pattern)
    assert {name.partition(".")[0] for name in cycles(log)} == set(names)
    assert len(log) == 30 * len(names)


@pytest.mark.parametrize("pattern", ["nix*.csv", "/absolute/*", ""])
def test_a_pattern_that_finds_nothing_is_an_error(tmp_path, pattern):
    folder_of(tmp_path, {"run1.csv": TABLE})
    with pytest.raises((ReadError, InvalidParameterError), match="pattern"):
        read_log(tmp_path, pattern=pattern)


def test_a_pattern_is_for_folders(tmp_path):
    folder_of(tmp_path, {"run1.csv": TABLE})
    with pytest.raises(InvalidParameterError, match="pattern"):
        read_log([tmp_path / "run1.csv"], pattern="*.csv")


def test_runs_keep_their_own_samples(tmp_path):
    texts = {
        f"run{k}/data.csv": TABLE.replace("time,speed", "time,speed,run").replace("\n", f",{k}\n")
        for k in (1, 2, 12)
    }
    texts = {name: text.replace(f"run,{name[3:-9]}\n", "run\n", 1) for name, text in texts.items()}
    log = read_log(folder_of(tmp_path, texts), n_jobs=2)
    for k in (1, 2, 12):
        np.testing.assert_array_equal(log.loc[f"run{k}", "run"], float(k))


def test_the_same_file_twice_is_no_second_cycle(tmp_path):
    folder_of(tmp_path, {"run1.csv": TABLE})
    with pytest.raises(InvalidLogError, match="run1"):
        read_log([tmp_path / "run1.csv", tmp_path / "run1.csv"])


def test_what_chooses_files_of_a_folder_needs_one(tmp_path):
    (tmp_path / "a.csv").write_text("t,x\n0,1\n1,2\n")
    with pytest.raises(InvalidParameterError, match=r"a\.csv is a file"):
        read_log(tmp_path / "a.csv", pattern="*.csv")
    with pytest.raises(ReadError, match="is a folder: give it alone"):
        read_log([tmp_path])
