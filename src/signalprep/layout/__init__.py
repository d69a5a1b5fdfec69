"""The operating map and the colours of its cells."""

from signalprep.layout._colour_scale import ColourScale, colour_scale
from signalprep.layout._operating_map import MapAxis, MapPanel, OperatingMap, arrange

__all__ = [
    "ColourScale",
    "MapAxis",
    "MapPanel",
    "OperatingMap",
    "arrange",
    "colour_scale",
]
