"""PhysicalLimits: values that no sensor can have measured."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from signalprep._base import Plan, Signals, channel_positions
from signalprep.errors import InvalidParameterError
from signalprep.preprocessing.outliers._act import check_action
from signalprep.preprocessing.outliers._outlier_filter import OutlierFilter
from signalprep.preprocessing.outliers._thresholds import threshold_judge

__all__ = ["PhysicalLimits"]


class PhysicalLimits(OutlierFilter):
    """Replace samples beyond the limits of what can be.

    Comes before every statistic: a value that no sensor can read is not an outlier but a fault.
    Every segment is treated on its own. A value on a limit, rounded to the type of the signal, is
    good.

    Parameters
    ----------
    limits : dict {channel: (low, high)}, default=None
        In the unit of the channel; None for an open side. None: no limits at all. Channels that
        are not named pass through. :func:`~signalprep.read_ranges` reads them from a DBC file.
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
        check_action(self.action)
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
        self._claim(signals)

    def _read_channels(self, names: list[Any]) -> np.ndarray:
        return channel_positions(list(self.limits or ()), names, "limits")

    def _judge(self, dtype: np.dtype) -> Plan:
        limits = self.low_[:, np.newaxis], self.high_[:, np.newaxis]
        return threshold_judge(self.channels_, limits, None, dtype, self._refuses())


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
