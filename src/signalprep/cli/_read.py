"""The log that a command is about."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd


def read(
    path: Path, cycle: str | None, time: str | None, rate: float | None, check: bool = True
) -> pd.DataFrame:
    """Read the log; cells that are no numbers are missing for now, and counted."""
    from signalprep.io import read_log

    return read_log(
        path,
        cycle=cycle,
        time=time,
        rate=rate,
        check=check,
        coerce=True,
        progress=sys.stderr.isatty(),
    )
