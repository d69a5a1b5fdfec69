"""Which signals of the log a report uses."""

from __future__ import annotations

import pandas as pd

from signalprep.cli._missing import filling, with_known_target
from signalprep.cli._reading import Reading
from signalprep.cli._say import say
from signalprep.errors import InvalidParameterError


def check_names(log: pd.DataFrame, names: list[str], where: str = "the log") -> None:
    """Refuse names that the log does not have, with those that come close."""
    import difflib

    for name in names:
        if name not in log.columns:
            close = difflib.get_close_matches(name, [str(c) for c in log.columns], n=3, cutoff=0.4)
            hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise InvalidParameterError(f"no signal named {name!r} in {where}{hint}")


def choose_signals(
    log: pd.DataFrame,
    target: str,
    mapped: list[str],
    wanted: list[str],
    unwanted: list[str],
    reading: Reading,
) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Inputs, target and the signals of the operating map; by default all usable are inputs.

    `reading` tells what has been done about missing values, and so what may still be advised.
    """
    log = with_known_target(log, target, reading)
    chosen = wanted or _usable_inputs(log, target, unwanted, reading)
    if target in chosen:
        raise InvalidParameterError(f"--inputs must not hold the target {target!r}")
    return log[chosen], log[target], log[mapped]


def _usable_inputs(
    log: pd.DataFrame, target: str, exclude: list[str], reading: Reading
) -> list[str]:
    from signalprep.quality import counting_channels

    others = [name for name in log.columns if name != target and name not in exclude]
    text = [name for name in others if not pd.api.types.is_numeric_dtype(log[name].dtype)]
    numbers = [name for name in others if name not in text]
    missing = [name for name in numbers if log[name].isna().any()]
    found = counting_channels(log)
    counting = {name: found[name] for name in numbers if name in found and name not in missing}
    insist = "(name them in --inputs to insist)"
    if text:
        say(f"left out for text: {', '.join(text)} {insist}", err=True)
    if missing:
        way = filling(log, reading)
        say(f"left out for missing values: {', '.join(missing)} {insist}; {way}", err=True)
    for name, words in counting.items():
        say(f"left out because it only {words}: {name!r} (name it in --inputs to insist)", err=True)
    chosen = [name for name in numbers if name not in missing and name not in counting]
    if not chosen:
        raise InvalidParameterError(
            "no signal of numbers without missing values that does not merely count is left for "
            f"an input; {filling(log, reading) if missing else 'name some in --inputs to insist'}"
        )
    return chosen
