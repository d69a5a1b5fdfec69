"""How much of each tested cycle lies within its prediction intervals, by cell."""

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
    """Promised and found coverage, and width, overall or in each cell."""
    if "low" not in validation.predictions:
        raise InvalidParameterError(
            "band_coverage needs an estimator with predict_interval, such as ConformalBands; the "
            "validated one has none"
        )
    return _coverage(validation, validation.regimes)


def overall_coverage(validation: Validation) -> pd.Series:
    """The row of `band_coverage` for all tested rows."""
    return _coverage(validation, None).iloc[0]


def _coverage(validation: Validation, regimes: pd.DataFrame | None) -> pd.DataFrame:
    rows, settings = validation.predictions, validation.settings
    found = pd.DataFrame(
        {
            "within": rows["truth"].between(rows["low"], rows["high"]).astype(np.float64),
            "width": rows["high"] - rows["low"],
        }
    )
    labels = [] if regimes is None else [regimes[name] for name in regimes]
    # A visit of a cell by a cycle is one row, so that cycles count alike, as the bands promise it.
    groups = [rows.index.get_level_values(0), *labels]
    visits = found.groupby(groups, sort=False, observed=True).mean()
    cycles = visits.index.get_level_values(0)
    cells = visits.index.to_frame(index=False).iloc[:, 1:] if labels else None
    options: dict[str, Any] = {key: settings[key] for key in OF_METRICS if key in settings}
    options["groups"] = validation.groups
    cover = _means(visits["within"], cells, cycles, **options)
    by_row = _means(found["within"], regimes, rows.index.get_level_values(0), n_bootstrap=0)
    table = pd.DataFrame(index=cover.index)
    table["n"] = by_row["n"].astype(np.int64)
    table["n_cycles"] = cover["n_cycles"].astype(np.int64)
    table["promised"] = settings.get("coverage", np.nan)
    table["coverage"] = cover["bias"].astype(np.float64)
    low, high = (cover[f"bias_{end}"].astype(np.float64).clip(0.0, 1.0) for end in ("low", "high"))
    ends = _open(table["coverage"], low, high, cover["n_groups"], validation.confidence)
    table["coverage_low"], table["coverage_high"] = ends
    table["of_rows"] = by_row["bias"].astype(np.float64)
    table["width"] = _means(visits["width"], cells, cycles, n_bootstrap=0)["bias"].astype(float)
    table["evidence"] = cover["evidence"].astype(bool)
    return table


def _means(values: pd.Series, labels: Any, cycles: Any, **options: Any) -> pd.DataFrame:
    """Mean of the values: the bias of a prediction by them where the truth is zero."""
    nothing, cycles = np.zeros(len(values)), np.asarray(cycles)
    if labels is None:
        found = overall_metrics(nothing, values.to_numpy(), cycles, **options)
        return found.to_frame("overall").T
    labels = labels.reset_index(drop=True)
    return regime_metrics(nothing, values.to_numpy(), labels, cycles, **options)


def _open(
    share: pd.Series, low: pd.Series, high: pd.Series, n_drawn: pd.Series, confidence: float
) -> tuple[pd.Series, pd.Series]:
    """Ends that are not shut where all cycles lie within, or none does.

    If a cycle lay outside with probability p, n cycles within would be seen with (1 - p)^n.
    """
    reach = ((1.0 - confidence) / 2.0) ** (1.0 / n_drawn.astype(np.float64).clip(lower=1.0))
    known = low.notna()
    low = low.mask(known & (share == 1.0), reach)
    return low, high.mask(known & (share == 0.0), 1.0 - reach)
