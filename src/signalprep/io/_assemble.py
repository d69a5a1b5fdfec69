"""The tables of all files as one log."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, ReadError
from signalprep.io._table import Table
from signalprep.log import LEVELS

_WHOLE = re.compile(r"-?(?:0|[1-9]\d*)(?:[.,]0+)?")


def assemble(
    tables: Sequence[Table],
    names: Sequence[str],
    labels: Sequence[str],
    rate: float | None,
    columns: Sequence[str] | None,
) -> pd.DataFrame:
    """Put the tables below each other and index the rows by cycle and time.

    Columns that a file lacks are missing there. `names` are the cycles that the files stand for,
    `labels` the file names for messages.
    """
    units = _common_units(tables, labels)
    index = _index(tables, names, labels, rate)
    frame = _stack(tables, labels, _column_order(tables), index)
    frame.attrs["units"] = {name: units[name] for name in frame.columns if name in units}
    frame.attrs["sources"] = _sources(tables, labels, frame, columns is None)
    return frame


def _sources(
    tables: Sequence[Table], labels: Sequence[str], frame: pd.DataFrame, whole: bool
) -> list[dict[str, Any]]:
    """Facts of each file, without empty ones and with equal lists shared.

    pandas copies attrs deeply with every operation, so they must stay small.
    """
    shared: dict[str, Any] = {}
    sources = []
    for table, label in zip(tables, labels, strict=True):
        missing = [name for name in frame.columns if name not in table.columns] if whole else []
        facts = {"cycles": _n_cycles(table), "rows": table.n_rows, **table.facts}
        facts["missing"] = missing
        kept = {name: value for name, value in facts.items() if value not in (None, [], {})}
        sources.append(
            {"file": label}
            | {name: shared.setdefault(f"{name} {value}", value) for name, value in kept.items()}
        )
    return sources


def _n_cycles(table: Table) -> int:
    return 1 if table.ids is None else int(table.ids.nunique())


def _column_order(tables: Sequence[Table]) -> list[str]:
    """Names by first appearance."""
    return list(dict.fromkeys(name for table in tables for name in table.columns))


def _common_units(tables: Sequence[Table], labels: Sequence[str]) -> dict[str, str]:
    """Unit of each column; two files that disagree are an error."""
    units: dict[str, str] = {}
    origin: dict[str, str] = {}
    for table, label in zip(tables, labels, strict=True):
        for name, unit in table.units.items():
            if units.setdefault(name, unit) != unit:
                raise ReadError(
                    f"{label}: column {name!r} has the unit {unit!r}, but {units[name]!r} in "
                    f"{origin[name]}; convert one, or read with units=False to keep both apart"
                )
            origin.setdefault(name, label)
    for table in tables:
        plain = [name for name in table.columns if name in units and name not in table.units]
        if plain:
            table.facts["notes"].append(f"no unit, taken as elsewhere: {', '.join(plain)}")
    return units


def _stack(
    tables: Sequence[Table], labels: Sequence[str], order: Sequence[str], index: pd.MultiIndex
) -> pd.DataFrame:
    text = {
        name
        for table in tables
        for name, column in table.columns.items()
        if isinstance(column, pd.Series)
    }
    numbers = [name for name in order if name not in text]
    dtypes = {
        column.dtype
        for table in tables
        for column in table.columns.values()
        if isinstance(column, np.ndarray)
    }
    dtype = dtypes.pop() if len(dtypes) == 1 else np.dtype(np.float64)
    values = np.full((len(numbers), len(index)), np.nan, dtype=dtype)
    first = 0
    for table in tables:
        last = first + table.n_rows
        for place, name in enumerate(numbers):
            if name in table.columns:
                values[place, first:last] = table.columns[name]
        first = last
    frame = pd.DataFrame(values.T, index=index, columns=pd.Index(numbers), copy=False)
    for name in sorted(text, key=order.index):
        frame.insert(order.index(name), name, _stack_text(tables, labels, name), True)
    return frame


def _stack_text(tables: Sequence[Table], labels: Sequence[str], name: str) -> np.ndarray:
    parts = []
    for table, label in zip(tables, labels, strict=True):
        column = table.columns.get(name)
        if isinstance(column, np.ndarray) and not np.isnan(column).all():
            raise InvalidLogError(
                f"{label}: column {name!r} holds numbers here and text in another file"
            )
        if isinstance(column, pd.Series):
            part = column.astype(object).to_numpy(copy=True)
            part[column.isna().to_numpy()] = None
            parts.append(part)
        else:
            parts.append(np.full(table.n_rows, None, dtype=object))
    return np.concatenate(parts)


def _index(
    tables: Sequence[Table], names: Sequence[str], labels: Sequence[str], rate: float | None
) -> pd.MultiIndex:
    ids, cycle_codes = _cycles(tables, names, labels)
    time_codes, times = pd.factorize(_times(tables, labels, cycle_codes, rate), sort=True)
    return pd.MultiIndex(
        levels=[pd.Index(ids), pd.Index(times)],  # type: ignore[list-item]
        codes=[cycle_codes, time_codes],  # type: ignore[list-item]
        names=list(LEVELS),
    )


def _times(
    tables: Sequence[Table], labels: Sequence[str], cycle_codes: np.ndarray, rate: float | None
) -> np.ndarray:
    parts = [table.time for table in tables]
    kinds = {None if part is None else part.dtype.kind for part in parts}
    if len(kinds) > 1:
        words = {None: "no time column", "f": "seconds", "M": "datetimes"}
        first = None if parts[0] is None else parts[0].dtype.kind
        for part, label in zip(parts, labels, strict=True):
            kind = None if part is None else part.dtype.kind
            if kind != first:
                raise ReadError(
                    f"{label}: every file must have the same kind of time; it has {words[kind]}, "
                    f"{labels[0]} has {words[first]}"
                )
    if kinds == {None}:
        starts = np.concatenate(([0], np.flatnonzero(np.diff(cycle_codes)) + 1))
        lengths = np.diff(np.append(starts, len(cycle_codes)))
        return (np.arange(len(cycle_codes)) - np.repeat(starts, lengths)) / float(rate or 1.0)
    return np.concatenate([part for part in parts if part is not None])


def _cycles(
    tables: Sequence[Table], names: Sequence[str], labels: Sequence[str]
) -> tuple[list[Hashable], np.ndarray]:
    """Ids in the order of their rows, and the code of every row."""
    columns = _unify([table.ids for table in tables], labels)
    ids: list[Hashable] = []
    owner: dict[Hashable, str] = {}
    codes = []
    for column, table, name, label in zip(columns, tables, names, labels, strict=True):
        if column is None:
            own, local = [name], np.zeros(table.n_rows, dtype=np.intp)
        else:
            local, unique = pd.factorize(column)
            own = unique.tolist()
        for cycle in own:
            if cycle in owner:
                raise InvalidLogError(
                    f"{label}: cycle {cycle!r} is also in {owner[cycle]}; a cycle must lie in one "
                    "file"
                )
            owner[cycle] = label
        codes.append(np.where(local < 0, -1, local + len(ids)))
        ids.extend(own)
    return ids, np.concatenate(codes)


def _unify(columns: Sequence[pd.Series | None], labels: Sequence[str]) -> list[np.ndarray | None]:
    """Cycle ids of one type; text that is whole numbers throughout becomes whole numbers."""
    present = [column for column in columns if column is not None]
    if not present:
        return [None] * len(columns)
    for column, label in zip(columns, labels, strict=True):
        if column is not None and column.isna().any():
            row = int(np.argmax(column.isna().to_numpy()))
            raise InvalidLogError(
                f"{label}: the cycle id of every row must be known; row {row} has none"
            )
    values = {value for column in present for value in column.unique()}
    if all(isinstance(value, str) for value in values):
        if all(_WHOLE.fullmatch(value.strip()) for value in values):
            numbers = {
                value: int(value.strip().replace(",", ".").split(".")[0]) for value in values
            }
            return [None if c is None else c.map(numbers).to_numpy() for c in columns]
        return [None if c is None else c.str.strip().to_numpy(dtype=object) for c in columns]
    if any(isinstance(value, str) for value in values):
        kinds = ", ".join(sorted({type(value).__name__ for value in values}))
        raise InvalidLogError(f"cycle ids must be of one type; the files hold {kinds}")
    return [None if c is None else c.infer_objects().to_numpy() for c in columns]
