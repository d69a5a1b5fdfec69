"""The commands and what stands before them."""

from __future__ import annotations

from typing import Annotated

import typer

from signalprep.cli._check import check
from signalprep.cli._export import export
from signalprep.cli._report import report
from signalprep.cli._say import say

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="From the raw logs of an electric drive to a model error for every operating regime.",
    epilog="Errors take one line; with SIGNALPREP_TRACEBACK=1 they show where they come from.",
)
app.command()(report)
app.command()(check)
app.command()(export)


def version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from signalprep import __version__

        say(f"signalprep {__version__}")
        raise typer.Exit


@app.callback()
def common(
    show_version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""
