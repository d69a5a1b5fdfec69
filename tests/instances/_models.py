"""Regimes, what wraps an estimator, searches and networks."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.preprocessing import MinMaxScaler

import signalprep as sp
from signalprep.embedded import QuantizedClassifier, QuantizedRegressor
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor

from ._instance import ORDER, TWICE, Instance

ARRAYS = ("arrays",)
NETWORK: dict[str, Any] = {"on": ARRAYS, "needs": "torch"}
ORDERED: dict[str, Any] = {"order_matters": ORDER}
# As few epochs as reach the score that scikit-learn asks for.
SMALL: dict[str, Any] = {"random_state": 0, "max_epochs": 12, "learning_rate": 0.05}
ALL_ROWS = sp.Recipe(early_stopping=False)
BATCHES = sp.Recipe(early_stopping=False, batch_size=32)
BY_POSITION: dict[str, Any] = {"on": ARRAYS, "left_out": ("frames", "names of inputs")}
SLOWER: dict[str, Any] = {
    "on": ARRAYS,
    "keeps_rows": False,
    "left_out": (*ORDER, TWICE, "check_regressors_train"),
}


def normalised(recipe: sp.Recipe) -> sp.Recipe:
    return clone(recipe).set_params(layer_norm=True)


MODELS = {
    sp.RegimeBinner: [
        Instance("default", sp.RegimeBinner(), on=("log", "arrays")),
        Instance("equal", sp.RegimeBinner({0: 4}), **BY_POSITION),
        Instance("k-means", sp.RegimeBinner({"x0": "k3"}, random_state=0), **BY_POSITION),
        Instance("tree", sp.RegimeBinner({0: "t3"}, random_state=0), **BY_POSITION),
        Instance("edges", sp.RegimeBinner({0: [-1.0, 0.0, 0.5]}), **BY_POSITION),
    ],
    sp.TrainOnly: [
        Instance("hampel", sp.TrainOnly(sp.HampelFilter(5))),
        Instance("default", sp.TrainOnly(), on=ARRAYS),
        Instance("of others", sp.TrainOnly(MinMaxScaler()), on=ARRAYS),
    ],
    sp.AtRate: [
        Instance("pipeline", sp.AtRate(sp.make_pipeline(sp.HampelFilter(5), Ridge()), factor=4)),
        Instance("bare", sp.AtRate(LinearRegression(), factor=3)),
        Instance("at 3 Hz", sp.AtRate(sp.make_pipeline(sp.HampelFilter(5), Ridge()), rate="3Hz")),
        Instance("default", sp.AtRate(), on=ARRAYS),
        Instance("same rate", sp.AtRate(sp.make_pipeline(Ridge()), factor=1), on=ARRAYS),
        Instance("by 10", sp.AtRate(factor=10), **SLOWER),
        Instance("by 4", sp.AtRate(Ridge(), factor=4), **SLOWER),
    ],
    sp.FitOnInliers: [
        Instance("pipeline", sp.FitOnInliers(sp.make_pipeline(sp.HampelFilter(5), Ridge()))),
        Instance("default", sp.FitOnInliers(), on=ARRAYS),
        Instance("classes", sp.FitOnInliers(LogisticRegression(), sp.IQRFilter()), on=ARRAYS),
    ],
    sp.PerRegime: [
        Instance(
            "pipeline",
            sp.PerRegime(
                sp.make_pipeline(sp.ExponentialFeatures([4]), Ridge()),
                {"x0": 3},
                softness=0.3,
                min_rows=9,
                min_cycles=1,
            ),
        ),
        Instance("bare", sp.PerRegime(Ridge(), {"x1": 2}, min_cycles=1)),
        Instance("default", sp.PerRegime(), on=ARRAYS, left_out=(TWICE,)),
        Instance(
            "soft",
            # one variable of regimes: with all ten of some checks a row would have 1024 neighbours
            sp.PerRegime(sp.make_pipeline(sp.Scaler(), Ridge()), {0: 3}, softness=0.5, min_rows=5),
            on=ARRAYS,
            left_out=(*BY_POSITION["left_out"], TWICE),
        ),
    ],
    sp.ConformalBands: [
        Instance(
            "pipeline",
            sp.ConformalBands(sp.make_pipeline(sp.HampelFilter(5), Ridge()), coverage=0.5),
        ),
        Instance("default", sp.ConformalBands(), on=ARRAYS),
        Instance(
            "regimes",
            sp.ConformalBands(Ridge(), sp.RegimeBinner(), coverage=0.8, min_cycles=1),
            on=ARRAYS,
        ),
    ],
    QuantizedRegressor: [
        Instance(
            "pipeline",
            QuantizedRegressor(sp.make_pipeline(sp.HampelFilter(5), sp.Scaler(), Ridge())),
        ),
        Instance("default", QuantizedRegressor(), on=("codes", "arrays")),
    ],
    QuantizedClassifier: [
        Instance(
            "default",
            QuantizedClassifier(),
            on=ARRAYS,
            # rows of no weight lie beyond the formats of the others, and that is warned of
            left_out=("check_classifiers_one_label_sample_weights",),
        )
    ],
    sp.CycleRidgeCV: [
        Instance("default", sp.CycleRidgeCV(), on=("log", "arrays"), left_out=(TWICE,)),
        Instance("few", sp.CycleRidgeCV([1.0, 100.0], n_splits=2), on=ARRAYS, left_out=(TWICE,)),
    ],
    sp.BayesianSearchCV: [
        Instance(
            "ridge",
            sp.BayesianSearchCV(Ridge(), {"alpha": [1.0]}, n_trials=2, cv=2, random_state=0),
            on=("log", "arrays"),
            left_out=("model file",),  # of a search one keeps the model
        ),
        Instance(
            "classes",
            sp.BayesianSearchCV(
                LogisticRegression(), {"C": [1.0]}, n_trials=1, cv=2, random_state=0
            ),
            on=ARRAYS,
        ),
    ],
    FeedForwardRegressor: [
        Instance("one layer", FeedForwardRegressor((16,), recipe=BATCHES, **SMALL), **NETWORK),
        Instance(
            "gelu",
            FeedForwardRegressor((8, 8), activation="gelu", recipe=normalised(BATCHES), **SMALL),
            **NETWORK,
        ),
    ],
    RecurrentRegressor: [
        Instance(
            "gru",
            RecurrentRegressor(hidden_size=4, sequence_length=16, recipe=ALL_ROWS, **SMALL),
            **NETWORK,
            **ORDERED,
        ),
        Instance(
            "lstm",
            RecurrentRegressor(
                "lstm", 4, 2, sequence_length=16, initial_state="zero", recipe=ALL_ROWS, **SMALL
            ),
            **NETWORK,
            **ORDERED,
        ),
        Instance(
            "rnn",
            RecurrentRegressor("rnn", 4, sequence_length=16, recipe=normalised(ALL_ROWS), **SMALL),
            **NETWORK,
            **ORDERED,
        ),
    ],
}
