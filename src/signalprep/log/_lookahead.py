"""lookahead: how far the values of a log lie in its future."""

from __future__ import annotations

import numbers

import pandas as pd

from signalprep.errors import InvalidLogError

__all__ = ["lookahead"]


def lookahead(log: pd.DataFrame | pd.Series) -> int:
    """Rows of look-ahead that reading or resampling has put into a log.

    A value that was drawn between two samples (``interpolate="linear"``) knows the later one, which
    was not there yet. A model that is fed such values cannot run while they are measured.
    :func:`~signalprep.validate` and :func:`~signalprep.audit` count these rows in;
    :func:`~signalprep.reach` tells the look-ahead of an estimator alone.

    Parameters
    ----------
    log : DataFrame or Series
        A log, some of its columns, or one. It is told by ``log.attrs["lookahead"]``, which pandas
        keeps when columns are chosen and loses in much else.

    Returns
    -------
    rows : int
        0 where no value is known to lie in the future.

    Raises
    ------
    InvalidLogError
        ``log.attrs["lookahead"]`` is no number of rows.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> log = sp.as_log(np.zeros((50, 2)), rate=10.0)
    >>> sp.lookahead(log)
    0
    >>> log.attrs["lookahead"] = 3  # what reading with interpolate="linear" notes
    >>> sp.lookahead(log[["x0"]])
    3
    """
    rows = getattr(log, "attrs", {}).get("lookahead", 0)
    if isinstance(rows, bool) or not isinstance(rows, numbers.Integral) or rows < 0:
        raise InvalidLogError(
            f"attrs['lookahead'] of a log must be its look-ahead in rows (int >= 0); got {rows!r}"
        )
    return int(rows)
