"""Diagnosis: what the errors of a validation look like over time and over the prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from signalprep import _doors


@dataclass(frozen=True)
class Diagnosis:
    """Cold start, memory and spread of the errors on unseen cycles.

    Made by :func:`signalprep.diagnose`.

    Attributes
    ----------
    cold_start : DataFrame
        Errors by time since the start of the cycle, in intervals that double; as
        :func:`~signalprep.regime_metrics` gives them, with ``seconds``, the middle of the interval.
    start, settled : Series
        Errors in the first tenth of each cycle, and in its second half, by its own length.
    is_cold : bool
        Whether a cold start is shown: the interval of `start_ratio` lies above 1. False is no
        proof that there is none.
    start_ratio, start_ratio_low, start_ratio_high : float
        RMSE at the start over that in the second half of the same cycle, each cycle counting
        alike, and its interval over cycles; NaN with fewer than two cycles.
    autocorrelation : Series
        Of the errors about their cycle's mean, indexed by lag in seconds; mean over cycles.
    autocorrelation_time : float
        Seconds after which an error tells something new.
    n_effective : float
        Independent samples that the rows are worth.
    spread : DataFrame
        Errors by quantiles of the prediction, with ``prediction``, the middle of the interval.
    spread_p_value : float
        Of the test that the squared error does not depend on the prediction, with standard errors
        over cycles.
    findings : list of str
        What stands out, in words.
    target, unit : str
        Name of the target and unit of its errors.
    """

    cold_start: pd.DataFrame
    start: pd.Series
    settled: pd.Series
    is_cold: bool
    start_ratio: float
    start_ratio_low: float
    start_ratio_high: float
    autocorrelation: pd.Series
    autocorrelation_time: float
    n_effective: float
    spread: pd.DataFrame
    spread_p_value: float
    findings: list[str]
    target: str
    unit: str = ""

    def __repr__(self) -> str:
        return "\n".join([f"Diagnosis of {self.target!r}:", *(f"  {f}" for f in self.findings)])

    def plot(self, *, axes: Any = None) -> _doors.plotting.DiagnosisDisplay:
        """Draw cold start, autocorrelation and spread side by side.

        Parameters
        ----------
        axes : sequence of three Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : DiagnosisDisplay
        """
        return _doors.plotting.DiagnosisDisplay(self).plot(axes)
