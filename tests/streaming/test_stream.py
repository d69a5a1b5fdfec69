"""stream: the numbers of transform and predict, sample by sample."""

from __future__ import annotations

import copy
import pickle
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingRegressor, VotingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import signalprep as sp
from instances import STREAMED, first_of_class
from signalprep.errors import InvalidLogError, InvalidParameterError

RATE = 10.0
LENGTHS = (150, 41, 90)
GAP = 60  # rows into the last cycle


PIPELINES = {
    "pipeline": sp.make_pipeline(
        sp.PhysicalLimits({"x0": (-2, 2)}),
        "passthrough",
        sp.HampelFilter(7),
        sp.SavitzkyGolayFilter(7, 2),
        sp.ExponentialFeatures([5, 20]),
        sp.Scaler(),
    ),
    "with scikit-learn": sp.make_pipeline(sp.HampelFilter(7), StandardScaler(), sp.Scaler()),
    "train only": sp.make_pipeline(sp.TrainOnly(), sp.TrainOnly(sp.HampelFilter(5))),
    "columns": sp.make_pipeline(
        ColumnTransformer(
            [
                ("smooth", sp.SavitzkyGolayFilter(7, 2), ["x2", "x0"]),
                ("mean", sp.ExponentialFeatures([5], statistics=["mean"]), slice("x1", "x2")),
                ("as it is", "passthrough", [1]),
                ("without", "drop", [0]),
                ("nothing", sp.HampelFilter(), []),
                ("mask", sp.Scaler(), [True, False, True]),
            ],
            remainder="passthrough",
            transformer_weights={"smooth": 0.5},
        ),
        sp.HampelFilter(5),
    ),
    "union": FeatureUnion(
        [
            ("hampel", sp.make_pipeline(sp.HampelFilter(5), sp.Scaler())),
            ("savgol", sp.SavitzkyGolayFilter(5, 1)),
            ("raw", "passthrough"),
            ("no", "drop"),
        ],
        transformer_weights={"savgol": 2.0},
    ).set_output(transform="pandas"),
}
TRANSFORMERS = {one.id: one.estimator for one in STREAMED if hasattr(one.estimator, "transform")}
STEPS = {name: one for name, one in TRANSFORMERS.items() if hasattr(one, "nan_policy")}
CASES = TRANSFORMERS | PIPELINES
QUICK = {one.id for one in first_of_class(STREAMED)}


def make_log(dtype=np.float64, missing=0.0, seed=0):
    """Three cycles, the last with a gap; noise in hundredths with spikes of one size and many."""
    rng = np.random.default_rng(seed)
    n = sum(LENGTHS)
    values = np.round(rng.normal(size=(n, 3)), 2)
    values[rng.random(values.shape) < 0.05] *= 8
    values[rng.random(values.shape) < 0.02] = 6.0
    values[rng.random(values.shape) < missing] = np.nan
    cycle = np.repeat(list("abc"), LENGTHS)
    time = np.concatenate([np.arange(length) / RATE for length in LENGTHS])
    time[n - LENGTHS[2] + GAP :] += 7.0
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    return pd.DataFrame(values.astype(dtype), index=index, columns=["x0", "x1", "x2"])


@lru_cache
def fitted(name, nan_policy="raise"):
    """The step fitted on the log, and what it makes of a log with holes where it may."""
    step = clone(CASES[name])
    if nan_policy != "raise":
        step.set_params(nan_policy=nan_policy)
    step.fit(make_log())
    log = make_log(missing=0.0 if nan_policy == "raise" else 0.1, seed=1)
    return step, log, step.transform(log).to_numpy()


def push_all(live, log, cuts):
    """Push segment by segment, in chunks that end at ``cuts``; a chunk of one row is 1-D."""
    outputs = []
    for first, last in pairwise(sp.segments(log)):
        live.reset()
        borders = sorted({first, last, *(cut for cut in cuts if first < cut < last)})
        for begin, end in pairwise(borders):
            rows = log.to_numpy()[begin:end]
            outputs.append(live.push(rows[0])[None] if len(rows) == 1 else live.push(rows))
    return np.concatenate(outputs)


