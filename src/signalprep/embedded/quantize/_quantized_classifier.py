"""QuantizedClassifier: a classifier fitted in float that predicts in integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression

from signalprep.embedded.lowering import Bits, Format
from signalprep.embedded.quantize._quantized import Quantized
from signalprep.errors import InvalidParameterError
from signalprep.flow import Handed, handed, tree
from signalprep.metrics import TaskName, task_of

__all__ = ["QuantizedClassifier"]


class QuantizedClassifier(ClassifierMixin, Quantized):
    """A classifier or pipeline, fitted in float, that predicts in integers as its C does.

    As :class:`QuantizedRegressor`, with whose parameters and attributes it shares all but those
    named here. It gives classes, no probabilities.

    Parameters
    ----------
    estimator : classifier or pipeline, default=None
        Cloned. None is ``LogisticRegression()``.
    weight_bits : int or dict, default=8
    activation_bits : int or dict, default=8
    state_bits : int, default=16
    granularity : {"channel", "tensor"}, default="channel"
    calibration : {"minmax", "percentile", "mse"}, default="minmax"
    input_formats : dict {channel: Format}, default=None
    power_of_two : bool, default=False
    regimes : RegimeBinner or dict of bins, default=None
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    classes_ : ndarray
        Those that the estimator has learned.

    Raises
    ------
    InvalidParameterError
        As of QuantizedRegressor, or the estimator is a regressor.

    Examples
    --------
    >>> import numpy as np
    >>> from signalprep.embedded import QuantizedClassifier
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> hot = np.where(X[:, 0] + X[:, 1] > 0, "hot", "cold")
    >>> model = QuantizedClassifier().fit(X, hot)
    >>> bool((model.predict(X) == model.estimator_.predict(X)).mean() > 0.99)
    True
    """

    _default = LogisticRegression

    def __init__(
        self,
        estimator: Any = None,
        weight_bits: Bits = 8,
        activation_bits: Bits = 8,
        state_bits: int = 16,
        granularity: str = "channel",
        calibration: str = "minmax",
        input_formats: Mapping[Any, Format] | None = None,
        power_of_two: bool = False,
        regimes: Any = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.weight_bits = weight_bits
        self.activation_bits = activation_bits
        self.state_bits = state_bits
        self.granularity = granularity
        self.calibration = calibration
        self.input_formats = input_formats
        self.power_of_two = power_of_two
        self.regimes = regimes
        self.random_state = random_state

    output_format = None

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> QuantizedClassifier:
        """Fit the pipeline, then make integers of it.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            A log, or an array that is one recording.
        y : array-like of shape (n_samples,)
            Classes.
        sample_weight : array of shape (n_samples,), default=None
            Weight of each row in the fit, at least 0. Ranges are made of rows that weigh anything,
            all alike.

        Returns
        -------
        self : QuantizedClassifier
        """
        inner = self._prototype()
        if task_of(inner) is not TaskName.CLASSIFICATION:
            raise InvalidParameterError(
                f"estimator must be a classifier; got {type(inner).__name__}. For a regressor "
                "there is QuantizedRegressor"
            )
        self._fit(X, y, sample_weight, inner)
        self.classes_ = np.asarray(self.estimator_.classes_)
        return self


@tree.register
def _(estimator: QuantizedClassifier) -> Handed:
    return handed(estimator, "estimator", LogisticRegression)
