"""The command that tells whether a log can be used: signalprep check."""

from __future__ import annotations

import typer

from signalprep.cli._file_summary import print_files
from signalprep.cli._options import CycleOption, LogPath, RateOption, TimeOption
from signalprep.cli._quality_tables import print_quality
from signalprep.cli._read import read
from signalprep.errors import InvalidLogError


def check(
    path: LogPath,
    cycle: CycleOption = None,
    time: TimeOption = None,
    rate: RateOption = None,
) -> None:
    """Print the data quality of a log; exit code 1 when it cannot be used."""
    from signalprep.quality import check_log

    try:
        log = read(path, cycle, time, rate, check=False)
    except InvalidLogError as error:  # not even rows that belong to cycles
        typer.echo(f"cannot be used: {error}")
        raise typer.Exit(1) from error
    found = check_log(log, rate=rate)
    print_files(log)
    print_quality(found)
    if not found.usable:
        raise typer.Exit(1)
