"""The recordings of all files as one log."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, ReadError
from signalprep.io._recording import Recording
from signalprep.log import LEVELS, joined_ids, refuse_missing_ids, restarted_cycles

_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:[.,]0+)?")


def assemble(
    recordings: Sequence[Recording],
    names: Sequence[str],
    labels: Sequence[str],
    rate: float | None,
    whole: bool,
) -> pd.DataFrame:
    """Put the rows of tables below each other and index them by cycle and time.

    Columns that a file lacks are missing there, and said so where the `whole` files were read.
    `names` are the cycles that the files stand for,
    `labels` the file names for messages.
    """
    units = common_units(recordings, labels)
    ids, codes = cycles_of(recordings, names, labels)
    cycle_codes = codes[0] if len(codes) == 1 else np.concatenate(codes)
    time_codes, times = _levels(_times(recordings, labels, cycle_codes, rate), cycle_codes)
    index = pd.MultiIndex(
        levels=[pd.Index(ids), pd.Index(times)],  # type: ignore[list-item]
        codes=[cycle_codes, time_codes],  # type: ignore[list-item]
        names=list(LEVELS),
    )
    frame = _stack(recordings, labels, index)
    frame.attrs["units"] = {name: units[name] for name in frame.columns if name in units}
    n_cycles = [int(np.ptp(own)) + 1 for own in codes]
    frame.attrs["sources"] = sources_of(recordings, n_cycles, labels, list(frame.columns), whole)
    return frame


def _levels(times: np.ndarray, cycle_codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes and distinct stamps; without a sort where all cycles begin alike, in time order."""
    borders = np.flatnonzero(np.diff(cycle_codes)) + 1
    bounds = np.concatenate(([0], borders, [len(times)]))
    lengths = np.diff(bounds)
    k = int(np.argmax(lengths))
    longest = times[bounds[k] : bounds[k + 1]]
    alike = all(
        np.array_equal(times[bounds[j] : bounds[j + 1]], longest[: lengths[j]])
        for j in range(len(lengths))
    )
    if alike and (longest[1:] > longest[:-1]).all():
        small = np.int32 if len(longest) < 2**31 else np.int64
        counted = np.arange(len(longest), dtype=small)
        every = [counted[:length] for length in lengths]
        return counted if len(every) == 1 else np.concatenate(every), longest
    codes, distinct = pd.factorize(times, sort=True)
    return codes, np.asarray(distinct)


def sources_of(
    recordings: Sequence[Recording],
    n_cycles: Sequence[int],
    labels: Sequence[str],
    order: Sequence[str],
    whole: bool,
) -> list[dict[str, Any]]:
    """Facts of each file, without empty ones and with equal lists shared.

    pandas copies attrs deeply with every operation, so they must stay small.
    """
    shared: dict[str, Any] = {}
    sources = []
    for recording, count, label in zip(recordings, n_cycles, labels, strict=True):
        own = set(recording.names())
        missing = [name for name in order if name not in own] if whole else []
        facts = {"cycles": count, "rows": recording.n_rows, **recording.facts}
        facts |= {"cycle": list(recording.ids), "missing": missing}
        kept = {name: value for name, value in facts.items() if value not in (None, [], {})}
        sources.append(
            {"file": label}
            | {name: shared.setdefault(f"{name} {value}", value) for name, value in kept.items()}
        )
    return sources


def common_ranges(recordings: Sequence[Recording]) -> dict[str, tuple[float, float]]:
    """Of each channel with a range in every file that has it, the widest."""
    found: dict[str, list[tuple[float, float] | None]] = {}
    for recording in recordings:
        for channel in recording.channels:
            found.setdefault(channel.name, []).append(channel.range)
    ranges = {}
    for name, own in found.items():
        known = [pair for pair in own if pair is not None]
        if len(known) == len(own):
            ranges[name] = min(low for low, _ in known), max(high for _, high in known)
    return ranges


