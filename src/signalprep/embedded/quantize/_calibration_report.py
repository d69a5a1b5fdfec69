"""CalibrationReport: what values passed where limits cut off, over the training rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from signalprep import _doors
from signalprep._base import Stored
from signalprep.embedded.lowering import IntegerModel

__all__ = ["CalibrationReport"]

_BINS = 64
_COLUMNS = ["low", "high", "least", "greatest", "share_of_range", "saturated"]


class CalibrationReport(Stored):
    """What an integer model saw of its training rows, wherever a limit can cut off.

    Such places are the inputs, what enters a network and passes between its layers, states that
    saturate, and an output with a format.

    Parameters
    ----------
    ranges : DataFrame
        A row for each place, by step and channel (of a layer: its unit): the codes ``low`` to
        ``high`` that it has; the ``least`` and ``greatest`` that training rows asked for;
        ``share_of_range``, how much of the codes these use; ``saturated``, the share of rows cut
        off.
    histograms : DataFrame of shape (n_places, 64)
        How many rows asked for codes in each of 64 equal parts of where they reach.
    edges : DataFrame of shape (n_places, 2)
        From where to where these parts reach, in codes.
    cells : DataFrame or None
        With regimes: share of the rows of each cell that is cut off, a row for each place.
    """

    def __init__(
        self,
        ranges: pd.DataFrame,
        histograms: pd.DataFrame,
        edges: pd.DataFrame,
        cells: pd.DataFrame | None,
    ) -> None:
        self.ranges, self.histograms, self.edges, self.cells = ranges, histograms, edges, cells

    @classmethod
    def from_model(cls, model: IntegerModel, X: Any, labels: Any = None) -> CalibrationReport:
        """The report of an integer model over a log.

        Parameters
        ----------
        model : IntegerModel
        X : DataFrame or array of shape (n_samples, n_channels)
            In the units of the channels.
        labels : DataFrame of shape (n_samples, n_variables), default=None
            The cell of each row.

        Returns
        -------
        report : CalibrationReport
        """
        found = [*_of_places(model, X)]
        cut = model.saturations(X)
        index = cut.columns
        ranges = pd.DataFrame([one[0] for one in found], index=index, columns=_COLUMNS[:-1])
        ranges["saturated"] = cut.mean(axis=0)
        histograms = pd.DataFrame([one[1] for one in found], index=index)
        edges = pd.DataFrame([one[2] for one in found], index=index, columns=["from", "to"])
        cells = None
        if labels is not None:
            by = [pd.Series(np.asarray(column), name=name) for name, column in labels.items()]
            cells = cut.reset_index(drop=True).groupby(by, observed=True).mean().T
        return cls(ranges, histograms, edges, cells)

    def plot(self, *, ax: Any = None) -> _doors.plotting.CalibrationDisplay:
        """Draw the codes that each place has, what training rows asked for, and what is cut off.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : CalibrationDisplay
        """
        return _doors.plotting.CalibrationDisplay.from_report(self, ax=ax)

    def __repr__(self) -> str:
        worst: Any = self.ranges["saturated"].idxmax()
        share = self.ranges["saturated"].max()
        said = "nothing is cut off"
        if share > 0:
            said = f"most is cut off at {worst[0]} {worst[1]}: {100 * share:.3g} % of rows"
            if self.cells is not None:
                cells = self.cells.loc[worst]
                name = self.cells.columns.names
                label = cells.idxmax()
                label = label if isinstance(label, tuple) else (label,)
                where = ", ".join(f"{n}={v}" for n, v in zip(name, label, strict=True))
                said += f", {100 * cells.max():.3g} % in {where}"
        return f"CalibrationReport({len(self.ranges)} places; {said})"


def _of_places(model: IntegerModel, X: Any) -> Iterator[tuple[list[float], Any, tuple[Any, Any]]]:
    """Of each place its range, a histogram, and where that begins and ends."""
    for low, high, values in model.asked_for(X):
        least, greatest = float(values.min(initial=0)), float(values.max(initial=0))
        if values.size:
            least, greatest = float(values.min()), float(values.max())
        begin, end = min(low, least), max(high, greatest)
        counts, _ = np.histogram(values, bins=_BINS, range=(begin, end))
        used = (min(greatest, high) - max(least, low)) / (high - low)
        yield [low, high, least, greatest, max(used, 0.0)], counts, (begin, end)
