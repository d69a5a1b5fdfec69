"""CompressionSweepDisplay: errors against what they cost on a controller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from signalprep.errors import InvalidParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalprep.embedded import CompressionSweep

_AXES = {"instructions": "instructions a row, at most", "flash": "flash / B", "ram": "RAM / B"}
_KINDS = {"worst": ("worst cell", "s", "#b91c1c"), "error": ("all rows", "o", "#1d4ed8")}


class CompressionSweepDisplay:
    """Errors of the points of a sweep against a cost, with those of the float model as lines.

    A line joins the points that err less than all that cost no more. Make one with
    :meth:`from_sweep`.

    Parameters
    ----------
    costs : ndarray of shape (n_points,)
    errors : dict of {kind: ndarray of shape (n_points,)}
        Of "error", over all rows, and "worst", in the worst cell, where there are cells.
    reference : dict of {kind: float}
        Of the float model.
    cost : {"instructions", "flash", "ram"}
    metric : str

    Attributes
    ----------
    figure_ : Figure
        What was drawn on.
    ax_ : Axes
        Where it was drawn.

    Examples
    --------
    >>> import numpy as np
    >>> from signalprep import CompressionSweepDisplay
    >>> errors = {"error": np.array([3.0, 2.0])}
    >>> costs = np.array([100, 200])
    >>> display = CompressionSweepDisplay(costs, errors, {"error": 1.9}, "flash", "rmse").plot()
    >>> display.ax_.get_xlabel()
    'flash / B'
    """

    figure_: Any
    ax_: Any

    def __init__(
        self,
        costs: np.ndarray,
        errors: dict[str, np.ndarray],
        reference: dict[str, float],
        cost: str,
        metric: str,
    ) -> None:
        self.costs, self.errors, self.reference = costs, errors, reference
        self.cost, self.metric = cost, metric

    @classmethod
    def from_sweep(
        cls, sweep: CompressionSweep, cost: str = "instructions", *, ax: Axes | None = None
    ) -> CompressionSweepDisplay:
        """Draw a sweep.

        Parameters
        ----------
        sweep : CompressionSweep
        cost : {"instructions", "flash", "ram"}, default="instructions"
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : CompressionSweepDisplay

        Raises
        ------
        InvalidParameterError
            There is no such cost.
        """
        if cost not in _AXES:
            raise InvalidParameterError(f"cost must be one of {tuple(_AXES)}; got {cost!r}")
        errors = {kind: sweep.table[kind].to_numpy(dtype=float) for kind in _KINDS}
        errors = {kind: one for kind, one in errors.items() if not np.isnan(one).all()}
        known = sweep.reference
        reference = {} if known is None else {kind: float(known[kind]) for kind in errors}
        return cls(sweep.table[cost].to_numpy(), errors, reference, cost, sweep.metric).plot(ax=ax)

    def plot(self, *, ax: Axes | None = None) -> CompressionSweepDisplay:
        """Draw it.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : CompressionSweepDisplay
        """
        if ax is None:
            from matplotlib import pyplot as plt

            ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")[1]
        for kind, values in self.errors.items():
            words, marker, colour = _KINDS[kind]
            ax.plot(self.costs, values, marker, color=colour, alpha=0.45, markeredgewidth=0)
            best = _front(self.costs, values)
            ax.plot(self.costs[best], values[best], marker=marker, color=colour, label=words)
            if kind in self.reference:
                ax.axhline(
                    self.reference[kind], color=colour, linestyle=":", label=f"{words}, float"
                )
        ax.set_yscale("log")
        ax.set_xlabel(_AXES[self.cost])
        ax.set_ylabel(self.metric)
        ax.legend(fontsize="small")
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _front(costs: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Points, by cost, that err less than all that cost no more."""
    order = np.lexsort((errors, costs))
    least = np.minimum.accumulate(np.concatenate([[np.inf], errors[order]]))[:-1]
    return order[errors[order] < least]
