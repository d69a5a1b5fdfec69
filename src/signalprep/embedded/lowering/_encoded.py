"""encoded: a log as raw codes, with a word where a format cannot be that of its channel."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from signalprep.embedded.lowering._format import Format
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import is_log, segments

__all__ = ["columns_of", "encoded", "raw_codes"]

_MOST_BEYOND = 0.5  # of the rows, that may saturate before the format is doubted


def encoded(
    formats: Mapping[Any, Format],
    X: Any,
    *,
    codes: bool = False,
    sample_time: float | None = None,
    doubts: bool = True,
    remembers: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Raw codes of a log, which has one row each `sample_time`, and the borders of its segments.

    Where a format `doubts` its channel, most of which saturates, there is a warning. Where nothing
    `remembers` rows before, segments do not matter, and rows need have no rate.
    """
    table = columns_of(formats, X)
    bounds = np.array([0, len(table)])
    if is_log(X) and (remembers or sample_time is not None):
        bounds = segments(X, sample_time=sample_time)
    if len(table) == 0:
        raise InvalidLogError("X must hold rows; got none")
    if doubts and not codes:
        _doubt(formats, table)
    return raw_codes(formats, table, codes), bounds


def columns_of(formats: Mapping[Any, Format], X: Any) -> np.ndarray:
    """The channels of a row, numbers in the order of the program."""
    names = list(formats)
    if isinstance(X, pd.DataFrame):
        missing = [name for name in names if name not in X.columns]
        if missing:
            raise InvalidLogError(f"X must have the channels {', '.join(map(repr, missing))}")
        for name in names:
            dtype = X[name].dtype
            if not pd.api.types.is_numeric_dtype(dtype) or dtype.kind == "c":
                raise InvalidLogError(f"channel {name!r} must hold real numbers; got {dtype}")
        return X[names].to_numpy(dtype=np.float64, na_value=np.nan)
    table = np.asarray(X)
    if table.ndim != 2 or table.shape[1] != len(names):
        raise InvalidLogError(
            f"X must have {len(names)} channels; got an array of shape {table.shape}"
        )
    if table.dtype.kind not in "fiub":
        raise InvalidLogError(f"X must hold real numbers; got an array of {table.dtype}")
    return table


def raw_codes(formats: Mapping[Any, Format], table: np.ndarray, codes: bool) -> np.ndarray:
    """The codes of rows that are in the units of the channels, or are codes."""
    if codes:
        with np.errstate(invalid="ignore"):  # NaN is no whole number, and differs below
            whole = table.astype(np.int64)
        if (whole != table).any():
            raise InvalidParameterError("codes=True needs whole numbers; got values in between")
        return whole
    out = np.empty(table.shape, dtype=np.int64)
    for k, (name, one) in enumerate(formats.items()):
        try:
            out[:, k] = one.encode(table[:, k])
        except InvalidParameterError as error:
            raise InvalidParameterError(f"channel {name!r}: {error}") from None
    return out


def _doubt(formats: Mapping[Any, Format], table: np.ndarray) -> None:
    """Warn of channels that mostly saturate."""
    for k, (name, one) in enumerate(formats.items()):
        share = float(np.mean(one.beyond(table[:, k])))
        if share > _MOST_BEYOND:
            ends = [one.lsb * code + one.offset for code in (one.low, one.high)]
            warnings.warn(
                f"channel {name!r} saturates in {share:.0%} of the rows: its format holds "
                f"{ends[0]:g} to {ends[1]:g}, and the rows are from {np.nanmin(table[:, k]):g} to "
                f"{np.nanmax(table[:, k]):g}; mend lsb, offset or bits of its Format",
                UserWarning,
                stacklevel=5,
            )
