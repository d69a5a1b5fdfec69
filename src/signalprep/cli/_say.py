"""What the commands print."""

from __future__ import annotations

import typer

from signalprep.cli._messages import with_options
from signalprep.cli._safe_text import safe_text


def say(text: str = "", *, err: bool = False, lines: bool = False) -> None:
    """Print one line, or with `lines` several, in harmless characters."""
    typer.echo(safe_text(text, lines=lines), err=err)


def say_message(message: str, *, err: bool = False) -> None:
    """Print what the library says, in one line and with the options of the command line."""
    say(one_line(with_options(message)), err=err)


def one_line(text: str) -> str:
    """The text with its line breaks as blanks."""
    return " ".join(text.split())
