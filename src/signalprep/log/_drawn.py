"""Values that nobody recorded, drawn on request: straight lines, and means between two rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.log._channel import Channel
from signalprep.log._held import Last, last_at
from signalprep.log._rows import Rows
from signalprep.log._samples import EVEN, Samples
from signalprep.log._segments import GAP


def why_only_held(channel: Channel, samples: Samples) -> str:
    """Why a channel takes no values between those recorded; empty when it may."""
    dtype = channel.values.dtype
    if channel.kind != "number":
        return f"is of the kind {channel.kind!r}"
    if not pd.api.types.is_float_dtype(dtype):
        return f"holds {dtype}, not floats"
    if _is_wrapped_angle(_numbers(channel.values, samples), samples):
        return "looks like a wrapped angle"
    return ""


def _is_whole(channel: Channel, samples: Samples) -> bool:
    """Whether all values are whole numbers: text tables do not tell states from measurements."""
    numbers = _numbers(channel.values, samples)
    return bool((numbers == np.rint(numbers)).all())


def _is_wrapped_angle(numbers: np.ndarray, samples: Samples) -> bool:
    from signalprep._kernels._angle import looks_like_wrapped_angle

    if len(numbers) < 2:
        return False
    cuts = np.flatnonzero(np.diff(samples.stamps) > GAP * samples.step) + 1
    bounds = np.union1d(cuts, samples.bounds).astype(np.int64)
    facts = np.array([[0.0, numbers.min(), numbers.max()]])
    return bool(looks_like_wrapped_angle(numbers[np.newaxis], bounds, facts)[0])


def linear_channels(
    interpolate: str | Sequence[Hashable] | None,
    channels: Sequence[Channel],
    samples: Sequence[Samples],
) -> set[Any]:
    """Names of the channels to interpolate.

    Floats that are whole numbers throughout may be a state: they are interpolated by name only.

    Raises
    ------
    InvalidParameterError
        For a name of no channel, or of one that must only be held.
    """
    if interpolate is None:
        return set()
    every = isinstance(interpolate, str)
    if every and interpolate != "linear":
        raise InvalidParameterError(
            f"interpolate must be 'linear', a list of channels, or None; got {interpolate!r}"
        )
    known = {channel.name: k for k, channel in enumerate(channels)}
    names = list(known) if every else list(interpolate)
    chosen: set[Any] = set()
    for name in names:
        if name not in known:
            raise InvalidParameterError(
                f"interpolate names {name!r}, which is no channel; channels are {list(known)}"
            )
        reason = why_only_held(channels[known[name]], samples[known[name]])
        if not reason:
            if not (every and _is_whole(channels[known[name]], samples[known[name]])):
                chosen.add(name)
        elif not every:
            raise InvalidParameterError(
                f"interpolate must name continuous channels; {name!r} {reason} and is only held"
            )
    return chosen


def interpolated(
    values: Any, samples: Samples, last: Last, limit: float, rows: Rows, column: Any
) -> tuple[Any, np.ndarray, float]:
    """`column`, with straight lines between samples that are no farther apart than `limit`.

    Also gives the samples that a line begins at, and the longest distance in seconds between two
    samples with a line.
    """
    n = len(samples.stamps)
    follows = np.zeros(max(n, 1), dtype=bool)
    follows[: n - 1] = True
    ends = samples.bounds[1:]
    follows[ends[ends > 0] - 1] = False
    between = (last.sample >= 0) & (last.age > rows.tolerance)
    between[between] = follows[last.sample[between]]
    left = last.sample[between]
    length = samples.stamps[left + 1] - samples.stamps[left]
    near = length <= limit * (1.0 + EVEN) + rows.tolerance
    between[between] = near
    left, length = left[near], length[near]
    if not len(left):
        return column, left, 0.0
    numbers = _numbers(values, samples)
    share = np.minimum(last.age[between] / length, 1.0)
    drawn = numbers[left] * (1.0 - share) + numbers[left + 1] * share
    column = column.copy()
    column[between] = drawn.astype(getattr(column.dtype, "numpy_dtype", column.dtype))
    return column, left, float(length.max())


def averaged(
    values: Any, samples: Samples, last: Last, before: Rows, column: Any
) -> tuple[Any, np.ndarray]:
    """`column`, with the mean of the samples after `before` and up to each row, if there are any.

    Also gives which samples are part of a mean.
    """
    begin = last_at(samples, before)
    several = last.sample > begin
    first, end = begin[several] + 1, last.sample[several] + 1
    edges = np.zeros(len(samples.stamps) + 1, dtype=np.int64)
    edges[first] += 1
    edges[end] -= 1
    part = np.cumsum(edges)[:-1] > 0
    if not len(first):
        return column, part
    numbers = _numbers(values, samples)
    origin = numbers[first]  # distances from it keep a constant constant, to the last bit
    with np.errstate(invalid="ignore"):
        numbers[part] -= np.repeat(origin, end - first)
        pairs = np.column_stack([first, end]).ravel()
        means = origin + np.add.reduceat(np.append(numbers, 0.0), pairs)[::2] / (end - first)
    column = column.copy()
    column[several] = means.astype(getattr(column.dtype, "numpy_dtype", column.dtype))
    return column, part


def _numbers(values: Any, samples: Samples) -> np.ndarray:
    """Values of the samples as float64, an array of its own."""
    own = values if samples.rows is None else values[samples.rows]
    if isinstance(own, np.ndarray):
        return own.astype(np.float64)
    return np.array(own.to_numpy(dtype=np.float64, na_value=np.nan))
