"""What validate() refuses: seen cycles, a lost index, steps that see across cycle borders."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from signalprep._base import SignalTransformer
from signalprep.errors import InvalidLogError, LeakError
from signalprep.flow import frozen_in, passing, tree, walk
from signalprep.log import cycle_bounds, cycles, shown
from signalprep.model_selection import STUDY, listed
from signalprep.trial._lost_index import losing_steps, lost_index

ROUNDINGS = 100.0


def check_training_cycles(estimator: Any, test_cycles: pd.Index, fold: int) -> None:
    """Raise LeakError when a step remembers having been fitted on a test cycle."""
    for path, shared in fitted_on(estimator, test_cycles):
        raise LeakError(
            f"statistics must come from training cycles; in fold {fold} {path} was fitted on "
            f"{listed(shared)}, which the fold tests (was it fitted before validate?). "
            f"Pass it unfitted{STUDY}"
        )


def fitted_on(estimator: Any, test_cycles: pd.Index) -> Iterator[tuple[str, pd.Index]]:
    """Give each step that remembers having been fitted on some of these cycles, and which."""
    for path, step in walk(estimator):
        learned = getattr(step, "cycles_", None)
        shared = pd.Index([]) if learned is None else pd.Index(learned).intersection(test_cycles)
        if len(shared):
            yield path, shared


def warn_of_frozen(estimator: Any) -> None:
    """Warn of frozen parts that cannot tell on which cycles they were fitted."""
    for path, step in walk(estimator):
        frozen = frozen_in(tree(step))
        if frozen is None:
            continue
        if not any(hasattr(part, "cycles_") for _, part in walk(step)):
            warnings.warn(
                f"{path} ({type(frozen).__name__}) was fitted before and does not "
                "remember on which cycles: if test cycles were among them, the errors are too "
                "small. Fit it in validate, or wrap a transformer in TrainOnly",
                UserWarning,
                stacklevel=3,
            )


def check_index_kept(estimator: Any, X: pd.DataFrame, y: Any) -> None:
    """Raise LostIndexError when a step that needs cycle borders was fitted without an index."""
    for path in fitted_without_index(estimator):
        found = next(losing_steps(estimator, X, y), None)
        raise lost_index(found, f"{path} would work across cycle borders")


def fitted_without_index(estimator: Any) -> Iterator[str]:
    """Give each step that works over time and was fitted on data without cycle borders."""
    for path, step in walk(estimator):
        if not isinstance(step, SignalTransformer) or getattr(step, "fitted_on_log_", True):
            continue
        if step.lookahead_ or step.memory_:
            yield path


def check_isolation(estimator: Any, together: pd.DataFrame, output: Callable[[Any], Any]) -> None:
    """Raise LeakError when a prediction of one cycle depends on the other cycles beside it.

    Parameters
    ----------
    estimator : fitted estimator
    together : DataFrame
        A log of at least two cycles.
    output : callable
        What gives its predictions of a log as numbers.
    """
    bounds = cycle_bounds(together)
    if len(bounds) < 3:
        return
    difference = _difference(output, together, bounds)
    worst = int(np.argmax(difference))
    if difference[worst] > 0:
        step = _bleeding_step(estimator, together)
        raise LeakError(
            f"predictions of cycle {shown(cycles(together)[worst])} must not depend on the "
            f"cycles beside it; they change by up to {difference[worst]:.3g}. "
            f"{step} sees across cycle borders"
        )


def _difference(function: Any, together: Any, bounds: np.ndarray) -> np.ndarray:
    """Largest change of each cycle's output when it stands alone; 0 where it is rounding.

    A matrix product rounds by the number of its rows, and a model may amplify that (large offsets
    that cancel). So a change counts only if it is also far beyond what the last digit of the
    inputs does.
    """
    whole = as_array(function(together), len(together))
    scale = float(np.nanmax(np.abs(whole), initial=0.0))
    tolerance = (1e-4 if whole.dtype == np.float32 else 1e-8) * scale
    largest = np.zeros(len(bounds) - 1)
    for k, (start, stop) in enumerate(pairwise(bounds)):
        cycle = together.iloc[start:stop] if hasattr(together, "iloc") else together[start:stop]
        alone = as_array(function(cycle), stop - start)
        change = largest_change(alone, whole[start:stop])
        if change > tolerance:
            moved = as_array(function(nudged(cycle)), stop - start)
            largest[k] = change if change > ROUNDINGS * largest_change(alone, moved) else 0.0
    return largest


def largest_change(one: np.ndarray, other: np.ndarray) -> float:
    """Largest difference; infinite where a value is missing in one of them only."""
    change = np.abs(one - other)
    change[np.isnan(one) & np.isnan(other)] = 0.0
    return float(np.nan_to_num(change, nan=np.inf).max(initial=0.0))


def nudged(log: Any) -> Any:
    """Every second row of the floating-point signals moved by their last digit."""
    if not isinstance(log, pd.DataFrame):
        return nudged(pd.DataFrame(log)).to_numpy()
    moved = log.copy()
    for k, dtype in enumerate(log.dtypes):
        if isinstance(dtype, np.dtype) and dtype.kind == "f":
            values = log.iloc[:, k].to_numpy(copy=True)
            values[::2] = np.nextafter(values[::2], np.inf, dtype=values.dtype)
            moved.isetitem(k, values)
    return moved


def _bleeding_step(estimator: Any, together: pd.DataFrame) -> str:
    """The first step whose output for a cycle depends on the cycles beside it, in words."""
    tried = (one for one in passing(estimator, together) if one.stage.apply is not None)
    for k, one in enumerate(tried):
        stage, name = one.stage, type(one.stage.estimator).__name__
        if stage.final:
            return f"The final estimator {name}" if k else name
        if _difference(stage.of, one.given, cycle_bounds(together.index[one.rows])).any():
            return f"Step {stage.name!r} ({name})"
    return type(estimator).__name__


def as_array(output: Any, n_rows: int) -> np.ndarray:
    values = output.toarray() if hasattr(output, "toarray") else np.asarray(output)
    if values.shape[0] != n_rows:
        raise InvalidLogError(
            f"every step must keep its rows; {n_rows} rows went in and {values.shape[0]} came out"
        )
    if values.dtype.kind not in "fiub":
        columns = [_numbered(column) for column in values.reshape(n_rows, -1).T]
        return np.stack(columns, axis=-1).reshape(values.shape)
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def _numbered(column: np.ndarray) -> np.ndarray:
    """Numbers as they are; words as numbers from 0 to 1 that differ as these do."""
    given = pd.Series(column, dtype=object)
    found = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    words = np.isnan(found) & given.notna().to_numpy()
    found[words] = pd.util.hash_array(given[words].astype(str).to_numpy(dtype=object)) / 2.0**64
    return found
