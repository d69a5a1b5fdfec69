"""What `read_log` noted about the files: what it found in each, and the units of the channels."""

from __future__ import annotations

import pandas as pd

_COLUMNS = (
    "cycles",
    "rows",
    "cycle",
    "format",
    "separator",
    "decimal",
    "encoding",
    "compression",
    "header",
    "time",
    "time_unit",
    "start",
    "renamed",
    "missing",
    "empty",
    "missing_words",
    "coerced",
    "left_out",
    "samples",
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
        Indexed by file name. Lists and counts are joined by "; "; what does not apply is "". A log
        that was not read from files gives an empty table. Columns:

        - ``cycles`` and ``rows``, numbers of them, and ``cycle``, the columns that tell cycles
          apart;
        - ``format`` ("none": the file held no table and was left out), ``separator``,
          ``decimal``, ``encoding``, ``compression``, and whether there was a ``header`` line;
        - ``time``, the column of time, its ``time_unit`` ("s, as none is stated" is an assumption)
          and the ``start`` of the recording where the file tells it, with its zone: utc, offset
          (one was stated, and is taken off) or unknown;
        - columns that were ``renamed`` (duplicated or unnamed headers), are ``missing`` here and
          present in other files, or are there and ``empty``;
        - ``missing_words``, words among numbers that were taken for a missing value, and
          ``coerced``, the cells of each column that only `coerce` made missing;
        - ``left_out``, lines below the header that are no rows, by what they are;
        - ``samples``, for channels that were brought onto a clock: how many were read, invalid,
          duplicate or undecodable, in a row (used), and in none (left out);
        - ``notes`` in words.

    Examples
    --------
    >>> import pathlib, tempfile, signalprep as sp
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("time [ms],T\\n0,41.5\\n10,---\\n# a mark\\n20,41.0\\n")
    >>> report = sp.reading_report(sp.read_log(path))
    >>> report.loc["a.csv", ["rows", "time_unit", "missing_words", "left_out"]].to_dict()
    {'rows': 3, 'time_unit': 'ms', 'missing_words': '---: 1', 'left_out': 'comments: 1'}
    """
    sources = log.attrs.get("sources", [])
    rows = [{name: _show(source.get(name)) for name in _COLUMNS} for source in sources]
    index = pd.Index([source["file"] for source in sources], name="file", dtype=object)
    return pd.DataFrame(rows, index=index, columns=list(_COLUMNS))


def units(log: pd.DataFrame) -> pd.Series:
    """Units of the channels of a log.

    `read_log` leaves them in ``log.attrs["units"]``. Steps of signalprep hand them on, those of a
    derivative as such ("rad/s" for "rad"), none of what a Scaler has scaled; scikit-learn's steps
    and some operations of pandas lose them. A channel whose header gave no unit has an empty one.

    Parameters
    ----------
    log : DataFrame
        A log from `read_log`, or what steps have made of one.

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
        return "; ".join(f"{key}: {_counts(count)}" for key, count in value.items())
    if isinstance(value, list):
        parts = (
            f"{part[0]!r} -> {part[1]!r}" if isinstance(part, list) else part for part in value
        )
        return "; ".join(parts)
    return "" if value is None else value


def _counts(count: object) -> str:
    """A count, or those of one channel without zeros."""
    if not isinstance(count, dict):
        return str(count)
    words = (f"{number} {what.replace('_', ' ')}" for what, number in count.items() if number)
    return ", ".join(words) or "none"
