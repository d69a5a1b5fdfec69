"""The target among the inputs: under its own name, or as a copy in any unit."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from signalprep.errors import LeakError
from signalprep.model_selection import STUDY

FEW = 1000
"""Rows that settle it for nearly every channel."""
LEAST_ROWS = 10  # two rows lie on a line whatever they are
LEAST_LEVELS = 50
"""Decimal steps that a rounded copy spans at least, and values of the target: a coarser channel
may be a state that follows the target."""
DIGITS = 6


class _Line(NamedTuple):
    """channel = slope x target + offset, rounded to `step` where that is not 0."""

    slope: float
    offset: float
    step: float = 0.0


def check_inputs(X: pd.DataFrame, y: pd.Series, name: Hashable = None) -> None:
    """Raise LeakError when an input has the target's name, or is a copy of it.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_signals)
    y : Series of shape (n_samples,)
        The target without missing values: numbers or labels.
    name : hashable, default=None
        The name that the target was given; None when it came without one.

    Notes
    -----
    A copy is ``a * target + b`` with a != 0 in every row where the channel is known, and it is
    known in most rows. It may differ by the rounding of floating-point numbers of its own or the
    target's precision, and by half of its own decimal step where it spans many of them: a sensor
    that stays so near to the target in every row does not exist. Labels that are text have copies
    that are equal only. Of a target that is constant where the channel is known there are none.

    Cost: some rows of every channel, all rows of those that pass.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows fits no line
        found = list(_carriers(X, y, name))
    if not found:
        return
    others = [repr(channel) for channel, _ in found[1:]]
    more = f" (and likewise {', '.join(others)})" if others else ""
    raise LeakError(
        f"X must not hold the target; {found[0][0]!r} {found[0][1]}{more}. Leave it out of the "
        f"inputs{STUDY}"
    )


def names_given(y: Any) -> list[Hashable]:
    """The name that each target came with; None in an array."""
    if isinstance(y, pd.DataFrame):
        return list(y.columns)
    return [y.name] if isinstance(y, pd.Series) else [None] * int(np.prod(np.shape(y)[1:2]))


def _carriers(X: pd.DataFrame, y: pd.Series, name: Hashable) -> Iterator[tuple[Hashable, str]]:
    """Channels that carry the target, each with words for how."""
    y = y.infer_objects()
    target = _numbers(y)
    values = y.to_numpy() if target is None else target
    few = _few_rows(len(y), target)
    glance = X.iloc[few]
    for k, channel in enumerate(X.columns):
        if target is None:
            words = _same_text(glance.iloc[:, k], values[few])
            words = words and _same_text(X.iloc[:, k], values)
        else:
            words = ""
            seen = _numbers(glance.iloc[:, k])
            if seen is not None and _may_be_copy(seen, target[few]):
                words = _copy(X.iloc[:, k], target)
        if words or (name is not None and channel == name):
            yield channel, words or "has its name (rename y where it is another quantity)"


def _few_rows(n_rows: int, target: np.ndarray | None) -> np.ndarray:
    """Rows at even distances, and those of the target's extremes."""
    rows = np.linspace(0, n_rows - 1, min(FEW, n_rows)).astype(np.int64)
    if target is not None:
        rows = np.append(rows, [np.argmin(target), np.argmax(target)])
    return np.unique(rows)


def _numbers(column: pd.Series) -> np.ndarray | None:
    """Numbers, flags and numbered categories as float64; None for all else."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
        if pd.api.types.is_numeric_dtype(dtype):
            column = column.astype(np.float64)
    if not pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_complex_dtype(dtype):
        return None
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _same_text(column: pd.Series, labels: np.ndarray) -> str:
    """Words when a channel of text equals the labels wherever it is known."""
    if _numbers(column) is not None:
        return ""
    known = column.notna().to_numpy()
    if 2 * known.sum() <= len(known):
        return ""
    own, other = column.to_numpy(dtype=object)[known], labels.astype(object)[known]
    if not (own == other).all() or (other == other[0]).all():
        return ""
    return f"is the target {_where(known)}"


def _may_be_copy(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether some rows of the channel leave it open; False is certain."""
    known = np.isfinite(x)
    if known.sum() < LEAST_ROWS:
        return True
    x, y = x[known], y[known]
    rise, run = _ends(x, y)
    if run == 0:
        return True  # the target is at rest in these rows
    off = float(np.ptp(x - rise / run * y))
    # between the ends of the target, which rows without the channel may hide
    if rise == 0 or off > abs(rise) * (0.08 if known.all() else 0.4):
        return False
    step = _decimal_step(x) or 0.0
    return _slope(x, y, step / 2 + 100 * _rounding(x, y)) is not None


