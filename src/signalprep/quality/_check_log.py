"""Look at the quality of a log without refusing it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import GAP, JITTER, as_log, lookahead
from signalprep.quality._channel_facts import HIDDEN, channel_problems, channel_table
from signalprep.quality._counting import counting_problems
from signalprep.quality._cycle_facts import (
    COLUMNS,
    cycle_problems,
    cycle_table,
    typical_step,
)
from signalprep.quality._log_check import LogCheck, Problem
from signalprep.quality._samples import Samples, samples


def check_log(
    data: pd.DataFrame | np.ndarray,
    *,
    cycle: Hashable | Iterable[Any] | None = None,
    time: Hashable | None = None,
    rate: float | None = None,
    jitter: float = JITTER,
    stuck_after: float = 10.0,
    units: Mapping[Any, str] | None = None,
    n_jobs: int | None = None,
) -> LogCheck:
    """Look at the quality of a log, or of a frame that is to become one.

    Whatever is wrong with the data is reported, not raised, as long as rows can be told apart by
    cycle. The log is usable when `as_log`
    accepts it and no value is infinite; all other findings are warnings.

    Parameters
    ----------
    data : DataFrame or ndarray of shape (n_samples, n_channels)
        A log, a frame with the columns `cycle` and `time`, or one recording as an array (at 1 Hz
        without `rate`).
    cycle, time, rate, jitter
        As in `as_log`.
    stuck_after : float, default=10.0
        Shortest stretch of one unchanging value that may count as stuck, in seconds.
    units : mapping of channel to unit, default=None
        None takes those that `read_log` has noted.
    n_jobs : int, default=None
        Threads that share out the channels; None is 1, -1 all cores.

    Returns
    -------
    check : LogCheck

    Raises
    ------
    InvalidLogError
        Several columns of `cycle` of which two rows would give one id.
    InvalidParameterError
        `cycle` or `time` names no column, or there is neither a time nor a rate.

    Notes
    -----
    *Stuck*: a run of exactly equal values, without a gap, that lasts at least `stuck_after`, is
    20 times longer than 99 % of the runs of its channel in its cycle, and lies at a value where
    the channel does not rest: not at zero, not at an end of its range, not at a value that it
    holds so long three times. A channel with such runs at more than three values in a cycle is
    flat by nature, as slow, quantised signals are.

    *Saturated*: rows in runs of three and more samples at the smallest or largest value, zero
    excepted. Flagged when they are at least 0.1 % of the rows and more than the rows within one
    usual change (the channel's median change from one value to the next) of that value, half of
    the rows elsewhere lie in runs of one or two samples, and the channel takes ten values or more.

    *Look-ahead*: rows by which values know later samples, as reading or resampling has noted
    (:func:`signalprep.lookahead`).

    *Spikes*: Hampel's rule, symmetric: samples more than 5 scaled median absolute deviations away
    from the median of the 11 samples around them. The deviation counts as at least one usual
    change, so that a quantised signal may move by some steps.

    *Unsigned*, *not available*, *code limit*: codes of a bus that were not read as they were meant,
    in channels of whole numbers or of multiples of a constant step. The text names the step that
    mends it, to be pasted. *Unsigned*: a signed field of 8 to 16, 24 or 32 bits, whose changes of
    sign read as jumps between values near 0 and near ``2**bits``: as signed numbers these changes
    are as small as others, and the signal comes back. An angle that turns or a counter goes through
    the middle of the codes, or goes on. *Not available*: a code such as 0xFF, 0xFFFE, 0xFFFF,
    0x7FFF or 0x8000 at the end of the range, farther from all other values than a quarter of their
    range and 10 times the widest distance between two of them. *Code limit*: saturated at the
    largest or smallest code of a field, such as 1023 or -32768; such an end is not told as
    *saturated* again.

    Cost: linear in the cells.

    Examples
    --------
    >>> import numpy as np, pandas as pd, signalprep as sp
    >>> i_d = np.sin(np.arange(300.0))
    >>> i_d[100] = 30.0
    >>> sp.check_log(pd.DataFrame({"i_d": i_d}), rate=10.0)
    1 cycles, 300 rows, 1 channels, 10 Hz: usable (0 errors, 1 warnings)
      warning: channel 'i_d': 1 spike, first cycle 0, row 100 of it (row 100 in all)
    """
    if not stuck_after > 0:
        raise InvalidParameterError(f"stuck_after must be positive seconds; got {stuck_after!r}")
    if not 0 <= jitter < GAP - 1:
        raise InvalidParameterError(f"jitter must lie in [0, {GAP - 1}); got {jitter!r}")
    content = samples(data, cycle, time, rate)
    if content.channels.shape[0] == 0 or content.channels.shape[1] == 0:
        return _empty(content)
    known = dict(data.attrs.get("units", {}) if isinstance(data, pd.DataFrame) else {})
    refusal = _refusal(data, cycle, time, rate, jitter)
    typical = typical_step(content)
    channels, repeated = channel_table(
        content, typical, stuck_after, dict(units) if units is not None else known, n_jobs
    )
    cycles = cycle_table(content, repeated)
    severity = "warning" if refusal is None else "error"
    problems = [
        *_ahead(data),
        *cycle_problems(content, cycles, typical, jitter, severity),
        *channel_problems(content, channels),
        *counting_problems(content, dict(units) if units is not None else known),
    ]
    if refusal is not None and all(problem.severity != "error" for problem in problems):
        problems.append(Problem("error", "log", refusal))
    problems.sort(key=lambda problem: problem.severity)
    return LogCheck(cycles, channels.drop(columns=HIDDEN), problems)


def _ahead(data: pd.DataFrame | np.ndarray) -> list[Problem]:
    """A warning when reading has put values of the future into the log."""
    rows = lookahead(data) if isinstance(data, pd.DataFrame) else 0
    if rows == 0:
        return []
    text = (
        f"values look up to {rows} {'row' if rows == 1 else 'rows'} ahead (read with "
        "interpolate='linear'): they cannot be had while the machine runs"
    )
    return [Problem("warning", "look-ahead", text)]


def _refusal(
    data: pd.DataFrame | np.ndarray,
    cycle: Hashable | Iterable[Any] | None,
    time: Hashable | None,
    rate: float | None,
    jitter: float,
) -> str | None:
    """Why `as_log` would not take the data, None when it does."""
    if isinstance(data, np.ndarray) and rate is None and time is None:
        rate = 1.0
    try:
        as_log(data, cycle=cycle, time=time, rate=rate, jitter=jitter)
    except InvalidLogError as error:
        return str(error)
    return None


def _empty(content: Samples) -> LogCheck:
    n_rows, n_channels = content.channels.shape
    text = f"no data: {n_rows} rows, {n_channels} channels"
    cycles = pd.DataFrame(columns=list(COLUMNS), index=pd.Index([], name="cycle"))
    channels = pd.DataFrame(columns=["unit"], index=pd.Index([], name="channel"))
    return LogCheck(cycles, channels, [Problem("error", "empty", text)])