ROW_BY_ROW = range(sum(LENGTHS))
cuts = st.sets(st.integers(1, sum(LENGTHS) - 1), max_size=60)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.quick] if name in QUICK else []) for name in CASES],
)
@settings(max_examples=5, deadline=None)
@given(cuts=cuts)
@example(cuts=ROW_BY_ROW)
def test_equals_batch_to_the_last_bit(name, cuts):
    step, log, expected = fitted(name)
    np.testing.assert_array_equal(push_all(sp.stream(step), log, cuts), expected)


def bits(values):
    """Where zeros keep their sign, and missing values none."""
    return np.where(np.isnan(values), np.nan, values).view(np.int64)


HUGE = [1.7e308, -1.7e308, 1e160, 1.0, 1e-160, 0.0, -0.0]
SMALL = [1e-290, -1e-310, 5e-324, -5e-324, 0.0, -0.0]
LEAST = [5e-324, *[-0.0, 0.0] * 5]
REFUSE_HUGE = ("SignedCodes, of", "LocalOutlierFactor", "ResidualFilter")


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")
@pytest.mark.parametrize("name", STEPS)
def test_equals_batch_at_the_ends_of_doubles(name):
    rng = np.random.default_rng(0)
    first = SMALL if name.startswith(REFUSE_HUGE) else HUGE
    kinds = zip((first, SMALL, LEAST), LENGTHS, strict=True)
    log = make_log()
    log[:] = np.concatenate([rng.choice(numbers, size=(n, 3)) for numbers, n in kinds])
    step = fitted(name)[0]
    found = push_all(sp.stream(step), log, range(len(log)))
    np.testing.assert_array_equal(bits(found), bits(step.transform(log).to_numpy()))


@pytest.mark.parametrize("nan_policy", ["omit", "propagate"])
@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=3, deadline=None)
@given(cuts=cuts)
@example(cuts=ROW_BY_ROW)
def test_equals_batch_with_missing_samples(name, nan_policy, cuts):
    step, log, expected = fitted(name, nan_policy)
    np.testing.assert_array_equal(push_all(sp.stream(step), log, cuts), expected)


@pytest.mark.parametrize("name", CASES)
def test_float32_is_rounded_after_each_step(name):
    log = make_log(np.float32)
    step = clone(CASES[name]).fit(log)
    live = sp.stream(step, dtype=np.float32)
    out = push_all(live, log, range(0, len(log), 7))
    expected = step.transform(log).to_numpy()
    assert out.dtype == expected.dtype
    np.testing.assert_array_equal(out, expected)


NOTHING = {
    "pipeline": sp.make_pipeline("passthrough", None),
    "pipeline in a pipeline": sp.make_pipeline(sp.make_pipeline("passthrough")),
}


@pytest.mark.parametrize("name", NOTHING)
def test_steps_that_are_all_passed_through(name):
    log = make_log()
    step = clone(NOTHING[name]).set_output(transform="pandas").fit(log)
    live = sp.stream(step)
    assert live.feature_names_in_.size == 0
    assert "any channels" in repr(live)
    np.testing.assert_array_equal(push_all(live, log, range(0, len(log), 3)), log)
    assert list(live.feature_names_in_) == ["x0", "x1", "x2"]
    live = sp.stream(step)
    assert live.push(log.iloc[0].rename({"x0": "i_d"})).tolist() == log.iloc[0].tolist()
    assert list(live.feature_names_in_) == ["i_d", "x1", "x2"]
    assert list(live.feature_names_out_) == ["i_d", "x1", "x2"]
    again = pickle.loads(pickle.dumps(live))
    for rows in ({"i_d": 1.0, "x1": 2.0}, [1.0, 2.0]):
        with pytest.raises(InvalidLogError, match="x2"):
            again.push(rows)
    for nothing in ([], 1.0, {}):
        with pytest.raises(InvalidLogError, match="a row must hold"):
            sp.stream(step).push(nothing)


@pytest.mark.parametrize("n_channels", [1, 2, 9, 17])
def test_unit_norm_of_many_channels(n_channels):
    x = np.random.default_rng(0).normal(size=(40, n_channels))
    scaler = sp.Scaler("unit").fit(x)
    live = sp.stream(scaler)
    np.testing.assert_array_equal([live.push(row) for row in x], scaler.transform(x))


