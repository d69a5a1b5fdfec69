"""Tables of the long form: one row a reading, with the name of the signal in a column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError, ReadError
from signalprep.io._numbers import read_column
from signalprep.io._recording import Recording
from signalprep.io._selection import Selection, refuse_no_time
from signalprep.io._time_choice import Clock
from signalprep.log import Channel

if TYPE_CHECKING:
    from signalprep.io.formats._text_table import Table

KEYS = ("name", "value", "unit")
HEADERS = {
    "name": frozenset(
        "signal signals signalname name names variable variablename varname tag tagname channel "
        "channelname entityid metric metricname pid parameter parametername param sensor "
        "sensorname series seriesname item itemname field fieldname measurand quantity kanal "
        "kanalname messgröße messgrösse datapoint point pointname".split()
    ),
    "value": frozenset(
        "value values val varvalue state wert werte messwert reading valeur valor rawvalue".split()
    ),
    "unit": frozenset("unit units uom einheit unité unite unitofmeasurement".split()),
}
"""Headers of tables with one reading a row: letters alone, in lower case."""
_LETTERS = re.compile(r"[^\W\d_]+")


def refuse_long_form(table: Table, wanted: Selection, columns: dict[int, Any]) -> None:
    """Raise where a table has one reading a row, of several signals named in a column."""
    found: dict[str, int] = {}
    for key, words in HEADERS.items():
        for k in wanted.positions:
            if (
                k != wanted.cycle
                and "".join(_LETTERS.findall(table.header.names[k])).casefold() in words
            ):
                found.setdefault(key, k)
    if not {"name", "value"} <= set(found):
        return
    times = {k for time in wanted.times for k in time}
    others = set(wanted.channels) - set(found.values()) - times
    if not isinstance(columns[found["name"]], pd.Series) and others:
        return  # a number beside other channels names nothing
    names = pd.Series(columns[found["name"]]).dropna()
    count = names.nunique()
    if not 2 <= count <= len(names) / 2:
        return
    asked = {key: table.header.names[k] for key, k in found.items()}
    raise ReadError(
        f"{table.file}: one reading a row, of {count} signals named in {asked['name']!r}: "
        f"long_form={asked!r} gives each signal a channel"
    )


def pivot(
    table: Table, wanted: Selection, columns: dict[int, Any], clock: Clock | None
) -> Recording:
    """Give each signal of a table of readings a channel with stamps of its own."""
    asked = dict(table.request.long_form or {})
    unknown = set(asked) - set(KEYS)
    if unknown:
        raise InvalidParameterError(f"long_form knows {', '.join(KEYS)}; got {sorted(unknown)}")
    if clock is None:
        raise refuse_no_time(table.file, table.header)
    if wanted.cycle is not None:
        raise InvalidParameterError("long_form needs one cycle a file; cycle= must be left out")
    place = {key: table.header.find(name, "long_form", table.file) for key, name in asked.items()}
    names = pd.Series(columns[place["name"]]).astype(object)
    if names.isna().any():
        row = int(np.argmax(names.isna().to_numpy()))
        raise ReadError(f"{table.file}: every reading needs a name; {table.place(row)} has none")
    channels: list[Channel] = []
    facts: dict[str, Any] = {"missing_words": {}, "coerced": {}}
    for name in names.unique():
        rows = np.flatnonzero((names == name).to_numpy())
        channels.append(_channel(table, str(name), rows, columns, place, clock, facts))
    return Recording(
        channels,
        max(len(channel.times) for channel in channels),
        is_table=False,
        datetimes=clock.stamps.datetimes,
        facts={
            "format": "text, long form",
            "separator": table.layout.separator,
            "decimal": table.layout.decimal,
            "encoding": table.text.encoding,
            "header": True,
            "time": clock.name,
            "start": clock.stamps.start,
            **facts,
            "notes": [*clock.notes, f"{len(channels)} signals of one reading a row"],
        },
    )


def _channel(
    table: Table,
    name: str,
    rows: np.ndarray,
    columns: dict[int, Any],
    place: dict[str, int],
    clock: Clock,
    facts: dict[str, Any],
) -> Channel:
    values = columns[place["value"]]
    text = pd.Series(values).iloc[rows].reset_index(drop=True)
    found = read_column(
        text,
        table.notation,
        column=name,
        file=table.file,
        coerce=table.request.coerce,
        place=lambda row: table.place(int(rows[row])),
    )
    for word, count in found.missing.items():
        facts["missing_words"][word] = facts["missing_words"].get(word, 0) + count
    if found.coerced:
        facts["coerced"][name] = found.coerced
    unit = _unit(table, name, rows, columns, place) or found.unit
    times = clock.stamps.seconds[rows]
    if isinstance(found.values, pd.Series):
        labels = found.values.astype(object).where(found.values.notna(), None)
        return Channel(name, times, labels.to_numpy(dtype=object), kind="label")
    return Channel(name, times, found.values, unit=unit)


def _unit(
    table: Table,
    name: str,
    rows: np.ndarray,
    columns: dict[int, Any],
    place: dict[str, int],
) -> str | None:
    if "unit" not in place:
        return None
    units = pd.Series(columns[place["unit"]]).iloc[rows].dropna().unique()
    if len(units) > 1:
        raise ReadError(
            f"{table.file}: signal {name!r} must have one unit; found {', '.join(map(str, units))}"
        )
    return str(units[0]) if len(units) else None
