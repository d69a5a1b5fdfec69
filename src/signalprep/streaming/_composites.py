"""Stages of estimators that hold steps: pipelines, unions, column transformers, searches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

from signalprep.compose import ConformalBands, FitOnInliers, PerRegime
from signalprep.errors import InvalidParameterError
from signalprep.preprocessing import TrainOnly
from signalprep.streaming._stage import Place, Stage, channel_names, open_stage

NOTHING = ("passthrough", None)


class ChainStage:
    """Stages one after the other."""

    def __init__(self, stages: list[Stage]) -> None:
        self._stages = stages
        self.predicts = bool(stages) and stages[-1].predicts

    def push(self, x: np.ndarray) -> np.ndarray:
        for stage in self._stages:
            x = stage.push(x)
        return x

    def reset(self) -> None:
        for stage in self._stages:
            stage.reset()

    def remember(self) -> list[Any]:
        return [stage.remember() for stage in self._stages]

    def recall(self, memory: list[Any]) -> None:
        for stage, part in zip(self._stages, memory, strict=True):
            stage.recall(part)


class BranchesStage:
    """Stages side by side, each on some channels and with a weight; outputs below each other."""

    predicts = False

    def __init__(self, branches: list[tuple[Stage, np.ndarray | None, float | None]]) -> None:
        self._branches = branches

    def push(self, x: np.ndarray) -> np.ndarray:
        found = []
        for stage, channels, weight in self._branches:
            out = stage.push(x if channels is None else x[channels])
            found.append(out if weight is None else out * weight)
        return np.concatenate(found) if found else np.empty((0, x.shape[1]))

    def reset(self) -> None:
        for stage, _, _ in self._branches:
            stage.reset()

    def remember(self) -> list[Any]:
        return [stage.remember() for stage, _, _ in self._branches]

    def recall(self, memory: list[Any]) -> None:
        for (stage, _, _), part in zip(self._branches, memory, strict=True):
            stage.recall(part)


class PerRegimeStage:
    """Steps that remember, and the models of the regimes behind them, which work row by row.

    Parameters
    ----------
    estimator : PerRegime
        Fitted.
    steps : Stage
        Of its steps.
    """

    predicts = True

    def __init__(self, estimator: PerRegime, steps: Stage) -> None:
        self._estimator = estimator
        self._steps = steps
        self._inputs = getattr(estimator, "feature_names_in_", None)
        self._features = getattr(estimator.fallback_, "feature_names_in_", None)

    def push(self, x: np.ndarray) -> np.ndarray:
        features = _rows(self._steps.push(x), self._features)
        return self._estimator._blend(features, _rows(x, self._inputs))

    def reset(self) -> None:
        self._steps.reset()

    def remember(self) -> Any:
        return self._steps.remember()

    def recall(self, memory: Any) -> None:
        self._steps.recall(memory)


def _rows(x: np.ndarray, names: Any) -> Any:
    return x.T if names is None else pd.DataFrame(x.T, columns=names, copy=False)


@open_stage.register
def _(estimator: PerRegime, place: Place) -> Stage:
    check_is_fitted(estimator)
    inside = place.within("steps")
    steps = ChainStage([]) if estimator.steps_ is None else open_stage(estimator.steps_, inside)
    return PerRegimeStage(estimator, steps)


@open_stage.register
def _(estimator: ConformalBands, place: Place) -> Stage:
    check_is_fitted(estimator)
    return open_stage(estimator.estimator_, place)


@open_stage.register
def _(estimator: Pipeline, place: Place) -> Stage:
    steps = [(name, step) for name, step in estimator.steps if step not in NOTHING]
    last = len(steps) - 1
    return ChainStage(
        [open_stage(step, place.within(name, k == last)) for k, (name, step) in enumerate(steps)]
    )


@open_stage.register
def _(estimator: TrainOnly, place: Place) -> Stage:
    check_is_fitted(estimator)
    return open_stage(estimator.transformer_, Place(place.path, last=False))


@open_stage.register
def _(estimator: FitOnInliers, place: Place) -> Stage:
    check_is_fitted(estimator)
    return open_stage(estimator.estimator_, place)


@open_stage.register(GridSearchCV)
@open_stage.register(RandomizedSearchCV)
def _(estimator: Any, place: Place) -> Stage:
    check_is_fitted(estimator)
    return open_stage(estimator.best_estimator_, place)


@open_stage.register
def _(estimator: FeatureUnion, place: Place) -> Stage:
    check_is_fitted(estimator)
    weights = estimator.transformer_weights or {}
    return BranchesStage(
        [
            (_branch(step, place.within(name)), None, weights.get(name))
            for name, step in estimator.transformer_list
            if step != "drop"
        ]
    )


@open_stage.register
def _(estimator: ColumnTransformer, place: Place) -> Stage:
    check_is_fitted(estimator)
    weights = estimator.transformer_weights or {}
    position = pd.Series(np.arange(estimator.n_features_in_), index=channel_names(estimator))
    branches: list[tuple[Stage, np.ndarray | None, float | None]] = []
    for name, step, columns in estimator.transformers_:
        inside = place.within(name)
        channels = _positions(columns, position, inside)
        if len(channels) > 0 and not (isinstance(step, str) and step == "drop"):
            branches.append((_branch(step, inside), channels, weights.get(name)))
    return BranchesStage(branches)


def _branch(step: Any, place: Place) -> Stage:
    if isinstance(step, str):
        return ChainStage([])
    return open_stage(step, place)


def _positions(columns: Any, position: pd.Series, place: Place) -> np.ndarray:
    """Positions of the channels that a column transformer picks, by its rules."""
    if isinstance(columns, slice):
        by_name = isinstance(columns.start, str) or isinstance(columns.stop, str)
        return (position.loc[columns] if by_name else position.iloc[columns]).to_numpy()
    if np.isscalar(columns) or not isinstance(columns, Iterable):
        raise InvalidParameterError(
            f"step {place.path!r} cannot be streamed: its channels must be a list; got {columns!r}"
        )
    chosen = np.asarray(columns)
    if chosen.dtype == bool:
        return np.flatnonzero(chosen)
    if chosen.dtype.kind in "iu":
        return position.to_numpy()[chosen]
    return position.loc[list(columns)].to_numpy()
