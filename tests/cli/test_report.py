"""signalprep report: one command from files to the page."""

import json

import numpy as np
import pandas as pd
import pytest

import signalprep as sp


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


def test_every_cycle_counts_the_same_on_request(run, folder):
    options = ("--target", "Current", "--jobs", 1, "--folds", 2, "--weight")
    code, out, err = run("report", folder, *options, "cycle", "--json", "tables.json")
    assert code == 0, err
    assert "every cycle counts the same" in out
    with open("tables.json", encoding="utf-8") as file:
        assert json.load(file)["settings"]["weight"] == "cycle"
    code, _, err = run("report", folder, *options, "cycles")
    assert code == 2
    assert "--weight must be one of 'row', 'cycle'" in err


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


def test_limits_decide_the_exit_code_and_reach_page_and_tables(run, folder, tmp_path):
    options = ("report", folder, "--target", "Current", "--regimes", "Speed=2", "--spans", "1s",
               "--folds", 4, "-o", "page.html", "--json", "tables.json")  # fmt: skip
    code, out, err = run(*options, "--limit", "rmse=1000,bias=500")
    assert code == 0, err
    assert "Verdict on 'Current': pass (RMSE at most 1000 A, |bias| at most 500 A)" in out
    tables = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    assert tables["verdict"]["ok"] is True
    assert tables["verdict"]["limits"] == {"rmse": 1000.0, "bias": 500.0}
    code, out, err = run(*options, "--limit", "rmse=1000", "--limit", "max=1e-9")
    assert code == 1, err
    assert "Verdict on 'Current': fail" in out
    assert "report: page.html" in out
    assert "Verdict" in (tmp_path / "page.html").read_text(encoding="utf-8")
    tables = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    assert tables["verdict"]["ok"] is False
    between = tables["overall"]["rmse"]
    code, out, err = run(*options, "--limit", f"rmse={between}")
    assert code == 3, err
    assert "Verdict on 'Current': cannot tell" in out
    code, _, err = run(*options, "--limit", f"rmse={between}", "--strict")
    assert code == 1, err


def test_bad_limits_are_usage_errors_before_the_work(run, tmp_path):
    options = ("report", tmp_path / "nowhere", "--target", "Current")
    for words, message in {
        ("--limit", "rmse"): "--limit must look like 'rmse=5,p95=10'; got 'rmse'",
        ("--limit", "rmse=much"): "--limit must look like 'rmse=5,p95=10'; got 'rmse=much'",
        ("--limit", "rsme=5"): "limits must name metrics of bias, mae, rmse, ",
        ("--limit", "rmse=-5"): "the limit of rmse must not be negative",
        ("--limit", "rmse=nan"): "the limit of rmse must be a finite number",
        ("--limit", "rmse=5,rmse=6"): "--limit must name a metric once; 'rmse' is twice",
        ("--strict",): "--strict needs a --limit",
    }.items():
        code, _, err = run(*options, *words)
        assert code == 2
        assert message in err


def test_prices_audit_and_learning_curve_reach_page_and_tables(run, folder, tmp_path):
    code, out, err = run(
        "report", folder, "--target", "Current", "--inputs", "Torque", "--regimes", "Speed=2",
        "--spans", "1s", "--folds", 2, "--price", "--audit", "--learning-curve",
        "-o", "page.html", "--json", "tables.json",
    )  # fmt: skip
    assert code == 0, err
    for words in (
        "Price of leaks for 'Current'",
        "Audit of 'Current': no leak",
        "LearningCurve of",
    ):
        assert words in out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for words in ("What a less honest test would have said", "Audit: no leak", "Learning curve: "):
        assert words in page
    tables = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    assert tables["audit"]["ok"] is True
    tests = {row["test"]: row["rmse"] for row in tables["prices"]["tests"]}
    assert tests["unseen cycle"] == tables["overall"]["rmse"]
    assert tests["unseen regime"] is not None
    assert tables["learning_curve"]["by_n_cycles"][-1]["n_cycles"] == 2


def test_a_leak_ends_with_1(run, folder, tmp_path):
    for file in folder.iterdir():
        table = pd.read_csv(file, sep=";", decimal=",", encoding="latin-1")
        table["Copy [A]"] = 3 * table["Current [A]"]
        table["Near [A]"] = table["Copy [A]"] + 0.001 * np.sin(np.arange(len(table)))
        table.to_csv(file, sep=";", decimal=",", index=False, encoding="latin-1")
    options = ("report", folder, "--target", "Current", "--spans", "1s", "--folds", 2)
    code, _, err = run(*options, "--audit")
    assert code == 2
    assert "'Copy' is 3 x the target in every row. Leave it out of the inputs" in err
    code, out, err = run(*options, "--audit", "--exclude", "Copy", "-o", "page.html")
    assert code == 1, err
    assert "leak target_in_inputs in input, Near" in out
    assert "Leak found" in (tmp_path / "page.html").read_text(encoding="utf-8")
    code, _, err = run(*options, "--audit", "--exclude", "Copy,Near,Speed", "--limit", "rmse=1000")
    assert code == 0, err


