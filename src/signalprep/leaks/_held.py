"""Numbers a step holds before it is fitted, and fitted parts it was given."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

DEEPEST = 4
NUMBERS = (float, int, np.number, np.ndarray, pd.Series, pd.DataFrame, pd.Index)
HELD = (*NUMBERS, BaseEstimator)


def held_by(thing: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Give every number, array and estimator inside parameters, containers and functions.

    Looks into dicts, lists, partial functions, bound methods, and the variables from outside that
    a Python function uses.
    """
    if depth > DEEPEST or thing is None or isinstance(thing, (bool, str, bytes, type)):
        return
    if isinstance(thing, HELD):
        yield path, thing
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from held_by(value, f"{path}[{key!r}]", depth + 1)
    elif isinstance(thing, (list, tuple, set, frozenset)):
        for value in thing:
            yield from held_by(value, path, depth + 1)
    elif isinstance(thing, functools.partial):
        yield from held_by([thing.func, thing.args, thing.keywords], path, depth + 1)
    elif inspect.ismethod(thing):
        yield from held_by(thing.__self__, path, depth + 1)
        yield from held_by(thing.__func__, path, depth + 1)
    elif inspect.isfunction(thing):
        yield from _used_by(thing, path, depth)


def numbers_of(value: Any) -> np.ndarray:
    """The floating-point numbers in a value, flat."""
    if isinstance(value, pd.DataFrame):
        value = value.select_dtypes("number")
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" or array.size > 100_000:
        return np.empty(0)
    flat = array.astype(np.float64).ravel()
    return flat[np.isfinite(flat)]


def _used_by(function: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    seen = inspect.getclosurevars(function)
    outside = {**seen.globals, **seen.nonlocals}
    for name, value in outside.items():
        if not inspect.ismodule(value):
            yield from held_by(value, name, depth + 1)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            yield from held_by(parameter.default, name, depth + 1)
