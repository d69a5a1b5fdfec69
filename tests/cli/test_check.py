"""signalprep check: how the files are written, and their quality."""

import numpy as np
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
    assert "4 files: text, utf-8, separator ';', decimal ',', time in 'Time [s]'" in out
    text = (folder / "trip1.csv").read_text(encoding="latin-1").splitlines()
    text[7] = ";".join([*text[7].split(";")[:3], "off"])
    (folder / "trip1.csv").write_text("\n".join([*text, ""]), encoding="latin-1")
    code, out, _ = run("check", folder)
    assert code == 1
    assert "cannot be used: trip1.csv: column 'Current" in out
    assert "--coerce" in out
    code, out, _ = run("check", folder, "--coerce")
    assert code == 0
    assert "trip1.csv: cells without a number, taken as missing: Current: 1" in out
    code, _, err = run("report", folder, "--target", "Torque", "--folds", 2)
    assert code == 2
    assert "trip1.csv: column 'Current" in err
    options = ("report", folder, "--folds", 2, "--coerce")
    code, _, err = run(*options, "--target", "Torque")
    assert code == 0
    assert "left out for missing values: Current" in err
    code, _, err = run(*options, "--target", "Current")
    assert code == 0
    assert "left out: the target 'Current' has no value in 1 of 590 rows" in err
    assert "first cycle 'trip1', row 6" in err


def test_check_holds_a_rate_against_the_time(run, folder):
    code, out, _ = run("check", folder, "--rate", 20)
    assert code == 1
    assert "--rate 20 Hz contradicts the time axis" in out


def test_check_shows_a_smallest_value_of_zero(run, tmp_path):
    (tmp_path / "a.csv").write_text("t,a\n" + "".join(f"{k},{k / 1e9}\n" for k in range(30)))
    _, out, _ = run("check", tmp_path / "a.csv")
    row = next(line for line in out.splitlines() if line.startswith(" a  ") and "e-0" in line)
    cells = [cell.strip() for cell in row.split("│")]
    assert cells[1:4] == ["0", "2.9e-08", "1e-09"]


def test_many_channels_fit_a_screen_with_whole_names(run, tmp_path):
    rng = np.random.default_rng(0)
    columns = {
        f"InverterControlUnit_StatorCurrentPhase{k:03d}": rng.normal(size=30) for k in range(8)
    }
    columns |= {f"Can1.Gateway.Reserved{k:03d}": np.full(30, 1.0) for k in range(60)}
    pd.DataFrame({"t": np.arange(30.0), **columns}).to_csv(tmp_path / "a.csv", index=False)
    code, out, _ = run("check", tmp_path / "a.csv")
    assert code == 0
    assert all(name in out for name in list(columns)[:8])
    assert out.count("constant") == 1
    assert "60 channels are constant: 'Can1.Gateway.Reserved000', " in out
    assert "and 48 more" in out
    assert len(out.splitlines()) < 30


def test_tables_are_shown_of_a_log_whose_time_is_wrong(run, folder):
    table = pd.read_csv(folder / "trip1.csv", sep=";", decimal=",")
    table.iloc[40:60] = table.iloc[40:60][::-1].to_numpy()
    table.to_csv(folder / "trip1.csv", sep=";", decimal=",", index=False)
    code, out, _ = run("check", folder)
    assert code == 1
    assert "Channels" in out
    assert "time goes back" in out


def test_the_allowed_jitter_can_be_chosen(run, tmp_path):
    rows = [f"{k / 10 + 0.005 * (k % 2)},{k % 7}\n" for k in range(50)]
    (tmp_path / "a.csv").write_text("t,a\n" + "".join(rows))
    code, out, _ = run("check", "a.csv")
    assert code == 1
    assert "(jitter)" in out
    code, out, _ = run("check", "a.csv", "--jitter", 0.2)
    assert code == 0


def test_a_misread_notation_is_refused(run, tmp_path):
    rows = [f"{k};1.{k:03d};3{k % 10},{k % 7}\n" for k in range(70)]
    (tmp_path / "a.csv").write_text("time;speed;T\n" + "".join(rows))
    code, out, err = run("check", "a.csv")
    assert code != 0
    assert "usable (" not in out
    assert "a.csv: " in out + err
