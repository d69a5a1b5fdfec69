"""Low-pass and keep every ``factor``-th sample; only kept samples are computed.

Kept are rows 0, factor, 2 * factor ... of each segment. Where fewer samples are there than taps, a
shorter filter of the same kind takes over (``decimator_edges``). A constant stays itself bit by bit
(``_taps``).

With ``omit``, a window that holds NaN is the weighted mean of the samples that are there, with the
filter's weights while these sum to at least one half, else with their absolute values.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ._taps import first_number, sum_taps, sum_taps_of_block, under_tap

_BLOCK = 256  # outputs a pass; fewer for large factors, so that a pass stays in the cache
_LEAST_BLOCK = 16


class DecimatorState(NamedTuple):
    """What the decimator remembers of one segment of one channel."""

    recent: NDArray[np.float64]  # last samples, each held twice: any window is contiguous
    # place of the next sample, samples so far up to the taps, samples to the next output
    counts: NDArray[np.int64]


def kept_bounds(bounds: NDArray[np.int64], factor: int) -> NDArray[np.int64]:
    """Borders of the segments among the kept rows: a segment of n rows keeps ceil(n / factor)."""
    kept = np.zeros(bounds.size, dtype=np.int64)
    np.cumsum(-(-np.diff(bounds) // factor), out=kept[1:])
    return kept


@njit(nogil=True, cache=True)
def decimate_start(n_taps: int) -> DecimatorState:
    """State for a filter of ``n_taps`` taps, ready for the first sample."""
    state = DecimatorState(np.empty(2 * n_taps), np.empty(3, dtype=np.int64))
    decimate_reset(state)
    return state


@njit(nogil=True, cache=True)
def decimate_reset(state: DecimatorState) -> None:
    """Forget everything: the next sample is the first of a segment."""
    state.counts[:] = 0


@njit(nogil=True, cache=True)
def _mean_of_numbers(taps: np.ndarray, window: np.ndarray) -> float:
    """Weighted mean of the numbers in ``window``; NaN when there is none."""
    reference = first_number(window)
    total = 0.0
    weight = 0.0
    for r in range(taps.size):
        if not np.isnan(window[r]):
            total += taps[r] * (window[r] - reference)
            weight += taps[r]
    if weight >= 0.5:
        return total / weight + reference
    total = 0.0
    weight = 0.0
    for r in range(taps.size):
        if not np.isnan(window[r]):
            total += abs(taps[r]) * (window[r] - reference)
            weight += abs(taps[r])
    return total / weight + reference if weight > 0.0 else np.nan


@njit(nogil=True, cache=True)
def _output(taps: np.ndarray, window: np.ndarray, omit: bool) -> float:
    result = sum_taps(taps, window) + window[window.size - 1]
    return _mean_of_numbers(taps, window) if omit and np.isnan(result) else result


@njit(nogil=True, cache=True)
def decimate_step(
    state: DecimatorState,
    sample: float,
    factor: int,
    taps: np.ndarray,
    edges: np.ndarray,
    omit: bool,
) -> tuple[bool, float]:
    """Push one sample of the causal form; return (kept, output), output NaN where not kept."""
    place = state.counts[0]
    n = min(state.counts[1] + 1, taps.size)
    to_next = state.counts[2]
    state.recent[place] = sample
    state.recent[place + taps.size] = sample
    state.counts[0] = (place + 1) % taps.size
    state.counts[1] = n
    state.counts[2] = to_next - 1 if to_next > 0 else factor - 1
    if to_next > 0:
        return False, np.nan
    window = state.recent[place + taps.size + 1 - n : place + taps.size + 1]
    if n < taps.size:
        return True, _output(edges[n // factor, :n], window, omit)
    return True, _output(taps, window, omit)


@njit(nogil=True, cache=True)
def _filter(
    signal: np.ndarray,
    output: np.ndarray,
    begin: int,
    end: int,
    lookahead: int,
    factor: int,
    taps: np.ndarray,
    phases: np.ndarray,
    totals: np.ndarray,
    omit: bool,
) -> None:
    """Outputs ``begin`` to ``end``; their windows end ``lookahead`` samples after the kept one."""
    n_taps = taps.size
    window = np.empty(n_taps)
    for j in range(begin, end, totals.size):
        m = min(totals.size, end - j)
        first_sample = j * factor + lookahead + 1 - n_taps
        samples = signal[first_sample : (j + m - 1) * factor + lookahead + 1]
        rounds = samples.size // factor
        for p in range(factor):
            phase = phases[p]
            for i in range(rounds + (p < samples.size - rounds * factor)):
                phase[i] = samples[i * factor + p]
        sum_taps_of_block(taps, phases, totals[:m])
        newest = under_tap(phases, n_taps - 1, m)
        for i in range(m):
            result = totals[i] + newest[i]
            if omit and np.isnan(result):
                for r in range(n_taps):
                    window[r] = samples[i * factor + r]
                result = _mean_of_numbers(taps, window)
            output[j + i] = result


@njit(nogil=True, cache=True)
def _filter_edge(
    signal: np.ndarray,
    output: np.ndarray,
    j: int,
    begin: int,
    taps: np.ndarray,
    omit: bool,
) -> None:
    """Output j from the samples from ``begin`` on, one for each tap."""
    window = np.empty(taps.size)
    for r in range(taps.size):
        window[r] = signal[begin + r]
    output[j] = _output(taps, window, omit)


@njit(nogil=True, cache=True)
def decimate(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    kept: np.ndarray,
    factor: int,
    taps: np.ndarray,
    edges: np.ndarray,
    causal: bool,
    omit: bool,
) -> None:
    """Decimate each segment.

    ``out`` is (n_channels, kept[-1]) and ``kept`` is ``kept_bounds(bounds, factor)``.
    ``taps`` is symmetric with an odd number of taps and sums to one; ``edges`` is
    ``decimator_edges`` for ``causal``. Causal: the window ends at the kept sample, delay (taps - 1)
    / 2. Else it is centred there, without delay; at both ends of a segment it shrinks to what fits,
    staying centred. Time: kept rows * taps.
    """
    n_segments = bounds.size - 1
    reach = taps.size // 2
    lookahead = 0 if causal else reach
    totals = np.empty(max(_LEAST_BLOCK, min(_BLOCK, _BLOCK * 64 // factor)))
    phases = np.empty((factor, totals.size + taps.size // factor + 1))
    for task in range(first, last):
        channel = task // n_segments
        segment = task % n_segments
        signal = x[channel, bounds[segment] : bounds[segment + 1]]
        output = out[channel, kept[segment] : kept[segment + 1]]
        n = signal.size
        begin = min(-(-(taps.size - 1 - lookahead) // factor), output.size)
        end = max((n - 1 - lookahead) // factor + 1, begin)
        _filter(signal, output, begin, end, lookahead, factor, taps, phases, totals, omit)
        for j in range(output.size):
            if begin <= j < end:
                continue
            row = j * factor
            m = j if causal else min(row, n - 1 - row) // factor
            n_taps = m * factor + 1 if causal else 2 * m * factor + 1
            first_sample = 0 if causal else row - m * factor
            _filter_edge(signal, output, j, first_sample, edges[m, :n_taps], omit)
