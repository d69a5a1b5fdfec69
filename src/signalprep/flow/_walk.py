"""walk: an estimator and every estimator that it holds, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

__all__ = ["held_by", "walk"]

DATA = ("builtins", "numpy", "pandas", "scipy")  # packages whose objects hold no estimators
DEEPEST = 4  # objects within objects


def walk(estimator: Any, path: str = "") -> Iterator[tuple[str, BaseEstimator]]:
    """Give an estimator and those inside it, outermost first, with a readable path.

    Both what it was given and what it has fitted are seen, in attributes, containers and objects.
    """
    seen: set[int] = set()

    def visit(one: BaseEstimator, path: str) -> Iterator[tuple[str, BaseEstimator]]:
        if id(one) in seen:
            return
        seen.add(id(one))
        name = type(one).__name__
        path = f"{path} > {name}" if path else name
        yield path, one
        for inner in held_by(one):
            yield from visit(inner, path)

    for one in [estimator] if isinstance(estimator, BaseEstimator) else held_by(estimator):
        yield from visit(one, path)


def held_by(thing: Any) -> Iterator[BaseEstimator]:
    """Give the estimators right inside something, each once; what these hold is not looked at."""
    seen: set[int] = set()

    def visit(value: Any, depth: int) -> Iterator[BaseEstimator]:
        if id(value) in seen or isinstance(value, (str, bytes, type, ModuleType)):
            return
        if isinstance(value, BaseEstimator):
            seen.add(id(value))
            yield value
        elif isinstance(value, (list, tuple, set, frozenset, Mapping)):
            for one in list(value.values() if isinstance(value, Mapping) else value):
                yield from visit(one, depth)
        elif isinstance(value, np.ndarray):
            if value.dtype == object:
                yield from visit(value.ravel().tolist(), depth)
        elif depth < DEEPEST and type(value).__module__.split(".")[0] not in DATA:
            seen.add(id(value))
            yield from visit(list(getattr(value, "__dict__", {}).values()), depth + 1)

    seen.add(id(thing))
    yield from visit(vars(thing) if hasattr(thing, "__dict__") else thing, 0)
