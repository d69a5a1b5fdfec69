"""What to do about missing values on the command line."""

from __future__ import annotations

import shlex

import pandas as pd

from signalprep.cli._reading import Reading
from signalprep.cli._say import say
from signalprep.errors import InvalidLogError

FEWEST = 0.5  # share of rows in which a target must be known


def with_known_target(log: pd.DataFrame, target: str, reading: Reading) -> pd.DataFrame:
    """The rows in which the target is known; one that is unknown in most is refused."""
    from signalprep.log import locate

    missing = log[target].isna().to_numpy()
    if not missing.any():
        return log
    place = locate(log.index, int(missing.argmax()))
    words = f"no value in {missing.sum()} of {len(log)} rows, first {place}"
    if missing.mean() > 1.0 - FEWEST:
        raise InvalidLogError(f"the target {target!r} has {words}; {filling(log, reading, target)}")
    say(f"left out: the target {target!r} has {words}; filters start anew behind them", err=True)
    return log[~missing]


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
