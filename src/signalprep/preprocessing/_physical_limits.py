"""PhysicalLimits: values that no sensor can have measured."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from signalprep._base import Signals, SignalTransformer, channel_positions
from signalprep._kernels import _replace
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import chosen, run_chosen
from signalprep.errors import InvalidParameterError
from signalprep.preprocessing._flag_mixin import FlagMixin, check_action

__all__ = ["PhysicalLimits"]

CODES = {
    "hold": _replace.HOLD,
    "nan": _replace.NAN,
    "clip": _replace.CLIP,
    "interpolate": _replace.CLIP,  # drawn afterwards, where good neighbours exist
    "keep": _replace.KEEP,
}


class PhysicalLimits(FlagMixin, SignalTransformer):
    """Replace samples beyond the limits of what can be.

    Comes before every statistic: a value that no sensor can read is not an outlier but a fault.
    Every segment is treated on its own. A value on a limit, rounded to the type of the signal, is
    good.

    Parameters
    ----------
    limits : dict {channel: (low, high)}, default=None
        In the unit of the channel; None for an open side. None: no limits at all. Channels that
        are not named pass through.
    action : {"hold", "nan", "clip", "interpolate", "keep"}, default="hold"
        What takes the place of a bad sample: the last good one of the segment (the limit itself
        while there is none); NaN; the limit; a straight line between the good neighbours, which
        looks ahead (the nearest good one at an end of a segment, the limit in a segment without
        any); or the sample itself (to flag only).
    add_indicator : bool, default=False
        Append a channel ``<name>_flagged`` (1 for bad samples, else 0) for each limited channel.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "propagate" and "omit" both leave a NaN where it is; it is neither bad nor held.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    channels_ : ndarray of int
        Positions of the limited channels.
    low_, high_ : ndarray of shape (n_limited,)
        Their limits, infinite where open.
    lookahead_ : int
        0; the longest segment seen in fit, less one sample, for ``action="interpolate"``.
    memory_ : int
        0; the longest run of bad samples in fit for "hold" and "interpolate".
    delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        A limit that is no number, ``low > high``, or a channel that X does not have.

    Notes
    -----
    Cost: O(rows).

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> speed = pd.DataFrame({"omega_m": [99.0, 100.0, 6553.5, 102.0]})
    >>> sp.PhysicalLimits({"omega_m": (0, 1500)}).fit_transform(speed)["omega_m"].tolist()
    [99.0, 100.0, 100.0, 102.0]
    """

    def __init__(
        self,
        limits: Mapping[Hashable, tuple[float | None, float | None]] | None = None,
        *,
        action: str = "hold",
        add_indicator: bool = False,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.limits = limits
        self.action = action
        self.add_indicator = add_indicator
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: Any) -> None:
        check_action(self.action, list(CODES))
        limits = {} if self.limits is None else self.limits
        if not isinstance(limits, Mapping):
            raise InvalidParameterError(
                f"limits must be a dict of channel: (low, high); got {limits!r}"
            )
        positions = channel_positions(list(limits), signals.names, "limits")
        pairs = [_pair(channel, pair) for channel, pair in limits.items()]
        order = np.argsort(positions)
        self.channels_ = positions[order]
        self.low_, self.high_ = np.array(pairs, dtype=np.float64).reshape(-1, 2)[order].T
        self.lookahead_ = self.memory_ = self.delay_ = 0
        if self.action in ("hold", "interpolate"):
            self.memory_ = self._longest_run(signals)
        if self.action == "interpolate":
            self.lookahead_ = signals.longest() - 1

    def _apply(self, signals: Signals) -> np.ndarray:
        out, limited = self._room(signals)
        mask = np.zeros((len(self.channels_), signals.values.shape[1]), dtype=np.uint8)

        def limit(x: np.ndarray, target: np.ndarray) -> None:
            self._run(x, signals.bounds, target, mask, CODES[self.action])
            if self.action == "interpolate":
                limits = target.copy()
                task = (signals.bounds, len(x), self._n_threads(), x, signals.bounds, target, mask)
                run_blocks(_replace.interpolate_flagged, *task)
                alone = (mask != 0) & np.isnan(target)
                target[alone] = limits[alone]

        run_chosen(signals.values, self.channels_, limited, limit)
        if self.add_indicator:
            out[len(limited) :] = mask
        return out

    def _flags(self, signals: Signals) -> np.ndarray:
        x = chosen(signals.values, self.channels_)
        mask = np.zeros(x.shape, dtype=np.uint8)
        self._run(x, signals.bounds, np.empty_like(x), mask, _replace.KEEP)
        return mask

    def _run(
        self, x: np.ndarray, bounds: np.ndarray, out: np.ndarray, mask: np.ndarray, action: int
    ) -> None:
        task = (bounds, len(x), self._n_threads(), x, bounds, out, mask)
        with np.errstate(over="ignore"):  # a limit beyond the type of the signal is none
            low, high = (v.astype(x.dtype).astype(np.float64) for v in (self.low_, self.high_))
        run_blocks(_replace.limits, *task, low, high, action)


def _pair(channel: Hashable, pair: Any) -> tuple[float, float]:
    """Limits of a channel, infinite where open."""
    message = f"limits of channel {channel!r} must be (low, high) with low <= high; got {pair!r}"
    if isinstance(pair, (str, Mapping)) or not hasattr(pair, "__len__") or len(pair) != 2:
        raise InvalidParameterError(message)
    if not all(value is None or isinstance(value, numbers.Real) for value in pair):
        raise InvalidParameterError(message)
    low = -np.inf if pair[0] is None else float(pair[0])
    high = np.inf if pair[1] is None else float(pair[1])
    if not low <= high:
        raise InvalidParameterError(message)
    return low, high