def test_a_name_with_a_comma_is_quoted(run, folder):
    for file in folder.iterdir():
        text = file.read_text(encoding="latin-1").replace("Speed [km/h]", '"a, b"')
        file.write_text(text, encoding="latin-1")
    code, _, err = run(
        "report", folder, "--target", "Current", "--inputs", '"a, b",Torque', "--folds", 2,
        "--regimes", '"a, b"=2', "--json", "tables.json",
    )  # fmt: skip
    assert code == 0, err
    with open("tables.json", encoding="utf-8") as file:
        assert "a, b" in file.read()


def test_text_is_left_out_aloud(run, folder):
    for file in folder.iterdir():
        table = pd.read_csv(file, sep=";", decimal=",", encoding="latin-1").assign(mode="drive")
        table.to_csv(file, sep=";", decimal=",", index=False, encoding="latin-1")
    code, _, err = run("report", folder, "--target", "Current", "--folds", 2)
    assert code == 0
    assert "left out for text: mode" in err


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
        "--json", "tables.json", "--clean", "none",
    )  # fmt: skip
    with open("tables.json", encoding="utf-8") as file:
        tables = json.load(file)
    log = sp.read_log(folder)
    features = sp.ExponentialFeatures(spans=["1s", "3s"])
    model = sp.make_pipeline(features, sp.Scaler(), sp.CycleRidgeCV())
    result = sp.validate(model, log.drop(columns="Current"), log["Current"], cv=4)
    assert tables["overall"]["rmse"] == pytest.approx(result.overall["rmse"], rel=1e-12)


def test_what_counts_rows_is_no_input_unless_it_is_named(run, folder, tmp_path):
    for file in folder.iterdir():
        table = pd.read_csv(file, sep=";", decimal=",", encoding="latin-1")
        table.insert(0, "Rec", range(len(table)))
        table["ms"] = (table["Time [s]"] * 1000).round().astype(int)
        table.to_csv(file, sep=";", decimal=",", encoding="latin-1")
    options = ("report", folder, "--target", "Current", "--folds", 2, "--json", "tables.json")
    code, _, err = run(*options)
    assert code == 0, err
    for words in ("counts rows: 'unnamed 1'", "counts rows: 'Rec'", "tells the time in ms: 'ms'"):
        assert f"left out because it only {words} (name it in --inputs to insist)\n" in err
    found = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))["overall"]["rmse"]
    _, _, err = run(*options, "--inputs", "Speed,Torque")
    assert "left out" not in err
    named = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))["overall"]["rmse"]
    assert found == named
    code, _, err = run(*options, "--inputs", "Speed,Torque,Rec")
    assert code == 0
    with_rows = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    assert with_rows["overall"]["rmse"] != named
    code, _, err = run(*options, "--exclude", "Speed,Torque")
    assert code == 2
    assert "--inputs" in err


def test_a_target_with_blanks_is_refused_with_what_fills_them(run, folder):
    for file in folder.iterdir():
        table = pd.read_csv(file, sep=";", decimal=",", encoding="latin-1")
        for name, every in (("Current [A]", 10), ("Torque [Nm]", 5)):
            table[name] = table[name].where(table.index % every == 0)
        table.to_csv(file, sep=";", decimal=",", index=False, encoding="latin-1")
    options = ("report", folder, "--folds", 2)
    code, _, err = run(*options, "--target", "Current")
    assert code == 2
    assert "Torque 2 Hz" in err
    assert "--clock Speed or --rate 10" in err
    code, _, err = run(*options, "--target", "Current", "--rate", 10)
    assert code == 0, err


def test_a_leak_is_studied_on_request(run, folder, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "from sklearn.base import BaseEstimator, RegressorMixin\n"
        "class Crossing(RegressorMixin, BaseEstimator):\n"
        "    def fit(self, X, y):\n"
        "        return self\n"
        "    def predict(self, X):\n"
        "        return np.full(len(X), X['Speed'].mean())\n"
        "def build():\n    return Crossing()\n"
    )
    options = ("report", folder, "--target", "Current", "--folds", 2, "-o", "page.html")
    options = (*options, "--pipeline", "mine.py:build")
    code, _, err = run(*options)
    assert code == 2
    assert "allow_leak" not in err
    code, _, err = run(*options, "--allow-leak")
    assert code == 0, err
    assert "Leaks were allowed" in (tmp_path / "page.html").read_text(encoding="utf-8")
    code, _, err = run(*options, "--allow-leak", "--price")
    assert code == 2
    assert "--allow-leak goes without --price" in err
