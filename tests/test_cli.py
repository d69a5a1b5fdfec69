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


def test_limits_decide_the_exit_code_and_reach_page_and_tables(run, folder, tmp_path):
    options = ("report", folder, "--target", "Current", "--regimes", "Speed=2", "--spans", "1s",
               "--folds", 4, "-o", "page.html", "--json", "tables.json")  # fmt: skip
    code, out, err = run(*options, "--limit", "rmse=1000,bias=500")
    assert code == 0, err
    assert "Verdict on 'Current': ok (RMSE at most 1000 A, |bias| at most 500 A)" in out
    tables = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    assert tables["verdict"]["ok"] is True
    assert tables["verdict"]["limits"] == {"rmse": 1000.0, "bias": 500.0}
    code, out, err = run(*options, "--limit", "rmse=1000", "--limit", "max=1e-9")
    assert code == 1, err
    assert "not ok" in out
    assert "report: page.html" in out
    assert "Verdict" in (tmp_path / "page.html").read_text(encoding="utf-8")
    tables = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    assert tables["verdict"]["ok"] is False
    between = tables["overall"]["rmse"]
    code, _, err = run(*options, "--limit", f"rmse={between}")
    assert code == 0, err
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
        table.to_csv(file, sep=";", decimal=",", index=False, encoding="latin-1")
    options = ("report", folder, "--target", "Current", "--spans", "1s", "--folds", 2)
    code, out, err = run(*options, "--audit", "-o", "page.html")
    assert code == 1, err
    assert "leak target_in_inputs in input, Copy" in out
    assert "Leaks found" in (tmp_path / "page.html").read_text(encoding="utf-8")
    code, _, err = run(*options, "--audit", "--exclude", "Copy,Speed", "--limit", "rmse=1000")
    assert code == 0, err


@pytest.fixture
def labelled(folder):
    """The same with a column that says in which state the drive is, in words and as a number."""
    for file in folder.iterdir():
        table = pd.read_csv(file, sep=";", decimal=",", encoding="latin-1")
        forward = table["Speed [km/h]"] + table["Torque [Nm]"] > 0
        table["state"] = np.where(forward, "forward", "back")
        table["code"] = forward.astype(int)
        table.to_csv(file, sep=";", decimal=",", index=False, encoding="latin-1")
    return folder


OF_LABELS = ("--inputs", "Speed,Torque", "--spans", "1s", "--folds", 4, "-o", "page.html")


def test_labels_are_classified(run, labelled, tmp_path):
    code, out, err = run(
        "report", labelled, "--target", "state", *OF_LABELS, "--json", "tables.json",
        "--regimes", "Speed=2", "--limit", "accuracy=0.5,log_loss=2", "--audit",
    )  # fmt: skip
    assert code == 0, err
    for words in ("Validation of 'state', 2 classes", "Verdict on 'state': ok", "no leak found"):
        assert words in out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for words in ("Classification of state", "Verdict", "Audit: no leak found", "forward"):
        assert words in page
    tables = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    assert tables["schema"] == "signalprep-classification"
    assert tables["classes"] == ["back", "forward"]
    assert tables["overall"]["accuracy"] > 0.8
    assert tables["verdict"]["ok"] is True
    assert tables["audit"]["ok"] is True
    options = ("report", labelled, "--target", "state", *OF_LABELS)
    code, out, _ = run(*options, "--limit", "accuracy=1")
    assert code == 1
    assert "not ok" in out


def test_labels_are_the_library(run, labelled):
    run("report", labelled, "--target", "state", *OF_LABELS, "--json", "tables.json")
    with open("tables.json", encoding="utf-8") as file:
        tables = json.load(file)
    from sklearn.linear_model import LogisticRegression

    log = sp.read_log(labelled)
    last = LogisticRegression(max_iter=1000)
    model = sp.make_pipeline(sp.ExponentialFeatures(spans=["1s"]), sp.Scaler(), last)
    result = sp.validate(model, log[["Speed", "Torque"]], log["state"], cv=4)
    assert tables["overall"]["log_loss"] == pytest.approx(result.overall["log_loss"], rel=1e-9)


def test_numbers_are_labels_on_request(run, labelled):
    found = {}
    for target, option in (("state", ()), ("code", ("--classify",))):
        code, out, err = run(
            "report", labelled, "--target", target, *OF_LABELS, *option, "--json", "tables.json"
        )
        assert code == 0, err
        with open("tables.json", encoding="utf-8") as file:
            found[target] = json.load(file)
    assert found["code"]["classes"] == [0, 1]
    assert found["code"]["confusion"] == found["state"]["confusion"]
    code, out, _ = run("report", labelled, "--target", "code", *OF_LABELS)
    assert code == 0
    assert "RMSE" in out
    code, _, err = run("report", labelled, "--target", "Current", *OF_LABELS, "--classify")
    assert code == 2
    assert "--classify: 'Current' must hold labels; it holds real numbers such as " in err


def test_rows_without_a_label_are_refused(run, labelled):
    file = labelled / "trip1.csv"
    table = pd.read_csv(file, sep=";", decimal=",", encoding="latin-1")
    table.loc[7, ["state", "code"]] = np.nan
    table.to_csv(file, sep=";", decimal=",", index=False, encoding="latin-1")
    for target in ("state", "code"):
        code, _, err = run("report", labelled, "--target", target, *OF_LABELS, "--classify")
        assert code == 2
        assert "no label at cycle 'trip1', row 7" in err


