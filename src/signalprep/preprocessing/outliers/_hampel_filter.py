"""HampelFilter: outliers against the moving median, and what to put in their place."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd

from signalprep._base import Plan, Signals, channel_positions
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import chosen
from signalprep._kernels._hampel import HAMPEL, hampel_params
from signalprep._kernels._hampel_scales import hampel_scales
from signalprep._kernels._quantiles import quantiles
from signalprep._kernels._quantisation import quantisation_step
from signalprep.errors import InvalidParameterError
from signalprep.log import to_samples
from signalprep.preprocessing.outliers._act import check_action
from signalprep.preprocessing.outliers._outlier_filter import OutlierFilter
from signalprep.preprocessing.outliers._regime_split import RegimeSplit, filtered_channels
from signalprep.preprocessing.outliers._regime_statistics import regime_statistics, regime_table

__all__ = ["HampelFilter"]

STEP, TYPICAL = "step", "typical"

ACTIONS = ("keep", "nan", "hold", "median", "clip", "interpolate")


class HampelFilter(OutlierFilter):
    r"""Hampel filter: a sample far from the median of its window is an outlier.

    Every segment is filtered on its own. Windows are cut off where the segment begins or ends.
    Assumes signals with outliers rarer than every other sample of a window, and of more than two
    values: in a binary signal nothing is an outlier, or every change with ``min_scale=0.0``. A
    wrapped angle is refused: what follows a wrap would be one.

    Parameters
    ----------
    window_length : int or str, default=11
        Samples, at least 3, or a duration such as "0.5s". A symmetric window must be odd; a
        duration that gives an even number is lengthened by one sample then.
    threshold : float, default=3.0
        Allowed distance from the median in scales S (robust standard deviations), >= 0.
    causal : bool, default=True
        True: the window is the last `window_length` samples. False: it is centred on the sample.
    min_scale : "step", "typical", float or dict {channel: one of these}, default="step"
        Least scale, in the unit of the signal: the noise floor. "typical" is learned from the
        training rows: the median of S over them or, where it is larger, of the changes from one
        sample to the next that are not zero; it keeps what happens after a stretch of held values
        or of little noise from being flagged. "step" is the quantisation step of
        the channel, learned from the training rows: the smallest distance of two distinct values if
        at least 90 % of the distances between neighbours among its sorted distinct values are whole
        multiples of it, else 0. It keeps quantised signals, whose scale is often 0, from being
        flagged for a single step. 0.0 gives the plain filter, and so it is for channels that a dict
        does not name.
    action : {"median", "hold", "nan", "clip", "interpolate", "keep"}, default="median"
        What takes the place of an outlier: the median of its window (the default, as it always
        exists and looks no further than the window); the last good sample of the segment (the
        median while there is none); NaN; the nearest value within the threshold; a straight line
        between the good neighbours, which looks ahead; or the sample itself (to flag only).
    columns : list of channels, default=None
        Which channels to filter; None is all of them but `by`. The others pass through.
    by : channel or transformer, default=None
        A noise floor by regime: the least scale of a sample is the scale that is typical of its
        regime, the median of S over the training rows there, and never below `min_scale`. So the
        short windows whose S is small by chance flag nothing that is usual in the regime. A
        channel, each of whose values is a regime, or a transformer that gives labels, such as
        :class:`~signalprep.RegimeBinner`, which is cloned and fitted on the training rows. A regime
        that training never saw, one with fewer than `min_rows` values, and rows whose regime is
        missing have the floor of all rows together.
    min_rows : int, default=30
        Least number of training values of a channel in a regime for a floor of its own.
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
    min_scale_ : ndarray of shape (n_filtered,)
        Least scale of each filtered channel, as given or learned.
    steps_ : dict {channel: float}
        The quantisation steps among them, which are learned.
    floors_ : DataFrame
        With `by`: least scale and the number n of training values, by regime and channel, and
        whether the regime has its own.
    cycles_ : Index
        Ids of the cycles seen in fit; empty for arrays, and where nothing is learned from them
        (neither "step" nor "typical" nor `by`).
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
        A parameter out of its range, a duration for data without time, or `by` without a regime of
        `min_rows` training rows.
    InvalidLogError
        A channel to filter that looks like a wrapped angle.

    Notes
    -----
    With the median :math:`m` of the window and :math:`S = 1.4826 \, \mathrm{median} |x_j - m|`
    over the same window, x is an outlier when :math:`|x - m| >` `threshold` :math:`\cdot \max(S,`
    `min_scale` :math:`)`. The factor makes S the standard deviation of Gaussian noise. Cost:
    O(rows * window), a small constant; in fit a sort of each quantised channel for "step".

    Distances are whole multiples, and values are distinct, as far as the rounding of floating-point
    numbers can tell; of distances that are equal but for rounding the largest is the step. A
    channel of two values has their distance as its step, so that nothing in it is an outlier at
    `threshold` 1 or more. What was filtered, scaled or interpolated before has no step.

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

    combines_rows = True
    _last_resort = "median"

    def __init__(
        self,
        window_length: int | str = 11,
        threshold: float = 3.0,
        *,
        causal: bool = True,
        min_scale: float | str | Mapping[Hashable, float | str] = "step",
        action: str = "median",
        columns: Sequence[Hashable] | None = None,
        by: Any = None,
        min_rows: int = 30,
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
        self.by = by
        self.min_rows = min_rows
        self.add_indicator = add_indicator
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: Any) -> None:
        check_action(self.action, ACTIONS)
        if not isinstance(self.threshold, numbers.Real) or not self.threshold >= 0:
            raise InvalidParameterError(
                f"threshold must be a number of at least 0; got {self.threshold!r}"
            )
        self.channels_ = filtered_channels(self, signals.names)
        self.window_ = self._window(signals)
        self.min_scale_, typical = self._given_scales(signals)
        learned = np.isnan(self.min_scale_)
        self._learn_steps(signals, np.flatnonzero(learned & ~typical))
        self._learn_typical(signals, np.flatnonzero(typical))
        learns = self.by is not None or learned.any()
        self.cycles_ = signals.cycles() if learns else pd.Index([])
        self.split_: RegimeSplit | None = None
        if self.by is not None:
            self._learn_floors(signals, y)
        self.lookahead_ = 0 if self.causal else self.window_ // 2
        self._claim(signals)

    def _learn_floors(self, signals: Signals, y: Any) -> None:
        """Least scale of each filtered channel in each regime."""
        self.split_ = RegimeSplit(self.by, self.min_rows)
        number = self.split_.fit(signals, y, hasattr(self, "feature_names_in_"))
        scales = self._scales(signals, self.channels_)
        overall = self._typical(scales)
        found, n_values = regime_statistics(scales, overall, number, self.split_, self._typical)
        self.min_scale_by_regime_ = np.fmax(found[..., 0], self.min_scale_[:, np.newaxis])
        names = pd.Index([signals.names[k] for k in self.channels_], name="channel")
        columns = {"min_scale": self.min_scale_by_regime_}
        self.floors_ = regime_table(self.split_, names, columns, n_values)

    def _scales(self, signals: Signals, channels: np.ndarray) -> np.ndarray:
        """S of the window of each sample."""
        x = chosen(signals.values, channels)
        scales = np.empty(x.shape)
        task = (signals.bounds, len(x), self._n_threads(), x, signals.bounds, scales)
        run_blocks(hampel_scales, *task, self._params(np.zeros((1, 1)))[0])
        return scales

    def _typical(self, scales: np.ndarray) -> np.ndarray:
        """Median of each channel, shape (n_channels, 1); NaN where there is nothing."""
        found = np.empty((len(scales), 1))
        whole = np.array([0, scales.shape[1]], dtype=np.int64)
        task = (whole, len(scales), self._n_threads(), scales, np.array([0.5]), found)
        run_blocks(quantiles, *task)
        return found

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

    def _given_scales(self, signals: Signals) -> tuple[np.ndarray, np.ndarray]:
        """Least scale of each filtered channel, NaN where it is learned, and where as typical."""
        given = self.min_scale
        values = list(given.values()) if isinstance(given, Mapping) else [given]
        learned = [isinstance(value, str) and value in (STEP, TYPICAL) for value in values]
        known = [value for value, own in zip(values, learned, strict=True) if not own]
        if not all(isinstance(value, numbers.Real) for value in known):
            raise InvalidParameterError(
                "min_scale must be a number or a dict of channel: number, or 'step' or 'typical' "
                f"in place of a number; got {given!r}"
            )
        if not all(0 <= float(value) < np.inf for value in known):
            raise InvalidParameterError(f"min_scale must be finite and at least 0; got {given!r}")
        scales, typical = np.zeros(len(signals.names)), np.zeros(len(signals.names), dtype=bool)
        places: Any = slice(None)
        if isinstance(given, Mapping):
            places = channel_positions(list(given), signals.names, "min_scale")
        scales[places] = [np.nan if own else v for v, own in zip(values, learned, strict=True)]
        typical[places] = [isinstance(value, str) and value == TYPICAL for value in values]
        return scales[self.channels_], typical[self.channels_]

    def _learn_steps(self, signals: Signals, places: np.ndarray) -> None:
        """Put the quantisation steps of the training rows in their places."""
        channels = self.channels_[places]
        with ThreadPoolExecutor(self._n_threads()) as pool:
            steps = list(pool.map(quantisation_step, [signals.values[k] for k in channels]))
        self.min_scale_[places] = steps
        names = [signals.names[k] for k in channels]
        self.steps_ = {name: float(step) for name, step in zip(names, steps, strict=True)}

    def _learn_typical(self, signals: Signals, places: np.ndarray) -> None:
        """Put what is typical of the training rows in its places."""
        if not len(places):
            return
        channels = self.channels_[places]
        found = np.nan_to_num(self._typical(self._scales(signals, channels))[:, 0])
        changes = [_typical_change(signals.values[k], signals.bounds) for k in channels]
        self.min_scale_[places] = np.fmax(found, changes)

    def _judge(self, dtype: np.dtype) -> Plan:
        floors = (
            self.min_scale_[:, np.newaxis] if self.split_ is None else self.min_scale_by_regime_
        )
        return Plan(HAMPEL, self.channels_, self._params(floors), self.split_, "keep")

    def _params(self, floors: np.ndarray) -> np.ndarray:
        """Of the kernel, for least scales (n_channels, n_regimes)."""
        return hampel_params(
            self.window_,
            float(self.threshold),
            floors,
            omit=self.nan_policy == "omit",
            lookahead=0 if self.causal else self.window_ // 2,
            refuses=self._refuses(),
        )


def _typical_change(x: np.ndarray, bounds: np.ndarray) -> float:
    """Median of the changes between neighbours of a segment that differ; 0 without any."""
    change = np.abs(np.diff(np.asarray(x, dtype=np.float64)))
    change[bounds[1:-1] - 1] = 0.0
    moved = change[change > 0]  # leaves NaN out, too
    return float(np.median(moved)) if len(moved) else 0.0
