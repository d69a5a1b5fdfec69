"""RegimeHeatmapDisplay: a metric over the operating map, with the evidence in each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics import METRICS, check_weight, main_metric, metric_of, regime_metrics
from signalprep.plotting._map_display import MOST_VARIABLES, MapDisplay, too_many

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalprep.results import Validation


class RegimeHeatmapDisplay(MapDisplay):
    """Map of a model's error over the operating regimes.

    One regime variable gives a strip, two a map, three a map for each label of the third. A cell
    shows the metric, its interval over cycles and the number of cycles as far as they fit; a cell
    that too few cycles have seen is hatched and shows its count instead of a colour. A weak one,
    whose interval is so wide that the value says little (see :func:`~signalprep.regime_metrics`),
    is faded and dotted.

    Make one with :meth:`from_validation` or :meth:`from_predictions`.

    Parameters
    ----------
    table : DataFrame
        As :func:`~signalprep.metrics.regime_metrics` gives it.
    metric : {"rmse", "mae", "bias", "p95", "max", "r2", "share"}, default="rmse"
        What the colour shows; of a classifier "accuracy", "balanced_accuracy", "f1" or "log_loss".
    columns, rows, panels : str, default=None
        Regime variable across, upwards, and one map for each label. When none is named, the
        variables of the table take these places in their order.
    unit : str, default=""
        Unit of the target. Errors in °C are written in K: they are differences.
    units : mapping of str to str, default=None
        Units of the regime variables.
    weight : {"row", "cycle"}, default="row"
        How the errors of `table` were averaged, which the colour bar says.

    Attributes
    ----------
    figure_ : Figure
        What was drawn on.
    axes_ : ndarray of Axes of shape (n_panels,)
        One for each map.
    ax_ : Axes or None
        The axes when there is a single map.
    im_ : QuadMesh
        Cells of the first map; carries the colour scale of all.
    meshes_ : ndarray of QuadMesh of shape (n_panels,)
        Cells of each map.
    texts_ : list of dict
        For each map the values (counts where there is no evidence), by (row, column) of the cell;
        rows count from below.
    details_ : list of dict
        For each map the interval and cycles below the value.
    hatches_ : list of dict
        For each map the hatched patches, by (row, column) of the cell.
    weak_ : list of dict
        For each map the faded, dotted patches of weak cells.
    colorbar_ : Colorbar or None
        The colour bar.

    Examples
    --------
    >>> import numpy as np, pandas as pd, signalprep as sp
    >>> speed = pd.Categorical(["low", "high"] * 4, categories=["low", "high"], ordered=True)
    >>> display = sp.RegimeHeatmapDisplay.from_predictions(
    ...     np.zeros(8), np.arange(8.0), pd.DataFrame({"speed": speed}),
    ...     cycles=[1, 1, 2, 2, 3, 3, 4, 4], unit="A")
    >>> display.ax_.get_xlabel(), display.colorbar_.ax.get_ylabel()
    ('speed', 'RMSE [A]')
    """

    def __init__(
        self,
        table: pd.DataFrame,
        *,
        metric: str = "rmse",
        columns: str | None = None,
        rows: str | None = None,
        panels: str | None = None,
        unit: str = "",
        units: Mapping[str, str] | None = None,
        weight: str = "row",
    ) -> None:
        self.table = table
        self.metric = metric
        self.columns = columns
        self.rows = rows
        self.panels = panels
        self.unit = unit
        self.units = units
        self.weight = check_weight(weight)

    @classmethod
    def from_validation(
        cls,
        validation: Validation,
        metric: str | None = None,
        *,
        rows: str | None = None,
        columns: str | None = None,
        panels: str | None = None,
        ax: Axes | Sequence[Axes] | None = None,
        **options: Any,
    ) -> RegimeHeatmapDisplay:
        """Map of a validation.

        Parameters
        ----------
        validation : Validation
            Made with `regimes`.
        metric : str, default=None
            What the colour shows; None: "rmse", of a classifier "accuracy".
        rows, columns, panels : str, default=None
            Regime variables to show. Naming fewer than the validation has recomputes the metrics
            over those named, from its predictions.
        ax : Axes or sequence of Axes, default=None
            Where to draw: one axes for each map. None: a new figure.
        **options
            Passed to :meth:`plot`: `cmap`, `vmin`, `vmax`, `interval`, `colorbar`.

        Returns
        -------
        display : RegimeHeatmapDisplay

        Raises
        ------
        InvalidParameterError
            A validation without regimes, more than three variables, unknown names.
        """
        if validation.by_regime is None or validation.regimes is None:
            raise InvalidParameterError(
                "validation must have been made with regimes; pass regimes= to validate"
            )
        names = list(validation.regimes.columns)
        picked = _picked(names, columns, rows, panels)
        table = validation.by_regime
        if set(picked) != set(names):
            table = validation.metrics_by(validation.regimes[picked])
        if metric is None:
            metric = main_metric(validation.task).name
        display = cls(
            table,
            metric=metric,
            columns=columns,
            rows=rows,
            panels=panels,
            unit=validation.units.get(validation.target, ""),
            units=validation.units,
            weight=validation.weight,
        )
        return display.plot(ax, **options)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        regimes: Any,
        *,
        cycles: Any = None,
        metric: str = "rmse",
        rows: str | None = None,
        columns: str | None = None,
        panels: str | None = None,
        unit: str = "",
        units: Mapping[str, str] | None = None,
        n_bootstrap: int = 1000,
        min_cycles: int = 3,
        weight: str = "row",
        ax: Axes | Sequence[Axes] | None = None,
        **options: Any,
    ) -> RegimeHeatmapDisplay:
        """Map of predictions at hand.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
            Measured and predicted target.
        regimes : DataFrame, Series or array of shape (n_samples,) or (n_samples, n_variables)
            Labels of the regimes.
        cycles : array-like of shape (n_samples,), default=None
            Cycle of each row; None: from the (cycle, time) index of the inputs.
        metric : str, default="rmse"
            What the colour shows.
        rows, columns, panels : str, default=None
            Regime variables to show, of the columns of `regimes`.
        unit : str, default=""
            Unit of the target.
        units : mapping of str to str, default=None
            Units of the regime variables.
        n_bootstrap, min_cycles : int, default=1000, 3
            Resamples for the intervals; cells seen by fewer cycles are hatched.
        weight : {"row", "cycle"}, default="row"
            How errors are averaged: "row" counts every row the same, "cycle" every cycle, however
            many rows it has in the cell.
        ax : Axes or sequence of Axes, default=None
            One axes for each map. None: a new figure.
        **options
            Passed to :meth:`plot`: `cmap`, `vmin`, `vmax`, `interval`, `colorbar`.

        Returns
        -------
        display : RegimeHeatmapDisplay

        Raises
        ------
        InvalidParameterError, InvalidLogError
            More than three variables, unknown names, inputs that cannot be aligned, an unknown
            `weight`.
        """
        if isinstance(regimes, pd.DataFrame):
            regimes = regimes[_picked(list(regimes.columns), columns, rows, panels)]
        table = regime_metrics(
            y_true,
            y_pred,
            regimes,
            cycles,
            n_bootstrap=n_bootstrap,
            min_cycles=min_cycles,
            weight=weight,
        )
        places = {"columns": columns, "rows": rows, "panels": panels}
        display = cls(table, metric=metric, unit=unit, units=units, weight=weight, **places)
        return display.plot(ax, **options)

    def plot(
        self,
        ax: Axes | Sequence[Axes] | None = None,
        *,
        cmap: Any = None,
        vmin: float | None = None,
        vmax: float | None = None,
        interval: bool = True,
        colorbar: bool = True,
    ) -> RegimeHeatmapDisplay:
        """Draw the maps.

        Parameters
        ----------
        ax : Axes or sequence of Axes, default=None
            Where to draw: one axes for each map. None: a new figure.
        cmap : str or Colormap, default=None
            A matplotlib colour map; None: viridis, dark where the model is bad, or a diverging map
            centred at zero for the bias.
        vmin, vmax : float, default=None
            Ends of the colour scale; None: zero to the largest value, symmetric for the bias, 0 to
            1 for R².
        interval : bool, default=True
            Whether cells show the interval over cycles where there is room.
        colorbar : bool, default=True
            Whether to draw a colour bar.

        Returns
        -------
        self : RegimeHeatmapDisplay

        Raises
        ------
        InvalidParameterError
            An unknown metric, more than three variables, too few axes.
        """
        text = metric_of(self.metric)
        if self.metric not in self.table:
            names = ", ".join(name for name in METRICS if name in self.table)
            raise InvalidParameterError(f"metric must be one of {names}; got {self.metric!r}")
        self._plot(text, ax, cmap=cmap, vmin=vmin, vmax=vmax, interval=interval, colorbar=colorbar)
        return self


def _picked(names: list[Any], *chosen: str | None) -> list[Any]:
    """Variables to show: those chosen, or all when none is."""
    picked = [name for name in chosen if name is not None]
    unknown = [name for name in picked if name not in names]
    if unknown or len(set(picked)) < len(picked):
        raise InvalidParameterError(
            f"columns, rows and panels must be different regime variables of "
            f"{', '.join(map(repr, names))}; got {', '.join(map(repr, picked))}"
        )
    if not picked and len(names) > MOST_VARIABLES:
        raise too_many(names)
    return picked or names
