"""The colours of a map as matplotlib has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signalprep.errors import InvalidParameterError
from signalprep.layout import ColourScale, faded, ink
from signalprep.metrics import Metric

if TYPE_CHECKING:
    from matplotlib.colors import Colormap, Normalize

DEFAULT_MAPS = {"less": "viridis_r", "more": "viridis", "zero": "PuOr_r"}
"""By which values of the metric are better."""


@dataclass(frozen=True)
class CellColours:
    """A colour map and what it spans."""

    cmap: Colormap
    norm: Normalize

    def face(self, value: float, weak: bool = False) -> tuple[float, float, float]:
        """Colour of the cell of this value, faded where it is weak."""
        red, green, blue, _ = self.cmap(self.norm(value))
        colour = (float(red), float(green), float(blue))
        return faded(colour) if weak else colour

    def ink(self, value: float, weak: bool = False) -> str:
        """Colour of text on that cell."""
        return ink(self.face(value, weak))


def cell_colours(metric: Metric, scale: ColourScale, cmap: Any = None) -> CellColours:
    """A colour map, a name of one or None (by metric) over a scale."""
    from matplotlib import colormaps
    from matplotlib.colors import Normalize

    chosen = DEFAULT_MAPS[metric.better] if cmap is None else cmap
    if isinstance(chosen, str):
        if chosen not in colormaps:
            raise InvalidParameterError(f"cmap must be a matplotlib colour map; got {cmap!r}")
        chosen = colormaps[chosen]
    return CellColours(chosen, Normalize(scale.low, scale.high))
