"""Walk through an estimator: itself and every estimator it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator


def walk(estimator: Any, path: str = "") -> Iterator[tuple[str, BaseEstimator]]:
    """Give an estimator and those inside it, outermost first, with a readable path.

    Looks into the attributes of each estimator (parameters and fitted ones) and into lists, tuples
    and dicts of them, so pipelines, column transformers, search, frozen and wrapping estimators
    are all seen.
    """
    seen: set[int] = set()

    def visit(thing: Any, path: str) -> Iterator[tuple[str, BaseEstimator]]:
        if isinstance(thing, BaseEstimator):
            if id(thing) in seen:
                return
            seen.add(id(thing))
            name = type(thing).__name__
            path = f"{path} > {name}" if path else name
            yield path, thing
            for value in list(vars(thing).values()):
                yield from visit(value, path)
        elif isinstance(thing, (list, tuple)):
            for value in thing:
                yield from visit(value, path)
        elif isinstance(thing, dict):
            for value in thing.values():
                yield from visit(value, path)

    yield from visit(estimator, path)
