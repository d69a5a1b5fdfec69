"""Tables whose intervals are made longer by a factor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from signalprep.metrics._catalogue import main_metric, metrics_of
from signalprep.metrics._implied_ends import Bounds, widen_to_agree
from signalprep.metrics._studentized import FARTHEST
from signalprep.metrics._task import TaskName

__all__ = ["inflated"]


def inflated(table: pd.DataFrame, factor: float, task: TaskName) -> pd.DataFrame:
    """Move both ends of every interval away from the value, by a factor of their distance.

    Errors move on the scale of their logarithm, R2 on that of 1 - R2, the bias and scores as they
    are; no end leaves the range of its metric, nor lies farther than three times the largest error
    unless it did.
    """
    table = table.copy()
    most = FARTHEST * table["max"].to_numpy(dtype=float) if "max" in table else np.inf
    bounds: Bounds = {}
    for metric in metrics_of(task, interval=True):
        value, low, high = (
            table[f"{metric.name}{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high")
        )
        if metric.better == "less":
            low, top = (_on_logarithm(value, end, factor) for end in (low, high))
            high = np.maximum(high, np.fmin(top, most))  # no end where there was none
        elif metric.lowest < 0.0:
            low, high = (1.0 - _on_logarithm(1.0 - value, 1.0 - end, factor) for end in (low, high))
        else:
            low, high = (value + factor * (end - value) for end in (low, high))
            if metric.better == "more":
                low, high = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
        bounds[metric.name] = low, high
    if task is TaskName.REGRESSION:
        widen_to_agree(bounds, table)
    for name, (low, high) in bounds.items():
        table[f"{name}_low"], table[f"{name}_high"] = low, high
    table["weak"] = main_metric(task).weak_in(table)
    return table


def _on_logarithm(value: np.ndarray, end: np.ndarray, factor: float) -> np.ndarray:
    """An end moved away by a factor of its distance in logarithms; a value of 0 stays as it is."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        moved = value * (end / value) ** factor
    return np.where(value > 0.0, moved, end)
