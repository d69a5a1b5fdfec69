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

import numpy as np
from numpy.typing import NDArray

from ._actions import HOLD, KEEP, NAN, replacement
from ._kernel import ACTION, NOTHING, REFUSES, Kernel, is_refused
from ._njit import njit

MAD_TO_STD = 1.4826
ABSENT = np.inf  # pushed after the last sample of a segment to flush a window that looks ahead

# columns of the parameters, after those of every kernel
WINDOW = 2  # samples
THRESHOLD = 3
OMIT = 4  # whether windows leave missing samples out; else each that holds one gives NaN
LOOKAHEAD = 5  # 0 (causal) or WINDOW // 2 (centred, for whole segments only)
FLOORS = 6  # least scale in each regime, from here on

# columns of the counts; the numbers are the ordered window, the window as a ring (inf where no
# sample has been), and the last good sample (NaN while there is none)
PLACE = 0  # of the next sample in the ring
NUMBERS = 1  # in the window
MISSING = 2

_FOUR = 4  # windows that move on together
_WORTH = 2  # windows: parts of a segment that are shorter are not worth a window of their own
_LANES = 16  # the ordered window is a whole number of these, so that no vector loop leaves a rest


def hampel_params(
    window: int,
    threshold: float,
    floors: NDArray[np.float64],
    *,
    omit: bool,
    lookahead: int = 0,
    action: int = KEEP,
    refuses: float = NOTHING,
) -> NDArray[np.float64]:
    """Parameters of the channels, with the least scales ``floors`` (n_channels, n_regimes)."""
    shared = [refuses, action, window, threshold, omit, lookahead]
    return np.column_stack([np.tile(shared, (len(floors), 1)), floors])


@njit(nogil=True, cache=True)
def ordered_size(window: int) -> int:
    """Length of the ordered window, with its padding."""
    return (window + _LANES - 1) // _LANES * _LANES + 1


def _sizes(row: NDArray[np.float64]) -> tuple[int, int]:
    window = int(row[WINDOW])
    return ordered_size(window) + window + 1, 3


def _memory(row: NDArray[np.float64]) -> int:
    return int(row[WINDOW]) - 1 - int(row[LOOKAHEAD])


@njit(nogil=True, cache=True)
def _reset(numbers: np.ndarray, counts: np.ndarray) -> None:
    numbers[:] = np.inf
    numbers[-1] = np.nan
    counts[:] = 0


