"""The steps of a fitted estimator as functions that can be tried one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import get_tags

from signalprep.compose import FitOnInliers
from signalprep.errors import InvalidLogError
from signalprep.flow import Reach, reach, walk

FITTED = ("best_estimator_", "regressor_")
"""Where scikit-learn's wrappers keep what they have fitted and hand every row to."""


class Stage(NamedTuple):
    """A fitted step: its name in the pipeline, itself, and what it does to rows."""

    name: str
    estimator: Any
    apply: Callable[[Any], Any]
    final: bool

    def words(self) -> str:
        """Name and class, for a sentence."""
        step = self.estimator
        if isinstance(step, FrozenEstimator):
            step = step.estimator
        function = getattr(step, "func", None)
        inner = getattr(function, "__name__", "") if function is not None else ""
        what = f"{type(step).__name__} of {inner}" if inner else type(step).__name__
        return f"step {self.name!r} ({what})"

    def opening(self) -> str:
        """The same at the start of a sentence."""
        return f"S{self.words()[1:]}"

    def claims(self) -> Reach | None:
        """What it says of its reach; None when it says nothing."""
        if not any(hasattr(part, "lookahead_") for part in _parts(self.estimator)):
            return None
        try:
            return reach(self.estimator)
        except NotFittedError:
            return None

    def allows_gaps(self) -> bool:
        """Whether it says that it takes missing values."""
        step = self.estimator
        return isinstance(step, BaseEstimator) and bool(get_tags(step).input_tags.allow_nan)


def stages_of(fitted: Any, prefix: str = "") -> Iterator[Stage]:
    """Give the steps in the order in which rows pass them; the last one predicts."""
    inner = _inside(fitted)
    if inner is not fitted:
        prefix = f"{prefix}{type(fitted).__name__.lower()} > "
        yield from stages_of(inner, prefix)
        return
    if not isinstance(fitted, Pipeline):
        name = prefix.removesuffix(" > ") or type(fitted).__name__.lower()
        yield Stage(name, fitted, _predicting(fitted), True)
        return
    for k, (name, step) in enumerate(fitted.steps):
        if step is None or isinstance(step, str):
            continue
        path = f"{prefix}{name}"
        if k == len(fitted.steps) - 1:
            composed = isinstance(step, Pipeline) or _inside(step) is not step
            yield from (
                stages_of(step, f"{path} > ")
                if composed
                else [Stage(path, step, _predicting(step), True)]
            )
        else:
            yield from _transforming(path, step)


def _predicting(estimator: Any) -> Callable[[Any], Any]:
    """What it predicts; classes by their place in ``classes_``, so that a change has a size."""
    if not hasattr(estimator, "classes_"):
        return estimator.predict
    return lambda data: pd.Index(estimator.classes_).get_indexer(estimator.predict(data))


def branches_of(stage: Stage, data: Any) -> Iterator[tuple[Stage, Any]]:
    """Give the parts that work side by side in a step, each with the input it gets."""
    step = stage.estimator
    if isinstance(step, FeatureUnion):
        for name, part in step.transformer_list:
            if not isinstance(part, str):
                yield Stage(f"{stage.name} > {name}", part, part.transform, False), data
    elif isinstance(step, ColumnTransformer):
        for name, part, columns in step.transformers_:
            if not isinstance(part, str):
                given = _columns(data, columns)
                yield Stage(f"{stage.name} > {name}", part, part.transform, False), given


def run(stages: list[Stage], data: Any) -> list[Any]:
    """What goes into each step but the first's own, and what comes out of the last."""
    passed = [data]
    for stage in stages:
        passed.append(dense(stage.apply(passed[-1]), len(data)))
    return passed


def dense(output: Any, n_rows: int) -> Any:
    """Output of a step as a frame or a 2-D array, its rows counted."""
    if hasattr(output, "toarray"):
        output = output.toarray()
    if isinstance(output, pd.Series):
        output = output.to_frame()
    if not isinstance(output, pd.DataFrame):
        output = np.asarray(output)
        output = output.reshape(len(output), -1)
    if len(output) != n_rows:
        raise InvalidLogError(
            f"every step must keep its rows; {n_rows} rows went in and {len(output)} came out"
        )
    return output


def names_of(stage: Stage, output: Any) -> list[str]:
    """Names of the columns that a step gives."""
    if isinstance(output, pd.DataFrame):
        return [str(name) for name in output.columns]
    if stage.final:
        return ["prediction"] * output.shape[1]
    names = getattr(stage.estimator, "get_feature_names_out", None)
    if names is not None:
        try:
            return [str(name) for name in names()]
        except (ValueError, AttributeError):  # scikit-learn's words for "not known"
            pass
    return [f"column {k}" for k in range(output.shape[1])]


def _transforming(path: str, step: Any) -> Iterator[Stage]:
    if isinstance(step, Pipeline):
        for name, inner in step.steps:
            if inner is not None and not isinstance(inner, str):
                yield from _transforming(f"{path} > {name}", inner)
    else:
        yield Stage(path, step, step.transform, False)


def _inside(fitted: Any) -> Any:
    """What a wrapper hands every row to; the estimator itself when it is none."""
    if isinstance(fitted, FitOnInliers):
        return fitted.estimator_
    if isinstance(fitted, FrozenEstimator) and isinstance(fitted.estimator, Pipeline):
        return fitted.estimator
    for name in FITTED:
        if hasattr(fitted, name):
            return getattr(fitted, name)
    return fitted


def _columns(data: Any, columns: Any) -> Any:
    if isinstance(data, pd.DataFrame):
        if isinstance(columns, str) or (len(columns) and isinstance(columns[0], str)):
            return data[[columns] if isinstance(columns, str) else list(columns)]
        return data.iloc[:, columns]
    return data[:, columns]


def _parts(estimator: Any) -> Iterator[Any]:
    yield estimator
    for _, part in walk(estimator):
        yield part
