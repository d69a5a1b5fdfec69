"""What takes the place of a flagged sample: codes for kernels, words for users."""

import numpy as np
from numpy.typing import NDArray

from ._njit import njit

KEEP = 0  # the sample itself: flag only
NAN = 1
HOLD = 2  # last good sample of the segment; the last resort while there is none
MEDIAN = 3  # the last resort of the Hampel filter
CLIP = 4  # the nearest value that is no outlier

CODES = {
    "hold": HOLD,
    "nan": NAN,
    "clip": CLIP,
    "median": MEDIAN,
    "interpolate": KEEP,  # found first, drawn afterwards
    "keep": KEEP,
}


@njit(nogil=True, cache=True)
def replacement(
    action: int, sample: float, held: float, nearest: float, last_resort: float
) -> float:
    """What takes the place of a flagged sample; ``held`` is NaN while there is no good one."""
    if action == KEEP:
        return sample
    if action == NAN:
        return np.nan
    if action == CLIP:
        return nearest
    if action == HOLD and not np.isnan(held):
        return held
    return last_resort


def held_sizes(row: NDArray[np.float64]) -> tuple[int, int]:
    """State of a kernel that only holds: the last good sample, NaN while there is none."""
    return 1, 0


def held_memory(row: NDArray[np.float64]) -> int:
    """How far such a kernel sees back, but for what is held."""
    return 0


@njit(nogil=True, cache=True)
def held_reset(numbers: np.ndarray, counts: np.ndarray) -> None:
    """Forget what is held."""
    numbers[0] = np.nan
