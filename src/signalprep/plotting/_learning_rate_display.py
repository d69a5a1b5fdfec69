"""LearningRateDisplay: the loss over a rising learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalprep.neural import LearningRateRange

BLUE, PALE, ORANGE = "#1d4ed8", "#93a3c8", "#b45309"
HIGHEST = 2.0  # the picture ends at so many times the loss of the untrained network


class LearningRateDisplay:
    """Loss over the learning rate, as a share of the untrained network's, with the suggestion.

    Make one with :meth:`from_range`.

    Parameters
    ----------
    table : DataFrame
        With the columns ``learning_rate``, ``loss``, ``untrained`` and ``smoothed``.
    suggestion : float, default=nan
        The rate to mark; NaN marks none.

    Attributes
    ----------
    figure_ : Figure
        What was drawn on.
    ax_ : Axes
        Where it was drawn.
    lines_ : dict of str to Line2D
        By "loss", "smoothed" and, where there is one, "suggestion".

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> table = pd.DataFrame({"learning_rate": [1e-3, 1e-2, 1e-1], "loss": [1.0, 0.5, 2.0],
    ...                       "untrained": 1.0, "smoothed": [1.0, 0.6, 1.5]})
    >>> display = sp.LearningRateDisplay(table, suggestion=3e-3).plot()
    >>> display.lines_["suggestion"].get_label()
    'suggestion: 0.003'
    """

    figure_: Any
    ax_: Any
    lines_: dict[str, Any]

    def __init__(self, table: pd.DataFrame, suggestion: float = np.nan) -> None:
        self.table = table
        self.suggestion = suggestion

    @classmethod
    def from_range(cls, found: LearningRateRange, *, ax: Axes | None = None) -> LearningRateDisplay:
        """Draw what :func:`~signalprep.neural.learning_rate_range_test` found.

        Parameters
        ----------
        found : LearningRateRange
            What to draw.
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : LearningRateDisplay
        """
        return cls(found.table, found.suggestion).plot(ax)

    def plot(self, ax: Axes | None = None) -> LearningRateDisplay:
        """Draw the lines.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        self : LearningRateDisplay
        """
        import matplotlib.pyplot as plt

        if ax is None:
            self.figure_, ax = plt.subplots(figsize=(6.4, 4.0), layout="constrained")
        else:
            self.figure_ = ax.figure
        self.ax_, self.lines_ = ax, {}
        rate, smoothed = self.table["learning_rate"], self.table["smoothed"]
        known = self.table["untrained"].where(self.table["untrained"] > 0.0)
        (self.lines_["loss"],) = ax.plot(
            rate, self.table["loss"] / known, color=PALE, lw=0.8, label="each batch"
        )
        (self.lines_["smoothed"],) = ax.plot(rate, smoothed, color=BLUE, lw=1.8, label="smoothed")
        if np.isfinite(self.suggestion):
            self.lines_["suggestion"] = ax.axvline(
                self.suggestion,
                color=ORANGE,
                ls="--",
                label=f"suggestion: {self.suggestion:.2g}",
            )
        ax.set_xscale("log")
        ax.set_ylim(0.0, HIGHEST)
        ax.set_xlabel("learning rate")
        ax.set_ylabel("loss / loss of the untrained network")
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False)
        return self
