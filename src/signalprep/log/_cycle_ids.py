"""Cycle ids: the columns they come from, one id of several columns, and what is refused of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log._index import shown

SEPARATOR = "/"


def cycle_columns(frame: pd.DataFrame, cycle: Any) -> list[Hashable]:
    """Columns or index levels that `cycle` names; none where it holds the ids of the rows.

    A list or tuple names columns when each entry is one, and none is there twice; a tuple that is
    itself a column is that column.
    """
    if isinstance(cycle, (list, tuple)) and not _is_column(frame, cycle):
        named = [entry for entry in cycle if _is_column(frame, entry)]
        if len(named) == len(cycle) == len(set(named)):
            return named
        if named and len(cycle) != len(frame):
            others = [entry for entry in cycle if not _is_column(frame, entry)]
            found = f"{others!r} are none" if others else "one is named twice"
            alone = "; 'reset' stands alone" if "reset" in others else ""
            raise InvalidParameterError(
                f"cycle must name columns or index levels, or have one id a row ({len(frame)}); of "
                f"{list(cycle)!r} {found}{alone}"
            )
        return []
    return [cycle] if isinstance(cycle, Hashable) and cycle is not None else []


def _is_column(frame: pd.DataFrame, name: Any) -> bool:
    if isinstance(name, list) or not isinstance(name, Hashable) or name is None:
        return False
    if not isinstance(name, tuple) and pd.isna(name):  # type: ignore[call-overload]
        return False  # pandas' NA compares with no name
    return name in frame.columns or name in frame.index.names


def joined_ids(parts: Mapping[Any, Any], file: str | None = None) -> np.ndarray:
    """One id a row from several columns: text such as ``"vehicle/trip"``.

    Numbers read as they are shown, whole ones without a point, dates without the time of midnight;
    text stays as it is. A row that lacks a part has no id (None). Cost: linear in the rows.

    Parameters
    ----------
    parts : mapping of column name to array or Series
        At least two columns of one length, in the order of the id.
    file : str, default=None
        Where they stand, for messages.

    Raises
    ------
    InvalidLogError
        Two different rows of parts would have one id.
    """
    coded = [pd.factorize(pd.Series(column)) for column in parts.values()]
    missing = np.any([codes < 0 for codes, _ in coded], axis=0)
    rows = np.zeros(len(missing), dtype=np.int64)
    for codes, values in coded:
        rows = pd.factorize(rows * (len(values) + 1) + codes + 1)[0]
    firsts = np.flatnonzero(~pd.Series(rows).duplicated().to_numpy())
    words = [[_word(value) for value in _plain(values)] for _, values in coded]
    ids = np.full(len(firsts), None, dtype=object)
    seen: dict[str, int] = {}
    for k, row in enumerate(firsts.tolist()):
        if missing[row]:
            continue
        ids[k] = SEPARATOR.join(
            own[codes[row]] for own, (codes, _) in zip(words, coded, strict=True)
        )
        if ids[k] in seen:
            pairs = [[values[codes[at]] for codes, values in coded] for at in (seen[ids[k]], row)]
            raise _one_id_for_two(_behind(file), list(parts), ids[k], pairs)
        seen[ids[k]] = row
    return ids[rows]


def _plain(values: pd.Index) -> Any:
    """Values one by one; single precision must not be widened to digits that nobody wrote."""
    return values.to_numpy() if pd.api.types.is_float_dtype(values.dtype) else values


def _word(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return np.format_float_positional(value, trim="-")
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return str(value.date())
    return str(value)


def parts_of_ids(ids: Iterable[Any], n_parts: int) -> list[list[str]]:
    """Take ids that `joined_ids` made of so many columns apart.

    Raises
    ------
    InvalidLogError
        A column holds the mark that stands between them.
    """
    parts = [str(cycle).split(SEPARATOR) for cycle in ids]
    for own in parts:
        if len(own) != n_parts:
            raise InvalidLogError(
                f"cycle id {SEPARATOR.join(own)!r} cannot be taken apart into {n_parts} columns: "
                f"write another mark than {SEPARATOR!r} within them"
            )
    return parts


def _behind(file: str | None) -> str:
    return "" if file is None else f"{file}: "


def _one_id_for_two(
    place: str, names: list[Hashable], joined: str, pairs: list[list[Any]]
) -> InvalidLogError:
    first, second = (", ".join(map(shown, parts)) for parts in pairs)
    return InvalidLogError(
        f"{place}cycle ids of the columns {names!r} must tell cycles apart; ({first}) and "
        f"({second}) both give {joined!r}: write another mark than {SEPARATOR!r} within these "
        "columns, or make one column of ids"
    )


def refuse_missing_ids(ids: Any, column: Hashable | None = None, file: str | None = None) -> None:
    """Raise for a row without an id, or without its part of one in `column`."""
    missing = np.asarray(pd.isna(ids))
    if missing.any():
        where = "" if column is None else f" in column {column!r}"
        raise InvalidLogError(
            f"{_behind(file)}the cycle id of every row must be known; row "
            f"{int(np.argmax(missing))} has none{where}: write it there, or leave the row out"
        )
