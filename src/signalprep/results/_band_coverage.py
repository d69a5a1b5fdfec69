"""How many of the tested rows lie within their prediction interval, by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics import overall_metrics, regime_metrics

if TYPE_CHECKING:
    from signalprep.results._validation import Validation

OF_METRICS = ("confidence", "min_cycles", "n_bootstrap")


def band_coverage(validation: Validation) -> pd.DataFrame:
    """Coverage and width of the intervals, overall or in each cell."""
    found = validation.predictions
    if "low" not in found:
        raise InvalidParameterError(
            "band_coverage needs an estimator with predict_interval, such as ConformalBands; the "
            "validated one has none"
        )
    within = found["truth"].between(found["low"], found["high"]).astype(np.float64)
    width = found["high"] - found["low"]
    nothing = pd.Series(0.0, found.index)
    known = validation.settings
    options: dict[str, Any] = {key: known[key] for key in OF_METRICS if key in known}
    options["groups"] = validation.groups
    if validation.regimes is None:
        cover, size = (
            overall_metrics(nothing, values, **options).to_frame("overall").T
            for values in (within, width)
        )
    else:
        cover, size = (
            regime_metrics(nothing, values, validation.regimes, **options)
            for values in (within, width)
        )
    table = cover[["n", "n_cycles"]].astype(np.int64)
    table["coverage"] = cover["bias"].astype(np.float64)  # the mean of ones and zeros
    for end in ("low", "high"):
        table[f"coverage_{end}"] = cover[f"bias_{end}"].astype(np.float64).clip(0.0, 1.0)
    table["width"] = size["bias"].astype(np.float64)
    table["evidence"] = cover["evidence"].astype(bool)
    return table
