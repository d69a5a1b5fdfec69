"""Whether the rate and the length that a file states, its time and the caller's rate agree."""

from __future__ import annotations

import numpy as np

from signalprep.errors import ReadError
from signalprep.io._request import Request
from signalprep.io._stated import Stated
from signalprep.io._time_column import Stamps, may_count_from
from signalprep.io._time_units import SECONDS
from signalprep.log import restarted_cycles

NEAR = 0.02  # of a stated step, which may be written with few digits
_TEN = 22  # powers of ten up to this one are exact in float64
_GAP = 1.5  # steps; longer ones are gaps


def usual_step(stamps: np.ndarray) -> float | None:
    """Step between neighbouring stamps, gaps and restarts left out; None without two stamps."""
    numbers = stamps.astype(np.float64)
    steps = np.diff(numbers[np.isfinite(numbers)])
    steps = steps[steps > 0]
    if not len(steps):
        return None
    return float(steps[steps <= _GAP * np.median(steps)].mean())


def unit_by_step(numbers: np.ndarray, stated: Stated) -> str | None:
    """The one unit in which stamps go on by the stated step; None where none or several do."""
    step = None if stated.step is None else usual_step(numbers)
    if step is None or stated.step is None:
        return None
    wanted, first = float(stated.step), float(numbers[int(np.argmax(np.isfinite(numbers)))])
    fits = [
        unit
        for unit, factor in SECONDS.items()
        if _is_near(step * float(factor), wanted) and may_count_from(first, unit)
    ]
    return fits[0] if len(fits) == 1 else None


def _is_near(step: float, wanted: float) -> bool:
    return abs(step - wanted) <= NEAR * wanted


def check_time(file: str, name: str, seconds: np.ndarray, stated: Stated, request: Request) -> None:
    """Raise where a column of time goes on by another step than the file states.

    A `rate` of the caller that is the column's decides.
    """
    step = None if stated.step is None else usual_step(seconds)
    if step is None or stated.step is None or _is_near(step, float(stated.step)):
        return
    if request.rate is not None and _is_near(step, 1.0 / request.rate):
        return
    rate = stated.rate or 0.0
    raise ReadError(
        f"{file}: time {name!r} goes on by {step:.6g} s, but the file states {stated.where!r} "
        f"({rate:.6g} Hz); rate={float(f'{1.0 / step:.6g}')!r} takes the column as it is, "
        f"time=False with rate={rate!r} the stated rate"
    )


def check_rate(file: str, stated: Stated, request: Request) -> str:
    """Raise where the caller's rate is not the stated one; with ``time=False`` say so only."""
    if request.rate is None or stated.rate is None or _is_near(1 / request.rate, 1 / stated.rate):
        return ""
    if request.time is False:
        return f"rate={request.rate!r} as told, not as stated: {stated.where!r}"
    raise ReadError(
        f"{file}: rate={request.rate!r} contradicts {stated.where!r}, which states "
        f"{stated.rate:.9g} Hz; leave rate= out, or give time=False to insist on it"
    )


def check_length(
    file: str, n_rows: int, n_left_out: int, stated: Stated, request: Request
) -> str | None:
    """Raise where a table has another number of rows than the file states; `None` where it fits.

    `n_left_out` rows at the end had no line end. With ``truncated`` "drop" or "keep" what is there
    is taken, and words for the report come back.
    """
    if stated.length is None:
        return None
    expected = stated.length * (stated.segments or 1)
    if n_rows in (expected, expected - n_left_out):
        return None
    if stated.segments is None and n_rows % expected == 0:
        return None  # several records, one below the other
    what = f"{stated.length_where!r} states {expected} rows, there are {n_rows}"
    if request.truncated in ("drop", "keep"):
        return what
    why = "the file was cut off" if n_rows < expected else "something was added"
    raise ReadError(f"{file}: {what}: {why}; truncated='drop' reads the rows that are there")


def check_segments(file: str, seconds: np.ndarray, stated: Stated) -> None:
    """Raise where time does not start anew as often as the file states."""
    if stated.segments is None or stated.segments < 2:
        return
    found = int(restarted_cycles(seconds).max()) + 1
    if found != stated.segments:
        raise ReadError(
            f"{file}: the file states {stated.segments} segments, but time starts anew "
            f"{found - 1} times; cycle= names a column that tells them apart, time=False with "
            "rate= takes the rows for one"
        )


def stated_stamps(n_rows: int, stated: Stated) -> Stamps | None:
    """Stamps ``start + k * step``, each rounded once; None without a stated start and step.

    Several segments have the same stamps.
    """
    if stated.start is None or stated.step is None:
        return None
    rows = np.arange(n_rows)
    if stated.length is not None and stated.length < n_rows:
        rows %= stated.length
    decimals = next((k for k in range(_TEN + 1) if _is_whole(stated, k)), None)
    if decimals is not None:
        start, step = (int(part * 10**decimals) for part in (stated.start, stated.step))
        if abs(start) + n_rows * step < 2**53:
            return Stamps((start + rows * step) / 10.0**decimals)
    return Stamps(float(stated.start) + rows * float(stated.step))


def _is_whole(stated: Stated, decimals: int) -> bool:
    """Whether start and step are whole numbers of the last of some decimals."""
    parts = (stated.start, stated.step)
    return all(part is not None and (part * 10**decimals).denominator == 1 for part in parts)
