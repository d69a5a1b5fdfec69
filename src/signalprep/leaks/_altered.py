"""Tables that a step or function holds, and a copy of it in which one of them is another.

Nothing that the user has is changed: functions are made anew around other variables.
"""

from __future__ import annotations

import copy
import functools
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

DEEPEST = 4
TABLES = (np.ndarray, pd.Series, pd.DataFrame)
FEWEST = 2
Chosen = Callable[[Any], np.ndarray]
"""Which of some values, of a column or an array, shall be others."""


def tables_in(thing: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Frames, arrays and tables of numbers by key inside parameters and functions, by name."""
    if depth > DEEPEST:
        return
    if _is_table(thing):
        yield path, thing
        return
    for name, value in _parts(thing):
        yield from tables_in(value, name if isinstance(name, str) else path, depth + 1)


def altered(thing: Any, table: Any, only: Chosen | None = None, depth: int = 0) -> Any:
    """A copy that holds other numbers in place of one table; the same where it does not hold it.

    Where `only` chooses them, some numbers are others: mirrored, so that what fits them did not.
    """
    if thing is table:
        return _other(table, only)
    if depth > DEEPEST or _is_table(thing):
        return thing
    made = {name: altered(value, table, only, depth + 1) for name, value in _parts(thing)}
    before = dict(_parts(thing))
    changed = {name: value for name, value in made.items() if value is not before[name]}
    return _with(thing, changed) if changed else thing


def _is_table(thing: Any) -> bool:
    if isinstance(thing, TABLES):
        return len(thing) >= FEWEST
    if isinstance(thing, Mapping):
        return len(thing) >= FEWEST and all(_is_number(value) for value in thing.values())
    if isinstance(thing, (list, tuple)):
        return len(thing) >= FEWEST and all(_is_number(value) for value in thing)
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, (float, np.floating)) and not isinstance(value, bool)


def _parts(thing: Any) -> list[tuple[Any, Any]]:
    """What a thing holds, by name: parameters, items, variables from outside."""
    found: dict[Any, Any] = {}
    if isinstance(thing, BaseEstimator):
        own = {k: v for k, v in vars(thing).items() if not k.endswith("_") and k[:1] != "_"}
        found = {**thing.get_params(deep=False), **own}
    elif isinstance(thing, Mapping):
        found = {str(key): value for key, value in thing.items()}
    elif isinstance(thing, (list, tuple)):
        found = dict(enumerate(thing))
    elif isinstance(thing, functools.partial):
        found = {"func": thing.func, "args": thing.args, "keywords": thing.keywords}
    elif inspect.ismethod(thing):
        found = {"__self__": thing.__self__, "__func__": thing.__func__}
    elif inspect.isfunction(thing):
        found = _used_by(thing)
    return list(found.items())


def _used_by(function: types.FunctionType) -> dict[str, Any]:
    seen = inspect.getclosurevars(function)
    outside = {**seen.globals, **seen.nonlocals}
    found = {name: value for name, value in outside.items() if not inspect.ismodule(value)}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            found[name] = parameter.default
    return found


def _with(thing: Any, changed: Mapping[Any, Any]) -> Any:
    """A copy that holds other things by these names."""
    if isinstance(thing, BaseEstimator):
        other = copy.copy(thing)
        for name, value in changed.items():
            setattr(other, name, value)
        return other
    if isinstance(thing, Mapping):
        return {key: changed.get(str(key), value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return type(thing)(changed.get(k, value) for k, value in enumerate(thing))
    if isinstance(thing, functools.partial):
        parts = {**dict(_parts(thing)), **changed}
        return functools.partial(parts["func"], *parts["args"], **parts["keywords"])
    if inspect.ismethod(thing):
        owner = changed.get("__self__", thing.__self__)
        return types.MethodType(changed.get("__func__", thing.__func__), owner)
    return _made_anew(thing, changed)


def _made_anew(function: Any, changed: Mapping[Any, Any]) -> Callable[..., Any]:
    """A function of the same code around other variables and defaults."""
    names = function.__code__.co_freevars
    cells = zip(names, function.__closure__ or (), strict=True)
    closure = tuple(types.CellType(changed[n]) if n in changed else cell for n, cell in cells)
    inside = {**function.__globals__, **{k: v for k, v in changed.items() if k not in names}}
    parameters = list(inspect.signature(function).parameters)
    defaults = function.__defaults__
    if defaults:
        positional = parameters[: function.__code__.co_argcount][-len(defaults) :]
        defaults = tuple(changed.get(n, v) for n, v in zip(positional, defaults, strict=True))
    other = types.FunctionType(function.__code__, inside, function.__name__, defaults, closure)
    keyword = function.__kwdefaults__ or {}
    other.__kwdefaults__ = {name: changed.get(name, value) for name, value in keyword.items()}
    return other


def _other(table: Any, only: Chosen | None) -> Any:
    """The same table with other numbers; its index and columns stay."""
    if isinstance(table, Mapping):
        numbers = _moved(np.array(list(table.values())), only, alone=True)
        return dict(zip(table, numbers.tolist(), strict=True))
    if isinstance(table, (list, tuple)):
        return type(table)(_moved(np.array(table), only).tolist())
    if isinstance(table, np.ndarray):
        return _moved(table, only) if table.dtype.kind == "f" else table
    if isinstance(table, pd.Series):
        return _moved(table, only) if pd.api.types.is_float_dtype(table.dtype) else table
    floats = [k for k, dtype in enumerate(table.dtypes) if pd.api.types.is_float_dtype(dtype)]
    out = table.copy()
    for k in floats:
        out.isetitem(k, _moved(table.iloc[:, k], only).array)
    return out


def _moved(values: Any, only: Chosen | None, alone: bool = False) -> Any:
    """Others, all of them; or some of them, mirrored about the mean of all."""
    if only is not None:
        other = values.copy()
        chosen = only(values)
        other[chosen] = 2.0 * float(np.nanmean(values)) - values[chosen]
        return other
    spread = 0.0 if alone or not len(values) else float(np.nanstd(values))
    return values * 1.1 + (spread or 1.0)
