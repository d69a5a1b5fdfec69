"""The options that tell how a log is to be read: one list for all commands."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import pandas as pd
import typer

from signalprep.cli._reading_words import PARSERS

_NAMES = {"na_values": "--na", "header": "--header/--no-header"}


def option_of(parameter: str) -> str:
    """Option of a parameter of `read_log`; one that also turns it off stands behind a slash."""
    return _NAMES.get(parameter, f"--{parameter.replace('_', '-')}")


def _option(parameter: str, help: str) -> Any:
    return typer.Option(option_of(parameter), help=help, rich_help_panel="Reading")


@dataclass(frozen=True)
class Reading:
    """How a log is to be read: a field for each parameter of `read_log`, and its option.

    The names of the fields are those of the parameters, the values are what was typed.
    """

    cycle: Annotated[
        list[str] | None,
        _option(
            "cycle",
            "Column of cycle ids; several, such as 'vehicle,trip', for ids VEHICLE/TRIP (quote a "
            "name that holds a comma); or 'reset': a new cycle begins where time starts anew.",
        ),
    ] = None
    time: Annotated[
        str | None,
        _option(
            "time",
            "Column of time stamps, 'date,clock' for two columns, or 'none': use no time column.",
        ),
    ] = None
    rate: Annotated[
        float | None,
        _option(
            "rate",
            "Sampling rate in Hz: needed without a time column, checked against one.",
        ),
    ] = None
    clock: Annotated[
        str | None,
        _option(
            "clock",
            "Channel whose time stamps the log gets, when channels have several rates; the "
            "others hold their last value.",
        ),
    ] = None
    columns: Annotated[
        list[str] | None,
        _option("columns", "Columns to read, separated by commas; all others are left out."),
    ] = None
    names: Annotated[
        list[str] | None,
        _option("names", "Names of all columns, in place of the header or where none is."),
    ] = None
    pattern: Annotated[
        str | None,
        _option(
            "pattern",
            "Files to read in the folder, such as '*.csv', or '**/*.csv' with sub-folders.",
        ),
    ] = None
    sep: Annotated[
        str | None,
        _option(
            "sep",
            "Separator of the columns: a character, or tab, blank, comma, semicolon, pipe.",
        ),
    ] = None
    decimal: Annotated[
        str | None, _option("decimal", "Decimal mark: '.' or ',' (or point, comma).")
    ] = None
    thousands: Annotated[
        str | None,
        _option(
            "thousands",
            "Separator of thousands: a character, or point, comma, blank, apostrophe.",
        ),
    ] = None
    encoding: Annotated[
        str | None, _option("encoding", "Encoding of the text, such as latin-1.")
    ] = None
    skip: Annotated[
        int | None, _option("skip", "Number of lines above the header to leave out.")
    ] = None
    header: Annotated[
        bool | None,
        _option("header", "Whether the table has a line of column names."),
    ] = None
    units: Annotated[
        str | None,
        _option(
            "units",
            "Units to convert channels to, such as 'omega_m=rad/s,T=degC'; 'none' leaves "
            "units in the column names.",
        ),
    ] = None
    na_values: Annotated[
        list[str] | None,
        _option("na_values", "Words for a missing value, separated by commas."),
    ] = None
    long_form: Annotated[
        str | None,
        _option(
            "long_form",
            "Columns NAME,VALUE or NAME,VALUE,UNIT of a table with one reading a row.",
        ),
    ] = None
    time_unit: Annotated[
        str | None,
        _option("time_unit", "Unit of the time column, such as ms, where the file has none."),
    ] = None
    time_format: Annotated[
        str | None,
        _option("time_format", "Format of the time stamps, such as '%d.%m.%Y %H:%M:%S.%f'."),
    ] = None
    coerce: Annotated[
        bool,
        _option("coerce", "Take any text among numbers as a missing value, and count it."),
    ] = False
    truncated: Annotated[
        str | None,
        _option(
            "truncated",
            "A last row that was cut off: 'raise', 'drop' it or 'keep' its last number.",
        ),
    ] = None
    duplicates: Annotated[
        str | None,
        _option("duplicates", "Repeated time stamps: 'raise', or take the 'last' row."),
    ] = None
    jitter: Annotated[
        float | None,
        _option("jitter", "Allowed relative deviation of a time step (0.01 is 1 %)."),
    ] = None
    interpolate: Annotated[
        list[str] | None,
        _option(
            "interpolate",
            "Channels to draw straight lines in, instead of holding values, when --clock or "
            "--rate gives the log new time stamps; 'linear' for all that are not whole numbers "
            "throughout. Looks ahead by a sample.",
        ),
    ] = None
    hold: Annotated[
        str | None,
        _option(
            "hold",
            "Longest time a value is held: '5s', 'T_coolant=5s,speed=1s', or 'none' for no "
            "limit. Default: three steps of the channel.",
        ),
    ] = None
    start: Annotated[
        str | None,
        _option(
            "start",
            "First row: 'common', where every channel has a value (default), or 'first'.",
        ),
    ] = None
    ages: Annotated[
        bool, _option("ages", "Add a channel NAME.age, in s, for each channel that is held.")
    ] = False
    reduce: Annotated[
        str | None,
        _option(
            "reduce",
            "'mean': channels much faster than the new time stamps are averaged over the past "
            "step.",
        ),
    ] = None
    max_bytes: Annotated[
        str | None,
        _option("max_bytes", "Largest file and largest log in memory, such as 8e9."),
    ] = None

    def arguments(self) -> dict[str, Any]:
        """Arguments of `read_log`: only what was given."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        given = [field.name for field in fields(self) if values[field.name] != field.default]
        return {
            name: PARSERS[name](values[name]) if name in PARSERS else values[name] for name in given
        }


def read(path: Path, reading: Reading, *, check: bool = True) -> pd.DataFrame:
    """Read the log; `check` as in `read_log`."""
    from signalprep.cli._say import say
    from signalprep.io import read_log

    arguments = reading.arguments()
    arguments.setdefault("start", "common")
    log = read_log(path, **arguments, check=check, progress=sys.stderr.isatty())
    for source in log.attrs["sources"]:
        if source.get("format") == "none":
            say(f"{source['file']}: {source['notes'][0]}", err=True)
    return log


def with_reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Reading` in the place of its parameter `reading`."""
    hints = get_type_hints(Reading, include_extras=True)
    options = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(Reading)
    ]  # fmt: skip
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(command, eval_str=True).parameters.values()
    ]
    place = [parameter.name for parameter in own].index("reading")
    parameters = [*own[:place], *options, *own[place + 1 :]]

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        reading = Reading(**{option.name: given.pop(option.name) for option in options})
        command(**given, reading=reading)

    signature = inspect.Signature(parameters)
    with_options.__signature__ = signature  # type: ignore[attr-defined]  # what typer reads
    with_options.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_options
