"""A split of cycles kept in a file, and the check that its test set is still the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signalprep._atomic import write_atomic
from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.log import shown
from signalprep.model_selection._cycle_groups import CycleGroups

__all__ = ["PARTS", "read_split", "write_split"]

PARTS = ("train", "validation", "test")
FORMAT = "signalprep cycle split"
VERSION = 1
LARGEST = 64 * 2**20  # bytes of a file that is read


def write_split(
    path: str | os.PathLike[str],
    log: pd.DataFrame,
    cycles: CycleGroups,
    sizes: Sequence[float],
    part_of_cycle: np.ndarray,
) -> None:
    """Write which cycle belongs to which part, with the sums of those held out."""
    ids = [_plain_id(cycle) for cycle in cycles.ids.tolist()]
    held_out = []
    for k in np.flatnonzero(part_of_cycle > 0).tolist():
        rows = slice(int(cycles.bounds[k]), int(cycles.bounds[k + 1]))
        part = PARTS[part_of_cycle[k]]
        held_out.append({"cycle": ids[k], "part": part, **_fingerprint(log.iloc[rows])})
    content = {
        "format": FORMAT,
        "version": VERSION,
        "sizes": [float(size) for size in sizes],
        "train": [ids[k] for k in np.flatnonzero(part_of_cycle == 0).tolist()],
        "held_out": held_out,
    }
    write_atomic(path, json.dumps(content, indent=1) + "\n")


def read_split(
    path: str | os.PathLike[str],
    log: pd.DataFrame,
    cycles: CycleGroups,
    sizes: Sequence[float],
    new_cycles: str,
) -> np.ndarray:
    """Part of each cycle of the log as the file has it; raises when a held-out cycle differs."""
    content = _read(path)
    if not np.allclose(content["sizes"], [float(size) for size in sizes], rtol=0, atol=1e-9):
        raise InvalidParameterError(
            f"sizes must be those of the split in {os.fspath(path)!r}, {content['sizes']}; "
            f"got {list(sizes)}"
        )
    place = {_plain_id(cycle): k for k, cycle in enumerate(cycles.ids.tolist())}
    part_of_cycle = np.zeros(len(place), dtype=np.int64)
    for entry in content["held_out"]:
        cycle, part = entry["cycle"], entry["part"]
        if cycle not in place:
            raise InvalidLogError(
                f"the log must hold every {part} cycle of {os.fspath(path)!r}; cycle "
                f"{cycle!r} is missing"
            )
        k = place[cycle]
        _check_same(log.iloc[int(cycles.bounds[k]) : int(cycles.bounds[k + 1])], entry, path)
        part_of_cycle[k] = PARTS.index(part)
    known = {*content["train"], *(entry["cycle"] for entry in content["held_out"])}
    unknown = [cycle for cycle in place if cycle not in known]
    if unknown and new_cycles == "raise":
        raise InvalidLogError(
            f"the log must hold no other cycles than {os.fspath(path)!r}; cycle {unknown[0]!r} "
            "is new (new_cycles='train' trains on it)"
        )
    if not (part_of_cycle == 0).any():
        raise InvalidLogError(
            f"the log must hold a cycle to train on; all are held out by {os.fspath(path)!r}"
        )
    return part_of_cycle


def _plain_id(cycle: Any) -> str | int:
    """A cycle id as JSON keeps it."""
    if isinstance(cycle, np.generic):
        cycle = cycle.item()
    if isinstance(cycle, str) or (isinstance(cycle, int) and not isinstance(cycle, bool)):
        return cycle
    raise InvalidParameterError(
        f"cycle ids must be text or whole numbers to be kept in a file; got {shown(cycle)}"
    )


def _fingerprint(cycle: pd.DataFrame) -> dict[str, Any]:
    names = [str(name) for name in cycle.columns]
    if len(set(names)) < len(names):
        raise InvalidLogError("column names must be unique, as text too")
    time = cycle.index.get_level_values("time")
    channels = {name: _sum(cycle.iloc[:, k]) for k, name in enumerate(names)}
    return {"rows": len(cycle), "time": _sum(time), "channels": channels}


def _sum(values: pd.Series | pd.Index) -> str:
    """SHA-256 of values: of the eight bytes of each number, or of pandas' hash of anything else."""
    dtype: Any = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        numbers = values.to_numpy(dtype="<f8", copy=True)
        numbers += 0.0  # no "-0"
        numbers[np.isnan(numbers)] = np.nan  # one of the many
        return hashlib.sha256(numbers.tobytes()).hexdigest()
    if getattr(dtype, "kind", "") in "mM":
        stamps = pd.Index(values).as_unit("ns")
        return hashlib.sha256(stamps.asi8.astype("<i8").tobytes()).hexdigest()
    hashes = pd.util.hash_array(values.to_numpy(dtype=object), categorize=True)
    return hashlib.sha256(hashes.astype("<u8").tobytes()).hexdigest()


