"""PerRegime: a model for each operating regime, and one for all others."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from signalprep._base import Stored, check_rows
from signalprep.compose._inputs import as_binner, check_index_kept
from signalprep.compose._soft_cells import SoftCells
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import Chain, Handed, as_weights, reach, taken, tree, weight_params
from signalprep.log import check_same_index, is_log
from signalprep.metrics import require_regressor

__all__ = ["PerRegime"]


class PerRegime(Stored, MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """Fit a model for each cell of the operating map, and a fallback for everywhere else.

    Steps that work over time need every row: of a pipeline, the transformers are fitted and applied
    once, on all rows, and only the last step is fitted by regime. The regimes are read from the
    rows as they come, before any step, so edges are in the units of the log.

    Parameters
    ----------
    estimator : regressor or pipeline, default=None
        Cloned for each regime. None is ``Ridge()``. Its model must work row by row; what runs at
        another rate goes around: ``AtRate(PerRegime(...), factor)``.
    regimes : RegimeBinner, dict of bins or None, default=None
        The operating map; None bins every column by "q3". Cloned and fitted on the training rows.
    fallback : regressor, default=None
        Model for cells without one of their own, for rows beyond the map and for rows whose regime
        is missing; it sees the same features and is fitted on all rows. None is a clone of the
        model in `estimator`.
    softness : float, default=0.0
        Width of the blend across each border, as a share of the narrower interval beside it, in
        [0, 1]. Within it the two models' predictions are averaged with weights that change linearly
        from one to the other, so that the prediction does not jump. 0 switches at the border.
    min_rows : int, default=30
        A cell with fewer training rows has no model of its own.
    min_cycles : int, default=3
        Nor has one that fewer training cycles have visited. Not looked at for arrays.
    n_jobs : int, default=None
        Processes over the models.

    Attributes
    ----------
    binner_ : RegimeBinner
        The fitted operating map.
    steps_ : Pipeline or None
        The fitted steps before the model.
    fallback_ : estimator
        Fitted on all rows.
    models_ : dict of int to estimator
        The fitted models by the number of their cell, a row of `cells_`.
    cells_ : DataFrame
        One row a cell that training rows fell into, indexed by its number: the label of each
        regime variable, ``n`` (rows), ``n_cycles`` (NaN for arrays) and ``own``, whether it has a
        model of its own.
    lookahead_, memory_, delay_ : int
        Those of the steps.

    Raises
    ------
    InvalidParameterError
        A parameter out of its range, a classifier, a model that works over time, or weights of rows
        that are none or that a model does not take.
    InvalidLogError
        A step changes the number of rows, or `y` carries another index than `X`.
    LostIndexError
        Fitted on a log, but `predict` gets data without the (cycle, time) index.

    Notes
    -----
    A model is fitted on the rows of its cell and, with `softness`, on those of the soft border
    around it. Cost: the steps once, the models on their rows, and the fallback on all rows; in
    `predict` each model sees its rows only.

    Specialised models by region with smooth transitions are known as local model networks.

    References
    ----------
    R. Murray-Smith, T. A. Johansen (eds.), "Multiple Model Approaches to Modelling and Control",
    Taylor & Francis, 1997.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> speed = np.linspace(0.0, 10.0, 200)[:, np.newaxis]
    >>> torque = np.abs(speed[:, 0] - 5.0)
    >>> model = sp.PerRegime(regimes={0: [0, 5, 10]}).fit(speed, torque)
    >>> bool(model.score(speed, torque) > 0.99), len(model.models_)
    (True, 2)
    """

    def __init__(
        self,
        estimator: Any = None,
        regimes: Any = None,
        *,
        fallback: Any = None,
        softness: float = 0.0,
        min_rows: int = 30,
        min_cycles: int = 3,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.regimes = regimes
        self.fallback = fallback
        self.softness = softness
        self.min_rows = min_rows
        self.min_cycles = min_cycles
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> PerRegime:
        """Fit the steps, the operating map, and a model for each cell.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            A log, or rows.
        y : Series or array of shape (n_samples,) or (n_samples, n_targets)
            The target at each row.
        sample_weight : array of shape (n_samples,), default=None
            Weight of each row in the fits of the models, at least 0. Steps and map learn from all
            rows alike, and a cell whose rows weigh nothing has no model of its own.

        Returns
        -------
        self : PerRegime
        """
        self._check_parameters()
        check_rows(X)
        check_same_index(X, y)
        rows, target = validate_data(
            self, X, y, dtype=None, ensure_all_finite=False, multi_output=True, y_numeric=True
        )
        X = X if isinstance(X, pd.DataFrame) else rows
        weight = as_weights(sample_weight, X)
        for one in (self.estimator, self.fallback):  # refuses before anything is fitted
            weight_params(Ridge() if one is None else one, weight)
        self.fitted_on_log_ = is_log(X)
        features, model = self._fit_steps(X, target)
        self.binner_ = as_binner(self.regimes).fit(X, target if target.ndim == 1 else None)
        self._fit_models(model, features, target, X, weight)
        self.lookahead_, self.memory_, self.delay_ = reach(self)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict every row by the model of its regime.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            Signals as seen in fit.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        """
        check_is_fitted(self)
        check_index_kept(self, self.fitted_on_log_, X)
        rows = validate_data(self, X, reset=False, dtype=None, ensure_all_finite=False)
        X = X if isinstance(X, pd.DataFrame) else rows
        features = X if self.steps_ is None else self.steps_.transform(X)
        return self._blend(features, X)

    def regimes_of(self, X: Any) -> np.ndarray:
        """Number of the cell that each row falls into, as in `cells_`.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        cell : ndarray of int of shape (n_samples,)
        """
        check_is_fitted(self)
        codes, values = self._located(X)
        return next(SoftCells.of(self.binner_, 0.0).corners(codes, values))[0]

    def _blend(self, features: Any, X: Any) -> np.ndarray:
        """Predictions from the features of the rows, and from these, which tell the regime."""
        total: np.ndarray | None = None
        for cell, weight in SoftCells.of(self.binner_, self.softness).corners(*self._located(X)):
            has_own = np.isin(cell, list(self.models_))
            for number in [*np.unique(cell[has_own & (weight > 0)]).tolist(), None]:
                here = (cell == number) if number is not None else ~has_own
                chosen = np.flatnonzero(here & (weight > 0))
                if len(chosen) == 0:
                    continue
                model = self.fallback_ if number is None else self.models_[number]
                found = np.asarray(model.predict(taken(features, chosen)), dtype=np.float64)
                if total is None:
                    total = np.zeros((len(cell), *found.shape[1:]))
                share = weight[chosen]
                total[chosen] += found * (share if found.ndim == 1 else share[:, np.newaxis])
        if total is None:
            raise InvalidLogError("X must hold rows; got none")
        return total

    def _check_parameters(self) -> None:
        softness = self.softness
        if not isinstance(softness, numbers.Real) or not 0.0 <= softness <= 1.0:
            raise InvalidParameterError(f"softness must be in [0, 1]; got {softness!r}")
        for name in ("min_rows", "min_cycles"):
            value = getattr(self, name)
            whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
            if not whole or value < 1:
                raise InvalidParameterError(f"{name} must be an int of at least 1; got {value!r}")
        require_regressor(self.estimator)
        require_regressor(self.fallback, "fallback")

    def _fit_steps(self, X: Any, y: np.ndarray) -> tuple[Any, Any]:
        """Features of the training rows, and the model to clone."""
        model = Ridge() if self.estimator is None else self.estimator
        node, head = tree(model), None
        if isinstance(node, Chain) and node.steps:
            head, model = node.head, node.steps[-1][1].estimator
        self.steps_: Pipeline | None = None if head is None else clone(head)
        if self.steps_ is None:
            return X, model
        features = self.steps_.fit_transform(X, y)
        if features.shape[0] != X.shape[0]:
            raise InvalidLogError(
                f"the steps must keep rows ({X.shape[0]}); got {features.shape[0]}"
            )
        return features, model

    def _fit_models(
        self, model: Any, features: Any, y: np.ndarray, X: Any, weight: np.ndarray | None
    ) -> None:
        fallback = clone(model if self.fallback is None else self.fallback)
        self.fallback_ = fallback.fit(features, y, **weight_params(fallback, weight))
        if any(reach(self.fallback_)):
            raise InvalidParameterError(
                f"{type(self.fallback_).__name__} works over time and would see gaps where a "
                "regime is left. Put such steps before the model, in a pipeline"
            )
        codes, values = self._located(X)
        self.cells_ = self._count(codes, X, weight)
        belongs: dict[int, list[np.ndarray]] = {
            int(number): [] for number in self.cells_.index[self.cells_["own"]]
        }
        for cell, share in SoftCells.of(self.binner_, self.softness).corners(codes, values):
            for number, rows in belongs.items():
                rows.append(np.flatnonzero((cell == number) & (share > 0)))
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit_on)(clone(model), features, y, np.sort(np.concatenate(rows)), weight)
            for rows in belongs.values()
        )
        self.models_ = dict(zip(belongs, fitted, strict=True))

    def _located(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """Interval and value of each regime variable, (n_rows, n_columns) both."""
        binner = self.binner_
        names = list(binner.edges_)
        labels = binner.transform(X)
        if not isinstance(labels, pd.DataFrame):
            inputs = np.asarray(X, dtype=np.float64)
            columns = [f"x{k}" for k in range(inputs.shape[1])]
            return labels, inputs[:, [columns.index(name) for name in names]]
        codes = np.stack([labels[name].cat.codes.to_numpy() for name in names], axis=1)
        by_name = {str(label): k for k, label in enumerate(X.columns)}
        positions = [by_name[name] if name in by_name else int(name[1:]) for name in names]
        return codes.astype(np.int64), X.iloc[:, positions].to_numpy(dtype=np.float64)

    def _count(self, codes: np.ndarray, X: Any, weight: np.ndarray | None) -> pd.DataFrame:
        """The cells of the training rows, with their evidence."""
        shape = SoftCells.of(self.binner_, 0.0).shape
        cell = np.ravel_multi_index(tuple(codes.T), shape)
        numbers_, first, place, n = np.unique(
            cell, return_index=True, return_inverse=True, return_counts=True
        )
        table = pd.DataFrame(index=pd.Index(numbers_, name="cell"))
        inside = np.ones(len(numbers_), dtype=bool)
        for k, (name, labels) in enumerate(self.binner_.categories_.items()):
            code = codes[first, k]
            table[name] = [labels[one] for one in code]
            inside &= (code > 0) & (code < shape[k] - 2)
        table["n"] = n
        table["n_cycles"] = np.nan
        own = inside & (n >= self.min_rows)
        if is_log(X):
            pairs = pd.DataFrame({"cell": cell, "cycle": X.index.codes[0]}).drop_duplicates()
            table["n_cycles"] = pairs.groupby("cell").size()
            own &= table["n_cycles"].to_numpy() >= self.min_cycles
        if weight is not None:
            own &= np.bincount(place, weight) > 0.0
        table["own"] = own
        return table

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(Ridge() if self.estimator is None else self.estimator)
        tags.target_tags = inner.target_tags
        tags.target_tags.required = True
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        return tags


@tree.register
def _(estimator: PerRegime) -> Handed:
    if not hasattr(estimator, "models_"):
        given = Ridge() if estimator.estimator is None else estimator.estimator
        return Handed(estimator, "estimator", tree(given), False)

    def after(features: Any, rows: Any) -> np.ndarray:
        return estimator._blend(_named(features, estimator.fallback_), _named(rows, estimator))

    steps = tree(estimator.steps_)
    return Handed(estimator, "estimator", steps, True, prepares=True, after=after)


def _named(rows: Any, seen_by: Any) -> Any:
    """Rows with the names that an estimator was fitted on, where they come without."""
    names = getattr(seen_by, "feature_names_in_", None)
    if names is None or isinstance(rows, pd.DataFrame):
        return rows
    return pd.DataFrame(rows, columns=names, copy=False)


def _fit_on(
    model: Any, features: Any, y: np.ndarray, rows: np.ndarray, weight: np.ndarray | None
) -> Any:
    return model.fit(taken(features, rows), y[rows], **weight_params(model, taken(weight, rows)))
