"""LeakPrices: what a less honest test would have said, as a table and a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from signalprep import _doors
from signalprep.metrics import WEIGHTS


@dataclass(frozen=True)
class LeakPrices:
    """The error of one model under tests of growing honesty.

    Made by :func:`signalprep.price_of_leaks`.

    Attributes
    ----------
    table : DataFrame
        One row a test, from the most flattering kind to the hardest: "random rows", "prepared on
        everything", "symmetric filters", "unseen cycle", "later in time", "unseen regime". Columns
        as :func:`~signalprep.metrics.overall_metrics` gives them (``n``, ``n_cycles``, ``bias``,
        ``mae``, ``rmse``, ..., ``<metric>_low``, ``<metric>_high``), then ``honest`` (whether a
        user may quote it), ``relative`` (RMSE over that of "unseen cycle") and ``note``. A test
        that does not apply to the model is there with NaN, and its note says why.
    predictions : dict of str to DataFrame
        ``truth`` and ``prediction`` behind each row that has numbers, indexed (cycle, time).
    target : str
        Name of the target.
    unit : str
        Unit of the errors; empty when it is not known.
    settings : dict
        How it was computed.
    """

    table: pd.DataFrame
    predictions: dict[str, pd.DataFrame]
    target: str
    unit: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        said = WEIGHTS[str(self.settings.get("weight", "row"))]
        title = f"RMSE{unit and f' in{unit}'}{said and f', {said}'}"
        lines = [f"Price of leaks for {self.target!r}, {title}:"]
        width = max(len(str(name)) for name in self.table.index)
        for name, row in self.table.iterrows():
            if pd.isna(row["rmse"]):
                lines.append(f"  {name:<{width}}  -  ({row['note']})")
                continue
            known = not pd.isna(row["rmse_low"])
            interval = f" ({row['rmse_low']:.3g} to {row['rmse_high']:.3g})" if known else ""
            lines.append(f"  {name:<{width}}  {row['rmse']:.3g}{interval}")
        return "\n".join(lines)

    def plot(self, metric: str = "rmse", *, ax: Any = None) -> _doors.plotting.LeakPriceDisplay:
        """Draw the table.

        Parameters
        ----------
        metric : str, default="rmse"
            The error to show.
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : LeakPriceDisplay
        """
        return _doors.plotting.LeakPriceDisplay(self.table, metric=metric, unit=self.unit).plot(ax)