@pytest.mark.parametrize("name", CASES)
def test_names(name):
    step, log, _ = fitted(name)
    live = sp.stream(step)
    assert list(live.feature_names_in_) == ["x0", "x1", "x2"]
    assert list(live.feature_names_out_) == list(step.transform(log).columns)


MODELS = {
    "ridge": Ridge(),
    "pipeline": sp.make_pipeline(sp.HampelFilter(5), sp.ExponentialFeatures([5]), Ridge()),
    "trees": sp.make_pipeline(
        sp.SavitzkyGolayFilter(5, 2), HistGradientBoostingRegressor(max_iter=5)
    ),
    "two in one": Pipeline([("inner", sp.make_pipeline(sp.Scaler(), PCA(2))), ("last", Ridge())]),
    "search": GridSearchCV(
        sp.make_pipeline(sp.HampelFilter(5), Ridge()), {"ridge__alpha": [1.0, 2.0]}, cv=2
    ),
    **{one.id: one.estimator for one in STREAMED if not hasattr(one.estimator, "transform")},
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("chunk", [1, 5, 64])
def test_predictions(name, chunk):
    log = make_log()
    target = log["x0"] + 0.5 * log["x1"]
    model = clone(MODELS[name]).fit(log, target)
    live = sp.stream(model)
    assert live.feature_names_out_ is None
    out = push_all(live, log, range(0, len(log), chunk))
    assert out.shape == (len(log),)
    np.testing.assert_allclose(out, model.predict(log), rtol=1e-12, atol=1e-12)
    assert np.ndim(live.push(log.to_numpy()[0])) == 0


LINEAR = {
    "ridge": Ridge(),
    "classes": LogisticRegression(),
    "projected": sp.make_pipeline(sp.Scaler(), PCA(2), Ridge()),
    "by regime": sp.PerRegime(Ridge(), {"x0": 2}, min_rows=5),
    "cleaned rows": sp.FitOnInliers(Ridge(), sp.ZScoreFilter()),
    "residuals": sp.ResidualFilter(action="clip", threshold=0.5),
    "residuals before": sp.make_pipeline(sp.ResidualFilter(action="clip"), Ridge()),
}


@pytest.mark.parametrize("name", LINEAR)
def test_a_row_alone_is_the_row_alone_to_the_last_bit(name):
    """Sums of linear algebra depend on the number of rows; not so between one row and one row."""
    log = make_log()
    target = log["x0"] + 0.5 * log["x1"]
    model = clone(LINEAR[name]).fit(log, target > 0 if name == "classes" else target)
    call = model.transform if name == "residuals" else model.predict
    live = sp.stream(model)
    for k in range(0, len(log), 9):
        np.testing.assert_array_equal(live.push(log.iloc[k]), np.asarray(call(log.iloc[[k]]))[0])
    together = np.asarray(call(log.iloc[:60]))
    np.testing.assert_allclose(live.push(log.to_numpy()[:60]), together, rtol=1e-12, atol=1e-12)


def test_the_slow_task_holds_its_prediction():
    log = make_log()
    live = sp.stream(sp.AtRate(Ridge(), factor=5).fit(log, log["x0"]))
    found = [live.push(row) for row in log.to_numpy()[:23]]
    assert [len(set(found[k : k + 5])) for k in range(0, 23, 5)] == [1] * 5
    assert len(set(found)) == 5


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda live: pickle.loads(pickle.dumps(live))])
@pytest.mark.parametrize("name", [*CASES, *MODELS])
def test_copies_go_on_from_there_by_themselves(name, copied):
    log = make_log()
    target = log["x0"] + 0.5 * log["x1"]
    live = sp.stream(clone((CASES | MODELS)[name]).fit(log, target))
    rows = log.to_numpy()
    live.push(rows[:45])
    other = copied(live)
    found = [live.push(row) for row in rows[45:75]]  # more than each window
    np.testing.assert_array_equal([other.push(row) for row in rows[45:75]], found)
    live.reset()
    live.push(rows[:45])
    np.testing.assert_array_equal([live.push(row) for row in rows[45:75]], found)


