"""Samples of which some channels hold words: arrays of objects, numbers where it comes to steps."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike

from signalprep._base import SignalTransformer, read_channels
from signalprep.errors import InvalidLogError, InvalidParameterError

__all__ = ["as_columns", "beside_words", "refuse_words", "settled"]


def settled(x: np.ndarray, dtype: DTypeLike | None = None) -> np.ndarray:
    """Samples (n_channels, n_samples) as numbers, if they are; else each channel that is numbers.

    The numbers get `dtype`, by default the one that they have.
    """
    if x.dtype != object:
        return x if dtype is None else x.astype(dtype, copy=False)
    rows = [_as_numbers(row, dtype) for row in x]
    if all(row is not None for row in rows):
        return np.array(rows)
    out = x.copy()
    for k, row in enumerate(rows):
        if row is not None:
            out[k] = list(row)  # with their type
    return out


def _as_numbers(values: np.ndarray, dtype: DTypeLike | None) -> np.ndarray | None:
    """Numbers among which a missing value is NaN; None of anything else."""
    missing = pd.isna(values)
    if not all(isinstance(value, (numbers.Real, np.bool_)) for value in values[~missing]):
        return None
    return np.array([np.nan if gone else v for gone, v in zip(missing, values, strict=True)], dtype)


def words_in(x: np.ndarray) -> np.ndarray:
    """Positions of the channels that hold something else than numbers."""
    if x.dtype != object:
        return np.array([], dtype=np.int64)
    return np.array([k for k, row in enumerate(x) if _as_numbers(row, None) is None], np.int64)


def as_columns(x: np.ndarray, names: Any) -> pd.DataFrame:
    """Samples as a frame, each channel of its own type."""
    columns = {}
    for name, row in zip(names, x, strict=True):
        found = _as_numbers(row, None)
        columns[name] = row if found is None else found
    return pd.DataFrame(columns)


def refuse_words(step: SignalTransformer, path: str, x: np.ndarray) -> np.ndarray:
    """Positions of the channels of words; raise where the step computes with one."""
    names = [*getattr(step, "feature_names_in_", [f"x{k}" for k in range(len(x))])]
    words, read = words_in(x), read_channels(step, names)
    for k in words:
        if k in read:
            raise InvalidLogError(
                f"step {path!r} computes with channel {names[k]!r}, which must hold numbers; got "
                f"{x[k][0]!r}"
            )
    return words


def beside_words(
    step: SignalTransformer, path: str, push: Callable[[np.ndarray], np.ndarray], x: np.ndarray
) -> np.ndarray:
    """Outputs of a step of which some channels hold words, which pass."""
    names = [*getattr(step, "feature_names_in_", [f"x{k}" for k in range(len(x))])]
    words = refuse_words(step, path, x)
    if getattr(step, "split_", None) is not None:
        raise InvalidParameterError(
            f"step {path!r} with by= cannot be streamed beside channels of words yet"
        )
    bare = x.copy()
    bare[words] = 0.0
    out = push(settled(bare))
    if not len(words):
        return out
    out = out.astype(object)
    names_out = list(step.get_feature_names_out())
    for k in words:
        if names[k] in names_out:
            out[names_out.index(names[k])] = x[k]
    return out
