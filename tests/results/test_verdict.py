"""Verdicts: each status by its rule, and how often a status is wrong when the truth is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

import signalprep as sp
from example_validation import example_validation
from signalprep.errors import InvalidParameterError


@pytest.fixture(scope="module")
def validation():
    return example_validation()


def simulated(n_cells: int, n_cycles: int, n: int, seed: int, **options):
    """Cells as data sets: AR(1) errors around an offset of the cycle, RMSE 1.25**0.5."""
    rng = np.random.default_rng(seed)
    drive = rng.normal(size=(n_cycles, n_cells, n))
    drive[..., 1:] *= np.sqrt(1 - 0.9**2)
    error = lfilter([1.0], [1.0, -0.9], drive, axis=-1)
    error += 0.5 * rng.normal(size=(n_cycles, n_cells, 1))
    cycle, cell, _ = np.indices(error.shape)
    time = np.tile(np.arange(n_cells * n) / 10.0, n_cycles)
    index = pd.MultiIndex.from_arrays([cycle.ravel(), time], names=["cycle", "time"])
    rows = pd.DataFrame({"truth": 0.0, "prediction": error.ravel()}, index=index)
    rows = rows.assign(omega_m=0.0, T_m=0.0)
    labels = pd.DataFrame({"cell": cell.ravel()}, index=index)
    return example_validation(rows, labels, **options)


RMSE = np.sqrt(1.25)


def test_a_limit_at_the_truth_is_seldom_decided():
    statuses = []
    for seed in range(3):
        result = simulated(100, 24, 60, seed, n_bootstrap=400)
        verdict = result.verdict({"rmse": RMSE})
        statuses.append(verdict.by_regime["status"])
    found = pd.concat(statuses).value_counts(normalize=True)
    assert found["fail"] <= 0.06
    assert found["pass"] <= 0.09
    assert found["underpowered"] >= 0.88
    assert found["no evidence"] == 0


@pytest.mark.parametrize(
    ("factor", "right", "wrong"), [(1.6, "pass", "fail"), (0.6, "fail", "pass")]
)
def test_a_limit_far_from_the_truth_is_decided_right(factor, right, wrong):
    verdict = simulated(100, 24, 60, seed=9, n_bootstrap=400).verdict({"rmse": factor * RMSE})
    found = verdict.by_regime["status"].value_counts(normalize=True)
    assert found[right] >= 0.9
    assert found[wrong] == 0


def test_few_cycles_leave_it_open():
    many = simulated(60, 24, 60, seed=1, n_bootstrap=200).verdict({"rmse": 1.25 * RMSE}).counts()
    few = simulated(60, 4, 60, seed=1, n_bootstrap=200).verdict({"rmse": 1.25 * RMSE}).counts()
    assert few.loc["rmse", "underpowered"] > many.loc["rmse", "underpowered"]
    none = simulated(60, 2, 60, seed=1, n_bootstrap=200).verdict({"rmse": 1.25 * RMSE})
    assert none.counts().loc["rmse", "no evidence"] == 60
    assert none.overall["status"].tolist() == ["no evidence"]
    assert none.answer == "cannot tell"


def test_every_status_follows_from_interval_and_limit(validation):
    table = validation.by_regime
    limits = {"bias": 0.3, "mae": 0.5, "rmse": 0.8, "p95": 1.2, "r2": 0.9}
    verdict = validation.verdict(limits)
    assert len(verdict.by_regime) == len(table) * len(limits)
    for metric, limit in limits.items():
        rows = verdict.by_regime.xs(metric, level="metric")
        assert rows.index.equals(table.index)
        np.testing.assert_array_equal(rows["value"], table[metric])
        np.testing.assert_array_equal(rows["n_cycles"], table["n_cycles"])
        low, high = table[f"{metric}_low"], table[f"{metric}_high"]
        least, most = {"r2": (limit, np.inf), "bias": (-limit, limit)}.get(metric, (-np.inf, limit))
        inside = (low >= least) & (high <= most)
        outside = (low > most) | (high < least)
        known = table["evidence"] & low.notna()
        expected = np.select(
            [~known, outside, inside], ["no evidence", "fail", "pass"], "underpowered"
        )
        np.testing.assert_array_equal(rows["status"].to_numpy(), expected)
    assert set(verdict.by_regime["status"]) == {"pass", "fail", "underpowered", "no evidence"}


def test_the_bias_is_limited_on_both_sides(validation):
    for shift in (-50.0, 50.0):
        predictions = validation.predictions.copy()
        predictions["prediction"] += shift
        overall = validation.overall.copy()
        overall[["bias", "bias_low", "bias_high"]] += shift
        moved = dataclasses.replace(
            validation, predictions=predictions, overall=overall, by_regime=None, regimes=None
        )
        assert moved.verdict({"bias": 5.0}).overall["status"].tolist() == ["fail"]
        assert moved.verdict({"bias": 60.0}).overall["status"].tolist() == ["pass"]
        at = abs(float(overall["bias"]))
        assert moved.verdict({"bias": at}).overall["status"].tolist() == ["underpowered"]


def test_the_largest_error_can_fail_without_evidence_and_never_passes(validation):
    table = validation.by_regime
    few = ~table["evidence"] & (table["n"] > 0)
    limit = float(table.loc[few, "max"].median())
    status = validation.verdict({"max": limit}).by_cell
    assert (status[table["max"] > limit] == "fail").all()
    assert (status[few] == "fail").any()
    assert (status[table["evidence"] & (table["max"] <= limit)] == "underpowered").all()
    assert (status[few & (table["max"] <= limit)] == "no evidence").all()
    assert (status[table["n"] == 0] == "no evidence").all()


def test_ok_and_strict(validation):
    easy = {"rmse": 1e3}
    assert validation.verdict(easy).ok
    assert validation.verdict(easy, strict=True).answer == "cannot tell", "cells without evidence"
    tight = {"rmse": float(validation.overall["rmse"])}
    assert not validation.verdict(tight, strict=True).ok
    assert not validation.verdict({"rmse": 0.01}).ok
    between = float(validation.by_regime["rmse_low"].max()) + 1e-6
    undecided = validation.verdict({"rmse": between})
    assert (undecided.answer, undecided.ok) == ("cannot tell", False)
    assert "cannot be told yet" in undecided.sentence
    assert undecided.sentence in repr(undecided)


def test_by_cell_is_the_worst_of_its_limits(validation):
    verdict = validation.verdict({"rmse": 0.8, "p95": 1.2, "r2": 0.5})
    order = ["fail", "underpowered", "no evidence", "pass"]
    for cell, rows in verdict.by_regime.groupby(
        level=list(range(validation.by_regime.index.nlevels)), observed=True
    ):
        assert verdict.by_cell[cell] == min(rows["status"], key=order.index)


def test_limits_of_single_cells(validation):
    cells = validation.by_regime.index
    known = cells[validation.by_regime["evidence"]]
    verdict = validation.verdict({"rmse": {known[0]: 0.001, known[3]: 1e3}})
    assert verdict.by_regime["status"].tolist() == ["fail", "pass"]
    assert len(verdict.overall) == 0
    assert verdict.by_cell.notna().sum() == 2
    limits = validation.by_regime["rmse_high"].dropna() * 1.01
    verdict = validation.verdict({"rmse": limits, "p95": {"overall": 1e3}})
    assert (verdict.by_regime["status"] == "pass").all()
    assert verdict.overall.index.tolist() == ["p95"]
    with pytest.raises(InvalidParameterError, match="must name cells of by_regime, such as"):
        validation.verdict({"rmse": {"nowhere": 1.0}})


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"rsme": 5}, "limits must name metrics of bias, mae, rmse, p95, max, r2; got 'rsme'"),
        ({}, "limits must map metrics to limits"),
        (5.0, "limits must map metrics to limits"),
        ({"rmse": -1}, "the limit of rmse must not be negative; got -1"),
        ({"rmse": np.nan}, "the limit of rmse must be a finite number; got nan"),
        ({"rmse": "5"}, "the limit of rmse must be a finite number; got '5'"),
        ({"mae": True}, "the limit of mae must be a finite number; got True"),
        ({"r2": 1.5}, "the limit of r2 must be at most 1; got 1.5"),
        ({"rmse": 10**400}, "the limit of rmse must be a finite number; got 1000"),
        ({"rmse": {}}, "the limits of rmse must hold one at least; got an empty mapping"),
        ({"mae": 1e3, "rmse": pd.Series(dtype=float)}, "the limits of rmse must hold one"),
    ],
)
def test_bad_limits(validation, limits, message):
    with pytest.raises(InvalidParameterError, match=message):
        validation.verdict(limits)


def test_limits_of_cells_without_evidence_alone_tell_nothing(validation):
    unseen = validation.by_regime.index[~validation.by_regime["evidence"]][0]
    verdict = validation.verdict({"rmse": {unseen: 1e3}})
    assert (verdict.answer, verdict.ok) == ("cannot tell", False)
    assert verdict.sentence == "1 cell has no evidence"
    bare = dataclasses.replace(validation, by_regime=None, regimes=None)
    with pytest.raises(InvalidParameterError, match="as there are no regimes; got"):
        bare.verdict({"rmse": {unseen: 1e3}})


def test_a_verdict_on_another_validation_is_refused(validation, tmp_path):
    rows = validation.predictions
    worse = rows.assign(prediction=2 * rows["prediction"] - rows["truth"], omega_m=0.0, T_m=0.0)
    other = example_validation(worse.drop(columns="fold"), validation.regimes)
    pages = [dataclasses.replace(validation, target="T_rotor")]
    pages += [other, dataclasses.replace(validation, by_regime=None, regimes=None)]
    verdict = validation.verdict({"rmse": 5.0, "max": 50.0})
    for page in pages:
        for use in (page.to_html, page.to_json):
            with pytest.raises(InvalidParameterError, match="a verdict on this validation of"):
                use(tmp_path / "page", limits=verdict)
        with pytest.raises(InvalidParameterError, match="limits=verdict.limits"):
            page.next_tests(limits=verdict)
    again = example_validation()
    assert again.next_tests(limits=verdict).equals(validation.next_tests(limits=verdict))


def test_a_verdict_needs_intervals(validation):
    bare = dataclasses.replace(validation, settings={"n_bootstrap": 0})
    with pytest.raises(InvalidParameterError, match="n_bootstrap=0"):
        bare.verdict({"rmse": 5.0})
    assert bare.verdict({"max": 1e3}).answer == "cannot tell"
    assert bare.verdict({"max": 1e-3}).answer == "fail"


def test_independent_samples_stand_beside_the_rows(validation):
    verdict = validation.verdict({"rmse": 1.0})
    rows = verdict.by_regime
    seen = rows["n"] > 0
    assert (rows.loc[seen, "n_effective"] >= 1).all()
    assert (rows.loc[seen, "n_effective"] <= rows.loc[seen, "n"]).all()
    assert (rows.loc[~seen, "n_effective"] == 0).all()
    predictions = validation.predictions
    expected = sp.effective_samples(
        predictions["truth"], predictions["prediction"], validation.regimes
    )
    np.testing.assert_array_equal(rows["n_effective"], expected["n_effective"])


def test_text_says_what_was_asked_and_what_fails(validation):
    verdict = validation.verdict({"rmse": 0.5, "bias": 0.4, "r2": 0.9})
    text = repr(verdict)
    first = "Verdict on 'T_pm': fail (RMSE at most 0.5 K, |bias| at most 0.4 K, R² at least 0.9)"
    assert text.splitlines()[0] == first
    assert "all rows: RMSE" in text
    failed = verdict.failed
    assert len(failed) > 5
    assert f"and {len(failed) - 5} more, see failed" in text
    assert "fail: omega_m [" in text


def test_notebook_text_is_escaped():
    rows = simulated(3, 4, 30, seed=0, n_bootstrap=20).predictions
    labels = pd.DataFrame(
        {"<b>": np.where(rows["prediction"] > 0, "<script>", "&")}, index=rows.index
    )
    rows = rows[["truth", "prediction"]].assign(omega_m=0.0, T_m=0.0)
    verdict = example_validation(rows, labels, target="<i>").verdict({"rmse": 1.0})
    page = verdict._repr_html_()
    assert "<script>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page


def test_without_regimes_only_all_rows_are_judged():
    verdict = example_validation(regimes=None).verdict({"rmse": 1e3})
    assert verdict.by_regime is None
    assert verdict.by_cell is None
    assert verdict.failed is None
    assert verdict.ok
    assert "cells" not in repr(verdict)
    assert "<table" not in verdict._repr_html_()
