"""CompressionSweep: errors against costs for a grid of parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep import _doors

__all__ = ["COSTS", "CompressionSweep"]

COSTS = ("instructions", "flash", "ram")


class CompressionSweep:
    """What every point of a grid errs, overall and in its worst cell, and what it costs.

    Made by :func:`~signalprep.embedded.compression_sweep`.

    Parameters
    ----------
    table : DataFrame
        A row for each point: its parameters; ``error`` over all held-out rows with ``error_low``
        and ``error_high``; ``worst``, the error of the worst cell with evidence, and ``cell``;
        ``saturated``, the share of held-out rows in which something is cut off; ``instructions`` a
        row, ``flash`` and ``ram`` in bytes, all at most, the largest of the folds.
    reference : Series or None
        ``error``, ``error_low``, ``error_high``, ``worst`` and ``cell`` of the float model of the
        first point; None where there is none to be seen.
    parameters : list of str
        Names of the parameters, columns of the table.
    metric : str
    target : str

    Attributes
    ----------
    table : DataFrame
        With ``pareto``: whether no other point errs less, overall and in its worst cell, for as few
        instructions and as little flash.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        reference: pd.Series | None,
        parameters: list[str],
        metric: str,
        target: str,
    ) -> None:
        self.reference, self.parameters = reference, parameters
        self.metric, self.target = metric, target
        self.table = table.assign(pareto=_pareto(table))

    def plot(
        self, cost: str = "instructions", *, ax: Any = None
    ) -> _doors.plotting.CompressionSweepDisplay:
        """Draw errors against a cost, what no other point beats joined by a line.

        Parameters
        ----------
        cost : {"instructions", "flash", "ram"}, default="instructions"
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : CompressionSweepDisplay
        """
        return _doors.plotting.CompressionSweepDisplay.from_sweep(self, cost, ax=ax)

    def __repr__(self) -> str:
        shown = self.table.loc[
            self.table["pareto"], [*self.parameters, "error", "worst", "cell", *COSTS]
        ]
        said = f"{len(self.table)} points, {len(shown)} of which no other beats"
        lines = [f"Compression of {self.target!r} by {self.metric}: {said}"]
        if self.reference is not None:
            error, worst = self.reference["error"], self.reference["worst"]
            beyond = "" if np.isnan(worst) else f", in its worst cell {worst:.4g}"
            lines.append(f"  float: {error:.4g}{beyond}")
        return "\n".join([*lines, shown.to_string(index=False, float_format="{:.4g}".format)])


def _pareto(table: pd.DataFrame) -> np.ndarray:
    """Points that no other beats in errors for at most the same costs."""
    known = table[["error", "worst", "instructions", "flash"]].to_numpy(dtype=float)
    known = np.where(np.isnan(known), 0.0, known)  # without cells nothing is the worst
    no_more = (known[None, :, :] <= known[:, None, :]).all(axis=2)
    less = (known[None, :, :] < known[:, None, :]).any(axis=2)
    beaten = np.asarray(no_more & less).any(axis=1)
    return np.logical_not(beaten)
