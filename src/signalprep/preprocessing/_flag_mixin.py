"""FlagMixin: what the steps share that find bad samples and do something about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from signalprep._base import Signals
from signalprep._kernels import _replace
from signalprep._kernels._actions import CODES
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import chosen
from signalprep.errors import InvalidParameterError

__all__ = ["ACTIONS", "FlagMixin", "check_action"]

INDICATOR = "_flagged"

ACTIONS = {word: CODES[word] for word in ("hold", "nan", "clip", "interpolate", "keep")}


class FlagMixin(OneToOneFeatureMixin):
    """Adds `flag`, indicator columns and their names to a SignalTransformer.

    A subclass sets ``channels_`` (positions of the channels it looks at) in fit, has the parameter
    ``add_indicator`` and implements ``_flags(signals)``: a uint8 array of the shape of
    ``signals.values[channels_]``, 1 where a sample is bad.
    """

    channels_: np.ndarray
    action: str
    add_indicator: bool
    nan_policy: str

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
        return self._mask(self._flags(signals), X)

    def _mask(self, flags: np.ndarray, X: Any) -> Any:
        """Flags of the chosen channels in the form of `X`."""
        mask = np.zeros((self.n_features_in_, flags.shape[1]), dtype=bool)
        mask[self.channels_] = flags
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

    def _not_good(self, signals: Signals, flags: np.ndarray | None = None) -> np.ndarray:
        """Samples that no other may be replaced by: bad ones and missing ones."""
        flags = self._flags(signals) if flags is None else flags
        if self.nan_policy == "raise":
            return flags
        return flags | np.isnan(chosen(signals.values, self.channels_))

    def _longest_run(self, bad: np.ndarray, bounds: np.ndarray) -> int:
        """Most samples in a row within a segment without a good one."""
        return int(_replace.longest_flagged_run(bad, bounds).max(initial=0))

    def _claim(self, signals: Signals, flags: np.ndarray | None = None) -> None:
        """Claims of a step that judges every row alone and then acts on it.

        ``flags`` are those of ``_flags``, where they are at hand.
        """
        self.lookahead_ = self.memory_ = self.delay_ = 0
        if self.action in ("hold", "interpolate"):
            self.memory_ = self._longest_run(self._not_good(signals, flags), signals.bounds)
        if self.action == "interpolate":
            self.lookahead_ = signals.longest() - 1

    def _room(self, signals: Signals) -> tuple[np.ndarray, np.ndarray]:
        """The output array, and the part of it that holds the channels (not the indicators)."""
        n_channels, n_samples = signals.values.shape
        n_indicators = len(self.channels_) if self.add_indicator else 0
        out = np.empty((n_channels + n_indicators, n_samples), dtype=signals.values.dtype)
        return out, out[:n_channels]

    def _act(
        self,
        x: np.ndarray,
        bounds: np.ndarray,
        out: np.ndarray,
        mask: np.ndarray,
        instead: np.ndarray,
    ) -> None:
        """Fill `out` with `x`, and act on what `mask` flags; `instead` is the last resort."""
        task = (bounds, len(x), self._n_threads(), x, bounds, out, mask)
        if self.action != "interpolate":
            run_blocks(_replace.replace_flagged, *task, instead, ACTIONS[self.action])
            return
        run_blocks(_replace.interpolate_flagged, *task)
        for k in range(len(x)):
            alone = np.flatnonzero((mask[k] != 0) & np.isnan(out[k]))
            out[k, alone] = instead[k, alone]

    def _mask_room(self, out: np.ndarray, n_channels: int) -> np.ndarray:
        """Where flags go: the indicators of `out`, a mask of its own to draw by, or nowhere."""
        if self.add_indicator:
            return out[n_channels:]
        n_samples = out.shape[1] if self.action == "interpolate" else 0
        return np.zeros((len(self.channels_), n_samples), dtype=np.uint8)


def check_action(action: str, actions: Sequence[str]) -> None:
    """Raise unless `action` is one of `actions`."""
    if action not in actions:
        raise InvalidParameterError(
            f"action must be one of {', '.join(map(repr, actions))}; got {action!r}"
        )
