"""How long a held value counts: the limits that `hold` gives."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError

FRESH_STEPS = 3.0  # two neighbours of a jittery channel, off by 40 % each, still belong together


def freshness_limits(
    hold: Any, names: Sequence[Hashable], steps: Sequence[float], clock_step: float
) -> list[float]:
    """Age in seconds up to which each channel is fresh; infinite where there is no limit.

    Parameters
    ----------
    hold : "auto", number, duration, None, or mapping of channel to one of these
        "auto" is three times the channel's median step and at least one step of the clock; a
        number is in seconds; None is no limit. Channels that a mapping does not name are "auto".
    names : sequence of str
        The channels.
    steps : sequence of float
        Median step of each in seconds; NaN for fewer than two samples, which "auto" holds for one
        step of the clock.
    clock_step : float
        Seconds between two rows; NaN where that is not known.

    Raises
    ------
    InvalidParameterError
        For what is no duration, not positive, or names no channel.
    """
    if isinstance(hold, Mapping):
        known = set(names)
        unknown = [name for name in hold if name not in known]
        if unknown:
            raise InvalidParameterError(
                f"hold names {unknown[0]!r}, which is no channel; channels are {list(names)}"
            )
        asked = [hold.get(name, "auto") for name in names]
        said = [f"hold[{name!r}]" for name in names]
    else:
        asked, said = [hold] * len(names), ["hold"] * len(names)
    least = clock_step if clock_step > 0 else 0.0
    return [
        max(FRESH_STEPS * step if step > 0 else 0.0, least)
        if isinstance(limit, str) and limit == "auto"
        else _seconds(limit, parameter)
        for limit, parameter, step in zip(asked, said, steps, strict=True)
    ]


def _seconds(limit: Any, parameter: str) -> float:
    if limit is None:
        return np.inf
    wanted = f"{parameter} must be 'auto', a positive duration such as '5s', seconds, or None"
    if isinstance(limit, str):
        duration = pd.to_timedelta(limit, errors="coerce")
        if duration is pd.NaT:
            raise InvalidParameterError(f"{wanted}; got {limit!r}")
        if not any(letter.isalpha() for letter in limit):  # pandas would read nanoseconds
            raise InvalidParameterError(f"{wanted}; got {limit!r}, which has no unit")
        seconds = float(duration.total_seconds())
    elif isinstance(limit, (bool, np.bool_)):
        raise InvalidParameterError(f"{wanted}; got {limit!r}")
    elif isinstance(limit, (int, float, np.integer, np.floating)):
        seconds = float(limit)
    elif hasattr(limit, "total_seconds"):
        seconds = float(limit.total_seconds())
    else:
        raise InvalidParameterError(f"{wanted}; got {limit!r}")
    if not seconds > 0:
        raise InvalidParameterError(f"{wanted}; got {limit!r}")
    return seconds
