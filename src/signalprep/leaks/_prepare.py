"""The preparation of raw: a function of a log and its target, and whether it gives X."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import Chain, tree
from signalprep.leaks._changes import as_numbers
from signalprep.log import is_log
from signalprep.trial import Case

Prepare = Callable[[pd.DataFrame, pd.Series | None], pd.DataFrame]


def check_preparation(case: Case) -> None:
    """Raise unless ``prepare(raw)`` gives X, so that what is tried is what was done."""
    if (case.raw is None) != (case.prepare is None):
        raise InvalidParameterError("raw and prepare must be given together; got one of them")
    if case.raw is None:
        return
    if not is_log(case.raw):
        raise InvalidLogError("raw must be a log, a DataFrame indexed by (cycle, time)")
    found = _function(case.prepare, case.X)(case.raw, target_of(case, case.raw))
    if not found.index.equals(case.X.index) or list(found.columns) != list(case.X.columns):
        raise InvalidParameterError(
            "prepare(raw) must give X: its rows and columns; got "
            f"{found.shape[0]} rows of {', '.join(map(str, found.columns[:5]))}"
        )
    one, other = as_numbers(case.X), as_numbers(found)
    if not np.allclose(one, other, rtol=1e-6, atol=1e-9, equal_nan=True):
        row, k = np.argwhere(~np.isclose(one, other, rtol=1e-6, atol=1e-9, equal_nan=True))[0]
        raise InvalidParameterError(
            f"prepare(raw) must give X; channel {case.X.columns[k]!r} differs at row {row}: "
            f"{other[row, k]:g}, not {one[row, k]:g}"
        )


def function_of(prepare: Any) -> Prepare:
    """The whole preparation as a function of a raw log and its target."""
    return _function(prepare, None)


def steps_of(prepare: Any) -> list[tuple[str, Prepare]]:
    """The preparation up to each of its steps, by name."""
    node = tree(prepare)
    if isinstance(node, Chain):
        return [
            (f"prepare > {name}", _function(prepare[: k + 1], None))
            for k, (name, _) in enumerate(node.steps)
        ]
    name = getattr(prepare, "__name__", type(prepare).__name__)
    return [(f"prepare > {name}", _function(prepare, None))]


def _function(prepare: Any, X: pd.DataFrame | None) -> Prepare:
    """The preparation as a function of a raw log and its target, with a log as its result."""

    def run(raw: pd.DataFrame, y: pd.Series | None) -> pd.DataFrame:
        if isinstance(prepare, BaseEstimator):
            step = clone(prepare)
            if X is None and hasattr(step, "set_output"):
                step.set_output(transform="pandas")  # so that chosen channels have names
            out = step.fit_transform(raw, y)
        elif callable(prepare):
            out = prepare(raw, y) if __takes_target(prepare) else prepare(raw)
        else:
            raise InvalidParameterError(
                f"prepare must be a function or a transformer; got {type(prepare).__name__}"
            )
        return _as_log(out, raw, X)

    return run


def _as_log(out: Any, raw: pd.DataFrame, X: pd.DataFrame | None) -> pd.DataFrame:
    if isinstance(out, pd.DataFrame):
        if not is_log(out) and len(out) == len(raw):
            out = out.set_axis(raw.index)
        if is_log(out):
            return out
    elif len(out) == len(raw):
        values = np.asarray(out.toarray() if hasattr(out, "toarray") else out)
        fits = X is not None and values.ndim == 2 and values.shape[1] == X.shape[1]
        names = list(X.columns) if fits and X is not None else None
        return pd.DataFrame(values, index=raw.index, columns=names)
    raise InvalidLogError(
        f"prepare must give a log, indexed by (cycle, time); got {type(out).__name__}"
    )


def __takes_target(function: Any) -> bool:
    """Whether a function asks for a second argument."""
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    asked = [p for p in parameters if p.kind in kinds and p.default is inspect.Parameter.empty]
    return len(asked) >= 2


def target_of(case: Case, raw: pd.DataFrame) -> pd.Series | None:
    """The target on the rows of raw; None where these are other rows."""
    return case.y if raw.index.equals(case.y.index) else None


def raw_of(case: Case) -> pd.DataFrame:
    if case.raw is None:
        raise InvalidParameterError("raw must be given with prepare; got None")
    return case.raw
