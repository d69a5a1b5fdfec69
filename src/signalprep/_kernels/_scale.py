"""Bring samples to a scale: less a centre, divided by a spread."""

import numpy as np
from numpy.typing import NDArray

from ._kernel import NOTHING, REFUSES, Kernel, is_refused
from ._njit import njit

CENTER, SPREAD, CONSTANT = 1, 2, 3  # columns of the parameters, after REFUSES


def scale_params(
    center: NDArray[np.float64],
    spread: NDArray[np.float64],
    constant: NDArray[np.bool_],
    refuses: float = NOTHING,
) -> NDArray[np.float64]:
    """Parameters by channel. A ``constant`` channel, whose spread is not known, becomes 0."""
    return np.column_stack([np.full(len(center), refuses), center, spread, constant])


def _sizes(row: NDArray[np.float64]) -> tuple[int, int]:
    return 0, 0


def _memory(row: NDArray[np.float64]) -> int:
    return 0


@njit(nogil=True, cache=True)
def _reset(numbers: np.ndarray, counts: np.ndarray) -> None:
    pass


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
        center, spread, constant = row[CENTER], row[SPREAD], row[CONSTANT] != 0.0
        signal = x[channel, bounds[0] : bounds[-1]]
        output = out[channel, bounds[0] : bounds[-1]]
        for i in range(signal.size):
            sample = np.float64(signal[i])
            # NaN stays
            known = constant and not np.isnan(sample)
            output[i] = 0.0 if known else (sample - center) / spread
    return False


SCALE = Kernel("scale", _sizes, _reset, _advance, None, _memory)