def _check_same(cycle: pd.DataFrame, entry: dict[str, Any], path: str | os.PathLike[str]) -> None:
    found = _fingerprint(cycle)
    first = f"{entry['part']} cycle {entry['cycle']!r} must be as when {os.fspath(path)!r} was made"
    if found["rows"] != entry["rows"]:
        raise InvalidLogError(f"{first}, with {entry['rows']} rows; got {found['rows']}")
    if found["time"] != entry["time"]:
        raise InvalidLogError(f"{first}; its times have changed")
    common = [name for name in entry["channels"] if name in found["channels"]]
    if not common:
        raise InvalidLogError(f"{first}; none of its channels is left to compare")
    for name in common:
        if found["channels"][name] != entry["channels"][name]:
            raise InvalidLogError(f"{first}; its channel {name!r} has changed")


def _read(path: str | os.PathLike[str]) -> dict[str, Any]:
    name = os.fspath(path)
    if not os.path.isfile(path):  # a pipe would be waited for
        raise ReadError(f"{name!r} must be a file to be read as a split of cycles")
    if os.path.getsize(path) > LARGEST:
        raise ReadError(f"a split of cycles has at most {LARGEST} bytes; {name!r} has more")
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ReadError(f"{name!r} cannot be read as a split of cycles: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ReadError(f"{name!r} must be a split of cycles that split_cycles wrote")
    if content.get("version") != VERSION:
        raise ReadError(
            f"{name!r} must have version {VERSION} of the format; got {content.get('version')!r}"
        )
    if not _is_complete(content):
        raise ReadError(f"{name!r} must list sizes, train and held_out as split_cycles writes them")
    return content


def _is_complete(content: dict[str, Any]) -> bool:
    sizes, train, held_out = (content.get(key) for key in ("sizes", "train", "held_out"))
    if not (isinstance(sizes, list) and isinstance(train, list) and isinstance(held_out, list)):
        return False
    if len(sizes) != 3 or not all(isinstance(size, (int, float)) for size in sizes):
        return False
    if not all(isinstance(entry, dict) and _is_entry(entry) for entry in held_out):
        return False
    ids = [*train, *(entry["cycle"] for entry in held_out)]
    parts = {entry["part"] for entry in held_out}
    is_plain = all(isinstance(cycle, (str, int)) for cycle in ids)
    return is_plain and len(set(ids)) == len(ids) and parts == set(PARTS[1:])


def _is_entry(entry: dict[str, Any]) -> bool:
    channels = entry.get("channels")
    return (
        isinstance(entry.get("cycle"), (str, int))
        and entry.get("part") in PARTS[1:]
        and isinstance(entry.get("rows"), int)
        and isinstance(entry.get("time"), str)
        and isinstance(channels, dict)
        and all(isinstance(value, str) for value in channels.values())
    )
