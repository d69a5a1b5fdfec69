"""signalprep check: how the files are written, and their quality."""

import pandas as pd


def test_check_prints_quality_and_tells_by_its_exit_code(run, folder):
    code, out, _ = run("check", folder)
    assert code == 0
    assert "4 cycles" in out
    table = pd.read_csv(folder / "trip1.csv", sep=";", decimal=",")
    table.iloc[50, 0] = table.iloc[49, 0]
    table.to_csv(folder / "trip1.csv", sep=";", decimal=",", index=False)
    code, out, _ = run("check", folder)
    assert code == 1
    assert "trip1" in out


def test_check_tells_how_the_files_are_written_and_what_it_did_to_them(run, folder):
    code, out, _ = run("check", folder)
    assert "4 files: csv, utf-8, separator ';', decimal ',', time in 'Time [s]'" in out
    text = (folder / "trip1.csv").read_text(encoding="latin-1").splitlines()
    text[7] = ";".join([*text[7].split(";")[:3], "off"])
    (folder / "trip1.csv").write_text("\n".join([*text, ""]), encoding="latin-1")
    code, out, _ = run("check", folder)
    assert code == 0
    assert "trip1.csv: cells without a number, taken as missing: Current: 1" in out
    code, _, err = run("report", folder, "--target", "Current", "--folds", 2)
    assert code == 2
    assert "trip1.csv: signal 'Current' must hold numbers; 1 of its cells" in err
    code, _, err = run("report", folder, "--target", "Torque", "--folds", 2)
    assert code == 0
    assert "left out for missing values: Current" in err


def test_check_holds_a_rate_against_the_time(run, folder):
    code, out, _ = run("check", folder, "--rate", 20)
    assert code == 1
    assert "rate=20 Hz contradicts the time axis" in out


def test_check_shows_a_smallest_value_of_zero(run, tmp_path):
    (tmp_path / "a.csv").write_text("t,a\n" + "".join(f"{k},{k / 1e9}\n" for k in range(30)))
    _, out, _ = run("check", tmp_path / "a.csv")
    row = next(line for line in out.splitlines() if line.startswith(" a  ") and "e-0" in line)
    cells = [cell.strip() for cell in row.split("│")]
    assert cells[5:8] == ["0", "2.9e-08", "1e-09"]
