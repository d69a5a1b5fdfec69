"""CalibrationDisplay: what integers were asked to hold, beside the codes that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalprep.embedded import CalibrationReport

_PARTS = 96  # of the width, 64 of which are the codes, as many as a histogram has
_BEYOND = 0.25  # of the codes, drawn on both sides
_ROW = 0.16  # inches
_MOST = 12.0  # inches


class CalibrationDisplay:
    """What training rows asked integers to hold, beside the codes that these have.

    A row for each place; the darker, the more training rows. The codes lie between the two lines,
    what is beyond them is cut off, and the share of such rows stands on the right. Make one with
    :meth:`from_report`.

    Parameters
    ----------
    counts : ndarray of shape (n_places, n_parts)
        Rows by part of the width, whose codes lie from 0 to 1.
    begin, end : float
        Where the width begins and ends, in widths of the codes.
    steps : list of str
        Step of each place.
    saturated : ndarray of shape (n_places,)
        Share of rows cut off.

    Attributes
    ----------
    figure_ : Figure
        What was drawn on.
    ax_ : Axes
        Where it was drawn.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> from signalprep.embedded import QuantizedRegressor
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> model = QuantizedRegressor().fit(X, X[:, 0])
    >>> sp.CalibrationDisplay.from_report(model.calibration_).counts.shape
    (2, 96)
    """

    figure_: Any
    ax_: Any

    def __init__(
        self,
        counts: np.ndarray,
        begin: float,
        end: float,
        steps: list[str],
        saturated: np.ndarray,
    ) -> None:
        self.counts, self.begin, self.end = counts, begin, end
        self.steps, self.saturated = steps, saturated

    @classmethod
    def from_report(
        cls, report: CalibrationReport, *, ax: Axes | None = None
    ) -> CalibrationDisplay:
        """Draw a report.

        Parameters
        ----------
        report : CalibrationReport
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : CalibrationDisplay
        """
        ranges = report.ranges
        begin, end = -_BEYOND, 1.0 + _BEYOND
        low, width = ranges["low"].to_numpy(), (ranges["high"] - ranges["low"]).to_numpy()
        counts = np.zeros((len(ranges), _PARTS))
        rows = zip(report.histograms.to_numpy(), report.edges.to_numpy(), strict=True)
        for k, (row, (first, last)) in enumerate(rows):
            middle = np.linspace(first, last, 2 * len(row) + 1)[1::2]
            at = ((middle - low[k]) / width[k] - begin) / (end - begin) * _PARTS
            np.add.at(counts[k], np.clip(at, 0, _PARTS - 1).astype(int), row)
        steps = [str(step) for step in ranges.index.get_level_values("step")]
        display = cls(counts, begin, end, steps, ranges["saturated"].to_numpy())
        return display.plot(ax=ax)

    def plot(self, *, ax: Axes | None = None) -> CalibrationDisplay:
        """Draw it.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : CalibrationDisplay
        """
        from matplotlib.colors import LogNorm

        n_places = len(self.counts)
        ax = _axes(ax, n_places)
        edges = np.linspace(self.begin, self.end, self.counts.shape[1] + 1)
        norm = LogNorm(1, max(self.counts.max(), 2))
        shown = np.ma.masked_less(self.counts, 1)
        ax.pcolormesh(edges, np.arange(n_places + 1), shown, norm=norm, cmap="Blues")
        for end in (0.0, 1.0):
            ax.axvline(end, color="#b91c1c", linewidth=1)
        self._label(ax)
        ax.set_xticks([0.0, 0.5, 1.0], ["least code", "middle", "greatest code"])
        ax.set_xlim(self.begin, self.end)
        ax.set_ylim(n_places, 0)
        ax.set_title("What training rows ask integers to hold", loc="left", fontsize="medium")
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _label(self, ax: Axes) -> None:
        """Name the steps on the left, and what is cut off on the right."""
        begins = [k for k, step in enumerate(self.steps) if k == 0 or step != self.steps[k - 1]]
        ends = [*begins[1:], len(self.steps)]
        middle = [(begin + end) / 2 for begin, end in zip(begins, ends, strict=True)]
        ax.set_yticks(middle, [self.steps[begin] for begin in begins])
        ax.tick_params(axis="y", length=0)
        for begin, end, y in zip(begins, ends, middle, strict=True):
            if begin:
                ax.axhline(begin, color="#9ca3af", linewidth=0.6)
            share = self.saturated[begin:end].max()
            if share > 0:
                ax.text(
                    self.end, y, f" {100 * share:.2g} % cut off", va="center", color="#b91c1c",
                    fontsize="small",
                )  # fmt: skip


def _axes(ax: Axes | None, n_places: int) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    height = min(1.2 + _ROW * n_places, _MOST)
    return plt.subplots(figsize=(7.0, height), layout="constrained")[1]
