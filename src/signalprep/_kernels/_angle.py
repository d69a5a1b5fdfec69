"""Find channels that hold a wrapped angle, which no filter may average."""

import numpy as np

from ._njit import njit

NO_ANGLE = 0
RADIANS = 1  # [0, 2 pi)
RADIANS_SIGNED = 2  # [-pi, pi)
DEGREES = 3  # [0, 360)
DEGREES_SIGNED = 4  # [-180, 180)

_BELOW = (0.0, -np.pi, 0.0, -180.0)
_TURN = (2.0 * np.pi, 2.0 * np.pi, 360.0, 360.0)

_TOLERANCE = 1e-6  # beyond the ends of the interval
_SPAN = 0.9  # of the interval, at least
_JUMPS = 2  # at least
_JUMP = 0.75  # turns: a step above this is a wrap
_STEP = 0.25  # turns: any other step is below this
_WHOLE = 1e-9  # turns: a jump this near to a whole one joins two ends that are one for an angle
_CHANGE = 0.02  # turns: how far a wrapped jump may be from the step next to it


@njit(nogil=True, cache=True)
def _interval(low: float, high: float) -> int:
    """Code of the interval that holds low to high and is nearly filled by it, or NO_ANGLE."""
    for k in range(4):
        inside = low >= _BELOW[k] - _TOLERANCE and high <= _BELOW[k] + _TURN[k] + _TOLERANCE
        if inside and high - low >= _SPAN * _TURN[k]:
            return k + 1
    return NO_ANGLE


@njit(nogil=True, cache=True)
def _count_jumps(signal: np.ndarray, turn: float) -> int:
    """Wraps in one segment; -1 as soon as a step is not one of a wrapped angle."""
    jumps = 0
    before = np.nan  # the step before, in turns
    wrapped = False  # the step before was a jump with no step before it
    for i in range(1, signal.size):
        step = (np.float64(signal[i]) - np.float64(signal[i - 1])) / turn
        jump = bool(abs(step) > _JUMP)
        if jump:
            jumps += 1
            step -= np.sign(step)
            if abs(step) < _WHOLE:
                return -1
        elif abs(step) >= _STEP:
            return -1
        if (jump or wrapped) and abs(step - before) >= _CHANGE:
            return -1
        wrapped = jump and bool(np.isnan(before))
        before = step
    return jumps


@njit(nogil=True, cache=True)
def looks_like_wrapped_angle(x: np.ndarray, bounds: np.ndarray, facts: np.ndarray) -> np.ndarray:
    """Code of the angle that each channel seems to be, int64 (n_channels,); NO_ANGLE for most.

    A wrapped angle has all its values in one of the intervals [0, 2 pi), [-pi, pi), [0, 360),
    [-180, 180) and fills at least 90 % of it; it jumps at least twice by more than three quarters
    of a turn, all other steps being less than a quarter, and each jump, taken as a wrap, goes on at
    the speed of the step before it (to 0.02 turn; where none is known, of the step after it). NaN
    are passed over. ``facts`` is what ``scan`` gives: only channels whose least and greatest value
    are those of an angle are looked at, and no more of them than it needs.
    """
    codes = np.zeros(x.shape[0], dtype=np.int64)
    for channel in range(x.shape[0]):
        code = _interval(facts[channel, 1], facts[channel, 2])
        jumps = 0
        if code != NO_ANGLE:
            turn = _TURN[code - 1]
            for segment in range(bounds.size - 1):
                found = _count_jumps(x[channel, bounds[segment] : bounds[segment + 1]], turn)
                if found < 0:
                    code = NO_ANGLE
                    break
                jumps += found
        codes[channel] = code if jumps >= _JUMPS else NO_ANGLE
    return codes
