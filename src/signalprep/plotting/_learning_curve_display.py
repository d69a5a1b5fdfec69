"""LearningCurveDisplay: errors against the number of training cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalprep.results import LearningCurve

STYLES: dict[str, dict[str, Any]] = {
    "test": {"color": "#1d4ed8", "marker": "o", "label": "unseen cycles"},
    "train": {"color": "#b45309", "marker": "s", "linestyle": "--", "label": "training cycles"},
}
MARKS = {"simpler": "v", "more flexible": "^"}


class LearningCurveDisplay:
    """Training and test error against the number of training cycles, with the reference models.

    Bands show the spread over the repeats. Make one with :meth:`from_curve`.

    Parameters
    ----------
    table, references : DataFrame
        As ``cycle_learning_curve(...)`` gives them.
    unit : str, default=""
        Unit of the errors.

    Attributes
    ----------
    figure_ : Figure
        What was drawn on.
    ax_ : Axes
        Where it was drawn.
    lines_ : dict of str to Line2D
        The lines, by "test" and "train", and the marks of the reference models by their names.

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> table = pd.DataFrame({"train": [1.0, 1.2], "test": [3.0, 2.0], "train_std": 0.1,
    ...                       "test_std": 0.2}, index=[4, 8])
    >>> display = sp.LearningCurveDisplay(table, pd.DataFrame({"rmse": []}), unit="K").plot()
    >>> display.ax_.get_ylabel()
    'RMSE [K]'
    """

    figure_: Any
    ax_: Any
    lines_: dict[str, Any]

    def __init__(self, table: pd.DataFrame, references: pd.DataFrame, *, unit: str = "") -> None:
        self.table = table
        self.references = references
        self.unit = unit

    @classmethod
    def from_curve(cls, curve: LearningCurve, *, ax: Axes | None = None) -> LearningCurveDisplay:
        """Draw what :func:`~signalprep.cycle_learning_curve` found.

        Parameters
        ----------
        curve : LearningCurve
            What to draw.
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : LearningCurveDisplay
        """
        return cls(curve.table, curve.references, unit=curve.unit).plot(ax)

    def plot(self, ax: Axes | None = None) -> LearningCurveDisplay:
        """Draw the lines.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        self : LearningCurveDisplay
        """
        import matplotlib.pyplot as plt
        from matplotlib.ticker import MaxNLocator

        if ax is None:
            self.figure_, ax = plt.subplots(figsize=(6.4, 4.0), layout="constrained")
        else:
            self.figure_ = ax.figure
        self.ax_, self.lines_ = ax, {}
        n_cycles = self.table.index.to_numpy()
        for part, style in STYLES.items():
            value, spread = self.table[part], self.table[f"{part}_std"]
            (self.lines_[part],) = ax.plot(n_cycles, value, **style)
            ax.fill_between(
                n_cycles, value - spread, value + spread, color=style["color"], alpha=0.15, lw=0
            )
        for name, mark in MARKS.items():
            if name in self.references.index:
                error = self.references.loc[name, "rmse"]
                (self.lines_[name],) = ax.plot(
                    n_cycles[-1:],
                    np.array([error], dtype=float),
                    mark,
                    color="#111827",
                    mfc="none",
                    label=f"{name} model",
                )
        ax.set_ylim(bottom=0)
        ax.set_xlabel("training cycles")
        ax.set_ylabel(METRICS["rmse"].label(self.unit), parse_math=False)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False)
        return self
