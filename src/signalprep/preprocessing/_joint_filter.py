"""JointFilter: outliers among rows, judged by all chosen channels together."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from signalprep._base import Signals
from signalprep._kernels._chosen_channels import run_chosen
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.preprocessing._flag_mixin import ACTIONS, FlagMixin, check_action
from signalprep.preprocessing._learned_limits import filtered_channels
from signalprep.preprocessing._regime_split import RegimeSplit

__all__ = ["JointFilter", "check_contamination"]

BLOCK = 1 << 16  # rows at a time, so that the copy a detector needs stays small


class JointFilter(FlagMixin):
    """Adds to a SignalTransformer a detector that judges rows, and actions on all their channels.

    A subclass has the parameters ``action``, ``columns``, ``by``, ``min_rows`` and implements
    ``_detector(rows)``: a fitted scikit-learn detector for rows of shape (n, n_channels), float64
    without NaN, or None where these are too few. ``predict`` must judge each row alone.
    """

    columns: Sequence[Hashable] | None
    by: Any
    min_rows: int

    def _detector(self, rows: np.ndarray) -> Any:
        raise TypeError(f"{type(self).__name__} must implement _detector")

    def _prepare(self, rows: np.ndarray) -> np.ndarray:
        """Rows as the detector is to see them."""
        return rows

    def _learn_rows(self, signals: Signals, y: Any) -> None:
        """Set everything that is learned."""
        if self.action == "clip":
            raise InvalidParameterError(
                f"action='clip' needs limits of each channel, and {type(self).__name__} judges "
                "rows by all channels together; use 'hold', 'nan', 'interpolate' or 'keep', or "
                "ZScoreFilter or IQRFilter"
            )
        check_action(self.action, [action for action in ACTIONS if action != "clip"])
        self.channels_ = filtered_channels(self, signals)
        if len(self.channels_) == 0:
            raise InvalidParameterError(
                f"columns must name a channel to judge by; got {self.columns!r}"
            )
        self.cycles_ = signals.cycles()
        complete = _complete(signals.values[self.channels_])
        if not complete.any():
            raise InvalidLogError(
                f"{type(self).__name__} must have a training row with a value in each of its "
                f"{len(self.channels_)} channels; got none"
            )
        rows = self._rows(signals, np.flatnonzero(complete))
        self._learn_scales(rows)
        self.detector_ = self._detector(self._prepare(rows))
        if self.detector_ is None:
            raise InvalidLogError(
                f"{type(self).__name__} needs at least two different training rows; "
                f"got n_samples = {len(rows)}"
            )
        self._learn_by_regime(signals, y, complete)
        flags = self._flags(signals)
        good = complete & (flags[0] == 0)
        self.start_ = np.median(
            self._rows(signals, np.flatnonzero(good if good.any() else complete)), axis=0
        )
        self._claim(signals, flags)

    def _learn_scales(self, rows: np.ndarray) -> None:
        """What `_prepare` needs to know."""

    def _learn_by_regime(self, signals: Signals, y: Any, complete: np.ndarray) -> None:
        self.split_: RegimeSplit | None = None
        self.detectors_: dict[int, Any] = {}
        if self.by is None:
            return
        self.split_ = RegimeSplit(self.by, self.min_rows)
        number = self.split_.fit(signals, y, hasattr(self, "feature_names_in_"))
        for regime in range(len(self.split_.n_rows_)):
            rows = np.flatnonzero((number == regime) & complete)
            if len(rows) < self.min_rows:
                continue
            detector = self._detector(self._prepare(self._rows(signals, rows)))
            if detector is not None:
                self.detectors_[regime] = detector

    def _rows(self, signals: Signals, at: np.ndarray) -> np.ndarray:
        """Chosen channels of some rows, as scikit-learn takes them."""
        return signals.values[np.ix_(self.channels_, at)].T.astype(np.float64)

    def _flags(self, signals: Signals) -> np.ndarray:
        n_samples = signals.values.shape[1]
        number = None if self.split_ is None else self.split_.number(signals)
        flags = np.zeros((len(self.channels_), n_samples), dtype=np.uint8)

        def judge(first: int) -> None:
            at = np.arange(first, min(first + BLOCK, n_samples))
            flags[:, at] = self._judge(signals, at, None if number is None else number[at])

        blocks = range(0, n_samples, BLOCK)
        if self._n_threads() == 1 or len(blocks) == 1:
            for first in blocks:
                judge(first)
            return flags
        with ThreadPoolExecutor(self._n_threads()) as pool:
            list(pool.map(judge, blocks))  # raises what a thread raised
        return flags

    def _judge(self, signals: Signals, at: np.ndarray, number: np.ndarray | None) -> np.ndarray:
        """Whether each of some rows is an outlier; a row with a NaN is none."""
        rows = self._rows(signals, at)
        left = _complete(rows.T)
        bad = np.zeros(len(at), dtype=bool)
        tasks = []
        if number is not None:
            for regime in np.unique(number).tolist():
                if regime in self.detectors_:
                    here = left & (number == regime)
                    left &= ~here
                    tasks.append((self.detectors_[regime], here))
        for detector, here in [*tasks, (self.detector_, left)]:
            if here.any():
                bad[here] = detector.predict(self._prepare(rows[here])) == -1
        return bad

    def _apply(self, signals: Signals) -> np.ndarray:
        out, filtered = self._room(signals)
        mask = self._flags(signals)

        def act(x: np.ndarray, target: np.ndarray) -> None:
            instead = np.broadcast_to(self.start_[:, np.newaxis], x.shape)
            self._act(x, signals.bounds, target, mask, instead)

        run_chosen(signals.values, self.channels_, filtered, act)
        if self.add_indicator:
            out[len(filtered) :] = mask
        return out


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
