"""What the default job cleans: inputs by limits and a Hampel filter, and the target by omission."""

from __future__ import annotations

from typing import Any

import pandas as pd

import signalprep as sp
from signalprep.cli._comma_lists import split_all
from signalprep.cli._ranges import Limits
from signalprep.errors import InvalidLogError, InvalidParameterError

WAYS = ("limits", "hampel", "target")
WINDOW, FLOOR = 7, "typical"
"""Of the Hampel filter: it finds spikes of a few samples."""
OF_INPUTS, OF_TARGET = 10.0, 20.0
"""Its thresholds: a step of the target that was taken for a spike would hide an error."""


def parse_ways(text: str | None, own_pipeline: bool) -> tuple[str, ...]:
    """Read "all", "none" or "limits,target"; a pipeline of the user's own cleans its inputs.

    Examples
    --------
    >>> parse_ways(None, False), parse_ways("limits,target", False), parse_ways(None, True)
    (('limits', 'hampel', 'target'), ('limits', 'target'), ())
    """
    if text is None:
        return () if own_pipeline else WAYS
    asked = split_all([text])
    if asked == ["none"]:
        return ()
    chosen = ("target",) if own_pipeline else WAYS
    if asked == ["all"]:
        return chosen
    for way in asked:
        if way not in WAYS:
            raise InvalidParameterError(
                f"--clean must be all, none, or some of {', '.join(WAYS)}; got {way!r}"
            )
        if way not in chosen:
            raise InvalidParameterError(
                f"--clean {way}: the inputs of --pipeline are cleaned by its own steps; "
                "--clean target cleans the target"
            )
    return tuple(way for way in WAYS if way in asked)


def cleaning_steps(
    ways: tuple[str, ...], limits: Limits, names: list[Any], threshold: float = OF_INPUTS
) -> list[Any]:
    """The filters that come first in the pipeline, fitted in each fold like every other step."""
    own = {name: pair for name, pair in limits.items() if name in names}
    steps: list[Any] = [sp.PhysicalLimits(own)] if "limits" in ways and own else []
    return (
        [*steps, sp.HampelFilter(WINDOW, threshold, min_scale=FLOOR)] if "hampel" in ways else steps
    )


def cleaned_map(context: pd.DataFrame, ways: tuple[str, ...], limits: Limits) -> pd.DataFrame:
    """The signals of the operating map without their spikes, so that no cell is of spikes alone.

    Like its edges, the noise floors of the map are learned from all rows; no model sees it.
    """
    cleaned = context.copy()
    for name in context:
        if not pd.api.types.is_numeric_dtype(context[name].dtype):
            continue
        for step in cleaning_steps(ways, limits, [name]):
            step.set_params(nan_policy="omit").set_output(transform="pandas")
            try:
                cleaned[name] = step.fit_transform(cleaned[[name]])[name]
            except InvalidLogError:  # an angle that wraps: every wrap would be a spike
                continue
    return cleaned


def doubtful_rows(y: pd.Series, ways: tuple[str, ...], limits: Limits) -> pd.Series | None:
    """Rows whose target is beyond its limits or a spike; None where it is not looked at.

    The noise floor is that of all rows of the target, so that one measure holds for all folds.
    """
    if "target" not in ways:
        return None
    target = y.to_frame()
    doubtful = pd.Series(False, y.index)
    for step in cleaning_steps(WAYS, limits, list(target), OF_TARGET):
        # What is beyond its limits takes no part in judging what comes after it.
        if isinstance(step, sp.PhysicalLimits):
            step.set_params(action="nan")
        step.set_params(nan_policy="omit").set_output(transform="pandas").fit(target)
        doubtful |= step.flag(target).iloc[:, 0]
        target = step.transform(target)
    return doubtful
