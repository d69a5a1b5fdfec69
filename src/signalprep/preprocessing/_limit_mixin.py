"""LimitMixin: act on samples beyond the limits of their channel, or of their regime."""

from __future__ import annotations

import numpy as np

from signalprep._base import Signals
from signalprep._kernels import _replace
from signalprep._kernels._actions import KEEP
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import chosen, run_chosen
from signalprep.preprocessing._flag_mixin import ACTIONS, FlagMixin

__all__ = ["LimitMixin"]


class LimitMixin(FlagMixin):
    """Adds `_apply` and `_flags` to a SignalTransformer that learns limits.

    A subclass sets ``channels_``, ``low_`` and ``high_`` in fit. With limits by regime it gives the
    regime of each row by ``_regimes(signals)``, and by ``_limits()`` arrays of shape (n_channels,
    n_regimes) in place of (n_channels,). A value on a limit, rounded to the type of the signal, is
    good.
    """

    low_: np.ndarray
    high_: np.ndarray

    def _limits(self) -> tuple[np.ndarray, np.ndarray]:
        return self.low_, self.high_

    def _regimes(self, signals: Signals) -> np.ndarray | None:
        """Regime of each row; None where the limits do not depend on it."""
        return None

    def _apply(self, signals: Signals) -> np.ndarray:
        out, limited = self._room(signals)
        mask = self._mask_room(out, len(limited))
        regimes = self._regimes(signals)

        def limit(x: np.ndarray, target: np.ndarray) -> None:
            self._run(x, signals.bounds, target, mask, regimes, ACTIONS[self.action])
            if self.action == "interpolate":
                task = (signals.bounds, len(x), self._n_threads(), x, signals.bounds, target, mask)
                run_blocks(_replace.interpolate_flagged, *task)
                self._limit_what_stands_alone(x, target, mask, regimes)

        run_chosen(signals.values, self.channels_, limited, limit)
        return out

    def _flags(self, signals: Signals) -> np.ndarray:
        x = chosen(signals.values, self.channels_)
        mask = np.zeros(x.shape, dtype=np.uint8)
        nowhere = np.empty((len(x), 0), dtype=x.dtype)
        self._run(x, signals.bounds, nowhere, mask, self._regimes(signals), KEEP)
        return mask

    def _run(
        self,
        x: np.ndarray,
        bounds: np.ndarray,
        out: np.ndarray,
        mask: np.ndarray,
        regimes: np.ndarray | None,
        action: int,
    ) -> None:
        task = (bounds, len(x), self._n_threads(), x, bounds, out, mask)
        low, high = self._rounded_limits(x.dtype)
        if regimes is None:
            run_blocks(_replace.limits, *task, low, high, action)
        else:
            run_blocks(_replace.regime_limits, *task, regimes, low, high, action)

    def _rounded_limits(self, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
        low, high = self._limits()
        with np.errstate(over="ignore"):  # a limit beyond the type of the signal is none
            return low.astype(dtype).astype(np.float64), high.astype(dtype).astype(np.float64)

    def _limit_what_stands_alone(
        self, x: np.ndarray, out: np.ndarray, mask: np.ndarray, regimes: np.ndarray | None
    ) -> None:
        """The limits, in segments without a good sample to draw a line from."""
        for k, (low, high) in enumerate(zip(*self._rounded_limits(x.dtype), strict=True)):
            alone = np.flatnonzero((mask[k] != 0) & np.isnan(out[k]))
            if alone.size:
                at = () if regimes is None else regimes[alone]
                out[k, alone] = np.clip(x[k, alone], low[at], high[at])
