"""signalprep report of a classifier, and what does not fit one."""

import json

import numpy as np
import pandas as pd
import pytest

import signalprep as sp

OF_LABELS = ("--inputs", "Speed,Torque", "--spans", "1s", "--folds", 4, "-o", "page.html")


def test_labels_are_classified(run, labelled, tmp_path):
    code, out, err = run(
        "report", labelled, "--target", "state", *OF_LABELS, "--json", "tables.json",
        "--regimes", "Speed=2", "--limit", "accuracy=0.3,log_loss=2", "--audit",
    )  # fmt: skip
    assert code == 0, err
    for words in ("Validation of 'state', 2 classes", "Verdict on 'state': pass", "no leak found"):
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
    assert "Verdict on 'state': fail" in out


def test_labels_are_the_library(run, labelled):
    plain = ("--clean", "none", "--json", "tables.json")
    run("report", labelled, "--target", "state", *OF_LABELS, *plain)
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


def test_recordings_are_decided_as_the_library_does(run, labelled):
    for k, file in enumerate(sorted(labelled.glob("*.csv"))):
        table = pd.read_csv(file, sep=";", decimal=",", encoding="latin-1")
        table["state"] = ["cold", "warm"][k // 2 % 2]
        table.to_csv(file, sep=";", decimal=",", index=False, encoding="latin-1")
    options = ("--target", "state", *OF_LABELS, "--decide", "cycle")
    code, out, err = run("report", labelled, *options, "--vote", "majority")
    assert code == 0, err
    assert "one decision a cycle (majority of its rows)" in out
    code, _, err = run("report", labelled, *options, "--vote", "median")
    assert code == 2
    assert "vote must be one of 'mean', 'majority'" in err


def test_rows_without_a_label_are_left_out_aloud(run, labelled):
    file = labelled / "trip1.csv"
    table = pd.read_csv(file, sep=";", decimal=",", encoding="latin-1")
    table.loc[7, ["state", "code"]] = np.nan
    table.to_csv(file, sep=";", decimal=",", index=False, encoding="latin-1")
    for target in ("state", "code"):
        code, _, err = run("report", labelled, "--target", target, *OF_LABELS, "--classify")
        assert code == 0
        assert "left out: the target" in err
        assert "has no value in 1 of 590 rows, first cycle 'trip1', row 7" in err


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
