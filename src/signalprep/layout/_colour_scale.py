"""Colours of cells that everybody can tell apart, and text that can be read on them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from signalprep.errors import InvalidParameterError
from signalprep.layout._colours import PURPLE_ORANGE, VIRIDIS, Colour
from signalprep.metrics import Metric

COLOURS = {"less": VIRIDIS[::-1], "more": VIRIDIS, "zero": PURPLE_ORANGE}
"""By which values of the metric are better."""
FADING = 0.65
"""Part of white in the colour of a weak cell."""
DOT: Colour = (0.5, 0.5, 0.5)
"""Grey of the dots on it; black text on them keeps a contrast of 4.5."""


@dataclass(frozen=True)
class ColourScale:
    """From a shown value to the colour of its cell.

    Attributes
    ----------
    low, high : float
        Values at the ends of the colours.
    colours : tuple of (red, green, blue)
        From the low end to the high one, each 0 to 1.
    below, above : bool
        Whether values lie beyond the ends.
    """

    low: float
    high: float
    colours: tuple[Colour, ...]
    below: bool = False
    above: bool = False

    def face(self, value: float) -> Colour:
        """Red, green and blue of the cell of this value, 0 to 1."""
        last = len(self.colours) - 1
        share = (value - self.low) / (self.high - self.low)
        return self.colours[min(max(math.floor(share * (last + 1)), 0), last)]

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
    low: float | None = None,
    high: float | None = None,
) -> ColourScale:
    """Scale for the values of a metric.

    Sizes of errors start at zero, so colour is proportional to the error; the bias is centred at
    zero; R² runs from 0 to 1. Both maps (viridis, purple-orange) can be read with any colour vision
    and in grey.

    Parameters
    ----------
    metric : Metric
        What is shown.
    values : iterable of float
        Shown values; those that are not finite are left out.
    low, high : float, default=None
        Ends of the scale; None: by metric and values.

    Raises
    ------
    InvalidParameterError
        Ends in the wrong order.
    """
    known = [float(value) for value in values if math.isfinite(value)]
    smallest, largest = (min(known), max(known)) if known else (0.0, 0.0)
    size = max(abs(smallest), abs(largest)) or 1.0
    ends = {"less": (0.0, size), "zero": (-size, size), "more": (0.0, 1.0)}[metric.better]
    low = ends[0] if low is None else float(low)
    high = ends[1] if high is None else float(high)
    if not low < high:
        raise InvalidParameterError(f"vmin must be below vmax; got {low} and {high}")
    return ColourScale(
        low, high, COLOURS[metric.better], below=smallest < low, above=largest > high
    )


def faded(rgb: Colour) -> Colour:
    """Colour of a cell whose value says little."""
    red, green, blue = (FADING + (1.0 - FADING) * part for part in rgb)
    return red, green, blue


def luminance(rgb: Colour) -> float:
    """Relative luminance of an sRGB colour (WCAG 2), 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ink(rgb: Colour) -> str:
    """Black or white text, whichever stands out more; the contrast is never below 4.5."""
    light = luminance(rgb)
    return "black" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "white"
