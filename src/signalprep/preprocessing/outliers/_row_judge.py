"""RowJudge: outliers among rows, by detectors that see all chosen channels together."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from joblib import effective_n_jobs

from signalprep._base import Judged, Plan, Signals
from signalprep._kernels._actions import KEEP
from signalprep._kernels._replace import REPLACE
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.preprocessing.outliers._act import ACTIONS, check_action
from signalprep.preprocessing.outliers._regime_split import RegimeSplit, filtered_channels

__all__ = ["RowJudge", "check_contamination", "learn_row_judge"]

BLOCK = 1 << 16  # rows at a time, so that the copy a detector needs stays small


class RowJudge(NamedTuple):
    """A detector of all training rows, and those of the regimes that have their own.

    Attributes
    ----------
    channels : ndarray of int
        Positions of the channels to judge by.
    scale : ndarray of shape (n_chosen,) or float
        What these are divided by before a detector sees them.
    detector : detector
        scikit-learn's, whose ``predict`` judges each row alone.
    detectors : dict {int: detector}
        By number of the regime.
    split : RegimeSplit or None
        The regimes.
    """

    channels: np.ndarray
    scale: Any
    detector: Any
    detectors: dict[int, Any]
    split: RegimeSplit | None

    def flags(self, signals: Signals, n_threads: int) -> np.ndarray:
        """Outliers, uint8 (n_chosen, n_samples), the same for all channels."""
        n_samples = signals.values.shape[1]
        number = None if self.split is None else self.split.number(signals)
        flags = np.zeros((len(self.channels), n_samples), dtype=np.uint8)

        def judge(first: int) -> None:
            at = np.arange(first, min(first + BLOCK, n_samples))
            flags[:, at] = self._judge(signals, at, None if number is None else number[at])

        blocks = range(0, n_samples, BLOCK)
        if n_threads == 1 or len(blocks) == 1:
            for first in blocks:
                judge(first)
            return flags
        with ThreadPoolExecutor(n_threads) as pool:
            list(pool.map(judge, blocks))  # raises what a thread raised
        return flags

    def _judge(self, signals: Signals, at: np.ndarray, number: np.ndarray | None) -> np.ndarray:
        """Whether each of some rows is an outlier; a row with a NaN is none."""
        rows = _rows(signals, self.channels, at)
        left = _complete(rows.T)
        bad = np.zeros(len(at), dtype=bool)
        tasks = []
        if number is not None:
            for regime in np.unique(number).tolist():
                if regime in self.detectors:
                    here = left & (number == regime)
                    left &= ~here
                    tasks.append((self.detectors[regime], here))
        for detector, here in [*tasks, (self.detector, left)]:
            if here.any():
                bad[here] = detector.predict(rows[here] / self.scale) == -1
        return bad

    def plan(self, start: np.ndarray, refuses: float, n_threads: int) -> Plan:
        """The judge, with values ``start`` (n_chosen,) for where no sample is good yet."""
        params = np.array([[refuses, KEEP]])

        def judge(signals: Signals) -> Judged:
            flags = self.flags(signals, n_threads)
            return Judged(signals.values, flags, start[:, np.newaxis])

        return Plan(REPLACE, self.channels, params, None, "keep", judge)


class LearnedRows(NamedTuple):
    """What training rows tell of a joint filter.

    Attributes
    ----------
    judge : RowJudge
        Fitted.
    start : ndarray of shape (n_chosen,)
        Medians of the rows that are not flagged.
    bad : ndarray of shape (n_chosen, n_samples)
        Samples that are flagged or missing.
    """

    judge: RowJudge
    start: np.ndarray
    bad: np.ndarray


def learn_row_judge(
    step: Any,
    signals: Signals,
    y: Any,
    fit: Callable[[np.ndarray], Any],
    scale_of: Callable[[np.ndarray], Any] = lambda rows: 1.0,
) -> LearnedRows:
    """Fit the detectors of a step that has ``action``, ``columns``, ``by`` and ``min_rows``.

    ``fit(rows)`` gives a fitted detector for rows (n, n_channels), float64 without NaN, or None
    where these are too few; ``scale_of(rows)`` what they are divided by before.
    """
    channels = _joint_channels(step, signals)
    complete = _complete(signals.values[channels])
    if not complete.any():
        raise InvalidLogError(
            f"{type(step).__name__} must have a training row with a value in each of its "
            f"{len(channels)} channels; got none"
        )
    rows = _rows(signals, channels, np.flatnonzero(complete))
    scale = scale_of(rows)
    detector = fit(rows / scale)
    if detector is None:
        raise InvalidLogError(
            f"{type(step).__name__} needs at least two different training rows; "
            f"got n_samples = {len(rows)}"
        )
    split, detectors = None, {}
    if step.by is not None:
        split = RegimeSplit(step.by, step.min_rows)
        number = split.fit(signals, y, hasattr(step, "feature_names_in_"))
        for regime in range(len(split.n_rows_)):
            at = np.flatnonzero((number == regime) & complete)
            own = fit(_rows(signals, channels, at) / scale) if len(at) >= step.min_rows else None
            if own is not None:
                detectors[regime] = own
    judge = RowJudge(channels, scale, detector, detectors, split)
    flags = judge.flags(signals, effective_n_jobs(step.n_jobs))
    good = complete & (flags[0] == 0)
    at = np.flatnonzero(good if good.any() else complete)
    bad = flags | np.isnan(signals.values[channels])
    return LearnedRows(judge, np.median(_rows(signals, channels, at), axis=0), bad)


def _joint_channels(step: Any, signals: Signals) -> np.ndarray:
    if step.action == "clip":
        raise InvalidParameterError(
            f"action='clip' needs limits of each channel, and {type(step).__name__} judges "
            "rows by all channels together; use 'hold', 'nan', 'interpolate' or 'keep', or "
            "ZScoreFilter or IQRFilter"
        )
    check_action(step.action, [action for action in ACTIONS if action != "clip"])
    channels = filtered_channels(step, signals.names)
    if len(channels) == 0:
        raise InvalidParameterError(
            f"columns must name a channel to judge by; got {step.columns!r}"
        )
    return channels


def _rows(signals: Signals, channels: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Chosen channels of some rows, as scikit-learn takes them."""
    return signals.values[np.ix_(channels, at)].T.astype(np.float64)


def _complete(x: np.ndarray) -> np.ndarray:
    """Samples at which every channel has a value."""
    complete = np.ones(x.shape[1], dtype=bool)
    for values in x:
        complete &= ~np.isnan(values)
    return complete


def check_contamination(contamination: Any) -> None:
    """Raise unless it is "auto" or a share in (0, 0.5]."""
    if isinstance(contamination, str) and contamination == "auto":
        return
    is_number = isinstance(contamination, (float, int, np.floating))
    if isinstance(contamination, bool) or not is_number or not 0 < contamination <= 0.5:
        raise InvalidParameterError(
            f"contamination must be 'auto' or a share in (0, 0.5]; got {contamination!r}"
        )