def test_a_copy_knows_the_rows_before_and_a_push_that_failed():
    step, log, _ = fitted("ExponentialFeatures, all")
    live = sp.stream(step)
    live.push(log.iloc[:20])
    other = copy.deepcopy(live)
    with pytest.raises(InvalidLogError, match=r"of one segment; row 0 starts another"):
        other.push(log.iloc[23:40])
    with pytest.raises(InvalidLogError, match=r"NaN: channel 'x0', sample 20 since"):
        other.push([np.nan, 0.0, 0.0])
    with pytest.raises(InvalidLogError, match=r"push of sample 20 .* failed.*call reset\(\)"):
        copy.deepcopy(other).push(log.iloc[20])
    live.push(log.iloc[20])


def test_repr_tells_what_it_is():
    step, log, _ = fitted("pipeline")
    live = sp.stream(step)
    live.push(log.iloc[:3])
    assert repr(live) == (
        "Stream(Pipeline: 3 channels to 15 outputs, 3 samples since the last reset)"
    )
    model = sp.stream(Ridge().fit(log, log["x0"]))
    assert "Stream(Ridge: 3 channels to predictions, 0 samples" in repr(model)


def push_chunks(live, rows, chunk):
    chunks = [rows[begin : begin + chunk] for begin in range(0, len(rows), chunk)]
    return np.concatenate([live.push(chunk) for chunk in chunks])


class Differences(TransformerMixin, BaseEstimator):
    """A step of somebody else, which sees the row before and does not say so."""

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        X = np.asarray(X)
        return np.diff(X, axis=0, prepend=X[:1])

    def get_feature_names_out(self, input_features=None):
        return input_features


@pytest.mark.parametrize("chunk", [1, 3, 60])
@pytest.mark.parametrize(
    "step",
    [
        FunctionTransformer(lambda rows: rows - rows.mean(axis=0)),
        FunctionTransformer(lambda rows: rows.cumsum(axis=0)),
        FunctionTransformer(lambda rows: rows + np.random.default_rng().normal(size=rows.shape)),
        Differences(),
    ],
)
def test_a_step_of_others_that_sees_other_rows_is_found_out(step, chunk):
    rows = make_log().to_numpy()[:60].copy()
    rows[:3] = rows[0]  # at rest to begin with
    live = sp.stream(sp.make_pipeline(sp.Scaler(), step).fit(rows))
    name = type(step).__name__.lower()
    with pytest.raises(InvalidParameterError, match=rf"step '{name}' .* other values for \d+ rows"):
        push_chunks(live, rows, chunk)


