"""Values of whole cycles, such as one label a recording, at each of their rows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._index import cycles, shown

__all__ = ["at_each_row"]


def at_each_row(values: Any, log: pd.DataFrame, name: str) -> Any:
    """Give what is told once a cycle at each of its rows, and anything else as it is.

    Parameters
    ----------
    values : Series or DataFrame
        Indexed by the ids of the cycles: told once a cycle.
    log : DataFrame
        Whose rows are meant.
    name : str
        What the values are called, for messages.

    Raises
    ------
    InvalidLogError
        A cycle has no value, or two, or there are values of others: such an index may number rows.
    """
    if not isinstance(values, (pd.Series, pd.DataFrame)) or values.index.nlevels > 1:
        return values
    ids, given = cycles(log), values.index
    if not given.isin(ids).any():
        return values
    wrong = [
        *(f"cycle {shown(one)} has several" for one in given[given.duplicated()][:1]),
        *(f"{shown(one)} is no cycle of X" for one in given[~given.isin(ids)][:1]),
        *(f"cycle {shown(one)} has none" for one in ids[~ids.isin(given)][:1]),
    ]
    if wrong:
        raise InvalidLogError(
            f"{name} must carry the index of X, or have one value for each of its cycles, by their "
            f"ids (as signalprep.cycles(X) lists them); {wrong[0]}"
        )
    spread = values.loc[log.index.get_level_values("cycle")].set_axis(log.index, axis=0)
    spread.attrs = values.attrs
    return spread
