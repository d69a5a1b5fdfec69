"""Colours of cells that everybody can tell apart, and text that can be read on them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signalprep.errors import InvalidParameterError
from signalprep.metrics import Metric

if TYPE_CHECKING:
    from matplotlib.colors import Colormap, Normalize

DEFAULT_MAPS = {"less": "viridis_r", "more": "viridis", "zero": "PuOr_r"}
"""By which values of the metric are better."""


@dataclass(frozen=True)
class ColourScale:
    """From a shown value to the colour of its cell.

    Attributes
    ----------
    low, high : float
        Values at the ends of the colour map.
    cmap : str or Colormap
        A matplotlib colour map.
    below, above : bool
        Whether values lie beyond the ends.
    """

    low: float
    high: float
    cmap: str | Colormap
    below: bool = False
    above: bool = False

    def norm(self) -> Normalize:
        """The scale as matplotlib has it."""
        from matplotlib.colors import Normalize

        return Normalize(self.low, self.high)

    def colormap(self) -> Colormap:
        """The colour map itself."""
        from matplotlib import colormaps

        return colormaps[self.cmap] if isinstance(self.cmap, str) else self.cmap

    def face(self, value: float) -> tuple[float, float, float]:
        """Red, green and blue of the cell of this value, 0 to 1."""
        red, green, blue, _ = self.colormap()(self.norm()(value))
        return float(red), float(green), float(blue)

    def ink(self, value: float) -> str:
        """Colour of text on that cell, "black" or "white"; the contrast is at least 4.5."""
        return ink(self.face(value))

    def extend(self) -> str:
        """Ends of the colour bar that need an arrow."""
        ends = {(True, True): "both", (True, False): "min", (False, True): "max"}
        return ends.get((self.below, self.above), "neither")


def colour_scale(
    metric: Metric,
    values: Iterable[float],
    *,
    cmap: Any = None,
    low: float | None = None,
    high: float | None = None,
) -> ColourScale:
    """Scale for the values of a metric.

    Sizes of errors start at zero, so colour is proportional to the error; the bias is centred at
    zero; R² runs from 0 to 1. Both default maps (viridis, purple-orange) can be read with any
    colour vision and in grey.

    Parameters
    ----------
    metric : Metric
        What is shown.
    values : iterable of float
        Shown values; those that are not finite are left out.
    cmap : str or Colormap, default=None
        A matplotlib colour map; None: by metric.
    low, high : float, default=None
        Ends of the scale; None: by metric and values.

    Raises
    ------
    InvalidParameterError
        Ends in the wrong order, an unknown colour map.
    """
    known = [float(value) for value in values if math.isfinite(value)]
    smallest, largest = (min(known), max(known)) if known else (0.0, 0.0)
    size = max(abs(smallest), abs(largest)) or 1.0
    ends = {"less": (0.0, size), "zero": (-size, size), "more": (0.0, 1.0)}[metric.better]
    low = ends[0] if low is None else float(low)
    high = ends[1] if high is None else float(high)
    if not low < high:
        raise InvalidParameterError(f"vmin must be below vmax; got {low} and {high}")
    chosen = DEFAULT_MAPS[metric.better] if cmap is None else cmap
    _check_map(chosen)
    return ColourScale(low, high, chosen, below=smallest < low, above=largest > high)


def luminance(rgb: tuple[float, float, float]) -> float:
    """Relative luminance of an sRGB colour (WCAG 2), 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ink(rgb: tuple[float, float, float]) -> str:
    """Black or white text, whichever stands out more; the contrast is never below 4.5."""
    light = luminance(rgb)
    return "black" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "white"


def _check_map(cmap: Any) -> None:
    from matplotlib import colormaps

    if isinstance(cmap, str) and cmap not in colormaps:
        raise InvalidParameterError(f"cmap must be a matplotlib colour map; got {cmap!r}")