def _copy(column: pd.Series, target: np.ndarray) -> str:
    """Words when a channel is a copy of the target; "" when it is not."""
    x = _numbers(column)
    if x is None:
        return ""
    known = np.isfinite(x)
    if known.sum() < LEAST_ROWS or 2 * known.sum() <= len(known):
        return ""
    x, y = (x, target) if known.all() else (x[known], target[known])
    line = _line(x, y)
    return "" if line is None else f"is {_line_in_words(line)} {_where(known)}"


def _line(x: np.ndarray, y: np.ndarray) -> _Line | None:
    """The line on which all rows lie up to rounding; None when there is none."""
    rise, run = _ends(x, y)
    if rise == 0 or run == 0:
        return None
    if np.array_equal(x, y):
        return _Line(1.0, 0.0)
    rounding = _rounding(x, y)
    if 1000 * rounding < abs(rise):  # else nearly constant, and anything fits
        slope = _slope(x, y, rounding)
        if slope is not None:
            return _Line(*_shortest(x, y, slope, rounding))
    step = _decimal_step(x)
    if step is None or abs(rise) < LEAST_LEVELS * step or len(np.unique(y)) < LEAST_LEVELS:
        return None
    allowed = step / 2 + rounding
    slope = _slope(x, y, allowed)
    return None if slope is None else _Line(*_shortest(x, y, slope, allowed), step)


def _ends(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Rise of the channel, and of the target, from the target's smallest to its largest value."""
    low, high = int(np.argmin(y)), int(np.argmax(y))
    return float(x[high] - x[low]), float(y[high] - y[low])


def _slope(x: np.ndarray, y: np.ndarray, allowed: float) -> float | None:
    """A slope at which all rows lie within `allowed` of a line; None when there is none.

    The two rows farthest apart at one slope rule out all slopes on one side, so each pass halves
    what is left at least.
    """
    rise, run = _ends(x, y)
    low, high = (rise - 2 * allowed) / run, (rise + 2 * allowed) / run
    for _ in range(64):
        slope = (low + high) / 2
        rest = x - slope * y
        top, bottom = int(np.argmax(rest)), int(np.argmin(rest))
        if rest[top] - rest[bottom] <= 2 * allowed:
            return slope
        apart = float(y[top] - y[bottom])
        if apart == 0:
            return None
        bound = float(x[top] - x[bottom] - 2 * allowed) / apart
        low, high = (max(low, bound), high) if apart > 0 else (low, min(high, bound))
        if not low <= high:
            return None
    return None


def _rounding(x: np.ndarray, y: np.ndarray) -> float:
    """What floating-point numbers may be off after a change of unit, in units of the channel."""
    rise, run = _ends(x, y)
    scale = abs(rise / run)
    return 4.0 * (_precision(x) * np.abs(x).max() + scale * _precision(y) * np.abs(y).max())


def _precision(values: np.ndarray) -> float:
    """Relative step of single precision where all values fit into it, else of double."""
    single = np.array_equal(values, values.astype(np.float32))
    whole = single and np.array_equal(values, np.rint(values))  # counts are exact
    return float(np.finfo(np.float32 if single and not whole else np.float64).eps)


def _decimal_step(x: np.ndarray) -> float | None:
    """The largest power of ten of which all values are multiples; None for none."""
    precision, largest = _precision(x), float(np.abs(x).max())
    for exponent in range(3, -10, -1):
        scaled = x * 10.0**-exponent
        doubt = 4 * precision * largest * 10.0**-exponent
        if doubt > 0.01:
            return None
        if (np.abs(scaled - np.rint(scaled)) <= doubt).all():
            return float(f"1e{exponent}")
    return None


def _shortest(x: np.ndarray, y: np.ndarray, slope: float, allowed: float) -> tuple[float, float]:
    """Slope and offset with the fewest digits that still fit, without an offset where one can."""
    fits = []
    for digits in range(1, 18):
        short = float(f"{slope:.{digits}g}")
        rest = x - short * y
        low, high = float(rest.min()), float(rest.max())
        middle, spare = (low + high) / 2, allowed - (high - low) / 2
        if abs(middle) <= spare:
            return short, 0.0
        if spare >= 0:
            fits.append((short, middle, spare))
    slope, middle, spare = fits[0]
    offsets = (float(f"{middle:.{digits}g}") for digits in range(1, 18))
    return slope, next((b for b in offsets if abs(b - middle) <= spare), middle)


def _line_in_words(line: _Line) -> str:
    words = "the target" if line.slope == 1 else f"{line.slope:.{DIGITS}g} x the target"
    if line.offset:
        words += f" {'-' if line.offset < 0 else '+'} {abs(line.offset):.{DIGITS}g}"
    return words + (f", rounded to {line.step:g}," if line.step else "")


def _where(known: np.ndarray) -> str:
    if known.all():
        return "in every row"
    return f"in each of the {int(known.sum())} rows where it is known"
