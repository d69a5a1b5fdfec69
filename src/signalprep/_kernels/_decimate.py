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

from ._taps import (
    LANES,
    first_number,
    places,
    rows_of_running_sums,
    running_sums,
    sum_rows,
    sum_symmetric_taps,
    sum_symmetric_taps_of_block,
    sum_taps,
)

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
def _output(taps: np.ndarray, window: np.ndarray, symmetric: bool, omit: bool) -> float:
    """The filter's output; ``symmetric``: an odd number of taps, summed from both ends."""
    if symmetric:
        result = sum_symmetric_taps(taps, window) + window[window.size // 2]
    else:
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
        return True, _output(edges[n // factor, :n], window, False, omit)
    return True, _output(taps, window, True, omit)


@njit(nogil=True, cache=True)
def _filter(
    signal: np.ndarray,
    output: np.ndarray,
    begin: int,
    end: int,
    lookahead: int,
    factor: int,
    taps: np.ndarray,
    weights: np.ndarray,
    where: np.ndarray,
    phases: np.ndarray,
    totals: np.ndarray,
    omit: bool,
) -> None:
    """Outputs ``begin`` to ``end``; their windows end ``lookahead`` samples after the kept one.

    ``weights`` are the running sums of the taps, ``where`` the ``places`` of differences in
    ``phases``, which is scratch, as ``totals`` is.
    """
    n_taps = taps.size
    differences = phases.reshape(phases.size)
    window = np.empty(n_taps)
    for j in range(begin, end, totals.size):
        m = min(totals.size, end - j)
        first_sample = j * factor + lookahead + 1 - n_taps
        samples = signal[first_sample : (j + m - 1) * factor + lookahead + 1]
        n = samples.size - 1  # differences
        rounds = n // factor
        for p in range(factor):
            phase = phases[p]
            for i in range(rounds + (p < n - rounds * factor)):
                k = i * factor + p
                phase[i] = np.float64(samples[k]) - np.float64(samples[k + 1])
        sum_symmetric_taps_of_block(weights, differences, where, totals, m)
        for i in range(m):
            result = totals[i] + np.float64(samples[i * factor + n_taps // 2])
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
    symmetric: bool,
    omit: bool,
) -> None:
    """Output j from the samples from ``begin`` on, one for each tap."""
    window = np.empty(taps.size)
    for r in range(taps.size):
        window[r] = signal[begin + r]
    output[j] = _output(taps, window, symmetric, omit)


@njit(nogil=True, cache=True)
def _filter_start(
    signal: np.ndarray,
    output: np.ndarray,
    factor: int,
    edges: np.ndarray,
    weights: np.ndarray,
    omit: bool,
) -> None:
    """Outputs before the first full window of the causal form, from the samples so far.

    ``weights`` are the ``rows_of_running_sums`` of ``edges``.
    """
    if output.size == 0:
        return
    samples = signal[: (output.size - 1) * factor + 1].astype(np.float64)
    totals = np.empty((output.size + LANES - 1) // LANES * LANES)
    sum_rows(weights, samples, samples.size, totals, output.size, factor)
    if np.isnan(totals[output.size - 1]):  # a missing sample: not in the window of every row
        for j in range(output.size):
            _filter_edge(signal, output, j, 0, edges[j, : j * factor + 1], False, omit)
        return
    for j in range(output.size):
        output[j] = totals[j] + samples[j * factor]


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
    weights = running_sums(taps)
    start = rows_of_running_sums(edges, np.arange(edges.shape[0] if causal else 0) * factor + 1)
    totals = np.empty(max(_LEAST_BLOCK, min(_BLOCK, _BLOCK * 64 // factor)))
    phases = np.zeros((factor, totals.size + taps.size // factor + 1 + LANES))
    where = places(taps.size - 1, factor, phases.shape[1])
    for task in range(first, last):
        channel = task // n_segments
        segment = task % n_segments
        signal = x[channel, bounds[segment] : bounds[segment + 1]]
        output = out[channel, kept[segment] : kept[segment + 1]]
        n = signal.size
        begin = min(-(-(taps.size - 1 - lookahead) // factor), output.size)
        end = max((n - 1 - lookahead) // factor + 1, begin)
        _filter(
            signal, output, begin, end, lookahead, factor, taps,
            weights, where, phases, totals, omit,
        )  # fmt: skip
        if causal:
            _filter_start(signal, output[:begin], factor, edges, start, omit)
            continue
        for j in range(output.size):
            if begin <= j < end:
                continue
            row = j * factor
            m = min(row, n - 1 - row) // factor
            edge = edges[m, : 2 * m * factor + 1]
            _filter_edge(signal, output, j, row - m * factor, edge, True, omit)