@pytest.mark.parametrize("model", ["ridge", "hgb", "mlp"])
@pytest.mark.filterwarnings("ignore:.*iterations.*:sklearn.exceptions.ConvergenceWarning")
def test_every_model_has_a_classifier(run, labelled, model):
    options = (*OF_LABELS, "--model", model, "--json", "tables.json")
    code, _, err = run("report", labelled, "--target", "state", *options)
    assert code == 0, err
    with open("tables.json", encoding="utf-8") as file:
        tables = json.load(file)
    assert tables["overall"]["accuracy"] > 0.7
    assert tables["overall"]["log_loss"] is not None


def test_a_label_among_the_inputs_is_a_leak(run, labelled):
    code, out, _ = run(
        "report", labelled, "--target", "state", "--inputs", "Speed,code", "--spans", "1s",
        "--folds", 2, "--audit",
    )  # fmt: skip
    assert code == 1
    assert "leak target_in_inputs in input, code" in out


def test_a_classifier_comes_from_a_file(run, labelled, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from sklearn.tree import DecisionTreeClassifier\n"
        "def build():\n    return DecisionTreeClassifier(max_depth=3, random_state=0)\n"
    )
    options = ("--inputs", "Speed,Torque", "--folds", 2, "--pipeline", "mine.py:build")
    for target in ("state", "code"):
        code, out, err = run("report", labelled, "--target", target, *options)
        assert code == 0, err
        assert f"Validation of '{target}', 2 classes" in out


REGRESSOR = "from sklearn.linear_model import Ridge as build\n"
CLASSIFIER = "from sklearn.linear_model import LogisticRegression as build\n"


@pytest.mark.parametrize(
    ("file", "words", "message"),
    [
        (CLASSIFIER, ("--price",), "--price: for regressors only"),
        (CLASSIFIER, ("--learning-curve", "--audit"), "--learning-curve: for regressors only"),
        (CLASSIFIER, ("--limit", "rmse=5"), "of accuracy, balanced_accuracy, f1, log_loss; got"),
        (REGRESSOR, ("--limit", "f1=0.5"), "bias, mae, rmse, p95, max, r2; got 'f1'"),
        (REGRESSOR, ("--classify",), "--classify needs a classifier"),
        ("", ("--classify", "--price"), "--price: for regressors only"),
        ("", ("--classify", "--limit", "max=1"), "got 'max' (the target holds labels)"),
        ("", ("--limit", "accuracy=95"), "limit of accuracy must be at most 1"),
    ],
)
def test_what_does_not_fit_the_model_is_refused_before_the_work(
    run, tmp_path, file, words, message
):
    (tmp_path / "mine.py").write_text(file)
    pipeline = ("--pipeline", "mine.py:build") if file else ()
    code, _, err = run("report", tmp_path / "nowhere", "--target", "a", *pipeline, *words)
    assert code == 2
    assert message in err


def test_what_does_not_fit_the_target_is_refused_before_the_fits(run, labelled):
    for target, words, message in (
        ("state", ("--price",), "--price: for regressors only"),
        ("state", ("--limit", "rmse=5"), "got 'rmse' (the target holds labels)"),
        ("Current", ("--limit", "f1=1"), "got 'f1' (the target holds numbers; --classify takes"),
    ):
        code, _, err = run("report", labelled, "--target", target, *words)
        assert code == 2
        assert message in err
        assert len(err.strip().splitlines()) == 1


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


def test_version_help_and_nothing(run):
    code, out, _ = run("--version")
    assert (code, out) == (0, f"signalprep {sp.__version__}\n")
    for words in (("--help",), ("report", "--help"), ("check", "--help")):
        code, out, err = run(*words)
        assert (code, err) == (0, "")
        assert "Usage: signalprep" in out
    code, out, err = run()
    assert (code, err) == (2, "")
    assert "report" in out


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


@pytest.mark.parametrize("error", ["KeyError('q_axis')", "RuntimeError('no device')"])
def test_what_a_pipeline_raises_takes_one_line(run, folder, tmp_path, error):
    (tmp_path / "mine.py").write_text(
        "from sklearn.base import BaseEstimator, RegressorMixin\n"
        "class Broken(RegressorMixin, BaseEstimator):\n"
        "    def fit(self, X, y):\n"
        f"        raise {error}\n"
        "def build():\n    return Broken()\n"
    )
    code, _, err = run(
        "report", folder, "--target", "Current", "--folds", 2, "--pipeline", "mine.py:build"
    )
    assert code == 2
    assert error.split("'")[1] in err
    assert len(err.strip().splitlines()) == 1


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
        (("report", "{folder}", "--target", "Current", "--jobs", "0"), "--jobs must be"),
        (("report", "{folder}", "--target", "Current", "-i", ","), "names must stand between"),
        (("report", "{folder}", "--target", "Current", "-o", "no/x.html"), "no folder 'no'"),
        (("report", "{folder}", "--target", "Current", "--json", "."), "--json must name a file"),
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
