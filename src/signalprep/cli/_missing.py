"""What to do about missing values on the command line."""

from __future__ import annotations

import shlex

import pandas as pd

from signalprep.cli._reading import Reading
from signalprep.errors import InvalidLogError


def refuse_missing(log: pd.DataFrame, target: str, reading: Reading) -> None:
    """Refuse a target that is unknown in some rows, and say what works."""
    from signalprep.log import locate

    missing = log[target].isna().to_numpy()
    if missing.any():
        raise InvalidLogError(
            f"the target {target!r} has no value in {missing.sum()} of {len(log)} rows, first "
            f"{locate(log.index, int(missing.argmax()))}; {filling(log, reading, target)}"
        )


def filling(log: pd.DataFrame, reading: Reading, target: str | None = None) -> str:
    """Words for the options that fill missing values, by what has not been done yet."""
    if reading.clock is None and reading.rate is None:
        clock = _clock(log, target)
        which = f"--clock {shlex.quote(clock)} or {_rate(log)}" if clock else _rate(log)
        return f"{which} holds the last value (for how long: --hold)"
    return "--hold none holds the last value without limit (--hold NAME=5s: for 5 s)"


def _clock(log: pd.DataFrame, target: str | None) -> str | None:
    """First signal of numbers that is known in every row."""
    for name in log.columns:
        column = log[name]
        known = pd.api.types.is_numeric_dtype(column.dtype) and not column.isna().any()
        if known and name != target:
            return str(name)
    return None


def _rate(log: pd.DataFrame) -> str:
    from signalprep.log import rate

    return f"--rate {rate(log):.6g}"
