"""What reading puts into a log of its future is stated by all who judge the log."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

import signalprep as sp
from signalprep.errors import InvalidLogError


@pytest.fixture
def log(make_log):
    log = make_log(lengths=(160, 90, 140, 130), n_channels=3, seed=1)
    log["y"] = 2 * log["c0"] - log["c1"] + np.random.default_rng(0).normal(size=len(log))
    log.attrs["lookahead"] = 2
    return log


INPUTS = ["c0", "c1"]
SMOOTH = sp.SavitzkyGolayFilter(window_length=7, causal=False, edge="nearest")


def test_it_is_read_off_a_log_and_its_columns(log):
    assert [sp.lookahead(part) for part in (log, log[INPUTS], log["y"])] == [2, 2, 2]
    assert sp.lookahead(pd.DataFrame(log.to_numpy())) == 0


@pytest.mark.parametrize("noted", [-1, 1.5, True, "3", None])
def test_a_note_that_is_no_number_of_rows_is_refused(log, noted):
    log.attrs["lookahead"] = noted
    with pytest.raises(InvalidLogError, match=r"attrs\['lookahead'\] .* in rows \(int >= 0\); got"):
        sp.lookahead(log)


def test_the_steps_begin_with_the_log_and_their_sum_holds_it(log):
    result = sp.validate(sp.make_pipeline(SMOOTH, Ridge()), log[INPUTS], log["y"], cv=2)
    assert result.steps["step"].tolist() == ["log", "savitzkygolayfilter", "ridge", "pipeline"]
    assert result.steps["lookahead"].tolist() == [2, 3, 0, 5]
    assert result.steps["memory"].tolist() == [0, 3, 0, 3]
    assert result.steps.loc[0, "estimator"] == "read with interpolate='linear'"


def test_the_target_may_carry_it_and_none_is_no_row(log):
    X, y = log[INPUTS], log["y"]
    X.attrs = {}
    carried = sp.validate(Ridge(), X, y, cv=2, n_bootstrap=0).steps
    bare = sp.validate(Ridge(), X, y.to_numpy(), cv=2, n_bootstrap=0).steps
    assert carried["lookahead"].tolist() == [2, 0, 2]
    assert bare["step"].tolist() == ["ridge", "pipeline"]


@pytest.mark.parametrize("task", ["regress", "classify"])
def test_page_and_json_state_it(log, task, tmp_path):
    model = Ridge() if task == "regress" else LogisticRegression()
    y = log["y"] if task == "regress" else (log["y"] > 0).rename("on")
    result = sp.validate(model, log[INPUTS], y, cv=2, n_bootstrap=20)
    result.to_html(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "the model looks ahead by 2 samples" in page.lower()
    assert "read with interpolate=&#39;linear&#39;" in page
    assert "can run sample by sample" not in page
    result.to_json(tmp_path / "tables.json")
    steps = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))["steps"]
    assert [(step["step"], step["lookahead"]) for step in steps] == [
        ("log", 2),
        (type(model).__name__.lower(), 0),
        ("pipeline", 2),
    ]


def ahead(log, model, **options):
    """Look-ahead found by the audit: step and samples."""
    findings = sp.audit(model, log[INPUTS], log["y"], cv=2, **options).findings
    found = findings[findings["kind"] == "lookahead"]
    assert (found["severity"] == "leak").all()
    return list(zip(found["step"], found["effect"], strict=True))


def test_the_audit_calls_it_a_leak_unless_it_is_allowed(log):
    assert ahead(log, Ridge()) == [("input", 2.0)]
    assert ahead(log, Ridge(), lookahead=1) == [("input", 2.0)]
    assert ahead(log, Ridge(), lookahead=2) == []


def test_the_audit_adds_it_to_that_of_the_steps(log):
    model = sp.make_pipeline(SMOOTH, Ridge())
    assert ahead(log, model, lookahead=5) == []
    assert ahead(log, model, lookahead=4) == [("savitzkygolayfilter", 3.0)]
    log.attrs = {}
    assert ahead(log, model, lookahead=3) == []


def test_check_log_warns_of_it(log):
    found = sp.check_log(log)
    assert found.usable
    assert [problem.text for problem in found.problems if problem.kind == "look-ahead"] == [
        "values look up to 2 rows ahead (read with interpolate='linear'): they cannot be had while "
        "the machine runs"
    ]
    log.attrs = {}
    assert "look-ahead" not in {problem.kind for problem in sp.check_log(log).problems}


def test_the_price_of_leaks_is_that_of_the_model(log):
    options = {"n_splits": 2, "n_bootstrap": 0}
    priced = sp.price_of_leaks(Ridge(), log[INPUTS], log["y"], **options).table
    log.attrs = {}
    pd.testing.assert_frame_equal(
        sp.price_of_leaks(Ridge(), log[INPUTS], log["y"], **options).table, priced
    )
