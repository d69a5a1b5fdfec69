"""The command that tells whether a log can be used: signalprep check."""

from __future__ import annotations

import typer

from signalprep.cli._file_summary import print_files
from signalprep.cli._options import LogPath
from signalprep.cli._quality_tables import print_quality
from signalprep.cli._reading import Reading, read, with_reading_options
from signalprep.cli._say import say_message
from signalprep.errors import InvalidLogError


@with_reading_options
def check(path: LogPath, *, reading: Reading) -> None:
    """Print the data quality of a log; exit code 1 when it cannot be used."""
    from signalprep.log import JITTER
    from signalprep.quality import check_log

    try:
        log = read(path, reading, check=False)
    except InvalidLogError as error:  # not even rows that belong to cycles
        say_message(f"cannot be used: {error}")
        raise typer.Exit(1) from error
    jitter = JITTER if reading.jitter is None else reading.jitter
    found = check_log(log, rate=reading.rate, jitter=jitter)
    print_files(log)
    print_quality(found)
    if not found.usable:
        raise typer.Exit(1)
