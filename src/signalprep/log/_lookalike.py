"""Data that look like a log and are none: what keeps them from being one, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._index import LEVELS, is_log

__all__ = ["called", "is_foreign", "refuse_lookalike", "why_no_log"]


def why_no_log(data: Any, name: str = "X") -> str:
    """What was found in the place of a log, and what makes it one.

    Parameters
    ----------
    data : object
        No log.
    name : str, default="X"
        What the user calls it.
    """
    if not isinstance(data, pd.DataFrame):
        if is_foreign(data):
            lazy = ".collect()" if hasattr(data, "collect") else ""
            return f"got {called(data)}: as_log({name}{lazy}, cycle=..., time=...) makes it one"
        return f"got {type(data).__name__}. See as_log and read_log"
    levels = list(data.index.names)
    if levels == list(reversed(LEVELS)):
        return f"got the levels {levels}: {name}.swaplevel() puts them in order"
    if set(LEVELS) < set(levels):
        more = [level for level in levels if level not in LEVELS]
        late = levels.index(LEVELS[0]) > levels.index(LEVELS[1])
        swap = ".swaplevel()" if late else ""
        return f"got the levels {levels}: {name}.droplevel({more}){swap} leaves those of a log"
    if len(levels) == len(LEVELS):
        if [str(level).casefold() for level in levels] == list(reversed(LEVELS)):
            name = f"{name}.swaplevel()"
        return f"got the levels {levels}: {name}.rename_axis({list(LEVELS)}) names them"
    columns = [level for level in LEVELS if level in data.columns]
    found = f"{' and '.join(columns)} among the columns" if columns else f"the levels {levels}"
    cycle, time = (
        repr(level) if level in columns or level in levels else "..." for level in LEVELS
    )
    return f"got {found}: as_log({name}, cycle={cycle}, time={time}) makes it one"


def refuse_lookalike(X: Any) -> None:
    """Raise for data that would be taken for one recording, but tell of cycles or are no pandas.

    An array is one recording, and so is a frame of plain rows. A frame whose cycles are in a
    column, or in an index of other levels than a log's, would be filtered across their borders, ids
    and time as if they were signals; a frame of another library has no index at all.

    Raises
    ------
    InvalidLogError
        What it has in the place of the index of a log, and what makes it one.
    """
    if isinstance(X, pd.DataFrame):
        cycles = X.index.nlevels > 1 or X.index.name == LEVELS[0] or LEVELS[0] in X.columns
        if is_log(X) or not cycles:
            return
    elif not is_foreign(X):
        return
    raise InvalidLogError(
        f"X must be a log, a DataFrame indexed by the levels {list(LEVELS)} in this order, or one "
        f"recording; {why_no_log(X)}"
    )


def is_foreign(data: Any) -> bool:
    """Whether it is a frame of another library than pandas, or a query that gives one."""
    ours = isinstance(data, (pd.DataFrame, pd.Series))
    doors = ("__dataframe__", "__arrow_c_stream__", "collect_schema")
    return not ours and any(hasattr(data, door) for door in doors)


def called(data: Any) -> str:
    """Class and library, such as "a DataFrame of polars"."""
    return f"a {type(data).__name__} of {type(data).__module__.partition('.')[0]}"