@pytest.mark.parametrize("chunk", [1, 7, 100])
@pytest.mark.parametrize(
    "function", [np.abs, lambda x: x[:, :1] * x, lambda x: np.where(x > 0, "on", None), np.log]
)
def test_a_step_of_others_that_works_row_by_row_passes(function, chunk):
    rows = make_log().to_numpy()
    step = FunctionTransformer(function).fit(rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        live = sp.stream(step)
        np.testing.assert_array_equal(push_chunks(live, rows, chunk), step.transform(rows))


def test_a_model_of_others_is_checked_too():
    class Mean(Ridge):
        def predict(self, X):
            return super().predict(X) * 0.0 + np.mean(X)

    log = make_log()
    live = sp.stream(Mean().fit(log, log[["x0", "x1"]]))
    with pytest.raises(InvalidParameterError, match=r"step 'mean' .* 2 rows together"):
        live.push(log.to_numpy()[:9])
    fair = type("Fair", (Ridge,), {})().fit(log, log[["x0", "x1"]])
    out = sp.stream(fair).push(log.to_numpy()[:50])
    np.testing.assert_allclose(out, fair.predict(log.iloc[:50]), rtol=0, atol=1e-12)


def test_classes_and_several_targets():
    log = make_log()
    classes = np.where(log["x0"] > 0, "on", "off")
    live = sp.stream(sp.make_pipeline(sp.Scaler(), LogisticRegression()).fit(log, classes))
    assert live.push([3.0, 0.0, 0.0]) == "on"
    both = np.column_stack([log["x0"], -log["x1"]])
    for model in (Ridge(), sp.AtRate(Ridge(), factor=2)):
        live = sp.stream(model.fit(log, both))
        assert live.push([3.0, 0.0, 0.0]).shape == (2,)
        assert live.push(log.to_numpy()[:5]).shape == (5, 2)


def test_fitted_on_arrays():
    x = make_log().to_numpy()
    step = sp.make_pipeline(sp.HampelFilter(5), StandardScaler(), FunctionTransformer())
    live = sp.stream(step.fit(x))
    assert list(live.feature_names_in_) == ["x0", "x1", "x2"]
    np.testing.assert_array_equal(live.push(x), step.transform(x))
    live.reset()
    np.testing.assert_array_equal(live.push(dict(zip(["x1", "x0", "x2"], x[0], strict=True))),
                                  step.transform(x[:1, [1, 0, 2]]).to_numpy()[0])  # fmt: skip
    assert live.push(pd.Series(x[0], index=["u", "v", "w"])).shape == (3,)


def test_rows_by_name():
    step, log, expected = fitted("HampelFilter, hold")
    live = sp.stream(step)
    np.testing.assert_array_equal(live.push({"x2": log.iloc[0, 2], **log.iloc[0]}), expected[0])
    np.testing.assert_array_equal(live.push(log.iloc[1]), expected[1])
    np.testing.assert_array_equal(live.push(log.iloc[1:4, ::-1].iloc[1:]), expected[2:4])
    np.testing.assert_array_equal(live.push(list(log.iloc[4])), expected[4])
    np.testing.assert_array_equal(live.push(log.iloc[5:9].assign(other=1.0)), expected[5:9])


@pytest.mark.parametrize("pipeline", [Pipeline([("none", "passthrough"), ("last", Ridge())])])
def test_a_step_that_is_not_there(pipeline):
    log = make_log()
    live = sp.stream(pipeline.fit(log, log["x0"]))
    assert list(live.feature_names_in_) == ["x0", "x1", "x2"]


def test_outputs_are_not_overwritten_and_inputs_left_alone():
    step, log, _ = fitted("Scaler, zscore")
    union = FeatureUnion([("raw", "passthrough")]).fit(log)
    for one in (step, union, FunctionTransformer().fit(log.to_numpy())):
        live = sp.stream(one)
        row = log.to_numpy()[0].copy()
        before, first = row.copy(), live.push(row)
        kept = first.copy()
        live.push(row * 2)
        np.testing.assert_array_equal(first, kept)
        first[:] = 99.0
        np.testing.assert_array_equal(row, before)


def test_codes_are_signed_and_refused_with_their_place():
    log = make_log()
    codes = (log * 100).round() % 2**16
    pipeline = sp.make_pipeline(sp.SignedCodes({"x0": 16, "x2": 16}), sp.Scaler()).fit(codes)
    live = sp.stream(pipeline)
    expected = pipeline.transform(codes).to_numpy()
    np.testing.assert_array_equal(push_all(live, codes, range(0, len(codes), 9)), expected)
    live.reset()
    live.push(codes.to_numpy()[:7])
    with pytest.raises(InvalidLogError, match=r"'x2' must hold whole codes.*at sample 8 since the"):
        live.push(np.array([[1.0, 0.5, 3.0], [1.0, 0.5, 3.5]]))


LOOKS_AHEAD = {
    "hampelfilter' looks 5 samples ahead": sp.HampelFilter(11, causal=False),
    "hampelfilter' looks .* samples ahead.*'interpolate'": sp.HampelFilter(action="interpolate"),
    "physicallimits' looks .* ahead": sp.PhysicalLimits({0: (0, 1)}, action="interpolate"),
    "savitzkygolayfilter' looks 10 samples ahead.*causal=True": sp.SavitzkyGolayFilter(
        causal=False
    ),
    "detrender' looks .* ahead": sp.Detrender(),
    "isolationforestfilter' looks .* ahead.*'interpolate'": sp.IsolationForestFilter(
        action="interpolate"
    ),
    "residualfilter' looks 5 samples ahead.*causal=True": sp.ResidualFilter(
        detector="hampel", causal=False
    ),
    "iqrfilter' looks 10 samples ahead": sp.IQRFilter(
        by=sp.make_pipeline(sp.SavitzkyGolayFilter(causal=False), sp.RegimeBinner({"x0": 2}))
    ),
    "kalmanfilter' looks 3 samples ahead": sp.KalmanFilter(
        process_variance=1.0, measurement_variance=1.0, lag=3
    ),
}


@pytest.mark.parametrize("message", LOOKS_AHEAD)
def test_what_looks_ahead_is_refused_by_name(message):
    log = make_log()
    step = clone(LOOKS_AHEAD[message])
    with pytest.raises(InvalidParameterError, match=f"step '{message}"):
        sp.stream(sp.make_pipeline(sp.Scaler(), step, Ridge()).fit(log, log["x0"]))
    inner = sp.AtRate(sp.make_pipeline(step, Ridge()), factor=2)
    with pytest.raises(InvalidParameterError, match=f"step 'atrate > {message}"):
        sp.stream(sp.make_pipeline(inner).fit(log, log["x0"]))


def test_what_cannot_be_streamed_is_refused_by_name():
    log = make_log().iloc[: LENGTHS[0]]
    target = log["x0"]
    refused = {
        "step 'decimator' changes the number of rows.*AtRate": sp.Decimator(2),
        r"step 'atrate' looks \d+ samples ahead.*causal=True": sp.AtRate(factor=2, causal=False),
        "step 'zscorefilter' .* with by=Pipeline, which holds a signal step, cannot be streamed": (
            sp.ZScoreFilter(
                by=sp.make_pipeline(sp.SavitzkyGolayFilter(), sp.RegimeBinner({"x0": 2}))
            )
        ),
        "step 'residualfilter' .* with a model of 'x0' that remembers cannot be": sp.ResidualFilter(
            sp.make_pipeline(sp.ExponentialFeatures(), Ridge()), action="nan"
        ),
        "step 'votingregressor' .* holds HampelFilter, cannot": (
            VotingRegressor([("a", sp.make_pipeline(sp.HampelFilter(), Ridge()))])
        ),
        "step 'columntransformer > t' .*channels must be a list": ColumnTransformer(
            [("t", FunctionTransformer(lambda column: column.to_frame()), "x0")]
        ),
    }
    for message, step in refused.items():
        with pytest.raises(InvalidParameterError, match=message):
            sp.stream(step.fit(log, target))


def test_a_claim_alone_is_believed():
    class Smoother(FunctionTransformer):
        lookahead_, memory_, delay_ = 0, 4, 2

    with pytest.raises(InvalidParameterError, match=r"'smoother' .* sees other rows than"):
        sp.stream(Smoother().fit(make_log()))


def test_sparse_output_and_fewer_rows_are_errors():
    log = make_log()
    live = sp.stream(OneHotEncoder(handle_unknown="ignore").fit(log))
    with pytest.raises(InvalidParameterError, match=r"'onehotencoder' must give a dense array"):
        live.push(log.to_numpy()[0])
    fewer = FunctionTransformer(lambda rows: rows[:1]).fit(log.to_numpy())
    with pytest.raises(InvalidParameterError, match=r"must keep rows \(2\); got 1"):
        sp.stream(fewer).push(log.to_numpy()[:4])
    model = Pipeline([("in", Ridge().fit(log, log["x0"])), ("out", Ridge().fit(log, log["x0"]))])
    with pytest.raises(InvalidParameterError, match=r"step 'in' \(Ridge\).* has no transform"):
        sp.stream(model)


@pytest.mark.parametrize(
    "step",
    [*CASES.values(), Ridge(), sp.AtRate(), sp.FitOnInliers(), GridSearchCV(Ridge(), {})],
    ids=repr,
)
def test_not_fitted(step):
    with pytest.raises(NotFittedError):
        sp.stream(clone(step))


def test_values_that_a_step_refuses():
    log = make_log()
    pipeline = sp.make_pipeline(sp.PhysicalLimits(nan_policy="omit"), sp.HampelFilter(5)).fit(log)
    live = sp.stream(pipeline)
    live.push(log.to_numpy()[:7])
    rows = log.to_numpy()[7:12].copy()
    rows[3, 1] = np.nan
    message = r"step 'hampelfilter' got NaN: channel 'x1', sample 10 since the last reset"
    with pytest.raises(InvalidLogError, match=message):
        live.push(rows)
    with pytest.raises(InvalidLogError, match=r"push of sample 7 .* failed.*call reset\(\)"):
        live.push(log.to_numpy()[0])
    live.reset()
    rows[3, 1] = -np.inf
    with pytest.raises(InvalidLogError, match=r"'physicallimits' got infinity.* 'x1', sample 3"):
        live.push(rows)


def test_rows_that_are_none():
    step, log, expected = fitted("HampelFilter, hold")
    live = sp.stream(step)
    wrong = [[1.0, 2.0], np.zeros((2, 4)), np.zeros((0, 3)), np.zeros((1, 1, 3)), 1.0]
    for rows in wrong:
        with pytest.raises(InvalidLogError, match=r"a row must hold 3 channels \(x0, x1, x2\)"):
            live.push(rows)
    for rows in ({"x0": 1.0, "x2": 1.0}, log.iloc[:3, [0, 2]], log.iloc[0].drop("x1")):
        with pytest.raises(InvalidLogError, match=r"must hold the channel 'x1'; got x0, x2"):
            live.push(rows)
    with pytest.raises(InvalidLogError, match="must hold numbers"):
        live.push(["1", "2", "3"])
    with pytest.raises(InvalidParameterError, match="dtype must be float64 or float32"):
        sp.stream(step, dtype=np.int16)
    np.testing.assert_array_equal(live.push(log.iloc[0]), expected[0])  # nothing was harmed


def test_rows_of_a_log_must_follow_each_other():
    step, log, expected = fitted("ExponentialFeatures, all")
    live = sp.stream(step)
    n = LENGTHS[0]
    np.testing.assert_array_equal(live.push(log.iloc[:20]), expected[:20])
    with pytest.raises(InvalidLogError, match=r"of one segment; row 0 starts another"):
        live.push(log.iloc[23:40])
    with pytest.raises(InvalidLogError, match=r"of one segment; row 130 starts another"):
        live.push(log.iloc[20 : n + 5])
    np.testing.assert_array_equal(live.push(log.iloc[20:n]), expected[20:n])
    with pytest.raises(InvalidLogError, match=r"call reset\(\) before it"):
        live.push(log.iloc[n : n + 1])
    live.reset()
    np.testing.assert_array_equal(live.push(log.iloc[n : n + 9]), expected[n : n + 9])


@lru_cache
def words():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(90, 2)), columns=["x0", "x1"])
    frame.insert(1, "gear", np.where(frame["x0"] > 0, "high", "low"))
    log = sp.as_log(frame, cycle=np.repeat([0, 1], 45), rate=10.0)
    return log, log["x0"].abs()


