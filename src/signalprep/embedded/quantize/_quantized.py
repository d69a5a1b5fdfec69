"""What the quantized estimators have in common: fit in float, lower, predict in integers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from signalprep._base import Stored, check_rows
from signalprep._parameters import check_seed
from signalprep.compose import as_binner, check_index_kept
from signalprep.embedded.lowering import IntegerModel, check_ranges, lower
from signalprep.embedded.quantize._calibration_report import CalibrationReport
from signalprep.embedded.quantize._input_formats import formats_over
from signalprep.flow import as_weights, reach, weight_params
from signalprep.log import check_same_index, is_log
from signalprep.regimes import RegimeBinner

__all__ = ["Quantized"]

_ACTIVATION_BITS = 8  # of layers that a dict does not name
_ROWS = 100_000  # at most, of which ranges are made


class Quantized(Stored, MetaEstimatorMixin, BaseEstimator):
    """The part that does not ask whether it is a regressor or a classifier."""

    _default: ClassVar[type[Any]]  # what None stands for

    estimator: Any
    weight_bits: Any
    activation_bits: Any
    state_bits: int
    granularity: str
    calibration: str
    input_formats: Any
    output_format: Any
    power_of_two: bool
    regimes: Any
    random_state: Any

    def _fit(self, X: Any, y: Any, sample_weight: Any, inner: Any, **check: Any) -> None:
        check_ranges("calibration", self.calibration)
        check_seed(self.random_state)
        check_rows(X)
        check_same_index(X, y)
        rows, _ = validate_data(self, X, y, ensure_all_finite="allow-nan", **check)
        weight = as_weights(sample_weight, X)
        inner = clone(inner)
        weights = weight_params(inner, weight)  # refuses before anything is fitted
        binner = None if self.regimes is None else as_binner(self.regimes)
        self.fitted_on_log_ = is_log(X)
        given = X if isinstance(X, pd.DataFrame) else rows
        self.estimator_ = inner.fit(given, y, **weights)
        names = [*getattr(self, "feature_names_in_", [f"x{k}" for k in range(rows.shape[1])])]
        seen = np.flatnonzero(np.ones(len(rows)) if weight is None else weight)
        formats = self.input_formats
        if formats is None:
            formats = formats_over(rows[seen], names)
        elif isinstance(formats, Mapping) and isinstance(X, pd.DataFrame):
            known = dict(
                zip(X.columns, names, strict=True)
            )  # columns named by ints are x0, x1, ...
            formats = {known.get(name, name): one for name, one in formats.items()}
        named = self._named(given)
        enters = self.activation_bits
        if isinstance(enters, Mapping):
            enters = {"other": _ACTIVATION_BITS} | dict(enters)
        integer = lower(
            self.estimator_, formats, calibration=named, ranges=self.calibration,
            calibration_rows=self._drawn(seen), weight_bits=self.weight_bits,
            activation_bits=enters, state_bits=self.state_bits,
            granularity=self.granularity, power_of_two=self.power_of_two,
            output_format=self.output_format,
        )  # fmt: skip
        self._integer, self.learned_from_ = integer, integer.training_cycles_
        self.integer_json_ = json.dumps(integer.to_json(), separators=(",", ":"))
        labels = None if binner is None else _labels(binner, given, y)
        self.calibration_ = CalibrationReport.from_model(integer, named, labels)
        self.lookahead_, self.memory_, self.delay_ = reach(self)

    def _drawn(self, seen: np.ndarray) -> np.ndarray:
        """Positions of the rows that ranges are made of: drawn at random, of those that weigh."""
        if len(seen) <= _ROWS:
            return seen
        drawn = check_random_state(self.random_state).permutation(len(seen))[:_ROWS]
        return np.asarray(seen[np.sort(drawn)])

    def _named(self, X: Any) -> Any:
        """Rows whose columns are the channels of the formats."""
        if isinstance(X, pd.DataFrame) and not hasattr(self, "feature_names_in_"):
            return X.set_axis([f"x{k}" for k in range(X.shape[1])], axis=1)
        return X

    @property
    def integer_(self) -> IntegerModel:
        """The integer model: what is exported, with its formats, proof and cost."""
        check_is_fitted(self)
        if "_integer" not in vars(self):
            self._integer = IntegerModel.from_json(json.loads(self.integer_json_))
            self._integer.training_cycles_ = self.learned_from_  # ids that are no words in JSON
        return self._integer

    @property
    def cycles_(self) -> pd.Index:
        """Cycles that the pipeline, or the ranges of its integers, have learned from."""
        return self.integer_.training_cycles_

    def predict(self, X: Any) -> np.ndarray:
        """Predict every row in integers, as the C does.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            In the units of the channels. What is beyond a format saturates.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
            In the unit of the target, or classes.
        """
        check_is_fitted(self)
        check_index_kept(self, self.fitted_on_log_, X)
        rows = validate_data(self, X, reset=False, ensure_all_finite="allow-nan")
        return self.integer_.predict(self._named(X if isinstance(X, pd.DataFrame) else rows))

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state.pop("_integer", None)  # made of `integer_json_` where it is asked for
        return state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self._prototype())
        tags.classifier_tags = inner.classifier_tags
        tags.regressor_tags = inner.regressor_tags
        tags.target_tags = inner.target_tags
        tags.input_tags.allow_nan = False
        return tags

    def _prototype(self) -> Any:
        return self._default() if self.estimator is None else self.estimator


def _labels(binner: RegimeBinner, X: Any, y: Any) -> pd.DataFrame:
    """The cell of each row."""
    found = binner.fit(X, y).transform(X)
    return pd.DataFrame(np.asarray(found), columns=binner.get_feature_names_out())
