"""Tables of the long form: one row a reading, with the name of the signal in a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError, ReadError
from signalprep.io._header import listed
from signalprep.io._numbers import read_column
from signalprep.io._recording import Recording
from signalprep.io._selection import Selection, refuse_no_time
from signalprep.io._time_choice import Clock
from signalprep.io._units import is_unit
from signalprep.log import Channel

if TYPE_CHECKING:
    from signalprep.io.formats._text_table import Table

KEYS = ("name", "value", "unit", "valid")
_NAMES = frozenset(
    "name signal signalname variable channel parameter param tag tagname measurement sensor "
    "sensorid item label metric key pid quantity point series field attribute kanal messgröße "
    "größe bezeichnung signals names variables variablename varname tags channels channelname "
    "entityid metricname parametername sensorname seriesname itemname fieldname measurand "
    "kanalname messgrösse datapoint pointname".split()
)
_VALUES = frozenset(
    "value val values wert messwert reading readings data result physvalue numericvalue varval "
    "varvalue state werte valeur valor rawvalue".split()
)
_UNITS = frozenset("unit units uom einheit unité unite unitofmeasurement".split())
_VALID = {
    **dict.fromkeys("true 1 1.0 ok good valid yes gültig gut ja".split(), True),
    **dict.fromkeys(
        "false 0 0.0 bad invalid no ungültig schlecht nein uncertain error".split(), False
    ),
}
NUMBERED = 2  # columns of a table whose signals have numbers for names
_FEWEST = 4  # rows that can show the long form


def refuse_long_form(
    table: Table, wanted: Selection, columns: dict[int, Any], clock: Clock
) -> None:
    """Raise for a table with one reading a row, which would be read as if it had one signal.

    That is one with a column of recurring words and one column of values, if these are named so,
    or if stamps repeat or go back over the rows but not over those of one word.
    """
    if table.request.columns is not None or table.rows.n_rows < _FEWEST or wanted.cycle:
        return
    plain = [_plain(name) for name in table.header.names]
    free = [k for k in wanted.channels if k not in clock.positions + clock.others]
    value = _value_column(table, free, plain)
    if value is None:
        return
    for k in free:
        numbered = plain[k] in _NAMES and plain[value] in _VALUES and len(free) == NUMBERED
        if k == value or plain[k] in _UNITS:
            continue
        if not isinstance(columns[k], pd.Series) and not numbered:
            continue
        codes, names = pd.factorize(columns[k])
        if (codes < 0).any() or not 2 <= len(names) <= len(codes) / 2 or _are_marks(names):
            continue
        named = plain[k] in _NAMES and plain[value] in _VALUES
        if named or _run_side_by_side(codes, clock.stamps.seconds):
            raise _long_form_error(table, free, plain, columns, k, value, names)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalpha())


def _value_column(table: Table, free: list[int], plain: list[str]) -> int | None:
    """The only column of values, by its name or as the only one of numbers."""
    some = [k for k in free if plain[k] in _VALUES] or [
        k for k in free if table.kinds[k] in ("number", "quantity")
    ]
    return some[0] if len(some) == 1 else None


def _are_marks(words: Any) -> bool:
    """Whether words tell what is valid, or are units."""
    every = [str(word).strip() for word in words]
    return all(word.casefold() in _VALID for word in every) or all(map(is_unit, every))


def _run_side_by_side(codes: np.ndarray, seconds: np.ndarray) -> bool:
    """Whether time goes on within each word, but not over the rows, which change between words."""
    if (np.diff(seconds) > 0).all() or not np.isfinite(seconds).all():
        return False
    if np.count_nonzero(np.diff(codes)) <= 2 * codes.max():
        return False  # blocks of rows, as runs have them
    order = np.argsort(codes, kind="stable")
    same = np.diff(codes[order]) == 0
    return bool((np.diff(seconds[order])[same] > 0).all())


def _long_form_error(
    table: Table,
    free: list[int],
    plain: list[str],
    columns: dict[int, Any],
    name: int,
    value: int,
    names: Any,
) -> ReadError:
    header = table.header.names
    request = {"name": header[name], "value": header[value]}
    for k in free:
        text = columns[k]
        if k in (name, value) or not isinstance(text, pd.Series):
            continue
        words = [str(word).strip() for word in text.dropna().unique()[:100]]
        if words and all(word.casefold() in _VALID for word in words):
            request.setdefault("valid", header[k])
        elif plain[k] in _UNITS or (words and all(map(is_unit, words))):
            request.setdefault("unit", header[k])
    shown = listed([str(word) for word in names], most=4)
    return ReadError(
        f"{table.file}: each row holds one reading, of the signal that {header[name]!r} names "
        f"({shown}); long_form={request!r} gives each signal a column; "
        f"columns={[header[k] for k in free]!r} reads the table as it stands"
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
    if table.request.cycle:
        raise InvalidParameterError("long_form needs one cycle a file; cycle= must be left out")
    place = {key: table.header.find(name, "long_form", table.file) for key, name in asked.items()}
    _check_places(table, asked, place, clock)
    names = pd.Series(columns[place["name"]]).astype(object)
    if names.isna().any():
        row = int(np.argmax(names.isna().to_numpy()))
        raise ReadError(f"{table.file}: every reading needs a name; {table.place(row)} has none")
    _refuse_swapped(table, names, columns[place["value"]], asked)
    valid = _valid(table, columns, place)
    channels: list[Channel] = []
    facts: dict[str, Any] = {"missing_words": {}, "coerced": {}}
    for name in names.unique():
        rows = np.flatnonzero((names == name).to_numpy() & valid)
        if not len(rows):
            raise ReadError(
                f"{table.file}: signal {name!r} has no valid reading; leave 'valid' out of "
                "long_form to take them all"
            )
        channels.append(_channel(table, str(name), rows, columns, place, clock, facts))
    n_invalid = int((~valid).sum())
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
            "notes": [
                *clock.notes,
                f"{len(channels)} signals of one reading a row",
                *([f"readings marked invalid: {n_invalid}"] if n_invalid else []),
            ],
        },
    )


def _check_places(table: Table, asked: dict[str, str], place: dict[str, int], clock: Clock) -> None:
    if len(set(place.values())) < len(place):
        raise InvalidParameterError(f"long_form must name a column for each key; got {asked!r}")
    for key, position in place.items():
        if position in clock.positions:
            raise InvalidParameterError(
                f"{table.file}: long_form={{{key!r}: {asked[key]!r}}} names the time; the columns "
                f"are {listed(table.header.names)}"
            )


def _refuse_swapped(table: Table, names: pd.Series, values: Any, asked: dict[str, str]) -> None:
    """Raise where the names are numbers and the values words."""
    numbers = pd.to_numeric(names, errors="coerce").notna()
    words = pd.to_numeric(pd.Series(values).dropna(), errors="coerce").isna()
    if numbers.all() and words.all() and len(words):
        raise InvalidParameterError(
            f"{table.file}: long_form must tell names from values; {asked['name']!r} holds "
            f"numbers such as {names.iloc[0]!r} and {asked['value']!r} words: are they swapped?"
        )


def _valid(table: Table, columns: dict[int, Any], place: dict[str, int]) -> np.ndarray:
    """Which rows hold a valid reading."""
    if "valid" not in place:
        return np.ones(table.rows.n_rows, dtype=bool)
    words = pd.Series(columns[place["valid"]]).astype(object).astype(str).str.strip()
    known = words.str.casefold().map(_VALID)
    if known.isna().any():
        row = int(np.argmax(known.isna().to_numpy()))
        raise ReadError(
            f"{table.file}: the column 'valid' of long_form must say true or false, good or bad, "
            f"1 or 0; found {words.iloc[row]!r} at {table.place(row)}"
        )
    return known.to_numpy(dtype=bool)


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