NUMBERS = ["x0", "x1"]


def encoded(*others):
    gear = ("gear", OneHotEncoder(sparse_output=False), ["gear"])
    return ColumnTransformer([gear, *others], remainder="passthrough")


@pytest.mark.parametrize(
    "pipeline",
    [
        [encoded(), Ridge()],
        [sp.HampelFilter(5, columns=NUMBERS), encoded(), sp.Scaler(), Ridge()],
        [encoded(("means", sp.ExponentialFeatures([5]), ["x1"])), StandardScaler(), Ridge()],
        [sp.PhysicalLimits({"x1": (-1, 1)}), sp.Scaler(columns=NUMBERS), encoded()],
    ],
    ids=["encoded", "filtered before", "beside", "outputs"],
)
@pytest.mark.parametrize("form", ["frame", "mappings", "lists"])
def test_words_are_encoded_or_handed_on(pipeline, form):
    log, y = words()
    model = clone(sp.make_pipeline(*pipeline)).fit(log, y)
    one = log.loc[[1]]
    live = sp.stream(model)
    if form == "frame":
        found = live.push(one)
    else:
        rows = one.to_dict("records") if form == "mappings" else one.to_numpy().tolist()
        found = np.array([live.push(row) for row in rows])
    expected = model.predict(one) if hasattr(model, "predict") else model.transform(one)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_words_pass_a_step_and_are_refused_where_it_computes_with_them():
    log, _ = words()
    live = sp.stream(sp.HampelFilter(5, columns=NUMBERS).fit(log))
    assert live.push(log.iloc[0])[1] == log["gear"].iloc[0]
    with pytest.raises(InvalidLogError, match="'x0', which must hold numbers; got 'low'"):
        live.push(["low", "low", 1.0])
    by = sp.ZScoreFilter(columns=NUMBERS, by="gear", min_rows=5).fit(log)
    with pytest.raises(InvalidParameterError, match="beside channels of words"):
        sp.stream(by).push(log.iloc[0])
