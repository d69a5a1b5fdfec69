"""HampelFilter: outliers against the moving median, and what to put in their place."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from signalprep._base import Signals, SignalTransformer, channel_positions
from signalprep._kernels import _hampel
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import chosen, run_chosen
from signalprep._kernels._replace import interpolate_flagged
from signalprep.errors import InvalidParameterError
from signalprep.log import to_samples
from signalprep.preprocessing._flag_mixin import FlagMixin, check_action

__all__ = ["HampelFilter"]

CODES = {
    "keep": _hampel.KEEP,
    "nan": _hampel.NAN,
    "hold": _hampel.HOLD,
    "median": _hampel.MEDIAN,
    "clip": _hampel.CLIP,
    "interpolate": _hampel.KEEP,  # found first, drawn afterwards
}


class HampelFilter(FlagMixin, SignalTransformer):
    r"""Hampel filter: a sample far from the median of its window is an outlier.

    Every segment is filtered on its own. Windows are cut off where the segment begins or ends.
    Assumes signals with outliers rarer than every other sample of a window; do not use it on binary
    signals or on wrapped angles, where every change would be an outlier.

    Parameters
    ----------
    window_length : int or str, default=11
        Samples, at least 3, or a duration such as "0.5s". A symmetric window must be odd; a
        duration that gives an even number is lengthened by one sample then.
    threshold : float, default=3.0
        Allowed distance from the median in scales S (robust standard deviations), >= 0.
    causal : bool, default=True
        True: the window is the last `window_length` samples. False: it is centred on the sample.
    min_scale : float or dict {channel: float}, default=0.0
        Least scale, in the unit of the signal: the noise floor. One step of the AD converter
        keeps quantised signals, whose scale is often 0, from being flagged for a single step.
    action : {"median", "hold", "nan", "clip", "interpolate", "keep"}, default="median"
        What takes the place of an outlier: the median of its window (the default, as it always
        exists and looks no further than the window); the last good sample of the segment (the
        median while there is none); NaN; the nearest value within the threshold; a straight line
        between the good neighbours, which looks ahead; or the sample itself (to flag only).
    columns : list of channels, default=None
        Which channels to filter; None is all of them. The others pass through.
    add_indicator : bool, default=False
        Append a channel ``<name>_flagged`` (1 for outliers, else 0) for each filtered channel.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        A NaN is never an outlier. "propagate": every window that holds a NaN gives NaN. "omit":
        it stays NaN and windows leave it out.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    window_ : int
        Samples of the window.
    lookahead_ : int
        0 (causal) or ``window_ // 2``; the longest segment seen in fit, less one sample, for
        ``action="interpolate"``.
    memory_ : int
        ``window_ - 1`` (causal) or ``window_ // 2``, plus the longest run without a good sample in
        fit for "hold" and "interpolate".
    delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        A parameter out of its range, or a duration for data without time.

    Notes
    -----
    With the median :math:`m` of the window and :math:`S = 1.4826 \, \mathrm{median} |x_j - m|`
    over the same window, x is an outlier when :math:`|x - m| >` `threshold` :math:`\cdot \max(S,`
    `min_scale` :math:`)`. The factor makes S the standard deviation of Gaussian noise. Cost:
    O(rows * window), a small constant.

    References
    ----------
    F. R. Hampel, "The influence curve and its role in robust estimation", Journal of the American
    Statistical Association 69(346), 1974, pp. 383-393, doi:10.1080/01621459.1974.10482962.

    R. K. Pearson, Y. Neuvo, J. Astola, M. Gabbouj, "Generalized Hampel filters", EURASIP Journal on
    Advances in Signal Processing 2016:87, doi:10.1186/s13634-016-0383-6.

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> current = pd.DataFrame({"i_d": [1.0, 1.1, 0.9, 1.0, 50.0, 1.1, 0.9]})
    >>> sp.HampelFilter(window_length=5).fit_transform(current)["i_d"].tolist()
    [1.0, 1.1, 0.9, 1.0, 1.0, 1.1, 0.9]
    """

    window_: int
    min_scale_: np.ndarray

    def __init__(
        self,
        window_length: int | str = 11,
        threshold: float = 3.0,
        *,
        causal: bool = True,
        min_scale: float | Mapping[Hashable, float] = 0.0,
        action: str = "median",
        columns: Sequence[Hashable] | None = None,
        add_indicator: bool = False,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.window_length = window_length
        self.threshold = threshold
        self.causal = causal
        self.min_scale = min_scale
        self.action = action
        self.columns = columns
        self.add_indicator = add_indicator
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: Any) -> None:
        check_action(self.action, list(CODES))
        if not isinstance(self.threshold, numbers.Real) or not self.threshold >= 0:
            raise InvalidParameterError(
                f"threshold must be a number of at least 0; got {self.threshold!r}"
            )
        self.channels_ = self._channels(signals)
        self.window_ = self._window(signals)
        self.min_scale_ = self._min_scales(signals)
        self.lookahead_ = 0 if self.causal else self.window_ // 2
        self.memory_ = self.window_ - 1 if self.causal else self.window_ // 2
        self.delay_ = 0
        if self.action in ("hold", "interpolate"):
            self.memory_ += self._longest_run(signals)
        if self.action == "interpolate":
            self.lookahead_ = signals.longest() - 1

    def _window(self, signals: Signals) -> int:
        window = to_samples(self.window_length, signals.sample_time, "window_length")
        if not self.causal and window % 2 == 0:
            if not isinstance(self.window_length, str):
                raise InvalidParameterError(
                    f"window_length must be odd when causal=False; got {window}"
                )
            window += 1
        if window < 3:
            raise InvalidParameterError(
                f"window_length must be at least 3 samples; got {self.window_length!r} ({window})"
            )
        return window

    def _min_scales(self, signals: Signals) -> np.ndarray:
        """Least scale of each filtered channel."""
        given = self.min_scale
        scales = np.zeros(len(signals.names))
        if isinstance(given, Mapping):
            positions = channel_positions(list(given), signals.names, "min_scale")
            scales[positions] = list(given.values())
        elif isinstance(given, numbers.Real):
            scales[:] = float(given)
        else:
            raise InvalidParameterError(
                f"min_scale must be a number or a dict of channel: number; got {given!r}"
            )
        if not (scales >= 0).all() or np.isinf(scales).any():
            raise InvalidParameterError(f"min_scale must be finite and at least 0; got {given!r}")
        return scales[self.channels_]

    def _apply(self, signals: Signals) -> np.ndarray:
        out, filtered = self._room(signals)
        wanted = self.add_indicator or self.action == "interpolate"
        n_samples = signals.values.shape[1] if wanted else 0
        mask = np.zeros((len(self.channels_), n_samples), dtype=np.uint8)

        def clean(x: np.ndarray, target: np.ndarray) -> None:
            self._run(x, signals.bounds, target, mask, CODES[self.action])
            if self.action == "interpolate":
                self._interpolate(x, signals.bounds, target, mask)

        run_chosen(signals.values, self.channels_, filtered, clean)
        if self.add_indicator:
            out[len(filtered) :] = mask
        return out

    def _flags(self, signals: Signals) -> np.ndarray:
        x = chosen(signals.values, self.channels_)
        mask = np.zeros(x.shape, dtype=np.uint8)
        self._run(x, signals.bounds, np.empty((len(x), 0), dtype=x.dtype), mask, _hampel.KEEP)
        return mask

    def _not_good(self, signals: Signals) -> np.ndarray:
        x = chosen(signals.values, self.channels_)
        out = np.empty_like(x)
        mask = np.empty((len(x), 0), dtype=np.uint8)
        self._run(x, signals.bounds, out, mask, _hampel.NAN)
        return np.isnan(out)

    def _interpolate(
        self, x: np.ndarray, bounds: np.ndarray, out: np.ndarray, mask: np.ndarray
    ) -> None:
        """Straight lines over outliers; their medians in a segment without a good sample."""
        found = out.copy()  # NaN where a window gives NaN, so nothing is drawn from there
        task = (bounds, len(x), self._n_threads(), found, bounds, out, mask)
        run_blocks(interpolate_flagged, *task)
        alone = (mask != 0) & np.isnan(out)
        if alone.any():
            medians = np.empty_like(out)
            self._run(x, bounds, medians, mask, _hampel.MEDIAN)
            out[alone] = medians[alone]

    def _run(
        self, x: np.ndarray, bounds: np.ndarray, out: np.ndarray, mask: np.ndarray, action: int
    ) -> None:
        """Call the kernel for runs of channels that share their least scale."""
        first = 0
        while first < len(x):
            scale = self.min_scale_[first]
            differs = np.flatnonzero(self.min_scale_[first:] != scale)
            last = first + int(differs[0]) if differs.size else len(x)
            run_blocks(
                _hampel.hampel,
                bounds,
                last - first,
                self._n_threads(),
                x[first:last],
                bounds,
                out[first:last],
                mask[first:last],
                self.window_,
                bool(self.causal),
                float(self.threshold),
                float(scale),
                action,
                self.nan_policy == "omit",
            )
            first = last
