"""FlagMixin: what the steps share that find bad samples and do something about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from signalprep._base import Signals
from signalprep._kernels._chosen_channels import chosen
from signalprep._kernels._replace import longest_flagged_run
from signalprep.errors import InvalidParameterError

__all__ = ["FlagMixin", "check_action"]

INDICATOR = "_flagged"


class FlagMixin(OneToOneFeatureMixin):
    """Adds `flag`, indicator columns and their names to a SignalTransformer.

    A subclass sets ``channels_`` (positions of the channels it looks at) in fit, has the parameter
    ``add_indicator`` and implements ``_flags(signals)``: a uint8 array of the shape of
    ``signals.values[channels_]``, 1 where a sample is bad.
    """

    channels_: np.ndarray
    add_indicator: bool

    def flag(self, X: Any) -> Any:
        """Tell which samples are bad.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            Signals with the channels seen in fit, at the same rate.

        Returns
        -------
        mask : DataFrame or array of bool of shape (n_samples, n_channels)
            A frame, with index and columns of `X`, when `X` is a frame.
        """
        check_is_fitted(self)
        signals = self._read(X, reset=False)
        mask = np.zeros(signals.values.shape, dtype=bool)
        mask[self.channels_] = self._flags(signals)
        if not isinstance(X, pd.DataFrame):
            return mask.T
        return pd.DataFrame(mask.T, index=X.index, columns=X.columns, copy=False)

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Names of the output channels: those of the input, then those of the indicators."""
        names = super().get_feature_names_out(input_features)
        if not self.add_indicator:
            return names
        indicators = [f"{names[k]}{INDICATOR}" for k in self.channels_]
        return np.concatenate([names, np.array(indicators, dtype=object)])

    def _flags(self, signals: Signals) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} must implement _flags")

    def _not_good(self, signals: Signals) -> np.ndarray:
        """Samples that no other may be replaced by: bad ones and missing ones."""
        return self._flags(signals) | np.isnan(chosen(signals.values, self.channels_))

    def _longest_run(self, signals: Signals) -> int:
        """Most samples in a row within a segment without a good one."""
        return int(longest_flagged_run(self._not_good(signals), signals.bounds).max(initial=0))

    def _room(self, signals: Signals) -> tuple[np.ndarray, np.ndarray]:
        """The output array, and the part of it that holds the channels (not the indicators)."""
        n_channels, n_samples = signals.values.shape
        n_indicators = len(self.channels_) if self.add_indicator else 0
        out = np.empty((n_channels + n_indicators, n_samples), dtype=signals.values.dtype)
        return out, out[:n_channels]


def check_action(action: str, actions: Sequence[str]) -> None:
    """Raise unless `action` is one of `actions`."""
    if action not in actions:
        raise InvalidParameterError(
            f"action must be one of {', '.join(map(repr, actions))}; got {action!r}"
        )
