"""The order of cells in which the worst is looked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from signalprep.metrics import Metric


def worst_first(table: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Cells of a table of metrics, the worst value first.

    Weak ones come after all others, because chance alone may have made them the worst; last come
    those without evidence.
    """
    values = table[metric.name].to_numpy(dtype=float)
    worse = values if metric.better == "more" else -metric.sized(values)
    doubt = np.where(table["evidence"].to_numpy(dtype=bool), metric.weak_in(table), 2)
    return table.iloc[np.lexsort((worse, doubt))]
