"""The unit of every channel, as the files stated it."""

from __future__ import annotations

import pandas as pd


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
