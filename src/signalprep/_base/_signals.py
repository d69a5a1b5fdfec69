"""Signals: what a transformer reads from its input, and all checks of it."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._kernel import INFINITY, NAN_AND_INFINITY
from signalprep._kernels._scan import scan
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import locate, refuse_lookalike, shown

NAN_POLICIES = ("raise", "propagate", "omit")


class Refusal(NamedTuple):
    """What a step cannot use.

    Attributes
    ----------
    nan_policy : {"raise", "propagate", "omit"}
        Whether NaN is refused; infinity always is.
    angles : ndarray of int or None
        Positions of the channels that must not be a wrapped angle.
    remedy : str
        What else can be done about such an angle, in words.
    """

    nan_policy: str
    angles: np.ndarray | None = None
    remedy: str = ""

    @property
    def code(self) -> float:
        """The same, as kernels take it."""
        return NAN_AND_INFINITY if self.nan_policy == "raise" else INFINITY


@dataclass
class Signals:
    """What a transformer reads from its input.

    Attributes
    ----------
    samples : ndarray of shape (n_channels, n_samples)
        As they came: `values` are the same once they have been looked through.
    bounds : ndarray of int64 of shape (n_segments + 1,)
        Borders of the segments.
    index : MultiIndex or None
        The (cycle, time) index; None for data without one.
    sample_time : float or None
        Seconds between samples; None when unknown.
    names : list of str
        Names of the channels.
    refusal : Refusal or None
        What is still to be looked for; None once that is done.
    n_before : int or None
        Samples of the same segment before these, in a stream.
    n_threads : int
        With which to look through the samples.
    passed : mapping of int to array
        Values of the channels that hold no numbers, by position; 0 in the samples. The step hands
        them on.
    """

    samples: np.ndarray
    bounds: np.ndarray
    index: pd.MultiIndex | None
    sample_time: float | None
    names: list[Any]
    refusal: Refusal | None = None
    n_before: int | None = None
    n_threads: int = 1
    passed: Mapping[int, Any] = field(default_factory=dict)

    @property
    def values(self) -> np.ndarray:
        """The samples, (n_channels, n_samples), which the step can use; not to be written to.

        Contiguous in time, float64 or float32. They are looked through when first asked for, if
        nobody has done so on the way (`check`).
        """
        self.check()
        return self.samples

    def check(self, facts: np.ndarray | None = None) -> None:
        """Raise for samples that the step refuses; does nothing from the second time on.

        Parameters
        ----------
        facts : ndarray of shape (n_channels, 3), default=None
            Sum, least and greatest value of each channel, of which a pass that wanted the samples
            for another reason has told; None takes a pass of its own.
        """
        if self.refusal is None:
            return
        nan_policy, angles, remedy = self.refusal
        facts = self._facts() if facts is None else facts
        _check_finite(self, nan_policy, facts)
        if angles is not None:
            _refuse_wrapped_angles(self, angles, facts, remedy)
        self.refusal = None

    def is_seen_by(self, channels: np.ndarray) -> bool:
        """Whether a kernel over these channels can look for all that is left to look for."""
        left = self.refusal is not None and self.refusal.angles is None
        return left and len(channels) == len(self.samples)

    def _facts(self) -> np.ndarray:
        n_channels, n_samples = self.samples.shape
        facts = np.empty((n_channels, 3))
        whole = np.array([0, n_samples], dtype=np.int64)
        run_blocks(scan, whole, n_channels, self.n_threads, self.samples, facts)
        return facts

    def part(self, values: np.ndarray, names: list[Any] | None = None) -> Signals:
        """Other values of the same rows, which need no look."""
        names = self.names if names is None else names
        return replace(self, samples=values, names=names, refusal=None, passed={})

    def longest(self) -> int:
        """Rows of the longest segment."""
        return int(np.diff(self.bounds).max())

    def cycles(self) -> pd.Index:
        """Ids of the cycles, in order; none of data without an index."""
        if self.index is None:
            return pd.Index([])
        codes = self.index.codes[0][self.bounds[:-1]]
        first = np.concatenate(([True], codes[1:] != codes[:-1]))
        return self.index.levels[0].take(codes[first])

    def cycle_of(self, segment: int) -> str:
        """Words for the cycle a segment belongs to."""
        if self.index is None:
            return "the recording"
        code = self.index.codes[0][self.bounds[segment]]
        return f"cycle {shown(self.index.levels[0][code])}"

    def place(self, row: int) -> str:
        """Words for where a sample stands."""
        if self.n_before is not None:
            return f"sample {self.n_before + row} since the last reset"
        return locate(self.index, row)


def channel_positions(
    columns: Sequence[Any] | None, names: list[Any], parameter: str = "columns"
) -> np.ndarray:
    """Positions of the channels given by name or position; None is all of them."""
    if columns is None:
        return np.arange(len(names))
    if isinstance(columns, str) or not isinstance(columns, (Sequence, np.ndarray, pd.Index)):
        raise InvalidParameterError(f"{parameter} must be a list of channel names; got {columns!r}")
    position = {name: k for k, name in enumerate(names)}
    found = []
    for column in columns:
        if isinstance(column, Hashable) and column in position:
            found.append(position[column])
        elif _is_position(column, len(names)):
            found.append(int(column))
        else:
            raise InvalidParameterError(
                f"{parameter} must name channels of X (n_features = {len(names)}: "
                f"{', '.join(map(str, names))}); got {column!r}"
            )
    if len(set(found)) < len(found):
        raise InvalidParameterError(f"{parameter} must name each channel once; got {columns!r}")
    return np.array(found, dtype=np.int64)


def _is_position(column: Any, n_channels: int) -> bool:
    whole = isinstance(column, numbers.Integral) and not isinstance(column, bool)
    return whole and 0 <= column < n_channels


def _check_finite(signals: Signals, nan_policy: str, facts: np.ndarray) -> None:
    """Raise on an infinity, and on NaN when the policy says so, naming the first place."""
    if nan_policy not in NAN_POLICIES:
        raise InvalidParameterError(
            f"nan_policy must be one of {', '.join(map(repr, NAN_POLICIES))}; got {nan_policy!r}"
        )
    for k in np.flatnonzero(~np.isfinite(facts[:, 0])):  # the sum of the channel
        channel, values = signals.names[k], signals.samples[k]
        infinite = np.isinf(values)
        if infinite.any():
            row = int(np.argmax(infinite))
            raise InvalidLogError(
                f"Input X contains infinity: channel {channel!r}, {signals.place(row)}"
            )
        missing = np.isnan(values)
        if nan_policy == "raise" and missing.any():
            row = int(np.argmax(missing))
            raise InvalidLogError(
                f"Input X contains NaN: channel {channel!r}, {signals.place(row)}. "
                "nan_policy='omit' computes from what is there, 'propagate' passes NaN on"
            )


def check_window_fits(
    signals: Signals, window: int, name: str, remedy: str = "causal=True grows its window instead"
) -> None:
    """Raise when a segment is shorter than a window that needs all its samples."""
    lengths = np.diff(signals.bounds)
    if (lengths < window).any():
        k = int(np.argmax(lengths < window))
        raise InvalidParameterError(
            f"{name} must not be longer than a segment; got {window} samples, "
            f"{signals.cycle_of(k)} has a segment of {lengths[k]} samples starting at row "
            f"{signals.bounds[k]}. {remedy}"
        )


def check_rows(X: Any) -> None:
    """Raise for data without a row, and for what only looks like a log."""
    refuse_lookalike(X)
    shape = getattr(X, "shape", ())
    if shape[:1] == (0,):
        raise InvalidLogError(
            f"X must have at least one row; got none, shape {shape}: see what was left out before, "
            "or skip what is empty"
        )


def check_table(X: Any) -> None:
    """Raise for data without rows, and for a frame of no channels or unclear ones."""
    check_rows(X)
    if not isinstance(X, pd.DataFrame):
        return
    if X.shape[1] == 0:
        raise InvalidLogError("X must have at least one channel; got 0 feature(s)")
    if not X.columns.is_unique:
        twice = X.columns[X.columns.duplicated()][0]
        raise InvalidLogError(f"column names must be unique; {twice!r} occurs more than once")
    for k, label in enumerate(X.columns):
        if isinstance(label, numbers.Integral) and label != k:
            raise InvalidLogError(
                "column names must be strings, since whole numbers stand for positions; "
                f"got {label} at position {k}"
            )


def is_all_float(X: Any) -> bool:
    """Whether X is a frame with rows, all of float64 or all of float32: nothing to convert."""
    if not isinstance(X, pd.DataFrame) or len(X) == 0:
        return False
    dtypes = set(X.dtypes)
    return dtypes in ({np.dtype(np.float64)}, {np.dtype(np.float32)})


def _refuse_wrapped_angles(
    signals: Signals, channels: np.ndarray, facts: np.ndarray, remedy: str
) -> None:
    from signalprep._kernels._angle import looks_like_wrapped_angle

    codes = looks_like_wrapped_angle(signals.samples, signals.bounds, facts)
    for k in channels:
        if codes[k]:
            raise InvalidLogError(
                f"channel {signals.names[k]!r} looks like a wrapped angle, and averaging across "
                "the wrap gives wrong values: unwrap it (numpy.unwrap) or use its sine and cosine"
                f"{remedy}"
            )
