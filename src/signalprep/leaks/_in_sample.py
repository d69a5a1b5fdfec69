"""Columns that a model predicted for its own training rows, test rows among them.

Two traces. Least squares, trees and boosting leave the sum of their errors at nothing: a column of
many digits then has the target's mean over all rows to the last ones, which no other column has by
chance. And where such a column misses the target, it errs as a forest does that has not seen the
row, but by far less: it knows a part of what cannot be known of each row. A sensor errs by noise,
offsets and delays of its own; if the target is noisy and the sensor is not, it misses all of that
noise, and not a part. Predictions for cycles left out miss by as much as the forest, or more.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from signalprep.leaks._finding import Finding
from signalprep.leaks._statistics import is_odd
from signalprep.log import cycle_bounds
from signalprep.trial import Case

SAME_MEAN = 1e-9
"""Of the target's deviation."""
RELATED = 0.25
"""Squared correlation with the target from which means are compared."""
FEWEST_VALUES = 20
MOST_ODD = 0.9
"""Of them with more digits than a sensor in steps has: coarse columns meet a mean by chance."""
KNOWN = 0.8
"""R2 of a column alone from which its errors are looked at."""
ALIKE = 0.6
"""Correlation of its errors with those of a forest, of all and of what is quick in them."""
PART = 0.75
"""Of the squared correlation: the part of a forest's errors that it leaves at the most.

Errors of a sensor that are a part of the forest's, as noise of the target is, are all of that part,
which is the squared correlation or more."""
LEAST_PART = 0.03
CENTRED = 0.02
"""Of the target's deviation: mean of the errors."""
FEWEST_SAID = 0.3
"""R2 of the forest for rows it has not seen."""
OF_SAID = 0.3
"""Of its part of the forest's errors: part of the errors that goes with what the forest says."""
TREES = 40
MOST_ROWS = 4000
MOST_COLUMNS = 3


class Errors(NamedTuple):
    """Correlation of a column's errors with a forest's, and which part of them it makes."""

    correlation: float
    part: float

    @property
    def known(self) -> bool:
        """Whether it errs as the forest does, by a part that no sensor leaves."""
        few = LEAST_PART <= self.part <= PART * self.correlation**2
        return self.correlation >= ALIKE and few


def in_sample_findings(case: Case, channels: list[int], alone: list[float]) -> Iterator[Finding]:
    """Channels that a model which learned from test rows has predicted.

    `channels` are places of columns of numbers, `alone` the R2 of each by itself.
    """
    y = case.numbers()
    if not np.isfinite(y).all():
        return
    told = set()
    for k in channels:
        if _has_the_mean(case.X.iloc[:, k].to_numpy(np.float64), y):
            told.add(k)
            yield _finding(
                case, k, "its mean is that of the target over all rows, to the last digits", 1.0
            )
    known = [k for k, r2 in zip(channels, alone, strict=True) if r2 >= KNOWN and k not in told]
    ranked = sorted(known, key=lambda k: -alone[channels.index(k)])[:MOST_COLUMNS]
    for k in ranked:
        errors = _errors(case, k, channels, {*known, *told}, y)
        if errors is not None:
            yield _finding(
                case,
                k,
                f"it errs as a forest does that has not seen the row (correlation "
                f"{errors.correlation:.2f}), by {errors.part:.2g} as much",
                errors.correlation,
            )


def _finding(case: Case, k: int, words: str, effect: float) -> Finding:
    name = str(case.X.columns[k])
    return Finding(
        "leak",
        "target_in_inputs",
        "input",
        name,
        effect,
        "correlation",
        f"Channel {name!r} looks like predictions of a model for rows it has learned from, test "
        f"rows among them: {words}.",
    )


def _has_the_mean(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether a column of many values has the mean of the target, which is not 0."""
    spread = float(y.std())
    if not np.isfinite(x).all() or abs(float(y.mean())) <= 1e-6 * spread:
        return False
    if abs(float(x.mean()) - float(y.mean())) > SAME_MEAN * spread or np.ptp(x) == 0:
        return False
    values = np.unique(x)
    odd = [is_odd(value) for value in values[:: max(1, len(values) // 50)].tolist()]
    if len(values) < FEWEST_VALUES or np.mean(odd) < MOST_ODD:
        return False
    if np.array_equal(np.sort(x), np.sort(y)):
        return False
    return bool(np.corrcoef(x, y)[0, 1] ** 2 >= RELATED)


def _errors(
    case: Case, k: int, channels: list[int], known: set[int], y: np.ndarray
) -> Errors | None:
    """How a column errs, where no sensor does: beside all inputs, or those less telling than it."""
    bounds = cycle_bounds(case.X)
    bounds = bounds[: max(int(np.searchsorted(bounds, MOST_ROWS, side="right")), 2)]
    x, y = case.X.iloc[: bounds[-1], k].to_numpy(np.float64), y[: bounds[-1]]
    if not np.isfinite(x).all() or abs(float((y - x).mean())) > CENTRED * float(y.std()):
        return None  # off by more than predictions are: no forest need be asked
    tried: set[tuple[int, ...]] = set()
    for left_out in ({k}, known):
        others = tuple(j for j in channels if j not in left_out)
        if not others or others in tried:
            continue
        tried.add(others)
        inputs = case.X.iloc[: bounds[-1], list(others)].to_numpy(np.float64)
        unseen = y - _forest(inputs, y)
        if not _is_calibrated(y - x, unseen, y):
            continue
        whole = _compared(y - x, unseen)
        if whole.known and _compared(_quick(y - x, bounds), _quick(unseen, bounds)).known:
            return whole
    return None


def _is_calibrated(own: np.ndarray, unseen: np.ndarray, y: np.ndarray) -> bool:
    """Whether errors are about 0, and go with the forest's and not with what it says.

    A sensor with a gain or an offset of its own misses a part of the target, whatever the others
    say of it. Where these say nothing, that is a part of their errors, and nothing is told.
    """
    spread = float(y.std())
    if spread == 0 or abs(float(own.mean())) > CENTRED * spread:
        return False
    if float(unseen.var()) > (1 - FEWEST_SAID) * spread**2:
        return False
    said = y - unseen
    given = np.column_stack([unseen - unseen.mean(), said - said.mean()])
    part, of_said = np.linalg.lstsq(given, own - own.mean(), rcond=None)[0].tolist()
    return bool(part > 0 and abs(of_said) <= OF_SAID * part)


def _forest(inputs: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What the trees of a forest that have not drawn a row say of it."""
    from sklearn.ensemble import RandomForestRegressor

    known = np.isfinite(inputs)
    middle = np.where(known, inputs, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    forest = RandomForestRegressor(TREES, oob_score=True, random_state=0)
    forest.fit(np.where(known, inputs, middle), y)
    return np.asarray(forest.oob_prediction_)


def _quick(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Second differences within cycles."""
    return np.concatenate([np.diff(values[a:b], 2) for a, b in pairwise(bounds.tolist())])


def _compared(own: np.ndarray, unseen: np.ndarray) -> Errors:
    own, unseen = own - own.mean(), unseen - unseen.mean()
    size, other = float(own @ own), float(unseen @ unseen)
    if size == 0 or other == 0:
        return Errors(0.0, 0.0)
    return Errors(float(own @ unseen) / (size * other) ** 0.5, float(own @ unseen) / other)
