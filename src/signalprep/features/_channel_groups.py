"""Channels that belong together: the phases of a current, or alpha and beta of a space vector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from signalprep._base import channel_positions
from signalprep.errors import InvalidParameterError

__all__ = ["channel_groups", "find_groups", "rename", "renamed_units", "shared_stem"]


def channel_groups(columns: Any, names: list[Any], sizes: tuple[int, ...]) -> list[np.ndarray]:
    """Positions of the channels of each group that the parameter `columns` names.

    Parameters
    ----------
    columns : sequence of channels, or sequence of such sequences
        One group or several.
    names : list
        Names of all channels.
    sizes : tuple of int
        How many channels a group may have.
    """
    allowed = " or ".join(map(str, sizes))
    listed = np.iterable(columns) and not isinstance(columns, str)
    nested = [isinstance(column, (list, tuple)) for column in columns] if listed else []
    if not nested or (any(nested) and not all(nested)):
        raise InvalidParameterError(
            f"columns must name {allowed} channels, or be a list of such groups; got {columns!r}"
        )
    groups = [
        channel_positions(list(group), names) for group in (columns if all(nested) else [columns])
    ]
    for group in groups:
        if len(group) not in sizes:
            raise InvalidParameterError(
                f"columns must name {allowed} channels in each group; got {len(group)} "
                f"({', '.join(str(names[k]) for k in group)})"
            )
    flat = np.concatenate(groups)
    if len(np.unique(flat)) < len(flat):
        raise InvalidParameterError(f"columns must name each channel once; got {columns!r}")
    return groups


def find_groups(names: Sequence[Any], suffixes: tuple[str, ...]) -> list[np.ndarray]:
    """Positions of the channels whose names are one stem and each of the suffixes."""
    position = {str(name): k for k, name in enumerate(names)}
    stems = [name.removesuffix(suffixes[0]) for name in position if name.endswith(suffixes[0])]
    return [
        np.array([position[stem + suffix] for suffix in suffixes], dtype=np.int64)
        for stem in stems
        if stem and all(stem + suffix in position for suffix in suffixes)
    ]


def shared_stem(group: Sequence[str], endings: Sequence[tuple[str, ...]]) -> str:
    """What the names of a group share before their endings, or else the first name."""
    for suffixes in endings:
        if len(suffixes) != len(group):
            continue
        stems = {
            name.removesuffix(suffix) if name.endswith(suffix) else None
            for name, suffix in zip(group, suffixes, strict=True)
        }
        if len(stems) == 1 and None not in stems and "" not in stems:
            return str(stems.pop())
    return group[0]


def rename(
    names: Sequence[str],
    groups: list[np.ndarray],
    endings: Sequence[tuple[str, ...]],
    suffixes: tuple[str, ...],
) -> np.ndarray:
    """Names with the members of each group called by their stem and the new suffixes."""
    renamed = [str(name) for name in names]
    for group in groups:
        stem = shared_stem([str(names[k]) for k in group], endings)
        for k, suffix in zip(group, suffixes[: len(group)], strict=True):
            renamed[k] = stem + suffix
    return np.asarray(renamed, dtype=object)


def renamed_units(
    units: Mapping[Any, str], names: Iterable[str], renamed: Iterable[str]
) -> dict[Any, str]:
    """Units by the new names of the channels."""
    pairs = zip(names, renamed, strict=True)
    return {new: units[name] for name, new in pairs if name in units}