def common_units(recordings: Sequence[Recording], labels: Sequence[str]) -> dict[str, str]:
    """Unit of each channel; two files that disagree are an error."""
    units: dict[str, str] = {}
    origin: dict[str, str] = {}
    for recording, label in zip(recordings, labels, strict=True):
        for name, unit in recording.units().items():
            if units.setdefault(name, unit) != unit:
                raise ReadError(
                    f"{label}: column {name!r} has the unit {unit!r}, but {units[name]!r} in "
                    f"{origin[name]}; units={{{name!r}: {unit!r}}} converts, units=False keeps "
                    "both apart"
                )
            origin.setdefault(name, label)
    for recording in recordings:
        plain = [c.name for c in recording.channels if c.name in units and not c.unit]
        if plain:
            recording.facts.setdefault("notes", []).append(
                f"no unit, taken as elsewhere: {', '.join(plain)}"
            )
    return units


def column_order(recordings: Sequence[Recording]) -> list[str]:
    """Names by first appearance."""
    return list(dict.fromkeys(name for recording in recordings for name in recording.names()))


def _stack(
    recordings: Sequence[Recording], labels: Sequence[str], index: pd.MultiIndex
) -> pd.DataFrame:
    order = column_order(recordings)
    tables = [{c.name: c for c in recording.channels} for recording in recordings]
    text = {c.name for table in tables for c in table.values() if c.kind == "label"}
    numbers = [name for name in order if name not in text]
    dtypes = {c.values.dtype for table in tables for c in table.values() if c.kind != "label"}
    dtype = dtypes.pop() if len(dtypes) == 1 else np.dtype(np.float64)
    values = _block([tables[0][name].values for name in numbers]) if len(tables) == 1 else None
    if values is None:
        values = np.empty((len(numbers), len(index)), dtype=dtype)
        first = 0
        for table, recording in zip(tables, recordings, strict=True):
            last = first + recording.n_rows
            for place, name in enumerate(numbers):
                values[place, first:last] = table[name].values if name in table else np.nan
            first = last
    frame = pd.DataFrame(values.T, index=index, columns=pd.Index(numbers), copy=False)
    for name in sorted(text, key=order.index):
        parts = [
            _text_part(table.get(name), recording.n_rows, label, name)
            for table, recording, label in zip(tables, recordings, labels, strict=True)
        ]
        frame.insert(order.index(name), name, np.concatenate(parts), True)
    return frame


def _block(columns: Sequence[np.ndarray]) -> np.ndarray | None:
    """The array whose rows the columns are, where there is one: nothing to copy."""
    block = columns[0].base if columns else None
    if block is None or block.shape != (len(columns), len(columns[0])):
        return None
    starts = [column.__array_interface__["data"][0] for column in columns]
    rows = [row.__array_interface__["data"][0] for row in block]
    return block if starts == rows and block.dtype == columns[0].dtype else None


def _text_part(channel: Any, n_rows: int, label: str, name: str) -> np.ndarray:
    if channel is None:
        return np.full(n_rows, None, dtype=object)
    if channel.kind == "label":
        return np.asarray(channel.values, dtype=object)
    if not np.isnan(channel.values).all():
        raise InvalidLogError(
            f"{label}: column {name!r} holds numbers here and text in another file"
        )
    return np.full(n_rows, None, dtype=object)


def _times(
    recordings: Sequence[Recording],
    labels: Sequence[str],
    cycle_codes: np.ndarray,
    rate: float | None,
) -> np.ndarray:
    check_one_kind_of_time(recordings, labels)
    if recordings[0].timed:
        return np.concatenate([table_time(recording) for recording in recordings])
    starts = np.concatenate(([0], np.flatnonzero(np.diff(cycle_codes)) + 1))
    lengths = np.diff(np.append(starts, len(cycle_codes)))
    own = [np.full(each.n_rows, rate or each.rate or 1.0) for each in recordings]
    return (np.arange(len(cycle_codes)) - np.repeat(starts, lengths)) / np.concatenate(own)


