"""Numbers and labels from text cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.io._dialect import GROUPED, is_number

_WORDS = {"true": 1.0, "false": 0.0}
_SWAP = str.maketrans(",.", ".,")


def parse(text: pd.Series, decimal: str) -> np.ndarray:
    """Numbers of the cells, NaN where a cell is missing or is no number with this decimal mark."""
    present = text.dropna().astype(str).str.strip()
    values = np.full(len(text), np.nan)
    words = present.str.lower().isin(list(_WORDS))
    if len(present) and words.all():
        numbers = present.str.lower().map(_WORDS)
    else:
        plain = present.str.translate(_SWAP) if decimal == "," else present
        numbers = pd.to_numeric(plain, errors="coerce")
    values[text.notna().to_numpy()] = numbers.to_numpy(dtype=np.float64)
    return values


def unreadable(text: pd.Series, values: np.ndarray) -> np.ndarray:
    """Which cells hold something that did not become a number."""
    wrong = text.notna().to_numpy() & np.isnan(values)
    rows = np.flatnonzero(wrong)
    wrong[rows] = [str(text.iloc[row]).strip().lower() not in ("nan", "") for row in rows]
    return wrong


def numbers_or_labels(
    text: pd.Series,
    decimal: str,
    *,
    column: str,
    file: str,
    coerce: bool,
    place: Callable[[int], str],
) -> tuple[np.ndarray | pd.Series, int]:
    """Make a text column numeric, or leave it as labels when it holds no number at all.

    Returns the column and the number of cells that were coerced to missing. A column that mixes
    numbers with other text, or holds numbers written in another way, is an error unless `coerce`.
    """
    values = parse(text, decimal)
    wrong = unreadable(text, values)
    if not wrong.any():
        return values, 0
    others = text[wrong].astype(str).str.strip()
    grouped = others.map(lambda cell: GROUPED.fullmatch(cell) is not None)
    mark = "," if decimal == "." else "."
    numeric = grouped | others.map(lambda cell: is_number(cell, mark))
    if not np.isfinite(values).any() and not numeric.any():
        return text, 0
    if coerce:
        return values, int(wrong.sum())
    row = int(np.argmax(wrong))
    thousands = "; thousands must not be separated" if grouped.any() else ""
    raise InvalidLogError(
        f"{file}: column {column!r} must hold numbers; found {text.iloc[row]!r} at {place(row)} "
        f"({int(wrong.sum())} such cells{thousands}); coerce=True reads them as missing, columns= "
        "can leave the column out"
    )
