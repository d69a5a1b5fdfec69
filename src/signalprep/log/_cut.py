"""Channels with stamps of their own, cut where other channels name the next cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._channel import Channel
from signalprep.log._columns import with_labels
from signalprep.log._rows import noise
from signalprep.log._samples import EVEN, Place, Samples, valid_samples

_EXACT = 2.0**53  # float64 holds every whole number up to it


def cycle_changes(
    channels: Sequence[Channel], duplicates: str = "raise", place: Place | None = None
) -> tuple[np.ndarray, dict[str, pd.Series]]:
    """When one of the channels says something else, and what each says from then on.

    Samples that are invalid or missing say nothing: what was said before holds on. The first stamp
    is that at which all channels are known. Numbers that are whole throughout become whole numbers,
    a state whose codes all have words those.

    Raises
    ------
    InvalidLogError
        A channel without a valid sample, and stamps as in `on_clock`.
    """
    found = valid_samples(channels, duplicates, place)
    for channel, own in zip(channels, found.samples, strict=True):
        if not len(own.recorded):
            raise InvalidLogError(f"channel {channel.name!r} must tell cycles; it has no sample")
    stamps = np.unique(np.concatenate([own.recorded for own in found.samples]))
    stamps = stamps[stamps >= max(own.recorded[0] for own in found.samples)]
    parted = np.diff(stamps) > min(_slack(own.recorded) for own in found.samples)
    begin, end = stamps[np.append(True, parted)], stamps[np.append(parted, True)]
    changed = np.zeros(len(begin), dtype=bool)
    changed[0] = True
    said = {}
    for channel, own in zip(channels, found.samples, strict=True):
        last = np.searchsorted(own.recorded, end, side="right") - 1
        said[channel.name] = _words(channel, own).iloc[last]
        changed[1:] |= np.diff(pd.factorize(said[channel.name])[0]) != 0
    return begin[changed], {
        name: words[changed].reset_index(drop=True) for name, words in said.items()
    }


def _words(channel: Channel, samples: Samples) -> pd.Series:
    values = channel.values if samples.rows is None else channel.values[samples.rows]
    words = pd.Series(with_labels(values, channel, samples)).reset_index(drop=True)
    if words.dtype.kind == "f" and (words == np.rint(words)).all() and words.abs().max() < _EXACT:
        words = words.astype(np.int64)
    return words if words.dtype.kind == "f" else words.astype(object)


def cut_channels(
    channels: Sequence[Channel], starts: np.ndarray, place: Place | None = None
) -> list[list[Channel]]:
    """The channels before the first of the stamps, and from each of them up to the next.

    Parts that were sampled together share their stamps as the channels did.
    """
    parts: list[list[Channel]] = [[] for _ in range(len(starts) + 1)]
    shared: dict[int, list[tuple[slice, np.ndarray]]] = {}
    for channel in channels:
        known = id(channel.times)
        if known not in shared:
            times = np.asarray(channel.times, dtype=np.float64)
            if not (np.diff(times) >= 0).all():
                valid_samples([channel], "last", place)  # says which sample goes back
            bounds = [0, *np.searchsorted(times, starts - _slack(times)).tolist(), len(times)]
            rows = [slice(a, b) for a, b in pairwise(bounds)]
            shared[known] = [(each, times[each]) for each in rows]
        for part, (rows_of_part, stamps) in zip(parts, shared[known], strict=True):
            part.append(_rows_of(channel, rows_of_part, stamps))
    return parts


def _slack(times: np.ndarray) -> float:
    """Seconds by which stamps differ that are the same but for the rounding of floats."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    return max(EVEN * step, noise(times))


def _rows_of(channel: Channel, rows: slice, stamps: np.ndarray) -> Channel:
    valid = None if channel.valid is None else channel.valid[rows]
    return replace(channel, times=stamps, values=channel.values[rows], valid=valid)
