"""DiagnosisDisplay: cold start, autocorrelation and spread of the errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalprep.results import Diagnosis

BLUE, GREY = "#1d4ed8", "#6b7280"


class DiagnosisDisplay:
    """Three pictures of the errors on unseen cycles.

    From the left: RMSE against the time since the start of the cycle, autocorrelation of the errors
    against the lag, RMSE against the prediction; intervals over cycles as bars.

    Parameters
    ----------
    diagnosis : Diagnosis
        As :func:`~signalprep.diagnose` gives it.

    Attributes
    ----------
    figure_ : Figure
        What was drawn on.
    axes_ : ndarray of three Axes
        From the left.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> log = sp.datasets.simulate_pmsm(n_cycles=4, rate=0.5, random_state=0)
    >>> result = sp.validate(Ridge(), log[["i_q"]], log["T_pm"], cv=2, n_bootstrap=50)
    >>> sp.DiagnosisDisplay.from_diagnosis(sp.diagnose(result)).axes_.shape
    (3,)
    """

    figure_: Any
    axes_: np.ndarray

    def __init__(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis

    @classmethod
    def from_diagnosis(
        cls, diagnosis: Diagnosis, *, axes: Sequence[Axes] | None = None
    ) -> DiagnosisDisplay:
        """Draw what :func:`~signalprep.diagnose` found.

        Parameters
        ----------
        diagnosis : Diagnosis
            What to draw.
        axes : sequence of three Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : DiagnosisDisplay
        """
        return cls(diagnosis).plot(axes)

    def plot(self, axes: Sequence[Axes] | None = None) -> DiagnosisDisplay:
        """Draw the three pictures.

        Parameters
        ----------
        axes : sequence of three Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        self : DiagnosisDisplay

        Raises
        ------
        InvalidParameterError
            Not three axes.
        """
        import matplotlib.pyplot as plt

        if axes is None:
            self.figure_, found = plt.subplots(1, 3, figsize=(10.5, 3.4), layout="constrained")
            self.axes_ = np.asarray(found)
        else:
            self.axes_ = np.array(axes, dtype=object).ravel()
            if len(self.axes_) != 3:
                raise InvalidParameterError(f"axes must be three Axes; got {len(self.axes_)}")
            self.figure_ = self.axes_[0].figure
        found = self.diagnosis
        label = METRICS["rmse"].label(found.unit)
        start, memory, spread = self.axes_
        _with_intervals(start, found.cold_start, "seconds")
        start.axhline(found.settled["rmse"], color=GREY, lw=1, ls="--", label="second half")
        start.set_xscale("log")
        start.set(xlabel="time since the start of the cycle [s]", ylim=(0, None))
        start.legend(frameon=False, fontsize=8)
        memory.plot(found.autocorrelation.index, found.autocorrelation, color=BLUE)
        memory.axhline(0, color=GREY, lw=0.8)
        if not math.isnan(found.autocorrelation_time):
            memory.axvline(found.autocorrelation_time, color=GREY, lw=1, ls="--")
        memory.set(xlabel="lag [s]", ylabel="autocorrelation of the error")
        _with_intervals(spread, found.spread, "prediction")
        spread.set(xlabel="prediction", ylim=(0, None))
        for ax in (start, spread):
            ax.set_ylabel(label, parse_math=False)
        for ax in self.axes_:
            ax.spines[["top", "right"]].set_visible(False)
        return self


def _with_intervals(ax: Axes, table: pd.DataFrame, place: str) -> None:
    value = table["rmse"].to_numpy(dtype=float)
    ends = [table[f"rmse_{end}"].to_numpy(dtype=float) for end in ("low", "high")]
    reach = np.nan_to_num(np.abs(np.stack(ends) - value))
    ax.errorbar(table[place], value, yerr=reach, fmt="o-", color=BLUE, capsize=2, lw=1.2, ms=4)
