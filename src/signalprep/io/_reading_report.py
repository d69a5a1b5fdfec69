"""What `read_log` noted about the files: what it found in each, and the units of the channels."""

from __future__ import annotations

import pandas as pd

_COLUMNS = (
    "cycles",
    "rows",
    "format",
    "separator",
    "decimal",
    "encoding",
    "compression",
    "header",
    "time",
    "renamed",
    "missing",
    "empty",
    "coerced",
    "notes",
)


def reading_report(log: pd.DataFrame) -> pd.DataFrame:
    """Table of what `read_log` found, assumed and changed, one row a file.

    The facts are carried in ``log.attrs["sources"]``, a list with one plain dict a file, which a
    pipeline step does not keep: ask before the log goes into one.

    Parameters
    ----------
    log : DataFrame
        A log from `read_log`.

    Returns
    -------
    report : DataFrame
        Indexed by file name. Columns: number of ``cycles`` and ``rows``; ``format``,
        ``separator``, ``decimal``, ``encoding``, ``compression`` and whether there was a
        ``header`` line; the ``time`` column; columns that were ``renamed`` (duplicated or
        unnamed headers); columns that are ``missing`` here and present in other files; columns
        that are there and ``empty``; cells ``coerced`` to missing; and ``notes`` in words. Lists
        are joined by "; ". A log that was not read from files gives an empty table.

    Examples
    --------
    >>> import pandas as pd
    >>> reading_report(pd.DataFrame({"i_d": [1.0]})).shape
    (0, 14)
    """
    sources = log.attrs.get("sources", [])
    rows = [{name: _show(source.get(name)) for name in _COLUMNS} for source in sources]
    index = pd.Index([source["file"] for source in sources], name="file", dtype=object)
    return pd.DataFrame(rows, index=index, columns=list(_COLUMNS))


def units(log: pd.DataFrame) -> pd.Series:
    """Units of the channels of a log that `read_log` has just read.

    The units are carried in ``log.attrs["units"]``, which a pipeline step does not keep: ask
    before the log goes into one. A channel whose header gave no unit has an empty one.

    Parameters
    ----------
    log : DataFrame
        A log from `read_log`.

    Returns
    -------
    units : Series of str
        One unit a channel, in the order of the columns.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"Motor Torque": [1.0], "Gear": [2.0]})
    >>> log.attrs["units"] = {"Motor Torque": "Nm"}
    >>> units(log).to_dict()
    {'Motor Torque': 'Nm', 'Gear': ''}
    """
    known = log.attrs.get("units", {})
    index = pd.Index(log.columns, name="channel")
    return pd.Series([known.get(name, "") for name in log.columns], index=index, name="unit")


def _show(value: object) -> object:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {count}" for key, count in value.items())
    if isinstance(value, list):
        parts = (
            f"{part[0]!r} -> {part[1]!r}" if isinstance(part, list) else part for part in value
        )
        return "; ".join(parts)
    return "" if value is None else value