def table_time(recording: Recording) -> np.ndarray:
    """Stamps of the rows: datetimes where the log has those, else seconds."""
    if recording.datetimes is not None:
        return recording.datetimes
    return recording.channels[0].times


def check_one_kind_of_time(recordings: Sequence[Recording], labels: Sequence[str]) -> None:
    """Raise when some files have datetimes and others seconds, or none at all."""
    words = {(False, False): "no time column", (True, False): "seconds", (True, True): "datetimes"}
    kinds = [(each.timed, each.datetimes is not None) for each in recordings]
    for kind, label in zip(kinds, labels, strict=True):
        if kind != kinds[0]:
            raise ReadError(
                f"{label}: every file must have the same kind of time; it has {words[kind]}, "
                f"{labels[0]} has {words[kinds[0]]}"
            )


def cycles_of(
    recordings: Sequence[Recording], names: Sequence[str], labels: Sequence[str]
) -> tuple[list[Hashable], list[np.ndarray]]:
    """Ids in the order of their rows, and the codes of the rows of each table."""
    columns = _ids_of_rows(recordings, labels)
    ids: list[Hashable] = []
    owner: dict[Hashable, str] = {}
    codes: list[np.ndarray] = []
    for column, recording, name, label in zip(columns, recordings, names, labels, strict=True):
        if column is not None:
            local, unique = pd.factorize(column)
            own = unique.tolist()
        elif recording.restarts and recording.is_table:
            local = restarted_cycles(recording.channels[0].times)
            n_cycles = int(local.max()) + 1
            own = [f"{name}-{k + 1}" for k in range(n_cycles)] if n_cycles > 1 else [name]
        else:
            own, local = [name], None
        for cycle in own:
            if cycle in owner:
                more = "; cycle= may name more columns" if recording.ids else ""
                raise InvalidLogError(
                    f"{label}: cycle {cycle!r} is also in {owner[cycle]}; a cycle must lie in one "
                    f"file{more}"
                )
            owner[cycle] = label
        if local is None:
            codes.append(np.full(recording.n_rows, len(ids), dtype=np.int32))
        else:
            codes.append(local + len(ids))
        ids.extend(own)
    return ids, codes


def _ids_of_rows(recordings: Sequence[Recording], labels: Sequence[str]) -> list[np.ndarray | None]:
    """Cycle ids of the rows of each table, of several columns joined; None without columns."""
    told = [k for k, recording in enumerate(recordings) if recording.ids]
    for k in told:
        for name, column in recordings[k].ids.items():
            refuse_missing_ids(column, name, labels[k])
    parts = zip(*(recordings[k].ids.values() for k in told), strict=True)
    unified = [_unify(columns) for columns in parts]
    found: list[np.ndarray | None] = [None] * len(recordings)
    for place, k in enumerate(told):
        own = [columns[place] for columns in unified]
        named = dict(zip(recordings[k].ids, own, strict=True))
        found[k] = own[0] if len(own) == 1 else joined_ids(named, labels[k])
    return found


def _unify(columns: Sequence[pd.Series]) -> list[np.ndarray]:
    """Cycle ids of one type; text that is whole numbers throughout becomes whole numbers."""
    values = {value for column in columns for value in column.unique()}
    if all(isinstance(value, str) for value in values):
        if all(_WHOLE.fullmatch(value.strip()) for value in values):
            numbers = {
                value: int(value.strip().replace(",", ".").split(".")[0]) for value in values
            }
            return [column.map(numbers).to_numpy() for column in columns]
        return [column.str.strip().to_numpy(dtype=object) for column in columns]
    if any(isinstance(value, str) for value in values):
        kinds = ", ".join(sorted({type(value).__name__ for value in values}))
        raise InvalidLogError(f"cycle ids must be of one type; the files hold {kinds}")
    return [column.infer_objects().to_numpy() for column in columns]
