"""OutlierFilter: what the steps share that put a judge and an act together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from signalprep._base import Plan, PlanRun, Signals, SignalTransformer
from signalprep.preprocessing.outliers._act import DRAWN, act, longest_run, without_result
from signalprep.preprocessing.outliers._regime_split import filtered_channels

__all__ = ["OutlierFilter"]

INDICATOR = "_flagged"


class OutlierFilter(OneToOneFeatureMixin, SignalTransformer):
    """A step that tells bad samples and puts something in their place.

    A subclass has the parameters ``action``, ``add_indicator``, ``nan_policy`` and implements
    ``_learn``, which sets ``channels_`` and ends with ``_claim``, and ``_judge(dtype)``: the plan
    that tells which samples of these are bad, whatever it does about them.
    """

    channels_: np.ndarray
    action: str
    add_indicator: bool
    nan_policy: str

    _last_resort = "clip"  # where there is no good sample to draw a line from

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
        return self._mask(self._run(self._read(X, reset=False)).flags(), X)

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

    def plan(self, dtype: np.dtype) -> Plan | None:
        """Which causal kernel does the arithmetic of the fitted step; None if it looks ahead.

        Parameters
        ----------
        dtype : dtype
            Of the samples, float64 or float32.
        """
        plan = self._plan(dtype)
        return None if plan.act == DRAWN or self.lookahead_ > 0 else plan

    def _read_channels(self, names: list[Any]) -> np.ndarray:
        return filtered_channels(self, names)

    def _judge(self, dtype: np.dtype) -> Plan:
        raise TypeError(f"{type(self).__name__} must implement _judge")

    def _plan(self, dtype: np.dtype) -> Plan:
        """Judge and act."""
        judge = self._judge(dtype)._replace(appends=bool(self.add_indicator))
        return judge.acting(self.action)

    def _run(self, signals: Signals) -> PlanRun:
        return PlanRun(self._plan(signals.samples.dtype), signals, self._n_threads())

    def _apply(self, signals: Signals) -> np.ndarray:
        return act(self._run(signals), self._n_threads(), self._last_resort)

    def _claim(self, signals: Signals, bad: np.ndarray | None = None) -> None:
        """Add to the claims of the judge what the act reaches for.

        ``bad`` are the samples that no other may be replaced by, where they are at hand.
        """
        if self.plan(signals.samples.dtype) is None:
            self.memory_ += self._judge(signals.samples.dtype).memory
        if self.action in ("hold", DRAWN):
            if bad is None:
                run = self._run(signals)
                bad = run.flags() if self.nan_policy == "raise" else without_result(run)
            self.memory_ += longest_run(bad, signals.bounds)
        if self.action == DRAWN:
            self.lookahead_ = signals.longest() - 1
