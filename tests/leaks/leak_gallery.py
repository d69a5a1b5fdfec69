"""A gallery of planted leaks, and of clean pipelines of different kinds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.signal import savgol_filter
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestRegressor,
    StackingRegressor,
)
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, LeaveOneGroupOut
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.pipeline import make_pipeline as sklearn_make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

import signalprep as sp


class Leak(NamedTuple):
    """Arguments of audit, and what it must name."""

    arguments: dict[str, Any]
    kind: str
    step: str
    channel: str = ""


@cache
def drive() -> tuple[pd.DataFrame, pd.Series]:
    """Ten short drives at 1 Hz, rotor temperature as the target."""
    log = sp.datasets.simulate_pmsm(
        n_cycles=10, rate=1.0, duration=(180.0, 300.0), spike_rate=2e-3, random_state=0
    )
    return log.drop(columns="T_pm"), log["T_pm"]


@cache
def raw_drive() -> tuple[pd.DataFrame, pd.Series]:
    """Six drives at 10 Hz."""
    log = sp.datasets.simulate_pmsm(
        n_cycles=6, rate=10.0, duration=(60.0, 90.0), gap=0.0, random_state=1
    )
    return log.drop(columns="T_pm"), log["T_pm"]


def case(model: Any, X: pd.DataFrame | None = None, **others: Any) -> dict[str, Any]:
    """Arguments of audit with the drives where nothing else is given."""
    inputs, target = drive()
    return {"estimator": model, "X": inputs if X is None else X, "y": target, "cv": 5, **others}


def by_cycle(X: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """Change each cycle alone."""
    return pd.concat([change(part) for _, part in X.groupby(level="cycle", sort=False)])


def smear(X):
    return X.ewm(span=20).mean()


def centre_batch(X):
    return X - X.mean()


def smooth(X):
    return by_cycle(
        X, lambda part: part.apply(lambda values: savgol_filter(values, 15, 2, mode="nearest"))
    )


def detrend_whole_cycle(X):
    return by_cycle(X, lambda part: part - part.mean())


def repair(X):
    """Take spikes out and draw a straight line to the next good value."""

    def one(part):
        step = (part - part.shift(1)).abs()
        return part.mask(step > 6 * part.std() + 1e-9).interpolate().ffill().bfill()

    return by_cycle(X, one)


def fill_from_next(X):
    return X.groupby(level="cycle").bfill().fillna(0.0)


def hold_block_mean(X):
    """Resample to a tenth of the rate, each mean held over the rows it was taken from."""
    block = X.groupby(level="cycle").cumcount() // 10
    return X.groupby([X.index.get_level_values("cycle"), block.to_numpy()]).transform("mean")


def scale_by(X, mean, deviation):
    return (X - mean) / deviation


def clip_between(X, low, high):
    return X.clip(low, high, axis=1)


def causal_mean(X):
    return X.groupby(level="cycle", group_keys=False).apply(lambda part: part.ewm(span=20).mean())


def lagged(X):
    return X.join(X.groupby(level="cycle").shift(3).bfill().add_suffix("_before"))


def lag_by_cycle(X):
    before = X.groupby(level="cycle").shift(3)
    return X.join(before.fillna(0.0).add_suffix("_before"))


def mean_labelled_by_start(raw):
    """One second means, each at the first of its samples."""
    return _mean_of_seconds(raw, label=0)


def mean_labelled_by_end(raw):
    """One second means, each at the last of its samples."""
    return _mean_of_seconds(raw, label=-1)


def _mean_of_seconds(raw, label):
    parts = []
    for _, part in raw.groupby(level="cycle", sort=False):
        part = part.iloc[: len(part) // 10 * 10]
        means = part.to_numpy().reshape(-1, 10, part.shape[1]).mean(axis=1)
        index = part.index[np.arange(len(means)) * 10 + (label % 10)]
        parts.append(pd.DataFrame(means, index=index, columns=part.columns))
    return pd.concat(parts)


def clip_at_three_deviations(raw):
    """Outliers by thresholds of all rows."""
    mean, deviation = raw.mean(), raw.std()
    return raw.clip(mean - 3 * deviation, mean + 3 * deviation, axis=1)


def with_strangers() -> pd.DataFrame:
    """The drives with channels of noise, from which features are then selected."""
    X, _ = drive()
    rng = np.random.default_rng(0)
    names = [f"noise_{k}" for k in range(12)]
    return X.join(pd.DataFrame(rng.normal(size=(len(X), 12)), index=X.index, columns=names))


def scaled_before() -> Leak:
    X, _ = drive()
    scaled = StandardScaler().set_output(transform="pandas").fit_transform(X)
    return Leak(case(Ridge(), scaled), "scaled_before_split", "input", "omega_m")


def minmax_before() -> Leak:
    X, _ = drive()
    rng = np.random.default_rng(0)
    X = X + rng.normal(size=X.shape) * 0.01 * X.std().to_numpy()
    scaled = MinMaxScaler().set_output(transform="pandas").fit_transform(X)
    return Leak(case(Ridge(), scaled), "scaled_before_split", "input", "T_coolant")


def components_before() -> Leak:
    X, _ = drive()
    parts = PCA(4).set_output(transform="pandas").fit_transform(X)
    return Leak(case(Ridge(), parts), "scaled_before_split", "input", "pca0")


def frozen_scaler() -> Leak:
    X, _ = drive()
    frozen = FrozenEstimator(StandardScaler().fit(X))
    return Leak(case(sp.make_pipeline(frozen, Ridge())), "test_statistics", "frozenestimator")


def frozen_scaler_that_remembers() -> Leak:
    X, _ = drive()
    frozen = FrozenEstimator(sp.Scaler().fit(X))
    return Leak(case(sp.make_pipeline(frozen, Ridge())), "test_statistics", "frozenestimator")


def scaler_in_a_function() -> Leak:
    X, _ = drive()
    scaler = StandardScaler().set_output(transform="pandas").fit(X)
    model = sp.make_pipeline(FunctionTransformer(scaler.transform), Ridge())
    return Leak(case(model), "test_statistics", "functiontransformer")


def scaler_by_hand() -> Leak:
    X, _ = drive()
    scale = partial(scale_by, mean=X.mean(), deviation=X.std())
    model = Pipeline([("hand", FunctionTransformer(scale)), ("ridge", Ridge())])
    return Leak(case(model), "test_statistics", "hand", "i_d")


def frozen_model() -> Leak:
    X, y = drive()
    model = sp.make_pipeline(
        sp.PhysicalLimits({"u_dc": (0, 500)}), FrozenEstimator(Ridge().fit(X, y))
    )
    return Leak(case(model), "test_statistics", "frozenestimator")


def symmetric_filter() -> Leak:
    model = sp.make_pipeline(FunctionTransformer(smooth), StandardScaler(), Ridge())
    return Leak(case(model), "lookahead", "functiontransformer")


def symmetric_filter_that_says_so() -> Leak:
    model = sp.make_pipeline(
        sp.SavitzkyGolayFilter(window_length=11, causal=False), sp.Scaler(), Ridge()
    )
    return Leak(case(model), "lookahead", "savitzkygolayfilter")


def symmetric_filter_in_a_branch() -> Leak:
    branches = ColumnTransformer(
        [
            ("plain", StandardScaler(), ["T_coolant"]),
            ("smooth", FunctionTransformer(smooth), ["i_q"]),
        ]
    )
    model = sp.make_pipeline(branches, Ridge())
    return Leak(case(model), "lookahead", "columntransformer > smooth", "smooth__i_q")


def mean_of_the_whole_cycle() -> Leak:
    model = sp.make_pipeline(FunctionTransformer(detrend_whole_cycle), Ridge())
    return Leak(case(model), "lookahead", "functiontransformer")


def shuffled_rows() -> Leak:
    cv = KFold(5, shuffle=True, random_state=0)
    model = sp.make_pipeline(sp.ExponentialFeatures(spans=["10s"]), Ridge())
    return Leak(case(model, cv=cv), "shared_cycles", "cv")


def target_lag() -> Leak:
    X, y = drive()
    before = y.groupby(level="cycle").shift(5).bfill()
    return Leak(case(Ridge(), X.assign(before=before)), "target_in_inputs", "input", "before")


def target_ahead() -> Leak:
    X, y = drive()
    ahead = y.groupby(level="cycle").shift(-20).ffill()
    return Leak(case(Ridge(), X.assign(ahead=ahead)), "target_in_inputs", "input", "ahead")


def target_in_another_unit() -> Leak:
    X, y = drive()
    noise = np.random.default_rng(0).normal(size=len(y)) * 0.1
    fahrenheit = 1.8 * (y + noise) + 32
    return Leak(case(Ridge(), X.assign(T_f=fahrenheit)), "target_in_inputs", "input", "T_f")


def target_bent() -> Leak:
    X, y = drive()
    resistance = 1e3 * np.exp(2500.0 * (1 / (y + 273.15) - 1 / 298.15))
    X = X.assign(R_sensor=resistance)
    return Leak(case(Ridge(), X), "target_in_inputs", "input", "R_sensor")


def target_looked_up_by_a_step() -> Leak:
    _, y = drive()

    def look_up(X):
        return X.assign(T_next=y.reindex(X.index))

    model = sp.make_pipeline(sp.Scaler(), FunctionTransformer(look_up), Ridge())
    return Leak(case(model), "target_in_inputs", "functiontransformer", "T_next")


def duplicated_cycle() -> Leak:
    X, y = drive()
    log = X.assign(T_pm=y)
    rng = np.random.default_rng(1)
    copy = log.loc[sp.cycles(log)[0]].iloc[15:]
    copy = copy + rng.normal(size=copy.shape) * 0.02 * log.std().to_numpy()
    log = pd.concat([log, pd.concat({"copy": copy}, names=["cycle"])])
    arguments = case(Ridge(), log.drop(columns="T_pm"), y=log["T_pm"])
    return Leak(arguments, "duplicate_cycles", "cv")


def overlapping_windows() -> Leak:
    X, y = drive()
    one = X.assign(T_pm=y).loc[sp.cycles(X)[-1]]
    stamps = pd.Timestamp("2024-05-01") + pd.to_timedelta(np.arange(len(one)), unit="s")
    one = one.set_axis(pd.Index(stamps, name="time"))
    pieces = {k: one.iloc[20 * k : 20 * k + 40] for k in range(8)}
    log = pd.concat(pieces, names=["cycle"])
    arguments = case(Ridge(), log.drop(columns="T_pm"), y=log["T_pm"], cv=4)
    return Leak(arguments, "time_overlap", "cv")


def index_lost() -> Leak:
    model = sklearn_make_pipeline(StandardScaler(), sp.SavitzkyGolayFilter(), Ridge())
    return Leak(case(model), "lost_index", "standardscaler")


def index_lost_before_a_duration() -> Leak:
    model = sklearn_make_pipeline(
        sp.PhysicalLimits({"u_dc": (0, 500)}),
        StandardScaler(),
        sp.ExponentialFeatures(spans=["10s"]),
        Ridge(),
    )
    return Leak(case(model), "lost_index", "standardscaler")


def ewma_across_cycles() -> Leak:
    model = sp.make_pipeline(sp.Scaler(), FunctionTransformer(smear), Ridge())
    return Leak(case(model), "bleeding", "functiontransformer")


def centred_by_the_batch() -> Leak:
    model = sp.make_pipeline(FunctionTransformer(centre_batch), Ridge())
    return Leak(case(model), "bleeding", "functiontransformer")


def interpolation_from_the_future() -> Leak:
    model = sp.make_pipeline(FunctionTransformer(repair), Ridge())
    return Leak(case(model), "lookahead", "functiontransformer")


def interpolation_that_says_so() -> Leak:
    model = sp.make_pipeline(sp.HampelFilter(action="interpolate"), Ridge())
    return Leak(case(model), "lookahead", "hampelfilter")


def gaps_filled_from_the_next_value() -> Leak:
    X, _ = drive()
    holes = np.random.default_rng(0).random(X.shape) < 0.05
    model = sp.make_pipeline(FunctionTransformer(fill_from_next), Ridge())
    return Leak(case(model, X.mask(holes)), "lookahead", "functiontransformer")


def global_thresholds() -> Leak:
    X, _ = drive()
    mean, deviation = X["i_d"].mean(), X["i_d"].std()
    limits = sp.PhysicalLimits({"i_d": (mean - 3 * deviation, mean + 3 * deviation)}, action="clip")
    return Leak(case(sp.make_pipeline(limits, Ridge())), "test_statistics", "physicallimits", "i_d")


def global_thresholds_in_a_function() -> Leak:
    X, _ = drive()
    X = X + np.random.default_rng(0).normal(size=X.shape)
    limits = {"low": X.quantile(0.01), "high": X.quantile(0.99)}
    model = sp.make_pipeline(FunctionTransformer(clip_between, kw_args=limits), Ridge())
    return Leak(case(model, X), "test_statistics", "functiontransformer")


def clipped_before() -> Leak:
    X, _ = drive()
    X = X + np.random.default_rng(0).normal(size=X.shape)
    X = X.clip(X.quantile(0.01), X.quantile(0.99), axis=1)
    return Leak(case(Ridge(), X), "clipped_before_split", "input")


def thresholds_in_the_preparation() -> Leak:
    X, _ = drive()
    prepared = clip_at_three_deviations(X)
    arguments = case(Ridge(), prepared, raw=X, prepare=clip_at_three_deviations)
    return Leak(arguments, "test_statistics", "prepare > clip_at_three_deviations")


def selected_before() -> Leak:
    raw, (_, y) = with_strangers(), drive()
    prepare = Pipeline(
        [
            ("limits", sp.PhysicalLimits({"u_dc": (0.0, 500.0)})),
            ("select", SelectKBest(f_regression, k=5)),
        ]
    ).set_output(transform="pandas")
    arguments = case(Ridge(), prepare.fit_transform(raw, y), raw=raw, prepare=prepare)
    return Leak(arguments, "feature_selection", "prepare > select")


def selected_before_by_a_function() -> Leak:
    raw, (_, y) = with_strangers(), drive()

    def select(raw, y):
        return raw[raw.corrwith(y).abs().nlargest(5).index]

    arguments = case(Ridge(), select(raw, y), raw=raw, prepare=select)
    return Leak(arguments, "feature_selection", "prepare > select")


def selector_frozen() -> Leak:
    raw, (_, y) = with_strangers(), drive()
    frozen = FrozenEstimator(SelectKBest(f_regression, k=5).fit(raw, y))
    return Leak(
        case(sp.make_pipeline(frozen, Ridge()), raw), "feature_selection", "frozenestimator"
    )


def resampled_with_later_samples() -> Leak:
    model = sp.make_pipeline(FunctionTransformer(hold_block_mean), Ridge())
    return Leak(case(model), "lookahead", "functiontransformer")


def resampled_before() -> Leak:
    raw, y = raw_drive()
    X = mean_labelled_by_start(raw)
    arguments = {
        "estimator": Ridge(),
        "X": X,
        "y": y.reindex(X.index),
        "cv": 3,
        "raw": raw,
        "prepare": mean_labelled_by_start,
    }
    return Leak(arguments, "lookahead", "prepare > mean_labelled_by_start")


def decimated_before() -> Leak:
    raw, y = raw_drive()
    prepare = sp.Decimator(factor=5, causal=False)
    X = prepare.fit_transform(raw)
    arguments = {"estimator": Ridge(), "X": X, "y": y.reindex(X.index), "cv": 3}
    arguments |= {"raw": raw, "prepare": prepare}
    return Leak(arguments, "lookahead", "prepare > Decimator")


def smeared_before() -> Leak:
    X, _ = drive()
    arguments = case(Ridge(), smear(X), raw=X, prepare=smear)
    return Leak(arguments, "bleeding", "prepare > smear")


def cycle_number() -> Leak:
    X, _ = drive()
    X = X.assign(trip=X.groupby(level="cycle", sort=False).ngroup())
    return Leak(case(DecisionTreeRegressor(max_depth=4), X), "identifier", "input", "trip")


def row_counter() -> Leak:
    X, _ = drive()
    return Leak(case(Ridge(), X.assign(row=np.arange(len(X)))), "identifier", "input", "row")


PLANTED: dict[str, Callable[[], Leak]] = {
    build.__name__: build
    for build in (
        scaled_before,
        minmax_before,
        components_before,
        frozen_scaler,
        frozen_scaler_that_remembers,
        scaler_in_a_function,
        scaler_by_hand,
        frozen_model,
        symmetric_filter,
        symmetric_filter_that_says_so,
        symmetric_filter_in_a_branch,
        mean_of_the_whole_cycle,
        shuffled_rows,
        target_lag,
        target_ahead,
        target_in_another_unit,
        target_bent,
        target_looked_up_by_a_step,
        duplicated_cycle,
        overlapping_windows,
        index_lost,
        index_lost_before_a_duration,
        ewma_across_cycles,
        centred_by_the_batch,
        interpolation_from_the_future,
        interpolation_that_says_so,
        gaps_filled_from_the_next_value,
        global_thresholds,
        global_thresholds_in_a_function,
        clipped_before,
        thresholds_in_the_preparation,
        selected_before,
        selected_before_by_a_function,
        selector_frozen,
        resampled_with_later_samples,
        resampled_before,
        decimated_before,
        smeared_before,
        cycle_number,
        row_counter,
    )
}


def clean_cases() -> dict[str, Callable[[], dict[str, Any]]]:
    """Pipelines that hold what they promise, by kind."""
    return {
        "a model alone": lambda: case(Ridge()),
        "limits, filter, features, scaler": lambda: case(
            sp.make_pipeline(
                sp.PhysicalLimits({"i_d": (-400.0, 400.0), "i_q": (-400.0, 400.0)}, action="hold"),
                sp.HampelFilter(window_length=11, action="hold"),
                sp.ExponentialFeatures(spans=["10s", "1min"]),
                sp.Scaler(),
                Ridge(),
            )
        ),
        "scikit-learn's scaler and a forest": lambda: case(
            sklearn_make_pipeline(StandardScaler(), RandomForestRegressor(10, random_state=0))
        ),
        "columns apart": lambda: case(
            sp.make_pipeline(
                ColumnTransformer(
                    [
                        ("rank", QuantileTransformer(n_quantiles=50), ["i_d", "i_q"]),
                        (
                            "bins",
                            KBinsDiscretizer(5, encode="ordinal", strategy="uniform"),
                            ["omega_m"],
                        ),
                        ("robust", RobustScaler(), ["T_coolant", "T_ambient"]),
                    ]
                ),
                HistGradientBoostingRegressor(max_iter=5, random_state=0),
            )
        ),
        "pandas by cycle": lambda: case(
            sp.make_pipeline(FunctionTransformer(causal_mean), Lasso(alpha=0.1))
        ),
        "lags of inputs by cycle": lambda: case(
            sp.make_pipeline(FunctionTransformer(lag_by_cycle), StandardScaler(), Ridge())
        ),
        "components and neighbours": lambda: case(
            sp.make_pipeline(StandardScaler(), PCA(4), KNeighborsRegressor(5)), cv=GroupKFold(5)
        ),
        "a slower task": lambda: case(
            sp.AtRate(sp.make_pipeline(sp.ExponentialFeatures(spans=["20s"]), Ridge()), factor=5)
        ),
        "outliers left out of fit": lambda: case(
            sp.FitOnInliers(sp.make_pipeline(StandardScaler(), Ridge()), sp.ZScoreFilter())
        ),
        "a search by cycle": lambda: case(
            GridSearchCV(
                sp.make_pipeline(sp.ZScoreFilter(action="clip"), sp.Scaler(), Ridge()),
                {"ridge__alpha": [0.1, 10.0]},
                cv=sp.CycleKFold(3),
            )
        ),
        "a transformed target": lambda: case(
            TransformedTargetRegressor(
                sp.make_pipeline(sp.Scaler(), Ridge()), transformer=StandardScaler()
            )
        ),
        "selection inside": lambda: case(
            sp.make_pipeline(
                FeatureUnion(
                    [("all", StandardScaler()), ("mean", FunctionTransformer(causal_mean))]
                ),
                SelectKBest(f_regression, k=6),
                PolynomialFeatures(2),
                Ridge(),
            ),
            with_strangers(),
        ),
        "gaps filled by training medians": lambda: case(
            sp.make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), Ridge()),
            drive()[0].mask(np.random.default_rng(0).random(drive()[0].shape) < 0.05),
        ),
        "a Kalman filter and a high-pass": lambda: case(
            sp.make_pipeline(
                sp.KalmanFilter(), sp.Detrender("highpass", cutoff=0.02), RobustScaler(), Ridge()
            )
        ),
        "a stack by cycle": lambda: case(
            StackingRegressor(
                [("ridge", Ridge()), ("tree", DecisionTreeRegressor(max_depth=4))],
                Ridge(),
                cv=sp.CycleKFold(3),
            )
        ),
        "a scaler frozen on other drives": lambda: case(
            sp.make_pipeline(
                FrozenEstimator(
                    sp.Scaler().fit(drive()[0].rename(index="other_{}".format, level="cycle"))
                ),
                Ridge(),
            )
        ),
        "leave one cycle out": lambda: case(
            sp.make_pipeline(sp.IQRFilter(action="clip"), Ridge()),
            cv=list(
                LeaveOneGroupOut().split(
                    drive()[0], groups=drive()[0].index.get_level_values("cycle")
                )
            ),
        ),
        "torque from currents": lambda: case(
            sp.make_pipeline(StandardScaler(), PolynomialFeatures(2), Ridge()),
            drive()[0].drop(columns="T_m"),
            y=drive()[0]["T_m"],
        ),
        "prepared by means that end with the sample": lambda: {
            "estimator": sp.make_pipeline(sp.Scaler(), Ridge()),
            "X": mean_labelled_by_end(raw_drive()[0]),
            "y": raw_drive()[1].reindex(mean_labelled_by_end(raw_drive()[0]).index),
            "cv": 3,
            "raw": raw_drive()[0],
            "prepare": mean_labelled_by_end,
        },
    }


CLEAN = clean_cases()
