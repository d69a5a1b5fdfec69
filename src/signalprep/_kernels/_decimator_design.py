"""Low-pass filters of the decimator: linear phase, by Kaiser window; shorter ones for the edges."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, kaiser_beta, kaiserord

PASS_BAND = 0.8  # of the new Nyquist frequency
ATTENUATION = 82.0  # dB; 2 dB in hand, since the formula for the number of taps is an estimate


def decimator_taps(factor: int) -> NDArray[np.float64]:
    """Low-pass to 0.8 of the new Nyquist frequency, 80 dB down from there on; odd number of taps.

    Source: J. F. Kaiser, Nonrecursive digital filter design using the I0-sinh window function,
    Proc. IEEE Int. Symp. Circuits and Systems (1974); number of taps and window shape as in
    ``scipy.signal.kaiserord``.
    """
    if factor == 1:
        return np.ones(1)
    n_taps, _ = kaiserord(ATTENUATION, (1 - PASS_BAND) / factor)
    return _low_pass(n_taps // 2 * 2 + 1, factor)


def decimator_edges(taps: NDArray[np.float64], factor: int, causal: bool) -> NDArray[np.float64]:
    """Filters for the edges of a segment, where fewer samples are there than the filter has taps.

    A filter cut off and rescaled would be useless there: it begins with its negative lobes, whose
    sum goes through zero. Instead row m is a filter of the same kind with fewer taps, m * factor +
    1 (causal: the samples seen so far) or 2 * m * factor + 1 (symmetric about its sample: what fits
    into the segment), then zeros. Each sums to one.
    """
    reach = taps.size - 1 if causal else taps.size // 2
    rows = np.zeros((-(-reach // factor), taps.size))
    for m in range(rows.shape[0]):
        n_taps = m * factor + 1 if causal else 2 * m * factor + 1
        rows[m, :n_taps] = _low_pass(n_taps, factor)
    return rows


def _low_pass(n_taps: int, factor: int) -> NDArray[np.float64]:
    cutoff = 0.5 * (1 + PASS_BAND) / factor
    return np.asarray(firwin(n_taps, cutoff, window=("kaiser", kaiser_beta(ATTENUATION))))
