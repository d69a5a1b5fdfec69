"""The program: it runs a command, and errors become one line and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from typing import Any

import typer

from signalprep.cli._say import say, say_message
from signalprep.errors import SignalprepError


def main() -> None:
    """Run the command line: errors take one line and end with exit code 2."""
    usage_error: Any = typer.BadParameter.__bases__[0]  # typer exports no other name for it
    warnings.showwarning = _show_warning
    from signalprep.cli._app import app  # after that: it imports kernels, which may warn

    try:
        code = app(prog_name="signalprep", standalone_mode=False)
    except usage_error as error:
        _fail(error.format_message())  # empty after the help that a bare call shows
    except (SignalprepError, OSError) as error:
        _fail_or_raise(error, str(error))
    except (ValueError, TypeError, ImportError, MemoryError, RuntimeError) as error:
        _fail_or_raise(error, str(error) or type(error).__name__)
    except (ArithmeticError, AttributeError, LookupError) as error:  # of a user's own pipeline
        _fail_or_raise(error, f"{type(error).__name__}: {error}")
    else:
        sys.exit(code or 0)


def _fail_or_raise(error: Exception, message: str) -> None:
    if os.environ.get("SIGNALPREP_TRACEBACK"):
        say("".join(traceback.format_exception(error)), err=True, lines=True)
        sys.exit(2)
    _fail(message)


def _fail(message: str) -> None:
    if message:
        say_message(f"signalprep: {message}", err=True)
    sys.exit(2)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """Give a warning one line: it may hold names of a log, and its place helps nobody."""
    say_message(f"signalprep: warning: {message}", err=True)
