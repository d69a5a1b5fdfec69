"""Every composite around a step: one line each, held against every fold."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import (
    BaseEstimator,
    MetaEstimatorMixin,
    RegressorMixin,
    TransformerMixin,
    clone,
)
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import (
    AdaBoostRegressor,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RANSACRegressor, Ridge
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor, RegressorChain
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.validation import check_is_fitted

import signalprep as sp

CV = sp.CycleKFold(2)
TREE = DecisionTreeRegressor(max_depth=3, random_state=0)  # its predictions do not round


class Composite(NamedTuple):
    """A composite, by what makes it around a step that it is to hold.

    Attributes
    ----------
    around : callable
        Gives the unfitted estimator that holds the step.
    opened : bool
        Whether it hands its rows on in a way that is known; else it is opaque.
    target : str
        "numbers", "labels" or "two" (targets).
    factor : int or Fraction
        Samples of the log a sample of the step.
    """

    around: Callable[[Any], Any]
    opened: bool = True
    target: str = "numbers"
    factor: int | Fraction = 1

    @property
    def parted(self) -> bool:
        """Whether a model stands at its end, behind steps or at a lower rate."""
        return isinstance(self.around(sp.Scaler()), (Pipeline, sp.AtRate))


class Strange(MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """A meta-estimator of somebody else, which keeps what it has fitted in a place of its own."""

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> Strange:
        self.kept_ = {"model": Box(clone(self.estimator).fit(X, y))}
        return self

    def predict(self, X: Any) -> Any:
        check_is_fitted(self)
        return self.kept_["model"].content.predict(X)


class StrangeStep(TransformerMixin, BaseEstimator):
    """A step of somebody else, which does the like with a step."""

    def __init__(self, step: Any = None) -> None:
        self.step = step

    def fit(self, X: Any, y: Any = None) -> StrangeStep:
        self.kept_ = {"step": Box(clone(self.step).fit(X, y))}
        return self

    def transform(self, X: Any) -> Any:
        check_is_fitted(self)
        return self.kept_["step"].content.transform(X)

    def set_output(self, *, transform: Any = None) -> StrangeStep:
        return self  # the output is that of the step


class Box:
    """An object that is no estimator and holds one."""

    def __init__(self, content: Any) -> None:
        self.content = content


class Hidden(Strange):
    """One that does not show what it has fitted."""

    def fit(self, X: Any, y: Any) -> Hidden:
        model = clone(self.estimator).fit(X, y)

        def predict(rows: Any) -> Any:
            return model.predict(rows)

        self.predict_ = predict
        return self

    def predict(self, X: Any) -> Any:
        return self.predict_(X)


def pipe(step: Any) -> Any:
    return sp.make_pipeline(step, TREE)


def classifier(step: Any) -> Any:
    return sp.make_pipeline(step, DecisionTreeClassifier(max_depth=3, random_state=0))


def columns(chosen: Any) -> Callable[[Any], Any]:
    return lambda step: sp.make_pipeline(ColumnTransformer([("part", step, chosen)]), TREE)


def frozen(step: Any) -> Any:
    return FrozenEstimator(pipe(step).fit(*data("numbers")))


COMPOSITES = {
    "Pipeline": Composite(pipe),
    "Pipeline in a Pipeline": Composite(
        lambda step: sp.make_pipeline("passthrough", sp.make_pipeline(step, sp.Scaler()), TREE)
    ),
    "FeatureUnion": Composite(
        lambda step: sp.make_pipeline(
            FeatureUnion(
                [("part", step), ("raw", "passthrough"), ("no", "drop")],
                transformer_weights={"part": 0.5},
            ),
            TREE,
        )
    ),
    "ColumnTransformer by names": Composite(columns(["c2", "c0"])),
    "ColumnTransformer by a slice": Composite(columns(slice("c0", "c1"))),
    "ColumnTransformer by a slice of positions": Composite(columns(slice(1, 3))),
    "ColumnTransformer by a mask": Composite(columns([True, False, True])),
    "ColumnTransformer by a function": Composite(columns(lambda X: ["c1"])),
    "ColumnTransformer by a selector": Composite(columns(make_column_selector("c[12]"))),
    "ColumnTransformer with a remainder": Composite(
        lambda step: sp.make_pipeline(
            ColumnTransformer([("not", "drop", ["c1"]), ("none", step, [])], remainder=step), TREE
        )
    ),
    "GridSearchCV": Composite(lambda step: GridSearchCV(pipe(step), {}, cv=CV)),
    "RandomizedSearchCV": Composite(
        lambda step: RandomizedSearchCV(
            pipe(step),
            {"decisiontreeregressor__max_depth": [2, 3]},
            n_iter=1,
            cv=CV,
            random_state=0,
        )
    ),
    "HalvingGridSearchCV": Composite(
        lambda step: HalvingGridSearchCV(
            pipe(step), {}, cv=CV, resource="decisiontreeregressor__max_depth", max_resources=3
        )
    ),
    "BayesianSearchCV": Composite(
        lambda step: sp.BayesianSearchCV(
            pipe(step), {"decisiontreeregressor__max_depth": [2, 3]}, n_trials=1, random_state=0
        )
    ),
    "TransformedTargetRegressor": Composite(
        lambda step: TransformedTargetRegressor(pipe(step), func=np.arctan, inverse_func=np.tan)
    ),
    "FrozenEstimator": Composite(frozen),
    "FrozenEstimator of a step": Composite(
        lambda step: sp.make_pipeline(FrozenEstimator(clone(step).fit(data("numbers")[0])), TREE)
    ),
    "TrainOnly": Composite(lambda step: pipe(sp.TrainOnly(step))),
    "ResidualFilter by a model": Composite(
        lambda step: pipe(sp.ResidualFilter(pipe(step), action="nan")), opened=False
    ),
    "AtRate": Composite(lambda step: sp.AtRate(pipe(step), factor=3), factor=3),
    "AtRate between rows": Composite(
        lambda step: sp.AtRate(pipe(step), rate=20 / 3), factor=Fraction(3, 2)
    ),
    "AtRate in AtRate": Composite(
        lambda step: sp.AtRate(sp.make_pipeline(sp.Scaler(), sp.AtRate(pipe(step), 2)), 3), factor=6
    ),
    "PerRegime": Composite(lambda step: sp.PerRegime(pipe(step), {"c1": 2}, min_cycles=1)),
    "FitOnInliers": Composite(lambda step: sp.FitOnInliers(pipe(step))),
    "ConformalBands": Composite(lambda step: sp.ConformalBands(pipe(step), coverage=0.5, cv=CV)),
    "all in one": Composite(
        lambda step: sp.ConformalBands(
            GridSearchCV(
                sp.AtRate(TransformedTargetRegressor(sp.FitOnInliers(pipe(step))), 2), {}, cv=CV
            ),
            coverage=0.5,
            cv=CV,
        ),
        factor=2,
    ),
    "CalibratedClassifierCV": Composite(
        lambda step: CalibratedClassifierCV(classifier(step), cv=2), opened=False, target="labels"
    ),
    "FixedThresholdClassifier": Composite(
        lambda step: FixedThresholdClassifier(classifier(step)), opened=False, target="labels"
    ),
    "OneVsRestClassifier": Composite(
        lambda step: OneVsRestClassifier(classifier(step)), opened=False, target="labels"
    ),
    "StackingClassifier": Composite(
        lambda step: StackingClassifier([("a", classifier(step))], LogisticRegression(), cv=2),
        opened=False,
        target="labels",
    ),
    "StackingRegressor": Composite(
        lambda step: StackingRegressor([("a", pipe(step)), ("b", "drop")], Ridge(), cv=CV),
        opened=False,
    ),
    "StackingRegressor at the end": Composite(
        lambda step: StackingRegressor([("a", Ridge())], pipe(step), cv=CV), opened=False
    ),
    "VotingRegressor": Composite(
        lambda step: VotingRegressor([("a", Ridge()), ("b", pipe(step))]), opened=False
    ),
    "BaggingRegressor": Composite(
        lambda step: BaggingRegressor(pipe(step), n_estimators=2, random_state=0), opened=False
    ),
    "AdaBoostRegressor": Composite(
        lambda step: AdaBoostRegressor(pipe(step), n_estimators=2, random_state=0), opened=False
    ),
    "RANSACRegressor": Composite(
        lambda step: RANSACRegressor(pipe(step), min_samples=0.9, random_state=0), opened=False
    ),
    "MultiOutputRegressor": Composite(
        lambda step: MultiOutputRegressor(pipe(step)), opened=False, target="two"
    ),
    "RegressorChain": Composite(
        lambda step: RegressorChain(pipe(step)), opened=False, target="two"
    ),
    "an unknown one": Composite(lambda step: Strange(pipe(step)), opened=False),
    "an unknown one around a step": Composite(lambda step: pipe(StrangeStep(step)), opened=False),
}


def data(target: str) -> tuple[pd.DataFrame, Any]:
    """A log of five cycles, and its target."""
    rng = np.random.default_rng(0)
    log = sp.as_log(
        pd.DataFrame(rng.normal(size=(360, 3)), columns=["c0", "c1", "c2"]),
        cycle=np.repeat(np.arange(5), 72),
        rate=10.0,
    )
    y = (log["c0"] + 0.5 * log["c1"]).clip(-1.4, 1.4).rename("T")
    if target == "labels":
        return log, y > 0
    return log, pd.concat([y, -y], axis=1, keys=["T", "U"]) if target == "two" else y


def fitted(name: str, step: Any) -> Any:
    """The composite around the step, fitted."""
    composite = COMPOSITES[name]
    return composite.around(clone(step)).fit(*data(composite.target))
