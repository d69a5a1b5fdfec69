"""Which cycles belong together: the same vehicle, day or session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.log._index import shown

__all__ = ["groups_of_cycles"]


def groups_of_cycles(groups: Any, ids: pd.Index, name: str = "groups") -> pd.Series:
    """Give the group of each cycle, indexed by its id.

    Parameters
    ----------
    groups : mapping, Series or callable
        Group by id of the cycle, or a function of the id that gives it.
    ids : Index
        The cycles.
    name : str, default="groups"
        What the parameter is called, for messages.

    Raises
    ------
    InvalidParameterError
        Another type, an id that occurs twice, a cycle without a group.
    """
    if callable(groups):
        groups = pd.Series([groups(cycle) for cycle in ids], index=ids, dtype=object)
    elif isinstance(groups, Mapping):
        groups = pd.Series(dict(groups))
    if not isinstance(groups, pd.Series):
        raise InvalidParameterError(
            f"{name} must be a dict or Series that gives the group of each cycle id, or a function "
            f"of the id; got {type(groups).__name__}"
        )
    if groups.index.nlevels > 1:
        raise InvalidParameterError(
            f"{name} must give one group a cycle; got a value for each row: pass "
            f"{name}.groupby(level='cycle').first()"
        )
    if not groups.index.is_unique:
        twice = groups.index[groups.index.duplicated()][0]
        raise InvalidParameterError(
            f"{name} must give one group a cycle; cycle {shown(twice)} occurs more than once"
        )
    places = groups.index.get_indexer(ids)
    values = groups.array.take(np.maximum(places, 0)) if len(groups) else groups.array
    unknown = (places < 0) | (pd.isna(values) if len(groups) else True)
    if unknown.any():
        missing = ids[int(np.argmax(unknown))]
        raise InvalidParameterError(
            f"{name} must give a group for every cycle; it has none for cycle {shown(missing)}"
        )
    for cycle, group in zip(ids, values, strict=True):
        if not _hashable(group):
            raise InvalidParameterError(
                f"{name} must give groups that can be told apart, such as text, numbers or tuples; "
                f"got a {type(group).__name__} for cycle {shown(cycle)}: pass tuple({group!r:.40})"
            )
    return pd.Series(values, index=ids, name="group")


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
