"""audit: every planted leak found and named, nothing found where nothing leaks."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import signalprep as sp
from leaks.leak_gallery import CLEAN, PLANTED, case, drive, smear, with_strangers
from signalprep.errors import InvalidLogError, InvalidParameterError

INPUTS = ["Velocity", "Throttle", "Motor Torque", "Longitudinal Acceleration"]
COLUMNS = ["severity", "kind", "step", "channel", "effect", "unit", "what", "remedy"]


def planted(name):
    """The audit of a planted leak."""
    return sp.audit(**PLANTED[name]().arguments)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_leak_is_found_and_named(name):
    leak = PLANTED[name]()
    found = sp.audit(**leak.arguments)
    assert not found.ok
    leaks = found.findings[found.findings["severity"] == "leak"]
    named = leaks[(leaks["kind"] == leak.kind) & (leaks["step"] == leak.step)]
    assert len(named) == 1, repr(found)
    assert leak.channel in named["channel"].item(), repr(found)
    assert set(leaks["step"]) == {leak.step}, repr(found)


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found_where_nothing_leaks(name):
    found = sp.audit(**CLEAN[name]())
    assert found.ok, repr(found)
    assert set(found.findings["severity"]) <= {"note"}, repr(found)


def test_real_trips_are_clean_and_a_smear_over_them_is_not(real_data):
    trips = sp.read_log(real_data("bmw_i3"), columns=[*INPUTS, "Battery Current"])
    trips = trips[trips.index.get_level_values("cycle").isin(sp.cycles(trips)[:12])]
    X, y = trips[INPUTS], trips["Battery Current"]
    hampel = sp.HampelFilter(window_length=11, threshold=5.0, min_scale=0.5, action="hold")
    features = sp.ExponentialFeatures(spans=["1s", "30s"])
    clean = sp.audit(sp.make_pipeline(hampel, features, sp.Scaler(), Ridge()), X, y)
    assert clean.ok, repr(clean)
    smeared = sp.make_pipeline(hampel, FunctionTransformer(smear), sp.Scaler(), Ridge())
    (leak,) = sp.audit(smeared, X, y).findings.to_dict("records")
    assert (leak["kind"], leak["step"]) == ("bleeding", "functiontransformer")


def test_the_table_has_its_columns_with_and_without_findings():
    clean = sp.audit(**CLEAN["a model alone"]())
    leaky = planted("row_counter")
    assert list(clean.findings.columns) == list(leaky.findings.columns) == COLUMNS
    assert leaky.findings["effect"].dtype == clean.findings["effect"].dtype == np.float64
    assert list(clean.checks["check"]) == list(leaky.checks["check"])
    assert leaky.checks["findings"].sum() == len(leaky.findings)


def test_effects_are_the_true_sizes():
    X, _ = drive()
    smooth = sp.SavitzkyGolayFilter(window_length=11, causal=False)
    ahead = sp.audit(**case(sp.make_pipeline(smooth, Ridge()))).findings.iloc[0]
    assert (ahead["effect"], ahead["unit"]) == (5.0, "samples")
    shuffled = planted("shuffled_rows").findings.iloc[0]
    assert shuffled["effect"] == 1.0
    before = planted("resampled_before").findings.iloc[0]
    assert before["unit"] == "s"
    assert 0.1 < before["effect"] <= 0.9, "means of one second, labelled by their start"

    def shift(X):
        return X.shift(1).bfill()

    bled = sp.audit(**case(sp.make_pipeline(FunctionTransformer(shift), Ridge()), X[["T_coolant"]]))
    bleeding = bled.findings[bled.findings["kind"] == "bleeding"].iloc[0]
    assert bleeding["unit"] == "°C"
    assert 1.0 < bleeding["effect"] <= X["T_coolant"].max() - X["T_coolant"].min()


def test_look_ahead_may_be_allowed_but_not_beyond_the_claim():
    smooth = sp.SavitzkyGolayFilter(window_length=11, causal=False, edge="nearest")
    model = sp.make_pipeline(smooth, Ridge())
    assert sp.audit(**case(model, lookahead=5)).ok
    assert not sp.audit(**case(model, lookahead=4)).ok
    liar = sp.audit(**case(sp.make_pipeline(ClaimsNothing(), Ridge()), lookahead=100))
    (leak,) = liar.findings.query("severity == 'leak'").to_dict("records")
    assert (leak["kind"], leak["step"], leak["effect"]) == ("lookahead", "claimsnothing", 2.0)
    assert "it claims 0" in leak["what"]


class ClaimsNothing(TransformerMixin, BaseEstimator):
    """Sees two samples ahead and four back, and claims neither."""

    def fit(self, X, y=None):
        self.lookahead_ = self.memory_ = self.delay_ = 0
        return self

    def transform(self, X):
        by_cycle = X.groupby(level="cycle")
        return by_cycle.shift(-2).ffill() + by_cycle.shift(4).bfill()

    def get_feature_names_out(self, input_features=None):
        return input_features


def test_a_memory_longer_than_claimed_is_a_warning():
    found = sp.audit(**case(sp.make_pipeline(ClaimsNothing(), Ridge()))).findings
    (warning,) = found.query("kind == 'memory'").to_dict("records")
    assert (warning["severity"], warning["step"]) == ("warning", "claimsnothing")
    assert warning["effect"] == 4.0


@pytest.mark.parametrize(
    ("around", "step", "factor"),
    [
        (lambda model: sp.AtRate(model, 3), "atrate > claimsnothing", 3),
        (lambda model: sp.AtRate(model, rate=2 / 3), "atrate > claimsnothing", 1.5),
        (
            lambda model: sp.PerRegime(model, {"T_coolant": 2}, min_cycles=1),
            "perregime > claimsnothing",
            1,
        ),
        (lambda model: sp.ConformalBands(model, coverage=0.5), "conformalbands > claimsnothing", 1),
        (TransformedTargetRegressor, "transformedtargetregressor > claimsnothing", 1),
        (
            lambda model: sp.make_pipeline(sp.Scaler(), sp.FitOnInliers(sp.AtRate(model, 2))),
            "fitoninliers > atrate > claimsnothing",
            2,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_step_inside_another_estimator_is_named_with_its_own_claims(around, step, factor):
    model = around(sp.make_pipeline(ClaimsNothing(), Ridge()))
    found = sp.audit(**case(model, lookahead=100)).findings
    (leak,) = found.query("severity == 'leak'").to_dict("records")
    assert (leak["kind"], leak["step"], leak["effect"]) == ("lookahead", step, 2.0 * factor)
    assert "it claims 0" in leak["what"]
    (warning,) = found.query("kind == 'memory'").to_dict("records")
    assert (warning["step"], warning["effect"] >= 4 * factor) == (step, True)


@pytest.mark.parametrize(
    "columns",
    [slice("i_d", "i_q"), slice(0, 2), lambda X: ["i_q"], make_column_selector("i_"), "i_q"],
    ids=["slice of names", "slice", "function", "selector", "one by its name"],
)
def test_channels_of_a_column_transformer_may_be_chosen_in_every_way(columns):
    smooth = FunctionTransformer(smear_one if columns == "i_q" else smear)
    model = ColumnTransformer([("smooth", smooth, columns)], remainder="passthrough")
    model = model.set_output(transform="pandas")
    found = sp.audit(**case(sp.make_pipeline(model, Ridge()))).findings
    (leak,) = found.query("severity == 'leak'").to_dict("records")
    assert (leak["kind"], leak["step"]) == ("bleeding", "columntransformer > smooth")
    assert "i_q" in leak["channel"] or "i_d" in leak["channel"]


def smear_one(channel):
    return smear(channel.to_frame())


def test_a_frozen_pipeline_is_opened_and_asked_where_its_numbers_come_from():
    X, y = drive()
    smooth = sp.SavitzkyGolayFilter(window_length=11, causal=False)
    frozen = FrozenEstimator(sp.make_pipeline(smooth, StandardScaler(), Ridge()).fit(X, y))
    found = sp.audit(**case(frozen)).findings
    kinds = dict(zip(found["kind"], found["step"], strict=True))
    assert kinds["lookahead"] == "frozenestimator > savitzkygolayfilter"
    assert kinds["test_statistics"] == "frozenestimator"


def test_look_ahead_in_a_calibrated_classifier_is_found():
    X, y = drive()
    ahead = sp.HampelFilter(window_length=11, threshold=1.0, causal=False)
    inner = sp.make_pipeline(ahead, sp.Scaler(), LogisticRegression())
    found = sp.audit(CalibratedClassifierCV(inner, cv=2), X, (y > 50).astype(int), cv=5).findings
    leak = found[found["kind"] == "lookahead"].iloc[0]
    assert (leak["severity"], leak["step"]) == ("leak", "calibratedclassifiercv")
    assert "it claims 5" in leak["what"] or "claims to look 5" in leak["what"]


def test_all_guilty_steps_are_named():
    model = sp.make_pipeline(
        sp.SavitzkyGolayFilter(window_length=5, causal=False),
        FunctionTransformer(smear),
        StandardScaler(),
        Ridge(),
    )
    found = sp.audit(**case(model)).findings
    assert set(found["step"][found["severity"] == "leak"]) == {
        "savitzkygolayfilter",
        "functiontransformer",
    }


def test_regimes_that_training_never_saw():
    X, _ = drive()
    hot = sp.cycles(X)[3]
    X = X.copy()
    X.loc[X.index.get_level_values("cycle") == hot, "T_coolant"] += 100.0
    found = sp.audit(**case(Ridge(), X, regimes={"T_coolant": [0.0, 100.0, 200.0]}))
    assert found.ok
    (warning,) = found.findings.query("kind == 'unseen_regime'").to_dict("records")
    rows = (X["T_coolant"] >= 100).sum()
    assert warning["effect"] == pytest.approx(rows / len(X))
    assert "[100, 200]" in warning["what"]


def test_a_search_that_splits_cycles_is_warned_of():
    search = GridSearchCV(Ridge(), {"alpha": [1.0, 2.0]}, cv=KFold(3, shuffle=True))
    found = sp.audit(**case(search))
    assert found.ok
    assert found.findings["kind"].tolist()[0] == "inner_folds"
    assert found.findings["step"][0] == "GridSearchCV"


def test_a_scaler_frozen_on_the_training_cycles_of_the_only_fold_is_clean():
    X, _ = drive()
    train, test = next(sp.CycleKFold(2).split(X))
    for scaler in (StandardScaler(), sp.Scaler()):
        model = sp.make_pipeline(FrozenEstimator(scaler.fit(X.iloc[train])), Ridge())
        assert sp.audit(**case(model, cv=[(train, test)])).ok
        both = sp.audit(**case(model, cv=2)).findings
        assert "test_statistics" in both["kind"].to_list(), "the other fold tests what it learned"


def test_time_since_the_start_of_a_cycle_is_a_warning():
    X, _ = drive()
    X = X.assign(t=X.index.get_level_values("time"))
    found = sp.audit(**case(Ridge(), X))
    (warning,) = found.findings.query("kind == 'identifier'").to_dict("records")
    assert (warning["severity"], warning["channel"]) == ("warning", "t")


def test_natural_ranges_are_not_taken_for_scaling_or_numbers():
    X, _ = drive()
    rng = np.random.default_rng(0)
    n_cycles = len(sp.cycles(X))
    codes = X.groupby(level="cycle", sort=False).ngroup().to_numpy()
    X = X.assign(
        throttle=np.clip(rng.normal(0.5, 0.4, len(X)), 0.0, 1.0),
        gear=rng.integers(1, 6, len(X)),
        driver=np.array([1, 2] * n_cycles)[codes],
        load=rng.normal(400.0, 50.0, n_cycles)[codes],
    )
    found = sp.audit(**case(Ridge(), X))
    assert set(found.findings["severity"]) <= {"note"}, repr(found)


def test_a_step_that_refuses_altered_rows_is_noted():
    def strict(X):
        if X.index.nlevels == 2 and X.index.get_level_values("cycle").nunique() == 1:
            raise ValueError("one cycle is not enough")
        return X

    found = sp.audit(**case(sp.make_pipeline(FunctionTransformer(strict), Ridge())))
    notes = found.findings.query("kind == 'not_probed' and step == 'functiontransformer'")
    assert notes["what"].str.contains("one cycle is not enough").all()
    assert len(notes) == 2, "as for other cycles, so for the future"


def test_results_depend_on_neither_threads_nor_the_log_given():
    leak = PLANTED["ewma_across_cycles"]()
    X = leak.arguments["X"]
    before = X.copy()
    one, two = sp.audit(**leak.arguments), sp.audit(**leak.arguments, n_jobs=2)
    pd.testing.assert_frame_equal(one.findings, two.findings)
    pd.testing.assert_frame_equal(X, before)
    assert X.attrs == before.attrs


def test_rows_may_be_tested_twice_and_arrays_be_targets():
    X, y = drive()
    cv = ShuffleSplit(2, test_size=0.3, random_state=0)
    found = sp.audit(Ridge(), X, y.to_numpy(), cv=cv)
    assert found.target == "target"
    assert found.findings["kind"][0] == "shared_cycles"


def test_a_classifier_may_be_audited():
    X, y = drive()
    model = sp.make_pipeline(FunctionTransformer(smear), LogisticRegression(max_iter=2000))
    found = sp.audit(model, X, (y > 50).astype(int), cv=5)
    assert found.findings["step"][0] == "functiontransformer"


def test_labels_of_text_are_audited_as_their_numbers_are():
    X, y = drive()
    numbers = (y > 50).astype(int) + (y > 60)
    names = numbers.map({0: "cold", 1: "cool", 2: "warm"})
    symmetric = sp.SavitzkyGolayFilter(window_length=11, polyorder=2, causal=False)
    copied = X.assign(before=numbers.groupby("cycle").shift(2).bfill().astype(float))
    weights = [{0: 1.0, 1: 2.0, 2: 1.0}, {"cold": 1.0, "cool": 2.0, "warm": 1.0}]
    found = []
    for labels, weight in zip((numbers, names), weights, strict=True):
        model = sp.make_pipeline(
            symmetric, sp.Scaler(), LogisticRegression(class_weight=weight, max_iter=2000)
        )
        found.append(sp.audit(model, copied, labels, cv=5).findings)
    pd.testing.assert_frame_equal(*found)
    assert {"target_in_inputs", "lookahead"} <= set(found[0]["kind"])


def test_a_channel_that_sums_the_target_up_is_named():
    X, y = drive()
    total = 0.1 * y.groupby(level="cycle").cumsum()
    found = sp.audit(Ridge(), X.assign(total=total), y, cv=5).findings
    row = found.set_index("channel").loc["total"]
    assert row[["severity", "kind"]].tolist() == ["warning", "target_in_inputs"]
    assert "it may be its sum" in row["what"]


def part_of_the_cycle(X):
    """How far the cycle has come, of the whole: nobody knows before it ends."""
    place = X.groupby(level="cycle").cumcount()
    length = X.iloc[:, 0].groupby(level="cycle").transform("size")
    return X.assign(part=place / length)


def test_a_step_that_knows_when_the_cycle_ends_looks_ahead():
    X, y = drive()
    model = sp.make_pipeline(FunctionTransformer(part_of_the_cycle), Ridge())
    finding = sp.audit(model, X, y, cv=5).findings.iloc[0]
    assert finding[["severity", "kind", "channel"]].tolist() == ["leak", "lookahead", "part"]


@pytest.mark.parametrize(
    "model",
    [
        sp.ConformalBands(Ridge(), coverage=0.5),
        sp.BayesianSearchCV(Ridge(), {"alpha": [1.0, 10.0]}, n_trials=2),
        sp.BayesianSearchCV(Ridge(), {"alpha": [1.0, 10.0]}, n_trials=2, cv=3),
    ],
)
def test_folds_that_keep_cycles_by_default_are_no_finding(model):
    pytest.importorskip("optuna", reason="BayesianSearchCV needs the extra search")
    X, y = drive()
    found = sp.audit(model, X, y, cv=5).findings
    assert "inner_folds" not in set(found["kind"])


def test_labels_belong_to_classifiers():
    X, y = drive()
    with pytest.raises(InvalidLogError, match="y must be numbers"):
        sp.audit(Ridge(), X, (y > 50).map({True: "warm", False: "cold"}), cv=5)


def test_the_words_say_where_and_what_to_do():
    found = planted("ewma_across_cycles")
    text = repr(found)
    assert text.startswith("Audit of 'T_pm': 1 leak")
    assert "Step 'functiontransformer' (FunctionTransformer of smear) sees across" in text
    assert "Work cycle by cycle" in text
    assert "not checked: preparation of raw" in text
    assert repr(sp.audit(**CLEAN["a model alone"]())).startswith("Audit of 'T_pm': no leak found")


def test_the_page_is_whole_and_escapes_names(tmp_path):
    X, _ = drive()
    name = "<script>alert('x')</script>"
    found = sp.audit(**case(Ridge(), X.assign(**{name: np.arange(len(X))})))
    path = tmp_path / "audit.html"
    found.to_html(path)
    page = path.read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "A column that numbers rows or cycles" in page
    assert "<script" not in found._repr_html_()
    assert [file.name for file in tmp_path.iterdir()] == ["audit.html"]


def test_the_page_of_a_clean_audit_says_so(tmp_path):
    found = sp.audit(**CLEAN["a model alone"]())
    found.to_html(tmp_path / "audit.html")
    assert "no leak found" in (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "no leak found" in found._repr_html_()


@pytest.mark.parametrize(
    ("others", "error", "message"),
    [
        ({"raw": drive()[0]}, InvalidParameterError, "raw and prepare must be given together"),
        ({"prepare": smear}, InvalidParameterError, "raw and prepare must be given together"),
        (
            {"raw": drive()[0], "prepare": smear},
            InvalidParameterError,
            r"prepare\(raw\) must give X; channel 'i_d' differs at row",
        ),
        (
            {"raw": with_strangers(), "prepare": lambda raw: raw},
            InvalidParameterError,
            r"prepare\(raw\) must give X: its rows and columns",
        ),
        ({"raw": drive()[0], "prepare": 3}, InvalidParameterError, "function or a transformer"),
        ({"raw": 3, "prepare": smear}, InvalidLogError, "raw must be a log"),
        ({"lookahead": -1}, InvalidParameterError, "lookahead must be an int >= 0 samples; got -1"),
    ],
    ids=["no prepare", "no raw", "other values", "other rows", "no function", "no log", "negative"],
)
def test_what_cannot_be_audited_is_refused(others, error, message):
    with pytest.raises(error, match=message):
        sp.audit(**case(Ridge(), **others))


def test_data_that_are_no_log_are_refused():
    X, y = drive()
    with pytest.raises(InvalidLogError, match="X must be a log"):
        sp.audit(Ridge(), X.to_numpy(), y)
