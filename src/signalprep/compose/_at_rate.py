"""AtRate: an estimator that runs at a lower rate than its log."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.utils import get_tags
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from signalprep._base import Stored, check_rows
from signalprep.compose._inputs import check_index_kept
from signalprep.errors import InvalidParameterError
from signalprep.flow import (
    Slow,
    as_weights,
    handed,
    reach,
    summed_to,
    target_at,
    tree,
    weight_params,
)
from signalprep.log import check_same_index
from signalprep.metrics import require_regressor
from signalprep.preprocessing import Decimator


class AtRate(Stored, MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """Fit and predict at a lower rate, answer at the log's own.

    In fit the log is low-pass filtered and decimated (:class:`Decimator`), the target is taken at
    the kept rows, and the estimator is fitted on that. In predict the estimator runs on the
    decimated log and each of its predictions holds until the next one, segment by segment, as a
    slower task on a controller does. So there is one prediction a row, and scikit-learn's scorers
    and splitters work as ever. `score_native` scores at the rows only at which the slow task runs.

    Parameters
    ----------
    estimator : estimator, default=None
        Any regressor or pipeline; it sees a log at the lower rate. None is ``Ridge()``.
    factor : int, default=1
        One row of `factor` is kept. 1 keeps the rate of the log: no other rate can be guessed.
    rate : float or str, default=None
        Instead of `factor`: the rate at which the estimator runs, in Hz or with its unit ("1Hz"),
        as in :class:`Decimator`. Where it does not divide that of the log, the estimator runs
        between two rows of the log: its prediction holds from the later one on, and that is the row
        of which it is given the target in fit.
    causal : bool, default=True
        Whether the anti-alias filter looks only back (and delays by ``delay_`` samples) or is
        zero-phase (and looks ahead).
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        What the anti-alias filter does with NaN.
    n_jobs : int or None, default=None
        Threads of the anti-alias filter.

    Attributes
    ----------
    estimator_ : estimator
        The fitted clone.
    decimator_ : Decimator
        The fitted anti-alias filter.
    lookahead_, memory_, delay_ : int
        Of filter, estimator and hold together, in samples of the log, rounded up. The hold adds
        all samples to the memory, but one, that come from one run of the estimator to the next:
        ``factor - 1``.

    Raises
    ------
    InvalidParameterError
        `factor` is no integer of at least 1, or given beside `rate`; `rate` is above that of
        the log, or no simple quotient of it; the estimator is a classifier; weights of rows are
        none or cannot reach the model.
    InvalidLogError
        `y` carries another index than `X`.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> rng = np.random.default_rng(0)
    >>> log = sp.as_log(rng.normal(size=(400, 2)), rate=100.0)
    >>> model = sp.AtRate(factor=4).fit(log, log["x0"])
    >>> np.unique(np.diff(model.predict(log)).nonzero()[0] % 4)
    array([3])
    """

    combines_rows: ClassVar[bool] = True

    estimator_: Any
    decimator_: Decimator

    def __init__(
        self,
        estimator: Any = None,
        factor: int = 1,
        *,
        rate: float | str | None = None,
        causal: bool = True,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.factor = factor
        self.rate = rate
        self.causal = causal
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> AtRate:
        """Fit the estimator on the decimated log.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log; an array is one recording.
        y : Series or array of shape (n_samples,) or (n_samples, n_targets)
            The target at each row.
        sample_weight : array of shape (n_samples,), default=None
            Weight of each row, at least 0. A row that the estimator sees weighs as much as all rows
            that it stands for: those up to the next one.
        **fit_params : dict
            Passed to the estimator's fit as they are.

        Returns
        -------
        self : AtRate
        """
        weight = as_weights(sample_weight, X)

        def fit(inner: Any, slow: Any, slow_y: Any, kept: np.ndarray) -> Any:
            weights = weight_params(inner, summed_to(kept, weight))
            return inner.fit(slow, slow_y, **fit_params, **weights)

        return self._fit_by(X, y, fit)

    def _fit_by(self, X: Any, y: Any, fit: Callable[..., Any]) -> AtRate:
        """Fit the decimator, and by ``fit(inner, X, y, kept)`` the estimator behind it."""
        if not isinstance(self.factor, numbers.Integral) or self.factor < 1:
            raise InvalidParameterError(f"factor must be an int of at least 1; got {self.factor!r}")
        inner = Ridge() if self.estimator is None else clone(self.estimator)
        require_regressor(inner)
        check_rows(X)
        check_same_index(X, y)
        _, target = validate_data(
            self, X, y, dtype=None, ensure_all_finite=False, multi_output=True, y_numeric=True
        )
        self.decimator_ = self._decimator().fit(X)
        slow, slow_y = self.decimate(X, y if isinstance(y, (pd.Series, pd.DataFrame)) else target)
        self.estimator_ = fit(inner, slow, slow_y, self.decimator_.kept_rows(X))
        self.lookahead_, self.memory_, self.delay_ = reach(self)
        return self

    def _decimator(self) -> Decimator:
        settings = {
            name: getattr(self, name) for name in ("rate", "causal", "nan_policy", "n_jobs")
        }
        return Decimator(self.factor, **settings)

    def decimate(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Give the log and the target at the lower rate, as the estimator is fitted on them.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log with the channels seen in fit.
        y : Series, DataFrame or array of shape (n_samples,) or (n_samples, n_targets)
            The target at each row.

        Returns
        -------
        X : DataFrame or array of shape (n_runs, n_channels)
            The log behind the low-pass filter, at the rows that `native_rows` names.
        y : Series, DataFrame or array of shape (n_runs,) or (n_runs, n_targets)
            The target at these rows.
        """
        check_is_fitted(self, "decimator_")
        slow = self.decimator_.transform(X)
        return slow, target_at(self.decimator_.kept_rows(X), y, X, slow)

    def predict(self, X: Any) -> np.ndarray:
        """Predict every row: each prediction of the slow estimator holds until the next.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log with the channels seen in fit.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        """
        check_is_fitted(self)
        check_index_kept(self, self.decimator_.fitted_on_log_, X)
        rows = validate_data(self, X, reset=False, dtype=None, ensure_all_finite=False)
        kept = self.decimator_.kept_rows(X)
        slow = np.asarray(self.estimator_.predict(self.decimator_.transform(X)))
        return np.repeat(slow, np.diff(np.append(kept, len(rows))), axis=0)

    def native_rows(self, X: Any) -> np.ndarray:
        """Positions of the rows at which the slow task runs: where a prediction is new.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log with the channels seen in fit.

        Returns
        -------
        rows : ndarray of int64 of shape (n_runs,)
            The first row of each segment and every `factor`-th after it, or the first that is not
            before each run at `rate`.
        """
        check_is_fitted(self)
        return self.decimator_.kept_rows(X)

    def score_native(self, X: Any, y: Any, *, sample_weight: Any = None) -> float:
        """R2 of the predictions at the rows at which the slow task runs.

        `score` counts every row, so it also counts how far the target moves while a prediction
        holds. This leaves that out: it tells how good the slow model itself is.
        ``scoring=AtRate.score_native`` asks scikit-learn's cross-validation for it.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log with the channels seen in fit.
        y : Series or array of shape (n_samples,) or (n_samples, n_targets)
            The target at each row.
        sample_weight : array of shape (n_samples,), default=None
            Weight of each row.

        Returns
        -------
        score : float
            At best 1; the mean over the targets when there are several.

        Raises
        ------
        InvalidLogError
            `y` carries another index than `X`.
        """
        check_is_fitted(self)
        check_same_index(X, y)
        check_consistent_length(X, y, sample_weight)
        rows = self.native_rows(X)
        weight = None if sample_weight is None else np.asarray(sample_weight)[rows]
        return float(r2_score(np.asarray(y)[rows], self.predict(X)[rows], sample_weight=weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(Ridge() if self.estimator is None else self.estimator)
        tags.target_tags = inner.target_tags
        tags.input_tags.allow_nan = inner.input_tags.allow_nan and self.nan_policy != "raise"
        return tags


@tree.register
def _(estimator: AtRate) -> Slow:
    around = handed(estimator, "estimator", Ridge)
    decimator = estimator.decimator_ if around.fitted else estimator._decimator()
    return Slow(
        estimator,
        around.parameter,
        tree(decimator),
        around.inner,
        around.fitted,
        estimator._fit_by,
    )
