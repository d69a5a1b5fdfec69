"""Exact Hampel filter: moving median and moving median absolute deviation of the same window.

m is the median of the window, S = 1.4826 * median(abs(x_j - m)) over that window; a sample is an
outlier when abs(x - m) > threshold * max(S, min_scale). The median of an even number of samples is
the mean of the two middle ones.

Numbers of the window are kept in ascending order. One pass, which the compiler turns into vector
instructions, takes the oldest one out and puts the newest one in; +inf stands for "no number" and
pads the end, so that growing and truncated windows and missing samples need no case of their own. A
bound from the quartiles of the window,

    MAD >= min(m - s[q], s[q + (n + 1) // 2] - m)    for every q < n // 2,

settles nearly every sample without a search for the MAD.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

KEEP = 0  # the sample itself: flag only
NAN = 1
HOLD = 2  # last good sample of the segment; the median while there is none
MEDIAN = 3  # m
CLIP = 4  # m -+ threshold * max(S, min_scale)

MAD_TO_STD = 1.4826
ABSENT = np.inf  # pushed after the last sample of a segment to flush a window that looks ahead

_FOUR = 4  # windows that move on together
_WORTH = 2  # windows: parts of a segment that are shorter are not worth a window of their own
_LANES = 16  # the ordered window is a whole number of these, so that no vector loop leaves a rest


class HampelState(NamedTuple):
    """What the filter remembers of one segment of one channel."""

    ordered: NDArray[np.float64]  # the numbers of the window, ascending, padded with +inf
    recent: NDArray[np.float64]  # the window as a ring; +inf where no sample has been
    counts: NDArray[np.int64]  # place of the next sample in the ring, numbers, NaN
    held: NDArray[np.float64]  # last good sample, NaN while there is none


@njit(nogil=True, cache=True)
def hampel_start(window: int) -> HampelState:
    """State for a window of ``window`` samples, ready for the first sample."""
    padded = (window + _LANES - 1) // _LANES * _LANES
    state = HampelState(
        np.empty(padded + 1), np.empty(window), np.empty(3, dtype=np.int64), np.empty(1)
    )
    hampel_reset(state)
    return state


@njit(nogil=True, cache=True)
def hampel_reset(state: HampelState) -> None:
    """Forget everything: the next sample is the first of a segment."""
    state.ordered[:] = np.inf
    state.recent[:] = ABSENT
    state.counts[:] = 0
    state.held[0] = np.nan


@njit(nogil=True, cache=True)
def _exchange(ordered: np.ndarray, leaving: float, entering: float) -> None:
    """Take one number out of the ordered window and put another one in; +inf for none."""
    below = -np.inf
    for i in range(ordered.size - 1):
        here = ordered[i]
        after = ordered[i + 1]
        stays = here if here < leaving else after
        lower = stays if stays < entering else entering
        ordered[i] = lower if lower > below else below
        below = stays


@njit(nogil=True, cache=True)
def _distance(ordered: np.ndarray, n: int, middle: float, rank: int) -> float:
    """The ``rank``-th smallest distance, from 0, of the n ordered numbers from ``middle``.

    The search is left out for n = 0. The rank + 1 numbers nearest to ``middle`` are neighbours in
    the ordered window: bisect for where they begin.
    """
    low = 0
    high = n - rank
    while low < high:
        probe = (low + high) >> 1
        if ordered[probe + rank] - middle >= middle - ordered[probe]:
            high = probe
        else:
            low = probe + 1
    to_left = middle - ordered[low - 1 if low > 0 else 0]
    to_right = ordered[low + rank if low < n - rank else 0] - middle
    if low == 0:
        return to_right
    if low >= n - rank:
        return to_left
    return min(to_left, to_right)


@njit(nogil=True, cache=True)
def _replacement(sample: float, middle: float, limit: float, held: float, action: int) -> float:
    if action == KEEP:
        return sample
    if action == NAN:
        return np.nan
    if action == CLIP:
        return middle + limit if sample > middle else middle - limit
    if action == HOLD and not np.isnan(held):
        return held
    return middle


@njit(nogil=True, cache=True)
def _turn(
    recent: np.ndarray, counts: np.ndarray, sample: float, lookahead: int
) -> tuple[float, float, float]:
    """Put the sample on the ring; return what leaves, what enters, and the sample to judge."""
    window = recent.size
    place = counts[0]
    leaving = recent[place]
    recent[place] = sample
    counts[0] = place + 1 if place + 1 < window else 0
    counts[2] += int(np.isnan(sample)) - int(np.isnan(leaving))
    entering = sample + 0.0 if sample < np.inf else np.inf  # + 0.0: one zero, not two
    leaving = leaving if leaving < np.inf else np.inf
    counts[1] += int(entering < np.inf) - int(leaving < np.inf)
    centre = place - lookahead
    value = recent[centre if centre >= 0 else centre + window]
    return leaving, entering, value


@njit(nogil=True, cache=True)
def _median(ordered: np.ndarray, n: int) -> float:
    half = n >> 1
    return ordered[half] if n & 1 else 0.5 * (ordered[half - 1] + ordered[half])


@njit(nogil=True, cache=True)
def _least_deviation(ordered: np.ndarray, n: int, middle: float) -> float:
    """A number that the MAD of the window is not below."""
    quarter = n >> 2
    below = middle - ordered[quarter]
    above = ordered[quarter + ((n + 1) >> 1)] - middle
    return min(below, above) if n > 2 else 0.0


@njit(nogil=True, cache=True)
def _judge(
    ordered: np.ndarray,
    n: int,
    value: float,
    usable: bool,
    good: float,
    threshold: float,
    min_scale: float,
    action: int,
) -> tuple[float, bool, float]:
    """(output, flagged, last good sample) of the sample ``value`` given its window.

    No early way out: the compiler then counts no references, which would cost more than the rest.
    """
    half = n >> 1
    middle = _median(ordered, n) if n > 0 else 0.0
    distance = abs(value - middle) if usable else 0.0
    scale = MAD_TO_STD * _least_deviation(ordered, n, middle)
    search = distance > threshold * max(scale, min_scale)
    deviation = _distance(ordered, n if search else 0, middle, half)
    lower = _distance(ordered, n if search and n & 1 == 0 else 0, middle, half - 1)
    if n & 1 == 0:
        deviation = 0.5 * (lower + deviation)
    deviation = deviation if search else 0.0
    limit = threshold * max(MAD_TO_STD * deviation, min_scale)
    if search and distance > limit:
        return _replacement(value, middle, limit, good, action), True, good
    if usable:
        return value, False, value
    return np.nan, False, good


@njit(nogil=True, cache=True)
def hampel_step(
    state: HampelState,
    sample: float,
    lookahead: int,
    threshold: float,
    min_scale: float,
    action: int,
    omit: bool,
) -> tuple[float, bool]:
    """Push one sample; return (output, flagged) of the sample pushed ``lookahead`` samples before.

    ``lookahead`` is 0 (causal) or window // 2 (symmetric, flushed with ``ABSENT``); the first
    ``lookahead`` results of a segment have no sample yet and must be thrown away. A NaN is never an
    outlier: with ``omit`` it stays NaN and windows leave it out, else every window that holds one
    gives NaN.
    """
    leaving, entering, value = _turn(state.recent, state.counts, sample, lookahead)
    _exchange(state.ordered, leaving, entering)
    usable = value < np.inf and (omit or state.counts[2] == 0)
    result, flagged, state.held[0] = _judge(
        state.ordered,
        state.counts[1],
        value,
        usable,
        state.held[0],
        threshold,
        min_scale,
        action,
    )
    return result, flagged


@njit(nogil=True, cache=True)
def _filter_rows(
    signal: np.ndarray,
    output: np.ndarray,
    flags: np.ndarray,
    first: int,
    last: int,
    state: HampelState,
    lookahead: int,
    threshold: float,
    min_scale: float,
    action: int,
    omit: bool,
) -> None:
    """Outputs first to last: the loop over the step, state unpacked.

    An ``output`` or ``flags`` of size 0 is left out. HOLD knows of no sample before ``first``.
    """
    hampel_reset(state)
    ordered, recent, counts, held = state
    good = held[0]
    begin = max(first - (recent.size - 1 - lookahead), 0)
    for i in range(begin, last + lookahead):
        sample = np.float64(signal[i]) if i < signal.size else ABSENT
        leaving, entering, value = _turn(recent, counts, sample, lookahead)
        _exchange(ordered, leaving, entering)
        usable = value < np.inf and (omit or counts[2] == 0)
        place = i - lookahead
        if place >= first:
            result, flagged, good = _judge(
                ordered, counts[1], value, usable, good, threshold, min_scale, action
            )
            if output.size:
                output[place] = result
            if flags.size:
                flags[place] = flagged


@njit(nogil=True, cache=True)
def _is_far(ordered: np.ndarray, n: int, value: float, threshold: float, min_scale: float) -> bool:
    """Whether it takes the MAD to tell that ``value`` is no outlier among n > 0 numbers."""
    middle = _median(ordered, n)
    scale = MAD_TO_STD * _least_deviation(ordered, n, middle)
    return bool(abs(value - middle) > threshold * max(scale, min_scale))


@njit(nogil=True, cache=True)
def _fill(ordered: np.ndarray, signal: np.ndarray, first: int, n: int) -> None:
    """Order n samples."""
    ordered[:] = np.inf
    for i in range(first, first + n):
        _exchange(ordered, np.inf, np.float64(signal[i]) + 0.0)


@njit(nogil=True, cache=True)
def _double(sample: float) -> float:
    return np.float64(sample)


@njit(nogil=True, cache=True)
def _run(signal: np.ndarray, begin: int, n: int) -> np.ndarray:
    return signal[begin : begin + n]


@njit(nogil=True, cache=True)
def _filter_full(
    signal: np.ndarray,
    output: np.ndarray,
    flags: np.ndarray,
    first: int,
    n: int,
    four: np.ndarray,
    window: int,
    lookahead: int,
    threshold: float,
    min_scale: float,
    action: int,
) -> None:
    """4 * n outputs from ``first`` on, whose windows are full and miss nothing.

    Four windows, n samples apart, move on together: each must wait until its last change is in
    memory, the others need not. ``four`` (4, size of an ordered window) is scratch.
    """
    usable = n > 0  # every sample; a literal would have numba compile `_judge` anew
    newest = first + lookahead  # of the first window
    oldest = newest - window + 1
    for k in range(_FOUR):
        _fill(four[k], signal, oldest + k * n, window - 1)
    o0, o1, o2, o3 = four[0], four[1], four[2], four[3]
    e0, e1 = _run(signal, newest, n), _run(signal, newest + n, n)  # entering
    e2, e3 = _run(signal, newest + 2 * n, n), _run(signal, newest + 3 * n, n)
    l0, l1 = _run(signal, oldest, n), _run(signal, oldest + n, n)  # leaving, one later
    l2, l3 = _run(signal, oldest + 2 * n, n), _run(signal, oldest + 3 * n, n)
    v0, v1 = _run(signal, first, n), _run(signal, first + n, n)  # to judge
    v2, v3 = _run(signal, first + 2 * n, n), _run(signal, first + 3 * n, n)
    for i in range(n):
        j = max(i - 1, 0)
        _exchange(o0, l0[j] + 0.0 if i > 0 else np.inf, e0[i] + 0.0)
        _exchange(o1, l1[j] + 0.0 if i > 0 else np.inf, e1[i] + 0.0)
        _exchange(o2, l2[j] + 0.0 if i > 0 else np.inf, e2[i] + 0.0)
        _exchange(o3, l3[j] + 0.0 if i > 0 else np.inf, e3[i] + 0.0)
        y0, y1, y2, y3 = _double(v0[i]), _double(v1[i]), _double(v2[i]), _double(v3[i])
        f0, f1, f2, f3 = False, False, False, False
        if _is_far(o0, window, y0, threshold, min_scale):
            y0, f0, _ = _judge(o0, window, y0, usable, np.nan, threshold, min_scale, action)
        if _is_far(o1, window, y1, threshold, min_scale):
            y1, f1, _ = _judge(o1, window, y1, usable, np.nan, threshold, min_scale, action)
        if _is_far(o2, window, y2, threshold, min_scale):
            y2, f2, _ = _judge(o2, window, y2, usable, np.nan, threshold, min_scale, action)
        if _is_far(o3, window, y3, threshold, min_scale):
            y3, f3, _ = _judge(o3, window, y3, usable, np.nan, threshold, min_scale, action)
        place = first + i
        if output.size:
            output[place], output[place + n] = y0, y1
            output[place + 2 * n], output[place + 3 * n] = y2, y3
        if flags.size:
            flags[place], flags[place + n] = f0, f1
            flags[place + 2 * n], flags[place + 3 * n] = f2, f3


@njit(nogil=True, cache=True)
def _hold(output: np.ndarray) -> bool:
    """Put the last good sample in the place of each NaN, which stands for an outlier.

    False where there are outliers before the first good sample, which it leaves as they are.
    """
    good = np.nan
    n_before = 0
    for i in range(output.size):
        if np.isnan(output[i]):
            output[i] = good
            n_before += int(np.isnan(good))
        else:
            good = np.float64(output[i])
    return n_before == 0


@njit(nogil=True, cache=True)
def _count_missing(signal: np.ndarray) -> int:
    missing = 0
    for i in range(signal.size):
        missing += int(np.isnan(signal[i]))
    return missing


@njit(nogil=True, cache=True)
def _filter_segment(
    signal: np.ndarray,
    output: np.ndarray,
    flags: np.ndarray,
    state: HampelState,
    four: np.ndarray,
    lookahead: int,
    threshold: float,
    min_scale: float,
    action: int,
    omit: bool,
) -> None:
    """Full windows of a segment that misses nothing four at a time, the others one by one."""
    n = signal.size
    start = 0 * n  # a literal would have numba compile `_filter_rows` anew
    window = state.recent.size
    n_each = (n - window + 1) // _FOUR
    if n_each >= _WORTH * window and _count_missing(signal) == 0:
        judge = (lookahead, threshold, min_scale, NAN if action == HOLD else action)
        begin = window - 1 - lookahead
        end = begin + _FOUR * n_each
        for k in range(2):
            first, last = (start, begin) if k == 0 else (end, n)
            _filter_rows(signal, output, flags, first, last, state, *judge, omit)
        _filter_full(signal, output, flags, begin, n_each, four, window, *judge)
        if action != HOLD or not output.size or _hold(output):
            return
    _filter_rows(
        signal, output, flags, start, n, state, lookahead, threshold, min_scale, action, omit
    )


@njit(nogil=True, cache=True)
def hampel(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    mask: np.ndarray,
    window: int,
    causal: bool,
    threshold: float,
    min_scale: float,
    action: int,
    omit: bool,
) -> None:
    """Hampel filter of each segment.

    ``out`` has the shape of x, ``mask`` too (uint8, 1 for outliers); the one that is not wanted may
    be of shape (n_channels, 0). Window: ``window`` samples up to and including the sample (causal)
    or window // 2 to either side (symmetric), as far as the segment reaches. Time: rows * window /
    vector width.
    """
    n_segments = bounds.size - 1
    lookahead = 0 if causal else window // 2
    state = hampel_start(window)
    four = np.empty((_FOUR, state.ordered.size))
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        end = bounds[task % n_segments + 1]
        _filter_segment(
            x[channel, begin:end],
            out[channel, begin:end],
            mask[channel, begin:end],
            state,
            four,
            lookahead,
            threshold,
            min_scale,
            action,
            omit,
        )


@njit(nogil=True, cache=True)
def hampel_by_channel(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    mask: np.ndarray,
    window: int,
    causal: bool,
    threshold: float,
    min_scale: np.ndarray,
    action: int,
    omit: bool,
) -> None:
    """As `hampel`, with the least scale min_scale[c] for channel c."""
    n_segments = bounds.size - 1
    begin = first
    while begin < last:
        channel = begin // n_segments
        end = min(last, (channel + 1) * n_segments)
        floor = min_scale[channel]
        hampel(begin, end, x, bounds, out, mask, window, causal, threshold, floor, action, omit)
        begin = end


@njit(nogil=True, cache=True)
def hampel_mask(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    mask: np.ndarray,
    window: int,
    causal: bool,
    threshold: float,
    min_scale: float,
    omit: bool,
) -> None:
    """Outliers only: ``mask`` (uint8, shape of x) is 1 for every outlier, 0 elsewhere."""
    unwanted = np.empty((x.shape[0], 0))
    hampel(first, last, x, bounds, unwanted, mask, window, causal, threshold, min_scale, KEEP, omit)
