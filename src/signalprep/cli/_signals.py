"""Which signals of the log a report uses."""

from __future__ import annotations

import pandas as pd
import typer

from signalprep.errors import InvalidLogError, InvalidParameterError


def check_names(log: pd.DataFrame, names: list[str]) -> None:
    """Refuse names that the log does not have, with those that come close."""
    import difflib

    for name in names:
        if name not in log.columns:
            close = difflib.get_close_matches(name, [str(c) for c in log.columns], n=3, cutoff=0.4)
            hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise InvalidParameterError(f"no signal named {name!r} in the log{hint}")


def choose_signals(
    log: pd.DataFrame, target: str, mapped: list[str], wanted: list[str], unwanted: list[str]
) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Inputs, target and the signals of the operating map; by default all usable are inputs."""
    chosen = wanted or _usable_inputs(log, target, unwanted)
    if target in chosen:
        raise InvalidParameterError(f"--inputs must not hold the target {target!r}")
    log = _signals_of_numbers(log, [*chosen, target, *mapped])
    return log[chosen], log[target], log[mapped]


def _usable_inputs(log: pd.DataFrame, target: str, exclude: list[str]) -> list[str]:
    others = [name for name in log.columns if name != target and name not in exclude]
    text = [name for name in others if not pd.api.types.is_numeric_dtype(log[name].dtype)]
    missing = [name for name in others if name not in text and log[name].isna().any()]
    for reason, left_out in (("text", text), ("missing values", missing)):
        if left_out:
            typer.echo(
                f"left out for {reason}: {', '.join(left_out)} (name them in --inputs to insist)",
                err=True,
            )
    chosen = [name for name in others if name not in text and name not in missing]
    if not chosen:
        raise InvalidParameterError("no signal of numbers without missing values is left")
    return chosen


def _signals_of_numbers(log: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The signals in use, without those whose cells had to be coerced to numbers."""
    for source in log.attrs["sources"]:
        for name, count in source.get("coerced", {}).items():
            if name in names:
                raise InvalidLogError(
                    f"{source['file']}: signal {name!r} must hold numbers; {count} of its cells "
                    "hold something else"
                )
    return log[list(dict.fromkeys(names))]
