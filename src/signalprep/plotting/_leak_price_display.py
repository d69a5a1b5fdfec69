"""LeakPriceDisplay: what each way of testing would have said about one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.metrics import metric_of
from signalprep.wording import decimals_for, format_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalprep.results import LeakPrices

FLATTERING = "#b45309"
HONEST = "#1d4ed8"
FAINT = "#6b7280"


class LeakPriceDisplay:
    """Errors of one model under tests of growing honesty, one bar each, with intervals.

    Flattering tests are hatched, so that they stand out without colour. Make one with
    :meth:`from_prices`.

    Parameters
    ----------
    table : DataFrame
        As ``price_of_leaks(...).table``.
    metric : {"rmse", "mae", "bias", "p95", "max", "r2"}, default="rmse"
        The error to show.
    unit : str, default=""
        Unit of the errors.

    Attributes
    ----------
    figure_ : Figure
        What was drawn on.
    ax_ : Axes
        Where it was drawn.
    bars_ : BarContainer
        One bar a test, from the top.
    texts_ : list of Text
        The values beside the bars.

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> table = pd.DataFrame(
    ...     {"rmse": [0.9, 4.1], "rmse_low": [0.8, 3.0], "rmse_high": [1.0, 5.5],
    ...      "honest": [False, True], "note": ""}, index=["random rows", "unseen cycle"])
    >>> display = sp.LeakPriceDisplay(table, unit="K").plot()
    >>> [text.get_text() for text in display.texts_]
    ['0.90', '4.10']
    """

    figure_: Any
    ax_: Any
    bars_: Any
    texts_: list[Any]

    def __init__(self, table: pd.DataFrame, *, metric: str = "rmse", unit: str = "") -> None:
        self.table = table
        self.metric = metric
        self.unit = unit

    @classmethod
    def from_prices(
        cls, prices: LeakPrices, metric: str = "rmse", *, ax: Axes | None = None
    ) -> LeakPriceDisplay:
        """Draw what :func:`~signalprep.price_of_leaks` found.

        Parameters
        ----------
        prices : LeakPrices
            The table to draw.
        metric : str, default="rmse"
            The error to show.
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : LeakPriceDisplay
        """
        return cls(prices.table, metric=metric, unit=prices.unit).plot(ax)

    def plot(self, ax: Axes | None = None) -> LeakPriceDisplay:
        """Draw the bars.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        self : LeakPriceDisplay

        Raises
        ------
        InvalidParameterError
            An unknown metric.
        """
        import matplotlib.pyplot as plt

        text = metric_of(self.metric)
        if ax is None:
            size = (6.4, 0.9 + 0.42 * len(self.table))
            self.figure_, ax = plt.subplots(figsize=size, layout="constrained")
        else:
            self.figure_ = ax.figure
        self.ax_ = ax
        place = np.arange(len(self.table))[::-1]
        honest = self.table["honest"].to_numpy(dtype=bool)
        value = self.table[text.name].to_numpy(dtype=float) * text.factor
        self.bars_ = ax.barh(
            place,
            np.nan_to_num(value),
            height=0.62,
            color=[HONEST if one else "white" for one in honest],
            edgecolor=[HONEST if one else FLATTERING for one in honest],
            hatch=["" if one else "////" for one in honest],
        )
        ends = self._draw_intervals(ax, place, value, text.name, text.factor)
        self._write(ax, place, value, ends)
        ax.set_yticks(place, self.table.index, parse_math=False)
        ax.set_xlabel(text.label(self.unit), parse_math=False)
        ax.spines[["top", "right"]].set_visible(False)
        ax.margins(x=0.12)
        return self

    def _draw_intervals(
        self, ax: Axes, place: np.ndarray, value: np.ndarray, name: str, factor: float
    ) -> np.ndarray:
        """Whiskers where there are intervals; returns where the text may begin."""
        if f"{name}_low" not in self.table:
            return np.maximum(np.nan_to_num(value), 0.0)
        low, high = (
            self.table[f"{name}_{end}"].to_numpy(dtype=float) * factor for end in ("low", "high")
        )
        known = np.isfinite(low) & np.isfinite(high)
        ax.hlines(place[known], low[known], high[known], color="#111827", linewidth=1.4)
        for end in (low, high):
            ax.plot(end[known], place[known], "|", color="#111827", markersize=7)
        return np.maximum(np.where(known, high, np.nan_to_num(value)), 0.0)

    def _write(self, ax: Axes, place: np.ndarray, value: np.ndarray, ends: np.ndarray) -> None:
        decimals = decimals_for(value)
        notes = self.table["note"].tolist()
        self.texts_ = []
        for where, number, end, note in zip(place, value, ends, notes, strict=True):
            known = np.isfinite(number)
            written = ax.annotate(
                format_number(number, decimals) if known else f"does not apply: {note}",
                (end, where),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=9 if known else 8,
                color="#111827" if known else FAINT,
                parse_math=False,
            )
            self.texts_.append(written)
