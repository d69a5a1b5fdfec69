"""Rows, rate, gaps, jitter and order of each cycle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from signalprep.log import GAP
from signalprep.quality._log_check import Problem
from signalprep.quality._samples import Samples

COLUMNS = (
    "rows",
    "duration",
    "rate",
    "gaps",
    "longest_gap",
    "jitter",
    "duplicated_times",
    "backward_steps",
    "repeated_rows",
)


def typical_step(samples: Samples) -> float:
    """Median time step inside the cycles, 1 s where no cycle has two rows in time order."""
    order = samples.order
    step = np.diff(samples.seconds[order])
    step = step[(samples.codes[order][1:] == samples.codes[order][:-1]) & (step > 0)]
    return float(np.median(step)) if len(step) else 1.0


def cycle_table(samples: Samples, repeated: np.ndarray) -> pd.DataFrame:
    """One row a cycle; `repeated` tells which rows equal the row before them."""
    rows = []
    for rows_of_cycle in _rows_of_cycles(samples):
        seconds = samples.seconds[rows_of_cycle]
        step = np.diff(seconds)
        known = seconds[~np.isnan(seconds)]
        forward = step[step > 0]
        usual = float(np.median(forward)) if len(forward) else np.nan
        gaps = forward[forward > GAP * usual]
        regular = forward[forward <= GAP * usual]
        rows.append(
            (
                len(rows_of_cycle),
                float(np.ptp(known)) if len(known) else np.nan,
                1.0 / usual,
                len(gaps),
                float(gaps.max()) if len(gaps) else 0.0,
                float(np.abs(regular / usual - 1.0).max()) if len(regular) else np.nan,
                int((step == 0).sum()),
                int((step < 0).sum()),
                int(repeated[rows_of_cycle].sum()),
            )
        )
    index = pd.Index(samples.ids, name="cycle")
    return pd.DataFrame(rows, index=index, columns=list(COLUMNS))


def cycle_problems(
    samples: Samples, table: pd.DataFrame, typical: float, jitter: float, severity: str
) -> Iterator[Problem]:
    """Findings about ids, order, time and rate; `severity` is that of a broken time axis."""
    yield from _id_problems(samples)
    unknown = np.flatnonzero(np.isnan(samples.seconds))
    if len(unknown):
        text = f"{len(unknown)} rows without a readable time, first {samples.place(unknown[0])}"
        yield Problem("error", "time", text, row=int(unknown[0]))
    for rows, (cycle, facts) in zip(_rows_of_cycles(samples), table.iterrows(), strict=True):
        yield from _time_problems(samples, rows, cycle, facts, typical, jitter, severity)


def _rows_of_cycles(samples: Samples) -> Iterator[np.ndarray]:
    order = samples.order
    bounds = np.searchsorted(samples.codes[order], np.arange(len(samples.ids) + 1))
    for first, last in pairwise(bounds):
        yield order[first:last]


def _id_problems(samples: Samples) -> Iterator[Problem]:
    missing = np.flatnonzero(samples.codes < 0)
    if len(missing):
        text = f"{len(missing)} rows without a cycle id, first row {missing[0]}"
        yield Problem("error", "cycle id", text, row=int(missing[0]))
    kinds = {type(cycle) for cycle in samples.ids}
    if len(kinds) > 1 and not all(issubclass(kind, (int, float)) for kind in kinds):
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        yield Problem("error", "cycle id", f"cycle ids must be of one type; found {names}")
    starts = np.concatenate(([0], np.flatnonzero(np.diff(samples.codes)) + 1))
    again = pd.Series(samples.codes[starts]).duplicated().to_numpy() & (samples.codes[starts] >= 0)
    for code in np.unique(samples.codes[starts[again]]):
        row = int(starts[again][samples.codes[starts[again]] == code][0])
        cycle = samples.ids[code]
        text = f"cycle {cycle!r} starts again at row {row}: interleaved cycles or shuffled rows"
        yield Problem("error", "interleaved", text, cycle=cycle, row=row)


def _time_problems(
    samples: Samples,
    rows: np.ndarray,
    cycle: object,
    facts: pd.Series,
    typical: float,
    jitter: float,
    severity: str,
) -> Iterator[Problem]:
    step = np.diff(samples.seconds[rows])

    def found(severity: str, kind: str, wrong: np.ndarray, text: str) -> Problem:
        row = int(rows[int(np.argmax(wrong)) + 1])
        return Problem(severity, kind, f"{text}, first {samples.place(row)}", cycle=cycle, row=row)

    if facts["duplicated_times"]:
        count = int(facts["duplicated_times"])
        yield found("error", "duplicated time", step == 0, f"{count} repeated time stamps")
    if facts["backward_steps"]:
        count = int(facts["backward_steps"])
        yield found("error", "backward time", step < 0, f"time goes back {count} times")
    usual = 1.0 / facts["rate"]
    off = abs(usual / typical - 1.0)
    if off > jitter:
        text = f"cycle {cycle!r} has {facts['rate']:.6g} Hz, the log {1.0 / typical:.6g} Hz"
        yield Problem("error", "rate", text, cycle=cycle, row=int(rows[0]))
    elif facts["jitter"] > jitter:
        wrong = (np.abs(step / usual - 1.0) > jitter) & (step <= GAP * usual) & (step > 0)
        text = f"{int(wrong.sum())} time steps off by up to {facts['jitter']:.1%} (jitter)"
        yield found(severity, "jitter", wrong, text)
    if facts["gaps"]:
        gaps = int(facts["gaps"])
        text = f"{gaps} gap{'s' if gaps > 1 else ''}, the longest of {facts['longest_gap']:.6g} s"
        yield found("warning", "gap", step > GAP * usual, text)
    if facts["rows"] == 1:
        text = f"cycle {cycle!r} has a single row"
        yield Problem("warning", "short", text, cycle=cycle, row=int(rows[0]))
