"""The command that tells whether a log can be used: signalprep check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from signalprep.cli._file_summary import print_files
from signalprep.cli._options import LogPath
from signalprep.cli._quality_tables import print_quality
from signalprep.cli._reading import Reading, read, with_reading_options
from signalprep.cli._say import say_message
from signalprep.errors import InvalidLogError

if TYPE_CHECKING:
    import pandas as pd


@with_reading_options
def check(path: LogPath, *, reading: Reading) -> None:
    """Print the data quality of a log; exit code 1 when it cannot be used."""
    from signalprep.log import JITTER
    from signalprep.quality import check_log

    log, refusal = _log_or_rows(path, reading)
    jitter = JITTER if reading.jitter is None else reading.jitter
    found = check_log(log, rate=reading.rate, jitter=jitter)
    print_files(log)
    print_quality(found)
    if refusal:
        say_message(f"cannot be used as it is: {refusal}")
    if refusal or not found.usable:
        raise typer.Exit(1)


def _log_or_rows(path: Path, reading: Reading) -> tuple[pd.DataFrame, str]:
    """The log as a report reads it; where that is refused, its rows as they are, and why."""
    try:
        return read(path, reading), ""
    except InvalidLogError as error:
        refusal = str(error)
    try:
        return read(path, reading, check=False), refusal
    except InvalidLogError as error:  # not even rows that belong to cycles
        say_message(f"cannot be used: {error}")
        raise typer.Exit(1) from error