@njit(nogil=True, cache=True)
def windows(numbers: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ordered window and the ring, as parts of the numbers of a channel."""
    end = numbers.size - 1
    begin = end - int(row[WINDOW])
    return numbers[:begin], numbers[begin:end]


@njit(nogil=True, cache=True)
def exchange(ordered: np.ndarray, leaving: float, entering: float) -> None:
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
def distance_of_rank(ordered: np.ndarray, n: int, middle: float, rank: int) -> float:
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
def turn(
    recent: np.ndarray, counts: np.ndarray, sample: float, lookahead: int
) -> tuple[float, float, float]:
    """Put the sample on the ring; return what leaves, what enters, and the sample to judge."""
    window = recent.size
    place = counts[PLACE]
    leaving = recent[place]
    recent[place] = sample
    counts[PLACE] = place + 1 if place + 1 < window else 0
    counts[MISSING] += int(np.isnan(sample)) - int(np.isnan(leaving))
    entering = sample + 0.0 if sample < np.inf else np.inf  # + 0.0: one zero, not two
    leaving = leaving if leaving < np.inf else np.inf
    counts[NUMBERS] += int(entering < np.inf) - int(leaving < np.inf)
    centre = place - lookahead
    value = recent[centre if centre >= 0 else centre + window]
    return leaving, entering, value


@njit(nogil=True, cache=True)
def median(ordered: np.ndarray, n: int) -> float:
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
    middle = median(ordered, n) if n > 0 else 0.0
    distance = abs(value - middle) if usable else 0.0
    scale = MAD_TO_STD * _least_deviation(ordered, n, middle)
    search = distance > threshold * max(scale, min_scale)
    deviation = distance_of_rank(ordered, n if search else 0, middle, half)
    lower = distance_of_rank(ordered, n if search and n & 1 == 0 else 0, middle, half - 1)
    if n & 1 == 0:
        deviation = 0.5 * (lower + deviation)
    deviation = deviation if search else 0.0
    limit = threshold * max(MAD_TO_STD * deviation, min_scale)
    if search and distance > limit:
        nearest = middle + limit if value > middle else middle - limit
        return replacement(action, value, good, nearest, middle), True, good
    if usable:
        return value, False, value
    return np.nan, False, good


@njit(nogil=True, cache=True)
def _push(
    numbers: np.ndarray,
    counts: np.ndarray,
    row: np.ndarray,
    signal: np.ndarray,
    regime: np.ndarray,
    output: np.ndarray,
    flags: np.ndarray,
    span: tuple[int, int],
) -> None:
    """Push the samples of ``span``; behind the end of ``signal``, that none is there.

    An output belongs to the sample pushed ``LOOKAHEAD`` samples before. A NaN is never an outlier.
    """
    ordered, recent = windows(numbers, row)
    threshold, action, omit = row[THRESHOLD], int(row[ACTION]), row[OMIT] != 0.0
    lookahead = int(row[LOOKAHEAD])
    good = numbers[-1]
    for i in range(span[0], span[1]):
        sample = np.float64(signal[i]) if i < signal.size else ABSENT
        leaving, entering, value = turn(recent, counts, sample, lookahead)
        exchange(ordered, leaving, entering)
        usable = value < np.inf and (omit or counts[MISSING] == 0)
        place = i - lookahead
        if place >= 0:
            floor = row[FLOORS + regime[place]] if regime.size else row[FLOORS]
            result, flagged, good = _judge(
                ordered, counts[NUMBERS], value, usable, good, threshold, floor, action
            )
            if output.size:
                output[place] = result
            if flags.size:
                flags[place] = flagged
    numbers[-1] = good


@njit(nogil=True, cache=True)
def _is_far(ordered: np.ndarray, n: int, value: float, threshold: float, min_scale: float) -> bool:
    """Whether it takes the MAD to tell that ``value`` is no outlier among n > 0 numbers."""
    middle = median(ordered, n)
    scale = MAD_TO_STD * _least_deviation(ordered, n, middle)
    return bool(abs(value - middle) > threshold * max(scale, min_scale))


@njit(nogil=True, cache=True)
def _fill(ordered: np.ndarray, signal: np.ndarray, first: int, n: int) -> None:
    """Order n samples."""
    ordered[:] = np.inf
    for i in range(first, first + n):
        exchange(ordered, np.inf, np.float64(signal[i]) + 0.0)


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
    at: tuple[int, int],
    four: np.ndarray,
    row: np.ndarray,
    action: int,
) -> None:
    """With ``at`` = (first, n): 4 * n outputs from first on, whose windows are full and whole.

    Four windows, n samples apart, move on together: each must wait until its last change is in
    memory, the others need not. ``four`` (4, size of an ordered window) is scratch.
    """
    first, n = at
    window, lookahead = int(row[WINDOW]), int(row[LOOKAHEAD])
    threshold, min_scale = row[THRESHOLD], row[FLOORS]
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
        exchange(o0, l0[j] + 0.0 if i > 0 else np.inf, e0[i] + 0.0)
        exchange(o1, l1[j] + 0.0 if i > 0 else np.inf, e1[i] + 0.0)
        exchange(o2, l2[j] + 0.0 if i > 0 else np.inf, e2[i] + 0.0)
        exchange(o3, l3[j] + 0.0 if i > 0 else np.inf, e3[i] + 0.0)
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
def _hold(output: np.ndarray, numbers: np.ndarray) -> bool:
    """Put the last good sample in the place of each NaN, which stands for an outlier.

    False where there are outliers before the first good sample; then they, and what is remembered
    of good samples, stay as they are.
    """
    good = numbers[-1]
    n_before = 0
    for i in range(output.size):
        if np.isnan(output[i]):
            output[i] = good
            n_before += int(np.isnan(good))
        else:
            good = np.float64(output[i])
    if n_before == 0:
        numbers[-1] = good
    return n_before == 0


@njit(nogil=True, cache=True)
def _count_missing(signal: np.ndarray) -> int:
    missing = 0
    for i in range(signal.size):
        missing += int(np.isnan(signal[i]))
    return missing


@njit(nogil=True, cache=True)
def _reload(
    numbers: np.ndarray, counts: np.ndarray, row: np.ndarray, last: np.ndarray, n_pushed: int
) -> None:
    """The state after ``n_pushed`` more samples, the ``last`` of which fill the window."""
    ordered, recent = windows(numbers, row)
    window = recent.size
    place = (counts[PLACE] + n_pushed) % window
    _fill(ordered, last, 0 * place, window)
    for k in range(window):
        recent[(place + k) % window] = last[k]
    counts[PLACE], counts[NUMBERS], counts[MISSING] = place, window, 0


@njit(nogil=True, cache=True)
def _filter_segment(
    numbers: np.ndarray,
    counts: np.ndarray,
    row: np.ndarray,
    signal: np.ndarray,
    regime: np.ndarray,
    output: np.ndarray,
    flags: np.ndarray,
    four: np.ndarray,
) -> None:
    """Full windows four at a time where nothing is missing, the others one by one."""
    window, lookahead, action = int(row[WINDOW]), int(row[LOOKAHEAD]), int(row[ACTION])
    holds = action == HOLD and output.size > 0
    start = 0 * window  # a literal would have numba compile `_push` anew
    n_each = (signal.size - window + 1) // _FOUR
    if regime.size == 0 and n_each >= _WORTH * window and _count_missing(signal) == 0:
        first, n = window - 1 - lookahead, _FOUR * n_each
        _push(numbers, counts, row, signal, regime, output, flags, (start, window - 1))
        start = window - 1
        at = (first, n_each)
        _filter_full(signal, output, flags, at, four, row, NAN if holds else action)
        if not holds or _hold(output[first : first + n], numbers):
            start += n
            _reload(numbers, counts, row, signal[start - window : start], n)
    _push(numbers, counts, row, signal, regime, output, flags, (start, signal.size + lookahead))


@njit(nogil=True, cache=True)
def _advance(
    numbers: np.ndarray,
    counts: np.ndarray,
    params: np.ndarray,
    x: np.ndarray,
    bounds: np.ndarray,
    regime: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray,
) -> bool:
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    for channel in range(x.shape[0]):
        row = params[channel if params.shape[0] > 1 else 0]
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                _reset(numbers[channel], counts[channel])
            _push(
                numbers[channel], counts[channel], row, x[channel, begin:end], regime[begin:end],
                out[channel, begin:end], flags[channel, begin:end],
                (0 * begin, end - begin + int(row[LOOKAHEAD])),
            )  # fmt: skip
    return False


@njit(nogil=True, cache=True)
def _fast(
    numbers: np.ndarray,
    counts: np.ndarray,
    params: np.ndarray,
    x: np.ndarray,
    bounds: np.ndarray,
    regime: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray,
) -> bool:
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    four = np.empty((_FOUR, numbers.shape[1] - 1 - int(params[0, WINDOW])))
    for channel in range(x.shape[0]):
        row = params[channel if params.shape[0] > 1 else 0]
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                _reset(numbers[channel], counts[channel])
            _filter_segment(
                numbers[channel], counts[channel], row, x[channel, begin:end], regime[begin:end],
                out[channel, begin:end], flags[channel, begin:end], four,
            )  # fmt: skip
    return False


HAMPEL = Kernel("hampel", _sizes, _reset, _advance, _fast, _memory)
