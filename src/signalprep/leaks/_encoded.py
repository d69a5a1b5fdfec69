"""Columns of few values, each of which is what the target is on average where it stands, or a bin.

That is how a category is encoded by the target over all rows; test rows among them, a column then
knows what it shall help to predict. So does one that holds the target in bins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from signalprep.leaks._finding import Finding
from signalprep.leaks._levels_of_target import Binned, bins_of_target
from signalprep.leaks._proxies import COPY
from signalprep.log import cycle_bounds
from signalprep.trial import Case

MOST_LEVELS = 400
FEWEST_ROWS = 5
"""To a level, on average: with fewer a mean is the value itself."""
FEWEST_ON_A_LINE = 5
"""Levels that must lie on a line, where the column was scaled or drawn to the mean of all."""
SAME = 1e-9
"""Of the target's deviation."""
SHOWN = 1000


class Levels(NamedTuple):
    """A column of few values: them, which of them each row has, and how many rows have each."""

    values: np.ndarray
    of_row: np.ndarray
    counts: np.ndarray

    def mean(self, y: np.ndarray) -> np.ndarray:
        """Of the target where each value stands."""
        return np.bincount(self.of_row, y, len(self.counts)) / self.counts


def encoded_findings(case: Case) -> Iterator[Finding]:
    """Columns whose values are means of the target, with the row itself or without, or its bins."""
    y = case.numbers()
    if not np.isfinite(y).all() or np.ptp(y) == 0:
        return
    levels = {k: found for k in range(case.X.shape[1]) if (found := _levels(case.X.iloc[:, k]))}
    cycle = case.cycle_of_row()
    for k, name in enumerate(case.X.columns):
        binned = bins_of_target(levels[k].of_row, y, cycle_bounds(case.X)) if k in levels else None
        if binned is not None and not _is_copy(levels[k], y):
            yield _of_bins(case, str(name), binned)
            continue
        if not pd.api.types.is_float_dtype(case.X.dtypes.iloc[k]):
            continue
        if k in levels:
            own = len(levels[k].counts) > cycle[-1] and _is_constant(levels[k].of_row, cycle)
            words = "" if own else _means(levels[k], y)  # of each cycle: told of elsewhere
        else:
            words = _without_itself(case.X.iloc[:, k].to_numpy(np.float64), levels, y)
        if words:
            yield Finding(
                "leak",
                "target_in_inputs",
                "input",
                str(name),
                1.0,
                "share of rows",
                f"Channel {str(name)!r} was encoded by the target {str(case.y.name)!r}: it is "
                f"{words} of it over all rows of one value, test rows among them.",
            )


def _is_copy(levels: Levels, y: np.ndarray) -> bool:
    """Whether the values are the target nearly: told of elsewhere."""
    return bool(np.corrcoef(levels.values[levels.of_row], y)[0, 1] ** 2 >= COPY)


def _of_bins(case: Case, name: str, binned: Binned) -> Finding:
    return Finding(
        "leak" if binned.surely else "warning",
        "target_in_inputs",
        "input",
        name,
        float(binned.n_levels),
        "levels",
        f"Channel {name!r} is the target {str(case.y.name)!r} in {binned.n_levels} bins: it "
        f"changes in just those rows, {binned.passages} in all, in which the target passes from "
        "one to another.",
    )


def _levels(column: pd.Series) -> Levels | None:
    """The few values of a column; None where there are many, or values are missing."""
    if column.iloc[:SHOWN].nunique() > MOST_LEVELS:
        return None
    of_row, values = pd.factorize(column)
    if not 2 <= len(values) <= min(MOST_LEVELS, len(of_row) // FEWEST_ROWS) or of_row.min() < 0:
        return None
    numeric = pd.api.types.is_numeric_dtype(column.dtype)
    numbers = np.asarray(values, dtype=np.float64) if numeric else np.arange(float(len(values)))
    return Levels(numbers, of_row, np.bincount(of_row))


def _is_constant(of_row: np.ndarray, cycle: np.ndarray) -> bool:
    """Whether a value changes only where a cycle begins."""
    return not np.diff(of_row)[np.diff(cycle) == 0].any()


def _means(levels: Levels, y: np.ndarray) -> str:
    """Which mean of the target the values of a column are; "" for none."""
    values, means = levels.values, levels.mean(y)
    if np.corrcoef(values, means)[0, 1] ** 2 < 0.5:
        return ""
    made = {
        "the mean": means,
        "the median": pd.Series(y).groupby(levels.of_row).median().to_numpy(),
        "the mean, drawn to that of all rows,": _drawn(levels, y, means),
    }
    for words, wanted in made.items():
        if np.abs(values - wanted).max() <= SAME * float(y.std()):
            return words
    if len(values) < FEWEST_ON_A_LINE or _is_even(values):
        return ""
    if _on_a_line(means, values):
        return "the mean, scaled,"
    return "the mean, drawn to one value," * _on_a_line(values, levels.counts * (values - means))


def _drawn(levels: Levels, y: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Means drawn to that of all rows by as much as they are uncertain, as TargetEncoder does."""
    spread = levels.mean((y - means[levels.of_row]) ** 2)
    known = levels.counts * y.var()
    share = known / (known + spread)
    return np.asarray(share * means + (1 - share) * y.mean())


def _is_even(values: np.ndarray) -> bool:
    """Whether values lie at even distances, as those of a counter do, and no means."""
    steps = np.diff(np.sort(values))
    return bool(np.ptp(steps) <= 1e-6 * steps.max())


def _on_a_line(x: np.ndarray, y: np.ndarray) -> bool:
    x, y = x - x.mean(), y - y.mean()
    if not x.any() or not y.any():
        return False
    return bool(np.abs(y - float(x @ y / (x @ x)) * x).max() <= SAME * np.abs(y).max())


def _without_itself(values: np.ndarray, levels: dict[int, Levels], y: np.ndarray) -> str:
    """Whether a column is the mean over all other rows of the same value of another column."""
    close = SAME * float(y.std())
    some = np.linspace(0, len(y) - 1, min(SHOWN, len(y))).astype(np.intp)
    for one in levels.values():
        if one.counts.min() < 2:
            continue
        sums, n = one.mean(y) * one.counts, one.counts
        for rows in (some, np.arange(len(y))):
            of_row = one.of_row[rows]
            others = (sums[of_row] - y[rows]) / (n[of_row] - 1)
            if not np.abs(values[rows] - others).max() <= close:
                break
        else:
            return "the mean, without the row itself,"
    return ""
