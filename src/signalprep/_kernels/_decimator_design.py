"""Low-pass filters of the decimator: linear phase, by Kaiser window; shorter ones for the edges.

``factor`` is a whole number or a Fraction, samples of the input to one of the output, down / up in
lowest terms. The filters are designed at ``up`` times the rate of the input, whose samples meet
every ``up``-th tap, one sample after the other: one such branch of taps for each place of an output
between two samples. Where up > 1 each branch sums to one.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, kaiser_beta, kaiserord

PASS_BAND = 0.8  # of the new Nyquist frequency
ATTENUATION = 82.0  # dB; 2 dB in hand, since the formula for the number of taps is an estimate


def decimator_taps(factor: int | Fraction) -> NDArray[np.float64]:
    """Low-pass to 0.8 of the new Nyquist frequency, 80 dB down from there on; odd number of taps.

    The middle tap is a whole number of samples from both ends.

    Source: J. F. Kaiser, Nonrecursive digital filter design using the I0-sinh window function,
    Proc. IEEE Int. Symp. Circuits and Systems (1974); number of taps and window shape as in
    ``scipy.signal.kaiserord``.
    """
    down, up = factor.numerator, factor.denominator
    if down == 1:
        return np.ones(1)
    n_taps, _ = kaiserord(ATTENUATION, (1 - PASS_BAND) / down)
    reach = -(-(n_taps // 2) // up)
    taps = _low_pass(2 * reach * up + 1, down)
    for branch in range(up):
        taps[branch::up] = _branch(taps, branch, up)
    return taps


def decimator_edges(
    taps: NDArray[np.float64], factor: int | Fraction, causal: bool
) -> NDArray[np.float64]:
    """Filters for the edges of a segment, where fewer samples are there than the filter has taps.

    A filter cut off and rescaled would be useless there: it begins with its negative lobes, whose
    sum goes through zero. Instead there are filters of the same kind with fewer taps, then zeros;
    each sums to one. Causal: row k is that of output k, over the samples seen so far. Symmetric
    about the output: row m * up + late is that of m outputs to either side, which is what fits into
    the segment, where the next sample comes late / up of a sample after the output; with m = 0 the
    straight line between the samples beside it.
    """
    down, up = factor.numerator, factor.denominator
    whole = (taps.size - 1) // up  # samples before the last one under the filter
    if causal:
        edges = np.zeros(((whole - 1) * up // down + 1, whole + 1))
        for k in range(len(edges)):
            row = _branch(_low_pass(k * down + 1, down), 0, up)
            edges[k, : row.size] = row
        return edges
    n_edges = -(-whole // 2 * up // down)
    edges = np.zeros((n_edges * up, whole + 1))
    for m in range(n_edges):
        half = m * down if m else up - 1
        taps = _low_pass(2 * half + 1, down) if m else 1.0 - np.abs(np.arange(1 - up, up)) / up
        for late in range(up):
            row = _branch(taps, (half + late) % up, up)
            edges[m * up + late, : row.size] = row
    return edges


def _branch(taps: NDArray[np.float64], first: int, up: int) -> NDArray[np.float64]:
    """Every `up`-th tap, from the first on; they sum to one."""
    if up == 1:
        return taps  # as it was designed
    branch = taps[first::up]
    return np.asarray(branch / branch.sum())


def _low_pass(n_taps: int, down: int) -> NDArray[np.float64]:
    cutoff = 0.5 * (1 + PASS_BAND) / down
    return np.asarray(firwin(n_taps, cutoff, window=("kaiser", kaiser_beta(ATTENUATION))))
