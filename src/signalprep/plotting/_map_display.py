"""Drawing that the displays of the operating map share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.layout import OperatingMap, arrange, colour_scale
from signalprep.metrics import WEIGHTS, Metric
from signalprep.plotting._cell_colours import cell_colours
from signalprep.plotting._draw_panel import HATCH, WEAK_HATCH, PanelStyle, draw_panel
from signalprep.wording import WEAK, decimals_for, error_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_VARIABLES = 3
PANELS_ACROSS = 3
SHORTEST_BAR = 16
"""Letters along the colour bar of a map of one row."""
FADED_GREY = "#e4dfe6"


class MapDisplay:
    """Maps of a table of cells; subclasses say what the colour shows.

    Parameters and attributes are those of the subclasses.
    """

    hatch_text = "no evidence: too few cycles"

    figure_: Any
    axes_: np.ndarray
    ax_: Any
    im_: Any
    meshes_: np.ndarray
    texts_: list[dict[tuple[int, int], Any]]
    details_: list[dict[tuple[int, int], Any]]
    hatches_: list[dict[tuple[int, int], Any]]
    weak_: list[dict[tuple[int, int], Any]]
    colorbar_: Any
    table: pd.DataFrame
    columns: str | None
    rows: str | None
    panels: str | None
    unit: str
    units: Mapping[str, str] | None
    weight: str

    def _plot(
        self,
        text: Metric,
        ax: Axes | Sequence[Axes] | None,
        *,
        cmap: Any,
        vmin: float | None,
        vmax: float | None,
        interval: bool,
        colorbar: bool,
        weak: np.ndarray | None = None,
    ) -> OperatingMap:
        """Draw the column of the table that `text` names, weak cells pale and dotted."""
        layout = self._layout()
        evidence = self.table["evidence"].to_numpy(dtype=bool)
        values = self.table[text.name].to_numpy(dtype=float)[evidence] * text.factor
        scale = colour_scale(text, values, low=vmin, high=vmax)
        colours = cell_colours(text, scale, cmap)
        self._take_axes(ax, layout)
        decimals = decimals_for(values, 2 if text.signed else 3)
        faded = text.weak_in(self.table) if weak is None else weak
        style = PanelStyle(text, colours, decimals, interval, faded)
        self.colorbar_ = None
        self._draw(layout, style)
        if colorbar:
            self._add_colorbar(text, scale.extend())
        if ax is None:
            self._explain_hatches()
        return layout

    def _layout(self) -> OperatingMap:
        names = list(self.table.index.names)
        places = (self.columns, self.rows, self.panels)
        if not any(places):
            if len(names) > MOST_VARIABLES:
                raise too_many(names)
            places = (*names, None, None, None)[:3]  # type: ignore[assignment]
        columns, rows, panels = places
        return arrange(self.table, columns, rows, [panels] if panels else [])

    def _take_axes(self, ax: Axes | Sequence[Axes] | None, layout: OperatingMap) -> None:
        n_panels = len(layout.panels)
        if ax is None:
            self.figure_, self.axes_ = _new_axes(layout)
        else:
            self.axes_ = np.array(ax, dtype=object).ravel()
            if len(self.axes_) != n_panels:
                raise InvalidParameterError(
                    f"ax must hold one axes for each of {n_panels} maps; got {len(self.axes_)}"
                )
            self.figure_ = self.axes_[0].figure
        self.ax_ = self.axes_[0] if n_panels == 1 else None

    def _draw(self, layout: OperatingMap, style: PanelStyle) -> None:
        drawn = [
            draw_panel(ax, self.table, layout, panel, style, self.units or {})
            for ax, panel in zip(self.axes_, layout.panels, strict=True)
        ]
        self.meshes_ = np.array([panel.mesh for panel in drawn], dtype=object)
        self.im_ = self.meshes_[0]
        self.texts_ = [panel.texts for panel in drawn]
        self.details_ = [panel.details for panel in drawn]
        self.hatches_ = [panel.hatches for panel in drawn]
        self.weak_ = [panel.weak for panel in drawn]

    def _add_colorbar(self, text: Metric, extend: str) -> None:
        lines = [text.label(error_unit(self.unit)), *wrap(WEIGHTS[self.weight], SHORTEST_BAR)]
        self.colorbar_ = self.figure_.colorbar(self.im_, ax=list(self.axes_), extend=extend)
        self.colorbar_.set_label("\n".join(lines), parse_math=False)

    def _explain_hatches(self) -> None:
        """Legend of the hatches that occur."""
        from matplotlib.patches import Patch

        looks = (
            (self.hatches_, self.hatch_text, HATCH),
            (self.weak_, WEAK, {"facecolor": FADED_GREY, **WEAK_HATCH}),
        )
        handles = [Patch(label=text, **look) for found, text, look in looks if any(found)]
        if handles:
            self.figure_.legend(
                handles=handles, loc="outside lower right", frameon=False, fontsize=8
            )


def too_many(names: Sequence[Any]) -> InvalidParameterError:
    return InvalidParameterError(
        f"a map shows at most {MOST_VARIABLES} regime variables; got {len(names)}: pick some of "
        f"{', '.join(map(repr, names))} with columns=, rows= and panels="
    )


def _new_axes(layout: OperatingMap) -> tuple[Any, np.ndarray]:
    """A figure with an axes for each map, sized by its cells."""
    import matplotlib.pyplot as plt

    height, width = layout.shape
    n_panels = len(layout.panels)
    panel_width = float(np.clip(width * 0.95, 2.6, 9.0))
    panel_height = float(np.clip(height * 0.6, 0.75, 7.0))
    most = PANELS_ACROSS if panel_width <= 5.0 else 2 if panel_width <= 7.0 else 1
    across = min(n_panels, most)
    down = -(-n_panels // across)
    size = (across * (panel_width + 0.35) + 1.9, down * (panel_height + 0.75) + 0.45)
    figure, grid = plt.subplots(down, across, squeeze=False, figsize=size, layout="constrained")
    axes = grid.ravel()
    for unused in axes[n_panels:]:
        unused.remove()
    return figure, axes[:n_panels]
