"""ComparisonHeatmapDisplay: where which of two models is better, over the operating map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics import METRICS, Metric, check_weight
from signalprep.plotting._map_display import MapDisplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalprep.results import Comparison

BETTER = ("a better", "b better")


class ComparisonHeatmapDisplay(MapDisplay):
    """Map of the difference between two models over the operating regimes.

    One regime variable gives a strip, two a map, three a map for each label of the third. A cell
    shows the difference a minus b, its interval over cycles and the number of cycles as far as
    they fit. It is bold where a difference is shown (the interval leaves out zero); a cell that too
    few cycles have seen is hatched and shows its count instead of a colour. The colours diverge
    from zero and can be told apart with any colour vision.

    Make one with :meth:`from_comparison`.

    Parameters
    ----------
    table : DataFrame
        `by_regime` of a :class:`~signalprep.Comparison`; cells that a column ``weak`` marks are
        pale and dotted.
    metric : {"rmse", "mae", "bias", "p95", "r2"}, default="rmse"
        What is compared; of classifiers "accuracy", "balanced_accuracy", "f1" or "log_loss".
    names : pair of str, default=("a", "b")
        What the two models are called.
    columns, rows, panels : str, default=None
        Regime variable across, upwards, and one map for each label. When none is named, the
        variables of the table take these places in their order.
    unit : str, default=""
        Unit of the target.
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
    texts_, details_, hatches_ : list of dict
        As in :class:`~signalprep.RegimeHeatmapDisplay`.
    colorbar_ : Colorbar or None
        The colour bar.
    """

    hatch_text = "no evidence: too few cycles. Bold: a difference is shown"

    def __init__(
        self,
        table: pd.DataFrame,
        *,
        metric: str = "rmse",
        names: tuple[str, str] = ("a", "b"),
        columns: str | None = None,
        rows: str | None = None,
        panels: str | None = None,
        unit: str = "",
        units: Mapping[str, str] | None = None,
        weight: str = "row",
    ) -> None:
        self.table = table
        self.metric = metric
        self.names = names
        self.columns = columns
        self.rows = rows
        self.panels = panels
        self.unit = unit
        self.units = units
        self.weight = check_weight(weight)

    @classmethod
    def from_comparison(
        cls,
        comparison: Comparison,
        metric: str | None = None,
        *,
        rows: str | None = None,
        columns: str | None = None,
        panels: str | None = None,
        ax: Axes | Sequence[Axes] | None = None,
        **options: Any,
    ) -> ComparisonHeatmapDisplay:
        """Map of a comparison.

        Parameters
        ----------
        comparison : Comparison
            Of two validations with regimes.
        metric : str, default=None
            What is compared; None: "rmse", of classifiers "accuracy".
        rows, columns, panels : str, default=None
            Places of the regime variables, each once; when none is named, in their order.
        ax : Axes or sequence of Axes, default=None
            Where to draw: one axes for each map. None: a new figure.
        **options
            Passed to :meth:`plot`: `cmap`, `vmin`, `vmax`, `interval`, `colorbar`.

        Returns
        -------
        display : ComparisonHeatmapDisplay

        Raises
        ------
        InvalidParameterError
            A comparison without regimes, more than three variables, unknown names.
        """
        if comparison.by_regime is None:
            raise InvalidParameterError(
                "comparison must be of validations with regimes; pass regimes= to validate"
            )
        display = cls(
            comparison.by_regime,
            metric=comparison.main_metric if metric is None else metric,
            names=comparison.names,
            columns=columns,
            rows=rows,
            panels=panels,
            unit=comparison.units.get(comparison.target, ""),
            units=comparison.units,
            weight=str(comparison.settings.get("weight", "row")),
        )
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
    ) -> ComparisonHeatmapDisplay:
        """Draw the maps.

        Parameters
        ----------
        ax : Axes or sequence of Axes, default=None
            Where to draw: one axes for each map. None: a new figure.
        cmap : str or Colormap, default=None
            A diverging matplotlib colour map; None: purple (negative) to orange (positive).
        vmin, vmax : float, default=None
            Ends of the colour scale; None: symmetric about zero, to the largest difference.
        interval : bool, default=True
            Whether cells show the interval over cycles where there is room.
        colorbar : bool, default=True
            Whether to draw a colour bar.

        Returns
        -------
        self : ComparisonHeatmapDisplay

        Raises
        ------
        InvalidParameterError
            An unknown metric, more than three variables, too few axes.
        """
        layout = self._plot(
            self._difference_text(),
            ax,
            cmap=cmap,
            vmin=vmin,
            vmax=vmax,
            interval=interval,
            colorbar=colorbar,
            weak=self.table["weak"].to_numpy(dtype=bool) if "weak" in self.table else None,
        )
        shown = self.table[f"{self.metric}_status"].isin(BETTER).to_numpy()
        for panel, texts in zip(layout.panels, self.texts_, strict=True):
            for place, text in texts.items():
                at = int(panel.position[place])
                text.set_fontweight("bold" if at >= 0 and shown[at] else "normal")
        return self

    def _difference_text(self) -> Metric:
        """The metric as a signed difference that says which model its signs favour."""
        known = [name for name in METRICS if f"{name}_status" in self.table]
        if self.metric not in known:
            raise InvalidParameterError(
                f"metric must be one of {', '.join(known)}; got {self.metric!r}"
            )
        name_a, name_b = self.names
        metric = METRICS[self.metric]
        better = name_a if metric.better == "more" else name_b
        title = f"{metric.size_title}, {name_a} minus {name_b}\n(positive: {better} better)"
        return replace(metric, title=title, better="zero")
