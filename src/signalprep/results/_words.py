"""Words that several results share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def place_of(table: pd.DataFrame, cell: Any) -> str:
    """Words for a cell: its regime variables and labels."""
    labels = cell if isinstance(cell, tuple) else (cell,)
    return ", ".join(f"{n} {label}" for n, label in zip(table.index.names, labels, strict=True))
