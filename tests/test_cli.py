"""The command line: one command from files to the page, errors of one line."""

import json
import sys

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.cli import main, parse_regimes
from signalprep.errors import InvalidParameterError


@pytest.fixture
def folder(tmp_path):
    """Four small drive cycles, one file each, as a logger writes them."""
    rng = np.random.default_rng(0)
    path = tmp_path / "trips"
    path.mkdir()
    for k, n in enumerate((150, 120, 180, 140)):
        speed = rng.normal(size=n).cumsum()
        table = pd.DataFrame({"Time [s]": np.arange(n) / 10, "Speed [km/h]": speed})
        table["Torque [Nm]"] = rng.normal(size=n)
        table["Current [A]"] = 2 * speed + table["Torque [Nm]"]
        table.to_csv(path / f"trip{k}.csv", sep=";", decimal=",", index=False, encoding="latin-1")
    return path


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command line; give its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["signalprep", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call


def test_report_goes_from_files_to_page_and_tables(run, folder, tmp_path):
    code, out, err = run(
        "report", folder, "--target", "Current", "--regimes", "Speed=2,Torque=-10:0:10",
        "--spans", "1s,3s", "--folds", 4, "--jobs", 1, "-o", "page.html", "--json", "tables.json",
    )  # fmt: skip
    assert code == 0, err
    assert "RMSE" in out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Current" in page
    assert "Torque" in page
    tables = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    assert tables["overall"]["n_cycles"] == 4


def test_inputs_and_exclude_choose_what_the_model_sees(run, folder):
    options = ("--target", "Current", "--jobs", 1, "--folds", 2, "--json", "tables.json")
    errors = []
    for choice in (("--inputs", "Speed,Torque"), ("--exclude", "Torque"), ("--inputs", "Torque")):
        code, _, err = run("report", folder, *options, *choice)
        assert code == 0, err
        with open("tables.json", encoding="utf-8") as file:
            errors.append(json.load(file)["overall"]["rmse"])
    assert errors[0] < errors[1] < errors[2]


@pytest.mark.parametrize("model", ["ridge", "hgb", "mlp"])
@pytest.mark.filterwarnings("ignore:.*iterations.*:sklearn.exceptions.ConvergenceWarning")
def test_every_model_runs(run, folder, model):
    code, out, err = run(
        "report", folder, "--target", "Current", "--model", model, "--jobs", 1, "--folds", 2
    )
    assert code == 0, err
    assert "Validation of 'Current'" in out


def test_a_pipeline_comes_from_a_file(run, folder, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from sklearn.linear_model import Ridge\n"
        "import signalprep as sp\n"
        "def build():\n    return sp.make_pipeline(sp.Scaler('robust'), Ridge())\n"
        "def broken():\n    return 1 / 0\n"
    )
    options = ("report", folder, "--target", "Current", "--jobs", 1, "--folds", 2)
    code, _, err = run(*options, "--pipeline", "mine.py:build")
    assert code == 0, err
    for bad, message in {
        "mine.py:broken": "ZeroDivisionError: division by zero",
        "mine.py:nix": "must define a function 'nix'",
        "nix.py:build": "no such file 'nix.py'",
        "mine.py": "must be file.py:build",
    }.items():
        code, _, err = run(*options, "--pipeline", bad)
        assert code == 2
        assert message in err


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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("report", "nix", "--target", "a"), "nix: no such file or folder"),
        (("report", "{folder}"), "Missing option '--target'"),
        (("report", "{folder}", "--target", "Curent"), "did you mean 'Current'"),
        (("report", "{folder}", "--target", "Current", "--model", "tree"), "must be one of ridge"),
        (("report", "{folder}", "--target", "Current", "--folds", "9"), "n_splits=9 and 4 cycles"),
        (("report", "{folder}", "--target", "Current", "--folds", "x"), "folds"),
        (("report", "{folder}", "--target", "Current", "-r", "Speed"), "--regimes must look like"),
        (("report", "{folder}", "--target", "Current", "-r", "Speed=a:b"), "must be numbers"),
        (("report", "{folder}", "--target", "Current", "-r", "Spd=3"), "did you mean 'Speed'"),
        (
            ("report", "{folder}", "--target", "Current", "-i", "Current"),
            "must not hold the target",
        ),
        (("report", "{folder}", "--target", "Current", "--spans", "a", "--folds", "2"), "spans"),
        (("report", "{folder}", "--target", "Current", "--nix"), "--nix"),
        (("wrong",), "wrong"),
    ],
)
def test_errors_take_one_line_and_end_with_2(run, folder, words, message):
    code, _, err = run(*(str(folder) if word == "{folder}" else word for word in words))
    assert code == 2
    assert message in err
    assert len(err.strip().splitlines()) == 1
    assert err.startswith("signalprep: ")


def test_regimes_are_read_from_words():
    assert parse_regimes(["a b=5", "c=q3,d=-1:0:1.5,e=k4"]) == {
        "a b": 5,
        "c": "q3",
        "d": [-1.0, 0.0, 1.5],
        "e": "k4",
    }
    with pytest.raises(InvalidParameterError, match="'a' is twice"):
        parse_regimes(["a=5", "a=6"])


def test_signals_with_missing_values_are_left_out_aloud(run, folder):
    table = pd.read_csv(folder / "trip1.csv", sep=";", decimal=",")
    table["Extra [V]"] = 1.0
    table.to_csv(folder / "trip1.csv", sep=";", decimal=",", index=False)
    options = ("report", folder, "--target", "Current", "--jobs", 1, "--folds", 2)
    code, _, err = run(*options)
    assert code == 0
    assert "left out for missing values: Extra" in err
    code, _, err = run(*options, "--inputs", "Speed,Extra")
    assert code == 2
    assert "NaN" in err


def test_the_command_is_the_library(run, folder):
    run(
        "report", folder, "--target", "Current", "--spans", "1s,3s", "--folds", 4, "--jobs", 1,
        "--json", "tables.json",
    )  # fmt: skip
    with open("tables.json", encoding="utf-8") as file:
        tables = json.load(file)
    from sklearn.linear_model import Ridge

    log = sp.read_log(folder)
    model = sp.make_pipeline(sp.ExponentialFeatures(spans=["1s", "3s"]), sp.Scaler(), Ridge())
    result = sp.validate(model, log.drop(columns="Current"), log["Current"], cv=4)
    assert tables["overall"]["rmse"] == pytest.approx(result.overall["rmse"], rel=1e-12)
