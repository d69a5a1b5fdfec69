"""The table of steps: words, claims, and what noise floors were learned."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import LeakError


@pytest.fixture
def log(make_log):
    log = make_log(lengths=(80, 70, 90, 60), n_channels=3)
    log["c0"] = log["c0"].round(1)
    log["c1"] = log["c1"].round(1)
    return log


def words(model, log, n_splits=2):
    noise = np.random.default_rng(1).normal(size=len(log))
    y = (log["c0"] + noise).rename("target")
    cv = sp.CycleKFold(n_splits)
    return sp.validate(model, log, y, cv=cv, n_bootstrap=0).steps["estimator"].tolist()


def test_learned_floors_stand_beside_the_words_of_the_step(log):
    model = sp.make_pipeline(sp.HampelFilter(5), Ridge())
    assert words(model, log)[:2] == [
        "HampelFilter(window_length=5): min_scale 0.1 (step) for c0, c1; 0 (no step) for c2",
        "Ridge()",
    ]
    given = sp.make_pipeline(sp.HampelFilter(5, min_scale=0.5), Ridge())
    assert words(given, log)[0] == "HampelFilter(min_scale=0.5, window_length=5)"


def test_floors_of_folds_that_differ_are_a_range(log):
    first = log.index.get_level_values("cycle") <= 1
    log["c0"] = np.where(first, log["c0"], log["c0"].round(0) * 0.5)
    log = log[["c0"]]
    found = words(sp.make_pipeline(sp.HampelFilter(5), Ridge()), log)
    assert found[0] == "HampelFilter(window_length=5): min_scale 0.1 to 0.5 (step) for c0"


@pytest.mark.parametrize(
    ("model", "floors"),
    [
        (sp.FitOnInliers(sp.make_pipeline(sp.HampelFilter(5), Ridge())), "0.1 (step) for c0, c1;"),
        (sp.make_pipeline(sp.TrainOnly(sp.HampelFilter(5)), Ridge()), "0.1 (step) for c0, c1;"),
        # What a decimator gives lies on no grid.
        (sp.AtRate(sp.make_pipeline(sp.HampelFilter(5), Ridge()), 2), "0 (no step) for c0, c1, c2"),
    ],
    ids=["FitOnInliers", "TrainOnly", "AtRate"],
)
def test_floors_of_filters_inside_others_are_told_too(model, floors, log):
    assert any(f": min_scale {floors}" in step for step in words(model, log))


def test_steps_inside_others_are_told_by_name_with_their_own_claims(log):
    inner = sp.make_pipeline(sp.HampelFilter(5, min_scale=0.1), Ridge())
    model = sp.ConformalBands(sp.AtRate(inner, 2), coverage=0.5)
    y = (log["c0"] ** 2).rename("T")
    table = sp.validate(model, log, y, cv=2, n_bootstrap=0).steps
    assert table["step"].tolist() == [
        "conformalbands",
        "conformalbands > atrate",
        "conformalbands > atrate > hampelfilter",
        "conformalbands > atrate > ridge",
        "pipeline",
    ]
    assert table["estimator"].tolist() == [
        "ConformalBands(coverage=0.5, estimator=...)",
        "AtRate(estimator=..., factor=2)",
        "HampelFilter(min_scale=0.1, window_length=5)",
        "Ridge()",
        "",
    ]
    memory = len(sp.Decimator(2).fit(log).taps_) - 1
    assert table["memory"].tolist() == [0, memory + 1, 8, 0, memory + 9]


def test_many_channels_are_cut_short(make_log):
    log = make_log(lengths=(60, 60), n_channels=12).round(2)
    found = words(sp.make_pipeline(sp.HampelFilter(5), Ridge()), log)[0]
    assert found.endswith("0.01 (step) for c0, c1, c2, c3, c4, c5, c6, c7; 4 more channels")


@pytest.mark.parametrize(
    "step", [sp.HampelFilter(5), sp.SignedCodes(not_available={"c2": 9}, lsb={"c2": 2.0**-80})]
)
def test_what_was_learned_from_test_cycles_is_refused(step, log):
    model = sp.make_pipeline(FrozenEstimator(step.fit(log)), Ridge())
    with pytest.raises(LeakError, match="was fitted on"):
        words(model, log)


def test_the_plain_filter_learns_nothing_and_may_be_fitted_before(log):
    plain = sp.HampelFilter(5, min_scale=0.0)
    before = sp.make_pipeline(FrozenEstimator(plain.fit(log)), Ridge())
    assert words(before, log)[1] == "Ridge()"
