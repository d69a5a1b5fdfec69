"""One clock for channels with stamps of their own: each row has the last sample of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log._channel import Channel
from signalprep.log._columns import Columns
from signalprep.log._drawn import linear_channels
from signalprep.log._freshness import freshness_limits
from signalprep.log._held import LastSamples
from signalprep.log._rates import is_one_clock, refuse_fast_channels, refuse_several_clocks
from signalprep.log._rows import Rows, grid
from signalprep.log._samples import Place, Sampled, sampled, valid_samples


@dataclass
class Clocked:
    """Channels on one clock.

    Attributes
    ----------
    times : ndarray of float64 of shape (n_rows,)
        Seconds from the start of the recording. Rows part into segments where times do.
    columns : dict of str to ndarray, Series or extension array, each of shape (n_rows,)
        Values of each channel, and ages where they were asked for.
    lookahead : int
        How many rows a value may lie in the future: 0 unless values were interpolated.
    report : dict of str to dict of str to int
        For each channel how many samples were ``read``, and what became of them: ``used`` (in one
        row or more), ``invalid``, ``duplicate`` and ``left_out`` (no row has it) make up ``read``.
    """

    times: np.ndarray
    columns: dict[str, Any]
    lookahead: int = 0
    report: dict[str, dict[str, int]] = field(default_factory=dict)


def on_clock(
    channels: Sequence[Channel],
    *,
    clock: str | None = None,
    rate: float | None = None,
    interpolate: str | Sequence[str] | None = None,
    hold: Any = "auto",
    start: str = "first",
    ages: bool = False,
    reduce: str | None = None,
    duplicates: str = "raise",
    place: Place | None = None,
) -> Clocked:
    """Bring the channels of one recording onto one clock.

    The value at time t is that of the last valid sample with a stamp up to t: never one of the
    future, never one that was not recorded, missing where the sample is older than the channel is
    fresh. Samples that are invalid or missing are none: the value before them is held on.

    Parameters
    ----------
    channels : sequence of Channel
        Their `values` may also be a pandas array. Channels that were sampled together should share
        their array of stamps.
    clock : str, default=None
        Channel whose valid samples give the rows. None, with `rate` None: all channels have the
        same stamps.
    rate : float, default=None
        Rows on a grid at this rate in Hz, from the first sample of all; anew after a stretch in
        which no channel was fresh.
    interpolate : "linear" or list of str, default=None
        Draw straight lines instead, between samples that lie no farther apart than the channel is
        fresh: for all continuous channels, or those named. That looks into the future, see
        `lookahead` of the result. Codes, flags, integers, text and wrapped angles are only ever
        held, and floats that are whole numbers throughout unless they are named.
    hold : "auto", float, str, None, or mapping of channel to one of these, default="auto"
        How old a value may be, in seconds or as a duration ("5s"). "auto" is three times the
        channel's median step and at least one step of the clock (a channel of one sample: just
        that); None is no limit. Channels that a mapping leaves out are "auto".
    start : {"first", "common"}, default="first"
        "common" begins with the first row at which all channels (that have samples) are known.
    ages : bool, default=False
        Add a column ``<name>.age`` for each channel: seconds since its last sample, also where
        that is too old to count; NaN before the first.
    reduce : {"mean"}, default=None
        Channels more than twice as fast as the clock are an error, or with "mean" the mean of the
        valid samples since the row before (at most 1.5 steps); what is only held is held. Channels
        that are faster than the clock are then averaged, not interpolated.
    duplicates : {"raise", "last"}, default="raise"
        Of samples with the same stamp, raise or keep the last.
    place : callable, default=None
        Gives words for the place of a sample, from the channel and its row there, for messages.

    Returns
    -------
    Clocked
        A column has the dtype of the values where it can: whole numbers and flags of which some
        are missing become floats (or, above 2**53, nullable integers). A state whose codes all
        have a word in `labels`, each its own, becomes categorical, the categories in order of the
        codes; otherwise codes stay numbers.

    Raises
    ------
    InvalidLogError
        Stamps that are missing, repeat or go back; several rates without `clock` and `rate`; a
        channel too fast for the clock; samples of which all are marked as invalid; raw bytes.
    InvalidParameterError
        What is no choice, or names no channel.

    Notes
    -----
    Stamps that are an even grid, rounded (30 Hz as 0.033, 0.067, 0.1), are compared on that grid,
    and a clock whose rounding would count as jitter is put on it. Cost: linear in the rows and
    channels, and one search for each set of stamps.

    Examples
    --------
    >>> import numpy as np
    >>> speed = Channel("speed", np.arange(5) / 10, np.arange(5.0))
    >>> gear = Channel("gear", np.array([0.05, 0.25]), np.array([1, 2]), kind="state")
    >>> clocked = on_clock([speed, gear], clock="speed")
    >>> clocked.columns["gear"]
    array([nan,  1.,  1.,  2.,  2.])
    """
    _check(clock, rate, start, reduce, duplicates)
    found = valid_samples(channels, duplicates, place)
    if not any(len(own.stamps) for own in found.samples):
        raise InvalidLogError(f"a clock needs a valid sample; {len(channels)} channels have none")
    names = [channel.name for channel in channels]
    own_rows = None if rate is not None else _recorded_rows(names, found, clock)
    step = 1.0 / rate if own_rows is None else own_rows.step  # type: ignore[operator]
    linear = linear_channels(interpolate, channels, found.samples)
    if reduce is None:
        refuse_fast_channels(names, found.samples, step)
    else:
        linear -= {name for name, own in zip(names, found.samples, strict=True) if own.step < step}
    limits = freshness_limits(hold, names, [own.step for own in found.samples], step)
    rows = own_rows or _grid_rows(found, limits, rate)  # type: ignore[arg-type]
    last = LastSamples(rows)
    keep = last.fresh(found.samples, limits)
    if start == "common":
        keep &= last.known(found.samples, limits)
        if not keep.any():
            raise InvalidLogError(
                "start='common' needs a row at which all channels are known; there is none. "
                "Use start='first', or leave out the channel that begins last"
            )
    before = None if reduce is None else rows.before().chosen(keep)
    made = Columns(last.chosen(keep), linear, before, ages=ages)
    for channel, own, limit in zip(channels, found.samples, limits, strict=True):
        counts = found.report[channel.name]
        counts["used"] = made.add(channel, own, limit)
        counts["left_out"] = len(own.stamps) - counts["used"]
    return Clocked(made.last.rows.shown, made.columns, made.lookahead, found.report)


def _check(
    clock: str | None, rate: float | None, start: str, reduce: str | None, duplicates: str
) -> None:
    if clock is not None and rate is not None:
        raise InvalidParameterError(
            f"give clock= or rate=, not both; got clock={clock!r} and rate={rate!r}"
        )
    if rate is not None and not (np.isfinite(rate) and rate > 0):
        raise InvalidParameterError(f"rate must be a positive number in Hz; got {rate!r}")
    check_choice("start", start, ("first", "common"))
    check_choice("reduce", reduce, (None, "mean"))
    check_choice("duplicates", duplicates, ("raise", "last"))


def check_choice(parameter: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Raise InvalidParameterError unless the value is one of the choices."""
    if value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise InvalidParameterError(f"{parameter} must be one of {listed}; got {value!r}")


def _recorded_rows(names: Sequence[str], found: Sampled, clock: str | None) -> Rows:
    """The stamps of the clock, or those that all channels have."""
    if clock is not None:
        if clock not in names:
            raise InvalidParameterError(
                f"clock must name a channel; got {clock!r}. Channels are {list(names)}"
            )
        own = found.samples[names.index(clock)]
        if not len(own.stamps):
            raise InvalidLogError(f"clock={clock!r} must have a valid sample; it has none")
        return Rows(own.stamps, own.recorded, own.bounds, own.step)
    if not is_one_clock(found):
        refuse_several_clocks(names, found.samples)
    longest = max(found.stamps, key=len)
    own = next(
        (own for own in found.samples if own.recorded is longest),
        None,
    ) or sampled(longest, None, np.array([0, len(longest)]))
    return Rows(own.stamps, own.recorded, own.bounds, own.step)


def _grid_rows(found: Sampled, limits: Sequence[float], rate: float) -> Rows:
    pairs = {(own, limit) for own, limit in zip(found.samples, limits, strict=True)}
    times = grid([own.stamps for own, _ in pairs], [limit for _, limit in pairs], rate)
    return Rows(times, None, np.array([0, len(times)]), 1.0 / rate)
