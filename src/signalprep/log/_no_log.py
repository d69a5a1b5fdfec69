"""Why data are no log, and how they become one, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._levels import LEVELS, is_log

__all__ = ["as_it_is_called", "check_is_log", "id_columns", "is_foreign", "no_log"]


def check_is_log(data: Any, name: str) -> None:
    """Raise for what is no log, and say how it becomes one.

    Parameters
    ----------
    data : DataFrame
    name : str
        Of the parameter.
    """
    if not (isinstance(data, pd.DataFrame) and is_log(data)):
        raise InvalidLogError(
            f"{name} must be a log, a DataFrame indexed by (cycle, time); {no_log(data, name)}"
        )


def no_log(data: Any, name: str) -> str:
    """What is wrong with data that are no log, and what puts it right.

    Examples
    --------
    >>> no_log(pd.DataFrame({"cycle": [1], "time": [0.0], "i_d": [2.0]}), "X")
    "got its ids and times as columns: as_log(X, cycle='cycle', time='time') makes a log of it"
    """
    index = data if isinstance(data, pd.Index) else getattr(data, "index", None)
    if isinstance(index, pd.MultiIndex):
        levels = list(index.names)
        return f"got an index with the levels {levels}. {_put_right(levels, name)}"
    found = id_columns(data)
    if is_foreign(data):
        lazy = ".collect()" if _is_lazy(data) else ""
        how = ", ".join(f"{level}={found.get(level, '')!r}" for level in LEVELS)
        how = how.replace("''", "")
        return f"got a {as_it_is_called(data)}: as_log({name}{lazy}, {how}) makes a log of it"
    if not isinstance(data, (pd.DataFrame, pd.Series)):
        return f"got {type(data).__name__}, see as_log and read_log"
    found = {str(level): level for level in data.index.names if level in LEVELS} | found
    if "time" in found:
        how = ", ".join(f"{level}={found[level]!r}" for level in LEVELS if level in found)
        what = "ids and times as columns" if len(found) == 2 else "times as a column"
        return f"got its {what}: as_log({name}, {how}) makes a log of it"
    return (
        "got a DataFrame without this index. "
        f"as_log({name}, cycle=, time=) makes a log of it, read_log reads one. Where it was a log, "
        "a step before (scikit-learn's make_pipeline, reset_index) has lost its index"
    )


def _put_right(levels: list[Any], name: str) -> str:
    """The call that gives an index the levels of a log."""
    called = [str(level).casefold() for level in levels]
    both = [level for level in called if level in LEVELS]
    if sorted(both) == list(LEVELS) and len(levels) > 2:
        order = [levels[called.index(level)] for level in LEVELS]
        others = [level for level in levels if level not in order]
        call, called = f"{name}.droplevel({others!r})", both
        if both != list(LEVELS):
            call, called = f"{call}.reorder_levels({order!r})", list(LEVELS)
        levels = [level for level in levels if level in order]
    elif called == list(reversed(LEVELS)):
        call, levels, called = f"{name}.swaplevel()", levels[::-1], list(LEVELS)
    elif len(levels) == 2:
        call = name
    else:
        return f"{name}.reset_index() and as_log(frame, cycle=, time=) make a log of it"
    if sorted(map(str, levels)) == list(LEVELS):
        return f"{call} puts them right"
    which = "" if called == list(LEVELS) else ", where the first tells the cycle,"
    return f"{call}.rename_axis({list(LEVELS)!r}){which} puts them right"


def id_columns(data: Any) -> dict[str, Any]:
    """Columns that are called as the levels of a log, by level."""
    found: dict[str, Any] = {}
    if _is_lazy(data):
        return found
    for column in getattr(data, "columns", ()):
        if isinstance(column, str) and column.casefold() in LEVELS:
            found.setdefault(column.casefold(), column)
    return found


def is_foreign(data: Any) -> bool:
    """Whether data are a frame of another package than pandas."""
    if isinstance(data, (pd.DataFrame, pd.Series, pd.Index)):
        return False
    doors = ("__dataframe__", "__arrow_c_stream__")
    return any(hasattr(data, door) for door in doors) or _is_lazy(data)


def _is_lazy(data: Any) -> bool:
    """Whether it is a query that is to give a frame, not yet one."""
    return hasattr(data, "collect") and hasattr(data, "collect_schema")


def as_it_is_called(data: Any) -> str:
    """Package and class, such as "polars DataFrame"."""
    kind = type(data)
    return f"{kind.__module__.split('.')[0]} {kind.__name__}"
