"""compression_sweep: errors by regime against costs, for a grid of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import ParameterGrid

from signalprep._progress import track
from signalprep.compose import as_binner
from signalprep.embedded.compress._sweep_result import CompressionSweep
from signalprep.embedded.lowering import IntegerModel
from signalprep.embedded.quantize import Quantized
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import check_same_index, is_log
from signalprep.metrics import TaskName, overall_metrics, regime_metrics, task_of
from signalprep.model_selection import (
    Folds,
    as_splitter,
    check_fold_borders,
    check_groups_whole,
    groups_for,
    split,
)

__all__ = ["compression_sweep"]

_METRICS = ("rmse", "mae", "p95")
_INNER = "estimator"


class _Found(NamedTuple):
    """What a point of the grid gave on held-out rows."""

    prediction: np.ndarray
    saturated: np.ndarray
    costs: list[int]


def compression_sweep(
    estimator: Any,
    param_grid: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Sequence[Any]]],
    X: pd.DataFrame,
    y: Any,
    *,
    regimes: Any = None,
    cv: Any = 5,
    groups: Any = None,
    metric: str = "rmse",
    min_cycles: int = 3,
    n_bootstrap: int = 1000,
    random_state: Any = 0,
    progress: bool | None = None,
) -> CompressionSweep:
    """Hold errors on unseen cycles, overall and in the worst cell, against costs on a controller.

    Points that differ in no parameter of the float model share its fit in each fold.

    Parameters
    ----------
    estimator : QuantizedRegressor or QuantizedClassifier
        Or any estimator that holds an IntegerModel as ``integer_`` once it is fitted.
    param_grid : dict {name: values} or list of such
        As for ``GridSearchCV``: ``{"weight_bits": [2, 4, 8], "activation_bits": [8, 16]}``.
    X : DataFrame
        A log, indexed by (cycle, time).
    y : Series or array of shape (n_samples,)
    regimes : RegimeBinner or dict of bins, default=None
        The operating map, laid out on all rows. None: no cells.
    cv : int, splitter or iterable, default=5
        Folds of whole cycles.
    groups : dict, Series or callable, default=None
        What belongs together, as for ``validate``.
    metric : {"rmse", "mae", "p95"}, default="rmse"
        Of a regressor. Of a classifier it is the share of rows that are wrong.
    min_cycles : int, default=3
        A cell seen by fewer cycles has no evidence, and is not the worst.
    n_bootstrap : int, default=1000
        Resamples of the intervals.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the resampling.
    progress : bool, default=None
        Whether to show a bar. None shows it on a terminal or in a notebook.

    Returns
    -------
    sweep : CompressionSweep

    Raises
    ------
    InvalidLogError
        X is no log, or y carries another index.
    InvalidParameterError
        The grid is empty or names what is no parameter, the metric is unknown, or the estimator
        holds no integer model.
    LeakError
        Folds that test rows of a cycle, or cycles of a group, that they train on.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> from sklearn.neural_network import MLPRegressor
    >>> from signalprep.embedded import QuantizedRegressor, compression_sweep
    >>> x = np.random.default_rng(0).normal(size=(600, 2))
    >>> log = sp.as_log(x, cycle=np.repeat(np.arange(6), 100), rate=1.0)
    >>> network = MLPRegressor(hidden_layer_sizes=(8,), max_iter=300, tol=1e-2, random_state=0)
    >>> model = QuantizedRegressor(network)
    >>> sweep = compression_sweep(model, {"weight_bits": [2, 8]}, log, x[:, 0] + x[:, 1], cv=3)
    >>> bool(sweep.table["error"][1] < sweep.table["error"][0])
    True
    """
    if not is_log(X):
        raise InvalidLogError("X must be a log, indexed by (cycle, time): see as_log")
    check_same_index(X, y)
    if np.shape(y) != (len(X),):
        raise InvalidParameterError(
            f"y must be one target, a value for each of the {len(X)} rows; got shape "
            f"{np.shape(y)}: sweep targets one at a time"
        )
    points = _points(estimator, param_grid)
    wrong = task_of(estimator, y) is TaskName.CLASSIFICATION
    if metric not in _METRICS:
        raise InvalidParameterError(f"metric must be one of {_METRICS}; got {metric!r}")
    target = pd.Series(np.asarray(y), index=X.index, name=getattr(y, "name", None) or "target")
    known = groups_for(groups, cv, X)
    folds = split(as_splitter(cv), X, target, known, once=False)
    check_fold_borders(X, folds, "")
    check_groups_whole(X, folds, known, "")
    labels = None if regimes is None else as_binner(regimes).fit(X, target).transform(X)
    fits = _Fits(X, target, folds)
    found = [fits.of(point) for point in track(points, len(points), "points", progress)]
    tested = np.concatenate([test for _, test in folds])
    options = {
        "groups": groups, "min_cycles": min_cycles, "n_bootstrap": n_bootstrap,
        "random_state": random_state,
    }  # fmt: skip
    column = "mae" if wrong else metric

    def judged(prediction: np.ndarray) -> dict[str, Any]:
        return _judged(target.iloc[tested], prediction, labels, tested, column, wrong, options)

    names = list(dict.fromkeys(name for point in points for name in point.given))
    rows = [
        {name: point.given.get(name) for name in names}
        | judged(one.prediction)
        | {"saturated": float(one.saturated.mean())}
        | dict(zip(("instructions", "flash", "ram"), one.costs, strict=True))
        for point, one in zip(points, found, strict=True)
    ]
    plain = fits.of_float(points[0])
    reference = None if plain is None else pd.Series(judged(plain))
    shown = "error rate" if wrong else metric
    return CompressionSweep(pd.DataFrame(rows), reference, names, shown, str(target.name))


class _Point(NamedTuple):
    """A point of the grid: what was given, and the estimator."""

    given: dict[str, Any]
    estimator: Any

    @property
    def key(self) -> str:
        """What its float model depends on."""
        only_bits = isinstance(self.estimator, Quantized)
        own = {k: one for k, one in self.given.items() if not only_bits or k.startswith(_INNER)}
        return str(joblib.hash(own))  # a repr leaves out the middle of what is long


def _points(estimator: Any, param_grid: Any) -> list[_Point]:
    try:
        grid = list(ParameterGrid(param_grid))
    except (TypeError, ValueError) as error:
        raise InvalidParameterError(f"param_grid must be a dict of lists: {error}") from None
    if not grid:
        raise InvalidParameterError(
            "param_grid must hold a point, such as {'weight_bits': [4, 8]}; got none"
        )
    for given in grid:
        for name in given:
            if name not in estimator.get_params():
                raise InvalidParameterError(
                    f"param_grid names {name!r}, no parameter of {type(estimator).__name__}"
                )
    return [_Point(given, clone(estimator).set_params(**given)) for given in grid]


class _Fits:
    """Fits of points in the folds; float models that are the same are fitted once."""

    def __init__(self, X: pd.DataFrame, y: pd.Series, folds: Folds) -> None:
        self._X, self._y, self._folds = X, y, folds
        self._floats: dict[str, list[Any]] = {}

    def of(self, point: _Point) -> _Found:
        """What a point predicts of held-out rows, what is cut off there, and its costs."""
        parts = [*self._of_folds(point)]
        return _Found(
            np.concatenate([part.prediction for part in parts]),
            np.concatenate([part.saturated for part in parts]),
            np.array([part.costs for part in parts]).max(axis=0).tolist(),
        )

    def _of_folds(self, point: _Point) -> Iterator[_Found]:
        known = self._floats.setdefault(point.key, [])
        for k, (train, test) in enumerate(self._folds):
            fitted = clone(point.estimator)
            if k < len(known):
                fitted.set_params(**{_INNER: FrozenEstimator(known[k])})
            fitted.fit(self._X.iloc[train], self._y.iloc[train])
            if k == len(known) and isinstance(fitted, Quantized):
                known.append(fitted.estimator_)
            integer, rows = _integer_of(fitted), self._X.iloc[test]
            cut = np.asarray(integer.saturations(rows).to_numpy().any(axis=1))
            cost = integer.cost_.loc["all"]
            costs = [cost["instructions"], cost["code"] + cost["tables"], cost["state"]]
            yield _Found(fitted.predict(rows), cut, [int(np.ceil(one)) for one in costs])

    def of_float(self, point: _Point) -> np.ndarray | None:
        """What the float model of a point predicts of held-out rows."""
        known = self._floats[point.key]
        if not known:
            return None
        models = zip(known, self._folds, strict=True)
        return np.concatenate([model.predict(self._X.iloc[test]) for model, (_, test) in models])


def _integer_of(fitted: Any) -> IntegerModel:
    found = getattr(fitted, "integer_", None)
    if not isinstance(found, IntegerModel):
        raise InvalidParameterError(
            "estimator must hold an IntegerModel as integer_ once it is fitted, as "
            f"QuantizedRegressor does; got {type(fitted).__name__}"
        )
    return found


def _judged(
    truth: pd.Series,
    prediction: np.ndarray,
    labels: Any,
    tested: np.ndarray,
    metric: str,
    wrong: bool,
    options: dict[str, Any],
) -> dict[str, Any]:
    """Errors overall and in the worst cell."""
    true, found = truth, prediction
    if wrong:
        found = (truth.to_numpy() != prediction).astype(float)
        true = pd.Series(np.zeros(len(truth)), index=truth.index)
    overall = overall_metrics(true, found, **options)
    judged = {
        "error": float(overall[metric]),
        "error_low": float(overall[f"{metric}_low"]),
        "error_high": float(overall[f"{metric}_high"]),
        "worst": np.nan,
        "cell": "",
    }
    if labels is not None:
        cells = regime_metrics(true, found, labels.iloc[tested], **options | {"n_bootstrap": 0})
        told = cells[cells["evidence"]]
        if len(told):
            worst = told[metric].idxmax()
            label = worst if isinstance(worst, tuple) else (worst,)
            names = [str(name) for name in cells.index.names]
            judged["worst"] = float(told[metric].max())
            judged["cell"] = ", ".join(
                f"{name} {one}" for name, one in zip(names, label, strict=True)
            )
    return judged
