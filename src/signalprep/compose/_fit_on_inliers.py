"""FitOnInliers: leave outlying rows out of fit, predict and score every row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.linear_model import Ridge
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from signalprep._base import Stored, check_rows
from signalprep.compose._inputs import check_index_kept
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import Handed, as_weights, fit_rows, handed, reach, tree, weight_params
from signalprep.log import check_same_index, is_log
from signalprep.metrics import TaskName, task_of
from signalprep.preprocessing import ZScoreFilter

__all__ = ["FitOnInliers"]


def _inner_has(name: str) -> Callable[[FitOnInliers], bool]:
    return lambda self: hasattr(self._inner(), name)


class FitOnInliers(Stored, MetaEstimatorMixin, BaseEstimator):
    """Fit an estimator without the rows that a detector flags; predict and score every row.

    Steps that work over time need every row: of a pipeline, the transformers are fitted and applied
    on all rows, and only the last step leaves the flagged ones out. An :class:`AtRate` filters and
    decimates all rows and leaves out the kept ones that are flagged. So what the model sees of a
    row is the same in fit and in predict.

    Parameters
    ----------
    estimator : estimator, default=None
        Any estimator or pipeline. None is ``Ridge()``. It is cloned.
    detector : detector, default=None
        A step with ``flag``, such as :class:`HampelFilter` or :class:`IsolationForestFilter`: a row
        is left out when any of its channels is flagged (by ``fit_flag`` where there is one, as of
        :class:`ResidualFilter`, whose models then do not judge rows they have learned). Or a
        detector of scikit-learn, whose ``fit_predict`` gives -1 for outliers. It sees the rows as
        they come, before any step of a pipeline. None is ``ZScoreFilter()``. It is cloned.

    Attributes
    ----------
    estimator_ : estimator
        The fitted clone.
    detector_ : detector
        The fitted clone.
    n_outliers_ : int
        Training rows left out.
    outlier_share_ : float
        Their share of the training rows.
    lookahead_, memory_, delay_ : int
        Those of the estimator: the detector takes no part in predict.

    Raises
    ------
    InvalidParameterError
        The detector has neither ``flag`` nor ``fit_predict``, the estimator works over time inside
        something else than a pipeline or AtRate, where rows cannot be left out, or weights of rows
        are none or cannot reach the model.
    InvalidLogError
        Every row is flagged, a step of the pipeline changes the number of rows, or `y` carries
        another index than `X`.
    LostIndexError
        Fitted on a log, but `predict` gets data without the (cycle, time) index.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> x = np.random.default_rng(0).normal(size=(200, 1))
    >>> y = 2.0 * x[:, 0]
    >>> x[[3, 50]] = 40.0  # a sensor that failed
    >>> model = sp.FitOnInliers().fit(x, y)
    >>> model.n_outliers_, float(model.estimator_.coef_[0].round(1))
    (2, 2.0)
    """

    def __init__(self, estimator: Any = None, detector: Any = None) -> None:
        self.estimator = estimator
        self.detector = detector

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> FitOnInliers:
        """Find the outliers, then fit the estimator on the other rows.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_targets), default=None
        sample_weight : array of shape (n_samples,), default=None
            Weight of each row in the fit of the estimator, at least 0. The detector sees all rows
            alike, and a row left out adds no weight to the row of an :class:`AtRate` that stands
            for it.

        Returns
        -------
        self : FitOnInliers
        """
        is_pandas = isinstance(y, (pd.Series, pd.DataFrame))
        check_rows(X)
        check_same_index(X, y)
        inner = clone(self._prototype())
        target = self._checked(X, y, numeric=task_of(inner) is not TaskName.CLASSIFICATION)
        weight = as_weights(sample_weight, X)
        weight_params(inner, weight)  # refuses before anything is fitted
        self.detector_ = clone(ZScoreFilter() if self.detector is None else self.detector)
        outlier = _outliers(self.detector_, X, y)
        self.n_outliers_ = int(outlier.sum())
        self.outlier_share_ = self.n_outliers_ / len(outlier)
        if self.n_outliers_ == len(outlier):
            raise InvalidLogError(
                f"detector must leave rows to fit on; {type(self.detector_).__name__} flags all "
                f"of the {len(outlier)}"
            )
        self.fitted_on_log_ = is_log(X)
        rows = X if hasattr(X, "iloc") else np.asarray(X)
        weight = None if weight is None else np.where(outlier, 0.0, weight)
        given = (rows, y if is_pandas else target, ~outlier, weight)
        self.estimator_ = fit_rows(inner, *given)
        self.lookahead_, self.memory_, self.delay_ = reach(self)
        return self

    @available_if(_inner_has("predict"))
    def predict(self, X: Any) -> np.ndarray:
        """Predict every row, outliers too.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        """
        return self._fitted_for(X).predict(X)

    @available_if(_inner_has("predict_proba"))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Class probabilities of every row, of a classifier that has them.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
        """
        return self._fitted_for(X).predict_proba(X)

    @available_if(_inner_has("decision_function"))
    def decision_function(self, X: Any) -> np.ndarray:
        """Decision function of every row, of a classifier that has one.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        score : ndarray of shape (n_samples,) or (n_samples, n_classes)
        """
        return self._fitted_for(X).decision_function(X)

    @available_if(_inner_has("score"))
    def score(self, X: Any, y: Any = None) -> float:
        """Score on every row, outliers too: R2 of a regressor, accuracy of a classifier.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_targets), default=None

        Returns
        -------
        score : float
        """
        return self._fitted_for(X).score(X, y)

    @property
    def classes_(self) -> np.ndarray:
        """Classes of a classifier."""
        return self.estimator_.classes_

    def _checked(self, X: Any, y: Any, numeric: bool) -> Any:
        asked = get_tags(self).target_tags
        if y is None and not asked.required:
            validate_data(self, X, dtype=None, ensure_all_finite=False)
            return None
        several: dict[str, bool] = {"multi_output": asked.multi_output, "y_numeric": numeric}
        return validate_data(self, X, y, dtype=None, ensure_all_finite=False, **several)[1]

    def _prototype(self) -> Any:
        return Ridge() if self.estimator is None else self.estimator

    def _inner(self) -> Any:
        """The fitted estimator, or before fit the one to clone."""
        return vars(self).get("estimator_", self._prototype())

    def _fitted_for(self, X: Any) -> Any:
        check_is_fitted(self)
        check_index_kept(self, self.fitted_on_log_, X)
        validate_data(self, X, reset=False, dtype=None, ensure_all_finite=False)
        return self.estimator_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self._prototype())
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = inner.classifier_tags
        tags.regressor_tags = inner.regressor_tags
        tags.target_tags = inner.target_tags
        watch = get_tags(ZScoreFilter() if self.detector is None else self.detector)
        tags.input_tags.allow_nan = inner.input_tags.allow_nan and watch.input_tags.allow_nan
        return tags


@tree.register
def _(estimator: FitOnInliers) -> Handed:
    return handed(estimator, "estimator", Ridge, alters=True)


def _outliers(detector: Any, X: Any, y: Any) -> np.ndarray:
    """Rows that the detector, fitted on them, flags."""
    if hasattr(detector, "fit_flag"):
        return np.any(np.asarray(detector.fit_flag(X, y)), axis=1)
    if hasattr(detector, "flag"):
        return np.any(np.asarray(detector.fit(X, y).flag(X)), axis=1)
    if hasattr(detector, "fit_predict"):
        return np.asarray(detector.fit_predict(X)) == -1
    raise InvalidParameterError(
        "detector must have the method flag, or fit_predict as scikit-learn's outlier detectors "
        f"have; got {detector!r}"
    )
