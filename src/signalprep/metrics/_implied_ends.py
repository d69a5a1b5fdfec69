"""What the interval of one error metric implies for that of another."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["Bounds", "widen_to_agree"]

Bounds = dict[str, tuple[np.ndarray, np.ndarray]]
"""Lower and upper ends by metric, each of shape (n_cells,)."""

P95_TO_RMSE = 20.0**0.5
"""At most 5 % of rows have an error above sqrt(20) times the RMSE (Markov's inequality)."""


def widen_to_agree(bounds: Bounds, points: pd.DataFrame) -> None:
    """Widen ends in place until none contradicts another.

    |bias| <= MAE <= RMSE and p95 <= sqrt(20) RMSE hold whatever the errors are; the largest error
    has no upper end, and nothing else is implied. No interval becomes narrower, but for the upper
    end of p95, which is no larger than RMSE's allows.

    The sample says little about the far tail of errors that few cycles have: no threshold above
    the largest error seen can be told from it. So p95 is taken to be as unsure above as RMSE, whose
    upper end reaches beyond the sample.
    """
    bias_low, bias_high = bounds["bias"]
    (mae_low, mae_high), (rmse_low, rmse_high) = bounds["mae"], bounds["rmse"]
    p95_low, p95_high = bounds["p95"]
    with np.errstate(divide="ignore", invalid="ignore"):
        np.fmax(mae_high, np.fmax(-bias_low, bias_high), out=mae_high)
        np.fmax(rmse_high, mae_high, out=rmse_high)
        np.fmin(mae_low, rmse_low, out=mae_low)
        np.copyto(bias_low, mae_low, where=bias_low > mae_low)
        np.copyto(bias_high, -mae_low, where=bias_high < -mae_low)
        relative = rmse_high / points["rmse"].to_numpy(dtype=float)
        np.fmax(p95_high, points["p95"].to_numpy(dtype=float) * relative, out=p95_high)
        np.minimum(p95_high, P95_TO_RMSE * rmse_high, out=p95_high)
        np.fmin(p95_low, P95_TO_RMSE * rmse_low, out=p95_low)
