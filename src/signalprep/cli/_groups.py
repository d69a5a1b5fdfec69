"""What cycles belong to: read from the column that --groups names."""

from __future__ import annotations

import pandas as pd

from signalprep.cli._reading import Reading
from signalprep.cli._signals import check_names
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import cycles, parts_of_ids


def groups_of_option(
    log: pd.DataFrame, column: str | None, reading: Reading, used: list[str]
) -> pd.Series | None:
    """Group of each cycle: one value of a column, or the part of the id that --cycle made of it.

    `used` are the signals that the model is to see or predict.
    """
    if column is None:
        return None
    parts = reading.arguments().get("cycle")
    if isinstance(parts, list) and column in parts:
        ids = cycles(log)
        own = parts_of_ids(ids, len(parts))
        return pd.Series([part[parts.index(column)] for part in own], index=ids)
    if column == parts:
        raise InvalidParameterError(
            f"--groups must name what several cycles share; {column!r} of --cycle is another in "
            "each: give --cycle several columns, or leave --groups out"
        )
    check_names(log, [column])
    if column in used:
        raise InvalidParameterError(
            f"--groups must name neither the target nor an input; got {column!r}"
        )
    by_cycle = log[column].groupby(level="cycle", sort=False)
    counts = by_cycle.nunique()
    if (counts != 1).any():
        cycle = counts.index[int((counts != 1).argmax())]
        raise InvalidLogError(
            f"--groups must name a column with one value in each cycle; {column!r} has "
            f"{counts[cycle] or 'none'} in cycle {cycle!r}"
        )
    return by_cycle.first()
