"""Rows whose target is not believed: out of fit and scores, told beside the error with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, VotingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

FAST = {"n_bootstrap": 30, "cv": 3}
BINS = {"x": [-5.0, 0.0, 5.0]}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    """Six cycles of 40 rows; two samples of each target are spikes, one input is."""
    rng = np.random.default_rng(0)
    frames = []
    for k in range(6):
        x = rng.normal(size=40)
        y = np.cumsum(x) / 4 + 0.1 * rng.normal(size=40)
        y[[7, 20 + k]] += 50.0
        x[30] = 900.0
        frames.append(pd.DataFrame({"cycle": f"c{k}", "x": x, "y": y}))
    return sp.as_log(pd.concat(frames, ignore_index=True), cycle="cycle", rate=1.0)


@pytest.fixture(scope="module")
def spikes(log) -> pd.Series:
    """What a causal filter of the target alone says, as the documentation shows it."""
    target = log[["y"]]
    return sp.HampelFilter(7, threshold=6.0).fit(target).flag(target)["y"]


def pipeline():
    limits = sp.PhysicalLimits({"x": (-5, 5)})
    return sp.make_pipeline(limits, sp.ExponentialFeatures(["10s"]), Ridge())


def by_hand(log, y, omitted) -> tuple[pd.Series, pd.Series]:
    """Errors of all tested rows by loops over folds: steps see all rows, the model some."""
    X = log[["x"]]
    errors = pd.Series(np.nan, X.index)
    for train, test in sp.CycleKFold(3).split(X):
        model = pipeline()
        seen = model[:-1].fit_transform(X.iloc[train], y.iloc[train])
        kept = ~omitted[train]
        last = Ridge().fit(seen[kept], y.iloc[train][kept])
        errors.iloc[test] = last.predict(model[:-1].transform(X.iloc[test])) - y.iloc[test]
    return errors[~omitted], errors


def rms(errors) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


def test_spikes_are_found(log, spikes):
    assert 12 <= spikes.sum() <= 20
    assert spikes.to_numpy()[log["y"] > 40].all()


def test_errors_are_those_of_a_loop(log, spikes):
    mask = spikes.to_numpy()
    found = sp.validate(pipeline(), log[["x"]], log["y"], omit=spikes, regimes=BINS, **FAST)
    kept, every = by_hand(log, log["y"], mask)
    assert found.overall["rmse"] == pytest.approx(rms(kept), rel=1e-12)
    assert found.overall["n"] == (~mask).sum() == len(found.predictions)
    told = found.cleaning.omitted
    assert (told["n"], told["share"]) == (mask.sum(), mask.mean())
    assert told["rmse"] == found.overall["rmse"]
    assert told["rmse_all"] == pytest.approx(rms(every), rel=1e-12)
    cells = found.cleaning.omitted_by_regime
    assert cells["n"].sum() == mask.sum()
    low = log["x"].to_numpy() < 0
    assert cells["n"].iloc[0] == (mask & low & (log["x"] >= -5)).sum()
    assert cells["rmse_all"].iloc[0] == pytest.approx(rms(every[low]), rel=1e-12)


def test_what_is_left_out_cannot_change_anything(log, spikes):
    found = [
        sp.validate(pipeline(), log[["x"]], y, omit=spikes, regimes={"x": "t2"}, **FAST)
        for y in (log["y"], log["y"].mask(spikes, -1e9), log["y"].mask(spikes))
    ]
    for other in found[1:]:
        pd.testing.assert_frame_equal(other.by_regime, found[0].by_regime)
        pd.testing.assert_frame_equal(other.predictions, found[0].predictions)
    assert found[2].cleaning.omitted["rmse_all"] == pytest.approx(found[0].overall["rmse"])
    assert found[2].cleaning.omitted["n"] == spikes.sum()


@pytest.mark.parametrize(
    "options",
    [{"interval": "nested"}, {"weight": "cycle"}, {"sample_weight": np.arange(240.0)}],
    ids=["nested", "weight", "sample_weight"],
)
def test_it_goes_with_other_options(log, spikes, options):
    y = log["y"].mask(spikes)
    found = sp.validate(pipeline(), log[["x"]], y, omit=spikes, **options, **FAST)
    assert found.overall["rmse"] < 2.0


def test_several_targets_and_classes(log, spikes):
    both = log[["y"]].assign(z=log["x"] ** 2)
    found = sp.validate(pipeline(), log[["x"]], both, omit=spikes, **FAST)
    alone = sp.validate(pipeline(), log[["x"]], log["y"], omit=spikes, **FAST)
    assert found["y"].overall["rmse"] == pytest.approx(alone.overall["rmse"], rel=1e-9)
    assert found["z"].cleaning.omitted["n"] == spikes.sum()
    labels = (log["y"] > 0).rename("up")
    classes = sp.validate(LogisticRegression(), log[["x"]], labels, omit=spikes, **FAST)
    assert classes.cleaning.omitted["n"] == spikes.sum()
    assert set(classes.cleaning.omitted.index) == {"n", "share", "accuracy", "accuracy_all"}


def test_whole_cycles_are_left_out_by_their_ids(log):
    bad = pd.Series(False, [f"c{k}" for k in range(6)])
    bad["c2"] = True
    found = sp.validate(Ridge(), log[["x"]], log["y"], omit=bad, **FAST)
    assert found.overall["n_cycles"] == 5


def test_what_filters_touch_is_counted_by_channel_and_cell(log):
    found = sp.validate(pipeline(), log[["x"]], log["y"], regimes=BINS, **FAST)
    touched = found.cleaning.touched
    assert touched.index.tolist() == [("physicallimits", "x")]
    assert touched["n"].tolist() == [6]
    assert touched["share"].tolist() == [6 / 240]
    cells = found.cleaning.touched_by_regime
    assert cells["n"].tolist() == [6]
    assert cells["share"].tolist() == [1.0]  # all rows beyond the last edge
    assert found.cleaning.omitted is None
    assert sp.validate(Ridge(), log[["x"]], log["y"], **FAST).cleaning is None


def test_filters_are_found_in_branches_and_at_lower_rates(log):
    from sklearn.compose import ColumnTransformer

    two = log[["x"]].assign(y=log["y"])
    limits = sp.PhysicalLimits({"x": (-5, 5)})
    branches = ColumnTransformer(
        [("a", sp.make_pipeline(limits, sp.Scaler()), ["x"]), ("b", "passthrough", ["y"])]
    )
    target = log["y"].rename("T") * 2 + log["x"]
    found = sp.validate(sp.make_pipeline(branches, Ridge()), two, target, **FAST)
    assert found.cleaning.touched["n"].tolist() == [6]
    assert found.cleaning.touched.index[0] == ("columntransformer > a > physicallimits", "x")
    slow = sp.AtRate(sp.make_pipeline(sp.PhysicalLimits({"x": (-5, 5)}), Ridge()), factor=1)
    assert sp.validate(slow, log[["x"]], log["y"], **FAST).cleaning.touched["n"].tolist() == [6]


@pytest.mark.parametrize(
    ("omit", "error", "words"),
    [
        (lambda s: s.to_numpy()[:5], InvalidParameterError, "omit must be one bool for each"),
        (lambda s: s.astype(int), InvalidParameterError, "omit must be one bool for each"),
        (lambda s: s[::-1], InvalidLogError, "omit must carry the index of X"),
        (lambda s: s | True, InvalidLogError, "omit leaves no row to learn in fold 0"),
    ],
)
def test_refusals(log, spikes, omit, error, words):
    with pytest.raises(error, match=words):
        sp.validate(Ridge(), log[["x"]], log["y"], omit=omit(spikes), **FAST)


def test_a_missing_target_must_be_left_out(log, spikes):
    with pytest.raises(InvalidLogError, match="y must be finite"):
        sp.validate(Ridge(), log[["x"]], log["y"].mask(spikes), omit=~spikes, **FAST)
    with pytest.raises(InvalidParameterError, match="one decision a cycle"):
        sp.validate(Ridge(), log[["x"]], log["y"] * 0, omit=spikes, decide="cycle", **FAST)


@pytest.mark.parametrize(
    ("whole", "around"),
    [
        (
            lambda steps: GridSearchCV(steps, {"ridge__alpha": [1.0]}, cv=sp.CycleKFold(2)),
            lambda model: GridSearchCV(model, {"alpha": [1.0]}, cv=sp.CycleKFold(2)),
        ),
        (
            lambda steps: sp.PerRegime(steps, {"x": 1}, min_cycles=9),
            lambda model: sp.PerRegime(model, {"x": 1}, min_cycles=9),
        ),
    ],
    ids=["search", "regimes"],
)
def test_inside_a_search_or_a_regime_only_the_model_has_rows_left_out(log, spikes, whole, around):
    X, y = log[["x"]], log["y"]
    over_time = whole(pipeline())
    counted = sp.validate(over_time, X, y, **FAST).cleaning.touched
    assert counted["n"].tolist() == [6]
    assert counted.index[0][0].endswith(" > physicallimits")
    words = rf"make_pipeline\(steps, {type(over_time).__name__}\(model, ...\)\)"
    with pytest.raises(InvalidParameterError, match=f"it would see gaps. .* {words}"):
        sp.validate(over_time, X, y, omit=spikes, **FAST)
    *steps, model = [step for _, step in pipeline().steps]
    found = sp.validate(sp.make_pipeline(*steps, around(model)), X, y, omit=spikes, **FAST)
    plain = sp.validate(pipeline(), X, y, omit=spikes, **FAST)
    assert found.overall["rmse"] == pytest.approx(plain.overall["rmse"], rel=1e-9)
    assert found.cleaning.touched["n"].tolist() == [6]


def test_filters_of_what_votes_are_counted_one_by_one(log):
    vote = VotingRegressor([("a", pipeline()), ("b", Ridge()), ("c", pipeline())])
    found = sp.validate(vote, log[["x"]], log["y"], **FAST).cleaning.touched
    names = [f"votingregressor > {k} > physicallimits" for k in (1, 3)]
    assert found.index.get_level_values("step").tolist() == names
    assert found["n"].tolist() == [6, 6]


def test_a_model_without_memory_needs_no_more(log, spikes):
    trees = HistGradientBoostingRegressor(max_iter=3, early_stopping=False)
    assert sp.validate(trees, log[["x"]], log["y"], omit=spikes, **FAST).overall["n"] > 200


def test_studies_leave_the_same_rows_out(log, spikes):
    for study, options in (
        (sp.price_of_leaks, {"n_splits": 3, "n_bootstrap": 0, "regimes": {"x": [-5.0, 0.0, 5.0]}}),
        (sp.cycle_learning_curve, {"cv": 3, "n_repeats": 1, "sizes": [2, 4]}),
    ):
        found = [
            study(pipeline(), log[["x"]], y, omit=spikes, **options)
            for y in (log["y"], log["y"].mask(spikes))
        ]
        pd.testing.assert_frame_equal(found[0].table, found[1].table)
        honest = sp.validate(pipeline(), log[["x"]], log["y"], omit=spikes, **FAST).overall["rmse"]
        own = found[0].table.iloc[-1]["test"] if study is sp.cycle_learning_curve else None
        own = found[0].table.loc["unseen cycle", "rmse"] if own is None else own
        assert own == pytest.approx(honest, rel=1e-12)
        assert not found[0].table.filter(["rmse", "test"]).gt(5).any(axis=None)
