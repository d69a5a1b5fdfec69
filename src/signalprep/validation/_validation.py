"""Validation: what validate() found, as plain tables."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from signalprep.quality import LogCheck


@dataclass(frozen=True)
class Validation:
    """The errors of a model on cycles it has not seen, and what they rest on.

    Made by :func:`signalprep.validate`. Tables, plots and the page only read it.

    Attributes
    ----------
    overall : Series
        Over all rows: ``n``, ``n_cycles``, ``bias``, ``mae``, ``rmse``, ``p95``, ``max``, ``r2``,
        ``share``, and ``<metric>_low`` and ``<metric>_high``, the ends of the interval over cycles.
    by_regime : DataFrame or None
        The same for each cell of the operating map (one index level a regime variable), with
        ``evidence``: whether enough cycles were seen. None without `regimes`.
    by_cycle : DataFrame
        The same for each cycle, without intervals; ``fold`` names the fold that tested it.
    predictions : DataFrame
        One row a tested sample, indexed (cycle, time): ``fold``, ``truth``, ``prediction``,
        with regimes also ``regime`` (the cell's label) and ``extrapolated`` (whether a regime
        variable lay beyond the range of the fold's training rows).
    regimes : DataFrame or None
        Labels of the tested rows, one ordered categorical a regime variable, in the order of
        `predictions`.
    folds : DataFrame
        One row a fold: ``n_train_cycles``, ``n_test_cycles``, ``n_train_rows``, ``n_test_rows``,
        ``fit_seconds``, ``predict_seconds``.
    steps : DataFrame
        One row a step of the pipeline: ``step``, ``estimator``, ``lookahead``, ``memory``,
        ``delay`` (samples of the log; the last row is the sum over the pipeline).
    quality : LogCheck
        Data quality of the log that was validated.
    target : str
        Name of the target.
    units : dict
        Unit of each signal whose unit is known.
    rate : float
        Sampling rate of the log in Hz.
    settings : dict
        How it was computed: splitter, confidence, resamples, versions.
    """

    overall: pd.Series
    by_regime: pd.DataFrame | None
    by_cycle: pd.DataFrame
    predictions: pd.DataFrame
    regimes: pd.DataFrame | None
    folds: pd.DataFrame
    steps: pd.DataFrame
    quality: LogCheck
    target: str
    rate: float
    units: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        from signalprep.plotting import error_unit

        unit = error_unit(self.units.get(self.target, ""))
        unit = f" {unit}" if unit else ""
        o = self.overall
        lines = [
            f"Validation of {self.target!r}: {int(o['n_cycles'])} cycles, {int(o['n'])} rows, "
            f"{len(self.folds)} folds",
            f"  RMSE {o['rmse']:.4g}{unit} ({o['rmse_low']:.4g} to {o['rmse_high']:.4g}), "
            f"bias {o['bias']:.3g}{unit}, 95 % of errors below {o['p95']:.4g}{unit}, "
            f"R2 {o['r2']:.3f}",
        ]
        if self.by_regime is not None:
            seen = self.by_regime[self.by_regime["evidence"]]
            lines.append(f"  {len(seen)} of {len(self.by_regime)} regimes have evidence")
            if len(seen):
                cell = seen["rmse"].idxmax()
                where = cell if isinstance(cell, tuple) else (cell,)
                names = seen.index.names
                place = ", ".join(f"{n} {v}" for n, v in zip(names, where, strict=True))
                lines.append(f"  worst: RMSE {seen['rmse'].max():.4g}{unit} at {place}")
        return "\n".join(lines)

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the report: one self-contained HTML page.

        Parameters
        ----------
        path : path-like
            File to write; replaced in one step, never left half written.
        """
        from signalprep.report import write_report

        write_report(self, path)

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Write the tables (without `predictions`) as JSON.

        Parameters
        ----------
        path : path-like
            File to write; replaced in one step.
        """
        from signalprep.report import write_json

        write_json(self, path)
