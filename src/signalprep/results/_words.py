"""Words that several results share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from signalprep.results._worst_first import worst_first
from signalprep.wording import WEAK, interval_text

if TYPE_CHECKING:
    import pandas as pd

    from signalprep.metrics import Metric


def place_words(table: pd.DataFrame, cell: Any) -> str:
    """Words for a cell: its regime variables and labels."""
    labels = cell if isinstance(cell, tuple) else (cell,)
    return ", ".join(f"{n} {label}" for n, label in zip(table.index.names, labels, strict=True))


def between(low: float, high: float, form: str, weak: bool) -> str:
    """Words for an interval, that there is none included."""
    if math.isnan(low) or math.isnan(high):
        return "no interval"
    return interval_text(f"{low:{form}} to {high:{form}}", weak)


def cell_lines(table: pd.DataFrame, metric: Metric, shown: Callable[[float], str]) -> list[str]:
    """How many cells have evidence, how many of them are weak, and the worst of the others."""
    seen = worst_first(table[table["evidence"]], metric)
    n_weak = int(metric.weak_in(seen).sum())
    lines = [f"{len(seen)} of {len(table)} regimes have evidence"]
    if n_weak:
        lines[0] += f", {n_weak} of them {WEAK}"
    if len(seen) > n_weak:
        name = "worst of the others" if n_weak else "worst"
        worst, value = place_words(seen, seen.index[0]), float(seen[metric.name].iloc[0])
        lines.append(f"{name}: {metric.short_title} {shown(value)} at {worst}")
    return lines
